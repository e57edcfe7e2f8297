package directory

import "time"

// Audit is one line of the record: who did what to what, and what came of it (E1). The store numbers it.
type Audit struct {
	Seq        uint64    `json:"seq"`
	Time       time.Time `json:"time"`
	Tenant     TenantID  `json:"tenant"`
	Actor      Actor     `json:"actor"`
	Action     string    `json:"action"` // "user.create", "user.update", "group.members", "token.rotate", …
	Subject    Subject   `json:"subject"`
	Outcome    Outcome   `json:"outcome"`
	Rule       Rule      `json:"rule,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Before     Document  `json:"before,omitempty"` // what changed, as it was; no secrets
	After      Document  `json:"after,omitempty"`  // what changed, as it is
	Deviations []string  `json:"deviations,omitempty"`
	Request    string    `json:"request,omitempty"`
}

// Subject is what an audit line or an event is about.
type Subject struct {
	Kind string `json:"kind"` // "User", "Group", "tenant", "connection", "token", …
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Outcome of an attempt.
type Outcome string

// The outcomes.
const (
	Done      Outcome = "done"
	WasDenied Outcome = "refused"
)
