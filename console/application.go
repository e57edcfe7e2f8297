package console

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// ApplicationConfig is what the application API stands on. Every field but Proxies, Limits and Metrics is required.
type ApplicationConfig struct {
	Bridge  *bridge.Service
	Record  *record.Service
	Version string
	// Stopping ends when the server does: whoever waits for events is answered then.
	Stopping context.Context //nolint:containedctx // it belongs to the server and not to a request

	Now     func() time.Time
	IDs     *web.RequestIDs
	Proxies web.Proxies
	Logger  *slog.Logger
	Limits  ApplicationLimits
	Metrics *ApplicationMetrics // nil: nothing is counted
}

// ApplicationLimits bound what applications may ask. The zero value has no bounds.
type ApplicationLimits struct {
	// Rate is how many requests a second one key may send for long, Burst how many at once before that applies.
	Rate  float64
	Burst int
	// FailureRate and FailureBurst are the same for wrong keys from one address.
	FailureRate  float64
	FailureBurst int
}

// ApplicationPrefix is where the application API lies.
const ApplicationPrefix = "/app/v1"

// mostWaiting is how many requests of one key may wait for events at once.
const mostWaiting = 16

// application is the API of the applications behind the bridge. What it can do is what routes registers: every operation but
// the report of activity reads, and each is bound to the tenant of the key.
type application struct {
	ApplicationConfig
	huma      huma.API
	waiting   *limit.Slots[directory.TokenID]
	keys      *limit.Limiter[directory.TokenID]
	strangers *limit.Limiter[netip.Prefix]
}

// NewApplication makes the handler of everything under /app/: the feed, the access check and the people of one tenant, for
// applications with a key of that tenant. Nothing is answered without a key.
func NewApplication(cfg ApplicationConfig) http.Handler {
	mux := http.NewServeMux()
	a := &application{
		ApplicationConfig: cfg,
		waiting:           limit.NewSlots[directory.TokenID](mostWaiting, math.MaxInt),
		keys:              limit.NewLimiter[directory.TokenID](limit.Rate{PerSecond: cfg.Limits.Rate, Burst: cfg.Limits.Burst}, 100_000),
		strangers:         limit.NewLimiter[netip.Prefix](limit.Rate{PerSecond: cfg.Limits.FailureRate, Burst: cfg.Limits.FailureBurst}, 10_000),
	}
	a.huma = humago.New(mux, a.description())
	a.routes()
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.err = &directory.Error{Code: directory.NotFound, Message: "there is no " + web.Method(r.Method) + " at this address; " + ApplicationPrefix + "/openapi.json lists what there is"}
		fail(c.response, c.err)
	})
	surface := &web.Surface{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Fail: fail, Done: cfg.Metrics.request}
	return surface.Handler(func(w *web.Response) error {
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
		if wait := a.keys.Take(app.Key, w.Started); wait > 0 {
			cfg.Metrics.throttle(app.Tenant)
			return &directory.Error{Code: directory.Throttled, RetryAfter: wait, Message: fmt.Sprintf(
				"this key sends more than %g requests a second: wait as long as Retry-After says, or ask an operator to raise limits.app_rate", cfg.Limits.Rate)}
		}
		c := &call{response: w, app: app}
		mux.ServeHTTP(w, w.Request.WithContext(context.WithValue(w.Request.Context(), callKey{}, c)))
		return c.err
	})
}

// authenticate reads the key: a bearer token in the header, never in the URL, which ends up in logs.
func (a *application) authenticate(w *web.Response) (directory.Application, error) {
	scheme, key, _ := strings.Cut(strings.TrimSpace(w.Request.Header.Get("Authorization")), " ")
	if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "Bearer") || key == "" {
		return directory.Application{}, &directory.Error{Code: directory.Unauthorized, Message: "an application key is missing: send it as Authorization: Bearer dba_…"}
	}
	return a.Record.AuthenticateApplication(w.Request.Context(), key, credential.Client{Address: w.Origin.Address, UserAgent: w.Request.UserAgent(), Request: w.ID})
}

// stranger counts a wrong key and gives the answer to it: refused, or 429 if there were too many.
func (a *application) stranger(w *web.Response, refused error) error {
	a.Metrics.authFailure()
	if wait := a.strangers.Take(limit.Network(w.Origin.Address), w.Started); wait > 0 {
		a.Metrics.throttle("")
		return &directory.Error{Code: directory.Throttled, RetryAfter: wait, Message: "too many wrong keys from this address"}
	}
	return refused
}

