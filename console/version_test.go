package console_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Every change of a tenant, a connection, a user, a group, an operator or the installation takes the ETag that was read, and does nothing
// if the ETag has changed.
func TestStaleVersionsAreRefused(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.provision("acme", "acme-okta", "ada@acme.example")
	d.do("POST", "/webhooks", `{"name":"w","url":"https://hooks.example.com/","tenants":["acme"]}`, 201, nil)
	d.do("POST", "/targets", `{"name":"x","url":"https://crm.example.com/scim","secret":"t","tenants":["acme"]}`, 201, nil)
	d.do("POST", "/google-projects", `{"name":"x","credentials":"{}","tenants":["acme"]}`, 201, nil)
	victim, _ := d.hire("victim@msp.example", directory.RoleReadOnly, directory.Scope{})
	d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{"mode":"hold"}`, 200, nil)
	var before wire.User
	d.do("GET", "/tenants/acme/users/ada@acme.example", "", 200, &before)

	doc := d.document()
	wants := []string{
		"suspend-user", "hold-user", "yield-user", "release-user", "release-user-management", "delete-user", "recover-user", "recovered-user", "convert-user",
		"release-group-management", "suspend-operator", "restore-operator", "load-schema",
	}
	for _, r := range console.Routes(d.config) {
		takes := doc.Paths.Value(r.Path).GetOperation(r.Method).Parameters.GetByInAndName("header", "If-Match") != nil
		if !takes {
			if r.Method == "PATCH" || slices.Contains(wants, r.ID) {
				t.Errorf("%s takes no If-Match", r.ID)
			}
			continue
		}
		// A built-in group is refused before, and the local operator has no account.
		if r.ID == "release-group-management" || strings.HasPrefix(r.Path, "/api/v1/me") {
			continue
		}
		path := strings.Replace(strings.TrimPrefix(concrete(r, "acme", victim), "/api/v1"), "nobody", "ada@acme.example", 1)
		body := bodies("acme")[r.ID]
		if body == "" && r.Method != "DELETE" && doc.Paths.Value(r.Path).GetOperation(r.Method).RequestBody != nil {
			body = "{}"
		}
		var p wire.Problem
		d.do(r.Method, path, body, 412, &p, "If-Match", `"99999"`)
		if p.Code != "stale" {
			t.Errorf("%s: %+v", r.ID, p)
		}
	}
	var after wire.User
	d.do("GET", "/tenants/acme/users/ada@acme.example", "", 200, &after)
	if after.Version != before.Version {
		t.Errorf("version %d became %d", before.Version, after.Version)
	}
	rec := d.do("POST", "/tenants/acme/users/ada@acme.example/release", "", 200, nil, "If-Match", wire.ETag(before.Version))
	if rec.Header().Get("ETag") == wire.ETag(before.Version) {
		t.Error("the ETag stays")
	}
	d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{}`, 412, nil, "If-Match", wire.ETag(before.Version))
	d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{}`, 200, nil, "If-Match", rec.Header().Get("ETag"))
}
