package console

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/wire"
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

// problem is a wire.Problem as the library wants errors.
type problem struct{ wire.Problem }

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

func newProblem(code directory.Code, status int, detail, request string) wire.Problem {
	return wire.Problem{
		Type: "urn:drawbridge:problem:" + string(code), Title: http.StatusText(status), Status: status,
		Detail: detail, Code: string(code), Request: request,
	}
}

// problems turns the library's own errors (a body that is no JSON, a field that is unknown or out of range) into ours.
func problems(registry huma.Registry) huma.Transformer {
	return func(ctx huma.Context, _ string, v any) (any, error) {
		m, ok := v.(*huma.ErrorModel)
		if !ok {
			return v, nil
		}
		p := &problem{newProblem(codeOf(m.Status), m.Status, m.Detail, "")}
		op := ctx.Operation()
		if c := callOf(ctx.Context()); c != nil {
			p.Request = c.response.ID
			if op != nil {
				c.response.Route, c.response.Operation = op.Path, op.OperationID
			}
		}
		for _, d := range m.Errors {
			p.Errors = append(p.Errors, problemField(d))
		}
		switch len(p.Errors) {
		case 0:
			p.Detail = frame(m.Status, m.Detail, op)
		case 1:
			p.Field, p.Detail = p.Errors[0].Field, p.Errors[0].Message
		default:
			p.Field = p.Errors[0].Field
			p.Detail = strconv.Itoa(len(p.Errors)) + " fields are wrong: " + p.Errors[0].Message
		}
		if op != nil && p.Field != "" {
			p.Rule = ruleOf(registry, op, p.Field)
		}
		return p, nil
	}
}

// frame is the sentence for a request that the library did not read to its fields.
func frame(status int, detail string, op *huma.Operation) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		most := int64(maxBody)
		if op != nil {
			most = op.MaxBodyBytes
		}
		return "the body of the request is longer than " + strconv.FormatInt(most, 10) + " bytes"
	case http.StatusRequestTimeout:
		return "the body of the request did not arrive in time"
	case http.StatusUnsupportedMediaType:
		return "the body of the request is not JSON: send it with Content-Type: application/json"
	}
	return strings.Replace(detail, "request body is required", "this wants a body: a JSON object", 1)
}

// problemField is what the library found, in the words of whoever called: without the name of the place that everything is
// in, and a field that is missing is named itself, not what it is missing from.
func problemField(d *huma.ErrorDetail) wire.ProblemField {
	field, query := d.Location, false
	for _, place := range []string{"body", "query", "path", "header"} {
		if rest, ok := strings.CutPrefix(field, place); ok && (rest == "" || rest[0] == '.') {
			field, query = strings.TrimPrefix(rest, "."), place == "query"
			break
		}
	}
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		if name, ok := strings.CutSuffix(rest, " to be present"); ok {
			field = strings.TrimPrefix(field+"."+name, ".")
			return wire.ProblemField{Field: field, Message: field + " is required"}
		}
	}
	switch {
	case d.Message == "unknown query parameter" || d.Message == "unexpected property" && query:
		return wire.ProblemField{Field: field, Message: "there is no query parameter " + field + " here"}
	case d.Message == "unexpected property":
		return wire.ProblemField{Field: field, Message: "there is no field " + field + " here"}
	}
	name := field
	if name == "" {
		name = "the body"
	}
	return wire.ProblemField{Field: field, Message: sentence(name, d.Message, d.Value)}
}

// sentence says what is wrong with a field. What a client sent is repeated only where it can be no secret.
func sentence(field, found string, value any) string {
	text, isText := value.(string)
	if pattern, ok := strings.CutPrefix(found, "expected string to match pattern "); ok {
		return field + " must be " + form(pattern)
	}
	for _, s := range []struct{ found, says string }{
		{"expected string to be RFC 3339 date-time", "must be a time such as 2026-03-01T12:00:00Z"},
		{"expected string to be ", "must be "},
		{"expected value to be one of ", "must be one of "},
		{"expected number >= ", "must be at least "},
		{"expected number <= ", "must be at most "},
		{"expected array length >= ", "needs more entries, at least "},
		{"expected array length <= ", "has too many entries; it may have "},
		{"expected string", "must be a text, in quotes"},
		{"expected integer", "must be a whole number"},
		{"expected number", "must be a number"},
		{"expected boolean", "must be true or false"},
		{"expected array", "must be a list, in brackets"},
		{"expected object", "must be an object, in braces"},
		{"invalid integer", "must be a whole number"},
		{"invalid float", "must be a number"},
		{"invalid boolean", "must be true or false"},
		{"invalid date/time", "must be a time such as 2026-03-01T12:00:00Z"},
		{"expected at most one value", "may stand once only"},
		{"required ", "is required"},
		{"json: cannot unmarshal", "must be a whole number, written in digits alone"},
	} {
		rest, ok := strings.CutPrefix(found, s.found)
		if !ok {
			continue
		}
		if !strings.HasSuffix(s.says, " ") {
			return field + " " + s.says
		}
		rest = strings.Trim(rest, `"`)
		if strings.HasPrefix(s.found, "expected value to be one of") {
			rest = strings.TrimSuffix(rest, ", ")
			if isText {
				rest += ", not " + strconv.Quote(text)
			}
		}
		return field + " " + s.says + rest
	}
	if least, ok := strings.CutPrefix(found, "expected length >= "); ok {
		if isText && text == "" {
			return field + " must not be empty"
		}
		return field + " must have at least " + least + " characters"
	}
	if most, ok := strings.CutPrefix(found, "expected length <= "); ok {
		return field + " is too long: it may have " + most + " characters"
	}
	return field + ": " + found
}

// form is a pattern in words: nobody reads regular expressions in an error.
func form(pattern string) string {
	switch {
	case strings.HasPrefix(pattern, "^[a-z0-9]("):
		return "made of a-z, 0-9 and hyphens, with a letter or a digit at either end"
	case strings.HasPrefix(pattern, "^[0-9a-f]{"):
		return "made of hexadecimal digits, " + strings.Trim(strings.TrimPrefix(pattern, "^[0-9a-f]"), "{}$") + " of them"
	case strings.HasPrefix(pattern, "^(idp|"):
		return "idp, operator, policy or system, or several of them with commas between"
	}
	return "of the form that its description says"
}

// ruleOf is the rule that the description of a field names, "" for none.
func ruleOf(registry huma.Registry, op *huma.Operation, field string) string {
	describes := ""
	for _, p := range op.Parameters {
		if p.Name == field {
			describes = p.Description
		}
	}
	if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
		s := op.RequestBody.Content["application/json"].Schema
		for part := range strings.SplitSeq(field, ".") {
			for s != nil && s.Ref != "" {
				s = registry.SchemaFromRef(s.Ref)
			}
			if name, _, item := strings.Cut(part, "["); s != nil {
				if s = s.Properties[name]; s != nil && item {
					describes, s = s.Description, s.Items
					continue
				}
			}
			if s != nil {
				describes = s.Description
			}
		}
	}
	_, rest, _ := strings.Cut(describes, "(rule ")
	rule, _, ok := strings.Cut(rest, ")")
	if !ok {
		return ""
	}
	return rule
}

// fail writes an error that no operation returned.
func fail(w *web.Response, err error) {
	p := problemOf(err, w.ID)
	body, _ := json.Marshal(p) // it holds nothing that cannot be encoded
	w.Header().Set("Content-Type", p.ContentType(""))
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	// A client that went away does not read the error either.
	_, _ = w.Write(append(body, '\n'))
}
