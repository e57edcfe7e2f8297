package bolt

import (
	"bytes"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Operators and everything that belongs to them are in one bucket; the first byte of the key tells the kinds apart. There are few
// operators, so lists are scans; only what a request begins with (the hash of a secret, an e-mail address) is a key.
const (
	operatorSettings byte = 'p' // nothing → ProviderSettings
	operatorByID     byte = 'o' // id → Operator
	operatorByEmail  byte = 'e' // folded address → id
	sessionByHash    byte = 's' // hash → Session
	apiKeyByHash     byte = 'k' // hash → APIKey
	linkByHash       byte = 'l' // hash → Link
	sessionOfTenant  byte = 'n' // tenant, NUL, id → SupportSession
	requestOfTenant  byte = 'r' // tenant, NUL, id → DeletionRequest
)

func operatorKey(kind byte, rest []byte) []byte { return append([]byte{kind}, rest...) }

// operatorTenantKey is the key of a record of a tenant; without an id, the prefix of all of them.
func operatorTenantKey(kind byte, tenant directory.TenantID, id []byte) []byte {
	return append(append(operatorKey(kind, []byte(tenant)), 0), id...)
}

func (r *reader) operatorData() *bbolt.Bucket { return r.tx.Bucket([]byte(operatorBucket)) }

// getOperatorData reads one record of the bucket; missing names it in the error.
func getOperatorData[T any](r *reader, key []byte, missing string) (T, error) {
	var none T
	record := r.operatorData().Get(key)
	if record == nil {
		return none, notFound(missing)
	}
	v, err := cached[T](&r.store.decoded, operatorBucket, key, record)
	if err != nil {
		return none, damaged(r.tenant, missing, "record", err)
	}
	return v, nil
}

// listOperatorData reads the records with a prefix that keep accepts; nil accepts all.
func listOperatorData[T any](r *reader, prefix []byte, what string, keep func(*T) bool) ([]T, error) {
	var all []T
	c := r.operatorData().Cursor()
	for k, record := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, record = c.Next() {
		v, err := cached[T](&r.store.decoded, operatorBucket, k, record)
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

// ProviderSettings returns the settings of the installation.
func (r *reader) ProviderSettings() (directory.ProviderSettings, error) {
	if !r.provider() {
		return directory.ProviderSettings{}, nil
	}
	v, err := getOperatorData[directory.ProviderSettings](r, operatorKey(operatorSettings, nil), "settings")
	if directory.CodeOf(err) == directory.NotFound {
		return directory.ProviderSettings{}, nil
	}
	return v, err
}

// Operator returns an operator.
func (r *reader) Operator(id directory.ID) (directory.Operator, error) {
	if !r.provider() {
		return directory.Operator{}, notFound("operator")
	}
	return getOperatorData[directory.Operator](r, operatorKey(operatorByID, id[:]), "operator")
}

// OperatorByEmail returns an operator by address.
func (r *reader) OperatorByEmail(address string) (directory.Operator, error) {
	if !r.provider() {
		return directory.Operator{}, notFound("operator")
	}
	id := r.operatorData().Get(operatorKey(operatorByEmail, []byte(directory.Fold(address))))
	if len(id) != idLength {
		return directory.Operator{}, notFound("operator")
	}
	return r.Operator(directory.ID(id))
}

// Operators returns all operators.
func (r *reader) Operators() ([]directory.Operator, error) {
	if !r.provider() {
		return nil, nil
	}
	return listOperatorData[directory.Operator](r, operatorKey(operatorByID, nil), "operator", nil)
}

// SessionByHash returns a session by the hash of its secret.
func (r *reader) SessionByHash(hash [32]byte) (directory.Session, error) {
	if !r.provider() {
		return directory.Session{}, notFound("session")
	}
	return getOperatorData[directory.Session](r, operatorKey(sessionByHash, hash[:]), "session")
}

// Sessions returns the sessions of an operator.
func (r *reader) Sessions(operator directory.ID) ([]directory.Session, error) {
	if !r.provider() {
		return nil, nil
	}
	all, err := listOperatorData(r, operatorKey(sessionByHash, nil), "session", func(s *directory.Session) bool { return operator.IsZero() || s.Operator == operator })
	slices.SortFunc(all, func(a, b directory.Session) int { return compareIDs(a.ID, b.ID) })
	return all, err
}

// APIKeyByHash returns a key by the hash of its secret.
func (r *reader) APIKeyByHash(hash [32]byte) (directory.APIKey, error) {
	if !r.provider() {
		return directory.APIKey{}, notFound("API key")
	}
	return getOperatorData[directory.APIKey](r, operatorKey(apiKeyByHash, hash[:]), "API key")
}

// APIKeys returns the keys of an operator, revoked ones too.
func (r *reader) APIKeys(operator directory.ID) ([]directory.APIKey, error) {
	if !r.provider() {
		return nil, nil
	}
	all, err := listOperatorData(r, operatorKey(apiKeyByHash, nil), "API key", func(k *directory.APIKey) bool { return operator.IsZero() || k.Operator == operator })
	slices.SortFunc(all, func(a, b directory.APIKey) int { return compareIDs(a.ID, b.ID) })
	return all, err
}

// LinkByHash returns a one-time link by the hash of its secret.
func (r *reader) LinkByHash(hash [32]byte) (directory.Link, error) {
	if !r.provider() {
		return directory.Link{}, notFound("link")
	}
	return getOperatorData[directory.Link](r, operatorKey(linkByHash, hash[:]), "link")
}

// Links returns the unused one-time links of an operator.
func (r *reader) Links(operator directory.ID) ([]directory.Link, error) {
	if !r.provider() {
		return nil, nil
	}
	all, err := listOperatorData(r, operatorKey(linkByHash, nil), "link", func(l *directory.Link) bool { return operator.IsZero() || l.Operator == operator })
	slices.SortFunc(all, func(a, b directory.Link) int { return compareIDs(a.ID, b.ID) })
	return all, err
}

// SupportSessions returns the support sessions in the tenant.
func (r *reader) SupportSessions() ([]directory.SupportSession, error) {
	return listOperatorData[directory.SupportSession](r, operatorTenantKey(sessionOfTenant, r.tenant, nil), "support session", nil)
}

// DeletionRequests returns the requests to delete users of the tenant.
func (r *reader) DeletionRequests() ([]directory.DeletionRequest, error) {
	return listOperatorData[directory.DeletionRequest](r, operatorTenantKey(requestOfTenant, r.tenant, nil), "deletion request", nil)
}

// verifyOperatorData checks unique values of operators, and refuses operators in a tenant.
func (w *writer) verifyOperatorData(c *directory.Change) error {
	for i := range c.SupportSessions {
		if v := &c.SupportSessions[i]; v.ID.IsZero() || v.Tenant != w.reader.tenant {
			return internal("a change of tenant %q holds a support session of tenant %q, or one without an id", w.reader.tenant, v.Tenant)
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
	if c.Provider != nil || len(c.Operators)+len(c.Sessions)+len(c.EndSessions)+len(c.APIKeys)+len(c.Links)+len(c.DropLinks)+len(c.RemoveOperators) > 0 {
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
		if owner := w.reader.operatorData().Get(operatorKey(operatorByEmail, []byte(address))); len(owner) == idLength && !put[directory.ID(owner)] {
			return conflict("email", o.Email)
		}
	}
	for _, secrets := range []func() error{
		func() error { return freshSecrets[directory.Session](w, sessionByHash, c.Sessions) },
		func() error { return freshSecrets[directory.APIKey](w, apiKeyByHash, c.APIKeys) },
		func() error { return freshSecrets[directory.Link](w, linkByHash, c.Links) },
	} {
		if err := secrets(); err != nil {
			return err
		}
	}
	return nil
}

// secretOf returns the id and the hash of a record that is found by the hash of a secret.
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

// freshSecrets refuses a record whose hash belongs to another record.
func freshSecrets[T any](w *writer, kind byte, list []T) error {
	for i := range list {
		id, hash := secretOf(&list[i])
		if id.IsZero() || hash == [32]byte{} {
			return internal("a %T without an id or a hash", list[i])
		}
		key := operatorKey(kind, hash[:])
		if w.reader.operatorData().Get(key) == nil {
			continue
		}
		old, err := getOperatorData[T](w.reader, key, "secret")
		if err != nil {
			return err
		}
		if other, _ := secretOf(&old); other != id {
			return conflict("hash", "of a secret")
		}
	}
	return nil
}

func (w *writer) applyOperatorData(c *directory.Change) error {
	if c.Provider != nil {
		if err := w.putOperatorData(operatorKey(operatorSettings, nil), c.Provider); err != nil {
			return err
		}
	}
	steps := []func() error{
		func() error { return w.forgetAddresses(c.Operators) },
		func() error { return each(c.Operators, w.putOperator) },
		func() error { return each(c.EndSessions, w.endSession) },
		func() error { return each(c.DropLinks, w.dropLink) },
		func() error {
			return each(c.Sessions, func(v *directory.Session) error { return w.putOperatorData(operatorKey(sessionByHash, v.Hash[:]), v) })
		},
		func() error {
			return each(c.APIKeys, func(v *directory.APIKey) error { return w.putOperatorData(operatorKey(apiKeyByHash, v.Hash[:]), v) })
		},
		func() error {
			return each(c.Links, func(v *directory.Link) error { return w.putOperatorData(operatorKey(linkByHash, v.Hash[:]), v) })
		},
		func() error {
			return each(c.SupportSessions, func(v *directory.SupportSession) error {
				return w.putOperatorData(operatorTenantKey(sessionOfTenant, v.Tenant, v.ID[:]), v)
			})
		},
		func() error {
			return each(c.Requests, func(v *directory.DeletionRequest) error {
				return w.putOperatorData(operatorTenantKey(requestOfTenant, v.Tenant, v.ID[:]), v)
			})
		},
		func() error { return each(c.RemoveOperators, w.removeOperator) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putOperatorData(key []byte, v any) error {
	record, err := encodeJSON(v, key)
	if err != nil {
		return err
	}
	w.batch.bytes += len(key) + len(record)
	return w.reader.operatorData().Put(key, record)
}

// forgetAddresses removes the old addresses of all operators of a change before new ones are written, so that two may swap.
func (w *writer) forgetAddresses(list []directory.Operator) error {
	for i := range list {
		old, err := w.reader.Operator(list[i].ID)
		if directory.CodeOf(err) == directory.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.reader.operatorData().Delete(operatorKey(operatorByEmail, []byte(directory.Fold(old.Email)))); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putOperator(o *directory.Operator) error {
	if err := w.putOperatorData(operatorKey(operatorByID, o.ID[:]), o); err != nil {
		return err
	}
	return w.reader.operatorData().Put(operatorKey(operatorByEmail, []byte(directory.Fold(o.Email))), bytes.Clone(o.ID[:]))
}

// removeOperator removes an operator and what belongs to them.
func (w *writer) removeOperator(id *directory.ID) error {
	if err := w.forgetAddresses([]directory.Operator{{ID: *id}}); err != nil {
		return err
	}
	if err := w.reader.operatorData().Delete(operatorKey(operatorByID, id[:])); err != nil {
		return err
	}
	sessions, err := w.reader.Sessions(*id)
	if err != nil {
		return err
	}
	for i := range sessions {
		if err := w.endSession(&sessions[i].ID); err != nil {
			return err
		}
	}
	links, err := w.reader.Links(*id)
	if err != nil {
		return err
	}
	for i := range links {
		if err := w.dropLink(&links[i].ID); err != nil {
			return err
		}
	}
	return w.removeKeys(*id)
}

// removeKeys removes the API keys of an operator, and their uses.
func (w *writer) removeKeys(operator directory.ID) error {
	keys, err := w.reader.APIKeys(operator)
	if err != nil {
		return err
	}
	for i := range keys {
		if err := w.reader.operatorData().Delete(operatorKey(apiKeyByHash, keys[i].Hash[:])); err != nil {
			return err
		}
		if err := w.batch.tx.Bucket([]byte(useBucket)).Delete(useKey("", directory.TokenID(keys[i].ID.String()))); err != nil {
			return err
		}
	}
	return nil
}

// endSession removes a session and its use.
func (w *writer) endSession(id *directory.ID) error {
	all, err := listOperatorData(w.reader, operatorKey(sessionByHash, nil), "session", func(s *directory.Session) bool { return s.ID == *id })
	if err != nil {
		return err
	}
	for i := range all {
		if err := w.reader.operatorData().Delete(operatorKey(sessionByHash, all[i].Hash[:])); err != nil {
			return err
		}
	}
	return w.batch.tx.Bucket([]byte(useBucket)).Delete(useKey("", directory.TokenID(id.String())))
}

func (w *writer) dropLink(id *directory.ID) error {
	all, err := listOperatorData(w.reader, operatorKey(linkByHash, nil), "link", func(l *directory.Link) bool { return l.ID == *id })
	if err != nil {
		return err
	}
	for i := range all {
		if err := w.reader.operatorData().Delete(operatorKey(linkByHash, all[i].Hash[:])); err != nil {
			return err
		}
	}
	return nil
}

// operatorData checks the operators and what belongs to them.
func (c *checker) operatorData() {
	r := c.store.reader(c.tx, directory.Provider)
	operators, err := r.Operators()
	c.must(err)
	known := make(map[directory.ID]bool, len(operators))
	for i := range operators {
		o := &operators[i]
		known[o.ID] = true
		if at := r.operatorData().Get(operatorKey(operatorByEmail, []byte(directory.Fold(o.Email)))); !bytes.Equal(at, o.ID[:]) {
			c.find("operator %s is missing in the index of e-mail addresses", o.ID)
		}
	}
	addresses := 0
	prefix := operatorKey(operatorByEmail, nil)
	cursor := r.operatorData().Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		addresses++
	}
	if addresses != len(operators) {
		c.find("the index of e-mail addresses has %d entries for %d operators", addresses, len(operators))
	}
	checkSecrets(c, r, secrets{sessionByHash, "session"}, known, func(v *directory.Session) directory.ID { return v.Operator })
	checkSecrets(c, r, secrets{apiKeyByHash, "API key"}, known, func(v *directory.APIKey) directory.ID { return v.Operator })
	checkSecrets(c, r, secrets{linkByHash, "link"}, known, func(v *directory.Link) directory.ID { return v.Operator })
	_, err = r.ProviderSettings()
	c.must(err)
	_, err = listOperatorData[directory.SupportSession](r, operatorKey(sessionOfTenant, nil), "support session", nil)
	c.must(err)
	_, err = listOperatorData[directory.DeletionRequest](r, operatorKey(requestOfTenant, nil), "deletion request", nil)
	c.must(err)
}

// secrets is a kind of record that is stored under the hash of a secret.
type secrets struct {
	kind byte
	name string
}

func checkSecrets[T any](c *checker, r *reader, of secrets, known map[directory.ID]bool, owner func(*T) directory.ID) {
	all, err := listOperatorData[T](r, operatorKey(of.kind, nil), of.name, nil)
	c.must(err)
	for i := range all {
		id, hash := secretOf(&all[i])
		if r.operatorData().Get(operatorKey(of.kind, hash[:])) == nil {
			c.find("%v", r.damaged(of.name, id, errors.New("it is not stored under its hash")))
		}
		if who := owner(&all[i]); !who.IsZero() && !known[who] {
			c.find("%s %s belongs to no operator", of.name, id)
		}
	}
}
