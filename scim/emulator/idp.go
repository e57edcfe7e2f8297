package emulator

import (
	"net/http"
	"strings"

	"drawbridge/scim"
)

// IdP turns what happens in a directory into the requests that one identity provider sends. A method that gives no steps
// means that this IdP sends nothing in that case.
type IdP interface {
	// Name is its name on the command line: "okta".
	Name() string
	// Title is its name for people: "Okta, AIW app".
	Title() string
	// Header goes with every request.
	Header() http.Header
	// Auth makes the Authorization header of a token.
	Auth(token string) Auth

	// Test is the connection test, as the "test" button of the console does it.
	Test() []Step
	// Create is the look-up that misses, and the POST.
	Create(p Person) []Step
	// Link is the look-up that hits, and what the IdP then writes to a user who is there: the first assignment of an
	// existing user, and a rehire.
	Link(p Person) []Step
	// Repeat is the POST again, after a time-out on the side of the IdP.
	Repeat(p Person) []Step
	// Change writes the changed attributes of p, who was before.
	Change(before, p Person) []Step
	// Deactivate is what the IdP sends when a person loses the application.
	Deactivate(p Person) []Step
	// Reactivate is what getting it back means.
	Reactivate(p Person) []Step
	// Delete is for good.
	Delete(p Person) []Step

	// CreateGroup makes a group with g.Members.
	CreateGroup(g Group) []Step
	// Rename gives g another name.
	Rename(g Group, name string) []Step
	// Join adds people to g, whose members are those before.
	Join(g Group, people ...Person) []Step
	// Leave removes people from g, whose members are those before.
	Leave(g Group, people ...Person) []Step
	// DeleteGroup removes g.
	DeleteGroup(g Group) []Step
}

// All lists the IdPs.
func All() []IdP {
	return []IdP{
		OktaAIW{},
		OktaOIN{},
		Entra{},
		Entra{Flag: true},
		Entra{Flag: true, OnDemand: true},
		OneLogin{},
		OneLogin{V1: true},
		JumpCloud{},
		Rippling{},
		Ping{},
		Google{},
		Generic{},
	}
}

// ByName finds an IdP by the name that the command line uses; the type of a connection is such a name too.
func ByName(name string) (IdP, bool) {
	for _, idp := range All() {
		if idp.Name() == name {
			return idp, true
		}
	}
	if name == "okta-aiw" {
		return OktaAIW{}, true
	}
	if name == "entra-classic" {
		return Entra{}, true
	}
	return nil, false
}

// Names lists what ByName knows.
func Names() []string {
	var out []string
	for _, idp := range All() {
		out = append(out, idp.Name())
	}
	return out
}

const (
	userSchema       = scim.UserSchema
	groupSchema      = scim.GroupSchema
	enterpriseSchema = scim.EnterpriseSchema
	errorSchema      = scim.ErrorSchema
	patchSchema      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	listSchema       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	scimJSON         = "application/scim+json"
)

// Expectations that every IdP shares. Only the text that its console shows differs.

// found demands a list with just one resource.
func found(resource, console string) Expect {
	return Expect{
		Status: []int{http.StatusOK},
		Body:   `{"schemas": ["` + listSchema + `"], "totalResults": 1, "Resources": [` + resource + `]}`,
		Rule:   "RFC 7644 §3.4.2: a filter gives exactly the matches, inactive users included", Console: console,
	}
}

// missed demands an empty list, not 404.
func missed(console string) Expect {
	return Expect{
		Status: []int{http.StatusOK},
		Body:   `{"schemas": ["` + listSchema + `"], "totalResults": 0, "Resources": []}`,
		Rule:   "RFC 7644 §3.4.2: no match is 200 with an empty list", Console: console,
	}
}

// listed requires a list, with any content.
func listed(console string) Expect {
	return Expect{
		Status: []int{http.StatusOK},
		Body:   `{"schemas": ["` + listSchema + `"], "totalResults": "(number)"}`,
		Rule:   "RFC 7644 §3.4.2: the answer to a query is a ListResponse with numbers as numbers", Console: console,
	}
}

func created(resource, console string) Expect {
	return Expect{
		Status: []int{http.StatusCreated}, Header: map[string]string{"Location": "*"}, Body: resource,
		Rule: "RFC 7644 §3.3: 201 with the whole resource and its id", Console: console,
	}
}

