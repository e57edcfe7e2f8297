package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"drawbridge/console/wire"
)

// SignIn opens a session and gives its secret, for As. An Error with the field "code" asks for a code of the second factor.
func (c *Client) SignIn(ctx context.Context, in wire.SignInRequest) (account wire.Account, secret string, err error) {
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
func (c *Client) Prove(ctx context.Context, in wire.ProveRequest) error {
	return c.do(ctx, http.MethodPost, "/session/prove", nil, "", in, nil)
}

// ForgotPassword asks for a mail with a link that sets a new password. The answer is the same whether or not there is such an
// operator, and no credential is needed.
func (c *Client) ForgotPassword(ctx context.Context, email string) (wire.ForgotAnswer, error) {
	return call[wire.ForgotAnswer](ctx, c, http.MethodPost, "/session/forgot", nil, "", wire.ForgotRequest{Email: email})
}

// Link says what a link is for.
func (c *Client) Link(ctx context.Context, link string) (wire.LinkInfo, error) {
	return call[wire.LinkInfo](ctx, c, http.MethodGet, "/links/"+seg(link), nil, "", nil)
}

// UseLink uses a link, once.
func (c *Client) UseLink(ctx context.Context, link string, in wire.LinkUse) (wire.Operator, error) {
	return call[wire.Operator](ctx, c, http.MethodPost, "/links/"+seg(link), nil, "", in)
}
