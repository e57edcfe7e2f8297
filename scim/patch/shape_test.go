package patch_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/patch"
)

// shape is a way to write a value of an attribute, and what must come of it.
type shape struct {
	name    string
	value   any
	want    any  // the stored value; nil: unassigned
	refused bool // 400 invalidValue
	nothing bool // in a PATCH the value names nothing to change
	quirks  []scim.Quirk
}

func object(members ...any) directory.Attributes {
	out := directory.Attributes{}
	for i := 0; i < len(members); i += 2 {
		name, _ := members[i].(string)
		out = append(out, directory.Attribute{Name: name, Value: members[i+1]})
	}
	return out
}

func list(elements ...any) []any { return elements }

func asText(value any) string { return string(directory.AppendJSON(nil, value)) }

func with(quirks []scim.Quirk, more ...scim.Quirk) []scim.Quirk {
	return append(slices.Clone(quirks), more...)
}

// sampleOf is a value of a simple attribute, or of one element; n tells values apart.
func sampleOf(a *scim.Attribute, n int) any {
	text := fmt.Sprintf("%s %d", strings.TrimPrefix(a.Name, "$"), n)
	switch a.Type {
	case scim.Boolean:
		return n == 0
	case scim.Integer, scim.Decimal:
		return directory.Number(fmt.Sprint(n + 7))
	case scim.DateTime:
		return fmt.Sprintf("2026-05-0%dT09:30:00Z", n+1)
	case scim.Binary:
		return []string{"TUlJ", "TUlK"}[n]
	case scim.Reference:
		return fmt.Sprintf("https://x.test/%d", n)
	case scim.Complex:
		out := directory.Attributes{}
		for _, sub := range a.Sub {
			if written(sub) && (sub.Name == "value" || sub.Required || a.SubAttribute("value") == nil) {
				out = append(out, directory.Attribute{Name: sub.Name, Value: samplesOf(sub, n)})
			}
		}
		return out
	}
	if a.Parent != nil && a.Parent.Name == "emails" || a.Name == "userName" {
		return fmt.Sprintf("person%d@acme.test", n)
	}
	return text
}

// samplesOf is a value of the whole attribute.
func samplesOf(a *scim.Attribute, n int) any {
	if a.MultiValued {
		return list(sampleOf(a, n))
	}
	return sampleOf(a, n)
}

// written reports whether what a client writes to an attribute is kept.
func written(a *scim.Attribute) bool {
	return a.Mutability != scim.ReadOnly && a.Mutability != scim.WriteOnly && a.Returned != scim.ReturnedNever
}

// single are the shapes of one simple value.
func single(a *scim.Attribute) []shape {
	v := sampleOf(a, 0)
	all := []shape{
		{name: "as it is", value: v, want: v},
		{name: "an object around it", value: object("Value", v, "$ref", nil), want: v, quirks: []scim.Quirk{scim.QuirkValueWrapped}},
		{name: "an object with more in it", value: object("value", v, "other", "x"), refused: true},
		{name: "another object", value: object("other", v), refused: true},
	}
	wrong := func(name string, value any) {
		all = append(all, shape{name: name, value: value, refused: true})
	}
	switch a.Type {
	case scim.String:
		all = append(all,
			shape{name: "a number", value: directory.Number("555111"), want: "555111", quirks: []scim.Quirk{scim.QuirkNumberForString}},
			shape{name: "a number in an object", value: object("value", directory.Number("7.5")), want: "7.5", quirks: []scim.Quirk{scim.QuirkValueWrapped, scim.QuirkNumberForString}})
		wrong("a number that may have been written otherwise", directory.Number("1e3"))
		wrong("a boolean", true)
	case scim.Boolean:
		for _, text := range []string{"True", "true", "TRUE", "tRuE"} {
			all = append(all, shape{name: text + " as text", value: text, want: true, quirks: []scim.Quirk{scim.QuirkStringBoolean}})
		}
		for _, text := range []string{"False", "false", "FALSE"} {
			all = append(all, shape{name: text + " as text", value: text, want: false, quirks: []scim.Quirk{scim.QuirkStringBoolean}})
		}
		wrong("another text", "maybe")
		wrong("an empty text", "")
		wrong("a number", directory.Number("1"))
	case scim.Integer, scim.Decimal:
		all = append(all, shape{name: "as text", value: "7", want: directory.Number("7"), quirks: []scim.Quirk{scim.QuirkStringNumber}})
		wrong("another text", "seven")
		wrong("a boolean", true)
	default:
		wrong("a number", directory.Number("5"))
		wrong("a boolean", true)
	}
	if a.Type == scim.DateTime || a.Type == scim.Binary {
		wrong("nonsense", "*")
	}
	return all
}

