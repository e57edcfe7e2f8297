package googletest

import (
	"time"
)

// Call is one request that the account got.
type Call struct {
	N        int    // 1 for the first since Reset
	Kind     string // "token", "users", "deleted", "user", "groups", "group", "members"
	Key      string // the user or group
	Page     int    // of a listing, 1 for the first
	Status   int    // of the answer; filled in afterwards
	Fault    bool
	PageSize int // maxResults
}

// Fault is what goes wrong with a request.
type Fault struct {
	Status     int
	Reason     string
	Message    string
	RetryAfter time.Duration
	Cut        bool   // the answer ends in the middle
	Empty      bool   // a listing without entries, and without another page
	Body       string // instead of an answer, with status 200
	Duplicate  bool   // the page repeats the last entry of the previous page
	Skip       bool   // the page lacks its first entry
	Expire     bool   // the page token of the request is no longer accepted
}

// Unavailable is the fault of a backend that is down.
func Unavailable() *Fault {
	return &Fault{Status: 503, Reason: "backendError", Message: "The service is currently unavailable."}
}

// QuotaReasons are the reasons of a 403 that means a quota.
func QuotaReasons() []string {
	return []string{"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded"}
}

// Quota is the fault of a quota that is used up.
func Quota(reason string) *Fault {
	return &Fault{Status: 403, Reason: reason, Message: "Request rate higher than configured."}
}

// SetFault sets the faults of requests until it is called with nil.
func (a *Account) SetFault(fault func(Call) *Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = fault
}

// SetQuota limits requests a minute; 0 is no limit.
func (a *Account) SetQuota(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.quota = n
}

// SetScopes says which scopes are delegated.
func (a *Account) SetScopes(scopes ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.scopes = scopes
	a.tokens = map[string]grant{}
}

// SetAdmin says which user is the administrator.
func (a *Account) SetAdmin(email string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.admin = email
	a.tokens = map[string]grant{}
}

// Calls gives the requests since Reset.
func (a *Account) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Call(nil), a.calls...)
}

// Reset forgets the requests.
func (a *Account) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = nil
}
