package server

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
)

const searchHead = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]`

// startIndex and count outside their bounds (row 81 of docs/quirks.md).
func TestPagesHaveTheirBounds(t *testing.T) {
	t.Parallel()
	c := newKit(t, func(cfg *Config) { cfg.Limits = Limits{PageSize: 3, MaxPage: 5} }).connect("acme", "acme-gen", directory.Generic)
	for i := range 7 {
		c.user(fmt.Sprintf("u%d@example.test", i))
	}
	for _, tt := range []struct {
		query              string
		start, items, more int
	}{
		{"", 1, 3, 7},
		{"?", 1, 3, 7},
		{"?startIndex=0", 1, 3, 7},
		{"?startIndex=-5&count=2", 1, 2, 7},
		{"?count=0", 1, 0, 7},
		{"?count=-1", 1, 0, 7},
		{"?count=1000", 1, 5, 7},
		{"?count=99999999999999999999999", 1, 5, 7},
		{"?startIndex=6&count=5", 6, 2, 7},
		{"?startIndex=8", 8, 0, 7},
		{"?startIndex=99999999999999999999999&count=2", 9223372036854775807, 0, 7},
		{"?StartIndex=2&COUNT=2&unknown=%41&", 2, 2, 7},
		{"?count=&startIndex=", 1, 3, 7},
		{"?filter=userName%20sw%20%22u1%22", 1, 1, 1},
	} {
		got := c.do("GET", "/Users"+tt.query, "").is(200)
		resources, ok := got.at("Resources").([]any)
		if !ok || len(resources) != tt.items {
			t.Errorf("%s: Resources %v, want %d of them", tt.query, got.at("Resources"), tt.items)
		}
		got.has("itemsPerPage", float64(tt.items)).has("totalResults", tt.more).has("startIndex", float64(tt.start))
		got.has("schemas.0", listSchema)
	}
	for _, query := range []string{"?count=x", "?count=1.5", "?count=%2B1", "?startIndex=x", "?startIndex=1e3", "?count=%zz"} {
		c.do("GET", "/Users"+query, "").fails(400, "invalidValue")
	}
	c.do("GET", "/Users?filter=userName+xx+1", "").fails(400, "invalidFilter")
	for _, empty := range []string{"/Users?filter=", "/Users?filter", "/Groups?filter=%20+", "/?filter=&count=1", "/Users?filter=?"} {
		c.do("GET", empty, "").fails(400, "invalidFilter") // it must not list all users
	}
	c.do("POST", "/Users/.search", searchHead+`,"filter":""}`).fails(400, "invalidFilter")
	c.do("POST", "/Users/.search", searchHead+`,"filter":null,"count":"1"}`).is(200).has("itemsPerPage", 1)
	c.do("GET", "/Users?attributes="+url.QueryEscape(`emails[type eq "a,b"],userName`)+"&count=1", "").is(200).has("Resources.0.emails", nil)
	c.do("GET", "/Users?filter=password+eq+%22x%22", "").fails(400, "invalidFilter")
	c.do("GET", "/Users?filter="+strings.Repeat("(", 50000), "").fails(400, "invalidFilter") // 139
	c.do("POST", "/Users/.search", searchHead+`,"filter":"`+strings.Repeat("(", 100000)+`"}`).fails(400, "invalidFilter")
	c.do("GET", "/Users?sortBy=nonsense", "").fails(400, "invalidPath")
	c.do("GET", "/Users?sortBy=userName&sortOrder=up", "").fails(400, "invalidValue")
	sorted := c.do("GET", "/Users?sortBy=userName&sortOrder=Descending", "").is(200) // 80
	sorted.has("Resources.0.userName", "u6@example.test").has("Resources.2.userName", "u4@example.test")
}

// The bounds of a filter are those of the configuration (143), whether lower or higher than the defaults.
func TestFilterLimitsAreConfigured(t *testing.T) {
	t.Parallel()
	terms := func(n int) string {
		return strings.TrimSuffix(strings.Repeat(`userName eq \"person@example.test\" or `, n), " or ")
	}
	search := func(c *client, n int) *answer {
		return c.do("POST", "/Users/.search", searchHead+`,"filter":"`+terms(n)+`"}`)
	}
	usual := newKit(t).connect("acme", "acme-gen", directory.Generic)
	search(usual, 150).is(200)
	search(usual, 201).fails(400, "invalidFilter")
	wide := newKit(t, func(cfg *Config) { cfg.Limits = Limits{FilterBytes: 1_000_000, FilterTerms: 2000} }).connect("acme", "acme-gen", directory.Generic)
	search(wide, 2000).is(200)
	search(wide, 2001).fails(400, "invalidFilter")
	narrow := newKit(t, func(cfg *Config) { cfg.Limits = Limits{FilterBytes: 100, FilterTerms: 2} }).connect("acme", "acme-gen", directory.Generic)
	search(narrow, 2).is(200)
	search(narrow, 3).fails(400, "invalidFilter")
	narrow.do("GET", "/Users?filter=id+eq+%22"+strings.Repeat("x", 100)+"%22", "").fails(400, "invalidFilter")
}

