package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// prefix of every path of the API.
const prefix = "/api/v1"

// maxBody is how long the body of a request may be; a schema is the longest there is.
const maxBody = 1 << 20

// description is the frame of the OpenAPI document and what the library is to do.
func (a *api) description() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[wire.Problem]())
	registry.RegisterTypeAlias(reflect.TypeFor[directory.Document](), reflect.TypeFor[object]())
	cfg := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Drawbridge operator API",
				Version: a.Version,
				License: &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"},
				Description: "What operators do: companies, connections, tokens, people, groups, seats, events, audit. " +
					"It is served on the unix socket drawbridge.sock in the data folder, where whoever may open the file acts as the local Owner, " +
					"and over the network if api.enabled or api.listen says so: then sign in at /api/v1/session (a cookie), or send an API key as a Bearer token.\n\n" +
					"A failure is a problem+json: code says what kind of failure it is, field which field of the request is meant, rule the number of the rule that said no, " +
					"and detail what to do. A list answers with items and, if there are more, next: give it as cursor. What is changed carries an ETag: " +
					"send it as If-Match, and a change that came in between is answered 412 instead of being lost. A create takes an Idempotency-Key.",
			},
			Servers: []*huma.Server{{URL: "/", Description: "This server."}},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
				"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "What POST /api/v1/session sets: a person who signed in (rule O9)."},
				"key":     {Type: "http", Scheme: "bearer", Description: "An API key, or the secret of a session (rule O5)."},
			}},
			Security: []map[string][]string{{"session": {}}, {"key": {}}},
			Tags: []*huma.Tag{
				{Name: "tenants", Description: "Managed companies."},
				{Name: "connections", Description: "Identity providers of a tenant, and their credentials."},
				{Name: "users", Description: "People in a tenant."},
				{Name: "groups", Description: "Groups in a tenant, built-in ones included."},
				{Name: "applications", Description: "Keys of the applications behind the bridge."},
				{Name: "record", Description: "Events and audit."},
				{Name: "operators", Description: "Who administers, and with what rights."},
				{Name: "session", Description: "Signing in, and one's own account."},
				{Name: "server", Description: "The running server."},
			},
		},
		OpenAPIPath:                  prefix + "/openapi",
		Formats:                      map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{problems(registry)},
	}
	return cfg
}

// object is how a directory.Document looks in the OpenAPI document.
type object struct{}

// Schema is any JSON object.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// strictJSON reads JSON without what encoding/json forgives: names that stand twice, bad UTF-8, depth without end.
func strictJSON() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			return e.Encode(v)
		},
		Unmarshal: func(data []byte, v any) error {
			if _, err := directory.ParseJSON(data, directory.DefaultLimits()); err != nil {
				return err
			}
			return json.Unmarshal(data, v)
		},
	}
}

// operation is a row of the API.
type operation struct {
	id, method, path string
	tag              string
	summary          string
	about            string // more than the summary, if there is more to say
	status           int    // of success; 0: 200
	codes            []directory.Code

	right directory.Right // what whoever asks must have; an operation without one is denied to everybody
	list  bool            // of tenants or what is in them: shows what is in the scope, and names no tenant itself
	open  bool            // for whoever has not signed in yet; right is empty then
	fresh bool            // dangerous: a session must have proved itself lately
	body  int64           // how long the body may be; 0: maxBody
	// again gives the answer to a create that was done before, from what it made; nil where that cannot be given again.
	again func(context.Context, directory.Principal, directory.Subject) (any, error)
	human bool // not for API keys: it is about the account itself, or about other operators

	upload   bool // the body is a bundle, which fn reads by itself
	download bool // and so is the answer
}

// inTenant is what the input of an operation inside a tenant is.
type inTenant interface{ tenant() directory.TenantID }

// inConnection is what the input of an operation on a connection is; the tenant is looked up.
type inConnection interface{ id() directory.ConnectionID }

// permit asks whether a call may go on. The scope is asked before the role, so that a foreign tenant looks like none.
func (a *api) permit(ctx context.Context, c *call, op *operation, in any) error {
	if op.open {
		return nil
	}
	tenant := directory.Provider
	switch t := in.(type) {
	case inTenant:
		tenant = t.tenant()
	case inConnection:
		found, err := a.Bridge.TenantOf(ctx, c.who, t.id())
		if err != nil {
			return err
		}
		tenant = found
	}
	c.who.Tenant, c.response.Tenant = tenant, string(tenant)
	if versioned, ok := in.(interface{ precondition() directory.Precondition }); ok {
		c.who.If = versioned.precondition()
	}
	var err error
	if op.list {
		err = a.Operators.PermitList(c.who, op.right)
	} else {
		err = a.Operators.Permit(c.who, op.right, tenant)
	}
	switch {
	case err != nil:
		return err
	case op.human && c.who.Access.Door == directory.ByKey:
		return &directory.Error{Code: directory.Forbidden, Rule: "O5", Message: "an API key cannot do this: sign in as a person"}
	case op.fresh && c.who.Access.Door == directory.BySession && !c.who.Access.Fresh:
		return &directory.Error{Code: directory.Forbidden, Rule: "O9", Field: "session", Message: "this wants a recent proof of who you are: POST /api/v1/session/prove with your password, and a code if you have a second factor, then repeat it"}
	}
	return nil
}

