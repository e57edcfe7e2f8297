package txn

import (
	"context"
	"errors"
	"slices"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// How many requests a tenant remembers, and how many of one caller. If there are more, the oldest are dropped early, those of the caller
// first.
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

// claimOf is the key that a request claims in the whole installation if it creates a tenant.
func claimOf(p directory.Principal) string { return "request " + p.Idempotency.Key }

// AlreadyDone reports whether the request of p, which creates a tenant, was done before in any tenant.
func (r *Runner) AlreadyDone(ctx context.Context, p directory.Principal) error {
	if p.Idempotency.Key == "" {
		return nil
	}
	claim, err := r.store.Claimed(ctx, claimOf(p))
	if directory.CodeOf(err) == directory.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return r.store.View(ctx, claim.Tenant, nil, func(reader store.Reader) error { return alreadyDone(reader, p, r.Instant()) })
}

// claimed gives the error of a transaction, or the result of another one that claimed the request meanwhile.
func (r *Runner) claimed(ctx context.Context, p directory.Principal, err error) error {
	var e *directory.Error
	if !errors.As(err, &e) || e.Code != directory.Conflict || e.Field != "claim" {
		return err
	}
	if before := r.AlreadyDone(ctx, p); before != nil {
		return before
	}
	return err
}

// recordRequest records the request and its result, and drops the oldest requests.
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
	err := Each(t.Reader, directory.IdempotencyKV, "", "", func(key string, d *directory.IdempotencyRecord) error {
		all = append(all, request{key, d.Caller, d.At})
		if d.Caller == caller {
			mine++
		}
		return nil
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
	if made := t.Change.Tenant; made != nil && made.Version == 1 {
		t.Change.Claims = append(t.Change.Claims, directory.Claim{Key: claimOf(t.Principal), At: t.Now, Until: t.Now.Add(directory.IdempotencyLife)})
	}
	return t.Set(directory.IdempotencyKV, key, directory.IdempotencyRecord{
		Body: t.Principal.Idempotency.Body, At: t.Now, Caller: caller, Request: t.Principal.Request, Subject: t.Change.Audit[0].Subject,
	})
}

// past reports whether a request of the time at is to be dropped. A time in the future is from a clock that was ahead; the request is kept
// as long as others.
func past(at, now time.Time) bool { return now.Sub(at).Abs() >= directory.IdempotencyLife }
