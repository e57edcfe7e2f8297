package postgres

import (
	"slices"

	"drawbridge/directory"
)

// Operators and their records are rows of one table, distinguished by a letter. There are few of them. The table is named desk, and that of
// directory.KV is named memo. These names are older than those in the code. They stay, because servers of the previous release use the
// tables during an upgrade.
const (
	settingsRow       = "p" // no key → ProviderSettings
	operatorRow       = "o" // folded address → Operator
	sessionRow        = "s" // hash → Session
	apiKeyRow         = "k" // hash → APIKey
	linkRow           = "l" // hash → Link
	supportSessionRow = "n" // id → SupportSession
	requestRow        = "r" // id → DeletionRequest
)

const (
	operatorKeySQL   = "select body from desk where pk = $1 and kind = $2 and key = $3"
	operatorIDSQL    = "select body from desk where pk = $1 and kind = $2 and id = $3"
	operatorListSQL  = "select body from desk where pk = $1 and kind = $2 order by id"
	operatorOwnerSQL = "select body from desk where pk = $1 and kind = $2 and owner = $3 order by id"
)

func listOperatorRows[T any](t *tx, kind, what string, owner directory.ID) ([]T, error) {
	if owner.IsZero() {
		return askAll[T](t, what, operatorListSQL, t.pk, kind)
	}
	return askAll[T](t, what, operatorOwnerSQL, t.pk, kind, uuidOf(owner))
}

func (t *tx) putOperatorRow(kind string, key []byte, id, owner directory.ID, v any) error {
	body, err := marshal(v)
	if err != nil {
		return err
	}
	t.also("insert into desk (pk, kind, key, id, owner, body) values ($1, $2, $3, $4, $5, $6) on conflict (pk, kind, key) do update set id = excluded.id, owner = excluded.owner, body = excluded.body",
		t.pk, kind, key, uuidOf(id), uuidOf(owner), body)
	return nil
}

func (t *tx) provider() bool { return t.tenant == directory.Provider }

// verifyOperatorRows checks unique values of operators, and refuses operators in a tenant.
func (t *tx) verifyOperatorRows(c *directory.Change) error {
	for i := range c.SupportSessions {
		if v := &c.SupportSessions[i]; v.ID.IsZero() || v.Tenant != t.tenant {
			return internal("a change of tenant %q holds a support session of tenant %q, or one without an id", t.tenant, v.Tenant)
		}
	}
	for i := range c.Requests {
		if v := &c.Requests[i]; v.ID.IsZero() || v.Tenant != t.tenant {
			return internal("a change of tenant %q holds a deletion request of tenant %q, or one without an id", t.tenant, v.Tenant)
		}
	}
	if t.provider() {
		return t.verifyOperators(c)
	}
	if c.Provider != nil || len(c.Operators)+len(c.Sessions)+len(c.EndSessions)+len(c.APIKeys)+len(c.Links)+len(c.DropLinks)+len(c.RemoveOperators) > 0 {
		return internal("a change of tenant %q holds operators", t.tenant)
	}
	return nil
}

func (t *tx) verifyOperators(c *directory.Change) error {
	operators := t.owners("operator", nil)
	for i := range c.Operators {
		if err := operators.add(c.Operators[i].ID); err != nil {
			return err
		}
	}
	addresses := make(map[string]bool, len(c.Operators))
	for i := range c.Operators {
		o := &c.Operators[i]
		address := directory.Fold(o.Email)
		if address == "" {
			return internal("operator %s has no e-mail address", o.ID)
		}
		owner, err := askOne[directory.Operator](t, "operator", operatorKeySQL, t.pk, operatorRow, []byte(short(address)))
		if err != nil && directory.CodeOf(err) != directory.NotFound {
			return err
		}
		if addresses[address] || err == nil && !operators.put[owner.ID] {
			return conflict("email", o.Email)
		}
		addresses[address] = true
	}
	return t.verifySecrets(c)
}

// secret is the hash by which a session, an API key or a link is found.
type secret struct {
	kind      string
	id, owner directory.ID
	hash      [32]byte
	value     any
}

func secrets(c *directory.Change) (all []secret) {
	for i := range c.Sessions {
		v := &c.Sessions[i]
		all = append(all, secret{sessionRow, v.ID, v.Operator, v.Hash, v})
	}
	for i := range c.APIKeys {
		v := &c.APIKeys[i]
		all = append(all, secret{apiKeyRow, v.ID, v.Operator, v.Hash, v})
	}
	for i := range c.Links {
		v := &c.Links[i]
		all = append(all, secret{linkRow, v.ID, v.Operator, v.Hash, v})
	}
	return all
}

// verifySecrets refuses a record whose hash belongs to another one.
func (t *tx) verifySecrets(c *directory.Change) error {
	for _, s := range secrets(c) {
		if s.id.IsZero() || s.hash == [32]byte{} {
			return internal("a %T without an id or a hash", s.value)
		}
		old, err := askOne[struct {
			ID directory.ID `json:"id"`
		}](t, "secret", operatorKeySQL, t.pk, s.kind, s.hash[:])
		if err == nil && old.ID != s.id {
			return conflict("hash", "of a secret")
		}
		if err != nil && directory.CodeOf(err) != directory.NotFound {
			return err
		}
	}
	return nil
}

func (t *tx) applyOperatorRows(c *directory.Change) error {
	if c.Provider != nil {
		if err := t.putOperatorRow(settingsRow, []byte{}, directory.ID{}, directory.ID{}, c.Provider); err != nil {
			return err
		}
	}
	if len(c.Operators) > 0 { // all old addresses are removed first, so that two may swap
		ids := make([]directory.ID, len(c.Operators))
		for i := range c.Operators {
			ids[i] = c.Operators[i].ID
		}
		t.also("delete from desk where pk = $1 and kind = $2 and id = any($3)", t.pk, operatorRow, uuids(ids))
	}
	for i := range c.Operators {
		o := &c.Operators[i]
		if err := t.putOperatorRow(operatorRow, []byte(short(directory.Fold(o.Email))), o.ID, o.ID, o); err != nil {
			return err
		}
	}
	for _, id := range c.EndSessions {
		t.also("delete from desk where pk = $1 and kind = $2 and id = $3", t.pk, sessionRow, uuidOf(id))
		t.also("delete from use where connection = '' and token = $1", id.String())
	}
	for _, id := range c.DropLinks {
		t.also("delete from desk where pk = $1 and kind = $2 and id = $3", t.pk, linkRow, uuidOf(id))
	}
	for _, s := range secrets(c) {
		if err := t.putOperatorRow(s.kind, slices.Clone(s.hash[:]), s.id, s.owner, s.value); err != nil {
			return err
		}
	}
	for i := range c.SupportSessions {
		v := &c.SupportSessions[i]
		if err := t.putOperatorRow(supportSessionRow, slices.Clone(v.ID[:]), v.ID, directory.ID{}, v); err != nil {
			return err
		}
	}
	for i := range c.Requests {
		v := &c.Requests[i]
		if err := t.putOperatorRow(requestRow, slices.Clone(v.ID[:]), v.ID, directory.ID{}, v); err != nil {
			return err
		}
	}
	if len(c.RemoveOperators) > 0 {
		theirs := "from desk where pk = $1 and owner = any($2) and kind = any($3)"
		kinds := []string{operatorRow, sessionRow, apiKeyRow, linkRow}
		t.also("delete from use where connection = '' and token in (select id::text "+theirs+")", t.pk, uuids(c.RemoveOperators), kinds)
		t.also("delete "+theirs, t.pk, uuids(c.RemoveOperators), kinds)
	}
	return nil
}
