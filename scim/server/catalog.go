package server

import (
	"context"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/scim"
)

// mostCatalogs is for how many tenants the compiled schemas are kept.
const mostCatalogs = 4096

// catalogs keeps the resource types of each tenant: compiling schemas costs more than most requests.
type catalogs struct {
	standard *scim.Catalog // the catalog of tenants without custom schemas
	known    *limit.Map[struct{}, directory.TenantID, versionedCatalog]
}

func newCatalogs(standard *scim.Catalog) *catalogs {
	return &catalogs{standard: standard, known: limit.NewMap[struct{}, directory.TenantID, versionedCatalog](limit.Bounds{All: mostCatalogs})}
}

type versionedCatalog struct {
	version uint64
	catalog *scim.Catalog
}

// of gives the catalog of the tenant of p, from the time of p's authentication or later. It reads the tenant only when the
// version has changed.
func (c *catalogs) of(ctx context.Context, b *bridge.Service, p directory.Principal) (*scim.Catalog, error) {
	known, ok := c.known.Get(struct{}{}, p.Tenant, time.Time{})
	if ok && known.version == p.TenantVersion {
		return known.catalog, nil
	}
	t, err := b.Tenant(ctx, p.Tenant)
	if err != nil {
		return nil, err
	}
	catalog := c.standard
	if len(t.Schemas) > 0 {
		if catalog, err = scim.NewCatalog(t.Schemas); err != nil {
			return nil, &directory.Error{Code: directory.Internal, Message: "the schemas of this tenant cannot be read", Err: err}
		}
	}
	c.known.Put(struct{}{}, p.Tenant, time.Time{}, versionedCatalog{t.Version, catalog})
	return catalog, nil
}
