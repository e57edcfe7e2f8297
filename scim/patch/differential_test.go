package patch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/patch"
)

// anyOf draws a value of an attribute.
func anyOf(t *rapid.T, a *scim.Attribute) any {
	if !a.MultiValued {
		return sampleOrLess(t, a)
	}
	n := rapid.IntRange(1, 2).Draw(t, "elements of "+a.Name)
	out := []any{}
	for i := range n {
		v := sampleOf(a, i)
		if object, ok := v.(directory.Attributes); ok && a.SubAttribute("type") != nil && rapid.Bool().Draw(t, "typed") {
			object.Set("type", []string{"work", "home"}[i])
			v = object
		}
		out = append(out, v)
	}
	return out
}

func sampleOrLess(t *rapid.T, a *scim.Attribute) any {
	v := sampleOf(a, rapid.IntRange(0, 1).Draw(t, a.Name))
	object, ok := v.(directory.Attributes)
	if !ok {
		return v
	}
	out := directory.Attributes{}
	for _, at := range object {
		if a.SubAttribute(at.Name).Required || rapid.Bool().Draw(t, a.Name+"."+at.Name) {
			out = append(out, at)
		}
	}
	if len(out) == 0 {
		return object
	}
	return out
}

// anyResource draws a body with what is required and some other attributes, by the path of each.
func anyResource(t *rapid.T, resource *scim.ResourceType) (body directory.Attributes, paths []directory.Attribute) {
	body = directory.Attributes{{Name: "schemas", Value: list(resource.Core.URN)}}
	for _, a := range resource.Core.Attributes {
		if !written(a) || a.Name == "members" || a.Mutability == scim.Immutable || !a.Required && !rapid.Bool().Draw(t, a.Name+"?") {
			continue
		}
		v := anyOf(t, a)
		body = append(body, directory.Attribute{Name: a.Name, Value: v})
		paths = append(paths, directory.Attribute{Name: a.Name, Value: v})
	}
	for _, e := range resource.Extensions {
		data := directory.Attributes{}
		for _, a := range e.Schema.Attributes {
			if !written(a) || a.Mutability == scim.Immutable || !rapid.Bool().Draw(t, a.Name+" of the extension?") {
				continue
			}
			v := anyOf(t, a)
			data = append(data, directory.Attribute{Name: a.Name, Value: v})
			paths = append(paths, directory.Attribute{Name: e.Schema.URN + ":" + a.Name, Value: v})
		}
		if len(data) > 0 {
			body = append(body, directory.Attribute{Name: e.Schema.URN, Value: data})
		}
	}
	return body, paths
}

// A PUT gives the same resource as a PATCH that replaces each attribute, with or without a path.
func TestPutIsReplaceOfEachAttribute(t *testing.T) {
	t.Parallel()
	types := everyType(t)
	rapid.Check(t, func(t *rapid.T) {
		resource := rapid.SampledFrom(types).Draw(t, "type")
		body, paths := anyResource(t, resource)
		put, _, err := resource.Decode(body, scim.DecodeOptions{Paths: patch.Keys}, &scim.Quirks{})
		if err != nil {
			t.Fatal(err)
		}
		minimal := directory.Attributes{}
		for _, a := range resource.Core.Attributes {
			if a.Required {
				minimal = append(minimal, directory.Attribute{Name: a.Name, Value: samplesOf(a, 1)})
			}
		}
		before, _, err := resource.Decode(minimal, scim.DecodeOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		operations := []any{}
		paths = rapid.Permutation(paths).Draw(t, "order")
		together := directory.Attributes{}
		for _, at := range paths {
			if rapid.Bool().Draw(t, "by path") {
				operations = append(operations, object("op", "replace", "path", at.Name, "value", at.Value))
			} else {
				together = append(together, at)
			}
		}
		if len(together) > 0 {
			operations = append(operations, object("op", "replace", "value", together))
		}
		p, err := patch.Parse(resource, object("schemas", list(patch.MessageSchema), "Operations", operations), patch.Options{}, &scim.Quirks{})
		if err != nil {
			t.Fatal(err)
		}
		patched, err := p.Apply(before.Clone(), &scim.Quirks{})
		if err != nil {
			t.Fatal(err)
		}
		if !directory.EqualValues(sortedNames(put.Attributes), sortedNames(patched.Attributes)) {
			t.Fatalf("\n  PUT %s\nPATCH %s", put.Attributes.Document(), patched.Attributes.Document())
		}
		// And back: removing each attribute leaves what is required.
		operations = operations[:0]
		for _, at := range paths {
			if a, _ := resource.Find(at.Name, nil); !a.Leaf().Required {
				operations = append(operations, object("op", "remove", "path", at.Name))
			}
		}
		if len(operations) == 0 {
			return
		}
		if p, err = patch.Parse(resource, object("Operations", operations), patch.Options{}, nil); err != nil {
			t.Fatal(err)
		}
		left, err := p.Apply(patched, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(left.Attributes) != len(before.Attributes) {
			t.Fatalf("%s is left", left.Attributes.Document())
		}
	})
}

func sortedNames(attributes directory.Attributes) directory.Attributes {
	out := attributes.Clone()
	out.Delete("schemas")
	return out
}

// lenientBodies are the bodies that identity providers send, from the transcripts.
func lenientBodies(t *testing.T, resource *scim.ResourceType, endpoint string) (bodies []directory.Attributes) {
	t.Helper()
	files, err := filepath.Glob("../testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no transcripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range txtar.Parse(text).Files {
			head, body, _ := strings.Cut(string(part.Data), "\n\n")
			method, path, _ := strings.Cut(head, " ")
			if !strings.HasSuffix(part.Name, ".request") || method != "POST" && method != "PUT" || !strings.HasPrefix(path, endpoint) || strings.Contains(path, ".search") {
				continue
			}
			v, err := directory.ParseJSON([]byte(body), directory.DefaultLimits())
			object, ok := v.(directory.Attributes)
			if err != nil || !ok {
				continue
			}
			if _, _, err := resource.Decode(object, scim.DecodeOptions{Paths: patch.Keys}, nil); err == nil {
				bodies = append(bodies, object)
			}
		}
	}
	if len(bodies) < 20 {
		t.Fatalf("only %d bodies were found for %s", len(bodies), endpoint)
	}
	return bodies
}

// Requests of identity providers mean the same in every accepted shape. The bodies of the transcripts, rewritten by each leniency, give the
// same resource.
func TestLenienciesKeepTheMeaning(t *testing.T) {
	t.Parallel()
	types := everyType(t)
	bodies := map[*scim.ResourceType][]directory.Attributes{types[0]: lenientBodies(t, types[0], "/Users"), types[1]: lenientBodies(t, types[1], "/Groups")}
	rapid.Check(t, func(t *rapid.T) {
		resource := rapid.SampledFrom(types[:2]).Draw(t, "type")
		body := rapid.SampledFrom(bodies[resource]).Draw(t, "body")
		want, wantMembers, err := resource.Decode(body, scim.DecodeOptions{Paths: patch.Keys}, nil)
		if err != nil {
			t.Fatal(err)
		}
		body = want.Attributes.Clone() // without the leniencies that it has already
		if wantMembers != nil {
			members := []any{}
			for _, m := range *wantMembers {
				members = append(members, object("value", m.Value, "type", m.Type, "display", m.Display))
			}
			body = append(body, directory.Attribute{Name: "members", Value: members})
		}
		other := directory.Attributes{}
		for _, at := range body {
			other = append(other, rewrite(t, resource, at))
		}
		other = slices.DeleteFunc(other, func(at directory.Attribute) bool {
			return at.Name == "schemas" && rapid.Bool().Draw(t, "without schemas")
		})
		got, gotMembers, err := resource.Decode(other, scim.DecodeOptions{Paths: patch.Keys}, &scim.Quirks{})
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, body.Document(), other.Document())
		}
		if !directory.EqualValues(want.Attributes, got.Attributes) || want.ActiveStated != got.ActiveStated {
			t.Fatalf("\n%s gives\n%s, and\n%s gives\n%s", body.Document(), want.Attributes.Document(), other.Document(), got.Attributes.Document())
		}
		if (wantMembers == nil) != (gotMembers == nil) || wantMembers != nil && !slices.Equal(*wantMembers, *gotMembers) {
			t.Fatalf("%s has the members %v, and %s %v", body.Document(), wantMembers, other.Document(), gotMembers)
		}
	})
}

