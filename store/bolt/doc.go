// Package bolt keeps tenants in one bbolt file. It is the default store.Store.
//
// It owns the file: its layout (keys.go), its records (codec.go), the checks before it is opened (file.go) and while it is open
// (storefile.go), and the single writer that commits waiting updates as a group (writer.go). It owns no rule except what the
// contract gives to a store: uniqueness, numbering and counts.
//
// Reading order: Store.Update, then batch.update, writer.verify and writer.apply; for reads, Store.View and run in query.go.
package bolt
