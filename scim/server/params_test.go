package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
)

func TestQueryParametersAreRead(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]params{
		"":                                   {count: -1},
		"&&":                                 {count: -1},
		"filter=a+eq+%22b%2Bc%26d%22&":       {count: -1, filter: `a eq "b+c&d"`, filterSet: true},
		"FILTER=%20x%20":                     {count: -1, filter: "x", filterSet: true},
		"attributes=a,%20b,,c&Attributes=d":  {count: -1, attributes: []string{"a, b,,c", "d"}},
		"excludedAttributes=members":         {count: -1, excluded: []string{"members"}},
		"startIndex=1&count=100?":            {count: 100, start: 1, startSet: true},
		"count=-99999999999999999999":        {count: 0},
		"filter=":                            {count: -1, filterSet: true},
		"attributes=,%20":                    {count: -1},
		"cursor":                             {count: -1, cursorSet: true},
		"cursor=abc":                         {count: -1, cursorSet: true, cursor: "abc"},
		"access_token=x&unknown=%zz&sortBy=": {count: -1},
	} {
		var q scim.Quirks
		got, err := parseParams(raw, &q)
		if err != nil || got.filter != want.filter || got.filterSet != want.filterSet || got.count != want.count || got.start != want.start || got.startSet != want.startSet ||
			got.cursor != want.cursor || got.cursorSet != want.cursorSet || !slices.Equal(got.attributes, want.attributes) || !slices.Equal(got.excluded, want.excluded) {
			t.Errorf("%q: %+v, %v; want %+v", raw, got, err, want)
		}
	}
	for _, raw := range []string{"%zz=1", "filter=%zz", "startIndex=x", "startIndex=1.5"} {
		if _, err := parseParams(raw, nil); err == nil {
			t.Errorf("%q was accepted", raw)
		}
	}
}

func TestPathsAreSplit(t *testing.T) {
	t.Parallel()
	for escaped, want := range map[string]string{
		"/scim/v2/acme/Users":        "scim|v2|acme|Users",
		"//scim/v2//acme/Users//":    "scim|v2|acme|Users untidy",
		"/a%2fb/%20/..":              "a/b| |..",
		"/":                          "",
		"":                           "",
		"/a/b/c/d/e/f/g/h/i":         "a|b|c|d|e|f|g|h broken",
		"/a/%zz":                     "a| broken",
		"/Schemas/urn:a:b%3Ac/":      "Schemas|urn:a:b:c untidy",
		strings.Repeat("/", 100_000): " untidy",
	} {
		p := split(escaped)
		got := strings.Join(p.parts(), "|")
		if p.emptySegments {
			got += " untidy"
		}
		if p.broken {
			got += " broken"
		}
		if got != want {
			t.Errorf("%.40q: %q, want %q", escaped, got, want)
		}
	}
}

// No request causes a 500 (31), every answer is JSON, and every error is a SCIM error with its status as a string.
func FuzzRequest(f *testing.F) {
	c := newKit(f).connect("acme", "acme-entra", directory.Entra)
	user := c.user("ada@example.test")
	group := c.group("Team", user)
	methods := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	f.Add(byte(1), "/Users", userBody("bob@example.test", `,"emails":[{"value":"a@b","primary":"True"}],"manager":"x"`))
	f.Add(byte(2), "/Users/"+user, userBody("ada@example.test", `,"active":"False","roles":[]`))
	f.Add(byte(3), "/Users/"+user, patchBody(`{"op":"Add","path":"emails[type eq \"work\"].value","value":"x@y"}`, `{"op":"Replace","value":{"name.givenName":"x"}}`))
	f.Add(byte(3), "/Groups/"+group, patchBody(`{"op":"Remove","path":"members","value":[{"value":"`+user+`"}]}`))
	f.Add(byte(1), "/Bulk", bulkBody(postUser("a", "x@example.test"), postGroup("b", "B", "bulkId:a", "bulkId:b")))
	f.Add(byte(1), "/.search", searchHead+`,"filter":"emails[type eq \"work\"] and not (userName pr)","sortBy":"userName"}`)
	f.Add(byte(0), `/Users?filter=emails.value+co+"x"+or+name.familyName+gt+"a"&sortBy=emails&attributes=emails.value,name`, "")
	f.Add(byte(0), `/Groups?filter=members.value+eq+"`+user+`"&excludedAttributes=members&cursor&count=1`, "")
	f.Fuzz(func(t *testing.T, method byte, target, body string) {
		r := httptest.NewRequest(methods[int(method)%len(methods)], "/", strings.NewReader(body))
		u, err := url.Parse("http://drawbridge.test/scim/v2/acme-entra" + target)
		if err != nil {
			return
		}
		r.URL = u
		r.Header.Set("Authorization", "Bearer "+c.token)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Fatalf("%s %s: %d %s\n%s", r.Method, target, w.Code, w.Body, body)
		}
		if w.Body.Len() == 0 {
			return
		}
		value, err := directory.ParseJSON(w.Body.Bytes(), directory.Limits{Depth: 64, Values: 1 << 24})
		if err != nil {
			t.Fatalf("%s %s: the answer is not JSON: %v\n%s", r.Method, target, err, w.Body)
		}
		answer, _ := value.(directory.Attributes)
		if w.Code >= 400 && (answer.String("status") != strconv.Itoa(w.Code) || scim.CheckMessage(answer, scim.ErrorSchema, nil) != nil) {
			t.Fatalf("%s %s: %s", r.Method, target, w.Body)
		}
	})
}
