package console

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"drawbridge/bridge"
	"drawbridge/console/client"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Config is what the operator API stands on. Every field but Proxies is required.
type Config struct {
	Bridge  *bridge.Service
	Gate    Gate
	Allow   Allow
	Plans   []directory.Plan
	Version string
	// BaseURL is how identity providers reach the server, without a path. It is asked for with every answer, since a
	// server on a free port learns it late.
	BaseURL func() string
	// Status is what the server says about itself; Tenants is filled in here.
	Status func() client.Status
	// Setup says where in the console of an identity provider a connection is configured.
	Setup func(directory.ConnectionType) client.Setup
	// Backups makes copies of the store and looks at them.
	Backups Backups
	// CheckSchemas says what is wrong with the schemas that a tenant is to have.
	CheckSchemas func([]directory.CustomSchema) error
	Jobs         Jobs // the clock

	Now     func() time.Time
	IDs     *web.IDs
	Proxies web.Proxies
	Logger  *slog.Logger
}

// Backups makes verified copies of the store. One work at a time: Conflict while another one is under way.
type Backups interface {
	// Backup writes one to a file or folder of the server's disk, or to the configured folder if to is "".
	Backup(ctx context.Context, to string) (client.Backup, error)
	// Check looks at every page and record of a copy that it throws away.
	Check(ctx context.Context) (client.CheckReport, error)
	// List gives the copies in the configured folder.
	List(ctx context.Context) (client.Backups, error)
}

// Gate finds out who asks. Its error is Unauthorized.
type Gate func(x *web.Exchange) (directory.Principal, error)

// Allow says whether whoever asks may do an operation, named by its operationId, on a tenant ("" for the installation). It
// is the one place where roles and scopes are asked. Its error is Forbidden, or NotFound for a tenant that whoever asks
// must not know of.
type Allow func(p directory.Principal, operation string, tenant directory.TenantID) error

// Local is the Gate of a unix socket: whoever may open the file acts as the local operator.
func Local(b *bridge.Service) Gate {
	return func(x *web.Exchange) (directory.Principal, error) {
		return b.Operator(localID, "", x.ID), nil
	}
}

// localID is the id of whoever may open the socket.
const localID = "local"

func isLocal(p directory.Principal) bool {
	return p.Actor.Kind == directory.ByOperator && p.Actor.ID == localID
}

// Everything allows all operations, which is right for the local operator.
func Everything(directory.Principal, string, directory.TenantID) error { return nil }

// api is the operator API.
type api struct {
	Config
	huma huma.API
}

// call is one request on its way through the router, which only has a context to carry it.
type call struct {
	exchange *web.Exchange
	who      directory.Principal
	app      bridge.Application // in the application API, which has no Principal
	err      error              // what the handler returned, for the log
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// New makes the handler of everything under /api/.
func New(cfg Config) http.Handler {
	mux := http.NewServeMux()
	a := &api{Config: cfg}
	a.huma = humago.New(mux, a.description())
	a.routes()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.err = &directory.Error{Code: directory.NotFound, Message: "there is no " + web.Method(r.Method) + " at this address; /api/v1/openapi.json lists what there is"}
		fail(c.exchange, c.err)
	})
	face := &web.Face{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Fail: fail}
	return face.Handler(func(x *web.Exchange) error {
		who, err := cfg.Gate(x)
		if err != nil {
			return err
		}
		x.Route = prefix // operations say it more exactly
		if who.Address == "" {
			who.Address = x.Origin.Address
		}
		c := &call{exchange: x, who: who}
		mux.ServeHTTP(x, x.Request.WithContext(context.WithValue(x.Request.Context(), callKey{}, c)))
		return c.err
	})
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
	a.appKeyRoutes()
	a.mailRoutes()
	a.schemaRoutes()
	a.jobRoutes()
	a.billingRoutes()
	a.brakeRoutes()
	a.backupRoutes()
	a.trimRoutes()
}
