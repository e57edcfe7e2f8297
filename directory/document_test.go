package directory_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
)

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want any
	}{
		{` {"a" : [1, -0.5e+3, true , null,"x"]} `, directory.Attributes{{Name: "a", Value: []any{directory.Number("1"), directory.Number("-0.5e+3"), true, nil, "x"}}}},
		{`{}`, directory.Attributes{}},
		{`[]`, []any{}},
		{`"\u00e9\ud83d\ude00\n\/\"\\"`, "é😀\n/\"\\"},
		{`{"b":1,"a":{"b":2}}`, directory.Attributes{{Name: "b", Value: directory.Number("1")}, {Name: "a", Value: directory.Attributes{{Name: "b", Value: directory.Number("2")}}}}},
		{`12345678901234567890123456789`, directory.Number("12345678901234567890123456789")},
	} {
		got, err := directory.ParseJSON([]byte(test.text), directory.DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.text, diff)
		}
	}
}

func TestParseJSONRefuses(t *testing.T) {
	t.Parallel()
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf(`"n%d":1`, i)
	}
	for text, at := range map[string]int{
		``: 0, ` `: 1, `{`: 1, `{"a"`: 4, `{"a":`: 5, `{"a":1`: 6, `{"a":1,`: 7, `{"a":1,}`: 7, `{a:1}`: 1, `[1,]`: 3, `[1`: 2,
		`1 2`: 2, `01`: 0, `1.`: 0, `1e`: 0, `-`: 0, `+1`: 0, `.5`: 0, `tru`: 0, `NaN`: 0, `'a'`: 0,
		`"a`: 0, `"\x"`: 1, `"\u12"`: 1, `"\ud800"`: 1, `"\ud800\u0041"`: 1, `"\udc00"`: 1, `"\u0000"`: 1, "\"\x01\"": 1, "\"a\tb\"": 2,
		"\"\xff\"": 1, "\xef\xbb\xbf{}": 0, `{"a":1,"A":2}`: 7, `{"k":1,"` + "\u212a" + `":2}`: 7,
		`{` + strings.Join(many, ",") + `,"N7":1}`: len(`{` + strings.Join(many, ",") + `,`),
		strings.Repeat("[", 40):                    32, strings.Repeat("1", 65): 0,
	} {
		_, err := directory.ParseJSON([]byte(text), directory.DefaultLimits())
		var syntax *directory.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q is accepted, or fails with %v", text, err)
			continue
		}
		if syntax.Offset != at {
			t.Errorf("%q fails at %d, want %d: %v", text, syntax.Offset, at, err)
		}
	}
	if _, err := directory.ParseJSON([]byte(`[1,2,3]`), directory.Limits{Values: 3}); err == nil {
		t.Error("four values are accepted where three are the limit")
	}
	if _, err := directory.ParseJSON([]byte(`[1,2,3]`), directory.Limits{Values: 4, Depth: 1}); err != nil {
		t.Error(err)
	}
}

// FuzzParseJSON compares with encoding/json, which is laxer. What ParseJSON accepts, encoding/json accepts with the same meaning.
// What ParseJSON refuses, encoding/json refuses too, except in the cases where ParseJSON is deliberately stricter.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5,{"b":null}],"c":"\u00e9"}`, `{"a":1,"A":2}`, `"\ud83d\ude00"`, `[[[[]]]]`, `{"a":"\u0000"}`, "\"\xff\"", `-0.1E-7`, `{"a b":"\\\""}`, ` { } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ours, err := directory.ParseJSON(data, directory.Limits{})
		if err != nil {
			if json.Valid(data) && !strictOnPurpose(data, err) {
				t.Fatalf("%q is refused: %v", data, err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is accepted", data)
		}
		text := directory.AppendJSON(nil, ours)
		if !sameJSON(t, data, text) {
			t.Fatalf("%q becomes %q", data, text)
		}
		again, err := directory.ParseJSON(text, directory.Limits{})
		if err != nil || !cmp.Equal(ours, again) {
			t.Fatalf("%q does not come back: %v", text, err)
		}
		if attributes, ok := ours.(directory.Attributes); ok {
			sameDocument(t, attributes)
		}
	})
}

