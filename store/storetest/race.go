package storetest

import (
	"fmt"
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
