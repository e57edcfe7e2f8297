package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"drawbridge/console/client"
	"drawbridge/directory"
)

func (a *api) schemaRoutes() {
	type listOutput struct{ Body client.Page[client.Schema] }
	handle(a, operation{
		id: "list-schemas", right: directory.TenantRead, method: http.MethodGet, path: "/tenants/{tenant}/schemas", tag: "tenants", summary: "List the schemas that a tenant has of its own",
		about: "Extensions of User and Group, and resource types of its own.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPage) (*listOutput, error) {
		t, err := a.Bridge.TenantOverview(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var out []client.Schema
		for _, s := range t.Tenant.Schemas {
			out = append(out, schemaView(s))
		}
		page, err := inOrder(out, in.PageQuery, func(s *client.Schema) string { return s.ResourceType + " " + s.URN })
		return &listOutput{page}, err
	})

	type loadInput struct {
		TenantPath
		VersionHeader
		Body client.Schema
	}
	type loadOutput struct{ Body client.Schema }
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
		_, err = a.Bridge.EditTenant(ctx, p, in.tenant(), in.precondition(), func(t directory.Tenant) (directory.Tenant, error) {
			schemas := slices.Clone(t.Schemas)
			same := slices.IndexFunc(schemas, func(s directory.CustomSchema) bool {
				return strings.EqualFold(urn(s), urn(loaded)) && strings.EqualFold(s.ResourceType, loaded.ResourceType)
			})
			if same >= 0 {
				schemas[same] = loaded
			} else {
				schemas = append(schemas, loaded)
			}
			if err := a.CheckSchemas(schemas); err != nil {
				var known *directory.Error
				if errors.As(err, &known) {
					return t, err
				}
				return t, &directory.Error{Code: directory.Invalid, Field: "definition", Message: err.Error()}
			}
			t.Schemas = schemas
			return t, nil
		})
		if err != nil {
			return nil, err
		}
		return &loadOutput{schemaView(loaded)}, nil
	})
}

func urn(s directory.CustomSchema) string {
	id, _ := s.Definition.Value("id").(string)
	return id
}

func schemaView(s directory.CustomSchema) client.Schema {
	return client.Schema{URN: urn(s), ResourceType: s.ResourceType, Endpoint: s.Endpoint, Required: s.Required, Definition: s.Definition}
}
