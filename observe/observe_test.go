package observe_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/observe"
	"drawbridge/store"
	"drawbridge/store/storetest"
)

// kit is a tenant with an identity provider, and a place for copies.
type kit struct {
	*bridgetest.Kit
	copies  *bridgetest.Kit
	observe *observe.Service
	tenant  directory.TenantID
	okta    directory.Principal

	processes int
}

func start(t testing.TB) *kit {
	t.Helper()
	k := &kit{Kit: bridgetest.Start(t)}
	k.copies = bridgetest.Start(t, func(c *bridgetest.Config) { c.Now, c.NewID, c.NoteFound = k.Clock.Now, k.Clock.NewID, true })
	k.observe = observe.New(observe.Config{Bridge: k.Bridge, Store: k.Store, Now: k.Clock.Now, Any: func() bool { return true }, Open: func(context.Context) (observe.Copies, error) {
		return observe.Copies{Bridge: k.copies.Bridge, Store: k.copies.Store}, nil
	}})
	k.tenant = k.NewTenant("acme", 20)
	k.okta = k.NewIdP(k.tenant, "acme-okta")
	return k
}

// process makes observe mode in another process, which works as long as its life.
func (k *kit) process(life *storetest.Life) *observe.Service {
	k.T.Helper()
	k.processes++
	return k.processOf(life, fmt.Sprint("process ", k.processes), nil)
}

// processOf is process with a name and a lease.
func (k *kit) processOf(life *storetest.Life, name string, lease observe.Lease) *observe.Service {
	k.T.Helper()
	b, st := k.Process(life)
	copies, copiesStore := k.copies.Process(life)
	return observe.New(observe.Config{Process: name, Lease: lease, Bridge: b.Bridge, Store: st, Now: k.Clock.Now, Any: func() bool { return true }, Open: func(context.Context) (observe.Copies, error) {
		return observe.Copies{Bridge: copies.Bridge, Store: copiesStore}, nil
	}})
}

// begin puts okta into observe mode, and gives the bridge and the principal of the copy.
func (k *kit) begin(o observe.Options) (*bridge.Service, directory.Principal) {
	k.T.Helper()
	_, err := k.observe.Start(k.T.Context(), k.Op, k.okta.Connection.ID, o)
	k.OK(err)
	return k.serve()
}

func (k *kit) serve() (*bridge.Service, directory.Principal) {
	k.T.Helper()
	c, err := k.Store.Connection(k.T.Context(), k.okta.Connection.ID)
	k.OK(err)
	p := k.okta
	p.Connection = c
	b, there, err := k.observe.Serve(k.T.Context(), p)
	k.OK(err)
	return b, there
}

// difference is a Difference with all its changes.
type difference struct {
	observe.Difference
	All []observe.Change
}

func (k *kit) difference() difference {
	k.T.Helper()
	d, err := k.observe.Difference(k.T.Context(), k.Op, k.okta.Connection.ID)
	k.OK(err)
	out := difference{Difference: d}
	after := observe.ChangeMark{}
	for more := d.Ready; more; {
		var page []observe.Change
		page, more, err = k.observe.Changes(k.T.Context(), k.Op, k.okta.Connection.ID, after, 2)
		k.OK(err)
		if out.All = append(out.All, page...); len(page) > 0 {
			after = observe.ChangeMark{Kind: page[len(page)-1].Kind, ID: page[len(page)-1].ID}
		}
	}
	if len(out.All) != d.Changes {
		k.T.Errorf("the pages have %d changes, and the sum says %d", len(out.All), d.Changes)
	}
	return out
}

func (k *kit) promote() observe.Promotion {
	k.T.Helper()
	out, err := k.observe.Promote(k.T.Context(), k.Op, k.okta.Connection.ID, k.difference().Digest, time.Hour)
	k.OK(err)
	return out
}

