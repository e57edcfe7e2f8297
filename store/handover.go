package store

import (
	"context"

	"drawbridge/directory"
)

// Handover imports whole tenants and erases their data (T2, T6), in parts so that writes of other tenants need not wait.
type Handover interface {
	// Stage begins to import a tenant. It is invisible before Publish. The remains of an earlier Stage of this slug (after a crash) are
	// removed first. Conflict with Field tenant if the slug is taken, or is being staged at the moment, by any process.
	Stage(ctx context.Context, tenant directory.TenantID) (Stage, error)
	// Erase is an Update whose Change must hold the Tenant. Everything that belonged to the tenant is erased with it: connections,
	// credentials, audit lines and events too. The Change becomes the first one of the tenant. A store may free the space later
	// (see Sweeper).
	Erase(ctx context.Context, tenant directory.TenantID, decide Decide) error
}

// Stage is a tenant that is being imported. It must be used by one goroutine only.
type Stage interface {
	// Put adds records: Users, Groups, Resources, Tombstones, KVs and Join, each id once, and nothing else. A group must be put
	// before its memberships, and so must a member. Conflict as for Update, also for an id that exists already; Invalid for
	// a membership whose group or member does not exist.
	Put(ctx context.Context, c directory.Change) error
	// Record adds audit lines and events with their numbers and hashes as they are. Both must continue without a gap, audit lines
	// from 1, events from the oldest that was kept. Invalid otherwise.
	Record(ctx context.Context, lines []directory.Audit, events []directory.Event) error
	// Publish makes the staged data the tenant, together with the Change of decide, in one commit. The Change must hold the
	// Tenant with a Version above 1. decide sees everything that was staged. The errors are those of Update; after one it is still
	// staged.
	Publish(ctx context.Context, decide Decide) error
	// Drop gives the staged tenant up. After Publish it does nothing.
	Drop(ctx context.Context) error
}
