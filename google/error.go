package google

import (
	"fmt"
	"time"
)

// Kind says what an Error is about, and so who can fix it.
type Kind string

// The values of Kind.
const (
	BadKey       Kind = "key"         // the file is not a key, or Google no longer knows the key
	BadSetting   Kind = "setting"     // customer, query, group or endpoint
	Delegation   Kind = "delegation"  // domain-wide delegation, or one of its scopes
	Subject      Kind = "subject"     // the administrator in whose name the directory is read
	APIDisabled  Kind = "api"         // the Admin SDK API is off in the project
	Clock        Kind = "clock"       // this server's clock
	Exhausted    Kind = "quota"       // the quota, after all attempts
	PageExpired  Kind = "page_token"  // a listing cannot be continued
	NotThere     Kind = "missing"     // 404, or 412 for a deleted user
	Malformed    Kind = "malformed"   // the answer is not from the Directory API
	Unreachable  Kind = "unreachable" // the network, or 5xx, after all attempts
	Unexplained  Kind = "refused"     // any other refusal
	Inconsistent Kind = "incomplete"  // the pages contradict each other
)

// Error is a failure of a request to Google. Message is a sentence for an operator, in the words of Google's consoles, without secrets.
type Error struct {
	Kind       Kind
	Message    string
	Status     int    // of the answer; 0: there was none
	Reason     string // as Google calls it
	Field      string // the setting at fault, if one is
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Scopes are the scopes that the delegation must allow. They are read-only.
func Scopes() []string {
	return []string{ScopeUsers, ScopeGroups, ScopeMembers}
}

// The scopes.
const (
	ScopeUsers   = "https://www.googleapis.com/auth/admin.directory.user.readonly"
	ScopeGroups  = "https://www.googleapis.com/auth/admin.directory.group.readonly"
	ScopeMembers = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
)

const (
	delegationPage = "Google Admin console > Security > Access and data control > API controls > Manage Domain Wide Delegation"
	rolesPage      = "Google Admin console > Account > Admin roles"
	customerPage   = "Google Admin console > Account > Account settings > Profile > Customer ID"
	libraryPage    = "Google Cloud console > APIs & Services > Library > Admin SDK API > Enable"
)

// minutes writes how far a clock is off.
func minutes(d time.Duration) string {
	which := "ahead of"
	if d < 0 {
		d, which = -d, "behind"
	}
	return fmt.Sprintf("%s %s", d.Round(time.Second), which)
}
