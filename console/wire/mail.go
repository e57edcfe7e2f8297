package wire

import "time"

// Mail is a mail that waits in the outbox.
type Mail struct {
	ID       string     `json:"id"`
	Tenant   string     `json:"tenant,omitempty" doc:"What it is about. Missing: the installation."`
	To       string     `json:"to"`
	Kind     string     `json:"kind" enum:"notice,test"`
	Status   string     `json:"status" enum:"waiting,parked"`
	Created  time.Time  `json:"created"`
	Due      *time.Time `json:"due,omitempty" doc:"When it is tried next."`
	Parked   *time.Time `json:"parked,omitempty" doc:"Since when it is not tried any more."`
	Attempts int        `json:"attempts"`
	Error    string     `json:"error,omitempty" doc:"Of the last attempt."`
}

// MailTest asks for a test mail.
type MailTest struct {
	To string `json:"to" minLength:"3" maxLength:"254" example:"ops@example.com"`
}
