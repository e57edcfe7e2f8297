package bolt

import (
	"bytes"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Everything about operators lies in one bucket, told apart by the first byte of the key. There are few of them, so that
// lists are scans; only what a request begins with (a secret's hash, an e-mail address) is a key.
const (
	deskSettings byte = 'p' // nothing → ProviderSettings
	deskOperator byte = 'o' // id → Operator
	deskEmail    byte = 'e' // folded address → id
	deskSession  byte = 's' // hash → Session
	deskAPIKey   byte = 'k' // hash → APIKey
	deskLink     byte = 'l' // hash → Link
	deskEntry    byte = 'n' // tenant, NUL, id → Entry
	deskRequest  byte = 'r' // tenant, NUL, id → DeletionRequest
)

func deskKey(kind byte, rest []byte) []byte { return append([]byte{kind}, rest...) }

// deskTenantKey is the key of a record of a tenant; with no id, where all of them begin.
func deskTenantKey(kind byte, tenant directory.TenantID, id []byte) []byte {
	return append(append(deskKey(kind, []byte(tenant)), 0), id...)
}

func (r *reader) desk() *bbolt.Bucket { return r.tx.Bucket([]byte(deskBucket)) }

// deskGet reads one record of the bucket; missing is the name of it in the error.
func deskGet[T any](r *reader, key []byte, missing string) (T, error) {
	var none T
	record := r.desk().Get(key)
	if record == nil {
		return none, notFound(missing)
	}
	v, err := cached[T](&r.store.decoded, deskBucket, key, record)
	if err != nil {
		return none, damaged(r.tenant, missing, "record", err)
	}
	return v, nil
}

// deskList reads the records behind prefix that keep wants.
func deskList[T any](r *reader, prefix []byte, what string, keep func(*T) bool) ([]T, error) {
	var all []T
	c := r.desk().Cursor()
	for k, record := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, record = c.Next() {
		v, err := cached[T](&r.store.decoded, deskBucket, k, record)
		if err != nil {
			return nil, damaged(r.tenant, what, "record", err)
		}
		if keep == nil || keep(&v) {
			all = append(all, v)
		}
	}
	return all, nil
}

func (r *reader) provider() bool { return r.tenant == directory.Provider }

// ProviderSettings gives what holds for the whole installation.
func (r *reader) ProviderSettings() (directory.ProviderSettings, error) {
	if !r.provider() {
		return directory.ProviderSettings{}, nil
	}
	v, err := deskGet[directory.ProviderSettings](r, deskKey(deskSettings, nil), "settings")
	if directory.CodeOf(err) == directory.NotFound {
		return directory.ProviderSettings{}, nil
	}
	return v, err
}

// Operator gives an operator.
func (r *reader) Operator(id directory.ID) (directory.Operator, error) {
	if !r.provider() {
		return directory.Operator{}, notFound("operator")
	}
	return deskGet[directory.Operator](r, deskKey(deskOperator, id[:]), "operator")
}

// OperatorByEmail finds an operator by address.
func (r *reader) OperatorByEmail(address string) (directory.Operator, error) {
	if !r.provider() {
		return directory.Operator{}, notFound("operator")
	}
	id := r.desk().Get(deskKey(deskEmail, []byte(directory.Fold(address))))
	if len(id) != idLength {
		return directory.Operator{}, notFound("operator")
	}
	return r.Operator(directory.ID(id))
}

// Operators gives all operators.
func (r *reader) Operators() ([]directory.Operator, error) {
	if !r.provider() {
		return nil, nil
	}
	return deskList[directory.Operator](r, deskKey(deskOperator, nil), "operator", nil)
}

// SessionByHash finds a session by the hash of its secret.
func (r *reader) SessionByHash(hash [32]byte) (directory.Session, error) {
	if !r.provider() {
		return directory.Session{}, notFound("session")
	}
	return deskGet[directory.Session](r, deskKey(deskSession, hash[:]), "session")
}

// Sessions gives the sessions of an operator.
func (r *reader) Sessions(operator directory.ID) ([]directory.Session, error) {
	if !r.provider() {
		return nil, nil
	}
	all, err := deskList(r, deskKey(deskSession, nil), "session", func(s *directory.Session) bool { return operator.IsZero() || s.Operator == operator })
	slices.SortFunc(all, func(a, b directory.Session) int { return compareIDs(a.ID, b.ID) })
	return all, err
}

// APIKeyByHash finds a key by the hash of its secret.
func (r *reader) APIKeyByHash(hash [32]byte) (directory.APIKey, error) {
	if !r.provider() {
		return directory.APIKey{}, notFound("API key")
	}
	return deskGet[directory.APIKey](r, deskKey(deskAPIKey, hash[:]), "API key")
}

// APIKeys gives the keys of an operator, revoked ones too.
func (r *reader) APIKeys(operator directory.ID) ([]directory.APIKey, error) {
	if !r.provider() {
		return nil, nil
	}
	all, err := deskList(r, deskKey(deskAPIKey, nil), "API key", func(k *directory.APIKey) bool { return operator.IsZero() || k.Operator == operator })
	slices.SortFunc(all, func(a, b directory.APIKey) int { return compareIDs(a.ID, b.ID) })
	return all, err
}

// LinkByHash finds a one-time link by the hash of its secret.
func (r *reader) LinkByHash(hash [32]byte) (directory.Link, error) {
	if !r.provider() {
		return directory.Link{}, notFound("link")
	}
	return deskGet[directory.Link](r, deskKey(deskLink, hash[:]), "link")
}

// Links gives the one-time links of an operator that were not used.
func (r *reader) Links(operator directory.ID) ([]directory.Link, error) {
	if !r.provider() {
		return nil, nil
	}
	all, err := deskList(r, deskKey(deskLink, nil), "link", func(l *directory.Link) bool { return operator.IsZero() || l.Operator == operator })
	slices.SortFunc(all, func(a, b directory.Link) int { return compareIDs(a.ID, b.ID) })
	return all, err
}

// Entries gives who works or worked inside the tenant.
func (r *reader) Entries() ([]directory.Entry, error) {
	return deskList[directory.Entry](r, deskTenantKey(deskEntry, r.tenant, nil), "entry", nil)
}

// DeletionRequests gives the requests to delete users of the tenant.
func (r *reader) DeletionRequests() ([]directory.DeletionRequest, error) {
	return deskList[directory.DeletionRequest](r, deskTenantKey(deskRequest, r.tenant, nil), "deletion request", nil)
}

// verifyDesk checks what is unique among operators, and that nothing of them is written in a tenant.
func (w *writer) verifyDesk(c *directory.Change) error {
	for i := range c.Entries {
		if v := &c.Entries[i]; v.ID.IsZero() || v.Tenant != w.reader.tenant {
			return internal("a change of tenant %q holds an entry of tenant %q, or one without an id", w.reader.tenant, v.Tenant)
		}
	}
	for i := range c.Requests {
		if v := &c.Requests[i]; v.ID.IsZero() || v.Tenant != w.reader.tenant {
			return internal("a change of tenant %q holds a deletion request of tenant %q, or one without an id", w.reader.tenant, v.Tenant)
		}
	}
	if w.reader.provider() {
		return w.verifyOperators(c)
	}
	if c.Provider != nil || len(c.Operators)+len(c.Sessions)+len(c.EndSessions)+len(c.APIKeys)+len(c.Links)+len(c.DropLinks) > 0 {
		return internal("a change of tenant %q holds operators", w.reader.tenant)
	}
	return nil
}

func (w *writer) verifyOperators(c *directory.Change) error {
	addresses := make(map[string]directory.ID, len(c.Operators))
	put := make(map[directory.ID]bool, len(c.Operators))
	for i := range c.Operators {
		if err := putOnce(put, nil, "operator", c.Operators[i].ID); err != nil {
			return err
		}
	}
	for i := range c.Operators {
		o := &c.Operators[i]
		address := directory.Fold(o.Email)
		if address == "" {
			return internal("operator %s has no e-mail address", o.ID)
		}
		if _, twice := addresses[address]; twice {
			return conflict("email", o.Email)
		}
		addresses[address] = o.ID
		if owner := w.reader.desk().Get(deskKey(deskEmail, []byte(address))); len(owner) == idLength && !put[directory.ID(owner)] {
			return conflict("email", o.Email)
		}
	}
	for _, secrets := range []func() error{
		func() error { return freshSecrets[directory.Session](w, deskSession, c.Sessions) },
		func() error { return freshSecrets[directory.APIKey](w, deskAPIKey, c.APIKeys) },
		func() error { return freshSecrets[directory.Link](w, deskLink, c.Links) },
	} {
		if err := secrets(); err != nil {
			return err
		}
	}
	return nil
}

// secretOf gives what names a record that is found by the hash of a secret.
func secretOf(v any) (id directory.ID, hash [32]byte) {
	switch v := v.(type) {
	case *directory.Session:
		return v.ID, v.Hash
	case *directory.APIKey:
		return v.ID, v.Hash
	case *directory.Link:
		return v.ID, v.Hash
	}
	return id, hash
}

// freshSecrets refuses a record whose hash belongs to another one.
func freshSecrets[T any](w *writer, kind byte, list []T) error {
	for i := range list {
		id, hash := secretOf(&list[i])
		if id.IsZero() || hash == [32]byte{} {
			return internal("a %T without an id or a hash", list[i])
		}
		key := deskKey(kind, hash[:])
		if w.reader.desk().Get(key) == nil {
			continue
		}
		old, err := deskGet[T](w.reader, key, "secret")
		if err != nil {
			return err
		}
		if other, _ := secretOf(&old); other != id {
			return conflict("hash", "of a secret")
		}
	}
	return nil
}

func (w *writer) applyDesk(c *directory.Change) error {
	if c.Provider != nil {
		if err := w.putDesk(deskKey(deskSettings, nil), c.Provider); err != nil {
			return err
		}
	}
	steps := []func() error{
		func() error { return w.forgetAddresses(c.Operators) },
		func() error { return each(c.Operators, w.putOperator) },
		func() error { return each(c.EndSessions, w.endSession) },
		func() error { return each(c.DropLinks, w.dropLink) },
		func() error {
			return each(c.Sessions, func(v *directory.Session) error { return w.putDesk(deskKey(deskSession, v.Hash[:]), v) })
		},
		func() error {
			return each(c.APIKeys, func(v *directory.APIKey) error { return w.putDesk(deskKey(deskAPIKey, v.Hash[:]), v) })
		},
		func() error {
			return each(c.Links, func(v *directory.Link) error { return w.putDesk(deskKey(deskLink, v.Hash[:]), v) })
		},
		func() error {
			return each(c.Entries, func(v *directory.Entry) error { return w.putDesk(deskTenantKey(deskEntry, v.Tenant, v.ID[:]), v) })
		},
		func() error {
			return each(c.Requests, func(v *directory.DeletionRequest) error {
				return w.putDesk(deskTenantKey(deskRequest, v.Tenant, v.ID[:]), v)
			})
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putDesk(key []byte, v any) error {
	record, err := encodeJSON(v, key)
	if err != nil {
		return err
	}
	w.batch.bytes += len(key) + len(record)
	return w.reader.desk().Put(key, record)
}

// forgetAddresses takes the old addresses of all operators of a change away before new ones are put, so that two may swap.
func (w *writer) forgetAddresses(list []directory.Operator) error {
	for i := range list {
		old, err := w.reader.Operator(list[i].ID)
		if directory.CodeOf(err) == directory.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.reader.desk().Delete(deskKey(deskEmail, []byte(directory.Fold(old.Email)))); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putOperator(o *directory.Operator) error {
	if err := w.putDesk(deskKey(deskOperator, o.ID[:]), o); err != nil {
		return err
	}
	return w.reader.desk().Put(deskKey(deskEmail, []byte(directory.Fold(o.Email))), bytes.Clone(o.ID[:]))
}

// endSession removes a session and what Touch noted about it.
func (w *writer) endSession(id *directory.ID) error {
	all, err := deskList(w.reader, deskKey(deskSession, nil), "session", func(s *directory.Session) bool { return s.ID == *id })
	if err != nil {
		return err
	}
	for i := range all {
		if err := w.reader.desk().Delete(deskKey(deskSession, all[i].Hash[:])); err != nil {
			return err
		}
	}
	return w.batch.tx.Bucket([]byte(useBucket)).Delete(useKey("", directory.TokenID(id.String())))
}

func (w *writer) dropLink(id *directory.ID) error {
	all, err := deskList(w.reader, deskKey(deskLink, nil), "link", func(l *directory.Link) bool { return l.ID == *id })
	if err != nil {
		return err
	}
	for i := range all {
		if err := w.reader.desk().Delete(deskKey(deskLink, all[i].Hash[:])); err != nil {
			return err
		}
	}
	return nil
}

// desk looks at the operators and what belongs to them.
func (c *checker) desk() {
	r := c.store.reader(c.tx, directory.Provider)
	operators, err := r.Operators()
	c.must(err)
	known := make(map[directory.ID]bool, len(operators))
	for i := range operators {
		o := &operators[i]
		known[o.ID] = true
		if at := r.desk().Get(deskKey(deskEmail, []byte(directory.Fold(o.Email)))); !bytes.Equal(at, o.ID[:]) {
			c.find("operator %s is missing in the index of e-mail addresses", o.ID)
		}
	}
	addresses := 0
	prefix := deskKey(deskEmail, nil)
	cursor := r.desk().Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		addresses++
	}
	if addresses != len(operators) {
		c.find("the index of e-mail addresses has %d entries for %d operators", addresses, len(operators))
	}
	checkSecrets(c, r, deskSession, "session", known, func(v *directory.Session) directory.ID { return v.Operator })
	checkSecrets(c, r, deskAPIKey, "API key", known, func(v *directory.APIKey) directory.ID { return v.Operator })
	checkSecrets(c, r, deskLink, "link", known, func(v *directory.Link) directory.ID { return v.Operator })
	_, err = r.ProviderSettings()
	c.must(err)
	_, err = deskList[directory.Entry](r, deskKey(deskEntry, nil), "entry", nil)
	c.must(err)
	_, err = deskList[directory.DeletionRequest](r, deskKey(deskRequest, nil), "deletion request", nil)
	c.must(err)
}

func checkSecrets[T any](c *checker, r *reader, kind byte, what string, known map[directory.ID]bool, owner func(*T) directory.ID) {
	all, err := deskList[T](r, deskKey(kind, nil), what, nil)
	c.must(err)
	for i := range all {
		id, hash := secretOf(&all[i])
		if r.desk().Get(deskKey(kind, hash[:])) == nil {
			c.find("%v", r.damaged(what, id, errors.New("it does not stand under its hash")))
		}
		if who := owner(&all[i]); !who.IsZero() && !known[who] {
			c.find("%s %s belongs to nobody", what, id)
		}
	}
}
