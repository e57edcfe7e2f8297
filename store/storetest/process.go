package storetest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// processTests are for what several processes on one store need: waiting, leases and shared secrets.
func processTests() []contractTest {
	return []contractTest{
		{"an unknown change number is answered at once", func(f *fixture) {
			got, err := f.store.Changed(f.ctx, map[directory.TenantID]uint64{acme: 0, beta: 0})
			f.ok(err)
			f.same("tenants", len(got), 2)
			f.same("known", got[acme] > 0 && got[beta] > 0, true)
		}},
		{"a write wakes those who wait for its tenant, and no others", func(f *fixture) {
			seen, err := f.store.Changed(f.ctx, map[directory.TenantID]uint64{acme: 0, beta: 0})
			f.ok(err)
			type result struct {
				moved map[directory.TenantID]uint64
				err   error
			}
			first := make(chan result, 1)
			go func() {
				moved, err := f.store.Changed(f.ctx, map[directory.TenantID]uint64{acme: seen[acme], beta: seen[beta]})
				first <- result{moved, err}
			}()
			f.change(acme, directory.Change{Users: []directory.User{f.user("anna")}})
			r := <-first
			f.ok(r.err)
			f.same("tenants", len(r.moved), 1)
			f.same("moved", r.moved[acme] != seen[acme], true)
			ctx, cancel := context.WithTimeout(f.ctx, 50*time.Millisecond)
			defer cancel()
			_, err = f.store.Changed(ctx, map[directory.TenantID]uint64{beta: seen[beta], acme: r.moved[acme]})
			f.same("end of the context", errors.Is(err, context.DeadlineExceeded), true)
		}},
		{"a write between reading the number and waiting is not missed", func(f *fixture) {
			seen, err := f.store.Changed(f.ctx, map[directory.TenantID]uint64{acme: 0})
			f.ok(err)
			f.change(acme, directory.Change{Users: []directory.User{f.user("anna")}})
			moved, err := f.store.Changed(f.ctx, seen)
			f.ok(err)
			f.same("moved", moved[acme] != seen[acme], true)
		}},
		{"the change number has changed when Update returns", func(f *fixture) {
			for range 20 {
				before, err := f.store.Changed(f.ctx, map[directory.TenantID]uint64{acme: 0})
				f.ok(err)
				f.change(acme, directory.Change{})
				after, err := f.store.Changed(f.ctx, map[directory.TenantID]uint64{acme: 0})
				f.ok(err)
				f.same("moved", after[acme] != before[acme], true)
			}
		}},
		{"of many holders exactly one gets a lease", func(f *fixture) {
			held := make(chan string, 50)
			together(50, func(i int) {
				me := string(rune('A' + i))
				lease, err := f.store.Acquire(f.ctx, "job", me, time.Hour)
				if err != nil {
					f.Errorf("Acquire: %v", err)
				}
				if lease.Holder == me {
					held <- me
				}
			})
			close(held)
			f.same("holders", len(held), 1)
		}},
		{"a lease is extended by its holder, released by its holder, and independent of others", func(f *fixture) {
			first, err := f.store.Acquire(f.ctx, "job", "a", time.Hour)
			f.ok(err)
			longer, err := f.store.Acquire(f.ctx, "job", "a", 2*time.Hour)
			f.ok(err)
			f.same("extended", longer.Holder == "a" && longer.Until.After(first.Until), true)
			other, err := f.store.Acquire(f.ctx, "job", "b", time.Hour)
			f.ok(err)
			f.same("other", other.Holder == "a" && other.Until.Equal(longer.Until), true)
			another, err := f.store.Acquire(f.ctx, "mail", "b", time.Hour)
			f.ok(err)
			f.same("another lease", another.Holder, "b")
			f.ok(f.store.Release(f.ctx, "job", "b")) // not the holder
			other, err = f.store.Acquire(f.ctx, "job", "b", time.Hour)
			f.ok(err)
			f.same("still", other.Holder, "a")
			f.ok(f.store.Release(f.ctx, "job", "a"))
			other, err = f.store.Acquire(f.ctx, "job", "b", time.Hour)
			f.ok(err)
			f.same("released", other.Holder, "b")
		}},
		{"a lease that its holder does not extend ends", func(f *fixture) {
			_, err := f.store.Acquire(f.ctx, "job", "a", time.Millisecond)
			f.ok(err)
			for { // Watch bounds it
				lease, err := f.store.Acquire(f.ctx, "job", "b", time.Hour)
				f.ok(err)
				if lease.Holder == "b" {
					break
				}
			}
		}},
		{"of many secrets with one name the first stays", func(f *fixture) {
			var mu sync.Mutex
			var got [][]byte
			together(20, func(i int) {
				secret, err := f.store.Secret(f.ctx, "test-cursor", func() ([]byte, error) { return bytes.Repeat([]byte{byte(i + 1)}, 32), nil })
				if err != nil {
					f.Errorf("Secret: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, secret)
			})
			for i := range got {
				f.same("secrets", got[i], got[0])
			}
			f.same("length", len(got[0]), 32)
			again, err := f.store.Secret(f.ctx, "test-cursor", func() ([]byte, error) { return nil, errors.New("there is one") })
			f.ok(err)
			f.same("again", again, got[0])
			other, err := f.store.Secret(f.ctx, "test-link", func() ([]byte, error) { return []byte{0, 1, 2}, nil })
			f.ok(err)
			f.same("other", other, []byte{0, 1, 2})
		}},
		{"a secret that cannot be made leaves none", func(f *fixture) {
			mine := errors.New("mine")
			_, err := f.store.Secret(f.ctx, "test-cursor", func() ([]byte, error) { return nil, mine })
			f.same("mine", errors.Is(err, mine), true)
			_, err = f.store.Secret(f.ctx, "test-cursor", func() ([]byte, error) { return []byte{1}, nil })
			f.ok(err)
			_, err = f.store.Secret(f.ctx, "../etc", func() ([]byte, error) { return []byte{1}, nil })
			f.code(err, directory.Internal)
		}},
		{"a wrapped store keeps its optional interfaces", func(f *fixture) {
			_, direct := store.As[store.Sweeper](f.store)
			_, ok := store.As[store.Sweeper](wrapped{Store: f.store})
			f.same("Sweeper", ok, direct)
			_, ok = store.As[interface{ None() }](wrapped{Store: f.store})
			f.same("found something that does not exist", ok, false)
		}},
	}
}

// wrapped hides the optional interfaces of a store.
type wrapped struct{ store.Store }

func (w wrapped) Unwrap() store.Store { return w.Store }
