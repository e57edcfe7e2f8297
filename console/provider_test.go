package console_test

import (
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// TestProviderHasNameAndSupportAddress changes both, and reads them without a session.
func TestProviderHasNameAndSupportAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var s wire.ProviderSettings
	d.do("PATCH", "/provider", `{"name":"Contoso MSP","support":"help@contoso.example"}`, 200, &s)
	if s.Name != "Contoso MSP" || s.Support != "help@contoso.example" || s.RequireMFA {
		t.Errorf("%+v", s)
	}
	d.do("PATCH", "/provider", `{"name":"Old"}`, 412, nil, "If-Match", `"0"`)
	d.do("PATCH", "/provider", `{}`, 422, nil)
	d.do("PATCH", "/provider", `{"require_mfa":true,"name":"Both"}`, 422, nil)
	d.do("PATCH", "/provider", `{"support":"https://contoso.example"}`, 422, nil)
	d.do("PATCH", "/provider", `{"name":"two\nlines"}`, 422, nil)
	_, some := d.hire("some@msp.example", directory.RoleOwner, directory.Scope{Tenants: []directory.TenantID{}})
	d.do("PATCH", "/provider", `{"name":"Mine"}`, 403, nil, "Cookie", some)
	var m wire.SignInMethods
	d.do("GET", "/session/methods", "", 200, &m, "Authorization", "Bearer none")
	if m.Provider.Name != "Contoso MSP" || m.Provider.Support != "help@contoso.example" {
		t.Errorf("%+v", m)
	}
	s = wire.ProviderSettings{}
	d.do("PATCH", "/provider", `{"support":""}`, 200, &s)
	if s.Name != "Contoso MSP" || s.Support != "" {
		t.Errorf("%+v", s)
	}
}
