package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
)

const (
	// maxSkew is how far the clock of this process may be from that of the database. Times are written with the former, leases
	// run on the latter.
	maxSkew = 2 * time.Second

	// aliveFor is how long a process counts after it was heard of.
	aliveFor = 15 * time.Second
)

// Replication tells where the database is and what a commit waits for.
type Replication struct {
	Server   string // its version
	Address  string // host and port, as the server sees itself
	Commit   string // synchronous_commit
	Names    string // synchronous_standby_names
	Standbys int    // how many replicate from it now
}

// Waits reports whether a commit waits until a standby has it.
func (r *Replication) Waits() bool {
	return r.Names != "" && r.Commit != "off" && r.Commit != "local"
}

const replicationSQL = `select current_setting('server_version'), coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'a local socket'),
 current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), (select count(*) from pg_stat_replication)`

// Replication asks the database.
func (s *Store) Replication(ctx context.Context) (r Replication, err error) {
	b := &pgx.Batch{}
	b.Queue(replicationSQL).QueryRow(func(row pgx.Row) error {
		return row.Scan(&r.Server, &r.Address, &r.Commit, &r.Names, &r.Standbys)
	})
	return r, s.read(ctx, b)
}

var (
	_ store.Prober = (*Store)(nil)
	_ store.Shared = (*Store)(nil)
)

// Probe writes that this process is alive, and commits it as every write is. The error says what is wrong: the database is away, is
// a standby, takes no writes, does not wait for a standby although it must, or its clock and this one differ.
func (s *Store) Probe(ctx context.Context) error {
	err := s.probe(ctx)
	s.note(err)
	return err
}

// Health is what the last Probe found, or the last write since then.
func (s *Store) Health() error {
	if found := s.condition.Load(); found != nil {
		return *found
	}
	return nil
}

// note remembers for Health how the database is.
func (s *Store) note(err error) { s.condition.Store(&err) }

func (s *Store) probe(ctx context.Context) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	var r Replication
	var there time.Time
	var standby bool
	before := s.options.Now()
	b := &pgx.Batch{}
	b.Queue("select clock_timestamp(), pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('synchronous_standby_names')").QueryRow(func(row pgx.Row) error {
		return row.Scan(&there, &standby, &r.Commit, &r.Names)
	})
	b.Queue("insert into process (id, seen) values ($1, clock_timestamp()) on conflict (id) do update set seen = excluded.seen", s.process)
	takeWarning(conn.Conn())
	err = conn.SendBatch(ctx, b).Close()
	after := s.options.Now()
	if err != nil || standby {
		s.discard(conn)
		if standby {
			return errStandby()
		}
		return failed("the database takes no writes", err)
	}
	warning := takeWarning(conn.Conn())
	conn.Release()
	switch {
	case warning != "":
		return failed("a commit did not reach the standby", errors.New(warning))
	case s.options.RequireSync && !r.Waits():
		return &directory.Error{Code: directory.Unavailable, Message: "store.require_sync is on, and commits do not wait for a standby: set synchronous_standby_names on the primary, or turn require_sync off"}
	case before.IsZero():
		return nil
	}
	if skew := apart(there, before, after); skew > maxSkew {
		return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf("the clock of this server and that of the database are %s apart: let both follow the same time server", skew.Round(100*time.Millisecond))}
	}
	return nil
}

// apart is how far there lies outside of the time between before and after.
func apart(there, before, after time.Time) time.Duration {
	switch {
	case there.Before(before):
		return before.Sub(there)
	case there.After(after):
		return there.Sub(after)
	}
	return 0
}

func errStandby() error {
	return &directory.Error{Code: directory.Unavailable, Message: "the database is a standby, or was made one: store.url must lead to the primary"}
}

// Processes gives how many processes use the database now, this one included.
func (s *Store) Processes(ctx context.Context) (n int, err error) {
	b := &pgx.Batch{}
	b.Queue("select count(*) from process where id <> $1 and seen > clock_timestamp() - $2::interval", s.process, aliveFor).QueryRow(func(row pgx.Row) error {
		return row.Scan(&n)
	})
	return n + 1, s.read(ctx, b)
}

// Status says where the schema of the database at url stands.
func Status(ctx context.Context, url string) (SchemaStatus, error) {
	conn, err := dial(ctx, url)
	if err != nil {
		return SchemaStatus{}, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	status, err := schemaStatus(ctx, conn)
	return status, failed("the database did not say which schema it has", err)
}

// goodbye says that this process does not use the database any more.
func (s *Store) goodbye() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	_, _ = s.pool.Exec(ctx, "delete from process where id = $1", s.process) // it would be forgotten soon all the same
}
