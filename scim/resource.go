package scim

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"drawbridge/directory"
)

// Resource is one resource as a tree in canonical spelling: every name as its schema writes it, values coerced and checked,
// without id, meta, groups and the other read-only attributes, and without secrets. A group has no members, which travel
// apart.
type Resource struct {
	Type       *ResourceType
	Attributes directory.Attributes // begins with "schemas"
	// ActiveStated tells whether the write itself names active. A user always has it, but only a write that states it
	// may reactivate somebody (L4): Decode and patch.Apply set it, FromUser does not.
	ActiveStated bool
}

// Clone copies r deeply.
func (r Resource) Clone() Resource {
	r.Attributes = r.Attributes.Clone()
	return r
}

// Decode reads the parsed JSON body of a POST or PUT (RFC 7644 §3.3, §3.5.1). What comes back is the full replacement:
// what the body does not have is unassigned. Names and URNs are recognised in any case and come back as their schemas write
// them, in the order of the client; values are coerced as Coerce does. Read-only attributes are dropped, as the RFC says;
// passwords and other secrets are discarded; unknown attributes are ignored. All of that is noted in q.
//
// members of a group come back apart: nil if the body does not have them, empty for null or [].
//
// The error is *Error 400: invalidSyntax for schemas that do not name the resource type, else invalidValue that names the
// attribute. body is not changed.
func (t *ResourceType) Decode(body directory.Attributes, q *Quirks) (Resource, *[]directory.MemberRef, error) {
	schemas, _ := body.Get("schemas")
	declared, err := t.declared(schemas, q)
	if err != nil {
		return Resource{}, nil, err
	}
	out := make(directory.Attributes, 1, len(body)+2)
	out[0] = directory.Attribute{Name: "schemas"} // filled in by finish
	r := Resource{Type: t}
	var members *[]directory.MemberRef
	for i := range body {
		name, value := body[i].Name, body[i].Value
		a := t.Attribute(name)
		switch {
		case a == nil:
			if out, err = t.decodeExtension(out, name, value, declared, q); err != nil {
				return Resource{}, nil, err
			}
			continue
		case a.Name == "schemas":
			continue
		case a == t.members:
			refs, err := MemberRefs(value, q)
			if err != nil {
				return Resource{}, nil, err
			}
			members = &refs
			continue
		case a.unassigned(value) || a.discarded(q):
			continue
		}
		if a.Name != name {
			q.Add(QuirkNameCase)
		}
		v, failed := a.whole(value, q, true)
		if failed != nil {
			return Resource{}, nil, failed.in(a.Name).scim()
		}
		if v != nil {
			out = append(out, directory.Attribute{Name: a.Name, Value: v})
			r.ActiveStated = r.ActiveStated || a == t.active
		}
	}
	r.Attributes = out
	if err := r.finish(); err != nil {
		return Resource{}, nil, err
	}
	return r, members, nil
}

// declaration says which schemas a body names.
type declaration struct {
	missing    bool // no schemas at all
	extensions uint64
}

// has reports whether extension number i was named.
func (d declaration) has(i int) bool { return d.missing || i < 64 && d.extensions&(1<<i) != 0 }

// declared reads schemas (RFC 7643 §3). The base URN, or a legacy name for it, must be there; a URN that nobody knows is
// ignored beside it. A body without schemas is taken for what its endpoint says: some clients' tests PUT that way.
func (t *ResourceType) declared(value any, q *Quirks) (declaration, error) {
	d := declaration{}
	if value == nil {
		q.Add(QuirkSchemaMissing)
		d.missing = true
		return d, nil
	}
	list, ok := value.([]any)
	if !ok {
		if _, text := value.(string); !text {
			return d, InvalidSyntax("schemas must be an array of URNs, not " + kindOf(value))
		}
		q.Add(QuirkArrayWrapped)
		list = []any{value}
	}
	base := false
	for _, element := range list {
		urn, ok := element.(string)
		if !ok {
			return d, InvalidSyntax("schemas must be an array of URNs, not of " + kindOf(element))
		}
		if strings.EqualFold(urn, t.Core.URN) {
			base = true
			continue
		}
		place, exact := t.place(urn)
		switch {
		case place == corePlace:
			q.Add(QuirkSchemaAlias)
			base = true
		case place >= 0:
			if !exact {
				q.Add(QuirkSchemaAlias)
			}
			d.extensions |= 1 << min(place, 63)
		default:
			q.Add(QuirkSchemaUnknown)
			base = base || isVendorSchema(urn)
		}
	}
	if !base {
		return d, InvalidSyntax("schemas must contain " + t.Core.URN)
	}
	return d, nil
}

