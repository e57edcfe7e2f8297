package app

import (
	"context"
)

// post is the work of the mail job: it writes notices and takes what is due to the mail server. That the server is away is no
// failure of the job, since every mail is tried again by itself; it is logged when it begins and when it ends.
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
