package wire

import (
	"time"

	"drawbridge/directory"
)

// Preview is what an action would do, decided as the action itself would be decided at this moment (rule E7).
type Preview struct {
	Changes []PreviewChange `json:"changes" nullable:"false" doc:"The lines that the audit trail would get. None: the action would change nothing."`
	Events  []string        `json:"events" nullable:"false" doc:"The kinds of the events that applications would get."`
	Seats   *PreviewSeats   `json:"seats,omitempty" doc:"Missing: the action has nothing to do with seats."`
	Notice  string          `json:"notice,omitempty" doc:"What happens later, such as at the next sync (rule L4)."`
	At      time.Time       `json:"at" doc:"When this was decided. It may be decided differently later."`
}

// PreviewChange is one thing that an action would do.
type PreviewChange struct {
	Action  string             `json:"action" example:"user.suspend"`
	Subject directory.Subject  `json:"subject"`
	Rule    string             `json:"rule,omitempty" doc:"The rule that shaped the decision."`
	Reason  string             `json:"reason,omitempty"`
	Before  directory.Document `json:"before,omitempty"`
	After   directory.Document `json:"after,omitempty"`
}

// PreviewSeats is what an action would do to the occupied seats.
type PreviewSeats struct {
	Before int `json:"before"`
	After  int `json:"after"`
	Limit  int `json:"limit" doc:"0: none."`
}
