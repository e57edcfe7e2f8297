package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Config is what the operator API stands on. Every field but Proxies and OIDC is required.
type Config struct {
	Bridge    *bridge.Service
	Operators *operators.Service
	Record    *record.Service
	Outbox    *notify.Service
	Journal   *record.Journal
	Gate      Gate
	Plans     []directory.Plan
	Version   string
	// BaseURL is how identity providers reach the server, without a path. It is asked for with every answer, since a
	// server on a free port learns it late.
	BaseURL func() string
	// APIURL is how this API is reached over the network, "" if it is not.
	APIURL func() string
	// Status is what the server says about itself; Tenants is filled in here.
	Status func() wire.Status
	// Setup says where in the console of an identity provider a connection is configured.
	Setup func(directory.ConnectionType) wire.Setup
	// Backups makes copies of the store and looks at them.
	Backups Backups
	// ReadSchemas says what is wrong with the schemas that a tenant is to have, or gives them completed (CustomSchema.Unique).
	ReadSchemas func([]directory.CustomSchema) ([]directory.CustomSchema, error)
	Jobs        Jobs // the clock
	// Spool keeps a long body on the disk until it is closed. TooLarge, Unavailable.
	Spool func(ctx context.Context, body io.Reader) (io.ReadSeekCloser, error)

	// OIDC, if set, lets operators sign in by an OpenID provider.
	OIDC *OIDC

	Now     func() time.Time
	IDs     *web.RequestIDs
	Proxies web.Proxies
	Logger  *slog.Logger
}

// Backups makes verified copies of the store. One work at a time: Conflict while another one is under way.
type Backups interface {
	// Backup writes one to a file or folder of the server's disk, or to the configured folder if to is "".
	Backup(ctx context.Context, to string) (wire.Backup, error)
	// Check looks at every page and record of a copy that it throws away.
	Check(ctx context.Context) (wire.CheckReport, error)
	// List gives the copies in the configured folder.
	List(ctx context.Context) (wire.Backups, error)
}

// Gate finds out who asks. Its error is Unauthorized.
type Gate func(w *web.Response) (directory.Principal, error)

// Local is the Gate of a unix socket: a process that may open the file acts as the local Owner, under the name of the user that it
// runs as. One that shows a credential of an operator is that operator.
func Local(s *operators.Service) Gate {
	signedIn := Operators(s)
	return func(w *web.Response) (directory.Principal, error) {
		if secretOf(w.Request) != "" {
			return signedIn(w)
		}
		name := web.PeerOf(w.Request.Context())
		if name != "" {
			name = "local user " + name
		}
		return operators.Local(localID, name, w.ID), nil
	}
}

// Operators is the Gate of the network: a session in a cookie, or an API key as a Bearer token.
func Operators(s *operators.Service) Gate {
	return func(w *web.Response) (directory.Principal, error) {
		return s.AuthenticateOperator(w.Request.Context(), secretOf(w.Request), clientOf(w))
	}
}

// cookieName is where a browser keeps the secret of a session.
const cookieName = "drawbridge_session"

// secretOf is the credential that a request shows, "" for none. What is in the header wins.
func secretOf(r *http.Request) string {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(secret) != "" {
			return strings.TrimSpace(secret)
		}
		return header // wrong, and told so
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value
	}
	return ""
}

func clientOf(w *web.Response) credential.Client {
	return credential.Client{Address: w.Origin.Address, UserAgent: w.Request.UserAgent(), Request: w.ID}
}

// Route is a row of the list of operations: what tests of roles and scopes go through, and whoever prints it.
type Route struct {
	ID, Method, Path         string
	Right                    directory.Right
	List, Open, Fresh, Human bool
}

// Routes lists every operation.
func Routes(cfg Config) []Route {
	a := newAPI(cfg, http.NewServeMux())
	return a.operations
}

// localID is the id of whoever may open the socket.
const localID = "local"

func isLocal(p directory.Principal) bool {
	return p.Actor.Kind == directory.ByOperator && p.Actor.ID == localID
}

// api is the operator API.
type api struct {
	Config
	huma       huma.API
	open       map[string]bool // by pattern
	operations []Route
	repeats    repeats
}

// call is one request on its way through the router, which only has a context to carry it.
type call struct {
	response *web.Response
	who      directory.Principal
	app      directory.Application // in the application API, which has no Principal
	err      error                 // what the handler returned, for the log
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// New makes the handler of everything under /api/.
func New(cfg Config) http.Handler {
	mux := http.NewServeMux()
	a := newAPI(cfg, mux)
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.err = &directory.Error{Code: directory.NotFound, Message: "there is no " + web.Method(r.Method) + " at this address; /api/v1/openapi.json lists what there is"}
		fail(c.response, c.err)
	})
	surface := &web.Surface{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Fail: fail}
	browsers := http.NewCrossOriginProtection() // nobody else's page may use a cookie of ours
	return surface.Handler(func(w *web.Response) error {
		if err := browsers.Check(w.Request); err != nil {
			return &directory.Error{Code: directory.Forbidden, Message: "this request comes from the page of another site", Err: err}
		}
		who, err := cfg.Gate(w)
		if err != nil {
			if _, pattern := mux.Handler(w.Request); !a.open[pattern] {
				return err
			}
			who = directory.Principal{Request: w.ID}
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Route = prefix // operations say it more exactly
		if who.Address == "" {
			who.Address = w.Origin.Address
		}
		c := &call{response: w, who: who}
		mux.ServeHTTP(w, w.Request.WithContext(context.WithValue(w.Request.Context(), callKey{}, c)))
		return c.err
	})
}

func newAPI(cfg Config, mux *http.ServeMux) *api {
	a := &api{Config: cfg, open: make(map[string]bool)}
	a.huma = humago.New(mux, a.description())
	a.routes()
	return a
}

// routes registers every operation.
func (a *api) routes() {
	a.statusRoutes()
	a.tenantRoutes()
	a.connectionRoutes()
	a.tokenRoutes()
	a.userRoutes()
	a.groupRoutes()
	a.feedRoutes()
	a.auditRoutes()
	a.journalRoutes()
	a.appKeyRoutes()
	a.mailRoutes()
	a.schemaRoutes()
	a.jobRoutes()
	a.billingRoutes()
	a.brakeRoutes()
	a.alertRoutes()
	a.idleRoutes()
	a.subscriptionRoutes()
	a.disconnectRoutes()
	a.handoverRoutes()
	a.operatorRoutes()
	a.sessionRoutes()
	a.accountRoutes()
	a.entryRoutes()
	a.peopleRoutes()
	a.invitationRoutes()
	a.importRoutes()
	a.oidcRoutes()
	a.backupRoutes()
	a.trimRoutes()
}
