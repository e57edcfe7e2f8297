package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
)

// Token finds a credential by the hash of its secret.
func (s *Store) Token(ctx context.Context, hash [32]byte) (directory.Token, error) {
	return queryOne[directory.Token](ctx, s, "token", "select body from token where hash = $1", hash[:])
}

// Connection finds a connection by its slug.
func (s *Store) Connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error) {
	return queryOne[directory.Connection](ctx, s, "connection", "select body from connection where slug = $1", string(id))
}

// One statement, so that all three are of one snapshot, and a guess takes the same time whichever part is wrong. The LIMIT is the number of
// credentials: without it PostgreSQL expects ten, finds that this costs more than a plan for the real number, and plans each time.
const (
	letInSQL    = "select pg_is_in_recovery(), w.n, k.body, c.body, o.body from " + shownSQL
	letInOneSQL = "select pg_is_in_recovery(), " + shownOneSQL

	shownSQL = `(select * from unnest($1::bytea[], $2::text[]) with ordinality as w(hash, slug, n) limit $3) w
 left join lateral (select pk, body from token where hash = w.hash offset 0) k on true
 left join lateral (select pk, body from connection where slug = w.slug offset 0) c on true
 left join lateral (select body from tenant where pk = case w.slug when '' then k.pk else c.pk end offset 0) o on true`

	// shownOneSQL is for one credential of a connection, which is asked for most and costs less so.
	shownOneSQL = `1::bigint, (select body from token where hash = $1), (select body from connection where slug = $2),
 (select o.body from connection c join tenant o on o.pk = c.pk where c.slug = $2)`
)

// admission is a look-up of a credential, and its answer.
type admission struct {
	shown

	token      *directory.Token // nil: there is none
	connection *directory.Connection
	tenant     *directory.Tenant
}

// shown is what a client shows.
type shown struct {
	hash [32]byte
	at   directory.ConnectionID
}

// Credential gives a token, a connection and the connection's tenant. Nothing is cached, because another process may have just revoked the
// token; but a write may check the last answer later (store.Deferral).
func (s *Store) Credential(ctx context.Context, hash [32]byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant, error) {
	d := store.DeferralOf(ctx)
	if d.Offered() {
		if last := s.admitted.last(shown{hash, id}, s.options.Now()); last != nil {
			d.Defer(last)
			return *last.token, *last.connection, *last.tenant, nil
		}
	}
	a, err := s.admission(ctx, shown{hash, id})
	if err != nil {
		return directory.Token{}, directory.Connection{}, directory.Tenant{}, err
	}
	d.Done()
	return orZero(a.token), orZero(a.connection), orZero(a.tenant), nil
}

func orZero[T any](v *T) (zero T) {
	if v == nil {
		return zero
	}
	return *v
}

// admission looks up a credential. Look-ups that wait at the same time share a round trip.
func (s *Store) admission(ctx context.Context, asked shown) (*admission, error) {
	a := &admission{shown: asked}
	if s.sharing.prefetch(ctx, a) || s.sharing.check(ctx, a) {
		return a, nil
	}
	a, b := &admission{shown: asked}, &pgx.Batch{} // the caller may have left a trip that goes on
	s.queueAdmissions(b, []*admission{a})
	return a, s.read(ctx, b)
}

// admissions are look-ups of credentials. Each credential is looked up once, however many clients show it.
type admissions struct {
	hashes bytesArray
	slugs  []string
	same   [][]*admission // those that show the same
}

func admissionsOf(all []*admission) (a admissions) {
	places := make(map[shown]int, len(all))
	for _, one := range all {
		i, ok := places[one.shown]
		if !ok {
			i = len(a.same)
			places[one.shown] = i
			a.hashes, a.slugs, a.same = append(a.hashes, one.hash[:]), append(a.slugs, string(one.at)), append(a.same, nil)
		}
		a.same[i] = append(a.same[i], one)
	}
	return a
}

// queue asks by a statement for one credential, or for many.
func (a *admissions) queue(b *pgx.Batch, one, many string, more ...any) *pgx.QueuedQuery {
	if len(a.hashes) == 1 && a.slugs[0] != "" {
		return b.Queue(one, append([]any{a.hashes[0], a.slugs[0]}, more...)...)
	}
	return b.Queue(many, append([]any{a.hashes, a.slugs, len(a.hashes)}, more...)...)
}

// answer is a row for a credential.
type answer struct {
	n                         int
	token, connection, tenant []byte // nil: there is none
}

func (a *answer) columns() []any { return []any{&a.n, &a.token, &a.connection, &a.tenant} }

// admit gives an answer to those who have shown the credential.
func (s *Store) admit(asked *admissions, from *answer) error {
	same := asked.same[from.n-1]
	first := same[0]
	if err := s.decode(first, from); err != nil {
		return err
	}
	s.admitted.note(first, s.options.Now())
	for _, other := range same[1:] {
		*other = *first
	}
	return nil
}

