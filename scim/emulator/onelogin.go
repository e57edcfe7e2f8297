package emulator

import (
	"fmt"
	"net/http"
)

// OneLogin sends a template that its administrator writes: legacy schema URNs, emails as an object, no externalId, and active only if the
// template has it.
type OneLogin struct {
	bearer
	V1 bool // the connector for core schema 1.1: members with an operation each, no PatchOp
}

// Name is "onelogin" or "onelogin-v1".
func (o OneLogin) Name() string {
	if o.V1 {
		return "onelogin-v1"
	}
	return "onelogin"
}

// Title names the connector.
func (o OneLogin) Title() string {
	if o.V1 {
		return "OneLogin, core schema 1.1"
	}
	return "OneLogin, SCIM v2 Enterprise"
}

// Header asks for plain JSON, as OneLogin's documentation does.
func (OneLogin) Header() http.Header {
	return headers("Accept", "application/json", "Content-Type", "application/json")
}

const (
	oneLoginTest = `the API connection does not turn to Enabled on the Configuration tab`
	oneLoginTask = `the provisioning task of the user fails on the Users tab: "{detail}"`
)

func (OneLogin) lookUp(p Person, expect Expect) Step {
	return Step{
		Name: "look up " + p.UserName, Method: http.MethodGet, Path: "/Users?filter=" + plusQuery(`userName eq "`+p.UserName+`"`) + "&", Expect: expect,
	}
}

// Test looks for a user who does not exist; the separator dangles.
func (o OneLogin) Test() []Step {
	return []Step{{
		Name: "look for a user who does not exist", Method: http.MethodGet,
		Path: "/Users?filter=" + plusQuery(`userName eq "onelogin-probe-does-not-exist"`) + "&", Expect: missed(oneLoginTest),
	}}
}

func (OneLogin) template(p Person, active string) string {
	return fmt.Sprintf(`{"schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"], "userName": %s, `+
		`"name": {"familyName": %s, "givenName": %s, "formatted": %s}, "emails": {"value": %s, "type": "work", "primary": true}, "title": %s%s, `+
		`"urn:scim:schemas:extension:enterprise:2.0": {"department": %s}}`,
		js(p.UserName), js(p.Family), js(p.Given), js(p.Name()), js(p.UserName), js(p.Title), active, js(p.Department))
}

func (o OneLogin) post(p Person) Step {
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: "/Users", Body: o.template(p, ""),
		Expect: created(fmt.Sprintf(`{"id": %s, "userName": %s, "active": true, "emails": [{"value": %s}], "`+enterpriseSchema+`": {"department": %s}}`,
			p.ref(), js(p.UserName), js(p.UserName), js(p.Department)), oneLoginTask),
	}
}

// Create is look-up and POST.
func (o OneLogin) Create(p Person) []Step {
	return []Step{o.lookUp(p, missed(oneLoginTask)), o.post(p)}
}

// Repeat sends the POST a second time.
func (o OneLogin) Repeat(p Person) []Step {
	again := o.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, oneLoginTask)
	return []Step{again, o.lookUp(p, found(`{"id": "`+p.id()+`"}`, oneLoginTask))}
}

func (o OneLogin) put(p Person, what, active, want string) Step {
	return Step{
		Name: what, Method: http.MethodPut, Path: "/Users/" + p.id() + "?", Body: o.template(p, active),
		Expect: Expect{
			Status: []int{http.StatusOK}, Body: want, Console: oneLoginTask,
			Rule: "RFC 7644 §3.5.1; a PUT that does not state active leaves it as it is",
		},
	}
}

// Link is the look-up that hits and the template, about a second later. The administrator decides whether a OneLogin template states
// active; this one does when it matters.
func (o OneLogin) Link(p Person) []Step {
	return []Step{
		o.lookUp(p, found(`{"id": "`+p.id()+`"}`, oneLoginTask)),
		o.put(p, "write "+p.UserName, `, "active": true`, `{"id": "`+p.id()+`", "active": true}`),
	}
}

// Change sends the complete template again.
func (o OneLogin) Change(_, p Person) []Step {
	want := fmt.Sprintf(`{"id": %s, "name": {"givenName": %s}, "title": %s, "active": true}`, p.ref(), js(p.Given), js(p.Title))
	return []Step{o.lookUp(p, found(`{"id": "`+p.id()+`"}`, oneLoginTask)), o.put(p, "write the changed "+p.UserName, "", want)}
}

// Deactivate is "Suspend" on the Provisioning tab; the verb is not documented, PUT is assumed.
func (o OneLogin) Deactivate(p Person) []Step {
	return []Step{o.put(p, "suspend "+p.UserName, `, "active": false`, `{"id": "`+p.id()+`", "active": false}`)}
}

// Reactivate sends the same requests as Link.
func (o OneLogin) Reactivate(p Person) []Step { return o.Link(p) }

// Delete is "Delete" on the Provisioning tab.
func (OneLogin) Delete(p Person) []Step {
	return []Step{{Name: "delete " + p.UserName, Method: http.MethodDelete, Path: "/Users/" + p.id() + "?", Expect: removed(oneLoginTask)}}
}

// CreateGroup reads all groups, posts an empty one and adds the members.
func (o OneLogin) CreateGroup(g Group) []Step {
	steps := []Step{
		{Name: "read all groups", Method: http.MethodGet, Path: "/Groups", Expect: listed(oneLoginTask)},
		{
			Name: "create group " + g.Name, Method: http.MethodPost, Path: "/Groups",
			Body:   fmt.Sprintf(`{"schemas": ["urn:scim:schemas:core:2.0"], "displayName": %s, "members": []}`, js(g.Name)),
			Expect: created(fmt.Sprintf(`{"id": %s, "displayName": %s}`, g.ref(), js(g.Name)), oneLoginTask),
		},
	}
	if len(g.Members) > 0 {
		steps = append(steps, o.Join(g, g.Members...)...)
	}
	return steps
}

// change writes the body of the 1.1 connector as the vendor's samples have it; that of the v2 connectors is not documented,
// a PatchOp message is assumed.
func (o OneLogin) change(g Group, what, operation, op string, people []Person) Step {
	body := patch(`{"op": "` + op + `", "path": "members", "value": ` + list(people, func(p Person) string { return `{"value": "` + p.id() + `"}` }) + `}`)
	if o.V1 {
		body = `{"schemas": ["urn:scim:schemas:core:1.0"], "members": ` +
			list(people, func(p Person) string { return `{"value": "` + p.id() + `", "operation": "` + operation + `"}` }) + `}`
	}
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Groups/" + g.id() + "?", Body: body,
		Expect: written(`{"id": "`+g.id()+`"}`, oneLoginTask, "RFC 7644 §3.5.2; OneLogin's sample servers"),
	}
}

// Rename sends nothing: no request is known.
func (OneLogin) Rename(Group, string) []Step { return nil }

// Join sends a PATCH.
func (o OneLogin) Join(g Group, people ...Person) []Step {
	return []Step{o.change(g, "add "+names(people)+" to "+g.Name, "add", "add", people)}
}

// Leave sends a PATCH.
func (o OneLogin) Leave(g Group, people ...Person) []Step {
	return []Step{o.change(g, "remove "+names(people)+" from "+g.Name, "delete", "remove", people)}
}

// DeleteGroup sends nothing: OneLogin never deletes groups.
func (OneLogin) DeleteGroup(Group) []Step { return nil }
