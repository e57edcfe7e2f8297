package bridge

import (
	"context"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TokenExpiry is a credential that expires soon.
type TokenExpiry struct {
	Connection directory.ConnectionID
	Token      directory.TokenID
	Prefix     string
	Expires    time.Time
	Step       int // days before of the notice
}

// AnnounceTokenExpiries announces credentials that expire, 30, 14, 7 and 1 days before (C2), and returns them. With
// RunDry nothing is written. NotFound.
func (s *Service) AnnounceTokenExpiries(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) ([]TokenExpiry, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var due []TokenExpiry
	err = s.read(ctx, p, func(r store.Reader) error {
		due, err = tokensDue(r, s.instant())
		return err
	})
	if err != nil || how.Dry() {
		return due, err
	}
	var sent []TokenExpiry
	for part := range slices.Chunk(due, announced) {
		now, err := s.announceExpiries(ctx, p, part)
		if err != nil {
			return sent, err
		}
		sent = append(sent, now...)
	}
	return sent, nil
}

// announceExpiries announces those of a batch that are still due.
func (s *Service) announceExpiries(ctx context.Context, p directory.Principal, part []TokenExpiry) (sent []TokenExpiry, err error) {
	var of []directory.Connection
	for _, d := range part { // one connection after the other, as they were found
		if len(of) == 0 || of[len(of)-1].ID != d.Connection {
			of = append(of, directory.Connection{ID: d.Connection})
		}
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		due, err := expiries(t.Reader, of, t.Now)
		if err != nil {
			return err
		}
		sent = due[:min(len(due), announced)]
		for _, d := range sent {
			if err := t.Set(directory.TokenKV, string(d.Token), directory.TokenNotice{Expires: d.Expires, Step: d.Step}); err != nil {
				return err
			}
			subject := directory.Subject{Kind: "token", ID: string(d.Token), Name: string(d.Connection)}
			data := directory.Attributes{
				{Name: "connection", Value: string(d.Connection)},
				{Name: "prefix", Value: d.Prefix},
				{Name: "days", Value: txn.Number(d.Step)},
				{Name: "expires", Value: d.Expires.UTC().Format(time.RFC3339)},
			}
			line := t.Line(directory.ActionTokenExpiring, subject)
			line.Rule, line.After = "C2", txn.Document(data)
			t.Audit(line)
			t.Event(directory.ExpiryNotice, subject, data)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sent, nil
}

// tokensDue looks for the notices that are to be given now.
func tokensDue(r store.Reader, now time.Time) ([]TokenExpiry, error) {
	connections, err := r.Connections()
	if err != nil {
		return nil, err
	}
	return expiries(r, connections, now)
}

func expiries(r store.Reader, connections []directory.Connection, now time.Time) ([]TokenExpiry, error) {
	var due []TokenExpiry
	for i := range connections {
		tokens, err := r.Tokens(connections[i].ID)
		if err != nil {
			return nil, err
		}
		for j := range tokens {
			token := &tokens[j]
			if token.Kind == directory.AccessToken || token.Expires.IsZero() || !token.Live(now) {
				continue
			}
			notice, _, err := txn.Get[directory.TokenNotice](r, directory.TokenKV, string(token.ID))
			if err != nil {
				return nil, err
			}
			given := notice.Step
			if !notice.Expires.Equal(token.Expires) {
				given = 0
			}
			if step := policy.TokenNotice(token.Expires, given, now); step > 0 {
				due = append(due, TokenExpiry{Connection: connections[i].ID, Token: token.ID, Prefix: token.Prefix, Expires: token.Expires, Step: step})
			}
		}
	}
	return due, nil
}
