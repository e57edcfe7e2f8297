package postgres

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/record"
)

// reader is a store.Reader of one transaction.
type reader struct{ t *tx }

var _ store.Reader = reader{}

// Tenant gives the tenant itself. Provider always exists, and is empty at first.
func (r reader) Tenant() (directory.Tenant, error) {
	switch {
	case r.t.head.tenant != nil:
		return *r.t.head.tenant, nil
	case r.t.tenant == directory.Provider:
		return directory.Tenant{}, nil
	}
	return directory.Tenant{}, notFound("tenant")
}

// Connection gives a connection of this tenant.
func (r reader) Connection(id directory.ConnectionID) (directory.Connection, error) {
	c, err := r.t.connection(id)
	switch {
	case err != nil:
		return directory.Connection{}, err
	case c == nil:
		return directory.Connection{}, notFound("connection")
	}
	return *c, nil
}

// Connections gives the connections of this tenant by slug.
func (r reader) Connections() ([]directory.Connection, error) {
	all, err := r.t.connections()
	return slices.Clone(all), err
}

// Tokens gives the credentials of a connection of this tenant by creation.
func (r reader) Tokens(id directory.ConnectionID) ([]directory.Token, error) {
	all, err := askAll[directory.Token](r.t, "token", "select body from token where pk = $1 and connection = $2 order by id", r.t.pk, string(id))
	byCreation(all)
	return all, err
}

// one makes k known and gives its record.
func one[K comparable, V any](t *tx, known map[K]*V, k K, n need, what string) (V, error) {
	if _, ok := known[k]; !ok {
		if err := t.fetch(n); err != nil {
			var none V
			return none, err
		}
	}
	if v := known[k]; v != nil {
		return *v, nil
	}
	var none V
	return none, notFound(what)
}

// some reads ks into known and gives those that exist.
func some[K comparable, V any](t *tx, known map[K]*V, ks []K, n need) (map[K]V, error) {
	if err := t.fetch(n); err != nil {
		return nil, err
	}
	found := make(map[K]V, len(ks))
	for _, k := range ks {
		if v := known[k]; v != nil {
			found[k] = *v
		}
	}
	return found, nil
}

// User gives a user, Gone or not.
func (r reader) User(id directory.ID) (directory.User, error) {
	return one(r.t, r.t.known.users, id, need{users: []directory.ID{id}}, "user")
}

// UsersByID gives the users with these ids.
func (r reader) UsersByID(ids []directory.ID) (map[directory.ID]directory.User, error) {
	return some(r.t, r.t.known.users, ids, need{users: ids})
}

// Group gives a group, built in or not.
func (r reader) Group(id directory.ID) (directory.Group, error) {
	return one(r.t, r.t.known.groups, id, need{groups: []directory.ID{id}}, "group")
}

// GroupsByID gives the groups with these ids.
func (r reader) GroupsByID(ids []directory.ID) (map[directory.ID]directory.Group, error) {
	return some(r.t, r.t.known.groups, ids, need{groups: ids})
}

// Resource gives an instance of a custom resource type.
func (r reader) Resource(kind directory.Kind, id directory.ID) (directory.Resource, error) {
	v, err := one(r.t, r.t.known.resources, id, need{resources: []directory.ID{id}}, "resource")
	if err == nil && v.Kind != kind {
		return directory.Resource{}, notFound("resource")
	}
	return v, err
}

// Tombstone gives what is kept of a deleted user or group.
func (r reader) Tombstone(id directory.ID) (directory.Tombstone, error) {
	return one(r.t, r.t.known.tombstones, id, need{tombstones: []directory.ID{id}}, "tombstone")
}

// KV gives what a rule remembers under a key.
func (r reader) KV(kind directory.KVKind, key string) (directory.KV, error) {
	ref := directory.KVRef{Kind: kind, Key: key}
	return one(r.t, r.t.known.kvs, ref, need{kvs: []directory.KVRef{ref}}, "state")
}

