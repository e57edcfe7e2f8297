package operators

import (
	"context"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	forgotLife  = time.Hour
	forgotPause = 15 * time.Minute // between two links of this kind for one operator, so that no mailbox is flooded
)

// forgotRate is how many requests of all clients together are recorded, in addition to those of operators. It is less than the outbox sends
// in the same time, so that no other mail waits for them.
func forgotRate() limit.Rate { return limit.Every(200*time.Millisecond, 100) }

// ForgotPassword mails a link that sets a new password to the active operator with this address, if there is one who signs in with a
// password (O9). It does not look the address up: it puts the request into the outbox, where the decision is made, so the answer and the
// work are the same for every address. Only under a flood it looks the address up, and drops requests for addresses of no operator after
// the answer; it never drops those of operators. Invalid for a text that is not an address, Throttled, Unsupported where no mail is sent.
func (s *Service) ForgotPassword(ctx context.Context, email string, from credential.Client) error {
	if !s.mail {
		return &directory.Error{Code: directory.Unsupported, Rule: "O9", Message: "no mail is sent here: ask another operator for a link, or make one on the server itself with drawbridge operator link"}
	}
	address := strings.TrimSpace(email)
	if err := policy.CheckEmail("email", address); err != nil {
		return err
	}
	account := directory.Fold(address)
	if err := s.throttle.Admit(ctx, s.instant(), credential.Attempt{For: forgotAttempt, Account: account, Address: from.Address}); err != nil {
		return err
	}
	if s.forgotten.Take(struct{}{}, s.instant()) > 0 {
		exists := false
		err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) (err error) {
			_, exists, err = txn.Optional(r.OperatorByEmail(account))
			return err
		})
		if err != nil || !exists {
			return err
		}
	}
	join := "forgot " + account
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "forgot"}, Request: from.Request, Address: directory.Truncate(from.Address, 64)}
	return s.write(ctx, p, func(t tx) error {
		t.Audit(t.Line(directory.ActionOperatorForgot, directory.Subject{Kind: "operator"})) // the typed text may be anything, even a password
		_, waits, err := txn.Optional(t.Reader.Gathering(join))
		if err != nil || waits {
			return err
		}
		t.Change.Mails = append(t.Change.Mails, directory.Mail{
			ID: t.NewID(), To: address, Kind: directory.ForgotMail, Join: join, Created: t.Now, Due: t.Now,
			Data: directory.Attributes{{Name: "from", Value: directory.Truncate(from.Address, 64)}}.Document(),
		})
		return nil
	})
}

// DecideForgotten decides about a request for a new password: a mail with a link, or nothing.
func (s *Service) DecideForgotten(ctx context.Context, m directory.Mail) error {
	link, err := s.newLink(directory.PasswordReset)
	if err != nil {
		return err
	}
	from, _ := m.Data.Value("from").(string)
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "forgot"}, Address: from}
	return s.write(ctx, p, func(t tx) error {
		t.Change.DropMails = append(t.Change.DropMails, m.ID)
		o, known, err := txn.Optional(t.Reader.OperatorByEmail(directory.Fold(m.To)))
		if err != nil {
			return err
		}
		line := t.Line(directory.PasswordReset.Action(), directory.Subject{Kind: "operator"})
		if line.Rule = "O9"; known {
			line.Subject = operatorSubject(&o)
		}
		why := ""
		switch {
		case !known:
			why = "no operator has the address"
		case o.Status != directory.OperatorActive:
			why = "the operator is " + string(o.Status)
		case o.Password == "":
			why = "the operator signs in elsewhere, and has no password"
		default:
			if why, err = t.recentReset(o.ID); err != nil {
				return err
			}
		}
		if why != "" {
			line.Outcome, line.Reason = directory.WasDenied, why
			t.Audit(line)
			return nil
		}
		t.issueLink(&link, o.ID, min(forgotLife, s.limits.LinkLife))
		t.mailLink(&link, &o, from)
		line.Reason = "forgotten"
		t.Audit(line)
		return nil
	})
}
