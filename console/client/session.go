package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"drawbridge/console/wire"
)

// SignInMethods lists the ways to sign in. It needs no credential.
func (c *Client) SignInMethods(ctx context.Context) (wire.SignInMethods, error) {
	return get[wire.SignInMethods](ctx, c, "/session/methods", nil)
}

// SignIn opens a session and gives its secret, for As. An Error with the field "code" asks for a code of the second factor.
func (c *Client) SignIn(ctx context.Context, in wire.SignInRequest) (account wire.Account, secret string, err error) {
	req, err := c.build(ctx, request{method: http.MethodPost, path: "/session", in: in})
	if err != nil {
		return account, "", err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return account, "", c.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return account, "", problem(res)
	}
	for _, cookie := range res.Cookies() {
		if strings.TrimPrefix(cookie.Name, "__Host-") == sessionCookie {
			secret = cookie.Value
		}
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxProblem)).Decode(&account); err != nil {
		return account, "", fmt.Errorf("read the server's answer: %w", err)
	}
	return account, secret, nil
}

// SignOut ends the session of the client.
func (c *Client) SignOut(ctx context.Context) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/session"}, nil)
}

// Prove proves again who the operator is, which dangerous operations need.
func (c *Client) Prove(ctx context.Context, in wire.ProveRequest) error {
	return c.do(ctx, request{method: http.MethodPost, path: "/session/prove", in: in}, nil)
}

// ForgotPassword asks for a mail with a link that sets a new password. The answer is the same whether or not there is such an
// operator, and no credential is needed.
func (c *Client) ForgotPassword(ctx context.Context, email string) (wire.ForgotAnswer, error) {
	return post[wire.ForgotAnswer](ctx, c, "/session/forgot", wire.ForgotRequest{Email: email})
}

// Link says what a link is for.
func (c *Client) Link(ctx context.Context, link string) (wire.LinkInfo, error) {
	return get[wire.LinkInfo](ctx, c, "/links/"+segment(link), nil)
}

// UseLink uses a link, once.
func (c *Client) UseLink(ctx context.Context, link string, in wire.LinkUse) (wire.Operator, error) {
	return post[wire.Operator](ctx, c, "/links/"+segment(link), in)
}
