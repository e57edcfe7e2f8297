package client

import (
	"context"
	"net/url"

	"drawbridge/console/wire"
)

// Backup makes a verified copy of the store and returns when it is on the disk.
func (c *Client) Backup(ctx context.Context, in wire.BackupCreate) (wire.Backup, error) {
	return post[wire.Backup](ctx, c, "/backups", in)
}

// Backups lists the copies in backup.dir, and says which is in progress.
func (c *Client) Backups(ctx context.Context) (wire.Backups, error) {
	return get[wire.Backups](ctx, c, "/backups", url.Values{"limit": {"500"}})
}

// Check checks every page and record of the store, in a copy.
func (c *Client) Check(ctx context.Context) (wire.CheckReport, error) {
	return post[wire.CheckReport](ctx, c, "/checks", nil)
}
