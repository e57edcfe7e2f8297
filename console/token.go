package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) tokenRoutes() []operation {
	return []operation{
		{
			id: "list-tokens", method: http.MethodGet, path: "/connections/{connection}/tokens",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "List the credentials of a connection",
			about: "Without their secrets, which are stored nowhere.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listTokens),
		},
		{
			id: "create-token", method: http.MethodPost, path: "/connections/{connection}/tokens", status: created,
			right: directory.CredentialManage,
			tag:   "connections", summary: "Make a new credential",
			about: "Both the new and the older credential work, so that a rotation needs no outage. The secret is shown in this answer and never again.",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.createToken),
		},
		{
			id: "revoke-token", method: http.MethodDelete, path: "/connections/{connection}/tokens/{token}", status: noContent,
			right: directory.CredentialManage,
			tag:   "connections", summary: "Revoke a credential",
			about: "It is refused from this moment on. The header Drawbridge-Notice, and the notice of a preview, say so when no credential is left and the identity provider cannot sync any more (rule C2).",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.revokeToken),
		},
	}
}

type listTokensInput struct {
	ConnectionPath
	httpapi.PageQuery
}

type createTokenInput struct {
	ConnectionPath
	Body wire.TokenCreate
}

type revokeTokenInput struct {
	ConnectionPath
	PreviewQuery
	Token string `path:"token" maxLength:"100" doc:"The id of the credential."`
}

func (a *api) listTokens(ctx context.Context, p directory.Principal, in *listTokensInput) (*output[wire.Page[wire.Token]], error) {
	c, err := a.connection(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	return answer(httpapi.InOrder(a.tokenViews(c), in.PageQuery, func(t *wire.Token) string { return t.ID }))
}

func (a *api) createToken(ctx context.Context, p directory.Principal, in *createTokenInput) (*secret[wire.Issued], error) {
	c, err := a.connection(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	p.Tenant = c.Connection.Tenant
	options := tokenOptions(in.Body.Auth, in.Body.Expires, time.Duration(in.Body.Overlap)*time.Second)
	options.Replace = directory.TokenID(in.Body.Replace)
	made, err := a.Bridge.RotateToken(ctx, p, in.id(), options)
	if err != nil {
		return nil, err
	}
	return a.issued(c.Connection, made), nil
}

type revokeTokenOutput struct {
	Notice string `header:"Drawbridge-Notice"`
}

func (a *api) revokeToken(ctx context.Context, p directory.Principal, in *revokeTokenInput) (*revokeTokenOutput, error) {
	c, err := a.connection(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	p.Tenant = c.Connection.Tenant
	notice, err := a.Bridge.RevokeToken(ctx, p, in.id(), directory.TokenID(in.Token))
	return &revokeTokenOutput{string(notice)}, err
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
			Expires: httpapi.Time(t.Expires), Revoked: httpapi.Time(t.Revoked),
		}
		switch {
		case !t.Revoked.IsZero():
			view.Status = "revoked"
		case !t.Live(a.Now()):
			view.Status = "expired"
		}
		for _, u := range o.Uses {
			if u.Token == t.ID {
				view.LastUsed, view.Address, view.UserAgent = httpapi.Time(u.Last), u.Address, u.UserAgent
			}
		}
		out = append(out, view)
	}
	return out
}
