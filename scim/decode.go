package scim

import (
	"strings"

	"drawbridge/directory"
)

// DecodeOptions are the options of Decode for a connection. The zero value follows RFC 7643.
type DecodeOptions struct {
	// Paths reads keys that select elements, emails[type eq "work"].value. It is patch.Keys, which this package cannot
	// import. nil: such keys are unknown attributes.
	Paths PathKeys
	// UserNameFromEmail: a user without userName gets the e-mail address that is primary, else the one of type work, else
	// the first. Rippling can be set up to send addresses only.
	UserNameFromEmail bool
}

// PathKeys adds to r the values of a body whose keys are paths with brackets.
type PathKeys func(r *Resource, keys directory.Attributes, q *Quirks) error

// Decode reads the parsed JSON body of a POST or PUT (RFC 7644 §3.3, §3.5.1). The result replaces the resource: attributes that are missing
// in the body are unassigned. Values are normalised as Normalise does. Read-only attributes are dropped, as the RFC says; passwords and
// other secrets are discarded; unknown attributes are ignored. All of that is noted in q.
//
// An attribute may occur under every name that a PATCH path may have: in any case; with the URN of its schema before it; an attribute of an
// extension without the URN if no other schema has the name; a sub-attribute after a dot. The core schema's URN may hold an object like
// that of an extension. An attribute that occurs under two names must have one value.
//
// The members of a group are returned separately: nil if the body does not have them, empty for null or [].
//
// The error is *Error 400: invalidSyntax for schemas that do not name the resource type, else invalidValue that names the attribute. body
// is not changed.
func (t *ResourceType) Decode(body directory.Attributes, opts DecodeOptions, q *Quirks) (Resource, *[]directory.MemberRef, error) {
	schemas, _ := body.Get("schemas")
	declared, err := t.declared(schemas, q)
	if err != nil {
		return Resource{}, nil, err
	}
	d := decoder{resource: t, quirks: q, declared: declared, out: make(directory.Attributes, 1, len(body)+2)}
	d.out[0] = directory.Attribute{Name: "schemas"} // filled in by finish
	for i := range body {
		if err := d.key(body[i].Name, body[i].Value); err != nil {
			return Resource{}, nil, err
		}
	}
	r := Resource{Type: t, Attributes: d.out, ActiveStated: d.active}
	if len(d.paths) > 0 {
		if opts.Paths == nil {
			q.Add(QuirkUnknownAttribute)
		} else if err := opts.Paths(&r, d.paths, q); err != nil {
			return Resource{}, nil, err
		}
	}
	if opts.UserNameFromEmail {
		r.userNameFromEmail(q)
	}
	if err := r.finish(); err != nil {
		return Resource{}, nil, err
	}
	return r, d.members, nil
}

// decoder is the state of one Decode.
type decoder struct {
	resource *ResourceType
	quirks   *Quirks
	declared declaration

	out     directory.Attributes
	members *[]directory.MemberRef
	active  bool                 // active has a value
	flat    bool                 // some key was a path, so an attribute may occur under two keys
	paths   directory.Attributes // keys that select elements
}

// key reads one member of the body.
func (d *decoder) key(name string, value any) error {
	a := d.resource.Attribute(name)
	if a == nil {
		return d.path(name, value)
	}
	if a.Name != name {
		d.quirks.Add(QuirkNameCase)
	}
	return d.attribute(a, value)
}

// attribute reads the value of a core or common attribute.
func (d *decoder) attribute(a *Attribute, value any) error {
	switch {
	case a.Name == "schemas" && a.Schema == "":
		return nil
	case a == d.resource.members:
		refs, err := MemberRefs(value, d.quirks)
		if err != nil {
			return err
		}
		if d.members != nil {
			return InvalidValue("members occurs under two names")
		}
		d.members = &refs
		return nil
	case a.unassigned(value) || a.discarded(d.quirks):
		return nil
	}
	v, failed := a.whole(value, d.quirks)
	if failed != nil {
		return failed.in(a.Name).scim()
	}
	d.active = d.active || a == d.resource.active && v != nil
	return d.put(&d.out, a, v)
}

// put adds the value of an attribute to the object that holds it.
func (d *decoder) put(to *directory.Attributes, a *Attribute, value any) error {
	if directory.Unassigned(value) {
		return nil
	}
	if d.flat {
		if old, twice := to.Get(a.Name); twice {
			return d.join(to, a, old, value)
		}
	}
	*to = append(*to, directory.Attribute{Name: a.Name, Value: value})
	return nil
}

// join merges two values of one attribute: they must be equal, or have different sub-attributes.
func (d *decoder) join(to *directory.Attributes, a *Attribute, old, value any) error {
	before, isObject := old.(directory.Attributes)
	more, _ := value.(directory.Attributes)
	if !isObject {
		if directory.EqualValues(old, value) {
			return nil
		}
		return InvalidValue(a.fullName() + " occurs under two names, with different values")
	}
	for _, at := range more {
		if err := d.put(&before, a.SubAttribute(at.Name), at.Value); err != nil {
			return err
		}
	}
	to.Set(a.Name, before)
	return nil
}

