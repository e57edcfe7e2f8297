package console_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"drawbridge/console/wire"
)

// TestUsersAreFiltered tries every filter of the list of users.
func TestUsersAreFiltered(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("PATCH", "/tenants/acme", `{"overrides":{"guest_user_types":["guest"]}}`, 200, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.provision("acme", "acme-okta", "idp@acme.example")
	for _, name := range []string{"bob", "ada", "cy"} {
		d.do("POST", "/tenants/acme/users", `{"user_name":"`+name+`@acme.example","display_name":"`+strings.ToUpper(name)+`"}`, 201, nil)
	}
	d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{"mode":"hold"}`, 200, nil)
	d.do("POST", "/tenants/acme/users/cy@acme.example/convert", `{"type":"guest"}`, 200, nil)
	d.do("POST", "/tenants/acme/groups", `{"display_name":"Night shift"}`, 201, nil)
	d.do("PUT", "/tenants/acme/groups/Night%20shift/members/bob@acme.example", "", 204, nil)
	for query, want := range map[string]string{
		"":                                "idp bob ada cy",
		"suspension=hold":                 "ada",
		"suspension=yield":                "",
		"state=suspended":                 "ada",
		"active=true":                     "idp bob cy",
		"type=guest":                      "cy",
		"type=member&managed=false":       "bob ada",
		"connection=acme-okta":            "idp",
		"managed=true":                    "idp",
		"statement=active":                "idp",
		"statement=none":                  "bob ada cy",
		"statement=inactive":              "",
		"group=Night%20shift":             "bob",
		"group=night%20SHIFT&q=ADA":       "",
		"sort=display_name&managed=false": "ada bob cy",
		"sort=state&dir=desc&type=member&managed=false": "ada bob",
		"q=ACME.example&managed=false":                  "bob ada cy",
	} {
		var page wire.Page[wire.User]
		d.do("GET", "/tenants/acme/users?"+query, "", 200, &page)
		var got []string
		for _, u := range page.Items {
			name, _, _ := strings.Cut(u.UserName, "@")
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	d.do("GET", "/tenants/acme/users?connection=nowhere", "", 200, nil)
	d.do("GET", "/tenants/acme/users?group=nowhere", "", 404, nil)
	d.do("GET", "/tenants/acme/users?group=owners", "", 422, nil)
}

// TestMembersShowTheirSource lists the members of a group with what made them members (G4).
func TestMembersShowTheirSource(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.do("PATCH", "/connections/acme-okta", `{"mappings":[{"display_name":"IT","grants":"administrators"}]}`, 200, nil)
	for _, name := range []string{"ada", "bob", "cyd"} {
		d.provision("acme", "acme-okta", name+"@acme.example")
	}
	d.provisionGroup("acme", "acme-okta", "IT", "ada@acme.example", "bob@acme.example")
	for _, name := range []string{"bob", "cyd"} {
		d.do("PUT", "/tenants/acme/groups/administrators/members/"+name+"@acme.example", "", 204, nil)
	}
	want := map[string]string{
		"ada@acme.example": "mapping by IT of acme-okta", "bob@acme.example": "direct, mapping by IT of acme-okta", "cyd@acme.example": "direct",
	}
	got, cursor := map[string]string{}, ""
	for {
		var page wire.Page[wire.Member]
		d.do("GET", "/tenants/acme/groups/administrators/members?limit=2&cursor="+cursor, "", 200, &page)
		for _, m := range page.Items {
			var sources []string
			for _, s := range m.Sources {
				text := s.Kind
				if s.Group != "" {
					text += " by " + s.DisplayName + " of " + s.Connection
				}
				sources = append(sources, text)
			}
			slices.Sort(sources)
			got[m.UserName] = strings.Join(sources, ", ")
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
	var p wire.Problem
	d.do("DELETE", "/tenants/acme/groups/administrators/members/ada@acme.example", "", 409, &p)
	if p.Rule != "G4" {
		t.Errorf("a granted membership: %+v", p)
	}
}
