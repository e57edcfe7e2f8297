package provision_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// lines gives the actions about targets in an audit trail, with who acted.
func (k *kit) lines(tenant directory.TenantID) string {
	k.T.Helper()
	var out []string
	for _, line := range k.AuditOf(tenant) {
		if strings.HasPrefix(string(line.Action), "target.") {
			out = append(out, string(line.Action)+" by "+string(line.Actor.Kind))
		}
	}
	return strings.Join(out, ", ")
}

// One target serves several companies (C11). Neither takes a record of the other, and who leaves one of them does not touch the other. A
// company that is detached loses what was kept about the target, the others keep theirs, and both audit trails say so.
func TestC11OneTargetServesSeveralCompanies(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("birch", 1000)
	birch := k.NewIdP("birch", "birch-okta")
	ann := k.NewUser(k.idp, person("ann")).User
	k.NewGroup(k.idp, "Engineering", bridgetest.Add(ann.ID))
	bea := k.NewUser(birch, bridgetest.Person{Name: "bea@birch.example", External: "x", Active: bridgetest.Yes()}).User
	twin := k.NewUser(birch, bridgetest.Person{Name: "ann@acme.example", External: "y", Active: bridgetest.Yes()}).User
	k.NewGroup(birch, "Engineering", bridgetest.Add(bea.ID))
	k.target()
	k.run()
	k.equal()
	before := k.there()

	_, err := k.Targets.Share(t.Context(), k.Op, at("birch"), nil)
	k.OK(err)
	k.quiet()
	if there := k.there(); !strings.Contains(there, bea.ID.String()+" bea@birch.example") {
		t.Errorf("the second company did not arrive:\n%s", there)
	} else if without := strings.ReplaceAll(there, "\n"+bea.ID.String()+" bea@birch.example title=\"\" active=true", ""); without != before {
		t.Errorf("the second company changed the first one:\n%s\nbefore:\n%s", there, before)
	}
	failures, err := k.Targets.Failures(t.Context(), k.Op, at("birch"))
	k.OK(err)
	if len(failures) != 2 || !strings.Contains(failures[0].Error, "another company") || !strings.Contains(failures[1].Error, "another company") {
		t.Errorf("failures %+v", failures)
	}
	k.OK(k.DeleteUser(t.Context(), birch, twin.ID, directory.Precondition{}))
	k.run()
	if there := k.there(); !strings.Contains(there, "ann@acme.example title=\"\" active=true") {
		t.Errorf("a leaver of one company touched the other:\n%s", there)
	}

	k.OK(k.Targets.Detach(t.Context(), k.Op, at("birch")))
	k.run()
	there := k.there()
	for _, kind := range []directory.KVKind{directory.TargetStateKV, directory.LinkKV, directory.SentMemberKV} {
		k.OK(k.Store.TenantKVs(t.Context(), kind, nil, func(tenant directory.TenantID, kv directory.KV) error {
			if tenant == "birch" {
				t.Errorf("%s %s is left", kind, kv.Key)
			}
			return nil
		}))
	}
	k.ChangeUser(birch, bea.ID, bridgetest.SetTitle("Head"))
	k.ChangeUser(k.idp, ann.ID, bridgetest.SetTitle("Head"))
	k.run()
	if now := k.there(); now != strings.Replace(there, "ann@acme.example title=\"\"", "ann@acme.example title=\"Head\"", 1) {
		t.Errorf("after the detachment:\n%s", now)
	}
	for _, kind := range directory.CarriedKVs() { // what a hand-over bundle has
		if kind.Sent() || kind == directory.TargetKV {
			t.Errorf("bundles have %s", kind)
		}
	}
	if got := k.lines("birch"); got != "target.attach by operator, target.detach by operator" {
		t.Errorf("audit of the company: %s", got)
	}
	if got := k.lines(directory.Provider); got != "target.create by operator, target.attach by operator, target.detach by operator" {
		t.Errorf("audit of the installation: %s", got)
	}
	if kinds := bridgetest.Kinds(k.EventsOf("birch", 0)); !strings.Contains(kinds, "target.attached") || !strings.Contains(kinds, "target.detached") {
		t.Errorf("events %s", kinds)
	}
}

