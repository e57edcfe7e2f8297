package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/overview"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// ConnectionPath is the connection in a path.
type ConnectionPath struct {
	Connection string `path:"connection" maxLength:"60" doc:"The slug of the connection." example:"acme-okta"`
}

// ConnectionCreateInput is a new connection, with its tenant in the body.
type ConnectionCreateInput struct{ Body wire.ConnectionCreate }

func (c ConnectionCreateInput) bodyTenant() directory.TenantID {
	return directory.TenantID(c.Body.Tenant)
}

func (c ConnectionPath) id() directory.ConnectionID { return directory.ConnectionID(c.Connection) }

func (a *api) connectionRoutes() []operation {
	return []operation{
		{
			id: "create-connection", method: http.MethodPost, path: "/connections", status: created,
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Create a connection",
			about: "Creates the connection of an identity provider with its first credential. The credential is shown in this answer and never again.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
			do:    handle(a.createConnection),
		},
		{
			id: "list-connections", method: http.MethodGet, path: "/connections",
			right: directory.ConnectionRead, list: true,
			tag: "connections", summary: "List connections",
			about: "With their base URL, credentials and the health of their sync (rule C7).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listConnections),
		},
		{
			id: "get-connection", method: http.MethodGet, path: "/connections/{connection}",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "Show a connection",
			about: "Its base URL, credentials, mappings, and the health of its sync (rule C7).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getConnection),
		},
		{
			id: "get-connection-setup", method: http.MethodGet, path: "/connections/{connection}/setup",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "Show what to enter at the identity provider",
			about: "The base URL, and the way through the provider's own console in its own words. Credentials are shown only when they are created (rule C1).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getConnectionSetup),
		},
		{
			id: "list-connection-types", method: http.MethodGet, path: "/connection-types",
			right: directory.Self,
			tag:   "connections", summary: "List the types of identity provider",
			about: "With the kinds of credential that each can use, how often it is heard of (rule C7), and where in its console a connection is configured.",
			do:    handle(a.listConnectionTypes),
		},
		{
			id: "update-connection", method: http.MethodPatch, path: "/connections/{connection}",
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Change a connection",
			about: "Pauses or resumes it, and sets its mappings and replies. An attribute mapping is applied to all users of the connection at once, or refused as a whole. Changes what the body names and leaves the rest.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Refused, directory.Conflict},
			do:    handle(a.updateConnection),
		},
	}
}

