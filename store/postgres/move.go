package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
)

var _ store.Mover = (*Store)(nil)

// writtenSQL tells whether anything was ever written to a tenant that exists.
const writtenSQL = "select exists (select 1 from tenant t join lane l on l.pk = t.pk where t.slug = $1 and l.audit_seq > 0)"

// abandonSQL ends a stage of any holder.
const abandonSQL = "update staged set until = clock_timestamp() where slug = $1"

// StageMove begins to take a tenant, or Provider, from another store. It takes over what a move left that was killed.
func (s *Store) StageMove(ctx context.Context, tenant directory.TenantID) (store.MoveStage, error) {
	b := &pgx.Batch{}
	b.Queue(abandonSQL, string(tenant))
	if err := s.readWithin(ctx, b, 6*s.options.Timeout); err != nil {
		return nil, err
	}
	takenSQL := "select exists (select 1 from tenant where slug = $1)"
	if tenant == directory.Provider {
		takenSQL = writtenSQL
	}
	g, err := s.stage(ctx, tenant, takenSQL)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// Install makes the staged data the tenant.
func (g *stage) Install(ctx context.Context, rest directory.Change) error {
	err := g.submit(ctx, func(t *tx) error {
		if err := t.verifyContent(&rest); err != nil {
			return err
		}
		t.half = true
		if t.tenant == directory.Provider {
			if err := t.replaceProvider(); err != nil {
				return err
			}
		}
		if err := t.apply(&rest); err != nil {
			return err
		}
		t.half = false
		return nil
	})
	if err == nil {
		g.ended = true
		g.s.keys.Delete(g.key.tenant)
	}
	return err
}

// replaceProvider gives Provider, to which nothing was written yet, the staged data.
func (t *tx) replaceProvider() error {
	written := false
	err := t.ask(writtenSQL, []any{string(t.tenant)}, func(rows pgx.Rows) error { return rows.Scan(&written) })
	if err != nil {
		return err
	}
	if written {
		return conflict("tenant", string(t.tenant))
	}
	t.also("insert into swept (pk) select pk from tenant where slug = $1", string(t.tenant))
	t.also("update tenant set pk = $2 where slug = $1", string(t.tenant), t.pk)
	t.also("delete from staged where pk = $1", t.pk)
	return nil
}

// KVKinds returns the kinds of key-value record of a tenant.
func (s *Store) KVKinds(ctx context.Context, tenant directory.TenantID) (kinds []directory.KVKind, err error) {
	b := &pgx.Batch{}
	b.Queue("select distinct m.kind from memo m join tenant t on t.pk = m.pk where t.slug = $1 order by 1", string(tenant)).Query(func(rows pgx.Rows) error {
		kinds = nil
		for rows.Next() {
			var kind string
			if err := rows.Scan(&kind); err != nil {
				return err
			}
			kinds = append(kinds, directory.KVKind(kind))
		}
		return rows.Err()
	})
	return kinds, s.readWithin(ctx, b, 6*s.options.Timeout)
}

// Claims returns the claims of a tenant.
func (s *Store) Claims(ctx context.Context, tenant directory.TenantID) ([]directory.Claim, error) {
	return queryAll[directory.Claim](ctx, s, "claim", "select body from claim where tenant = $1 order by key", string(tenant))
}
