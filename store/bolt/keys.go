package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"drawbridge/directory"
)

// The buckets at the root of the file. Three names in the file are not those of the code, because the files of release 0.1.0
// have them, and a better name is not worth a migration: "desk" for operators, "memos" for the KVs of a tenant, "trial" for a probe.
const (
	metaBucket       = "meta"       // "format" → description of the file; probeKey → the bytes of a probe, which mean nothing
	tenantBucket     = "tenant"     // slug → tenant
	connectionBucket = "connection" // slug → connection, of all tenants
	tokenBucket      = "token"      // hash → token, of all tenants
	useBucket        = "use"        // connection, NUL, token → use
	operatorBucket   = "desk"       // operators and what belongs to them, see operatorKey
	outboxBucket     = "outbox"     // mails that wait, see outboxDue
	claimBucket      = "claim"      // claims of all tenants, see claimByKey
	collisionBucket  = "collision"  // userNames that several users have, from a file of an older format, see collisionKey
	dataBucket       = "data"       // slug → the buckets of one tenant
)

func rootBuckets() []string {
	return []string{metaBucket, tenantBucket, connectionBucket, tokenBucket, useBucket, operatorBucket, outboxBucket, claimBucket, collisionBucket, dataBucket}
}

// isLater reports whether files of older formats may lack the bucket; Open makes it.
func isLater(bucket string) bool {
	return bucket == operatorBucket || bucket == outboxBucket || bucket == claimBucket || bucket == collisionBucket
}

// part is one of the buckets that each tenant has inside dataBucket.
type part int

const (
	users      part = iota // id → user
	groups                 // id → group
	resources              // id → resource, of all kinds
	members                // group, member[, source] → membership
	memberOf               // member, group[, source] → nothing
	index                  // see indexKey
	tombstones             // id → tombstone
	audit                  // big-endian seq → audit line; the bucket's sequence is the last one
	events                 // big-endian seq → event; the same
	facts                  // "usage" → the counts; "forgotten" → seq of the last event removed on purpose; "noticed" → seq
	kvs                    // kind, NUL, key → KV; the name in the file is older
	parts                  // the number of parts
)

func (p part) name() []byte {
	switch p {
	case users:
		return []byte("users")
	case groups:
		return []byte("groups")
	case resources:
		return []byte("resources")
	case members:
		return []byte("members")
	case memberOf:
		return []byte("memberof")
	case index:
		return []byte("index")
	case tombstones:
		return []byte("tombstones")
	case audit:
		return []byte("audit")
	case events:
		return []byte("events")
	case facts:
		return []byte("facts")
	case kvs:
		return []byte("memos")
	}
	return nil
}

// grows reports whether most keys of p are added at the end, so that its pages can be filled completely.
func (p part) grows() bool { return p == users || p == groups || p == audit || p == events }

// tenantKey is the name of the bucket of a tenant. A slug cannot be "*", and bbolt has no empty names.
func tenantKey(tenant directory.TenantID) []byte {
	if tenant == directory.Provider {
		return []byte("*")
	}
	return []byte(tenant)
}

// The indexes of a tenant are in one bucket; the first byte of the key tells them apart.
const (
	byUserName         byte = 'u' // Store.nameKey, users that are not Gone
	byGoneName         byte = 'v' // Store.nameKey, Gone users
	byUserExternalID   byte = 'x' // scope: the connection
	byEmail            byte = 'e' // folded; Gone users too
	byDisplayName      byte = 'd' // folded, groups that are not built in
	byBuiltIn          byte = 'b' // the name of a built-in group
	byGroupExternalID  byte = 'y' // scope: the connection
	byKind             byte = 'k' // resources by their kind
	byResourceID       byte = 'z' // resources by externalId; scope: the connection
	byTombExternalID   byte = 't' // scope: the connection
	byUserUnique       byte = 'p' // UniqueKey of users that are not Gone
	byGroupUnique      byte = 'q' // UniqueKey of groups
	byResourceUnique   byte = 'r' // UniqueKey of resources
	connectionOfTenant byte = 'c' // connections by slug; no id
	tokenOfConnection  byte = 'o' // connection, NUL, token id → hash
)

const (
	idLength    = len(directory.ID{})
	longValue   = 256 // of longer values, an index has the beginning and a hash
	valuePrefix = 200
)

// appendIndexPrefix appends the beginning of all entries of one value: kind, value, NUL.
func appendIndexPrefix(b []byte, kind byte, value string) []byte {
	b = append(b, kind)
	if len(value) <= longValue {
		return append(append(b, value...), 0)
	}
	sum := sha256.Sum256([]byte(value))
	b = append(append(b, value[:valuePrefix]...), 0xff) // no text has this byte
	return append(append(b, sum[:]...), 0)
}

