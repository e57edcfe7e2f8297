package store

import (
	"context"

	"drawbridge/directory"
)

// Journal keeps exchanges: what connections asked and were answered (C12). It is no part of the truth: nothing is decided by
// it, no backup holds it, and a crash may lose its last moments. What it must do is stay out of the way: Note returns at once
// whatever the disk does, and what could not be kept shows as a gap.
type Journal interface {
	// Note takes a copy of e, to be written soon. It never waits and never fails: what there is no room for becomes a gap. An
	// exchange with a Gap counts into the next gap of its tenant.
	Note(e *directory.Exchange)
	// Exchanges gives at most q.Limit exchanges of a tenant that match q, the newest first, with all that Note has taken so
	// far. next is not 0 where a limit ended the search: it goes on with q.Before set to it. Unavailable.
	Exchanges(ctx context.Context, tenant directory.TenantID, q directory.JournalQuery) (found []directory.Exchange, next uint64, err error)
	// Keep says how much of its journal each tenant keeps, and takes away what is beyond. What there is of a tenant that is not
	// named is removed; but one that is made later keeps as much as others says. It gives how many bytes it removed from each; with
	// dry it changes nothing and gives how many it would remove.
	Keep(ctx context.Context, bounds map[directory.TenantID]directory.JournalBounds, others directory.JournalBounds, dry bool) (removed map[directory.TenantID]int64, err error)
}
