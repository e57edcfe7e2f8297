// Package store is the contract that every store keeps: what package bridge may rely on, whatever lies beneath.
// The tests of the contract are in store/storetest; the default store is store/bolt.
//
// It owns no rule of product.md but uniqueness and numbering: a store keeps what it is told, all or none.
package store

import (
	"context"
	"time"

	"drawbridge/directory"
)

// Store keeps tenants with all that belongs to them.
//
// Errors are *directory.Error; a store translates those of its driver. Failures of the disk are Unavailable, and the
// next call may succeed without a restart. After Close every call is Unavailable.
type Store interface {
	// View runs fn on a consistent snapshot of one tenant. fn must not write to a network, wait, or call the Store, since
	// a long reader keeps pages from being used again; and what it was given by the Reader must not be used after it
	// returns, unless it was copied. The error is fn's, or the store's own. For a tenant that does not exist the Reader
	// is empty and its Tenant answers NotFound. directory.Provider is always there.
	View(ctx context.Context, tenant directory.TenantID, fn func(Reader) error) error

	// Update runs decide on one tenant and commits the Change that it returns: records, their indexes, the counts, the
	// audit lines and the events, all or none. It returns when they are on the disk. Updates of one tenant happen one
	// after the other, each sees what the last one left. decide may run more than once, so it must have no effect but its
	// result, and it must not call the Store.
	//
	// An error of decide is returned as it is and nothing is written. An empty Change writes nothing and is no error. A
	// Change that is not empty must have an audit line unless it holds OnlyNotes, otherwise it is refused as Internal. A taken unique key gives
	// Conflict with Field set ("userName", "displayName", "tenant", "connection", "email") and writes nothing: unique are
	// the folded userName among the users of a tenant that are not Gone, the folded displayName among the groups of a tenant
	// that are not built in, each UniqueKey among the users that are not Gone, the groups and the resources of a tenant (Field is the
	// path of the attribute), the slug of a connection, the hash of a token and the folded e-mail address of an operator in the
	// whole installation. Operators and what belongs to them are refused as Internal in a tenant other than Provider.
	//
	// A connection that is removed must be there and the tenant's own, otherwise that is Internal; its credentials open nothing
	// from then on. A Change with a Tenant may create it. Audit and events get their Seq, time-ordered and without a gap, from the
	// store; Group.Members and the counts are kept by the store. ForgetEvents removes the oldest events, never the last one,
	// and no number is given twice because of it; it costs what it removes, so the caller asks for a bounded piece at a time.
	// An audit line is chained to the one before it: its Hash is Audit.Sum with the Hash of that one, in the same
	// transaction. The first line, and the first behind lines that have no Hash because an older release wrote them, has
	// ChainStart set and the zero Hash before it.
	//
	// When ctx ends before the Change was taken up, nothing is written and the error is Unavailable; when it ends later,
	// the Change may have been committed all the same.
	Update(ctx context.Context, tenant directory.TenantID, decide func(Reader) (directory.Change, error)) error

	Registry
	Outbox
	Handover

	// Close ends all work that was accepted and releases the store. It may be called twice.
	Close() error
}

// Registry answers what must be known before the tenant is.
type Registry interface {
	// Token finds a credential by the hash of its secret, live or not. NotFound if there is none.
	Token(ctx context.Context, hash [32]byte) (directory.Token, error)
	// Connection finds a connection by its slug in the whole installation. NotFound if there is none.
	Connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error)
	// Credential gives what every request must know before it is let in: the token with this hash, the connection with
	// this slug, and the tenant of that connection, all as of one instant; each is zero if there is none, and nothing says that they
	// belong together. What an Update wrote that has returned must be seen: a token that was revoked opens nothing. A
	// caller must not be able to tell from the time that it takes which of the three is missing.
	Credential(ctx context.Context, hash [32]byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant, error)
	// Tenants gives all tenants in the order of their slugs.
	Tenants(ctx context.Context) ([]directory.Tenant, error)
	// Touch notes when and from where credentials were used. It is no Change: no audit line, no event, and a crash may
	// lose the last ones. A use older than what is there is skipped.
	Touch(ctx context.Context, uses []directory.Use) error
	// Uses gives what Touch noted for one connection, one entry for each credential.
	Uses(ctx context.Context, connection directory.ConnectionID) ([]directory.Use, error)
}

