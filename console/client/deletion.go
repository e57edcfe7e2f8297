package client

import (
	"context"

	"drawbridge/console/wire"
)

// AutoDeletions previews auto-delete.
func (c *Client) AutoDeletions(ctx context.Context, tenant string) (wire.Page[wire.Deletion], error) {
	return whole[wire.Deletion](ctx, c, "/tenants/"+segment(tenant)+"/auto-deletions", nil)
}

func requestsPath(tenant string) string { return "/tenants/" + segment(tenant) + "/deletion-requests" }

// DeletionRequests lists the requests of a tenant; status "" means all.
func (c *Client) DeletionRequests(ctx context.Context, tenant, status string, l List) (wire.Page[wire.DeletionRequest], error) {
	q := l.query()
	set(q, "status", status)
	return get[wire.Page[wire.DeletionRequest]](ctx, c, requestsPath(tenant), q)
}

// RequestDeletion files a request.
func (c *Client) RequestDeletion(ctx context.Context, tenant string, in wire.DeletionRequestCreate) (wire.DeletionRequest, error) {
	return post[wire.DeletionRequest](ctx, c, requestsPath(tenant), in)
}

// ApproveDeletion deletes the user; RejectDeletion does not.
func (c *Client) ApproveDeletion(ctx context.Context, tenant, id string, in wire.DeletionDecision) (wire.DeletionRequest, error) {
	return post[wire.DeletionRequest](ctx, c, requestsPath(tenant)+"/"+segment(id)+"/approve", in)
}

// RejectDeletion ends a request without a deletion.
func (c *Client) RejectDeletion(ctx context.Context, tenant, id string, in wire.DeletionDecision) (wire.DeletionRequest, error) {
	return post[wire.DeletionRequest](ctx, c, requestsPath(tenant)+"/"+segment(id)+"/reject", in)
}
