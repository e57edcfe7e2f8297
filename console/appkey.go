package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// applicationPrefix is where package application serves its API.
const applicationPrefix = "/app/v1"

func (a *api) appKeyRoutes() []operation {
	return []operation{
		{
			id: "list-app-keys", method: http.MethodGet, path: "/tenants/{tenant}/appkeys",
			right: directory.ConnectionRead,
			tag:   "applications", summary: "List the keys of a tenant's applications",
			about: "Without their secrets, which are stored nowhere.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listAppKeys),
		},
		{
			id: "create-app-key", method: http.MethodPost, path: "/tenants/{tenant}/appkeys", status: created,
			right: directory.CredentialManage,
			tag:   "applications", summary: "Make a key for an application",
			about: "An application uses it to read the events, the access check and the people of this one tenant, and nothing else. The key is shown in this answer and never again.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Conflict},
			do:    handle(a.createAppKey),
		},
		{
			id: "revoke-app-key", method: http.MethodDelete, path: "/tenants/{tenant}/appkeys/{key}", status: noContent,
			right: directory.CredentialManage,
			tag:   "applications", summary: "Revoke the key of an application",
			about: "It is refused from this moment on.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.revokeAppKey),
		},
	}
}

type createAppKeyInput struct {
	httpapi.TenantPath
	Body wire.AppKeyCreate
}

type revokeAppKeyInput struct {
	httpapi.TenantPath
	PreviewQuery
	Key string `path:"key" maxLength:"100" doc:"The id of the key."`
}

func (a *api) listAppKeys(ctx context.Context, p directory.Principal, in *TenantPage) (*output[wire.Page[wire.AppKey]], error) {
	keys, err := a.Record.AppKeys(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	var out []wire.AppKey
	for i := range keys.Keys {
		out = append(out, a.appKeyView(&keys.Keys[i], keys.Uses))
	}
	return answer(httpapi.InOrder(out, in.PageQuery, func(k *wire.AppKey) string { return k.ID }))
}

func (a *api) createAppKey(ctx context.Context, p directory.Principal, in *createAppKeyInput) (*secret[wire.IssuedAppKey], error) {
	opts := record.AppKeyOptions{Name: in.Body.Name}
	if in.Body.Expires != nil {
		opts.Expires = *in.Body.Expires
	}
	issued, err := a.Record.CreateAppKey(ctx, p, in.TenantID(), opts)
	if err != nil {
		return nil, err
	}
	return withSecret(wire.IssuedAppKey{
		ID: string(issued.Token.ID), Tenant: in.Tenant, Name: issued.Token.Name, Key: issued.Text,
		BaseURL: a.BaseURL() + applicationPrefix + "/tenants/" + in.Tenant, Expires: httpapi.Time(issued.Token.Expires),
	}), nil
}

func (a *api) revokeAppKey(ctx context.Context, p directory.Principal, in *revokeAppKeyInput) (*httpapi.None, error) {
	return nil, a.Record.RevokeAppKey(ctx, p, in.TenantID(), directory.TokenID(in.Key))
}

func (a *api) appKeyView(k *directory.Token, uses []directory.Use) wire.AppKey {
	view := wire.AppKey{
		ID: string(k.ID), Tenant: string(k.Tenant), Name: k.Name, Prefix: k.Prefix, Status: keyStatus(k, a.Now()), Created: k.Created.UTC(),
		Expires: httpapi.Time(k.Expires), Revoked: httpapi.Time(k.Revoked),
	}
	for _, u := range uses {
		if u.Token == k.ID {
			view.LastUsed, view.Address, view.UserAgent = httpapi.Time(u.Last), u.Address, u.UserAgent
		}
	}
	return view
}

func keyStatus(k *directory.Token, now time.Time) string {
	switch {
	case !k.Revoked.IsZero():
		return "revoked"
	case !k.Live(now):
		return "expired"
	}
	return "live"
}
