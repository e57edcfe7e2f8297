package operators_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
)

// edit changes an operator as p.
func (k *kit) edit(p directory.Principal, id directory.ID, change func(*directory.Operator)) error {
	_, err := k.EditOperator(bg, p, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		change(&o)
		return o, nil
	})
	return err
}

// everywhere adds an operator who has all tenants.
func (k *kit) everywhere(email string, role directory.Role) directory.Operator {
	k.T.Helper()
	o := k.NewOperator(email, role)
	k.OK(k.edit(k.Op, o.ID, func(o *directory.Operator) { o.Scope.All = true }))
	return o
}

// staff makes the tenants acme and birch, and an Administrator of acme who has signed in.
func (k *kit) staff() directory.Principal {
	k.T.Helper()
	k.NewTenant("acme", 0)
	k.NewTenant("birch", 0)
	k.NewOperator("admin@msp.example", directory.RoleAdmin, "acme")
	p, _ := k.SignInAs("admin@msp.example", "")
	return p
}

func TestO10ListsRespectScope(t *testing.T) {
	t.Parallel()
	k := start(t)
	p := k.staff()
	birch := k.NewOperator("birch@msp.example", directory.RoleTechnician, "birch")
	both := k.NewOperator("both@msp.example", directory.RoleTechnician, "acme", "birch")
	all := k.everywhere("owner@msp.example", directory.RoleOwner)
	_, err := k.SetSubscription(bg, k.Op, both.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"user.*"}, Tenants: []directory.TenantID{"birch"}})
	k.OK(err)

	list, err := k.Operators(bg, p)
	k.OK(err)
	var addresses []string
	for _, v := range list.Operators {
		addresses = append(addresses, v.Operator.Email)
		if slices.Contains(v.Operator.Scope.Tenants, "birch") {
			t.Errorf("%s is shown with the tenants %v", v.Operator.Email, v.Operator.Scope.Tenants)
		}
		if want := v.Operator.ID == both.ID || v.Operator.ID == all.ID; v.Beyond != want {
			t.Errorf("%s has tenants beyond the scope: %v", v.Operator.Email, v.Beyond)
		}
	}
	if want := []string{"admin@msp.example", "both@msp.example", "owner@msp.example"}; !slices.Equal(addresses, want) {
		t.Errorf("operators %v, want %v", addresses, want)
	}
	_, err = k.OperatorByID(bg, p, birch.ID)
	k.Denied(err, directory.NotFound, "")

	subscriptions, err := k.Subscriptions(bg, p)
	k.OK(err)
	if len(subscriptions) != 1 || subscriptions[0].Operator.Email != "admin@msp.example" {
		t.Errorf("subscriptions %+v, want the caller's own alone", subscriptions)
	}
	for _, id := range []directory.ID{both.ID, all.ID} {
		_, err = k.Subscription(bg, p, id)
		k.Denied(err, directory.Forbidden, "O10")
	}
	_, err = k.Subscription(bg, p, birch.ID)
	k.Denied(err, directory.NotFound, "")

	// Sessions and keys of an operator are not shown to an operator with fewer tenants.
	_, err = k.Sessions(bg, p, all.ID)
	k.Denied(err, directory.Forbidden, "O10")
	_, err = k.APIKeys(bg, p, both.ID)
	k.Denied(err, directory.Forbidden, "O10")
	_, err = k.Sessions(bg, p, birch.ID)
	k.Denied(err, directory.NotFound, "")
}

