package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// Backup makes a verified copy of the store and returns when it is on the disk.
func (c *Client) Backup(ctx context.Context, in wire.BackupCreate) (wire.Backup, error) {
	return call[wire.Backup](ctx, c, http.MethodPost, "/backups", nil, "", in)
}

// Backups lists the copies in backup.dir, and says what is under way.
func (c *Client) Backups(ctx context.Context) (wire.Backups, error) {
	return call[wire.Backups](ctx, c, http.MethodGet, "/backups", url.Values{"limit": {"500"}}, "", nil)
}

// Check looks at every page and record of the store, in a copy.
func (c *Client) Check(ctx context.Context) (wire.CheckReport, error) {
	return call[wire.CheckReport](ctx, c, http.MethodPost, "/checks", nil, "", nil)
}
