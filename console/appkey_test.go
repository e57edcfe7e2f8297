package console_test

import (
	"strings"
	"testing"

	"drawbridge/bridge/credential"
	"drawbridge/console/wire"
)

func TestApplicationKeysAreShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"name":"Acme","slug":"acme"}`, 201, nil)
	var made wire.IssuedAppKey
	d.do("POST", "/tenants/acme/appkeys", `{"name":"Portal"}`, 201, &made)
	if !strings.HasPrefix(made.Key, "dba_") || made.BaseURL != "https://scim.example.com/app/v1/tenants/acme" {
		t.Errorf("%+v", made)
	}
	if _, err := d.bridge.AuthenticateApplication(t.Context(), made.Key, credential.Client{}); err != nil {
		t.Fatal(err)
	}
	var list wire.Page[wire.AppKey]
	d.do("GET", "/tenants/acme/appkeys", "", 200, &list)
	if len(list.Items) != 1 || list.Items[0].Status != "live" || list.Items[0].LastUsed == nil || list.Items[0].Name != "Portal" {
		t.Errorf("%+v", list.Items)
	}
	d.do("DELETE", "/tenants/acme/appkeys/"+made.ID, "", 204, nil)
	if _, err := d.bridge.AuthenticateApplication(t.Context(), made.Key, credential.Client{}); err == nil {
		t.Error("a revoked key works")
	}
	d.do("POST", "/tenants/acme/appkeys", `{"name":"x","expires":"2001-01-01T00:00:00Z"}`, 422, nil)
	d.do("POST", "/tenants/acme/appkeys", `{"name":"x","scope":"all"}`, 422, nil)
	d.do("DELETE", "/tenants/acme/appkeys/none", "", 404, nil)
}
