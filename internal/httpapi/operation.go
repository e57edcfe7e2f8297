package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Limits of operations that set none.
const (
	maxBody = 1 << 20 // of a body, in bytes; schemas are the longest
)

// GzipType is the media type of a body that an operation reads or writes unchanged.
const GzipType = "application/gzip"

// PNGType is the media type of a picture.
const PNGType = "image/png"

// Operation is one row of an API.
type Operation struct {
	ID, Method, Path string
	Tag              string
	Summary          string
	About            string           // what the summary does not say
	Status           int              // of success; 0: 200, or 204 without a body in the output
	Codes            []directory.Code // of failures, in addition to those of every operation
	MaxBody          int64            // in bytes; 0: maxBody; at most web.StrangerBody if Open
	Open             bool             // needs no credential
	Upload           bool             // the body is of GzipType, and the handler reads it
	Repeatable       bool             // takes an Idempotency-Key
	// Repeat gives the answer to a create that was done before, from what it created. nil: the answer cannot be given again.
	Repeat  func(ctx context.Context, c *Call, made directory.Subject) (any, error)
	Handler Handler
}

// Handler is a function without the types of its input and output.
type Handler struct {
	in, out reflect.Type
	other   reflect.Type // of the body that it may return instead; nil: none
	run     func(ctx context.Context, c *Call, in any) (any, error)
}

// Other is an output that a Handler returns instead of its usual one, with the status 200. Its body has the type that OrElse named.
type Other struct{ Body any }

// OrElse gives a handler that first calls before. If before returns an Other, that is the answer, and h is not called. body is a value of
// the type of its Body.
func (h Handler) OrElse(body any, before func(ctx context.Context, c *Call, in any, run func() error) (*Other, error)) Handler {
	run := h.run
	h.other = reflect.TypeOf(body)
	h.run = func(ctx context.Context, c *Call, in any) (any, error) {
		other, err := before(ctx, c, in, func() error {
			_, err := run(ctx, c, in)
			return err
		})
		if err != nil {
			return nil, err
		}
		if other != nil {
			return other, nil
		}
		return run(ctx, c, in)
	}
	return h
}

// Handle makes a Handler of fn. The fields of the input I have the tags path, query, header or cookie, except Body, which is the JSON body.
// The fields of the output O have the tag header, except Status and Body.
func Handle[I, O any](fn func(ctx context.Context, c *Call, in *I) (*O, error)) Handler {
	return Handler{
		in: reflect.TypeFor[I](), out: reflect.TypeFor[O](),
		run: func(ctx context.Context, c *Call, in any) (any, error) {
			typed, _ := in.(*I)
			out, err := fn(ctx, c, typed)
			if err != nil || out == nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// endpoint is an operation with everything that is computed once.
type endpoint struct {
	*API
	Operation
	params     []param
	hasBody    bool
	bodySchema *huma.Schema
	needsBody  bool
	out        output
	documented *huma.Operation
}

// Register adds an operation.
func (a *API) Register(op Operation) {
	e := &endpoint{API: a, Operation: op, params: paramsOf(op.Handler.in), out: outputOf(op.Handler.out)}
	_, e.hasBody = op.Handler.in.FieldByName("Body")
	e.MaxBody = cmp.Or(op.MaxBody, maxBody)
	if op.Open {
		e.MaxBody = min(e.MaxBody, web.StrangerBody)
	}
	e.Status = cmp.Or(op.Status, e.out.usualStatus())
	e.document()
	pattern := op.Method + " " + a.cfg.Prefix + op.Path
	a.open[pattern] = op.Open
	a.mux.HandleFunc(pattern, e.serve)
}

// serve answers a request: parameters, admission, body, texts, the handler.
func (e *endpoint) serve(_ http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	c := CallOf(ctx)
	c.Response.Route, c.Response.Operation = e.cfg.Prefix+e.Path, e.ID
	in := reflect.New(e.Handler.in)
	if wrong := e.readParams(r, in.Elem()); len(wrong) > 0 {
		e.refuse(c, http.StatusUnprocessableEntity, wrong)
		return
	}
	c.endpoint, c.in = e, in.Interface()
	if err := e.admit(ctx, c, c.in); err != nil {
		e.fail(c, err)
		return
	}
	if !e.readBody(c, in.Elem()) {
		return
	}
	if c.bodyRead = true; e.hasBody {
		if err := e.admitBody(ctx, c); err != nil {
			e.fail(c, err)
			return
		}
	}
	if err := checkTexts(in.Elem()); err != nil {
		e.fail(c, err)
		return
	}
	out, err := e.run(ctx, c, in.Interface())
	if err == nil && c.waited {
		if err = c.crowded; err == nil {
			err = c.Readmit(ctx)
		}
	}
	if err != nil {
		e.fail(c, err)
		return
	}
	e.write(c, out)
}

// fail answers with the error of a handler. An error about a field names the rule from the description of the field.
func (e *endpoint) fail(c *Call, err error) {
	p := problemOf(err, c.Response.ID)
	if p.Code == string(directory.Invalid) && p.Rule == "" && p.Field != "" {
		p.Rule = e.ruleOf(p.Field)
	}
	c.fail(p, err)
}

// refuse answers a request whose fields are wrong.
func (e *endpoint) refuse(c *Call, status int, wrong []wire.ProblemField) {
	p := newProblem(codeOf(status), status, "", c.Response.ID)
	p.Field, p.Detail = wrong[0].Field, wrong[0].Message
	if len(wrong) > 1 {
		p.Detail = strconv.Itoa(len(wrong)) + " fields are wrong: " + p.Detail
	}
	p.Errors = wrong
	if p.Field != "" {
		p.Rule = e.ruleOf(p.Field)
	}
	c.fail(p, &directory.Error{Code: directory.Invalid, Field: p.Field, Message: p.Detail})
}

// ruleOf is the rule that the description of a field names, "" for none.
func (e *endpoint) ruleOf(field string) string {
	describes := ""
	for _, p := range e.documented.Parameters {
		if p.Name == field {
			describes = p.Description
		}
	}
	s := e.bodySchema
	for part := range strings.SplitSeq(field, ".") {
		s = e.resolve(s)
		name, _, item := strings.Cut(part, "[")
		if s == nil || s.Properties[name] == nil {
			break
		}
		s = s.Properties[name]
		describes = s.Description
		if item {
			s = s.Items
		}
	}
	_, rest, _ := strings.Cut(describes, "(rule ")
	rule, _, ok := strings.Cut(rest, ")")
	if !ok {
		return ""
	}
	return rule
}

func (a *API) resolve(s *huma.Schema) *huma.Schema {
	for s != nil && s.Ref != "" {
		s = a.doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// TenantPath is the tenant in a path.
type TenantPath struct {
	Tenant string `path:"tenant" maxLength:"40" doc:"The slug of the tenant." example:"acme"`
}

// TenantID is the tenant that an input names.
func (t TenantPath) TenantID() directory.TenantID { return directory.TenantID(t.Tenant) }
