package operators

import (
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// checkAddress refuses what is no address, and one that another operator has.
func (t tx) checkAddress(address string, id directory.ID) error {
	if err := policy.CheckEmail("email", address); err != nil {
		return err
	}
	other, taken, err := txn.Optional(t.Reader.OperatorByEmail(address))
	if err == nil && taken && other.ID != id {
		err = &directory.Error{Code: directory.Conflict, Field: "email", Message: "another operator has this e-mail address"}
	}
	return err
}

// chooseAddress gives after the address that is wished for. One that belongs to another mailbox waits in NewEmail until it is confirmed
// (O10), unless the operator has not registered yet: then the invitation confirms it. Invalid, Conflict, also for an operator who is suspended, because
// links end with a suspension.
func (t tx) chooseAddress(before, after, wish *directory.Operator) error {
	wanted := strings.TrimSpace(wish.Email)
	if err := t.checkAddress(wanted, before.ID); err != nil {
		return err
	}
	switch {
	case directory.Fold(wanted) == directory.Fold(before.Email):
		after.Email = wanted
		if wish.NewEmail == "" {
			after.NewEmail = ""
		}
	case !before.Registered():
		after.Email, after.NewEmail = wanted, ""
	case before.Status == directory.OperatorSuspended:
		return &directory.Error{
			Code: directory.Conflict, Field: "email", Rule: "O10",
			Message: "a new address is confirmed by a link, and the operator is suspended, which ends links: restore first, then change the address",
		}
	default:
		after.NewEmail = wanted
	}
	return nil
}

// announceAddress does what a new address asks for: a link that confirms it goes there by mail, where mail is sent, and the old address is
// told. Links that may lie in another mailbox end.
func (s *Service) announceAddress(t tx, before, after *directory.Operator, link *OneTimeLink) error {
	moved := directory.Fold(before.Email) != directory.Fold(after.Email)
	switch {
	case moved: // the operator has not registered yet
		if err := t.dropLinks(before.ID); err != nil {
			return err
		}
		if s.mail {
			link.Link.Kind = directory.Invitation
			s.mailNewLink(t, link, after)
			t.tellAddress(before, after.Email, true)
		}
	case before.NewEmail == after.NewEmail:
	default:
		if err := t.dropLinks(before.ID, directory.EmailChange); err != nil {
			return err
		}
		if after.NewEmail != "" && s.mail {
			link.Link.Kind = directory.EmailChange
			s.mailNewLink(t, link, after)
			t.tellAddress(before, after.NewEmail, false)
		}
	}
	return nil
}

func (s *Service) mailNewLink(t tx, link *OneTimeLink, o *directory.Operator) {
	t.issueLink(link, o.ID, s.linkLife(link.Link.Kind))
	t.mailLink(link, o, "")
	t.Audit(t.Line("link."+string(link.Link.Kind), operatorSubject(o)))
}

// tellAddress tells the present address of an operator of the new one (O10).
func (t tx) tellAddress(o *directory.Operator, address string, done bool) {
	t.Change.Mails = append(t.Change.Mails, directory.Mail{
		ID: t.NewID(), To: o.Email, Kind: directory.EmailNoticeMail, Created: t.Now, Due: t.Now,
		Data: directory.Attributes{
			{Name: "name", Value: o.Name()},
			{Name: "by", Value: t.callerName()},
			{Name: "at", Value: t.Now.Format(time.RFC3339)},
			{Name: "address", Value: address},
			{Name: "done", Value: done},
		}.Document(),
	})
}

// callerName is the caller as people read it.
func (t tx) callerName() string {
	if t.Principal.Actor.Name != "" {
		return t.Principal.Actor.Name
	}
	return t.Principal.Actor.ID
}

// confirmAddress makes the new address of an operator, from which the link was used, the address. Every other link ends: it may lie in the old
// mailbox.
func (s *Service) confirmAddress(t tx, o *directory.Operator, link *directory.Link) error {
	how := "confirmed from the new address"
	if link.Shown != "" {
		how = "confirmed " + shownTo(link)
	}
	before := *o
	if err := t.checkAddress(o.NewEmail, o.ID); err != nil {
		return err
	}
	if err := t.dropLinks(o.ID); err != nil {
		return err
	}
	if s.mail {
		t.tellAddress(&before, o.NewEmail, true)
	}
	o.Email, o.NewEmail = o.NewEmail, ""
	return t.changeOperator(&before, *o, "operator.email_change", how)
}
