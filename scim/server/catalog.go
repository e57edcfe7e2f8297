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

	mu  sync.RWMutex
	own map[directory.TenantID]versionedCatalog
}

type versionedCatalog struct {
	version uint64
	catalog *scim.Catalog
}

// of gives the catalog of a tenant as it is now.
func (c *catalogs) of(ctx context.Context, b *bridge.Service, id directory.TenantID) (*scim.Catalog, error) {
	t, err := b.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(t.Schemas) == 0 {
		return c.standard, nil
	}
	c.mu.RLock()
	known, ok := c.own[id]
	c.mu.RUnlock()
	if ok && known.version == t.Version {
		return known.catalog, nil
	}
	catalog, err := scim.NewCatalog(t.Schemas)
	if err != nil {
		return nil, &directory.Error{Code: directory.Internal, Message: "the schemas of this tenant cannot be read", Err: err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own[id] = versionedCatalog{t.Version, catalog}
	return catalog, nil
}