// path reads a member of the body whose name is not an attribute: a schema with an object of attributes, a path, or an unknown name.
func (d *decoder) path(name string, value any) error {
	bare, bracket := name, strings.IndexByte(name, '[')
	if bracket >= 0 {
		bare = name[:bracket]
	}
	target, known := d.resource.Find(bare, d.quirks)
	switch {
	case !known:
		if !directory.Unassigned(value) {
			d.quirks.Add(QuirkUnknownAttribute)
		}
		return nil
	case target.Attribute == nil && bracket < 0:
		if directory.Unassigned(value) {
			return nil
		}
		return d.schema(target.Extension, value)
	}
	d.flat = true
	d.quirks.Add(QuirkPathKeys)
	a := target.Attribute
	switch {
	case bracket >= 0, target.Sub != nil && (a.MultiValued || a == d.resource.members):
		d.paths = append(d.paths, directory.Attribute{Name: name, Value: value})
		return nil
	case target.Sub != nil:
		value = directory.Attributes{{Name: target.Sub.Name, Value: value}}
	}
	if target.Extension != nil {
		return d.extension(target.Extension, directory.Attributes{{Name: a.Name, Value: value}})
	}
	return d.attribute(a, value)
}

// schema reads the attributes of an object under the URN of a schema; nil is the core schema.
func (d *decoder) schema(s *Schema, value any) error {
	name := d.resource.Core.URN
	if s != nil {
		name = s.URN
	}
	given, err := Object(name, value, d.quirks)
	if err != nil || s != nil {
		if err == nil {
			err = d.extension(s, given)
		}
		return err
	}
	d.flat = true
	d.quirks.Add(QuirkPathKeys)
	for i := range given {
		if err := d.key(given[i].Name, given[i].Value); err != nil {
			return err
		}
	}
	return nil
}

// Object reads the value under the URN of a schema, or that of a PATCH operation without a path: an object of attributes. A
// list of one object and an object as JSON text are accepted and noted. The error is *Error 400 invalidValue.
func Object(name string, value any, q *Quirks) (directory.Attributes, error) {
	if text, ok := value.(string); ok {
		if parsed, ok := jsonText(text, "{["); ok {
			q.Add(QuirkJSONText)
			value = parsed
		}
	}
	if list, ok := value.([]any); ok && len(list) == 1 {
		q.Add(QuirkArrayUnwrapped)
		value = list[0]
	} else if ok && len(list) == 0 {
		return nil, nil
	}
	given, ok := value.(directory.Attributes)
	if !ok {
		return nil, InvalidValue(name + " must be an object of attributes, not " + kindOf(value))
	}
	return given, nil
}

// extension reads attributes of an extension.
func (d *decoder) extension(s *Schema, given directory.Attributes) error {
	old, merged := d.out.Get(s.URN) // under a legacy name and the real one, or attribute by attribute
	data, _ := old.(directory.Attributes)
	d.flat = d.flat || merged
	if data == nil {
		data = make(directory.Attributes, 0, len(given))
	}
	for i := range given {
		a := s.Attribute(given[i].Name)
		switch {
		case a == nil && strings.ContainsAny(given[i].Name, ".["):
			// The key is a path inside the object. It must see the values that were read so far.
			d.setExtension(s, data)
			if err := d.path(s.URN+":"+given[i].Name, given[i].Value); err != nil {
				return err
			}
			old, _ = d.out.Get(s.URN)
			data, _ = old.(directory.Attributes)
			continue
		case a == nil:
			if !directory.Unassigned(given[i].Value) {
				d.quirks.Add(QuirkUnknownAttribute)
			}
			continue
		case a.unassigned(given[i].Value) || a.discarded(d.quirks):
			continue
		}
		if a.Name != given[i].Name {
			d.quirks.Add(QuirkNameCase)
		}
		v, failed := a.whole(given[i].Value, d.quirks)
		if failed != nil {
			return failed.in(a.fullName()).scim()
		}
		if err := d.put(&data, a, v); err != nil {
			return err
		}
	}
	d.setExtension(s, data)
	return nil
}

// setExtension puts the data of an extension into the resource.
func (d *decoder) setExtension(s *Schema, data directory.Attributes) {
	if len(data) == 0 {
		return
	}
	if place, _ := d.resource.place(s.URN); !d.declared.has(place) {
		d.quirks.Add(QuirkExtensionMissing)
	}
	d.out.Set(s.URN, data)
}

// userNameFromEmail gives the user an e-mail address as userName if it has none.
func (r *Resource) userNameFromEmail(q *Quirks) {
	if _, has := r.Attributes.Get("userName"); has {
		return
	}
	emails, _ := r.Attributes.Get("emails")
	list, _ := emails.([]any)
	address, rank := "", 0
	for _, element := range list {
		object, _ := element.(directory.Attributes)
		text, of := object.String("value"), 1
		switch {
		case strings.TrimSpace(text) == "":
			continue
		case isPrimary(object):
			of = 3
		case strings.EqualFold(object.String("type"), "work"):
			of = 2
		}
		if of > rank {
			address, rank = text, of
		}
	}
	if rank > 0 {
		q.Add(QuirkUserNameEmail)
		r.Attributes.Set("userName", address)
	}
}
