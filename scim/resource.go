package scim

import (
	"fmt"
	"strings"

	"drawbridge/directory"
)

// Resource is one resource as a tree in canonical spelling: every name as its schema writes it, values coerced and checked, without id,
// meta, groups and the other read-only attributes, and without secrets. The members of a group are separate.
type Resource struct {
	Type       *ResourceType
	Attributes directory.Attributes // begins with "schemas"
	// ActiveStated tells whether the write itself states active. A user always has active, but only a write that states it may reactivate a
	// user (L4). Decode and patch.Apply set it, FromUser does not.
	ActiveStated bool
}

// Clone copies r deeply.
func (r Resource) Clone() Resource {
	r.Attributes = r.Attributes.Clone()
	return r
}

// Check validates the whole resource after a change and completes it: schemas come first and are computed again: the base URN, and the URN
// of each extension that has data (RFC 7643 §3). Unassigned, read-only and secret attributes, and those that are in no schema, are removed;
// of several primary elements one stays; required attributes must have a value that is not blank. The error is *Error 400 invalidValue.
// Check may change the tree of r: pass a Clone to keep the original.
func (r *Resource) Check(q *Quirks) error {
	t := r.Type
	out := make(directory.Attributes, 1, len(r.Attributes)+1)
	out[0] = directory.Attribute{Name: "schemas"}
	for i := range r.Attributes {
		at := r.Attributes[i]
		if directory.Unassigned(at.Value) {
			continue
		}
		a := t.Attribute(at.Name)
		if a == nil {
			s := t.Extension(at.Name)
			if s == nil {
				continue
			}
			data, ok := at.Value.(directory.Attributes)
			if !ok {
				return InvalidValue(s.URN + " must be an object, not " + kindOf(at.Value))
			}
			if data = s.check(data, q); len(data) > 0 {
				out = append(out, directory.Attribute{Name: s.URN, Value: data})
			}
			continue
		}
		if a.Name == "schemas" || a == t.members || a.discarded(q) {
			continue
		}
		if list, ok := at.Value.([]any); ok && a.MultiValued {
			at.Value = a.tidy(list, q)
		}
		out = append(out, at)
	}
	r.Attributes = out
	return r.finish()
}

// finish fills in schemas, which come first, and does the checks of the whole resource.
func (r *Resource) finish() error {
	schemas := make([]any, 1, 1+len(r.Type.Extensions))
	schemas[0] = r.Type.Core.URN
	for i := range r.Attributes {
		if name := r.Attributes[i].Name; strings.IndexByte(name, ':') > 0 {
			schemas = append(schemas, name)
		}
	}
	r.Attributes[0].Value = schemas
	if err := r.required(); err != nil {
		return err
	}
	if size := roughSize(r.Attributes); size > maxWhole {
		return InvalidValue(fmt.Sprintf("the resource has about %d bytes, more than the %d that one may have", size, maxWhole))
	}
	if n := countValues(r.Attributes); n > maxValues {
		return InvalidValue(fmt.Sprintf("the resource has %d values, more than the %d that one may have", n, maxValues))
	}
	return nil
}

// check is Resource.Check for the data of an extension.
func (s *Schema) check(data directory.Attributes, q *Quirks) directory.Attributes {
	out := data[:0]
	for _, at := range data {
		a := s.Attribute(at.Name)
		if a == nil || directory.Unassigned(at.Value) || a.discarded(q) {
			continue
		}
		if list, ok := at.Value.([]any); ok && a.MultiValued {
			at.Value = a.tidy(list, q)
		}
		out = append(out, at)
	}
	clear(data[len(out):])
	return out
}

