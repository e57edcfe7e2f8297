package server

import (
	"context"
	"sync"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

// catalogs keeps the resource types of each tenant: compiling schemas costs more than most requests.
type catalogs struct {
	standard *scim.Catalog // of every tenant that has defined nothing

	mu    sync.RWMutex
	known map[directory.TenantID]versionedCatalog
}

type versionedCatalog struct {
	version uint64
	catalog *scim.Catalog
}

// of gives the catalog of the tenant of p, as it was when p was let in or newer. The tenant itself is read only when its
// version has moved.
func (c *catalogs) of(ctx context.Context, b *bridge.Service, p directory.Principal) (*scim.Catalog, error) {
	c.mu.RLock()
	known, ok := c.known[p.Tenant]
	c.mu.RUnlock()
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
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[p.Tenant] = versionedCatalog{t.Version, catalog}
	return catalog, nil
}
