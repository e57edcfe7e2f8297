package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Mails lists the mails that wait, parked ones at the end.
func (c *Client) Mails(ctx context.Context) (wire.Page[wire.Mail], error) {
	return whole[wire.Mail](ctx, c, "/mails", nil)
}

// TestMail puts a mail into the outbox that says that mail works.
func (c *Client) TestMail(ctx context.Context, to string) (wire.Mail, error) {
	return call[wire.Mail](ctx, c, http.MethodPost, "/mails/test", nil, "", wire.MailTest{To: to})
}

// RetryMail makes a mail due now.
func (c *Client) RetryMail(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, "/mails/"+seg(id)+"/retry", nil, "", nil, nil)
}

// DropMail takes a mail out of the outbox without sending it.
func (c *Client) DropMail(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/mails/"+seg(id), nil, "", nil, nil)
}