// indexKey is one entry: kind, value, NUL, scope, NUL, id. Several records may have one value; where a value must be unique, the
// store checks before it writes. The value of the entry is empty. Code that follows an entry must compare the record.
func indexKey(kind byte, value, scope string, id directory.ID) []byte {
	b := make([]byte, 0, min(len(value), longValue)+len(scope)+idLength+3)
	b = appendIndexPrefix(b, kind, value)
	b = append(append(b, scope...), 0)
	return append(b, id[:]...)
}

// indexEntry parses what comes after the prefix. ok is false if the entry is of a longer value that contains NUL after the one
// that was looked up.
func indexEntry(rest []byte) (scope []byte, id directory.ID, ok bool) {
	end := len(rest) - idLength - 1
	if end < 0 || rest[end] != 0 || bytes.IndexByte(rest[:end], 0) >= 0 {
		return nil, directory.ID{}, false
	}
	return rest[:end], directory.ID(rest[end+1:]), true
}

func (s *Store) userKeys(u *directory.User) [][]byte {
	if u == nil {
		return nil
	}
	keys := make([][]byte, 0, 4)
	name := byUserName
	if u.Gone() {
		name = byGoneName
	}
	keys = append(keys, indexKey(name, s.nameKey(u.UserName), "", u.ID))
	if u.ExternalID != "" {
		keys = append(keys, indexKey(byUserExternalID, u.ExternalID, string(u.Connection), u.ID))
	}
	for _, address := range u.Emails {
		keys = append(keys, indexKey(byEmail, directory.Fold(address), "", u.ID))
	}
	if u.Gone() { // a Gone user keeps no value from others
		return keys
	}
	return appendUnique(keys, byUserUnique, u.Unique, u.ID)
}

func appendUnique(keys [][]byte, kind byte, unique []directory.UniqueKey, id directory.ID) [][]byte {
	for _, key := range unique {
		keys = append(keys, indexKey(kind, string(key), "", id))
	}
	return keys
}

func groupKeys(g *directory.Group) [][]byte {
	if g == nil {
		return nil
	}
	keys := make([][]byte, 0, 2)
	if g.BuiltIn != "" {
		keys = append(keys, indexKey(byBuiltIn, string(g.BuiltIn), "", g.ID))
	} else {
		keys = append(keys, indexKey(byDisplayName, directory.Fold(g.DisplayName), "", g.ID))
	}
	if g.ExternalID != "" {
		keys = append(keys, indexKey(byGroupExternalID, g.ExternalID, string(g.Connection), g.ID))
	}
	return appendUnique(keys, byGroupUnique, g.Unique, g.ID)
}

func resourceKeys(v *directory.Resource) [][]byte {
	if v == nil {
		return nil
	}
	keys := [][]byte{indexKey(byKind, string(v.Kind), "", v.ID)}
	if v.ExternalID != "" {
		keys = append(keys, indexKey(byResourceID, v.ExternalID, string(v.Connection), v.ID))
	}
	return appendUnique(keys, byResourceUnique, v.Unique, v.ID)
}

func tombstoneKeys(t *directory.Tombstone) [][]byte {
	if t == nil || t.ExternalID == "" {
		return nil
	}
	return [][]byte{indexKey(byTombExternalID, t.ExternalID, string(t.Connection), t.ID)}
}

// connectionKey lists a connection in its tenant.
func connectionKey(id directory.ConnectionID) []byte {
	return append([]byte{connectionOfTenant}, id...)
}

// tokenKey lists a token in its connection. The value is the hash, which is the key of the token itself.
func tokenKey(connection directory.ConnectionID, id directory.TokenID) []byte {
	return append(tokenPrefix(connection), id...)
}

func tokenPrefix(connection directory.ConnectionID) []byte {
	return append(append([]byte{tokenOfConnection}, connection...), 0)
}

func useKey(connection directory.ConnectionID, token directory.TokenID) []byte {
	return append(append([]byte(connection), 0), token...)
}

// memberKey is the key of a membership in either direction: from, to, and the source if there is one.
func memberKey(from, to, source directory.ID) []byte {
	return appendMemberKey(make([]byte, 0, 3*idLength), from, to, source)
}

func appendMemberKey(b []byte, from, to, source directory.ID) []byte {
	b = append(append(b, from[:]...), to[:]...)
	if !source.IsZero() {
		b = append(b, source[:]...)
	}
	return b
}

// splitMemberKey parses a memberKey.
func splitMemberKey(key []byte) (from, to, source directory.ID, ok bool) {
	switch len(key) {
	case 3 * idLength:
		source = directory.ID(key[2*idLength:])
	case 2 * idLength:
	default:
		return from, to, source, false
	}
	return directory.ID(key[:idLength]), directory.ID(key[idLength : 2*idLength]), source, true
}

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func seqOf(key []byte) uint64 { return binary.BigEndian.Uint64(key) }
