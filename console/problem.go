package console

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/client"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Status is the HTTP status of a code: this API's table.
func Status(code directory.Code) int {
	switch code {
	case directory.NotFound:
		return http.StatusNotFound
	case directory.Conflict, directory.Refused:
		return http.StatusConflict
	case directory.Invalid:
		return http.StatusUnprocessableEntity
	case directory.Stale:
		return http.StatusPreconditionFailed
	case directory.Forbidden:
		return http.StatusForbidden
	case directory.Unauthorized:
		return http.StatusUnauthorized
	case directory.TooLarge:
		return http.StatusRequestEntityTooLarge
	case directory.Throttled:
		return http.StatusTooManyRequests
	case directory.Unavailable:
		return http.StatusServiceUnavailable
	case directory.Unsupported:
		return http.StatusNotImplemented
	case directory.Expired:
		return http.StatusGone
	case directory.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// codeOf is the reverse of Status, for failures that the router found.
func codeOf(status int) directory.Code {
	switch status {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return directory.Invalid
	case http.StatusConflict:
		return directory.Conflict
	case http.StatusRequestTimeout:
		return directory.Unavailable
	}
	for _, code := range directory.Codes() {
		if Status(code) == status {
			return code
		}
	}
	return directory.Internal
}

// problem is a client.Problem as the library wants errors.
type problem struct{ client.Problem }

func (p *problem) Error() string                { return p.Detail }
func (p *problem) GetStatus() int               { return p.Status }
func (p *problem) ContentType(_ string) string  { return "application/problem+json" }
func (p *problem) MarshalJSON() ([]byte, error) { return json.Marshal(p.Problem) }

// problemOf puts err into the words of this API. What is no directory.Error tells nothing.
func problemOf(err error, request string) *problem {
	var e *directory.Error
	if !errors.As(err, &e) || e.Code == directory.Internal {
		e = &directory.Error{Code: directory.Internal, Message: "an internal error; the log has more under the id of this request"}
	}
	p := &problem{newProblem(e.Code, Status(e.Code), e.Message, request)}
	p.Field, p.Rule, p.RetryAfter = e.Field, string(e.Rule), int(math.Ceil(e.RetryAfter.Seconds()))
	if e.Code == directory.Unavailable || e.Code == directory.Throttled {
		p.RetryAfter = max(p.RetryAfter, 1)
	}
	return p
}

func newProblem(code directory.Code, status int, detail, request string) client.Problem {
	return client.Problem{
		Type: "urn:drawbridge:problem:" + string(code), Title: http.StatusText(status), Status: status,
		Detail: detail, Code: string(code), Request: request,
	}
}

// problems turns the library's own errors (a body that is no JSON, a field that is unknown or out of range) into ours.
func problems(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &problem{newProblem(codeOf(m.Status), m.Status, m.Detail, "")}
	if c := callOf(ctx.Context()); c != nil {
		p.Request = c.exchange.ID
		if op := ctx.Operation(); op != nil {
			c.exchange.Route, c.exchange.Operation = op.Path, op.OperationID
		}
	}
	for _, d := range m.Errors {
		p.Errors = append(p.Errors, problemField(d))
	}
	switch len(p.Errors) {
	case 0:
	case 1:
		p.Field = p.Errors[0].Field
		p.Detail = sentence(p.Errors[0])
	default:
		p.Field = p.Errors[0].Field
		p.Detail = strconv.Itoa(len(p.Errors)) + " fields are wrong"
	}
	return p, nil
}

// problemField is what the library found, without the name of the place that everything is in; a field that is missing is
// named itself, not what it is missing from.
func problemField(d *huma.ErrorDetail) client.ProblemField {
	field := d.Location
	for _, place := range []string{"body", "query", "path", "header"} {
		if rest, ok := strings.CutPrefix(field, place); ok && (rest == "" || rest[0] == '.') {
			field = strings.TrimPrefix(rest, ".")
			break
		}
	}
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		if name, ok := strings.CutSuffix(rest, " to be present"); ok {
			return client.ProblemField{Field: strings.TrimPrefix(field+"."+name, "."), Message: name + " is required"}
		}
	}
	return client.ProblemField{Field: field, Message: d.Message}
}

func sentence(f client.ProblemField) string {
	if f.Message == "unexpected property" {
		return "there is no field " + f.Field + " here"
	}
	if f.Field == "" || strings.Contains(f.Message, f.Field) {
		return f.Message
	}
	return f.Field + ": " + f.Message
}

// fail writes an error that no operation returned.
func fail(x *web.Exchange, err error) {
	p := problemOf(err, x.ID)
	body, _ := json.Marshal(p) // it holds nothing that cannot be encoded
	x.Header().Set("Content-Type", p.ContentType(""))
	if p.RetryAfter > 0 {
		x.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	x.WriteHeader(p.Status)
	// A client that went away does not read the error either.
	_, _ = x.Write(append(body, '\n'))
}