// one are the shapes of one value, simple or complex: of a singular attribute, or of an element.
func one(a *scim.Attribute) []shape {
	if a.Type != scim.Complex {
		return single(a)
	}
	v := sampleOf(a, 0)
	all := []shape{
		{name: "as it is", value: v, want: v},
		{name: "JSON as text", value: asText(v), want: v, quirks: []scim.Quirk{scim.QuirkJSONText}},
		{name: "a boolean", value: true, refused: true},
		{name: "with an unknown member", value: append(slices.Clone(v.(directory.Attributes)), object("nosuch", "x")...), want: v, quirks: []scim.Quirk{scim.QuirkUnknownAttribute}}, //nolint:forcetypeassert,errcheck // it is complex
	}
	if value := a.SubAttribute("value"); value != nil && value.Type != scim.Complex {
		for _, s := range single(value) {
			if _, isObject := s.value.(directory.Attributes); isObject || s.value == "" || s.value == true {
				continue
			}
			_, text := s.value.(string)
			_, number := s.value.(directory.Number)
			bare := shape{name: "bare: " + s.name, value: s.value, want: object("value", s.want), refused: s.refused || !text && !number, quirks: with(s.quirks, scim.QuirkValueBare)}
			if others := slices.ContainsFunc(a.Sub, func(sub *scim.Attribute) bool { return sub.Required && sub.Name != "value" }); !others {
				all = append(all, bare)
			}
		}
	} else {
		all = append(all, shape{name: "a text", value: "x", refused: true}, shape{name: "a number", value: directory.Number("5"), refused: true})
	}
	for _, sub := range a.Sub {
		all = append(all, inside(a, sub)...)
	}
	return all
}

// inside are the shapes of a sub-attribute in its complex value.
func inside(a, sub *scim.Attribute) []shape {
	rest := directory.Attributes{}
	for _, other := range a.Sub {
		if other != sub && other.Required && written(other) {
			rest = append(rest, directory.Attribute{Name: other.Name, Value: samplesOf(other, 0)})
		}
	}
	var all []shape
	for _, s := range every(sub) {
		name := strings.ToUpper(sub.Name)
		v := shape{name: sub.Name + ": " + s.name, value: append(slices.Clone(rest), directory.Attribute{Name: name, Value: s.value}), refused: s.refused, quirks: with(s.quirks, scim.QuirkNameCase)}
		switch {
		case !written(sub):
			if s.value == nil || directory.Unassigned(s.value) && s.want == nil && !s.refused {
				continue
			}
			if v.quirks, v.refused = ignored(sub), false; len(rest) == 0 {
				v.value = append(slices.Clone(sampleOf(a, 0).(directory.Attributes)), directory.Attribute{Name: sub.Name, Value: s.value}) //nolint:forcetypeassert,errcheck // it is complex
				v.want = sampleOf(a, 0)
			} else {
				v.value, v.want = append(slices.Clone(rest), directory.Attribute{Name: sub.Name, Value: s.value}), rest
			}
		case s.want != nil:
			v.want = append(slices.Clone(rest), directory.Attribute{Name: sub.Name, Value: s.want})
		case s.refused:
		case sub.Required:
			v.refused = true
		default:
			continue // an object without anything: the shapes of the whole have it
		}
		all = append(all, v)
	}
	return all
}