// Handover brings whole tenants in and takes their data away (T2, T6), in pieces that the writes of others need not wait for.
type Handover interface {
	// Stage begins a tenant that nobody sees until it is published. What an earlier Stage of this slug left behind, as after a
	// crash, is gone. Conflict with Field tenant if the slug is taken, or staged by somebody else now.
	Stage(ctx context.Context, tenant directory.TenantID) (Stage, error)
	// Erase is an Update whose Change must hold the Tenant: everything that belonged to the tenant before it is gone with it,
	// connections, credentials, audit lines and events too, and the Change is the first that belongs to it again. The room in
	// the store comes back with Sweep.
	Erase(ctx context.Context, tenant directory.TenantID, decide func(Reader) (directory.Change, error)) error
	// Sweep gives back a bounded piece of the room of what was erased, or staged and never published. more: there is more.
	Sweep(ctx context.Context) (more bool, err error)
}

// Stage is a tenant that is being brought in. It is for one goroutine.
type Stage interface {
	// Put adds records: Users, Groups, Resources, Tombstones, Memos and Join, each id once; nothing else may be in it. A group
	// comes before its memberships, and so does a member. Group.Members and the counts are kept by the store. Conflict as for
	// Update, also for an id that is there already; Invalid for a membership whose ends are not there.
	Put(ctx context.Context, c directory.Change) error
	// Record adds audit lines and events as they are, with their numbers and hashes. Both go on without a gap, audit lines from
	// 1 on, events from wherever the oldest one is that is kept. Invalid otherwise.
	Record(ctx context.Context, lines []directory.Audit, events []directory.Event) error
	// Publish makes it the tenant: with the Change of decide, which must hold the Tenant with a Version above 1, in one commit.
	// decide sees everything that was staged. The errors are those of Update; then it is still staged.
	Publish(ctx context.Context, decide func(Reader) (directory.Change, error)) error
	// Drop gives it up. It does nothing behind Publish.
	Drop(ctx context.Context) error
}

// Outbox keeps the mails that a Change put into it until they are delivered. What becomes of a mail is no Change: what it is
// about has its audit line. An attempt is noted only as long as the mail has the Version that was read, so that notices which
// were added meanwhile are not lost; otherwise nothing happens, and no error.
type Outbox interface {
	// Mails gives at most limit mails that are due at before, in the order in which they are due, without those that are
	// parked. The zero before means all, parked ones at the end.
	Mails(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error)
	// Delivered takes a mail out.
	Delivered(ctx context.Context, m directory.Mail) error
	// Retry puts a mail back with its Due, Attempts, Parked and Error.
	Retry(ctx context.Context, m directory.Mail) error
}

