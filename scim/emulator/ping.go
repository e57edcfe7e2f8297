package emulator

import (
	"fmt"
	"net/http"
)

// Ping is PingOne (and PingFederate): capitalised filter operators, both e-mails primary, groups by PUT with all members.
// PUT for users is PingFederate's. It is not documented what PingOne uses.
type Ping struct{ bearer }

// Name is "ping".
func (Ping) Name() string { return "ping" }

// Title is "PingOne".
func (Ping) Title() string { return "PingOne" }

// Header has no known marker.
func (Ping) Header() http.Header { return headers("Accept", scimJSON, "Content-Type", scimJSON) }

const (
	pingTest = `"Test connection" fails`
	pingTask = `the sync status of the rule shows the user or group as failed: "{detail}"`
)

// Test is not documented; a list with a negative count is what PingFederate may send.
func (Ping) Test() []Step {
	return []Step{{Name: "list users with count=-1", Method: http.MethodGet, Path: "/Users?count=-1", Expect: listed(pingTest)}}
}

func (Ping) lookUp(p Person, expect Expect) Step {
	return Step{Name: "look up " + p.UserName, Method: http.MethodGet, Path: "/Users?filter=" + percentQuery(`username Eq "`+p.UserName+`"`), Expect: expect}
}

func (Ping) body(p Person, active string) string {
	return fmt.Sprintf(`{"schemas": ["`+userSchema+`"], "userName": %s, "externalId": %s, "name": {"givenName": %s, "familyName": %s}, `+
		`"emails": [{"type": "work", "value": %s, "primary": true}, {"type": "home", "value": %s, "primary": true}], "title": %s, "active": %s}`,
		js(p.UserName), js(p.ExternalID), js(p.Given), js(p.Family), js(p.UserName), js(p.UserName), js(p.Title), active)
}

func (i Ping) post(p Person) Step {
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: "/Users", Body: i.body(p, "true"),
		Expect: created(fmt.Sprintf(`{"id": %s, "userName": %s, "active": true, "emails": [{"type": "work", "value": %s}, {"type": "home", "value": %s}]}`,
			p.ref(), js(p.UserName), js(p.UserName), js(p.UserName)), pingTask),
	}
}

// Create is look-up and POST.
func (i Ping) Create(p Person) []Step { return []Step{i.lookUp(p, missed(pingTask)), i.post(p)} }

// Repeat sends the POST a second time.
func (i Ping) Repeat(p Person) []Step {
	again := i.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, pingTask)
	return []Step{again, i.lookUp(p, found(`{"id": "`+p.id()+`"}`, pingTask))}
}

func (i Ping) put(p Person, what, active string) Step {
	return Step{
		Name: what, Method: http.MethodPut, Path: "/Users/" + p.id(), Body: i.body(p, active),
		Expect: Expect{
			Status: []int{http.StatusOK}, Console: pingTask, Rule: "RFC 7644 §3.5.1",
			Body: fmt.Sprintf(`{"id": %s, "name": {"givenName": %s}, "title": %s, "active": %s}`, p.ref(), js(p.Given), js(p.Title), active),
		},
	}
}

// Link finds the user by a search, and then sends a PUT.
func (i Ping) Link(p Person) []Step {
	return []Step{i.lookUp(p, found(`{"id": "`+p.id()+`"}`, pingTask)), i.put(p, "write "+p.UserName, "true")}
}

// Change sends a PUT.
func (i Ping) Change(_, p Person) []Step {
	return []Step{i.put(p, "write the changed "+p.UserName, "true")}
}

// Deactivate sends what the remove action Disable sends.
func (i Ping) Deactivate(p Person) []Step { return []Step{i.put(p, "disable "+p.UserName, "false")} }

// Reactivate sends the same requests as Link.
func (i Ping) Reactivate(p Person) []Step { return i.Link(p) }

// Delete sends what the remove action Delete sends.
func (Ping) Delete(p Person) []Step {
	return []Step{{Name: "delete " + p.UserName, Method: http.MethodDelete, Path: "/Users/" + p.id(), Expect: removed(pingTask)}}
}

// CreateGroup looks the name up, posts the group and puts its members.
func (i Ping) CreateGroup(g Group) []Step {
	empty := g
	empty.Members = nil
	steps := []Step{
		{Name: "look up group " + g.Name, Method: http.MethodGet, Path: "/Groups?filter=" + percentQuery(`displayName Eq "`+g.Name+`"`), Expect: missed(pingTask)},
		{
			Name: "create group " + g.Name, Method: http.MethodPost, Path: "/Groups",
			Body:   fmt.Sprintf(`{"schemas": ["`+groupSchema+`"], "displayName": %s}`, js(g.Name)),
			Expect: created(fmt.Sprintf(`{"id": %s, "displayName": %s}`, g.ref(), js(g.Name)), pingTask),
		},
	}
	return append(steps, i.Join(empty, g.Members...)...)
}

func (Ping) putGroup(g Group, what string) []Step {
	return []Step{{
		Name: what, Method: http.MethodPut, Path: "/Groups/" + g.id(),
		Body: fmt.Sprintf(`{"schemas": ["`+groupSchema+`"], "displayName": %s, "members": %s}`, js(g.Name), list(g.Members, plainMember)),
		Expect: Expect{
			Status: []int{http.StatusOK}, Body: `{"id": "` + g.id() + `"}`, Console: pingTask,
			Rule: "RFC 7644 §3.5.1; the members of a group's PUT replace the membership",
		},
	}}
}

// Rename sends a PUT.
func (i Ping) Rename(g Group, name string) []Step {
	return i.putGroup(g.Named(name), "rename group "+g.Name+" to "+name)
}

// Join sends a PUT.
func (i Ping) Join(g Group, people ...Person) []Step {
	return i.putGroup(g.With(people...), "add "+names(people)+" to "+g.Name)
}

// Leave sends a PUT.
func (i Ping) Leave(g Group, people ...Person) []Step {
	return i.putGroup(g.Without(people...), "remove "+names(people)+" from "+g.Name)
}

// DeleteGroup is DELETE; whether Ping ever sends it is not documented.
func (Ping) DeleteGroup(g Group) []Step {
	return []Step{{Name: "delete group " + g.Name, Method: http.MethodDelete, Path: "/Groups/" + g.id(), Expect: removed(pingTask)}}
}
