package store

import "drawbridge/directory"

// Reader reads one tenant inside a View or an Update.
//
// What it returns must not be changed, and must not be used after the function that received the Reader has returned: a Document
// or a string may lie in the store's own memory. Clone what must stay. Names and addresses are found without regard to case,
// external ids exactly. IDs are ordered by their bytes, slugs and keys by the bytes of their UTF-8, whatever the locale.
//
// A list calls yield for each record, in order. An error of yield ends the list and is returned; ErrStop ends it without an
// error. yield must not call the Reader: a database has only one open result per transaction. Collect first and read
// afterwards, with UsersByID, GroupsByID or KVsByKey where there are many.
type Reader interface {
	Tenant() (directory.Tenant, error)                                  // NotFound
	Connection(id directory.ConnectionID) (directory.Connection, error) // NotFound, also for another tenant's
	Connections() ([]directory.Connection, error)                       // by slug
	Tokens(id directory.ConnectionID) ([]directory.Token, error)        // by creation

	User(id directory.ID) (directory.User, error) // NotFound; also returns Gone users
	// UsersByID returns the users with these ids, also Gone ones. An id without a user is missing in the result.
	UsersByID(ids []directory.ID) (map[directory.ID]directory.User, error)
	// UserByName returns the one user with this userName that is not Gone. NotFound.
	UserByName(userName string) (directory.User, error)
	// GoneByName returns the users with this userName that are Gone, the youngest (by ID) first.
	GoneByName(userName string) ([]directory.User, error)
	// UsersByExternalID returns users that a connection manages, also Gone ones, by ID.
	UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error)
	// Users yields the users that match q.
	Users(q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error)

	Group(id directory.ID) (directory.Group, error) // NotFound; also returns built-in groups
	// GroupsByID returns the groups with these ids, also built-in ones. An id without a group is missing in the result.
	GroupsByID(ids []directory.ID) (map[directory.ID]directory.Group, error)
	// GroupByName returns the one group with this displayName that is not built in. NotFound.
	GroupByName(displayName string) (directory.Group, error)
	BuiltIn(name directory.BuiltIn) (directory.Group, error) // NotFound
	GroupsByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Group, error)
	// Groups yields the groups that match q, with their members by ID if q.Members is set.
	Groups(q directory.Query, yield func(*directory.Group, []directory.Member) error) (directory.Page, error)

	// Members yields the memberships of a group by the ID of the member, beginning after the member "after" (zero: with the
	// first). A member with several sources comes once for each.
	Members(group, after directory.ID, yield func(directory.Membership) error) error
	// Memberships returns the memberships of member in group, one for each source. It returns none if member is not in group.
	Memberships(group, member directory.ID) ([]directory.Membership, error)
	// MembershipsOf returns every membership of a user or group, also in built-in groups.
	MembershipsOf(member directory.ID) ([]directory.Membership, error)
	// MembershipsByMember returns MembershipsOf for many users or groups. One that is in no group is missing in the result. A GroupRefs
	// of each of them is cheap afterwards.
	MembershipsByMember(members []directory.ID) (map[directory.ID][]directory.Membership, error)
	// GroupRefs returns the groups of a user, direct ones first, then nested ones; without built-in groups.
	GroupRefs(member directory.ID) ([]directory.GroupRef, error)

	Resource(kind directory.Kind, id directory.ID) (directory.Resource, error) // NotFound
	Resources(kind directory.Kind, q directory.Query, yield func(*directory.Resource) error) (directory.Page, error)

	Tombstone(id directory.ID) (directory.Tombstone, error) // NotFound
	// Tombstones returns at most limit tombstones by ID, beginning after the ID "after" (zero: with the first).
	Tombstones(after directory.ID, limit int) ([]directory.Tombstone, error)
	TombstonesByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Tombstone, error)

	// KV returns the state of a rule under a key. NotFound.
	KV(kind directory.KVKind, key string) (directory.KV, error)
	// KVsByKey returns the values of a kind with these keys. A key without a value is missing in the result.
	KVsByKey(kind directory.KVKind, keys []string) (map[string]directory.KV, error)
	// KVs yields the values of a kind by key, from the key "from" up to but not including the key "to" ("": to the end).
	KVs(kind directory.KVKind, from, to string, yield func(directory.KV) error) error
	// SupportSessions returns the support sessions of operators in the tenant, by ID; DeletionRequests too.
	SupportSessions() ([]directory.SupportSession, error)
	DeletionRequests() ([]directory.DeletionRequest, error)

	// The following belongs to the tenant Provider; every other tenant has none of it. Lists are by ID. Sessions, APIKeys and
	// Links of the zero ID are those of all operators.
	ProviderSettings() (directory.ProviderSettings, error)      // zero if none were set
	Operator(id directory.ID) (directory.Operator, error)       // NotFound
	OperatorByEmail(address string) (directory.Operator, error) // NotFound
	Operators() ([]directory.Operator, error)
	SessionByHash(hash [32]byte) (directory.Session, error) // NotFound
	Sessions(operator directory.ID) ([]directory.Session, error)
	APIKeyByHash(hash [32]byte) (directory.APIKey, error) // NotFound
	APIKeys(operator directory.ID) ([]directory.APIKey, error)
	LinkByHash(hash [32]byte) (directory.Link, error) // NotFound
	Links(operator directory.ID) ([]directory.Link, error)

	// Noticed returns the number of the last event that was announced by mail; known is false if none ever was.
	Noticed() (seq uint64, known bool, err error)
	Mail(id directory.ID) (directory.Mail, error) // of any tenant; NotFound
	// Gathering returns the mail that collects notices under a name (Mail.Join). NotFound.
	Gathering(join string) (directory.Mail, error)

	Usage() (directory.Usage, error)
	// Events returns at most limit events with a Seq above after, in order, and the Seq of the last event of the tenant. If the
	// first one returned has a Seq above after+1, the events between were forgotten on purpose (Change.ForgetEvents).
	Events(after uint64, limit int) (events []directory.Event, last uint64, err error)
	// Audit returns at most limit audit lines with a Seq above after, in order, and the Seq of the last line of the tenant. Lines up
	// to the Last of the ArchiveMark are in the archive (Change.ForgetAudit); any other number that is missing means damage.
	Audit(after uint64, limit int) (lines []directory.Audit, last uint64, err error)
	// SearchAudit returns audit lines that match q, the newest first. If q.Limit or q.Scan ended the search, next is not 0:
	// continue with q.Before set to it.
	SearchAudit(q directory.AuditQuery) (lines []directory.Audit, next uint64, err error)
}
