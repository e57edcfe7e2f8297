package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"drawbridge/directory"
	"drawbridge/store"
)

const (
	// stagedFor is how long a staged tenant belongs to the process that stages it, after its last piece.
	stagedFor = 10 * time.Minute

	// sweepPiece is how many rows one Sweep removes of each table.
	sweepPiece = 4000
)

// stage is a store.Stage: data with a key that no tenant has.
type stage struct {
	s      *Store
	key    laneKey
	holder pgtype.UUID
	ended  bool
}

// Stage begins a tenant that is not visible yet.
func (s *Store) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	if tenant == directory.Provider {
		return nil, internal("the installation itself cannot be staged")
	}
	g, err := s.stage(ctx, tenant, "select exists (select 1 from tenant where slug = $1)")
	if err != nil {
		return nil, err
	}
	return g, nil
}

// stage begins a tenant, unless its slug is taken.
func (s *Store) stage(ctx context.Context, tenant directory.TenantID, takenSQL string) (*stage, error) {
	pk := newData()
	g := &stage{s: s, key: laneKey{tenant, pk}, holder: newID()}
	conn, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		taken := false
		if err := tx.QueryRow(ctx, takenSQL, string(tenant)).Scan(&taken); err != nil {
			return err
		}
		// If two processes begin at the same time, one waits here and then finds the other.
		made, err := tx.Exec(ctx, "insert into staged (slug, pk, holder, until) values ($1, $2, $3, clock_timestamp()) on conflict do nothing", string(tenant), pk, g.holder)
		if err != nil {
			return err
		}
		var old int64
		busy := false
		if err := tx.QueryRow(ctx, "select pk, until > clock_timestamp() from staged where slug = $1 for update", string(tenant)).Scan(&old, &busy); err != nil {
			return err
		}
		if taken || busy {
			return conflict("tenant", string(tenant))
		}
		b := &pgx.Batch{}
		if made.RowsAffected() == 0 { // what an earlier one left
			b.Queue("insert into swept (pk) values ($1)", old)
		}
		b.Queue("update staged set pk = $2, holder = $3, until = clock_timestamp() + $4::interval where slug = $1", string(tenant), pk, g.holder, stagedFor)
		b.Queue("insert into lane (pk) values ($1)", pk)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return nil, failed("the store could not be written", err)
	}
	return g, nil
}

// submit runs work on the staged data while this stage owns it.
func (g *stage) submit(ctx context.Context, do func(*tx) error) error {
	if g.ended {
		return internal("tenant %q is not, or no longer, staged", g.key.tenant)
	}
	return g.s.submit(ctx, g.key, &work{alone: true, do: func(t *tx) error {
		held := false
		err := t.ask("update staged set until = clock_timestamp() + $3::interval where slug = $1 and holder = $2 returning true", []any{string(t.tenant), g.holder, stagedFor}, func(rows pgx.Rows) error {
			held = true
			return nil
		})
		if err != nil {
			return err
		}
		if !held {
			return internal("tenant %q is not, or no longer, staged", g.key.tenant)
		}
		return do(t)
	}})
}

// Put adds records.
func (g *stage) Put(ctx context.Context, c directory.Change) error {
	rest := c
	rest.Users, rest.Groups, rest.Resources, rest.Tombstones, rest.KVs, rest.Join = nil, nil, nil, nil, nil, nil
	if !rest.Empty() {
		return internal("a staged change holds more than records")
	}
	return g.submit(ctx, func(t *tx) error {
		if err := t.verifyStaged(&c); err != nil {
			return err
		}
		t.half = true
		if err := t.apply(&c); err != nil {
			return err
		}
		t.half = false
		return nil
	})
}

// verifyStaged is verify for records that must all be new.
func (t *tx) verifyStaged(c *directory.Change) error {
	n := touched(c)
	for i := range c.Join {
		n.users, n.groups = append(n.users, c.Join[i].Member.ID), append(n.groups, c.Join[i].Member.ID)
	}
	if err := t.fetch(n); err != nil {
		return err
	}
	if err := t.fetch(t.claimed(c)); err != nil {
		return err
	}
	for i := range c.Users {
		if t.known.users[c.Users[i].ID] != nil {
			return conflict("id", c.Users[i].ID.String())
		}
	}
	for i := range c.Groups {
		if t.known.groups[c.Groups[i].ID] != nil {
			return conflict("id", c.Groups[i].ID.String())
		}
	}
	for i := range c.Resources {
		if t.known.resources[c.Resources[i].ID] != nil {
			return conflict("id", c.Resources[i].ID.String())
		}
	}
	for i := range c.Join {
		id := c.Join[i].Member.ID
		if t.known.users[id] == nil && t.known.groups[id] == nil {
			return &directory.Error{Code: directory.Invalid, Field: "members", Message: "a membership names the member " + id.String() + ", who is not there"}
		}
	}
	return t.verifyRecords(c)
}

