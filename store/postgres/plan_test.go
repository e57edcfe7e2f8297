package postgres_test

import (
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres/pgtest"
)

// TestLookUpsReadFewRows grows a tenant after PostgreSQL has planned the statements, without new statistics. A look-up must still read only
// its own rows, and not all rows of the tenant.
func TestLookUpsReadFewRows(t *testing.T) {
	t.Parallel()
	lookUpsReadFewRows(t, func(url string) string { return url })
}

// A pooler gives each transaction the session of some server process.
func TestLookUpsThroughPgBouncerReadFewRows(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	lookUpsReadFewRows(t, server.Bouncer(t))
}

func lookUpsReadFewRows(t *testing.T, through func(url string) string) {
	t.Helper()
	const users, times, most = 2000, 20, 100 // most: rows of one look-up
	last := person(users)
	external := store.ExternalID{Connection: "okta", Value: last.ExternalID}
	for name, look := range map[string]func(*testing.T, store.Store, directory.ID) error{
		"by name and external id, to write": func(t *testing.T, s store.Store, _ directory.ID) error {
			want := &store.Want{UserNames: []string{last.UserName}, ExternalIDs: []store.ExternalID{external}, KVs: []directory.KVRef{{Kind: directory.BrakeKV, Key: "okta"}}}
			return s.Update(t.Context(), acme, want, func(r store.Reader) (directory.Change, error) {
				return directory.Change{}, second(r.UserByName(last.UserName))
			})
		},
		"by name, to read": func(t *testing.T, s store.Store, _ directory.ID) error {
			return s.View(t.Context(), acme, &store.Want{UserNames: []string{last.UserName}}, func(r store.Reader) error {
				u, err := r.UserByName(last.UserName)
				if err != nil {
					return err
				}
				return second(r.GroupRefs(u.ID))
			})
		},
		"a membership": func(t *testing.T, s store.Store, group directory.ID) error {
			want := &store.Want{Groups: []directory.ID{group}, Users: []directory.ID{last.ID}, Memberships: []store.GroupMember{{Group: group, Member: last.ID}}, MembershipsOf: []directory.ID{last.ID}}
			return s.Update(t.Context(), acme, want, func(r store.Reader) (directory.Change, error) {
				return directory.Change{}, second(r.Memberships(group, last.ID))
			})
		},
		"a page": func(t *testing.T, s store.Store, _ directory.ID) error {
			return s.View(t.Context(), acme, nil, func(r store.Reader) error {
				return second(r.Users(directory.Query{Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil }))
			})
		},
		"another name": func(t *testing.T, s store.Store, _ directory.ID) error {
			return s.Update(t.Context(), acme, nil, func(r store.Reader) (directory.Change, error) {
				u, err := r.User(last.ID)
				u.Version++
				u.UserName = "v" + strconv.FormatUint(u.Version, 10) + "@acme.example"
				return directory.Change{Users: []directory.User{u}, Audit: line()}, err
			})
		},
		"out of a group and in": func(t *testing.T, s store.Store, group directory.ID) error {
			m := []directory.Membership{{Group: group, Member: directory.Member{ID: last.ID}}}
			for _, c := range []directory.Change{{Leave: m, Audit: line()}, {Join: m, Audit: line()}} {
				if err := s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) { return c, nil }); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			for _, table := range []string{"usr", "grp", "key", "member", "memo", "tomb"} {
				statement(t, url, "alter table "+table+" set (autovacuum_enabled = off)")
			}
			s := open(t, through(url)+"&pool_max_conns=1")
			group := furnish(t, s)
			join := func(from, to int) {
				c := directory.Change{Audit: line()}
				for n := from; n <= to; n++ {
					c.Users = append(c.Users, person(n))
					c.Join = append(c.Join, directory.Membership{Group: group, Member: directory.Member{ID: person(n).ID}})
				}
				must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) { return c, nil }))
			}
			must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Audit: line(), Users: []directory.User{last}, Join: []directory.Membership{{Group: group, Member: directory.Member{ID: last.ID}}}}, nil
			}))
			for range 10 { // PostgreSQL keeps the sixth plan of a statement
				must(t, look(t, s, group))
			}
			join(1, users-1)
			for range times {
				must(t, look(t, s, group))
			}
			must(t, s.Close())
			rows := rowsRead(t, url)
			if rows > most*times {
				t.Errorf("%d look-ups beside %d users read %d rows", times, users, rows)
			}
		})
	}
}

// rowsRead says how many rows were read of a database. It ends the connections, which give their figures then.
func rowsRead(t *testing.T, url string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	const theirs = " from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
	_, err = conn.Exec(t.Context(), "select pg_terminate_backend(pid)"+theirs) // a pooler keeps them
	must(t, err)
	for others := 1; others > 0; {
		must(t, conn.QueryRow(t.Context(), "select count(*)"+theirs).Scan(&others))
	}
	var n int
	must(t, conn.QueryRow(t.Context(), "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables where relname in ('usr', 'grp', 'key', 'member', 'memo', 'tomb')").Scan(&n))
	if n == 0 {
		t.Fatal("no row was read: the figures are not there")
	}
	return n
}
