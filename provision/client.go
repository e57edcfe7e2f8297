package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/policy"
)

const (
	listSchema  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"
	patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

	pageSize     = 100
	mostListed   = 250_000  // records of a kind
	mostMembers  = 500_000  // members of all groups together
	longestKept  = 16 << 10 // bytes of a record in a list
	longestName  = 1024     // bytes of a name that is only compared
	longestID    = 256
	longestField = 200 // bytes of a text of the application in a message
)

// failure is why a request failed.
type failure struct {
	policy.TargetFailure
	status int // of HTTP; 0: there was no answer
}

func (f *failure) Error() string { return f.Message }

// broken is the failure of an answer that is not what SCIM says.
func broken(status int, format string, args ...any) *failure {
	return &failure{policy.TargetFailure{Message: "the application " + fmt.Sprintf(format, args...)}, status}
}

// client is a SCIM client of one application.
type client struct {
	http    *http.Client
	base    string
	token   func(ctx context.Context, refused string) (string, error)
	now     func() time.Time
	version string
}

// resource is a record of the application.
type resource struct {
	id   string
	body directory.Attributes
}

func endpoint(kind directory.Kind) string { return "/" + string(kind) + "s" }

// do sends a request and gives the attributes of the answer, which are empty if it has no body.
func (c *client) do(ctx context.Context, method, path string, query url.Values, in directory.Attributes) (directory.Attributes, error) {
	token, err := c.token(ctx, "")
	if err != nil {
		return nil, err
	}
	out, err := c.with(token).once(ctx, method, path, query, in)
	if f, ok := err.(*failure); ok && f.status == http.StatusUnauthorized { //nolint:errorlint // once gives it as it is
		again, failed := c.token(ctx, token)
		if failed != nil {
			return nil, failed
		}
		if again != token {
			return c.with(again).once(ctx, method, path, query, in)
		}
	}
	return out, err
}

// login is a client with a bearer token.
type login struct {
	*client
	bearer string
}

func (c *client) with(token string) login { return login{c, token} }

func (c login) once(ctx context.Context, method, path string, query url.Values, in directory.Attributes) (directory.Attributes, error) {
	address := strings.TrimSuffix(c.base, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(in.Document())
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, &failure{policy.TargetFailure{Message: "the base URL cannot be used", Whole: true, Blameless: true}, 0}
	}
	r.Header.Set("Accept", "application/scim+json, application/json")
	r.Header.Set("User-Agent", "drawbridge/"+c.version)
	r.Header.Set("Authorization", "Bearer "+c.bearer)
	if in != nil {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, unanswered(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, unanswered(err)
	}
	return c.read(res, text)
}

// unanswered is the failure of a request that got no answer, or only a part of one.
func unanswered(err error) error {
	return &failure{policy.TargetFailure{Message: outbound.Reason(err, "application"), Whole: true}, 0}
}

// read decides what an answer means.
func (c *client) read(res *http.Response, text []byte) (directory.Attributes, error) {
	var body directory.Attributes
	malformed := false
	if len(bytes.TrimSpace(text)) > 0 {
		v, err := directory.ParseJSON(text, directory.DefaultLimits())
		object, ok := v.(directory.Attributes)
		malformed = err != nil || !ok
		body = object
	}
	if res.StatusCode >= 200 && res.StatusCode <= 299 {
		switch {
		case malformed:
			return nil, whole(broken(res.StatusCode, "answered %d with a body that is no JSON object", res.StatusCode))
		case isError(body):
			return nil, broken(res.StatusCode, "answered %d with an error inside%s", res.StatusCode, detail(body))
		}
		return body, nil
	}
	f := broken(res.StatusCode, "answered %d%s", res.StatusCode, detail(body))
	f.RetryAfter = outbound.RetryAfter(res.Header.Get("Retry-After"), c.now())
	switch s := res.StatusCode; {
	case s >= 300 && s <= 399:
		f.Message = fmt.Sprintf("the application answered %d, a redirect, which is not followed: give the target the URL that it leads to", s)
		f.Whole, f.Blameless = true, true
	case s == http.StatusUnauthorized:
		f.Message = "the application refused the credential (401)" + detail(body)
		f.Whole, f.Blameless = true, true
	case s == http.StatusTooManyRequests:
		f.Whole, f.Blameless = true, true
	case s == http.StatusBadGateway, s == http.StatusServiceUnavailable, s == http.StatusGatewayTimeout:
		f.Whole = true
	case s == http.StatusForbidden, s == http.StatusNotFound, s == http.StatusRequestTimeout, s == http.StatusConflict, s == http.StatusPreconditionFailed, s >= 500:
	case s == http.StatusBadRequest && isUniqueness(body):
		f.status = http.StatusConflict // that is what it means, whatever the number
	default:
		f.Final = true
	}
	return nil, f
}

// isUniqueness reports whether an error says that a value is taken.
func isUniqueness(body directory.Attributes) bool {
	text, _ := at(body, "scimType").(string)
	return strings.EqualFold(text, "uniqueness")
}

// isError reports whether an answer with a status of success is an error all the same.
func isError(body directory.Attributes) bool {
	for _, s := range list(at(body, "schemas")) {
		if text, _ := s.(string); strings.EqualFold(text, errorSchema) {
			return true
		}
	}
	return at(body, "id") == nil && at(body, "Resources") == nil && at(body, "totalResults") == nil && (at(body, "error") != nil || at(body, "Errors") != nil || at(body, "scimType") != nil)
}

// detail is what an error says, for people.
func detail(body directory.Attributes) string {
	for _, name := range []string{"detail", "message", "error_description", "error"} {
		if text, ok := at(body, name).(string); ok && text != "" {
			return ": " + directory.Truncate(outbound.Plain([]byte(text)), longestField)
		}
	}
	return ""
}

// at gives the value under a name; nil if there is none.
func at(a directory.Attributes, name string) any {
	v, _ := a.Get(name)
	return v
}

func list(v any) []any {
	out, _ := v.([]any)
	return out
}

// identified gives the id of a record. An answer without one is an error: the record could never be changed again.
func identified(status int, body directory.Attributes) (resource, error) {
	id, _ := at(body, "id").(string)
	if id == "" {
		return resource{}, broken(status, "gave a record without an id")
	}
	if len(id) > longestID || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return resource{}, broken(status, "gave a record whose id is longer than %d bytes or has control characters", longestID)
	}
	return resource{id: id, body: body}, nil
}

