package store

import (
	"context"
	"io"
	"time"

	"drawbridge/directory"
)

// Sweeper is a store in which erased or abandoned tenants take up space until they are swept.
type Sweeper interface {
	// Sweep frees a bounded part of that space. more reports that there is more to free.
	Sweep(ctx context.Context) (more bool, err error)
}

// Prober is a store that can tell whether it takes writes.
type Prober interface {
	// Health returns at once what is known: nil, or Unavailable with a Message for the operator that names the cause and the place.
	// The first failed write shows in it.
	Health() error
	// Probe reports whether the store takes writes now. After a failed write (a full disk) it tries to write as much.
	Probe(ctx context.Context) error
}

// Copier is a store that can copy itself while it is in use.
type Copier interface {
	// Backup writes a copy of the whole store, as of one instant, to w.
	Backup(ctx context.Context, w io.Writer) error
}

// PagePositions is a store that several processes share and that remembers for all of them where pages of lists ended. Without it each process
// remembers that for itself. Losing a position does no damage.
type PagePositions interface {
	// KeepPosition keeps a position of a tenant under key, instead of an older one.
	KeepPosition(ctx context.Context, tenant directory.TenantID, key, position []byte) error
	// TakePosition removes what KeepPosition last kept under key, and returns it if it is not older than age; nil if there is none. Of
	// several callers one gets it.
	TakePosition(ctx context.Context, tenant directory.TenantID, key []byte, age time.Duration) ([]byte, error)
}

// Collider is a store that may have users who share a userName, because an older release treated their names as different.
type Collider interface {
	// NameCollisions lists them. The records were not merged: each of them is found by ID.
	NameCollisions(ctx context.Context) ([]directory.NameCollision, error)
}

// Shared is a store that several processes may use at the same time.
type Shared interface {
	// Processes returns how many processes use the store now, this one included. A process counts for some seconds after its last Probe.
	Processes(ctx context.Context) (int, error)
	// Post publishes a value under a topic to all processes, and replaces the previous one. Losing it does no damage.
	Post(ctx context.Context, topic string, body []byte) error
	// Posts returns the last value of each topic.
	Posts(ctx context.Context) (map[string][]byte, error)
	// Held returns the leases that are held now: name → holder.
	Held(ctx context.Context) (map[string]string, error)
}

// Buckets is a store that several processes share and that has token buckets for all of them. The time is that of the store. A lost bucket
// does no damage: it is then full.
type Buckets interface {
	// TakeTokens takes one token from each bucket. If one of them has none, it takes nothing, and returns how long it takes until all have.
	TakeTokens(ctx context.Context, buckets []Bucket) (wait time.Duration, err error)
	// GiveTokens gives a token back to each bucket, but fills those whose Refill is set.
	GiveTokens(ctx context.Context, buckets []Bucket) error
}

// Bucket is a token bucket: it holds Burst tokens at most, and gets PerSecond new ones a second. One that was never used is full.
type Bucket struct {
	Key       [32]byte
	PerSecond float64
	Burst     int
	Refill    bool
}

// Mover is a store whose content can be moved into another one, and that takes the content of another one (package store/move). No
// other process may use either of them meanwhile.
type Mover interface {
	// StageMove is Stage that also accepts Provider if nothing was ever written to it, and that takes over a stage of a process that was
	// killed.
	StageMove(ctx context.Context, tenant directory.TenantID) (MoveStage, error)
	// KVKinds returns the kinds of key-value record that a tenant has, in order.
	KVKinds(ctx context.Context, tenant directory.TenantID) ([]directory.KVKind, error)
	// Claims returns the claims of a tenant by key, ended or not.
	Claims(ctx context.Context, tenant directory.TenantID) ([]directory.Claim, error)
}

// MoveStage is a Stage that becomes the tenant as it was in another store.
type MoveStage interface {
	Stage
	// Install makes the staged data the tenant, in one commit with rest, which holds the Tenant, Connections, Tokens, SupportSessions,
	// Requests, Mails, Noticed and Claims, and in Provider the operators and what belongs to them. Nothing gets a number, no audit line is
	// needed, and the Tenant keeps its Version. The errors are those of Update; after one the data is still staged.
	Install(ctx context.Context, rest directory.Change) error
}

// Wrapper is a store around another one, as tests use. As looks through it.
type Wrapper interface{ Unwrap() Store }

// As returns s as a T, such as a Sweeper, if s or a store that it wraps is one.
func As[T any](s Store) (T, bool) {
	for {
		if found, ok := s.(T); ok {
			return found, true
		}
		w, ok := s.(Wrapper)
		if !ok {
			var none T
			return none, false
		}
		s = w.Unwrap()
	}
}
