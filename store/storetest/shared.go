package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// OpenShared opens two stores on the same new, empty database, as two processes do. They are closed by the test that uses them.
type OpenShared func(t *testing.T) (a, b store.Store)

// RunShared runs the tests for stores that several processes may use at once.
func RunShared(t *testing.T, open OpenShared) {
	for _, test := range sharedTests() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			Watch(t, 3*time.Minute)
			a, b := open(t)
			t.Cleanup(func() {
				for _, s := range []store.Store{a, b} {
					if err := s.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				}
			})
			test.run(newFixture(t, contract(t, a)), &fixture{T: t, ctx: t.Context(), store: contract(t, b)})
		})
	}
}

type sharedTest struct {
	name string
	run  func(a, b *fixture)
}

func sharedTests() []sharedTest {
	return []sharedTest{
		{"what one process wrote, the other one reads at once", func(a, b *fixture) {
			for n := range 50 {
				writer, reader := a, b
				if n%2 == 1 {
					writer, reader = b, a
				}
				u := makeUser(numbered(uint64(n+1)), fmt.Sprint("u", n))
				writer.change(acme, directory.Change{Users: []directory.User{u}})
				reader.view(acme, func(r store.Reader) {
					_, err := r.User(u.ID)
					reader.ok(err)
					usage, err := r.Usage()
					reader.ok(err)
					reader.same("users", usage.Visible(), n+1)
				})
			}
		}},
		{"a credential that one process revokes is revoked for the other one at once", func(a, b *fixture) {
			hash := [32]byte{7}
			connection := directory.Connection{ID: "okta", Tenant: acme, Version: 1}
			token := directory.Token{ID: "t", Tenant: acme, Connection: "okta", Hash: hash}
			a.change(acme, directory.Change{Connections: []directory.Connection{connection}, Tokens: []directory.Token{token}})
			for n := range 20 {
				got, _, _, err := b.store.Credential(b.ctx, hash, "okta") // it may be cached from here on
				b.ok(err)
				b.same("revoked before", got.Revoked.IsZero(), true)
				token.Revoked = moment(n)
				a.change(acme, directory.Change{Tokens: []directory.Token{token}})
				got, _, _, err = b.store.Credential(b.ctx, hash, "okta")
				b.ok(err)
				b.same("revoked after", got.Revoked.IsZero(), false)
				token.Revoked = time.Time{}
				a.change(acme, directory.Change{Tokens: []directory.Token{token}})
			}
		}},
		{"updates of both processes are numbered and chained without a gap", func(a, b *fixture) {
			together(40, func(i int) {
				f := a
				if i%2 == 1 {
					f = b
				}
				for n := range 5 {
					u := makeUser(numbered(uint64(1000*i+n+1)), fmt.Sprint("u", i, "-", n))
					if err := f.try(acme, directory.Change{Users: []directory.User{u}, Events: []directory.Event{{Kind: directory.UserCreated}}}); err != nil {
						f.Errorf("Update: %v", err)
					}
				}
			})
			a.view(acme, func(r store.Reader) {
				events, last, err := r.Events(0, 1000)
				a.ok(err)
				a.same("events", last, uint64(200))
				for i := range events {
					a.same("numbers", events[i].Seq, uint64(i+1))
				}
				lines, _, err := r.Audit(0, 1000)
				a.ok(err)
				chain := directory.Chain{}
				for i := range lines {
					if wrong := chain.Follow(&lines[i]); wrong != "" {
						a.Fatal(wrong)
					}
				}
				a.same("lines", len(lines), 201)
			})
		}},
		{"of two processes that race for a unique value one wins", func(a, b *fixture) {
			for n := range 20 {
				var won atomic.Int32
				together(2, func(i int) {
					f, tenant := a, acme
					if i == 1 {
						f, tenant = b, beta
					}
					err := f.try(tenant, directory.Change{
						Connections: []directory.Connection{{ID: directory.ConnectionID(fmt.Sprint("c", n)), Tenant: tenant, Version: 1}},
						Claims:      []directory.Claim{{Key: fmt.Sprint("k", n), At: moment(0), Until: moment(9)}},
					})
					switch directory.CodeOf(err) {
					case "":
						won.Add(1)
					case directory.Conflict:
					default:
						f.Errorf("Update: %v", err)
					}
				})
				a.same("winners", won.Load(), int32(1))
			}
		}},
		{"a write in one process wakes a waiter in the other one", func(a, b *fixture) {
			for range 5 {
				seen, err := b.store.Changed(b.ctx, map[directory.TenantID]uint64{acme: 0})
				b.ok(err)
				woken := make(chan error, 1)
				go func() {
					moved, err := b.store.Changed(b.ctx, seen)
					if err == nil && moved[acme] == seen[acme] {
						err = fmt.Errorf("woken without a change: %v", moved)
					}
					woken <- err
				}()
				a.change(acme, directory.Change{Events: []directory.Event{{Kind: directory.UserCreated}}})
				b.ok(<-woken)
			}
			ctx, cancel := context.WithTimeout(b.ctx, 1500*time.Millisecond)
			defer cancel()
			seen, err := b.store.Changed(b.ctx, map[directory.TenantID]uint64{beta: 0})
			b.ok(err)
			a.change(acme, directory.Change{})
			if moved, err := b.store.Changed(ctx, seen); err == nil {
				b.Errorf("woken by another tenant: %v", moved)
			}
		}},
		{"a lease of one process keeps the other one out", func(a, b *fixture) {
			lease, err := a.store.Acquire(a.ctx, "job", "a", time.Hour)
			a.ok(err)
			a.same("holder", lease.Holder, "a")
			lease, err = b.store.Acquire(b.ctx, "job", "b", time.Hour)
			b.ok(err)
			b.same("holder", lease.Holder, "a")
			a.ok(a.store.Release(a.ctx, "job", "a"))
			lease, err = b.store.Acquire(b.ctx, "job", "b", time.Hour)
			b.ok(err)
			b.same("holder", lease.Holder, "b")
		}},
		{"both processes get the same secret", func(a, b *fixture) {
			got := make([][]byte, 2)
			together(2, func(i int) {
				f := a
				if i == 1 {
					f = b
				}
				secret, err := f.store.Secret(f.ctx, "test-key", func() ([]byte, error) { return []byte{byte(i + 1)}, nil })
				if err != nil {
					f.Errorf("Secret: %v", err)
				}
				got[i] = secret
			})
			a.same("secrets", got[0], got[1])
		}},
		{"a slug that one process stages cannot be staged by the other one", func(a, b *fixture) {
			stage, err := a.store.Stage(a.ctx, "corp")
			a.ok(err)
			_, err = b.store.Stage(b.ctx, "corp")
			b.code(err, directory.Conflict, "tenant")
			b.sweep() // must leave it alone
			a.ok(stage.Put(a.ctx, directory.Change{Users: []directory.User{a.user("ada")}}))
			a.ok(stage.Drop(a.ctx))
			stage, err = b.store.Stage(b.ctx, "corp")
			b.ok(err)
			b.ok(stage.Drop(b.ctx))
		}},
		{"a position that one process keeps is taken once, by either", func(a, b *fixture) {
			keeper, ok := store.As[store.PagePositions](a.store)
			if !ok {
				a.Fatal("a store that several processes share remembers no positions")
			}
			taker, _ := store.As[store.PagePositions](b.store)
			a.ok(keeper.KeepPosition(a.ctx, acme, []byte("walk"), []byte("here")))
			got, err := taker.TakePosition(b.ctx, acme, []byte("walk"), time.Hour)
			b.ok(err)
			b.same("position", string(got), "here")
			got, err = keeper.TakePosition(a.ctx, acme, []byte("walk"), time.Hour)
			a.ok(err)
			a.same("position after it was taken", string(got), "")
		}},
		{"what both processes take comes from the same buckets", func(a, b *fixture) {
			one, two := buckets(a), buckets(b)
			pair := []store.Bucket{{Key: [32]byte{2}, PerSecond: 0.001, Burst: 4}, {Key: [32]byte{1}, PerSecond: 0.001, Burst: 100}}
			var taken atomic.Int32
			together(10, func(i int) {
				from := one
				if i%2 == 1 {
					from = two
				}
				wait, err := from.TakeTokens(a.ctx, append([]store.Bucket(nil), pair...))
				a.ok(err)
				if wait == 0 {
					taken.Add(1)
				} else if wait > 1000*time.Second {
					a.Errorf("a wait of %s for one token", wait)
				}
			})
			a.same("tokens taken", taken.Load(), int32(4))
			a.ok(two.GiveTokens(a.ctx, pair[:1]))
			wait, err := one.TakeTokens(a.ctx, append([]store.Bucket(nil), pair...))
			a.ok(err)
			a.same("wait after a token was given back", wait, time.Duration(0))
			wait, err = one.TakeTokens(a.ctx, append([]store.Bucket(nil), pair...))
			a.ok(err)
			a.same("an empty bucket is waited for", wait > 0, true)
			left := 0
			for wait = 0; wait == 0; left++ {
				wait, err = two.TakeTokens(a.ctx, []store.Bucket{{Key: [32]byte{1}, PerSecond: 0.001, Burst: 100}})
				a.ok(err)
			}
			a.same("tokens of the other bucket, of which nothing was taken when one was empty", left-1, 95)
			a.ok(one.GiveTokens(a.ctx, []store.Bucket{{Key: [32]byte{1}, PerSecond: 0.001, Burst: 100, Refill: true}}))
			pair[0].Refill = true
			a.ok(one.GiveTokens(a.ctx, append([]store.Bucket(nil), pair...)))
			for range 4 {
				wait, err = two.TakeTokens(a.ctx, append([]store.Bucket(nil), pair...))
				a.ok(err)
				a.same("wait after the bucket was filled", wait, time.Duration(0))
			}
		}},
		{"what one process posts, and the leases it holds, the other one sees", func(a, b *fixture) {
			poster, reader := shared(a), shared(b)
			a.ok(poster.Post(a.ctx, "job a", []byte("first")))
			a.ok(poster.Post(a.ctx, "job a", []byte("second")))
			b.ok(reader.Post(b.ctx, "job b", []byte("other")))
			posts, err := reader.Posts(b.ctx)
			b.ok(err)
			b.same("posts", fmt.Sprintf("%q", posts), `map["job a":"second" "job b":"other"]`)
			_, err = a.store.Acquire(a.ctx, "job a", "me", time.Hour)
			a.ok(err)
			_, err = a.store.Acquire(a.ctx, "job b", "me", time.Millisecond)
			a.ok(err)
			time.Sleep(10 * time.Millisecond)
			held, err := reader.Held(b.ctx)
			b.ok(err)
			b.same("leases that are held", fmt.Sprint(held), "map[job a:me]")
		}},
	}
}

func buckets(f *fixture) store.Buckets {
	found, ok := store.As[store.Buckets](f.store)
	if !ok {
		f.Fatal("a store that several processes share has no buckets")
	}
	return found
}

func shared(f *fixture) store.Shared {
	found, ok := store.As[store.Shared](f.store)
	if !ok {
		f.Fatal("a store that several processes share does not say so")
	}
	return found
}
