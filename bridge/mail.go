package bridge

import (
	"context"
	"errors"
	"strings"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Mailer takes one mail to the server of its recipient. Its error is Unavailable where another attempt may succeed; every other
// one will not go away by itself.
type Mailer interface {
	Send(ctx context.Context, m directory.Mail) error
}

const (
	mailsAtOnce  = 50
	mailPatience = 72 * time.Hour // then a mail is parked
	mailsAway    = 3              // failures one after the other that end a pass: the server is away
)

// mailPause is how long the outbox waits after so many attempts.
func mailPause(attempts int) time.Duration {
	pauses := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	if attempts <= len(pauses) {
		return pauses[max(attempts, 1)-1]
	}
	return 8 * time.Hour
}

// DeliverMails takes the mails that are due to the mail server, one after the other, and says how many it tried. One that fails
// is tried again later and later for three days and parked then, until somebody retries or drops it; one that can never succeed
// is parked at once. A mail may arrive twice if the process ends between the server's yes and the note of it; its Message-Id is the
// same. away is the last failure of the mail server; err is one of the store, or Unsupported where no mail server is configured.
func (s *Service) DeliverMails(ctx context.Context) (tried int, away, err error) {
	if s.mailer == nil {
		return 0, nil, noMailer()
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

func noMailer() error {
	return &directory.Error{Code: directory.Unsupported, Message: "no mail server is configured: set mail.host and mail.from"}
}

// deliver tries one mail and notes what came of it. away: the mail server did not take it, and may another time.
func (s *Service) deliver(ctx context.Context, m directory.Mail) (away, err error) {
	if m.Kind == directory.ForgotMail {
		return nil, s.operators.DecideForgotten(ctx, m)
	}
	out, secret, failure := m, "", error(nil)
	if m.Kind == directory.UserInvitationMail || m.Kind == directory.UserConfirmationMail {
		var wanted bool
		if out, secret, wanted, failure = s.withLink(ctx, m); failure == nil && !wanted {
			s.metrics.mail("dropped")
			return nil, s.store.Delivered(ctx, m)
		}
	}
	if !m.Operator.IsZero() {
		var gone, late bool
		switch out, secret, gone, late, err = s.address(ctx, m); {
		case err != nil:
			return nil, err
		case gone:
			s.metrics.mail("dropped")
			return nil, s.store.Delivered(ctx, m)
		case late:
			failure = &directory.Error{Code: directory.Invalid, Message: "the link had expired before the mail server took the mail: make a new one"}
		}
	}
	if failure == nil {
		failure = s.mailer.Send(ctx, out)
	}
	if failure == nil {
		s.metrics.mail("sent")
		return nil, s.store.Delivered(ctx, m)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // it was told to stop: nothing is known, and nothing is counted
	}
	m.Attempts++
	m.Error = messageOf(failure)
	if secret != "" { // a server may say what it was sent
		m.Error = strings.ReplaceAll(m.Error, secret, "…")
	}
	now := s.instant()
	m.Due = now.Add(mailPause(m.Attempts))
	if directory.CodeOf(failure) == directory.Unavailable {
		away = failure
	}
	if away == nil || m.Due.Sub(m.Created) > mailPatience {
		m.Parked = now
		s.metrics.mail("parked")
		s.log.WarnContext(ctx, "a mail is parked and not tried any more", "mail", m.ID.String(), "kind", m.Kind, "attempts", m.Attempts, "error", failure)
	} else {
		s.metrics.mail("retried")
	}
	return away, s.store.Retry(ctx, m)
}

// address looks whether the operator to whom a mail goes may still read it, and gives it as it is to be sent. gone: it has nobody
// to go to any more.
func (s *Service) address(ctx context.Context, m directory.Mail) (out directory.Mail, secret string, gone, late bool, err error) {
	var o directory.Operator
	var settings directory.ProviderSettings
	err = s.store.View(ctx, directory.Provider, nil, func(r store.Reader) (err error) {
		if settings, err = r.ProviderSettings(); err != nil {
			return err
		}
		o, err = operators.Find(r, m.Operator)
		return err
	})
	switch {
	case txn.IsNotFound(err):
		return m, "", true, false, nil
	case err != nil:
		return m, "", false, false, err
	}
	m.To = o.Email
	if m.Kind == directory.NoticeMail {
		return m, "", !policy.Told(&o, settings, m.Tenant), false, nil
	}
	return s.operators.SealLink(ctx, m)
}

func messageOf(err error) string {
	var known *directory.Error
	if errors.As(err, &known) {
		return directory.Truncate(known.Message, 500)
	}
	return "something went wrong inside; the log has the details"
}

// Mails gives the mails that wait, in the order in which they are due, parked ones at the end; at most 1000.
func (s *Service) Mails(ctx context.Context, p directory.Principal) ([]directory.Mail, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	return s.store.Mails(ctx, time.Time{}, mostEvents)
}

// RetryMail makes a mail due now, parked or not. NotFound.
func (s *Service) RetryMail(ctx context.Context, p directory.Principal, id directory.ID) error {
	return s.onMail(ctx, p, id, "mail.retry", func(t *tenantTx, m directory.Mail) {
		m.Due, m.Created, m.Parked, m.Attempts = t.Now, t.Now, time.Time{}, 0
		t.Change.Mails = append(t.Change.Mails, m)
	})
}

// DropMail takes a mail out of the outbox without sending it. NotFound.
func (s *Service) DropMail(ctx context.Context, p directory.Principal, id directory.ID) error {
	return s.onMail(ctx, p, id, "mail.drop", func(t *tenantTx, m directory.Mail) { t.Change.DropMails = append(t.Change.DropMails, m.ID) })
}

func (s *Service) onMail(ctx context.Context, p directory.Principal, id directory.ID, action string, do func(*tenantTx, directory.Mail)) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		m, err := t.Reader.Mail(id)
		if txn.IsNotFound(err) {
			return txn.NotFound("mail", id)
		}
		if err != nil {
			return err
		}
		do(t, m)
		t.Audit(t.mailLine(action, &m))
		return nil
	})
}

func (t *tenantTx) mailLine(action string, m *directory.Mail) directory.Audit {
	line := t.Line(action, directory.Subject{Kind: "mail", ID: m.ID.String(), Name: m.To})
	line.After = txn.Document(directory.Attributes{{Name: "kind", Value: string(m.Kind)}, {Name: "tenant", Value: string(m.Tenant)}})
	return line
}

// TestMail puts a mail to an address into the outbox that says only that mail works. Invalid, Unsupported.
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
	err = s.write(ctx, p, func(t *tenantTx) error {
		out = directory.Mail{
			ID: t.NewID(), To: to, Kind: directory.TestMail, Created: t.Now, Due: t.Now,
			Data: directory.Attributes{{Name: "by", Value: p.Actor.ID}, {Name: "at", Value: t.Now.Format(time.RFC3339)}}.Document(),
		}
		t.Change.Mails = append(t.Change.Mails, out)
		t.Audit(t.mailLine("mail.test", &out))
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
