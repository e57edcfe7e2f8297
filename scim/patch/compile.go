package patch

import (
	"errors"
	"fmt"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/filter"
)

// kind is what an operation does.
type kind uint8

const (
	add kind = iota
	replace
	remove
	nothing // understood, and without an effect
)

func (k kind) String() string { return [...]string{"add", "replace", "remove", "nothing"}[k] }

// compiler turns the operations of one request into steps.
type compiler struct {
	resource *scim.ResourceType
	opts     Options
	quirks   *scim.Quirks
	patch    *Patch
	index    int // of the operation that is read
	filters  int // bytes of paths whose filters have more than one term
}

// maxFilters is the maximum of compiler.filters: each term of a filter takes about 50 µs.
const maxFilters = 32 << 10

// parse reads a path, within the limits of the request.
func (c *compiler) parse(text string) (path, bool, error) {
	if c.filters > maxFilters && strings.Contains(text, "[") {
		return path{}, false, scim.Plain(tooLarge, "the paths of the request have too many long filters; send fewer operations at once").At(scim.LimitPatchWork)
	}
	p, known, err := parsePath(c.resource, text, c.quirks)
	if p.selection != nil {
		if _, one := p.selection.Where.(directory.Compare); !one {
			c.filters += len(text)
		}
	}
	return p, known, err
}

// given is the value of an operation.
type given struct {
	value  any
	stated bool // "value" is there, if only as null
}

// operation reads one element of Operations.
func (c *compiler) operation(element any) error {
	operation, ok := element.(directory.Attributes)
	if !ok {
		return scim.InvalidSyntax("an object is expected")
	}
	scim.NoteNames(operation, c.quirks, "op", "path", "value")
	name := operation.String("op")
	var k kind
	switch {
	case strings.EqualFold(name, "add"):
		k = add
	case strings.EqualFold(name, "replace"):
		k = replace
	case strings.EqualFold(name, "remove"):
		k = remove
	default:
		return scim.InvalidSyntax("op must be add, remove or replace")
	}
	if name != k.String() {
		c.quirks.Add(scim.QuirkOpCase)
	}
	var g given
	g.value, g.stated = operation.Get("value")
	text, _ := operation.Get("path")
	if text == "" && k != remove { // of a client that has no null
		c.quirks.Add(scim.QuirkEmptyString)
		text = nil
	}
	if text == nil {
		return c.pathless(k, g)
	}
	target, ok := text.(string)
	if !ok {
		return scim.InvalidPath("path must be a string")
	}
	p, known, err := c.find(target)
	if err != nil || !known {
		return err
	}
	if p.attribute == nil {
		return c.schema(k, p.extension, g)
	}
	return c.step(k, p, g, inPath)
}

// pathless reads an operation without a path: every key of its value is a path of its own.
func (c *compiler) pathless(k kind, g given) error {
	if k == remove {
		return scim.NoTarget("remove needs a path")
	}
	object, err := scim.Object(k.String()+" without a path: the value", g.value, c.quirks)
	if err != nil {
		return err
	}
	return c.keys(k, object)
}

// keys reads an object whose keys are paths.
func (c *compiler) keys(k kind, object directory.Attributes) error {
	if len(object) == 0 {
		c.quirks.Add(scim.QuirkNoEffect)
	}
	for i := range object {
		if err := c.key(k, object[i].Name, given{object[i].Value, true}); err != nil {
			return err
		}
	}
	return nil
}

// key reads one member of the value of an operation without a path.
func (c *compiler) key(k kind, name string, g given) error {
	p, known, err := c.parse(name)
	if err != nil && strings.Contains(name, "[") && !errors.Is(err, filter.ErrUnknown) {
		return err
	}
	if err != nil || !known {
		if !directory.Unassigned(g.value) {
			c.quirks.Add(scim.QuirkUnknownAttribute)
		}
		return nil
	}
	if p.attribute == nil {
		return c.schema(k, p.extension, g)
	}
	c.spelling(name, p)
	return c.step(k, p, g, inValue)
}

