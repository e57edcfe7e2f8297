package console

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/client"
	"drawbridge/directory"
)

// prefix of every path of the API.
const prefix = "/api/v1"

// maxBody is how long the body of a request may be; a schema is the longest there is.
const maxBody = 1 << 20

// description is the frame of the OpenAPI document and what the library is to do.
func (a *api) description() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[client.Problem]())
	registry.RegisterTypeAlias(reflect.TypeFor[directory.Document](), reflect.TypeFor[object]())
	cfg := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Drawbridge operator API",
				Version: a.Version,
				Description: "What operators do: companies, connections, tokens, people, groups, seats, events, audit. " +
					"It is served on the unix socket drawbridge.sock in the data folder, where whoever may open the file acts as the local Owner, " +
					"and over the network if api.enabled or api.listen says so: then sign in at /api/v1/session (a cookie), or send an API key as a Bearer token.",
			},
			Components: &huma.Components{Schemas: registry},
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
		Transformers:                 []huma.Transformer{problems},
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
	human bool            // not for API keys: it is about the account itself, or about other operators
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
	c.who.Tenant, c.exchange.Tenant = tenant, string(tenant)
	var err error
	if op.list {
		err = a.Bridge.PermitList(c.who, op.right)
	} else {
		err = a.Bridge.Permit(c.who, op.right, tenant)
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
	codes := append([]directory.Code{directory.Unauthorized, directory.Forbidden, directory.Unavailable, directory.Internal}, op.codes...)
	var statuses []int
	for _, code := range codes {
		if s := Status(code); !slices.Contains(statuses, s) {
			statuses = append(statuses, s)
		}
	}
	slices.Sort(statuses)
	if op.open {
		a.open[op.method+" "+prefix+op.path] = true
	}
	a.operations = append(a.operations, Route{ID: op.id, Method: op.method, Path: prefix + op.path, Right: op.right, List: op.list, Open: op.open, Fresh: op.fresh, Human: op.human})
	about := op.about
	if op.right != "" {
		about = strings.TrimSpace(about + " Needs the right `" + string(op.right) + "`.")
	}
	huma.Register(a.huma, huma.Operation{
		OperationID: op.id, Method: op.method, Path: prefix + op.path, Tags: []string{op.tag},
		Parameters: op.parameters(), Summary: op.summary, Description: about, DefaultStatus: op.status, Errors: statuses, MaxBodyBytes: cmp.Or(op.body, maxBody),
	}, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		c.exchange.Route, c.exchange.Operation = prefix+op.path, op.id
		if err := a.permit(ctx, c, &op, in); err != nil {
			return nil, c.fail(err)
		}
		key := c.exchange.Request.Header.Get(repeatHeader)
		if key == "" || !op.repeatable() {
			out, err := fn(ctx, c.who, in)
			if err != nil {
				return nil, c.fail(err)
			}
			return out, nil
		}
		answer, err := a.repeats.once(ctx, a.Now, c.who.Actor.ID, op.id, key, in, func() (any, error) { return fn(ctx, c.who, in) })
		if err != nil {
			return nil, c.fail(err)
		}
		out, _ := answer.(*O)
		return out, nil
	})
}

// parameters are those that no input names.
func (op *operation) parameters() []*huma.Param {
	if !op.repeatable() {
		return nil
	}
	most := maxRepeatKey
	return []*huma.Param{{
		Name: repeatHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most},
		Description: "A repeat with the same key and the same body within 15 minutes gets the first answer again instead of a second thing.",
	}}
}

// repeatable reports whether an operation creates something, so that a repeat of it must not do it twice.
func (op *operation) repeatable() bool { return op.status == created && !op.open }

// fail notes an error for the log and gives it the form that the library writes.
func (c *call) fail(err error) error {
	c.err = err
	p := problemOf(err, c.exchange.ID)
	if p.RetryAfter > 0 {
		c.exchange.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	return p
}

// none is the output of an operation that answers 204.
type none struct{}

// Inputs that many operations share. They are exported because the library looks into exported fields only, embedded ones
// too.
type (
	// TenantPath is the tenant in a path.
	TenantPath struct {
		Tenant string `path:"tenant" maxLength:"40" doc:"The slug of the tenant." example:"acme"`
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

// noContent is 204.
const noContent = http.StatusNoContent
