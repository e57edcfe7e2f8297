package patch

import (
	"fmt"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
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

// maxFilters bounds compiler.filters: reading a filter of several terms takes some 50 µs for each.
const maxFilters = 32 << 10

// parse reads a path, within the bounds of the request.
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
		return c.extension(k, p.extension, g)
	}
	return c.step(k, p, g, false)
}

// pathless reads an operation without a path: every key of its value is a path of its own.
func (c *compiler) pathless(k kind, g given) error {
	if k == remove {
		return scim.NoTarget("remove needs a path")
	}
	if list, ok := g.value.([]any); ok && len(list) == 1 {
		c.quirks.Add(scim.QuirkArrayUnwrapped)
		g.value = list[0]
	}
	object, ok := g.value.(directory.Attributes)
	if !ok {
		return scim.InvalidValue(k.String() + " without a path needs an object of attributes as its value")
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
	if err != nil && strings.Contains(name, "[") {
		return err
	}
	if err != nil || !known {
		if !directory.Unassigned(g.value) {
			c.quirks.Add(scim.QuirkUnknownAttribute)
		}
		return nil
	}
	if p.attribute == nil {
		return c.extension(k, p.extension, g)
	}
	switch {
	case p.extension != nil:
	case p.attribute.Name == "schemas", p.attribute.Name == "meta": // what Okta and Entra read before and send back
		return nil
	case p.attribute.Name == "id":
		c.quirks.Add(scim.QuirkReadOnlyInValue)
		return nil
	}
	if name != p.attribute.Name && strings.ContainsAny(name, ".:[") {
		c.quirks.Add(scim.QuirkPathlessKeys)
	}
	return c.step(k, p, g, true)
}

// extension reads an operation on all of an extension: its value holds attributes by their names.
func (c *compiler) extension(k kind, s *scim.Schema, g given) error {
	if k == remove || k == replace && g.stated && g.value == nil {
		for _, e := range c.resource.Extensions {
			if e.Schema == s && e.Required {
				return scim.Mutability(s.URN + " is required and cannot be removed")
			}
		}
		c.patch.steps = append(c.patch.steps, step{path: path{extension: s}, index: c.index, kind: remove})
		return nil
	}
	if list, ok := g.value.([]any); ok && len(list) == 1 {
		c.quirks.Add(scim.QuirkArrayUnwrapped)
		g.value = list[0]
	}
	object, ok := g.value.(directory.Attributes)
	if !ok {
		if g.stated && directory.Unassigned(g.value) {
			return nil
		}
		return scim.InvalidValue("an object is expected as the value of " + s.URN)
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
		if err := c.step(k, p, given{object[i].Value, true}, true); err != nil {
			return err
		}
	}
	return nil
}

// step adds what an operation does to one attribute. inside tells that the attribute stood in a value, not in a path.
func (c *compiler) step(k kind, p path, g given, inside bool) error {
	leaf := p.leaf()
	switch {
	case secret(leaf):
		c.quirks.Add(scim.QuirkPassword)
		return nil
	case leaf.Mutability == scim.ReadOnly || p.attribute.Mutability == scim.ReadOnly:
		if inside && c.opts.lenient() {
			c.quirks.Add(scim.QuirkReadOnly)
			return nil
		}
		return scim.Mutability(fmt.Sprintf("%q is read-only", short(p.text)))
	case c.resource.Kind() == directory.GroupKind && p.attribute.Name == "members" && p.attribute.Schema == "":
		return c.member(k, p, g)
	}
	s := step{path: p, index: c.index, kind: k, lenient: c.opts.lenient()}
	if k == remove {
		return c.remove(s, g)
	}
	if !g.stated {
		return scim.InvalidValue(k.String() + " needs a value")
	}
	if err := c.coerce(&s, g.value); err != nil {
		return err
	}
	if s.kind == remove && required(p) {
		return scim.InvalidValue(fmt.Sprintf("%q is required and must have a value", short(p.text)))
	}
	if s.kind == nothing {
		return nil
	}
	if s.kind != remove && p.attribute.Name == "active" && c.resource.Kind() == directory.UserKind && p.attribute.Schema == "" {
		c.patch.active = true
	}
	c.patch.steps = append(c.patch.steps, s)
	return nil
}

// secret: what is never returned is not kept either.
func secret(a *scim.Attribute) bool {
	return a.Returned == scim.ReturnedNever || a.Mutability == scim.WriteOnly || a.Parent != nil && secret(a.Parent)
}

// required reports whether what p names cannot be unassigned.
func required(p path) bool {
	return p.sub != nil && p.sub.Required || p.sub == nil && p.selection == nil && p.attribute.Required
}

// remove reads a removal. A value names the elements to be removed; Entra and JumpCloud take members out that way. An
// empty list of elements removes none of them, it must never be taken for all.
func (c *compiler) remove(s step, g given) error {
	if leaf := s.leaf(); g.value != nil && s.selection == nil && s.sub == nil {
		if leaf.MultiValued {
			value, err := leaf.Coerce(g.value, c.quirks)
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
			// Removing a manager with a value takes him away if he still is the manager (Microsoft's reference code).
			if value, err := leaf.Coerce(g.value, nil); err == nil {
				object, _ := value.(directory.Attributes)
				s.expected = object.String("value")
			}
		}
	}
	if required(s.path) {
		return scim.Mutability(fmt.Sprintf("%q is required and cannot be removed", short(s.text)))
	}
	c.patch.steps = append(c.patch.steps, s)
	return nil
}

// coerce checks the value of an add or replace and puts it into s. A value that says nothing turns the step into a
// removal, or into nothing where there is nothing to remove.
func (c *compiler) coerce(s *step, value any) error {
	leaf := s.leaf()
	var err error
	if s.selection != nil && s.sub == nil {
		s.value, err = leaf.CoerceElement(value, c.quirks)
	} else {
		s.value, err = leaf.Coerce(value, c.quirks)
	}
	if err != nil {
		return err
	}
	if leaf.Type == scim.Complex && (!leaf.MultiValued || s.selection != nil) {
		if object, ok := single(value).(directory.Attributes); ok {
			for i := range object {
				if sub := leaf.SubAttribute(object[i].Name); sub != nil && directory.Unassigned(object[i].Value) {
					s.cleared = append(s.cleared, sub.Name)
				}
			}
			if s.value == nil { // all of it was null, unknown or read-only: what is not named stays (RFC 7644 §3.5.2.3)
				s.value = directory.Attributes(nil)
				if len(s.cleared) == 0 {
					s.kind = nothing
				}
			}
			return nil
		}
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