// people describes all users of a tenant, and all groups with their members.
func people(t testing.TB, st store.Store, tenant directory.TenantID) string {
	t.Helper()
	var out []string
	err := st.View(t.Context(), tenant, nil, func(r store.Reader) error {
		out = nil
		var groups []directory.Group
		if _, err := r.Users(directory.Query{Count: 1000}, func(u *directory.User, _ []directory.GroupRef) error {
			out = append(out, fmt.Sprintf("%s %s %s %s %s %s", u.ID, u.UserName, u.State, u.Type, u.Connection, u.Document)+string(u.Sent))
			return nil
		}); err != nil {
			return err
		}
		if _, err := r.Groups(directory.Query{Count: 1000}, func(g *directory.Group, _ []directory.Member) error {
			groups = append(groups, g.Clone())
			return nil
		}); err != nil {
			return err
		}
		for _, g := range groups {
			line := fmt.Sprintf("%s %s %s %s", g.ID, g.DisplayName, g.Connection, g.Document)
			if err := r.Members(g.ID, directory.ID{}, func(m directory.Membership) error {
				line += " " + m.Member.ID.String()
				return nil
			}); err != nil {
				return err
			}
			out = append(out, line)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

func effects(d difference) []string {
	out := []string{}
	for _, c := range d.All {
		out = append(out, string(c.Effect)+" "+c.Name)
	}
	return out
}

// TestObservedConnectionChangesNothing writes as an identity provider in observe mode, and checks that the tenant does not change.
func TestObservedConnectionChangesNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewUser(k.okta, bridgetest.Person{Name: "ada@acme.test"}).User
	before, event := people(t, k.Store, k.tenant), k.LastEvent(k.tenant)

	b, idp := k.begin(observe.Options{})
	made, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	k.OK(b.DeleteUser(t.Context(), idp, ada.ID, directory.Precondition{}))
	_, err = b.CreateGroup(t.Context(), idp, bridgetest.Team("Staff", directory.MemberEdit{Op: directory.AddMembers, Members: []directory.MemberRef{{Value: made.User.ID.String()}}}))
	k.OK(err)

	if got, err := b.User(t.Context(), idp, made.User.ID); err != nil || got.User.UserName != "bob@acme.test" {
		t.Errorf("the identity provider does not see what it wrote: %v", err)
	}
	if _, err := b.User(t.Context(), idp, ada.ID); directory.CodeOf(err) != directory.NotFound {
		t.Errorf("the identity provider sees whom it deleted: %v", err)
	}
	if after := people(t, k.Store, k.tenant); after != before {
		t.Errorf("the tenant has changed:\n%s\nbefore:\n%s", after, before)
	}
	for _, e := range k.EventsOf(k.tenant, event) {
		if e.Kind != directory.ConnectionUpdated {
			t.Errorf("the feed of the tenant tells %s", e.Kind)
		}
	}
	want := []string{"remove ada@acme.test", "create bob@acme.test", "create Staff"}
	if d := k.difference(); !slices.Equal(effects(d), want) || d.Before.Occupied != 1 || d.After.Occupied != 1 {
		t.Errorf("the difference is %q, seats %v to %v", effects(d), d.Before, d.After)
	}
}

// TestLateWriteDoesNotReachTheTenant commits a write of a request that was admitted before the observation began.
func TestLateWriteDoesNotReachTheTenant(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.begin(observe.Options{})
	_, err := k.CreateUser(t.Context(), k.okta, bridgetest.Person{Name: "late@acme.test"}.Draft)
	k.Fails(err, directory.Unavailable, "C9")
}

// TestDropErasesTheCopy drops an observation, and starts another one.
func TestDropErasesTheCopy(t *testing.T) {
	t.Parallel()
	k := start(t)
	b, idp := k.begin(observe.Options{})
	_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	_, err = k.observe.Drop(t.Context(), k.Op, "acme-okta")
	k.OK(err)
	if got := people(t, k.Store, k.tenant); strings.Contains(got, "bob@") {
		t.Errorf("the tenant has what was dropped:\n%s", got)
	}
	k.NewUser(k.okta, bridgetest.Person{Name: "cy@acme.test"})
	k.Clock.Advance(time.Second)
	k.begin(observe.Options{})
	if d := k.difference(); !d.Ready || d.Changes != 0 {
		t.Errorf("the new copy differs: %q", effects(d))
	}
}

// TestPromotionNeedsTheDigest promotes with the digest of another difference, which is refused. The identity provider can continue to
// write.
func TestPromotionNeedsTheDigest(t *testing.T) {
	t.Parallel()
	k := start(t)
	b, idp := k.begin(observe.Options{})
	digest := k.difference().Digest
	_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	_, err = k.observe.Promote(t.Context(), k.Op, "acme-okta", digest, time.Hour)
	k.Fails(err, directory.Conflict, "C9")
	_, err = b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "cy@acme.test"}.Draft)
	k.OK(err)
	if out := k.promote(); !out.Done || out.Promoted != 2 {
		t.Errorf("the promotion gave %+v", out)
	}
}

// TestRefusedChangesStayObserved promotes into a tenant that has no free seat any more.
func TestRefusedChangesStayObserved(t *testing.T) {
	t.Parallel()
	k := start(t)
	b, idp := k.begin(observe.Options{})
	for _, name := range []string{"bob@acme.test", "cy@acme.test"} {
		_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: name}.Draft)
		k.OK(err)
	}
	_, err := k.EditTenant(t.Context(), k.Op, k.tenant, directory.Precondition{}, func(x directory.Tenant) (directory.Tenant, error) {
		x.Seats = 1
		return x, nil
	})
	k.OK(err)
	out := k.promote()
	if out.Done || out.Promoted != 1 || len(out.Left) != 1 || !strings.Contains(out.Left[0].Reason(), "seat") {
		t.Fatalf("the promotion gave %+v", out)
	}
	if d := k.difference(); d.Changes != 1 || d.Connection.Observing.Promoting != nil {
		t.Errorf("what is left is %q", effects(d))
	}
	if _, err := b.User(t.Context(), idp, out.Left[0].Change.ID); err != nil {
		t.Errorf("the identity provider is not served any more: %v", err)
	}
}