func (s *Store) queueAdmissions(b *pgx.Batch, all []*admission) {
	asked := admissionsOf(all)
	asked.queue(b, letInOneSQL, letInSQL).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var standby bool
			var a answer
			if err := rows.Scan(append([]any{&standby}, a.columns()...)...); err != nil {
				return err
			}
			if standby { // it may lag, so a revoked token would still be accepted
				return errDemoted
			}
			if err := s.admit(&asked, &a); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// queueAdmitting is queueHeader with admissions. Without the tenant they have no answers.
func (t *tx) queueAdmitting(b *pgx.Batch, one, many string, all []*admission) *int64 {
	asked, found := admissionsOf(all), noData
	asked.queue(b, one, many, string(t.tenant)).Query(func(rows pgx.Rows) (err error) {
		for rows.Next() {
			var a answer
			if found, err = t.readHeader(rows, a.columns()...); err != nil {
				return err
			}
			if err := t.store.admit(&asked, &a); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return &found
}

// decode puts an answer in place of what a was told before: a trip that failed may have answered it, and the token may be revoked since.
func (s *Store) decode(a *admission, from *answer) error {
	*a = admission{shown: a.shown}
	if from.token != nil {
		t, err := s.tokens.decode(string(a.hash[:]), from.token)
		if err != nil {
			return damaged("token", err)
		}
		a.token = t
	}
	if from.connection != nil {
		c, err := s.connections.decode(string(a.at), from.connection)
		if err != nil {
			return damaged("connection "+string(a.at), err)
		}
		a.connection = c
	}
	if from.tenant == nil {
		return nil
	}
	name := orZero(a.connection).Tenant
	if a.at == "" {
		name = orZero(a.token).Tenant
	}
	t, err := s.tenants.decode(string(name), from.tenant)
	if err != nil {
		return damaged("tenant "+string(name), err)
	}
	a.tenant = t
	return nil
}

// Tenants gives all tenants in the order of their slugs.
func (s *Store) Tenants(ctx context.Context) ([]directory.Tenant, error) {
	return queryAll[directory.Tenant](ctx, s, "tenant", "select body from tenant where slug <> '' and body is not null order by slug")
}

// Claimed gives the last claim of a key.
func (s *Store) Claimed(ctx context.Context, key string) (directory.Claim, error) {
	return queryOne[directory.Claim](ctx, s, "claim", claimSQL, key)
}

// Touch notes uses of credentials. An older use is skipped; a newer one is merged with the stored one.
func (s *Store) Touch(ctx context.Context, uses []directory.Use) error {
	if len(uses) == 0 {
		return nil
	}
	newest := make(map[useKey]directory.Use, len(uses))
	for _, use := range uses {
		k := useKey{string(use.Connection), string(use.Token)}
		if old, ok := newest[k]; ok {
			use = old.Record(use)
		}
		newest[k] = use
	}
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return touch(ctx, tx, newest) })
	if err != nil && ctx.Err() != nil {
		return gaveUp(ctx.Err())
	}
	return failed("the uses of credentials could not be written", err)
}

type useKey struct{ connection, token string }

// touch locks the stored uses in a fixed order, so that two processes do not deadlock, and writes the merged ones.
func touch(ctx context.Context, tx pgx.Tx, newest map[useKey]directory.Use) error {
	var connections, tokens []string
	for k := range newest {
		connections, tokens = append(connections, k.connection), append(tokens, k.token)
	}
	b := &pgx.Batch{}
	b.Queue("set local synchronous_commit = off") // a crash may lose the last ones
	b.Queue("select u.connection, u.token, u.body from use u join unnest($1::text[], $2::text[]) as w(connection, token) on u.connection = w.connection and u.token = w.token order by 1, 2 for update of u", connections, tokens).
		Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var k useKey
				var body []byte
				if err := rows.Scan(&k.connection, &k.token, &body); err != nil {
					return err
				}
				var old directory.Use
				if err := json.Unmarshal(body, &old); err == nil { // a damaged note is replaced
					newest[k] = old.Record(newest[k])
				}
			}
			return rows.Err()
		})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	keys := make([]useKey, 0, len(newest))
	for k := range newest {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b useKey) int {
		if a.connection != b.connection {
			return strings.Compare(a.connection, b.connection)
		}
		return strings.Compare(a.token, b.token)
	})
	connections, tokens = connections[:0], tokens[:0]
	var bodies bytesArray
	for _, k := range keys {
		body, err := marshal(newest[k])
		if err != nil {
			return err
		}
		connections, tokens, bodies = append(connections, k.connection), append(tokens, k.token), append(bodies, body)
	}
	_, err := tx.Exec(ctx, "insert into use (connection, token, body) select * from unnest($1::text[], $2::text[], $3::bytea[]) on conflict (connection, token) do update set body = excluded.body", connections, tokens, bodies)
	return err
}

// Uses gives what Touch noted for one connection.
func (s *Store) Uses(ctx context.Context, connection directory.ConnectionID) ([]directory.Use, error) {
	return queryAll[directory.Use](ctx, s, "use of a token", "select body from use where connection = $1 order by token", string(connection))
}
