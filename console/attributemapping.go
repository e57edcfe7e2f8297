package console

import (
	"cmp"
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) attributeMappingRoutes() []operation {
	return []operation{{
		id: "try-attribute-mapping", method: http.MethodPost, path: "/connections/{connection}/attribute-mapping/try",
		right: directory.ConnectionManage,
		tag:   "connections", summary: "Try an attribute mapping before saving it",
		about: "Says what the mapping would make of the users of the connection, or of one user, and what saving it would answer (rule C13). Nothing is changed. It is saved with update-connection.",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Conflict},
		do:    handle(a.tryAttributeMapping),
	}}
}

type tryMappingInput struct {
	ConnectionPath
	Body wire.MappingTry
}

func (a *api) tryAttributeMapping(ctx context.Context, p directory.Principal, in *tryMappingInput) (*output[wire.MappingTrial], error) {
	try := bridge.MappingTry{Mapping: mappingOf(&in.Body.Mapping), Limit: cmp.Or(in.Body.Limit, 20)}
	if in.Body.User != "" {
		tenant, err := a.Bridge.TenantOf(ctx, p, in.id())
		if err != nil {
			return nil, err
		}
		if try.User, err = a.Bridge.FindUser(ctx, p, tenant, in.Body.User); err != nil {
			return nil, err
		}
	}
	trial, err := a.Bridge.TryMapping(ctx, p, in.id(), try)
	if err != nil {
		return nil, err
	}
	out := wire.MappingTrial{Users: trial.Users, Changed: trial.Changed, Refused: trial.Refused, Refusal: trial.Refusal, Missing: []wire.MissingFrom{}, Items: []wire.TriedUser{}}
	for _, r := range in.Body.Mapping.Attributes {
		if n := trial.Missing[directory.MappingTarget(r.Target)]; n > 0 {
			out.Missing = append(out.Missing, wire.MissingFrom{Target: r.Target, Source: r.Source, Users: n})
		}
	}
	for i := range trial.Items {
		u := &trial.Items[i]
		out.Items = append(out.Items, wire.TriedUser{ID: u.ID.String(), UserName: u.UserName, Attributes: mappedView(u.Attributes), Changes: u.Changes, Refused: u.Refused, Roles: roleNames(u.Roles)})
	}
	return answer(out, nil)
}

func roleNames(roles []directory.BuiltIn) []string {
	var out []string
	for _, r := range roles {
		out = append(out, string(r))
	}
	return out
}

func mappedView(all []bridge.TriedAttribute) []wire.MappedAttribute {
	out := make([]wire.MappedAttribute, len(all))
	for i, a := range all {
		out[i] = wire.MappedAttribute{Target: string(a.Target), Sent: a.Sent, Before: a.Before, Value: a.Value, From: a.From}
	}
	return out
}

// mappingOf reads a mapping; nil for an empty one.
func mappingOf(m *wire.AttributeMapping) *directory.AttributeMapping {
	if m == nil {
		return nil
	}
	out := &directory.AttributeMapping{OutsideDomains: directory.OutsideDomains(m.OutsideDomains)}
	for _, r := range m.Attributes {
		out.Attributes = append(out.Attributes, directory.AttributeRule{Target: directory.MappingTarget(r.Target), Source: r.Source, Constant: r.Constant, Default: r.Default})
	}
	for _, r := range m.Roles {
		out.Roles = append(out.Roles, directory.RoleRule{Source: directory.RoleSource(r.Source), Value: r.Value, Grants: directory.BuiltIn(r.Grants)})
	}
	if out.Empty() {
		return nil
	}
	return out
}

func mappingView(m *directory.AttributeMapping) *wire.AttributeMapping {
	if m == nil {
		return nil
	}
	out := &wire.AttributeMapping{Attributes: []wire.AttributeRule{}, OutsideDomains: string(m.OutsideDomains)}
	for _, r := range m.Attributes {
		out.Attributes = append(out.Attributes, wire.AttributeRule{Target: string(r.Target), Source: r.Source, Constant: r.Constant, Default: r.Default})
	}
	for _, r := range m.Roles {
		out.Roles = append(out.Roles, wire.RoleRule{Source: string(r.Source), Value: r.Value, Grants: string(r.Grants)})
	}
	return out
}
