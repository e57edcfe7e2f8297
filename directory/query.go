package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Query asks for the users, groups or resources of a tenant that match Where, in the order of their IDs or of Sort.
// A store may use any index that gives the same answer.
type Query struct {
	Where Expr  // nil: all
	Sort  *Sort // nil: by ID
	Start int   // 1-based position of the first result (RFC 7644 §3.4.2.4); 0 and 1 are the same
	After *Mark // instead of Start: continue after this mark (RFC 9865)
	Count int   // at most this many; 0: only the total
	// Known is what an earlier page reported about the same result. It saves a store work and does not change the answer. nil: nothing.
	Known   *Known
	Gone    bool // users that the IdP deleted, too (operators see them, SCIM does not)
	Groups  bool // for users: give the groups of each
	Members bool // for groups: give the members of each
	BuiltIn bool // for groups: built-in ones, too
}

// Sort orders results by one attribute: unassigned values last, first when Descending (RFC 7644 §3.4.2.3); equal ones by ID.
type Sort struct {
	Path       Path
	Type       ValueType
	CaseExact  bool
	Descending bool
}

// Mark is a position in an ordered result: after the record with this ID and sort key.
type Mark struct {
	ID  ID
	Key string // the sort key as the store wrote it; "" if the order is by ID
}

// Page describes the part of a result that was returned.
type Page struct {
	Total   int    // matches in all
	Given   int    // records given
	Last    *Mark  // the last one given, if more follow; nil at the end
	Version uint64 // changes with every change of the tenant; 0: unknown
}

// Known is what a page reported about the whole result. A store may use it while the tenant has its Version, and ignores it afterwards.
type Known struct {
	Version uint64 // Page.Version; 0: nothing is known
	Total   int    // Page.Total
	Next    int    // the position (Query.Start) of the first result after Mark; 0: not known
	Mark    Mark
}

// Path names an attribute, in the spelling of its schema.
type Path struct {
	Schema string // the URN of an extension; "" for the core schema and the common attributes
	Name   string // the attribute
	Sub    string // the sub-attribute; "" for the attribute itself
}

// String writes the path as SCIM does: "urn:example:badge:1.0:User:doors.value".
func (p Path) String() string {
	text := p.Name
	if p.Schema != "" {
		text = p.Schema + ":" + text
	}
	if p.Sub != "" {
		text += "." + p.Sub
	}
	return text
}

// ValueType is how values of an attribute compare.
type ValueType uint8

// The types of value.
const (
	Text ValueType = iota // strings and references
	Boolean
	Numeric // integers and decimals
	Instant // dateTime: compared as points in time, independent of the zone
	Binary  // base64: equal or not
)

// Op is a comparison (RFC 7644 §3.4.2.2).
type Op string

// The comparisons. "pr" is Present.
const (
	Equal          Op = "eq"
	NotEqual       Op = "ne"
	Contains       Op = "co"
	StartsWith     Op = "sw"
	EndsWith       Op = "ew"
	Greater        Op = "gt"
	GreaterOrEqual Op = "ge"
	Less           Op = "lt"
	LessOrEqual    Op = "le"
)

// Partial reports whether op compares a part of a value.
func (op Op) Partial() bool { return op == Contains || op == StartsWith || op == EndsWith }

// Expr is a condition on a record: And, Or, Not, Compare, Present or Any.
type Expr interface{ expr() }

// And holds when all hold.
type And []Expr

// Or holds when one holds.
type Or []Expr

// Not holds when Expr does not.
type Not struct{ Expr Expr }

// Compare is true if a value at Path has the relation Op to Value; for a multi-valued attribute, if one element has. Only NotEqual is also
// true for an unassigned attribute.
type Compare struct {
	Path      Path
	Op        Op
	Type      ValueType
	CaseExact bool
	Value     any // string (folded by FoldAs unless CaseExact), bool, Number, time.Time; nil: unassigned
}

// Present is true if there is a value at Path that is not empty.
type Present struct{ Path Path }

// Any is true if one element of the multi-valued attribute at Path matches Where. The paths in Where name
// sub-attributes by Name.
type Any struct {
	Path  Path
	Where Expr
}

func (And) expr()     {}
func (Or) expr()      {}
func (Not) expr()     {}
func (Compare) expr() {}
func (Present) expr() {}
func (Any) expr()     {}

// Record is what an Expr looks at.
type Record interface {
	// Attribute gives the whole value of an attribute of the core schema (schema "") or of an extension, nil if it is
	// unassigned. Names are spelt as in the schema.
	Attribute(schema, name string) any
}

// Match reports whether r matches e. A nil e matches every record. The parser has bounded the depth of e.
func Match(e Expr, r Record) bool {
	switch e := e.(type) {
	case nil:
		return true
	case And:
		for _, term := range e {
			if !Match(term, r) {
				return false
			}
		}
		return true
	case Or:
		for _, term := range e {
			if Match(term, r) {
				return true
			}
		}
		return false
	case Not:
		return !Match(e.Expr, r)
	case Present:
		return present(valueAt(r, e.Path))
	case Compare:
		return e.matches(valueAt(r, e.Path))
	case Any:
		return e.matches(r.Attribute(e.Path.Schema, e.Path.Name))
	}
	return false
}

