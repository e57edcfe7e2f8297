package directory

import "time"

// Mail is a message that waits in the outbox. A Change puts it there, in the transaction of its cause, and it stays until a mail server has
// accepted it.
type Mail struct {
	ID      ID       `json:"id"`
	Tenant  TenantID `json:"tenant,omitempty"` // the tenant that it is about; Provider: the installation
	To      string   `json:"to"`
	Kind    MailKind `json:"kind"`
	Data    Document `json:"data"` // for the template of Kind
	Version uint64   `json:"version"`

	// Operator is the recipient, if it is an operator. The mail is sent only if the operator may read what it is about.
	Operator ID `json:"operator,omitzero"`

	// Join, if it is not empty, names the mail that collects notices until it is due. No two waiting mails have the same Join.
	Join string `json:"join,omitempty"`

	Created  time.Time `json:"created"`
	Due      time.Time `json:"due"` // when it is tried next
	Attempts int       `json:"attempts,omitempty"`
	Parked   time.Time `json:"parked,omitzero"` // since when it is no longer tried; zero: it is tried
	Error    string    `json:"error,omitempty"` // of the last attempt, safe to show
}

// OutgoingMail is a mail that is sent now, with the link that was made for it.
type OutgoingMail struct {
	Mail    Mail
	Secret  string // a part of Mail that must not be kept; "": none
	Gone    bool   // it no longer has a reader, or its link has ended: nothing is sent
	Failure error  // why it cannot be sent; nil: it can
}

// MailKind names a template.
type MailKind string

// The kinds of mail.
const (
	NoticeMail MailKind = "notice" // data: tenant, name, notices (at, kind, text), more
	TestMail   MailKind = "test"   // data: by

	// A mail that carries a one-time link has the ID of the Link. Data: name, by, at, from. It never contains the secret, which is made
	// when the mail is sent.
	InvitationMail    MailKind = "operator_invitation"
	PasswordResetMail MailKind = "operator_password_reset"
	FactorResetMail   MailKind = "operator_mfa_reset"
	EmailChangeMail   MailKind = "operator_email_change" // goes to the new address; data: address, and that above
	// EmailNoticeMail announces a new address of an operator to the old one. Data: name, by, at, address, done (whether it has taken effect).
	EmailNoticeMail MailKind = "operator_email_notice"
	// ForgotMail is a request to reset a password, not yet a mail. The address may belong to no operator; that is decided when it is due. Data: from.
	ForgotMail MailKind = "operator_forgot"
)

// Recipient is a person who is notified by mail.
type Recipient struct {
	Address string
	Tenants []TenantID    // nil: all, and the installation itself
	Kinds   []string      // kinds of event, "user.*" for many; nil: those that need action
	Gather  time.Duration // how long notices that can wait are collected into one mail
	// Operator is whom Address belongs to; zero for one that is only configured.
	Operator ID
}

// AlertPattern is the pattern of kinds of event that means all events which raise an alert.
const AlertPattern = "alert"

// Subscription says which mails an operator gets, within the limits of role and scope.
type Subscription struct {
	Kinds   []string   `json:"kinds"`             // kinds of event, user.* for many, alert for those that raise one; none: nothing
	Tenants []TenantID `json:"tenants,omitempty"` // nil: all of the scope, and the installation
	Daily   bool       `json:"daily,omitempty"`   // what can wait comes once a day
}
