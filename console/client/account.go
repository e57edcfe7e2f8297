package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// sessionCookie is how the server hands the secret of a session to a browser; a program sends it as a Bearer token.
const sessionCookie = "drawbridge_session"

// SignIn opens a session and gives its secret, for As. An Error with the field "code" asks for a code of the second factor.
func (c *Client) SignIn(ctx context.Context, in SignInRequest) (account Account, secret string, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return account, "", fmt.Errorf("encode the request: %w", err)
	}
	base := c.base
	if base == "" {
		base = "http://drawbridge"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/session", bytes.NewReader(body))
	if err != nil {
		return account, "", err
	}
	req.Header.Set("User-Agent", "drawbridge")
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return account, "", c.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return account, "", problem(res)
	}
	for _, cookie := range res.Cookies() {
		if cookie.Name == sessionCookie {
			secret = cookie.Value
		}
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxProblem)).Decode(&account); err != nil {
		return account, "", fmt.Errorf("read the server's answer: %w", err)
	}
	return account, secret, nil
}

// SignOut ends the session that the client shows.
func (c *Client) SignOut(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "/session", nil, "", nil, nil)
}

// Prove shows once more who one is, as dangerous operations want.
func (c *Client) Prove(ctx context.Context, in ProveRequest) error {
	return c.do(ctx, http.MethodPost, "/session/prove", nil, "", in, nil)
}

// ChangePassword sets one's own password; all other sessions end.
func (c *Client) ChangePassword(ctx context.Context, in PasswordChange) error {
	return c.do(ctx, http.MethodPut, "/me/password", nil, "", in, nil)
}

// BeginFactor begins to enrol a second factor, which counts when ConfirmFactor has shown a code of it.
func (c *Client) BeginFactor(ctx context.Context) (Enrolment, error) {
	return call[Enrolment](ctx, c, http.MethodPost, "/me/mfa", nil, "", nil)
}

// ConfirmFactor ends the enrolment and gives the recovery codes, which are shown this once.
func (c *Client) ConfirmFactor(ctx context.Context, code string) (RecoveryCodes, error) {
	return call[RecoveryCodes](ctx, c, http.MethodPost, "/me/mfa/confirm", nil, "", CodeRequest{code})
}

// NewRecoveryCodes takes the place of the old ones.
func (c *Client) NewRecoveryCodes(ctx context.Context, code string) (RecoveryCodes, error) {
	return call[RecoveryCodes](ctx, c, http.MethodPost, "/me/mfa/recovery-codes", nil, "", CodeRequest{code})
}

// RemoveFactor removes one's second factor.
func (c *Client) RemoveFactor(ctx context.Context, code string) error {
	return c.do(ctx, http.MethodPost, "/me/mfa/remove", nil, "", CodeRequest{code}, nil)
}

// MySessions lists where one is signed in.
func (c *Client) MySessions(ctx context.Context) (Page[Session], error) {
	return whole[Session](ctx, c, "/me/sessions", nil)
}

// EndMySession signs out somewhere.
func (c *Client) EndMySession(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/me/sessions/"+seg(id), nil, "", nil, nil)
}

// MyKeys lists one's API keys.
func (c *Client) MyKeys(ctx context.Context) (Page[APIKey], error) {
	return whole[APIKey](ctx, c, "/me/api-keys", nil)
}

// RevokeMyKey ends an API key of one's own at once.
func (c *Client) RevokeMyKey(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/me/api-keys/"+seg(id), nil, "", nil, nil)
}