// page reads one page of a list, and checks it.
func (c *client) page(ctx context.Context, kind directory.Kind, query url.Values) (found []resource, total int, err error) {
	body, err := c.do(ctx, http.MethodGet, endpoint(kind), query, nil)
	if err != nil {
		if f, ok := err.(*failure); ok && f.status == http.StatusNotFound { //nolint:errorlint // do gives it as it is
			f.Message, f.Whole, f.Blameless = "the application has no "+endpoint(kind)+" below the base URL (404)", true, true
		}
		return nil, 0, err
	}
	n, ok := at(body, "totalResults").(directory.Number)
	if total, err = strconv.Atoi(string(n)); !ok || err != nil || total < 0 {
		return nil, 0, whole(broken(200, "answered a list without totalResults"))
	}
	all := list(at(body, "Resources"))
	if len(all) > total {
		return nil, 0, whole(broken(200, "says that there are %d records and gave %d", total, len(all)))
	}
	for _, v := range all {
		one, _ := v.(directory.Attributes)
		r, err := identified(200, one)
		if err != nil {
			return nil, 0, allOf(err)
		}
		found = append(found, r)
	}
	return found, total, nil
}

// allOf makes a failure one of the whole application.
func allOf(err error) error {
	var f *failure
	if errors.As(err, &f) {
		f.Whole = true
	}
	return err
}

func whole(f *failure) *failure {
	f.Whole = true
	return f
}

// find gives the records whose attribute has a value. The application may ignore the filter, so each record is compared here, too.
func (c *client) find(ctx context.Context, kind directory.Kind, attribute, value string) ([]resource, error) {
	filter := attribute + " eq " + string(directory.AppendJSONString(nil, value))
	all, total, err := c.page(ctx, kind, url.Values{"filter": {filter}})
	if err != nil {
		return nil, err
	}
	var out []resource
	for _, r := range all {
		text, _ := at(r.body, attribute).(string)
		if text == value || attribute != "externalId" && directory.Fold(text) == directory.Fold(value) {
			out = append(out, r)
		}
	}
	if len(out) == 0 && total > len(all) {
		return nil, whole(broken(200, "found %d records by %s and gave %d others: it does not filter", total, attribute, len(all)))
	}
	return out, nil
}

