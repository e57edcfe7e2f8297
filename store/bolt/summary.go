package bolt

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
)

// Summaries yields a summary of each tenant.
func (s *Store) Summaries(ctx context.Context, tenants []directory.TenantID, yield func(*store.Summary) error) error {
	return s.eachTenant(ctx, tenants, func(r *reader) error {
		summary, err := r.summary()
		if err != nil {
			return err
		}
		return yield(summary)
	})
}

// TenantKVs yields the values of a kind of many tenants.
func (s *Store) TenantKVs(ctx context.Context, kind directory.KVKind, tenants []directory.TenantID, yield func(directory.TenantID, directory.KV) error) error {
	return s.eachTenant(ctx, tenants, func(r *reader) error {
		var yielded error
		err := r.KVs(kind, "", "", func(m directory.KV) error {
			yielded = yield(r.tenant, m)
			return yielded
		})
		if yielded != nil { // also ErrStop, which ends the list for all tenants
			return yielded
		}
		return err
	})
}

// Unannounced returns the tenants whose last event was not announced by mail yet.
func (s *Store) Unannounced(ctx context.Context) (found []directory.TenantID, err error) {
	look := func(r *reader) error {
		b := r.part(events)
		if b == nil || b.Sequence() == 0 {
			return nil
		}
		seq, _, err := r.Noticed()
		if err == nil && seq < b.Sequence() {
			found = append(found, r.tenant)
		}
		return err
	}
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		if err := look(s.reader(tx, directory.Provider)); err != nil {
			return err
		}
		return s.eachTenantIn(ctx, tx, nil, look)
	})
	return found, err
}

// eachTenant runs fn for tenants (nil: all but Provider) in the order of their slugs, in one transaction.
func (s *Store) eachTenant(ctx context.Context, tenants []directory.TenantID, fn func(*reader) error) error {
	return s.read(ctx, func(tx *bbolt.Tx) error { return s.eachTenantIn(ctx, tx, tenants, fn) })
}

func (s *Store) eachTenantIn(ctx context.Context, tx *bbolt.Tx, tenants []directory.TenantID, fn func(*reader) error) error {
	records := tx.Bucket([]byte(tenantBucket))
	do := func(tenant directory.TenantID) error {
		if err := ctx.Err(); err != nil {
			return gaveUp(err)
		}
		return fn(s.reader(tx, tenant))
	}
	if tenants == nil {
		return stopped(records.ForEach(func(key, _ []byte) error {
			if bytes.Equal(key, tenantKey(directory.Provider)) {
				return nil
			}
			return do(directory.TenantID(key))
		}))
	}
	ordered := slices.Compact(slices.Sorted(slices.Values(tenants)))
	for _, tenant := range ordered {
		if tenant != directory.Provider && records.Get(tenantKey(tenant)) == nil {
			continue
		}
		if err := do(tenant); err != nil {
			return stopped(err)
		}
	}
	return nil
}

func (r *reader) summary() (*store.Summary, error) {
	var out store.Summary
	var err error
	if out.Tenant, err = r.Tenant(); err != nil {
		return nil, err
	}
	if out.Usage, err = r.Usage(); err != nil {
		return nil, err
	}
	for _, name := range directory.BuiltIns() {
		for _, id := range r.lookup(byBuiltIn, string(name), nil) {
			if out.BuiltIns == nil {
				out.BuiltIns = make(map[directory.BuiltIn]directory.ID)
			}
			out.BuiltIns[name] = id
		}
	}
	connections, err := r.Connections()
	if err != nil {
		return nil, err
	}
	for i := range connections {
		c := store.ConnectionSummary{Connection: connections[i]}
		if c.Tokens, err = r.Tokens(c.Connection.ID); err != nil {
			return nil, err
		}
		if c.Uses, err = readUses(r.tx, c.Connection.ID); err != nil {
			return nil, err
		}
		out.Connections = append(out.Connections, c)
	}
	if b := r.part(events); b != nil {
		out.LastEvent = b.Sequence()
	}
	if b := r.part(audit); b != nil {
		out.LastAudit = b.Sequence()
	}
	seq, known, err := r.Noticed()
	if known {
		out.Noticed = &seq
	}
	return &out, err
}