// KVsByKey gives the key-value records of a kind with these keys.
func (r reader) KVsByKey(kind directory.KVKind, keys []string) (map[string]directory.KV, error) {
	refs := make([]directory.KVRef, len(keys))
	for i, key := range keys {
		refs[i] = directory.KVRef{Kind: kind, Key: key}
	}
	found, err := some(r.t, r.t.known.kvs, refs, need{kvs: refs})
	out := make(map[string]directory.KV, len(found))
	for ref, m := range found {
		out[ref.Key] = m
	}
	return out, err
}

// lookup gives the IDs at a value of an index, in order; of one scope if scope is not nil.
func (r reader) lookup(i index, value string, scope *string) ([]directory.ID, error) {
	at := term{i, short(value)}
	if _, ok := r.t.known.terms[at]; !ok {
		if err := r.t.fetch(need{terms: []term{at}}); err != nil {
			return nil, err
		}
	}
	var ids []directory.ID
	for _, e := range r.t.known.terms[at] {
		if scope == nil || e.scope == *scope {
			ids = append(ids, e.id)
		}
	}
	return slices.Compact(ids), nil
}

// at gives the records at a value of an index.
func at[V any](r reader, known map[directory.ID]*V, i index, value string, scope *string) ([]V, error) {
	ids, err := r.lookup(i, value, scope)
	if err != nil {
		return nil, err
	}
	var all []V
	for _, id := range ids {
		v := known[id]
		if v == nil {
			return nil, damaged("index of a record", errNoRecord(id))
		}
		all = append(all, *v)
	}
	return all, nil
}

func first[V any](all []V, err error) func(what string) (V, error) {
	return func(what string) (V, error) {
		if err == nil && len(all) == 0 {
			err = notFound(what)
		}
		if err != nil {
			var none V
			return none, err
		}
		return all[0], nil
	}
}

// UserByName finds the one user with this userName that is not Gone.
func (r reader) UserByName(userName string) (directory.User, error) {
	return first(at(r, r.t.known.users, byUserName, directory.UserNameKey(userName), nil))("user")
}

// GoneByName finds the users with this userName that are Gone, the youngest (by ID) first.
func (r reader) GoneByName(userName string) ([]directory.User, error) {
	all, err := at(r, r.t.known.users, byGoneName, directory.UserNameKey(userName), nil)
	slices.Reverse(all)
	return all, err
}

// UsersByExternalID finds users that a connection manages.
func (r reader) UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error) {
	if externalID == "" {
		return nil, nil
	}
	scope := string(connection)
	return at(r, r.t.known.users, byUserExternalID, externalID, &scope)
}

// GroupByName finds the one group with this displayName that is not built in.
func (r reader) GroupByName(displayName string) (directory.Group, error) {
	return first(at(r, r.t.known.groups, byDisplayName, directory.Fold(displayName), nil))("group")
}

// BuiltIn finds a built-in group.
func (r reader) BuiltIn(name directory.BuiltIn) (directory.Group, error) {
	if err := r.t.fetch(need{builtIns: true}); err != nil {
		return directory.Group{}, err
	}
	return first(at(r, r.t.known.groups, byBuiltIn, string(name), nil))("group")
}

// GroupsByExternalID finds groups that a connection manages.
func (r reader) GroupsByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Group, error) {
	if externalID == "" {
		return nil, nil
	}
	scope := string(connection)
	return at(r, r.t.known.groups, byGroupExternalID, externalID, &scope)
}

// TombstonesByExternalID finds tombstones of a connection in the order of their IDs.
func (r reader) TombstonesByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Tombstone, error) {
	if externalID == "" {
		return nil, nil
	}
	scope := string(connection)
	return at(r, r.t.known.tombstones, byTombExternalID, externalID, &scope)
}

// Tombstones gives at most limit tombstones that follow after, ordered by ID.
func (r reader) Tombstones(after directory.ID, limit int) ([]directory.Tombstone, error) {
	return askAll[directory.Tombstone](r.t, "tombstone", "select body from tomb where pk = $1 and id > $2 order by id limit $3", r.t.pk, uuidOf(after), bounded(limit))
}

func bounded(limit int) int { return max(min(limit, math.MaxInt32), 0) }

