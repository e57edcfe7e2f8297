// Package storetest holds the tests that every store must pass: each sentence of the contract in package store has one.
//
// A store's own test calls Run with a function that opens an empty store. It tests by itself what only that store has, such as
// files and crashes.
package storetest
