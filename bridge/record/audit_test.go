package record_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/store"
)

func TestAuditIsChainedAndVerified(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 5)
	for range 3 {
		k.Clock.Advance(time.Minute)
		_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
			t.Seats++
			return t, nil
		})
		k.OK(err)
	}
	report, err := k.VerifyAudit(bg, k.Op, acme, nil)
	k.OK(err)
	if report.Broken != 0 || report.Lines != 4 || report.Chain.Checked != 4 || report.Chain.Start != 1 || report.Chain.Last != 4 {
		t.Errorf("%+v", report)
	}
	head := record.AuditHead{Seq: report.Chain.Last, Hash: report.Chain.Head}
	_, err = k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		t.Seats++
		return t, nil
	})
	k.OK(err)
	report, err = k.VerifyAudit(bg, k.Op, acme, &head)
	k.OK(err)
	if report.Broken != 0 || report.Lines != 5 {
		t.Errorf("with a head that was written down: %+v", report)
	}
	head.Hash[3] ^= 1
	report, err = k.VerifyAudit(bg, k.Op, acme, &head)
	k.OK(err)
	if report.Broken != 4 || !strings.Contains(report.Why, "another hash") {
		t.Errorf("with another head: %+v", report)
	}
	report, err = k.VerifyAudit(bg, k.Op, acme, &record.AuditHead{Seq: 99})
	k.OK(err)
	if report.Broken != 6 || !strings.Contains(report.Why, "line 99 was there once") {
		t.Errorf("with a head beyond the end: %+v", report)
	}
	_, err = k.VerifyAudit(bg, k.Op, "nobody", nil)
	k.Fails(err, directory.NotFound, "")
	report, err = k.VerifyAudit(bg, k.Op, directory.Provider, nil)
	k.OK(err)
	if report.Broken != 0 {
		t.Errorf("the trail of the installation: %+v", report)
	}
}

// lineage is a store whose trail was edited outside of Drawbridge.
type lineage struct {
	store.Store
	edit func([]directory.Audit) []directory.Audit
}

type lineageReader struct {
	store.Reader
	edit func([]directory.Audit) []directory.Audit
}

func (s lineage) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	return s.Store.View(ctx, tenant, want, func(r store.Reader) error { return fn(lineageReader{r, s.edit}) })
}

func (r lineageReader) Audit(after uint64, limit int) ([]directory.Audit, uint64, error) {
	all, last, err := r.Reader.Audit(0, 100000)
	all = slices.DeleteFunc(r.edit(all), func(a directory.Audit) bool { return a.Seq <= after })
	return all[:min(limit, len(all))], last, err
}

func TestVerifyNamesTheFirstBrokenLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		edit   func([]directory.Audit) []directory.Audit
		broken uint64
		why    string
	}{
		{"nothing", func(a []directory.Audit) []directory.Audit { return a }, 0, ""},
		{"an actor", func(a []directory.Audit) []directory.Audit { a[2].Actor.ID = "another actor"; return a }, 3, "does not fit"},
		{"a time", func(a []directory.Audit) []directory.Audit { a[5].Time = a[5].Time.Add(1); return a }, 6, "does not fit"},
		{"a reason that was moved into another field", func(a []directory.Audit) []directory.Audit {
			a[4].Request, a[4].Address = a[4].Request[:1], a[4].Request[1:]
			return a
		}, 5, "does not fit"},
		{"a hash made again", func(a []directory.Audit) []directory.Audit {
			a[2].Actor.ID = "another actor"
			a[2].Hash = a[2].Sum(a[1].Hash)
			return a
		}, 4, "or the one before it"},
		{"a hash taken out", func(a []directory.Audit) []directory.Audit { a[6].Hash = directory.Hash{}; return a }, 7, "has no hash"},
		{"all hashes taken out but the last", func(a []directory.Audit) []directory.Audit {
			for i := range len(a) - 1 {
				a[i].Hash, a[i].ChainStart = directory.Hash{}, false
			}
			return a
		}, 10, "no line says that the chain begins"},
		{"a line taken out", func(a []directory.Audit) []directory.Audit { return slices.Delete(a, 3, 4) }, 4, "line 4 is missing"},
		{"the end taken out", func(a []directory.Audit) []directory.Audit { return a[:7] }, 8, "up to 10"},
		{"a new beginning", func(a []directory.Audit) []directory.Audit {
			a[4].ChainStart = true
			a[4].Hash = a[4].Sum(directory.Hash{})
			return a
		}, 5, "begins with line 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := start(t, func(cfg *bridgetest.Config) { cfg.Store = lineage{cfg.Store, test.edit} })
			acme := k.NewTenant("acme", 5)
			for i := range 9 {
				k.Override(acme, func(o *directory.Overrides) { n := 40 + i; o.TombstoneDays = &n })
			}
			report, err := k.VerifyAudit(bg, k.Op, acme, nil)
			k.OK(err)
			if report.Broken != test.broken || !strings.Contains(report.Why, test.why) {
				t.Errorf("broken %d (%s), want %d (%s)", report.Broken, report.Why, test.broken, test.why)
			}
		})
	}
}

