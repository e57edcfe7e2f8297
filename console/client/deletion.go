package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// AutoDeletions previews auto-delete.
func (c *Client) AutoDeletions(ctx context.Context, tenant string) (wire.Page[wire.Deletion], error) {
	return whole[wire.Deletion](ctx, c, "/tenants/"+seg(tenant)+"/auto-deletions", nil)
}

func requestsPath(tenant string) string { return "/tenants/" + seg(tenant) + "/deletion-requests" }

// DeletionRequests lists the requests of a tenant; status "" means all.
func (c *Client) DeletionRequests(ctx context.Context, tenant, status string, l List) (wire.Page[wire.DeletionRequest], error) {
	q := l.query()
	set(q, "status", status)
	return call[wire.Page[wire.DeletionRequest]](ctx, c, http.MethodGet, requestsPath(tenant), q, "", nil)
}

// RequestDeletion files a request.
func (c *Client) RequestDeletion(ctx context.Context, tenant string, in wire.DeletionRequestCreate) (wire.DeletionRequest, error) {
	return call[wire.DeletionRequest](ctx, c, http.MethodPost, requestsPath(tenant), nil, "", in)
}

// ApproveDeletion deletes the user; RejectDeletion does not.
func (c *Client) ApproveDeletion(ctx context.Context, tenant, id string, in wire.DeletionDecision) (wire.DeletionRequest, error) {
	return call[wire.DeletionRequest](ctx, c, http.MethodPost, requestsPath(tenant)+"/"+seg(id)+"/approve", nil, "", in)
}

// RejectDeletion ends a request without a deletion.
func (c *Client) RejectDeletion(ctx context.Context, tenant, id string, in wire.DeletionDecision) (wire.DeletionRequest, error) {
	return call[wire.DeletionRequest](ctx, c, http.MethodPost, requestsPath(tenant)+"/"+seg(id)+"/reject", nil, "", in)
}
