package store

import (
	"context"
	"errors"

	"drawbridge/directory"
)

// Store keeps tenants with everything that belongs to them. It is safe for concurrent use.
//
// Errors are *directory.Error; a store translates the errors of its driver. A failure of the disk, the network or the database
// is Unavailable, and the next call may succeed without a restart. After Close every call is Unavailable.
//
// Several processes may use one store if the store allows it. Everything that this contract says about order and visibility
// then holds across all of them: a store must not answer from memory what another process may have changed.
type Store interface {
	// View runs fn on a consistent snapshot of one tenant: everything that fn reads is as of one instant, and that instant is not
	// before the return of any Update that returned before View was called. The error is that of fn, or the store's own.
	//
	// ctx governs all reads of fn: after it ends, a read may fail with Unavailable. fn must be short. It must not wait, write to a
	// network or call the Store: a snapshot that stays open keeps a store from freeing what it replaced. If want is not nil, fn may run
	// more than once, in this call only, but not after a list has yielded a record to it. For a tenant that does not exist the Reader is
	// empty and its Tenant is NotFound. directory.Provider always exists.
	View(ctx context.Context, tenant directory.TenantID, want *Want, fn func(Reader) error) error

	// Update runs decide on one tenant and commits the Change that it returns: records, indexes, counts, audit lines and
	// events, all or none. It returns after the commit is durable.
	//
	// Order. Updates of one tenant are serialised: each sees what the one before it wrote. A store locks the tenant (its
	// TenantID, which may not exist yet) before it takes the snapshot that decide reads. Updates of directory.Provider include
	// sessions, operators and mails of all tenants, so it is the busiest tenant.
	//
	// decide may run more than once, in this call only. It must have no effect except its result, and it must not call the Store. An
	// error of decide is returned as it is, and nothing is written. A panic of decide is Internal.
	//
	// An empty Change writes nothing and is no error. Any other Change needs an audit line, unless it holds only notes
	// (directory.Change.OnlyNotes); otherwise it is Internal. Operators and what belongs to them are Internal in a tenant other
	// than Provider. A connection that the Change removes must exist and belong to the tenant; otherwise it is Internal. Its
	// credentials are invalid from then on. A Change with a Tenant may create the tenant; without one, a tenant that does not exist
	// is NotFound.
	//
	// Unique values. They are checked against the state after the Change, so two records may swap a value, and a value is
	// free when the Change removes its owner. A value that is taken is Conflict, and nothing is written:
	//
	//	value                                scope         not counted            Field
	//	directory.UserNameKey of UserName     tenant        users that are Gone    userName
	//	Group.DisplayName, folded            tenant        built-in groups        displayName
	//	UniqueKey of a user                  tenant        users that are Gone    path of the attribute
	//	UniqueKey of a group, of a resource  tenant                               path of the attribute
	//	Tenant.ID of a new tenant            installation                         tenant
	//	Connection.ID                        installation                         connection
	//	Token.Hash                           installation                         token
	//	Operator.Email, folded               installation                         email
	//	Hash of a session, API key or link   installation                         hash
	//	Claim.Key                            installation  claims that ended      claim
	//
	// Numbers. Audit lines and events get their Seq from the store: 1, 2, 3 … for each tenant, in commit order, without a gap.
	// ForgetEvents removes the oldest events but never the last one, and no number is used again. Its cost is proportional to what it
	// removes, so the caller asks for a bounded part. ForgetAudit does the same to audit lines, and is Internal unless the same
	// Change puts the ArchiveMark that names it. Each audit line is chained to the one before it: its Hash is Audit.Sum of the
	// previous Hash, computed in the same transaction. The first line has ChainStart set and the zero Hash before it, and so has
	// the first line after lines of an older release that have no Hash. Group.Members and Usage are computed by the store.
	//
	// Outcome. After an error nothing was written, with one exception: if directory.IsUnknown reports true, the store does not know
	// whether the Change was committed (the connection to a database broke during the commit). The caller must then not report
	// failure as if nothing happened; reading again, or repeating an idempotent request, tells. When ctx ends before the store
	// began with the Change, nothing is written and the error is Unavailable. When ctx ends later, Update waits for the outcome.
	Update(ctx context.Context, tenant directory.TenantID, want *Want, decide Decide) error

	Registry
	Summaries
	Roster
	Outbox
	Handover
	Watcher
	Leases
	Secrets

	// Close finishes all accepted work and releases the store. It may be called twice.
	Close() error
}

// Decide reads what a decision depends on and returns the Change to commit.
type Decide = func(Reader) (directory.Change, error)

// ErrStop ends a list: when a yield returns it, the list ends and returns no error (and a zero directory.Page).
var ErrStop = errors.New("stop")
