package console_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// A technician adds a company and has access to it (T8), but cannot choose the plan or the seats, and cannot give another operator access.
func TestTechnicianAddsATenant(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	_, cookie := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{})
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil, "Cookie", cookie)
	d.do("GET", "/tenants/acme", "", 200, nil, "Cookie", cookie)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil, "Cookie", cookie)
	d.do("POST", "/tenants", `{"name":"Birch","seats":5}`, 403, nil, "Cookie", cookie)
	d.do("POST", "/tenants", `{"name":"Birch","operators":["tech@msp.example"]}`, 403, nil, "Cookie", cookie)
	d.do("PATCH", "/tenants/acme", `{"name":"Acme AG"}`, 403, nil, "Cookie", cookie)
	_, helper := d.hire("help@msp.example", directory.RoleHelpDesk, directory.Scope{})
	d.do("POST", "/tenants", `{"name":"Birch"}`, 403, nil, "Cookie", helper)
}

// The settings that decide what a company pays need the right tenant.billing, when it is created and later (O1). Other settings do not.
func TestSettingsThatCostMoneyNeedTheRight(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	acme := directory.Scope{Tenants: []directory.TenantID{"acme"}}
	_, admin := d.hire("admin@msp.example", directory.RoleAdmin, acme)
	_, billing := d.hire("billing@msp.example", directory.RoleAdminBilling, acme)
	for _, cost := range []string{`"seats_on_limit":"grow"`, `"seats_max":900`, `"included_seats":90`, `"included_guests":90`, `"billing_start":"2026-01-01"`} {
		d.do("PATCH", "/tenants/acme", `{"overrides":{`+cost+`}}`, 403, nil, "Cookie", admin)
		d.do("POST", "/tenants", `{"name":"Birch","overrides":{`+cost+`}}`, 403, nil, "Cookie", admin)
		d.do("PATCH", "/tenants/acme", `{"overrides":{"idle_days":30,`+cost+`}}`, 200, nil, "Cookie", billing)
		d.do("PATCH", "/tenants/acme", `{"overrides":{"idle_days":40,`+cost+`}}`, 200, nil, "Cookie", admin)
		d.do("PATCH", "/tenants/acme", `{"overrides":{"idle_days":40}}`, 403, nil, "Cookie", admin)
	}
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch","overrides":{"idle_days":40}}`, 201, nil, "Cookie", admin)
}

// Access is chosen when a company is created. A choice that the operator may not make is refused before the company exists.
func TestAccessIsChosenWithANewTenant(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	id, _ := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{})
	d.hire("all@msp.example", directory.RoleTechnician, directory.Scope{All: true})
	d.hire("owner@msp.example", directory.RoleOwner, directory.Scope{All: true})
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","operators":["tech@msp.example","all@msp.example"]}`, 201, nil)
	var o wire.Operator
	d.do("GET", "/operators/"+id, "", 200, &o)
	if !slices.Equal(o.Tenants, []string{"acme"}) {
		t.Errorf("the scope is %v", o.Tenants)
	}
	var p wire.Problem
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch","operators":["nobody@msp.example"]}`, 422, &p)
	if p.Field != "operators" || !strings.Contains(p.Detail, "nobody@msp.example") {
		t.Errorf("problem %+v", p)
	}
	_, admin := d.hire("admin@msp.example", directory.RoleAdmin, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch","operators":["owner@msp.example"]}`, 403, &p, "Cookie", admin)
	d.do("GET", "/tenants/birch", "", 404, nil)
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch","operators":["tech@msp.example"]}`, 201, nil, "Cookie", admin)
	d.do("GET", "/operators/"+id, "", 200, &o)
	if !slices.Equal(o.Tenants, []string{"acme", "birch"}) {
		t.Errorf("the scope is %v", o.Tenants)
	}
}

// A tenant is added to a scope, or removed from it, without naming the rest of the list.
func TestScopeChangesTenantByTenant(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch", "cedar"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	id, _ := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme", "birch"}})
	scope := func(body string, status int, headers ...string) []string {
		t.Helper()
		d.do("PATCH", "/operators/"+id, body, status, nil, headers...)
		var o wire.Operator
		d.do("GET", "/operators/"+id, "", 200, &o)
		return o.Tenants
	}
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"add_tenants":["cedar"]}`, 200, "acme birch cedar"},
		{`{"add_tenants":["cedar"]}`, 200, "acme birch cedar"},
		{`{"remove_tenants":["birch"]}`, 200, "acme cedar"},
		{`{"remove_tenants":["birch","nowhere"]}`, 200, "acme cedar"},
		{`{"add_tenants":["birch"],"remove_tenants":["acme"]}`, 200, "birch cedar"},
		{`{"add_tenants":["nowhere"]}`, 422, "birch cedar"},
	} {
		if got := strings.Join(scope(c.body, c.status), " "); got != c.want {
			t.Errorf("after %s the scope is %s, want %s", c.body, got, c.want)
		}
	}
	_, admin := d.hire("admin@msp.example", directory.RoleAdmin, directory.Scope{Tenants: []directory.TenantID{"birch", "cedar"}})
	var foreign, absent wire.Problem
	d.do("PATCH", "/operators/"+id, `{"add_tenants":["acme"]}`, 422, &foreign, "Cookie", admin)
	d.do("PATCH", "/operators/"+id, `{"add_tenants":["nowhere"]}`, 422, &absent, "Cookie", admin)
	if strings.ReplaceAll(absent.Detail, "nowhere", "acme") != foreign.Detail {
		t.Errorf("a foreign tenant and a missing one differ: %q, %q", foreign.Detail, absent.Detail)
	}
	d.do("PATCH", "/operators/"+id, `{"all_tenants":true}`, 200, nil)
	d.do("PATCH", "/operators/"+id, `{"add_tenants":["acme"]}`, 422, nil)
}

// A change of one part of an address keeps its other parts.
func TestAddressIsMerged(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","address":{"country":"de","lines":"Hafen 1\nHaus 2","locality":"Hamburg","postal_code":"20457"}}`, 201, nil)
	var x wire.Tenant
	d.do("PATCH", "/tenants/acme", `{"address":{"postal_code":"20459","lines":""}}`, 200, &x)
	if want := (directory.Address{Country: "DE", Locality: "Hamburg", PostalCode: "20459"}); x.Address != want {
		t.Errorf("the address is %+v, want %+v", x.Address, want)
	}
	d.do("PATCH", "/tenants/acme", `{"address":{"country":"ZZ"}}`, 422, nil)
	d.do("PATCH", "/tenants/acme", `{"address":{"country":"at"}}`, 200, &x)
	if want := (directory.Address{Country: "AT", Locality: "Hamburg", PostalCode: "20459"}); x.Address != want {
		t.Errorf("the address is %+v, want %+v", x.Address, want)
	}
}
