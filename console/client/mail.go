package client

import (
	"context"
	"net/http"
	"time"
)

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

// MailTest asks for a mail that says that mail works.
type MailTest struct {
	To string `json:"to" minLength:"3" maxLength:"254" example:"ops@example.com"`
}

// Mails lists the mails that wait, parked ones at the end.
func (c *Client) Mails(ctx context.Context) (Page[Mail], error) {
	return whole[Mail](ctx, c, "/mails", nil)
}

// TestMail puts a mail into the outbox that says that mail works.
func (c *Client) TestMail(ctx context.Context, to string) (Mail, error) {
	return call[Mail](ctx, c, http.MethodPost, "/mails/test", nil, "", MailTest{To: to})
}

// RetryMail makes a mail due now.
func (c *Client) RetryMail(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, "/mails/"+seg(id)+"/retry", nil, "", nil, nil)
}

// DropMail takes a mail out of the outbox without sending it.
func (c *Client) DropMail(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/mails/"+seg(id), nil, "", nil, nil)
}
