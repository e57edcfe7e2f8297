package directory_test

import (
	"testing"

	"drawbridge/directory"
)

func TestAuditQueryFindsActors(t *testing.T) {
	t.Parallel()
	line := directory.Audit{Actor: directory.Actor{Kind: directory.ByOperator, ID: "0199", Name: "Ada Lovelace"}}
	for actor, want := range map[string]bool{"": true, "0199": true, "019": false, "ada": true, "LOVE": true, "Ada Lovelace": true, "Grace": false} {
		if got := (&directory.AuditQuery{Actor: actor}).Matches(&line); got != want {
			t.Errorf("%q: %v, want %v", actor, got, want)
		}
	}
}
