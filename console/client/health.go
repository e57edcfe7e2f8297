package client

import "time"

// Health is how the sync of a connection is.
type Health struct {
	State   string     `json:"state" enum:"never_connected,healthy,quiet,failing"`
	Since   *time.Time `json:"since,omitempty" doc:"When that was announced."`
	Why     string     `json:"why,omitempty"`
	Failed  *time.Time `json:"last_error_at,omitempty"`
	Error   string     `json:"last_error,omitempty" doc:"The last refusal, in a sentence."`
	Request string     `json:"last_error_request,omitempty" doc:"Its id, as it stands in the log, the audit trail and the journal."`

	Stale    *time.Time `json:"stale_since,omitempty" doc:"Since when the rest is not to be believed, because nobody watches. Missing: it is fresh."`
	StaleWhy string     `json:"stale_why,omitempty"`
}
