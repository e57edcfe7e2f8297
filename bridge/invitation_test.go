package bridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// inviting creates a tenant that invites its new users.
func (k *kit) inviting(id string, seats int, edits ...func(*directory.Overrides)) directory.TenantID {
	k.T.Helper()
	mode := directory.OnboardInvite
	return k.NewTenant(id, seats, append(edits, func(o *directory.Overrides) { o.Onboarding = &mode })...)
}

// hand creates a user as the operator.
func (k *kit) hand(tenant directory.TenantID, address string) directory.User {
	k.T.Helper()
	out, err := k.AddUser(bg, k.Op, tenant, bridge.UserForm{UserName: address}, "")
	k.OK(err)
	return out.User
}

// send passes the due mails to the mail server and ignores the result.
func (k *kit) send() {
	k.T.Helper()
	_, _, err := k.DeliverMails(bg)
	k.OK(err)
}

// link gives the link of the last mail to an address, as it was sent.
func link(t testing.TB, p *bridgetest.Postman, kind directory.MailKind, to string) string {
	t.Helper()
	for n := len(p.Sent) - 1; n >= 0; n-- {
		if m := p.Sent[n]; m.Kind == kind && m.To == to {
			a, _ := m.Data.Attributes()
			return a.String("link")[strings.LastIndexByte(a.String("link"), '/')+1:]
		}
	}
	t.Fatalf("no mail of the kind %s to %s among %d", kind, to, len(p.Sent))
	return ""
}

func (k *kit) openLink(tenant directory.TenantID, text string) (bridge.InvitationLink, error) {
	return k.Invitations().Link(bg, tenant, text, credential.Client{Address: "192.0.2.7"})
}

func (k *kit) use(tenant directory.TenantID, text string) (bridge.InvitationLink, error) {
	return k.Invitations().Use(bg, tenant, text, credential.Client{Address: "192.0.2.7", Request: "req-page"})
}

func (k *kit) seats(tenant directory.TenantID) bridge.SeatReport {
	k.T.Helper()
	s, err := k.Seats(bg, k.Op, tenant)
	k.OK(err)
	return s
}

func (k *kit) stands(tenant directory.TenantID, id directory.ID) directory.State {
	k.T.Helper()
	k.Op.Tenant = tenant
	u, err := k.User(bg, k.Op, id)
	k.OK(err)
	return u.User.State
}

// From the invitation to the confirmation by an operator: the seat is occupied from the first day and charged from the acceptance (B1, B6), and
// the user cannot sign in before the end (L2).
func TestInvitedUserIsConfirmedByAnOperator(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 2)
	u := k.hand(acme, "ada@acme.example")
	if s := k.seats(acme); u.State != directory.Invited || !u.AcceptedAt.IsZero() || s.Occupied != 1 || s.Billable != 0 {
		t.Errorf("%s, seats %+v", u.State, s)
	}
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 1 || bytes.Contains(waiting[0].Data, []byte("dbi_")) {
		t.Errorf("the outbox has %+v, %v", waiting, err)
	}
	if n, down := k.Deliver(); n != 1 || down != nil {
		t.Fatalf("%d mails, %v", n, down)
	}
	text := link(t, p, directory.UserInvitationMail, "ada@acme.example")
	for range 3 { // looking at a link does not use it up
		v, err := k.openLink(acme, text)
		k.OK(err)
		if v.Company != "ACME" || v.Person != "ada@acme.example" || v.Confirms || !v.Expires.Equal(k.Clock.Now().AddDate(0, 0, 5)) {
			t.Errorf("%+v", v)
		}
	}
	k.Clock.Advance(time.Hour)
	accepted := k.Clock.Now()
	v, err := k.use(acme, text)
	k.OK(err)
	if v.State != directory.AwaitingConfirmation {
		t.Errorf("%+v", v)
	}
	if s := k.seats(acme); s.Occupied != 1 || s.Billable != 1 {
		t.Errorf("after the acceptance: %+v", s)
	}
	_, err = k.use(acme, text)
	k.Fails(err, directory.NotFound, "")
	k.Clock.Advance(time.Hour)
	done, err := k.ConfirmUser(bg, k.Op, acme, u.ID)
	k.OK(err)
	if done.User.State != directory.Active || !done.User.AcceptedAt.Equal(accepted) {
		t.Errorf("%+v", done.User)
	}
	lines, err := k.Ledger(bg, k.Op, acme, "", "")
	k.OK(err)
	if len(lines) != 1 || !lines[0].From.Equal(accepted) || !lines[0].ChargeDueBy.Equal(accepted.Add(48*time.Hour)) {
		t.Errorf("the ledger has %+v", lines)
	}
	again, err := k.ConfirmUser(bg, k.Op, acme, u.ID)
	k.OK(err)
	if again.Effect != bridge.Unchanged {
		t.Errorf("confirmed twice: %s", again.Effect)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, 2)); got != "user.invited user.created user.accepted user.confirmed" {
		t.Errorf("events: %s", got)
	}
	trail := k.AuditOf(acme)
	if last := trail[len(trail)-2]; last.Action != "user.accept" || last.Actor.Kind != directory.ByUser || last.Actor.ID != u.ID.String() || last.Address != "192.0.2.7" {
		t.Errorf("%+v", last)
	}
	if all, err := k.Invitations().List(bg, k.Op, acme); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// The store contains no usable link at any time, so a thief of the file finds none.
