package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/record"
)

const (
	// The parts of a connection that are read together: its record, its credentials and their uses, in the same order.
	summarySQL = `select t.slug, t.body, l.usage, l.event_seq, l.audit_seq, l.noticed,
 (select array_agg(k.value order by k.value) from key k where k.pk = l.pk and k.kind = 'b'),
 (select array_agg(k.id order by k.value) from key k where k.pk = l.pk and k.kind = 'b'),
 (select array_agg(c.body order by c.slug) from connection c where c.pk = l.pk),
 (select array_agg(k.body order by k.connection, k.id) from token k where k.pk = l.pk and k.connection <> ''),
 (select array_agg(u.body order by u.connection, u.token) from use u join connection c on c.slug = u.connection where c.pk = l.pk)
 from tenant t join lane l on l.pk = t.pk where (t.body is not null or t.slug = '') and case when $1::text[] is null then t.slug <> '' else t.slug = any($1) end order by t.slug`

	tenantKVsSQL = `select t.slug, m.kind, m.key, m.value from tenant t join memo m on m.pk = t.pk and m.kind = $2
 where case when $1::text[] is null then t.slug <> '' else t.slug = any($1) end order by t.slug, m.key`
)

const unannouncedSQL = `select t.slug from tenant t join lane l on l.pk = t.pk
 where (t.body is not null or t.slug = '') and l.event_seq > coalesce(l.noticed, 0) order by t.slug`

// Unannounced returns the tenants whose last event was not announced by mail yet.
func (s *Store) Unannounced(ctx context.Context) (found []directory.TenantID, err error) {
	b := &pgx.Batch{}
	b.Queue(unannouncedSQL).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var slug string
			if err := rows.Scan(&slug); err != nil {
				return err
			}
			found = append(found, directory.TenantID(slug))
		}
		return rows.Err()
	})
	err = s.read(ctx, b)
	return found, err
}

// slugs gives the names of tenants for a query; nil means all.
func slugs(tenants []directory.TenantID) []string {
	if tenants == nil {
		return nil
	}
	out := make([]string, len(tenants))
	for i, id := range tenants {
		out[i] = string(id)
	}
	return out
}

// Summaries yields a summary of each tenant, from one statement.
func (s *Store) Summaries(ctx context.Context, tenants []directory.TenantID, yield func(*store.Summary) error) error {
	var all []*store.Summary
	b := &pgx.Batch{}
	b.Queue(summarySQL, slugs(tenants)).Query(func(rows pgx.Rows) error {
		all = nil
		for rows.Next() {
			summary, err := scanSummary(rows)
			if err != nil {
				return err
			}
			all = append(all, summary)
		}
		return rows.Err()
	})
	if err := s.read(ctx, b); err != nil {
		return err
	}
	for _, summary := range all {
		if err := yield(summary); err != nil {
			return stopped(err)
		}
	}
	return nil
}

func scanSummary(rows pgx.Rows) (*store.Summary, error) {
	var out store.Summary
	var slug string
	var tenant, usage []byte
	var eventSeq, auditSeq int64
	var noticed *int64
	var names, connections, tokens, uses [][]byte
	var ids [][16]byte
	if err := rows.Scan(&slug, &tenant, &usage, &eventSeq, &auditSeq, &noticed, &names, &ids, &connections, &tokens, &uses); err != nil {
		return nil, err
	}
	out.LastEvent, out.LastAudit = uint64(eventSeq), uint64(auditSeq)
	if noticed != nil {
		seq := uint64(*noticed)
		out.Noticed = &seq
	}
	if tenant != nil {
		if err := json.Unmarshal(tenant, &out.Tenant); err != nil {
			return nil, damaged("tenant "+slug, err)
		}
	}
	if len(usage) > 0 {
		d := record.NewReader(string(usage))
		var err error
		if out.Usage, err = d.ReadUsage(); err != nil {
			return nil, damaged("counts of tenant "+slug, err)
		}
	}
	for i, name := range names {
		if out.BuiltIns == nil {
			out.BuiltIns = make(map[directory.BuiltIn]directory.ID)
		}
		out.BuiltIns[directory.BuiltIn(name)] = ids[i]
	}
	return &out, summarised(&out, slug, connections, tokens, uses)
}

// summarised adds the connections with their credentials.
func summarised(out *store.Summary, slug string, connections, tokens, uses [][]byte) error {
	at := make(map[directory.ConnectionID]int)
	for i, body := range connections {
		var c store.ConnectionSummary
		if err := json.Unmarshal(body, &c.Connection); err != nil {
			return damaged("connection of tenant "+slug, err)
		}
		at[c.Connection.ID] = i
		out.Connections = append(out.Connections, c)
	}
	for _, body := range tokens {
		var token directory.Token
		if err := json.Unmarshal(body, &token); err != nil {
			return damaged("token of tenant "+slug, err)
		}
		if i, ok := at[token.Connection]; ok {
			out.Connections[i].Tokens = append(out.Connections[i].Tokens, token)
		}
	}
	for i := range out.Connections {
		byCreation(out.Connections[i].Tokens)
	}
	for _, body := range uses {
		var use directory.Use
		if err := json.Unmarshal(body, &use); err != nil {
			return damaged("use of a token of tenant "+slug, err)
		}
		if i, ok := at[use.Connection]; ok {
			out.Connections[i].Uses = append(out.Connections[i].Uses, use)
		}
	}
	return nil
}

// TenantKVs yields the key-value records of a kind of many tenants, from one statement.
func (s *Store) TenantKVs(ctx context.Context, kind directory.KVKind, tenants []directory.TenantID, yield func(directory.TenantID, directory.KV) error) error {
	type row struct {
		tenant directory.TenantID
		kv     directory.KV
	}
	var all []row
	b := &pgx.Batch{}
	b.Queue(tenantKVsSQL, slugs(tenants), string(kind)).Query(func(rows pgx.Rows) error {
		all = nil
		for rows.Next() {
			var r row
			if err := rows.Scan((*string)(&r.tenant), (*string)(&r.kv.Kind), &r.kv.Key, (*[]byte)(&r.kv.Value)); err != nil {
				return err
			}
			all = append(all, r)
		}
		return rows.Err()
	})
	if err := s.read(ctx, b); err != nil {
		return err
	}
	for i := range all {
		if err := yield(all[i].tenant, all[i].kv); err != nil {
			return stopped(err)
		}
	}
	return nil
}
