package console_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// A target is made, read, changed, synced, paused and removed; no answer, event or audit line has its credential.
func TestTargetsShowNoCredential(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	var made wire.Target
	d.do("POST", "/targets", `{"name":"crm","url":"https://crm.example.com/scim","secret":"hidden-token","tenants":["acme"]}`, 201, &made)
	if made.Status != "waiting" || made.Profile != "generic" || made.OnLeave != "deactivate" || made.Existing != "adopt" || made.People != "all" {
		t.Errorf("made %+v", made)
	}
	d.do("POST", "/targets", `{"name":"crm","url":"https://crm.example.com/scim","secret":"hidden-token","tenants":["acme"]}`, 409, nil)
	for body, field := range map[string]string{
		`{"name":"x","url":"http://10.0.0.1/","secret":"t"}`:                                                "url",
		`{"name":"x","url":"https://crm.example.com/","secret":"t","groups":["Sales"]}`:                     "groups",
		`{"name":"x","url":"https://crm.example.com/?a=b","secret":"t"}`:                                    "url",
		`{"name":"x","url":"https://crm.example.com/","secret":"t","client_id":"c"}`:                        "token_url",
		`{"name":"x","url":"https://crm.example.com/","secret":"t","tenants":["acme"],"groups":["nobody"]}`: "groups",
		`{"name":"x","url":"https://crm.example.com/","secret":"two words"}`:                                "secret",
		`{"name":"x","url":"https://crm.example.com/","secret":"t","scope":"s"}`:                            "scope",
		`{"name":"x","url":"https://crm.example.com/","secret":"t","token_url":"http://[::1]/t"}`:           "token_url",
	} {
		var p wire.Problem
		d.do("POST", "/targets", body, 422, &p)
		if p.Field != field {
			t.Errorf("%s: %+v", body, p)
		}
	}
	var p wire.Problem
	d.do("PATCH", "/targets/crm", `{"url":"https://evil.example.com/"}`, 422, &p)
	if p.Field != "secret" {
		t.Errorf("another address without its credential: %+v", p)
	}
	var v wire.Target
	d.do("PATCH", "/targets/crm", `{"paused":true}`, 200, &v)
	if v.Status != "paused" {
		t.Errorf("paused %+v", v)
	}
	d.do("POST", "/targets/crm/tenants/acme/sync", `{}`, 409, nil)
	d.do("POST", "/targets/crm/resume", "", 200, &v)
	d.do("POST", "/targets/crm/tenants/acme/sync", `{"compare":true}`, 200, nil)
	d.do("POST", "/targets/crm/tenants/acme/sync", `{"release":3}`, 409, nil)
	d.do("POST", "/targets/crm/tenants/acme/preview", "", 200, nil)
	d.do("POST", "/targets/crm/check", "", 200, nil)
	for _, path := range []string{"/targets", "/targets/crm", "/targets/crm/tenants/acme/failures", "/tenants/acme/audit", "/tenants/acme/events", "/targets/crm/progress", "/audit", "/events"} {
		if rec := d.do("GET", path, "", 200, nil); strings.Contains(rec.Body.String(), "hidden-token") {
			t.Errorf("%s shows the credential", path)
		}
	}
	var share wire.TargetProgress
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch"}`, 201, nil)
	d.do("PUT", "/targets/crm/tenants/birch", `{}`, 200, &share)
	if share.Tenant != "birch" || share.Status != "waiting" || len(share.Groups) != 0 {
		t.Errorf("share %+v", share)
	}
	d.do("PUT", "/targets/crm/tenants/nobody", `{}`, 404, nil)
	d.do("GET", "/targets/crm", "", 200, &v)
	if strings.Join(v.Tenants, " ") != "acme birch" || strings.Join(v.TenantNames, ", ") != "Acme, Birch" {
		t.Errorf("shared %+v", v)
	}
	d.do("DELETE", "/targets/crm/tenants/birch", "", 204, nil)
	d.do("DELETE", "/targets/crm/tenants/birch", "", 404, nil)
	d.do("POST", "/targets/crm/tenants/birch/preview", "", 404, nil)
	d.do("DELETE", "/targets/crm", "", 204, nil)
	d.do("GET", "/targets/crm", "", 404, nil)
}

// Every route of a target, by every role: the target of a foreign tenant does not exist under the path of any tenant, and a role without the
// right gets 403.
func TestTargetRolesAndForeignTenants(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	d.do("POST", "/targets", `{"name":"foreign","url":"https://crm.example.com/scim","secret":"t","tenants":["birch"]}`, 201, nil)
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	network := contracted(t, cfg)
	for _, role := range directory.Roles() {
		_, cookie := d.hire(string(role)+"@msp.example", role, directory.Scope{Tenants: []directory.TenantID{"acme"}})
		rights := d.bridge.RightsOf(role)
		for _, r := range console.Routes(cfg) {
			if !strings.Contains(r.Path, "{target}") {
				continue
			}
			body := bodies("acme")[r.ID]
			if body == "" && r.Method != http.MethodGet && r.Method != http.MethodDelete {
				body = "{}"
			}
			for tenant, want := range map[string]int{"acme": 404, "birch": 404} {
				if !slices.Contains(rights, r.Right) && (tenant == "acme" || r.List) {
					want = 403
				}
				path := strings.NewReplacer("{tenant}", tenant, "{target}", "foreign").Replace(r.Path)
				if status, p := d.ask(network, r.Method, path, body, cookie); status != want || strings.Contains(p.Detail, "crm.example.com") {
					t.Errorf("%s in %s as %s: %d %s, want %d", r.ID, tenant, role, status, p.Detail, want)
				}
			}
		}
	}
	if rec := d.do("GET", "/targets", "", 200, nil); !strings.Contains(rec.Body.String(), "foreign") {
		t.Error("the target is gone")
	}
}