func TestStoreHasNoUsableLink(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{Fail: bridgetest.Away}
	file := filepath.Join(t.TempDir(), "own.db")
	db, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := start(t, bridgetest.Posted(p), func(c *bridgetest.Config) { c.Store = storetest.Checked(t, db) })
	acme := k.inviting("acme", 0)
	k.hand(acme, "ada@acme.example")
	k.send() // the server is away, and the attempt is noted
	p.Fail = nil
	k.Clock.Advance(time.Hour)
	k.send()
	text := link(t, p, directory.UserInvitationMail, "ada@acme.example")
	_, err = k.openLink(acme, text)
	k.OK(err)
	k.OK(db.Close())
	whole, err := os.ReadFile(file)
	k.OK(err)
	if bytes.Contains(whole, []byte(text)) || bytes.Contains(whole, []byte("dbi_")) || !bytes.Contains(whole, []byte("ada@acme.example")) {
		t.Error("the file contains the link")
	}
}

// Users who may confirm get a mail, each with a link that works once, and only while they still may (L2).
func TestProvisionManagersConfirm(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 0)
	direct := directory.OnboardDirect
	k.Override(acme, func(o *directory.Overrides) { o.Onboarding = &direct })
	boss, mary, left := k.hand(acme, "boss@acme.example"), k.hand(acme, "mary@acme.example"), k.hand(acme, "left@acme.example")
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, boss.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.ProvisionManagers, mary.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.ProvisionManagers, left.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Administrators, mary.ID)) // twice, and asked once
	invited := directory.OnboardInvite
	k.Override(acme, func(o *directory.Overrides) { o.Onboarding = &invited })
	u := k.hand(acme, "new@acme.example")
	k.send()
	_, err := k.use(acme, link(t, p, directory.UserInvitationMail, "new@acme.example"))
	k.OK(err)
	if n, _ := k.Deliver(); n != 3 {
		t.Fatalf("%d people are asked", n)
	}
	k.OK(k.LeaveBuiltIn(bg, k.Op, acme, directory.ProvisionManagers, left.ID))
	_, err = k.use(acme, link(t, p, directory.UserConfirmationMail, "left@acme.example"))
	k.Fails(err, directory.NotFound, "")
	text := link(t, p, directory.UserConfirmationMail, "mary@acme.example")
	v, err := k.openLink(acme, text)
	k.OK(err)
	if !v.Confirms || v.Address != "new@acme.example" || k.stands(acme, u.ID) != directory.AwaitingConfirmation {
		t.Errorf("%+v", v)
	}
	v, err = k.use(acme, text)
	k.OK(err)
	if v.State != directory.Active || k.stands(acme, u.ID) != directory.Active {
		t.Errorf("%+v", v)
	}
	trail := k.AuditOf(acme)
	if last := trail[len(trail)-1]; last.Action != "user.confirm" || last.Actor.Kind != directory.ByUser || last.Actor.Name != "mary@acme.example" || last.Rule != "L2" {
		t.Errorf("%+v", last)
	}
	for _, who := range []string{"mary@acme.example", "boss@acme.example"} {
		_, err = k.use(acme, link(t, p, directory.UserConfirmationMail, who))
		k.Fails(err, directory.NotFound, "")
	}
}