// handle registers an operation. fn gets who asks as an argument; whether they may was asked before.
func handle[I, O any](a *api, op operation, fn func(ctx context.Context, p directory.Principal, in *I) (*O, error)) {
	if op.open {
		a.open[op.method+" "+prefix+op.path] = true
	}
	a.operations = append(a.operations, Route{ID: op.id, Method: op.method, Path: prefix + op.path, Right: op.right, List: op.list, Open: op.open, Fresh: op.fresh, Human: op.human})
	body, _ := reflect.TypeFor[I]().FieldByName("Body")
	_, versioned := reflect.TypeFor[I]().FieldByName("IfMatch")
	documented := huma.Operation{
		OperationID: op.id, Method: op.method, Path: prefix + op.path, Tags: []string{op.tag}, Parameters: op.parameters(), Summary: op.summary,
		Description: op.description(), DefaultStatus: op.status, Errors: op.statuses(body.Type != nil || op.upload, versioned), MaxBodyBytes: cmp.Or(op.body, maxBody),
	}
	if op.open {
		documented.Security = []map[string][]string{}
	}
	if op.upload {
		documented.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{gzipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	if op.download {
		documented.Responses = map[string]*huma.Response{strconv.Itoa(http.StatusOK): {
			Description: op.summary, Content: map[string]*huma.MediaType{gzipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}}
	}
	if _, own := reflect.TypeFor[O]().FieldByName("ContentType"); own { // the answer says its own type
		documented.Responses = map[string]*huma.Response{strconv.Itoa(cmp.Or(op.status, http.StatusOK)): {
			Description: op.summary, Content: map[string]*huma.MediaType{media(op.path): {Schema: &huma.Schema{Type: huma.TypeString}}},
		}}
	}
	var registered *huma.Operation // as the library has it, from below
	fail := func(c *call, err error) error {
		p := c.fail(err)
		if p.Code == string(directory.Invalid) && p.Rule == "" && p.Field != "" {
			p.Rule = ruleOf(a.huma.OpenAPI().Components.Schemas, registered, p.Field)
		}
		return p
	}
	huma.Register(a.huma, documented, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		c.response.Route, c.response.Operation = prefix+op.path, op.id
		if err := a.permit(ctx, c, &op, in); err != nil {
			return nil, fail(c, err)
		}
		if err := checkTexts(in); err != nil {
			return nil, fail(c, err)
		}
		if body.Type == nil && !op.upload {
			if err := c.checkNoBody(); err != nil {
				return nil, fail(c, err)
			}
		}
		key := c.response.Request.Header.Get(repeatHeader)
		if key == "" || !op.repeatable() {
			out, err := fn(ctx, c.who, in)
			if err != nil {
				return nil, fail(c, err)
			}
			return out, nil
		}
		answer, err := a.repeats.once(ctx, a.Now, c.who.Actor.ID, op.id, key, in, func() (any, error) {
			who := c.who
			var err error
			if who.Repeat, err = repeatOf(who.Actor.ID, op.id, key, in); err != nil {
				return nil, err
			}
			return fn(ctx, who, in)
		})
		var repeated *directory.AlreadyDone
		if errors.As(err, &repeated) && op.again != nil {
			answer, err = op.again(ctx, c.who, repeated.Subject)
		}
		if err != nil {
			return nil, fail(c, err)
		}
		out, _ := answer.(*O)
		return out, nil
	})
	registered = a.polish(&op)
}

// polish says in the document what the library leaves out: bounds for what has none of its own, what a failure means, and
// not twice what type an answer has.
func (a *api) polish(op *operation) *huma.Operation {
	path := a.huma.OpenAPI().Paths[prefix+op.path]
	for _, documented := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
		if documented == nil || documented.OperationID != op.id {
			continue
		}
		registry, seen := a.huma.OpenAPI().Components.Schemas, map[*huma.Schema]bool{}
		for _, param := range documented.Parameters {
			bound(registry, param.Schema, seen)
		}
		if documented.RequestBody != nil && documented.RequestBody.Content["application/json"] != nil {
			schema := documented.RequestBody.Content["application/json"].Schema
			bound(registry, schema, seen)
			for schema.Ref != "" {
				schema = registry.SchemaFromRef(schema.Ref)
			}
			documented.RequestBody.Required = len(schema.Required) > 0 // a body of which nothing is required may be missing
		}
		for status, answer := range documented.Responses {
			delete(answer.Headers, "Content-Type")
			if text := meaning(status); text != "" {
				answer.Description = text
			}
			if status == "429" || status == "503" {
				answer.Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds.", Schema: &huma.Schema{Type: huma.TypeInteger}}}
			}
		}
		return documented
	}
	return nil
}

// media is the type of what is no JSON.
func media(path string) string {
	if strings.HasSuffix(path, ".csv") {
		return "text/csv"
	}
	return "application/octet-stream"
}

// meaning is what the status of a failure means in this API.
func meaning(status string) string {
	return map[string]string{
		"400": "The body is no JSON, or says something twice.",
		"401": "Nobody is signed in: no credential, or one that opens nothing (rule O9).",
		"403": "The role lacks the right (rule O1), or a proof or a second factor is missing (rules O6 and O9).",
		"404": "There is no such thing, or it is in a tenant outside the operator's scope, which looks the same (rule O2).",
		"408": "The body did not arrive in time.",
		"409": "It is there already, or a rule says no; rule names it, and detail says what to do.",
		"410": "It is kept no longer.",
		"412": "Somebody changed it since it was read: read it again and decide again.",
		"413": "The body is too large.",
		"415": "The body is not application/json.",
		"422": "A field is missing, unknown, or not what it should be; field names it.",
		"429": "Too many requests; Retry-After says how long to wait.",
		"500": "A mistake of the server; its log has more under the id in request.",
		"501": "The server is not configured for it.",
		"503": "Not now; Retry-After says when to try again. Nothing was done.",
	}[status]
}

// statuses are those of the failures of an operation; body: it reads one; versioned: it takes an If-Match.
func (op *operation) statuses(body, versioned bool) []int {
	codes := append([]directory.Code{directory.Unauthorized, directory.Forbidden, directory.Invalid, directory.Unavailable, directory.Internal}, op.codes...)
	if strings.Contains(op.path, "{") {
		codes = append(codes, directory.NotFound)
	}
	if op.repeatable() {
		codes = append(codes, directory.Conflict, directory.Throttled)
	}
	if versioned {
		codes = append(codes, directory.Stale)
	}
	var statuses []int
	for _, code := range codes {
		statuses = append(statuses, Status(code))
	}
	if body {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(statuses)
	return slices.Compact(statuses)
}

// description says more than the summary, and what whoever asks must have.
func (op *operation) description() string {
	if op.open {
		return strings.TrimSpace(op.about + " Open to whoever has not signed in yet.")
	}
	text := op.about + " Needs the right `" + string(op.right) + "` (rule O1)"
	switch {
	case op.right.InTenant() && op.list:
		text += "; shows what is in the operator's scope (rule O2)"
	case op.right.InTenant():
		text += ", and the tenant in the operator's scope (rule O2)"
	}
	if op.human {
		text += "; an API key cannot do it (rule O5)"
	}
	if op.fresh {
		text += "; a session must have proved itself within ten minutes (rule O9)"
	}
	return strings.TrimSpace(text + ".")
}

// parameters are those that no input names.
func (op *operation) parameters() []*huma.Param {
	if !op.repeatable() {
		return nil
	}
	most := maxRepeatKey
	return []*huma.Param{{
		Name: repeatHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most},
		Description: "A name for this request, at most a day old: it is done once, however often it is sent, across restarts, too. A repeat gets the first answer again, or 409 with what was made where that answer had a secret which was shown already; the key of another request is 409.",
	}}
}

// repeatable reports whether an operation creates something, so that a repeat of it must not do it twice.
func (op *operation) repeatable() bool { return op.status == created && !op.open }

// fail notes an error for the log and gives it the form that the library writes.
func (c *call) fail(err error) *problem {
	c.err = err
	p := problemOf(err, c.response.ID)
	if p.RetryAfter > 0 {
		c.response.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	return p
}

// gzipType is what a bundle is sent as.
const gzipType = "application/gzip"

// none is the output of an operation that answers 204.
type none struct{}

// Inputs that many operations share. They are exported because the library looks into exported fields only, embedded ones
// too.
type (
	// TenantPath is the tenant in a path.
	TenantPath struct {
		Tenant string `path:"tenant" maxLength:"40" doc:"The slug of the tenant." example:"acme"`
	}
	// TenantPage is a page of a list in a tenant.
	TenantPage struct {
		TenantPath
		PageQuery
	}
	// PageQuery is which page of a list is wanted.
	PageQuery struct {
		Cursor string `query:"cursor" maxLength:"2000" doc:"next of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Entries on a page."`
	}
	// VersionHeader is the version that a change is meant for.
	VersionHeader struct {
		IfMatch string `header:"If-Match" maxLength:"200" doc:"The ETag that was read; 412 if the version is another one now."`
	}
)

func (t TenantPath) tenant() directory.TenantID { return directory.TenantID(t.Tenant) }

// precondition reads If-Match.
func (m VersionHeader) precondition() directory.Precondition {
	var pre directory.Precondition
	if strings.TrimSpace(m.IfMatch) == "" {
		return pre
	}
	pre.MatchSet = true
	for part := range strings.SplitSeq(m.IfMatch, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" {
			pre.MatchAny = true
		} else if n, err := strconv.ParseUint(strings.Trim(part, `"`), 10, 64); err == nil {
			pre.Match = append(pre.Match, n)
		}
	}
	return pre
}

// created is 201.
const created = http.StatusCreated

// accepted is 202.
const accepted = http.StatusAccepted

// noContent is 204.
const noContent = http.StatusNoContent
