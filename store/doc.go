// Package store is the contract between the bridge and whatever keeps its data. Package store/bolt keeps it in one file;
// package store/storetest has the tests that every store must pass.
//
// It owns the promises: what is atomic, what is unique, how audit lines and events are numbered, what a reader may rely on,
// and how several processes share one store. It owns no rule of the product: a store writes what it is told, all or nothing.
//
// Reading order: Store (View and Update), Reader, Registry, then the smaller interfaces. What only some stores can do (backup,
// sweep, probe) is in optional.go.
package store
