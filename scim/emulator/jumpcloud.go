package emulator

import (
	"fmt"
	"net/http"
)

// JumpCloud activates a connector by creating, changing and deleting a test user and a test group. Filters and the verb of
// updates are not documented; PATCH for each attribute is what servers report.
type JumpCloud struct{ bearer }

// Name is "jumpcloud".
func (JumpCloud) Name() string { return "jumpcloud" }

// Title is "JumpCloud".
func (JumpCloud) Title() string { return "JumpCloud" }

// Header has no known marker.
func (JumpCloud) Header() http.Header { return headers("Accept", scimJSON, "Content-Type", scimJSON) }

// The keys of the test user and group.
const (
	probeUser  = "probe"
	probeGroup = "probegroup"
)

const (
	jumpCloudTest = `activating the connector fails on the Identity Management tab: "{detail}"`
	jumpCloudTask = `an error on the user or group in Directory Insights: "{detail}"`
)

func (JumpCloud) body(p Person) string {
	return fmt.Sprintf(`{"schemas": ["`+userSchema+`"], "userName": %s, "externalId": %s, "name": {"givenName": %s, "familyName": %s}, `+
		`"displayName": %s, "emails": [{"value": %s, "type": "work", "primary": true}], "active": true}`,
		js(p.UserName), js(p.ExternalID), js(p.Given), js(p.Family), js(p.Name()), js(p.UserName))
}

// Test is the activation: create, read, update and delete of a user and of a group, every time the connector is edited.
func (j JumpCloud) Test() []Step {
	test := Person{Key: probeUser, UserName: "jumpcloud.test@acme.test", ExternalID: "64f0c0ffee00", Given: "Test", Family: "User"}
	group := Group{Key: probeGroup, Name: "JumpCloud Test Group"}
	post := j.post(test)
	post.Expect.Console = jumpCloudTest
	steps := []Step{post, {
		Name: "read the test user", Method: http.MethodGet, Path: "/Users/" + test.id(),
		Expect: read(`{"id": "`+test.id()+`", "userName": `+js(test.UserName)+`, "active": true}`, jumpCloudTest),
	}}
	changed := test
	changed.Given = "Changed"
	steps = append(steps, j.Change(test, changed)...)
	steps = append(steps, j.Delete(test)...)
	steps = append(steps, Step{Name: "see that the test user is gone", Method: http.MethodGet, Path: "/Users/" + test.id(), Expect: gone(jumpCloudTest)})
	steps = append(steps, j.CreateGroup(group)...)
	steps = append(steps, j.Rename(group, group.Name+" 2")...)
	steps = append(steps, j.DeleteGroup(group)...)
	for i := range steps {
		steps[i].Expect.Console = jumpCloudTest
	}
	return steps
}

func (JumpCloud) lookUp(p Person, expect Expect) Step {
	return Step{Name: "look up " + p.UserName, Method: http.MethodGet, Path: "/Users?filter=" + percentQuery(`userName eq "`+p.UserName+`"`), Expect: expect}
}

func (j JumpCloud) post(p Person) Step {
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: "/Users", Body: j.body(p),
		Expect: created(fmt.Sprintf(`{"id": %s, "userName": %s, "active": true}`, p.ref(), js(p.UserName)), jumpCloudTask),
	}
}

// Create is look-up and POST.
func (j JumpCloud) Create(p Person) []Step {
	return []Step{j.lookUp(p, missed(jumpCloudTask)), j.post(p)}
}

// Repeat sends the POST a second time.
func (j JumpCloud) Repeat(p Person) []Step {
	again := j.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, jumpCloudTask)
	return []Step{again, j.lookUp(p, found(`{"id": "`+p.id()+`"}`, jumpCloudTask))}
}

func (JumpCloud) patchUser(p Person, what, want string, operations ...string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Users/" + p.id(), Body: patch(operations...),
		Expect: written(want, jumpCloudTask, "RFC 7644 §3.5.2"),
	}
}