func ignored(a *scim.Attribute) []scim.Quirk {
	if a.Mutability == scim.ReadOnly {
		return []scim.Quirk{scim.QuirkReadOnly}
	}
	return []scim.Quirk{scim.QuirkPassword}
}

// every are the shapes of a whole attribute: the table that this test is about.
func every(a *scim.Attribute) []shape {
	none := []shape{
		{name: "null", value: nil, nothing: true},
		{name: "an empty list", value: list(), nothing: true},
	}
	empty := []shape{
		{name: "a list of null", value: list(nil), refused: true},
		{name: "a list of an empty object", value: list(object()), refused: true},
		{name: "a list of an empty list", value: list(list()), refused: true},
	}
	all := slices.Concat(none, empty)
	if !a.MultiValued {
		for _, s := range one(a) {
			all = append(all, s)
			if s.want != nil {
				s.name, s.value, s.quirks = "a list of one, "+s.name, list(s.value), with(s.quirks, scim.QuirkArrayUnwrapped)
				all = append(all, s)
			}
		}
		all = append(all,
			shape{name: "a list of two", value: list(sampleOf(a, 0), sampleOf(a, 1)), refused: true},
			shape{name: "a list in a list", value: list(list(sampleOf(a, 0))), refused: true})
		if a.Type == scim.Complex {
			return append(all,
				shape{name: "an empty object", value: object(), nothing: true},
				shape{name: "nothing that is known", value: object("nosuch", "x"), nothing: true, quirks: []scim.Quirk{scim.QuirkUnknownAttribute}})
		}
		return append(all, shape{name: "an empty object", value: object(), refused: true})
	}
	for _, s := range one(a) {
		element := s
		element.name, element.value = "element "+s.name, list(s.value)
		if element.want != nil {
			element.want = list(s.want)
			text, isText := s.value.(string)
			if isText && (a.Name == "emails" && !strings.Contains(text, "@") || a.Name == "phoneNumbers" && !strings.ContainsAny(text, "0123456789")) {
				all = append(all, element)
				continue // not plausible for the whole
			}
			bare := element
			bare.name, bare.value = "without the list, "+s.name, s.value
			bare.quirks = with(bare.quirks, scim.QuirkArrayWrapped)
			nested := element
			nested.name, nested.value, nested.quirks = "a list around the element, "+s.name, list(list(s.value)), with(s.quirks, scim.QuirkArrayUnwrapped)
			all = append(all, bare, nested)
		}
		all = append(all, element)
	}
	both := list(sampleOf(a, 0), sampleOf(a, 1))
	all = append(all,
		shape{name: "two", value: both, want: both},
		shape{name: "two as JSON text", value: asText(both), want: both, quirks: []scim.Quirk{scim.QuirkJSONText}},
		shape{name: "two elements in one", value: list(both), refused: true},
		shape{name: "one without a value", value: list(sampleOf(a, 0), nil), refused: true},
		shape{name: "an empty object", value: object(), refused: true})
	if a.Type == scim.Complex {
		all = append(all, shape{name: "an element of nothing that is known", value: list(object("nosuch", "x")), refused: true})
	}
	return all
}

// way is a way to write an attribute, and the quirks that it has itself.
type way struct {
	name   string
	patch  bool
	add    bool
	path   bool // the attribute is named by the path of an operation
	write  func(r *writing, value any) (directory.Attributes, error)
	quirks []scim.Quirk
}

// writing is what a way is tried on.
type writing struct {
	base    scim.Resource // with what is required
	a       *scim.Attribute
	options patch.Options
	quirks  *scim.Quirks
}

func (w *writing) urn() string {
	if w.a.Schema != "" {
		return w.a.Schema
	}
	return w.base.Type.Core.URN
}

