package provision_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/elimity-com/scim"
	scimerrors "github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// memory keeps the resources of one type, for an application that is built on the SCIM server of elimity-com.
type memory struct {
	mu     *sync.Mutex
	unique string // the attribute that is unique, in any case
	made   int
	all    map[string]scim.ResourceAttributes
}

func elimity(t testing.TB) (http.Handler, *memory, *memory) {
	t.Helper()
	var mu sync.Mutex
	users := &memory{mu: &mu, unique: "userName", all: map[string]scim.ResourceAttributes{}}
	groups := &memory{mu: &mu, unique: "displayName", all: map[string]scim.ResourceAttributes{}}
	external := schema.SimpleCoreAttribute(schema.SimpleStringParams(schema.StringParams{Name: "externalId", CaseExact: true}))
	person, group := schema.CoreUserSchema(), schema.CoreGroupSchema()
	person.Attributes, group.Attributes = append(person.Attributes, external), append(group.Attributes, external)
	s, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{MaxResults: 100, SupportFiltering: true, SupportPatch: true},
		ResourceTypes: []scim.ResourceType{
			{Name: "User", Endpoint: "/Users", Schema: person, SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}}, Handler: users},
			{Name: "Group", Endpoint: "/Groups", Schema: group, Handler: groups},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, users, groups
}

// copied is a copy that shares nothing, because the library changes what it gets.
func copied(a scim.ResourceAttributes) scim.ResourceAttributes {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	var out scim.ResourceAttributes
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

func (s *memory) resource(id string) scim.Resource {
	a := copied(s.all[id])
	external, _ := a["externalId"].(string)
	return scim.Resource{ID: id, ExternalID: optional.NewString(external), Attributes: a}
}

func (s *memory) put(id string, a scim.ResourceAttributes) (scim.Resource, error) {
	name, _ := a[s.unique].(string)
	for other, b := range s.all {
		if taken, _ := b[s.unique].(string); other != id && strings.EqualFold(taken, name) {
			return scim.Resource{}, scimerrors.ScimErrorUniqueness
		}
	}
	s.all[id] = copied(a)
	return s.resource(id), nil
}

func (s *memory) Create(_ *http.Request, a scim.ResourceAttributes) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return s.put(fmt.Sprintf("%s-%d", s.unique, s.made), a)
}

func (s *memory) Get(_ *http.Request, id string) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[id] == nil {
		return scim.Resource{}, scimerrors.ScimErrorResourceNotFound(id)
	}
	return s.resource(id), nil
}

func (s *memory) GetAll(_ *http.Request, p scim.ListRequestParams) (scim.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []scim.Resource
	for _, id := range slices.Sorted(maps.Keys(s.all)) {
		if p.FilterValidator == nil || p.FilterValidator.PassesFilter(s.all[id]) == nil {
			found = append(found, s.resource(id))
		}
	}
	from := min(p.StartIndex-1, len(found))
	return scim.Page{TotalResults: len(found), Resources: found[from:min(from+p.Count, len(found))]}, nil
}

func (s *memory) Replace(_ *http.Request, id string, a scim.ResourceAttributes) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[id] == nil {
		return scim.Resource{}, scimerrors.ScimErrorResourceNotFound(id)
	}
	return s.put(id, a)
}

func (s *memory) Delete(_ *http.Request, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[id] == nil {
		return scimerrors.ScimErrorResourceNotFound(id)
	}
	delete(s.all, id)
	return nil
}

func (s *memory) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[id] == nil {
		return scim.Resource{}, scimerrors.ScimErrorResourceNotFound(id)
	}
	a := copied(s.all[id])
	for _, op := range operations {
		if op.Path == nil {
			return scim.Resource{}, scimerrors.ScimErrorInvalidPath
		}
		in := map[string]any(a)
		name := op.Path.AttributePath.AttributeName
		if urn := op.Path.AttributePath.URI(); urn != "" {
			in = within(in, urn)
		}
		if sub := op.Path.AttributePath.SubAttributeName(); sub != "" {
			in, name = within(in, name), sub
		}
		values, _ := in[name].([]any)
		switch {
		case op.Path.ValueExpression != nil && op.Op == scim.PatchOperationRemove:
			wanted := fmt.Sprint(op.Path.ValueExpression)
			in[name] = slices.DeleteFunc(values, func(v any) bool { return fmt.Sprintf("value eq %q", valueOf(v)) == wanted })
		case op.Path.ValueExpression != nil:
			return scim.Resource{}, scimerrors.ScimErrorInvalidPath
		case op.Op == scim.PatchOperationRemove:
			delete(in, name)
		case op.Op == scim.PatchOperationAdd && name == "members":
			added, _ := op.Value.([]any)
			for _, v := range added {
				known := func(other any) bool { return valueOf(other) == valueOf(v) }
				if !slices.ContainsFunc(values, known) {
					values = append(values, v)
				}
			}
			in[name] = values
		default:
			in[name] = op.Value
		}
	}
	return s.put(id, a)
}

// valueOf is the id of a member.
func valueOf(member any) any {
	m, _ := member.(map[string]any)
	return m["value"]
}

func within(a map[string]any, name string) map[string]any {
	inner, ok := a[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		a[name] = inner
	}
	return inner
}

// describe is what describe says of our own server.
func (s *memory) describe(groups *memory) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	names := map[any]string{}
	for id, u := range s.all {
		name, _ := u["userName"].(string)
		title, _ := u["title"].(string)
		if u["active"] == true {
			names[id] = name
		}
		out = append(out, fmt.Sprintf("%v %s title=%q active=%v", u["externalId"], name, title, u["active"]))
	}
	for _, g := range groups.all {
		var in []string
		members, _ := g["members"].([]any)
		for _, m := range members {
			if name := names[valueOf(m)]; name != "" {
				in = append(in, name)
			}
		}
		slices.Sort(in)
		out = append(out, fmt.Sprintf("%v group %v %v", g["externalId"], g["displayName"], in))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// onElimity puts the server of elimity-com in the place of our own.
func (k *kit) onElimity() {
	k.T.Helper()
	handler, users, groups := elimity(k.T)
	k.proxy.next = http.StripPrefix("/scim/v2/mirror-scim", handler)
	k.other = func() string { return users.describe(groups) }
}
