package pull_test

import (
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
)

// Two companies can share a Google account. A check says so to an operator who sees both companies, and to no other one.
func TestCheckNamesOtherCompaniesOfTheAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	b.NewTenant("beta", 100)
	b.connection("beta-google", func(d *bridge.ConnectionDraft) { d.Tenant, d.Google.Query = "beta", "orgUnitPath='/Beta'" })
	b.account.Add("zoe@beta.example", "Zoe", "Zen", googletest.Person{"orgUnitPath": "/Beta"})
	out, err := b.pull.Sync(t.Context(), b.Op, "beta-google", directory.RunApply)
	b.OK(err)
	if out.Outcome != pull.Complete {
		t.Fatalf("%+v", out)
	}
	b.NewOperator("tech@example.test", directory.RoleTechnician, "acme")
	narrow, _ := b.SignInAs("tech@example.test", "")
	warning := func(p directory.Principal) (text string) {
		found, err := b.pull.Check(t.Context(), p, "acme-google")
		b.OK(err)
		for _, f := range found {
			if !f.OK && f.Skipped == "" {
				t.Errorf("%+v", f)
			}
			text += f.Warning
		}
		return text
	}
	contains(t, warning(b.Op), "connection beta-google of company beta (orgUnitPath='/Beta')", "a seat in both", "google.query")
	if text := warning(narrow); text != "" {
		t.Errorf("an operator of one company is told about another: %s", text)
	}
}
