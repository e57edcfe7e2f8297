package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) appKeyRoutes() {
	type listOutput struct {
		Body wire.Page[wire.AppKey]
	}
	handle(a, operation{
		id: "list-app-keys", right: directory.ConnectionRead, method: http.MethodGet, path: "/tenants/{tenant}/appkeys", tag: "applications", summary: "List the keys of a tenant's applications",
		about: "Without their secrets, which are kept nowhere.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPage) (*listOutput, error) {
		keys, err := a.Record.AppKeys(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var out []wire.AppKey
		for i := range keys.Keys {
			out = append(out, a.appKeyView(&keys.Keys[i], keys.Uses))
		}
		page, err := inOrder(out, in.PageQuery, func(k *wire.AppKey) string { return k.ID })
		return &listOutput{page}, err
	})

	type createInput struct {
		TenantPath
		Body wire.AppKeyCreate
	}
	type createOutput struct {
		CacheControl string `header:"Cache-Control"`
		Body         wire.IssuedAppKey
	}
	handle(a, operation{
		id: "create-app-key", right: directory.CredentialManage, method: http.MethodPost, path: "/tenants/{tenant}/appkeys", tag: "applications", status: created, summary: "Make a key for an application",
		about: "With it an application reads the events, the access check and the people of this one tenant, and nothing else. The key is shown in this answer and never again.",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*createOutput, error) {
		opts := record.AppKeyOptions{Name: in.Body.Name}
		if in.Body.Expires != nil {
			opts.Expires = *in.Body.Expires
		}
		secret, err := a.Record.CreateAppKey(ctx, p, in.tenant(), opts)
		if err != nil {
			return nil, err
		}
		return &createOutput{CacheControl: "no-store", Body: wire.IssuedAppKey{
			ID: string(secret.Token.ID), Tenant: in.Tenant, Name: secret.Token.Name, Key: secret.Text,
			BaseURL: a.BaseURL() + ApplicationPrefix + "/tenants/" + in.Tenant, Expires: stamp(secret.Token.Expires),
		}}, nil
	})

	type revokeInput struct {
		TenantPath
		Key string `path:"key" maxLength:"100" doc:"The id of the key."`
	}
	handle(a, operation{
		id: "revoke-app-key", right: directory.CredentialManage, method: http.MethodDelete, path: "/tenants/{tenant}/appkeys/{key}", tag: "applications", status: noContent, summary: "Revoke the key of an application",
		about: "It opens nothing from this moment on.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *revokeInput) (*none, error) {
		return nil, a.Record.RevokeAppKey(ctx, p, in.tenant(), directory.TokenID(in.Key))
	})
}

func (a *api) appKeyView(k *directory.Token, uses []directory.Use) wire.AppKey {
	view := wire.AppKey{
		ID: string(k.ID), Tenant: string(k.Tenant), Name: k.Name, Prefix: k.Prefix, Status: keyStatus(k, a.Now()), Created: k.Created.UTC(),
		Expires: stamp(k.Expires), Revoked: stamp(k.Revoked),
	}
	for _, u := range uses {
		if u.Token == k.ID {
			view.LastUsed, view.Address, view.UserAgent = stamp(u.Last), u.Address, u.UserAgent
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
