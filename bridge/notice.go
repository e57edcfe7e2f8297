package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	noticeAtOnce  = 500       // events that one transaction tells about
	noticeHistory = time.Hour // of events before anybody was ever told of one
	noticeLines   = 50        // that one mail spells out; of the others it says how many there are
	defaultGather = 15 * time.Minute
)

// Notify puts mails into the outbox about what happened since the last time, for whoever is configured to be told: what
// somebody should know at once in one mail, what may come by the hundred gathered (see policy.Notice). Each event is told once; nothing of SCIM waits for it. One
// tenant that fails does not stop the others.
func (s *Service) Notify(ctx context.Context) error {
	if len(s.recipients) == 0 {
		return nil
	}
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return err
	}
	ids := []directory.TenantID{directory.Provider}
	for i := range tenants {
		ids = append(ids, tenants[i].ID)
	}
	var errs []error
	for _, id := range ids {
		for more := true; more && ctx.Err() == nil; {
			if more, err = s.notify(ctx, id); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// notify tells about at most noticeAtOnce events of one tenant and says whether there are more.
func (s *Service) notify(ctx context.Context, tenant directory.TenantID) (more bool, err error) {
	fresh := false
	err = s.store.View(ctx, tenant, func(r store.Reader) error {
		after, last, err := noticed(r)
		fresh = last > after
		return err
	})
	if err != nil || !fresh {
		return false, err
	}
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "notices"}, Tenant: tenant}
	err = s.write(ctx, p, func(t *turn) error {
		after, last, err := noticed(t.r)
		if err != nil {
			return err
		}
		events, _, err := t.r.Events(after, noticeAtOnce)
		if err != nil || len(events) == 0 {
			return err
		}
		at := events[len(events)-1].Seq
		more = at < last
		t.change.Noticed = &at
		name := "the installation"
		if tenant != directory.Provider {
			found, err := t.r.Tenant()
			if err != nil {
				return err
			}
			name = found.Name
		}
		for i := range s.recipients {
			if err := t.tell(&s.recipients[i], events, name); err != nil {
				return err
			}
		}
		return nil
	})
	return more && err == nil, err
}

// noticed gives the number of the event behind which notices go on, and of the last one there is. Where nobody was ever told
// of anything, what is older than a few hundred events is passed over.
func noticed(r store.Reader) (after, last uint64, err error) {
	_, last, err = r.Events(0, 0)
	if err != nil {
		return 0, 0, err
	}
	after, known, err := r.Noticed()
	if !known && last > noticeAtOnce {
		after = last - noticeAtOnce
	}
	return after, last, err
}

// tell puts what concerns one recipient into at most two mails.
func (t *turn) tell(to *directory.Recipient, events []directory.Event, name string) error {
	var urgent, waits []directory.Attributes
	_, known, err := t.r.Noticed()
	if err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		if !known && t.now.Sub(e.Time) > noticeHistory {
			continue
		}
		switch wanted, canWait := policy.Notice(to, e); {
		case wanted && canWait:
			waits = append(waits, noticeLine(e))
		case wanted:
			urgent = append(urgent, noticeLine(e))
		}
	}
	if len(urgent) > 0 {
		t.change.Mails = append(t.change.Mails, t.notice(to, name, urgent, t.now, ""))
	}
	if len(waits) == 0 {
		return nil
	}
	join := strings.ToLower(to.Address) + " " + string(t.p.Tenant)
	open, there, err := absent(t.r.Gathering(join))
	if err != nil {
		return err
	}
	switch {
	case there && open.Attempts == 0 && open.Parked.IsZero() && t.now.Before(open.Due):
		open.Data = joinNotices(open.Data, waits)
		t.change.Mails = append(t.change.Mails, open)
		return nil
	case there: // it is on its way: let it go, and begin another
		open.Join = ""
		t.change.Mails = append(t.change.Mails, open)
	}
	gather := to.Gather
	if gather <= 0 {
		gather = defaultGather
	}
	t.change.Mails = append(t.change.Mails, t.notice(to, name, waits, t.now.Add(gather), join))
	return nil
}

func (t *turn) notice(to *directory.Recipient, name string, lines []directory.Attributes, due time.Time, join string) directory.Mail {
	head := directory.Attributes{{Name: "tenant", Value: string(t.p.Tenant)}, {Name: "name", Value: name}, {Name: "notices", Value: []any{}}, {Name: "more", Value: number(0)}}
	return directory.Mail{
		ID: t.newID(), Tenant: t.p.Tenant, To: to.Address, Kind: directory.NoticeMail, Data: joinNotices(head.Document(), lines), Join: join, Created: t.now, Due: due,
	}
}

// joinNotices adds lines to the data of a notice, as far as there is room, and counts the others.
func joinNotices(data directory.Document, lines []directory.Attributes) directory.Document {
	a, err := data.Attributes()
	if err != nil { // damaged data would be a mail that nobody can read
		a = directory.Attributes{}
	}
	held, _ := a.Get("notices")
	list, _ := held.([]any)
	list = slices.Clone(list)
	count := 0
	if more, ok := a.Get("more"); ok {
		count, _ = strconv.Atoi(fmt.Sprint(more)) // ours, and a number
	}
	for _, line := range lines {
		if len(list) < noticeLines {
			list = append(list, line)
		} else {
			count++
		}
	}
	a.Set("notices", list)
	a.Set("more", number(count))
	return a.Document()
}

// noticeLine is an event as a mail tells it.
func noticeLine(e *directory.Event) directory.Attributes {
	who := e.Subject.Name
	if who == "" {
		who = e.Subject.ID
	}
	by := e.Actor.Name
	if by == "" {
		by = e.Actor.ID
	}
	text := strings.TrimSpace(fmt.Sprintf("%s %s", e.Subject.Kind, who))
	if reason, _ := e.Data.Value("reason").(string); reason != "" {
		text += ": " + reason
	}
	return directory.Attributes{
		{Name: "at", Value: e.Time.UTC().Format(time.RFC3339)},
		{Name: "kind", Value: string(e.Kind)},
		{Name: "text", Value: text},
		{Name: "by", Value: string(e.Actor.Kind) + " " + by},
		{Name: "seq", Value: number(int(e.Seq))},
	}
}