func TestSearchAuditFilters(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 5)
	first := k.Clock.Now()
	p := k.Op
	p.Actor.ID, p.Address = "op-2", "198.51.100.7"
	for i := range 30 {
		k.Clock.Advance(time.Hour)
		who := k.Op
		if i%3 == 0 {
			who = p
		}
		_, err := k.EditTenant(bg, who, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
			t.Seats = 10 + i
			return t, nil
		})
		k.OK(err)
	}
	lines, next, err := k.SearchAudit(bg, k.Op, acme, directory.AuditQuery{Actor: "op-2", Limit: 4})
	k.OK(err)
	if len(lines) != 4 || next == 0 || lines[0].Seq != 29 || lines[0].Address != "198.51.100.7" {
		t.Errorf("%d lines from %d, next %d", len(lines), lines[0].Seq, next)
	}
	lines, next, err = k.SearchAudit(bg, k.Op, acme, directory.AuditQuery{Actor: "op-2", Before: next})
	k.OK(err)
	if len(lines) != 6 || next != 0 {
		t.Errorf("then %d lines, next %d", len(lines), next)
	}
	lines, _, err = k.SearchAudit(bg, k.Op, acme, directory.AuditQuery{From: first.Add(2 * time.Hour), To: first.Add(5 * time.Hour)})
	k.OK(err)
	if len(lines) != 3 {
		t.Errorf("%d lines in three hours", len(lines))
	}
	_, _, err = k.SearchAudit(bg, k.Op, acme, directory.AuditQuery{From: first, To: first})
	k.Fails(err, directory.Invalid, "")
	_, _, err = k.SearchAudit(bg, k.Op, "nobody", directory.AuditQuery{})
	k.Fails(err, directory.NotFound, "")
}

func TestVisitsListWhenOperatorsActed(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 5)
	conn := k.NewIdP(acme, "acme-okta")
	k.Clock.Advance(24 * time.Hour)
	day := k.Clock.Now()
	eve := k.Op
	eve.Actor, eve.Address = directory.Actor{Kind: directory.ByOperator, ID: "op-7", Name: "Eve"}, "198.51.100.7"
	seats := 10
	more := func(p directory.Principal) {
		k.Clock.Advance(time.Minute)
		seats++
		_, err := k.EditTenant(bg, p, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
			t.Seats = seats
			return t, nil
		})
		k.OK(err)
	}
	more(eve)
	more(k.Op)
	more(eve)
	k.NewUser(conn, bridgetest.Person{Name: "anna"})
	k.Clock.Advance(2 * time.Hour)
	more(eve)
	_, err := k.EditTenant(bg, eve, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		t.Seats = 2
		return t, nil
	})
	k.OK(err)
	report, err := k.Visits(bg, k.Op, acme, record.VisitQuery{From: day})
	k.OK(err)
	if len(report.Visits) != 3 || !report.Complete {
		t.Fatalf("%+v", report)
	}
	last := report.Visits[0]
	if last.Actor.Name != "Eve" || last.Address != "198.51.100.7" || last.Actions["tenant.update"] != 2 || last.Lines != 2 || !slices.Equal(last.Subjects, []string{"tenant ACME"}) {
		t.Errorf("%+v", last)
	}
	if before := report.Visits[1]; before.Actor.Name != "Eve" || before.To.Sub(before.From) != 2*time.Minute {
		t.Errorf("%+v", before)
	}
	report, err = k.Visits(bg, k.Op, acme, record.VisitQuery{From: day, Kinds: []directory.ActorKind{directory.ByIdP}})
	k.OK(err)
	if len(report.Visits) != 1 || report.Visits[0].Actor.ID != "acme-okta" {
		t.Errorf("by identity providers: %+v", report.Visits)
	}
}
