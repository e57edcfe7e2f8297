package txn

import (
	"context"
	"slices"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// How many requests a tenant remembers, and how many of one caller. Above that the oldest are forgotten before their time, those of the
// caller first.
const (
	maxRequests       = 1000
	maxCallerRequests = 200
)

// alreadyDone gives AlreadyDone if the request of p was done before, and Conflict if its key was used for another request.
func alreadyDone(r store.Reader, p directory.Principal, now time.Time) error {
	if p.Idempotency.Key == "" {
		return nil
	}
	before, ok, err := Get[directory.IdempotencyRecord](r, directory.IdempotencyKV, p.Idempotency.Key)
	switch {
	case err != nil || !ok || before.Request == p.Request || past(before.At, now):
		return err
	case before.Body != p.Idempotency.Body:
		return &directory.Error{Code: directory.Conflict, Field: "Idempotency-Key", Message: "this Idempotency-Key was used for another request: choose a new one"}
	}
	return &directory.AlreadyDone{Subject: before.Subject, At: before.At}
}

// AlreadyDone looks in all tenants whether the request of p was done before. It is for a request that makes its own tenant.
func (r *Runner) AlreadyDone(ctx context.Context, p directory.Principal) error {
	if p.Idempotency.Key == "" {
		return nil
	}
	tenants, err := r.store.Tenants(ctx)
	for i := 0; err == nil && i < len(tenants); i++ {
		err = r.store.View(ctx, tenants[i].ID, nil, func(reader store.Reader) error { return alreadyDone(reader, p, r.Instant()) })
	}
	return err
}

// recordRequest records that the request was done and what it did, and forgets the oldest requests.
func (t *Tx) recordRequest() error {
	key := t.Principal.Idempotency.Key
	if key == "" || t.Change.Empty() || len(t.Change.Audit) == 0 {
		return nil
	}
	type request struct {
		key, caller string
		at          time.Time
	}
	caller := t.Principal.Actor.ID
	var all []request
	mine := 0
	err := Each(t.Reader, directory.IdempotencyKV, "", "", func(key string, d *directory.IdempotencyRecord) bool {
		all = append(all, request{key, d.Caller, d.At})
		if d.Caller == caller {
			mine++
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b request) int { return a.at.Compare(b.at) })
	kept := len(all)
	for _, one := range all {
		own := one.caller == caller
		if one.key == key || !past(one.at, t.Now) && kept < maxRequests && (!own || mine < maxCallerRequests) {
			continue
		}
		t.Unset(directory.IdempotencyKV, one.key)
		kept--
		if own {
			mine--
		}
	}
	return t.Set(directory.IdempotencyKV, key, directory.IdempotencyRecord{
		Body: t.Principal.Idempotency.Body, At: t.Now, Caller: caller, Request: t.Principal.Request, Subject: t.Change.Audit[0].Subject,
	})
}

// past reports whether a request of at is to be forgotten. One of the future was done when the clock was ahead; it is kept for as long.
func past(at, now time.Time) bool { return now.Sub(at).Abs() >= directory.IdempotencyLife }
