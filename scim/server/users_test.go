package server

import (
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// A user from POST to DELETE (rows 59 to 111 of docs/quirks.md).
func TestUsersAreCreatedChangedAndDeleted(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	made := c.do("POST", "/Users", userBody("Ada@example.test", `,"externalId":"e1","name":{"givenName":"Ada"},"id":"mine","meta":{"version":"x"},"groups":[{"value":"y"}],"password":"Secret9!","active":true`)).is(201)
	id := made.id()
	made.has("userName", "Ada@example.test").has("meta.resourceType", "User").has("active", true).has("password", nil)
	location := "https://scim.example.test/scim/v2/acme-gen/Users/" + id
	if made.header.Get("Location") != location || made.at("meta.location") != location {
		t.Errorf("59: Location %q, meta.location %v, want %s", made.header.Get("Location"), made.at("meta.location"), location)
	}
	if made.header.Get("ETag") != made.at("meta.version") || made.header.Get("ETag") == "" {
		t.Errorf("122: ETag %q, meta.version %v", made.header.Get("ETag"), made.at("meta.version"))
	}
	if made.header.Get("Content-Type") != "application/scim+json" {
		t.Errorf("1: Content-Type %q", made.header.Get("Content-Type"))
	}
	if quirks := made.header.Get("Drawbridge-Quirks"); !strings.Contains(quirks, "password.discarded") {
		t.Errorf("40: quirks %q", quirks)
	}

	c.do("POST", "/Users", userBody("ADA@EXAMPLE.TEST")).fails(409, "uniqueness")                                                       // 60
	c.do("GET", "/Users/"+id, "").is(200).has("name.givenName", "Ada")                                                                  // 67
	c.do("GET", "/Users/"+strings.ToUpper(id), "").is(404)                                                                              // 67
	c.do("GET", "/Groups/"+id, "").is(404)                                                                                              // 67
	c.do("GET", "/Users/"+id+"?attributes=userName", "").is(200).has("name", nil).has("id", id)                                         // 83
	c.do("GET", "/Users/"+id+"?excludedAttributes=userName,id", "").is(200).has("id", id)                                               // 83
	c.do("POST", "/Users?attributes=userName", userBody("b@example.test")).is(201).has("active", nil)                                   // 64
	c.do("PUT", "/Users/"+id, userBody("ada@example.test", `,"id":"other"`)).is(200).has("name", nil).has("id", id).has("active", true) // 87, 89
	c.do("PUT", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`).fails(400, "invalidValue")                  // 88
	c.do("PUT", "/Users/"+id, userBody("b@example.test")).fails(409, "uniqueness")                                                      // 88
	c.do("PUT", "/Users/0190b5a4-0000-7000-8000-000000000000", userBody("z@example.test")).is(404)                                      // 88
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"Replace","path":"active","value":"False"}`)).is(200).has("active", false)
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"Dr"}`)).is(200).has("title", "Dr").has("active", false)
	before := c.do("GET", "/Users/"+id, "").is(200)
	again := c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"Dr"}`)).is(200) // 97
	if again.header.Get("ETag") != before.header.Get("ETag") || again.at("meta.lastModified") != before.at("meta.lastModified") {
		t.Errorf("97: a PATCH that changes nothing moved the version: %s, %s", before.header.Get("ETag"), again.header.Get("ETag"))
	}
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"x"},{"op":"replace","path":"id","value":"y"}`)).fails(400, "mutability")
	c.do("GET", "/Users/"+id, "").is(200).has("title", "Dr") // 94
	c.do("DELETE", "/Users/"+id, "").is(204)                 // 110
	for _, method := range []string{"GET", "DELETE"} {
		c.do(method, "/Users/"+id, "").is(404)
	}
	c.do("PUT", "/Users/"+id, userBody("ada@example.test")).is(404)
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"Dr"}`)).is(404)
	c.do("GET", `/Users?filter=userName+eq+"ada@example.test"`, "").is(200).has("totalResults", 0).has("Resources", []any{})
	c.user("ada@example.test")
}

