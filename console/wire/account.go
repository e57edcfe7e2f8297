package wire

import "time"

// Account is whoever asks.
type Account struct {
	Operator  *Operator `json:"operator,omitempty" doc:"Missing for the local Owner."`
	Door      string    `json:"door" enum:"local,session,key" doc:"How they came in."`
	Role      string    `json:"role"`
	EnrolOnly bool      `json:"enrol_only" doc:"A second factor is required and missing; nothing else is open until it is there."`
	Fresh     bool      `json:"fresh" doc:"May do what wants a recent proof."`
	Rights    []string  `json:"rights" nullable:"false"`
	Expires   time.Time `json:"expires,omitzero" doc:"Of the session that was just opened."`
}

// PasswordChange sets one's own password.
type PasswordChange struct {
	Present string `json:"present" text:"any" minLength:"1" maxLength:"800"`
	Wanted  string `json:"wanted" text:"any" minLength:"1" maxLength:"800" doc:"At least 12 characters (rule O9)."`
}

// Enrolment is a second factor that waits for its first code.
type Enrolment struct {
	Secret string `json:"secret" doc:"To type in by hand."`
	URI    string `json:"uri"`
	QR     string `json:"qr" doc:"The URI as a picture, a data: URL with a PNG."`
	Text   string `json:"text" doc:"The same for a terminal."`
}

// CodeRequest shows a code of the second factor.
type CodeRequest struct {
	Code string `json:"code" minLength:"1" maxLength:"40"`
}

// RecoveryCodes are shown this once.
type RecoveryCodes struct {
	Codes []string `json:"codes" nullable:"false" doc:"Each opens the account once in the place of a code. They are kept nowhere."`
}

// APIKey is a credential for programs, without its secret.
type APIKey struct {
	ID       string     `json:"id"`
	Label    string     `json:"label,omitempty"`
	Prefix   string     `json:"prefix" doc:"The first four characters of the random part."`
	Status   string     `json:"status" enum:"live,expired,revoked"`
	Created  time.Time  `json:"created"`
	Expires  *time.Time `json:"expires,omitempty"`
	Revoked  *time.Time `json:"revoked,omitempty"`
	LastUsed *time.Time `json:"last_used,omitempty"`
	Address  string     `json:"address,omitempty"`
}

// APIKeyCreate asks for a key.
type APIKeyCreate struct {
	Label   string     `json:"label,omitempty" maxLength:"100"`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
}

// APIKeyIssued is a new key, shown this once.
type APIKeyIssued struct {
	Key    APIKey `json:"key"`
	Secret string `json:"secret" doc:"Send it as a Bearer token. It is kept nowhere."`
}
