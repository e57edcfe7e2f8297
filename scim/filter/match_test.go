package filter

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/scim"
)

// tree is a resource as a plain tree.
type tree struct{ attributes directory.Attributes }

func (r tree) Attribute(schema, name string) any {
	if schema == "" {
		v, _ := r.attributes.Get(name)
		return v
	}
	v, _ := r.attributes.Get(schema)
	extension, _ := v.(directory.Attributes)
	v, _ = extension.Get(name)
	return v
}

const mira = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
	"id": "u-7f3a", "externalId": "00u8K", "userName": "Mira@acme.test", "active": true, "title": "", "locale": "en-GB",
	"name": {"givenName": "Mira", "familyName": "O'Kafor"},
	"emails": [
		{"value": "mira@acme.test", "type": "work", "primary": true},
		{"value": "m@home.test", "type": "home"}
	],
	"roles": [],
	"meta": {"created": "2026-01-31T09:30:00.000Z", "lastModified": "2026-01-31T10:30:00+01:00"},
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D", "manager": {"value": "u-0001"}},
	"urn:example:params:scim:schemas:extension:badge-office:2.0:User": {"level": 9007199254740993, "weight": 61.5, "tags": ["a", "B"]}
}`

func object(t testing.TB, text string) directory.Attributes {
	t.Helper()
	v, err := directory.ParseJSON([]byte(text), directory.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	out, ok := v.(directory.Attributes)
	if !ok {
		t.Fatalf("this is not an object: %s", text)
	}
	return out
}

func TestFiltersMatchLikeRFC7644(t *testing.T) {
	t.Parallel()
	user, record := userType(t), tree{object(t, mira)}
	for filter, want := range map[string]bool{
		`userName eq "MIRA@ACME.TEST"`: true,
		`externalId eq "00u8K"`:        true,
		`externalId eq "00u8k"`:        false,
		`id eq "U-7F3A"`:               false,
		`name.familyName co "'ka"`:     true,
		`title pr`:                     false,
		`title eq ""`:                  true,
		`roles pr`:                     false,
		`name pr`:                      true,
		`nickName ne "x"`:              true,
		`nickName eq null`:             true,
		`nickName ne null`:             false,
		`userName ne null`:             true,
		`emails eq "m@home.test"`:      true,
		`emails.type eq "home" and emails.value sw "mira"`: true,
		`emails[type eq "home" and value sw "mira"]`:       false,
		`emails[type eq "home"].value eq "m@home.test"`:    true,
		`emails[primary eq "True"].value ew "acme.test"`:   true,
		`emails[not (type eq "work")]`:                     true,
		`not (emails[type eq "work"])`:                     false,
		`meta.created eq "2026-01-31T10:30:00+01:00"`:      true,
		`meta.lastModified le "2026-01-31T09:30:00Z"`:      true,
		`meta.created gt "2026-01-31T09:29:59.999Z"`:       true,
		`active eq true`:      true,
		`active ne true`:      false,
		`manager eq "u-0001"`: true,
		`schemas eq "urn:ietf:params:scim:schemas:core:2.0:user"`:         true,
		badgeSchema + `:level gt 9007199254740992`:                        true,
		badgeSchema + `:level eq 9007199254740992`:                        false,
		badgeSchema + `:weight eq 6.15e1`:                                 true,
		badgeSchema + `:tags eq "b"`:                                      true,
		badgeSchema + `:tags[value eq "c"]`:                               false,
		`title pr or userName pr and locale eq "en-gb"`:                   true,
		`(title pr or userName pr) and not (locale eq "en-gb")`:           false,
		`locale sw "en" and locale ew "gb" and locale co "-" or id eq ""`: true,
	} {
		e, err := Parse(user, filter, nil)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if got := directory.Match(e, record); got != want {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
		if got := naive(user, filter, record.attributes); got != want {
			t.Errorf("%s: the naive evaluator says %v, want %v", filter, got, want)
		}
	}
}

// FuzzMatch builds a filter from the given bytes and compares Match with an evaluator that shares no code with it: it parses the text
// itself, by recursive descent, and evaluates while it parses.
func FuzzMatch(f *testing.F) {
	user, record := userType(f), tree{object(f, mira)}
	f.Add([]byte{0, 1, 2, 3})
	f.Add([]byte{9, 1, 0, 7, 200, 31, 5, 80, 3, 3, 120, 44, 1, 0, 9, 9, 250})
	f.Fuzz(func(t *testing.T, entropy []byte) {
		g := generator{entropy: entropy}
		text := g.or(3)
		e, err := Parse(user, text, nil)
		if err != nil {
			if g.terms > 200 || len(text) > 8192 {
				return
			}
			t.Fatalf("%s: %v", text, err)
		}
		if got, want := directory.Match(e, record), naive(user, text, record.attributes); got != want {
			t.Fatalf("%s: %v, and %v naively", text, got, want)
		}
	})
}

// generator writes filters that are well formed.
type generator struct {
	entropy []byte
	terms   int
}

func (g *generator) below(n int) int {
	if len(g.entropy) == 0 {
		return 0
	}
	b := g.entropy[0]
	g.entropy = g.entropy[1:]
	return int(b) % n
}

func (g *generator) pick(list ...string) string { return list[g.below(len(list))] }

func (g *generator) or(depth int) string {
	text := g.and(depth)
	for g.below(4) == 1 {
		text += " or " + g.and(depth)
	}
	return text
}

func (g *generator) and(depth int) string {
	text := g.unary(depth)
	for g.below(4) == 1 {
		text += " and " + g.unary(depth)
	}
	return text
}

func (g *generator) unary(depth int) string {
	if depth > 0 {
		switch g.below(6) {
		case 1:
			return "(" + g.or(depth-1) + ")"
		case 2:
			return "not (" + g.or(depth-1) + ")"
		}
	}
	return g.term()
}

func (g *generator) term() string {
	g.terms++
	textOps := []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"}
	order := []string{"eq", "ne", "gt", "ge", "lt", "le"}
	value := func() string {
		return g.pick(`"mira@acme.test"`, `"MIRA@ACME.TEST"`, `"m"`, `""`, `"00u8k"`, `"work"`, `"home"`, `"u-0001"`, `"b"`, `"É"`, `"R\u0026D"`)
	}
	enterprise := scim.EnterpriseSchema + ":"
	badge := badgeSchema + ":"
	switch g.below(9) {
	case 0:
		return g.pick("userName", "externalId", "title", "name", "emails", "roles", "nickName", "emails.primary", enterprise+"manager", badge+"tags", badge+"level") + " pr"
	case 1:
		return g.pick("active", "emails.primary") + " " + g.pick("eq", "ne") + " " + g.pick("true", "false", "null")
	case 2:
		return g.pick("meta.created", badge+"issued") + " " + g.pick(order...) + " " + g.pick(`"2026-01-31T09:30:00Z"`, `"2026-01-31T10:30:00.000+01:00"`, `"2025-12-31T23:59:59.5Z"`)
	case 3:
		return badge + g.pick("level", "weight") + " " + g.pick(order...) + " " + g.pick("9007199254740993", "9007199254740992", "61.5", "6.15e1", "-1", "0")
	case 4:
		return g.pick("nickName", "userName", "emails", "name") + " " + g.pick("eq", "ne") + " null"
	case 5:
		inside := generator{entropy: g.entropy}
		text := "emails[" + inside.element(2) + "]"
		g.entropy, g.terms = inside.entropy, g.terms+inside.terms
		return text
	}
	return g.pick("userName", "externalId", "title", "name.familyName", "emails", "emails.value", "emails.type", "nickName", "schemas", "locale",
		enterprise+"department", enterprise+"manager", badge+"tags") + " " + g.pick(textOps...) + " " + value()
}

func (g *generator) element(depth int) string {
	g.terms++
	term := g.pick(`type eq "work"`, `type ne "home"`, `value co "M"`, `primary eq true`, `primary pr`, `display pr`, `value eq null`)
	if depth == 0 {
		return term
	}
	switch g.below(5) {
	case 1:
		return term + " and " + g.element(depth-1)
	case 2:
		return term + " or " + g.element(depth-1)
	case 3:
		return "not (" + g.element(depth-1) + ")"
	}
	return term
}

// naive evaluates a well-formed filter.
func naive(t *scim.ResourceType, text string, record directory.Attributes) bool {
	n := naiveEvaluator{resource: t, rest: text, record: record}
	return n.or()
}

type naiveEvaluator struct {
	resource *scim.ResourceType
	element  *scim.Attribute // inside brackets
	rest     string
	record   directory.Attributes
}

func (n *naiveEvaluator) eat(token string) bool {
	rest := strings.TrimLeft(n.rest, " ")
	if len(rest) < len(token) || !strings.EqualFold(rest[:len(token)], token) {
		return false
	}
	n.rest = rest[len(token):]
	return true
}

func (n *naiveEvaluator) or() bool {
	result := n.and()
	for n.eat("or ") {
		next := n.and()
		result = result || next
	}
	return result
}

func (n *naiveEvaluator) and() bool {
	result := n.unary()
	for n.eat("and ") {
		next := n.unary()
		result = result && next
	}
	return result
}

func (n *naiveEvaluator) unary() bool {
	not := n.eat("not (") || n.eat("not(")
	if not || n.eat("(") {
		result := n.or()
		n.eat(")")
		return result != not
	}
	return n.term()
}

func (n *naiveEvaluator) term() bool {
	n.rest = strings.TrimLeft(n.rest, " ")
	end := strings.IndexAny(n.rest, " [")
	path := n.rest[:end]
	n.rest = n.rest[end:]
	a, values := n.values(path)
	if n.eat("[") {
		return n.brackets(a, values)
	}
	return n.comparison(a, values)
}

// brackets evaluates the inside for each element, with the record put in its place.
func (n *naiveEvaluator) brackets(a *scim.Attribute, values []any) bool {
	result, after := false, ""
	if len(values) == 0 {
		values = []any{nil}
	}
	for _, value := range values {
		object, ok := value.(directory.Attributes)
		if !ok && value != nil {
			object = directory.Attributes{{Name: "value", Value: value}}
		}
		inner := naiveEvaluator{resource: n.resource, element: a, rest: n.rest, record: object}
		met := inner.or()
		inner.eat("]")
		if inner.eat(".") {
			end := strings.IndexByte(inner.rest, ' ')
			sub, also := inner.values(inner.rest[:end])
			inner.rest = inner.rest[end:]
			met = inner.comparison(sub, also) && met
		}
		result = result || met && value != nil
		after = inner.rest
	}
	n.rest = after
	return result
}

// values finds the attribute and what the record has there, one by one.
func (n *naiveEvaluator) values(path string) (*scim.Attribute, []any) {
	var a *scim.Attribute
	var v any
	switch {
	case n.element != nil && n.element.Type != scim.Complex:
		a = n.element
		v, _ = n.record.Get("value")
	case n.element != nil:
		a = n.element.SubAttribute(path)
		v, _ = n.record.Get(path)
	default:
		target, ok := n.resource.Resolve(path)
		if !ok { // the bare name of an extension's attribute
			target, _ = n.resource.Resolve(scim.EnterpriseSchema + ":" + path)
		}
		a = target.Attribute
		record := n.record
		if target.Extension != nil {
			data, _ := record.Get(target.Extension.URN)
			record, _ = data.(directory.Attributes)
		}
		v, _ = record.Get(a.Name)
		if target.Sub != nil {
			all := each(v)
			a = target.Sub
			var found []any
			for _, one := range all {
				if object, ok := one.(directory.Attributes); ok {
					if sub, ok := object.Get(a.Name); ok && sub != nil {
						found = append(found, sub)
					}
				}
			}
			v = found
		}
	}
	return a, each(v)
}

func each(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

func (n *naiveEvaluator) comparison(a *scim.Attribute, values []any) bool {
	n.rest = strings.TrimLeft(n.rest, " ")
	op := strings.ToLower(n.rest[:2])
	n.rest = strings.TrimLeft(n.rest[2:], " ")
	if op == "pr" {
		for _, v := range values {
			if filled(v) {
				return true
			}
		}
		return false
	}
	literal := n.literal()
	if literal == nil {
		return (op == "eq") == (len(values) == 0)
	}
	if len(values) == 0 {
		return op == "ne"
	}
	for _, v := range values {
		leaf := a
		if a.Type == scim.Complex {
			leaf = a.SubAttribute("value")
			object, _ := v.(directory.Attributes)
			if v, _ = object.Get("value"); v == nil {
				continue
			}
		}
		if holds(leaf, v, op, literal) {
			return true
		}
	}
	return false
}

func filled(v any) bool {
	switch v := v.(type) {
	case directory.Attributes:
		for _, a := range v {
			if filled(a.Value) {
				return true
			}
		}
		return false
	case string:
		return v != ""
	}
	return v != nil
}

func (n *naiveEvaluator) literal() any {
	end := 0
	if strings.HasPrefix(n.rest, `"`) {
		for end = 1; n.rest[end] != '"'; end++ {
			if n.rest[end] == '\\' {
				end++
			}
		}
		end++
	} else if end = strings.IndexAny(n.rest, " )]"); end < 0 {
		end = len(n.rest)
	}
	word := n.rest[:end]
	n.rest = n.rest[end:]
	v, err := directory.ParseJSON([]byte(word), directory.Limits{})
	if err != nil {
		panic(err)
	}
	return v
}

