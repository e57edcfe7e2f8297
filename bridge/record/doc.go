// Package record reads the history and state of a tenant, for operators and for applications that follow the feed.
//
// It owns reading the audit trail, the event feed and the request journal, the keys of applications and what applications may ask, and
// how long all of that is kept. It does not own the writing of audit lines and events: every unit of work
// does that (bridge/txn). Its own writes to a tenant go through the Write of its Config, so that the steps of package bridge run.
package record
