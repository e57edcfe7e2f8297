package emulator

import (
	"fmt"
	"net/http"
	"strings"
)

// Entra is Microsoft Entra ID. One tenant speaks both dialects at once: the flag aadOptscim062020 in the Tenant URL changes
// the cycles, and provision on demand ignores it.
type Entra struct {
	bearer
	Flag     bool // the dialect of the flag: lower-case ops, true booleans, dotted keys, removal by filter
	OnDemand bool // with Flag: users come by provision on demand, in the classic dialect
}

// Name is "entra", "entra-flag" or "entra-mixed".
func (e Entra) Name() string {
	switch {
	case e.Flag && e.OnDemand:
		return "entra-mixed"
	case e.Flag:
		return "entra-flag"
	}
	return "entra"
}

// Title names the dialect.
func (e Entra) Title() string {
	switch {
	case e.Flag && e.OnDemand:
		return "Entra ID, aadOptscim062020 and provision on demand"
	case e.Flag:
		return "Entra ID, aadOptscim062020"
	}
	return "Entra ID"
}

// Header has Adscimversion, by which servers recognise Entra; its value is not documented.
func (Entra) Header() http.Header {
	return headers("Adscimversion", "2.0", "Accept", scimJSON, "Content-Type", scimJSON+"; charset=utf-8")
}

const (
	entraTest     = `"You appear to have entered invalid credentials. Please confirm you are using the correct information for an administrative account." under Provisioning > Test Connection`
	entraObject   = `the provisioning log shows the object as failed: "{detail}"; from 5,000 failures on the job can be quarantined`
	entraSchema   = `SystemForCrossDomainIdentityManagementServiceIncompatible in the provisioning log: "{detail}"`
	entraMany     = `SystemForCrossDomainIdentityManagementMultipleEntries… in the provisioning log: "Multiple entries were found"`
	entraRequired = "Microsoft, develop and plan provisioning for a SCIM endpoint"
	entraNobody   = "6b1c0f2e-0d0e-4c5e-9a0b-111122223333"
	entraGroupURN = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
)

// flagged adds the flag to the path: the text that the administrator typed after the Tenant URL. Microsoft does not document where
// Entra puts it; servers must ignore unknown parameters anywhere.
func (e Entra) flagged(path string) string {
	switch {
	case !e.Flag:
		return path
	case strings.Contains(path, "?"):
		return path + "&aadOptscim062020"
	}
	return path + "?aadOptscim062020"
}

// classic reports whether a user's PATCH is in the old dialect.
func (e Entra) classic() bool { return !e.Flag || e.OnDemand }

// Test asks for a user and a group that cannot exist. Entra repeats the same probe as a keep-alive.
func (e Entra) Test() []Step {
	expect := missed(entraTest)
	expect.Rule = "Microsoft: 200 and an empty list; 404 or 400 fails the test and is a reason for quarantine"
	return []Step{
		{Name: "ask for a user who cannot exist", Method: http.MethodGet, Path: e.flagged("/Users?filter=" + plusQuery(`userName eq "`+entraNobody+`"`)), Expect: expect},
		{Name: "ask for a group that cannot exist", Method: http.MethodGet, Path: e.flagged("/Groups?excludedAttributes=members&filter=" + plusQuery(`displayName eq "`+entraNobody+`"`)), Expect: expect},
	}
}

func (e Entra) lookUp(p Person, expect Expect) Step {
	return Step{
		Name: "look up " + p.UserName, Method: http.MethodGet,
		Path: e.flagged("/Users?filter=" + plusQuery(`userName eq "`+p.UserName+`"`)), Expect: expect,
	}
}

func (e Entra) post(p Person) Step {
	extra := ""
	if p.UserType != "" {
		extra = `, "userType": ` + js(p.UserType)
	}
	return Step{
		Name: "create " + p.UserName, Method: http.MethodPost, Path: e.flagged("/Users"),
		Body: fmt.Sprintf(`{"schemas": ["`+userSchema+`", "`+enterpriseSchema+`"], "externalId": %s, "userName": %s, "active": true, `+
			`"displayName": %s, "title": %s, "preferredLanguage": "en-GB", "emails": [{"primary": true, "type": "work", "value": %s}], `+
			`"phoneNumbers": [{"type": "mobile", "value": %s}], `+
			`"addresses": [{"type": "work", "primary": true, "streetAddress": "1 Dock St", "locality": "Leeds", "postalCode": "LS1", "country": "GB"}], `+
			`"meta": {"resourceType": "User"}, "name": {"formatted": %s, "familyName": %s, "givenName": %s}, "roles": []%s, `+
			`"`+enterpriseSchema+`": {"department": %s, "employeeNumber": "1042"}}`,
			js(p.ExternalID), js(p.UserName), js(p.Name()), js(p.Title), js(p.UserName), js(p.Mobile), js(p.Name()), js(p.Family), js(p.Given), extra, js(p.Department)),
		Expect: created(fmt.Sprintf(`{"id": %s, "userName": %s, "externalId": %s, "active": true, "phoneNumbers": [{"type": "mobile", "value": %s}]}`,
			p.ref(), js(p.UserName), js(p.ExternalID), js(p.Mobile)), entraSchema),
	}
}

