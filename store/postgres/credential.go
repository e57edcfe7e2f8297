package postgres

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
)

func marshal(v any) ([]byte, error) { return json.Marshal(v) }

// nextRow looks at no row.
func nextRow(pgx.Rows) error { return nil }

// scanJSON reads a row that is one JSON record.
func scanJSON[T any](rows pgx.Rows, what string) (*T, error) {
	var body []byte
	if err := rows.Scan(&body); err != nil {
		return nil, err
	}
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return nil, damaged(what, err)
	}
	return v, nil
}

// askAll gives all rows of a query of one JSON record each.
func askAll[T any](t *tx, what, sql string, args ...any) ([]T, error) {
	var all []T
	err := t.ask(sql, args, func(rows pgx.Rows) error {
		v, err := scanJSON[T](rows, what)
		if err == nil {
			all = append(all, *v)
		}
		return err
	})
	return all, err
}

// askOne gives the one row of a query; NotFound.
func askOne[T any](t *tx, what, sql string, args ...any) (T, error) {
	all, err := askAll[T](t, what, sql, args...)
	if err == nil && len(all) == 0 {
		err = notFound(what)
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// verifyCredentials checks values that are unique in the whole installation: slugs of connections and hashes of tokens. If another process
// takes one at the same time, the commit fails, and the batch runs again.
func (t *tx) verifyCredentials(c *directory.Change) error {
	if err := t.verifyConnections(c); err != nil {
		return err
	}
	here := make(map[[32]byte]directory.TokenID, len(c.Tokens))
	var hashes bytesArray
	for i := range c.Tokens {
		v := &c.Tokens[i]
		if v.ID == "" || v.Tenant != t.tenant {
			return internal("a change of tenant %q holds token %q of tenant %q", t.tenant, v.ID, v.Tenant)
		}
		if other, twice := here[v.Hash]; twice && other != v.ID {
			return conflict("token", string(v.ID))
		}
		here[v.Hash] = v.ID
		hashes = append(hashes, v.Hash[:])
	}
	if len(hashes) == 0 {
		return nil
	}
	taken, err := askAll[directory.Token](t, "token", "select body from token where hash = any($1)", hashes)
	if err != nil {
		return err
	}
	for i := range taken {
		old := &taken[i]
		for j := range c.Tokens {
			if v := &c.Tokens[j]; v.Hash == old.Hash && (old.Tenant != v.Tenant || old.Connection != v.Connection || old.ID != v.ID) {
				return conflict("token", string(v.ID))
			}
		}
	}
	return nil
}

func (t *tx) verifyConnections(c *directory.Change) error {
	var slugs []string
	for i := range c.Connections {
		v := &c.Connections[i]
		if v.ID == "" || v.Tenant != t.tenant {
			return internal("a change of tenant %q holds connection %q of tenant %q", t.tenant, v.ID, v.Tenant)
		}
		slugs = append(slugs, string(v.ID))
	}
	if len(slugs) > 0 {
		taken, err := askAll[directory.Connection](t, "connection", "select body from connection where slug = any($1)", slugs)
		if err != nil {
			return err
		}
		for i := range taken {
			if taken[i].Tenant != t.tenant {
				return conflict("connection", string(taken[i].ID))
			}
		}
	}
	for _, id := range c.RemoveConnections {
		old, err := t.connection(id)
		if err != nil {
			return err
		}
		if old == nil || slices.ContainsFunc(c.Connections, func(v directory.Connection) bool { return v.ID == id }) {
			return internal("a change of tenant %q removes connection %q, which it puts, or which it does not have", t.tenant, id)
		}
	}
	return nil
}

// connection gives a connection of the tenant; nil if there is none.
func (t *tx) connection(id directory.ConnectionID) (*directory.Connection, error) {
	all, err := t.connections()
	for i := range all {
		if all[i].ID == id {
			return &all[i], err
		}
	}
	return nil, err
}

func (t *tx) applyCredentials(c *directory.Change) error {
	if len(c.Connections) > 0 || len(c.RemoveConnections) > 0 {
		if _, err := t.connections(); err != nil {
			return err
		}
	}
	for i := range c.Connections {
		v := c.Connections[i]
		body, err := marshal(v)
		if err != nil {
			return err
		}
		// A slug that another tenant has taken meanwhile ends the batch; in the next run verify sees it.
		t.also("insert into connection (slug, pk, body) values ($1, $2, $3) on conflict (slug) do update set body = case when connection.pk = excluded.pk then excluded.body end", string(v.ID), t.pk, body)
		all := slices.DeleteFunc(slices.Clone(t.head.connections), func(other directory.Connection) bool { return other.ID == v.ID })
		at, _ := slices.BinarySearchFunc(all, v.ID, func(other directory.Connection, id directory.ConnectionID) int {
			return strings.Compare(string(other.ID), string(id))
		})
		t.head.connections = slices.Insert(all, at, v)
	}
	for _, id := range c.RemoveConnections {
		t.also("delete from token where pk = $1 and connection = $2", t.pk, string(id))
		t.also("delete from use where connection = $1", string(id))
		t.also("delete from connection where slug = $1 and pk = $2", string(id), t.pk)
		t.head.connections = slices.DeleteFunc(slices.Clone(t.head.connections), func(other directory.Connection) bool { return other.ID == id })
	}
	for i := range c.Tokens {
		v := &c.Tokens[i]
		body, err := marshal(v)
		if err != nil {
			return err
		}
		t.also("delete from token where pk = $1 and connection = $2 and id = $3", t.pk, string(v.Connection), string(v.ID)) // it may have another secret
		t.also("insert into token (hash, pk, connection, id, body) values ($1, $2, $3, $4, $5)", v.Hash[:], t.pk, string(v.Connection), string(v.ID), body)
	}
	return nil
}

// verifyClaims refuses keys that another Change has claimed.
func (t *tx) verifyClaims(c *directory.Change) error {
	seen := make(map[string]bool, len(c.Claims))
	for i := range c.Claims {
		v := &c.Claims[i]
		if v.Key == "" || !goodKey(v.Key) || !v.Until.After(v.At) {
			return internal("a claim has an impossible key, or ends before it begins")
		}
		if seen[v.Key] {
			return conflict("claim", v.Key)
		}
		seen[v.Key] = true
		old, err := askOne[directory.Claim](t, "claim", claimSQL, v.Key)
		if directory.CodeOf(err) == directory.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if v.At.Before(old.Until) {
			return conflict("claim", v.Key)
		}
	}
	return nil
}

const claimSQL = "select body from claim where key = $1"

func (t *tx) putClaim(v *directory.Claim) error {
	kept := *v
	kept.Tenant = t.tenant
	body, err := marshal(kept)
	if err != nil {
		return err
	}
	// A claim that another tenant has made meanwhile ends the batch; in the next run verify sees it.
	t.also("delete from claim where key = $1 and until <= $2", v.Key, v.At)
	t.also("insert into claim (key, tenant, until, body) values ($1, $2, $3, $4)", v.Key, string(t.tenant), v.Until, body)
	return nil
}

func byCreation(tokens []directory.Token) {
	slices.SortStableFunc(tokens, func(a, b directory.Token) int { return a.Created.Compare(b.Created) })
}
