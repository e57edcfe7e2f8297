package bolt

import (
	"fmt"
	"slices"

	"drawbridge/directory"
)

// verify finds every reason to refuse a Change before anything of it is written, so nothing needs to be undone.
func (w *writer) verify(c *directory.Change) error {
	if len(c.Audit) == 0 && !c.OnlyNotes() {
		return internal("a change without an audit line")
	}
	if !c.NamesForgotten() {
		return internal("a change that removes audit lines without the mark of the archive that names them")
	}
	return w.verifyContent(c)
}

// verifyContent is verify for a Change that may do without an audit line.
func (w *writer) verifyContent(c *directory.Change) error {
	if err := w.verifyTenant(c); err != nil {
		return err
	}
	if err := w.verifyCredentials(c); err != nil {
		return err
	}
	if err := w.verifyOperatorData(c); err != nil {
		return err
	}
	if err := w.verifyMails(c); err != nil {
		return err
	}
	if err := w.verifyClaims(c); err != nil {
		return err
	}
	if err := w.verifyUsers(c); err != nil {
		return err
	}
	if err := w.verifyGroups(c); err != nil {
		return err
	}
	return w.verifyRest(c)
}

func (w *writer) verifyTenant(c *directory.Change) error {
	if c.Tenant == nil {
		if w.reader.data == nil {
			return notFound("tenant")
		}
		return nil
	}
	if c.Tenant.ID != w.reader.tenant {
		return internal("a change of tenant %q holds the record of tenant %q", w.reader.tenant, c.Tenant.ID)
	}
	if w.reader.data == nil || c.Tenant.Version != 1 || c.Tenant.ID == directory.Provider {
		return nil
	}
	// Version 1 means a new tenant, and there is one already. The very same one may be written again.
	old, err := w.reader.Tenant()
	if directory.CodeOf(err) == directory.NotFound { // its data was staged
		return nil
	}
	if err != nil {
		return err
	}
	if !old.Created.Equal(c.Tenant.Created) {
		return conflict("tenant", string(c.Tenant.ID))
	}
	return nil
}

// verifyCredentials checks values that are unique in the installation: slugs of connections and hashes of tokens.
func (w *writer) verifyCredentials(c *directory.Change) error {
	slugs := w.batch.tx.Bucket([]byte(connectionBucket))
	for i := range c.Connections {
		v := &c.Connections[i]
		if v.ID == "" || v.Tenant != w.reader.tenant {
			return internal("a change of tenant %q holds connection %q of tenant %q", w.reader.tenant, v.ID, v.Tenant)
		}
		record := slugs.Get([]byte(v.ID))
		if record == nil {
			continue
		}
		old, err := readConnection(w.batch.store, []byte(v.ID), record)
		if err != nil {
			return err
		}
		if old.Tenant != v.Tenant {
			return conflict("connection", string(v.ID))
		}
	}
	for _, id := range c.RemoveConnections {
		record := slugs.Get([]byte(id))
		if record == nil {
			return internal("a change removes connection %q, which does not exist", id)
		}
		old, err := readConnection(w.batch.store, []byte(id), record)
		if err != nil {
			return err
		}
		if old.Tenant != w.reader.tenant || slices.ContainsFunc(c.Connections, func(v directory.Connection) bool { return v.ID == id }) {
			return internal("a change of tenant %q removes connection %q, which it also puts, or which belongs to another tenant", w.reader.tenant, id)
		}
	}
	hashes := w.batch.tx.Bucket([]byte(tokenBucket))
	here := make(map[[32]byte]directory.TokenID, len(c.Tokens))
	for i := range c.Tokens {
		v := &c.Tokens[i]
		if v.ID == "" || v.Tenant != w.reader.tenant {
			return internal("a change of tenant %q holds token %q of tenant %q", w.reader.tenant, v.ID, v.Tenant)
		}
		if other, twice := here[v.Hash]; twice && other != v.ID {
			return conflict("token", string(v.ID))
		}
		here[v.Hash] = v.ID
		record := hashes.Get(v.Hash[:])
		if record == nil {
			continue
		}
		old, err := readToken(w.batch.store, v.Hash[:], record)
		if err != nil {
			return err
		}
		if old.Tenant != v.Tenant || old.Connection != v.Connection || old.ID != v.ID {
			return conflict("token", string(v.ID))
		}
	}
	return nil
}

func (w *writer) verifyUsers(c *directory.Change) error {
	if len(c.Users) == 0 {
		return nil
	}
	removed := idSet(c.RemoveUsers)
	put := make(map[directory.ID]bool, len(c.Users))
	for i := range c.Users {
		u := &c.Users[i]
		if err := putOnce(put, removed, "user", u.ID); err != nil {
			return err
		}
		if u.UserName == "" || u.Type >= directory.UserTypes || u.State >= directory.States {
			return internal("user %s has no userName, or an unknown type or state", u.ID)
		}
	}
	names := make(map[string]bool, len(c.Users))
	kept := make([]bool, len(c.Users))
	for i := range c.Users {
		if kept[i] = w.keepsName(&c.Users[i]); kept[i] {
			names[w.batch.store.nameKey(c.Users[i].UserName)] = true
		}
	}
	for i := range c.Users {
		u := &c.Users[i]
		if u.Gone() {
			continue
		}
		name := w.batch.store.nameKey(u.UserName)
		if !kept[i] && (names[name] || w.takenByAnother(byUserName, name, put, removed)) {
			return conflict("userName", u.UserName)
		}
		names[name] = true
		if err := w.verifyUnique(byUserUnique, u.Unique, names, put, removed); err != nil {
			return err
		}
	}
	return nil
}