// TestRehearsedChangeOfTheIdentityProvider observes a second identity provider that takes over the people of the first one.
func TestRehearsedChangeOfTheIdentityProvider(t *testing.T) {
	t.Parallel()
	k := start(t)
	entra := k.NewIdP(k.tenant, "acme-entra", func(d *bridge.ConnectionDraft) { d.Type = directory.Entra })
	ada := k.NewUser(entra, bridgetest.Person{Name: "ada@acme.test"}).User
	b, idp := k.begin(observe.Options{TakeOver: "acme-entra"})
	_, err := b.EditUser(t.Context(), idp, ada.ID, directory.Precondition{}, bridgetest.Person{Name: "ada@acme.test"}.Draft)
	k.OK(err)
	if d := k.difference(); d.Changes != 1 || d.All[0].From != "acme-entra" {
		t.Fatalf("the difference is %+v", d.All)
	}
	if out := k.promote(); !out.Done {
		t.Fatalf("the promotion gave %+v", out)
	}
	got, err := k.User(t.Context(), k.operator(), ada.ID)
	k.OK(err)
	if got.User.Connection != "acme-okta" {
		t.Errorf("ada is managed by %q", got.User.Connection)
	}
}

// operator is the operator in the tenant.
func (k *kit) operator() directory.Principal {
	p := k.Op
	p.Tenant = k.tenant
	return p
}

