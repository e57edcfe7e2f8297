package client

import (
	"context"

	"drawbridge/console/wire"
)

// BulkUsers previews an action on many users (suspend, release, confirm, invite or delete), or does it if Expect has the digest of a preview.
func (c *Client) BulkUsers(ctx context.Context, tenant, verb string, in wire.BulkRequest) (wire.BulkReport, error) {
	return post[wire.BulkReport](ctx, c, "/tenants/"+segment(tenant)+"/users/bulk/"+segment(verb), in)
}

// BulkConvert is BulkUsers for the conversion between guest and member.
func (c *Client) BulkConvert(ctx context.Context, tenant string, in wire.BulkConvert) (wire.BulkReport, error) {
	return post[wire.BulkReport](ctx, c, "/tenants/"+segment(tenant)+"/users/bulk/convert", in)
}
