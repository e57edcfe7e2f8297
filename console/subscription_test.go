package console_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func TestOperatorsSubscribeThemselves(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	id, cookie := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	var mine wire.Subscription
	d.do("GET", "/me/subscription", "", 200, &mine, "Cookie", cookie)
	if mine.Operator != id || !mine.Default || mine.Receives || len(mine.Kinds) != 0 {
		t.Errorf("%+v", mine)
	}
	rec := d.do("PUT", "/me/subscription", `{"kinds":["user.*","alert"],"tenants":["acme"],"daily":true}`, 200, &mine, "Cookie", cookie)
	if mine.Default || !mine.Receives || !mine.Daily || strings.Join(mine.Kinds, " ") != "alert user.*" || strings.Join(mine.Tenants, " ") != "acme" {
		t.Errorf("%+v", mine)
	}
	etag := rec.Header().Get("ETag")
	d.do("PUT", "/me/subscription", `{"kinds":[]}`, 412, nil, "Cookie", cookie, "If-Match", `"1"`)
	var p wire.Problem
	d.do("PUT", "/me/subscription", `{"kinds":["alert"],"tenants":["birch"]}`, 422, &p, "Cookie", cookie)
	if p.Field != "tenants" || !strings.Contains(p.Detail, "birch") {
		t.Errorf("%+v", p)
	}
	d.do("PUT", "/me/subscription", `{"kinds":["alert"],"colour":"red"}`, 422, nil, "Cookie", cookie)
	d.do("PUT", "/me/subscription", `{"kinds":[]}`, 200, &mine, "Cookie", cookie, "If-Match", etag)
	if mine.Default || mine.Receives {
		t.Errorf("%+v", mine)
	}
	// Other operators' subscriptions are for callers who manage operators, and only for operators of at most their own role.
	d.do("PUT", "/operators/"+id+"/subscription", `{"kinds":["alert"]}`, 403, nil, "Cookie", cookie)
	owner, _ := d.hire("owner@msp.example", directory.RoleOwner, directory.Scope{All: true})
	_, admin := d.hire("admin@msp.example", directory.RoleAdmin, directory.Scope{All: true})
	d.do("PUT", "/operators/tech@msp.example/subscription", `{"kinds":["alert"]}`, 200, &mine, "Cookie", admin)
	d.do("PUT", "/operators/"+owner+"/subscription", `{"kinds":[]}`, 403, nil, "Cookie", admin)
	d.do("DELETE", "/me/subscription", "", 200, &mine, "Cookie", cookie)
	if !mine.Default || mine.Receives {
		t.Errorf("%+v", mine)
	}
	d.do("GET", "/me/subscription", "", 409, nil) // the local operator has no account
	var page wire.Page[wire.Subscription]
	d.do("GET", "/subscriptions?limit=2", "", 200, &page)
	if len(page.Items) != 2 || page.Next == "" {
		t.Errorf("%+v", page)
	}
}

func TestAlertsAreListedAndAcknowledged(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
		var issued wire.Issued
		d.do("POST", "/connections", `{"slug":"`+tenant+`-okta","tenant":"`+tenant+`","type":"okta"}`, 201, &issued)
		idp, err := d.bridge.Authenticate(t.Context(), directory.ConnectionID(tenant+"-okta"), bridge.Credential{Secret: issued.Token}, credential.Client{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.bridge.CreateUser(t.Context(), idp, func(*directory.User) (directory.UserDraft, error) {
			return directory.UserDraft{UserName: "ann@" + tenant + ".example", Document: directory.Document(`{}`)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		d.do("PUT", "/tenants/"+tenant+"/groups/owners/members/ann@"+tenant+".example", "", 204, nil)
	}
	_, tech := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	_, desk := d.hire("desk@msp.example", directory.RoleHelpDesk, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	var page wire.Page[wire.Alert]
	d.do("GET", "/alerts", "", 200, &page)
	if len(page.Items) != 2 {
		t.Fatalf("%+v", page)
	}
	d.do("GET", "/alerts?limit=1", "", 200, &page)
	first := page.Items[0].Tenant
	var rest wire.Page[wire.Alert]
	d.do("GET", "/alerts?limit=1&cursor="+page.Next, "", 200, &rest)
	if len(rest.Items) != 1 || rest.Items[0].Tenant == first || rest.Next != "" {
		t.Errorf("%+v", rest)
	}
	d.do("GET", "/alerts", "", 200, &page, "Cookie", desk)
	if len(page.Items) != 1 || page.Items[0].Tenant != "acme" || page.Items[0].State != "open" || page.Items[0].Times != 1 {
		t.Errorf("%+v", page)
	}
	d.do("GET", "/tenants/birch/alerts", "", 404, nil, "Cookie", tech)
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"protected_group/owners"}`, 403, nil, "Cookie", desk)
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"protected_group/owners","times":7}`, 412, nil, "Cookie", tech)
	until := d.now().Add(time.Hour).Format(time.RFC3339)
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"protected_group/owners","until":"2001-01-01T00:00:00Z"}`, 422, nil, "Cookie", tech)
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"protected_group/owners","until":"`+until+`"}`, 200, nil, "Cookie", tech)
	for query, want := range map[string]int{
		"": 1, "?past=true": 2, "?state=snoozed": 1, "?state=open": 1, "?state=snoozed&kind=seats": 0, "?state=snoozed&kind=protected_group&q=ACM": 1, "?past=true&q=birch": 1,
	} {
		var found wire.Page[wire.Alert]
		if d.do("GET", "/alerts"+query, "", 200, &found); len(found.Items) != want {
			t.Errorf("alerts%s: %d, want %d", query, len(found.Items), want)
		}
	}
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"protected_group/owners","times":1,"note":"mine"}`, 200, nil, "Cookie", tech)
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"protected_group/owners"}`, 409, nil, "Cookie", tech)
	d.do("POST", "/tenants/acme/alerts/acknowledge", `{"alert":"nothing"}`, 404, nil, "Cookie", tech)
	d.do("GET", "/tenants/acme/alerts?past=true", "", 200, &page, "Cookie", tech)
	if len(page.Items) != 1 || page.Items[0].State != "acknowledged" || page.Items[0].Note != "mine" || page.Items[0].AcknowledgedBy != "A B" {
		t.Errorf("%+v", page)
	}
}
