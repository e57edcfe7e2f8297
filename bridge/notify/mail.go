package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	mailsAtOnce   = 50
	mostMails     = 1000           // mails in one list
	mailRetryTime = 72 * time.Hour // then a mail is parked
	mailAhead     = 48 * time.Hour // a mail that is due later than this was queued while the clock was ahead
	mailsLooked   = 5 * time.Minute
	mailsAway     = 3 // consecutive failures that end a pass: the server cannot be reached
)

// mailPause is how long the outbox waits after that many attempts.
func mailPause(attempts int) time.Duration {
	pauses := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	if attempts <= len(pauses) {
		return pauses[max(attempts, 1)-1]
	}
	return 8 * time.Hour
}

// DeliverMails sends the due mails one after the other and says how many it tried. A mail that fails is retried at growing intervals
// for three days and is then parked until an operator retries or drops it. A mail that can never succeed is parked at once. A mail may
// arrive twice if the process ends after the server accepted it and before that was recorded; its Message-Id is the
// same. away is the last failure to reach the mail server. err is an error of the store, or Unsupported if no mail server is configured.
func (s *Service) DeliverMails(ctx context.Context) (tried int, away, err error) {
	if s.mailer == nil {
		return 0, nil, noMailer()
	}
	if err := s.takeBackMails(ctx); err != nil {
		return 0, nil, err
	}
	due, err := s.store.Mails(ctx, s.instant(), mailsAtOnce)
	if err != nil {
		return 0, nil, err
	}
	for failures := 0; tried < len(due) && failures < mailsAway && ctx.Err() == nil; tried++ {
		failure, err := s.deliver(ctx, due[tried])
		if err != nil {
			return tried, away, err
		}
		if away = failure; away != nil {
			failures++
		} else {
			failures = 0
		}
	}
	return tried, away, ctx.Err()
}

// takeBackMails makes mails due that were queued while the clock was ahead and would otherwise wait until that time. It looks for them
// every few minutes.
func (s *Service) takeBackMails(ctx context.Context) error {
	now := s.instant()
	if limit.Within(s.looked, now, mailsLooked) {
		return nil
	}
	all, err := s.store.Mails(ctx, time.Time{}, mostMails)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Parked.IsZero() && m.Due.Sub(now) > mailAhead {
			m.Due = now
			if err := s.store.Retry(ctx, m); err != nil {
				return err
			}
		}
	}
	s.looked = now
	return nil
}

func noMailer() error {
	return &directory.Error{Code: directory.Unsupported, Message: "no mail server is configured: set mail.host and mail.from"}
}

// deliver tries one mail and records the result. away: the mail server did not accept it now, but may accept it later.
func (s *Service) deliver(ctx context.Context, m directory.Mail) (away, err error) {
	if m.Kind == directory.ForgotMail {
		return nil, s.operators.DecideForgotten(ctx, m)
	}
	out, err := s.outgoing(ctx, m)
	if err != nil {
		return nil, err
	}
	if out.Gone {
		s.metrics.mail("dropped")
		return nil, s.store.Delivered(ctx, m)
	}
	failure := out.Failure
	if failure == nil {
		failure = s.mailer.Send(ctx, out.Mail)
	}
	if failure == nil {
		s.metrics.mail("sent")
		return nil, s.store.Delivered(ctx, m)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // the process stops: the result is unknown, and no attempt is counted
	}
	m.Attempts++
	m.Error = messageOf(failure)
	if out.Secret != "" { // a server may repeat what it was sent
		m.Error = strings.ReplaceAll(m.Error, out.Secret, "…")
	}
	now := s.instant()
	m.Due = now.Add(mailPause(m.Attempts))
	if directory.CodeOf(failure) == directory.Unavailable {
		away = failure
	}
	if away == nil || m.Due.Sub(m.Created) > mailRetryTime {
		m.Parked = now
		s.metrics.mail("parked")
		s.log.WarnContext(ctx, "a mail is parked and not tried any more", "mail", m.ID.String(), "kind", m.Kind, "attempts", m.Attempts, "error", failure)
	} else {
		s.metrics.mail("retried")
	}
	return away, s.store.Retry(ctx, m)
}

// outgoing gives a mail as it goes out now.
func (s *Service) outgoing(ctx context.Context, m directory.Mail) (directory.OutgoingMail, error) {
	out := directory.OutgoingMail{Mail: m}
	if link := s.links[m.Kind]; link != nil {
		made, err := link(ctx, m)
		if err != nil {
			made.Gone, made.Failure = false, err
		}
		return made, nil
	}
	if m.Operator.IsZero() {
		return out, nil
	}
	o, settings, err := s.operators.Subscriber(ctx, m.Operator)
	switch {
	case txn.IsNotFound(err):
		out.Gone = true
		return out, nil
	case err != nil:
		return out, err
	}
	out.Mail.To = o.Email
	if m.Kind == directory.EmailChangeMail {
		out.Mail.To = o.NewEmail
	}
	if m.Kind == directory.NoticeMail {
		out.Gone = !policy.Receives(&o, settings, m.Tenant)
		return out, nil
	}
	return s.operators.SealLink(ctx, out.Mail)
}

