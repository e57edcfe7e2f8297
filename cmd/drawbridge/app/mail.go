package app

import (
	"context"
)

// post is the work of the mail job: it writes notices and sends due mails to the mail server. If the mail server is down, the
// job does not fail, because every mail is retried by itself; the outage is logged when it begins and when it ends.
func (a *App) post() func(context.Context) error {
	down := false
	return func(ctx context.Context) error {
		if err := a.notify.Notify(ctx); err != nil {
			return err
		}
		tried, away, err := a.notify.DeliverMails(ctx)
		switch {
		case away != nil && !down:
			a.log.WarnContext(ctx, "mail cannot be sent; it waits in the outbox and is tried again", "error", away)
			down = true
		case away == nil && tried > 0 && down:
			a.log.InfoContext(ctx, "mail can be sent again")
			down = false
		}
		return err
	}
}
