package bridge_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// For every order of requests, a request with a key is done once. A tenant remembers a thousand keys for a day.
func TestRepeatedRequestIsDoneOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	ask := func(request, key, body string) error {
		p := k.Op
		p.Request, p.Idempotency = request, directory.Idempotency{Key: key, Body: body}
		_, err := k.Support().Enter(bg, p, acme, "why", time.Hour)
		return err
	}
	lines := func() (n uint64) {
		k.OK(k.Store.View(bg, acme, nil, func(r store.Reader) (err error) {
			_, n, err = r.Audit(0, 1)
			return err
		}))
		return n
	}
	k.OK(ask("r1", "k", "b"))
	before := lines()
	var repeated *directory.AlreadyDone
	if err := ask("r2", "k", "b"); !errors.As(err, &repeated) || repeated.Subject.ID != string(acme) || directory.CodeOf(err) != directory.Conflict {
		t.Errorf("a repeat: %v", err)
	}
	if e := k.Fails(ask("r3", "k", "other"), directory.Conflict, ""); e.Field != "Idempotency-Key" {
		t.Errorf("another request: %v", e)
	}
	if lines() != before {
		t.Error("a repeat was written down")
	}
	k.OK(ask("r1", "k", "b")) // a second transaction of the same request is not a repeat

	// A thousand younger ones push it out.
	k.OK(k.Store.Update(bg, acme, nil, func(store.Reader) (directory.Change, error) {
		change := directory.Change{Audit: []directory.Audit{{Time: k.Clock.Now().UTC(), Tenant: acme, Actor: k.Op.Actor, Action: "test", Outcome: directory.Done}}}
		for i := range 1000 {
			text := fmt.Sprintf(`{"body":"x","at":%q,"request":"r"}`, k.Clock.Now().UTC().Add(time.Second).Format(time.RFC3339Nano))
			change.KVs = append(change.KVs, directory.KV{Kind: directory.IdempotencyKV, Key: fmt.Sprintf("seed%04d", i), Value: directory.Document(text)})
		}
		return change, nil
	}))
	count := func() (n int) {
		k.OK(k.Store.View(bg, acme, nil, func(r store.Reader) error {
			return r.KVs(directory.IdempotencyKV, "", "", func(directory.KV) error { n++; return nil })
		}))
		return n
	}
	k.OK(ask("r4", "k4", "b"))
	if n := count(); n != 1000 {
		t.Errorf("%d requests are remembered, want 1000", n)
	}
	k.OK(ask("r5", "k", "b")) // forgotten, since it was the oldest

	k.Clock.Advance(directory.IdempotencyLife + time.Second)
	k.OK(ask("r6", "k6", "b"))
	if n := count(); n != 1 {
		t.Errorf("%d requests are remembered a day later, want 1", n)
	}
}

// Many requests of one operator do not make a tenant forget the idempotency keys of another operator.
func TestKeysOfOneCallerDoNotDisplaceOthers(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	ask := func(caller, request, key string) error {
		p := k.Op
		p.Actor.ID, p.Request, p.Idempotency = caller, request, directory.Idempotency{Key: key, Body: "b"}
		_, err := k.Support().Enter(bg, p, acme, "why", time.Hour)
		return err
	}
	k.OK(ask("quiet", "q1", "quiet"))
	for i := range 230 {
		k.Clock.Advance(time.Second)
		k.OK(ask("noisy", fmt.Sprint("n", i), fmt.Sprint("noisy", i)))
	}
	var done *directory.AlreadyDone
	if err := ask("quiet", "q2", "quiet"); !errors.As(err, &done) {
		t.Errorf("the request of the quiet caller is forgotten: %v", err)
	}
	if err := ask("noisy", "again", "noisy229"); !errors.As(err, &done) {
		t.Errorf("the last request of the noisy caller is forgotten: %v", err)
	}
	k.OK(ask("noisy", "first", "noisy0")) // its own oldest is
}
