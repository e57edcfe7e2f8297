package policy

import (
	"time"

	"drawbridge/directory"
)

// leastEventDays is how long every reader of the feed can rely on events, for all settings (E2).
const leastEventDays = 30

// leastAuditDays is how long audit lines stay in the store at least, for all settings (E6).
const leastAuditDays = 30

// AuditOutdated reports whether an audit line is older than the tenant keeps audit lines in the store (E6).
func AuditOutdated(a *directory.Audit, s directory.Settings, now time.Time) bool {
	return a.Time.Before(now.AddDate(0, 0, -max(s.AuditDays, leastAuditDays)))
}

// Outdated reports whether an event is older than the tenant keeps events (E2).
func Outdated(e *directory.Event, s directory.Settings, now time.Time) bool {
	return e.Time.Before(now.AddDate(0, 0, -max(s.EventDays, leastEventDays)))
}

// Reduce gives what remains of a tombstone after its grace: the id and the times (D6). ok is false if there is nothing to
// remove, or not yet.
func Reduce(t *directory.Tombstone, s directory.Settings, now time.Time) (reduced directory.Tombstone, ok bool) {
	if InGrace(t, s, now) {
		return directory.Tombstone{}, false
	}
	reduced = directory.Tombstone{ID: t.ID, Created: t.Created, Deleted: t.Deleted}
	return reduced, reduced != *t
}
