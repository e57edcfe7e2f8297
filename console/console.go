package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/overview"
	"drawbridge/bridge/record"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/webhooks"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/doctor"
	"drawbridge/internal/httpapi"
	"drawbridge/internal/web"
	"drawbridge/observe"
)

// Config holds what the operator API needs. Every field but Proxies, Guard and OIDC is required.
type Config struct {
	Bridge       *bridge.Service
	Overview     *overview.Service
	Operators    *operators.Service
	Record       *record.Service
	Changes      *record.Changes
	Outbox       *notify.Service
	Journal      *record.Journal
	Authenticate Authenticator
	Plans        []directory.Plan
	Version      string
	// BaseURL is how identity providers reach the server, without a path. It is a function because a server on a free port knows its
	// address only after it has started.
	BaseURL func() string
	// APIURL is how this API is reached over the network, "" if it is not.
	APIURL func() string
	// Status is the status of the server, without Tenants and Warnings.
	Status func(ctx context.Context) wire.Status
	// Configuration is the configuration of the server, without secrets.
	Configuration []wire.ConfigurationSetting
	// Types are the types of identity provider, with where in the provider's console a connection is configured.
	Types []wire.IdentityProvider
	// Console says that the browser console is served under ConsolePrefix, on the listener of this API.
	Console bool
	Backups Backups
	Doctor  *doctor.Sessions
	// Examine plays the identity provider of a connection on a copy of it.
	Examine func(ctx context.Context, p directory.Principal, connection directory.ConnectionID) (wire.Diagnosis, error)
	Observe *observe.Service
	Pull    Pull // nil: no connection is pulled
	// Webhooks are the endpoints that events are pushed to. TestWebhook sends a test message to one, and returns the result.
	Webhooks    *webhooks.Service
	TestWebhook func(ctx context.Context, p directory.Principal, name string) (directory.Attempt, error)
	// Targets are the applications that users and groups are sent to. Provision previews and checks them.
	Targets   *targets.Service
	Provision Provision
	// ReadSchemas checks all custom schemas of a tenant together, and completes them (CustomSchema.Unique).
	ReadSchemas func([]directory.CustomSchema) ([]directory.CustomSchema, error)
	Jobs        Jobs
	// Spool keeps a long body on the disk until it is closed. Its errors are TooLarge and Unavailable.
	Spool func(ctx context.Context, body io.Reader) (io.ReadSeekCloser, error)

	// OIDC, if set, lets operators sign in through an OpenID provider.
	OIDC *OIDC
	// Secret seals the state that a browser keeps for the server. It has at least 16 bytes, and is the same in every process of an
	// installation.
	Secret []byte
	// Stopping is done when the server stops. Waiting requests are then answered. nil: never.
	Stopping context.Context //nolint:containedctx // it belongs to the server and not to a request

	Now     func() time.Time
	IDs     *web.RequestIDs
	Proxies web.Proxies
	Guard   *web.Guard // what all surfaces of the process share; nil: nothing is bounded
	Logger  *slog.Logger
}

// Backups makes and checks copies of the store, one at a time: while another one is under way, Backup and Check are a Conflict.
type Backups interface {
	// Backup writes a verified copy to a file or folder of the server's disk, or to the configured folder if to is "".
	Backup(ctx context.Context, to string) (wire.Backup, error)
	// Check reads every page and record of a copy, which it removes.
	Check(ctx context.Context) (wire.CheckReport, error)
	// List gives the copies in the configured folder.
	List(ctx context.Context) (wire.Backups, error)
}

// Authenticator identifies the sender of a request. Its error is Unauthorized.
type Authenticator func(w *web.Response) (directory.Principal, error)

// Local authenticates requests on the unix socket. A process that may open the file acts as the local Owner, under the name of the user
// that it runs as. A request that shows the credential of an operator acts as that operator.
func Local(s *operators.Service) Authenticator {
	signedIn := Operators(s)
	return func(w *web.Response) (directory.Principal, error) {
		if secretOf(w) != "" {
			return signedIn(w)
		}
		name := web.PeerOf(w.Request.Context())
		if name != "" {
			name = "local user " + name
		}
		return operators.Local(localID, name, w.ID), nil
	}
}

// Operators authenticates requests from the network: a session in a cookie, or an API key as a Bearer token.
func Operators(s *operators.Service) Authenticator {
	return func(w *web.Response) (directory.Principal, error) {
		return s.AuthenticateOperator(w.Request.Context(), secretOf(w), clientOn(w))
	}
}

// ConsolePrefix is where the browser console is served.
const ConsolePrefix = "/console/"

// The cookie of a session. Over HTTPS its name begins with __Host-: then no other host can set it, not even a subdomain.
const (
	cookieName       = "drawbridge_session"
	secureCookieName = "__Host-" + cookieName
)

// cookieOf is the name of the session's cookie for a request.
func cookieOf(w *web.Response) string {
	if w.Origin.Scheme == "https" {
		return secureCookieName
	}
	return cookieName
}

// backgroundHeader marks a request that no person made, such as those by which a page refreshes itself. It does not keep a session alive.
const backgroundHeader = "Drawbridge-Background"

