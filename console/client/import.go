package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// ImportUsers previews a table, or applies it if Expect has the digest of a preview.
func (c *Client) ImportUsers(ctx context.Context, tenant string, in wire.ImportRequest) (wire.ImportReport, error) {
	return call[wire.ImportReport](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/users/import", nil, "", in)
}

// UsersCSV is all users as a table, which can be imported again.
func (c *Client) UsersCSV(ctx context.Context, tenant string) ([]byte, error) {
	return c.text(ctx, "/tenants/"+seg(tenant)+"/users.csv", nil)
}
