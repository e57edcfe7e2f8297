package emulator

import (
	"fmt"
	"net/http"
)

// oktaBase is what both kinds of Okta app do.
type oktaBase struct{ bearer }

// Header is that of "Okta SCIM Client".
func (oktaBase) Header() http.Header {
	return headers(
		"User-Agent", "Okta SCIM Client 1.0.0", "Accept", scimJSON, "Accept-Charset", "utf-8",
		"Content-Type", scimJSON+"; charset=utf-8", "Accept-Encoding", "gzip,deflate", "Connection", "Keep-Alive")
}

const (
	oktaTest  = `"Error authenticating: null" under Provisioning > Integration > Test API Credentials`
	oktaTask  = `a failed task under Dashboard > Tasks: "Errors reported by remote server: {detail}"`
	oktaEmpty = `"Create new user returned empty user"`
	oktaLoop  = `"delay in reactivating remote User. Rescheduling", again and again`
	oktaGroup = `the group's push status turns to Error: "Errors reported by remote server: {detail}"`
)

// Test fires the two requests of "Test API Credentials".
func (oktaBase) Test() []Step {
	return []Step{
		{Name: "read a page of users", Method: http.MethodGet, Path: "/Users?startIndex=1&count=2", Expect: listed(oktaTest)},
		{Name: "read a page of groups", Method: http.MethodGet, Path: "/Groups?startIndex=1&count=100", Expect: listed(oktaTest)},
	}
}

func (oktaBase) lookUp(p Person) Step {
	return Step{
		Name: "look up " + p.UserName, Method: http.MethodGet,
		Path: "/Users?filter=" + percentQuery(`userName eq "`+p.UserName+`"`) + "&startIndex=1&count=100",
	}
}

func (oktaBase) post(p Person) Step {
	extra := ""
	if p.Title != "" {
		extra += `, "title": ` + js(p.Title)
	}
	if p.UserType != "" {
		extra += `, "userType": ` + js(p.UserType)
	}
	if p.Department != "" {
		extra += `, "` + enterpriseSchema + `": {"department": ` + js(p.Department) + `}`
	}
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: "/Users",
		Body: fmt.Sprintf(`{"schemas": ["`+userSchema+`"], "userName": %s, "name": {"givenName": %s, "familyName": %s}, `+
			`"emails": [{"primary": true, "value": %s, "type": "work"}], "displayName": %s, "locale": "en-US", "externalId": %s, `+
			`"groups": [], "password": "q7RandomPw", "active": true%s}`,
			js(p.UserName), js(p.Given), js(p.Family), js(p.UserName), js(p.Name()), js(p.ExternalID), extra),
		Expect: created(fmt.Sprintf(`{"schemas": ["`+userSchema+`", "..."], "id": %s, "userName": %s, "active": true, "password": "(absent)", `+
			`"name": {"givenName": %s, "familyName": %s}}`, p.ref(), js(p.UserName), js(p.Given), js(p.Family)), oktaEmpty),
	}
}

// Create is look-up and POST.
func (o oktaBase) Create(p Person) []Step {
	look := o.lookUp(p)
	look.Expect = missed(oktaTask)
	return []Step{look, o.post(p)}
}

// Repeat is the POST again: Okta closes the socket after 60 seconds without an answer.
func (o oktaBase) Repeat(p Person) []Step {
	again := o.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, oktaTask)
	hit := o.lookUp(p)
	hit.Expect = found(`{"id": "`+p.id()+`", "active": true}`, oktaTask)
	return []Step{again, hit}
}

// get and put are how Okta writes: it reads the user and puts back the whole resource with its changes.
func (oktaBase) get(p Person) Step {
	return Step{
		Name: "read " + p.UserName, Method: http.MethodGet, Path: "/Users/" + p.id(),
		Expect: read(`{"id": "`+p.id()+`", "userName": `+js(p.UserName)+`}`, oktaTask),
	}
}

func (o oktaBase) put(p Person, what, changes, want, console string) []Step {
	return []Step{o.get(p), {
		Name: what, Method: http.MethodPut, Path: "/Users/" + p.id(), Echo: true, Body: changes,
		Expect: Expect{
			Status: []int{http.StatusOK}, Body: want, Console: console,
			Rule: "RFC 7644 §3.5.1: PUT answers 200 with the resource and ignores id, meta and groups",
		},
	}}
}

