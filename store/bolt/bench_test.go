package bolt_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
)

const benchTenant = directory.TenantID("acme")

func benchID(n int) directory.ID {
	id := directory.ID{0x01, 0x95, 0, 0, 0, 0, 0x70, 0, 0x80}
	binary.BigEndian.PutUint64(id[8:], 0x8000000000000000|uint64(n))
	return id
}

// benchUser has a document of about 1.2 KB, as identity providers send them.
func benchUser(n int) directory.User {
	name := fmt.Sprintf("person%07d@example.com", n)
	return directory.User{
		ID: benchID(n), Version: 1, Created: time.Unix(1_700_000_000, 0), Modified: time.Unix(1_700_000_000, 0),
		UserName: name, ExternalID: fmt.Sprintf("00u%07d", n), Emails: []string{name}, State: directory.Active,
		Connection: "acme-okta", Statement: directory.SaidActive, StatedAt: time.Unix(1_700_000_000, 0),
		Document: directory.Attributes{
			{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}},
			{Name: "userName", Value: name},
			{Name: "externalId", Value: fmt.Sprintf("00u%07d", n)},
			{Name: "name", Value: directory.Attributes{{Name: "familyName", Value: "Person"}, {Name: "givenName", Value: fmt.Sprint(n)}, {Name: "formatted", Value: "A Person"}}},
			{Name: "displayName", Value: fmt.Sprintf("Person %d", n)},
			{Name: "emails", Value: []any{directory.Attributes{{Name: "value", Value: name}, {Name: "type", Value: "work"}, {Name: "primary", Value: true}}}},
			{Name: "addresses", Value: []any{directory.Attributes{{Name: "streetAddress", Value: strings.Repeat("Street ", 30)}, {Name: "locality", Value: "Town"}, {Name: "country", Value: "CH"}}}},
			{Name: "title", Value: fmt.Sprintf("Engineer %d", n%1000)},
			{Name: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", Value: directory.Attributes{{Name: "department", Value: strings.Repeat("Department ", 20)}, {Name: "costCenter", Value: "4711"}}},
		}.Document(),
	}
}

func benchChange(u directory.User) directory.Change {
	subject := directory.Subject{Kind: "User", ID: u.ID.String(), Name: u.UserName}
	actor := directory.Actor{Kind: directory.ByIdP, ID: "acme-okta"}
	return directory.Change{
		Users:  []directory.User{u},
		Audit:  []directory.Audit{{Time: u.Created, Tenant: benchTenant, Actor: actor, Action: "user.create", Subject: subject, Outcome: directory.Done, After: u.Document}},
		Events: []directory.Event{{Time: u.Created, Tenant: benchTenant, Kind: directory.UserCreated, Subject: subject, Actor: actor}},
	}
}

