package httpapi

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

// document writes an operation into the OpenAPI document, and keeps the parts that reading requests needs.
func (e *endpoint) document() {
	op := &huma.Operation{
		OperationID: e.ID, Method: e.Method, Path: e.cfg.Prefix + e.Path, Tags: []string{e.Tag}, Summary: e.Summary, Description: e.About,
		DefaultStatus: e.Status, MaxBodyBytes: e.MaxBody, Responses: map[string]*huma.Response{},
	}
	if e.Open {
		op.Security = []map[string][]string{}
	}
	e.documentParams(op)
	e.documentBody(op)
	e.documentSuccess(op)
	e.documentFailures(op)
	e.documented = op
	e.doc.AddOperation(op)
}

func (e *endpoint) documentParams(op *huma.Operation) {
	registry := e.doc.Components.Schemas
	if e.Repeatable {
		most := maxIdempotencyKey
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: IdempotencyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most},
			Description: "A name for this request, at most a day old: it is done once, however often it is sent, across restarts, too. A repeat gets the first answer again, or 409 with what was made where that answer had a secret which was shown already; the key of another request is 409.",
		})
	}
	separate := false
	for i := range e.params {
		p := &e.params[i]
		p.schema = huma.SchemaFromField(registry, p.field, "")
		bound(registry, p.schema, map[*huma.Schema]bool{})
		documented := &huma.Param{Name: p.name, Description: p.schema.Description, In: p.in, Required: p.in == "path", Schema: p.schema}
		if p.in == "query" {
			documented.Explode = &separate
		}
		op.Parameters = append(op.Parameters, documented)
	}
}

func (e *endpoint) documentBody(op *huma.Operation) {
	if e.Upload {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{GzipType: {Schema: binary()}}}
		return
	}
	body, ok := e.Handler.in.FieldByName("Body")
	if !ok {
		return
	}
	registry := e.doc.Components.Schemas
	e.bodySchema = huma.SchemaFromField(registry, body, e.Handler.in.Name()+"Body")
	bound(registry, e.bodySchema, map[*huma.Schema]bool{})
	e.needsBody = len(e.resolve(e.bodySchema).Required) > 0 // a body without required fields may be missing
	op.RequestBody = &huma.RequestBody{Required: e.needsBody, Content: map[string]*huma.MediaType{jsonType: {Schema: e.bodySchema}}}
}

func (e *endpoint) documentSuccess(op *huma.Operation) {
	answer := &huma.Response{Description: http.StatusText(e.Status)}
	op.Responses[strconv.Itoa(e.Status)] = answer
	switch {
	case e.Handler.out == reflect.TypeFor[Stream]():
		answer.Description, answer.Content = e.Summary, map[string]*huma.MediaType{streamType(e.Path): {Schema: binary()}}
	case e.Handler.out == reflect.TypeFor[File]():
		answer.Description, answer.Content = e.Summary, map[string]*huma.MediaType{fileType(e.Path): {Schema: &huma.Schema{Type: huma.TypeString}}}
	case e.Handler.out == reflect.TypeFor[Picture]():
		answer.Description, answer.Content = e.Summary, map[string]*huma.MediaType{PNGType: {Schema: binary()}}
	case e.out.hasBody:
		body, _ := e.Handler.out.FieldByName("Body")
		answer.Content = map[string]*huma.MediaType{jsonType: {Schema: huma.SchemaFromField(e.doc.Components.Schemas, body, e.ID+"Response")}}
	}
	if e.Handler.other != nil {
		e.documentOther(op, answer)
	}
	if e.out.hasStatus && e.out.hasBody { // a browser gets a redirect instead
		op.Responses[strconv.Itoa(http.StatusSeeOther)] = &huma.Response{
			Description: http.StatusText(http.StatusSeeOther), Headers: map[string]*huma.Param{"Location": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}
	}
	for _, h := range e.out.headers {
		if h.name == "Content-Type" {
			continue
		}
		if answer.Headers == nil {
			answer.Headers = map[string]*huma.Param{}
		}
		answer.Headers[h.name] = &huma.Param{Schema: huma.SchemaFromField(e.doc.Components.Schemas, h.field, "")}
	}
}

// documentOther adds the body that the handler may return instead of its usual one.
func (e *endpoint) documentOther(op *huma.Operation, answer *huma.Response) {
	other := e.doc.Components.Schemas.Schema(e.Handler.other, true, "")
	if e.Status != http.StatusOK {
		op.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{
			Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{jsonType: {Schema: other}},
		}
		return
	}
	usual := answer.Content[jsonType].Schema
	answer.Content[jsonType].Schema = &huma.Schema{OneOf: []*huma.Schema{usual, other}}
}

// documentFailures refers to the answers that all operations share.
func (e *endpoint) documentFailures(op *huma.Operation) {
	shared := e.doc.Components.Responses
	for _, status := range e.statuses() {
		name := "Problem" + strconv.Itoa(status)
		if shared[name] == nil {
			problem := e.doc.Components.Schemas.Schema(reflect.TypeFor[wire.Problem](), true, "")
			shared[name] = &huma.Response{Description: meaning(status), Content: map[string]*huma.MediaType{problemType: {Schema: problem}}}
			if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
				shared[name].Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds.", Schema: &huma.Schema{Type: huma.TypeInteger}}}
			}
		}
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + name}
	}
}

func binary() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

// streamType is the media type of a Stream.
func streamType(path string) string {
	switch {
	case strings.HasSuffix(path, ".csv"):
		return "text/csv"
	case strings.HasSuffix(path, ".jsonl"):
		return "application/jsonl"
	}
	return GzipType
}

// fileType is the media type of a File.
func fileType(path string) string {
	if strings.HasSuffix(path, ".csv") {
		return "text/csv"
	}
	return "application/octet-stream"
}

// statuses are those of the failures of an operation.
func (e *endpoint) statuses() []int {
	codes := slices.Concat(e.cfg.Codes, e.Codes)
	if strings.Contains(e.Path, "{") {
		codes = append(codes, directory.NotFound)
	}
	if e.Repeatable {
		codes = append(codes, directory.Conflict, directory.Throttled)
	}
	if slices.ContainsFunc(e.params, func(p param) bool { return p.name == "If-Match" }) {
		codes = append(codes, directory.Stale)
	}
	var statuses []int
	for _, code := range codes {
		statuses = append(statuses, Status(code))
	}
	if e.hasBody || e.Upload {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(statuses)
	return slices.Compact(statuses)
}

// meaning is the description of the status of a failure in these APIs.
func meaning(status int) string {
	return map[int]string{
		400: "The body is not JSON, or has a name twice.",
		401: "There is no credential, or it is refused (rule O9).",
		403: "The role lacks the right (rule O1), or a proof or a second factor is missing (rules O6 and O9).",
		404: "There is no such thing, or it is outside what the credential may see, which looks the same (rule O2).",
		408: "The body did not arrive in time.",
		409: "It exists already, or a rule refuses it; rule names the rule, and detail says what to do.",
		410: "It is no longer kept.",
		412: "It was changed since it was read: read it again and decide again.",
		413: "The body is too large.",
		415: "The body is not application/json.",
		422: "A field is missing, unknown, or wrong; field names it.",
		429: "Too many requests; Retry-After says how long to wait.",
		500: "A fault of the server; its log has more under the id in request.",
		501: "The server is not configured for it.",
		503: "Not now; Retry-After says when to try again. Nothing was done.",
	}[status]
}
