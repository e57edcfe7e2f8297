package postgres

import (
	"crypto/sha256"

	"drawbridge/directory"
)

// index is a way to find records. All indexes are in one table, "key"; its column "kind" has this letter.
type index string

const (
	byUserName        index = "u" // folded, users that are not Gone
	byGoneName        index = "v" // folded, Gone users
	byUserExternalID  index = "x" // scope: the connection
	byEmail           index = "e" // folded; Gone users too
	byUserUnique      index = "p" // UniqueKey of users that are not Gone
	byDisplayName     index = "d" // folded, groups that are not built in
	byBuiltIn         index = "b" // the name of a built-in group
	byGroupExternalID index = "y" // scope: the connection
	byGroupUnique     index = "q" // UniqueKey of groups
	byResourceID      index = "z" // resources by externalId; scope: the connection
	byResourceUnique  index = "r" // UniqueKey of resources
	byTombExternalID  index = "t" // scope: the connection
)

// unique reports whether a value of the index belongs to one record.
func (i index) unique() bool {
	switch i {
	case byUserName, byUserUnique, byDisplayName, byBuiltIn, byGroupUnique, byResourceUnique:
		return true
	}
	return false
}

const (
	longValue   = 256 // a longer value is stored as its beginning and a hash, because entries of an index must be short
	valuePrefix = 200
)

// short is a value as the table keeps it.
func short(value string) string {
	if len(value) <= longValue {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return value[:valuePrefix] + "\xff" + string(sum[:]) // no text has this byte
}

// term is a look-up: all records with this value in this index.
type term struct {
	index index
	value string // short
}

// entry is one record at a term.
type entry struct {
	scope string
	id    directory.ID
}

// key is one row of the table.
type key struct {
	term
	entry
}

func keyOf(i index, value, scope string, id directory.ID) key {
	return key{term{i, short(value)}, entry{scope, id}}
}

func userKeys(u *directory.User) []key {
	if u == nil {
		return nil
	}
	name := byUserName
	if u.Gone() {
		name = byGoneName
	}
	keys := append(make([]key, 0, 4), keyOf(name, directory.UserNameKey(u.UserName), "", u.ID))
	if u.ExternalID != "" {
		keys = append(keys, keyOf(byUserExternalID, u.ExternalID, string(u.Connection), u.ID))
	}
	for _, address := range u.Emails {
		keys = append(keys, keyOf(byEmail, directory.Fold(address), "", u.ID))
	}
	if u.Gone() { // a deleted user reserves no value
		return keys
	}
	return appendUnique(keys, byUserUnique, u.Unique, u.ID)
}

func appendUnique(keys []key, i index, unique []directory.UniqueKey, id directory.ID) []key {
	for _, value := range unique {
		keys = append(keys, keyOf(i, string(value), "", id))
	}
	return keys
}

func groupKeys(g *directory.Group) []key {
	if g == nil {
		return nil
	}
	keys := make([]key, 0, 2)
	if g.BuiltIn != "" {
		keys = append(keys, keyOf(byBuiltIn, string(g.BuiltIn), "", g.ID))
	} else {
		keys = append(keys, keyOf(byDisplayName, directory.Fold(g.DisplayName), "", g.ID))
	}
	if g.ExternalID != "" {
		keys = append(keys, keyOf(byGroupExternalID, g.ExternalID, string(g.Connection), g.ID))
	}
	return appendUnique(keys, byGroupUnique, g.Unique, g.ID)
}

func resourceKeys(v *directory.Resource) []key {
	if v == nil {
		return nil
	}
	var keys []key
	if v.ExternalID != "" {
		keys = append(keys, keyOf(byResourceID, v.ExternalID, string(v.Connection), v.ID))
	}
	return appendUnique(keys, byResourceUnique, v.Unique, v.ID)
}

func tombstoneKeys(t *directory.Tombstone) []key {
	if t == nil || t.ExternalID == "" {
		return nil
	}
	return []key{keyOf(byTombExternalID, t.ExternalID, string(t.Connection), t.ID)}
}