// key is the attribute as a member of a body: its name and its value there.
func (w *writing) key(value any) directory.Attribute {
	if w.a.Schema != "" {
		return directory.Attribute{Name: w.a.Schema, Value: object(w.a.Name, value)}
	}
	return directory.Attribute{Name: w.a.Name, Value: value}
}

// whole decodes a body like that of a POST or PUT: the required attributes and one more member.
func (w *writing) whole(member directory.Attribute) (directory.Attributes, error) {
	body := w.base.Attributes.Clone()
	body.Delete(w.a.Name)
	if old, ok := body.Get(member.Name); ok { // an extension with something that is required
		members, _ := member.Value.(directory.Attributes)
		kept, _ := old.(directory.Attributes)
		kept = slices.Clone(kept)
		kept.Delete(w.a.Name)
		member.Value = slices.Concat(kept, members)
		body.Delete(member.Name)
	}
	if strings.HasPrefix(member.Name, w.urn()+":") && w.a.Schema != "" {
		if kept, ok := body.Get(w.a.Schema); ok {
			data, _ := kept.(directory.Attributes)
			data = slices.Clone(data)
			data.Delete(w.a.Name)
			body.Set(w.a.Schema, data)
		}
	}
	r, _, err := w.base.Type.Decode(append(body, member), scim.DecodeOptions{Paths: patch.Keys}, w.quirks)
	return r.Attributes, err
}

// operation does one operation of a PATCH on what is required.
func (w *writing) operation(op string, path string, value any) (directory.Attributes, error) {
	operation := object("op", op, "value", value)
	if path != "" {
		operation = append(operation, directory.Attribute{Name: "path", Value: path})
	}
	body := object("schemas", list(patch.MessageSchema), "Operations", list(operation))
	p, err := patch.Parse(w.base.Type, body, w.options, w.quirks)
	if err != nil {
		return nil, err
	}
	r, err := p.Apply(w.base.Clone(), w.quirks)
	return r.Attributes, err
}

func ways(core bool) []way {
	flat := []scim.Quirk{scim.QuirkPathKeys, scim.QuirkExtensionMissing}
	all := []way{
		{name: "body", quirks: flat[1:], write: func(w *writing, v any) (directory.Attributes, error) { return w.whole(w.key(v)) }},
		{name: "body, URN key", quirks: flat, write: func(w *writing, v any) (directory.Attributes, error) {
			return w.whole(directory.Attribute{Name: w.urn() + ":" + w.a.Name, Value: v})
		}},
		{name: "body, URN key in another case", quirks: flat, write: func(w *writing, v any) (directory.Attributes, error) {
			return w.whole(directory.Attribute{Name: strings.ToUpper(w.urn() + ":" + w.a.Name), Value: v})
		}},
	}
	if core {
		all = append(all, way{name: "body, URN of the core schema", quirks: flat, write: func(w *writing, v any) (directory.Attributes, error) {
			return w.whole(directory.Attribute{Name: w.urn(), Value: object(w.a.Name, v)})
		}})
	}
	for _, op := range []string{"add", "replace"} {
		w := way{patch: true, add: op == "add", quirks: flat}
		w.path = true
		w.name, w.write = op+", path", func(w *writing, v any) (directory.Attributes, error) {
			path := w.a.Name
			if w.a.Schema != "" {
				path = w.a.Schema + ":" + path
			}
			return w.operation(op, path, v)
		}
		all = append(all, w)
		w.name, w.write = op+", URN path", func(w *writing, v any) (directory.Attributes, error) { return w.operation(op, w.urn()+":"+w.a.Name, v) }
		all = append(all, w)
		w.path = false
		w.name, w.write = op+", no path", func(w *writing, v any) (directory.Attributes, error) {
			key := w.key(v)
			return w.operation(op, "", object(key.Name, key.Value))
		}
		all = append(all, w)
		cased := w
		cased.quirks = with(flat, scim.QuirkNameCase)
		cased.name, cased.write = op+", no path, another case", func(w *writing, v any) (directory.Attributes, error) {
			name := strings.ToUpper(w.a.Name)
			if w.a.Schema == "" {
				return w.operation(op, "", object(name, v))
			}
			return w.operation(op, "", object(w.a.Schema, object(name, v)))
		}
		all = append(all, cased)
		w.name, w.write = op+", no path, URN key", func(w *writing, v any) (directory.Attributes, error) {
			return w.operation(op, "", object(w.urn()+":"+w.a.Name, v))
		}
		all = append(all, w)
		w.name, w.write = op+", path of the schema", func(w *writing, v any) (directory.Attributes, error) {
			return w.operation(op, w.urn(), object(w.a.Name, v))
		}
		all = append(all, w)
		w.name, w.write = op+", JSON as text", func(w *writing, v any) (directory.Attributes, error) {
			key := w.key(v)
			return w.operation(op, "", asText(object(key.Name, key.Value)))
		}
		w.quirks = with(flat, scim.QuirkJSONText)
		all = append(all, w)
	}
	return all
}