// keepsName reports whether a user has the userName already, with another user who has it: one of an older release, which told them
// apart, can still be written.
func (w *writer) keepsName(u *directory.User) bool {
	name := w.batch.store.nameKey(u.UserName)
	owners := w.reader.lookup(byUserName, name, nil)
	return !u.Gone() && len(owners) > 1 && slices.Contains(owners, u.ID)
}

// verifyUnique refuses unique keys that another record has, in this change (seen) or in the store. Keys share seen with names,
// which contain no NUL.
func (w *writer) verifyUnique(kind byte, keys []directory.UniqueKey, seen map[string]bool, put, removed map[directory.ID]bool) error {
	for _, key := range keys {
		at := string(kind) + "\x00" + string(key)
		if seen[at] || w.takenByAnother(kind, string(key), put, removed) {
			path, value := key.Split()
			return conflict(path, value)
		}
		seen[at] = true
	}
	return nil
}

func (w *writer) verifyGroups(c *directory.Change) error {
	removed := idSet(c.RemoveGroups)
	put := make(map[directory.ID]bool, len(c.Groups))
	for i := range c.Groups {
		if err := putOnce(put, removed, "group", c.Groups[i].ID); err != nil {
			return err
		}
	}
	names := make(map[string]bool, len(c.Groups))
	for i := range c.Groups {
		g := &c.Groups[i]
		kind, name, field := byDisplayName, directory.Fold(g.DisplayName), "displayName"
		if g.BuiltIn != "" {
			kind, name, field = byBuiltIn, string(g.BuiltIn), "builtIn"
		}
		at := string(kind) + name
		if names[at] || w.takenByAnother(kind, name, put, removed) {
			return conflict(field, g.DisplayName)
		}
		names[at] = true
		if err := w.verifyUnique(byGroupUnique, g.Unique, names, put, removed); err != nil {
			return err
		}
	}
	var last directory.ID // most changes add members to one group: look it up once
	for i := range c.Join {
		m := &c.Join[i]
		if m.Member.ID.IsZero() || m.Group.IsZero() {
			return internal("a membership without a group or a member")
		}
		if m.Group == last {
			continue
		}
		if removed[m.Group] || !put[m.Group] && w.reader.get(groups, m.Group[:]) == nil {
			return internal("a membership in group %s, which does not exist", m.Group)
		}
		last = m.Group
	}
	return nil
}

func (w *writer) verifyRest(c *directory.Change) error {
	removed := idSet(c.RemoveResources)
	put := make(map[directory.ID]bool, len(c.Resources))
	for i := range c.Resources {
		if err := putOnce(put, removed, "resource", c.Resources[i].ID); err != nil {
			return err
		}
		if c.Resources[i].Kind == "" {
			return internal("resource %s has no kind", c.Resources[i].ID)
		}
	}
	seen := make(map[string]bool)
	for i := range c.Resources {
		if err := w.verifyUnique(byResourceUnique, c.Resources[i].Unique, seen, put, removed); err != nil {
			return err
		}
	}
	if err := verifyKVs(c); err != nil {
		return err
	}
	dropped := idSet(c.DropTombstones)
	buried := make(map[directory.ID]bool, len(c.Tombstones))
	for i := range c.Tombstones {
		if err := putOnce(buried, dropped, "tombstone", c.Tombstones[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// takenByAnother reports whether a unique value belongs to a record that the Change does not touch.
func (w *writer) takenByAnother(kind byte, value string, put, removed map[directory.ID]bool) bool {
	for _, owner := range w.reader.lookup(kind, value, nil) {
		if !put[owner] && !removed[owner] {
			return true
		}
	}
	return false
}

// putOnce refuses records without an ID, records that are put twice, and records that are put and removed: the intention is
// unclear.
func putOnce(put, removed map[directory.ID]bool, what string, id directory.ID) error {
	if id.IsZero() || put[id] || removed[id] {
		return internal("%s %s has no id, or is in the change twice", what, id)
	}
	put[id] = true
	return nil
}

func idSet(ids []directory.ID) map[directory.ID]bool {
	if len(ids) == 0 {
		return nil
	}
	set := make(map[directory.ID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func conflict(field, value string) error {
	return &directory.Error{
		Code: directory.Conflict, Field: field,
		Message: fmt.Sprintf("the %s %q is taken", field, shortened(value)),
	}
}

func shortened(text string) string {
	if r := []rune(text); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return text
}
