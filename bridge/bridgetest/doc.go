// Package bridgetest sets up the services of the bridge for tests: on a real store in a temporary folder, with a clock that the test
// moves, a post box instead of a mail server, and short ways to make tenants, connections, users and groups.
//
// It owns no test. Tests of every package above the store use it, so that all of them run on the same wiring and on a store that
// checks its caller (storetest.Checked): each decision runs twice, and no list is read inside another one.
package bridgetest
