// Package pgtest starts a real PostgreSQL for tests: one cluster for each test run, one database for each test.
//
// It owns the processes that it starts and the folder that they use; both are removed when the test ends. It owns no schema: a
// test migrates its database itself, or copies a template that Template has prepared.
//
// Where PostgreSQL is not installed, Main says so in one line and the package's tests pass without it. With
// DRAWBRIDGE_POSTGRES=required its absence is a failure.
package pgtest
