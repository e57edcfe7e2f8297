package emulator

import (
	"fmt"
	"net/http"
)

// Google is the automated provisioning of a catalogue app that takes a URL and a token. Google Workspace pushes no generic
// SCIM; the wire format of the catalogue app is not documented, and this shape (a userName and no e-mails, no groups) is what
// one vendor reports. Everything here is unverified.
type Google struct{ JumpCloud }

// Name is "google".
func (Google) Name() string { return "google" }

// Title is "Google Workspace, catalogue app".
func (Google) Title() string { return "Google Workspace, catalogue app (unverified)" }

const googleTask = `a user error in the app's Automated user provisioning panel: "{detail}"`

// Test lists one user.
func (Google) Test() []Step {
	return []Step{{Name: "list one user", Method: http.MethodGet, Path: "/Users?count=1", Expect: listed(googleTask)}}
}

func (Google) post(p Person) Step {
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: "/Users",
		Body: fmt.Sprintf(`{"schemas": ["`+userSchema+`"], "userName": %s, "name": {"givenName": %s, "familyName": %s}, "active": true}`,
			js(p.UserName), js(p.Given), js(p.Family)),
		Expect: created(fmt.Sprintf(`{"id": %s, "userName": %s, "active": true}`, p.ref(), js(p.UserName)), googleTask),
	}
}

// Create is look-up and POST.
func (g Google) Create(p Person) []Step { return []Step{g.lookUp(p, missed(googleTask)), g.post(p)} }

// Repeat sends the POST a second time.
func (g Google) Repeat(p Person) []Step {
	again := g.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, googleTask)
	return []Step{again, g.lookUp(p, found(`{"id": "`+p.id()+`"}`, googleTask))}
}

// CreateGroup sends nothing: the panel has no groups.
func (Google) CreateGroup(Group) []Step { return nil }

// Rename sends nothing: the panel has no groups.
func (Google) Rename(Group, string) []Step { return nil }

// Join sends nothing: the panel has no groups.
func (Google) Join(Group, ...Person) []Step { return nil }

// Leave sends nothing: the panel has no groups.
func (Google) Leave(Group, ...Person) []Step { return nil }

// DeleteGroup sends nothing: the panel has no groups.
func (Google) DeleteGroup(Group) []Step { return nil }