// spelling notes a key that is a path, or a name in another case than that of the schema.
func (c *compiler) spelling(name string, p path) {
	switch {
	case name == p.attribute.Name:
	case strings.ContainsAny(name, ".:["):
		c.quirks.Add(scim.QuirkPathKeys)
	case strings.EqualFold(name, p.attribute.Name): // otherwise the leniency has its own name
		c.quirks.Add(scim.QuirkNameCase)
	}
}

// schema reads an operation on a whole schema, whose value is an object of attributes. s is nil for the core schema.
func (c *compiler) schema(k kind, s *scim.Schema, g given) error {
	core := s == nil
	if core {
		s = c.resource.Core
	}
	if k == remove || k == replace && g.stated && g.value == nil {
		if core {
			return scim.Mutability("the attributes of " + s.URN + " cannot be removed all at once; name them")
		}
		for _, e := range c.resource.Extensions {
			if e.Schema == s && e.Required {
				return scim.Mutability(s.URN + " is required and cannot be removed")
			}
		}
		c.patch.steps = append(c.patch.steps, step{path: path{extension: s}, index: c.index, kind: remove})
		return nil
	}
	if g.stated && directory.Unassigned(g.value) {
		c.quirks.Add(scim.QuirkNoEffect)
		return nil
	}
	object, err := scim.Object(s.URN, g.value, c.quirks)
	if err != nil {
		return err
	}
	if core {
		c.quirks.Add(scim.QuirkPathKeys)
		return c.keys(k, object)
	}
	for i := range object {
		p, known, err := c.parse(s.URN + ":" + object[i].Name)
		if err != nil && strings.Contains(object[i].Name, "[") {
			return err
		}
		if err != nil || !known || p.attribute == nil {
			if !directory.Unassigned(object[i].Value) {
				c.quirks.Add(scim.QuirkUnknownAttribute)
			}
			continue
		}
		if name := object[i].Name; name != p.attribute.Name && strings.EqualFold(name, p.attribute.Name) {
			c.quirks.Add(scim.QuirkNameCase)
		}
		if err := c.step(k, p, given{object[i].Value, true}, inValue); err != nil {
			return err
		}
	}
	return nil
}

// place says where an attribute was named: in the path of an operation, or as a key of its value.
type place bool

const (
	inPath  place = false
	inValue place = true
)

// step adds what an operation does to one attribute.
func (c *compiler) step(k kind, p path, g given, where place) error {
	leaf := p.leaf()
	switch {
	case secret(leaf):
		c.quirks.Add(scim.QuirkPassword)
		return nil
	case isNamed(p.attribute, "schemas"):
		// They are made from what the resource has.
		if where == inPath {
			c.quirks.Add(scim.QuirkNoEffect)
		}
		return nil
	case leaf.Mutability == scim.ReadOnly || p.attribute.Mutability == scim.ReadOnly:
		return c.readOnly(p, where)
	case c.resource.Kind() == directory.GroupKind && isNamed(p.attribute, "members"):
		return c.member(k, p, g)
	}
	s := step{path: p, index: c.index, kind: k, lenient: c.opts.lenient()}
	active := isNamed(p.attribute, "active") && c.resource.Kind() == directory.UserKind
	if k == remove {
		if active { // it does not state the user's active
			c.quirks.Add(scim.QuirkNoEffect)
		}
		return c.remove(s, g)
	}
	if !g.stated {
		return scim.InvalidValue(k.String() + " needs a value")
	}
	if err := c.normalise(&s, g.value); err != nil {
		return err
	}
	if s.kind == remove && required(p) {
		return scim.InvalidValue(fmt.Sprintf("%q is required and must have a value", short(p.text)))
	}
	if s.kind == nothing || active && s.kind == remove {
		c.quirks.Add(scim.QuirkNoEffect)
		return nil
	}
	if active {
		c.patch.active = true
	}
	c.patch.steps = append(c.patch.steps, s)
	return nil
}

