package scim

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/elimity-com/scim/schema"

	"drawbridge/directory"
)

// The URNs of the schemas that every tenant has.
const (
	UserSchema       = schema.UserSchema
	GroupSchema      = schema.GroupSchema
	EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// Type is the data type of an attribute (RFC 7643 §2.3).
type Type string

// The data types.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	Decimal   Type = "decimal"
	Integer   Type = "integer"
	DateTime  Type = "dateTime"
	Binary    Type = "binary"
	Reference Type = "reference"
	Complex   Type = "complex"
)

// Characteristics of attributes (RFC 7643 §7).
const (
	ReadOnly  = "readOnly"
	ReadWrite = "readWrite"
	Immutable = "immutable"
	WriteOnly = "writeOnly"

	ReturnedAlways  = "always"
	ReturnedNever   = "never"
	ReturnedDefault = "default"
	ReturnedRequest = "request"

	UniqueNone   = "none"
	UniqueServer = "server"
	UniqueGlobal = "global"
)

// Attribute is a row of the attribute table: the characteristics of an attribute (RFC 7643 §7), and its place. Rows are immutable.
type Attribute struct {
	Name            string
	Description     string
	Type            Type
	MultiValued     bool
	Required        bool
	CaseExact       bool
	Mutability      string
	Returned        string
	Uniqueness      string
	CanonicalValues []string
	ReferenceTypes  []string
	Sub             []*Attribute // of a complex attribute

	Schema string     // the URN of the extension that defines it; "" for the core schema and the common attributes
	Parent *Attribute // the complex attribute of which this is a sub-attribute

	limit     int  // bytes of a text; 0: maxText
	prepared  bool // values compare in the form of directory.UserNameKey
	masked    bool // of a complex attribute: some sub-attribute is not returned by default
	demanding bool // of a complex attribute: some sub-attribute is required
}

// SubAttribute finds a sub-attribute by name, in any case; nil if there is none.
func (a *Attribute) SubAttribute(name string) *Attribute { return find(a.Sub, name) }

// Path names the attribute in a directory.Query.
func (a *Attribute) Path() directory.Path {
	if a.Parent != nil {
		return directory.Path{Schema: a.Schema, Name: a.Parent.Name, Sub: a.Name}
	}
	return directory.Path{Schema: a.Schema, Name: a.Name}
}

// ValueType tells how values of the attribute compare. A complex attribute compares by its sub-attribute "value".
func (a *Attribute) ValueType() directory.ValueType {
	switch a.Type {
	case Boolean:
		return directory.Boolean
	case Decimal, Integer:
		return directory.Numeric
	case DateTime:
		return directory.Instant
	case Binary:
		return directory.Binary
	case Complex:
		if value := a.SubAttribute("value"); value != nil {
			return value.ValueType()
		}
	}
	return directory.Text
}

func find(attributes []*Attribute, name string) *Attribute {
	for _, a := range attributes {
		if len(a.Name) == len(name) && (a.Name == name || strings.EqualFold(a.Name, name)) {
			return a
		}
	}
	return nil
}

// Schema is a named set of attributes.
type Schema struct {
	URN         string
	Name        string
	Description string
	Attributes  []*Attribute
}

// Attribute finds an attribute of the schema by name, in any case; nil if there is none.
func (s *Schema) Attribute(name string) *Attribute { return find(s.Attributes, name) }

// compile turns a definition of the library into rows of our table. extension is its URN, or "" for a core schema.
func compile(definition schema.Schema, extension string) *Schema {
	out := &Schema{URN: definition.ID, Name: definition.Name.Value(), Description: definition.Description.Value()}
	for i := range definition.Attributes {
		out.Attributes = append(out.Attributes, row(&definition.Attributes[i], nil, extension))
	}
	return out
}

func row(from *schema.CoreAttribute, parent *Attribute, extension string) *Attribute {
	a := &Attribute{
		Name:            from.Name(),
		Description:     from.Description(),
		Type:            Type(from.AttributeType()),
		MultiValued:     from.MultiValued(),
		Required:        from.Required(),
		CaseExact:       caseExact(from),
		Mutability:      from.Mutability(),
		Returned:        from.Returned(),
		Uniqueness:      from.Uniqueness(),
		CanonicalValues: slices.Clone(from.CanonicalValues()),
		Schema:          extension,
		Parent:          parent,
	}
	for _, r := range from.ReferenceTypes() {
		a.ReferenceTypes = append(a.ReferenceTypes, string(r))
	}
	subs := from.SubAttributes()
	for i := range subs {
		a.Sub = append(a.Sub, row(&subs[i], a, extension))
	}
	return a
}

