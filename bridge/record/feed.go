package record

import (
	"context"
	"fmt"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// FeedPage is a part of a tenant's feed.
type FeedPage struct {
	Events []directory.Event
	Next   directory.Cursor // after the last of Events; without events, the position that was asked for
	Oldest uint64           // the number of the oldest event that is kept; Last+1 if none is
	Last   uint64           // the number of the last event that there ever was
}

// FeedEnd is the cursor of an application that wants only what happens from now on.
const FeedEnd = "end"

// Feed gives at most limit events of an application's tenant after a cursor, in order and without a gap (E2). The cursor "" is before the
// oldest event that is kept, FeedEnd after the last one. Errors with Field cursor: Invalid for a text that is not a cursor and for a cursor
// of another tenant; Expired for a cursor whose next event is no longer kept, that is ahead of the feed, or that is from before a backup
// was restored. After Expired the application must read everything again.
func (s *Service) Feed(ctx context.Context, app directory.Application, cursor string, limit int) (FeedPage, error) {
	at, err := parseFeedCursor(app.Tenant, cursor)
	if err != nil {
		return FeedPage{}, err
	}
	limit = bounded(limit)
	var out FeedPage
	err = s.store.View(ctx, app.Tenant, nil, func(r store.Reader) error {
		if err := txn.Exists(r, app.Tenant); err != nil {
			return err
		}
		first, last, err := r.Events(0, 1)
		if err != nil {
			return err
		}
		out = FeedPage{Oldest: last + 1, Last: last}
		if len(first) > 0 {
			out.Oldest = first[0].Seq
		}
		switch cursor {
		case "":
			at = directory.Cursor{Tenant: app.Tenant, Seq: out.Oldest - 1}
		case FeedEnd:
			at = directory.Cursor{Tenant: app.Tenant, Seq: last}
		}
		if err := out.admit(at); err != nil {
			return err
		}
		// The event that the cursor names is read too, if it is still kept, to compare it with the mark.
		look := at.Seq
		if look > 0 {
			look--
		}
		events, _, err := r.Events(look, limit+1)
		if err != nil {
			return err
		}
		if len(events) > 0 && events[0].Seq == at.Seq {
			if is := events[0].Cursor(); at.Mark == "" {
				at.Mark = is.Mark
			} else if is.Mark != at.Mark {
				return expired(fmt.Sprintf("this cursor belongs to another history of the feed, as after a restored backup: event %d is another one now", at.Seq))
			}
			events = events[1:]
		}
		out.Next = at
		out.Events = slices.Clone(events[:min(limit, len(events))])
		for i := range out.Events {
			out.Events[i].Data = slices.Clone(out.Events[i].Data)
		}
		if n := len(out.Events); n > 0 {
			out.Next = out.Events[n-1].Cursor()
		}
		return nil
	})
	if err != nil {
		return FeedPage{}, err
	}
	return out, nil
}

func parseFeedCursor(tenant directory.TenantID, text string) (directory.Cursor, error) {
	if text == "" || text == FeedEnd {
		return directory.Cursor{}, nil
	}
	c, err := directory.ParseCursor(text)
	if err == nil && c.Tenant != tenant {
		err = &directory.Error{Code: directory.Invalid, Rule: "E2", Field: "cursor", Message: fmt.Sprintf("this cursor belongs to the feed of another tenant, not to that of %s", tenant)}
	}
	return c, err
}

// admit refuses cursors from which the feed could not continue without a gap.
func (f *FeedPage) admit(at directory.Cursor) error {
	switch {
	case at.Seq > f.Last:
		return expired(fmt.Sprintf("this cursor names event %d, and the feed ends with event %d: perhaps a backup was restored", at.Seq, f.Last))
	case at.Seq+1 < f.Oldest:
		return expired(fmt.Sprintf("event %d is not kept any more; the oldest event is %d", at.Seq+1, f.Oldest))
	}
	return nil
}

func expired(message string) error {
	return &directory.Error{Code: directory.Expired, Rule: "E2", Field: "cursor", Message: message + ". Read all people again, and go on from the cursor \"" + FeedEnd + "\" that was taken before"}
}

// WaitFeed waits like WaitEvents for an event after a cursor that Feed gave.
func (s *Service) WaitFeed(ctx context.Context, app directory.Application, at directory.Cursor) error {
	return s.WaitEvents(ctx, app.Tenant, at.Seq)
}
