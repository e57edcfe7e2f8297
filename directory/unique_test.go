package directory_test

import (
	"slices"
	"testing"

	"drawbridge/directory"
)

// Two values have one key exactly when a filter considers them equal.
func TestUniqueKeysFollowEquality(t *testing.T) {
	t.Parallel()
	at := func(of directory.ValueType, exact bool) directory.UniqueAttribute {
		return directory.UniqueAttribute{Kind: "User", Path: directory.Path{Schema: "urn:x", Name: "code"}, Type: of, CaseExact: exact}
	}
	for _, test := range []struct {
		attribute directory.UniqueAttribute
		a, b      any
		same      bool
	}{
		{at(directory.Text, false), "Straße", "STRAßE", true},
		{at(directory.Text, false), "a", "b", false},
		{at(directory.Text, true), "a", "A", false},
		{at(directory.Text, true), "a=b", "a=b", true},
		{at(directory.Binary, false), "TUlJ", "tulj", false},
		{at(directory.Numeric, false), directory.Number("1"), directory.Number("1.0"), true},
		{at(directory.Numeric, false), directory.Number("100"), directory.Number("1e2"), true},
		{at(directory.Numeric, false), directory.Number("1.5"), directory.Number("1.50"), true},
		{at(directory.Numeric, false), directory.Number("-0"), directory.Number("0"), true},
		{at(directory.Numeric, false), directory.Number("9007199254740993"), directory.Number("9007199254740992"), false},
		{at(directory.Instant, false), "2026-01-31T10:00:00+01:00", "2026-01-31T09:00:00.000Z", true},
		{at(directory.Instant, false), "2026-01-31T10:00:00Z", "2026-01-31T10:00:00.001Z", false},
		{at(directory.Text, false), directory.Attributes{{Name: "value", Value: "X"}, {Name: "type", Value: "t"}}, "x", true},
	} {
		if got := test.attribute.Key(test.a) == test.attribute.Key(test.b); got != test.same {
			t.Errorf("%v and %v: %q and %q", test.a, test.b, test.attribute.Key(test.a), test.attribute.Key(test.b))
		}
	}
	none := at(directory.Text, false)
	for _, nothing := range []any{nil, "", directory.Attributes{}, true} {
		if key := none.Key(nothing); key != "" {
			t.Errorf("%v has the key %q", nothing, key)
		}
	}
}

func TestRecordHasAKeyForEachUniqueAttribute(t *testing.T) {
	t.Parallel()
	schemas := []directory.CustomSchema{{Unique: []directory.UniqueAttribute{
		{Kind: "User", Path: directory.Path{Schema: "urn:x", Name: "code"}},
		{Kind: "User", Path: directory.Path{Schema: "urn:x", Name: "visas", Sub: "value"}, CaseExact: true},
		{Kind: "Device", Path: directory.Path{Name: "serial"}},
	}}}
	u := &directory.User{Document: directory.Document(`{"serial":"no","urn:x":{"code":"A=1","visas":[{"value":"V"},{"value":"v"},{"value":"V"},{"type":"t"}]}}`)}
	got := directory.UniqueKeys(directory.UniqueAttributes(schemas, "User"), directory.UserRecord{User: u})
	want := []directory.UniqueKey{"User urn:x:code=a=1", "User urn:x:visas.value=V", "User urn:x:visas.value=v"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if path, value := got[0].Split(); path != "urn:x:code" || value != "a=1" {
		t.Errorf("%q %q", path, value)
	}
	d := &directory.Resource{Kind: "Device", Document: directory.Document(`{"serial":"S1"}`)}
	if got := directory.UniqueKeys(directory.UniqueAttributes(schemas, "Device"), directory.ResourceRecord{Resource: d}); !slices.Equal(got, []directory.UniqueKey{"Device serial=s1"}) {
		t.Errorf("%q", got)
	}
	if directory.UniqueAttributes(schemas, "Group") != nil {
		t.Error("groups have unique attributes")
	}
}
