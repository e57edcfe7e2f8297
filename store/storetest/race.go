package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"drawbridge/directory"
	"drawbridge/store"
)

// together runs n callers at once.
func together(n int, run func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			run(i)
		})
	}
	close(begin)
	wg.Wait()
}

func raceTests() []contractTest {
	const callers = 100
	return []contractTest{
		{"of many creates of one userName exactly one succeeds", func(f *fixture) {
			var made, conflicts atomic.Int32
			together(callers, func(i int) {
				u := f.user("anna")
				if i%2 == 0 {
					u.UserName = "ANNA"
				}
				switch err := f.try(acme, directory.Change{Users: []directory.User{u}}); directory.CodeOf(err) {
				case "":
					made.Add(1)
				case directory.Conflict:
					conflicts.Add(1)
				default:
					f.Errorf("Update: %v", err)
				}
			})
			f.same("made", made.Load(), int32(1))
			f.same("conflicts", conflicts.Load(), int32(callers-1))
		}},
		{"of many concurrent joins of one group none is lost", func(f *fixture) {
			g := f.group("g")
			f.change(acme, directory.Change{Groups: []directory.Group{g}})
			together(callers, func(i int) {
				u := f.user(fmt.Sprint("u", i))
				err := f.store.Update(f.ctx, acme, nil, func(r store.Reader) (directory.Change, error) {
					g, err := r.Group(g.ID)
					g.Version++
					return audited(directory.Change{
						Users: []directory.User{u}, Groups: []directory.Group{g}, Join: []directory.Membership{{Group: g.ID, Member: member(u.ID)}},
						Events: []directory.Event{{Kind: directory.GroupMembersChanged}},
					}), err
				})
				if err != nil {
					f.Errorf("Update: %v", err)
				}
			})
			f.view(acme, func(r store.Reader) {
				got, err := r.Group(g.ID)
				f.ok(err)
				f.same("members", got.Members, callers)
				f.same("version", got.Version, uint64(callers+1))
				n := 0
				f.ok(r.Members(g.ID, directory.ID{}, func(directory.Membership) error { n++; return nil }))
				f.same("members", n, callers)
				events, last, err := r.Events(0, 2*callers)
				f.ok(err)
				f.same("last", last, uint64(callers))
				for i := range events {
					f.same("numbers", events[i].Seq, uint64(i+1))
				}
			})
		}},
		{"failing updates do not affect others", func(f *fixture) {
			var wrong atomic.Int32
			together(callers, func(i int) {
				u := f.user(fmt.Sprint("u", i))
				err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
					switch i % 4 {
					case 0:
						panic("ouch")
					case 1:
						return directory.Change{}, &directory.Error{Code: directory.Refused}
					case 2:
						return directory.Change{Users: []directory.User{u}}, nil // no audit line
					}
					return audited(directory.Change{Users: []directory.User{u}}), nil
				})
				want := []directory.Code{directory.Internal, directory.Refused, directory.Internal, ""}[i%4]
				if directory.CodeOf(err) != want {
					wrong.Add(1)
				}
			})
			f.same("wrong answers", wrong.Load(), int32(0))
			_, page := usersOf(f, acme, directory.Query{})
			f.same("users", page.Total, callers/4)
		}},
		{"of many tenants that want one connection slug exactly one gets it", func(f *fixture) {
			raceAcrossTenants(f, "connection", func(i int, tenant directory.TenantID) directory.Change {
				return directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: tenant, Version: 1}}}
			})
		}},
		{"of many tenants that want one token hash exactly one gets it", func(f *fixture) {
			raceAcrossTenants(f, "token", func(i int, tenant directory.TenantID) directory.Change {
				return directory.Change{Tokens: []directory.Token{{ID: "t", Tenant: tenant, Hash: [32]byte{5}}}}
			})
		}},
		{"of many tenants that claim one key exactly one gets it", func(f *fixture) {
			raceAcrossTenants(f, "claim", func(i int, tenant directory.TenantID) directory.Change {
				return directory.Change{Claims: []directory.Claim{{Key: "idempotency-key", At: moment(i), Until: moment(1000)}}}
			})
		}},
		{"of many operators with one e-mail address exactly one is made", func(f *fixture) {
			race(f, 40, "email", func(i int) error {
				o := directory.Operator{ID: f.id(), Version: 1, Email: "Ada@Example.com", Role: directory.RoleOwner}
				if i%2 == 1 {
					o.Email = "ada@EXAMPLE.com"
				}
				return f.try(directory.Provider, directory.Change{Operators: []directory.Operator{o}})
			})
		}},
		{"of many creates of one tenant exactly one succeeds", func(f *fixture) {
			race(f, 40, "tenant", func(i int) error {
				return f.try("corp", directory.Change{Tenant: &directory.Tenant{ID: "corp", Version: 1, Created: moment(i), Name: fmt.Sprint(i)}})
			})
		}},
		{"a View that stays open sees no later change, and holds no writer up", func(f *fixture) {
			f.change(acme, directory.Change{Users: []directory.User{f.user("before")}})
			count := func(r store.Reader) int {
				n := 0
				page, err := r.Users(directory.Query{Count: 10_000}, func(*directory.User, []directory.GroupRef) error { n++; return nil })
				f.ok(err)
				f.same("total", page.Total, n)
				return n
			}
			large := directory.Document(`{"title":"` + strings.Repeat("x", 100_000) + `"}`)
			f.view(acme, func(r store.Reader) {
				f.same("users before", count(r), 1)
				written := make(chan error, 1)
				go func() {
					for i := range 100 {
						u := makeUser(numbered(uint64(5000+i)), fmt.Sprint("during", i))
						u.Document = large // so that the store grows
						if err := f.try(acme, directory.Change{Users: []directory.User{u}}); err != nil {
							written <- err
							return
						}
					}
					written <- nil
				}()
				f.ok(<-written)
				f.same("users during", count(r), 1)
				_, last, err := r.Audit(0, 0)
				f.ok(err)
				f.same("audit lines during", last, uint64(2))
			})
			f.view(acme, func(r store.Reader) { f.same("users after", count(r), 101) })
		}},
		{"readers always see whole changes", func(f *fixture) {
			g := f.group("g")
			f.change(acme, directory.Change{Groups: []directory.Group{g}})
			done := make(chan struct{})
			var readers sync.WaitGroup
			for range 4 {
				readers.Go(func() {
					for {
						select {
						case <-done:
							return
						default:
						}
						err := f.store.View(f.ctx, acme, nil, func(r store.Reader) error {
							group, err := r.Group(g.ID)
							if err != nil {
								return err
							}
							page, err := r.Users(directory.Query{Count: 1000, Groups: true}, func(u *directory.User, refs []directory.GroupRef) error {
								if len(refs) != 1 {
									return fmt.Errorf("user %s is in %d groups", u.ID, len(refs))
								}
								return nil
							})
							if err == nil && (page.Total != group.Members || page.Given != page.Total) {
								err = fmt.Errorf("%d users, %d given, %d members", page.Total, page.Given, group.Members)
							}
							return err
						})
						if err != nil {
							f.Error(err)
							return
						}
					}
				})
			}
			together(20, func(i int) {
				for n := range 5 {
					u := f.user(fmt.Sprint("u", i, "-", n))
					err := f.try(acme, directory.Change{Users: []directory.User{u}, Join: []directory.Membership{{Group: g.ID, Member: member(u.ID)}}})
					if err == nil && n%2 == 0 {
						err = f.try(acme, directory.Change{RemoveUsers: []directory.ID{u.ID}})
					}
					if err != nil {
						f.Errorf("Update: %v", err)
					}
				}
			})
			close(done)
			readers.Wait()
		}},
	}
}

// race runs n callers at once, of which exactly one may succeed; the others must get the conflict.
func race(f *fixture, n int, field string, run func(i int) error) {
	f.Helper()
	var made atomic.Int32
	together(n, func(i int) {
		err := run(i)
		var e *directory.Error
		switch {
		case err == nil:
			made.Add(1)
		case !errors.As(err, &e) || e.Code != directory.Conflict || e.Field != field:
			f.Errorf("Update: %v", err)
		}
	})
	f.same("made", made.Load(), int32(1))
}

// raceAcrossTenants lets many tenants write a Change of which one may succeed.
func raceAcrossTenants(f *fixture, field string, change func(i int, tenant directory.TenantID) directory.Change) {
	f.Helper()
	tenant := func(i int) directory.TenantID { return directory.TenantID(fmt.Sprint("t", i)) }
	const tenants = 30
	for i := range tenants {
		f.change(tenant(i), directory.Change{Tenant: &directory.Tenant{ID: tenant(i), Version: 1, Created: moment(0)}})
	}
	race(f, tenants, field, func(i int) error { return f.try(tenant(i), change(i, tenant(i))) })
}