func strictOnPurpose(data []byte, err error) bool {
	for _, reason := range []string{"nested deeper", "occurs twice", "NUL", "surrogate", "UTF-8", "64 characters"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return !utf8.Valid(data)
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	decode := func(text []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return v
	}
	return cmp.Equal(decode(a), decode(b))
}

// sameDocument checks that the encoded document has each attribute of the tree.
func sameDocument(t *testing.T, attributes directory.Attributes) {
	t.Helper()
	document := attributes.Document()
	for _, a := range attributes {
		if strings.ContainsAny(a.Name, "\"\\") || strings.IndexFunc(a.Name, func(r rune) bool { return r < 0x20 }) >= 0 {
			continue // a name that JSON must escape is not an attribute name
		}
		if got := document.Value(a.Name); !cmp.Equal(got, a.Value) {
			t.Fatalf("%s: %q is %v, want %v", document, a.Name, got, a.Value)
		}
		if got := directory.AppendJSON(nil, a.Value); !bytes.Equal(document.Raw(a.Name), got) {
			t.Fatalf("%s: the bytes of %q are %q, want %q", document, a.Name, document.Raw(a.Name), got)
		}
	}
	if document.Raw("no such name") != nil {
		t.Fatalf("%s has what it does not have", document)
	}
}

// A damaged document may give any result, but it must not crash the program.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{`{"a":"b"}`, `{"a":"\\\"","b":[{}]}`, `{"`, `"`, `{`, ``, `{,}`, `{"a"}`, `{"a":"`, `{:}`, `{"a":"b`, "{\"a\":\"\\"} {
		f.Add([]byte(seed), "a")
	}
	f.Fuzz(func(_ *testing.T, data []byte, name string) {
		d := directory.Document(data)
		d.Raw(name)
		d.Value(name)
		_, _ = d.Attributes()
	})
}

// Version 0.1.0 stored an externalId twice after a rehire with an empty one. Such a record can still be changed.
func TestDocumentWithARepeatedName(t *testing.T) {
	t.Parallel()
	a, err := directory.Document(`{"userName":"ann","externalId":"","name":{"givenName":"Ann"},"externalId":"e1"}`).Attributes()
	if err != nil || string(a.Document()) != `{"userName":"ann","externalId":"e1","name":{"givenName":"Ann"}}` {
		t.Errorf("%s %v", a.Document(), err)
	}
	for _, damaged := range []string{`{"a":1,"a":`, `{"a":{"b":1,"b":2}}`, `{"a":1,"a":{"b":1,"b":2}}`, `[1]`} {
		if a, err := directory.Document(damaged).Attributes(); err == nil {
			t.Errorf("%s is %s", damaged, a.Document())
		}
	}
}

func TestDocumentFindsValuesByName(t *testing.T) {
	t.Parallel()
	d := directory.Attributes{
		{Name: "schemas", Value: []any{"x", "y"}},
		{Name: "title", Value: `a "quoted\" \ one`},
		{Name: "name", Value: directory.Attributes{{Name: "title", Value: "inner"}}},
		{Name: "urn:x:y", Value: directory.Attributes{{Name: "department", Value: "D"}}},
		{Name: "none", Value: nil},
	}.Document()
	if got := d.Value("TITLE"); got != `a "quoted\" \ one` {
		t.Error(got)
	}
	if got := string(d.Raw("NAME")); got != `{"title":"inner"}` {
		t.Error(got)
	}
	if got := directory.Document(d.Raw("URN:X:Y")).Value("department"); got != "D" {
		t.Error(got)
	}
	if d.Value("none") != nil || d.Raw("department") != nil || directory.Document(nil).Value("a") != nil {
		t.Error("found a name that the document does not have")
	}
	a, err := d.Attributes()
	if err != nil || !bytes.Equal(a.Document(), d) {
		t.Errorf("%s: %v", a.Document(), err)
	}
	if _, err := directory.Document(`[]`).Attributes(); err == nil {
		t.Error("an array is taken for a document")
	}
}

