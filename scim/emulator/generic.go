package emulator

import (
	"fmt"
	"net/http"
)

// Generic is a client that follows RFC 7643 and RFC 7644 exactly.
type Generic struct{ bearer }

// Name is "generic".
func (Generic) Name() string { return "generic" }

// Title is "RFC 7644".
func (Generic) Title() string { return "RFC 7644 client" }

// Header is that of RFC 7644 §3.1.
func (Generic) Header() http.Header { return headers("Accept", scimJSON, "Content-Type", scimJSON) }

// Test reads the three discovery endpoints.
func (Generic) Test() []Step {
	discovery := func(path, body string) Step {
		return Step{
			Name: "read " + path, Method: http.MethodGet, Path: path,
			Expect: Expect{Status: []int{http.StatusOK}, Header: map[string]string{"Content-Type": scimJSON + "*"}, Body: body, Rule: "RFC 7644 §4"},
		}
	}
	return []Step{
		discovery("/ServiceProviderConfig", `{"patch": {"supported": true}, "filter": {"supported": true}, "etag": {"supported": "(boolean)"}}`),
		discovery("/ResourceTypes", `{"schemas": ["`+listSchema+`"], "Resources": [{"name": "User"}, {"name": "Group"}, "..."]}`),
		discovery("/Schemas", `{"schemas": ["`+listSchema+`"], "Resources": [{"id": "`+userSchema+`"}, {"id": "`+groupSchema+`"}, "..."]}`),
		{Name: "list no resource, count=0", Method: http.MethodGet, Path: "/Users?count=0", Expect: listed("")},
	}
}

func (Generic) lookUp(p Person, expect Expect) Step {
	return Step{Name: "look up " + p.UserName, Method: http.MethodGet, Path: "/Users?filter=" + percentQuery(`userName eq "`+p.UserName+`"`), Expect: expect}
}

func (Generic) body(p Person, active string) string {
	return fmt.Sprintf(`{"schemas": ["`+userSchema+`", "`+enterpriseSchema+`"], "userName": %s, "externalId": %s, `+
		`"name": {"givenName": %s, "familyName": %s}, "displayName": %s, "title": %s, "emails": [{"value": %s, "type": "work", "primary": true}], `+
		`"active": %s, "`+enterpriseSchema+`": {"department": %s}}`,
		js(p.UserName), js(p.ExternalID), js(p.Given), js(p.Family), js(p.Name()), js(p.Title), js(p.UserName), active, js(p.Department))
}

func (c Generic) post(p Person) Step {
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: "/Users", Body: c.body(p, "true"),
		Expect: created(fmt.Sprintf(`{"schemas": ["`+userSchema+`", "`+enterpriseSchema+`"], "id": %s, "userName": %s, "externalId": %s, "active": true, `+
			`"meta": {"resourceType": "User", "created": "*", "lastModified": "*", "location": "*/Users/%s"}}`, p.ref(), js(p.UserName), js(p.ExternalID), p.id()), ""),
	}
}

// Create is look-up and POST.
func (c Generic) Create(p Person) []Step { return []Step{c.lookUp(p, missed("")), c.post(p)} }

// Repeat sends the POST a second time.
func (c Generic) Repeat(p Person) []Step {
	again := c.post(p)
	again.Name = "create " + p.UserName + " again"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, "")
	return []Step{again}
}

func (Generic) patchUser(p Person, what, want, operation string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Users/" + p.id(), Body: patch(operation),
		Expect: written(want, "", "RFC 7644 §3.5.2"),
	}
}

// Link is the look-up that hits, then PUT.
func (c Generic) Link(p Person) []Step {
	return []Step{c.lookUp(p, found(`{"id": "`+p.id()+`"}`, "")), {
		Name: "replace " + p.UserName, Method: http.MethodPut, Path: "/Users/" + p.id(), Body: c.body(p, "true"),
		Expect: Expect{Status: []int{http.StatusOK}, Body: `{"id": "` + p.id() + `", "active": true}`, Rule: "RFC 7644 §3.5.1"},
	}}
}

