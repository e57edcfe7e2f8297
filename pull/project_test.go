package pull_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/projects"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/pull"
	"drawbridge/store"
)

// projectKey is a new key of a service account of the simulated Google.
func (b *bench) projectKey(id string) projects.Key {
	return projects.Key{Text: b.account.NewKey("shared-project"), Account: "drawbridge@shared-project", KeyID: id, ClientID: "1234"}
}

// share makes the Google project shared, attached to tenants.
func (b *bench) share(tenants ...directory.TenantID) {
	b.T.Helper()
	b.OK(b.Pulls().Projects().Create(b.T.Context(), b.Op, projects.Draft{Name: "shared", Key: b.projectKey("k1"), Tenants: tenants}))
}

// withProject makes the company and its connection, which uses the Google project.
func (b *bench) withProject() {
	b.T.Helper()
	b.NewTenant("acme", 20_000)
	b.share("acme")
	b.connection("acme-google", usesProject)
}

func usesProject(d *bridge.ConnectionDraft) {
	d.Credential, d.Google.Project = bridge.PullCredential{}, "shared"
}

// kept gives what a tenant keeps of Google projects.
func (b *bench) kept(tenant directory.TenantID) (n int) {
	b.T.Helper()
	b.OK(b.Store.View(b.T.Context(), tenant, nil, func(r store.Reader) error {
		n = 0
		return r.KVs(directory.ProjectStateKV, "", "", func(directory.KV) error { n++; return nil })
	}))
	return n
}

// audited counts the lines of a trail about an action.
func (b *bench) audited(tenant directory.TenantID, action directory.Action) (n int) {
	b.T.Helper()
	for _, line := range b.AuditOf(tenant) {
		if line.Action == action && line.Actor.Name == b.Op.Actor.Name {
			n++
		}
	}
	return n
}

func TestC11ConnectionsReadWithAGoogleProject(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.withProject()
	people := b.fill(3)
	b.sync(pull.Complete)
	for _, id := range people {
		b.is(id, "active")
	}
	found, err := b.pull.Check(t.Context(), b.Op, "acme-google")
	b.OK(err)
	for _, f := range found {
		if !f.OK && f.Skipped == "" {
			t.Errorf("%s: %s", f.Name, f.Problem)
		}
	}
	for _, tenant := range []directory.TenantID{directory.Provider, "acme"} {
		want := directory.ActionProjectAttach
		if tenant == directory.Provider {
			want = directory.ActionProjectCreate
		}
		if n := b.audited(tenant, want); n != 1 {
			t.Errorf("the trail of %q has %d lines %s", tenant, n, want)
		}
	}
	// A new key counts for every connection from the next run on.
	b.account.RevokeKeys()
	contains(t, b.later(pull.Voided).Reason, "does not know the key")
	b.OK(b.Pulls().Projects().Rotate(t.Context(), b.Op, "shared", b.projectKey("k2")))
	b.later(pull.Complete)
}

// A detached project stops the runs, with the reason, and takes no person's access.
func TestC11ADetachedGoogleProjectStopsTheConnection(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.withProject()
	people := b.fill(3)
	b.sync(pull.Complete)
	before := b.written()
	at := projects.Where{Tenant: "acme", Project: "shared"}

	dry := b.Op
	dry.Report = &directory.Report{DryRun: true}
	b.OK(b.Pulls().Projects().Detach(t.Context(), dry, at))
	contains(t, dry.Report.Notice, "acme-google", "nothing is changed", "no person loses access")
	if b.written() != before || b.kept("acme") != 1 {
		t.Error("the preview wrote something")
	}

	b.OK(b.Pulls().Projects().Detach(t.Context(), b.Op, at))
	if b.kept("acme") != 0 || b.audited("acme", directory.ActionProjectDetach) != 1 || b.audited(directory.Provider, directory.ActionProjectDetach) != 1 {
		t.Errorf("%d records are kept; %v", b.kept("acme"), b.AuditOf("acme"))
	}
	b.account.Delete(people[0])
	for range 3 {
		contains(t, b.later(pull.Voided).Reason, "the Google project shared was detached from this company", "nothing is changed until connection \"acme-google\" has a credential")
	}
	for _, id := range people {
		b.is(id, "active")
	}
	if h := b.health(); h.State != directory.Failing {
		t.Errorf("the connection is %+v", h)
	}
	found, err := b.pull.Check(t.Context(), b.Op, "acme-google")
	b.OK(err)
	if len(found) != 1 || !strings.Contains(found[0].Problem, "was detached") {
		t.Errorf("the check says %+v", found)
	}
	all, err := b.Connections(t.Context(), b.Op, "acme")
	b.OK(err)
	if !all[0].Detached {
		t.Error("the connection does not say that its project was detached")
	}

	// A key of its own takes the place of the project; so does the project, attached again.
	b.OK(b.Pulls().SetCredential(t.Context(), b.Op, "acme-google", b.projectKey("own")))
	b.later(pull.Complete)
	b.OK(b.Pulls().Projects().Share(t.Context(), b.Op, at))
	b.useProject("shared")
	b.later(pull.Complete)
	b.is(people[0], "gone")
	b.OK(b.Pulls().Projects().Delete(t.Context(), b.Op, "shared"))
	contains(t, b.later(pull.Voided).Reason, "was detached")
}