func TestAttributesAreSetAndCloned(t *testing.T) {
	t.Parallel()
	a := directory.Attributes{{Name: "Title", Value: "x"}}
	a.Set("TITLE", "y")
	a.Set("other", directory.Attributes{{Name: "list", Value: []any{"1"}}})
	if a.String("title") != "y" || len(a) != 2 {
		t.Errorf("%v", a)
	}
	copied := a.Clone()
	other, _ := copied.Get("other")
	inner, _ := other.(directory.Attributes)
	list, _ := inner[0].Value.([]any)
	list[0] = "2"
	if string(a.Document()) != `{"Title":"y","other":{"list":["1"]}}` {
		t.Errorf("the copy is none: %s", a.Document())
	}
	if !a.Delete("OTHER") || a.Delete("other") || len(a) != 1 {
		t.Errorf("%v", a)
	}
}

func TestEqualValuesComparesJSON(t *testing.T) {
	t.Parallel()
	parse := func(text string) any {
		v, err := directory.ParseJSON([]byte(text), directory.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, test := range []struct {
		x, y string
		want bool
	}{
		{`{"a":1,"b":2}`, `{"B":2,"A":1}`, true},
		{`{"a":1,"b":null}`, `{"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":[]}`, true},
		{`{"a":1}`, `{"a":1,"b":0}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[]`, `null`, true},
		{`1`, `1.0`, false},
		{`"a"`, `"A"`, false},
		{`"a"`, `["a"]`, false},
		{`{"a":"b"}`, `["a"]`, false},
	} {
		if got := directory.EqualValues(parse(test.x), parse(test.y)); got != test.want {
			t.Errorf("%s and %s: %v, want %v", test.x, test.y, got, test.want)
		}
		if got := directory.EqualValues(parse(test.y), parse(test.x)); got != test.want {
			t.Errorf("%s and %s: %v, want %v", test.y, test.x, got, test.want)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	text := []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"anna@example.com","name":{"familyName":"B","givenName":"Anna"},"emails":[{"value":"anna@example.com","type":"work","primary":true}],"active":true}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := directory.ParseJSON(text, directory.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestShallowSplitsWithoutDecoding(t *testing.T) {
	t.Parallel()
	text := directory.Document(`{"a":"x, \"y\" }","b":[1,{"c":2}],"urn:x":{"d":null},"e":-1.5e3,"f":true}`)
	got, ok := text.Shallow()
	if !ok || len(got) != 5 {
		t.Fatalf("%d attributes, ok %v", len(got), ok)
	}
	if again := got.Document(); string(again) != string(text) {
		t.Errorf("written again: %s", again)
	}
	if raw, _ := got.Get("URN:X"); !reflect.DeepEqual(raw, directory.Document(`{"d":null}`)) {
		t.Errorf("raw value %v", raw)
	}
	for _, other := range []string{`{`, `[]`, `{"a" :1}`, `{ "a":1}`, `{"a":}`, `{"a":1`, `{"a\u0062":1}`, `{"a":[}`, `{a:1}`} {
		if got, ok := directory.Document(other).Shallow(); ok {
			t.Errorf("%s was split into %v", other, got)
		}
	}
	if got, ok := directory.Document(nil).Shallow(); !ok || len(got) != 0 {
		t.Errorf("nothing was split into %v, ok %v", got, ok)
	}
}

// FuzzShallow compares the quick reader with the strict one, for any document that AppendJSON writes.
func FuzzShallow(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\\",{"b":"}"}],"c":""}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := directory.ParseJSON(data, directory.DefaultLimits())
		whole, object := v.(directory.Attributes)
		if err != nil || !object {
			return
		}
		text := whole.Document()
		got, ok := text.Shallow()
		if !ok {
			for _, a := range whole { // a name that needs an escape is left to the strict reader
				if string(directory.AppendJSONString(nil, a.Name)) != `"`+a.Name+`"` {
					return
				}
			}
			t.Fatalf("%s was not split", text)
		}
		if again := got.Document(); string(again) != string(text) || len(got) != len(whole) {
			t.Fatalf("%s became %s", text, again)
		}
	})
}

func TestApartLeavesOutEqualValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ x, y, here, there string }{
		{`{"a":1,"b":{"c":2},"d":"x"}`, `{"a":1,"b":{"c":3},"d":"x"}`, `{"b":{"c":2}}`, `{"b":{"c":3}}`},
		{`{"a":1,"b":2}`, `{"a":12,"b":2}`, `{"a":1}`, `{"a":12}`},
		{`{"a":1,"b":2}`, `{"a":1}`, `{"b":2}`, `{}`},
		{`{"a":1}`, `{"a":1,"b":2}`, `{}`, `{"b":2}`},
		{`{"a":1,"b":2,"c":3}`, `{"a":1,"c":3,"b":2}`, `{"b":2,"c":3}`, `{"c":3,"b":2}`},
		{`{"a":1,"b":2}`, `{"A":1,"b":2}`, `{"a":1,"b":2}`, `{"A":1,"b":2}`},
		{`{"a":1}`, `{"a":1}`, `{}`, `{}`},
		{``, `{"a":1}`, `{}`, `{"a":1}`},
	} {
		here, there, ok := directory.Document(c.x).Differing(directory.Document(c.y))
		if !ok || string(here.Document()) != c.here || string(there.Document()) != c.there {
			t.Errorf("%s and %s: %s and %s, ok %v", c.x, c.y, here.Document(), there.Document(), ok)
		}
	}
	for _, other := range []string{`{`, `[]`, `{"a" :1}`, `{ "a":1}`, `{"a":}`, `{"a":1`, `{"a}`, `{"a":{}`, `{"a\u0062":1}`, `{"a":[}`, `{a:1}`} {
		good := directory.Document(`{"a":{},"b":1}`)
		if here, there, ok := good.Differing(directory.Document(other)); ok {
			t.Errorf("%s and %s were taken apart into %v and %v", good, other, here, there)
		}
		if here, there, ok := directory.Document(other).Differing(good); ok {
			t.Errorf("%s and %s were taken apart into %v and %v", other, good, here, there)
		}
	}
}