// Link is the look-up that hits, then PATCH.
func (j JumpCloud) Link(p Person) []Step {
	return []Step{
		j.lookUp(p, found(`{"id": "`+p.id()+`"}`, jumpCloudTask)),
		j.patchUser(p, "write "+p.UserName, `{"id": "`+p.id()+`", "active": true}`,
			`{"op": "replace", "path": "name.givenName", "value": `+js(p.Given)+`}`, `{"op": "replace", "path": "active", "value": true}`),
	}
}

// Change sends one replace for each attribute.
func (j JumpCloud) Change(_, p Person) []Step {
	return []Step{j.patchUser(p, "change the profile of "+p.UserName, `{"id": "`+p.id()+`", "name": {"givenName": `+js(p.Given)+`}}`,
		`{"op": "replace", "path": "name.givenName", "value": `+js(p.Given)+`}`,
		`{"op": "replace", "path": "name.familyName", "value": `+js(p.Family)+`}`)}
}

// Deactivate is active: false.
func (j JumpCloud) Deactivate(p Person) []Step {
	return []Step{j.patchUser(p, "deactivate "+p.UserName, `{"id": "`+p.id()+`", "active": false}`, `{"op": "replace", "path": "active", "value": false}`)}
}

// Reactivate sends the same requests as Link.
func (j JumpCloud) Reactivate(p Person) []Step { return j.Link(p) }

// Delete sends a DELETE.
func (JumpCloud) Delete(p Person) []Step {
	return []Step{{Name: "delete " + p.UserName, Method: http.MethodDelete, Path: "/Users/" + p.id(), Expect: removed(jumpCloudTask)}}
}

// CreateGroup posts the group and adds the members.
func (j JumpCloud) CreateGroup(g Group) []Step {
	steps := []Step{{
		Name: "create group " + g.Name, Method: http.MethodPost, Path: "/Groups",
		Body:   fmt.Sprintf(`{"schemas": ["`+groupSchema+`"], "displayName": %s}`, js(g.Name)),
		Expect: created(fmt.Sprintf(`{"id": %s, "displayName": %s}`, g.ref(), js(g.Name)), jumpCloudTask),
	}}
	if len(g.Members) > 0 {
		steps = append(steps, j.Join(g, g.Members...)...)
	}
	return steps
}

func (JumpCloud) patchGroup(g Group, what, operation string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: "/Groups/" + g.id(), Body: patch(operation),
		Expect: written(`{"id": "`+g.id()+`"}`, jumpCloudTask, "RFC 7644 §3.5.2"),
	}
}

func plainMember(p Person) string { return `{"value": "` + p.id() + `"}` }

// Rename sends one replace.
func (j JumpCloud) Rename(g Group, name string) []Step {
	return []Step{j.patchGroup(g, "rename group "+g.Name+" to "+name, `{"op": "replace", "path": "displayName", "value": `+js(name)+`}`)}
}

// Join adds bare values, also of existing members.
func (j JumpCloud) Join(g Group, people ...Person) []Step {
	return []Step{j.patchGroup(g, "add "+names(people)+" to "+g.Name, `{"op": "add", "path": "members", "value": `+list(people, plainMember)+`}`)}
}

// Leave removes like Entra: with a value beside the path.
func (j JumpCloud) Leave(g Group, people ...Person) []Step {
	return []Step{j.patchGroup(g, "remove "+names(people)+" from "+g.Name+" by value", `{"op": "remove", "path": "members", "value": `+list(people, plainMember)+`}`)}
}

// DeleteGroup sends a DELETE.
func (JumpCloud) DeleteGroup(g Group) []Step {
	return []Step{{Name: "delete group " + g.Name, Method: http.MethodDelete, Path: "/Groups/" + g.id(), Expect: removed(jumpCloudTask)}}
}