// useProject lets the connection use a Google project.
func (b *bench) useProject(name string) {
	b.T.Helper()
	b.OK(b.tryProject(name))
}

func (b *bench) tryProject(name string) error {
	_, err := b.EditConnection(b.T.Context(), b.Op, "acme-google", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Google.Project = name
		return c, nil
	})
	return err
}

// sealed reports whether the connection has a key of its own.
func (b *bench) sealed() (found bool) {
	b.T.Helper()
	b.OK(b.Store.View(b.T.Context(), "acme", nil, func(r store.Reader) error {
		found = false
		return r.KVs(directory.SealedKV, "", "", func(directory.KV) error { found = true; return nil })
	}))
	return found
}

func TestC11AGoogleProjectTakesThePlaceOfAKey(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	b.sync(pull.Complete)
	if err := b.tryProject("shared"); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a project that there is not: %v", err)
	}
	b.NewTenant("birch", 9)
	b.share("birch")
	if err := b.tryProject("shared"); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a project of another company: %v", err)
	}
	if !b.sealed() {
		t.Error("a refused change deleted the key")
	}
	b.OK(b.Pulls().Projects().Share(t.Context(), b.Op, projects.Where{Tenant: "acme", Project: "shared"}))
	b.useProject("shared")
	if b.sealed() {
		t.Error("the key of the connection stays beside the project")
	}
	b.later(pull.Complete)
	if err := b.tryProject(""); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("no credential at all: %v", err)
	}
	v, err := b.Pulls().Projects().Project(t.Context(), b.Op, "shared")
	b.OK(err)
	if len(v.Shares) != 2 || !slices.Equal(v.Shares[0].Connections, []directory.ConnectionID{"acme-google"}) || len(v.Key.Data) != 0 {
		t.Errorf("the project is %+v", v)
	}
	d := bridge.ConnectionDraft{ID: "birch-google", Tenant: "birch", Type: directory.GoogleDirectory, Google: &directory.GooglePull{Admin: admin, Project: "shared"}, Credential: b.projectKey("k")}
	if _, _, err := b.CreateConnection(t.Context(), b.Op, d); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a key and a project: %v", err)
	}
}

