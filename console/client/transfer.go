package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

func transfers(connection string) string { return "/connections/" + segment(connection) + "/transfers" }

// PreviewTransfer says what a transfer would do.
func (c *Client) PreviewTransfer(ctx context.Context, connection string, in wire.TransferScope) (wire.TransferPlan, error) {
	return call[wire.TransferPlan](ctx, c, request{method: http.MethodPost, path: transfers(connection) + "/preview", in: in})
}

// StartTransfer begins a transfer that was previewed.
func (c *Client) StartTransfer(ctx context.Context, connection string, in wire.TransferStart) (wire.Transfer, error) {
	return call[wire.Transfer](ctx, c, request{method: http.MethodPost, path: transfers(connection), in: in})
}

// Transfers lists the transfers from and to a connection.
func (c *Client) Transfers(ctx context.Context, connection string) (wire.Page[wire.Transfer], error) {
	return whole[wire.Transfer](ctx, c, transfers(connection), nil)
}

// ContinueTransfer works on a transfer that is not done.
func (c *Client) ContinueTransfer(ctx context.Context, connection, transfer string) (wire.Transfer, error) {
	return call[wire.Transfer](ctx, c, request{method: http.MethodPost, path: transfers(connection) + "/" + segment(transfer) + "/continue"})
}

// UndoTransfer gives back what a transfer moved.
func (c *Client) UndoTransfer(ctx context.Context, connection, transfer string) (wire.Transfer, error) {
	return call[wire.Transfer](ctx, c, request{method: http.MethodPost, path: transfers(connection) + "/" + segment(transfer) + "/undo"})
}