// A user who came over SCIM, or was invited at an address of a trusted domain, needs no confirmation after the acceptance (L2).
func TestTrustedUsersAreConfirmedAutomatically(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 0, func(o *directory.Overrides) { o.ConfirmDomains = &[]string{"Trusted.Example"} })
	okta := k.NewIdP(acme, "acme-okta")
	scim := k.NewUser(okta, bridgetest.Person{Name: "scim@other.example"}).User
	if scim.State != directory.Invited || !scim.Active() || scim.Statement != directory.SaidActive {
		t.Errorf("over SCIM: %+v", scim)
	}
	if again := k.ChangeUser(okta, scim.ID, bridgetest.SetActive(true)); again.Effect != bridge.Unchanged {
		t.Errorf("a sync of an invited user: %s", again.Effect)
	}
	hand := k.hand(acme, "ann@trusted.example")
	sub := k.hand(acme, "eve@not-trusted.example")
	k.send()
	for _, who := range []string{"scim@other.example", "ann@trusted.example", "eve@not-trusted.example"} {
		_, err := k.use(acme, link(t, p, directory.UserInvitationMail, who))
		k.OK(err)
	}
	if a, b, c := k.stands(acme, scim.ID), k.stands(acme, hand.ID), k.stands(acme, sub.ID); a != directory.Active || b != directory.Active || c != directory.AwaitingConfirmation {
		t.Errorf("%s %s %s", a, b, c)
	}
	// A connection that adopts a waiting user confirms the user.
	if u := k.ChangeUser(okta, sub.ID, bridgetest.SetActive(true)).User; u.State != directory.Active {
		t.Errorf("adopted: %s", u.State)
	}
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "no address"}.Draft)
	k.Fails(err, directory.Invalid, "L1")
}

// A link ends when another is sent, when it is withdrawn or expires, and when the user or the tenant is deleted. The answer is the same for
// all of these, and for a text that was never a link.
func TestInvalidLinksGetOneAnswer(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme, beta := k.inviting("acme", 0), k.inviting("beta", 0)
	fresh := func(name string) (directory.User, string) {
		u := k.hand(acme, name+"@acme.example")
		k.send()
		return u, link(t, p, directory.UserInvitationMail, name+"@acme.example")
	}
	ada, first := fresh("ada")
	_, err := k.Invitations().Resend(bg, k.Op, acme, ada.ID)
	k.OK(err)
	k.send()
	second := link(t, p, directory.UserInvitationMail, "ada@acme.example")
	_, err = k.openLink(acme, second)
	k.OK(err)
	bob, revoked := fresh("bob")
	was, err := k.Invitations().Revoke(bg, k.Op, acme, bob.ID)
	k.OK(err)
	if was.Status != directory.InvitationEnded || k.stands(acme, bob.ID) != directory.Invited {
		t.Errorf("%+v", was)
	}
	cat, suspended := fresh("cat")
	_, _, err = k.SuspendUser(bg, k.Op, acme, cat.ID, bridge.SuspendOrder{})
	k.OK(err)
	dan, deleted := fresh("dan")
	_, _, err = k.SuspendUser(bg, k.Op, acme, dan.ID, bridge.SuspendOrder{})
	k.OK(err)
	k.OK(k.RemoveUser(bg, k.Op, acme, dan.ID, directory.Removal{}))
	forged := []byte(second)
	forged[len(forged)-2] ^= 1
	var want error
	for name, text := range map[string]string{
		"replaced": first, "revoked": revoked, "suspended": suspended, "deleted": deleted, "forged": string(forged), "cut": second[:40], "more": second + "AA", "none": "", "nonsense": "dbi_" + strings.Repeat("A", 64),
		"other kind": "dbc_" + strings.TrimPrefix(second, "dbi_"), "padded": second + "=", "NUL": "dbi_\x00",
	} {
		_, seen := k.Invitations().Link(bg, acme, text, credential.Client{Address: name})
		_, used := k.Invitations().Use(bg, acme, text, credential.Client{Address: name})
		if want == nil {
			want = seen
		}
		if directory.CodeOf(seen) != directory.NotFound || seen.Error() != want.Error() || used == nil || used.Error() != want.Error() {
			t.Errorf("%s: %v, %v", name, seen, used)
		}
	}
	for _, tenant := range []directory.TenantID{beta, "nowhere", "", "a/b", "\x00"} {
		_, err := k.Invitations().Link(bg, tenant, second, credential.Client{Address: "other " + string(tenant)})
		if err == nil || err.Error() != want.Error() {
			t.Errorf("of the tenant %q: %v", tenant, err)
		}
	}
	k.Clock.Advance(5*24*time.Hour - time.Second)
	_, err = k.openLink(acme, second)
	k.OK(err)
	k.Clock.Advance(time.Hour) // a clock that jumps ahead ends nothing for good
	_, err = k.openLink(acme, second)
	k.Fails(err, directory.NotFound, "")
	k.Clock.Advance(-2 * time.Hour)
	_, err = k.use(acme, second)
	k.OK(err)
}

