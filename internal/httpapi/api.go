package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Config configures an API. All functions except Now may be nil.
type Config struct {
	Prefix string // of every path
	About  About
	Codes  []directory.Code // of failures of every operation
	Now    func() time.Time
	// Admit decides whether a call may continue. The input has the parameters of path, query and header; the body is not read yet.
	Admit func(ctx context.Context, c *Call, op *Operation, in any) error
	// AdmitBody decides again with the body in the input, if the decision depends on it.
	AdmitBody func(ctx context.Context, c *Call, op *Operation, in any) error
	// Stopping is done when the server stops. Waiting calls are then answered.
	Stopping context.Context //nolint:containedctx // it belongs to the server and not to a request
}

// About is the description of the whole API in the OpenAPI document.
type About struct {
	Title, Version, Description string
	Tags                        []Tag
	Schemes                     []Scheme
}

// Tag groups operations.
type Tag struct{ Name, Description string }

// Scheme is a way to send a credential: a cookie, or a bearer token if Cookie is "".
type Scheme struct{ Name, Cookie, Description string }

// API serves operations and their OpenAPI document.
type API struct {
	cfg     Config
	mux     *http.ServeMux
	doc     *huma.OpenAPI
	open    map[string]bool // patterns that need no credential
	answers answers
}

// New makes an API without operations.
func New(cfg Config) *API {
	a := &API{cfg: cfg, mux: http.NewServeMux(), doc: describe(cfg.About), open: make(map[string]bool), answers: newAnswers()}
	a.serveDocument()
	a.serveReference()
	a.mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		c := CallOf(r.Context())
		c.Fail(&directory.Error{Code: directory.NotFound, Message: "there is no " + web.Method(r.Method) + " at this address; " + cfg.Prefix + "/openapi.json lists what there is"})
	})
	return a
}

// describe begins the OpenAPI document.
func describe(about About) *huma.OpenAPI {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[directory.Document](), reflect.TypeFor[object]())
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: about.Title, Version: about.Version, Description: about.Description,
			License: &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"},
		},
		Servers:    []*huma.Server{{URL: "/", Description: "This server."}},
		Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{}, Responses: map[string]*huma.Response{}},
	}
	for _, tag := range about.Tags {
		doc.Tags = append(doc.Tags, &huma.Tag{Name: tag.Name, Description: tag.Description})
	}
	for _, s := range about.Schemes {
		scheme := &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: s.Description}
		if s.Cookie != "" {
			scheme = &huma.SecurityScheme{Type: "apiKey", In: "cookie", Name: s.Cookie, Description: s.Description}
		}
		doc.Components.SecuritySchemes[s.Name] = scheme
		doc.Security = append(doc.Security, map[string][]string{s.Name: {}})
	}
	return doc
}

// object is how a directory.Document looks in the OpenAPI document: any JSON object.
type object struct{}

// Schema describes any JSON object.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// serveDocument serves the OpenAPI document as JSON and YAML, in version 3.1 and for older tools in 3.0. It needs no credential: it is the
// same for every copy of the program and contains nothing of this installation. Each text is made once, at the first request: by then all
// operations are registered.
func (a *API) serveDocument() {
	for suffix, write := range map[string]func() ([]byte, error){
		".json": func() ([]byte, error) { return json.Marshal(a.doc) }, "-3.0.json": a.doc.Downgrade,
		".yaml": a.doc.YAML, "-3.0.yaml": a.doc.DowngradeYAML,
	} {
		pattern := "GET " + a.cfg.Prefix + "/openapi" + suffix
		a.open[pattern] = true
		write = sync.OnceValues(write)
		a.mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
			c := CallOf(r.Context())
			text, err := write()
			if err != nil {
				c.Fail(err)
				return
			}
			c.Response.Header().Set("Content-Type", "application/openapi+"+suffix[strings.LastIndexByte(suffix, '.')+1:])
			_, _ = c.Response.Write(text) // a client that has gone reads nothing
		})
	}
}

// IsOpen reports whether a request needs no credential: it is for the document, or for an operation without one.
func (a *API) IsOpen(r *http.Request) bool {
	_, pattern := a.mux.Handler(r)
	return a.open[pattern]
}

// Serve answers a call. The error has been answered already; it is for the log.
func (a *API) Serve(c *Call) error {
	c.api = a
	w := c.Response
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Route = a.cfg.Prefix // operations say it more exactly
	a.mux.ServeHTTP(w, w.Request.WithContext(context.WithValue(w.Request.Context(), callKey{}, c)))
	return c.err
}

// Call is a request to an API.
type Call struct {
	Response *web.Response
	Who      any                   // the caller, in the form that the handlers of the API take
	Caller   string                // the caller, as a name that tells callers apart
	Repeat   directory.Idempotency // identifies a repeated request to the bridge, if it has an Idempotency-Key
	// Again authenticates the caller again, and gives what Who was; nil: the caller cannot change while the call is answered.
	Again func() (any, error)

	err      error
	api      *API
	endpoint *endpoint
	in       any
	admitted time.Time
	bodyRead bool  // in is complete
	waited   bool  // the handler has waited for something
	crowded  error // the place among the running requests could not be taken again
}

type callKey struct{}

// CallOf is the call that a handler answers.
func CallOf(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Note notes an error for the log that the answer does not show.
func (c *Call) Note(err error) { c.err = err }

// Fail answers with an error.
func (c *Call) Fail(err error) { c.fail(problemOf(err, c.Response.ID), err) }

func (c *Call) fail(p wire.Problem, err error) {
	c.err = err
	writeProblem(c.Response, p)
}