// decodeExtension adds to out what stands under a name that is no attribute: the data of an extension, or something
// unknown.
func (t *ResourceType) decodeExtension(out directory.Attributes, name string, value any, declared declaration, q *Quirks) (directory.Attributes, error) {
	if directory.Unassigned(value) {
		return out, nil
	}
	place, exact := noPlace, false
	if strings.IndexByte(name, ':') > 0 {
		place, exact = t.place(name)
	}
	if place < 0 {
		q.Add(QuirkUnknownAttribute)
		return out, nil
	}
	if !exact {
		q.Add(QuirkSchemaAlias)
	}
	if list, ok := value.([]any); ok && len(list) == 1 {
		q.Add(QuirkArrayUnwrapped)
		value = list[0]
	}
	s := t.Extensions[place].Schema
	given, ok := value.(directory.Attributes)
	if !ok {
		if value == nil {
			return out, nil
		}
		return out, InvalidValue(s.URN + " must be an object, not " + kindOf(value))
	}
	data := make(directory.Attributes, 0, len(given))
	before, merged := out.Get(s.URN) // under its legacy name and its real one
	if merged {
		data, _ = before.(directory.Attributes)
	}
	for i := range given {
		a := s.Attribute(given[i].Name)
		if a == nil {
			if !directory.Unassigned(given[i].Value) {
				q.Add(QuirkUnknownAttribute)
			}
			continue
		}
		if a.unassigned(given[i].Value) || a.discarded(q) {
			continue
		}
		if a.Name != given[i].Name {
			q.Add(QuirkNameCase)
		}
		v, failed := a.whole(given[i].Value, q, true)
		if failed != nil {
			return out, failed.in(a.fullName()).scim()
		}
		if _, twice := data.Get(a.Name); v != nil && !twice {
			data = append(data, directory.Attribute{Name: a.Name, Value: v})
		}
	}
	if len(data) == 0 {
		return out, nil
	}
	if !declared.has(place) {
		q.Add(QuirkExtensionMissing)
	}
	if merged {
		out.Set(s.URN, data)
		return out, nil
	}
	return append(out, directory.Attribute{Name: s.URN, Value: data}), nil
}

// MemberRefs reads the value of a group's members, or one member: objects with value, $ref, type and display, or bare ids
// (what Microsoft's test collection sends). A $ref alone names the member by its last segment. The operation of
// SCIM 1.1 is left to package patch; a member that is marked with operation "delete" is not a member. The error is *Error
// 400 invalidValue.
func MemberRefs(value any, q *Quirks) ([]directory.MemberRef, error) {
	list, ok := value.([]any)
	if !ok {
		if directory.Unassigned(value) {
			return []directory.MemberRef{}, nil
		}
		q.Add(QuirkArrayWrapped)
		list = []any{value}
	}
	out := make([]directory.MemberRef, 0, len(list))
	for i, element := range list {
		if directory.Unassigned(element) {
			continue
		}
		ref, member, err := memberRef(element, q)
		if err != nil {
			return nil, err.in(fmt.Sprintf("members[%d]", i)).scim()
		}
		if member {
			out = append(out, ref)
		}
	}
	return out, nil
}

// maxDisplay is how much of a member's display name is kept.
const maxDisplay = 256