// No link works in a company that is handed over. If the company is taken back, its links work again.
func TestLinksOfAHandedOverTenantDoNotWork(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 0)
	u := k.hand(acme, "ada@acme.example")
	k.send()
	text := link(t, p, directory.UserInvitationMail, "ada@acme.example")
	status := func(s directory.TenantStatus) {
		k.OK(k.Store.Update(bg, acme, nil, func(r store.Reader) (directory.Change, error) {
			x, err := r.Tenant()
			x.Status = s
			return directory.Change{Tenant: &x, Audit: []directory.Audit{{Tenant: acme, Action: "test.status", Outcome: directory.Done}}}, err
		}))
	}
	status(directory.TenantUnlinked)
	_, err := k.openLink(acme, text)
	k.Fails(err, directory.NotFound, "")
	_, err = k.use(acme, text)
	k.Fails(err, directory.NotFound, "")
	if k.stands(acme, u.ID) != directory.Invited {
		t.Error("accepted all the same")
	}
	status(directory.TenantActive) // and back: nothing was lost
	_, err = k.use(acme, text)
	k.OK(err)
}

// A user gets at most five mails a day, from all callers and for all reasons. Further mails wait, and none is lost.
func TestInvitationsAreLimited(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 0)
	u := k.hand(acme, "ada@acme.example")
	for range 4 {
		k.Clock.Advance(time.Minute)
		_, err := k.Invitations().Resend(bg, k.Op, acme, u.ID)
		k.OK(err)
	}
	_, err := k.Invitations().Resend(bg, k.Op, acme, u.ID)
	e := k.Fails(err, directory.Throttled, "L1")
	if e.RetryAfter < 23*time.Hour || e.RetryAfter > 24*time.Hour {
		t.Errorf("again after %s", e.RetryAfter)
	}
	if n, _ := k.Deliver(); n != 1 { // each replaces the one that waits
		t.Errorf("%d mails", n)
	}
	okta := k.NewIdP(acme, "acme-okta")
	for n := range 20 { // an identity provider that alternates
		k.ChangeUser(okta, u.ID, bridgetest.Patch(func(d *directory.UserDraft) {
			address := fmt.Sprintf("a%d@acme.example", n)
			a, _ := d.Document.Attributes()
			a.Set("emails", []any{directory.Attributes{{Name: "value", Value: address}}})
			d.Emails, d.Document = []string{address}, a.Document()
		}))
	}
	if n, _ := k.Deliver(); n != 0 {
		t.Errorf("%d mails at once", n)
	}
	k.Clock.Advance(24 * time.Hour)
	if n, _ := k.Deliver(); n != 1 {
		t.Errorf("%d mails a day later", n)
	}
	v, err := k.use(acme, link(t, p, directory.UserInvitationMail, "a19@acme.example"))
	k.OK(err)
	if v.State != directory.Active {
		t.Errorf("%+v", v)
	}
}