// rewrite writes one member of a body in another way.
func rewrite(t *rapid.T, resource *scim.ResourceType, at directory.Attribute) directory.Attribute {
	a := resource.Attribute(at.Name)
	if a == nil || a.Name == "schemas" || !written(a) || strings.ContainsAny(at.Name, ":.[") {
		return at
	}
	at.Value = reshape(t, a, at.Value)
	switch rapid.IntRange(0, 3).Draw(t, "key of "+at.Name) {
	case 1:
		at.Name = strings.ToUpper(at.Name)
	case 2:
		at.Name = resource.Core.URN + ":" + at.Name
	}
	return at
}

// reshape writes a value in another shape that means the same.
func reshape(t *rapid.T, a *scim.Attribute, value any) any {
	choice := rapid.IntRange(0, 5).Draw(t, "shape of "+a.Name)
	switch v := value.(type) {
	case bool:
		if choice > 2 {
			text := strconv.FormatBool(v)
			return []string{text, strings.ToUpper(text), strings.ToUpper(text[:1]) + text[1:]}[choice-3]
		}
	case string:
		if a.Type == scim.String && choice == 3 && v != "" && v != "0" && strings.Trim(v, "0123456789") == "" && v[0] != '0' && len(v) < 15 {
			return directory.Number(v)
		}
	case directory.Attributes:
		out := directory.Attributes{}
		for _, at := range v {
			if sub := a.SubAttribute(at.Name); sub != nil && written(sub) && !directory.Unassigned(at.Value) {
				at.Value = reshape(t, sub, at.Value)
			}
			out = append(out, at)
		}
		value = out
		if choice == 3 && a.Type == scim.Complex && !holdsText(out) {
			return asText(out)
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			if out[i] = v[i]; !directory.Unassigned(v[i]) && a.Name != "members" {
				element := *a
				element.MultiValued = false
				out[i] = reshape(t, &element, v[i])
			}
		}
		switch {
		case choice == 3 && len(out) == 1 && !isNested(out[0]):
			return out[0]
		case choice == 4 && len(out) > 0 && !holdsText(out):
			return asText(out)
		}
		return out
	}
	if directory.Unassigned(value) || a.MultiValued {
		return value
	}
	switch _, simple := value.(directory.Attributes); {
	case choice == 1 && !isNested(value):
		return list(value)
	case choice == 2 && !simple && a.Type != scim.Complex && value != "":
		return object("value", value)
	}
	return value
}

// isNested: one more list around it would be one too many; a text for a whole list has a meaning of its own.
func isNested(v any) bool {
	switch v.(type) {
	case []any, string:
		return true
	}
	return false
}

// holdsText reports whether a value holds JSON as text already, which is read once only.
func holdsText(v any) bool {
	return strings.Contains(asText(v), `{\"`) || strings.Contains(asText(v), `[{\"`)
}
