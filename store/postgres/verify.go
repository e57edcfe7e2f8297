package postgres

import (
	"slices"
	"strings"

	"drawbridge/directory"
)

// maxKey is the maximum length of the keys of key-value records and claims.
const maxKey = 512

// verify finds every reason not to write a Change before any of it is pending. It reads what it needs in one round trip, unless the Want
// has named it already.
func (t *tx) verify(c *directory.Change) error {
	if len(c.Audit) == 0 && !c.OnlyNotes() {
		return internal("a change without an audit line")
	}
	if !c.NamesForgotten() {
		return internal("a change that removes audit lines without the mark of the archive that names them")
	}
	return t.verifyContent(c)
}

// verifyContent is verify for a Change that needs no audit line.
func (t *tx) verifyContent(c *directory.Change) error {
	if err := t.verifyTenant(c); err != nil {
		return err
	}
	if err := t.learn(c); err != nil {
		return err
	}
	for _, check := range []func(*directory.Change) error{
		t.verifyCredentials, t.verifyOperatorRows, t.verifyMails, t.verifyRecords, t.verifyClaims,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// learn reads what verify and apply need: the present form of the records that a Change writes, and the owners of new unique values.
func (t *tx) learn(c *directory.Change) error {
	t.believeNew(c)
	if err := t.fetch(touched(c)); err != nil {
		return err
	}
	return t.fetch(t.claimed(c))
}

// believeNew skips the look-up of users and groups with version 1, which are nearly always new, and of their memberships. If one exists after all, writing it fails,
// and the batch runs again with look-ups.
func (t *tx) believeNew(c *directory.Change) {
	if t.careful {
		return
	}
	for i := range c.Users {
		if u := &c.Users[i]; u.Version == 1 {
			if _, ok := t.known.users[u.ID]; !ok {
				t.known.users[u.ID], t.known.fresh[u.ID] = nil, true
			}
		}
	}
	for i := range c.Groups {
		if g := &c.Groups[i]; g.Version == 1 {
			if _, ok := t.known.groups[g.ID]; !ok {
				t.known.groups[g.ID], t.known.fresh[g.ID] = nil, true
			}
		}
	}
	for i := range c.Join {
		p := pair{c.Join[i].Group, c.Join[i].Member.ID}
		if _, ok := t.known.memberships[p]; !ok && (t.known.fresh[p.group] || t.known.fresh[p.member]) {
			t.known.memberships[p] = nil
		}
	}
}

// doubtNew drops the assumptions for a Change that is not written.
func (t *tx) doubtNew() {
	doubted := make(map[directory.ID]bool)
	for id := range t.known.fresh {
		if !t.pending.users[id] && !t.pending.groups[id] {
			doubted[id] = true
			delete(t.known.fresh, id)
			delete(t.known.users, id)
			delete(t.known.groups, id)
		}
	}
	if len(doubted) == 0 {
		return
	}
	for p := range t.known.memberships {
		if doubted[p.group] || doubted[p.member] {
			delete(t.known.memberships, p)
		}
	}
}

// touched is what a Change writes to.
func touched(c *directory.Change) (n need) {
	for i := range c.Users {
		n.users = append(n.users, c.Users[i].ID)
	}
	for i := range c.Groups {
		n.groups = append(n.groups, c.Groups[i].ID)
	}
	for i := range c.Resources {
		n.resources = append(n.resources, c.Resources[i].ID)
	}
	for i := range c.Tombstones {
		n.tombstones = append(n.tombstones, c.Tombstones[i].ID)
	}
	n.users, n.groups = append(n.users, c.RemoveUsers...), append(n.groups, c.RemoveGroups...)
	n.resources, n.tombstones = append(n.resources, c.RemoveResources...), append(n.tombstones, c.DropTombstones...)
	n.of = append(append(n.of, c.RemoveUsers...), c.RemoveGroups...)
	for _, list := range [][]directory.Membership{c.Join, c.Leave} {
		for i := range list {
			n.groups = append(n.groups, list[i].Group)
			n.memberships = append(n.memberships, pair{list[i].Group, list[i].Member.ID})
		}
	}
	return n
}

// claimed gives the terms of the new unique values in the Change.
func (t *tx) claimed(c *directory.Change) (n need) {
	claim := func(before, after []key) {
		for _, k := range after {
			if k.index.unique() && !slices.Contains(before, k) {
				n.terms = append(n.terms, k.term)
			}
		}
	}
	for i := range c.Users {
		claim(userKeys(t.known.users[c.Users[i].ID]), userKeys(&c.Users[i]))
	}
	for i := range c.Groups {
		claim(groupKeys(t.known.groups[c.Groups[i].ID]), groupKeys(&c.Groups[i]))
	}
	for i := range c.Resources {
		claim(resourceKeys(t.known.resources[c.Resources[i].ID]), resourceKeys(&c.Resources[i]))
	}
	return n
}

// nameTerm is the term in which the name of a group is unique.
func nameTerm(g *directory.Group) term {
	if g.BuiltIn != "" {
		return term{byBuiltIn, string(g.BuiltIn)}
	}
	return term{byDisplayName, short(directory.Fold(g.DisplayName))}
}

func (t *tx) verifyTenant(c *directory.Change) error {
	if c.Tenant == nil {
		if t.pk == noData {
			return notFound("tenant")
		}
		return nil
	}
	if c.Tenant.ID != t.tenant {
		return internal("a change of tenant %q holds the record of tenant %q", t.tenant, c.Tenant.ID)
	}
	if t.head.tenant == nil || c.Tenant.Version != 1 || t.tenant == directory.Provider {
		return nil
	}
	// Version 1 is a new tenant. It is a conflict if another tenant exists already.
	if !t.head.tenant.Created.Equal(c.Tenant.Created) {
		return conflict("tenant", string(c.Tenant.ID))
	}
	return nil
}

// owners are the records of one kind that a Change puts or removes, and their unique values.
type owners struct {
	t            *tx
	what         string
	put, removed map[directory.ID]bool
	seen         map[term]bool
}

func (t *tx) owners(what string, removed []directory.ID) *owners {
	o := &owners{t: t, what: what, put: map[directory.ID]bool{}, removed: map[directory.ID]bool{}, seen: map[term]bool{}}
	for _, id := range removed {
		o.removed[id] = true
	}
	return o
}

// add refuses records without an ID, put twice, or both put and removed, because the meaning would be unclear.
func (o *owners) add(id directory.ID) error {
	if id.IsZero() || o.put[id] || o.removed[id] {
		return internal("%s %s has no id, or is in the change twice", o.what, id)
	}
	o.put[id] = true
	return nil
}

// take gives a unique value to a record of the Change. It is taken if another record of the Change, or one that the Change does not write,
// has it.
func (o *owners) take(at term) bool {
	if o.seen[at] {
		return false
	}
	o.seen[at] = true
	for _, e := range o.t.known.terms[at] {
		if !o.put[e.id] && !o.removed[e.id] {
			return false
		}
	}
	return true
}

func (o *owners) takeUnique(i index, keys []directory.UniqueKey) error {
	for _, key := range keys {
		if !o.take(term{i, short(string(key))}) {
			path, value := key.Split()
			return conflict(path, value)
		}
	}
	return nil
}

func (t *tx) verifyRecords(c *directory.Change) error {
	if err := t.verifyUsers(c); err != nil {
		return err
	}
	if err := t.verifyGroups(c); err != nil {
		return err
	}
	resources := t.owners("resource", c.RemoveResources)
	for i := range c.Resources {
		if err := resources.add(c.Resources[i].ID); err != nil {
			return err
		}
		if c.Resources[i].Kind == "" {
			return internal("resource %s has no kind", c.Resources[i].ID)
		}
	}
	for i := range c.Resources {
		if err := resources.takeUnique(byResourceUnique, c.Resources[i].Unique); err != nil {
			return err
		}
	}
	tombstones := t.owners("tombstone", c.DropTombstones)
	for i := range c.Tombstones {
		if err := tombstones.add(c.Tombstones[i].ID); err != nil {
			return err
		}
	}
	for i := range c.KVs {
		if m := &c.KVs[i]; m.Kind == "" || strings.ContainsRune(string(m.Kind), 0) || !goodKey(m.Key) {
			return internal("state of kind %q has an impossible key", m.Kind)
		}
	}
	return nil
}

func goodKey(text string) bool { return len(text) <= maxKey && !strings.ContainsRune(text, 0) }

func (t *tx) verifyUsers(c *directory.Change) error {
	users := t.owners("user", c.RemoveUsers)
	for i := range c.Users {
		u := &c.Users[i]
		if err := users.add(u.ID); err != nil {
			return err
		}
		if u.UserName == "" || u.Type >= directory.UserTypes || u.State >= directory.States {
			return internal("user %s has no userName, or an unknown type or state", u.ID)
		}
	}
	for i := range c.Users {
		u := &c.Users[i]
		if u.Gone() {
			continue
		}
		if !users.take(term{byUserName, short(directory.UserNameKey(u.UserName))}) {
			return conflict("userName", u.UserName)
		}
		if err := users.takeUnique(byUserUnique, u.Unique); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) verifyGroups(c *directory.Change) error {
	groups := t.owners("group", c.RemoveGroups)
	for i := range c.Groups {
		if err := groups.add(c.Groups[i].ID); err != nil {
			return err
		}
	}
	for i := range c.Groups {
		g := &c.Groups[i]
		if !groups.take(nameTerm(g)) {
			field := "displayName"
			if g.BuiltIn != "" {
				field = "builtIn"
			}
			return conflict(field, g.DisplayName)
		}
		if err := groups.takeUnique(byGroupUnique, g.Unique); err != nil {
			return err
		}
	}
	for i := range c.Join {
		m := &c.Join[i]
		if m.Member.ID.IsZero() || m.Group.IsZero() {
			return internal("a membership without a group or a member")
		}
		if groups.removed[m.Group] || !groups.put[m.Group] && t.known.groups[m.Group] == nil {
			return internal("a membership in group %s, which is not there", m.Group)
		}
	}
	return nil
}