// Change reads the user and sends a PUT of all attributes.
func (o oktaBase) Change(_, p Person) []Step {
	return o.put(p, "write the changed profile of "+p.UserName,
		fmt.Sprintf(`{"name": {"givenName": %s, "familyName": %s}, "displayName": %s, "title": %s}`, js(p.Given), js(p.Family), js(p.Name()), js(p.Title)),
		fmt.Sprintf(`{"id": %s, "userName": %s, "name": {"givenName": %s}, "title": %s, "active": true}`, p.ref(), js(p.UserName), js(p.Given), js(p.Title)),
		oktaTask)
}

// Delete sends nothing: Okta never deletes users.
func (oktaBase) Delete(Person) []Step { return nil }

// DeleteGroup is unlinking with "Delete the group in the target app".
func (oktaBase) DeleteGroup(g Group) []Step {
	return []Step{{Name: "delete group " + g.Name, Method: http.MethodDelete, Path: "/Groups/" + g.id(), Expect: removed(oktaGroup)}}
}

func (oktaBase) findGroup(g Group) Step {
	return Step{
		Name: "look up group " + g.Name, Method: http.MethodGet,
		Path:   "/Groups?filter=" + percentQuery(`displayName eq "`+g.Name+`"`) + "&startIndex=1&count=100",
		Expect: missed(oktaGroup),
	}
}

func (oktaBase) postGroup(g Group, value string) Step {
	return Step{
		Name: "create group " + g.Name, Method: http.MethodPost, Path: "/Groups",
		Body:   fmt.Sprintf(`{"schemas": ["`+groupSchema+`"], "displayName": %s, "members": %s}`, js(g.Name), value),
		Expect: created(fmt.Sprintf(`{"id": %s, "displayName": %s}`, g.ref(), js(g.Name)), oktaGroup),
	}
}

// oktaMember is how Okta names a member: value and display, no type and no $ref.
func oktaMember(p Person) string {
	return `{"value": "` + p.id() + `", "display": ` + js(p.UserName) + `}`
}

// OktaAIW is an app of the App Integration Wizard: every write is a PUT of the whole resource.
type OktaAIW struct{ oktaBase }

// Name is "okta", the kind that a customer of a self-hosted application uses.
func (OktaAIW) Name() string { return "okta" }

// Title names the kind of app.
func (OktaAIW) Title() string { return "Okta, AIW app" }

// Link is the look-up that hits, then a PUT that says active.
func (o OktaAIW) Link(p Person) []Step {
	hit := o.lookUp(p)
	hit.Expect = found(`{"id": "`+p.id()+`"}`, oktaTask)
	return append([]Step{hit}, o.put(p, "assign "+p.UserName+" again", `{"active": true}`, `{"id": "`+p.id()+`", "active": true}`, oktaLoop)...)
}

// Deactivate is a PUT that says active: false.
func (o OktaAIW) Deactivate(p Person) []Step {
	return o.put(p, "deactivate "+p.UserName, `{"active": false}`, `{"id": "`+p.id()+`", "active": false}`, oktaTask)
}

// Reactivate is a look-up and a PUT that says active: true.
func (o OktaAIW) Reactivate(p Person) []Step { return o.Link(p) }

// CreateGroup looks the name up and posts the group with its members.
func (o OktaAIW) CreateGroup(g Group) []Step {
	return []Step{o.findGroup(g), o.postGroup(g, list(g.Members, oktaMember))}
}

func (OktaAIW) putGroup(g Group, what string) []Step {
	return []Step{
		{Name: "read group " + g.Name, Method: http.MethodGet, Path: "/Groups/" + g.id(), Expect: read(`{"id": "`+g.id()+`"}`, oktaGroup)},
		{
			Name: what, Method: http.MethodPut, Path: "/Groups/" + g.id(),
			Body: fmt.Sprintf(`{"schemas": ["`+groupSchema+`"], "id": %s, "displayName": %s, "members": %s}`, g.ref(), js(g.Name), list(g.Members, oktaMember)),
			Expect: Expect{
				Status: []int{http.StatusOK}, Body: fmt.Sprintf(`{"id": %s, "displayName": %s}`, g.ref(), js(g.Name)), Console: oktaGroup,
				Rule: "RFC 7644 §3.5.1; the members of a group's PUT replace the membership",
			},
		},
	}
}

// Rename sends a PUT of the whole group.
func (o OktaAIW) Rename(g Group, name string) []Step {
	return o.putGroup(g.Named(name), "rename group "+g.Name+" to "+name)
}

// Join sends a PUT of the whole group.
func (o OktaAIW) Join(g Group, people ...Person) []Step {
	return o.putGroup(g.With(people...), "add "+names(people)+" to "+g.Name)
}