// Create is look-up and POST; the manager follows in a PATCH when both exist.
func (e Entra) Create(p Person) []Step {
	steps := []Step{e.lookUp(p, missed(entraObject)), e.post(p)}
	if p.Manager != "" {
		steps = append(steps, e.patchUser(p, "set the manager of "+p.UserName, `{"id": "`+p.id()+`"}`,
			`{"op": "Add", "path": "`+enterpriseSchema+`:manager", "value": "${`+p.Manager+`}"}`))
	}
	return steps
}

// Repeat sends the POST a second time in the next attempt.
func (e Entra) Repeat(p Person) []Step {
	again := e.post(p)
	again.Name = "create " + p.UserName + " again, no answer was seen"
	again.Expect = replayed(`{"id": "`+p.id()+`"}`, entraObject)
	return []Step{again, e.lookUp(p, found(`{"id": "`+p.id()+`", "active": true}`, entraMany))}
}

func (e Entra) patchUser(p Person, what, want string, operations ...string) Step {
	path := "/Users/" + p.id()
	if !e.classic() {
		path = e.flagged(path)
	}
	return Step{
		Name: what, Method: http.MethodPatch, Path: path, Body: patch(operations...),
		Expect: written(want, entraObject, "RFC 7644 §3.5.2; "+entraRequired),
	}
}

func (e Entra) get(p Person, active string) Step {
	return Step{
		Name: "read " + p.UserName + " in the next cycle", Method: http.MethodGet, Path: e.flagged("/Users/" + p.id()),
		Expect: read(`{"id": "`+p.id()+`", "userName": `+js(p.UserName)+`, "active": `+active+`}`, entraObject),
	}
}

// Change is one operation for each attribute in the classic dialect, and one with dotted keys in that of the flag.
func (e Entra) Change(_, p Person) []Step {
	want := fmt.Sprintf(`{"id": %s, "name": {"givenName": %s}, "title": %s, "phoneNumbers": [{"type": "mobile", "value": %s}], "`+enterpriseSchema+`": {"employeeNumber": "1043"}}`,
		p.ref(), js(p.Given), js(p.Title), js(p.Mobile))
	var operations []string
	if e.classic() {
		operations = []string{
			`{"op": "Replace", "path": "displayName", "value": ` + js(p.Name()) + `}`,
			`{"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": ` + js(p.Mobile) + `}`,
			`{"op": "Replace", "path": "name.givenName", "value": ` + js(p.Given) + `}`,
			`{"op": "Add", "path": "title", "value": ` + js(p.Title) + `}`,
			`{"op": "Replace", "path": "` + enterpriseSchema + `:employeeNumber", "value": "1043"}`,
		}
	} else {
		operations = []string{
			`{"op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": ` + js(p.Mobile) + `}`,
			fmt.Sprintf(`{"op": "replace", "value": {"displayName": %s, "name.givenName": %s, "title": %s, "`+enterpriseSchema+`:employeeNumber": "1043"}}`,
				js(p.Name()), js(p.Given), js(p.Title)),
		}
	}
	after := e.get(p, "true")
	after.Expect.Body = want
	return []Step{e.patchUser(p, "change the profile of "+p.UserName, want, operations...), after}
}

func (e Entra) active(p Person, what, classic, modern string) Step {
	operation := `{"op": "Replace", "path": "active", "value": "` + classic + `"}`
	if !e.classic() {
		operation = `{"op": "replace", "path": "active", "value": ` + modern + `}`
	}
	return e.patchUser(p, what, `{"id": "`+p.id()+`", "active": `+modern+`}`, operation)
}

// Deactivate is "False", a string, in the classic dialect. Entra looks at a later GET.
func (e Entra) Deactivate(p Person) []Step {
	return []Step{e.active(p, "disable "+p.UserName, "False", "false"), e.get(p, "false")}
}

// Reactivate is "True"; memberships are not sent again.
func (e Entra) Reactivate(p Person) []Step {
	return []Step{e.active(p, "restore "+p.UserName, "True", "true"), e.get(p, "true")}
}