func holds(a *scim.Attribute, v any, op string, literal any) bool {
	switch a.Type {
	case scim.Boolean:
		if text, ok := literal.(string); ok {
			literal = strings.EqualFold(text, "true")
		}
		return (op == "eq") == (v == literal)
	case scim.Integer, scim.Decimal:
		have, _ := v.(directory.Number)
		want, _ := literal.(directory.Number)
		x, _ := new(big.Rat).SetString(string(have))
		y, _ := new(big.Rat).SetString(string(want))
		return ordered(op, x.Cmp(y))
	case scim.DateTime:
		have, _ := v.(string)
		want, _ := literal.(string)
		x, errX := time.Parse(time.RFC3339, have)
		y, errY := time.Parse(time.RFC3339, want)
		return errX == nil && errY == nil && ordered(op, int(x.Sub(y).Microseconds()))
	}
	x, _ := v.(string)
	y, _ := literal.(string)
	if !a.CaseExact {
		if op == "eq" || op == "ne" {
			return (op == "eq") == strings.EqualFold(x, y)
		}
		x, y = strings.ToLower(x), strings.ToLower(y)
	}
	switch op {
	case "co":
		return strings.Contains(x, y)
	case "sw":
		return strings.HasPrefix(x, y)
	case "ew":
		return strings.HasSuffix(x, y)
	}
	return ordered(op, strings.Compare(x, y))
}

func ordered(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	}
	panic("no operator " + strconv.Quote(op))
}
