// Package observe keeps the copies of tenants that connections in observe mode read and write (C9).
//
// While a connection is observed, its identity provider works on a copy of the tenant: it creates, changes and suspends people there, under
// the same rules, and is answered as usual. The copy is in a separate store. So nothing in it counts as a seat, appears in a feed, or
// decides whether a person may sign in. An operator looks at the difference between the copy and the tenant, and then promotes it or drops
// it.
//
// The package owns how a copy is made, compared and promoted. It does not decide about writes: the verbs of package bridge do that, on the
// copy and, during a promotion, on the tenant.
package observe
