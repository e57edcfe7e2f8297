// Package txn is the unit of work: one decision on a snapshot, one directory.Change, one commit.
//
// It owns what all writes have in common: the reader, the principal, the time and the ids of one transaction; the
// audit line and the events; the record of a refusal; the idempotency record; the state that a tenant keeps under a key; the walk over all tenants; and the
// wake-up of callers that wait for a commit. All services on one store share one Runner.
//
// It does not own a rule. The package that knows the rules of a tenant's writes passes them to Runner.Run as steps.
package txn
