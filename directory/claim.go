package directory

import "time"

// Claim reserves a key in the whole installation: of two Changes that claim the same key, in any tenants and processes, only the
// first is written. It makes a request idempotent that creates its tenant.
type Claim struct {
	Key    string   // at most 512 bytes, no NUL
	Tenant TenantID // of the Change; the store sets it
	At     time.Time
	Until  time.Time // another Change may claim the key if its At is not before this
}
