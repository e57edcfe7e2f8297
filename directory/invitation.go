package directory

import "time"

// Onboarding says how a new user begins (L1).
type Onboarding string

// The values of Onboarding.
const (
	OnboardDirect Onboarding = "direct" // active at once
	OnboardInvite Onboarding = "invite" // invited by a mail with a link, and confirmed (L2)
)

// InvitationKV is kept from the invitation to the confirmation: user id → UserInvitation (L1, L2).
const InvitationKV KVKind = "invitation"

// UserInvitation is the progress of a user's onboarding, from the invitation to the confirmation (L1, L2). The record stays while the
// user may still return to the onboarding, also during a suspension. It holds no secret: only the hash of each
// link.
type UserInvitation struct {
	ID      ID        `json:"id"` // of this link; a new one is a new ID
	To      string    `json:"to,omitempty"`
	By      Actor     `json:"by"`
	At      time.Time `json:"at"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Hash    Hash      `json:"hash,omitzero"`    // of the link; zero: there is none
	Mail    ID        `json:"mail,omitzero"`    // the mail with it, which may be gone

	Ended time.Time `json:"ended,omitzero"` // the link was revoked, or the user suspended
	Why   string    `json:"why,omitempty"`  // it ended

	Accepted time.Time `json:"accepted,omitzero"`
	Asked    []Ask     `json:"asked,omitempty"` // the person who may confirm with the link

	Sent []time.Time `json:"sent,omitempty"` // when the last mails of this user were due, for the limit
}

// Ask is a link with which one person of the tenant confirms another (L2).
type Ask struct {
	Person ID   `json:"person"` // the user who may confirm
	Hash   Hash `json:"hash"`
	Mail   ID   `json:"mail"`
}

// Live reports whether there is a link that works at the instant now. Nothing is written when a link expires, so a clock that was wrong for
// an hour ends no invitation permanently.
func (i *UserInvitation) Live(now time.Time) bool {
	return i.Hash != Hash{} && i.Ended.IsZero() && i.Accepted.IsZero() && (i.Expires.IsZero() || now.Before(i.Expires))
}

// InvitationStatus is the status of an invitation in a word.
type InvitationStatus string

// The values of InvitationStatus.
const (
	InvitationSent     InvitationStatus = "sent"     // there is a link that works
	InvitationExpired  InvitationStatus = "expired"  // the link has expired
	InvitationEnded    InvitationStatus = "ended"    // it was revoked, or the user is suspended
	InvitationAccepted InvitationStatus = "accepted" // accepted, and waits for a confirmation
)

// StatusAt is the status at the instant now.
func (i *UserInvitation) StatusAt(now time.Time) InvitationStatus {
	switch {
	case !i.Ended.IsZero() || i.Hash == Hash{} && i.Accepted.IsZero():
		return InvitationEnded
	case !i.Accepted.IsZero():
		return InvitationAccepted
	case i.Live(now):
		return InvitationSent
	}
	return InvitationExpired
}

// The kinds of mail of an invitation. Their links are made when the mails are sent, and are not stored before.
const (
	UserInvitationMail   MailKind = "invitation"   // data: tenant, name, user, person, invitation, expires, by
	UserConfirmationMail MailKind = "confirmation" // data: tenant, name, user, person, address, invitation, manager
)
