package server

import (
	"net/http"
	"strconv"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

const (
	configEndpoint     = "ServiceProviderConfig"
	configSchema       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	resourceTypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
)

// config is GET /ServiceProviderConfig (RFC 7643 §5).
func (s *server) config(c *call, _ directory.Principal) (reply, error) {
	if err := c.unfiltered(); err != nil {
		return reply{}, err
	}
	return s.configReply(c), nil
}

// configReply says what is on and how far it goes; nothing in it depends on the connection but its own URL.
func (s *server) configReply(c *call) reply {
	on := func(more ...directory.Attribute) directory.Attributes {
		return append(directory.Attributes{{Name: "supported", Value: true}}, more...)
	}
	scheme := func(kind, name, description, spec string, primary bool) directory.Attributes {
		out := directory.Attributes{{Name: "type", Value: kind}, {Name: "name", Value: name}, {Name: "description", Value: description}, {Name: "specUri", Value: spec}}
		if primary {
			out = append(out, directory.Attribute{Name: "primary", Value: true})
		}
		return out
	}
	l := &s.limits
	body := directory.Attributes{
		{Name: "schemas", Value: []any{configSchema}},
		{Name: "patch", Value: on()},
		{Name: "bulk", Value: on(number("maxOperations", l.BulkOperations), number("maxPayloadSize", int(l.BulkBytes)))},
		{Name: "filter", Value: on(number("maxResults", l.MaxPage))},
		{Name: "changePassword", Value: directory.Attributes{{Name: "supported", Value: false}}},
		{Name: "sort", Value: on()},
		{Name: "etag", Value: on()},
		{Name: "pagination", Value: directory.Attributes{
			{Name: "cursor", Value: true},
			{Name: "index", Value: true},
			{Name: "defaultPaginationMethod", Value: "index"},
			number("defaultPageSize", l.PageSize),
			number("maxPageSize", l.MaxPage),
			number("cursorTimeout", int(l.CursorTimeout.Seconds())),
		}},
		{Name: "authenticationSchemes", Value: []any{
			scheme("oauthbearertoken", "Bearer token", "A token of the connection in the Authorization header", "https://www.rfc-editor.org/rfc/rfc6750", true),
			scheme("oauth2", "OAuth 2.0 client credentials", "A short-lived token from /oauth2/token", "https://www.rfc-editor.org/rfc/rfc6749#section-4.4", false),
			scheme("httpbasic", "HTTP Basic", "User name and password of the connection, for clients that know nothing else", "https://www.rfc-editor.org/rfc/rfc7617", false),
		}},
		{Name: "meta", Value: directory.Attributes{
			{Name: "resourceType", Value: configEndpoint},
			{Name: "location", Value: c.base + "/" + configEndpoint},
		}},
	}
	return s.encoded(body)
}

// schemas is GET /Schemas (RFC 7643 §7).
func (s *server) schemas(c *call, _ directory.Principal) (reply, error) {
	if err := c.unfiltered(); err != nil {
		return reply{}, err
	}
	var all []any
	for _, schema := range c.catalog.Schemas() {
		all = append(all, c.schemaResource(schema))
	}
	return s.everything(all), nil
}

// schema is GET /Schemas/{urn}.
func (s *server) schema(c *call, _ directory.Principal) (reply, error) {
	for _, schema := range c.catalog.Schemas() {
		if strings.EqualFold(schema.URN, c.id) {
			return s.encoded(c.schemaResource(schema)), nil
		}
	}
	return reply{}, scim.Plain(http.StatusNotFound, "there is no schema with this URN")
}

func (c *call) schemaResource(schema *scim.Schema) directory.Attributes {
	return append(schema.Definition(), c.meta("Schema", "/Schemas/"+schema.URN))
}

// resourceTypes is GET /ResourceTypes (RFC 7643 §6).
func (s *server) resourceTypes(c *call, _ directory.Principal) (reply, error) {
	if err := c.unfiltered(); err != nil {
		return reply{}, err
	}
	var all []any
	for _, t := range c.catalog.Types {
		all = append(all, c.typeResource(t))
	}
	return s.everything(all), nil
}

// resourceType is GET /ResourceTypes/{name}.
func (s *server) resourceType(c *call, _ directory.Principal) (reply, error) {
	for _, t := range c.catalog.Types {
		if t.Name == c.id {
			return s.encoded(c.typeResource(t)), nil
		}
	}
	return reply{}, scim.Plain(http.StatusNotFound, "there is no resource type with this name")
}

func (c *call) typeResource(t *scim.ResourceType) directory.Attributes {
	out := directory.Attributes{
		{Name: "schemas", Value: []any{resourceTypeSchema}},
		{Name: "id", Value: t.Name},
		{Name: "name", Value: t.Name},
		{Name: "endpoint", Value: t.Endpoint},
		{Name: "description", Value: t.Description},
		{Name: "schema", Value: t.Core.URN},
	}
	if len(t.Extensions) > 0 {
		var extensions []any
		for _, e := range t.Extensions {
			extensions = append(extensions, directory.Attributes{{Name: "schema", Value: e.Schema.URN}, {Name: "required", Value: e.Required}})
		}
		out = append(out, directory.Attribute{Name: "schemaExtensions", Value: extensions})
	}
	return append(out, c.meta("ResourceType", "/ResourceTypes/"+t.Name))
}

// unfiltered refuses a filter on an endpoint of discovery (RFC 7644 §4); sorting and paging mean nothing there.
func (c *call) unfiltered() error {
	if c.params.filterSet {
		return scim.Plain(http.StatusForbidden, "this endpoint cannot be filtered")
	}
	return nil
}

func (c *call) meta(resourceType, path string) directory.Attribute {
	return directory.Attribute{Name: "meta", Value: directory.Attributes{
		{Name: "resourceType", Value: resourceType},
		{Name: "location", Value: c.base + path},
	}}
}

// everything is a ListResponse of all there is.
func (s *server) everything(all []any) reply {
	return s.encoded(directory.Attributes{
		{Name: "schemas", Value: []any{listSchema}},
		number("totalResults", len(all)),
		number("startIndex", 1),
		number("itemsPerPage", len(all)),
		{Name: "Resources", Value: all},
	})
}

func (s *server) encoded(body directory.Attributes) reply {
	b := s.buffer()
	b.b = directory.AppendJSON(b.b, body)
	return reply{status: http.StatusOK, body: b}
}

func number(name string, n int) directory.Attribute {
	return directory.Attribute{Name: name, Value: directory.Number(strconv.Itoa(n))}
}
