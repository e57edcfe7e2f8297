package scim

import (
	"errors"
	"strconv"

	scimerrors "github.com/elimity-com/scim/errors"

	"drawbridge/directory"
)

// Limit names a limit of the configuration, for the metric that counts how often it is reached.
type Limit string

// The values of Limit.
const (
	LimitBody            Limit = "body_bytes"
	LimitDepth           Limit = "json_depth"
	LimitValues          Limit = "json_values"
	LimitNames           Limit = "json_names"
	LimitUserValues      Limit = "user_values"
	LimitMemory          Limit = "memory_bytes"
	LimitFilterBytes     Limit = "filter_bytes"
	LimitFilterDepth     Limit = "filter_depth"
	LimitFilterTerms     Limit = "filter_terms"
	LimitPatchOperations Limit = "patch_operations"
	LimitPatchWork       Limit = "patch_work"
	LimitBulkOperations  Limit = "bulk_operations"
	LimitAnswer          Limit = "answer_bytes"
	LimitHeader          Limit = "header_bytes"
	LimitBodyTime        Limit = "body_timeout"
)

// At gives the error with the limit that it is about.
func (e *Error) At(limit Limit) *Error {
	e.Limit = limit
	return e
}

// ErrorSchema is the URN of an error body (RFC 7644 §3.12).
const ErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"

// Error is a failure in terms of the protocol: an HTTP status, a scimType where RFC 7644 §3.12 has one, and a detail
// that is safe to show.
type Error struct {
	Status     int
	Type       string // scimType: "invalidFilter", "uniqueness", …; "" if none applies
	Detail     string
	RetryAfter int   // seconds; 0: no header
	Limit      Limit // the limit of the configuration that was reached; "": none
	Err        error // the cause, for the log only
}

func (e *Error) Error() string {
	text := strconv.Itoa(e.Status)
	if e.Type != "" {
		text += " " + e.Type
	}
	text += ": " + e.Detail
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// standard is an error of the library's table with our own detail; an empty detail keeps the library's.
func standard(base scimerrors.ScimError, detail string) *Error {
	if detail == "" {
		detail = base.Detail
	}
	return &Error{Status: base.Status, Type: string(base.ScimType), Detail: detail}
}

// InvalidFilter is 400 invalidFilter.
func InvalidFilter(detail string) *Error { return standard(scimerrors.ScimErrorInvalidFilter, detail) }

// TooMany is 400 tooMany.
func TooMany(detail string) *Error { return standard(scimerrors.ScimErrorTooMany, detail) }

// Mutability is 400 mutability.
func Mutability(detail string) *Error { return standard(scimerrors.ScimErrorMutability, detail) }

// InvalidSyntax is 400 invalidSyntax.
func InvalidSyntax(detail string) *Error { return standard(scimerrors.ScimErrorInvalidSyntax, detail) }

// InvalidPath is 400 invalidPath.
func InvalidPath(detail string) *Error { return standard(scimerrors.ScimErrorInvalidPath, detail) }

// NoTarget is 400 noTarget.
func NoTarget(detail string) *Error { return standard(scimerrors.ScimErrorNoTarget, detail) }

// InvalidValue is 400 invalidValue.
func InvalidValue(detail string) *Error { return standard(scimerrors.ScimErrorInvalidValue, detail) }

// InvalidVersion is 400 invalidVers.
func InvalidVersion(detail string) *Error {
	return standard(scimerrors.ScimErrorInvalidVersion, detail)
}

// Plain is an error without a scimType.
func Plain(status int, detail string) *Error { return &Error{Status: status, Detail: detail} }

// ErrorOf translates err into an error of the protocol. It returns an *Error unchanged and translates a *directory.Error by the
// table. Any other error becomes a 500 without details.
func ErrorOf(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var d *directory.Error
	if !errors.As(err, &d) {
		return &Error{Status: 500, Detail: "an internal error; the log has more under the id of this request", Err: err}
	}
	out := &Error{Detail: d.Message, Err: d.Err, RetryAfter: int(d.RetryAfter.Seconds())}
	switch d.Code {
	case directory.NotFound:
		out.Status = 404
	case directory.Conflict:
		out.Status, out.Type = 409, string(scimerrors.ScimTypeUniqueness)
	case directory.Invalid:
		out.Status, out.Type = 400, string(scimerrors.ScimTypeInvalidValue)
	case directory.Stale:
		out.Status = 412
	case directory.Refused, directory.Forbidden:
		out.Status = 403
	case directory.Unauthorized:
		out.Status = 401
	case directory.TooLarge:
		out.Status, out.Limit = 413, LimitBody
	case directory.Throttled:
		out.Status = 429
	case directory.Unavailable:
		out.Status = 503
		out.RetryAfter = max(out.RetryAfter, 1)
	case directory.Unsupported:
		out.Status = 501
	case directory.Expired:
		out.Status = 410
	default:
		out.Status, out.Detail, out.Err = 500, "an internal error; the log has more under the id of this request", err
	}
	return out
}

// AppendJSON appends the error body (RFC 7644 §3.12); status is a string in it.
func (e *Error) AppendJSON(b []byte) []byte {
	body := directory.Attributes{
		{Name: "schemas", Value: []any{ErrorSchema}},
		{Name: "status", Value: strconv.Itoa(e.Status)},
	}
	if e.Type != "" {
		body = append(body, directory.Attribute{Name: "scimType", Value: e.Type})
	}
	return directory.AppendJSON(b, append(body, directory.Attribute{Name: "detail", Value: e.Detail}))
}
