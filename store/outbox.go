package store

import (
	"context"
	"time"

	"drawbridge/directory"
)

// Outbox keeps mails that a Change queued until they are delivered. Delivered and Retry are compare-and-set on Mail.Version: if the
// mail has another version by then (a notice was added to it), they do nothing and return nil. They are not a Change: the event that
// a mail announces has its own audit line.
//
// Mails does not reserve what it returns. Of several processes only the holder of a lease may send.
type Outbox interface {
	// Mails returns at most limit mails that are due at before, by due time, without parked ones. The zero before returns all,
	// parked ones last.
	Mails(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error)
	// Delivered removes a mail.
	Delivered(ctx context.Context, m directory.Mail) error
	// Retry writes the Due, Attempts, Parked and Error of a mail.
	Retry(ctx context.Context, m directory.Mail) error
}
