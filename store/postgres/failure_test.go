package postgres_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
)

// For each fault, the message says what is wrong and what to do, and shows no password.
func TestFaultsOfTheDatabaseAreExplained(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	c := ownCluster(t, pgtest.Settings{"fsync": "off"})
	url := prepared(t, c)
	must(t, c.RequirePassword("postgres"))
	must(t, c.Exec("postgres", "create role app login password 'right'", "grant all on database drawbridge to app"))
	standby, err := c.Standby(pgtest.Folder(t))
	must(t, err)
	t.Cleanup(standby.Stop)
	port, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, port.Close()) // no process listens there
	database := func(statements ...string) string {
		t.Helper()
		url := server.Database(t)
		conn, err := pgx.Connect(t.Context(), url)
		must(t, err)
		defer func() { _ = conn.Close(t.Context()) }()
		for _, s := range statements {
			_, err := conn.Exec(t.Context(), s)
			must(t, err)
		}
		return url
	}
	as := func(user, password string) string {
		return strings.Replace(url, "postgres@", user+":"+password+"@", 1)
	}
	shared := server.Database(t)
	first, err := postgres.Open(t.Context(), shared, postgres.Options{Name: "one-1", Address: "https://one.example"})
	must(t, err)
	t.Cleanup(func() { _ = first.Close() })
	for _, test := range []struct {
		name, url string
		options   postgres.Options
		says      []string
	}{
		{name: "no URL", url: "postgres://%", says: []string{"store.url is no URL of a database", "postgres://"}},
		{name: "a URL with a mistake", url: "postgres://app:secret@db.example:port/x", says: []string{"store.url is no URL of a database"}},
		{name: "nobody listens", url: "postgres://app:secret@" + port.Addr().String() + "/x", says: []string{"could not be reached at " + port.Addr().String(), "is it running"}},
		{name: "a name that is none", url: "postgres://app:secret@db.invalid/x", says: []string{"could not be reached"}},
		{name: "wrong password", url: as("app", "secret"), says: []string{"refused the sign-in", "password in store.url is wrong"}},
		{name: "unknown user", url: as("nobody", "secret"), says: []string{"refused the sign-in"}},
		{name: "no such database", url: c.URL("missing"), says: []string{"does not exist", "create it first"}},
		{name: "a user without rights", url: as("app", "right"), says: []string{"may not", "grant"}},
		{name: "a standby", url: standby.URL("drawbridge"), says: []string{"read-only standby", "name the primary"}},
		{name: "no schema", url: server.Empty(t, ""), says: []string{"has no schema", "drawbridge migrate up"}},
		{name: "an older schema", url: database("update schema_version set version = 1", "drop table bucket, post"), says: []string{"has schema 1", "drawbridge migrate up"}},
		{name: "a newer schema", url: database("update schema_version set version = 9, min_reader = 8"), says: []string{"newer release", "run that release"}},
		{name: "a newer schema, migrated by itself", url: database("update schema_version set version = 9, min_reader = 8"), options: postgres.Options{Migrate: true}, says: []string{"newer release", "run that release"}},
		{name: "missing tables", url: database("drop table usr, memo"), says: []string{"without its tables memo, usr", "restore it from a backup"}},
		{name: "another installation", url: shared, options: postgres.Options{Name: "two-2", Address: "https://two.example"}, says: []string{"belongs to another installation", "one-1", "https://one.example", "https://two.example", "database of its own"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := postgres.Open(t.Context(), test.url, test.options)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in: %v", err)
			}
		})
	}
	// A server of the same installation may join, and another address may use the database once the others are gone.
	same, err := postgres.Open(t.Context(), shared, postgres.Options{Name: "one-2", Address: "https://one.example"})
	must(t, err)
	must(t, same.Close())
	must(t, first.Close())
	moved, err := postgres.Open(t.Context(), shared, postgres.Options{Name: "two-2", Address: "https://two.example"})
	must(t, err)
	must(t, moved.Close())
}

// A store that works, but not as it must, opens. Its probe says what is wrong.
func TestProbeExplainsClocksAndCommits(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	now := time.Now
	for name, test := range map[string]struct {
		options postgres.Options
		says    string
	}{
		"a clock that is 10 s ahead":  {postgres.Options{Now: func() time.Time { return now().Add(10 * time.Second) }}, "the clock of this server and that of the database are 10s apart"},
		"a clock that is 10 s behind": {postgres.Options{Now: func() time.Time { return now().Add(-10 * time.Second) }}, "the clock of this server and that of the database are 10s apart"},
		"commits that do not wait":    {postgres.Options{RequireSync: true}, "commits do not wait for a standby"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := postgres.Open(t.Context(), server.Database(t), test.options)
			must(t, err)
			t.Cleanup(func() { _ = s.Close() })
			if err := s.Probe(t.Context()); directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Probe says %v", err)
			}
			if s.Health() == nil {
				t.Error("the store is healthy")
			}
		})
	}
}

// A request that cannot even read its credential makes the store unhealthy at once, and not only the next Probe.
func TestHealthFollowsAConnectionThatFails(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	url := server.Database(t)
	s := open(t, url)
	must(t, s.Probe(t.Context()))
	writable := url + "&options=-c%20default_transaction_read_only%3Doff"
	everywhere := `do $$ begin execute format('alter database %I set default_transaction_read_only = READONLY', current_database()); end $$`
	leave := "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
	statement(t, writable, strings.Replace(everywhere, "READONLY", "on", 1), leave)
	if _, _, _, err := s.Credential(t.Context(), [32]byte{1}, "okta"); directory.CodeOf(err) != directory.Unavailable {
		t.Fatalf("a credential at a database without writes: %v", err)
	}
	if s.Health() == nil {
		t.Error("the store is healthy")
	}
	statement(t, writable, strings.Replace(everywhere, "READONLY", "off", 1), leave)
	must(t, s.Probe(t.Context()))
	if err := s.Health(); err != nil {
		t.Error(err)
	}
}

// A database that is frozen answers nothing and closes no connection. A request does not wait for it without end.
func TestFrozenDatabaseHoldsNoRequest(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s, err := postgres.Open(t.Context(), proxy.URL(server.Database(t)), postgres.Options{Timeout: 500 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	furnish(t, s)
	thaw := make(chan struct{})
	proxy.Judge(func([]byte) pgtest.Verdict {
		<-thaw
		return pgtest.Pass
	})
	t.Cleanup(func() { close(thaw) })
	for what, ask := range map[string]func() error{
		"a credential": func() error { _, _, _, err := s.Credential(t.Context(), [32]byte{1}, "okta"); return err },
		"a read":       func() error { return s.View(t.Context(), acme, nil, func(store.Reader) error { return nil }) },
		"a write":      func() error { return create(t, s, 1) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if err := ask(); directory.CodeOf(err) != directory.Unavailable {
				t.Errorf("%v", err)
			}
		})
	}
}

// While all connections are in use, a request does not wait for one without end, and the database does not count as broken.
func TestBusyPoolIsNoBrokenDatabase(t *testing.T) {
	t.Parallel()
	s, err := postgres.Open(t.Context(), server.Database(t), postgres.Options{Connections: 1, Timeout: 200 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	furnish(t, s)
	must(t, s.Probe(t.Context()))
	none := func(store.Reader) error { return nil }
	must(t, s.View(t.Context(), acme, nil, func(store.Reader) error {
		err := s.View(t.Context(), acme, nil, none)
		if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), "no connection to the database became free") {
			t.Errorf("%v", err)
		}
		return nil
	}))
	if err := s.Health(); err != nil {
		t.Errorf("the database counts as broken: %v", err)
	}
}