// Link is the look-up that hits, then PATCH.
func (e Entra) Link(p Person) []Step {
	hit := e.lookUp(p, found(`{"id": "`+p.id()+`"}`, entraMany))
	return append([]Step{hit}, e.Reactivate(p)...)
}

// Delete comes about thirty days after the user was deleted in Entra.
func (e Entra) Delete(p Person) []Step {
	return []Step{
		{Name: "delete " + p.UserName + ", 30 days later", Method: http.MethodDelete, Path: e.flagged("/Users/" + p.id()), Expect: removed(entraObject)},
		{Name: "look whether " + p.UserName + " is gone", Method: http.MethodGet, Path: e.flagged("/Users/" + p.id()), Expect: gone(entraObject)},
	}
}

// CreateGroup looks the name up without members, posts the group without members and with Microsoft's own schema, and adds
// the members by PATCH.
func (e Entra) CreateGroup(g Group) []Step {
	steps := []Step{
		{Name: "look up group " + g.Name, Method: http.MethodGet, Path: e.flagged("/Groups?excludedAttributes=members&filter=" + plusQuery(`displayName eq "`+g.Name+`"`)), Expect: missed(entraMany)},
		{
			Name: "create group " + g.Name, Method: http.MethodPost, Path: e.flagged("/Groups"),
			Body: fmt.Sprintf(`{"schemas": ["`+groupSchema+`", "`+entraGroupURN+`"], "externalId": %s, "displayName": %s, "meta": {"resourceType": "Group"}}`,
				js(g.ExternalID), js(g.Name)),
			Expect: created(fmt.Sprintf(`{"id": %s, "displayName": %s, "externalId": %s}`, g.ref(), js(g.Name), js(g.ExternalID)), entraSchema),
		},
	}
	if len(g.Members) > 0 {
		steps = append(steps, e.patchGroup(g, "add "+names(g.Members)+" to "+g.Name, e.add(g.Members)))
	}
	return append(steps, Step{
		Name: "read group " + g.Name + " without members", Method: http.MethodGet, Path: e.flagged("/Groups/" + g.id() + "?excludedAttributes=members"),
		Expect: read(`{"id": "`+g.id()+`", "members": "(absent)"}`, entraObject),
	})
}

func (e Entra) patchGroup(g Group, what string, operations ...string) Step {
	return Step{
		Name: what, Method: http.MethodPatch, Path: e.flagged("/Groups/" + g.id()), Body: patch(operations...),
		Expect: written(`{"id": "`+g.id()+`"}`, entraObject, "Microsoft: 204; the list of members in the answer is discouraged"),
	}
}

// entraMember is how the classic dialect names a member: $ref is null, there is no type and no display.
func entraMember(p Person) string { return `{"$ref": null, "value": "` + p.id() + `"}` }

func (e Entra) add(people []Person) string {
	op := "Add"
	if e.Flag {
		op = "add"
	}
	return `{"op": "` + op + `", "path": "members", "value": ` + list(people, entraMember) + `}`
}

// Rename sends one operation.
func (e Entra) Rename(g Group, name string) []Step {
	op := "Replace"
	if e.Flag {
		op = "replace"
	}
	return []Step{e.patchGroup(g, "rename group "+g.Name+" to "+name, `{"op": "`+op+`", "path": "displayName", "value": `+js(name)+`}`)}
}

// Join adds members.
func (e Entra) Join(g Group, people ...Person) []Step {
	return []Step{e.patchGroup(g, "add "+names(people)+" to "+g.Name, e.add(people))}
}

// Leave removes members: by a value in the classic dialect, where a server that knows only the RFC would empty the group, and
// by a filter in that of the flag. After a removal Entra adds every remaining member once more.
func (e Entra) Leave(g Group, people ...Person) []Step {
	var step Step
	if e.Flag {
		operations := make([]string, len(people))
		for i, p := range people {
			operations[i] = `{"op": "remove", "path": "members[value eq \"` + p.id() + `\"]"}`
		}
		step = e.patchGroup(g, "remove "+names(people)+" from "+g.Name+" by filter", operations...)
	} else {
		step = e.patchGroup(g, "remove "+names(people)+" from "+g.Name+" by value",
			`{"op": "Remove", "path": "members", "value": `+list(people, entraMember)+`}`)
	}
	steps := []Step{step}
	if rest := g.Without(people...).Members; len(rest) > 0 {
		steps = append(steps, e.patchGroup(g, "add "+names(rest)+" to "+g.Name+" once more", e.add(rest)))
	}
	return steps
}

// DeleteGroup sends a DELETE.
func (e Entra) DeleteGroup(g Group) []Step {
	return []Step{{Name: "delete group " + g.Name, Method: http.MethodDelete, Path: e.flagged("/Groups/" + g.id()), Expect: removed(entraObject)}}
}