// POST to .search answers as GET does (row 85 of docs/quirks.md).
func TestSearchByPost(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	c.user("ada@example.test")
	c.user("bob@example.test")
	c.do("POST", "/Users/.search", searchHead+`,"filter":"userName sw \"a\"","attributes":["userName"],"startIndex":1,"count":10}`).is(200).
		has("totalResults", 1).has("Resources.0.userName", "ada@example.test").has("Resources.0.active", nil)
	c.do("POST", "/Groups/.search", searchHead+`}`).is(200).has("totalResults", 0)
	c.do("POST", "/Users/.search", `{`).fails(400, "invalidSyntax")
	c.do("POST", "/Users/.search", `{"schemas":["`+bulkSchema+`"],"filter":"id pr"}`).fails(400, "invalidSyntax")
	if got := c.do("POST", "/Users/.search", `{"filter":"id pr"}`).is(200).header.Get("Drawbridge-Quirks"); got != "schemas.missing" {
		t.Errorf("quirks %q", got)
	}
	c.do("POST", "/Users/.search", searchHead+`,"count":"x"}`).fails(400, "invalidValue")
	c.do("POST", "/Users/.search", searchHead+`,"count":1.5}`).fails(400, "invalidValue")
	c.do("POST", "/Users/.search", searchHead+`,"attributes":[1]}`).fails(400, "invalidValue")
	c.do("POST", "/Users/.search", searchHead+`,"startIndex":{}}`).fails(400, "invalidValue")
	c.do("POST", "/Users/.search", searchHead+`,"count":[]}`).fails(400, "invalidValue")
	c.do("POST", "/Users/.search", searchHead+`,"count":null,"attributes":[],"excludedAttributes":[]}`).is(200).has("totalResults", 2)
	c.do("POST", "/Users/.search", searchHead+`,"filter":{"a":1}}`).fails(400, "invalidValue")
}

// The root lists the resources of all types (row 79 of docs/quirks.md).
func TestRootListsAllTypes(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	for i := range 3 {
		c.user(fmt.Sprintf("u%d@example.test", i))
		c.group(fmt.Sprintf("g%d", i))
	}
	c.do("GET", "/", "").is(200).has("totalResults", 6).has("Resources.5.displayName", "g2")
	c.do("GET", "", "").is(200).has("totalResults", 6)
	c.do("GET", "?startIndex=3&count=2", "").is(200).has("totalResults", 6).has("startIndex", 3).has("itemsPerPage", 2).
		has("Resources.0.userName", "u2@example.test").has("Resources.1.displayName", "g0")
	c.do("GET", "?startIndex=5&count=5", "").is(200).has("itemsPerPage", 2).has("Resources.0.displayName", "g1")
	c.do("POST", "/.search", searchHead+`,"filter":"meta.resourceType eq \"Group\""}`).is(200).has("totalResults", 3)
	c.do("POST", "/.search", searchHead+`,"filter":"userName eq \"u1@example.test\" or displayName eq \"g1\""}`).is(200).has("totalResults", 2)
	c.do("POST", "/.search", searchHead+`,"filter":"nonsense eq 1"}`).fails(400, "invalidFilter")

	for size := 1; size <= 7; size++ { // 133
		var seen []string
		cursor := ""
		for range 10 {
			got := c.do("POST", "/.search", searchHead+fmt.Sprintf(`,"cursor":%q,"count":%d}`, cursor, size)).is(200).has("totalResults", 6).has("startIndex", nil)
			seen = append(seen, got.column("Resources", "id")...)
			next, more := got.at("nextCursor").(string)
			if !more {
				break
			}
			cursor = next
		}
		slices.Sort(seen)
		if n := len(slices.Compact(seen)); n != 6 {
			t.Errorf("pages of %d: %d resources, want 6", size, n)
		}
	}
}