// The right to act is decided in the transaction. A request that was admitted before its operator lost the role does nothing.
func TestO10RightsAreReadInTheTransaction(t *testing.T) {
	t.Parallel()
	k := start(t)
	p := k.staff()
	victim := k.NewOperator("tech@msp.example", directory.RoleTechnician, "acme")
	list, err := k.Operators(bg, k.Op)
	k.OK(err)
	admin := list.Operators[0]

	k.OK(k.edit(k.Op, admin.Operator.ID, func(o *directory.Operator) { o.Scope.Tenants = nil }))
	k.Denied(k.edit(p, victim.ID, func(o *directory.Operator) { o.FirstName = "X" }), directory.NotFound, "")
	k.OK(k.edit(k.Op, admin.Operator.ID, func(o *directory.Operator) {
		o.Scope.Tenants = []directory.TenantID{"acme"}
		o.Role = directory.RoleTechnician
	}))
	k.Denied(k.edit(p, victim.ID, func(o *directory.Operator) { o.FirstName = "X" }), directory.Forbidden, "O1")
	_, err = k.SuspendOperator(bg, k.Op, admin.Operator.ID, "")
	k.OK(err)
	k.Denied(k.edit(p, victim.ID, func(o *directory.Operator) { o.FirstName = "X" }), directory.Unauthorized, "")
}

// If no mail is sent, the operator who makes a link sees it. It must not work after its operator got rights that its maker may not give.
func TestO10ShownLinkEndsWithMoreRights(t *testing.T) {
	t.Parallel()
	k := start(t)
	p := k.staff()
	draft := operators.Draft{FirstName: "A", LastName: "B", Email: "tech@msp.example", Role: directory.RoleTechnician, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}
	v, shown, err := k.CreateOperator(bg, p, draft)
	k.OK(err)
	_, err = k.Link(bg, shown.Text, bridgetest.Home())
	k.OK(err)
	k.OK(k.edit(k.Op, v.Operator.ID, func(o *directory.Operator) { o.Role = directory.RoleOwner }))
	_, err = k.UseLink(bg, shown.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	k.OK(k.edit(k.Op, v.Operator.ID, func(o *directory.Operator) { o.Role = directory.RoleTechnician }))
	_, err = k.Link(bg, shown.Text, bridgetest.Home())
	k.OK(err)
	k.OK(k.edit(k.Op, v.Operator.ID, func(o *directory.Operator) { o.Scope.Tenants = append(o.Scope.Tenants, "birch") }))
	_, err = k.Link(bg, shown.Text, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	again, err := k.IssueLink(bg, k.Op, v.Operator.ID, directory.Invitation, operators.LinkByMail) // of the local operator, who has an Owner's rights
	k.OK(err)
	_, err = k.UseLink(bg, again.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
}

// A link that was only mailed to the operator stays valid.
func TestO10MailedLinkStaysWithMoreRights(t *testing.T) {
	t.Parallel()
	post := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(post))
	k.NewTenant("acme", 0)
	k.NewOperator("owner@msp.example", directory.RoleOwner)
	v, _, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "tech@msp.example", Role: directory.RoleTechnician})
	k.OK(err)
	k.SendMails()
	k.OK(k.edit(k.Op, v.Operator.ID, func(o *directory.Operator) { o.Role = directory.RoleOwner }))
	_, err = k.UseLink(bg, bridgetest.LinkIn(t, k.LastMail(post, directory.InvitationMail)), operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
}

func TestO10OperatorsCannotResetTheirOwnFactorByLink(t *testing.T) {
	t.Parallel()
	k := start(t)
	owner := k.NewOperator("owner@msp.example", directory.RoleOwner)
	other := k.NewOperator("other@msp.example", directory.RoleOwner)
	p, _ := k.SignInAs("owner@msp.example", "")
	_, err := k.IssueLink(bg, p, owner.ID, directory.FactorReset, operators.LinkByMail)
	k.Denied(err, directory.Forbidden, "O10")
	_, err = k.IssueLink(bg, p, other.ID, directory.FactorReset, operators.LinkByMail)
	k.OK(err)
	k.OK(k.edit(p, owner.ID, func(o *directory.Operator) { o.MFARequired = true }))
	k.Denied(k.edit(p, owner.ID, func(o *directory.Operator) { o.MFARequired = false }), directory.Forbidden, "O10")
	k.OK(k.edit(k.Op, owner.ID, func(o *directory.Operator) { o.MFARequired = false }))
}

func TestO10RequirementForAllNeedsScopeOfAllTenants(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 0)
	k.NewOperator("one@msp.example", directory.RoleAdminBilling, "acme")
	k.everywhere("all@msp.example", directory.RoleAdminBilling)
	one, _ := k.SignInAs("one@msp.example", "")
	all, _ := k.SignInAs("all@msp.example", "")
	_, err := k.RequireMFA(bg, one, directory.Precondition{}, operators.FactorRequired)
	k.Denied(err, directory.Forbidden, "O10")
	_, err = k.RequireMFA(bg, all, directory.Precondition{}, operators.FactorRequired)
	k.OK(err)
}