// TestPromotionMatchesItsPreview makes random writes in the copy. The promoted tenant must be exactly the copy, and a second preview must
// find no difference. Promotions are interrupted and killed at random, and continued by other processes.
func TestPromotionMatchesItsPreview(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		k := start(t)
		names := []string{"ada@acme.test", "bob@acme.test", "cy@acme.test", "dee@acme.test", "eve@acme.test"}
		if rapid.Bool().Draw(rt, "mapped") {
			c, err := k.EditConnection(t.Context(), k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
				c.AttributeMapping = &directory.AttributeMapping{Attributes: []directory.AttributeRule{
					{Target: directory.TargetUserName, Source: "userName"}, {Target: directory.TargetUserType, Source: "title", Default: "Employee"},
				}}
				return c, nil
			})
			k.OK(err)
			k.okta.Connection = c
		}
		for _, name := range names[:3] {
			k.NewUser(k.okta, bridgetest.Person{Name: name})
		}
		k.NewGroup(k.okta, "Staff")
		b, idp := k.begin(observe.Options{})
		for range rapid.IntRange(1, 25).Draw(rt, "writes") {
			k.write(rt, b, idp, names)
		}
		d := k.difference()
		copied := people(t, k.copies.Store, idp.Tenant)
		for done := false; !done; {
			life := &storetest.Life{}
			if rapid.Bool().Draw(rt, "killed") {
				life.EndAt(storetest.End{Commit: rapid.IntRange(0, 9).Draw(rt, "commit"), After: rapid.Bool().Draw(rt, "after")})
			}
			budget := time.Hour
			if rapid.IntRange(0, 3).Draw(rt, "late") == 0 {
				budget = -1
			}
			out, err := k.process(life).Promote(t.Context(), k.Op, "acme-okta", d.Digest, budget)
			if !life.Ended() {
				k.OK(err)
				if len(out.Left) > 0 {
					rt.Fatalf("not promoted: %s %s: %v", out.Left[0].Change.Effect, out.Left[0].Change.Name, out.Left[0].Err)
				}
			}
			c, err := k.Store.Connection(t.Context(), "acme-okta")
			k.OK(err)
			done = c.Observing == nil
		}
		if got := people(t, k.Store, k.tenant); got != copied {
			rt.Fatalf("promoted:\n%s\n\nobserved:\n%s", got, copied)
		}
	})
}

// write makes one random write of the identity provider, which may be refused.
func (k *kit) write(rt *rapid.T, b *bridge.Service, idp directory.Principal, names []string) {
	name := rapid.SampledFrom(names).Draw(rt, "name")
	var users, groups []directory.ID
	_, err := b.ListUsers(k.T.Context(), idp, directory.Query{Count: 100}, func(u *directory.User, _ []directory.GroupRef) error {
		users = append(users, u.ID)
		return nil
	})
	k.OK(err)
	_, err = b.ListGroups(k.T.Context(), idp, directory.Query{Count: 100}, func(g *directory.Group, _ []directory.Member) error {
		groups = append(groups, g.ID)
		return nil
	})
	k.OK(err)
	verbs := []string{"create", "team"}
	if len(users) > 0 {
		verbs = append(verbs, "rename", "suspend", "activate", "delete")
	}
	if len(users) > 0 && len(groups) > 0 {
		verbs = append(verbs, "join", "leave", "disband")
	}
	pick := func(all []directory.ID) directory.ID { return rapid.SampledFrom(all).Draw(rt, "id") }
	members := func(op directory.MemberOp) directory.GroupEdit {
		return bridgetest.Steps(bridgetest.Step(op, pick(users)))
	}
	ctx := k.T.Context()
	switch verb := rapid.SampledFrom(verbs).Draw(rt, "verb"); verb {
	case "create":
		_, err = b.CreateUser(ctx, idp, bridgetest.Person{Name: name}.Draft)
	case "rename":
		_, err = b.EditUser(ctx, idp, pick(users), directory.Precondition{}, bridgetest.Person{Name: name}.Draft)
	case "suspend", "activate":
		active := verb == "activate"
		_, err = b.EditUser(ctx, idp, pick(users), directory.Precondition{}, func(u *directory.User) (directory.UserDraft, error) {
			return directory.UserDraft{UserName: u.UserName, ExternalID: u.ExternalID, Emails: u.Emails, Document: u.Document, Active: &active}, nil
		})
	case "delete":
		err = b.DeleteUser(ctx, idp, pick(users), directory.Precondition{})
	case "team":
		_, err = b.CreateGroup(ctx, idp, bridgetest.Team(rapid.SampledFrom([]string{"Staff", "Sales", "Board"}).Draw(rt, "team")))
	case "join":
		_, err = b.EditGroup(ctx, idp, pick(groups), directory.Precondition{}, members(directory.AddMembers))
	case "leave":
		_, err = b.EditGroup(ctx, idp, pick(groups), directory.Precondition{}, members(directory.RemoveMembers))
	case "disband":
		err = b.DeleteGroup(ctx, idp, pick(groups), directory.Precondition{})
	}
	if code := directory.CodeOf(err); err != nil && code != directory.Conflict && code != directory.Refused && code != directory.NotFound {
		rt.Fatalf("a write failed: %v", err)
	}
}

