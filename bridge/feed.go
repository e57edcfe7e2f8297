package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// FeedPage is a part of a tenant's feed.
type FeedPage struct {
	Events []directory.Event
	Next   directory.Cursor // behind the last of Events; where there are none, the place that was asked for
	Oldest uint64           // the number of the oldest event that is kept; Last+1 if none is
	Last   uint64           // the number of the last event that there ever was
}

// FeedEnd is the cursor of an application that wants only what happens from now on.
const FeedEnd = "end"

// Feed gives at most limit events of an application's tenant behind a cursor, in order and without a gap (E2). The cursor "" stands before
// the oldest event that is kept, FeedEnd behind the last. Errors with Field cursor: Invalid for what is no cursor and for one
// of another tenant, Expired for one whose next event is not kept any more, that is ahead of the feed, or that belongs to another life of the
// store; after Expired the application must read everything anew.
func (s *Service) Feed(ctx context.Context, app Application, cursor string, limit int) (FeedPage, error) {
	at, err := parseFeedCursor(app.Tenant, cursor)
	if err != nil {
		return FeedPage{}, err
	}
	limit = bounded(limit)
	var out FeedPage
	err = s.store.View(ctx, app.Tenant, func(r store.Reader) error {
		if err := exists(r, app.Tenant); err != nil {
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
		// The event that the cursor names comes along, as long as it is kept, to be compared with the mark.
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

// admit refuses cursors from which the feed could not go on without a gap.
func (f *FeedPage) admit(at directory.Cursor) error {
	switch {
	case at.Seq > f.Last:
		return expired(fmt.Sprintf("this cursor names event %d, and the feed ends with event %d; was a backup restored?", at.Seq, f.Last))
	case at.Seq+1 < f.Oldest:
		return expired(fmt.Sprintf("event %d is not kept any more; the oldest event is %d", at.Seq+1, f.Oldest))
	}
	return nil
}

func expired(message string) error {
	return &directory.Error{Code: directory.Expired, Rule: "E2", Field: "cursor", Message: message + ". Read all people anew, and go on from the cursor \"" + FeedEnd + "\" that was taken before"}
}

// WaitFeed waits like WaitEvents for an event behind a cursor that Feed gave.
func (s *Service) WaitFeed(ctx context.Context, app Application, at directory.Cursor) error {
	return s.WaitEvents(ctx, app.Tenant, at.Seq)
}

const (
	trimAtOnce = 5000           // events that one commit removes
	trimSlack  = 24 * time.Hour // events stay so much longer, so that there is one audit line a day and not one an hour
)

// TrimEvents removes the events of a tenant that are older than its event_days (E2), a day late at most, and says how many. Whatever
// is removed leaves an audit line.
func (s *Service) TrimEvents(ctx context.Context, tenant directory.TenantID) (int, error) {
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "retention"}, Tenant: tenant}
	now := s.instant()
	days := s.defaults.EventDays
	if tenant != directory.Provider {
		t, err := s.Tenant(ctx, tenant)
		if err != nil {
			return 0, err
		}
		plan, _ := policy.FindPlan(s.plans, t.Plan) // a plan that is gone changes nothing about how long events are kept
		days = policy.Resolve(s.defaults, plan, t.Overrides).EventDays
	}
	keep := now.AddDate(0, 0, -max(days, leastEventDays))
	if _, due, err := s.oldEvents(ctx, tenant, keep.Add(-trimSlack), 1); err != nil || due == 0 {
		return 0, err
	}
	total := 0
	for {
		through, old, err := s.oldEvents(ctx, tenant, keep, trimAtOnce)
		if err != nil || old == 0 {
			return total, err
		}
		err = s.write(ctx, p, func(t *turn) error {
			line := t.line("events.trim", directory.Subject{Kind: "tenant", ID: string(tenant)})
			line.Rule, line.Reason = "E2", fmt.Sprintf("events are kept for %d days", max(days, leastEventDays))
			line.After = directory.Attributes{{Name: "through", Value: number(int(through))}, {Name: "removed", Value: number(old)}}.Document()
			t.audit(line)
			t.change.TrimEvents = through
			return nil
		})
		if err != nil {
			return total, err
		}
		total += old
		if old < trimAtOnce {
			return total, nil
		}
	}
}

// leastEventDays is what E2 promises.
const leastEventDays = 30

// oldEvents counts the events, from the oldest on, that are older than before, up to limit, and gives the number of the last
// of them. A clock that went back ends the count early: then more is kept.
func (s *Service) oldEvents(ctx context.Context, tenant directory.TenantID, before time.Time, limit int) (through uint64, n int, err error) {
	err = s.store.View(ctx, tenant, func(r store.Reader) error {
		events, _, err := r.Events(0, limit)
		for i := range events {
			if !events[i].Time.Before(before) {
				break
			}
			through, n = events[i].Seq, n+1
		}
		return err
	})
	return through, n, err
}

// TrimAllEvents is TrimEvents for every tenant and the installation. One that fails does not stop the others.
func (s *Service) TrimAllEvents(ctx context.Context) error {
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return err
	}
	_, first := s.TrimEvents(ctx, directory.Provider)
	for i := range tenants {
		if _, err := s.TrimEvents(ctx, tenants[i].ID); err != nil && first == nil && !isNotFound(err) {
			first = err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return first
}
