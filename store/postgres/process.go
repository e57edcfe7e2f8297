package postgres

import (
	"context"
	"maps"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
)

// pollEvery is how often the numbers of the tenants are read while a reader waits for one.
const pollEvery = 200 * time.Millisecond

// changes are the readers that wait for a change of a tenant. While one waits, one goroutine asks the database for all of them. They learn
// of writes of this process at once.
type changes struct {
	mu      sync.Mutex
	waiters map[*waiter]bool
	ask     chan struct{} // a waiter is new
	polling bool
}

type waiter struct {
	seen  map[directory.TenantID]uint64
	moved chan map[directory.TenantID]uint64
}

// tell gives w what has moved, if anything has.
func (c *changes) tell(w *waiter, now map[directory.TenantID]uint64) {
	moved := make(map[directory.TenantID]uint64)
	for tenant, number := range now {
		if seen, waits := w.seen[tenant]; waits && seen != number {
			moved[tenant] = number
		}
	}
	if len(moved) > 0 {
		w.moved <- moved
		delete(c.waiters, w)
	}
}

// wrote tells those who wait in this process.
func (c *changes) wrote(tenant directory.TenantID, number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.waiters {
		c.tell(w, map[directory.TenantID]uint64{tenant: number})
	}
}

// answer tells the waiters that were there when the database was asked. For one that came later, the numbers may be older than those that it
// has seen.
func (c *changes) answer(asked map[*waiter]bool, now map[directory.TenantID]uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.waiters {
		if asked[w] {
			c.tell(w, now)
		}
	}
}

func tenantsOf(waiters map[*waiter]bool) map[directory.TenantID]bool {
	names := make(map[directory.TenantID]bool)
	for w := range waiters {
		for tenant := range w.seen {
			names[tenant] = true
		}
	}
	return names
}

// Changed waits until the number of a tenant changes.
func (s *Store) Changed(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, w := &s.changes, &waiter{seen: seen, moved: make(chan map[directory.TenantID]uint64, 1)}
	c.mu.Lock()
	if s.ended.Err() != nil {
		c.mu.Unlock()
		return nil, isClosed()
	}
	if c.waiters == nil {
		c.waiters, c.ask = make(map[*waiter]bool), make(chan struct{}, 1)
	}
	c.waiters[w] = true
	if !c.polling {
		c.polling = true
		s.background.Go(s.poll)
	}
	select {
	case c.ask <- struct{}{}:
	default:
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiters, w)
		c.mu.Unlock()
	}()
	select {
	case moved := <-w.moved:
		return moved, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.ended.Done():
		return nil, isClosed()
	}
}

// poll asks the database while a reader waits.
func (s *Store) poll() {
	c := &s.changes
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		c.mu.Lock()
		if len(c.waiters) == 0 || s.ended.Err() != nil {
			c.polling = false
			c.mu.Unlock()
			return
		}
		asked := maps.Clone(c.waiters)
		c.mu.Unlock()
		if now, err := s.numbers(s.ended, tenantsOf(asked)); err == nil { // after an error it is asked again
			c.answer(asked, now)
		}
		select {
		case <-tick.C:
		case <-c.ask:
		case <-s.ended.Done():
		}
	}
}

func (s *Store) numbers(ctx context.Context, names map[directory.TenantID]bool) (map[directory.TenantID]uint64, error) {
	var slugs []string
	for tenant := range names {
		slugs = append(slugs, string(tenant))
	}
	now := make(map[directory.TenantID]uint64, len(slugs))
	for tenant := range names {
		now[tenant] = math.MaxUint64 // it does not exist yet
	}
	b := &pgx.Batch{}
	b.Queue("select t.slug, l.change from tenant t join lane l on l.pk = t.pk where t.slug = any($1)", slugs).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var slug string
			var number int64
			if err := rows.Scan(&slug, &number); err != nil {
				return err
			}
			now[directory.TenantID(slug)] = uint64(number)
		}
		return rows.Err()
	})
	return now, s.read(ctx, b)
}

// Acquire takes a lease, or extends it, by the clock of the database.
func (s *Store) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (lease store.Lease, err error) {
	b := &pgx.Batch{}
	b.Queue(`insert into lease as l (name, holder, until) values ($1, $2, clock_timestamp() + $3::interval)
 on conflict (name) do update set holder = excluded.holder, until = excluded.until where l.holder = excluded.holder or l.until <= clock_timestamp()`, name, holder, ttl)
	b.Queue("select holder, until from lease where name = $1", name).QueryRow(func(row pgx.Row) error { return row.Scan(&lease.Holder, &lease.Until) })
	return lease, s.read(ctx, b)
}

// Release ends a lease.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	b := &pgx.Batch{}
	b.Queue("delete from lease where name = $1 and holder = $2", name, holder)
	return s.read(ctx, b)
}

// Secret gives a secret that all processes share. The first one that is written stays.
func (s *Store) Secret(ctx context.Context, name string, generate func() ([]byte, error)) ([]byte, error) {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return nil, internal("a secret cannot be called %q", name)
	}
	secret, err := s.secret(ctx, name)
	if err != nil || secret != nil {
		return secret, err
	}
	fresh, err := generate()
	if err != nil {
		return nil, err
	}
	b := &pgx.Batch{}
	b.Queue("insert into secret (name, value) values ($1, $2) on conflict do nothing", name, fresh)
	if err := s.read(ctx, b); err != nil {
		return nil, err
	}
	return s.secret(ctx, name)
}

func (s *Store) secret(ctx context.Context, name string) (secret []byte, err error) {
	b := &pgx.Batch{}
	b.Queue("select value from secret where name = $1", name).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&secret); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return secret, s.read(ctx, b)
}

// KeepPosition keeps where a page of a list ended. It does not wait for the disk.
func (s *Store) KeepPosition(ctx context.Context, tenant directory.TenantID, key, position []byte) error {
	b := &pgx.Batch{}
	b.Queue("set local synchronous_commit = off")
	b.Queue(`insert into walk (pk, walk, place) select pk, $2, $3 from tenant where slug = $1
 on conflict (pk, walk) do update set place = excluded.place, at = excluded.at`, string(tenant), key, position)
	return s.read(ctx, b)
}

// TakePosition gives a position once, by the clock of the database.
func (s *Store) TakePosition(ctx context.Context, tenant directory.TenantID, key []byte, age time.Duration) (position []byte, err error) {
	b := &pgx.Batch{}
	b.Queue("set local synchronous_commit = off")
	b.Queue(`delete from walk using tenant t where t.slug = $1 and walk.pk = t.pk and walk.walk = $2
 returning walk.place, walk.at > clock_timestamp() - $3::interval`, string(tenant), key, age).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var kept []byte
			var fresh bool
			if err := rows.Scan(&kept, &fresh); err != nil {
				return err
			}
			if fresh {
				position = kept
			}
		}
		return rows.Err()
	})
	return position, s.read(ctx, b)
}