// TestPromotionOfMappedUsersWhoSwapTheirNames also suspends one of them. What a connection sent is as unique as the name that it became
// (C13).
func TestPromotionOfMappedUsersWhoSwapTheirNames(t *testing.T) {
	t.Parallel()
	k := start(t)
	c, err := k.EditConnection(t.Context(), k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.AttributeMapping = &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserName, Source: "userName"}}}
		return c, nil
	})
	k.OK(err)
	k.okta.Connection = c
	ada, bob := k.NewUser(k.okta, bridgetest.Person{Name: "ada@acme.test"}).User, k.NewUser(k.okta, bridgetest.Person{Name: "bob@acme.test"}).User
	b, idp := k.begin(observe.Options{})
	rename := func(id directory.ID, name string) {
		_, err := b.EditUser(t.Context(), idp, id, directory.Precondition{}, bridgetest.Person{Name: name}.Draft)
		k.OK(err)
	}
	rename(ada.ID, "eve@acme.test")
	rename(bob.ID, "ada@acme.test")
	rename(ada.ID, "bob@acme.test")
	_, err = b.EditUser(t.Context(), idp, ada.ID, directory.Precondition{}, func(u *directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{UserName: u.UserName, ExternalID: u.ExternalID, Emails: u.Emails, Document: u.Document, Active: new(false)}, nil
	})
	k.OK(err)
	copied := people(t, k.copies.Store, idp.Tenant)
	if out := k.promote(); !out.Done {
		t.Errorf("left: %+v", out.Left)
	}
	if got := people(t, k.Store, k.tenant); got != copied {
		t.Errorf("promoted:\n%s\n\nobserved:\n%s", got, copied)
	}
}

// TestSeatsOfTheTenantLimitAPromotion looks at the seats after a promotion while others take seats in the tenant.
func TestSeatsOfTheTenantLimitAPromotion(t *testing.T) {
	t.Parallel()
	k := start(t)
	entra := k.NewIdP(k.tenant, "acme-entra")
	b, idp := k.begin(observe.Options{})
	_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	k.NewUser(entra, bridgetest.Person{Name: "eve@acme.test"})
	if d := k.difference(); d.Before.Occupied != 1 || d.After.Occupied != 2 {
		t.Errorf("seats %v to %v, want 1 to 2", d.Before, d.After)
	}
}

// TestPromotionNeedsTheRightToDelete promotes deletions of a user and a group for good, first as an administrator and then as an Owner (D3).
func TestPromotionNeedsTheRightToDelete(t *testing.T) {
	t.Parallel()
	k := start(t)
	remove := directory.OnDeleteRemove
	k.Override(k.tenant, func(o *directory.Overrides) { o.OnDelete = &remove })
	ada := k.NewUser(k.okta, bridgetest.Person{Name: "ada@acme.test"}).User
	staff := k.NewGroup(k.okta, "Staff")
	b, idp := k.begin(observe.Options{})
	k.OK(b.DeleteUser(t.Context(), idp, ada.ID, directory.Precondition{}))
	k.OK(b.DeleteGroup(t.Context(), idp, staff.ID, directory.Precondition{}))

	owner := k.Op
	k.Op.Access.Role = directory.RoleAdmin
	out := k.promote()
	if out.Done || len(out.Left) != 2 {
		t.Fatalf("as an administrator the promotion gave %+v", out)
	}
	for _, left := range out.Left {
		if directory.CodeOf(left.Err) != directory.Forbidden {
			t.Errorf("as an administrator: %s %s: %v", left.Change.Kind, left.Change.Name, left.Err)
		}
	}
	k.Op = owner
	if out := k.promote(); !out.Done {
		t.Fatalf("as an Owner the promotion gave %+v", out)
	}
}

