package console_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"drawbridge/console"
)

// contract holds what a handler answers to its OpenAPI document, and what it accepts: an answer with a status, a type or a
// body that the document does not have fails the test, and so does a success for a request that the document refuses.
// The document is read by a library that did not write it.
type contract struct {
	testing.TB
	handler http.Handler
	config  console.Config

	mu    sync.Mutex
	known map[string]bool // problems that were looked at already: operation, status and shape
}

// served has the operations of the document, without and with sign-in by OpenID Connect. All tests share it: nothing else in the
// configuration changes the document, and reading it takes longer than most tests.
var served = [2]func(console.Config) (routers.Router, error){onceRouter(), onceRouter()}

// onceRouter reads the document of the first configuration that it gets.
func onceRouter() func(console.Config) (routers.Router, error) {
	var once sync.Once
	var router routers.Router
	var err error
	return func(cfg console.Config) (routers.Router, error) {
		once.Do(func() {
			var doc *openapi3.T
			if doc, err = document(cfg); err == nil {
				router, err = legacy.NewRouter(doc)
			}
		})
		return router, err
	}
}

func contracted(t testing.TB, cfg console.Config) http.Handler {
	return &contract{TB: t, handler: console.New(cfg), config: cfg, known: map[string]bool{}}
}

const documentPath = "/api/v1/openapi.json"

// document reads the document that a handler serves.
func document(cfg console.Config) (*openapi3.T, error) {
	cfg.Authenticate = console.Local(cfg.Operators)
	rec := httptest.NewRecorder()
	console.New(cfg).ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), http.MethodGet, documentPath, http.NoBody))
	doc, err := openapi3.NewLoader().LoadFromData(rec.Body.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the OpenAPI document: %w", err)
	}
	return doc, nil
}

// document is the document for a test that may change it.
func (d *kit) document() *openapi3.T {
	d.Helper()
	doc, err := document(d.config)
	if err != nil {
		d.Fatal(err)
	}
	return doc
}

func (c *contract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := 0
	if c.config.OIDC != nil {
		kind = 1
	}
	router, err := served[kind](c.config)
	if err != nil {
		c.Fatal(err)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		c.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, r)
	c.look(router, r, sent, rec)
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()) // a recorder takes everything
}

func (c *contract) look(router routers.Router, r *http.Request, sent []byte, rec *httptest.ResponseRecorder) {
	if r.URL.Path == documentPath {
		return
	}
	what := fmt.Sprintf("%s %s: %d", r.Method, r.URL, rec.Code)
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(sent))
	route, params, err := router.FindRoute(again)
	if err != nil {
		if rec.Code != http.StatusNotFound {
			c.Errorf("%s, but the document has no such operation: %v", what, err)
		}
		return
	}
	if rec.Code >= 400 {
		shape := fmt.Sprint(route.Operation.OperationID, rec.Code, rec.Header().Get("Content-Type"), strings.Count(rec.Body.String(), `"`))
		c.mu.Lock()
		seen := c.known[shape]
		c.known[shape] = true
		c.mu.Unlock()
		if seen {
			return
		}
	}
	if route.Operation.RequestBody == nil && string(bytes.TrimSpace(sent)) == "{}" { // it documents no body, and is accepted
		again.Body, again.ContentLength = http.NoBody, 0
	}
	in := &openapi3filter.RequestValidationInput{
		Request: again, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, RejectWhenRequestBodyNotSpecified: true},
	}
	if rec.Code < 400 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			c.Errorf("%s, though the document refuses the request: %v\n%s", what, err, sent)
		}
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: rec.Code, Header: rec.Header(), Body: io.NopCloser(bytes.NewReader(rec.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		c.Errorf("%s is not what the document says: %v\n%s", what, err, rec.Body)
	}
}

// The document must be valid with its examples, and state for every operation what it does, which rule it enforces, and how it can fail.
func TestOpenAPIDocumentIsComplete(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	doc := d.document()
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Fatal(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("version %s", doc.OpenAPI)
	}
	tags := map[string]bool{}
	for _, tag := range doc.Tags {
		tags[tag.Name] = tag.Description != ""
	}
	ids := map[string]bool{}
	for _, r := range console.Routes(d.config) {
		op := doc.Paths.Value(r.Path).GetOperation(r.Method)
		if op == nil || op.OperationID != r.ID || ids[r.ID] {
			t.Errorf("%s is not in the document, or twice", r.ID)
			continue
		}
		ids[r.ID] = true
		if op.Summary == "" || strings.HasSuffix(op.Summary, ".") || len(op.Tags) != 1 || !tags[op.Tags[0]] {
			t.Errorf("%s: summary %q, tags %v", r.ID, op.Summary, op.Tags)
		}
		if !strings.Contains(op.Description, "rule ") || strings.HasPrefix(op.Description, "Needs the") || strings.HasPrefix(op.Description, "Open to") {
			t.Errorf("%s: the description says too little: %q", r.ID, op.Description)
		}
		if open := op.Security != nil && len(*op.Security) == 0; open != r.Open {
			t.Errorf("%s: open %v, and the document says %v", r.ID, r.Open, open)
		}
		wants := []int{401, 403, 422, 500, 503}
		if strings.Contains(r.Path, "{") {
			wants = append(wants, 404)
		}
		if op.RequestBody != nil {
			wants = append(wants, 400, 408, 413, 415)
		}
		for _, status := range wants {
			answer := op.Responses.Status(status)
			if answer == nil || answer.Value.Content.Get("application/problem+json").Schema.Ref != "#/components/schemas/Problem" {
				t.Errorf("%s: the answer %d is not described", r.ID, status)
			}
		}
		for _, p := range op.Parameters {
			if p.Value.Description == "" {
				t.Errorf("%s: the parameter %s is not described", r.ID, p.Value.Name)
			}
		}
	}
}