// The audit trail of the installation does not mention anything outside the scope of its reader.
func TestO10AuditRespectsScope(t *testing.T) {
	t.Parallel()
	post := &bridgetest.Postman{Fail: bridgetest.Away}
	k := start(t, bridgetest.Mailed(post))
	p := k.staff()
	birch := k.NewOperator("birch@msp.example", directory.RoleTechnician, "birch")
	acme := k.NewOperator("acme@msp.example", directory.RoleTechnician, "acme")
	for _, id := range []directory.ID{birch.ID, acme.ID} {
		k.OK(k.edit(k.Op, id, func(o *directory.Operator) { o.FirstName = "Named" }))
		_, err := k.IssueLink(bg, k.Op, id, directory.PasswordReset, operators.LinkByMail)
		k.OK(err)
	}
	k.OK(k.edit(k.Op, acme.ID, func(o *directory.Operator) { o.Scope.Tenants = []directory.TenantID{"acme", "birch"} }))
	k.OK(k.edit(k.Op, acme.ID, func(o *directory.Operator) { o.Scope.Tenants = []directory.TenantID{"acme"} }))

	hidden := []string{birch.ID.String(), "birch"}
	clean := func(what string, v any) {
		t.Helper()
		text, err := json.Marshal(v)
		k.OK(err)
		if !strings.Contains(string(text), acme.ID.String()) {
			t.Errorf("%s do not name the operator in the scope: %s", what, text)
		}
		for _, name := range hidden {
			if strings.Contains(string(text), name) {
				t.Errorf("%s name %s: %s", what, name, text)
			}
		}
	}
	every, lastOfAll, err := k.AuditLines(bg, k.Op, directory.Provider, 0, 1000)
	k.OK(err)
	lines, last, err := k.AuditLines(bg, p, directory.Provider, 0, 1000)
	k.OK(err)
	clean("audit lines", lines)
	if len(lines) >= len(every) || last != lastOfAll {
		t.Errorf("%d lines of %d, the last one %d of %d", len(lines), len(every), last, lastOfAll)
	}
	// In pages it is the same.
	var paged []directory.Audit
	for after := uint64(0); ; after = paged[len(paged)-1].Seq {
		page, _, err := k.AuditLines(bg, p, directory.Provider, after, 2)
		k.OK(err)
		if paged = append(paged, page...); len(page) < 2 {
			break
		}
	}
	if len(paged) != len(lines) {
		t.Errorf("%d lines in pages, and %d at once", len(paged), len(lines))
	}
	found, _, err := k.SearchAudit(bg, p, directory.Provider, directory.AuditQuery{})
	k.OK(err)
	clean("found lines", found)
	events, err := k.Events(bg, p, directory.Provider, 0, 1000)
	k.OK(err)
	clean("events", events.Events)
	few, err := k.Events(bg, p, directory.Provider, 0, 2)
	k.OK(err)
	if len(few.Events) != 2 {
		t.Errorf("a page of 2 has %d events", len(few.Events))
	}
	mails, err := k.Mails(bg, p)
	k.OK(err)
	clean("mails", mails)
	for _, m := range k.waiting() {
		want := directory.Code("")
		if m.Operator == birch.ID {
			want = directory.NotFound
		}
		if err := k.RetryMail(bg, p, m.ID); directory.CodeOf(err) != want {
			t.Errorf("a mail to %s is retried: %v", m.To, err)
		}
	}
}

// waiting is the whole outbox.
func (k *kit) waiting() []directory.Mail {
	k.T.Helper()
	mails, err := k.Mails(bg, k.Op)
	k.OK(err)
	return mails
}