// Record adds audit lines and events unchanged.
func (g *stage) Record(ctx context.Context, lines []directory.Audit, told []directory.Event) error {
	return g.submit(ctx, func(t *tx) error {
		h := t.head                                                // as it will be
		if h.auditSeq == 0 && len(lines) > 0 && lines[0].Seq > 1 { // those before the first one are in the archive
			mark, err := archived(reader{t})
			if err != nil {
				return err
			}
			h.auditSeq = int64(mark.Last)
		}
		for i := range lines {
			h.auditSeq++
			if lines[i].Seq != uint64(h.auditSeq) {
				return gapIn("audit")
			}
			h.chainHead = lines[i].Hash
		}
		for i := range told {
			if h.eventSeq == 0 && told[i].Seq > 1 { // those before the first one were forgotten
				h.eventSeq = int64(told[i].Seq) - 1
				h.forgotten = h.eventSeq
			}
			h.eventSeq++
			if told[i].Seq != uint64(h.eventSeq) {
				return gapIn("events")
			}
		}
		t.head, t.dirty = h, true
		t.pending.audit, t.pending.events = append(t.pending.audit, lines...), append(t.pending.events, told...)
		return nil
	})
}

// archived is the mark of the audit lines that are in the archive.
func archived(r reader) (directory.ArchiveMark, error) {
	kv, err := r.KV(directory.ArchiveKV, directory.ArchivedAudit)
	if directory.CodeOf(err) == directory.NotFound {
		return directory.ArchiveMark{}, nil
	}
	if err != nil {
		return directory.ArchiveMark{}, err
	}
	return directory.ReadArchiveMark(kv)
}

func gapIn(of string) error {
	return &directory.Error{Code: directory.Invalid, Field: of, Message: "the " + of + " have a gap, or a line twice"}
}

// Publish makes the staged records a tenant.
func (g *stage) Publish(ctx context.Context, decide store.Decide) error {
	err := g.submit(ctx, func(t *tx) error {
		taken := false
		if err := t.ask("select 1 from tenant where slug = $1", []any{string(t.tenant)}, func(pgx.Rows) error { taken = true; return nil }); err != nil {
			return err
		}
		if taken {
			return conflict("tenant", string(t.tenant))
		}
		return t.change(func(r store.Reader) (directory.Change, error) {
			c, err := decide(r)
			if err == nil && (c.Tenant == nil || c.Tenant.Version < 2) {
				err = internal("tenant %q is published without its record, or as a new one", g.key.tenant)
			}
			return c, err
		})
	})
	if err == nil {
		g.ended = true
	}
	return err
}

// Drop gives it up; Sweep frees the room.
func (g *stage) Drop(ctx context.Context) error {
	if g.ended {
		return nil
	}
	g.ended = true
	return g.s.write(ctx, func(b *pgx.Batch) error {
		b.Queue("with gone as (delete from staged where slug = $1 and holder = $2 returning pk) insert into swept (pk) select pk from gone", string(g.key.tenant), g.holder)
		return nil
	})
}

// Erase removes everything of a tenant, and writes the Change of decide in its place: the slug gets new data.
func (s *Store) Erase(ctx context.Context, tenant directory.TenantID, decide store.Decide) error {
	if tenant == directory.Provider {
		return internal("the installation itself cannot be erased")
	}
	return s.submit(ctx, laneKey{tenant: tenant}, &work{alone: true, do: func(t *tx) error {
		var c directory.Change
		err := shielded(func() (err error) {
			c, err = decide(reader{t})
			return err
		})
		if err != nil || c.Empty() {
			return err
		}
		if c.Tenant == nil {
			return internal("tenant %q is erased without a record in its place", tenant)
		}
		if err := t.verify(&c); err != nil {
			return err
		}
		t.half = true
		t.erase()
		if err := t.apply(&c); err != nil {
			return err
		}
		t.half = false
		return nil
	}})
}

func (t *tx) erase() {
	old, fresh := t.pk, newData()
	t.also("delete from use u using token t where t.pk = $1 and u.connection = t.connection and u.token = t.id", old)
	t.also("delete from use u using connection c where c.pk = $1 and u.connection = c.slug", old)
	t.also("delete from token where pk = $1", old)
	t.also("delete from connection where pk = $1", old)
	t.also("insert into swept (pk) values ($1)", old)
	t.also("update tenant set pk = $2 where slug = $1", string(t.tenant), fresh)
	t.also("insert into lane (pk) values ($1)", fresh)
	number := t.head.change // it must not come again
	t.pk, t.head, t.known = fresh, header{change: number, tenant: t.head.tenant}, newKnown()
	t.store.keys.Delete(t.tenant)
}

// Sweep deletes a batch of rows that can no longer be seen.
func (s *Store) Sweep(ctx context.Context) (more bool, err error) {
	conn, err := s.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// Data that a process staged and never published, because it ended.
		if _, err := tx.Exec(ctx, "with gone as (delete from staged where until <= clock_timestamp() returning pk) insert into swept (pk) select pk from gone"); err != nil {
			return err
		}
		var pk int64
		err := tx.QueryRow(ctx, "select pk from swept order by pk limit 1 for update skip locked").Scan(&pk)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		removed := int64(0)
		for _, table := range []string{"usr", "grp", "res", "key", "member", "tomb", "memo", "audit", "event", "desk", "walk"} {
			tag, err := tx.Exec(ctx, "delete from "+table+" where ctid = any(array(select ctid from "+table+" where pk = $1 limit $2))", pk, sweepPiece)
			if err != nil {
				return err
			}
			removed += tag.RowsAffected()
		}
		if removed > 0 {
			return nil
		}
		b := &pgx.Batch{}
		b.Queue("delete from lane where pk = $1", pk)
		b.Queue("delete from swept where pk = $1", pk)
		return tx.SendBatch(ctx, b).Close()
	})
	return more && err == nil, failed("the room of what was erased could not be freed", err)
}

var _ store.Sweeper = (*Store)(nil)