// Change sends a PATCH with a path, and the same again, which changes nothing.
func (c Generic) Change(_, p Person) []Step {
	want := fmt.Sprintf(`{"id": %s, "name": {"givenName": %s}, "title": %s}`, p.ref(), js(p.Given), js(p.Title))
	change := c.patchUser(p, "change the profile of "+p.UserName, want,
		fmt.Sprintf(`{"op": "replace", "value": {"name": {"givenName": %s}, "title": %s}}`, js(p.Given), js(p.Title)))
	before := Step{Name: "read the version", Method: http.MethodGet, Path: "/Users/" + p.id(), Expect: read(`{"meta": {"version": "${`+p.Key+`.version}"}}`, "")}
	again := change
	again.Name = "change nothing"
	after := before
	after.Name, after.Expect.Rule = "read the same version", "RFC 7644 §3.5.2.1: a request that changes nothing leaves version and lastModified"
	return []Step{change, before, again, after}
}

// Deactivate sends a PATCH with a path.
func (c Generic) Deactivate(p Person) []Step {
	return []Step{c.patchUser(p, "deactivate "+p.UserName, `{"id": "`+p.id()+`", "active": false}`, `{"op": "replace", "path": "active", "value": false}`)}
}

// Reactivate sends a PATCH with a path.
func (c Generic) Reactivate(p Person) []Step {
	return []Step{c.patchUser(p, "reactivate "+p.UserName, `{"id": "`+p.id()+`", "active": true}`, `{"op": "replace", "path": "active", "value": true}`)}
}

// Delete sends a DELETE.
func (Generic) Delete(p Person) []Step {
	return []Step{{Name: "delete " + p.UserName, Method: http.MethodDelete, Path: "/Users/" + p.id(), Expect: removed("")}}
}

// CreateGroup posts the group with its members.
func (Generic) CreateGroup(g Group) []Step {
	return []Step{{
		Name: "create group " + g.Name, Method: http.MethodPost, Path: "/Groups",
		Body: fmt.Sprintf(`{"schemas": ["`+groupSchema+`"], "displayName": %s, "externalId": %s, "members": %s}`, js(g.Name), js(g.ExternalID),
			list(g.Members, plainMember)),
		Expect: created(fmt.Sprintf(`{"id": %s, "displayName": %s, "members": %s}`, g.ref(), js(g.Name), members(g.Members)), ""),
	}}
}

func (Generic) patchGroup(g Group, what string, operations ...string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Groups/" + g.id(), Body: patch(operations...),
		Expect: written(`{"id": "`+g.id()+`"}`, "", "RFC 7644 §3.5.2"),
	}
}

// Rename sends a PATCH with a path.
func (c Generic) Rename(g Group, name string) []Step {
	return []Step{c.patchGroup(g, "rename group "+g.Name+" to "+name, `{"op": "replace", "path": "displayName", "value": `+js(name)+`}`)}
}

// Join sends a PATCH with a path.
func (c Generic) Join(g Group, people ...Person) []Step {
	return []Step{c.patchGroup(g, "add "+names(people)+" to "+g.Name, `{"op": "add", "path": "members", "value": `+list(people, plainMember)+`}`)}
}

// Leave removes each member by a filter in the path.
func (c Generic) Leave(g Group, people ...Person) []Step {
	operations := make([]string, len(people))
	for n, p := range people {
		operations[n] = `{"op": "remove", "path": "members[value eq \"` + p.id() + `\"]"}`
	}
	return []Step{c.patchGroup(g, "remove "+names(people)+" from "+g.Name, operations...)}
}

// DeleteGroup sends a DELETE.
func (Generic) DeleteGroup(g Group) []Step {
	return []Step{{Name: "delete group " + g.Name, Method: http.MethodDelete, Path: "/Groups/" + g.id(), Expect: removed("")}}
}
