// Package move copies an installation from one store into another one of any kind, and proves that both hold the same.
//
// It owns the order in which a tenant is copied, and the digests by which two stores are compared. It does not own where the stores are, or
// who may use them: no other process may use either.
package move