// Leave sends a PUT of the whole group.
func (o OktaAIW) Leave(g Group, people ...Person) []Step {
	return o.putGroup(g.Without(people...), "remove "+names(people)+" from "+g.Name)
}

// OktaOIN is an app of the integration network, or the "SCIM 2.0 Test App" template: PATCH for active, passwords and groups.
type OktaOIN struct{ oktaBase }

// Name is "okta-oin".
func (OktaOIN) Name() string { return "okta-oin" }

// Title names the kind of app.
func (OktaOIN) Title() string { return "Okta, OIN app or SCIM 2.0 template" }

func (OktaOIN) active(p Person, what, value, console string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Users/" + p.id(),
		Body: patch(`{"op": "replace", "value": {"active": ` + value + `}}`),
		Expect: written(`{"id": "`+p.id()+`", "userName": `+js(p.UserName)+`, "active": `+value+`}`, console,
			"RFC 7644 §3.5.2.3: a replace without a path changes the members of its value, and nothing else"),
	}
}

// Link is the look-up that hits, active: true, then the profile.
func (o OktaOIN) Link(p Person) []Step {
	hit := o.lookUp(p)
	hit.Expect = found(`{"id": "`+p.id()+`"}`, oktaTask)
	return append([]Step{hit, o.active(p, "assign "+p.UserName+" again", "true", oktaLoop)}, o.Change(p, p)...)
}

// Deactivate sends a PATCH without a path.
func (o OktaOIN) Deactivate(p Person) []Step {
	return []Step{o.active(p, "deactivate "+p.UserName, "false", oktaTask)}
}

// Reactivate is a look-up and a PATCH without a path.
func (o OktaOIN) Reactivate(p Person) []Step {
	return o.Link(p)[:2]
}

// CreateGroup posts the group empty and adds the members by PATCH.
func (o OktaOIN) CreateGroup(g Group) []Step {
	steps := []Step{o.findGroup(g), o.postGroup(g, "[]")}
	if len(g.Members) > 0 {
		steps = append(steps, o.Join(g, g.Members...)...)
	}
	return steps
}

func (OktaOIN) patchGroup(g Group, what string, operations ...string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Groups/" + g.id(), Body: patch(operations...),
		Expect: written(`{"id": "`+g.id()+`"}`, oktaGroup, "RFC 7644 §3.5.2"),
	}
}

// oktaName is the operation that Okta sends with every change of a group, even if the name is unchanged.
func oktaName(g Group) string {
	return fmt.Sprintf(`{"op": "replace", "value": {"id": %s, "displayName": %s}}`, g.ref(), js(g.Name))
}

// Rename sends a PATCH whose value holds the id as well.
func (o OktaOIN) Rename(g Group, name string) []Step {
	return []Step{o.patchGroup(g, "rename group "+g.Name+" to "+name, oktaName(g.Named(name)))}
}

// chunk is how many members Okta puts into one PATCH by default.
const chunk = 100

// Join adds by PATCH, a hundred at a time; the name goes with it.
func (o OktaOIN) Join(g Group, people ...Person) []Step {
	steps := []Step{o.patchGroup(g, "state the name of group "+g.Name, oktaName(g))}
	for start := 0; start < len(people); start += chunk {
		part := people[start:min(start+chunk, len(people))]
		steps = append(steps, o.patchGroup(g, "add "+names(part)+" to "+g.Name,
			`{"op": "add", "path": "members", "value": `+list(part, oktaMember)+`}`))
	}
	return steps
}

// Leave removes each member by a filter in the path.
func (o OktaOIN) Leave(g Group, people ...Person) []Step {
	operations := make([]string, len(people))
	for i, p := range people {
		operations[i] = `{"op": "remove", "path": "members[value eq \"` + p.id() + `\"]"}`
	}
	return []Step{o.patchGroup(g, "remove "+names(people)+" from "+g.Name, operations...)}
}

// PushNow overwrites the whole membership, even of an empty group.
func (o OktaOIN) PushNow(g Group) []Step {
	return []Step{o.patchGroup(g, "push group "+g.Name+" now", `{"op": "replace", "path": "members", "value": `+list(g.Members, oktaMember)+`}`)}
}

// names lists people for a sentence.
func names(people []Person) string {
	switch len(people) {
	case 0:
		return "nobody"
	case 1:
		return people[0].Given
	case 2:
		return people[0].Given + " and " + people[1].Given
	}
	return fmt.Sprintf("%d members", len(people))
}
