package httpapi

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

// Status is the HTTP status of a code.
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

// codeOf is the reverse of Status.
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

// problemOf translates err for these APIs. It shows no details of an error that is not a directory.Error.
func problemOf(err error, request string) wire.Problem {
	var e *directory.Error
	if !errors.As(err, &e) || e.Code == directory.Internal {
		e = &directory.Error{Code: directory.Internal, Message: "an internal error; the log has more under the id of this request"}
	}
	p := newProblem(e.Code, Status(e.Code), e.Message, request)
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

// Fail answers a request that no operation has answered with an error. It is the Fail of a web.Surface.
func Fail(w *web.Response, err error) { writeProblem(w, problemOf(err, w.ID)) }

func writeProblem(w *web.Response, p wire.Problem) {
	body, _ := json.Marshal(p) // it contains nothing that cannot be encoded
	w.Header().Set("Content-Type", problemType)
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // a client that has gone reads nothing
}

// problemField turns a finding of the validator into the caller's words: without the place (body, query) before each name, and with the
// name of a missing field, not of the object that lacks it.
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
	return wire.ProblemField{Field: field, Message: problemText(name, d.Message, d.Value)}
}

// problemText says what is wrong with a field. It repeats what the client sent only where that cannot be a secret.
func problemText(field, found string, value any) string {
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
		{"expected at most one value", "may occur only once"},
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

// form is a pattern in words.
func form(pattern string) string {
	switch {
	case strings.HasPrefix(pattern, "^[a-z0-9]("):
		return "made of a-z, 0-9 and hyphens, with a letter or a digit at either end"
	case strings.HasPrefix(pattern, "^[0-9a-f]{"):
		return "made of hexadecimal digits, " + strings.Trim(strings.TrimPrefix(pattern, "^[0-9a-f]"), "{}$") + " of them"
	case strings.HasPrefix(pattern, "^[1-5]("):
		return "an HTTP status such as 409, or a class such as 4xx"
	case strings.HasPrefix(pattern, "^(idp|"):
		return "idp, operator, policy or system, or several of them with commas between"
	}
	return "of the form that its description says"
}
