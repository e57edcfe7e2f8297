package console_test

import (
	"net/http"
	"strings"
	"testing"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// An Owner deletes a company. Nothing of it answers any more, and its slug is not available again.
func TestDeletedTenantIsGone(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme Ltd","plan":"business"}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, nil)
	d.do("POST", "/webhooks", `{"name":"ops","url":"https://hooks.example.com/x","all":true,"format":"slack"}`, 201, nil)
	var seen, done wire.TenantDeletion
	d.do("GET", "/tenants/acme/deletion", "", 200, &seen)
	if seen.Deleted || seen.Users["active"] != 1 || seen.Credentials != 1 || seen.Name != "Acme Ltd" || !strings.Contains(seen.Archive, "erased") {
		t.Errorf("preview %+v", seen)
	}
	if len(seen.Integrations) != 1 || seen.Integrations[0] != (wire.AttachedIntegration{Kind: "channel", Name: "ops"}) {
		t.Errorf("the preview names %+v", seen.Integrations)
	}
	body := func(name string) string {
		return `{"name":"` + name + `","expect":"` + seen.Digest + `","reason":"a trial"}`
	}
	_, admin := d.hire("admin@msp.example", directory.RoleAdminBilling, directory.Scope{All: true})
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	network := contracted(t, cfg)
	if status, p := d.ask(network, http.MethodPost, "/api/v1/tenants/acme/deletion", body("Acme Ltd"), admin); status != 403 || !strings.Contains(p.Detail, "tenant.delete") {
		t.Errorf("an administrator gets %d %+v", status, p)
	}
	var p wire.Problem
	if d.do("POST", "/tenants/acme/deletion", body("acme"), 422, &p); p.Field != "name" || p.Rule != "T9" {
		t.Errorf("problem %+v", p)
	}
	d.do("POST", "/tenants/acme/deletion", body("Acme Ltd"), 200, &done)
	if !done.Deleted {
		t.Errorf("done %+v", done)
	}
	d.do("GET", "/connections/acme-okta", "", 404, nil)
	d.do("GET", "/tenants/acme/deletion", "", 409, nil)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Another"}`, 409, nil)
	var tenants wire.TenantPage
	if d.do("GET", "/tenants", "", 200, &tenants); tenants.Total != 0 {
		t.Errorf("the list has %+v", tenants.Items)
	}
}