// Releases before O10 did not store who made a link. Its maker may have fewer rights than the operator by now, so it does not work.
func TestLinkOfAnOlderReleaseEnds(t *testing.T) {
	t.Parallel()
	k := start(t)
	p := k.staff()
	v, link, err := k.CreateOperator(bg, p, operators.Draft{FirstName: "A", LastName: "B", Email: "tech@msp.example", Role: directory.RoleTechnician})
	k.OK(err)
	k.OK(k.Store.Update(bg, directory.Provider, nil, func(r store.Reader) (directory.Change, error) {
		links, err := r.Links(v.Operator.ID)
		if err != nil || len(links) != 1 {
			t.Fatalf("links %+v, %v", links, err)
		}
		links[0].By = ""
		return directory.Change{Links: links, Audit: []directory.Audit{{
			Time: k.Clock.Now(), Actor: directory.Actor{Kind: directory.BySystem, ID: "test"}, Action: "test", Subject: directory.Subject{Kind: "link"}, Outcome: directory.Done,
		}}}, nil
	}))
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O10")
	fresh, err := k.IssueLink(bg, p, v.Operator.ID, directory.Invitation, operators.LinkByMail)
	k.OK(err)
	_, err = k.UseLink(bg, fresh.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
	lines, _, err := k.AuditLines(bg, k.Op, directory.Provider, 0, 1000)
	k.OK(err)
	if last := lines[len(lines)-1]; last.Action != "operator.invitation" || !strings.HasPrefix(last.Reason, "by a link that was shown to ") {
		t.Errorf("the line does not say who saw the link: %+v", last)
	}
}

func TestO7AnAccountEndsForGood(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 0)
	owner := k.everywhere("owner@msp.example", directory.RoleOwner)
	_, _ = k.SignInAs("owner@msp.example", "")
	eve := k.NewOperator("eve@msp.example", directory.RoleTechnician, "acme")
	as, session := k.SignInAs("eve@msp.example", "")
	k.OK(k.edit(k.Op, eve.ID, func(o *directory.Operator) { o.APIAccess = true }))
	_, err := k.SetSubscription(bg, k.Op, eve.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"user.*"}})
	k.OK(err)

	k.Denied(k.DeleteOperator(bg, as, eve.ID, ""), directory.Forbidden, "O1")
	k.Denied(k.DeleteOperator(bg, k.Op, owner.ID, ""), directory.Refused, "O8")
	k.OK(k.DeleteOperator(bg, k.Op, eve.ID, "left"))
	k.Denied(k.DeleteOperator(bg, k.Op, eve.ID, ""), directory.NotFound, "")
	_, err = k.OperatorByID(bg, k.Op, eve.ID)
	k.Denied(err, directory.NotFound, "")
	_, err = k.AuthenticateOperator(bg, session, bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "")
	subscriptions, err := k.Subscriptions(bg, k.Op)
	k.OK(err)
	for _, s := range subscriptions {
		if s.Operator.ID == eve.ID {
			t.Error("the subscription is still there")
		}
	}
	lines := k.AuditOf(directory.Provider)
	last := lines[len(lines)-1]
	if last.Action != directory.ActionOperatorDelete || last.Subject.Name != eve.Name() || last.Reason != "left" || !strings.Contains(string(last.Before), "eve@msp.example") {
		t.Errorf("%+v", last)
	}
	again := k.NewOperator("eve@msp.example", directory.RoleReadOnly)
	if again.ID == eve.ID || len(again.Scope.Tenants) != 0 || again.Subscription != nil {
		t.Errorf("the new account is %+v", again)
	}
}

func TestO7OperatorsCannotEndTheirOwnAccount(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.everywhere("first@msp.example", directory.RoleOwner)
	second := k.everywhere("second@msp.example", directory.RoleOwner)
	p, _ := k.SignInAs("second@msp.example", "")
	k.Denied(k.DeleteOperator(bg, p, second.ID, ""), directory.Refused, "O7")
	_, err := k.OperatorByID(bg, k.Op, second.ID)
	k.OK(err)
}
