package server

import (
	"strings"
	"testing"

	"drawbridge/directory"
)

// Every route is tried with the ids, the names and the token of another tenant (137, 138).
func TestNoRouteCrossesTenants(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	acme, bolt := k.connect("acme", "acme-gen", directory.Generic), k.connect("bolt", "bolt-gen", directory.Generic)
	user, group := acme.user("ada@example.test"), acme.group("Team")
	mine := bolt.user("bob@example.test")
	before := acme.do("GET", "/", "").is(200).text

	body := func(route string, kind, user, group string) (string, bool) {
		whole := groupBody("Stolen", user)
		if kind == "Users" {
			whole = userBody("ada@example.test", `,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"`+user+`"}}`)
		}
		text, ok := map[string]string{
			"POST /{type}": whole, "PUT /{type}/{id}": whole,
			"POST /.search": searchHead + `,"filter":"id eq \"` + user + `\""}`, "POST /{type}/.search": searchHead + `,"filter":"id eq \"` + group + `\""}`,
			"PATCH /{type}/{id}": patchBody(`{"op":"replace","path":"externalId","value":"x"}`),
			"POST /Bulk": bulkBody(`{"method":"DELETE","path":"/Users/`+user+`"}`,
				`{"method":"PATCH","path":"/Groups/`+group+`","data":`+patchBody(`{"op":"remove","path":"members"}`)+`}`),
		}[route]
		return text, ok
	}
	const nobody, nothing = "0190b5a4-0000-7000-8000-000000000001", "0190b5a4-0000-7000-8000-000000000002"
	known := strings.NewReplacer(user, "-", group, "-", nobody, "-", nothing, "-")
	tried := 0
	for _, r := range newServer(Config{Bridge: k.bridge.Bridge, Now: k.clock.Now}).routes {
		for _, a := range r.actions {
			for kind, ids := range map[string][2]string{"Users": {user, nobody}, "Groups": {group, nothing}} {
				target := func(id string) string {
					return strings.NewReplacer("{type}", kind, "{id}", id).Replace(r.pattern)
				}
				route := a.method + " " + r.pattern
				foreignBody, ok := body(route, kind, user, group)
				if a.limit != nil && !ok {
					t.Fatalf("no body for %s: a new route needs one here", route)
				}
				unknownBody, _ := body(route, kind, nobody, nothing)
				tried++
				// With its own token the other tenant gets for foreign ids what it gets for unknown ones.
				foreign, unknown := bolt.do(a.method, target(ids[0]), foreignBody), bolt.do(a.method, target(ids[1]), unknownBody)
				if route == "POST /{type}" && kind == "Users" { // the name is taken the second time
					foreign.is(201)
					bolt.do("DELETE", "/Users/"+foreign.id(), "").is(204)
				} else if foreign.status != unknown.status || known.Replace(foreign.text) != known.Replace(unknown.text) {
					t.Errorf("%s %s: a foreign id %d %s\nan unknown id %d %s", route, kind, foreign.status, foreign.text, unknown.status, unknown.text)
				}
				if strings.Contains(r.pattern, "{type}/{id}") {
					if nowhere := bolt.do(a.method, target("nowhere"), unknownBody); foreign.status != 404 || foreign.text != nowhere.text {
						t.Errorf("%s with a foreign id: %d %s", route, foreign.status, foreign.text)
					}
				}
				// Its token opens nothing at the other's URL, and the answer is the one for a wrong token.
				crossed := k.raw(a.method, "/scim/v2/acme-gen"+target(ids[0]), foreignBody, "Authorization", "Bearer "+bolt.token)
				wrong := k.raw(a.method, "/scim/v2/acme-gen"+target(ids[0]), foreignBody, "Authorization", "Bearer wrong")
				if crossed.status != 401 || crossed.text != wrong.text {
					t.Errorf("%s with a foreign token: %d %s", route, crossed.status, crossed.text)
				}
			}
		}
	}
	if tried < 30 {
		t.Fatalf("only %d attempts", tried)
	}
	if after := acme.do("GET", "/", "").is(200).text; after != before {
		t.Errorf("the other tenant changed:\n%s\n%s", before, after)
	}
	// A foreign id is like an unknown one, in members, managers and filters.
	foreign := bolt.do("POST", "/Groups", groupBody("Crew", user))
	unknown := bolt.do("POST", "/Groups", groupBody("Crew", "0190b5a4-0000-7000-8000-000000000000"))
	if foreign.status != unknown.status || strings.ReplaceAll(foreign.text, user, "") != strings.ReplaceAll(unknown.text, "0190b5a4-0000-7000-8000-000000000000", "") {
		t.Errorf("a foreign member: %d %s\nan unknown one: %d %s", foreign.status, foreign.text, unknown.status, unknown.text)
	}
	bolt.do("GET", `/Users?filter=id+eq+"`+user+`"`, "").is(200).has("totalResults", 0)
	bolt.do("GET", "/Users", "").is(200).has("totalResults", 1).has("Resources.0.id", mine)
	bolt.user("ada@example.test") // names are free in another tenant
}
