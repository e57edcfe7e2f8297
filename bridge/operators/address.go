package operators

import (
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// checkAddress refuses a text that is not an address, and an address that another operator has.
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

// chooseAddress gives after the wanted address. One that belongs to another mailbox waits in NewEmail until it is confirmed (O10), unless
// the operator has not registered yet: then the invitation confirms it. Invalid, Conflict, also for an operator who is suspended, because
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

// announceAddress sends a link that confirms a new address to it, if mail is sent, and a notice to the old address. Links that may be in
// another mailbox end.
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
			t.mailAddressNotice(before, after.Email, addressChanged)
		}
	case before.NewEmail == after.NewEmail:
	default:
		if err := t.dropLinks(before.ID, directory.EmailChange); err != nil {
			return err
		}
		if after.NewEmail != "" && s.mail {
			link.Link.Kind = directory.EmailChange
			s.mailNewLink(t, link, after)
			t.mailAddressNotice(before, after.NewEmail, addressAsked)
		}
	}
	return nil
}

func (s *Service) mailNewLink(t tx, link *OneTimeLink, o *directory.Operator) {
	t.issueLink(link, o.ID, s.linkLife(link.Link.Kind))
	t.mailLink(link, o, "")
	t.Audit(t.Line(link.Link.Kind.Action(), operatorSubject(o)))
}

// addressStep is the step of a change of an address.
type addressStep int

const (
	addressAsked addressStep = iota // the new address has to confirm it
	addressChanged
)

// mailAddressNotice sends a notice of the new address to the present address of an operator (O10).
func (t tx) mailAddressNotice(o *directory.Operator, address string, step addressStep) {
	t.Change.Mails = append(t.Change.Mails, directory.Mail{
		ID: t.NewID(), To: o.Email, Kind: directory.EmailNoticeMail, Created: t.Now, Due: t.Now,
		Data: directory.Attributes{
			{Name: "name", Value: o.Name()},
			{Name: "by", Value: t.callerName()},
			{Name: "at", Value: t.Now.Format(time.RFC3339)},
			{Name: "address", Value: address},
			{Name: "done", Value: step == addressChanged},
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

// confirmAddress makes the new address of an operator, from which the link was used, the address. Every other link ends, because it may be
// in the old mailbox.
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
		t.mailAddressNotice(&before, o.NewEmail, addressChanged)
	}
	o.Email, o.NewEmail = o.NewEmail, ""
	return t.changeOperator(&before, *o, directory.ActionOperatorEmailChange, how)
}