// required checks that required attributes have a value (RFC 7643 §2.2): in the core schema, in extensions that have data, and
// in each element of a complex attribute.
func (r *Resource) required() error {
	if err := missing(r.Type.Core.Attributes, r.Attributes, ""); err != nil {
		return err
	}
	for _, e := range r.Type.Extensions {
		value, _ := r.Attributes.Get(e.Schema.URN)
		data, ok := value.(directory.Attributes)
		if !ok {
			if e.Required {
				return InvalidValue(e.Schema.URN + " is required")
			}
			continue
		}
		if err := missing(e.Schema.Attributes, data, e.Schema.URN+":"); err != nil {
			return err
		}
	}
	return nil
}

func missing(attributes []*Attribute, values directory.Attributes, prefix string) error {
	for _, a := range attributes {
		if !a.Required && !a.demanding || a.Mutability == ReadOnly || a.stripped() {
			continue
		}
		value, _ := values.Get(a.Name)
		if isBlank(value) {
			if a.Required {
				return InvalidValue(prefix + a.Name + " is required and must not be empty")
			}
			continue
		}
		if !a.demanding {
			continue
		}
		elements, ok := value.([]any)
		if !ok {
			elements = []any{value}
		}
		for _, element := range elements {
			object, _ := element.(directory.Attributes)
			if err := missing(a.Sub, object, prefix+a.Name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// stripped reports whether values of the attribute are never kept.
func (a *Attribute) stripped() bool { return a.Returned == ReturnedNever || a.Mutability == WriteOnly }

func isBlank(value any) bool {
	if text, ok := value.(string); ok {
		return strings.TrimSpace(text) == ""
	}
	return directory.Unassigned(value)
}

// roughSize is about the length of the JSON text of value.
func roughSize(value any) int {
	switch v := value.(type) {
	case string:
		return len(v) + 2
	case directory.Number:
		return len(v)
	case directory.Attributes:
		n := 2
		for i := range v {
			n += len(v[i].Name) + 4 + roughSize(v[i].Value)
		}
		return n
	case []any:
		n := 2
		for i := range v {
			n += 1 + roughSize(v[i])
		}
		return n
	}
	return 5
}

// countValues counts the top-level values of a resource.
func countValues(value any) int {
	n := 0
	switch v := value.(type) {
	case directory.Attributes:
		for i := range v {
			n += countValues(v[i].Value)
		}
	case []any:
		for i := range v {
			n += countValues(v[i])
		}
	default:
		n = 1
	}
	return n
}

// Over gives the result of a PUT of r on an existing resource (RFC 7644 §3.5.1): r, except that an immutable attribute keeps its value, and
// another value for it is *Error 400 mutability. Neither resource is changed.
func (r Resource) Over(before Resource) (Resource, error) {
	if !r.Type.fixed {
		return r, nil
	}
	out := r.Clone()
	var err error
	if out.Attributes, err = overImmutable(r.Type.Core.Attributes, out.Attributes, before.Attributes, ""); err != nil {
		return Resource{}, err
	}
	for _, e := range r.Type.Extensions {
		was, _ := before.Attributes.Get(e.Schema.URN)
		old, ok := was.(directory.Attributes)
		if !ok {
			continue
		}
		is, _ := out.Attributes.Get(e.Schema.URN)
		data, _ := is.(directory.Attributes)
		if data, err = overImmutable(e.Schema.Attributes, data, old, e.Schema.URN+":"); err != nil {
			return Resource{}, err
		}
		if len(data) > 0 {
			out.Attributes.Set(e.Schema.URN, data)
		}
	}
	if err := out.Check(nil); err != nil {
		return Resource{}, err
	}
	return out, nil
}

func overImmutable(attributes []*Attribute, values, before directory.Attributes, prefix string) (directory.Attributes, error) {
	for _, a := range attributes {
		old, _ := before.Get(a.Name)
		if directory.Unassigned(old) {
			continue
		}
		value, given := values.Get(a.Name)
		if a.Mutability != Immutable {
			// Elements of a multi-valued attribute have no id, so a changed element cannot be recognised.
			was, ok := old.(directory.Attributes)
			is, _ := value.(directory.Attributes)
			if !ok || a.MultiValued || !given {
				continue
			}
			kept, err := overImmutable(a.Sub, is, was, prefix+a.Name+".")
			if err != nil {
				return nil, err
			}
			values.Set(a.Name, kept)
			continue
		}
		if given && !directory.EqualValues(old, value) {
			return nil, Mutability(prefix + a.Name + " is immutable and has another value already")
		}
		values.Set(a.Name, directory.CloneValue(old))
	}
	return values, nil
}

// UserDraft is the resource as the draft of a user. q lists the leniencies that were applied.
func (r Resource) UserDraft(q *Quirks) directory.UserDraft {
	d := directory.UserDraft{
		UserName:   r.Attributes.String("userName"),
		ExternalID: r.Attributes.String("externalId"),
		UserType:   r.Attributes.String("userType"),
		Document:   r.document("active"),
		Deviations: q.Strings(),
	}
	if value, _ := r.Attributes.Get("active"); r.ActiveStated {
		if active, ok := value.(bool); ok {
			d.Active = &active
		}
	}
	emails, _ := r.Attributes.Get("emails")
	list, _ := emails.([]any)
	for _, element := range list {
		object, _ := element.(directory.Attributes)
		if address := object.String("value"); address != "" {
			d.Emails = append(d.Emails, address)
		}
	}
	return d
}

// GroupDraft is the resource as the draft of a group, without a change of its membership.
func (r Resource) GroupDraft(q *Quirks) directory.GroupDraft {
	return directory.GroupDraft{
		DisplayName: r.Attributes.String("displayName"),
		ExternalID:  r.Attributes.String("externalId"),
		Document:    r.document("members"),
		Deviations:  q.Strings(),
	}
}

// ResourceDraft is the resource as the draft of a custom resource.
func (r Resource) ResourceDraft(q *Quirks) directory.ResourceDraft {
	return directory.ResourceDraft{
		ExternalID: r.Attributes.String("externalId"),
		Document:   r.document(""),
		Deviations: q.Strings(),
	}
}

// document encodes the resource for the store, without the attribute that is stored separately.
func (r Resource) document(without string) directory.Document {
	b := make([]byte, 1, 64+roughSize(r.Attributes))
	b[0] = '{'
	for i := range r.Attributes {
		at := &r.Attributes[i]
		switch at.Name {
		case without, "id", "meta", "password":
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(directory.AppendJSONString(b, at.Name), ':')
		b = directory.AppendJSON(b, at.Value)
	}
	return append(b, '}')
}

// FromUser is the stored user as a resource, with active. An error means that the stored document is damaged.
func (t *ResourceType) FromUser(u *directory.User) (Resource, error) {
	r, err := t.fromDocument(u.Document)
	if err != nil {
		return Resource{}, err
	}
	if _, has := r.Attributes.Get("userName"); !has {
		r.Attributes.Set("userName", u.UserName)
	}
	r.Attributes.Set("active", u.Active())
	return r, nil
}

// FromGroup is the stored group as a resource, without members. An error means that the stored document is damaged.
func (t *ResourceType) FromGroup(g *directory.Group) (Resource, error) {
	r, err := t.fromDocument(g.Document)
	if err != nil {
		return Resource{}, err
	}
	if _, has := r.Attributes.Get("displayName"); !has {
		r.Attributes.Set("displayName", g.DisplayName)
	}
	return r, nil
}

// FromResource is the stored custom resource as a resource. An error means that the stored document is damaged.
func (t *ResourceType) FromResource(x *directory.Resource) (Resource, error) {
	return t.fromDocument(x.Document)
}

func (t *ResourceType) fromDocument(d directory.Document) (Resource, error) {
	attributes, err := d.Attributes()
	if err != nil {
		return Resource{}, fmt.Errorf("the stored %s is damaged: %w", t.Name, err)
	}
	if _, has := attributes.Get("schemas"); !has {
		attributes = append(directory.Attributes{{Name: "schemas", Value: []any{t.Core.URN}}}, attributes...)
	}
	return Resource{Type: t, Attributes: attributes}, nil
}
