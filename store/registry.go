package store

import (
	"context"

	"drawbridge/directory"
)

// Registry answers what must be known before the tenant is known.
type Registry interface {
	// Token finds a credential by the hash of its secret, valid or not. NotFound.
	Token(ctx context.Context, hash [32]byte) (directory.Token, error)
	// Connection finds a connection by its slug in the whole installation. NotFound.
	Connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error)
	// Credential returns what every request needs before it is admitted: the token with this hash, the connection with this slug,
	// and the tenant of that connection, or of the token if the slug is "", all as of one instant. Each is zero if it does not exist; the
	// caller checks that they belong together, and must not change what they hold. The time of the lookup must not reveal which of the
	// three is missing.
	//
	// No staleness is allowed: after an Update that revokes a token has returned, in any process, the token is seen as revoked. With
	// WithDeferral it may be seen later, but before the request has an effect.
	Credential(ctx context.Context, hash [32]byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant, error)
	// Tenants returns all tenants by slug.
	Tenants(ctx context.Context) ([]directory.Tenant, error)
	// Claimed returns the last claim of a key (directory.Claim), ended or not. NotFound, also for one that ended long ago.
	Claimed(ctx context.Context, key string) (directory.Claim, error)
	// Touch records when and from where credentials were used. It is not a Change: it has no audit line and no event, and a crash may
	// lose the last uses. A use that is older than the recorded one only adds its requests; if it is older by more than directory.ClockStep, the
	// clock was ahead, and the recorded one is taken back to it (directory.Use.Record).
	Touch(ctx context.Context, uses []directory.Use) error
	// Uses returns what Touch recorded for one connection, one entry for each credential.
	Uses(ctx context.Context, connection directory.ConnectionID) ([]directory.Use, error)
}

// Summaries answers questions about many tenants at once, where one View for each tenant would be too slow.
type Summaries interface {
	// Summaries yields a summary of each of these tenants (nil: of all, without Provider) by slug, as of one instant. A tenant that
	// does not exist is left out. yield must not call the Store.
	Summaries(ctx context.Context, tenants []directory.TenantID, yield func(*Summary) error) error
	// TenantKVs yields the values of a kind of these tenants (nil: of all, without Provider), by slug and key, as of one
	// instant. yield must not call the Store, and must not keep the Value of a KV.
	TenantKVs(ctx context.Context, kind directory.KVKind, tenants []directory.TenantID, yield func(directory.TenantID, directory.KV) error) error
	// Unannounced returns the tenants, also Provider, whose last event was not announced by mail yet (Reader.Noticed), by slug. It
	// is cheap: a job asks every few seconds.
	Unannounced(ctx context.Context) ([]directory.TenantID, error)
}

// Roster knows all tenants at a glance, so that a list of ten thousand is as quick as one of a hundred.
type Roster interface {
	// Roster returns a row for each tenant, without Provider, by slug. They are shared and must not be changed. Each row is as of an
	// instant that is not before the return of any Update or Touch that returned before Roster was called; two rows may be as of two
	// instants.
	Roster(ctx context.Context) ([]*RosterRow, error)
}

// RosterRow has the fields that lists of tenants are filtered and sorted by.
type RosterRow struct {
	Tenant         directory.Tenant
	Usage          directory.Usage
	Name           string // of the tenant, folded
	CustomerNumber string // folded

	Connections []ConnectionSummary         // without credentials that were revoked; Uses has those too
	Alerts      []directory.KV              // AlertKV
	Held        []directory.KV              // HeldKV
	Requests    []directory.DeletionRequest // with RequestPending
}

// Summary is what lists of tenants, metrics and jobs need to know about a tenant.
type Summary struct {
	Tenant      directory.Tenant
	Usage       directory.Usage
	BuiltIns    map[directory.BuiltIn]directory.ID
	Connections []ConnectionSummary // by slug
	LastEvent   uint64              // Seq; 0: none
	LastAudit   uint64              // Seq; 0: none
	Noticed     *uint64             // Seq of the last event that was announced by mail; nil: none ever was
}

// ConnectionSummary is a connection with its credentials and their use.
type ConnectionSummary struct {
	Connection directory.Connection
	Tokens     []directory.Token // by creation
	Uses       []directory.Use
}