// valueAt resolves the sub-attribute of a path; of a multi-valued attribute it gives the array of the elements' values.
func valueAt(r Record, p Path) any {
	v := r.Attribute(p.Schema, p.Name)
	if p.Sub == "" {
		return v
	}
	switch v := v.(type) {
	case Attributes:
		sub, _ := v.Get(p.Sub)
		return sub
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			if a, ok := element.(Attributes); ok {
				if sub, ok := a.Get(p.Sub); ok && !Unassigned(sub) {
					out = append(out, sub)
				}
			}
		}
		return out
	}
	return nil
}

func present(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case Attributes:
		return slices.ContainsFunc(v, func(a Attribute) bool { return present(a.Value) })
	case []any:
		return slices.ContainsFunc(v, present)
	}
	return v != nil
}

func (a Any) matches(v any) bool {
	elements, ok := v.([]any)
	if !ok {
		if Unassigned(v) {
			return false
		}
		elements = []any{v}
	}
	for _, element := range elements {
		if Match(a.Where, Element{element}) {
			return true
		}
	}
	return false
}

// Element is one element of a multi-valued attribute as a Record: its sub-attributes are the attributes. An element that
// is not an object has one attribute, "value".
type Element struct{ Value any }

// Attribute gives the sub-attribute under name.
func (e Element) Attribute(_, name string) any {
	if a, ok := e.Value.(Attributes); ok {
		v, _ := a.Get(name)
		return v
	}
	if name == "value" {
		return e.Value
	}
	return nil
}

func (c Compare) matches(v any) bool {
	if Unassigned(v) {
		if c.Value == nil {
			return c.Op == Equal
		}
		return c.Op == NotEqual
	}
	if c.Value == nil {
		return c.Op == NotEqual
	}
	if elements, ok := v.([]any); ok {
		for _, element := range elements {
			if c.one(element) {
				return true
			}
		}
		return false
	}
	return c.one(v)
}

func (c Compare) one(v any) bool {
	if a, ok := v.(Attributes); ok { // a complex value is compared by its "value"
		v, _ = a.Get("value")
	}
	switch c.Type {
	case Boolean:
		have, ok := v.(bool)
		want, _ := c.Value.(bool)
		return ok && (c.Op == Equal && have == want || c.Op == NotEqual && have != want)
	case Numeric:
		have, ok := v.(Number)
		want, _ := c.Value.(Number)
		return ok && holds(c.Op, compareNumbers(have, want))
	case Instant:
		text, _ := v.(string)
		have, ok := ParseInstant(text)
		want, _ := c.Value.(time.Time)
		return ok && holds(c.Op, have.Compare(want))
	}
	have, ok := v.(string)
	if !ok {
		return c.Op == NotEqual
	}
	want, _ := c.Value.(string)
	if !c.CaseExact {
		have = FoldAs(c.Path, have, Equal)
	}
	switch c.Op {
	case Contains:
		return strings.Contains(have, want)
	case StartsWith:
		return strings.HasPrefix(have, want)
	case EndsWith:
		return strings.HasSuffix(have, want)
	}
	return holds(c.Op, strings.Compare(have, want))
}

func holds(op Op, order int) bool {
	switch op {
	case Equal:
		return order == 0
	case NotEqual:
		return order != 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	}
	return false
}

func compareNumbers(a, b Number) int {
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	f, _ := strconv.ParseFloat(string(a), 64)
	g, _ := strconv.ParseFloat(string(b), 64)
	switch {
	case f < g:
		return -1
	case f > g:
		return 1
	}
	return 0
}

// ParseInstant reads an xsd:dateTime; without a zone it counts as UTC (RFC 7643 §2.3.5).
func ParseInstant(text string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Fold maps text to a form that is equal for texts that differ in case only (Unicode simple folding, as
// strings.EqualFold). It is the form of keys in case-insensitive indexes.
func Fold(text string) string {
	lower := true
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 0x80 {
			return strings.Map(foldRune, text)
		}
		if 'A' <= c && c <= 'Z' {
			lower = false
		}
	}
	if lower {
		return text
	}
	return strings.ToLower(text)
}

// HasPart reports whether part is in one of some texts, in any case. An empty part is in all.
func HasPart(part string, texts ...string) bool {
	folded := Fold(strings.TrimSpace(part))
	return folded == "" || slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(Fold(text), folded) })
}

// foldRune gives one rune for all that are equal under simple folding: the smallest, in lower case if it is ASCII.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// SearchedFor gives the attribute for whose value a condition asks, such as userName, externalId or emails.value; "": it asks for no text of
// the record itself. Of conditions that must hold together the first one counts. Members and groups are other records.
func SearchedFor(where Expr) string {
	own := func(p Path) bool { return p.Name != "members" && p.Name != "groups" && p.Name != "meta" }
	switch w := where.(type) {
	case Compare:
		if _, text := w.Value.(string); text && w.Op == Equal && own(w.Path) {
			return w.Path.String()
		}
	case And:
		for _, one := range w {
			if name := SearchedFor(one); name != "" {
				return name
			}
		}
	case Any: // such as emails[type eq "work" and value eq "…"]
		if own(w.Path) && asksForValue(w.Where) {
			of := w.Path
			of.Sub = "value"
			return of.String()
		}
	}
	return ""
}

// asksForValue reports whether a condition on an element of an attribute asks for its value.
func asksForValue(where Expr) bool {
	switch w := where.(type) {
	case Compare:
		return w.Op == Equal && w.Path.Name == "value"
	case And:
		return slices.ContainsFunc(w, asksForValue)
	}
	return false
}
