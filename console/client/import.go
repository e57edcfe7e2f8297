package client

import (
	"context"

	"drawbridge/console/wire"
)

// ImportUsers previews a table, or applies it if Expect has the digest of a preview.
func (c *Client) ImportUsers(ctx context.Context, tenant string, in wire.ImportRequest) (wire.ImportReport, error) {
	return post[wire.ImportReport](ctx, c, "/tenants/"+segment(tenant)+"/users/import", in)
}

// UsersCSV is all users as a table, which can be imported again.
func (c *Client) UsersCSV(ctx context.Context, tenant string) ([]byte, error) {
	return c.text(ctx, "/tenants/"+segment(tenant)+"/users.csv", nil)
}