func messageOf(err error) string {
	var known *directory.Error
	if errors.As(err, &known) {
		return directory.Truncate(known.Message, 500)
	}
	return "internal error; the log has the details"
}

// Mails gives the waiting mails, in the order in which they are due, parked ones at the end; at most 1000. It leaves out mails to operators
// and about tenants outside the caller's scope (O10), for which RetryMail and DropMail say NotFound.
func (s *Service) Mails(ctx context.Context, p directory.Principal) ([]directory.Mail, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return nil, err
	}
	var shown policy.Visibility
	err = s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		all, err := r.Operators()
		shown = policy.NewVisibility(p, all)
		return err
	})
	if err != nil {
		return nil, err
	}
	mails, err := s.store.Mails(ctx, time.Time{}, mostMails)
	return slices.DeleteFunc(mails, func(m directory.Mail) bool { return !shown.Mail(&m) }), err
}

// RetryMail makes a mail due now, parked or not. NotFound.
func (s *Service) RetryMail(ctx context.Context, p directory.Principal, id directory.ID) error {
	return s.changeMail(ctx, p, id, directory.ActionMailRetry, func(t tx, m directory.Mail) {
		m.Due, m.Created, m.Parked, m.Attempts = t.Now, t.Now, time.Time{}, 0
		t.Change.Mails = append(t.Change.Mails, m)
	})
}

// DropMail takes a mail out of the outbox without sending it. NotFound.
func (s *Service) DropMail(ctx context.Context, p directory.Principal, id directory.ID) error {
	return s.changeMail(ctx, p, id, directory.ActionMailDrop, func(t tx, m directory.Mail) { t.Change.DropMails = append(t.Change.DropMails, m.ID) })
}

func (s *Service) changeMail(ctx context.Context, p directory.Principal, id directory.ID, action directory.Action, do func(tx, directory.Mail)) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t tx) error {
		m, found, err := txn.Optional(t.Reader.Mail(id))
		if err != nil {
			return err
		}
		all, err := t.Reader.Operators()
		if err != nil {
			return err
		}
		if shown := policy.NewVisibility(p, all); !found || !shown.Mail(&m) {
			return txn.NotFound("mail", id)
		}
		do(t, m)
		t.Audit(t.mailLine(action, &m))
		return nil
	})
}

func (t tx) mailLine(action directory.Action, m *directory.Mail) directory.Audit {
	line := t.Line(action, directory.Subject{Kind: "mail", ID: m.ID.String(), Name: m.To})
	line.After = txn.Document(directory.Attributes{{Name: "kind", Value: string(m.Kind)}, {Name: "tenant", Value: string(m.Tenant)}})
	return line
}

// TestMail puts a mail into the outbox that only says that mail works. Invalid, Unsupported.
func (s *Service) TestMail(ctx context.Context, p directory.Principal, to string) (directory.Mail, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return directory.Mail{}, err
	}
	if s.mailer == nil {
		return directory.Mail{}, noMailer()
	}
	if err := policy.CheckEmail("to", to); err != nil {
		return directory.Mail{}, err
	}
	var out directory.Mail
	err = s.write(ctx, p, func(t tx) error {
		out = directory.Mail{
			ID: t.NewID(), To: to, Kind: directory.TestMail, Created: t.Now, Due: t.Now,
			Data: directory.Attributes{{Name: "by", Value: p.Actor.ID}, {Name: "at", Value: t.Now.Format(time.RFC3339)}}.Document(),
		}
		t.Change.Mails = append(t.Change.Mails, out)
		t.Audit(t.mailLine(directory.ActionMailTest, &out))
		return nil
	})
	return out, err
}

// outboxState is what the metrics show of the outbox.
func (s *Service) outboxState(ctx context.Context) (waiting, parked int, oldest time.Time, err error) {
	all, err := s.store.Mails(ctx, time.Time{}, 100_000)
	for i := range all {
		m := &all[i]
		switch {
		case !m.Parked.IsZero():
			parked++
			continue
		case m.Attempts > 0 && (oldest.IsZero() || m.Created.Before(oldest)):
			oldest = m.Created
		}
		waiting++
	}
	return waiting, parked, oldest, err
}
