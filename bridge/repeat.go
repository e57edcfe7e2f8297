package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// maxRepeats is how many requests a tenant remembers; beyond it the oldest are forgotten before their time.
const maxRepeats = 1000

// Repeated is the error of a request that was done before: nothing was done again. What came of it is Subject. It unwraps to
// a directory.Error, Conflict.
type Repeated struct {
	Subject directory.Subject
	At      time.Time
}

func (e *Repeated) Error() string { return e.Unwrap().Error() }

// Unwrap is what a client is told that cannot be given the first answer again.
func (e *Repeated) Unwrap() error {
	what := e.Subject.Kind
	if e.Subject.Name != "" {
		what += " " + e.Subject.Name
	}
	return &directory.Error{Code: directory.Conflict, Field: "Idempotency-Key", Message: fmt.Sprintf(
		"this was done already, at %s, and not again: see the %s (%s); a secret in the first answer was shown there and is kept nowhere: make a new one if it did not arrive",
		e.At.UTC().Format(time.RFC3339), what, e.Subject.ID)}
}

// done looks whether p's request was done before: Repeated if it was, Conflict if its key was used for another one.
func done(r store.Reader, p directory.Principal, now time.Time) error {
	if p.Repeat.Key == "" {
		return nil
	}
	before, ok, err := recall[directory.RepeatDone](r, directory.RepeatMemo, p.Repeat.Key)
	switch {
	case err != nil || !ok || before.Request == p.Request || now.Sub(before.At) >= directory.RepeatLife:
		return err
	case before.Body != p.Repeat.Body:
		return &directory.Error{Code: directory.Conflict, Field: "Idempotency-Key", Message: "this Idempotency-Key was used for another request: choose a new one"}
	}
	return &Repeated{Subject: before.Subject, At: before.At}
}

// doneAnywhere is done for a request that does not know its tenant before it is done, such as one that makes a tenant.
func (s *Service) doneAnywhere(ctx context.Context, p directory.Principal) error {
	if p.Repeat.Key == "" {
		return nil
	}
	tenants, err := s.store.Tenants(ctx)
	for i := 0; err == nil && i < len(tenants); i++ {
		err = s.store.View(ctx, tenants[i].ID, nil, func(r store.Reader) error { return done(r, p, s.instant()) })
	}
	return err
}

// rememberRepeat writes down that the request of the turn was done, with what it did, and forgets the oldest ones.
func (t *turn) rememberRepeat() error {
	if t.p.Repeat.Key == "" || t.change.Empty() || len(t.change.Audit) == 0 {
		return nil
	}
	type known struct {
		key string
		at  time.Time
	}
	var all []known
	err := recallAll(t.r, directory.RepeatMemo, "", "", func(key string, d *directory.RepeatDone) bool {
		all = append(all, known{key, d.At})
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b known) int { return a.at.Compare(b.at) })
	for i, k := range all {
		if k.key != t.p.Repeat.Key && (t.now.Sub(k.at) >= directory.RepeatLife || len(all)-i >= maxRepeats) {
			t.forget(directory.RepeatMemo, k.key)
		}
	}
	return t.remember(directory.RepeatMemo, t.p.Repeat.Key, directory.RepeatDone{
		Body: t.p.Repeat.Body, At: t.now, Request: t.p.Request, Subject: t.change.Audit[0].Subject,
	})
}
