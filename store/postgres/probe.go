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

	// aliveFor is how long a process counts as alive after its last note.
	aliveFor = 15 * time.Second
)

// Replication says where the database is and what a commit waits for.
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

// Probe notes that this process is alive, with a commit like that of any write. The error says what is wrong: the database cannot be
// reached, is a standby, accepts no writes, does not wait for a standby although it must, or its clock differs from this one.
func (s *Store) Probe(ctx context.Context) error {
	err := s.probe(ctx)
	s.note(err)
	return err
}

// Health is the result of the last Probe, or why a write or a connection failed since then.
func (s *Store) Health() error {
	if found := s.condition.Load(); found != nil {
		return *found
	}
	return nil
}

// note remembers the state of the database for Health.
func (s *Store) note(err error) { s.condition.Store(&err) }

func (s *Store) probe(ctx context.Context) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	var r Replication
	var there time.Time
	var standby bool
	var minReader int
	before := s.options.Now()
	b := &pgx.Batch{}
	b.Queue("select clock_timestamp(), pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), (select min_reader from schema_version)").QueryRow(func(row pgx.Row) error {
		return row.Scan(&there, &standby, &r.Commit, &r.Names, &minReader)
	})
	s.sayAlive(b)
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
	case minReader > s.step:
		return s.errOutdated(minReader)
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

// sayAlive notes that this process uses the database.
func (s *Store) sayAlive(b *pgx.Batch) {
	b.Queue(`insert into process (id, seen, name, address) values ($1, clock_timestamp(), $2, $3)
 on conflict (id) do update set seen = excluded.seen`, s.process, s.options.Name, s.options.Address)
}

// join notes that this process uses the database. It refuses if a process of another installation does: two installations would write to
// the same companies, and each would send links to itself.
func (s *Store) join(ctx context.Context) error {
	b := &pgx.Batch{}
	s.sayAlive(b)
	if err := s.read(ctx, b); err != nil {
		return err
	}
	servers, err := s.Servers(ctx)
	if err != nil {
		return err
	}
	for _, other := range servers {
		if other.Address != s.options.Address && other.Address != "" && s.options.Address != "" {
			return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf(
				"the database belongs to another installation: the server %s uses it as %s, and base_url of this one is %s. Give each installation a database of its own; if the address of this one has changed, stop its other servers first, and wait %s",
				other.Name, other.Address, s.options.Address, aliveFor)}
		}
	}
	return nil
}

// Server is a process that uses the database.
type Server struct {
	Name    string
	Address string // of its installation
}

// Servers returns the processes that use the database now, by name.
func (s *Store) Servers(ctx context.Context) (all []Server, err error) {
	b := &pgx.Batch{}
	b.Queue("select name, address from process where seen > clock_timestamp() - $1::interval order by name, id", aliveFor).Query(func(rows pgx.Rows) error {
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Server])
		return err
	})
	return all, s.read(ctx, b)
}

// apart is how far there is outside the time between before and after.
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

// Post tells the other processes something.
func (s *Store) Post(ctx context.Context, topic string, body []byte) error {
	b := &pgx.Batch{}
	b.Queue("set local synchronous_commit = off")
	b.Queue("insert into post (topic, body) values ($1, $2) on conflict (topic) do update set body = excluded.body", topic, body)
	return s.read(ctx, b)
}

// Posts gives what processes have told.
func (s *Store) Posts(ctx context.Context) (map[string][]byte, error) {
	posts := make(map[string][]byte)
	b := &pgx.Batch{}
	b.Queue("select topic, body from post").Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var topic string
			var body []byte
			if err := rows.Scan(&topic, &body); err != nil {
				return err
			}
			posts[topic] = body
		}
		return rows.Err()
	})
	return posts, s.read(ctx, b)
}

// Held gives who holds which lease.
func (s *Store) Held(ctx context.Context) (map[string]string, error) {
	held := make(map[string]string)
	b := &pgx.Batch{}
	b.Queue("select name, holder from lease where until > clock_timestamp()").Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var name, holder string
			if err := rows.Scan(&name, &holder); err != nil {
				return err
			}
			held[name] = holder
		}
		return rows.Err()
	})
	return held, s.read(ctx, b)
}

// Status tells which version the schema of the database at url has.
func Status(ctx context.Context, url string) (SchemaStatus, error) {
	conn, err := dial(ctx, url)
	if err != nil {
		return SchemaStatus{}, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	status, err := schemaStatus(ctx, conn)
	return status, failed("the database did not say which schema it has", err)
}

// goodbye notes that this process no longer uses the database.
func (s *Store) goodbye() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	_, _ = s.pool.Exec(ctx, "delete from process where id = $1", s.process) // it would soon expire anyway
}