func (a *application) description() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[wire.Problem]())
	registry.RegisterTypeAlias(reflect.TypeFor[directory.Document](), reflect.TypeFor[object]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Drawbridge application API", Version: a.Version,
				Description: "For the application behind the bridge: the event feed of one tenant, the question whether a person may sign in now, and the people to begin " +
					"with. A key belongs to one tenant, reads, and reports who was active; an operator makes it with drawbridge appkey create.",
			},
			Components: &huma.Components{
				Schemas:         registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer", Description: "An application key, dba_…"}},
			},
			Security: []map[string][]string{{"key": {}}},
			Tags: []*huma.Tag{
				{Name: "feed", Description: "What happened, without a gap."},
				{Name: "people", Description: "Who there is, and who may sign in."},
			},
		},
		OpenAPIPath:                  ApplicationPrefix + "/openapi",
		Formats:                      map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{problems(registry)},
	}
}

// forApplication registers an operation. Its input names a tenant; whoever has a key of another one is told that there is none.
func forApplication[I, O any](a *application, op operation, fn func(ctx context.Context, app directory.Application, in *I) (*O, error)) {
	codes := append([]directory.Code{directory.Unauthorized, directory.NotFound, directory.Refused, directory.Invalid, directory.Throttled, directory.Unavailable, directory.Internal}, op.codes...)
	var statuses []int
	for _, code := range codes {
		if s := Status(code); !slices.Contains(statuses, s) {
			statuses = append(statuses, s)
		}
	}
	slices.Sort(statuses)
	huma.Register(a.huma, huma.Operation{
		OperationID: op.id, Method: op.method, Path: ApplicationPrefix + op.path, Tags: []string{op.tag}, Summary: op.summary, Description: op.about, Errors: statuses,
	}, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		c.response.Route, c.response.Operation = ApplicationPrefix+op.path, op.id
		named, ok := any(in).(inTenant)
		if !ok || named.tenant() != c.app.Tenant {
			return nil, c.fail(&directory.Error{Code: directory.NotFound, Message: "this key reads no such tenant"})
		}
		if err := checkTexts(in); err != nil {
			return nil, c.fail(err)
		}
		out, err := fn(ctx, c.app, in)
		if err != nil {
			return nil, c.fail(err)
		}
		return out, nil
	})
}