// Every attribute of every schema × every shape of a value × every way of writing. A new attribute is included automatically. The table
// named every gives the outcome: the stored value and the counted quirks, or a refusal. Nothing is dropped silently.
func TestEveryAttributeInEveryShape(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, resource := range everyType(t) {
		base := withRequired(t, resource)
		var attributes []*scim.Attribute
		attributes = append(attributes, resource.Attribute("id"), resource.Attribute("externalId"), resource.Attribute("meta"))
		attributes = append(attributes, resource.Core.Attributes...)
		for _, e := range resource.Extensions {
			attributes = append(attributes, e.Schema.Attributes...)
		}
		for _, a := range attributes {
			if a.Name == "members" && resource.Name == "Group" {
				continue // a membership is not a value; see TestMembersInEveryShape
			}
			t.Run(resource.Name+"/"+strings.Trim(a.Schema+":"+a.Name, ":"), func(t *testing.T) {
				for _, s := range every(a) {
					for _, w := range ways(a.Schema == "") {
						for _, lenient := range []directory.Leniency{directory.Refuse, directory.Ignore} {
							q := &scim.Quirks{}
							got, err := w.write(&writing{base: base, a: a, options: patch.Options{UnknownPaths: lenient}, quirks: q}, s.value)
							cases++
							if why := judge(a, s, w, lenient, got, q, err); why != "" {
								t.Errorf("%s; %s; %s; unknown paths %s: %s (got %s, quirks %v, error %v)", s.name, asText(s.value), w.name, lenient, why, asText(valueOf(got, a)), q.Names(), err)
							}
						}
					}
				}
			})
		}
	}
	if cases < 20_000 {
		t.Errorf("only %d cases were tried", cases)
	}
}

func valueOf(all directory.Attributes, a *scim.Attribute) any {
	if a.Schema != "" {
		extension, _ := all.Get(a.Schema)
		all, _ = extension.(directory.Attributes)
	}
	v, _ := all.Get(a.Name)
	return v
}