// TestUnusedCopyIsErased leaves a copy, as a process does that ends in the middle, and runs the job.
func TestUnusedCopyIsErased(t *testing.T) {
	t.Parallel()
	k := start(t)
	_, idp := k.begin(observe.Options{})
	k.OK(k.Store.Update(t.Context(), k.tenant, nil, func(r store.Reader) (directory.Change, error) {
		c, err := r.Connection("acme-okta")
		c.Observing = nil
		return directory.Change{Connections: []directory.Connection{c}, Audit: make([]directory.Audit, 1)}, err
	}))
	for _, want := range []int{1, 0} {
		done, err := k.observe.Continue(t.Context(), directory.JobPrincipal("observe"), directory.RunApply)
		k.OK(err)
		if len(done) != want {
			t.Errorf("the job did %q, want %d things", done, want)
		}
	}
	if got := people(t, k.copies.Store, idp.Tenant); got != "" {
		t.Errorf("the copy is still there:\n%s", got)
	}
}

// TestJobContinuesAPromotion interrupts a promotion before its first record.
func TestJobContinuesAPromotion(t *testing.T) {
	t.Parallel()
	k := start(t)
	b, idp := k.begin(observe.Options{})
	_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	out, err := k.observe.Promote(t.Context(), k.Op, "acme-okta", k.difference().Digest, -1)
	k.OK(err)
	if out.Done {
		t.Fatal("the promotion was not interrupted")
	}
	_, err = k.observe.Start(t.Context(), k.Op, "acme-okta", observe.Options{})
	k.Fails(err, directory.Conflict, "C9")
	_, err = k.observe.Drop(t.Context(), k.Op, "acme-okta")
	k.Fails(err, directory.Conflict, "C9")
	done, err := k.observe.Continue(t.Context(), directory.JobPrincipal("observe"), directory.RunApply)
	k.OK(err)
	if got := people(t, k.Store, k.tenant); len(done) != 1 || !strings.Contains(got, "bob@acme.test") {
		t.Errorf("the job did %q, and the tenant has:\n%s", done, got)
	}
}

// TestObservedTenantIsNotHandedOver refuses to hand over a tenant that has an observed copy.
func TestObservedTenantIsNotHandedOver(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewUser(k.okta, bridgetest.Person{Name: "ada@acme.test"}).User
	k.OK(k.JoinBuiltIn(t.Context(), k.Op, k.tenant, directory.Owners, ada.ID))
	k.begin(observe.Options{})
	_, err := k.Handovers().Unlink(t.Context(), k.Op, k.tenant, "sold")
	k.Fails(err, directory.Conflict, "C9")
}

