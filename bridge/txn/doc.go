// Package txn is the unit of work: one decision on a snapshot, one directory.Change, one commit.
//
// It owns what every write has in common, whatever it writes: the reader, the principal, the time and the ids of one transaction; the
// audit line and the events; the record of a refusal; the idempotency record; the state that a tenant keeps under a key; and the
// wake-up of those who wait for a commit. Runner is shared by all services on one store.
//
// It does not own a rule. What a tenant's writes must hold to is passed to Runner.Run as steps by the package that knows the rules.
package txn
