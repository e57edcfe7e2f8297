package directory

import "time"

// SupportSession is the time in which an operator works inside a tenant (T5).
type SupportSession struct {
	ID     ID        `json:"id"`
	Tenant TenantID  `json:"tenant"`
	By     Actor     `json:"by"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`         // the limit that was set when it began
	Left   time.Time `json:"left,omitzero"` // zero: not yet
}

// Open reports whether the operator is inside at now. A session that began while the clock was ahead is over.
func (e *SupportSession) Open(now time.Time) bool {
	return e.Left.IsZero() && now.Before(e.Until) && e.Since.Sub(now) <= ClockStep
}

// DeletionRequest asks an Owner to delete a user for good (D3).
type DeletionRequest struct {
	ID       ID            `json:"id"`
	Tenant   TenantID      `json:"tenant"`
	User     ID            `json:"user"`
	UserName string        `json:"user_name"` // as it was when the request was filed
	Reason   string        `json:"reason"`
	By       Actor         `json:"by"`
	Created  time.Time     `json:"created"`
	Expires  time.Time     `json:"expires"`
	Status   RequestStatus `json:"status"`
	Decided  Actor         `json:"decided_by,omitzero"`
	At       time.Time     `json:"decided_at,omitzero"`
	Answer   string        `json:"answer,omitempty"`
}

// RequestStatus is the status of a request. A request that was not decided in time counts as expired, even if the stored status is another
// one.
type RequestStatus string

// The values of RequestStatus.
const (
	RequestPending  RequestStatus = "pending"
	RequestApproved RequestStatus = "approved"
	RequestRejected RequestStatus = "rejected"
	RequestExpired  RequestStatus = "expired"
	RequestObsolete RequestStatus = "obsolete" // the user was deleted permanently in another way
)

// StatusAt is the status at now.
func (q *DeletionRequest) StatusAt(now time.Time) RequestStatus {
	if q.Status == RequestPending && !now.Before(q.Expires) {
		return RequestExpired
	}
	return q.Status
}
