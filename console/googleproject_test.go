package console_test

import (
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// TestGoogleProjectsInTheAPI: the key of a Google project is written and never read; a connection uses it in place of a key, and says so
// when it was detached (C11).
func TestGoogleProjectsInTheAPI(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	var made wire.GoogleProject
	rec := d.do("POST", "/google-projects", `{"name":"shared","credentials":"{ the key","tenants":["acme"]}`, 201, &made)
	if strings.Contains(rec.Body.String(), "the key") || len(made.Tenants) != 1 || made.Tenants[0].TenantName != "acme" || rec.Header().Get("ETag") != wire.ETag(made.Version) {
		t.Errorf("%+v %s", made, rec.Body)
	}
	var p wire.Problem
	d.do("POST", "/google-projects", `{"name":"shared","credentials":"{}"}`, 409, &p)
	if p.Field != "name" {
		t.Errorf("%+v", p)
	}
	d.do("POST", "/google-projects", `{"name":"other","credentials":"not JSON"}`, 422, &p)
	if p.Field != "credentials" {
		t.Errorf("%+v", p)
	}
	create := func(tenant, google string, want int) {
		t.Helper()
		d.do("POST", "/connections", `{"slug":"`+tenant+`-google","tenant":"`+tenant+`","type":"google-directory","google":{"admin":"admin@`+tenant+`.example",`+google+`}}`, want, nil)
	}
	create("acme", `"project":"shared","credentials":"{}"`, 422)
	create("birch", `"project":"shared"`, 422)
	create("acme", `"project":"shared"`, 201)
	connection := func() (c wire.Connection) {
		t.Helper()
		d.do("GET", "/connections/acme-google", "", 200, &c)
		return c
	}
	if g := connection().Google; g.Project != "shared" || g.Detached || g.Account != "" {
		t.Errorf("%+v", g)
	}
	var preview wire.Preview
	d.do("DELETE", "/google-projects/shared/tenants/acme?dry_run=true", "", 200, &preview)
	if !strings.Contains(preview.Notice, "acme-google") {
		t.Errorf("the preview says %q", preview.Notice)
	}
	d.do("DELETE", "/google-projects/shared/tenants/acme", "", 204, nil)
	d.do("DELETE", "/google-projects/shared/tenants/acme", "", 404, nil)
	if g := connection().Google; !g.Detached {
		t.Errorf("%+v", g)
	}
	d.do("PATCH", "/connections/acme-google", `{"google":{"project":"shared","credentials":"{}"}}`, 422, nil)
	d.do("PATCH", "/connections/acme-google", `{"google":{"project":"","credentials":"{}"}}`, 200, nil)
	if g := connection().Google; g.Project != "" || g.Detached {
		t.Errorf("%+v", g)
	}
	d.do("PUT", "/google-projects/shared/tenants/acme", "", 200, nil)
	d.do("PUT", "/google-projects/shared/tenants/nowhere", "", 404, nil)
	d.do("PATCH", "/connections/acme-google", `{"google":{"project":"shared"}}`, 200, nil)
	var all wire.Page[wire.GoogleProject]
	d.do("GET", "/google-projects", "", 200, &all)
	if len(all.Items) != 1 || len(all.Items[0].Tenants) != 1 || len(all.Items[0].Tenants[0].Connections) != 1 {
		t.Errorf("%+v", all.Items)
	}
	_, tech := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	d.do("GET", "/google-projects/shared", "", 200, nil, "Cookie", tech)
	d.do("PUT", "/google-projects/shared/key", `{"credentials":"{}"}`, 403, nil, "Cookie", tech)
	d.do("DELETE", "/google-projects/shared", "", 204, nil)
	d.do("GET", "/google-projects/shared", "", 404, nil)
}
