package provision

import (
	"bytes"
	"strings"

	"drawbridge/directory"
)

const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseSchema = directory.EnterpriseUser
)

// renderUser gives what a target should have of a user, by path. Each part of a name and of the enterprise extension is a path of its own,
// so that a part that is removed is removed there too. The manager is left out: it is an id of this side.
func renderUser(t *directory.Target, u *directory.User) directory.Attributes {
	out := directory.Attributes{{Name: "externalId", Value: u.ID.String()}, {Name: "userName", Value: u.UserName}}
	display := u.DisplayName()
	if display == "" {
		display = u.UserName
	}
	out = append(out, directory.Attribute{Name: "displayName", Value: display})
	add := func(path string, v any) {
		values, several := v.([]any)
		if v != nil && v != "" && (!several || len(values) > 0) {
			out = append(out, directory.Attribute{Name: path, Value: v})
		}
	}
	document, _ := u.Document.Attributes()
	for _, path := range append(directory.TargetTexts(), directory.TargetLists()...) {
		if path != "userName" && path != "displayName" {
			add(path, valueOf(document, path))
		}
	}
	p := profileOf(t.Profile)
	out = append(mapped(t.Mapping, out), directory.Attribute{Name: "active", Value: isActive(u)})
	return p.fit(out)
}

// isActive reports whether a user may use the application: not before they are confirmed, and not while they are suspended.
func isActive(u *directory.User) bool {
	return u.State == directory.Active || u.State == directory.Recovery
}

// renderGroup gives what a target should have of a group, without its members.
func renderGroup(g *directory.Group) directory.Attributes {
	return directory.Attributes{{Name: "externalId", Value: g.ID.String()}, {Name: "displayName", Value: g.DisplayName}}
}

// split gives the parts of a path: the object in which the value is ("" for the record itself), and its name there.
func split(path string) (object, name string) {
	if rest, ok := strings.CutPrefix(path, enterpriseSchema+":"); ok {
		return enterpriseSchema, rest
	}
	if object, name, ok := strings.Cut(path, "."); ok {
		return object, name
	}
	return "", path
}

// nested gives a record with the values of paths.
func nested(schema string, flat directory.Attributes) directory.Attributes {
	schemas := []any{schema}
	out := directory.Attributes{{Name: "schemas", Value: nil}}
	for _, a := range flat {
		out = assign(out, a.Name, a.Value)
		if object, _ := split(a.Name); object == enterpriseSchema && len(schemas) == 1 {
			schemas = append(schemas, enterpriseSchema)
		}
	}
	out[0].Value = schemas
	return out
}

// assign sets the value of a path in a record; nil removes it.
func assign(record directory.Attributes, path string, value any) directory.Attributes {
	object, name := split(path)
	if object == "" {
		return set(record, name, value)
	}
	inner, _ := at(record, object).(directory.Attributes)
	inner = set(inner.Clone(), name, value)
	if len(inner) == 0 {
		return set(record, object, nil)
	}
	return set(record, object, inner)
}

func set(a directory.Attributes, name string, value any) directory.Attributes {
	out := make(directory.Attributes, 0, len(a)+1)
	done := false
	for _, one := range a {
		if !strings.EqualFold(one.Name, name) {
			out = append(out, one)
			continue
		}
		if value != nil && !done {
			out = append(out, directory.Attribute{Name: one.Name, Value: value})
		}
		done = true
	}
	if !done && value != nil {
		out = append(out, directory.Attribute{Name: name, Value: value})
	}
	return out
}

// valueOf gives the value of a path in a record of the application; nil if there is none.
func valueOf(record directory.Attributes, path string) any {
	object, name := split(path)
	if object != "" {
		record, _ = at(record, object).(directory.Attributes)
	}
	return at(record, name)
}

// covers reports whether the application has a value: it may have added something to it, such as the type of an address. Names of users and
// addresses may be written in another case.
func covers(has, want any, how spelling) bool {
	switch w := want.(type) {
	case string:
		h, ok := has.(string)
		return ok && (h == w || how == anyCase && directory.Fold(h) == directory.Fold(w))
	case directory.Attributes:
		h, ok := has.(directory.Attributes)
		for _, a := range w {
			ok = ok && covers(at(h, a.Name), a.Value, how)
		}
		return ok
	case []any:
		h := list(has)
		if len(h) != len(w) {
			return false
		}
		for _, one := range w {
			found := false
			for _, other := range h {
				found = found || covers(other, one, how)
			}
			if !found {
				return false
			}
		}
		return true
	}
	return has == want
}

// spelling says whether the case of letters makes a difference.
type spelling string

const (
	exactly spelling = "exactly"
	anyCase spelling = "in any case"
)

// spellingOf is how the value of a path is compared with what the application has. One that was sent before may have been written in another
// case by the application.
func spellingOf(path string, before directory.Attributes) spelling {
	if len(before) > 0 && (path == "userName" || path == "emails") {
		return anyCase
	}
	return exactly
}

// seen gives what was "last sent", as the application has it: where it has a wanted value, that, otherwise its own. before is what was
// really sent before; an application that has it may write names in another case. What it has beside that is its own matter.
func seen(record, want, before directory.Attributes) directory.Attributes {
	out := directory.Attributes{}
	for _, a := range want {
		has := valueOf(record, a.Name)
		switch {
		case covers(has, a.Value, spellingOf(a.Name, before)):
			out = append(out, a)
		case has != nil:
			out = append(out, directory.Attribute{Name: a.Name, Value: has})
		}
	}
	for _, a := range before {
		if _, wanted := want.Get(a.Name); wanted {
			continue
		}
		if has := valueOf(record, a.Name); has != nil {
			out = append(out, directory.Attribute{Name: a.Name, Value: has})
		}
	}
	return out
}

// difference gives what must be set and removed so that sent becomes want, by path.
func difference(sent, want directory.Attributes) (changed directory.Attributes, removed []string) {
	for _, a := range want {
		before, there := sent.Get(a.Name)
		if !there || !same(before, a.Value) {
			changed = append(changed, a)
		}
	}
	for _, a := range sent {
		if _, wanted := want.Get(a.Name); !wanted {
			removed = append(removed, a.Name)
		}
	}
	return changed, removed
}

func same(a, b any) bool {
	return bytes.Equal(directory.AppendJSON(nil, a), directory.AppendJSON(nil, b))
}

// operations are the operations of a PATCH.
func operations(changed directory.Attributes, removed []string) []any {
	var out []any
	for _, a := range changed {
		out = append(out, directory.Attributes{{Name: "op", Value: "replace"}, {Name: "path", Value: a.Name}, {Name: "value", Value: a.Value}})
	}
	for _, path := range removed {
		out = append(out, directory.Attributes{{Name: "op", Value: "remove"}, {Name: "path", Value: path}})
	}
	return out
}

// removeMember is the operation that takes one member out of a group, by a value path, so that no other member is touched.
func removeMember(id string) any {
	path := "members[value eq " + string(directory.AppendJSONString(nil, id)) + "]"
	return directory.Attributes{{Name: "op", Value: "remove"}, {Name: "path", Value: path}}
}

// addMembers is the operation that puts members into a group.
func addMembers(ids []string) any {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = directory.Attributes{{Name: "value", Value: id}}
	}
	return directory.Attributes{{Name: "op", Value: "add"}, {Name: "path", Value: "members"}, {Name: "value", Value: values}}
}
