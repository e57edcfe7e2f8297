package scim

import (
	"slices"
	"strings"

	"github.com/elimity-com/scim/schema"

	"drawbridge/directory"
)

// ResourceType is a kind of resource with its endpoint and schemas (RFC 7643 §6). It is made once and never changed.
type ResourceType struct {
	Name        string // "User"; also its directory.Kind
	Endpoint    string // "/Users"
	Description string
	Core        *Schema
	Extensions  []Extension

	common  []*Attribute
	aliases []string   // legacy URNs of the core schema
	active  *Attribute // of a user
	members *Attribute // of a group
	masked  bool       // some attribute is not returned by default, so a stored document cannot be returned unchanged
	fixed   bool       // some attribute is immutable
}

// Extension is a schema that adds attributes to a resource type under its URN.
type Extension struct {
	Schema   *Schema
	Required bool

	aliases []string // legacy URNs
}

// Kind is the name of the resource type in the directory.
func (t *ResourceType) Kind() directory.Kind { return directory.Kind(t.Name) }

// HasImmutable reports whether some attribute can be set only once (RFC 7643 §2.2), so that a PUT must be compared with the stored
// resource.
func (t *ResourceType) HasImmutable() bool { return t.fixed }

// Extension finds the extension with this URN, in any case; nil if the resource type does not have it.
func (t *ResourceType) Extension(urn string) *Schema {
	for _, e := range t.Extensions {
		if strings.EqualFold(e.Schema.URN, urn) {
			return e.Schema
		}
	}
	return nil
}

// Attribute finds a core or common attribute by its bare name, in any case; nil if there is none.
func (t *ResourceType) Attribute(name string) *Attribute {
	if a := find(t.common, name); a != nil {
		return a
	}
	return t.Core.Attribute(name)
}

// Target is what an attribute path in text means: an attribute, one of its sub-attributes, or a whole extension.
type Target struct {
	Extension *Schema    // set when the path is, or begins with, the URN of an extension, or its attribute has no URN
	Attribute *Attribute // nil when the path is the URN of a whole schema; of the core schema if Extension is nil, too
	Sub       *Attribute // nil when the path names no sub-attribute
}

// Leaf is the innermost named attribute; nil for a whole extension.
func (t Target) Leaf() *Attribute {
	if t.Sub != nil {
		return t.Sub
	}
	return t.Attribute
}

// Path names the target in a directory.Query.
func (t Target) Path() directory.Path { return t.Leaf().Path() }

// Resolve reads an attribute path (RFC 7644 §3.10): "userName", "name.givenName", "urn:…:User:userName",
// "urn:…:enterprise:2.0:User:manager.value", or the URN of a schema alone. URNs are tried longest first; case does not matter. A
// sub-attribute without its parent or an unknown name is not found.
func (t *ResourceType) Resolve(path string) (Target, bool) { return t.Lookup(path, nil) }

// Lookup is Resolve that notes in q when the URN in path is another name than the schema's own: those of SCIM 1.1, OneLogin
// and Entra ID, and a URN with a dot before the attribute, as in Entra ID's first job template.
func (t *ResourceType) Lookup(path string, q *Quirks) (Target, bool) {
	rest, place, ok := t.cutURN(path, q)
	if !ok {
		return Target{}, false
	}
	var target Target
	if place >= 0 {
		target.Extension = t.Extensions[place].Schema
	}
	if rest == "" {
		return target, place != noPlace
	}
	name, sub, dotted := strings.Cut(rest, ".")
	if target.Extension != nil {
		target.Attribute = target.Extension.Attribute(name)
	} else {
		target.Attribute = t.Attribute(name)
	}
	if target.Attribute == nil {
		return Target{}, false
	}
	if dotted {
		if target.Sub = target.Attribute.SubAttribute(sub); target.Sub == nil {
			return Target{}, false
		}
	}
	return target, true
}