// secretOf is the credential of a request, "" if there is none. The header takes precedence over the cookie.
func secretOf(w *web.Response) string {
	if header := w.Request.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(secret) != "" {
			return strings.TrimSpace(secret)
		}
		return header // not a credential of ours, so it is refused
	}
	if c, err := w.Request.Cookie(cookieOf(w)); err == nil {
		return c.Value
	}
	return ""
}

func clientOn(w *web.Response) credential.Client {
	return credential.Client{
		Address: w.Origin.Address, UserAgent: w.Request.UserAgent(), Request: w.ID,
		Background: w.Request.Header.Get(backgroundHeader) != "",
	}
}

// clientOf is the client of a request, as the bridge records it.
func clientOf(ctx context.Context) credential.Client { return clientOn(responseOf(ctx)) }

// responseOf is the response that a handler is about to give.
func responseOf(ctx context.Context) *web.Response { return httpapi.CallOf(ctx).Response }

// localID is the id of the operator who uses the socket.
const localID = "local"

func isLocal(p directory.Principal) bool {
	return p.Actor.Kind == directory.ByOperator && p.Actor.ID == localID
}

// api is the operator API.
type api struct {
	Config
	http  *httpapi.API
	byID  map[string]operation
	oidc  *oidcProvider
	flows *flows
}

// New makes the handler of everything under /api/.
func New(cfg Config) http.Handler {
	a := newAPI(cfg)
	surface := &web.Surface{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Guard: cfg.Guard, Fail: httpapi.Fail}
	browsers := http.NewCrossOriginProtection() // the page of another site may not use our cookie
	authenticate := func(w *web.Response) (directory.Principal, error) {
		who, err := cfg.Authenticate(w)
		if who.Address == "" {
			who.Address = w.Origin.Address
		}
		return who, err
	}
	return surface.Handler(func(w *web.Response) error {
		if err := browsers.Check(w.Request); err != nil {
			return &directory.Error{Code: directory.Forbidden, Message: "this request comes from the page of another site", Err: err}
		}
		who, err := authenticate(w)
		if err != nil {
			if refused := w.Stranger(); refused != nil {
				return refused
			}
			if !a.http.IsOpen(w.Request) {
				return err
			}
			who = directory.Principal{Request: w.ID, Address: w.Origin.Address}
		} else if err := w.Owner("operator " + who.Actor.ID); err != nil {
			return err
		}
		again := func() (any, error) { return authenticate(w) }
		c := &httpapi.Call{Response: w, Who: who, Caller: who.Actor.ID, Again: again}
		err = a.http.Serve(c)
		a.recordDenied(c, err)
		return err
	})
}

func newAPI(cfg Config) *api {
	a := &api{Config: cfg, oidc: newOIDCProvider(cfg.OIDC, cfg.Now), flows: newFlows(cfg.Secret)}
	a.http = httpapi.New(httpapi.Config{
		Prefix: prefix, About: about(cfg.Version), Now: cfg.Now, Stopping: cfg.Stopping, Admit: a.admit, AdmitBody: a.admitBody,
		Codes: []directory.Code{directory.Unauthorized, directory.Forbidden, directory.Invalid, directory.Throttled, directory.Unavailable, directory.Internal},
	})
	a.register()
	return a
}

// about is the description of the whole API in the OpenAPI document.
func about(version string) httpapi.About {
	return httpapi.About{
		Title: "Drawbridge operator API", Version: version,
		Description: "What operators do: companies, connections, tokens, people, groups, seats, events, audit. " +
			"The API is served on the unix socket drawbridge.sock in the data folder, where every request acts as the local Owner, " +
			"and over the network if api.enabled or api.listen says so. Over the network, sign in at /api/v1/session (a cookie), or send an API key as a Bearer token.\n\n" +
			"A failure is a problem+json: code says what kind of failure it is, field which field of the request is meant, rule the number of the rule that refuses, " +
			"and detail what to do. A list answers with items and, if there are more, next: send it as cursor. A resource that can be changed carries an ETag: " +
			"send it as If-Match, and if the resource has changed in between the answer is 412 instead of a lost change. A create takes an Idempotency-Key.",
		Schemes: []httpapi.Scheme{
			{Name: "session", Cookie: cookieName, Description: "What POST /api/v1/session sets: a person who signed in (rule O9). Over HTTPS its name is __Host-drawbridge_session. A request with the header Drawbridge-Background does not count as use of the session."},
			{Name: "key", Description: "An API key, or the secret of a session (rule O5)."},
		},
		Tags: []httpapi.Tag{
			{Name: "tenants", Description: "Managed companies."},
			{Name: "connections", Description: "Identity providers of a tenant, and their credentials."},
			{Name: "users", Description: "People in a tenant."},
			{Name: "groups", Description: "Groups in a tenant, built-in ones included."},
			{Name: "applications", Description: "Keys of downstream applications."},
			{Name: "targets", Description: "Applications that the users and groups of a tenant are sent to by SCIM."},
			{Name: "google-projects", Description: "Keys of Google with which connections of several tenants read their directories."},
			{Name: "webhooks", Description: "Endpoints of other systems that events are pushed to."},
			{Name: "record", Description: "Events and audit."},
			{Name: "operators", Description: "Who administers, and with what rights."},
			{Name: "session", Description: "Signing in, and one's own account."},
			{Name: "server", Description: "The running server."},
		},
	}
}
