package console

import (
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
					"It is served on the unix socket drawbridge.sock in the data folder; whoever may open the file acts as the local operator.",
			},
			Components: &huma.Components{Schemas: registry},
			Tags: []*huma.Tag{
				{Name: "tenants", Description: "Managed companies."},
				{Name: "connections", Description: "Identity providers of a tenant, and their credentials."},
				{Name: "users", Description: "People in a tenant."},
				{Name: "groups", Description: "Groups in a tenant, built-in ones included."},
				{Name: "applications", Description: "Keys of the applications behind the bridge."},
				{Name: "record", Description: "Events and audit."},
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
}

// inTenant is what the input of an operation inside a tenant is.
type inTenant interface{ tenant() directory.TenantID }

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
	huma.Register(a.huma, huma.Operation{
		OperationID: op.id, Method: op.method, Path: prefix + op.path, Tags: []string{op.tag},
		Summary: op.summary, Description: op.about, DefaultStatus: op.status, Errors: statuses, MaxBodyBytes: maxBody,
	}, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		c.exchange.Route, c.exchange.Operation = prefix+op.path, op.id
		tenant := directory.Provider
		if t, ok := any(in).(inTenant); ok {
			tenant = t.tenant()
			c.who.Tenant = tenant
			c.exchange.Tenant = string(tenant)
		}
		if err := a.Allow(c.who, op.id, tenant); err != nil {
			return nil, c.fail(err)
		}
		out, err := fn(ctx, c.who, in)
		if err != nil {
			return nil, c.fail(err)
		}
		return out, nil
	})
}

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
