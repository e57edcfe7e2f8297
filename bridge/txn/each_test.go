package txn_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

func TestEachTenantGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	fails := map[directory.TenantID]error{
		directory.Provider: errors.New("no disk"),
		"acme":             &directory.Error{Code: directory.Unavailable, Message: "no answer"},
		"gone":             &directory.Error{Code: directory.NotFound, Field: "tenant", Message: "there is no such tenant"},
	}
	var did []string
	err := txn.EachTenant(ctx, []directory.TenantID{directory.Provider, "acme", "gone", "birch", "last"}, func(id directory.TenantID) error {
		did = append(did, string(id))
		if id == "birch" {
			end()
		}
		return fails[id]
	})
	if got := strings.Join(did, " "); got != " acme gone birch" {
		t.Errorf("called for %q", got)
	}
	if want := "the installation: no disk\ntenant acme: unavailable: no answer\ncontext canceled"; err == nil || err.Error() != want || directory.CodeOf(err) != directory.Unavailable {
		t.Errorf("got %q, want %q", err, want)
	}
}
