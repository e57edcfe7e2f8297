package store

import (
	"context"
	"time"

	"drawbridge/directory"
)

// Watcher lets readers of the event feed or the audit trail wait for new ones, in any process.
type Watcher interface {
	// Changed waits until a tenant in seen has another change number than in seen, and returns the numbers of all tenants for which
	// that is so. A number of 0 in seen means unknown: Changed returns at once. Every write to a tenant that adds an audit line or an
	// event changes its number. To miss nothing, take the number first, then read, then wait with that number.
	//
	// Waiters in the process that wrote wake at once, those in other processes within a second. When ctx ends, the error is
	// that of ctx.
	Changed(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error)
}

// Leases decide which of several processes does what only one should do at a time: run a job, send mail.
//
// A lease is not a fence. A holder that takes longer than its lease may still be working when the next one begins, so work
// under a lease must be safe to do twice.
type Leases interface {
	// Acquire takes the lease called name for holder, or extends it if holder has it, until ttl from now by the clock of the store. It
	// does not wait: if another holder has the lease, that Lease is returned unchanged.
	Acquire(ctx context.Context, name, holder string, ttl time.Duration) (Lease, error)
	// Release ends the lease if holder has it.
	Release(ctx context.Context, name, holder string) error
}

// Lease says who holds a lease.
type Lease struct {
	Holder string
	Until  time.Time // by the clock of the store
}

// Secrets keeps the secrets that the processes of an installation share: keys for cursors, links and signatures.
type Secrets interface {
	// Secret returns the secret called name (lower-case letters and hyphens). If there is none, it stores what generate
	// returns. Of several callers the first one wins, and all get its secret.
	Secret(ctx context.Context, name string, generate func() ([]byte, error)) ([]byte, error)
}
