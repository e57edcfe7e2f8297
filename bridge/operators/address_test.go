package operators_test

import (
	"strings"
	"testing"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
)

const (
	oldAddress = "tech@msp.example"
	newAddress = "tech@new.example"
)

// address is the address of an operator, and the one that waits to be confirmed.
func (k *kit) address(id directory.ID) [2]string {
	k.T.Helper()
	v, err := k.OperatorByID(bg, k.Op, id)
	k.OK(err)
	return [2]string{v.Operator.Email, v.Operator.NewEmail}
}

// move asks for another address.
func (k *kit) move(p directory.Principal, id directory.ID, to string) error {
	return k.edit(p, id, func(o *directory.Operator) { o.Email, o.NewEmail = to, "" })
}

// noticesTo says of each notice that went to an address whether the new one had taken effect.
func noticesTo(post *bridgetest.Postman, address string) (out []bool) {
	for _, m := range post.Sent {
		if m.Kind == directory.EmailNoticeMail && m.To == address {
			done, _ := m.Data.Value("done").(bool)
			out = append(out, done)
		}
	}
	return out
}

func TestO10NewAddressIsConfirmedAndTheOldOneIsTold(t *testing.T) {
	t.Parallel()
	post := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(post))
	tech := k.NewOperator(oldAddress, directory.RoleTechnician)
	p, _ := k.SignInAs(oldAddress, "")
	_, err := k.IssueLink(bg, k.Op, tech.ID, directory.EmailChange, operators.LinkByMail)
	k.Denied(err, directory.Conflict, "O10") // nothing to confirm
	_, err = k.IssueLink(bg, k.Op, tech.ID, directory.PasswordReset, operators.LinkByMail)
	k.OK(err)
	k.SendMails()
	reset := bridgetest.LinkIn(t, k.LastMail(post, directory.PasswordResetMail))

	k.OK(k.move(k.Op, tech.ID, newAddress))
	k.SendMails()
	if got := k.address(tech.ID); got != [2]string{oldAddress, newAddress} {
		t.Fatalf("before the confirmation: %v", got)
	}
	if got := noticesTo(post, oldAddress); len(got) != 1 || got[0] {
		t.Errorf("the old address was told %v", got)
	}
	mail := k.LastMail(post, directory.EmailChangeMail)
	if mail.To != newAddress {
		t.Errorf("the link went to %s", mail.To)
	}
	// The old address is what counts until then.
	k.SignInAs(oldAddress, "")
	_, err = k.SignIn(bg, newAddress, bridgetest.Phrase, "", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O9")
	_, err = k.IssueLink(bg, k.Op, tech.ID, directory.EmailChange, operators.LinkToCaller)
	k.Denied(err, directory.Forbidden, "O10") // shown to no caller, not even an Owner

	text := bridgetest.LinkIn(t, mail)
	info, err := k.Link(bg, text, bridgetest.Home())
	k.OK(err)
	if info.Kind != directory.EmailChange || info.Email != newAddress {
		t.Errorf("the link says %+v", info)
	}
	v, err := k.UseLink(bg, text, operators.LinkAnswer{}, bridgetest.Home())
	k.OK(err)
	if v.Operator.Email != newAddress || v.Operator.NewEmail != "" {
		t.Errorf("operator %+v", v.Operator)
	}
	k.SendMails()
	if got := noticesTo(post, oldAddress); len(got) != 2 || !got[1] {
		t.Errorf("the old address was told %v", got)
	}
	k.SignInAs(newAddress, "")
	k.OK(k.Permit(p, directory.Self, directory.Provider))
	_, err = k.SignIn(bg, oldAddress, bridgetest.Phrase, "", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O9")
	_, err = k.Link(bg, reset, bridgetest.Home()) // in the old mailbox
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.Link(bg, text, bridgetest.Home()) // once
	k.Denied(err, directory.NotFound, "O9")
}

func TestO10PendingAddressChangeEnds(t *testing.T) {
	t.Parallel()
	post := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(post))
	k.NewOperator("owner@msp.example", directory.RoleOwner)
	tech := k.NewOperator(oldAddress, directory.RoleTechnician)
	wish := func() string {
		k.OK(k.move(k.Op, tech.ID, newAddress))
		k.SendMails()
		return bridgetest.LinkIn(t, k.LastMail(post, directory.EmailChangeMail))
	}
	dead := func(text string) {
		t.Helper()
		_, err := k.UseLink(bg, text, operators.LinkAnswer{}, bridgetest.Home())
		k.Denied(err, directory.NotFound, "O9")
	}

	text := wish()
	k.OK(k.move(k.Op, tech.ID, oldAddress)) // taken back
	dead(text)
	if got := k.address(tech.ID); got != [2]string{oldAddress, ""} {
		t.Errorf("taken back: %v", got)
	}
	text = wish()
	k.OK(k.move(k.Op, tech.ID, "other@new.example"))
	dead(text)
	text = wish()
	_, err := k.SuspendOperator(bg, k.Op, tech.ID, "")
	k.OK(err)
	dead(text)
	k.Denied(k.move(k.Op, tech.ID, newAddress), directory.Conflict, "O10")
	_, err = k.RestoreOperator(bg, k.Op, tech.ID)
	k.OK(err)
	if got := k.address(tech.ID); got != [2]string{oldAddress, ""} {
		t.Errorf("after a suspension: %v", got)
	}
	// Other links and other changes leave it.
	text = wish()
	k.OK(k.edit(k.Op, tech.ID, func(o *directory.Operator) { o.FirstName = "Tess" }))
	_, err = k.IssueLink(bg, k.Op, tech.ID, directory.PasswordReset, operators.LinkByMail)
	k.OK(err)
	_, err = k.Link(bg, text, bridgetest.Home())
	k.OK(err)
	// Another operator takes the address first.
	k.NewOperator(newAddress, directory.RoleReadOnly)
	_, err = k.UseLink(bg, text, operators.LinkAnswer{}, bridgetest.Home())
	k.Denied(err, directory.Conflict, "")
	k.Denied(k.move(k.Op, tech.ID, newAddress), directory.Conflict, "")
	k.Denied(k.move(k.Op, tech.ID, "a@b.example\r\nBcc: c@d.example"), directory.Invalid, "")
	k.OK(k.move(k.Op, tech.ID, strings.ToUpper(oldAddress))) // the same mailbox
	if got := k.address(tech.ID); got != [2]string{strings.ToUpper(oldAddress), ""} {
		t.Errorf("another spelling: %v", got)
	}
}