// What was kept for a company with very many people is removed in parts, so that the runs of other companies are not delayed. The trail of the
// company has one line about it.
func TestALargeDetachedCompanyDelaysNoOther(t *testing.T) {
	t.Parallel()
	const people, dropped = 12_000, 5_000 // how many one Tick removes
	k := start(t)
	k.NewTenant("birch", 1000)
	birch := k.NewIdP("birch", "birch-okta")
	k.target(func(d *targets.Draft) { d.Tenants = []directory.TenantID{"acme", "birch"} })
	k.run()
	target, err := k.Targets.Own(t.Context(), k.Op, "mirror")
	k.OK(err)
	as := k.Op
	as.Tenant = "acme"
	for range people / 2000 {
		k.OK(k.Txn.Run(t.Context(), as, func(x *txn.Tx) error {
			for range 2000 {
				if err := x.Set(directory.LinkKV, directory.LinkKey(target.ID, directory.UserKind, x.NewID()), directory.TargetLink{Remote: "r"}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	left := func() (n int) {
		k.OK(k.Store.View(t.Context(), "acme", nil, func(r store.Reader) error {
			n = 0
			return r.KVs(directory.LinkKV, "", "", func(directory.KV) error { n++; return nil })
		}))
		return n
	}
	k.OK(k.Targets.Detach(t.Context(), k.Op, at("acme")))
	bea := k.NewUser(birch, bridgetest.Person{Name: "bea@birch.example", External: "x", Active: bridgetest.Yes()}).User
	k.later(2 * time.Minute)
	for tick, want := range []int{people - dropped, people - 2*dropped, 0} {
		k.OK(k.service.Tick(t.Context()))
		k.service.Wait()
		if n := left(); n != want {
			t.Fatalf("after Tick %d, %d records are left, want %d", tick+1, n, want)
		}
		if !strings.Contains(k.there(), bea.ID.String()) {
			t.Errorf("Tick %d did not run the other company", tick+1)
		}
	}
	k.run()
	if got := k.lines("acme"); got != "target.attach by operator, target.detach by operator" {
		t.Errorf("audit of the company: %s", got)
	}
}

// A target for all companies gets those that are added later, too (C11). It needs an operator who has all of them. A company that is attached
// to it by name stays when it is for all no more, and nothing is sent to it again; the others are detached by who ended it.
func TestC11ATargetForAllCompanies(t *testing.T) {
	t.Parallel()
	k := start(t)
	ctx := t.Context()
	ann := k.NewUser(k.idp, person("ann")).User
	team := k.NewGroup(k.idp, "Engineering", bridgetest.Add(ann.ID))
	k.NewUser(k.idp, person("eve"))
	k.target(func(d *targets.Draft) { d.Tenants, d.All = nil, true })
	k.run()
	k.equal()
	k.NewTenant("birch", 1000)
	birch := k.NewIdP("birch", "birch-okta")
	bea := k.NewUser(birch, bridgetest.Person{Name: "bea@birch.example", External: "x", Active: bridgetest.Yes()}).User
	twin := k.NewUser(birch, bridgetest.Person{Name: "ann@acme.example", External: "y", Active: bridgetest.Yes()}).User
	k.quiet()
	if there := k.there(); !strings.Contains(there, bea.ID.String()+" bea@birch.example") {
		t.Errorf("the company that was added later did not arrive:\n%s", there)
	}
	failures, err := k.Targets.Failures(ctx, k.Op, at("birch"))
	k.OK(err)
	if len(failures) != 1 || failures[0].Local != twin.ID || !strings.Contains(failures[0].Error, "another company") {
		t.Errorf("failures %+v", failures)
	}
	_, err = k.Targets.Failures(ctx, k.Op, at("nowhere"))
	k.Fails(err, directory.NotFound, "")

	ada := directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: "1"}, Access: directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}}
	seen, err := k.Targets.Target(ctx, ada, "mirror")
	k.OK(err)
	if len(seen.Shares) != 1 || seen.Shares[0].Tenant != "acme" {
		t.Errorf("an operator of one company sees %+v", seen.Shares)
	}
	k.Fails(k.Targets.Delete(ctx, ada, "mirror"), directory.Forbidden, "O10")
	_, err = k.Targets.Create(ctx, ada, targets.Draft{Name: "other", URL: k.url, Secret: "x", All: true})
	k.Fails(err, directory.Forbidden, "O10")
	_, err = k.Targets.Create(ctx, k.Op, targets.Draft{Name: "other", URL: k.url, Secret: "x", All: true, Tenants: []directory.TenantID{"acme"}})
	k.Fails(err, directory.Invalid, "C16")
	_, err = k.Targets.Create(ctx, ada, targets.Draft{Name: "ours", URL: k.url, Secret: "x", Tenants: []directory.TenantID{"acme"}, Paused: true})
	k.OK(err)
	yes, no := true, false
	_, err = k.Targets.Update(ctx, ada, "ours", targets.Edit{All: &yes})
	k.Fails(err, directory.Forbidden, "O10")
	k.Fails(k.Targets.Detach(ctx, k.Op, at("birch")), directory.Conflict, "C11")

	k.proxy.writes()
	_, err = k.Targets.Share(ctx, k.Op, at("acme"), []string{team.ID.String()}) // an exception for one company
	k.OK(err)
	k.run()
	if got := strings.Join(k.proxy.writes(), "\n"); strings.Count(got, "\n") > 0 || !strings.Contains(got, "active") {
		t.Errorf("the exception sent %s", got)
	}
	_, err = k.Targets.Update(ctx, k.Op, "mirror", targets.Edit{All: &no})
	k.OK(err)
	k.run()
	if got := k.proxy.writes(); len(got) > 0 {
		t.Errorf("the end of all sent %v", got)
	}
	if got := k.lines("birch"); got != "target.attach by operator, target.detach by operator" {
		t.Errorf("audit of the company that is detached: %s", got)
	}
	if got := k.lines("acme"); got != "target.attach by operator, target.attach by operator" { // of both targets
		t.Errorf("audit of the company that stays: %s", got)
	}
	v, err := k.Targets.Target(ctx, k.Op, "mirror")
	k.OK(err)
	if len(v.Shares) != 1 || v.Shares[0].Tenant != "acme" || v.Shares[0].State.Users != 1 {
		t.Errorf("it has %+v", v.Shares)
	}
}

// A company has at most ten targets, those for all companies included.
func TestTargetsForAllCompaniesCount(t *testing.T) {
	t.Parallel()
	k := start(t)
	create := func(i int, all bool) error {
		d := targets.Draft{Name: fmt.Sprint("t", i), URL: k.url, Secret: "x", All: all, Paused: true}
		if !all {
			d.Tenants = []directory.TenantID{"acme"}
		}
		_, err := k.Targets.Create(t.Context(), k.Op, d)
		return err
	}
	for i := range policy.MaxTenantTargets {
		k.OK(create(i, i%2 == 0))
	}
	k.Fails(create(100, false), directory.Conflict, "")
	k.Fails(create(101, true), directory.Conflict, "")
}

// A company that is attached again begins anew, also if the server did not run meanwhile.
func TestC11AttachedAgainBeginsAnew(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewUser(k.idp, person("ann"))
	k.target()
	k.run()
	k.OK(k.Targets.Detach(t.Context(), k.Op, at("acme")))
	_, err := k.Targets.Share(t.Context(), k.Op, at("acme"), nil)
	k.OK(err)
	k.quiet()
	k.equal()
	if got := k.lines("acme"); got != "target.attach by operator, target.detach by operator, target.attach by operator" {
		t.Errorf("audit %s", got)
	}
}

// An operator sees the targets of the companies in the scope, changes those whose companies are all in it, and never sees the path of a URL
// of another one.
func TestC11TargetsAreScoped(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("birch", 1000)
	k.target(func(d *targets.Draft) { d.Tenants, d.Paused = []directory.TenantID{"acme", "birch"}, true })
	k.run()
	one := func(tenants ...directory.TenantID) directory.Principal {
		p := k.Op
		p.Access.Scope = directory.Scope{Tenants: tenants}
		return p
	}
	acme := one("acme")
	v, err := k.Targets.Target(t.Context(), acme, "mirror")
	k.OK(err)
	if len(v.Shares) != 1 || v.Shares[0].Tenant != "acme" || strings.Contains(v.URL, "scim") {
		t.Errorf("view %+v", v)
	}
	title := "https://elsewhere.example.com"
	_, err = k.Targets.Update(t.Context(), acme, "mirror", targets.Edit{URL: &title})
	k.Fails(err, directory.Forbidden, "O10")
	k.Fails(k.Targets.Detach(t.Context(), acme, at("birch")), directory.NotFound, "")
	k.Fails(k.Targets.Detach(t.Context(), acme, at("acme")), directory.Forbidden, "O10")
	k.Fails(k.Targets.Delete(t.Context(), acme, "mirror"), directory.Forbidden, "O10")
	_, err = k.Targets.Target(t.Context(), one("cedar"), "mirror")
	k.Fails(err, directory.NotFound, "")
	_, err = k.Targets.Failures(t.Context(), acme, at("birch"))
	k.Fails(err, directory.NotFound, "")
	_, err = k.Targets.Share(t.Context(), one("acme", "birch"), at("cedar"), nil)
	k.Fails(err, directory.NotFound, "")
	_, err = k.Targets.Create(t.Context(), acme, targets.Draft{Name: "none", URL: k.url, Secret: "t"})
	k.Fails(err, directory.Invalid, "O10")
}

// The audit line of a change says that the credential was replaced, and the sealed credential is in no line and no event.
func TestAReplacedCredentialIsInTheAuditTrail(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.target()
	k.later(1)
	secret := "another-token"
	_, err := k.Targets.Update(t.Context(), k.Op, "mirror", targets.Edit{Secret: &secret})
	k.OK(err)
	all := k.AuditOf(directory.Provider)
	last := all[len(all)-1]
	if last.Action != directory.ActionTargetUpdate || last.Reason != "its credential was replaced" || strings.Contains(string(last.After), secret) {
		t.Errorf("line %+v", last)
	}
}