func benchStore(b *testing.B, users int) *bolt.Store {
	b.Helper()
	s, err := bolt.Open(filepath.Join(b.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	write(b, s, directory.Change{Tenant: &directory.Tenant{ID: benchTenant, Version: 1}, Audit: make([]directory.Audit, 1)})
	for n := 0; n < users; n += 1000 {
		c := directory.Change{Audit: make([]directory.Audit, 1)}
		for i := n; i < min(n+1000, users); i++ {
			c.Users = append(c.Users, benchUser(i))
		}
		write(b, s, c)
	}
	return s
}

func write(b testing.TB, s *bolt.Store, c directory.Change) {
	b.Helper()
	if err := s.Update(context.Background(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return c, nil }); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkCreate(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			s := benchStore(b, 10_000)
			var next atomic.Int64
			next.Store(20_000)
			b.ResetTimer()
			b.SetParallelism(callers) // times GOMAXPROCS
			run := make(chan struct{}, callers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					run <- struct{}{}
					u := benchUser(int(next.Add(1)))
					err := s.Update(context.Background(), benchTenant, nil, func(r store.Reader) (directory.Change, error) {
						if _, err := r.UserByName(u.UserName); directory.CodeOf(err) != directory.NotFound {
							return directory.Change{}, err
						}
						if _, err := r.Usage(); err != nil {
							return directory.Change{}, err
						}
						return benchChange(u), nil
					})
					<-run
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s := benchStore(b, 10_000)
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		err := s.View(context.Background(), benchTenant, nil, func(r store.Reader) error {
			_, err := r.User(benchID(n % 10_000))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func equal(name, sub, value string, exact bool) directory.Expr {
	return directory.Compare{Path: directory.Path{Name: name, Sub: sub}, Op: directory.Equal, CaseExact: exact, Value: value}
}

func benchQuery(b *testing.B, s *bolt.Store, total int, query func(n int) directory.Query) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		err := s.View(context.Background(), benchTenant, nil, func(r store.Reader) error {
			page, err := r.Users(query(n), func(*directory.User, []directory.GroupRef) error { return nil })
			if page.Total != total {
				b.Fatalf("total %d, want %d", page.Total, total)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, users := range []int{1000, 100_000} {
		s := benchStore(b, users)
		for name, where := range map[string]func(n int) directory.Expr{
			"userName": func(n int) directory.Expr {
				return equal("userName", "", fmt.Sprintf("person%07d@example.com", n), false)
			},
			"externalId": func(n int) directory.Expr { return equal("externalId", "", fmt.Sprintf("00u%07d", n), true) },
			"email": func(n int) directory.Expr {
				return equal("emails", "value", fmt.Sprintf("person%07d@example.com", n), false)
			},
		} {
			b.Run(fmt.Sprint(name, "/users=", users), func(b *testing.B) {
				benchQuery(b, s, 1, func(n int) directory.Query { return directory.Query{Where: where(n * 7919 % users), Count: 100} })
			})
		}
	}
}

func BenchmarkList100(b *testing.B) {
	s := benchStore(b, 100_000)
	b.Run("first", func(b *testing.B) {
		benchQuery(b, s, 100_000, func(int) directory.Query { return directory.Query{Count: 100} })
	})
	b.Run("walk", func(b *testing.B) {
		b.ReportAllocs()
		q := directory.Query{Count: 100}
		for b.Loop() {
			err := s.View(context.Background(), benchTenant, nil, func(r store.Reader) error {
				page, err := r.Users(q, func(*directory.User, []directory.GroupRef) error { return nil })
				q.After, q.Known = page.Last, &directory.Known{Version: page.Version, Total: page.Total}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("middle", func(b *testing.B) {
		benchQuery(b, s, 100_000, func(int) directory.Query { return directory.Query{Start: 50_001, Count: 100} })
	})
}

func BenchmarkUnindexed(b *testing.B) {
	s := benchStore(b, 100_000)
	where := directory.Compare{Path: directory.Path{Name: "title"}, Op: directory.Contains, Value: "engineer 77"}
	b.Run("filter", func(b *testing.B) {
		benchQuery(b, s, 1100, func(int) directory.Query { return directory.Query{Where: where, Count: 100} })
	})
	b.Run("sort", func(b *testing.B) {
		benchQuery(b, s, 100_000, func(int) directory.Query {
			return directory.Query{Sort: &directory.Sort{Path: directory.Path{Name: "title"}}, Count: 100}
		})
	})
}

func BenchmarkJoin(b *testing.B) {
	for _, size := range []int{10, 100_000} {
		for _, add := range []int{1, 1000} {
			b.Run(fmt.Sprint("add=", add, "/members=", size), func(b *testing.B) {
				s := benchStore(b, 0)
				group := directory.Group{ID: benchID(1 << 40), Version: 1, DisplayName: "g", Document: directory.Document(`{"displayName":"g"}`)}
				write(b, s, directory.Change{Groups: []directory.Group{group}, Audit: make([]directory.Audit, 1)})
				join := func(from, n int) (list []directory.Membership) {
					for i := range n {
						list = append(list, directory.Membership{Group: group.ID, Member: directory.Member{ID: benchID(from + i), Kind: directory.UserKind}})
					}
					return list
				}
				for n := 0; n < size; n += 10_000 {
					write(b, s, directory.Change{Join: join(n, min(size, 10_000)), Audit: make([]directory.Audit, 1)})
				}
				b.ResetTimer()
				for n := range b.N {
					write(b, s, directory.Change{Groups: []directory.Group{group}, Join: join(1<<20+n*add, add), Audit: make([]directory.Audit, 1)})
				}
			})
		}
	}
}
