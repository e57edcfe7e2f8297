// Package storetest owns the tests that every store must pass: each sentence of the contract in package store has one.
//
// A store's own test calls Run with a function that opens an empty store. It does not own tests of what only one store has, such as
// files and crashes: those are beside that store.
package storetest
