package wire

import "time"

// Timeline is the requests of a connection, step by step.
type Timeline struct {
	From    time.Time        `json:"from"`
	To      time.Time        `json:"to"`
	Step    int              `json:"step" doc:"Seconds."`
	Since   time.Time        `json:"since" doc:"From when on the counts are whole. It is later than from where too many exchanges came."`
	Buckets []TimelineBucket `json:"buckets" nullable:"false" doc:"In order, those without a request included. Journals are kept for a time: what was before is counted as nothing."`
	Health  []HealthSpan     `json:"health" nullable:"false" doc:"In order. Each span ends where the next one begins."`
}

// TimelineBucket is one step.
type TimelineBucket struct {
	From      time.Time `json:"from"`
	Requests  int       `json:"requests" doc:"With a credential that was accepted."`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged" doc:"Writes that found everything as it was to be."`
	Read      int       `json:"read"`
	Refused   int       `json:"refused"`
	Failed    int       `json:"failed"`
	Rejected  int       `json:"rejected" doc:"Requests whose credential was unknown, expired or revoked."`
	Throttled int       `json:"throttled" doc:"Requests beyond the rate limit."`
	Missed    int       `json:"missed" doc:"Requests that the journal could not keep."`
	Millis    float64   `json:"p95_milliseconds" doc:"95 of a hundred requests took no longer."`
}

// HealthSpan is a time in which the health of a connection was the same.
type HealthSpan struct {
	From   *time.Time `json:"from,omitempty" doc:"Missing: from the beginning."`
	State  string     `json:"state" enum:"never_connected,healthy,quiet,failing"`
	Reason string     `json:"reason,omitempty"`
}