// readOnly skips or refuses an operation on a read-only attribute. RFC 7644 §3.5.2 requires the error mutability. The named identity
// providers send back what they have read, and one such attribute must not fail the rest of the request. Attributes that every client reads
// and sends back are skipped for all of them.
func (c *compiler) readOnly(p path, where place) error {
	echoed := isNamed(p.attribute, "id") || isNamed(p.attribute, "meta")
	switch {
	case where == inValue && echoed:
		c.quirks.Add(scim.QuirkReadOnlyInValue)
	case c.opts.lenient():
		c.quirks.Add(scim.QuirkReadOnly)
	default:
		return scim.Mutability(fmt.Sprintf("%q is read-only", short(p.text)))
	}
	return nil
}

// isNamed reports whether a is the core or common attribute with this name.
func isNamed(a *scim.Attribute, name string) bool { return a.Name == name && a.Schema == "" }

// secret: an attribute that is never returned is not stored either.
func secret(a *scim.Attribute) bool {
	return a.Returned == scim.ReturnedNever || a.Mutability == scim.WriteOnly || a.Parent != nil && secret(a.Parent)
}

// required reports whether the target of p cannot be unassigned.
func required(p path) bool {
	return p.sub != nil && p.sub.Required || p.sub == nil && p.selection == nil && p.attribute.Required
}

// remove reads a removal. A value names the elements to remove; Entra and JumpCloud remove members this way. An empty list removes no
// element, and must never mean all.
func (c *compiler) remove(s step, g given) error {
	if leaf := s.leaf(); g.value != nil && s.selection == nil && s.sub == nil {
		if leaf.MultiValued {
			value, err := leaf.Normalise(g.value, c.quirks)
			if err != nil {
				return err
			}
			c.quirks.Add(scim.QuirkRemoveByValue)
			if s.listed, _ = value.([]any); len(s.listed) == 0 {
				return nil
			}
			c.patch.steps = append(c.patch.steps, s)
			return nil
		}
		if leaf.Type == scim.Complex && !directory.Unassigned(g.value) {
			// Removing a manager with a value removes them if they still are the manager (Microsoft's reference code).
			value, err := leaf.Normalise(g.value, c.quirks)
			if err != nil {
				return err
			}
			object, _ := value.(directory.Attributes)
			s.expected = object.String("value")
		}
	}
	if required(s.path) {
		return scim.Mutability(fmt.Sprintf("%q is required and cannot be removed", short(s.text)))
	}
	c.patch.steps = append(c.patch.steps, s)
	return nil
}

// normalise checks the value of an add or replace and puts it into s. An unassigned value turns the step into a removal, or into nothing if
// there is nothing to remove.
func (c *compiler) normalise(s *step, value any) error {
	leaf := s.leaf()
	var err error
	if s.selection != nil && s.sub == nil {
		s.value, err = leaf.NormaliseElement(value, c.quirks)
	} else {
		s.value, err = leaf.Normalise(value, c.quirks)
	}
	if err != nil {
		return err
	}
	if leaf.Type == scim.Complex && (!leaf.MultiValued || s.selection != nil) {
		if object, ok := single(value).(directory.Attributes); ok && !leaf.Hollow(object) {
			for i := range object {
				if sub := leaf.SubAttribute(object[i].Name); sub != nil && directory.Unassigned(object[i].Value) {
					s.cleared = append(s.cleared, sub.Name)
				}
			}
			if s.value == nil { // all of it was null, unknown or read-only: attributes that are not named stay (RFC 7644 §3.5.2.3)
				s.value = directory.Attributes(nil)
				if len(s.cleared) == 0 {
					s.kind = nothing
				}
			}
			return nil
		}
	}
	if s.value == "" && s.sub != nil && s.sub.Name == "value" {
		c.quirks.Add(scim.QuirkEmptyString) // the element or the attribute is cleared: without a value it says nothing
		s.value = nil
	}
	if s.value == nil {
		if s.kind == add && (leaf.MultiValued || s.selection != nil && s.sub == nil) {
			s.kind = nothing
		} else {
			s.kind = remove
		}
	}
	return nil
}

// single unwraps a one-element array.
func single(value any) any {
	if list, ok := value.([]any); ok && len(list) == 1 {
		return list[0]
	}
	return value
}
