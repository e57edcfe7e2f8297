package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres"
)

// statement runs SQL in the database at url, as the migration of another release does.
func statement(t *testing.T, url string, sql ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	for _, text := range sql {
		_, err := conn.Exec(t.Context(), text)
		must(t, err)
	}
}

// A newer release adds to the schema, and servers of this release continue and can start. If a later release removes something, they refuse
// to read and to write.
func TestUpgradeBesideARunningServer(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	old := open(t, url)
	furnish(t, old)
	must(t, create(t, old, 1))

	statement(t, url, "alter table usr add column later text", "create table later (id int primary key)", "update schema_version set version = version + 1")
	must(t, create(t, old, 2))
	must(t, old.Probe(t.Context()))
	started := open(t, url)
	must(t, create(t, started, 3))
	if taken, err := postgres.Migrate(t.Context(), url); err != nil || len(taken) > 0 {
		t.Errorf("migrate up of the older release: %v, %v", taken, err)
	}
	status, err := postgres.Status(t.Context(), url)
	must(t, err)
	if status.Problem() != "" || status.Version != status.Known+1 {
		t.Errorf("the schema of the newer release: %+v", status)
	}

	statement(t, url, "update schema_version set version = version + 1, min_reader = version + 1")
	read := func(store.Reader) error { return nil }
	for what, err := range map[string]error{"a write": create(t, old, 4), "a read": old.View(t.Context(), acme, nil, read), "the probe": old.Probe(t.Context())} {
		if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), "newer release") {
			t.Errorf("%s of an outdated server: %v", what, err)
		}
	}
	if old.Health() == nil {
		t.Error("an outdated server is ready")
	}
	if s, err := postgres.Open(t.Context(), url, postgres.Options{}); err == nil || !strings.Contains(err.Error(), "newer release") {
		_ = s.Close()
		t.Errorf("an outdated server starts: %v", err)
	}
	if _, err := postgres.Migrate(t.Context(), url); err == nil || !strings.Contains(err.Error(), "newer release") {
		t.Errorf("migrate up of the outdated release: %v", err)
	}

	o := newOracle()
	statement(t, url, "update schema_version set version = version - 2, min_reader = 1")
	must(t, old.Probe(t.Context()))
	o.done[1], o.done[2], o.done[3] = true, true, true
	expectSound(t, o, old) // nothing of the fourth
}

// Several servers start at the same time on an empty database. One of them migrates it, and all start.
func TestOneOfSeveralServersMigrates(t *testing.T) {
	t.Parallel()
	url := server.Empty(t, "")
	opened := make(chan error, 4)
	for range cap(opened) {
		go func() {
			s, err := postgres.Open(t.Context(), url, postgres.Options{Migrate: true, Connections: 2})
			if err == nil {
				err = s.Close()
			}
			opened <- err
		}()
	}
	for range cap(opened) {
		if err := <-opened; err != nil {
			t.Error(err)
		}
	}
}

// When PostgreSQL's disk is full, the error is a sentence, nothing is written, and writes succeed again by themselves.
func TestFullDiskIsReported(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	s := open(t, url)
	furnish(t, s)
	statement(t, url, "create function full_disk() returns trigger language plpgsql as $$ begin raise sqlstate '53100' using message = 'could not extend file: No space left on device'; end $$",
		"create trigger full_disk before insert on usr execute function full_disk()")
	err := create(t, s, 1)
	if directory.CodeOf(err) != directory.Unavailable || directory.IsUnknown(err) || !strings.Contains(err.Error(), "the disk of the database is full; nothing was written") {
		t.Errorf("a write that does not fit: %v", err)
	}
	if s.Health() == nil {
		t.Error("the server is ready")
	}
	statement(t, url, "drop trigger full_disk on usr")
	must(t, create(t, s, 1))
	must(t, s.Probe(t.Context()))
	o := newOracle()
	o.done[1] = true
	expectSound(t, o, s)
}
