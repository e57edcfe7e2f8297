package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/directory"
)

const (
	// mostInvitations is how many mails one user gets within invitationDay, from all callers together.
	mostInvitations = 5
	invitationDay   = 24 * time.Hour
)

// begins is the state of a new user (L1).
func (s State) begins() directory.State {
	if s.Settings.Onboarding == directory.OnboardInvite {
		return directory.Invited
	}
	return directory.Active
}

// returns is the state of a user after a suspension. A suspension does not skip the invitation or the confirmation
// (L1, L2), except that a statement of a connection confirms.
func (s State) returns() directory.State {
	switch {
	case s.Invitation == nil:
		return directory.Active
	case s.Invitation.Accepted.IsZero():
		return directory.Invited
	case s.Actor.Kind == directory.ByIdP:
		return directory.Active
	}
	return directory.AwaitingConfirmation
}

// Accept decides about the acceptance of an invitation (L1). The seat is charged from now on (B6). A user that a connection
// created, or that was invited at an address of a trusted domain, is confirmed at once (L2). An invited user has
// a seat already, so a limit that was reached meanwhile does not prevent the acceptance (B2).
func (s State) Accept(before directory.User) Decision {
	d := Decision{User: before}
	d.because("L1")
	if before.State != directory.Invited {
		d.Refuse = conflict("L1", "state", fmt.Sprintf("only an invited user can accept; this one is %s", before.State))
		return d
	}
	d.User.State, d.User.AcceptedAt = directory.AwaitingConfirmation, s.Now
	d.event(directory.UserAccepted)
	switch {
	case before.Connection != "":
		d.confirm()
		d.Why = fmt.Sprintf("accepted, and confirmed since connection %q manages the user", before.Connection)
	case s.Invitation != nil && s.trusted(s.Invitation.To):
		d.confirm()
		d.Why = "accepted, and confirmed since the domain of the address is one of confirm_domains"
	default:
		d.Why = "accepted, and waits for a confirmation"
	}
	return s.seated(&before, d)
}

// Confirm decides about the confirmation of a user by a person (L2). If the tenant has stopped inviting, it also ends an
// invitation that was not accepted.
func (s State) Confirm(before directory.User) Decision {
	d := Decision{User: before}
	d.because("L2")
	switch {
	case before.State == directory.Active:
	case before.State == directory.AwaitingConfirmation:
		d.confirm()
	case before.State == directory.Invited && s.Settings.Onboarding != directory.OnboardInvite:
		d.User.AcceptedAt = s.Now
		d.confirm()
		d.Why = "confirmed without an acceptance, since the tenant does not invite any more"
	case before.State == directory.Invited:
		d.Refuse = conflict("L2", "state", "the user has not accepted the invitation yet: send it again if it was lost")
	default:
		d.Refuse = conflict("L2", "state", fmt.Sprintf("only a user who has accepted an invitation can be confirmed; this one is %s", before.State))
	}
	return d
}

func (d *Decision) confirm() {
	d.User.State = directory.Active
	d.event(directory.UserConfirmed)
	d.because("L2")
}

// trusted reports whether an address belongs to a domain whose people are confirmed automatically (L2).
func (s State) trusted(address string) bool {
	_, domain, ok := strings.Cut(address, "@")
	return ok && slices.ContainsFunc(s.Settings.ConfirmDomains, func(d string) bool { return strings.EqualFold(d, domain) })
}

// CanConfirm reports whether a member of one of these built-in groups may confirm others (L2).
func CanConfirm(u *directory.User) bool { return u.State == directory.Active }

// Confirmers are the built-in groups whose members may confirm others (L2).
func Confirmers() []directory.BuiltIn {
	return []directory.BuiltIn{directory.ProvisionManagers, directory.Administrators, directory.Owners}
}

// InvitationAddress is the address for the invitation of a user (L1): the primary e-mail address, else the first valid one, else the
// userName. The refusal says that there is none.
func InvitationAddress(u *directory.User) (string, *Refusal) {
	candidates := append(slices.Clone(u.Emails), u.UserName)
	if primary := primaryEmail(u.Document); primary != "" {
		candidates = append([]string{primary}, candidates...)
	}
	for _, address := range candidates {
		if CheckEmail("emails", address) == nil {
			return address, nil
		}
	}
	return "", &Refusal{
		Code: directory.Invalid, Rule: "L1", Field: "emails",
		Message: "this tenant invites people by mail, and the user has no e-mail address: send one in emails, or as userName",
	}
}

func primaryEmail(d directory.Document) string {
	all, _ := d.Value("emails").([]any)
	for _, one := range all {
		a, _ := one.(directory.Attributes)
		if primary, _ := a.Get("primary"); primary == true {
			return a.String("value")
		}
	}
	return ""
}

// InvitationDue says when the next mail to a user may be sent: now, or when the oldest of the last five is a day old. sent are the mails
// that still count.
func InvitationDue(before []time.Time, now time.Time) (due time.Time, sent []time.Time) {
	for _, at := range before {
		if at.Add(invitationDay).After(now) && !at.After(now) { // mails for later have been revoked
			sent = append(sent, at)
		}
	}
	slices.SortFunc(sent, time.Time.Compare)
	if len(sent) < mostInvitations {
		return now, sent
	}
	return sent[len(sent)-mostInvitations].Add(invitationDay), sent
}

// InvitationExpiry is when a link that is sent at the instant due expires (L1). Zero means never.
func (s State) InvitationExpiry(due time.Time) time.Time {
	if s.Settings.InviteTTLDays == 0 {
		return time.Time{}
	}
	return due.AddDate(0, 0, s.Settings.InviteTTLDays)
}

// checkOnboarding finds contradictions in the settings of invitations.
func checkOnboarding(o *directory.Overrides) error {
	switch {
	case o.Onboarding != nil && *o.Onboarding != directory.OnboardDirect && *o.Onboarding != directory.OnboardInvite:
		return wrong("onboarding", "is direct or invite")
	case o.InviteTTLDays != nil && (*o.InviteTTLDays < 0 || *o.InviteTTLDays > 365):
		return wrong("invite_ttl_days", "is a whole number between 1 and 365, or 0 for links that never expire")
	case o.ConfirmDomains == nil:
		return nil
	case len(*o.ConfirmDomains) > 100:
		return wrong("confirm_domains", "has more than 100 values")
	}
	for _, domain := range *o.ConfirmDomains {
		if CheckEmail("confirm_domains", "x@"+domain) != nil || !strings.Contains(domain, ".") {
			return wrong("confirm_domains", fmt.Sprintf("are domains such as example.com, and %q is none", domain))
		}
	}
	return nil
}