func (a *application) routes() {
	a.activityRoutes()
	type feedInput struct {
		TenantPath
		Cursor string `query:"cursor" maxLength:"200" doc:"next of the answer before, as it was. Missing: the oldest event that is kept. end: only what happens from now on."`
		Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Events at most."`
		Wait   int    `query:"wait" minimum:"0" maximum:"60" doc:"Seconds to wait for an event if there is none yet."`
	}
	type feedOutput struct{ Body wire.Feed }
	forApplication(a, operation{
		id: "read-events", method: http.MethodGet, path: "/tenants/{tenant}/events", tag: "feed", summary: "Read the events of the tenant",
		about: "Events are numbered without a gap, in the order in which they were committed, and are kept for 30 days at least (rule E2). Store next in the same " +
			"transaction as what the events did, and give it back as cursor. 410 says that the feed cannot go on from the cursor without a gap: take the cursor end, read all " +
			"people, then go on from it.",
		codes: []directory.Code{directory.Expired},
	}, func(ctx context.Context, app directory.Application, in *feedInput) (*feedOutput, error) {
		page, err := a.Record.Feed(ctx, app, in.Cursor, in.Limit)
		if err == nil && len(page.Events) == 0 && in.Wait > 0 {
			if err := a.wait(ctx, app, page.Next, in.Wait); err != nil {
				return nil, err
			}
			page, err = a.Record.Feed(ctx, app, page.Next.String(), in.Limit)
		}
		if err != nil {
			return nil, err
		}
		if page.Events == nil {
			page.Events = []directory.Event{}
		}
		return &feedOutput{wire.Feed{Items: page.Events, Next: page.Next.String(), Oldest: page.Oldest, Last: page.Last}}, nil
	})

	type accessInput struct {
		TenantPath
		Email string `query:"email" maxLength:"320" doc:"An address: looked up as userName first, then among the e-mail addresses."`
		ID    string `query:"id" maxLength:"36" doc:"The id of a user, instead of email."`
	}
	type accessOutput struct{ Body wire.Access }
	forApplication(a, operation{
		id: "check-access", method: http.MethodGet, path: "/tenants/{tenant}/access", tag: "people", summary: "Ask whether a person may sign in now",
		about: "Answers 200 for everybody, known or not, always with the same fields (rule E4). It reads the store and nothing else, so it can stand in a sign-in path.",
	}, func(ctx context.Context, app directory.Application, in *accessInput) (*accessOutput, error) {
		if (in.Email == "") == (in.ID == "") {
			return nil, &directory.Error{Code: directory.Invalid, Field: "email", Message: "ask with email or with id, one of them"}
		}
		var id directory.ID
		if in.ID != "" {
			var ok bool
			if id, ok = directory.ParseID(in.ID); !ok {
				return nil, &directory.Error{Code: directory.Invalid, Field: "id", Message: "not an id: 36 characters of a lower-case UUID are expected"}
			}
		}
		got, err := a.Record.Access(ctx, app, in.Email, id)
		if err != nil {
			return nil, err
		}
		return &accessOutput{a.accessView(got)}, nil
	})

	type peopleInput struct {
		TenantPath
		Cursor string `query:"cursor" maxLength:"100" doc:"next of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"People on a page."`
	}
	type peopleOutput struct {
		Body wire.Page[wire.Person]
	}
	forApplication(a, operation{
		id: "list-people", method: http.MethodGet, path: "/tenants/{tenant}/people", tag: "people", summary: "List the people of the tenant",
		about: "Those that the identity provider deleted are left out. Groups are those that count now, as in the access check.",
	}, func(ctx context.Context, app directory.Application, in *peopleInput) (*peopleOutput, error) {
		var after directory.ID
		if in.Cursor != "" {
			var ok bool
			if after, ok = directory.ParseID(in.Cursor); !ok {
				return nil, &directory.Error{Code: directory.Invalid, Field: "cursor", Message: "this is no cursor of this list; begin again without one"}
			}
		}
		people, more, err := a.Record.People(ctx, app, after, in.Limit)
		if err != nil {
			return nil, err
		}
		out := &peopleOutput{wire.Page[wire.Person]{Items: []wire.Person{}}}
		for i := range people {
			out.Body.Items = append(out.Body.Items, personView(&people[i]))
		}
		if more {
			out.Body.Next = people[len(people)-1].User.ID.String()
		}
		return out, nil
	})
}

// wait waits at most so many seconds for an event. That there was none, or that the server stops, is no failure.
func (a *application) wait(ctx context.Context, app directory.Application, at directory.Cursor, seconds int) error {
	if !a.waiting.Enter(app.Key) {
		return &directory.Error{Code: directory.Throttled, RetryAfter: time.Second, Message: "this key waits for events in too many requests at once: one request that waits is enough"}
	}
	defer a.waiting.Leave(app.Key)
	most := time.Duration(seconds) * time.Second
	callOf(ctx).response.Extend(a.Now().Add(most + time.Minute))
	waiting, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	if a.Stopping != nil {
		defer context.AfterFunc(a.Stopping, cancel)()
	}
	_ = a.Record.WaitFeed(waiting, app, at)
	return nil
}

func (a *application) accessView(got record.Access) wire.Access {
	out := wire.Access{Allowed: got.Allowed, State: got.State, Reason: got.Why, Groups: groupViews(got.Groups), At: a.Now().UTC()}
	if got.Known {
		out.UserID, out.UserName, out.Type = got.User.ID.String(), got.User.UserName, got.User.Type.String()
	}
	return out
}

func groupViews(groups []record.EffectiveGroup) []wire.EffectiveGroup {
	out := make([]wire.EffectiveGroup, 0, len(groups))
	for _, g := range groups {
		out = append(out, wire.EffectiveGroup{ID: g.ID.String(), DisplayName: g.Name, BuiltIn: string(g.BuiltIn), Indirect: g.Indirect})
	}
	return out
}

func personView(p *record.Person) wire.Person {
	u := &p.User
	return wire.Person{
		ID: u.ID.String(), Version: u.Version, Modified: u.Modified.UTC(), UserName: u.UserName, ExternalID: u.ExternalID,
		DisplayName: displayName(u.Document), Emails: append([]string{}, u.Emails...), Type: u.Type.String(), State: u.State.String(), Allowed: p.Allowed, Groups: groupViews(p.Groups),
	}
}
