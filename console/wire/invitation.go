package wire

import (
	"time"

	"drawbridge/directory"
)

// Invitation is a user who is invited or awaits confirmation, with the state of the link and its mail.
type Invitation struct {
	User       User            `json:"user"`
	Status     string          `json:"status" enum:"sent,expired,ended,accepted" doc:"sent: there is a link that works. ended: it was taken back, or the user was suspended. accepted: a confirmation is waited for."`
	To         string          `json:"to" doc:"The address that was invited."`
	By         directory.Actor `json:"by"`
	At         *time.Time      `json:"at,omitempty"`
	Expires    *time.Time      `json:"expires,omitempty" doc:"Missing: never."`
	AcceptedAt *time.Time      `json:"accepted_at,omitempty"`
	Asked      int             `json:"asked" doc:"How many people were asked by mail to confirm."`
	Mail       string          `json:"mail,omitempty" enum:"waiting,parked,sent" doc:"Where the mail with the link is. parked: the mail server refuses it; drawbridge mail list says why."`
}