func memberRef(element any, q *Quirks) (ref directory.MemberRef, member bool, failed *valueError) {
	object, ok := element.(directory.Attributes)
	if !ok {
		id, text := element.(string)
		if !text || id == "" {
			return ref, false, &valueError{problem: "must be an object with the id of a member as value, not " + kindOf(element)}
		}
		q.Add(QuirkMemberString)
		return checkMember(directory.MemberRef{Value: id})
	}
	member = true
	var link string
	for i := range object {
		text, ok := object[i].Value.(string)
		switch name := object[i].Name; {
		case strings.EqualFold(name, "value"):
			ref.Value = text
		case strings.EqualFold(name, "$ref"):
			if link = text; object[i].Value == nil {
				q.Add(QuirkRefNull)
			}
		case strings.EqualFold(name, "type"):
			ref.Type = text
		case strings.EqualFold(name, "display"), strings.EqualFold(name, "displayName"):
			ref.Display = truncate(text, maxDisplay)
		case strings.EqualFold(name, "operation"):
			q.Add(QuirkMemberOperation)
			member = !strings.EqualFold(text, "delete")
		default:
			q.Add(QuirkUnknownAttribute)
			continue
		}
		if !ok && object[i].Value != nil {
			return ref, false, (&valueError{problem: "must be a string, not " + kindOf(object[i].Value)}).in(object[i].Name)
		}
	}
	if ref.Value == "" && link != "" {
		q.Add(QuirkMemberRef)
		link = strings.TrimRight(link, "/")
		ref.Value = link[strings.LastIndexByte(link, '/')+1:]
	}
	ref.Type = memberType(ref.Type, q)
	checked, _, failed := checkMember(ref)
	return checked, member, failed
}

func memberType(text string, q *Quirks) string {
	switch {
	case text == "":
		return ""
	case strings.EqualFold(text, "User"):
		return "User"
	case strings.EqualFold(text, "Group"):
		return "Group"
	}
	q.Add(QuirkMemberType)
	return ""
}

func checkMember(ref directory.MemberRef) (directory.MemberRef, bool, *valueError) {
	switch {
	case ref.Value == "":
		return ref, false, &valueError{problem: "has no value: the id of a user or group is expected"}
	case len(ref.Value) > maxKey:
		return ref, false, &valueError{path: "value", problem: fmt.Sprintf("must not be longer than %d bytes", maxKey)}
	}
	return ref, true, nil
}

// truncate cuts text to at most n bytes, between characters.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// Check validates the whole resource after a change and completes it: schemas come first and are made anew, the base URN
// always and the URN of an extension exactly when its data is there (RFC 7643 §3); unassigned attributes, read-only ones,
// secrets and what no schema has any more leave; of several primary elements one stays; required attributes must have a value
// that is not blank. The error is *Error 400 invalidValue. Check may change the tree of r: give it a Clone of what must stay.
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

// finish fills in schemas, which come first, and checks what concerns the resource as a whole.
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

// required checks that what must have a value has one (RFC 7643 §2.2): in the core schema, in extensions that have data, and
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

// Over gives what a PUT of r makes of a resource that exists (RFC 7644 §3.5.1): r, but an immutable attribute that has a
// value keeps it, and another value for it is *Error 400 mutability. Neither resource is changed.
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
			// Elements of a multi-valued attribute have no name by which one could tell that an old one was changed.
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

// UserNameFromEmail puts a userName into the body of a user that has none: the address that is primary, else the one
// of type work, else the first. Rippling can be set up to send addresses only; the profile of a connection says whether to do
// this. body is not changed.
func UserNameFromEmail(t *ResourceType, body directory.Attributes, q *Quirks) directory.Attributes {
	emails := t.Attribute("emails")
	if name, _ := body.Get("userName"); emails == nil || !directory.Unassigned(name) {
		return body
	}
	given, _ := body.Get(emails.Name)
	value, err := emails.Coerce(given, nil)
	list, ok := value.([]any)
	if err != nil || !ok {
		return body
	}
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
	if rank == 0 {
		return body
	}
	q.Add(QuirkUserNameEmail)
	out := make(directory.Attributes, 0, len(body)+1)
	for i := range body {
		if !strings.EqualFold(body[i].Name, "userName") {
			out = append(out, body[i])
		}
	}
	return append(out, directory.Attribute{Name: "userName", Value: address})
}

// UserDraft is the resource as the draft of a user. q names what was lenient on the way.
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

// document encodes the resource as it is stored, without the attribute that is kept elsewhere.
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