// However a suspension ends, the user still has to accept the invitation and be confirmed.
func TestSuspensionDoesNotSkipTheOnboarding(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 2)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example", External: "x1"}).User
	k.send()
	first := link(t, p, directory.UserInvitationMail, "ada@acme.example")
	k.ChangeUser(okta, u.ID, bridgetest.SetActive(false))
	if s := k.seats(acme); s.Occupied != 0 {
		t.Errorf("%+v", s)
	}
	if back := k.ChangeUser(okta, u.ID, bridgetest.SetActive(true)).User; back.State != directory.Invited || !back.AcceptedAt.IsZero() {
		t.Errorf("back: %+v", back)
	}
	_, err := k.openLink(acme, first)
	k.Fails(err, directory.NotFound, "")
	k.send()
	// Deleted by the identity provider, and created again.
	k.OK(k.DeleteUser(bg, okta, u.ID, directory.Precondition{}))
	again := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example", External: "x1"})
	if again.User.ID != u.ID || again.User.State != directory.Invited {
		t.Errorf("rehired: %+v", again.User)
	}
	// Created inactive: the invitation goes out when they become active.
	late := k.NewUser(okta, bridgetest.Person{Name: "late@acme.example", Active: bridgetest.No()}).User
	if late.State != directory.Suspended {
		t.Errorf("%+v", late)
	}
	released, err := k.ReleaseUser(bg, k.Op, acme, late.ID)
	k.OK(err)
	if released.User.State != directory.Invited {
		t.Errorf("released: %+v", released.User)
	}
	k.send()
	link(t, p, directory.UserInvitationMail, "late@acme.example")
	// A user who waits for a confirmation keeps waiting.
	beta := k.inviting("beta", 0)
	w := k.hand(beta, "bob@beta.example")
	k.send()
	_, err = k.use(beta, link(t, p, directory.UserInvitationMail, "bob@beta.example"))
	k.OK(err)
	_, _, err = k.SuspendUser(bg, k.Op, beta, w.ID, bridge.SuspendOrder{})
	k.OK(err)
	back, err := k.ReleaseUser(bg, k.Op, beta, w.ID)
	k.OK(err)
	if back.User.State != directory.AwaitingConfirmation {
		t.Errorf("released: %+v", back.User)
	}
	_, err = k.ConfirmUser(bg, k.Op, beta, w.ID)
	k.OK(err)
	// An active user is suspended and released as usual.
	_, _, err = k.SuspendUser(bg, k.Op, beta, w.ID, bridge.SuspendOrder{})
	k.OK(err)
	back, err = k.ReleaseUser(bg, k.Op, beta, w.ID)
	k.OK(err)
	if back.User.State != directory.Active {
		t.Errorf("released: %+v", back.User)
	}
}

// The limit is checked at the invitation, and an invited user has a seat, so the acceptance never fails for lack of one (B1, B2).
func TestInvitedUserHasASeat(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 2)
	k.hand(acme, "ada@acme.example")
	k.hand(acme, "bob@acme.example")
	_, err := k.AddUser(bg, k.Op, acme, bridge.UserForm{UserName: "eve@acme.example"}, "")
	k.Fails(err, directory.Refused, "B2")
	k.send()
	for _, who := range []string{"ada@acme.example", "bob@acme.example"} {
		_, err := k.use(acme, link(t, p, directory.UserInvitationMail, who))
		k.OK(err)
	}
	if s := k.seats(acme); s.Occupied != 2 || s.Billable != 2 {
		t.Errorf("%+v", s)
	}
}

