package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres/pgtest"
)

// titled is person n in a later version.
func titled(n int, version uint64, title string) directory.User {
	u := person(n)
	u.Version, u.Document = version, directory.Document(`{"userName":"`+u.UserName+`","title":"`+title+`"}`)
	return u
}

func write(t testing.TB, s store.Store, users ...directory.User) {
	t.Helper()
	must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Users: users, Audit: line()}, nil
	}))
}

// wantPerson names what is read of person n.
func wantPerson(n int) *store.Want {
	id := person(n).ID
	return &store.Want{Users: []directory.ID{id}, MembershipsOf: []directory.ID{id}}
}

func get(ctx context.Context, s store.Store, n int) (u directory.User, err error) {
	err = s.View(ctx, acme, wantPerson(n), func(r store.Reader) error {
		if u, err = r.User(person(n).ID); err != nil {
			return err
		}
		return second(r.GroupRefs(u.ID))
	})
	return u, err
}

// TestViewSeesOneStateBeyondItsWant changes two users between the reading of one that the Want names and of one that it does not name.
func TestViewSeesOneStateBeyondItsWant(t *testing.T) {
	t.Parallel()
	s := open(t, server.Database(t))
	furnish(t, s)
	write(t, s, person(1), person(2))
	runs := 0
	var one, two directory.User
	must(t, s.View(t.Context(), acme, wantPerson(1), func(r store.Reader) (err error) {
		if one, err = r.User(person(1).ID); err != nil {
			return err
		}
		if runs++; runs == 1 {
			write(t, s, titled(1, 2, "new"), titled(2, 2, "new"))
		}
		two, err = r.User(person(2).ID)
		return err
	}))
	if one.Version != two.Version {
		t.Errorf("the View saw version %d of one user and version %d of the other, of one Change", one.Version, two.Version)
	}
}

// TestViewReadsOnIfNothingChanged reads beyond its Want while only another tenant is changed.
func TestViewReadsOnIfNothingChanged(t *testing.T) {
	t.Parallel()
	s := open(t, server.Database(t))
	furnish(t, s)
	write(t, s, person(1), person(2))
	runs := 0
	must(t, s.View(t.Context(), acme, wantPerson(1), func(r store.Reader) error {
		runs++
		if _, err := r.User(person(1).ID); err != nil {
			return err
		}
		must(t, s.Update(t.Context(), "birch", nil, func(store.Reader) (directory.Change, error) {
			return directory.Change{Tenant: &directory.Tenant{ID: "birch", Version: 1, Created: time.Unix(1, 0)}, Audit: []directory.Audit{{Time: time.Unix(2, 0).UTC(), Tenant: "birch", Action: "test"}}}, nil
		}))
		return second(r.User(person(2).ID))
	}))
	if runs != 1 {
		t.Errorf("the function ran %d times", runs)
	}
}

// TestSharedReadIsOfOneState changes the tenant and removes a user between the two statements of a shared read. Either both are seen or none.
func TestSharedReadIsOfOneState(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]*store.Want{"by id": wantPerson(1), "by userName": {UserNames: []string{person(1).UserName}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			s := open(t, url)
			furnish(t, s)
			write(t, s, person(1))
			read := func() (noticed, there bool, err error) {
				err = s.View(t.Context(), acme, want, func(r store.Reader) error {
					if _, noticed, err = r.Noticed(); err != nil {
						return err
					}
					_, err := r.User(person(1).ID)
					there = err == nil
					if directory.CodeOf(err) == directory.NotFound {
						return nil
					}
					return err
				})
				return noticed, there, err
			}
			if noticed, there, err := read(); noticed || !there || err != nil { // also prepares the statements
				t.Fatal(noticed, there, err)
			}
			other, err := pgx.Connect(t.Context(), url)
			must(t, err)
			defer func() { must(t, other.Close(context.WithoutCancel(t.Context()))) }()
			must(t, second(other.Exec(t.Context(), "begin; lock table usr in access exclusive mode")))
			var reading sync.WaitGroup
			var noticed, there bool
			var failure error
			reading.Go(func() { noticed, there, failure = read() })
			for count(t, url, "select count(*) from pg_locks where not granted and relation = 'usr'::regclass") == 0 {
				time.Sleep(time.Millisecond)
			}
			must(t, second(other.Exec(t.Context(), "delete from usr; delete from key; update lane set noticed = 77, change = change + 1; commit")))
			reading.Wait()
			must(t, failure)
			if noticed == there {
				t.Errorf("the mark of the Change was seen: %t, and the user that it removes: %t", noticed, there)
			}
		})
	}
}

// TestListNeverYieldsTwice changes the tenant after a list has yielded a record and before something else is read.
func TestListNeverYieldsTwice(t *testing.T) {
	t.Parallel()
	s := open(t, server.Database(t))
	furnish(t, s)
	write(t, s, person(1), person(2))
	name := person(1).UserName
	yields := 0
	err := s.View(t.Context(), acme, &store.Want{UserNames: []string{name}}, func(r store.Reader) error {
		q := directory.Query{Count: 10, Where: directory.Compare{Path: directory.Path{Name: "userName"}, Op: directory.Equal, Value: name}}
		if _, err := r.Users(q, func(*directory.User, []directory.GroupRef) error { yields++; return nil }); err != nil {
			return err
		}
		write(t, s, titled(2, 2, "new"))
		return second(r.User(person(2).ID))
	})
	if directory.CodeOf(err) != directory.Unavailable || yields != 1 {
		t.Errorf("%v after %d yields, want Unavailable after one", err, yields)
	}
}

