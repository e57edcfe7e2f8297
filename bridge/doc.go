// Package bridge holds the verbs of Drawbridge: one method is one transaction. A method reads what its decision depends on, asks package
// policy, and gives the resulting directory.Change to the store.
//
// It owns the order of these steps, and the steps that every write of a tenant takes (see tx.go). It does not own a rule (policy), a
// record (store), the mechanics of a transaction (bridge/txn), or a protocol. The caller is an argument (directory.Principal).
package bridge