// FuzzApart compares the difference of two documents with the difference of all their attributes.
func FuzzApart(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\\",{"b":"}"}],"c":"","d":1}`), []byte(`{"a":[1,"\\",{"b":"}"}],"c":"","d":12,"e":null}`))
	f.Add([]byte(`{}`), []byte(`{"a":{}}`))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		documents := [2]directory.Document{}
		for i, data := range [][]byte{x, y} {
			v, err := directory.ParseJSON(data, directory.DefaultLimits())
			whole, object := v.(directory.Attributes)
			if err != nil || !object {
				return
			}
			documents[i] = whole.Document()
		}
		all, okX := documents[0].Shallow()
		other, okY := documents[1].Shallow()
		here, there, ok := documents[0].Differing(documents[1])
		if !okX || !okY || !ok { // a name that needs an escape is left to the strict reader
			if okX && okY {
				t.Fatalf("%s and %s were not taken apart", documents[0], documents[1])
			}
			return
		}
		left := func(whole, part, across directory.Attributes) {
			for _, a := range part {
				if value, known := whole.Get(a.Name); !known || !reflect.DeepEqual(value, a.Value) {
					t.Fatalf("%s was made up", a.Name)
				}
			}
			for _, a := range whole {
				if _, kept := part.Get(a.Name); kept {
					continue
				}
				if same, _ := across.Get(a.Name); !reflect.DeepEqual(same, a.Value) {
					t.Fatalf("%s and %s: %s was left out", documents[0], documents[1], a.Name)
				}
			}
		}
		left(all, here, other)
		left(other, there, all)
	})
}

func TestWithAppendsAttributes(t *testing.T) {
	t.Parallel()
	more := directory.Attributes{{Name: "state", Value: "active"}, {Name: "type", Value: true}}
	for _, c := range []struct{ text, want string }{
		{`{"a":1}`, `{"a":1,"state":"active","type":true}`},
		{`{}`, `{"state":"active","type":true}`},
		{``, `{"state":"active","type":true}`},
		{`{"a":`, `{"state":"active","type":true}`},
	} {
		d := append(make(directory.Document, 0, 100), c.text...)
		if got := d.With(more); string(got) != c.want || string(d) != c.text {
			t.Errorf("%s: %s", c.text, got)
		}
		if got := d.With(nil); string(got) != c.text {
			t.Errorf("%s with nothing: %s", c.text, got)
		}
	}
}
