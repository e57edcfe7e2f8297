package bridge_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// TestRepeatsAreDoneOnce: what a key names is done once, in whatever order the requests come, and a tenant remembers a
// thousand of them for a day.
func TestRepeatsAreDoneOnce(t *testing.T) {
	k := start(t)
	acme := k.NewTenant("acme", 0)
	ask := func(request, key, body string) error {
		p := k.Op
		p.Request, p.Idempotency = request, directory.Idempotency{Key: key, Body: body}
		_, err := k.EnterTenant(bg, p, acme, "why", time.Hour)
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
	k.OK(ask("r1", "k", "b")) // a second transaction of the same request is no repeat of it

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
