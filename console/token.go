package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) tokenRoutes() {
	type listInput struct {
		ConnectionPath
		PageQuery
	}
	type listOutput struct{ Body wire.Page[wire.Token] }
	handle(a, operation{
		id: "list-tokens", right: directory.ConnectionRead, method: http.MethodGet, path: "/connections/{connection}/tokens", tag: "connections", summary: "List the credentials of a connection",
		about: "Without their secrets, which are kept nowhere.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *listInput) (*listOutput, error) {
		c, err := a.connection(ctx, p, in.id())
		if err != nil {
			return nil, err
		}
		page, err := inOrder(a.tokenViews(c), in.PageQuery, func(t *wire.Token) string { return t.ID })
		return &listOutput{page}, err
	})

	type createInput struct {
		ConnectionPath
		Body wire.TokenCreate
	}
	handle(a, operation{
		id: "create-token", right: directory.CredentialManage, method: http.MethodPost, path: "/connections/{connection}/tokens", tag: "connections", status: created,
		summary: "Make a new credential", about: "It lives beside the older one, so that a rotation needs no outage. The secret is shown in this answer and never again.",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*issuedOutput, error) {
		c, err := a.connection(ctx, p, in.id())
		if err != nil {
			return nil, err
		}
		p.Tenant = c.Connection.Tenant
		secret, err := a.Bridge.RotateToken(ctx, p, in.id(), tokenOptions(in.Body.Auth, in.Body.Expires, time.Duration(in.Body.Overlap)*time.Second))
		if err != nil {
			return nil, err
		}
		return a.issued(c.Connection, secret), nil
	})

	type revokeInput struct {
		ConnectionPath
		Token string `path:"token" maxLength:"100" doc:"The id of the credential."`
	}
	handle(a, operation{
		id: "revoke-token", right: directory.CredentialManage, method: http.MethodDelete, path: "/connections/{connection}/tokens/{token}", tag: "connections", status: noContent,
		summary: "Revoke a credential", about: "It opens nothing from this moment on.",
		codes: []directory.Code{directory.NotFound, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *revokeInput) (*none, error) {
		c, err := a.connection(ctx, p, in.id())
		if err != nil {
			return nil, err
		}
		p.Tenant = c.Connection.Tenant
		return nil, a.Bridge.RevokeToken(ctx, p, in.id(), directory.TokenID(in.Token))
	})
}

// tokenViews shows credentials with their last use. Access tokens live for minutes and are left out.
func (a *api) tokenViews(o bridge.ConnectionOverview) []wire.Token {
	out := []wire.Token{}
	for _, t := range o.Tokens {
		if t.Kind == directory.AccessToken {
			continue
		}
		view := wire.Token{
			ID: string(t.ID), Kind: string(t.Kind), Prefix: t.Prefix, Status: "live", Created: t.Created.UTC(),
			Expires: stamp(t.Expires), Revoked: stamp(t.Revoked),
		}
		switch {
		case !t.Revoked.IsZero():
			view.Status = "revoked"
		case !t.Live(a.Now()):
			view.Status = "expired"
		}
		for _, u := range o.Uses {
			if u.Token == t.ID {
				view.LastUsed, view.Address, view.UserAgent = stamp(u.Last), u.Address, u.UserAgent
			}
		}
		out = append(out, view)
	}
	return out
}