// judge compares the result of a case with the table; "" if they agree.
func judge(a *scim.Attribute, s shape, w way, lenient directory.Leniency, got directory.Attributes, q *scim.Quirks, err error) string {
	isObject := false
	if _, ok := s.value.(directory.Attributes); ok {
		isObject = true
	}
	none := directory.Unassigned(s.value) && (!isObject || a.Type == scim.Complex && !a.MultiValued)
	want := s
	switch {
	case !written(a):
		want = shape{quirks: ignored(a)}
		if none && !w.patch {
			want.quirks = nil
		}
		if a.Mutability == scim.ReadOnly && w.patch {
			switch {
			case a.Schema == "" && (a.Name == "id" || a.Name == "meta") && !w.path: // what clients read and send back
				want.quirks = []scim.Quirk{scim.QuirkReadOnlyInValue}
			case lenient == directory.Refuse:
				if scim.ErrorOf(err).Type != "mutability" {
					return "want 400 mutability"
				}
				return ""
			}
		}
	case s.nothing && w.patch && (isObject || w.add && a.MultiValued):
		want.quirks = with(s.quirks, scim.QuirkNoEffect)
	case w.patch && a.Name == "active" && want.want == nil && !want.refused: // it says nothing about the state of the user
		want.quirks = with(s.quirks, scim.QuirkNoEffect)
	case want.want == nil && !want.refused && a.Required:
		want.refused = true
	}
	if want.refused {
		if err == nil || scim.ErrorOf(err).Status != 400 || scim.ErrorOf(err).Type != "invalidValue" && scim.ErrorOf(err).Type != "mutability" {
			return "want 400 invalidValue"
		}
		return ""
	}
	if err != nil {
		return "want success"
	}
	if v := valueOf(got, a); !directory.EqualValues(v, want.want) {
		return "want " + asText(want.want)
	}
	seen, wanted := map[scim.Quirk]bool{}, map[scim.Quirk]bool{}
	for _, name := range q.Names() {
		seen[name] = true
	}
	for _, name := range want.quirks {
		wanted[name] = true
	}
	for _, name := range w.quirks {
		delete(seen, name)
		delete(wanted, name)
	}
	delete(seen, scim.QuirkSchemaMissing)
	if !maps.Equal(seen, wanted) {
		return fmt.Sprintf("want the quirks %v", want.quirks)
	}
	return ""
}

