// Package record is what a tenant's history and state are told to others: to operators who look back, and to the applications that
// follow.
//
// It owns the audit trail and the event feed as they are read, the keys of applications and what applications may ask, the request
// journal as it is read, and how long all of that is kept. It does not own the writing of audit lines and events: every unit of work
// does that (bridge/txn). Its own writes to a tenant go through the Write of its Config, so that they pass the steps of package bridge.
package record
