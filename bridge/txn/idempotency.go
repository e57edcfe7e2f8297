package txn

import (
	"context"
	"slices"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// maxRequests is how many requests a tenant remembers. Above that the oldest are forgotten before their time.
const maxRequests = 1000

// alreadyDone gives AlreadyDone if the request of p was done before, and Conflict if its key was used for another request.
func alreadyDone(r store.Reader, p directory.Principal, now time.Time) error {
	if p.Idempotency.Key == "" {
		return nil
	}
	before, ok, err := Get[directory.IdempotencyRecord](r, directory.IdempotencyKV, p.Idempotency.Key)
	switch {
	case err != nil || !ok || before.Request == p.Request || now.Sub(before.At) >= directory.IdempotencyLife:
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
		key string
		at  time.Time
	}
	var all []request
	err := Each(t.Reader, directory.IdempotencyKV, "", "", func(key string, d *directory.IdempotencyRecord) bool {
		all = append(all, request{key, d.At})
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b request) int { return a.at.Compare(b.at) })
	for i, one := range all {
		if one.key != key && (t.Now.Sub(one.at) >= directory.IdempotencyLife || len(all)-i >= maxRequests) {
			t.Unset(directory.IdempotencyKV, one.key)
		}
	}
	return t.Set(directory.IdempotencyKV, key, directory.IdempotencyRecord{
		Body: t.Principal.Idempotency.Body, At: t.Now, Request: t.Principal.Request, Subject: t.Change.Audit[0].Subject,
	})
}