// TestKillAtEveryCommitPromotesOnce kills the process at every commit of an observation, before and after it: while the copy is made, and
// while the difference is promoted. Another process begins again. The tenant gets what the identity provider wrote, once, and no copy is
// left.
func TestKillAtEveryCommitPromotesOnce(t *testing.T) {
	t.Parallel()
	begin := func(o *observe.Service, k *kit) error {
		_, err := o.Start(t.Context(), k.Op, "acme-okta", observe.Options{TakeOver: "acme-entra"})
		return err
	}
	promote := func(o *observe.Service, k *kit) error {
		d, err := o.Difference(t.Context(), k.Op, "acme-okta")
		if err == nil && !d.Ready { // a promotion was killed before it began
			if _, err = o.Start(t.Context(), k.Op, "acme-okta", observe.Options{}); err == nil {
				d, err = o.Difference(t.Context(), k.Op, "acme-okta")
			}
		}
		if err != nil {
			return err
		}
		_, err = o.Promote(t.Context(), k.Op, "acme-okta", d.Digest, time.Hour)
		return err
	}
	for name, verb := range map[string]func(*observe.Service, *kit) error{"start": begin, "promote": promote} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commits := -1
			for n := 0; n != commits; n++ {
				for _, after := range []bool{false, true} {
					life := &storetest.Life{}
					k := start(t)
					before := k.rehearsal(name == "promote", func() {
						life.EndAt(storetest.End{Commit: n, After: after})
						err := verb(k.process(life), k)
						c, broken := k.Store.Connection(t.Context(), "acme-okta")
						k.OK(broken)
						if err == nil && life.Ended() && c.Observing != nil { // the copy is erased after a success
							t.Errorf("killed at commit %d, it says that it succeeded", n)
						}
						k.readyMeansServed(t)
					}, begin)
					if !life.Ended() {
						commits = n + 1
					}
					k.readyMeansServed(t)
					k.finishes(t, before, promote)
				}
			}
			t.Logf("killed at %d commits", commits-1)
		})
	}
}

// rehearsal lets Okta take a person and a group over from Entra, and suspend, delete and create people, in a copy. kill is called to start the
// observation, or to promote it. It gives who managed what before.
func (k *kit) rehearsal(promotion bool, kill func(), begin func(*observe.Service, *kit) error) (before string) {
	k.T.Helper()
	entra := k.NewIdP(k.tenant, "acme-entra", func(d *bridge.ConnectionDraft) { d.Type = directory.Entra })
	ada := k.NewUser(entra, bridgetest.Person{Name: "ada@acme.test"}).User
	bob := k.NewUser(k.okta, bridgetest.Person{Name: "bob@acme.test"}).User
	cy := k.NewUser(k.okta, bridgetest.Person{Name: "cy@acme.test"}).User
	team := k.NewGroup(entra, "Team", bridgetest.Add(bob.ID))
	before = people(k.T, k.Store, k.tenant)
	if !promotion {
		kill()
		if got := people(k.T, k.Store, k.tenant); got != before {
			k.T.Fatalf("the tenant has changed:\n%s\nbefore:\n%s", got, before)
		}
	}
	if c, err := k.Store.Connection(k.T.Context(), "acme-okta"); err != nil || !promotion || c.Observing == nil {
		err := begin(k.process(&storetest.Life{}), k)
		if promotion || directory.CodeOf(err) != directory.Conflict { // it was killed after the last commit
			k.OK(err)
		}
	}
	b, idp := k.serve()
	ctx := k.T.Context()
	_, err := b.EditUser(ctx, idp, ada.ID, directory.Precondition{}, bridgetest.Person{Name: "ada@acme.test"}.Draft)
	k.OK(err)
	_, err = b.EditUser(ctx, idp, bob.ID, directory.Precondition{}, bridgetest.Person{Name: "bob2@acme.test"}.Draft)
	k.OK(err)
	k.OK(b.DeleteUser(ctx, idp, cy.ID, directory.Precondition{}))
	dee, err := b.CreateUser(ctx, idp, bridgetest.Person{Name: "dee@acme.test"}.Draft)
	k.OK(err)
	_, err = b.EditGroup(ctx, idp, team.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Replace(dee.User.ID)))
	k.OK(err)
	want := people(k.T, k.copies.Store, idp.Tenant)
	if promotion {
		kill()
	}
	return want
}

// readyMeansServed asks a process that lives whether the copy can be used, and compares the answer with what the identity provider gets.
func (k *kit) readyMeansServed(t *testing.T) {
	t.Helper()
	p := k.okta
	var err error
	p.Connection, err = k.Store.Connection(t.Context(), p.Connection.ID)
	k.OK(err)
	if p.Connection.Observing == nil || p.Connection.Observing.Promoting != nil {
		return
	}
	o := k.process(&storetest.Life{})
	d, err := o.Difference(t.Context(), k.Op, p.Connection.ID)
	k.OK(err)
	if _, _, err := o.Serve(t.Context(), p); d.Ready != (err == nil) {
		t.Errorf("the observation is ready: %t, and the identity provider gets %v", d.Ready, err)
	}
}

