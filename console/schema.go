package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) schemaRoutes() {
	type listOutput struct{ Body wire.Page[wire.Schema] }
	handle(a, operation{
		id: "list-schemas", right: directory.TenantRead, method: http.MethodGet, path: "/tenants/{tenant}/schemas", tag: "tenants", summary: "List the schemas that a tenant has of its own",
		about: "Extensions of User and Group, and resource types of its own.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPage) (*listOutput, error) {
		t, err := a.Bridge.TenantOverview(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var out []wire.Schema
		for _, s := range t.Tenant.Schemas {
			out = append(out, schemaView(s))
		}
		page, err := inOrder(out, in.PageQuery, func(s *wire.Schema) string { return s.ResourceType + " " + s.URN })
		return &listOutput{page}, err
	})

	type DiscardQuery struct {
		Discard bool `query:"discard" doc:"Take data that no schema has any more out of every record, instead of refusing."`
	}
	type loadInput struct {
		TenantPath
		VersionHeader
		DiscardQuery
		Body wire.Schema
	}
	type loadOutput struct{ Body wire.Schema }
	handle(a, operation{
		id: "load-schema", right: directory.TenantUpdate, method: http.MethodPost, path: "/tenants/{tenant}/schemas", tag: "tenants", summary: "Load a schema",
		about: "Adds an extension of User or Group, or a new resource type, or takes the place of the schema with the same URN.",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Refused, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *loadInput) (*loadOutput, error) {
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
		_, err = a.Bridge.EditSchemas(ctx, p, in.tenant(), in.precondition(), in.Discard, func(schemas []directory.CustomSchema) ([]directory.CustomSchema, error) {
			same := slices.IndexFunc(schemas, func(s directory.CustomSchema) bool {
				return strings.EqualFold(urn(s), urn(loaded)) && strings.EqualFold(s.ResourceType, loaded.ResourceType)
			})
			if same >= 0 {
				schemas[same] = loaded
			} else {
				schemas = append(schemas, loaded)
			}
			return a.readSchemas(schemas)
		})
		if err != nil {
			return nil, err
		}
		return &loadOutput{schemaView(loaded)}, nil
	})

	type removeInput struct {
		TenantPath
		VersionHeader
		DiscardQuery
		URN string `path:"urn" maxLength:"255" doc:"The id of the schema."`
	}
	handle(a, operation{
		id: "remove-schema", right: directory.TenantUpdate, method: http.MethodDelete, path: "/tenants/{tenant}/schemas/{urn}", tag: "tenants", status: noContent, summary: "Remove a schema",
		about: "Refused while records hold data of it, unless the data is to be discarded: it then leaves every record, and a resource type goes with its resources.",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *removeInput) (*none, error) {
		_, err := a.Bridge.EditSchemas(ctx, p, in.tenant(), in.precondition(), in.Discard, func(schemas []directory.CustomSchema) ([]directory.CustomSchema, error) {
			left := slices.DeleteFunc(schemas, func(s directory.CustomSchema) bool { return strings.EqualFold(urn(s), in.URN) })
			if len(left) == len(schemas) {
				return nil, &directory.Error{Code: directory.NotFound, Message: "the tenant has no schema of its own with this id"}
			}
			return a.readSchemas(left)
		})
		return nil, err
	})
}

// readSchemas checks the schemas that a tenant is to have and completes them.
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