// cutURN cuts the URN off a path. It gives false for a path that ends after the separator.
func (t *ResourceType) cutURN(path string, q *Quirks) (rest string, place int, ok bool) {
	if strings.IndexByte(path, ':') <= 0 {
		return path, noPlace, true
	}
	place, n, exact := t.longestURN(path)
	if place == noPlace {
		return path, noPlace, true
	}
	rest = path[n:]
	if !exact || strings.HasPrefix(rest, ".") {
		q.Add(QuirkSchemaAlias)
	}
	if rest == "" {
		return "", place, true
	}
	return rest[1:], place, len(rest) > 1
}

// Find is Lookup with one more leniency: the bare name of an attribute that only one extension has ("manager", as Entra ID
// sends it) means that attribute.
func (t *ResourceType) Find(path string, q *Quirks) (Target, bool) {
	if target, ok := t.Lookup(path, q); ok {
		return target, true
	}
	if strings.Contains(path, ":") {
		return Target{}, false
	}
	name, _, _ := strings.Cut(path, ".")
	var only *Schema
	for _, e := range t.Extensions {
		if e.Schema.Attribute(name) == nil {
			continue
		}
		if only != nil {
			return Target{}, false
		}
		only = e.Schema
	}
	if only == nil || t.Attribute(name) != nil {
		return Target{}, false
	}
	target, ok := t.Resolve(only.URN + ":" + path)
	if ok {
		q.Add(QuirkBareExtension)
	}
	return target, ok
}

// The place of a URN: 0 and up is the number of an extension.
const (
	noPlace   = -1
	corePlace = -2
)

// place finds the schema of a URN; exact is false for a legacy name.
func (t *ResourceType) place(urn string) (place int, exact bool) {
	place, n, exact := t.longestURN(urn)
	if n != len(urn) {
		return noPlace, false
	}
	return place, exact
}

// longestURN finds the longest known URN, of n bytes, with which path begins.
func (t *ResourceType) longestURN(path string) (place, n int, exact bool) {
	place, n = noPlace, -1
	try := func(urn string, at int, standard bool) {
		if len(urn) > n && hasURN(path, urn) {
			place, n, exact = at, len(urn), standard
		}
	}
	try(t.Core.URN, corePlace, true)
	for _, alias := range t.aliases {
		try(alias, corePlace, false)
	}
	for i := range t.Extensions {
		try(t.Extensions[i].Schema.URN, i, true)
		for _, alias := range t.Extensions[i].aliases {
			try(alias, i, false)
		}
	}
	return place, n, exact
}

// coreAliases are names under which SCIM 1.1, OneLogin's connectors and drafts of SCIM 2.0 know User and Group.
func coreAliases(name string) []string {
	return []string{
		"urn:scim:schemas:core:1.0",
		"urn:scim:schemas:core:1.1",
		"urn:scim:schemas:core:2.0",
		"urn:scim:schemas:core:2.0:" + name,
		"urn:ietf:params:scim:schemas:core:2.0",
	}
}

// enterpriseAliases are legacy names of the enterprise extension; the last is mistyped in Entra ID's own example.
func enterpriseAliases() []string {
	return []string{
		"urn:scim:schemas:extension:enterprise:1.0",
		"urn:scim:schemas:extension:enterprise:1.1",
		"urn:scim:schemas:extension:enterprise:2.0",
		"urn:scim:schemas:extension:enterprise:2.0:User",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0User",
	}
}

// isVendorSchema reports whether urn is a name that a known identity provider gives to the base schema: Entra ID lists
// http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group with its groups.
func isVendorSchema(urn string) bool {
	const entra = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/"
	return len(urn) > len(entra) && strings.EqualFold(urn[:len(entra)], entra)
}

// hasURN reports whether path is urn, or begins with urn and a colon or dot.
func hasURN(path, urn string) bool {
	return len(path) >= len(urn) && strings.EqualFold(path[:len(urn)], urn) && (len(path) == len(urn) || path[len(urn)] == ':' || path[len(urn)] == '.')
}

