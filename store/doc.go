// Package store is the contract between the bridge and the package that keeps its data. Package store/bolt keeps it in one file;
// package store/storetest has the tests that every store must pass.
//
// It owns the promises: what is atomic, what is unique, how audit lines and events are numbered, what a reader may rely on,
// and how several processes share one store. It owns no rule of the product: a store writes what it is told, all or nothing.
//
// A store on a network, or one that several processes share, needs to know that
//
//   - the context of a View governs the reads of its Reader, which have none of their own;
//   - no yield calls the Reader, and nothing inside a View, an Update or a yield calls the Store: one transaction, one open result, one
//     connection. storetest.Checked fails the test of a caller that does, and all tests above the store run on it;
//   - every yield has one shape: it returns an error, which ends the list, and ErrStop ends it without one;
//   - unique values are checked against the state after the Change, in the whole installation where the table of Store.Update says so;
//   - what is read for many records is read in batches (UsersByID, GroupsByID, KVsByKey, MembershipsByMember), and what is asked about
//     many tenants is asked once (Summaries, TenantKVs, Unannounced);
//   - a second process waits with Changed, takes turns with Acquire, and may read every acknowledged write at once.
//
// A store that breaks a sentence of the contract on purpose declares it: storetest.Run takes exceptions, each with a reason.
//
// Reading order: Store (View and Update), Reader, Registry, then the smaller interfaces. What only some stores can do (backup,
// sweep, probe) is in optional.go.
package store