// Without a mail server no user can be invited, and the caller gets an error that says so.
func TestInvitationsNeedAMailServer(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	invite := directory.OnboardInvite
	_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(x directory.Tenant) (directory.Tenant, error) {
		x.Overrides.Onboarding = &invite
		return x, nil
	})
	k.Fails(err, directory.Unsupported, "L1")
	_, err = k.AddUser(bg, k.Op, acme, bridge.UserForm{UserName: "ada@acme.example"}, directory.OnboardInvite)
	k.Fails(err, directory.Unsupported, "L1")
	if u := k.hand(acme, "ada@acme.example"); u.State != directory.Active {
		t.Errorf("%+v", u)
	}
	small := k.NewTenantOn("starter", "small", 0) // a plan of invitations (B5)
	_, err = k.AddUser(bg, k.Op, small, bridge.UserForm{UserName: "ada@acme.example"}, "")
	k.Fails(err, directory.Unsupported, "L1")
	direct := directory.OnboardDirect
	k.Override(small, func(o *directory.Overrides) { o.Onboarding = &direct })
	if u := k.hand(small, "ada@acme.example"); u.State != directory.Active {
		t.Errorf("%+v", u)
	}
	for _, bad := range []func(*directory.Overrides){
		func(o *directory.Overrides) { x := directory.Onboarding("later"); o.Onboarding = &x },
		func(o *directory.Overrides) { x := -1; o.InviteTTLDays = &x },
		func(o *directory.Overrides) { x := 366; o.InviteTTLDays = &x },
		func(o *directory.Overrides) { o.ConfirmDomains = &[]string{"ada@acme.example"} },
		func(o *directory.Overrides) { o.ConfirmDomains = &[]string{"example"} },
		func(o *directory.Overrides) { o.ConfirmDomains = &[]string{"a.example\r\nBcc: x@y.z"} },
	} {
		_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(x directory.Tenant) (directory.Tenant, error) {
			bad(&x.Overrides)
			return x, nil
		})
		k.Fails(err, directory.Invalid, "")
	}
}

// The process ends after it sent a mail and before it recorded that. The mail is sent again with the same link, and both mails work.
func TestInvitationSentTwiceWorksTwice(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p), func(c *bridgetest.Config) {
		c.Store, c.InvitationKey = forgetful{c.Store}, []byte(strings.Repeat("k", 32))
	})
	acme := k.inviting("acme", 1)
	u := k.hand(acme, "ada@acme.example")
	_, _, err := k.DeliverMails(bg)
	if err == nil || len(p.Sent) != 1 {
		t.Fatalf("%v, %d mails", err, len(p.Sent))
	}
	before := link(t, p, directory.UserInvitationMail, "ada@acme.example")
	k.Clock.Advance(time.Minute)
	_, _, err = k.DeliverMails(bg)
	if err == nil || len(p.Sent) != 2 || p.Sent[0].ID != p.Sent[1].ID || link(t, p, directory.UserInvitationMail, "ada@acme.example") != before {
		t.Fatalf("%v, %+v", err, p.Sent)
	}
	_, err = k.use(acme, before)
	k.OK(err)
	if s := k.seats(acme); k.stands(acme, u.ID) != directory.AwaitingConfirmation || s.Occupied != 1 {
		t.Errorf("%+v", s)
	}
	// The copy that still waits is not needed any more.
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 0 {
		t.Errorf("%+v, %v", waiting, err)
	}
}

// forgetful is a store that never notes that a mail was delivered, as if the process ended before.
type forgetful struct{ store.Store }

func (forgetful) Delivered(context.Context, directory.Mail) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the process ended"}
}

