package policy_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestC2ThirdCredentialIsRefused(t *testing.T) {
	t.Parallel()
	c := &directory.Connection{ID: "acme-okta", Type: directory.Okta}
	live := []directory.Token{
		{ID: "t1", Prefix: "abcd", Created: now.AddDate(0, -3, 0)},
		{ID: "t2", Prefix: "efgh", Created: now.AddDate(0, -1, 0)},
	}
	if no := policy.MakeCredential(c, live[:1], nil); no != nil {
		t.Errorf("a second credential is refused: %+v", no)
	}
	no := policy.MakeCredential(c, live, []directory.Use{{Token: "t1", Last: now.Add(-time.Hour), Address: "192.0.2.7"}})
	checkRefusal(t, no, "C2", "abcd… (id t1, made 2026-02-04, last used 2026-05-04 08:00 UTC from 192.0.2.7), efgh… (id t2, made 2026-04-04, never used)")
}

func TestC2RevokingTheLastCredentialSaysSo(t *testing.T) {
	t.Parallel()
	c := &directory.Connection{ID: "acme-okta", Type: directory.Okta}
	all := []directory.Token{{ID: "t1"}, {ID: "t2", Revoked: now.Add(-time.Hour)}, {ID: "t3", Kind: directory.AccessToken}}
	if text := policy.RevokeCredential(c, "t1", all, now); !strings.Contains(text, "Okta cannot sync") {
		t.Error(text)
	}
	if text := policy.RevokeCredential(c, "t1", append(all, directory.Token{ID: "t4"}), now); text != "" {
		t.Error(text)
	}
}