type listConnectionsInput struct {
	httpapi.PageQuery
	Tenant string `query:"tenant" maxLength:"40" doc:"Only connections of this tenant."`
	Q      string `query:"q" maxLength:"200" doc:"A part of the slug or the type, or of the slug or the name of the tenant, in any case."`
	Type   string `query:"type" enum:"okta,entra,google,google-directory,onelogin,jumpcloud,rippling,ping,generic" doc:"Only connections of this type. Missing: all."`
	Health string `query:"health" enum:"never_connected,healthy,quiet,failing" doc:"Only connections in this state (rule C7). Missing: all."`
	Sort   string `query:"sort" enum:"slug,tenant,type,health,last_success" default:"slug" doc:"The order; health: failing, quiet and never connected ones first, healthy ones last."`
	Dir    string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

type updateConnectionInput struct {
	ConnectionPath
	VersionHeader
	PreviewQuery
	Body wire.ConnectionUpdate
}

func (a *api) createConnection(ctx context.Context, p directory.Principal, in *ConnectionCreateInput) (*secret[wire.Issued], error) {
	b := in.Body
	p.Tenant = directory.TenantID(b.Tenant)
	draft := bridge.ConnectionDraft{
		ID: directory.ConnectionID(b.Slug), Tenant: p.Tenant, Type: directory.ConnectionType(b.Type), Mappings: b.Mappings,
		UnknownPaths: choice[directory.Leniency](b.UnknownPaths), UnknownMembers: choice[directory.Leniency](b.UnknownMembers),
		UserPatch: choice[directory.PatchReply](b.UserPatch), GroupPatch: choice[directory.PatchReply](b.GroupPatch),
		Attributes: mappingOf(b.AttributeMapping),
		Token:      tokenOptions(b.Auth, b.Expires, 0),
	}
	var err error
	if draft.Google, draft.Credential, err = a.pullOf(b.Google); err != nil {
		return nil, err
	}
	c, made, err := a.Bridge.CreateConnection(ctx, p, draft)
	if err != nil {
		return nil, err
	}
	return a.issued(c, made), nil
}

func (a *api) listConnections(ctx context.Context, p directory.Principal, in *listConnectionsInput) (*output[wire.Page[wire.Connection]], error) {
	q := overview.ConnectionQuery{
		Tenant: directory.TenantID(in.Tenant), Q: in.Q, Type: directory.ConnectionType(in.Type), Health: directory.HealthState(in.Health),
		Sort: overview.ConnectionSort(in.Sort), Descending: httpapi.Order(in.Dir) == httpapi.Descending, Count: in.Limit,
	}
	if q.Tenant != "" {
		if err := a.Operators.Permit(p, directory.ConnectionRead, q.Tenant); err != nil {
			return nil, err
		}
	}
	if in.Cursor != "" {
		at, err := httpapi.ParseCursor(in.Cursor)
		if err != nil {
			return nil, err
		}
		q.After = &overview.ConnectionMark{Key: at.Key, ID: directory.ConnectionID(at.ID)}
	}
	found, err := a.Overview.ListConnections(ctx, p, q)
	if err != nil {
		return nil, err
	}
	page := wire.Page[wire.Connection]{Items: make([]wire.Connection, 0, len(found.Connections))}
	for i := range found.Connections {
		page.Items = append(page.Items, a.connectionView(found.Connections[i]))
	}
	if found.Next != nil {
		page.Next = httpapi.Position{Key: found.Next.Key, ID: string(found.Next.ID)}.Cursor()
	}
	return answer(page, nil)
}

func (a *api) getConnection(ctx context.Context, p directory.Principal, in *ConnectionPath) (*versioned[wire.Connection], error) {
	return a.showConnection(ctx, p, in.id())
}

func (a *api) updateConnection(ctx context.Context, p directory.Principal, in *updateConnectionInput) (*versioned[wire.Connection], error) {
	var made bridge.PullCredential
	var err error
	if b := in.Body; b.Google != nil && b.Google.Credentials != nil {
		if a.Pull == nil {
			return nil, noPull()
		}
		if b.Google.Project != nil && *b.Google.Project != "" {
			return nil, &directory.Error{Code: directory.Invalid, Field: "google.project", Message: "a connection has a key of its own or uses a Google project: give one of the two"}
		}
		b.Google.Project = nil // the key takes its place
		if made, err = a.Pull.Credential(ownKey, *b.Google.Credentials); err != nil {
			return nil, err
		}
	}
	_, err = a.Bridge.EditConnection(ctx, p, in.id(), in.precondition(), func(c directory.Connection) (directory.Connection, error) {
		b := in.Body
		assign(&c.Paused, b.Paused)
		assign(&c.Mappings, b.Mappings)
		choose(&c.UnknownPaths, b.UnknownPaths)
		choose(&c.UnknownMembers, b.UnknownMembers)
		choose(&c.UserPatch, b.UserPatch)
		choose(&c.GroupPatch, b.GroupPatch)
		updatePull(&c, b.Google)
		if b.AttributeMapping != nil {
			c.AttributeMapping = mappingOf(b.AttributeMapping)
		}
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	if b := in.Body; b.Google != nil && b.Google.Credentials != nil && !in.dryRun() {
		if err := a.Bridge.Pulls().SetCredential(ctx, p, in.id(), made); err != nil {
			return nil, err
		}
	}
	return a.showConnection(ctx, p, in.id())
}

// setup says where a type of identity provider is configured.
func (a *api) setup(t directory.ConnectionType) wire.Setup {
	for i := range a.Types {
		if a.Types[i].Type == string(t) {
			return a.Types[i].Setup
		}
	}
	return wire.Setup{Steps: []string{}}
}

func (a *api) listConnectionTypes(_ context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.IdentityProvider]], error) {
	return answer(httpapi.InOrder(a.Types, *in, func(t *wire.IdentityProvider) string { return t.Type }))
}

func (a *api) getConnectionSetup(ctx context.Context, p directory.Principal, in *ConnectionPath) (*output[wire.ConnectionSetup], error) {
	c, err := a.connection(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	return answer(wire.ConnectionSetup{
		Slug: string(c.Connection.ID), Type: string(c.Connection.Type), BaseURL: a.base(c.Connection.ID), TokenURL: a.tokenURL(), Setup: a.setup(c.Connection.Type),
	}, nil)
}

func (a *api) tokenURL() string { return strings.TrimRight(a.BaseURL(), "/") + "/oauth2/token" }

// choice is a setting that may be missing.
func choice[T ~string](text string) *T {
	if text == "" {
		return nil
	}
	value := T(text)
	return &value
}

// choose sets a setting that the body names; "" takes it away.
func choose[T ~string](field **T, text *string) {
	if text != nil {
		*field = choice[T](*text)
	}
}

// connection shows the connection of a request.
func (a *api) connection(ctx context.Context, p directory.Principal, id directory.ConnectionID) (bridge.ConnectionOverview, error) {
	all, err := a.Bridge.Connections(ctx, p, p.Tenant) // that of the connection: see admit
	if err != nil {
		return bridge.ConnectionOverview{}, err
	}
	for _, c := range all {
		if c.Connection.ID == id {
			return c, nil
		}
	}
	return bridge.ConnectionOverview{}, &directory.Error{Code: directory.NotFound, Message: "there is no connection " + string(id)}
}

func (a *api) showConnection(ctx context.Context, p directory.Principal, id directory.ConnectionID) (*versioned[wire.Connection], error) {
	c, err := a.connection(ctx, p, id)
	if err != nil {
		return nil, err
	}
	view := a.connectionView(c)
	if view.Unmatched, err = a.Bridge.UnmatchedMappings(ctx, p, id); err != nil {
		return nil, err
	}
	return withVersion(c.Connection.Version, view), nil
}

func (a *api) base(id directory.ConnectionID) string {
	return strings.TrimRight(a.BaseURL(), "/") + "/scim/v2/" + string(id)
}

func (a *api) connectionView(o bridge.ConnectionOverview) wire.Connection {
	c := o.Connection
	out := wire.Connection{
		Slug: string(c.ID), Tenant: string(c.Tenant), TenantName: o.TenantName, Type: string(c.Type), Version: c.Version,
		Created: c.Created.UTC(), Modified: c.Modified.UTC(), BaseURL: a.base(c.ID), Paused: c.Paused, Observing: observingView(c.Observing), Ending: endingView(c.Ending),
		UnknownPaths: said(c.UnknownPaths), UnknownMembers: said(c.UnknownMembers), UserPatch: said(c.UserPatch), GroupPatch: said(c.GroupPatch),
		Mappings: c.Mappings, AttributeMapping: mappingView(c.AttributeMapping), Tokens: a.tokenViews(o), Google: googleView(&o),
		Health: healthView(o.Health), Held: o.Held, LastRequest: httpapi.Time(o.LastRequest), LastSuccess: httpapi.Time(o.LastSuccess),
		Requests: o.Requests[:],
	}
	if out.Mappings == nil {
		out.Mappings = []directory.GroupMapping{}
	}
	return out
}

func said[T ~string](value *T) string {
	if value == nil {
		return ""
	}
	return string(*value)
}

// issued is the answer that holds the secret of a new credential.
func (a *api) issued(c directory.Connection, s credential.Secret) *secret[wire.Issued] {
	b := wire.Issued{
		Slug: string(c.ID), Tenant: string(c.Tenant), Type: string(c.Type), BaseURL: a.base(c.ID),
		Auth: "bearer", Token: s.Text, TokenID: string(s.Token.ID), Expires: httpapi.Time(s.Token.Expires), Note: s.Note,
		Setup: a.setup(c.Type),
	}
	switch s.Token.Kind {
	case "":
		b.Auth = "none"
	case directory.BasicSecret:
		b.Auth, b.UserName = "basic", b.TokenID
	case directory.ClientSecret:
		b.Auth, b.ClientID, b.TokenURL = "oauth", b.TokenID, a.tokenURL()
	}
	return withSecret(b)
}

// tokenOptions reads the options of a new credential.
func tokenOptions(auth string, expires *time.Time, overlap time.Duration) bridge.TokenOptions {
	o := bridge.TokenOptions{Overlap: overlap, Kind: map[string]directory.CredentialKind{
		"bearer": directory.BearerToken, "basic": directory.BasicSecret, "oauth": directory.ClientSecret,
	}[auth]}
	if expires != nil {
		o.Expires = expires.UTC()
	}
	return o
}

func healthView(h bridge.Health) wire.Health {
	return wire.Health{
		State: string(h.State), Since: httpapi.Time(h.Since), Why: h.Why, Failed: httpapi.Time(h.Failed), Error: h.Error, Request: h.Request,
		Stale: httpapi.Time(h.Stale), StaleWhy: h.StaleWhy,
	}
}
