package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Mails lists the waiting mails, parked ones at the end.
func (c *Client) Mails(ctx context.Context) (wire.Page[wire.Mail], error) {
	return whole[wire.Mail](ctx, c, "/mails", nil)
}

// TestMail puts a mail into the outbox that says that mail works.
func (c *Client) TestMail(ctx context.Context, to string) (wire.Mail, error) {
	return post[wire.Mail](ctx, c, "/mails/test", wire.MailTest{To: to})
}

// RetryMail makes a mail due now.
func (c *Client) RetryMail(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodPost, path: "/mails/" + segment(id) + "/retry"}, nil)
}

// DropMail removes a mail from the outbox without sending it.
func (c *Client) DropMail(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/mails/" + segment(id)}, nil)
}
