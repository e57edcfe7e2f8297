package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"drawbridge/directory"
	"drawbridge/store"
)

// Options tune a store. The zero value is good.
type Options struct {
	// Connections is how many connections to the database there are at most. 0: 4, and 2 for each core.
	Connections int
	// Migrate makes Open bring the schema up to date.
	Migrate bool
	// RequireSync makes Probe fail while commits do not wait for a standby.
	RequireSync bool
	// Name is the name of this process for people. "": it does not count as a server of the installation.
	Name string
	// Address is the public address of the installation. Open refuses a database that a process with another one uses. "": not known.
	Address string
	// Timeout is how long a commit may take, and then how long to find out whether an unanswered one was done. 0: ten seconds. A read
	// outside of a transaction may take as long, and one in a transaction six times as long.
	Timeout time.Duration
	// Now tells the time, for Metrics and to compare it with the clock of the database. nil: no times.
	Now func() time.Time
	// Metrics, if set, is told about commits.
	Metrics *Metrics
	// Logger gets the faults that the store recovered from, never requests. nil: none.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = func() time.Time { return time.Time{} }
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// readTimeout is how long a read looks for a connection that works.
const readTimeout = 2 * time.Second

// Store is a store.Store in a PostgreSQL database. It is safe for concurrent use, in any number of processes.
type Store struct {
	options Options
	pool    *pgxpool.Pool
	process pgtype.UUID // its name among those that use the database
	step    int         // steps of the schema, up to the last one that this program knows

	keys sync.Map // TenantID → last known key of its data

	tenants     decoded[directory.Tenant]
	connections decoded[directory.Connection]
	tokens      decoded[directory.Token]
	admitted    admitted

	lanes     lanes
	sharing   sharing
	roster    roster
	changes   changes
	condition atomic.Pointer[error] // see Health

	background sync.WaitGroup
	ended      context.Context
	end        context.CancelFunc
	closing    sync.Once
}

var _ store.Store = (*Store)(nil)

// Open connects to the database at url. The error is a *directory.Error whose Message says what to do: Invalid for a wrong URL,
// Unavailable for a database that cannot be reached, is too old, is a standby, or has another schema than this program needs, Conflict for
// one that another installation uses.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	options = options.withDefaults()
	config, err := configure(url, options.Connections)
	if err != nil {
		return nil, err
	}
	if options.Migrate {
		if _, err := Migrate(ctx, url); err != nil {
			return nil, err
		}
	}
	conn, err := dial(ctx, url)
	if err != nil {
		return nil, err
	}
	status, err := schemaStatus(ctx, conn)
	_ = conn.Close(ctx)
	if err != nil {
		return nil, failed("the database did not say which schema it has", err)
	}
	if text := status.Problem(); text != "" {
		return nil, &directory.Error{Code: directory.Unavailable, Message: text}
	}
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	if err != nil {
		return nil, unreachable(err)
	}
	s := &Store{
		options: options, pool: pool, process: newID(), step: status.Known,
		tenants: newDecoded[directory.Tenant](), connections: newDecoded[directory.Connection](), tokens: newDecoded[directory.Token](), admitted: newAdmitted(),
	}
	s.ended, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.lanes.init(s)
	s.sharing.init(s)
	s.background.Go(s.tidy)
	if options.Name != "" {
		if err := s.join(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close completes all accepted work and closes the connections.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.lanes.close()
		s.goodbye()
		s.end()
		s.background.Wait()
		s.pool.Close()
	})
	return nil
}

// acquire gives a connection; the caller gives it back with Release or discard.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, gaveUp(err)
	}
	if s.ended.Err() != nil {
		return nil, isClosed()
	}
	// A connection that was idle is tried first, and a new one is made: a database that is frozen answers neither.
	within, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	conn, err := s.pool.Acquire(within)
	switch {
	case err == nil:
		return conn, nil
	case s.ended.Err() != nil:
		return nil, isClosed()
	case ctx.Err() != nil:
		return nil, gaveUp(ctx.Err())
	case within.Err() != nil && s.pool.Stat().AcquiredConns() == s.pool.Config().MaxConns: // that says nothing about the database, which the next Probe asks
		return nil, &directory.Error{Code: directory.Unavailable, Message: "no connection to the database became free in time: it does not answer, or it is too slow for this load (store.connections)", Err: err}
	}
	err = unreachable(err)
	s.note(err)
	return nil, err
}

