package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Operator is a person of the provider (O1–O9). Its secrets never leave package bridge/operators.
type Operator struct {
	ID       ID        `json:"id"`
	Version  uint64    `json:"version"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`

	FirstName string         `json:"first_name"`
	LastName  string         `json:"last_name"`
	Email     string         `json:"email"`               // unique without regard to case
	NewEmail  string         `json:"new_email,omitempty"` // replaces Email once it is confirmed (O10); "": none
	Role      Role           `json:"role"`
	Scope     Scope          `json:"scope"`
	Status    OperatorStatus `json:"status"`

	MFARequired bool `json:"mfa_required"` // of this operator; the installation may require it of all (O6)
	APIAccess   bool `json:"api_access"`   // may have API keys (O5)

	Password    string    `json:"password,omitempty"` // a PHC string; "": none, the link of an invitation sets it
	PasswordSet time.Time `json:"password_set,omitzero"`
	Factor      *Factor   `json:"factor,omitempty"`  // nil: not enrolled
	Subject     string    `json:"subject,omitempty"` // issuer and subject of an OIDC sign-in; "": none yet
	LastSignIn  time.Time `json:"last_sign_in,omitzero"`
	// Known are the networks that the operator signed in from lately, the last one first. A stranger who guesses passwords does not slow
	// down sign-ins from them.
	Known []KnownNetwork `json:"known,omitempty"`

	Subscription *Subscription `json:"subscription,omitempty"` // nil: as it goes with the role
}

// KnownNetwork is a network that an operator signed in from.
type KnownNetwork struct {
	Network string    `json:"network"`
	At      time.Time `json:"at"` // the last time
}

// Registered reports whether the operator has chosen a password or signs in elsewhere.
func (o *Operator) Registered() bool { return o.Password != "" || o.Subject != "" }

// Name is the operator as people read it.
func (o *Operator) Name() string {
	if name := o.FirstName + " " + o.LastName; len(name) > 1 {
		return name
	}
	return o.Email
}

// OperatorStatus is the status of an operator.
type OperatorStatus string

// The values of OperatorStatus.
const (
	OperatorPending   OperatorStatus = "pending" // invited, not yet registered
	OperatorActive    OperatorStatus = "active"
	OperatorSuspended OperatorStatus = "suspended"
)

// Factor is a second factor: a TOTP secret and recovery codes (O6).
type Factor struct {
	Secret    string     `json:"secret"`             // base32
	Confirmed time.Time  `json:"confirmed,omitzero"` // zero: shown, not yet confirmed by a code
	Step      int64      `json:"step,omitempty"`     // the last time step that was accepted, so that no code works twice
	Recovery  [][32]byte `json:"recovery,omitempty"` // hashes of the codes that are left
}

// Enrolled reports whether the operator has a second factor.
func (o *Operator) Enrolled() bool { return o.Factor != nil && !o.Factor.Confirmed.IsZero() }

// Session is a person who is signed in. The secret is in a cookie, and here its SHA-256.
type Session struct {
	ID        ID        `json:"id"`
	Operator  ID        `json:"operator"`
	Hash      [32]byte  `json:"hash"`
	Created   time.Time `json:"created"`
	Proved    time.Time `json:"proved"` // when the person last showed password and code
	Expires   time.Time `json:"expires"`
	External  bool      `json:"external,omitempty"` // an OpenID provider authenticated the person, including a second factor
	Address   string    `json:"address,omitempty"`
	UserAgent string    `json:"user_agent,omitempty"`
}

// APIKey is a credential that an operator made for a program (O5). It may do what the operator may.
type APIKey struct {
	ID       ID        `json:"id"`
	Operator ID        `json:"operator"`
	Hash     [32]byte  `json:"hash"`
	Prefix   string    `json:"prefix"` // the first four characters of the random part
	Label    string    `json:"label,omitempty"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires,omitzero"`
	Revoked  time.Time `json:"revoked,omitzero"`
}

// Live reports whether the key is valid at now.
func (k *APIKey) Live(now time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || now.Before(k.Expires))
}

// Link is a one-time link: single use, expiring, kept as a hash (O9).
type Link struct {
	ID       ID        `json:"id"`
	Kind     LinkKind  `json:"kind"`
	Operator ID        `json:"operator,omitzero"` // zero for FirstOwner
	Hash     [32]byte  `json:"hash"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	By       string    `json:"by,omitempty"`     // the id of the operator who made it; "": it was not made by one
	Mailed   bool      `json:"mailed,omitempty"` // it goes only to the operator's own mailbox
	Shown    string    `json:"shown,omitempty"`  // the name of another operator who made it and got its text; "": no other did
}

// LinkKind says what a link is for.
type LinkKind string

// The kinds of link.
const (
	FirstOwner    LinkKind = "first_owner"    // makes the first operator
	Invitation    LinkKind = "invitation"     // registers a pending operator
	PasswordReset LinkKind = "password_reset" // sets a new password
	FactorReset   LinkKind = "mfa_reset"      // takes the second factor away
	EmailChange   LinkKind = "email_change"   // confirms a new e-mail address, to which it goes
)

// ProviderSettings apply to the whole installation.
type ProviderSettings struct {
	Version    uint64 `json:"version"`
	RequireMFA bool   `json:"require_mfa"`       // of every operator, including future ones (O6)
	Name       string `json:"name,omitempty"`    // of the provider, as people know it
	Support    string `json:"support,omitempty"` // the e-mail address of the provider's support
	Logo       string `json:"logo,omitempty"`    // LogoMark of the logo, which is in a KV because every session reads these settings; "": none
}

// Introduction is how the provider introduces itself to people who are not signed in. The zero value says nothing.
type Introduction struct {
	Name    string
	Support string // an e-mail address
	Logo    []byte // a PNG
}

// LogoKey is the key of LogoKV.
const LogoKey = "png"

// LogoMark tells one logo from another, so that a browser can keep the picture until there is another.
func LogoMark(png []byte) string {
	sum := sha256.Sum256(png)
	return hex.EncodeToString(sum[:8])
}

// Action is the action of a link that is made.
func (k LinkKind) Action() Action {
	switch k {
	case FirstOwner:
		return ActionLinkFirstOwner
	case Invitation:
		return ActionLinkInvitation
	case PasswordReset:
		return ActionLinkPasswordReset
	case FactorReset:
		return ActionLinkMFAReset
	case EmailChange:
		return ActionLinkEmailChange
	}
	return ""
}

// UsedAction is the action of an operator who used a link.
func (k LinkKind) UsedAction() Action {
	switch k {
	case FirstOwner:
		return ActionOperatorFirstOwner
	case Invitation:
		return ActionOperatorInvitation
	case PasswordReset:
		return ActionOperatorPasswordReset
	case FactorReset:
		return ActionOperatorMFAReset
	case EmailChange:
		return ActionOperatorEmailChange
	}
	return ""
}
