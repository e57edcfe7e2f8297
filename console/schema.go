package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) schemaRoutes() []operation {
	return []operation{
		{
			id: "list-schemas", method: http.MethodGet, path: "/tenants/{tenant}/schemas",
			right: directory.TenantRead,
			tag:   "tenants", summary: "List the schemas that a tenant has of its own",
			about: "Extensions of User and Group, and resource types of its own.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listSchemas),
		},
		{
			id: "load-schema", method: http.MethodPost, path: "/tenants/{tenant}/schemas",
			right: directory.TenantUpdate,
			tag:   "tenants", summary: "Load a schema",
			about: "Adds an extension of User or Group, or a new resource type, or replaces the schema with the same URN.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Refused, directory.Conflict},
			do:    handle(a.loadSchema),
		},
		{
			id: "remove-schema", method: http.MethodDelete, path: "/tenants/{tenant}/schemas/{urn}", status: noContent,
			right: directory.TenantUpdate,
			tag:   "tenants", summary: "Remove a schema",
			about: "Refused while records hold data of it, unless the data is to be discarded: then the data is removed from every record, and a resource type is removed with its resources.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict},
			do:    handle(a.removeSchema),
		},
	}
}

// DiscardQuery says what happens to data that is no longer in a schema.
type DiscardQuery struct {
	Discard bool `query:"discard" doc:"Remove data that no schema describes any more from every record, instead of refusing."`
}

type loadSchemaInput struct {
	httpapi.TenantPath
	VersionHeader
	DiscardQuery
	Body wire.Schema
}

type removeSchemaInput struct {
	httpapi.TenantPath
	VersionHeader
	DiscardQuery
	URN string `path:"urn" maxLength:"255" doc:"The id of the schema."`
}

func (a *api) listSchemas(ctx context.Context, p directory.Principal, in *TenantPage) (*output[wire.Page[wire.Schema]], error) {
	t, err := a.Bridge.TenantOverview(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	var out []wire.Schema
	for _, s := range t.Tenant.Schemas {
		out = append(out, schemaView(s))
	}
	return answer(httpapi.InOrder(out, in.PageQuery, func(s *wire.Schema) string { return s.ResourceType + " " + s.URN }))
}

func (a *api) loadSchema(ctx context.Context, p directory.Principal, in *loadSchemaInput) (*output[wire.Schema], error) {
	attributes, err := in.Body.Definition.Attributes()
	if err != nil {
		return nil, &directory.Error{Code: directory.Invalid, Field: "definition", Message: "the definition is no JSON object: " + err.Error()}
	}
	if attributes.String("id") == "" {
		return nil, &directory.Error{Code: directory.Invalid, Field: "definition.id", Message: "a schema has its URN as id"}
	}
	loaded := directory.CustomSchema{
		ResourceType: in.Body.ResourceType, Endpoint: in.Body.Endpoint, Required: in.Body.Required, Definition: attributes.Document(),
	}
	_, err = a.Bridge.EditSchemas(ctx, p, in.TenantID(), bridge.SchemaEdit{If: in.precondition(), Discard: in.Discard, Do: func(schemas []directory.CustomSchema) ([]directory.CustomSchema, error) {
		same := slices.IndexFunc(schemas, func(s directory.CustomSchema) bool {
			return strings.EqualFold(urn(s), urn(loaded)) && strings.EqualFold(s.ResourceType, loaded.ResourceType)
		})
		if same >= 0 {
			schemas[same] = loaded
		} else {
			schemas = append(schemas, loaded)
		}
		return a.readSchemas(schemas)
	}})
	if err != nil {
		return nil, err
	}
	return &output[wire.Schema]{schemaView(loaded)}, nil
}

func (a *api) removeSchema(ctx context.Context, p directory.Principal, in *removeSchemaInput) (*httpapi.None, error) {
	_, err := a.Bridge.EditSchemas(ctx, p, in.TenantID(), bridge.SchemaEdit{If: in.precondition(), Discard: in.Discard, Do: func(schemas []directory.CustomSchema) ([]directory.CustomSchema, error) {
		left := slices.DeleteFunc(schemas, func(s directory.CustomSchema) bool { return strings.EqualFold(urn(s), in.URN) })
		if len(left) == len(schemas) {
			return nil, &directory.Error{Code: directory.NotFound, Message: "the tenant has no schema of its own with this id"}
		}
		return a.readSchemas(left)
	}})
	return nil, err
}

// readSchemas checks the new schemas of a tenant and completes them.
func (a *api) readSchemas(schemas []directory.CustomSchema) ([]directory.CustomSchema, error) {
	out, err := a.ReadSchemas(schemas)
	if known := (*directory.Error)(nil); err != nil && !errors.As(err, &known) {
		return nil, &directory.Error{Code: directory.Invalid, Field: "definition", Message: err.Error()}
	}
	return out, err
}

func urn(s directory.CustomSchema) string {
	id, _ := s.Definition.Value("id").(string)
	return id
}

func schemaView(s directory.CustomSchema) wire.Schema {
	return wire.Schema{URN: urn(s), ResourceType: s.ResourceType, Endpoint: s.Endpoint, Required: s.Required, Definition: s.Definition}
}
