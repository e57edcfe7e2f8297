package directory_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
)

func FuzzFold(f *testing.F) {
	for _, seed := range [][2]string{{"Anna", "aNNA"}, {"k", "\u212a"}, {"S", "ſ"}, {"ß", "ẞ"}, {"É", "é"}, {"İ", "i"}, {"Σ", "ς"}, {"\xff", "\ufffd"}, {"", "a"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if equal := strings.EqualFold(a, b); equal != (directory.Fold(a) == directory.Fold(b)) {
			t.Errorf("%q and %q: EqualFold is %v, and they fold to %q and %q", a, b, equal, directory.Fold(a), directory.Fold(b))
		}
		for _, other := range []string{strings.ToUpper(a), strings.ToLower(a), strings.ToTitle(a)} {
			if equal := strings.EqualFold(a, other); equal != (directory.Fold(a) == directory.Fold(other)) {
				t.Errorf("%q and %q: EqualFold is %v, and they fold to %q and %q", a, other, equal, directory.Fold(a), directory.Fold(other))
			}
		}
		if once := directory.Fold(a); directory.Fold(once) != once {
			t.Errorf("%q folds to %q and then to %q", a, once, directory.Fold(once))
		}
	})
}

func TestMatchComparesLikeRFC7644(t *testing.T) {
	t.Parallel()
	u := directory.User{
		ID: directory.ID{1}, UserName: "Anna", ExternalID: "X1", State: directory.Suspended,
		Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Document: directory.Document(`{"userName":"Anna","title":"Straße","age":10,"vip":true,"empty":"",` +
			`"name":{"familyName":"B"},"hired":"2026-01-02T04:04:05+01:00","emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@y","type":"home"}],` +
			`"tags":["one","Two"],"urn:e":{"dept":"R","manager":{"value":"7"}}}`),
	}
	r := directory.UserRecord{User: &u, Groups: func() []any { return []any{directory.Attributes{{Name: "value", Value: "g"}}} }}
	path := func(name string) directory.Path {
		schema, rest, ok := strings.Cut(name, "|")
		if !ok {
			schema, rest = "", name
		}
		attribute, sub, _ := strings.Cut(rest, ".")
		return directory.Path{Schema: schema, Name: attribute, Sub: sub}
	}
	compare := func(name string, op directory.Op, value any) directory.Compare {
		return directory.Compare{Path: path(name), Op: op, Value: value}
	}
	typed := func(c directory.Compare, as directory.ValueType) directory.Compare {
		c.Type = as
		return c
	}
	exact := func(c directory.Compare) directory.Compare {
		c.CaseExact = true
		return c
	}
	for name, test := range map[string]struct {
		e    directory.Expr
		want bool
	}{
		"nil":                     {nil, true},
		"eq folds":                {compare("userName", directory.Equal, "anna"), true},
		"eq exact":                {exact(compare("userName", directory.Equal, "anna")), false},
		"unicode":                 {compare("title", directory.Equal, directory.Fold("STRAẞE")), true},
		"co":                      {compare("title", directory.Contains, "tra"), true},
		"sw":                      {compare("title", directory.StartsWith, "tra"), false},
		"ew":                      {compare("title", directory.EndsWith, "e"), true},
		"ne of unassigned":        {compare("nothing", directory.NotEqual, "x"), true},
		"eq of unassigned":        {compare("nothing", directory.Equal, "x"), false},
		"eq null":                 {compare("nothing", directory.Equal, nil), true},
		"ne null":                 {compare("title", directory.NotEqual, nil), true},
		"gt of unassigned":        {compare("nothing", directory.Greater, ""), false},
		"number":                  {typed(compare("age", directory.Greater, directory.Number("9")), directory.Numeric), true},
		"number as written":       {typed(compare("age", directory.Equal, directory.Number("10.0")), directory.Numeric), true},
		"truth":                   {typed(compare("vip", directory.Equal, true), directory.Boolean), true},
		"active":                  {typed(compare("active", directory.Equal, false), directory.Boolean), true},
		"instant in another zone": {typed(compare("hired", directory.Equal, u.Created), directory.Instant), true},
		"meta":                    {typed(compare("meta.created", directory.LessOrEqual, u.Created), directory.Instant), true},
		"externalId":              {exact(compare("externalId", directory.Equal, "x1")), false},
		"sub-attribute":           {compare("name.familyName", directory.Equal, "b"), true},
		"one of several":          {compare("emails.type", directory.Equal, "home"), true},
		"complex is compared by its value": {
			compare("emails", directory.Equal, "b@y"), true,
		},
		"plain list":        {compare("tags", directory.Equal, "two"), true},
		"extension":         {compare("urn:e|dept", directory.Equal, "r"), true},
		"extension deeper":  {compare("urn:e|manager.value", directory.Equal, "7"), true},
		"other extension":   {compare("urn:f|dept", directory.Equal, "r"), false},
		"groups":            {compare("groups.value", directory.Equal, "g"), true},
		"pr":                {directory.Present{Path: path("title")}, true},
		"pr of empty":       {directory.Present{Path: path("empty")}, false},
		"pr of unassigned":  {directory.Present{Path: path("nothing")}, false},
		"pr of complex":     {directory.Present{Path: path("name")}, true},
		"pr of a sub":       {directory.Present{Path: path("emails.display")}, false},
		"one element both":  {directory.Any{Path: path("emails"), Where: directory.And{compare("type", directory.Equal, "work"), compare("value", directory.Equal, "a@x")}}, true},
		"not two elements":  {directory.Any{Path: path("emails"), Where: directory.And{compare("type", directory.Equal, "home"), compare("value", directory.Equal, "a@x")}}, false},
		"any of plain":      {directory.Any{Path: path("tags"), Where: compare("value", directory.Equal, "one")}, true},
		"any of one":        {directory.Any{Path: path("name"), Where: compare("familyName", directory.Equal, "b")}, true},
		"any of unassigned": {directory.Any{Path: path("nothing"), Where: directory.Not{Expr: compare("a", directory.Equal, "b")}}, false},
		"and":               {directory.And{compare("userName", directory.Equal, "anna"), compare("title", directory.Equal, "x")}, false},
		"or":                {directory.Or{compare("userName", directory.Equal, "anna"), compare("title", directory.Equal, "x")}, true},
		"not":               {directory.Not{Expr: compare("userName", directory.Equal, "anna")}, false},
	} {
		if got := directory.Match(test.e, r); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestInstantsAreParsed(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, text := range []string{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05.000Z"} {
		if got, ok := directory.ParseInstant(text); !ok || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "2026-01-02", "now", "2026-13-02T03:04:05Z"} {
		if got, ok := directory.ParseInstant(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// TestSearchedForNamesTheAttribute gives conditions as identity providers send them.
func TestSearchedForNamesTheAttribute(t *testing.T) {
	t.Parallel()
	is := func(path directory.Path, value any) directory.Compare {
		return directory.Compare{Path: path, Op: directory.Equal, Value: value}
	}
	name, emails, value := directory.Path{Name: "userName"}, directory.Path{Name: "emails"}, directory.Path{Name: "value"}
	for _, test := range []struct {
		where directory.Expr
		want  string
	}{
		{is(name, "a@x"), "userName"},
		{is(directory.Path{Name: "emails", Sub: "value"}, "a@x"), "emails.value"},
		{is(directory.Path{Schema: "urn:x:User", Name: "employeeNumber"}, "7"), "urn:x:User:employeeNumber"},
		{directory.Any{Path: emails, Where: directory.And{is(directory.Path{Name: "type"}, "work"), is(value, "a@x")}}, "emails.value"},
		{directory.Any{Path: emails, Where: is(directory.Path{Name: "type"}, "work")}, ""},
		{directory.And{is(directory.Path{Name: "active"}, true), is(name, "a@x")}, "userName"},
		{directory.And{is(directory.Path{Name: "id"}, "1"), directory.Any{Path: directory.Path{Name: "members"}, Where: is(value, "2")}}, "id"},
		{directory.Any{Path: directory.Path{Name: "members"}, Where: is(value, "2")}, ""},
		{is(directory.Path{Name: "meta", Sub: "resourceType"}, "User"), ""},
		{directory.Compare{Path: name, Op: directory.StartsWith, Value: "a"}, ""},
		{directory.Or{is(name, "a"), is(name, "b")}, ""},
		{directory.Present{Path: name}, ""},
		{nil, ""},
	} {
		if got := directory.SearchedFor(test.where); got != test.want {
			t.Errorf("%v: %q, want %q", test.where, got, test.want)
		}
	}
}
