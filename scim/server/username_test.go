package server

import (
	"net/url"
	"strings"
	"testing"

	"drawbridge/directory"
)

// For every kind of write, in filters, searches and look-ups, several spellings of one name are one name. It is shown as it was sent.
func TestUserNamesArePrepared(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	spellings := [][]string{
		{"café@acme.test", "cafe\u0301@acme.test", "CAFÉ@acme.test", "ＣＡＦÉ@acme.test", " café@acme.test ", "\u3000café@acme.test\u00a0"},
		{" Ｍira", "mira", "MIRA ", "ｍｉｒａ"},
	}
	other := c.user("other@acme.test")
	for _, same := range spellings {
		shown := same[0]
		id := c.do("POST", "/Users", userBody(shown)).is(201).has("userName", shown).id()
		for _, name := range same[1:] {
			c.do("POST", "/Users", userBody(name)).fails(409, "uniqueness")
			c.do("PUT", "/Users/"+other, userBody(name)).fails(409, "uniqueness")
			c.do("PATCH", "/Users/"+other, patchBody(`{"op":"replace","path":"userName","value":"`+name+`"}`)).fails(409, "uniqueness")
			c.do("PATCH", "/Users/"+other, patchBody(`{"op":"replace","value":{"urn:ietf:params:scim:schemas:core:2.0:User:userName":"`+name+`"}}`)).fails(409, "uniqueness")
			c.do("POST", "/Bulk", bulkBody(postUser("a", name))).is(200).has("Operations.0.status", "409")
			for _, op := range []string{"eq", "sw", "ew", "co", "ge", "le"} {
				text := name
				if op != "eq" {
					text = strings.TrimSpace(name)
				}
				got := c.do("GET", "/Users?filter="+url.QueryEscape("userName "+op+` "`+text+`" and userName ne "other@acme.test"`), "").is(200)
				if ids := strings.Join(got.column("Resources", "id"), " "); !strings.Contains(ids, id) {
					t.Errorf("userName %s %+q finds %q", op, text, ids)
				}
			}
			c.do("POST", "/Users/.search", searchHead+`,"filter":"userName eq \"`+name+`\""}`).is(200).has("totalResults", 1).has("Resources.0.userName", shown)
			c.do("PUT", "/Users/"+id, userBody(name)).is(200).has("userName", name) // its own name, in another spelling
			c.do("PUT", "/Users/"+id, userBody(shown)).is(200)
		}
	}
	if got := c.do("POST", "/Users", userBody("Ａda")).is(201).header.Get("Drawbridge-Quirks"); got != "username.form" {
		t.Errorf("quirks %q", got)
	}
	if got := c.do("POST", "/Users", userBody("Bob")).is(201).header.Get("Drawbridge-Quirks"); got != "" {
		t.Errorf("quirks %q", got)
	}
}

// An invisible character is refused in a new userName, for every kind of write.
func TestInvisibleCharactersAreRefused(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	id := c.user("mira")
	for _, name := range []string{"mi\u00adra", "mi\u200bra", "\ufeffmira", "mira\u2060", "mi\u200dra", "mira\u200e", "eve\u00ad", "eve\ufe0f", "\u3164"} {
		c.do("POST", "/Users", userBody(name)).fails(400, "invalidValue")
		c.do("PUT", "/Users/"+id, userBody(name)).fails(400, "invalidValue")
		c.do("PATCH", "/Users/"+id, patchBody(`{"op":"replace","path":"userName","value":"`+name+`"}`)).fails(400, "invalidValue")
		c.do("POST", "/Bulk", bulkBody(postUser("a", name))).is(200).has("Operations.0.status", "400")
	}
	c.do("GET", "/Users?filter="+url.QueryEscape("userName eq \"mi\u00adra\""), "").is(200).has("totalResults", 1) // a look-up is not a new name
	c.do("GET", "/Users", "").is(200).has("totalResults", 1)
}