// KVs yields the key-value records of a kind in the order of their keys. Like every list, it reads a piece, yields it, and then reads the
// next, so no result is open while the caller processes a record.
func (r reader) KVs(kind directory.KVKind, from, to string, yield func(directory.KV) error) error {
	const piece = 500
	sql := "select kind, key, value from memo where pk = $1 and kind = $2 and key >= $3 and ($4 = '' or key < $4) order by key limit $5"
	from, to = bound(from), bound(to)
	for {
		var all []directory.KV
		err := r.t.ask(sql, []any{r.t.pk, string(kind), from, to, piece}, func(rows pgx.Rows) error {
			m, err := scanKV(rows)
			if err == nil {
				all = append(all, *m)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, m := range all {
			if err := yield(m); err != nil {
				return stopped(err)
			}
		}
		if len(all) < piece {
			return nil
		}
		from = all[len(all)-1].Key + "\x01" // the first text after the key, because no key has a NUL
	}
}

// bound is the bound of a range of keys for the database. Texts of the database, and so keys, have no NUL: the keys after "a\x00" are those
// from "a\x01" on.
func bound(key string) string {
	if before, _, found := strings.Cut(key, "\x00"); found {
		return before + "\x01"
	}
	return key
}

// SupportSessions gives the support sessions in the tenant.
func (r reader) SupportSessions() ([]directory.SupportSession, error) {
	return listOperatorRows[directory.SupportSession](r.t, supportSessionRow, "entry", directory.ID{})
}

// DeletionRequests gives the requests to delete users of the tenant.
func (r reader) DeletionRequests() ([]directory.DeletionRequest, error) {
	return listOperatorRows[directory.DeletionRequest](r.t, requestRow, "deletion request", directory.ID{})
}

// ProviderSettings gives the settings of the installation.
func (r reader) ProviderSettings() (directory.ProviderSettings, error) {
	v, err := askOne[directory.ProviderSettings](r.t, "settings", operatorKeySQL, r.t.pk, settingsRow, []byte{})
	if directory.CodeOf(err) == directory.NotFound {
		return directory.ProviderSettings{}, nil
	}
	return v, err
}

// Operator gives an operator.
func (r reader) Operator(id directory.ID) (directory.Operator, error) {
	return askOne[directory.Operator](r.t, "operator", operatorIDSQL, r.t.pk, operatorRow, uuidOf(id))
}

// OperatorByEmail finds an operator by address.
func (r reader) OperatorByEmail(address string) (directory.Operator, error) {
	return askOne[directory.Operator](r.t, "operator", operatorKeySQL, r.t.pk, operatorRow, []byte(short(directory.Fold(address))))
}

// Operators gives all operators.
func (r reader) Operators() ([]directory.Operator, error) {
	return listOperatorRows[directory.Operator](r.t, operatorRow, "operator", directory.ID{})
}

// SessionByHash finds a session by the hash of its secret.
func (r reader) SessionByHash(hash [32]byte) (directory.Session, error) {
	return askOne[directory.Session](r.t, "session", operatorKeySQL, r.t.pk, sessionRow, hash[:])
}

// Sessions gives the sessions of an operator.
func (r reader) Sessions(operator directory.ID) ([]directory.Session, error) {
	return listOperatorRows[directory.Session](r.t, sessionRow, "session", operator)
}

// APIKeyByHash finds a key by the hash of its secret.
func (r reader) APIKeyByHash(hash [32]byte) (directory.APIKey, error) {
	return askOne[directory.APIKey](r.t, "API key", operatorKeySQL, r.t.pk, apiKeyRow, hash[:])
}

// APIKeys gives the keys of an operator, revoked ones too.
func (r reader) APIKeys(operator directory.ID) ([]directory.APIKey, error) {
	return listOperatorRows[directory.APIKey](r.t, apiKeyRow, "API key", operator)
}

// LinkByHash finds a one-time link by the hash of its secret.
func (r reader) LinkByHash(hash [32]byte) (directory.Link, error) {
	return askOne[directory.Link](r.t, "link", operatorKeySQL, r.t.pk, linkRow, hash[:])
}

// Links gives the unused one-time links of an operator.
func (r reader) Links(operator directory.ID) ([]directory.Link, error) {
	return listOperatorRows[directory.Link](r.t, linkRow, "link", operator)
}

// Noticed gives the number of the last event that was announced by mail.
func (r reader) Noticed() (seq uint64, known bool, err error) {
	if r.t.head.noticed == nil {
		return 0, false, nil
	}
	return uint64(*r.t.head.noticed), true, nil
}

// Mail gives one mail.
func (r reader) Mail(id directory.ID) (directory.Mail, error) { return r.t.mail(mailSQL, uuidOf(id)) }

// Gathering finds the mail that collects notices under a name.
func (r reader) Gathering(join string) (directory.Mail, error) { return r.t.mail(gatheringSQL, join) }

// Usage gives the counts.
func (r reader) Usage() (directory.Usage, error) {
	usage := r.t.head.usage
	usage.Resources = maps.Clone(usage.Resources)
	return usage, nil
}

// Events gives the events after a number, and the number of the last one.
func (r reader) Events(after uint64, limit int) (events []directory.Event, last uint64, err error) {
	last = uint64(r.t.head.eventSeq)
	if after >= last {
		return nil, last, nil
	}
	err = r.t.ask("select seq, body from event where pk = $1 and seq > $2 order by seq limit $3", []any{r.t.pk, int64(after), bounded(limit)}, func(rows pgx.Rows) error {
		seq, d, err := scanLine(rows)
		if err != nil {
			return err
		}
		event, err := d.ReadEvent(seq)
		if err != nil {
			return damaged("event "+strconv.FormatUint(seq, 10)+" of tenant "+string(r.t.tenant), err)
		}
		events = append(events, event)
		return nil
	})
	return events, last, err
}

// Audit gives the audit lines after a number, and the number of the last one.
func (r reader) Audit(after uint64, limit int) (lines []directory.Audit, last uint64, err error) {
	last = uint64(r.t.head.auditSeq)
	if after >= last {
		return nil, last, nil
	}
	lines, err = r.audit("select seq, body from audit where pk = $1 and seq > $2 order by seq limit $3", r.t.pk, int64(after), bounded(limit))
	return lines, last, err
}

func (r reader) audit(sql string, args ...any) (lines []directory.Audit, err error) {
	err = r.t.ask(sql, args, func(rows pgx.Rows) error {
		seq, d, err := scanLine(rows)
		if err != nil {
			return err
		}
		line, err := d.ReadAudit(seq)
		if err != nil {
			return damaged("audit line "+strconv.FormatUint(seq, 10)+" of tenant "+string(r.t.tenant), err)
		}
		lines = append(lines, line)
		return nil
	})
	return lines, err
}

func scanLine(rows pgx.Rows) (uint64, record.Reader, error) {
	var seq int64
	var body []byte
	err := rows.Scan(&seq, &body)
	return uint64(seq), record.NewReader(string(body)), err
}

// SearchAudit goes back from the newest line, or from q.Before, and gives the lines that match.
func (r reader) SearchAudit(q directory.AuditQuery) (lines []directory.Audit, next uint64, err error) {
	const piece = 500
	before := int64(math.MaxInt64)
	if q.Before != 0 && q.Before < math.MaxInt64 {
		before = int64(q.Before)
	}
	for seen := 0; ; {
		some, err := r.audit("select seq, body from audit where pk = $1 and seq < $2 order by seq desc limit $3", r.t.pk, before, piece)
		if err != nil {
			return nil, 0, err
		}
		for i := range some {
			line := &some[i]
			if q.Limit > 0 && len(lines) >= q.Limit || q.Scan > 0 && seen >= q.Scan {
				return lines, line.Seq + 1, nil
			}
			seen++
			if q.Over(line) {
				return lines, 0, nil
			}
			if q.Matches(line) {
				lines = append(lines, *line)
			}
			before = int64(line.Seq)
		}
		if len(some) < piece {
			return lines, 0, nil
		}
	}
}
