package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func TestHeldRemovalsAreReleasedOrRejected(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("PATCH", "/tenants/acme", `{"overrides":{"brake":"hold","auto_delete_days":30}}`, 200, nil)
	var issued wire.Issued
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, &issued)
	idp, err := d.bridge.Authenticate(t.Context(), "acme-okta", bridge.Credential{Secret: issued.Token}, credential.Client{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		made, err := d.bridge.CreateUser(t.Context(), idp, func(*directory.User) (directory.UserDraft, error) {
			return directory.UserDraft{UserName: fmt.Sprint("u", i), Document: directory.Document(`{}`)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.bridge.DeleteUser(t.Context(), idp, made.User.ID, directory.Precondition{}); (err != nil) != (i >= 5) {
			t.Errorf("%d: %v", i, err)
		}
	}
	var held wire.Page[wire.Held]
	d.do("GET", "/tenants/acme/held?connection=acme-okta", "", 200, &held)
	if len(held.Items) != 3 || held.Items[0].Before != "active" || held.Items[0].After != "deleted" {
		t.Fatalf("%+v", held)
	}
	var totals wire.Page[wire.HeldTotal]
	d.do("GET", "/tenants/acme/held/totals?connection=acme-okta", "", 200, &totals)
	if len(totals.Items) != 1 {
		t.Fatalf("%+v", totals)
	}
	if got := totals.Items[0]; got.Connection != "acme-okta" || got.People != 3 || got.Groups != 0 || got.Moot != 0 || got.Active != 3 || got.Usual != 5 || got.Last.Before(got.First) {
		t.Errorf("%+v", got)
	}
	d.do("GET", "/tenants/nobody/held/totals", "", 404, nil)
	var settled wire.Page[wire.SettledHeld]
	d.do("POST", "/tenants/acme/held/release", `{"keys":["`+held.Items[0].Key+`"]}`, 200, &settled)
	if len(settled.Items) != 1 || !settled.Items[0].Done {
		t.Errorf("%+v", settled)
	}
	d.do("POST", "/tenants/acme/held/release", `{"keys":["nothing"]}`, 404, nil)
	d.do("POST", "/tenants/acme/held/discard", `{"connection":"acme-okta"}`, 200, &settled)
	if len(settled.Items) != 2 {
		t.Errorf("%+v", settled)
	}
	d.do("GET", "/tenants/acme/held", "", 200, &held)
	if len(held.Items) != 0 {
		t.Errorf("%+v", held)
	}
	d.do("GET", "/tenants/nobody/held", "", 404, nil)

	var deletions wire.Page[wire.Deletion]
	d.do("GET", "/tenants/acme/auto-deletions", "", 200, &deletions)
	if len(deletions.Items) != 6 || deletions.Items[0].Due.Before(deletions.Items[0].Suspended) {
		t.Errorf("%+v", deletions)
	}
}

// Only operators who may delete can release permanent deletions (D3), whatever other rights they have.
func TestReleaseForGoodNeedsTheRightToDelete(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("PATCH", "/tenants/acme", `{"overrides":{"brake":"hold","on_delete":"delete"}}`, 200, nil)
	var issued wire.Issued
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, &issued)
	idp, err := d.bridge.Authenticate(t.Context(), "acme-okta", bridge.Credential{Secret: issued.Token}, credential.Client{})
	if err != nil {
		t.Fatal(err)
	}
	roles := directory.Roles()
	for i := range 5 + len(roles) {
		made, err := d.bridge.CreateUser(t.Context(), idp, func(*directory.User) (directory.UserDraft, error) {
			return directory.UserDraft{UserName: fmt.Sprint("u", i), Document: directory.Document(`{}`)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.bridge.DeleteUser(t.Context(), idp, made.User.ID, directory.Precondition{}); (err != nil) != (i >= 5) {
			t.Errorf("%d: %v", i, err)
		}
	}
	for _, role := range roles {
		_, cookie := d.hire(string(role)+"@msp.example", role, directory.Scope{All: true})
		var held wire.Page[wire.Held]
		d.do("GET", "/tenants/acme/held", "", 200, &held)
		body, rights := `{"keys":["`+held.Items[0].Key+`"]}`, d.bridge.RightsOf(role)
		if !slices.Contains(rights, directory.ConnectionManage) {
			d.do("POST", "/tenants/acme/held/release", body, 403, nil, "Cookie", cookie)
			continue
		}
		var settled wire.Page[wire.SettledHeld]
		d.do("POST", "/tenants/acme/held/release", body, 200, &settled, "Cookie", cookie)
		may := slices.Contains(rights, directory.UserDelete)
		if got := settled.Items[0]; got.Done != may || !may && !strings.Contains(got.Reason, "user.delete") {
			t.Errorf("%s released it: %+v", role, got)
		}
		var left wire.Page[wire.Held]
		d.do("GET", "/tenants/acme/held", "", 200, &left)
		if (len(left.Items) < len(held.Items)) != may {
			t.Errorf("%s: %d held, %d before", role, len(left.Items), len(held.Items))
		}
	}
	if lines := d.do("GET", "/tenants/acme/audit?limit=1000", "", 200, nil).Body.String(); !strings.Contains(lines, `"rule":"D3"`) {
		t.Error("the refusals are not in the audit trail")
	}
}
