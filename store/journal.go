package store

import (
	"context"

	"drawbridge/directory"
)

// Journal is the request journal: the requests and answers of connections (C12). No decision depends on it, no backup contains
// it, and a crash may lose its last moments. It must not delay requests: Note returns at once, whatever the state of the disk, and
// exchanges that could not be kept show as a gap.
type Journal interface {
	// Note accepts a copy of e, to be written soon. It never waits and never fails: an exchange for which there is no room becomes
	// part of a gap. An exchange with a Gap counts into the next gap of its tenant.
	Note(e *directory.Exchange)
	// Exchanges returns at most q.Limit exchanges of a tenant that match q, the newest first, with everything that Note has
	// accepted so far. If a limit ended the search, next is not 0: continue with q.Before set to it. Unavailable.
	Exchanges(ctx context.Context, tenant directory.TenantID, q directory.JournalQuery) (found []directory.Exchange, next uint64, err error)
	// Keep sets how much of its journal each tenant keeps, and removes what is beyond. A tenant that is not named loses its
	// journal; a tenant that is made later keeps as much as others says. Keep returns the bytes that it removed from each. With
	// RunDry it changes nothing and returns the bytes that it would remove.
	Keep(ctx context.Context, bounds map[directory.TenantID]directory.JournalBounds, others directory.JournalBounds, how directory.Run) (removed map[directory.TenantID]int64, err error)
}
