package application

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// Config holds what the API needs. Every field but Proxies, Limits and Metrics is required.
type Config struct {
	Bridge  *bridge.Service
	Record  *record.Service
	Version string
	// Stopping is done when the server stops. Requests that wait for events are then answered.
	Stopping context.Context //nolint:containedctx // it belongs to the server and not to a request

	Now     func() time.Time
	IDs     *web.RequestIDs
	Proxies web.Proxies
	Guard   *web.Guard // what all surfaces of the process share; nil: nothing is bounded
	Logger  *slog.Logger
	Limits  Limits
	Share   *limit.Share // the store in which several servers count the rates of Limits together; nil: this server counts alone
	Metrics *Metrics     // nil: nothing is counted
}

// Limits bound what applications may ask. The zero value has no bounds.
type Limits struct {
	// Rate is how many requests a second one key may send over time, Burst how many at once.
	Rate  float64
	Burst int
	// FailureRate and FailureBurst are the same for wrong keys from one address.
	FailureRate  float64
	FailureBurst int
}

// Prefix of every path of the API.
const Prefix = "/app/v1"

const (
	mostWaiting   = 16 // requests of one key that wait for events at once
	mostKeys      = 100_000
	mostStrangers = 10_000
)

// api is the application API.
type api struct {
	Config
	http      *httpapi.API
	waiting   *limit.Slots[directory.TokenID]
	keys      *limit.Limiter[directory.TokenID]
	strangers *limit.Limiter[netip.Prefix]
}

// New makes the handler of everything under /app/. Nothing but the OpenAPI document is answered without a key.
func New(cfg Config) http.Handler {
	a := &api{
		Config:    cfg,
		waiting:   limit.NewSlots[directory.TokenID](mostWaiting, math.MaxInt),
		keys:      limit.NewLimiter[directory.TokenID](limit.Rate{PerSecond: cfg.Limits.Rate, Burst: cfg.Limits.Burst, Share: cfg.Share}, mostKeys),
		strangers: limit.NewLimiter[netip.Prefix](limit.Rate{PerSecond: cfg.Limits.FailureRate, Burst: cfg.Limits.FailureBurst, Share: cfg.Share}, mostStrangers),
	}
	a.http = httpapi.New(httpapi.Config{
		Prefix: Prefix, About: about(cfg.Version), Now: cfg.Now, Stopping: cfg.Stopping, Admit: a.admit,
		Codes: []directory.Code{directory.Unauthorized, directory.NotFound, directory.Refused, directory.Invalid, directory.Throttled, directory.Unavailable, directory.Internal},
	})
	for _, op := range a.operations() {
		a.http.Register(op)
	}
	surface := &web.Surface{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Guard: cfg.Guard, Fail: httpapi.Fail, Done: cfg.Metrics.request}
	return surface.Handler(a.serve)
}

func (a *api) serve(w *web.Response) error {
	if a.http.IsOpen(w.Request) {
		if err := w.Stranger(); err != nil {
			return err
		}
		return a.http.Serve(&httpapi.Call{Response: w})
	}
	w.Header().Set("Cache-Control", "no-store")
	app, err := a.authenticate(w)
	if err != nil {
		if directory.CodeOf(err) == directory.Unauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="drawbridge"`)
			return a.stranger(w, err)
		}
		return err
	}
	w.Tenant = string(app.Tenant)
	if err := w.Owner("key " + string(app.Key)); err != nil {
		return err
	}
	if wait := a.keys.Take(app.Key, w.Started); wait > 0 {
		a.Metrics.throttle(app.Tenant)
		return &directory.Error{Code: directory.Throttled, RetryAfter: wait, Message: fmt.Sprintf(
			"this key sends more than %g requests a second: wait as long as Retry-After says, or ask an operator to raise limits.app_rate", a.Limits.Rate)}
	}
	again := func() (any, error) { return a.authenticate(w) }
	return a.http.Serve(&httpapi.Call{Response: w, Who: app, Caller: string(app.Key), Again: again})
}

// authenticate reads the key. It is a bearer token in the header, never a part of the URL, because URLs end up in logs.
func (a *api) authenticate(w *web.Response) (directory.Application, error) {
	scheme, key, _ := strings.Cut(strings.TrimSpace(w.Request.Header.Get("Authorization")), " ")
	if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "Bearer") || key == "" {
		return directory.Application{}, &directory.Error{Code: directory.Unauthorized, Message: "an application key is missing: send it as Authorization: Bearer dba_…"}
	}
	return a.Record.AuthenticateApplication(w.Request.Context(), key, credential.Client{Address: w.Origin.Address, UserAgent: w.Request.UserAgent(), Request: w.ID})
}

// stranger counts a wrong key. It gives the error to answer with: refused, or Throttled after too many wrong keys.
func (a *api) stranger(w *web.Response, refused error) error {
	a.Metrics.authFailure()
	if wait := a.strangers.Take(limit.Network(w.Origin.Address), w.Started); wait > 0 {
		a.Metrics.throttle("")
		w.Late(wait)
		return &directory.Error{Code: directory.Throttled, RetryAfter: wait, Message: "too many wrong keys from this address"}
	}
	return refused
}

// admit refuses a call for another tenant than that of the key, as if there were no such tenant.
func (a *api) admit(_ context.Context, c *httpapi.Call, _ *httpapi.Operation, in any) error {
	app, ok := c.Who.(directory.Application)
	named, names := in.(interface{ TenantID() directory.TenantID })
	if !ok || !names || named.TenantID() != app.Tenant {
		return &directory.Error{Code: directory.NotFound, Message: "this key reads no such tenant"}
	}
	return nil
}

// handle makes the handler of an operation. fn gets the application that asks as an argument.
func handle[I, O any](fn func(ctx context.Context, app directory.Application, in *I) (*O, error)) httpapi.Handler {
	return httpapi.Handle(func(ctx context.Context, c *httpapi.Call, in *I) (*O, error) {
		app, _ := c.Who.(directory.Application)
		return fn(ctx, app, in)
	})
}

func about(version string) httpapi.About {
	return httpapi.About{
		Title: "Drawbridge application API", Version: version,
		Description: "For the downstream application: the event feed of one tenant, the question whether a person may sign in now, and the people to begin " +
			"with. A key belongs to one tenant, reads, and reports who was active; an operator makes it with drawbridge appkey create.",
		Schemes: []httpapi.Scheme{{Name: "key", Description: "An application key, dba_…"}},
		Tags: []httpapi.Tag{
			{Name: "feed", Description: "What happened, without a gap."},
			{Name: "people", Description: "Who there is, and who may sign in."},
		},
	}
}
