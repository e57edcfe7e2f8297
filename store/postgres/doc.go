// Package postgres keeps tenants in a PostgreSQL database that several bridges share. It is a store.Store.
//
// It owns the schema and its migrations (schema, migrate.go), the connections (pool.go), and the order in which the writes of a
// tenant happen: what waits for one tenant shares a transaction, a lane (lane.go). It owns no rule but what the contract
// gives to a store: uniqueness, numbering and counts. It does not own how nouns become bytes; that is store/record.
//
// A transaction keeps in memory what it has read and what it is going to write (tx.go). Everything that is known beforehand
// is read in one round trip, everything that was decided is written in another (fetch.go, flush.go).
//
// To read the source, start with Store.Update, then lane.run, batch.commit and tx.flush; for reading with Store.View and tx.fetch.
package postgres