// caseExact: references and binaries are case-exact by their type (RFC 7643 §2.3.6, §2.3.7), even if a definition says otherwise.
func caseExact(from *schema.CoreAttribute) bool {
	t := Type(from.AttributeType())
	return from.CaseExact() || t == Reference || t == Binary
}

// commonAttributes are those that every resource has (RFC 7643 §3, §3.1). They belong to no schema and are therefore not
// in /Schemas.
func commonAttributes() []*Attribute {
	text := func(name, mutability, returned, description string) *Attribute {
		return &Attribute{
			Name: name, Type: String, CaseExact: true, Mutability: mutability, Returned: returned, Uniqueness: UniqueNone, Description: description,
		}
	}
	instant := func(name, description string) *Attribute {
		return &Attribute{Name: name, Type: DateTime, Mutability: ReadOnly, Returned: ReturnedDefault, Uniqueness: UniqueNone, Description: description}
	}
	schemas := text("schemas", ReadWrite, ReturnedAlways, "The URNs of the schemas whose attributes the resource has.")
	schemas.Type, schemas.MultiValued, schemas.Required, schemas.CaseExact = Reference, true, true, false // URNs compare without case
	id := text("id", ReadOnly, ReturnedAlways, "The identifier of the resource, given by the service provider, never changed and never given again.")
	id.Uniqueness = UniqueServer
	externalID := text("externalId", ReadWrite, ReturnedDefault, "The identifier that the provisioning client has for the resource.")
	externalID.limit = maxKey
	location := text("location", ReadOnly, ReturnedDefault, "The URL of the resource.")
	location.Type, location.ReferenceTypes = Reference, []string{"uri"}
	meta := &Attribute{Name: "meta", Type: Complex, Mutability: ReadOnly, Returned: ReturnedDefault, Uniqueness: UniqueNone, Description: "What the service provider knows about the resource."}
	meta.Sub = []*Attribute{
		text("resourceType", ReadOnly, ReturnedDefault, "The name of the resource type."),
		instant("created", "When the resource was created."),
		instant("lastModified", "When the resource was changed last."),
		location,
		text("version", ReadOnly, ReturnedDefault, "The version of the resource, its entity tag."),
	}
	for _, sub := range meta.Sub {
		sub.Parent = meta
	}
	return []*Attribute{schemas, id, externalID, meta}
}

// MarshalJSON writes the schema in the form of RFC 7643 §7 and §8.7.
func (s *Schema) MarshalJSON() ([]byte, error) { return json.Marshal(s.Definition()) }

// Definition is the schema as a SCIM resource, without meta.
func (s *Schema) Definition() directory.Attributes {
	attributes := make([]any, len(s.Attributes))
	for i, a := range s.Attributes {
		attributes[i] = a.definition()
	}
	return directory.Attributes{
		{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:Schema"}},
		{Name: "id", Value: s.URN},
		{Name: "name", Value: s.Name},
		{Name: "description", Value: s.Description},
		{Name: "attributes", Value: attributes},
	}
}

func (a *Attribute) definition() directory.Attributes {
	out := directory.Attributes{
		{Name: "name", Value: a.Name},
		{Name: "type", Value: string(a.Type)},
		{Name: "multiValued", Value: a.MultiValued},
		{Name: "description", Value: a.Description},
		{Name: "required", Value: a.Required},
	}
	if len(a.CanonicalValues) > 0 {
		out = append(out, directory.Attribute{Name: "canonicalValues", Value: texts(a.CanonicalValues)})
	}
	if a.Type != Complex && a.Type != Boolean {
		out = append(out, directory.Attribute{Name: "caseExact", Value: a.CaseExact})
	}
	out = append(out,
		directory.Attribute{Name: "mutability", Value: a.Mutability},
		directory.Attribute{Name: "returned", Value: a.Returned},
		directory.Attribute{Name: "uniqueness", Value: a.Uniqueness})
	if len(a.ReferenceTypes) > 0 {
		out = append(out, directory.Attribute{Name: "referenceTypes", Value: texts(a.ReferenceTypes)})
	}
	if len(a.Sub) > 0 {
		subs := make([]any, len(a.Sub))
		for i, sub := range a.Sub {
			subs[i] = sub.definition()
		}
		out = append(out, directory.Attribute{Name: "subAttributes", Value: subs})
	}
	return out
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