// Catalog is the set of resource types that one tenant has.
type Catalog struct {
	User, Group *ResourceType
	Types       []*ResourceType // User and Group first, then the tenant's own

	never []string // simple names of the attributes that no answer has
}

// NewCatalog makes the catalog of a tenant: the standard resource types and the tenant's own. It takes some hundred microseconds: keep it
// with the tenant, it never changes. An error is *Error and says which definition is wrong, and why.
func NewCatalog(custom []directory.CustomSchema) (*Catalog, error) {
	user := &ResourceType{
		Name: "User", Endpoint: "/Users", Description: "User Account",
		Core:       userSchema(),
		Extensions: []Extension{{Schema: enterpriseSchema(), aliases: enterpriseAliases()}},
		aliases:    coreAliases("User"),
	}
	group := &ResourceType{
		Name: "Group", Endpoint: "/Groups", Description: "Group",
		Core:    groupSchema(),
		aliases: coreAliases("Group"),
	}
	c := &Catalog{User: user, Group: group, Types: []*ResourceType{user, group}}
	if err := c.extend(custom); err != nil {
		return nil, err
	}
	user.active, group.members = user.Core.Attribute("active"), group.Core.Attribute("members")
	for _, t := range c.Types {
		t.common = commonAttributes()
		for _, s := range t.schemas() {
			t.masked = masked(s.Attributes) || t.masked
			t.fixed = t.fixed || fixed(s.Attributes)
		}
	}
	c.never = c.neverReturned()
	return c, nil
}

// fixed reports whether a document may have values that cannot be changed.
func fixed(attributes []*Attribute) bool {
	return slices.ContainsFunc(attributes, func(a *Attribute) bool {
		return a.Mutability == Immutable || !a.MultiValued && fixed(a.Sub)
	})
}

// masked reports whether a document may have attributes that are not returned by default. It also marks the complex
// attributes that have such sub-attributes or required ones.
func masked(attributes []*Attribute) bool {
	found := false
	for _, a := range attributes {
		found = found || a.Returned == ReturnedRequest || a.Returned == ReturnedNever && a.Mutability != WriteOnly
		a.masked = masked(a.Sub)
		found = found || a.masked
		for _, sub := range a.Sub {
			a.demanding = a.demanding || sub.Required
		}
	}
	return found
}

// Type finds a resource type by its endpoint ("/Users"); nil if the tenant has none there.
func (c *Catalog) Type(endpoint string) *ResourceType {
	for _, t := range c.Types {
		if t.Endpoint == endpoint {
			return t
		}
	}
	return nil
}

// Schemas lists every schema in use, once.
func (c *Catalog) Schemas() []*Schema {
	var out []*Schema
	for _, t := range c.Types {
		out = append(out, t.schemas()...)
	}
	return out
}

func (t *ResourceType) schemas() []*Schema {
	out := []*Schema{t.Core}
	for _, e := range t.Extensions {
		out = append(out, e.Schema)
	}
	return out
}

// userSchema is the library's definition, which is that of RFC 7643 §8.7.1, with the characteristics of this server.
func userSchema() *Schema {
	s := compile(schema.CoreUserSchema(), "")
	s.Attribute("userName").limit, s.Attribute("userName").prepared = maxKey, true
	s.Attribute("emails").SubAttribute("value").limit = maxKey
	return s
}

func enterpriseSchema() *Schema { return compile(schema.ExtensionEnterpriseUser(), EnterpriseSchema) }

// groupSchema: displayName is required (the text of RFC 7643 §4.2 says so, its table does not) and unique.
func groupSchema() *Schema {
	s := compile(schema.CoreGroupSchema(), "")
	name := s.Attribute("displayName")
	name.Uniqueness = UniqueServer // the store keeps it unique; Entra and Okta match groups by it
	name.limit = maxKey
	return s
}
