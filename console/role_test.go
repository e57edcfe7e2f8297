package console_test

import (
	"fmt"
	"strings"
	"testing"

	"drawbridge/console/wire"
)

func rolesText(u *wire.User) string {
	var out []string
	for _, r := range u.Roles {
		var sources []string
		for _, s := range r.Sources {
			sources = append(sources, strings.TrimSpace(s.Kind+" "+s.DisplayName))
		}
		out = append(out, r.Name+": "+strings.Join(sources, ", "))
	}
	return strings.Join(out, "; ")
}

// A role is shown wherever a person is shown, with all of its sources, including mappings (G4).
func TestRolesAreShownWithTheirSources(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"business"}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	for _, name := range []string{"ada", "bob", "cyd", "dan"} {
		d.provision("acme", "acme-okta", name+"@acme.example")
	}
	ids := map[string]string{}
	for _, name := range []string{"ada", "bob", "cyd", "dan"} {
		var u wire.User
		d.do("GET", "/tenants/acme/users/"+name+"@acme.example", "", 200, &u)
		ids[name] = u.ID
	}
	d.provisionGroup("acme", "acme-okta", "Chiefs", ids["bob"], ids["cyd"])
	d.do("PATCH", "/connections/acme-okta", `{"mappings":[{"display_name":"Chiefs","grants":"owners"}]}`, 200, nil)
	d.do("PUT", "/tenants/acme/groups/owners/members/cyd@acme.example", "", 204, nil)
	d.do("PUT", "/tenants/acme/groups/security/members/ada@acme.example", "", 204, nil)
	want := map[string]string{"ada": "security: direct", "bob": "owners: mapping Chiefs", "cyd": "owners: direct, mapping Chiefs", "dan": ""}
	for name, roles := range want {
		var u wire.User
		d.do("GET", "/tenants/acme/users/"+name+"@acme.example", "", 200, &u)
		if got := rolesText(&u); got != roles {
			t.Errorf("%s has %q, want %q", name, got, roles)
		}
	}
	for _, list := range []string{"", "?sort=user_name&dir=desc", "?q=cyd", "?limit=2"} {
		var page wire.Page[wire.User]
		d.do("GET", "/tenants/acme/users"+list, "", 200, &page)
		for i := range page.Items {
			name, _, _ := strings.Cut(page.Items[i].UserName, "@")
			if got := rolesText(&page.Items[i]); got != want[name] {
				t.Errorf("in the list %s: %s has %q, want %q", list, name, got, want[name])
			}
		}
	}
	var found wire.Page[wire.FoundUser]
	d.do("GET", "/users?address=bob@acme.example", "", 200, &found)
	if len(found.Items) != 1 || rolesText(&found.Items[0].User) != want["bob"] {
		t.Errorf("found %+v", found.Items)
	}
	table := d.do("GET", "/tenants/acme/users.csv", "", 200, nil).Body.String()
	for _, row := range []string{",active,security,acme-okta,", ",active,owners,acme-okta,", ",active,,acme-okta," + ids["dan"]} {
		if !strings.Contains(table, row) {
			t.Errorf("the table has no %s:\n%s", row, table)
		}
	}
	var preview wire.ImportReport
	d.do("POST", "/tenants/acme/users/import", fmt.Sprintf(`{"csv":%q}`, table), 200, &preview)
	if preview.Counts["unchanged"] != 4 {
		t.Errorf("the table imported again: %+v", preview.Counts)
	}
}