// finishes promotes in a process that is not killed, and compares the tenant with the copy.
func (k *kit) finishes(t *testing.T, want string, promote func(*observe.Service, *kit) error) {
	t.Helper()
	o := k.process(&storetest.Life{})
	if c, err := k.Store.Connection(t.Context(), "acme-okta"); err != nil || c.Observing != nil {
		k.OK(promote(o, k))
	}
	if got := people(t, k.Store, k.tenant); got != want {
		t.Fatalf("promoted:\n%s\n\nobserved:\n%s", got, want)
	}
	_, err := o.Continue(t.Context(), directory.JobPrincipal("observe"), directory.RunApply)
	k.OK(err)
	all, err := k.copies.Store.Tenants(t.Context())
	k.OK(err)
	for _, c := range all {
		if c.Status != directory.TenantGone {
			t.Errorf("the copy %s is still there", c.ID)
		}
	}
}

// TestSwappedNamesArePromoted swaps the userNames of two users in the copy, as an identity provider does with a third name. In the tenant
// each of them waits for the name of the other.
func TestSwappedNamesArePromoted(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewUser(k.okta, bridgetest.Person{Name: "ada@acme.test"}).User
	bob := k.NewUser(k.okta, bridgetest.Person{Name: "bob@acme.test"}).User
	b, idp := k.begin(observe.Options{})
	for _, to := range []struct {
		id   directory.ID
		name string
	}{{ada.ID, "other@acme.test"}, {bob.ID, "ada@acme.test"}, {ada.ID, "bob@acme.test"}} {
		_, err := b.EditUser(t.Context(), idp, to.id, directory.Precondition{}, bridgetest.Person{Name: to.name}.Draft)
		k.OK(err)
	}
	copied := people(t, k.copies.Store, idp.Tenant)
	if out := k.promote(); !out.Done || len(out.Left) > 0 {
		t.Fatalf("the promotion gave %+v", out)
	}
	if got := people(t, k.Store, k.tenant); got != copied {
		t.Errorf("promoted:\n%s\n\nobserved:\n%s", got, copied)
	}
}

// A connection that takes part in an open transfer cannot be observed until the transfer has ended (C14).
func TestNoObservationDuringATransfer(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewIdP(k.tenant, "acme-entra")
	k.NewIdP(k.tenant, "acme-third")
	k.NewUsers(k.okta, 2)
	scope := bridge.TransferScope{All: true}
	plan, err := k.Transfers().Preview(t.Context(), k.Op, "acme-okta", "acme-entra", scope)
	k.OK(err)
	begun, err := k.Transfers().Start(t.Context(), k.Op, bridge.TransferOrder{From: "acme-okta", To: "acme-entra", Scope: scope, Digest: plan.Digest}, -1)
	k.OK(err)
	if begun.Done {
		t.Fatal("the transfer is complete")
	}
	for id, o := range map[directory.ConnectionID]observe.Options{"acme-okta": {}, "acme-entra": {}, "acme-third": {TakeOver: "acme-okta"}} {
		_, err := k.observe.Start(t.Context(), k.Op, id, o)
		if no := k.Fails(err, directory.Conflict, "C14"); !strings.Contains(no.Message, "drawbridge transfer continue acme-okta "+begun.Transfer.ID.String()) {
			t.Errorf("observing %s: %s", id, no.Message)
		}
	}
	_, err = k.Transfers().Continue(t.Context(), k.Op, "acme-okta", begun.Transfer.ID, time.Hour)
	k.OK(err)
	_, err = k.observe.Start(t.Context(), k.Op, "acme-entra", observe.Options{})
	k.OK(err)
	_, err = k.Transfers().Undo(t.Context(), k.Op, "acme-okta", begun.Transfer.ID, time.Hour)
	k.Fails(err, directory.Conflict, "C14")
}