// Clients can ask for derived attributes as for stored ones (row 76 of docs/quirks.md): meta.location and the $ref of references with
// the base URL of the requesting connection.
func TestDerivedAttributesCanBeAskedFor(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c, second := k.connect("acme", "acme-gen", directory.Generic), k.connect("acme", "acme-two", directory.Generic)
	id := c.user("ada@example.test")
	c.user("bob@example.test")
	team := c.group("Team", id)
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"Dr"}`)).is(200)
	one := func(on *client, target, filter string, want ...string) {
		t.Helper()
		got := on.do("GET", target+"?filter="+url.QueryEscape(filter), "").is(200).column("Resources", "id")
		if !slices.Equal(got, want) {
			t.Errorf("%s %s: %v, want %v", target, filter, got, want)
		}
	}
	location := c.do("GET", "/Users/"+id, "").str("meta.location")
	one(c, "/Users", `meta.location eq "`+location+`"`, id)
	one(second, "/Users", `meta.location eq "`+location+`"`) // for this connection it is elsewhere
	one(second, "/Users", `meta.location ew "/Users/`+id+`"`, id)
	one(c, "/Users", `meta.version eq "W/\"2\""`, id)
	one(c, "/Groups", `members.$ref eq "`+location+`"`, team)
	one(c, "/Users", `groups[$ref ew "`+team+`"]`, id)
	one(c, "", `meta.location co "/Groups/"`, team)
	c.do("GET", "/Users?sortBy=meta.location&sortOrder=descending", "").is(200).has("Resources.1.id", id)
}

// Over several types an order is possible by an attribute that only one of them has (79, 80).
func TestRootIsOrderedByAttributesOfOneType(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	for _, name := range []string{"bob", "ada", "cyd"} {
		c.user(name + "@example.test")
		c.group("Team " + name)
	}
	names := func(order string) (all []string) {
		cursor := ""
		for range 10 {
			got := c.do("GET", "/?sortBy=userName&count=2&sortOrder="+order+"&cursor="+cursor, "").is(200).has("totalResults", 6)
			for i := range 2 {
				name, ok := got.at(fmt.Sprintf("Resources.%d.userName", i)).(string)
				if !ok {
					name = got.str(fmt.Sprintf("Resources.%d.displayName", i))
				}
				all = append(all, name[:min(len(name), 8)])
			}
			next, more := got.at("nextCursor").(string)
			if !more {
				break
			}
			cursor = next
		}
		return all
	}
	if got, want := names("ascending"), []string{"ada@exam", "bob@exam", "cyd@exam", "Team bob", "Team ada", "Team cyd"}; !slices.Equal(got, want) {
		t.Errorf("ascending: %q, want the users in order, then the groups", got)
	}
	if got, want := names("descending"), []string{"Team bob", "Team ada", "Team cyd", "cyd@exam", "bob@exam", "ada@exam"}; !slices.Equal(got, want) {
		t.Errorf("descending: %q, want the groups, then the users in order", got)
	}
	c.do("GET", "/?sortBy=nonsense", "").fails(400, "invalidPath")
	c.do("POST", "/.search", searchHead+`,"filter":"meta.resourceType eq \"Group\"","sortBy":"displayName"}`).is(200).has("totalResults", 3).has("Resources.0.displayName", "Team ada")
}

// pagesInEveryWay lists the root in pages of several sizes, by index and by cursor, and wants these ids in this order.
func (c *client) pagesInEveryWay(t *testing.T, query string, want []string) {
	t.Helper()
	for _, size := range []int{1, 2, 5, 13, 100} {
		var byIndex, byCursor []string
		for start := 1; start <= len(want); start += size {
			got := c.do("GET", fmt.Sprintf("/?%s&startIndex=%d&count=%d", query, start, size), "").is(200).has("totalResults", len(want)).has("startIndex", start)
			byIndex = append(byIndex, got.column("Resources", "id")...)
		}
		for cursor, pages := "", 0; pages <= len(want); pages++ {
			got := c.do("GET", fmt.Sprintf("/?%s&cursor=%s&count=%d", query, cursor, size), "").is(200).has("totalResults", len(want)).has("startIndex", nil)
			byCursor = append(byCursor, got.column("Resources", "id")...)
			next, more := got.at("nextCursor").(string)
			if !more {
				break
			}
			cursor = next
		}
		if !slices.Equal(byIndex, want) {
			t.Errorf("pages of %d by startIndex: %q, want %q", size, byIndex, want)
		}
		if !slices.Equal(byCursor, want) {
			t.Errorf("pages of %d by cursor: %q, want %q", size, byCursor, want)
		}
	}
}

// If several types have the sort attribute, all of their resources have one order, for every way of paging (79 to 82, 129).
func TestRootOrderAcrossTypes(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.mustLoad(directory.CustomSchema{ResourceType: "Vault", Endpoint: "/Vaults", Definition: directory.Document(vault)})
	var byTime []string
	named := map[string]string{}
	note := func(a *answer, name string) {
		byTime = append(byTime, a.is(201).id())
		named[name] = a.id()
		k.clock.Advance(time.Minute)
	}
	for _, name := range []string{"delta", "Bravo", "echo"} {
		note(c.do("POST", "/Users", userBody(name+"@example.test", `,"displayName":"`+name+`","externalId":"u-`+name+`"`)), name)
		note(c.do("POST", "/Groups", groupBody("team "+name)), "team "+name)
		note(c.do("POST", "/Groups", groupBody(name+" of all")), name+" of all")
		note(c.do("POST", "/Vaults", `{"schemas":["urn:example:vault"],"serial":"`+name+`","externalId":"v-`+name+`"}`), "vault "+name)
	}
	note(c.do("POST", "/Users", userBody("zz@example.test")), "nameless")
	list := func(names ...string) (ids []string) {
		for _, name := range names {
			ids = append(ids, named[name])
		}
		return ids
	}
	backwards := func(ids []string) []string {
		ids = slices.Clone(ids)
		slices.Reverse(ids)
		return ids
	}
	with := list("Bravo", "Bravo of all", "delta", "delta of all", "echo", "echo of all", "team Bravo", "team delta", "team echo")
	without := list("vault delta", "vault Bravo", "vault echo", "nameless") // in the order of their ids
	external := list("Bravo", "delta", "echo")                              // u-Bravo, u-delta, …: externalId is case-exact
	external = append(external, list("vault Bravo", "vault delta", "vault echo")...)
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"sortBy=meta.created", byTime},
		{"sortBy=meta.lastModified&sortOrder=descending", backwards(byTime)},
		{"sortBy=id", byTime},
		{"sortBy=ID&sortOrder=descending", backwards(byTime)},
		{"sortBy=displayName", append(slices.Clone(with), without...)},
		{"sortBy=displayname&sortOrder=descending", append(slices.Clone(without), backwards(with)...)},
		{"sortBy=externalId&filter=externalId+pr", external},
		{"sortBy=meta.created&filter=displayName+co+%22echo%22", list("echo", "team echo", "echo of all")},
	} {
		t.Run(test.query, func(t *testing.T) { c.pagesInEveryWay(t, test.query, test.want) })
	}
	c.do("GET", "/?sortBy=id&count=0", "").is(200).has("totalResults", 13).has("itemsPerPage", 0)
	c.do("GET", "/?sortBy=id&startIndex=9223372036854775807", "").is(200).has("totalResults", 13).has("itemsPerPage", 0)
	c.do("POST", "/.search", searchHead+`,"sortBy":"meta.created","sortOrder":"descending","count":1,"attributes":["meta.created"]}`).is(200).has("Resources.0.id", named["nameless"])
	// The rest of a walk by cursor misses no user when returned users are deleted (135).
	first := c.do("GET", "/?sortBy=meta.created&cursor&count=4", "").is(200)
	c.do("DELETE", "/Users/"+named["delta"], "").is(204)
	rest := c.do("GET", "/?sortBy=meta.created&count=100&cursor="+first.str("nextCursor"), "").is(200)
	if got := rest.column("Resources", "id"); !slices.Equal(got, byTime[4:]) {
		t.Errorf("after a deletion: %q, want %q", got, byTime[4:])
	}
}

// A list continues at its cursor, for the same request and the same connection (rows 128 to 135 of docs/quirks.md).
func TestCursorsContinueAList(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c, other := k.connect("acme", "acme-gen", directory.Generic), k.connect("acme", "acme-two", directory.Generic)
	var ids []string
	for i := range 10 {
		ids = append(ids, c.user(fmt.Sprintf("u%d@example.test", i)))
	}
	first := c.do("GET", "/Users?cursor&count=3", "").is(200).has("startIndex", nil).has("itemsPerPage", 3).has("totalResults", 10)
	next, _ := first.at("nextCursor").(string)
	if next == "" || next != url.QueryEscape(next) {
		t.Fatalf("130: nextCursor %q", next)
	}
	// Returned and future users of the walk may be deleted; no other user is missed or returned twice (135).
	c.do("DELETE", "/Users/"+ids[1], "").is(204)
	c.do("DELETE", "/Users/"+ids[2], "").is(204)
	c.do("DELETE", "/Users/"+ids[5], "").is(204)
	c.do("GET", "/Users?count=3&cursor="+next, "").is(200).has("Resources.0.id", ids[3]).has("Resources.1.id", ids[4]).has("Resources.2.id", ids[6])
	c.do("GET", "/Users?cursor="+next, "").is(200).has("itemsPerPage", 6).has("nextCursor", nil)
	c.do("GET", "/Users?cursor&count=0", "").is(200).has("itemsPerPage", 0).has("totalResults", 7).has("nextCursor", nil)
	c.do("GET", "/Users?cursor&count=x", "").fails(400, "invalidCount")

	flipped := []byte(next)
	flipped[len(flipped)/2] ^= 1
	for name, target := range map[string]string{
		"tampered":           "/Users?cursor=" + url.QueryEscape(string(flipped)),
		"made up":            "/Users?cursor=abc",
		"too long":           "/Users?cursor=" + strings.Repeat("a", maxCursor+1),
		"of another filter":  "/Users?filter=active+eq+true&cursor=" + next,
		"of another order":   "/Users?sortBy=userName&cursor=" + next,
		"of another type":    "/Groups?cursor=" + next,
		"of the root":        "?cursor=" + next,
		"with something new": "/Users?cursor=" + next + "A",
	} {
		if got := c.do("GET", target, ""); got.status != 400 || got.at("scimType") != "invalidCursor" {
			t.Errorf("%s: %d %v", name, got.status, got.at("scimType"))
		}
	}
	other.do("GET", "/Users?cursor="+next, "").fails(400, "invalidCursor") // 134
	c.clock.Advance(31 * time.Minute)
	c.do("GET", "/Users?cursor="+next, "").fails(400, "expiredCursor") // 131

	// A sorted walk.
	var names []string
	cursor := ""
	for range 10 {
		got := c.do("GET", "/Users?sortBy=userName&sortOrder=descending&count=2&cursor="+cursor, "").is(200)
		for i := range 2 {
			if name, ok := got.at(fmt.Sprintf("Resources.%d.userName", i)).(string); ok {
				names = append(names, name)
			}
		}
		if cursor, _ = got.at("nextCursor").(string); cursor == "" {
			break
		}
	}
	if len(names) != 7 || !slices.IsSortedFunc(names, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("a sorted walk gave %v", names)
	}
}

func TestWalkByStartIndexDuringDeletions(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	var ids []string
	for i := range 9 {
		ids = append(ids, c.user(fmt.Sprintf("u%d@example.test", i)))
	}
	c.do("GET", "/Users?startIndex=1&count=3", "").is(200).has("Resources.2.id", ids[2])
	c.do("DELETE", "/Users/"+ids[0], "").is(204)
	c.do("GET", "/Users?startIndex=4&count=3", "").is(200).has("Resources.0.id", ids[3])
}

func FuzzCursor(f *testing.F) {
	c, err := newCursors([]byte("secret"), time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	bound := []byte("acme/Users")
	f.Add(c.write(place{}, bound, now))
	f.Add(c.write(place{kind: 1, after: &directory.Mark{ID: directory.ID{1}, Key: "key"}}, bound, now))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := c.read(text, bound, 2, now)
		if err != nil {
			return
		}
		again, err := c.read(c.write(p, bound, now), bound, 2, now)
		if err != nil || again.kind != p.kind || (again.after == nil) != (p.after == nil) || (p.after != nil && *again.after != *p.after) {
			t.Fatalf("%q: %v, %v became %v", text, err, p, again)
		}
		if _, err := c.read(text, []byte("other"), 2, now); err == nil {
			t.Fatal("a cursor was read with another binding")
		}
	})
}