// ETag, If-Match and If-None-Match (rows 122 to 127 of docs/quirks.md).
func TestVersionsGuardReadsAndWrites(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	id := c.user("ada@example.test")
	tag := c.do("GET", "/Users/"+id, "").is(200).header.Get("ETag")
	title := func(value string) string { return patchBody(`{"op":"replace","path":"title","value":"` + value + `"}`) }

	for name, none := range map[string]string{"current": tag, "strong": strings.TrimPrefix(tag, "W/"), "list": `W/"99", ` + tag, "star": "*"} {
		got := c.do("GET", "/Users/"+id, "", "If-None-Match", none).is(304)
		if got.text != "" || got.header.Get("ETag") != tag {
			t.Errorf("123 %s: body %q, ETag %q", name, got.text, got.header.Get("ETag"))
		}
	}
	c.do("GET", "/Users/"+id, "", "If-None-Match", `W/"99"`).is(200)
	c.do("PATCH", "/Users/"+id, title("x"), "If-Match", `W/"99"`).fails(412, "")
	c.do("PATCH", "/Users/"+id, title("x"), "If-Match", `nonsense`).is(412)
	c.do("PUT", "/Users/"+id, userBody("ada@example.test"), "If-Match", `W/"99"`).is(412)
	c.do("PUT", "/Users/"+id, userBody("ada@example.test"), "If-None-Match", `*`).is(412) // 125
	c.do("DELETE", "/Users/"+id, "", "If-Match", `W/"99"`).is(412)
	c.do("GET", "/Users/"+id, "").is(200).has("title", nil)
	c.do("PATCH", "/Users/"+id, title("y"), "If-Match", `W/"99", `+tag).is(200).has("title", "y")
	c.do("PATCH", "/Users/"+id, title("z"), "If-Match", tag).is(412) // 127
	c.do("PATCH", "/Users/"+id, title("z"), "If-Match", "*").is(200)
	c.do("PATCH", "/Users/0190b5a4-0000-7000-8000-000000000000", title("z"), "If-Match", tag).is(404) // 126
	c.do("DELETE", "/Users/"+id, "", "If-Match", "*").is(204)

	one := c.user("bob@example.test")
	group := c.group("Team")
	was := c.do("GET", "/Groups/"+group, "").header.Get("ETag")
	c.do("PATCH", "/Groups/"+group, patchBody(`{"op":"add","path":"members","value":[{"value":"`+one+`"}]}`)).is(204)
	if now := c.do("GET", "/Groups/"+group, "").is(200).has("members.0.value", one).header.Get("ETag"); now == was {
		t.Errorf("126: the version of a group did not change with its membership: %s", now)
	}
}

// A write that does not state active must not end a suspension (L4, row 39).
func TestTitleDoesNotReactivate(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-okta", directory.Okta)
	id := c.user("ada@example.test")
	parsed, _ := directory.ParseID(id)
	if _, _, err := c.bridge.SuspendUser(t.Context(), c.op, c.tenant, parsed, bridge.SuspendOrder{Mode: directory.Yield, Reason: "lost laptop"}); err != nil {
		t.Fatal(err)
	}
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"replace","value":{"title":"Dr"}}`)).is(200).has("active", false)
	c.do("PUT", "/Users/"+id, userBody("ada@example.test")).is(200).has("active", false)
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"replace","value":{"active":true}}`)).is(200).has("active", true)
}

func TestPatchAnswersWith200Or204(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-entra", directory.Entra)
	id, group := c.user("ada@example.test"), c.group("Team")
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"Add","path":"title","value":"Dr"}`)).is(200).has("title", "Dr")
	c.do("PATCH", "/Groups/"+group, patchBody(`{"op":"Replace","path":"displayName","value":"Crew"}`)).is(204)
	c.do("PATCH", "/Groups/"+group+"?attributes=displayName", patchBody(`{"op":"Replace","path":"displayName","value":"Gang"}`)).is(200).has("displayName", "Gang").has("members", nil)

	reply := directory.ReplyNoContent
	_, err := c.bridge.EditConnection(t.Context(), c.op, c.slug, directory.Precondition{}, func(x directory.Connection) (directory.Connection, error) {
		x.UserPatch = &reply
		return x, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := c.do("PATCH", "/Users/"+id, patchBody(`{"op":"Add","path":"title","value":"Prof"}`)).is(204)
	if got.header.Get("ETag") == "" {
		t.Error("a 204 without ETag")
	}
	c.do("PATCH", "/Users/"+id+"?attributes=title", patchBody(`{"op":"Add","path":"title","value":"Sir"}`)).is(200).has("title", "Sir")
}