// ownRecord is what a list keeps of a record of ours: all but its members. Like namesOf, it shares no memory with the answer, which an
// application can make as large as it likes.
func ownRecord(body directory.Attributes) (directory.Attributes, error) {
	body = slices.DeleteFunc(slices.Clone(body), func(a directory.Attribute) bool { return strings.EqualFold(a.Name, "members") })
	text := body.Document()
	if len(text) > longestKept {
		return nil, whole(broken(http.StatusOK, "gave a record of more than %d KiB", longestKept>>10))
	}
	return text.Attributes()
}

// namesOf is what a list keeps of a record that is none of ours: what it could be adopted by.
func namesOf(kind directory.Kind, body directory.Attributes) directory.Attributes {
	out := directory.Attributes{}
	for _, attribute := range []string{"externalId", nameOf(kind)} {
		out = append(out, directory.Attribute{Name: attribute, Value: strings.Clone(directory.Truncate(body.String(attribute), longestName))})
	}
	return out
}

// all reads every record of a kind, by id; ours names those that are kept as they are. An answer that contradicts itself is an error, never
// a shorter list.
func (c *client) all(ctx context.Context, kind directory.Kind, ours map[string]bool) (map[string]directory.Attributes, error) {
	out := map[string]directory.Attributes{}
	for {
		query := url.Values{"startIndex": {strconv.Itoa(len(out) + 1)}, "count": {strconv.Itoa(pageSize)}}
		if kind == directory.GroupKind {
			query.Set("excludedAttributes", "members")
		}
		some, total, err := c.page(ctx, kind, query)
		if err != nil {
			return nil, err
		}
		before := len(out)
		for _, r := range some {
			record := namesOf(kind, r.body)
			if ours[r.id] {
				if record, err = ownRecord(r.body); err != nil {
					return nil, err
				}
			}
			out[strings.Clone(r.id)] = record
		}
		switch {
		case len(out) != before+len(some):
			return nil, whole(broken(200, "gave a record of %s twice", endpoint(kind)))
		case len(out) == total:
			return out, nil
		case len(some) == 0 || len(out) > total:
			return nil, whole(broken(200, "says that there are %d records in %s and gave %d", total, endpoint(kind), len(out)))
		case len(out) > mostListed:
			return nil, whole(broken(200, "has more than %d records in %s", mostListed, endpoint(kind)))
		}
	}
}

// get reads one record.
func (c *client) get(ctx context.Context, kind directory.Kind, id string) (resource, error) {
	body, err := c.do(ctx, http.MethodGet, path(kind, id), nil, nil)
	if err != nil {
		return resource{}, err
	}
	r, err := identified(200, body)
	if err == nil && r.id != id {
		err = broken(200, "was asked for the record %s and gave %s", id, r.id)
	}
	return r, err
}

func path(kind directory.Kind, id string) string { return endpoint(kind) + "/" + url.PathEscape(id) }

// create makes a record and gives its id.
func (c *client) create(ctx context.Context, kind directory.Kind, body directory.Attributes) (string, error) {
	out, err := c.do(ctx, http.MethodPost, endpoint(kind), nil, body)
	if err != nil {
		return "", err
	}
	r, err := identified(201, out)
	return r.id, err
}

// patch changes a record.
func (c *client) patch(ctx context.Context, kind directory.Kind, id string, operations []any) error {
	out, err := c.do(ctx, http.MethodPatch, path(kind, id), nil, directory.Attributes{{Name: "schemas", Value: []any{patchSchema}}, {Name: "Operations", Value: operations}})
	if err == nil {
		err = effect(out, operations)
	}
	return err
}

// effect refuses an answer that shows that a person is not deactivated, or active, as was asked for.
func effect(out directory.Attributes, operations []any) error {
	is, shown := at(out, "active").(bool)
	if !shown {
		return nil
	}
	for _, v := range operations {
		op, _ := v.(directory.Attributes)
		if want, ok := at(op, "value").(bool); ok && at(op, "path") == "active" && want != is {
			return broken(200, "answered with success, and active of the person is %v there", is)
		}
	}
	return nil
}

// put replaces a record that was read before.
func (c *client) put(ctx context.Context, kind directory.Kind, id string, body directory.Attributes) error {
	_, err := c.do(ctx, http.MethodPut, path(kind, id), nil, body)
	return err
}

// remove deletes a record.
func (c *client) remove(ctx context.Context, kind directory.Kind, id string) error {
	_, err := c.do(ctx, http.MethodDelete, path(kind, id), nil, nil)
	return err
}

// isMissing reports whether the application has no such record, or says so.
func isMissing(err error) bool {
	f, ok := err.(*failure) //nolint:errorlint // do gives it as it is
	return ok && f.status == http.StatusNotFound
}