// TestReadsThatWaitShareTrips reads and admits with many callers at once, over a slow line.
func TestReadsThatWaitShareTrips(t *testing.T) {
	t.Parallel()
	const callers = 64
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s := open(t, proxy.URL(server.Database(t)))
	furnish(t, s)
	for n := range callers {
		write(t, s, person(n))
	}
	round := func() {
		var wg sync.WaitGroup
		for n := range callers {
			wg.Go(func() {
				_, connection, tenant, err := s.Credential(t.Context(), [32]byte{1}, "okta")
				if err != nil || connection.ID != "okta" || tenant.ID != acme {
					t.Errorf("admitted to %q of %q: %v", connection.ID, tenant.ID, err)
				}
				if u, err := get(t.Context(), s, n); err != nil || u.UserName != person(n).UserName {
					t.Errorf("got %q: %v", u.UserName, err)
				}
			})
		}
		wg.Wait()
	}
	round() // prepares the statements
	proxy.Delay(10 * time.Millisecond)
	proxy.Counts()
	round()
	if trips := proxy.Counts().Trips; trips > callers/2 {
		t.Errorf("%d callers made two reads each in %d round trips, and at most %d are wanted", callers, trips, callers/2)
	}
}

// TestDamageFailsOnlyItsReader damages one of several users that are read at the same time.
func TestDamageFailsOnlyItsReader(t *testing.T) {
	t.Parallel()
	const users, damagedUser = 8, 3
	url := server.Database(t)
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s := open(t, proxy.URL(url))
	furnish(t, s)
	for n := range users {
		write(t, s, person(n))
	}
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, conn.Close(t.Context())) }()
	id := person(damagedUser).ID
	must(t, second(conn.Exec(t.Context(), `update usr set head = '\xff' where id = $1`, id.String())))
	proxy.Delay(10 * time.Millisecond) // so that they wait for each other
	var wg sync.WaitGroup
	for n := range users {
		wg.Go(func() {
			u, err := get(t.Context(), s, n)
			if n == damagedUser {
				if directory.CodeOf(err) != directory.Internal || !strings.Contains(err.Error(), "damaged") {
					t.Errorf("the damaged user gives %v", err)
				}
			} else if err != nil || u.UserName != person(n).UserName {
				t.Errorf("user %d gives %q: %v", n, u.UserName, err)
			}
		})
	}
	wg.Wait()
}

// TestCallerThatLeavesDisturbsNoOtherRead ends the context of half of the callers while their reads are under way.
func TestCallerThatLeavesDisturbsNoOtherRead(t *testing.T) {
	t.Parallel()
	const users = 8
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s := open(t, proxy.URL(server.Database(t)))
	furnish(t, s)
	for n := range users {
		write(t, s, person(n))
	}
	proxy.Delay(20 * time.Millisecond)
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for n := range users {
		wg.Go(func() {
			if n%2 == 0 {
				if _, err := get(ctx, s, n); err != nil && directory.CodeOf(err) != directory.Unavailable {
					t.Errorf("a caller that left got %v", err)
				}
				return
			}
			if u, err := get(t.Context(), s, n); err != nil || u.UserName != person(n).UserName {
				t.Errorf("user %d gives %q: %v", n, u.UserName, err)
			}
		})
	}
	leave()
	wg.Wait()
}

// TestSlowReadsDelayNoOtherTenant locks what the reads of one tenant need. Reads of another tenant go on.
func TestSlowReadsDelayNoOtherTenant(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	s := open(t, url)
	furnish(t, s)
	write(t, s, person(1))
	const birch = directory.TenantID("birch")
	must(t, s.Update(t.Context(), birch, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: birch, Version: 1, Created: time.Unix(1, 0)}, Audit: []directory.Audit{{Time: time.Unix(2, 0).UTC(), Tenant: birch, Action: "test"}}}, nil
	}))
	look := func(ctx context.Context) error {
		return s.View(ctx, birch, &store.Want{GroupNames: []string{"staff"}}, func(r store.Reader) error {
			_, err := r.GroupByName("staff")
			if directory.CodeOf(err) == directory.NotFound {
				return nil
			}
			return err
		})
	}
	must(t, look(t.Context()))
	lock, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, lock.Close(context.WithoutCancel(t.Context()))) }()
	must(t, second(lock.Exec(t.Context(), "begin")))
	must(t, second(lock.Exec(t.Context(), "lock table usr in access exclusive mode"))) // only the reads of acme ask for users
	var wg sync.WaitGroup
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	for range 4 { // fewer than there are connections
		wg.Go(func() {
			for ctx.Err() == nil {
				short, end := context.WithTimeout(ctx, 100*time.Millisecond)
				_, _ = get(short, s, 1)
				end()
			}
		})
	}
	within, cancel := context.WithTimeout(t.Context(), 10*time.Second) // each look would wait for two seconds
	defer cancel()
	for range 20 {
		if err := look(within); err != nil {
			t.Fatalf("the other tenant waits: %v", err)
		}
	}
	leave()
	must(t, second(lock.Exec(t.Context(), "rollback")))
	wg.Wait()
}
