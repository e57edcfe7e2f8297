// Package postgres keeps tenants in a PostgreSQL database that several processes share. It is a store.Store.
//
// It owns the schema and its migrations (schema, migrate.go), the connections (pool.go), and the order of the writes of a tenant: waiting
// writes of one tenant share a transaction (lane.go, crowd.go), which checks their credentials, too (deferral.go). It owns no rule except those that the contract gives to a store: uniqueness,
// numbering and counts. It does not own how nouns become bytes, which is in store/record.
//
// A transaction keeps in memory what it has read and what it is going to write (tx.go). Records that are known beforehand are read in one
// round trip, and all writes are sent in another (fetch.go, flush.go). Small reads that wait at the same time share a transaction (share.go).
//
// To read the source, start with Store.Update, then lane.run, lane.attempt and tx.finish; for reading with Store.View and tx.fetch.
package postgres
