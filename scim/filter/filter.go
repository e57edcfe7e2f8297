package filter

import (
	"errors"
	"unicode/utf8"

	"drawbridge/directory"
	"drawbridge/scim"
)

// Limits bound what a filter may be.
type Limits struct {
	Bytes int // length of the text
	Depth int // how deep parentheses and brackets may be nested
	Terms int // comparisons in all
}

// DefaultLimits are the limits of Parse, ParseAny, ParseElement and ParseSelection.
func DefaultLimits() Limits { return Limits{Bytes: 8192, Depth: 32, Terms: 200} }

// Parse reads a filter for resources of type t. Errors are *scim.Error, 400 invalidFilter, and say at which byte.
//
// And and Or are flat and have at least two members. A comparison of a complex attribute compares its sub-attribute "value". Strings that
// are not case-exact are folded.
func Parse(t *scim.ResourceType, text string, q *scim.Quirks) (directory.Expr, error) {
	return DefaultLimits().Parse(t, text, q)
}

// Parse is the function Parse within l.
func (l Limits) Parse(t *scim.ResourceType, text string, q *scim.Quirks) (directory.Expr, error) {
	return l.parse(scope{resource: t}, text, q)
}

// ParseAny is Parse for a query over several types of the catalog (RFC 7644 §3.4.2.1). An attribute that only another type has counts as
// unassigned. Terms that are decided by this are left out of the expression. An empty Or matches no resource, an empty And matches all.
func ParseAny(c *scim.Catalog, t *scim.ResourceType, text string, q *scim.Quirks) (directory.Expr, error) {
	return DefaultLimits().ParseAny(c, t, text, q)
}

// ParseAny is the function ParseAny within l.
func (l Limits) ParseAny(c *scim.Catalog, t *scim.ResourceType, text string, q *scim.Quirks) (directory.Expr, error) {
	return l.parse(scope{resource: t, catalog: c}, text, q)
}

// ParseElement parses the inside of attr[...]: its paths name sub-attributes of a, and "value" the element itself if a is
// not complex.
func ParseElement(a *scim.Attribute, text string, q *scim.Quirks) (directory.Expr, error) {
	return DefaultLimits().parse(scope{element: a}, text, q)
}

// Selection is the inside of attr[...] in a path of PATCH.
type Selection struct {
	Where directory.Expr // the paths in it name sub-attributes by Name
	// Given has the values that a selected element must have, as they were written, if Where consists only of "eq" terms joined by "and".
	// Else it is nil.
	Given directory.Attributes
}

// ErrUnknown is the cause of the error of ParseSelection and ParseElement for a filter that names a sub-attribute which the attribute does
// not have. The rest of the filter was not read.
var ErrUnknown = errors.New("no schema has it")

// ParseSelection parses the filter that begins at byte start of text, after the opening bracket, up to the closing one.
// end is the offset after the closing bracket. Offsets in errors count from the beginning of text.
func ParseSelection(a *scim.Attribute, text string, start int, q *scim.Quirks) (s Selection, end int, err error) {
	p := parser{text: text, pos: start, limits: DefaultLimits(), quirks: q}
	if err := p.bounds(); err != nil {
		return Selection{}, 0, err
	}
	where, given, err := p.filter(scope{element: a}, ']')
	if err != nil {
		return Selection{}, 0, err
	}
	return Selection{Where: where, Given: given}, p.pos + 1, nil
}

func (l Limits) parse(s scope, text string, q *scim.Quirks) (directory.Expr, error) {
	p := parser{text: text, limits: l, quirks: q}
	if err := p.bounds(); err != nil {
		return nil, err
	}
	e, _, err := p.filter(s, 0)
	return e, err
}

// bounds checks the limits before any byte is read.
func (p *parser) bounds() error {
	if len(p.text) > p.limits.Bytes {
		return p.exceeds(scim.LimitFilterBytes, p.limits.Bytes, "the filter is longer than %d bytes", p.limits.Bytes)
	}
	if !utf8.ValidString(p.text) {
		at := 0
		for i, r := range p.text {
			if r == utf8.RuneError {
				if _, n := utf8.DecodeRuneInString(p.text[i:]); n == 1 {
					at = i
					break
				}
			}
		}
		return p.fail(at, "the filter is not valid UTF-8")
	}
	return nil
}
