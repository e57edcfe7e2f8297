package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	noticeAtOnce  = 500       // events that one transaction tells about
	noticeHistory = time.Hour // of events before the first notice
	noticeLines   = 50        // events that one mail describes; it counts the others
	defaultGather = 15 * time.Minute
	dailyGather   = 24 * time.Hour
	// urgentPause is how long urgent events are collected after an urgent mail, so that ten thousand events become few mails.
	urgentPause = 5 * time.Minute
)

// Notify puts mails about new events into the outbox, for the configured recipients and for subscribed operators. Urgent events go into
// one mail at once; frequent ones are collected (see policy.Notice). Each event is reported once; no SCIM request waits for it. A
// tenant that fails does not stop the others.
func (s *Service) Notify(ctx context.Context) error {
	if s.mailer == nil && len(s.recipients) == 0 {
		return nil
	}
	operators, settings, err := s.operators.Subscribers(ctx)
	if err != nil {
		return err
	}
	ids, err := s.store.Unannounced(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		recipients := slices.Clone(s.recipients)
		for i := range operators {
			if o := &operators[i]; policy.Receives(o, settings, id) {
				recipients = append(recipients, subscriber(o))
			}
		}
		for more := true; more && ctx.Err() == nil; {
			if more, err = s.notify(ctx, id, recipients); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// subscriber is an operator as a recipient, for a tenant that the operator gets mail about.
func subscriber(o *directory.Operator) directory.Recipient {
	sub := policy.SubscriptionOf(o)
	to := directory.Recipient{Address: o.Email, Operator: o.ID, Kinds: sub.Kinds}
	if sub.Daily {
		to.Gather = dailyGather
	}
	return to
}

// notify announces at most noticeAtOnce events of one tenant and says whether there are more.
func (s *Service) notify(ctx context.Context, tenant directory.TenantID, recipients []directory.Recipient) (more bool, err error) {
	fresh := false
	err = s.store.View(ctx, tenant, nil, func(r store.Reader) error {
		after, last, err := noticed(r)
		fresh = last > after
		return err
	})
	if err != nil || !fresh {
		return false, err
	}
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "notices"}, Tenant: tenant}
	to := make([]addressee, len(recipients))
	for i := range recipients {
		to[i] = addressee{&recipients[i], s.recent.lately(gatherKey(&recipients[i], tenant), s.instant())}
	}
	var mailed []string
	err = s.write(ctx, p, func(t tx) error {
		mailed = nil
		after, last, err := noticed(t.Reader)
		if err != nil {
			return err
		}
		events, _, err := t.Reader.Events(after, noticeAtOnce)
		if err != nil || len(events) == 0 {
			return err
		}
		at := events[len(events)-1].Seq
		more = at < last
		t.Change.Noticed = &at
		name := "the installation"
		if tenant != directory.Provider {
			found, err := t.Reader.Tenant()
			if err != nil {
				return err
			}
			name = found.Name
		}
		all, err := t.Reader.Operators() // none in a tenant
		if err != nil {
			return err
		}
		for i := range to {
			atOnce, err := t.noticeTo(to[i], seenEvents(to[i].Recipient, events, all), name)
			if err != nil {
				return err
			}
			if atOnce {
				mailed = append(mailed, gatherKey(to[i].Recipient, tenant))
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	s.recent.note(mailed, s.instant())
	return more, nil
}

// seenEvents gives the events that a recipient may read: a mail must not tell an operator what the record of the installation leaves out
// for them (O10).
func seenEvents(to *directory.Recipient, events []directory.Event, all []directory.Operator) []directory.Event {
	at := slices.IndexFunc(all, func(o directory.Operator) bool { return o.ID == to.Operator })
	if at < 0 {
		return events
	}
	shown := policy.NewVisibility(directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByOperator, ID: all[at].ID.String()},
		Access: directory.Access{Role: all[at].Role, Scope: all[at].Scope},
	}, all)
	if !shown.Limited() {
		return events
	}
	var out []directory.Event
	for i := range events {
		if shown.Event(&events[i]) {
			out = append(out, events[i])
		}
	}
	return out
}

// gatherKey names the mail that collects events of a tenant for a recipient.
func gatherKey(to *directory.Recipient, tenant directory.TenantID) string {
	who := strings.ToLower(to.Address)
	if !to.Operator.IsZero() {
		who = to.Operator.String()
	}
	return who + " " + string(tenant)
}

// recent remembers who got an urgent mail lately. After a restart it is empty, which costs one more mail.
type recent struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (r *recent) lately(who string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.last[who]
	return ok && now.Sub(at) < urgentPause && !now.Before(at)
}

func (r *recent) note(who []string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, at := range r.last {
		if now.Sub(at) >= urgentPause {
			delete(r.last, name)
		}
	}
	for _, name := range who {
		if r.last == nil {
			r.last = map[string]time.Time{}
		}
		r.last[name] = now
	}
}

// noticed gives the number of the event after which notices continue, and of the last existing one. Before the first notice
// ever, it skips all but the last few hundred events.
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

// addressee is a recipient of notices now.
type addressee struct {
	*directory.Recipient
	paced bool // got a mail just now, so the next one waits and collects later events
}

// noticeTo puts the events for one recipient into at most two mails. atOnce: one of them is due now.
func (t tx) noticeTo(to addressee, events []directory.Event, name string) (atOnce bool, err error) {
	var urgent, waits []directory.Attributes
	_, known, err := t.Reader.Noticed()
	if err != nil {
		return false, err
	}
	for i := range events {
		e := &events[i]
		if age := t.Now.Sub(e.Time); age > mailRetryTime || !known && age > noticeHistory {
			continue
		}
		switch wanted, canWait := policy.Notice(to.Recipient, e); {
		case wanted && canWait:
			waits = append(waits, noticeLine(e))
		case wanted:
			urgent = append(urgent, noticeLine(e))
		}
	}
	join := gatherKey(to.Recipient, t.Principal.Tenant)
	switch {
	case len(urgent) == 0:
	case to.paced:
		if err := t.gather(to.Recipient, name, urgent, join+" !", urgentPause); err != nil {
			return false, err
		}
	default:
		atOnce = true
		t.Change.Mails = append(t.Change.Mails, t.notice(to.Recipient, name, urgent, t.Now, ""))
	}
	if len(waits) == 0 {
		return atOnce, nil
	}
	gather := to.Gather
	if gather <= 0 {
		gather = defaultGather
	}
	return atOnce, t.gather(to.Recipient, name, waits, join, gather)
}

// gather adds lines to the mail that collects them, or begins one.
func (t tx) gather(to *directory.Recipient, name string, lines []directory.Attributes, join string, during time.Duration) error {
	open, there, err := txn.Optional(t.Reader.Gathering(join))
	if err != nil {
		return err
	}
	switch {
	case there && open.Attempts == 0 && open.Parked.IsZero() && t.Now.Before(open.Due):
		open.Data = joinNotices(open.Data, lines)
		t.Change.Mails = append(t.Change.Mails, open)
		return nil
	case there: // it is being sent: leave it alone, and begin another one
		open.Join = ""
		t.Change.Mails = append(t.Change.Mails, open)
	}
	t.Change.Mails = append(t.Change.Mails, t.notice(to, name, lines, t.Now.Add(during), join))
	return nil
}

func (t tx) notice(to *directory.Recipient, name string, lines []directory.Attributes, due time.Time, join string) directory.Mail {
	head := directory.Attributes{{Name: "tenant", Value: string(t.Principal.Tenant)}, {Name: "name", Value: name}, {Name: "notices", Value: []any{}}, {Name: "more", Value: txn.Number(0)}}
	if !to.Operator.IsZero() {
		head = append(head, directory.Attribute{Name: "subscribed", Value: true})
	}
	return directory.Mail{
		ID: t.NewID(), Operator: to.Operator, Tenant: t.Principal.Tenant, To: to.Address, Kind: directory.NoticeMail, Data: joinNotices(head.Document(), lines), Join: join, Created: t.Now, Due: due,
	}
}

// joinNotices adds lines to the data of a notice while there is room, and counts the others.
func joinNotices(data directory.Document, lines []directory.Attributes) directory.Document {
	a, err := data.Attributes()
	if err != nil { // damaged data would be a mail that no recipient can read
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
	a.Set("more", txn.Number(count))
	return a.Document()
}

// noticeLine is an event as a mail tells it.
func noticeLine(e *directory.Event) directory.Attributes {
	by := e.Actor.Name
	if by == "" {
		by = e.Actor.ID
	}
	return directory.Attributes{
		{Name: "at", Value: e.Time.UTC().Format(time.RFC3339)},
		{Name: "kind", Value: string(e.Kind)},
		{Name: "text", Value: policy.NoticeText(e)},
		{Name: "by", Value: string(e.Actor.Kind) + " " + by},
		{Name: "seq", Value: txn.Number(int(e.Seq))},
	}
}