// An operator who has not all companies of a project cannot change it, and one who has none of them does not see it.
func TestC11GoogleProjectsHaveAScope(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tenant := range []string{"acme", "birch", "cedar"} {
		b.NewTenant(tenant, 9)
	}
	b.share("acme", "birch")
	as := func(tenants ...directory.TenantID) directory.Principal {
		p := b.Op
		p.Actor.Kind = directory.ByOperator
		p.Access = directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: tenants}}
		return p
	}
	verbs := b.Pulls().Projects()
	for _, c := range []struct {
		as   directory.Principal
		want directory.Code
	}{{as("acme"), directory.Forbidden}, {as("cedar"), directory.NotFound}} {
		for what, err := range map[string]error{
			"rotate": verbs.Rotate(t.Context(), c.as, "shared", b.projectKey("k")), "delete": verbs.Delete(t.Context(), c.as, "shared"),
			"share":  verbs.Share(t.Context(), c.as, projects.Where{Tenant: c.as.Access.Scope.Tenants[0], Project: "shared"}),
			"detach": verbs.Detach(t.Context(), c.as, projects.Where{Tenant: c.as.Access.Scope.Tenants[0], Project: "shared"}),
		} {
			if directory.CodeOf(err) != c.want {
				t.Errorf("%s as %v: %v", what, c.as.Access.Scope.Tenants, err)
			}
		}
	}
	if err := verbs.Share(t.Context(), as("acme", "birch"), projects.Where{Tenant: "cedar", Project: "shared"}); directory.CodeOf(err) != directory.NotFound {
		t.Errorf("a company outside the scope was attached: %v", err)
	}
	v, err := verbs.Project(t.Context(), as("acme"), "shared")
	b.OK(err)
	if len(v.Shares) != 1 || v.Shares[0].Tenant != "acme" {
		t.Errorf("acme's operator sees %+v", v.Shares)
	}
	if err := verbs.Create(t.Context(), b.Op, projects.Draft{Name: "shared", Key: b.projectKey("k")}); directory.CodeOf(err) != directory.Conflict {
		t.Errorf("the name is taken: %v", err)
	}
}

// What a process that died left undone in the companies is completed, as the act of who detached the project.
func TestC11TheJobCompletesWhatWasInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.NewTenant("acme", 9)
	b.share("acme")
	interrupted := errors.New("the process died")
	half := func(tenant directory.TenantID) *projects.Service {
		return projects.New(projects.Config{Txn: b.Txn, Random: strings.NewReader(strings.Repeat("x", 1000)), Seal: seal(t, 1), Write: b.failing(tenant, interrupted)})
	}
	at := projects.Where{Tenant: "acme", Project: "shared"}
	if err := half("acme").Detach(t.Context(), b.Op, at); !errors.Is(err, interrupted) {
		t.Fatal(err)
	}
	if b.kept("acme") != 1 {
		t.Fatal("the detachment was not interrupted")
	}
	for range 2 {
		b.OK(b.Pulls().Projects().Settle(t.Context()))
		if b.kept("acme") != 0 || b.audited("acme", directory.ActionProjectDetach) != 1 {
			t.Errorf("%d records are kept, %d lines", b.kept("acme"), b.audited("acme", directory.ActionProjectDetach))
		}
	}
	if err := half("acme").Share(t.Context(), b.Op, at); !errors.Is(err, interrupted) {
		t.Fatal(err)
	}
	for range 2 {
		b.OK(b.Pulls().Projects().Settle(t.Context()))
		if b.kept("acme") != 1 || b.audited("acme", directory.ActionProjectAttach) != 2 {
			t.Errorf("%d records are kept, %d lines", b.kept("acme"), b.audited("acme", directory.ActionProjectAttach))
		}
	}
}

// failing writes to all tenants but one.
func (b *bench) failing(to directory.TenantID, with error) projects.Write {
	return func(ctx context.Context, p directory.Principal, decide func(*txn.Tx) error) error {
		if p.Tenant == to {
			return with
		}
		return b.Write(ctx, p, decide)
	}
}

// A key that an older key of the installation has sealed is sealed again when it is used.
func TestTheKeyOfAGoogleProjectIsSealedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.withProject()
	newer := projects.New(projects.Config{Txn: b.Txn, Random: strings.NewReader(strings.Repeat("y", 1000)), Seal: seal(t, 2, 1), Write: b.Write})
	p, err := b.Pulls().Begin(t.Context(), b.Op, "acme-google")
	b.OK(err)
	text, err := newer.Key(t.Context(), p)
	b.OK(err)
	only := projects.New(projects.Config{Txn: b.Txn, Random: strings.NewReader(""), Seal: seal(t, 2), Write: b.Write})
	again, err := only.Key(t.Context(), p)
	b.OK(err)
	if !bytes.Equal(again, text) {
		t.Error("another key came out")
	}
	if _, err := b.Pulls().Credential(t.Context(), p); directory.CodeOf(err) != directory.Unavailable {
		t.Errorf("without the present key: %v", err)
	}
}