// discard closes a connection whose state is unknown.
func (s *Store) discard(conn *pgxpool.Conn) {
	_ = conn.Conn().Close(context.WithoutCancel(s.ended))
	conn.Release()
}

// read runs queries outside of any transaction, in one round trip. Broken connections are dropped one after the other, as in snapshot.
func (s *Store) read(ctx context.Context, b *pgx.Batch) error {
	return s.readWithin(ctx, b, s.options.Timeout)
}

func (s *Store) readWithin(ctx context.Context, b *pgx.Batch, limit time.Duration) error {
	within, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	for {
		conn, err := s.acquire(ctx)
		if err != nil {
			return err
		}
		if err = s.send(ctx, conn, holdable(b), limit); err == nil {
			conn.Release()
			return nil
		}
		s.discard(conn)
		switch {
		case passing(err) && within.Err() == nil:
		case ctx.Err() != nil:
			return gaveUp(ctx.Err())
		default:
			return failed("the store could not be read", err)
		}
	}
}

// send sends a batch and waits for its answer, for a limited time: a database that is frozen, or whose network drops all packets, never answers.
func (s *Store) send(ctx context.Context, conn *pgxpool.Conn, b *pgx.Batch, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return conn.SendBatch(ctx, b).Close()
}

// write runs small statements that belong to no tenant, in one transaction and one round trip.
func (s *Store) write(ctx context.Context, queue func(*pgx.Batch) error) error {
	b := &pgx.Batch{}
	if err := queue(b); err != nil {
		return err
	}
	return s.read(ctx, b)
}

// queryAll gives all rows of a query of one JSON record each.
func queryAll[T any](ctx context.Context, s *Store, what, sql string, args ...any) ([]T, error) {
	var all []T
	b := &pgx.Batch{}
	b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		all = nil
		for rows.Next() {
			v, err := scanJSON[T](rows, what)
			if err != nil {
				return err
			}
			all = append(all, *v)
		}
		return rows.Err()
	})
	err := s.read(ctx, b)
	return all, err
}

// queryOne gives the one row of a query; NotFound.
func queryOne[T any](ctx context.Context, s *Store, what, sql string, args ...any) (T, error) {
	all, err := queryAll[T](ctx, s, what, sql, args...)
	if err == nil && len(all) == 0 {
		err = notFound(what)
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// keyOf gives the key of a tenant's data, noData if there is no such tenant. It may be outdated: the caller reads the registry in the same
// transaction.
func (s *Store) keyOf(ctx context.Context, conn *pgxpool.Conn, tenant directory.TenantID) (int64, error) {
	if pk, ok := s.keys.Load(tenant); ok {
		return pk.(int64), nil //nolint:errcheck,forcetypeassert // nothing else is put there
	}
	if !isHoldable(string(tenant)) {
		return noData, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	var pk int64
	err := conn.QueryRow(ctx, "select pk from tenant where slug = $1", string(tenant)).Scan(&pk)
	if errors.Is(err, pgx.ErrNoRows) {
		return noData, nil
	}
	if err != nil {
		return noData, err
	}
	s.keys.Store(tenant, pk)
	return pk, nil
}

// tidy removes outdated rows once a minute.
func (s *Store) tidy() {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-s.ended.Done():
			return
		case <-tick.C:
		}
		err := s.write(s.ended, func(b *pgx.Batch) error {
			b.Queue("delete from batch where at < clock_timestamp() - interval '1 hour'")
			b.Queue("delete from walk where at < clock_timestamp() - interval '1 hour'")
			b.Queue("delete from process where seen < clock_timestamp() - interval '1 day'")
			b.Queue("delete from bucket where full_at < clock_timestamp()")
			b.Queue("delete from claim where until < clock_timestamp() - interval '1 day'")
			return nil
		})
		if err != nil && s.ended.Err() == nil {
			s.options.Logger.Warn("what only the last hour needs could not be removed", "error", err)
		}
	}
}
