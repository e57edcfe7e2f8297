package wire

import "time"

// Account is the operator who asks.
type Account struct {
	Operator    *Operator  `json:"operator,omitempty" doc:"Missing for the local Owner."`
	AuthMethod  string     `json:"auth_method" enum:"local,session,key" doc:"How the operator was authenticated: the unix socket, a session, or an API key."`
	Role        string     `json:"role"`
	EnrolOnly   bool       `json:"enrol_only" doc:"A second factor is required and missing: until it is enrolled, nothing else is allowed."`
	RecentProof bool       `json:"recent_proof" doc:"Dangerous operations are allowed without another proof."`
	ProvedUntil *time.Time `json:"proved_until,omitempty" doc:"Of a session: when dangerous operations need a proof again."`
	Rights      []string   `json:"rights" nullable:"false"`
	Changes     string     `json:"changes,omitempty" doc:"Of a session: a cursor for list-changes. A page that reads something after this answer hears of everything that changes since."`
	Expires     *time.Time `json:"expires,omitempty" doc:"Of a session: when it ends at the latest."`
	IdleUntil   *time.Time `json:"idle_until,omitempty" doc:"Of a session: when it ends if no request uses it before. Requests with Drawbridge-Background do not use it."`
}

// PasswordChange sets the signed-in operator's password.
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

// RecoveryCodes are shown only once.
type RecoveryCodes struct {
	Codes []string `json:"codes" nullable:"false" doc:"Each can be used once instead of a code. They are stored nowhere."`
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

// APIKeyIssued is a new key, shown only once.
type APIKeyIssued struct {
	Key    APIKey `json:"key"`
	Secret string `json:"secret" doc:"Send it as a Bearer token. It is stored nowhere."`
}
