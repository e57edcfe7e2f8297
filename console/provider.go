package console

import (
	"context"
	"encoding/base64"
	"net/http"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) providerRoutes() []operation {
	return []operation{
		{
			id: "get-provider", method: http.MethodGet, path: "/provider",
			right: directory.OperatorRead,
			tag:   "operators", summary: "Show the settings of the installation",
			about: "What holds for all operators (rule O6), and how the provider introduces itself in the console, in mails and on the page of an invitation.",
			do:    handle(a.getProvider),
		},
		{
			id: "update-provider", method: http.MethodPatch, path: "/provider",
			right: directory.ProviderMFA, fresh: true, human: true,
			tag: "operators", summary: "Change the settings of the installation",
			about: "require_mfa requires a second factor of all present and future operators. Turning it off leaves each of them required, and lets each be changed again (rule O6). name, support and logo say who the provider is.",
			codes: []directory.Code{directory.Stale, directory.Invalid},
			do:    handle(a.updateProvider),
		},
		{
			id: "get-provider-logo", method: http.MethodGet, path: "/provider/logo.png",
			open: true,
			tag:  "operators", summary: "The logo of the provider",
			about: "A PNG of at most 480 × 160 pixels and 64 KiB, which this server has drawn. With the mark of the present logo it can be kept for ever, because another logo has another mark. The sign-in page shows it (rule O9).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getProviderLogo),
		},
		{
			id: "list-roles", method: http.MethodGet, path: "/roles",
			right: directory.Self,
			tag:   "operators", summary: "Show the table of roles and rights",
			about: "The table that says what each role may do. What is not in it is denied (rule O1).",
			do:    handle(a.listRoles),
		},
	}
}

type updateProviderInput struct {
	VersionHeader
	Body wire.ProviderUpdate
}

func (a *api) getProvider(ctx context.Context, p directory.Principal, _ *struct{}) (*versioned[wire.ProviderSettings], error) {
	all, err := a.Operators.Operators(ctx, p)
	return withVersion(all.Settings.Version, providerView(all.Settings)), err
}

func (a *api) updateProvider(ctx context.Context, p directory.Principal, in *updateProviderInput) (*versioned[wire.ProviderSettings], error) {
	introduces := in.Body.Name != nil || in.Body.Support != nil || in.Body.Logo != nil
	edit := operators.ProviderEdit{Name: in.Body.Name, Support: in.Body.Support}
	if in.Body.Logo != nil {
		file, err := base64.StdEncoding.DecodeString(*in.Body.Logo)
		if err != nil {
			return nil, &directory.Error{Code: directory.Invalid, Field: "logo", Message: "the logo is not base64"}
		}
		edit.Logo = &file
	}
	switch {
	case in.Body.RequireMFA == nil && !introduces:
		return nil, &directory.Error{Code: directory.Invalid, Message: "name what is to change: require_mfa, name, support or logo"}
	case in.Body.RequireMFA != nil && introduces:
		return nil, &directory.Error{Code: directory.Invalid, Field: "require_mfa", Message: "require_mfa changes by itself, without the others"}
	case introduces:
		s, err := a.Operators.Introduce(ctx, p, in.precondition(), edit)
		return withVersion(s.Version, providerView(s)), err
	}
	rule := operators.FactorOptional
	if *in.Body.RequireMFA {
		rule = operators.FactorRequired
	}
	s, err := a.Operators.RequireMFA(ctx, p, in.precondition(), rule)
	return withVersion(s.Version, providerView(s)), err
}

type providerLogoInput struct {
	Mark string `query:"mark" maxLength:"100" doc:"logo of GET /session/methods or GET /provider."`
}

func (a *api) getProviderLogo(ctx context.Context, _ directory.Principal, in *providerLogoInput) (*httpapi.Picture, error) {
	by, err := a.Operators.Introduction(ctx)
	if err != nil {
		return nil, err
	}
	if by.Logo == nil {
		return nil, &directory.Error{Code: directory.NotFound, Message: "the provider has no logo"}
	}
	keep := "no-cache"
	if in.Mark == directory.LogoMark(by.Logo) {
		keep = "public, max-age=31536000, immutable"
	}
	return httpapi.PNG(by.Logo, keep), nil
}

func (a *api) listRoles(_ context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.RoleInfo]], error) {
	var out []wire.RoleInfo
	for _, role := range directory.Roles() {
		out = append(out, wire.RoleInfo{Role: role, Title: role.Title(), Rights: a.Operators.RightsOf(role)})
	}
	return answer(httpapi.InOrder(out, *in, func(r *wire.RoleInfo) string { return string(r.Role) }))
}

func providerView(s directory.ProviderSettings) wire.ProviderSettings {
	return wire.ProviderSettings{Version: s.Version, RequireMFA: s.RequireMFA, Introduction: wire.Introduction{Name: s.Name, Support: s.Support, Logo: s.Logo}}
}
