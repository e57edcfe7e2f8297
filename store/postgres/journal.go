package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
)

// Limits of the exchanges that wait to be written. Others become a gap.
const (
	journalWaiting = 4096
	journalBytes   = 16 << 20

	journalEvery   = 200 * time.Millisecond
	journalScan    = 20000 // exchanges that one search looks at
	journalDefault = 100   // exchanges that a search without a limit gives
	journalPage    = 100   // rows that are read at once
)

// anyTenant is the row in journal_bounds for all tenants without a row of their own.
const anyTenant = "*"

// Journal is a store.Journal in the database, so that every process shows the exchanges of all. One goroutine writes, in separate
// transactions that do not wait for the disk.
type Journal struct {
	s *Store

	mu      sync.Mutex
	waiting []noted
	bytes   int
	gaps    map[gapKey]gap
	last    int64 // the last number that was given

	writing sync.Mutex // held by who writes
	ended   chan struct{}
	ending  sync.Once
	done    sync.WaitGroup
}

var _ store.Journal = (*Journal)(nil)

// noted is an exchange that waits.
type noted struct {
	tenant directory.TenantID
	at     time.Time
	body   []byte
}

type gapKey struct {
	tenant     directory.TenantID
	connection directory.ConnectionID
	why        directory.Gap
}

type gap struct {
	first time.Time
	n     int
}

// Journal gives the request journal in this database. It must be closed before the store.
func (s *Store) Journal() *Journal {
	j := &Journal{s: s, gaps: map[gapKey]gap{}, ended: make(chan struct{})}
	j.done.Go(func() {
		tick := time.NewTicker(journalEvery)
		defer tick.Stop()
		for {
			select {
			case <-j.ended:
				return
			case <-tick.C:
				_ = j.write(s.ended) // what is lost is a gap
			}
		}
	})
	return j
}

// Close writes what was taken.
func (j *Journal) Close(ctx context.Context) error {
	j.ending.Do(func() { close(j.ended) })
	j.done.Wait()
	return j.write(ctx)
}

// Note takes a copy of e.
func (j *Journal) Note(e *directory.Exchange) {
	why := e.Gap
	if why == "" {
		if j.put(noted{e.Tenant, e.Time, encoded(e)}) {
			return
		}
		why = directory.GapBusy
	}
	j.miss(gapKey{e.Tenant, e.Connection, why}, e.Time, 1)
}

func (j *Journal) put(n noted) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) >= journalWaiting || j.bytes > journalBytes {
		return false
	}
	j.waiting, j.bytes = append(j.waiting, n), j.bytes+len(n.body)
	return true
}

// miss notes that n exchanges will be missing.
func (j *Journal) miss(key gapKey, at time.Time, n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	g, ok := j.gaps[key]
	if !ok {
		g.first = at
	}
	g.n += n
	j.gaps[key] = g
}

// take gives the waiting exchanges, with the gaps as exchanges.
func (j *Journal) take() []noted {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := j.waiting
	j.waiting, j.bytes = nil, 0
	for key, g := range j.gaps {
		e := directory.Exchange{Time: g.first, Tenant: key.tenant, Connection: key.connection, Gap: key.why, Missed: g.n}
		all = append(all, noted{key.tenant, g.first, encoded(&e)})
	}
	clear(j.gaps)
	return all
}

// numbers gives the first of n numbers that other processes do not give: microseconds and ten random bits.
func (j *Journal) numbers(n int) (first int64) {
	first = max(j.last+1, j.s.options.Now().UnixMicro()<<10|newData()&0x3ff)
	j.last = first + int64(n) - 1
	return first
}

const noteSQL = `insert into journal (tenant, seq, at, body, block) select w.* from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::bytea[], $5::bytea[]) as w(tenant, seq, at, body, block)
 where coalesce((select days from journal_bounds b where b.tenant = w.tenant), (select days from journal_bounds b where b.tenant = '*'), 0) > 0 on conflict do nothing`

// write writes the waiting exchanges. Exchanges that cannot be written become a gap.
func (j *Journal) write(ctx context.Context) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	all := j.take()
	if len(all) == 0 {
		return nil
	}
	rows, err := j.rows(all)
	if err == nil {
		err = j.s.write(ctx, func(b *pgx.Batch) error {
			b.Queue("set local synchronous_commit = off")
			b.Queue(noteSQL, rows.tenants, rows.numbers, rows.times, rows.bodies, rows.blocks)
			return nil
		})
	}
	if err != nil {
		for _, n := range all {
			j.miss(gapKey{n.tenant, "", directory.GapDisk}, n.at, 1)
		}
	}
	return err
}

// A row has the lowest number of its exchanges.
const exchangesSQL = "select seq, body, block from journal where tenant = $1 and seq < $2 and seq > $3 and ($4::timestamptz is null or at >= $4) order by seq desc limit $5"

