package emulator

import (
	"strings"
	"testing"
)

func TestPatternsMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pattern, got string
		differs            string // a part of the complaint; "": none
	}{
		{"equal", `{"a": 1, "b": [true, null]}`, `{"a": 1.0, "b": [true, null], "c": "more"}`, ""},
		{"missing", `{"a": "*"}`, `{}`, "a: expected any value"},
		{"absent", `{"a": "(absent)", "b": null}`, `{"b": null}`, ""},
		{"present", `{"a": {"b": "(absent)"}}`, `{"a": {"b": 1}}`, "a.b: expected nothing, got 1"},
		{"glob", `{"a": "x*y*z"}`, `{"a": "x--y--z"}`, ""},
		{"glob that overlaps", `{"a": "xy*yz"}`, `{"a": "xyz"}`, "a: expected"},
		{"any order", `[{"v": 1}, {"v": 2}]`, `[{"v": 2}, {"v": 1}]`, ""},
		{"in order", `["(in order)", 1, 2]`, `[2, 1]`, "[0]: expected 1, got 2"},
		{"too many", `[1]`, `[1, 2]`, "expected 1 elements, got 2"},
		{"more allowed", `[1, "..."]`, `[2, 1]`, ""},
		{"none is empty", `{"a": []}`, `{}`, ""},
		{"types", `["(in order)", "(number)", "(string)", "(boolean)", "(object)", "(digits)"]`, `[1, "x", true, {}, "42"]`, ""},
		{"no digits", `"(digits)"`, `"4.2"`, "a whole number"},
		{"case of names", `{"userName": "x"}`, `{"username": "x"}`, ""},
		{"captured twice", `{"a": "${new}", "b": "${new}"}`, `{"a": "1", "b": "2"}`, "b: expected"},
		{"known", `{"a": "${mira}", "b": "*/Users/${mira}"}`, `{"a": "u-1", "b": "http://x/Users/u-1"}`, ""},
		{"no JSON", `{}`, `<html>`, "not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(Vars{"mira": "u-1"}.Match(c.pattern, []byte(c.got)), "; ")
			if (got == "") != (c.differs == "") || !strings.Contains(got, c.differs) {
				t.Errorf("%q, want %q", got, c.differs)
			}
		})
	}
}

func TestAddressesAreJoined(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, path, want string }{
		{"http://h/scim/v2/a", "/Users?filter=userName+eq+%22x%22&", "http://h/scim/v2/a/Users?filter=userName+eq+%22x%22&"},
		{"http://h/scim/v2/a/", "/Users/1?", "http://h/scim/v2/a/Users/1?"},
		{"http://h/scim/v2/a?aadOptscim062020", "/Users?filter=x", "http://h/scim/v2/a/Users?aadOptscim062020&filter=x"},
		{"http://h/scim/v2/a", "//oauth2/token", "http://h/oauth2/token"},
	} {
		if got, err := join(c.base, c.path); err != nil || got != c.want {
			t.Errorf("join(%q, %q) = %q, %v, want %q", c.base, c.path, got, err, c.want)
		}
	}
	if _, err := join("acme", "/Users"); err == nil {
		t.Error("a base without a host")
	}
}