// With another key the links of waiting mails cannot be made. The mail is parked with a reason, and another invitation works.
func TestMailsAreParkedAfterAChangeOfTheKey(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	var cfg bridgetest.Config
	k := start(t, bridgetest.Posted(p), func(c *bridgetest.Config) { cfg = *c })
	acme := k.inviting("acme", 0)
	u := k.hand(acme, "ada@acme.example")
	cfg.InvitationKey = []byte("another key, after a restore on another machine")
	other, err := bridgetest.New(cfg)
	k.OK(err)
	k.Services = other
	k.send()
	waiting, err := k.Mails(bg, k.Op)
	k.OK(err)
	if len(p.Sent) != 0 || len(waiting) != 1 || waiting[0].Parked.IsZero() || !strings.Contains(waiting[0].Error, "another key") {
		t.Fatalf("%d sent, %+v", len(p.Sent), waiting)
	}
	_, err = k.Invitations().Resend(bg, k.Op, acme, u.ID)
	k.OK(err)
	k.send()
	_, err = k.use(acme, link(t, p, directory.UserInvitationMail, "ada@acme.example"))
	k.OK(err)
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 0 {
		t.Errorf("%+v, %v", waiting, err)
	}
}

// A thousand wrong links from one address are slowed down, and never delay a valid link.
func TestWrongLinksAreSlowed(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 0)
	k.hand(acme, "ada@acme.example")
	k.send()
	slowed := 0
	for range 1000 {
		_, err := k.openLink(acme, "dbi_"+strings.Repeat("B", 64))
		if directory.CodeOf(err) == directory.Throttled {
			slowed++
		}
	}
	if slowed < 900 {
		t.Errorf("%d were slowed down", slowed)
	}
	_, err := k.use(acme, link(t, p, directory.UserInvitationMail, "ada@acme.example"))
	k.OK(err)
}

// Names that would be markup or a header in a mail are refused, or shown as text.
func TestHostileNamesAreRefusedOrEscaped(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.inviting("acme", 0)
	for _, bad := range []bridge.UserForm{
		{UserName: "ada@acme.example\r\nBcc: eve@evil.example"},
		{UserName: "ada\x00@acme.example"},
		{UserName: "ada\u202e@acme.example"},
		{UserName: "ada\u200f@acme.example"},
		{UserName: "ada", Email: "a@b, c@d"},
		{UserName: "ada@acme.example", DisplayName: "Ada\nBcc: x"},
		{UserName: ""},
		{UserName: strings.Repeat("a", 300)},
		{UserName: "ada@acme.example", Type: "king"},
		{UserName: "\xff@acme.example"},
	} {
		_, err := k.AddUser(bg, k.Op, acme, bad, "")
		if directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	// The identity provider's name of a user appears only in the body of a mail.
	okta := k.NewIdP(acme, "acme-okta")
	_, err := k.CreateUser(bg, okta, func(*directory.User) (directory.UserDraft, error) {
		a := directory.Attributes{{Name: "userName", Value: "eve@acme.example"}, {Name: "displayName", Value: "Eve\r\nBcc: all@acme.example"}}
		return directory.UserDraft{UserName: "eve@acme.example", Document: a.Document()}, nil
	})
	k.OK(err)
	waiting, err := k.Mails(bg, k.Op)
	k.OK(err)
	var data map[string]string
	k.OK(json.Unmarshal(waiting[0].Data, &data))
	if len(waiting) != 1 || waiting[0].To != "eve@acme.example" || !strings.Contains(data["person"], "Eve") {
		t.Errorf("%+v", waiting)
	}
}

// The userName of an invited user is the same name in every spelling, and contains no invisible character.
func TestInvitedUserNamesArePrepared(t *testing.T) {
	t.Parallel()
	k := start(t, bridgetest.Posted(&bridgetest.Postman{}))
	acme := k.inviting("acme", 0)
	k.hand(acme, "café@acme.example")
	for _, name := range []string{"cafe\u0301@acme.example", "CAFÉ@acme.example", "ｃａｆé@acme.example", " café@acme.example", "café@acme.example\u3000"} {
		_, err := k.AddUser(bg, k.Op, acme, bridge.UserForm{UserName: name, Email: "x@acme.example"}, directory.OnboardInvite)
		k.Fails(err, directory.Conflict, "")
	}
	for _, name := range []string{"ca\u00adfé@acme.example", "eve\u200b@acme.example", "\ufeffeve@acme.example"} {
		_, err := k.AddUser(bg, k.Op, acme, bridge.UserForm{UserName: name, Email: "x@acme.example"}, directory.OnboardInvite)
		k.Fails(err, directory.Invalid, "")
	}
}