// Exchanges gives exchanges of a tenant, the newest first.
func (j *Journal) Exchanges(ctx context.Context, tenant directory.TenantID, q directory.JournalQuery) (found []directory.Exchange, next uint64, err error) {
	if err := j.write(ctx); err != nil {
		return nil, 0, err
	}
	if q.Limit <= 0 {
		q.Limit = journalDefault
	}
	before := int64(1<<63 - 1)
	if q.Before != 0 && q.Before < 1<<63 {
		before = int64(q.Before)
	}
	var from *time.Time
	if !q.From.IsZero() {
		from = &q.From
	}
	for scanned := 0; ; {
		some, more, err := j.read(ctx, tenant, before, int64(min(q.After, 1<<63-1)), from)
		if err != nil {
			return nil, 0, err
		}
		for i := range some {
			e := &some[i]
			if len(found) == q.Limit || scanned == journalScan {
				return found, e.Seq + 1, nil
			}
			scanned++
			before = int64(e.Seq)
			if q.Matches(e) {
				found = append(found, *e)
			}
		}
		if !more {
			return found, 0, nil
		}
	}
}

// read gives the newest exchanges before a number, and reports whether there may be more.
func (j *Journal) read(ctx context.Context, tenant directory.TenantID, before, after int64, from *time.Time) (some []directory.Exchange, more bool, err error) {
	b := &pgx.Batch{}
	b.Queue(exchangesSQL, string(tenant), before, after-blockMost, from, journalPage).Query(func(rows pgx.Rows) error {
		some = nil
		n := 0
		for ; rows.Next(); n++ {
			var seq int64
			var body, block []byte
			if err := rows.Scan(&seq, &body, &block); err != nil {
				return err
			}
			all, err := exchanges(tenant, seq, body, block)
			if err != nil {
				return damaged("journal of tenant "+string(tenant), err)
			}
			some = append(some, all...)
		}
		more = n == journalPage
		return rows.Err()
	})
	err = j.s.read(ctx, b)
	some = slices.DeleteFunc(some, func(e directory.Exchange) bool { return int64(e.Seq) >= before })
	return some, more, err
}

// Exchanges beyond the limits: too old, or before the newest that fit.
const (
	beyondSQL = `with bound as (select t.tenant, coalesce(b.days, 0) as days, coalesce(b.bytes, 0) as bytes from (select distinct tenant from journal) t left join unnest($1::text[], $2::int[], $3::bigint[]) as b(tenant, days, bytes) on b.tenant = t.tenant),
 sized as (select j.tenant, j.seq, j.at, length(j.body) + coalesce(length(j.block), 0) as size, sum(length(j.body) + coalesce(length(j.block), 0)) over (partition by j.tenant order by j.seq desc) as total from journal j),
 beyond as (select s.tenant, s.seq, s.size from sized s join bound b on b.tenant = s.tenant where s.at < clock_timestamp() - b.days * interval '1 day' or s.total > b.bytes)`
	removeSQL = beyondSQL + ", gone as (delete from journal j using beyond y where j.tenant = y.tenant and j.seq = y.seq returning j.tenant, length(j.body) + coalesce(length(j.block), 0) as size) select tenant, sum(size)::bigint from gone group by tenant"
	countSQL  = beyondSQL + " select tenant, sum(size)::bigint from beyond group by tenant"
)

// Keep sets how much each tenant keeps, for all processes, and removes the rest.
func (j *Journal) Keep(ctx context.Context, bounds map[directory.TenantID]directory.JournalBounds, others directory.JournalBounds, how directory.Run) (map[directory.TenantID]int64, error) {
	tenants, days, sizes := []string{anyTenant}, []int{others.Days}, []int64{others.Bytes}
	for tenant, b := range bounds {
		tenants, days, sizes = append(tenants, string(tenant)), append(days, b.Days), append(sizes, b.Bytes)
	}
	sql := countSQL
	b := &pgx.Batch{}
	if !how.Dry() {
		sql = removeSQL
		b.Queue("delete from journal_bounds where tenant <> all($1)", tenants)
		b.Queue("insert into journal_bounds (tenant, days, bytes) select * from unnest($1::text[], $2::int[], $3::bigint[]) on conflict (tenant) do update set days = excluded.days, bytes = excluded.bytes", tenants, days, sizes)
	}
	removed := make(map[directory.TenantID]int64)
	b.Queue(sql, tenants, days, sizes).Query(func(rows pgx.Rows) error {
		clear(removed)
		for rows.Next() {
			var tenant string
			var size int64
			if err := rows.Scan(&tenant, &size); err != nil {
				return err
			}
			removed[directory.TenantID(tenant)] = size
		}
		return rows.Err()
	})
	return removed, j.s.read(ctx, b)
}
