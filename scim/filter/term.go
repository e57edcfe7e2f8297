package filter

import (
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// scope says what an attribute path may name: attributes of a resource type, or sub-attributes of one attribute.
type scope struct {
	resource *scim.ResourceType
	catalog  *scim.Catalog // with resource: attributes of other types are accepted, too
	element  *scim.Attribute
}

// operand is an attribute path that was resolved.
type operand struct {
	attribute *scim.Attribute
	path      directory.Path
	element   bool // path names a sub-attribute by Name
	foreign   bool // only another type of the catalog has it
}

// literal is a value as it was written.
type literal struct {
	kind  kind
	text  string // decoded, if it was quoted
	truth bool
	at    int
}

type kind uint8

const (
	quotedText kind = iota
	number
	boolean
	null
	bare // a word that is not JSON
)

// operand resolves the path word at byte at.
func (p *parser) operand(s scope, word string, at int) (operand, error) {
	o, ok := s.resolve(word, p.quirks)
	if !ok {
		if s.element != nil {
			no := scim.InvalidFilter(p.wrong(at, "%q has no sub-attribute %q", s.element.Name, short(word)))
			no.Err = ErrUnknown
			return operand{}, no
		}
		return operand{}, p.fail(at, "there is no attribute %q in the schemas of %s", short(word), s.resource.Name)
	}
	if never(o.attribute) {
		return operand{}, p.fail(at, "%q cannot be used in a filter", o.attribute.Name)
	}
	return o, nil
}

// An attribute that is never returned must not be guessed character by character with a filter.
func never(a *scim.Attribute) bool {
	return a.Returned == scim.ReturnedNever || a.Mutability == scim.WriteOnly || a.Parent != nil && never(a.Parent)
}

func (s scope) resolve(word string, q *scim.Quirks) (operand, bool) {
	if a := s.element; a != nil {
		if a.Type != scim.Complex {
			return operand{attribute: a, path: directory.Path{Name: "value"}, element: true}, strings.EqualFold(word, "value")
		}
		sub := a.SubAttribute(word)
		if sub == nil {
			return operand{}, false
		}
		return operand{attribute: sub, path: directory.Path{Name: sub.Name}, element: true}, true
	}
	if target, ok := s.resource.Find(word, q); ok && target.Attribute != nil {
		return operand{attribute: target.Leaf(), path: target.Path()}, true
	}
	if s.catalog != nil {
		for _, t := range s.catalog.Types {
			if target, ok := t.Find(word, q); ok && target.Attribute != nil {
				return operand{attribute: target.Leaf(), path: target.Path(), foreign: true}, true
			}
		}
	}
	return operand{}, false
}

// compare makes the expression for an attribute, an operator in lower case and a literal, if they match. given is the value as it was
// written, nil for null.
func (p *parser) compare(o operand, op string, lit literal) (e directory.Expr, given any, err error) {
	if op == "pr" {
		if o.foreign {
			return directory.Or{}, nil, nil
		}
		return directory.Present{Path: o.path}, nil, nil
	}
	a := o.attribute
	c := directory.Compare{Path: o.path, Op: directory.Op(op), Type: a.ValueType(), CaseExact: a.CaseExact}
	if lit.kind == null {
		if op != "eq" && op != "ne" {
			return nil, nil, p.fail(lit.at, "null can only be compared by eq and ne")
		}
		return o.expression(c), nil, nil
	}
	if a.Type == scim.Complex { // it is compared by its value
		if a = a.SubAttribute("value"); a == nil {
			return nil, nil, p.fail(lit.at, "%q is complex and has no \"value\"; name one of its sub-attributes", o.attribute.Name)
		}
		if o.element {
			c.Path = directory.Path{Name: a.Name}
		} else {
			c.Path = a.Path()
		}
		c.CaseExact = a.CaseExact
	}
	if !fits(c.Type, c.Op) {
		return nil, nil, p.fail(lit.at, "the operator %s does not apply to %q, which is of type %s", op, a.Name, a.Type)
	}
	given, ok := p.value(&c, lit)
	if !ok {
		return nil, nil, p.fail(lit.at, "%q is of type %s, and this value is not", a.Name, a.Type)
	}
	return o.expression(c), given, nil
}

// expression is c, or its result if the attribute does not exist.
func (o operand) expression(c directory.Compare) directory.Expr {
	if !o.foreign {
		return c
	}
	if (c.Op == directory.Equal) == (c.Value == nil) && (c.Op == directory.Equal || c.Op == directory.NotEqual) {
		return directory.And{}
	}
	return directory.Or{}
}

// fits says which operators RFC 7644 §3.4.2.2 allows for which values.
func fits(t directory.ValueType, op directory.Op) bool {
	switch op {
	case directory.Equal, directory.NotEqual:
		return true
	case directory.Contains, directory.StartsWith, directory.EndsWith:
		return t == directory.Text
	}
	return t == directory.Text || t == directory.Numeric || t == directory.Instant
}

// value puts the literal into c, whose other fields are set; given is the value as it was written.
func (p *parser) value(c *directory.Compare, lit literal) (given any, ok bool) {
	if unquoted := lit.kind == bare && lit.text[0] != '\'' && (c.Type == directory.Text || c.Type == directory.Instant); unquoted || lit.kind == number && c.Type == directory.Text {
		p.quirks.Add(scim.QuirkUnquoted)
		lit.kind = quotedText
	}
	switch c.Type {
	case directory.Boolean:
		if lit.kind == quotedText && c.Op == directory.Equal {
			switch {
			case strings.EqualFold(lit.text, "true"):
				lit.kind, lit.truth = boolean, true
			case strings.EqualFold(lit.text, "false"):
				lit.kind, lit.truth = boolean, false
			default:
				return nil, false
			}
			p.quirks.Add(scim.QuirkQuotedBoolean)
		}
		c.Value = lit.truth
		return lit.truth, lit.kind == boolean
	case directory.Numeric:
		c.Value = directory.Number(lit.text)
		return c.Value, lit.kind == number
	case directory.Instant:
		if lit.kind != quotedText {
			return nil, false
		}
		t, ok := directory.ParseInstant(lit.text)
		t = t.UTC()
		c.Value = t
		return lit.text, ok && t.Year() >= 0 && t.Year() <= 9999 // what String can write
	}
	if lit.kind != quotedText {
		return nil, false
	}
	if c.CaseExact {
		c.Value = lit.text
	} else {
		c.Value = directory.FoldAs(c.Path, lit.text, c.Op)
	}
	return lit.text, true
}
