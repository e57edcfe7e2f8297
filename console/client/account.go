package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// sessionCookie is the end of the name of the cookie with the secret of a session. A program sends the secret as a Bearer token.
const sessionCookie = "drawbridge_session"

// ChangePassword sets the caller's own password; all other sessions end.
func (c *Client) ChangePassword(ctx context.Context, in wire.PasswordChange) error {
	return c.do(ctx, request{method: http.MethodPut, path: "/me/password", in: in}, nil)
}

// BeginFactor begins to enrol a second factor, which takes effect when ConfirmFactor sends a code of it.
func (c *Client) BeginFactor(ctx context.Context) (wire.Enrolment, error) {
	return post[wire.Enrolment](ctx, c, "/me/mfa", nil)
}

// ConfirmFactor ends the enrolment and gives the recovery codes, which are shown only once.
func (c *Client) ConfirmFactor(ctx context.Context, code string) (wire.RecoveryCodes, error) {
	return post[wire.RecoveryCodes](ctx, c, "/me/mfa/confirm", wire.CodeRequest{Code: code})
}

// NewRecoveryCodes replaces the old codes.
func (c *Client) NewRecoveryCodes(ctx context.Context, code string) (wire.RecoveryCodes, error) {
	return post[wire.RecoveryCodes](ctx, c, "/me/mfa/recovery-codes", wire.CodeRequest{Code: code})
}

// RemoveFactor removes the signed-in operator's second factor.
func (c *Client) RemoveFactor(ctx context.Context, code string) error {
	return c.do(ctx, request{method: http.MethodPost, path: "/me/mfa/remove", in: wire.CodeRequest{Code: code}}, nil)
}

// MySessions lists where one is signed in.
func (c *Client) MySessions(ctx context.Context) (wire.Page[wire.Session], error) {
	return whole[wire.Session](ctx, c, "/me/sessions", nil)
}

// EndMySession signs out somewhere.
func (c *Client) EndMySession(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/me/sessions/" + segment(id)}, nil)
}

// MyKeys lists the signed-in operator's API keys.
func (c *Client) MyKeys(ctx context.Context) (wire.Page[wire.APIKey], error) {
	return whole[wire.APIKey](ctx, c, "/me/api-keys", nil)
}

// RevokeMyKey ends an API key of the caller at once.
func (c *Client) RevokeMyKey(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/me/api-keys/" + segment(id)}, nil)
}

// Me says who asks.
func (c *Client) Me(ctx context.Context) (wire.Account, error) {
	return get[wire.Account](ctx, c, "/me", nil)
}

// CreateAPIKey makes a key for the signed-in operator.
func (c *Client) CreateAPIKey(ctx context.Context, in wire.APIKeyCreate) (wire.APIKeyIssued, error) {
	return post[wire.APIKeyIssued](ctx, c, "/me/api-keys", in)
}
