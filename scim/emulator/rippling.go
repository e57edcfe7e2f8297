package emulator

import (
	"fmt"
	"net/http"
)

// Rippling lists all users to match them and then sends the attributes that its administrator ticked. It is the least
// documented of all: everything here is unverified.
type Rippling struct{ JumpCloud }

// Name is "rippling".
func (Rippling) Name() string { return "rippling" }

// Title is "Rippling".
func (Rippling) Title() string { return "Rippling (unverified)" }

const ripplingTask = `the user is listed under Errors in the app's settings: "{detail}"`

// Test reads the configuration and lists all users, without paging parameters.
func (Rippling) Test() []Step {
	return []Step{
		{
			Name: "read the configuration", Method: http.MethodGet, Path: "/ServiceProviderConfig",
			Expect: Expect{Status: []int{http.StatusOK}, Body: `{"patch": {"supported": "(boolean)"}}`, Rule: "RFC 7644 §4", Console: ripplingTask},
		},
		{Name: "list users, unpaged", Method: http.MethodGet, Path: "/Users", Expect: listed(ripplingTask)},
		{Name: "list users, paged", Method: http.MethodGet, Path: "/Users?startIndex=1&count=100", Expect: listed(ripplingTask)},
	}
}

func (Rippling) lookUp(p Person, expect Expect) Step {
	return Step{Name: "look up externalId " + p.ExternalID, Method: http.MethodGet, Path: "/Users?filter=" + percentQuery(`externalId eq "`+p.ExternalID+`"`), Expect: expect}
}

// post has no userName: the server takes the primary e-mail.
func (Rippling) post(p Person) Step {
	return Step{
		Name: "create " + p.UserName + " without a userName", Method: http.MethodPost, Path: "/Users",
		Body: fmt.Sprintf(`{"schemas": ["`+userSchema+`"], "externalId": %s, "emails": [{"value": %s, "primary": true}], `+
			`"name": {"givenName": %s, "familyName": %s}, "active": true}`, js(p.ExternalID), js(p.UserName), js(p.Given), js(p.Family)),
		Expect: created(fmt.Sprintf(`{"id": %s, "userName": %s, "externalId": %s, "active": true}`, p.ref(), js(p.UserName), js(p.ExternalID)), ripplingTask),
	}
}

// Create is look-up and POST.
func (r Rippling) Create(p Person) []Step {
	return []Step{r.lookUp(p, missed(ripplingTask)), r.post(p)}
}

// Repeat sends the POST a second time.
func (r Rippling) Repeat(p Person) []Step {
	again := r.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, ripplingTask)
	return []Step{again, r.lookUp(p, found(`{"id": "`+p.id()+`"}`, ripplingTask))}
}

// Link is the look-up that hits, then PATCH.
func (r Rippling) Link(p Person) []Step {
	return []Step{r.lookUp(p, found(`{"id": "`+p.id()+`"}`, ripplingTask)), r.JumpCloud.Link(p)[1]}
}

// Reactivate sends the same requests as Link.
func (r Rippling) Reactivate(p Person) []Step { return r.Link(p) }