// Reader reads one tenant inside a View or an Update. Whatever it gives must not be changed and must not be used after
// the function that got the Reader has returned (Documents may lie in the store's own memory); Clone what must stay.
// Names and addresses are looked up without regard to case, external ids exactly.
type Reader interface {
	Tenant() (directory.Tenant, error) // NotFound
	Connection(id directory.ConnectionID) (directory.Connection, error)
	Connections() ([]directory.Connection, error)                // by slug
	Tokens(id directory.ConnectionID) ([]directory.Token, error) // by creation

	User(id directory.ID) (directory.User, error) // NotFound; gives Gone users too
	// UserByName finds the one user with this userName that is not Gone. NotFound.
	UserByName(userName string) (directory.User, error)
	// GoneByName finds the users with this userName that are Gone, the youngest first.
	GoneByName(userName string) ([]directory.User, error)
	// UsersByExternalID finds users that a connection manages, Gone ones too, in the order of their IDs.
	UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error)
	// Users gives the users that match q, one by one, in order. An error of yield ends it and is returned.
	Users(q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error)

	Group(id directory.ID) (directory.Group, error) // NotFound; gives built-in groups too
	GroupByName(displayName string) (directory.Group, error)
	BuiltIn(name directory.BuiltIn) (directory.Group, error)
	GroupsByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Group, error)
	// Groups gives the groups that match q. Members are given in the order of their IDs if q.Members is set.
	Groups(q directory.Query, yield func(*directory.Group, []directory.Member) error) (directory.Page, error)

	// Members gives the memberships of a group in the order of the members' IDs, from the member behind "after" on (zero:
	// from the first), until yield returns false. A member from several sources comes once for each.
	Members(group, after directory.ID, yield func(directory.Membership) bool) error
	// Memberships gives those in which member stands in group, one for each source; empty: it is not in it.
	Memberships(group, member directory.ID) ([]directory.Membership, error)
	// MembershipsOf gives every membership of a user or group, built-in groups included.
	MembershipsOf(member directory.ID) ([]directory.Membership, error)
	// GroupRefs gives the groups of a user, direct ones first, nested ones after them; built-in groups are left out.
	GroupRefs(member directory.ID) ([]directory.GroupRef, error)

	Resource(kind directory.Kind, id directory.ID) (directory.Resource, error)
	Resources(kind directory.Kind, q directory.Query, yield func(*directory.Resource) error) (directory.Page, error)

	Tombstone(id directory.ID) (directory.Tombstone, error)
	// Tombstones gives at most limit tombstones with an ID behind after (zero: from the first), in the order of their IDs.
	Tombstones(after directory.ID, limit int) ([]directory.Tombstone, error)
	TombstonesByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Tombstone, error)

	// Memo gives what a rule remembers under a key. NotFound.
	Memo(kind directory.MemoKind, key string) (directory.Memo, error)
	// Memos gives the memos of a kind in the order of their keys, from the one with the key "from" up to, but not with, the
	// one with the key "to" ("": to the end), until yield returns false.
	Memos(kind directory.MemoKind, from, to string, yield func(directory.Memo) bool) error
	// Entries gives who works or worked inside the tenant, in the order of their IDs; DeletionRequests likewise.
	Entries() ([]directory.Entry, error)
	DeletionRequests() ([]directory.DeletionRequest, error)

	// What follows belongs to the tenant Provider; for every other one there is none of it. Lists are in the order of their
	// IDs. Sessions, APIKeys and Links of the zero ID are those of everybody.
	ProviderSettings() (directory.ProviderSettings, error)      // zero if nobody has set any
	Operator(id directory.ID) (directory.Operator, error)       // NotFound
	OperatorByEmail(address string) (directory.Operator, error) // NotFound
	Operators() ([]directory.Operator, error)
	SessionByHash(hash [32]byte) (directory.Session, error) // NotFound
	Sessions(operator directory.ID) ([]directory.Session, error)
	APIKeyByHash(hash [32]byte) (directory.APIKey, error) // NotFound
	APIKeys(operator directory.ID) ([]directory.APIKey, error)
	LinkByHash(hash [32]byte) (directory.Link, error) // NotFound
	Links(operator directory.ID) ([]directory.Link, error)

	// Noticed gives the number of the last event of which somebody was told by mail; known is false if nobody ever was.
	Noticed() (seq uint64, known bool, err error)
	Mail(id directory.ID) (directory.Mail, error) // NotFound; of any tenant
	// Gathering finds the mail that gathers notices under a name (Mail.Join). NotFound.
	Gathering(join string) (directory.Mail, error)

	Usage() (directory.Usage, error)
	// Events gives at most limit events with a Seq above after, in order, and the Seq of the last one in the store. The first
	// one behind a place before the oldest that is kept has a Seq above after+1: what lies between was forgotten.
	Events(after uint64, limit int) (events []directory.Event, last uint64, err error)
	// Audit gives at most limit audit lines with a Seq above after, in order, and the Seq of the last one in the store.
	// Whoever misses a number among them, or the last one, has found damage.
	Audit(after uint64, limit int) (lines []directory.Audit, last uint64, err error)
	// SearchAudit gives audit lines that match q, the newest first. next is not 0 where q.Limit or q.Scan ended the search:
	// it goes on with q.Before set to it.
	SearchAudit(q directory.AuditQuery) (lines []directory.Audit, next uint64, err error)
}