// written demands a PATCH or PUT that took effect: 200 with the resource, or 204.
func written(resource, console, rule string) Expect {
	return Expect{Status: []int{http.StatusOK, http.StatusNoContent}, Body: resource, Console: console, Rule: rule}
}

func read(resource, console string) Expect {
	return Expect{Status: []int{http.StatusOK}, Body: resource, Rule: "RFC 7644 §3.4.1", Console: console}
}

func removed(console string) Expect {
	return Expect{
		Status: []int{http.StatusNoContent, http.StatusOK},
		Rule:   "RFC 7644 §3.6: 204, and the resource is gone for the client at once", Console: console,
	}
}

func gone(console string) Expect {
	return Expect{
		Status: []int{http.StatusNotFound}, Error: `{"schemas": ["` + errorSchema + `"], "status": "404", "detail": "*"}`,
		Rule: "RFC 7644 §3.12: 404 as a SCIM error, whose detail says something", Console: console,
	}
}

// replayed is the answer to a POST that the IdP sends again because it got no answer to the first: 409, or the same record. There must not
// be a second record or an emptied one.
func replayed(resource, console string) Expect {
	return Expect{
		Status: []int{http.StatusConflict, http.StatusCreated, http.StatusOK}, Body: resource,
		Error: `{"schemas": ["` + errorSchema + `"], "status": "409", "scimType": "uniqueness", "detail": "*"}`,
		Rule:  "RFC 7644 §3.3: 409 uniqueness, or the same id; never a second record", Console: console,
	}
}

// Refused is the expectation of a write that a rule of the server refuses with status and a detail that matches the pattern.
func Refused(status int, detail string) Expect {
	return Expect{Status: []int{status}, Error: `{"schemas": ["` + errorSchema + `"], "detail": ` + js(detail) + `}`}
}

// Until gives the steps with another expectation for the last one.
func Until(steps []Step, last Expect) []Step {
	if len(steps) == 0 {
		return nil
	}
	out := append([]Step(nil), steps...)
	out[len(out)-1].Expect = last
	return out
}

// CheckActive checks the stored record of p: active, and with its original id.
func CheckActive(p Person) Step { return checkUser(p, "true") }

// CheckInactive checks the stored record of p: not active, and with its original id.
func CheckInactive(p Person) Step { return checkUser(p, "false") }

func checkUser(p Person, state string) Step {
	return Step{
		Phase: "check", Name: p.Given + " reads active: " + state, Check: true, Method: http.MethodGet, Path: "/Users/" + p.id(),
		Expect: Expect{
			Status: []int{http.StatusOK}, Body: `{"id": "` + p.id() + `", "userName": ` + js(p.UserName) + `, "active": ` + state + `}`,
			Rule: "what was answered with success must have happened",
		},
	}
}

// CheckGone looks whether p answers 404.
func CheckGone(p Person) Step {
	return Step{
		Phase: "check", Name: p.Given + " is gone", Check: true, Method: http.MethodGet, Path: "/Users/" + p.id(),
		Expect: gone(""),
	}
}

// CheckMembers checks that the members of g are exactly g.Members.
func CheckMembers(g Group) Step {
	names := make([]string, len(g.Members))
	for i, p := range g.Members {
		names[i] = p.Given
	}
	who := "nobody"
	if len(names) > 0 {
		who = strings.Join(names, ", ")
	}
	return Step{
		Phase: "check", Name: g.Name + " holds " + who, Check: true, Method: http.MethodGet, Path: "/Groups/" + g.id(),
		Expect: Expect{
			Status: []int{http.StatusOK}, Body: `{"id": "` + g.id() + `", "members": ` + members(g.Members) + `}`,
			Rule: "what was answered with success must have happened",
		},
	}
}

// Cast is the people and groups of a whole conversation.
type Cast struct {
	Mira, Lee, Noor Person
	Team            Group
}

// NewCast makes people whose names end in mark, so that two conversations do not conflict.
func NewCast(mark, domain string) Cast {
	person := func(key, given, family, title string) Person {
		return Person{
			Key: key, UserName: key + mark + "@" + domain, ExternalID: "ext-" + key + mark,
			Given: given, Family: family, Title: title, Department: "R&D", Mobile: "+15550101",
		}
	}
	return Cast{
		Mira: person("mira", "Mira", "Okafor", "Engineer"),
		Lee:  person("lee", "Lee", "O'Neil", "Analyst"),
		Noor: person("noor", "Noor", "Ünal", "Designer"),
		Team: Group{Key: "team", Name: "Platform" + mark, ExternalID: "ext-team" + mark},
	}
}