// A change of address that was requested for a Technician must not take effect after the operator became an Owner.
func TestO10PendingAddressEndsWithMoreRights(t *testing.T) {
	t.Parallel()
	post := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(post))
	p := k.staff()
	tech := k.NewOperator(oldAddress, directory.RoleTechnician, "acme")
	k.OK(k.move(p, tech.ID, newAddress))
	k.SendMails()
	text := bridgetest.LinkIn(t, k.LastMail(post, directory.EmailChangeMail))
	k.OK(k.edit(k.Op, tech.ID, func(o *directory.Operator) { o.Role = directory.RoleOwner }))
	_, err := k.UseLink(bg, text, operators.LinkAnswer{}, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.IssueLink(bg, p, tech.ID, directory.EmailChange, operators.LinkByMail)
	k.Denied(err, directory.Forbidden, "O10")
}

// An operator who has not registered is confirmed by the invitation.
func TestO10InvitationConfirmsTheAddress(t *testing.T) {
	t.Parallel()
	post := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(post))
	v, _, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "T", LastName: "E", Email: oldAddress, Role: directory.RoleTechnician})
	k.OK(err)
	k.SendMails()
	first := bridgetest.LinkIn(t, k.LastMail(post, directory.InvitationMail))
	k.OK(k.move(k.Op, v.Operator.ID, newAddress))
	k.SendMails()
	if got := k.address(v.Operator.ID); got != [2]string{newAddress, ""} {
		t.Errorf("address %v", got)
	}
	if got := noticesTo(post, oldAddress); len(got) != 1 || !got[0] {
		t.Errorf("the old address was told %v", got)
	}
	_, err = k.Link(bg, first, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	m := k.LastMail(post, directory.InvitationMail)
	if m.To != newAddress {
		t.Errorf("the invitation went to %s", m.To)
	}
	_, err = k.UseLink(bg, bridgetest.LinkIn(t, m), operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
	k.SignInAs(newAddress, "")
}

// If no mail is sent, the link is shown. It proves nothing about the mailbox, so an operator who has seen it cannot confirm the address for
// another operator.
func TestO10ShownLinkConfirmsOnlyTheOwnAddress(t *testing.T) {
	t.Parallel()
	k := start(t)
	p := k.staff()
	tech := k.NewOperator(oldAddress, directory.RoleTechnician, "acme")
	k.OK(k.move(p, tech.ID, newAddress))
	link, err := k.IssueLink(bg, p, tech.ID, directory.EmailChange, operators.LinkByMail)
	k.OK(err)
	admin, _ := directory.ParseID(p.Actor.ID)
	for name, by := range map[string]directory.ID{"nobody": {}, "the one who saw it": admin} {
		_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{SignedIn: by}, bridgetest.Home())
		k.Denied(err, directory.Forbidden, "O10")
		if got := k.address(tech.ID); got != [2]string{oldAddress, newAddress} {
			t.Errorf("%s confirmed it: %v", name, got)
		}
	}
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{SignedIn: tech.ID}, bridgetest.Home())
	k.OK(err)
	if got := k.address(tech.ID); got != [2]string{newAddress, ""} {
		t.Errorf("after the confirmation: %v", got)
	}
	lines, _, err := k.AuditLines(bg, k.Op, directory.Provider, 0, 1000)
	k.OK(err)
	if last := lines[len(lines)-1]; last.Action != "operator.email_change" || last.Actor.ID != tech.ID.String() || !strings.Contains(last.Reason, "shown to "+p.Actor.Name) {
		t.Errorf("%+v", last)
	}
}

// Without a mail server, the local operator confirms a new address with a shown link.
func TestO10ShownLinkConfirmsANewAddress(t *testing.T) {
	t.Parallel()
	k := start(t)
	tech := k.NewOperator(oldAddress, directory.RoleTechnician)
	k.OK(k.move(k.Op, tech.ID, newAddress))
	if got := k.address(tech.ID); got != [2]string{oldAddress, newAddress} {
		t.Errorf("before the confirmation: %v", got)
	}
	link, err := k.IssueLink(bg, k.Op, tech.ID, directory.EmailChange, operators.LinkByMail)
	k.OK(err)
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{}, bridgetest.Home())
	k.OK(err)
	if got := k.address(tech.ID); got != [2]string{newAddress, ""} {
		t.Errorf("after the confirmation: %v", got)
	}
}
