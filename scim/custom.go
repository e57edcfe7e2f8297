package scim

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// Limits of the schemas of a tenant.
const (
	maxDefinition = 64 << 10 // bytes of one schema
	maxAttributes = 200      // attributes of one schema, including sub-attributes
	maxSchemas    = 50       // definitions of one tenant
	maxName       = 128      // bytes of a name
	maxFindings   = 20       // findings that one error tells
)

// schemaSchema is the URN in the attribute schemas of a schema.
const schemaSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema"

// ParseSchema reads a schema in the form of RFC 7643 §7, in which /Schemas returns it:
//
//	{"id": "urn:example:params:scim:schemas:badge:1.0:User", "name": "Badge", "attributes": [
//	  {"name": "badgeNumber", "type": "string", "caseExact": true},
//	  {"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
//	    {"name": "value", "type": "string", "required": true}, {"name": "until", "type": "dateTime"}]}]}
//
// Missing characteristics have the defaults of RFC 7643 §2.2. ParseSchema refuses: names that break the grammar of §2.1, names twice in any
// case, sub-attributes of sub-attributes, characteristics that do not exist or contradict each other, uniqueness where it cannot be kept
// (of complex and boolean attributes, and of values that are returned never), more than 64 KiB or 200 attributes, members that RFC 7643
// does not have. Values of an attribute that is returned "never" are checked and dropped, because the bridge keeps no secrets.
//
// The error is *Error 400 invalidValue with all findings, each with the name of the attribute.
func ParseSchema(definition directory.Document) (*Schema, error) {
	if len(definition) > maxDefinition {
		return nil, InvalidValue(fmt.Sprintf("the schema has %d bytes, more than %d", len(definition), maxDefinition))
	}
	value, err := directory.ParseJSON(definition, directory.Limits{Depth: 8, Values: maxDefinition})
	if err != nil {
		return nil, InvalidValue("the schema is not JSON: " + err.Error())
	}
	root, ok := value.(directory.Attributes)
	if !ok {
		return nil, InvalidValue("the schema must be an object, not " + kindOf(value))
	}
	p := schemaParser{}
	s := p.schema(root)
	if err := p.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// schemaParser reads one schema and collects its faults.
type schemaParser struct {
	findings []string
	count    int // attributes seen
}

func (p *schemaParser) find(format string, args ...any) {
	p.findings = append(p.findings, fmt.Sprintf(format, args...))
}

func (p *schemaParser) err() error {
	if len(p.findings) == 0 {
		return nil
	}
	if more := len(p.findings) - maxFindings; more > 0 {
		p.findings = append(p.findings[:maxFindings], fmt.Sprintf("and %d more", more))
	}
	return InvalidValue(strings.Join(p.findings, "; "))
}

func (p *schemaParser) schema(root directory.Attributes) *Schema {
	s := &Schema{}
	for _, at := range root {
		switch strings.ToLower(at.Name) {
		case "schemas":
			list, ok := at.Value.([]any)
			if !ok || !slices.ContainsFunc(list, func(v any) bool {
				urn, ok := v.(string)
				return ok && strings.EqualFold(urn, schemaSchema)
			}) {
				p.find("schemas must contain %s", schemaSchema)
			}
		case "id":
			s.URN = p.text("", at)
		case "name":
			s.Name = p.text("", at)
		case "description":
			s.Description = p.text("", at)
		case "meta":
		case "attributes":
		default:
			p.find("%s is not a member of a schema (RFC 7643 §7)", short(at.Name))
		}
	}
	p.urn(s.URN)
	if s.Name == "" {
		s.Name = s.URN
	}
	if s.Description == "" {
		s.Description = s.Name
	}
	attributes, _ := root.Get("attributes")
	s.Attributes = p.attributes(attributes, nil, s.URN)
	return s
}

// urn checks the name of a schema. The core schemas and messages belong to the RFCs; urn:ietf:params:scim:schemas:extension: does not,
// because Entra ID requires it for custom extensions.
func (p *schemaParser) urn(urn string) {
	switch {
	case urn == "":
		p.find("id is missing: the URN of the schema")
	case !isURN(urn):
		p.find("id %q is not a URN for attribute paths: urn:, then letters, digits and . _ - between colons", short(urn))
	case hasPrefixFold(urn, "urn:ietf:params:scim:api:"), hasPrefixFold(urn, "urn:ietf:params:scim:schemas:core:"),
		hasPrefixFold(urn, "urn:scim:schemas:"), hasPrefixFold(urn, EnterpriseSchema),
		hasPrefixFold(urn, "urn:ietf:params:scim:schemas:extension:enterprise:"):
		p.find("id %s is a name of the standard schemas", short(urn))
	}
}

func isURN(urn string) bool {
	if !hasPrefixFold(urn, "urn:") || len(urn) > 255 || strings.Count(urn, ":") < 2 {
		return false
	}
	for part := range strings.SplitSeq(urn, ":") {
		if part == "" {
			return false
		}
		for i := 0; i < len(part); i++ {
			if c := part[i]; !isAlpha(c) && !isDigit(c) && c != '.' && c != '_' && c != '-' {
				return false
			}
		}
	}
	return true
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

func isAlpha(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// attributes reads a list of definitions; parent is nil for those of the schema.
func (p *schemaParser) attributes(value any, parent *Attribute, urn string) []*Attribute {
	what := "attributes"
	if parent != nil {
		what = parent.Name + ".subAttributes"
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		p.find("%s must be an array of at least one attribute", what)
		return nil
	}
	if p.count += len(list); p.count > maxAttributes {
		p.find("there are more than %d attributes", maxAttributes)
		return nil
	}
	var out []*Attribute
	for i, element := range list {
		definition, ok := element.(directory.Attributes)
		if !ok {
			p.find("%s[%d] must be an object, not %s", what, i, kindOf(element))
			continue
		}
		a := p.attribute(definition, parent, urn, fmt.Sprintf("%s[%d]", what, i))
		if a == nil {
			continue
		}
		if find(out, a.Name) != nil {
			p.find("%s: the name occurs twice", fullPath(a))
			continue
		}
		out = append(out, a)
	}
	return out
}

func fullPath(a *Attribute) string {
	if a.Parent != nil {
		return a.Parent.Name + "." + a.Name
	}
	return a.Name
}

// attribute reads one definition; nil if its name is invalid.
func (p *schemaParser) attribute(definition directory.Attributes, parent *Attribute, urn, place string) *Attribute {
	a := &Attribute{
		Name: definition.String("name"), Type: String, Mutability: ReadWrite, Returned: ReturnedDefault, Uniqueness: UniqueNone,
		Schema: urn, Parent: parent,
	}
	if !p.name(a, place) {
		return nil
	}
	name := fullPath(a)
	var subs any
	for _, at := range definition {
		switch strings.ToLower(at.Name) {
		case "name":
		case "type":
			a.Type = Type(p.choice(name, at, string(String), string(Boolean), string(Decimal), string(Integer),
				string(DateTime), string(Binary), string(Reference), string(Complex)))
		case "multivalued":
			a.MultiValued = p.boolean(name, at)
		case "required":
			a.Required = p.boolean(name, at)
		case "caseexact":
			a.CaseExact = p.boolean(name, at)
		case "description":
			a.Description = p.text(name+": ", at)
		case "mutability":
			a.Mutability = p.choice(name, at, ReadWrite, ReadOnly, Immutable, WriteOnly)
		case "returned":
			a.Returned = p.choice(name, at, ReturnedDefault, ReturnedAlways, ReturnedNever, ReturnedRequest)
		case "uniqueness":
			a.Uniqueness = p.choice(name, at, UniqueNone, UniqueServer, UniqueGlobal)
		case "canonicalvalues":
			a.CanonicalValues = p.textList(name, at)
		case "referencetypes":
			a.ReferenceTypes = p.textList(name, at)
		case "subattributes":
			subs = at.Value
		default:
			p.find("%s: %s is not a characteristic of an attribute (RFC 7643 §7)", name, short(at.Name))
		}
	}
	p.consistent(a, name, definition, subs)
	if a.Type == Complex && parent == nil {
		a.Sub = p.attributes(subs, a, urn)
	}
	return a
}

// name checks the grammar of RFC 7643 §2.1: a letter, then letters, digits, "-" and "_". "$ref" is the one exception.
func (p *schemaParser) name(a *Attribute, place string) bool {
	switch {
	case a.Name == "":
		p.find("%s has no name", place)
		return false
	case a.Name == "$ref" && a.Parent != nil:
		return true
	case len(a.Name) > maxName:
		p.find("%s: the name has more than %d characters", place, maxName)
		return false
	}
	ok := isAlpha(a.Name[0])
	for i := 1; i < len(a.Name); i++ {
		c := a.Name[i]
		ok = ok && (isAlpha(c) || isDigit(c) || c == '-' || c == '_')
	}
	switch {
	case !ok:
		p.find("%s: the name %q is not a letter followed by letters, digits, - and _", place, short(a.Name))
	case a.Parent == nil && (strings.EqualFold(a.Name, "schemas") || strings.EqualFold(a.Name, "id") ||
		strings.EqualFold(a.Name, "externalId") || strings.EqualFold(a.Name, "meta")):
		p.find("%s: every resource has an attribute %s already (RFC 7643 §3.1)", place, a.Name)
		ok = false
	}
	return ok
}

// consistent checks that the characteristics of an attribute are consistent, and fills in those that follow from others.
func (p *schemaParser) consistent(a *Attribute, name string, definition directory.Attributes, subs any) {
	_, returned := definition.Get("returned")
	switch {
	case a.Mutability == WriteOnly && !returned:
		a.Returned = ReturnedNever
	case a.Mutability == WriteOnly && a.Returned != ReturnedNever:
		p.find("%s: a writeOnly attribute is returned never, not %s", name, a.Returned)
	}
	if a.Required && a.Mutability == ReadOnly {
		p.find("%s: an attribute that is required and readOnly can never get a value", name)
	}
	if a.Required && a.stripped() {
		p.find("%s: values that are returned never are not kept, so that the attribute cannot be required", name)
	}
	switch {
	case a.Uniqueness == UniqueNone:
	case a.Type == Complex:
		p.find("%s: uniqueness belongs to the sub-attributes of a complex attribute", name)
	case a.Type == Boolean:
		p.find("%s: a boolean has two values, so that it cannot be unique", name)
	case a.stripped():
		p.find("%s: values that are returned never are not kept, so that they cannot be unique", name)
	}
	switch {
	case a.Type == Complex && a.Parent != nil:
		p.find("%s: a sub-attribute cannot be complex (RFC 7643 §2.3.8)", name)
	case a.Type == Complex && len(a.CanonicalValues) > 0:
		p.find("%s: canonicalValues belong to the sub-attributes of a complex attribute", name)
	case a.Type != Complex && subs != nil:
		p.find("%s: only a complex attribute has subAttributes, not one of type %s", name, a.Type)
	}
	switch {
	case a.Type == Reference && len(a.ReferenceTypes) == 0:
		a.ReferenceTypes = []string{"uri"}
	case a.Type != Reference && len(a.ReferenceTypes) > 0:
		p.find("%s: only an attribute of type reference has referenceTypes, not one of type %s", name, a.Type)
	}
	if a.Type == Reference || a.Type == Binary {
		a.CaseExact = true
	}
	if a.Description == "" {
		a.Description = name
	}
}

func (p *schemaParser) text(prefix string, at directory.Attribute) string {
	text, ok := at.Value.(string)
	if !ok {
		p.find("%s%s must be a string, not %s", prefix, at.Name, kindOf(at.Value))
	}
	return text
}

func (p *schemaParser) boolean(name string, at directory.Attribute) bool {
	b, ok := at.Value.(bool)
	if !ok {
		p.find("%s: %s must be true or false, not %s", name, at.Name, kindOf(at.Value))
	}
	return b
}

// choice reads one of a few words in any case and returns its usual spelling; the first is the default.
func (p *schemaParser) choice(name string, at directory.Attribute, words ...string) string {
	text, ok := at.Value.(string)
	if ok {
		for _, word := range words {
			if strings.EqualFold(word, text) {
				return word
			}
		}
		p.find("%s: %s must be one of %s, not %q", name, at.Name, strings.Join(words, ", "), short(text))
		return words[0]
	}
	p.find("%s: %s must be one of %s, not %s", name, at.Name, strings.Join(words, ", "), kindOf(at.Value))
	return words[0]
}

func (p *schemaParser) textList(name string, at directory.Attribute) []string {
	list, ok := at.Value.([]any)
	if !ok {
		p.find("%s: %s must be an array of strings, not %s", name, at.Name, kindOf(at.Value))
		return nil
	}
	out := make([]string, 0, len(list))
	for _, element := range list {
		text, ok := element.(string)
		if !ok {
			p.find("%s: %s must be an array of strings, not of %s", name, at.Name, kindOf(element))
			return nil
		}
		out = append(out, text)
	}
	return out
}

// short truncates a client's text for an error.
func short(text string) string {
	if len(text) > 64 {
		return truncate(text, 64) + "…"
	}
	return text
}

// extend adds the schemas of a tenant: its resource types, which are named by their endpoint, and extensions of User, Group and these
// types. Types come first, so that the order of the definitions does not matter. The error is *Error 400 invalidValue that says which
// definition is wrong.
func (c *Catalog) extend(custom []directory.CustomSchema) error {
	if len(custom) > maxSchemas {
		return InvalidValue(fmt.Sprintf("a tenant has at most %d schemas of its own", maxSchemas))
	}
	schemas := make([]*Schema, len(custom))
	for i := range custom {
		s, err := ParseSchema(custom[i].Definition)
		if err != nil {
			return wrong(i, custom[i], err)
		}
		schemas[i] = s
	}
	for i := range custom {
		if custom[i].Endpoint == "" {
			continue
		}
		if err := c.addType(custom[i], schemas[i]); err != nil {
			return wrong(i, custom[i], err)
		}
	}
	for i := range custom {
		if custom[i].Endpoint != "" {
			continue
		}
		if err := c.addExtension(custom[i], schemas[i]); err != nil {
			return wrong(i, custom[i], err)
		}
	}
	return nil
}

// Complete checks the new schemas of a tenant, and returns them with their unique attributes, which the bridge needs. The error is that of
// NewCatalog.
func Complete(custom []directory.CustomSchema) ([]directory.CustomSchema, error) {
	c, err := NewCatalog(custom)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(custom)
	for i := range out {
		out[i].Unique = nil
		urn, _ := out[i].Definition.Value("id").(string)
		for _, t := range c.Types {
			for _, s := range t.schemas() {
				if strings.EqualFold(s.URN, urn) {
					out[i].Unique = uniqueOf(t.Kind(), s.Attributes)
				}
			}
		}
	}
	return out, nil
}

func uniqueOf(kind directory.Kind, attributes []*Attribute) []directory.UniqueAttribute {
	var out []directory.UniqueAttribute
	for _, a := range attributes {
		if a.Uniqueness != UniqueNone {
			out = append(out, directory.UniqueAttribute{Kind: kind, Path: a.Path(), Type: a.ValueType(), CaseExact: a.CaseExact})
		}
		out = append(out, uniqueOf(kind, a.Sub)...)
	}
	return out
}

func wrong(i int, custom directory.CustomSchema, err error) error {
	return InvalidValue(fmt.Sprintf("schema %d (for %s): %s", i+1, short(custom.ResourceType), ErrorOf(err).Detail))
}

func (c *Catalog) addType(custom directory.CustomSchema, s *Schema) error {
	name, endpoint := custom.ResourceType, custom.Endpoint
	if !isTypeName(name) {
		return InvalidValue(fmt.Sprintf("the resource type %q is not a letter followed by at most 39 letters and digits", short(name)))
	}
	if !strings.HasPrefix(endpoint, "/") {
		endpoint = "/" + endpoint
	}
	if !isTypeName(endpoint[1:]) {
		return InvalidValue(fmt.Sprintf("the endpoint %q is not a slash and a letter followed by at most 39 letters and digits", short(custom.Endpoint)))
	}
	for _, reserved := range []string{"Schema", "Schemas", "ResourceType", "ResourceTypes", "ServiceProviderConfig", "ServiceProviderConfigs", "Bulk", "Me"} {
		if strings.EqualFold(name, reserved) {
			return InvalidValue("the resource type " + name + " belongs to SCIM itself")
		}
		if strings.EqualFold(endpoint[1:], reserved) {
			return InvalidValue("the endpoint " + endpoint + " belongs to SCIM itself")
		}
	}
	for _, t := range c.Types {
		if strings.EqualFold(t.Name, name) {
			return InvalidValue("there is a resource type " + t.Name + " already; an extension of it has no endpoint")
		}
		if strings.EqualFold(t.Endpoint, endpoint) {
			return InvalidValue("the endpoint " + endpoint + " belongs to the resource type " + t.Name)
		}
	}
	if err := c.free(s); err != nil {
		return err
	}
	moved := *s
	moved.Attributes = withoutURN(s.Attributes, nil)
	c.Types = append(c.Types, &ResourceType{Name: name, Endpoint: endpoint, Description: s.Description, Core: &moved})
	return nil
}

// withoutURN makes attributes of an extension into those of a core schema.
func withoutURN(attributes []*Attribute, parent *Attribute) []*Attribute {
	out := make([]*Attribute, len(attributes))
	for i, a := range attributes {
		moved := *a
		moved.Schema, moved.Parent = "", parent
		moved.Sub = withoutURN(a.Sub, &moved)
		out[i] = &moved
	}
	return out
}

func isTypeName(name string) bool {
	if name == "" || len(name) > 40 || !isAlpha(name[0]) {
		return false
	}
	for i := 1; i < len(name); i++ {
		if !isAlpha(name[i]) && !isDigit(name[i]) {
			return false
		}
	}
	return true
}

func (c *Catalog) addExtension(custom directory.CustomSchema, s *Schema) error {
	for _, t := range c.Types {
		if !strings.EqualFold(t.Name, custom.ResourceType) {
			continue
		}
		if err := c.free(s); err != nil {
			return err
		}
		t.Extensions = append(t.Extensions, Extension{Schema: s, Required: custom.Required})
		return nil
	}
	return InvalidValue(fmt.Sprintf("there is no resource type %q; a new one needs an endpoint", short(custom.ResourceType)))
}

// free checks that no schema has the URN of s, or a URN that is ambiguous with it in a path: urn:a and urn:a:b, if
// urn:a has an attribute b.
func (c *Catalog) free(s *Schema) error {
	for _, other := range c.Schemas() {
		switch {
		case strings.EqualFold(other.URN, s.URN):
			return InvalidValue("the URN " + s.URN + " belongs to a schema already")
		case hidden(other, s), hidden(s, other):
			return InvalidValue("paths with the URN " + s.URN + " cannot be told from those with " + other.URN)
		}
	}
	return nil
}

// hidden reports whether the path of an attribute of s reads as the URN of longer.
func hidden(s, longer *Schema) bool {
	if !hasURN(longer.URN, s.URN) || len(longer.URN) == len(s.URN) {
		return false
	}
	name, _, _ := strings.Cut(longer.URN[len(s.URN)+1:], ":")
	return s.Attribute(name) != nil
}