// everyType gives the standard types with an extension of each data type, and a type of a tenant's own.
func everyType(t *testing.T) []*scim.ResourceType {
	t.Helper()
	const attributes = `[
		{"name": "text", "type": "string"}, {"name": "truth", "type": "boolean"}, {"name": "whole", "type": "integer"}, {"name": "part", "type": "decimal"},
		{"name": "since", "type": "dateTime"}, {"name": "photo", "type": "binary"}, {"name": "page", "type": "reference"}, {"name": "owner", "type": "reference", "referenceTypes": ["User"]},
		{"name": "pin", "type": "string", "mutability": "writeOnly"}, {"name": "seen", "type": "dateTime", "mutability": "readOnly"}, {"name": "once", "type": "string", "mutability": "immutable"},
		{"name": "hint", "type": "string", "returned": "request"},
		{"name": "texts", "type": "string", "multiValued": true}, {"name": "truths", "type": "boolean", "multiValued": true}, {"name": "wholes", "type": "integer", "multiValued": true},
		{"name": "moments", "type": "dateTime", "multiValued": true}, {"name": "photos", "type": "binary", "multiValued": true}, {"name": "pages", "type": "reference", "multiValued": true},
		{"name": "locker", "type": "complex", "subAttributes": [{"name": "value", "type": "string"}, {"name": "code", "type": "string", "returned": "never"}, {"name": "keys", "type": "string", "multiValued": true}, {"name": "open", "type": "boolean"}]},
		{"name": "shape", "type": "complex", "subAttributes": [{"name": "width", "type": "decimal"}, {"name": "note", "type": "string"}, {"name": "made", "type": "dateTime", "mutability": "readOnly"}]},
		{"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value", "type": "string", "required": true}, {"name": "type", "type": "string"}, {"name": "primary", "type": "boolean"}, {"name": "hours", "type": "string", "multiValued": true}, {"name": "$ref", "type": "reference", "referenceTypes": ["Device"]}]},
		{"name": "trips", "type": "complex", "multiValued": true, "subAttributes": [{"name": "to", "type": "string", "required": true}, {"name": "km", "type": "integer"}]},
		{"name": "counts", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value", "type": "integer"}, {"name": "type", "type": "string"}]}]`
	schema := func(resource, endpoint, urn string) directory.CustomSchema {
		return directory.CustomSchema{ResourceType: resource, Endpoint: endpoint, Definition: directory.Document(`{"id": "` + urn + `", "attributes": ` + attributes + `}`)}
	}
	c, err := scim.NewCatalog([]directory.CustomSchema{
		schema("User", "", "urn:example:params:scim:schemas:every:1.0:User"),
		schema("Group", "", "urn:example:params:scim:schemas:every:1.0:Group"),
		schema("Device", "/Devices", "urn:example:params:scim:schemas:device:1.0:Device"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.Types
}

// withRequired is a resource with what it must have.
func withRequired(t *testing.T, resource *scim.ResourceType) scim.Resource {
	t.Helper()
	body := directory.Attributes{}
	for _, a := range resource.Core.Attributes {
		if a.Required {
			body = append(body, directory.Attribute{Name: a.Name, Value: samplesOf(a, 1)})
		}
	}
	r, _, err := resource.Decode(body, scim.DecodeOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every sub-attribute of a complex single-valued attribute, with a path of its own: with a dot, in bodies and paths, with and without the
// URN.
func TestEverySubAttributeInEveryShape(t *testing.T) {
	t.Parallel()
	for _, resource := range everyType(t) {
		base := withRequired(t, resource)
		attributes := slices.Clone(resource.Core.Attributes)
		for _, e := range resource.Extensions {
			attributes = append(attributes, e.Schema.Attributes...)
		}
		for _, a := range attributes {
			if a.MultiValued {
				continue
			}
			for _, sub := range a.Sub {
				t.Run(resource.Name+"/"+a.Name+"."+sub.Name, func(t *testing.T) { everySub(t, base, a, sub) })
			}
		}
	}
}

func everySub(t *testing.T, base scim.Resource, a, sub *scim.Attribute) {
	t.Helper()
	urn := base.Type.Core.URN
	if a.Schema != "" {
		urn = a.Schema
	}
	names := []string{urn + ":" + a.Name + "." + sub.Name, strings.ToUpper(urn + ":" + a.Name + "." + sub.Name), a.Name + "." + sub.Name}
	for _, s := range every(sub) {
		for _, name := range names {
			w := &writing{base: base, a: a, options: patch.Options{UnknownPaths: directory.Ignore}}
			for way, write := range map[string]func() (directory.Attributes, error){
				"body":        func() (directory.Attributes, error) { return w.whole(directory.Attribute{Name: name, Value: s.value}) },
				"add path":    func() (directory.Attributes, error) { return w.operation("add", name, s.value) },
				"replace":     func() (directory.Attributes, error) { return w.operation("replace", name, s.value) },
				"add key":     func() (directory.Attributes, error) { return w.operation("add", "", object(name, s.value)) },
				"replace key": func() (directory.Attributes, error) { return w.operation("replace", "", object(name, s.value)) },
			} {
				w.quirks = &scim.Quirks{}
				got, err := write()
				parent, _ := valueOf(got, a).(directory.Attributes)
				stored, _ := parent.Get(sub.Name)
				counted := func(name scim.Quirk) bool { return slices.Contains(w.quirks.Names(), name) }
				switch {
				case !written(sub):
					if err != nil || stored != nil || s.value != nil && !directory.Unassigned(s.value) && !counted(ignored(sub)[0]) {
						t.Errorf("%s; %s; %s %s: it is not ignored and counted: %v, %v, %v", s.name, asText(s.value), way, name, asText(stored), w.quirks.Names(), err)
					}
				case s.refused:
					if scim.ErrorOf(err).Type != "invalidValue" {
						t.Errorf("%s; %s; %s %s: want 400 invalidValue, not %v", s.name, asText(s.value), way, name, err)
					}
				case err != nil || !directory.EqualValues(stored, s.want) || !containsAll(w.quirks.Names(), s.quirks):
					t.Errorf("%s; %s; %s %s: want %s, not %s, %v, %v", s.name, asText(s.value), way, name, asText(s.want), asText(stored), w.quirks.Names(), err)
				}
			}
		}
	}
}

func containsAll(have, want []scim.Quirk) bool {
	return !slices.ContainsFunc(want, func(name scim.Quirk) bool { return !slices.Contains(have, name) })
}

// The members of a group are read separately from its attributes, and have the same shapes. A member without a value is refused everywhere,
// and never dropped.
func TestMembersInEveryShape(t *testing.T) {
	t.Parallel()
	group := everyType(t)[1]
	one, two := directory.MemberRef{Value: "u-1"}, directory.MemberRef{Value: "u-2"}
	for text, want := range map[string][]directory.MemberRef{
		`null`: {}, `[]`: {},
		`["u-1"]`: {one}, `"u-1"`: {one}, `[["u-1"]]`: {one}, `[{"value":"u-1"}]`: {one}, `{"VALUE":"u-1"}`: {one}, `[[{"value":"u-1"}]]`: {one},
		`[{"value":["u-1"]}]`: {one}, `[{"value":{"value":"u-1"}}]`: {one}, `"[\"u-1\"]"`: {one}, `["{\"value\":\"u-1\"}"]`: {one}, `"{\"value\":\"u-1\"}"`: {one},
		`[{"$ref":"https://x.test/scim/v2/y/Users/u-1","value":null}]`: {one}, `[{"value":"u-1","$ref":null,"type":"direct"}]`: {one},
		`["u-1",{"value":"u-2"}]`: {one, two}, `[7]`: {{Value: "7"}}, `[{"value":7}]`: {{Value: "7"}},
		`[null]`: nil, `[{}]`: nil, `[[]]`: nil, `[""]`: nil, `""`: nil, `{}`: nil, `[{"value":null}]`: nil, `[{"value":""}]`: nil, `[{"display":"x"}]`: nil, `[{"$ref":null}]`: nil,
		`["u-1",null]`: nil, `["u-1",{}]`: nil, `[["u-1","u-2"]]`: nil, `true`: nil, `[true]`: nil, `[{"value":true}]`: nil, `[{"value":{"id":"u-1"}}]`: nil, `[{"nosuch":"u-1"}]`: nil,
		`[{"value":"u-1","operation":"delete"}]`: nil,
	} {
		value, err := directory.ParseJSON([]byte(text), directory.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"members", "MEMBERS", group.Core.URN + ":members"} {
			_, members, err := group.Decode(object("displayName", "G", name, value), scim.DecodeOptions{}, &scim.Quirks{})
			if want == nil != (err != nil) || want != nil && !slices.Equal(*members, want) {
				t.Errorf("a body with %s %s: %v, %v", name, text, members, err)
			}
			for _, op := range []string{"add", "replace", "remove"} {
				for _, body := range []directory.Attributes{object("op", op, "path", name, "value", value), object("op", op, "value", object(name, value))} {
					if op == "remove" && (body.String("path") == "" || value == nil) {
						continue
					}
					q := &scim.Quirks{}
					p, err := patch.Parse(group, object("Operations", list(body)), patch.Options{}, q)
					if want == nil {
						if scim.ErrorOf(err).Type != "invalidValue" {
							t.Errorf("%s is accepted: %v", asText(body), err)
						}
						continue
					}
					if err != nil {
						t.Errorf("%s: %v", asText(body), err)
						continue
					}
					steps := p.Members()
					switch {
					case len(want) == 0 && op != "replace":
						if len(steps) > 0 || len(q.Names()) < 2 { // that nothing is done is visible, beside the missing schemas
							t.Errorf("%s does %v, with the quirks %v", asText(body), steps, q.Names())
						}
					case len(steps) != 1 || !slices.Equal(steps[0].Members, want):
						t.Errorf("%s does %v", asText(body), steps)
					}
				}
			}
		}
	}
}