// Conversation is the whole sequence of an IdP: connection test, look-up, create, a repeat after a time-out, profile change,
// group push, members in and out, deactivation, reactivation, rehire, and deletion if the IdP ever sends it. Checks of what was
// stored are between the IdP's requests. At its end only inactive users remain; see Cleanup.
func Conversation(idp IdP, c Cast) []Step {
	var steps []Step
	phase := func(name string, parts ...[]Step) {
		for _, part := range parts {
			for _, step := range part {
				if !step.Check {
					step.Phase = name
				}
				steps = append(steps, step)
			}
		}
	}
	check := func(all ...Step) []Step { return all }

	phase("connection test", idp.Test())
	phase("create", idp.Create(c.Mira), check(CheckActive(c.Mira)), idp.Create(c.Lee), idp.Create(c.Noor))
	phase("repeat after a time-out", idp.Repeat(c.Mira), check(CheckActive(c.Mira)))

	changed := c.Mira
	changed.Given, changed.Title, changed.Mobile = "Miranda", "Lead engineer", "+15550199"
	phase("profile change", idp.Change(c.Mira, changed), check(CheckActive(changed)))

	team := c.Team.With(changed, c.Lee)
	if push := idp.CreateGroup(team); len(push) > 0 {
		phase("group push", push, check(CheckMembers(team)))
		phase("member added", idp.Join(team, c.Noor), check(CheckMembers(team.With(c.Noor))))
		team = team.With(c.Noor)
		phase("member added again", idp.Join(team.Without(c.Noor), c.Noor), check(CheckMembers(team)))
		phase("member removed", idp.Leave(team, c.Lee), check(CheckMembers(team.Without(c.Lee))))
		team = team.Without(c.Lee)
		name := c.Team.Name + " Eng"
		phase("group renamed", idp.Rename(team, name), check(CheckMembers(team.Named(name))))
		team = team.Named(name)
	}

	phase("deactivate", idp.Deactivate(changed), check(CheckInactive(changed)))
	phase("reactivate", idp.Reactivate(changed), check(CheckActive(changed)))
	if len(idp.CreateGroup(team)) > 0 {
		phase("reactivate", check(CheckMembers(team)))
	}
	phase("rehire", idp.Deactivate(changed), idp.Link(changed), check(CheckActive(changed)))

	phase("group deleted", idp.DeleteGroup(team))
	for _, p := range []Person{changed, c.Lee, c.Noor} {
		phase("leave", idp.Deactivate(p), check(CheckInactive(p)))
		if del := idp.Delete(p); len(del) > 0 {
			phase("delete", del, check(CheckGone(p)))
		}
	}
	return steps
}

// Cleanup removes what a conversation may have left, by DELETE, whether or not the IdP would: users and groups whose ids
// were captured. A record that is already gone is not a failure.
func Cleanup(c Cast, vars Vars) []Step {
	var steps []Step
	add := func(endpoint, key, name string) {
		if vars[key] == "" {
			return
		}
		steps = append(steps, Step{
			Phase: "clean up", Name: "remove " + name, Check: true, Method: http.MethodDelete, Path: endpoint + "${" + key + "}",
			Expect: Expect{Status: []int{http.StatusNoContent, http.StatusOK, http.StatusNotFound}, Rule: "RFC 7644 §3.6"},
		})
	}
	add("/Groups/", c.Team.Key, c.Team.Name)
	add("/Groups/", probeGroup, "the test group")
	add("/Users/", probeUser, "the test user")
	for _, p := range []Person{c.Mira, c.Lee, c.Noor} {
		add("/Users/", p.Key, p.UserName)
	}
	return steps
}

// patch writes a PatchOp message.
func patch(operations ...string) string {
	return `{"schemas": ["` + patchSchema + `"], "Operations": [` + strings.Join(operations, ", ") + `]}`
}

// headers makes a header from alternating names and values.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// bearer is the authentication that most IdPs use; types embed it.
type bearer struct{}

// Auth is "Bearer token".
func (bearer) Auth(token string) Auth { return Bearer(token) }
