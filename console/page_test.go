package console_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// byNumber are the lists whose cursor is a number that clients keep: of an event, of an audit line or of an exchange. The report of visits is
// one answer about one period.
func byNumber(id string) bool {
	return slices.Contains([]string{
		"list-events", "list-provider-events", "list-audit", "list-provider-audit", "search-audit", "search-provider-audit", "list-visits",
		"list-journal", "list-tenant-journal", "list-changes",
	}, id)
}

// TestEveryListHasPages tries each list: it takes a cursor and a limit, and reading it one entry at a time gives the same entries in the
// same order as one page.
func TestEveryListHasPages(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch", "cedar"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`","plan":"business"}`, 201, nil)
	}
	var connection wire.Issued
	for _, slug := range []string{"acme-okta", "acme-entra", "acme-generic"} {
		d.do("POST", "/connections", `{"slug":"`+slug+`","tenant":"acme","type":"`+strings.TrimPrefix(slug, "acme-")+`"}`, 201, &connection)
	}
	d.do("POST", "/connections/acme-okta/tokens", `{}`, 201, nil)
	victim, cookie := d.hire("victim@msp.example", directory.RoleOwner, directory.Scope{All: true})
	for range 2 {
		d.signIn("victim@msp.example", password)
	}
	d.do("PATCH", "/operators/"+victim, `{"api_access":true}`, 200, nil)
	for i, email := range []string{"b@msp.example", "c@msp.example"} {
		_, other := d.hire(email, directory.RoleTechnician, directory.Scope{All: true})
		d.do("POST", "/tenants/acme/support-session", `{}`, 201, nil, "Cookie", other)
		d.do("POST", "/me/api-keys", `{}`, 201, nil, "Cookie", cookie)
		d.do("POST", "/tenants/acme/appkeys", fmt.Sprintf(`{"name":"app %d"}`, i), 201, nil)
	}
	for _, name := range []string{"ada", "bob", "cyd"} {
		d.provision("acme", "acme-okta", name+"@acme.example")
		d.do("PUT", "/tenants/acme/groups/owners/members/"+name+"@acme.example", "", 204, nil)
	}
	for _, name := range []string{"w", "x"} {
		d.do("POST", "/webhooks", `{"name":"`+name+`","url":"https://hooks.example.com/","all":true}`, 201, nil)
	}
	for _, name := range []string{"x", "y"} {
		d.do("POST", "/targets", `{"name":"`+name+`","url":"https://crm.example.com/scim","secret":"t","tenants":["acme"]}`, 201, nil)
	}
	for _, name := range []string{"bob", "cyd"} {
		d.do("POST", "/tenants/acme/deletion-requests", `{"user":"`+name+`@acme.example","reason":"left"}`, 201, nil)
	}

	doc := d.document()
	several := 0
	for _, r := range console.Routes(d.config) {
		op := doc.Paths.Value(r.Path).GetOperation(r.Method)
		answer := op.Responses.Status(200)
		if r.Method != "GET" || answer == nil || answer.Value.Content.Get("application/json") == nil {
			continue
		}
		shape := answer.Value.Content.Get("application/json").Schema.Value
		if shape.Properties["items"] == nil || byNumber(r.ID) {
			continue
		}
		if shape.Properties["next"] == nil || op.Parameters.GetByInAndName("query", "cursor") == nil || op.Parameters.GetByInAndName("query", "limit") == nil {
			t.Errorf("%s is a list without pages", r.ID)
			continue
		}
		path := strings.TrimPrefix(concrete(r, "acme", victim), "/api/v1")
		as := []string{}
		if strings.HasPrefix(path, "/me") {
			as = []string{"Cookie", cookie}
		}
		whole := d.items(path, "", 500, as...)
		var walked []any
		for cursor, pages := "", 0; ; pages++ {
			page := d.items(path, cursor, 1, as...)
			walked = append(walked, page.items...)
			if cursor = page.next; cursor == "" || pages > len(whole.items) {
				break
			}
		}
		if len(whole.items) > 1 {
			several++
		}
		if len(walked) != len(whole.items) || len(walked) > 0 && !reflect.DeepEqual(walked, whole.items) {
			t.Errorf("%s: a walk gave %d entries, one page %d\n%v\n%v", r.ID, len(walked), len(whole.items), walked, whole.items)
		}
		d.do("GET", path+"?cursor=nonsense!", "", 422, nil, as...)
	}
	if several < 14 {
		t.Errorf("only %d lists had more than one entry", several)
	}
}

type items struct {
	items []any
	next  string
}

func (d *kit) items(path, cursor string, limit int, header ...string) items {
	d.Helper()
	var page struct {
		Items []any  `json:"items"`
		Next  string `json:"next"`
	}
	rec := d.do("GET", fmt.Sprintf("%s?limit=%d&cursor=%s", path, limit, url.QueryEscape(cursor)), "", 200, nil, header...)
	if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil {
		d.Fatal(err)
	}
	for _, item := range page.Items {
		if fields, ok := item.(map[string]any); ok {
			delete(fields, "last_used") // every request changes it
		}
	}
	return items{page.Items, page.Next}
}

// provision makes a user as the identity provider of a connection does.
func (d *kit) provision(tenant, connection, userName string) {
	d.Helper()
	_, err := d.bridge.CreateUser(d.Context(), idp(tenant, connection), func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{UserName: userName, Document: directory.Document(`{}`)}, nil
	})
	if err != nil {
		d.Fatal(err)
	}
}

// idp is the identity provider of a connection.
func idp(tenant, connection string) directory.Principal {
	return directory.Principal{
		Tenant: directory.TenantID(tenant), Connection: directory.Connection{ID: directory.ConnectionID(connection), Tenant: directory.TenantID(tenant), Type: directory.Okta},
		Actor: directory.Actor{Kind: directory.ByIdP, ID: connection},
	}
}

// TestOverviewRespectsTheRole reads the overview of a tenant as different operators (T3, T4).
func TestOverviewRespectsTheRole(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","seats":10}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.provision("acme", "acme-okta", "ada@acme.example")
	_, help := d.hire("help@msp.example", directory.RoleHelpDesk, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	d.hire("elsewhere@msp.example", directory.RoleAdmin, directory.Scope{})
	d.do("POST", "/tenants/acme/deletion-requests", `{"user":"ada@acme.example","reason":"left"}`, 201, nil, "Cookie", help)
	d.do("POST", "/tenants/acme/support-session", `{"reason":"ticket 1"}`, 201, nil, "Cookie", help)

	var o wire.Overview
	d.do("GET", "/tenants/acme/overview", "", 200, &o)
	if c := o.Tenant.Connections; len(c) != 1 || c[0].Health != "never_connected" || o.Tenant.Seats.Occupied != 1 || o.Tenant.Seats.Limit != 10 {
		t.Errorf("at a glance: %+v", o.Tenant)
	}
	if len(o.Inside) != 1 || o.Inside[0].Reason != "ticket 1" || len(o.Requests) != 1 || len(o.Held) != 0 {
		t.Errorf("what waits: %+v %+v %+v", o.Inside, o.Requests, o.Held)
	}
	if len(o.Operators) != 1 || o.Operators[0].Email != "help@msp.example" {
		t.Errorf("who has access: %+v", o.Operators)
	}
	if len(o.Audit) < 4 || o.Audit[0].Action != "tenant.enter" {
		t.Errorf("the last lines: %+v", o.Audit)
	}
	o = wire.Overview{}
	d.do("GET", "/tenants/acme/overview", "", 200, &o, "Cookie", help)
	if o.Operators != nil || o.Audit != nil || len(o.Requests) != 1 {
		t.Errorf("the help desk sees %+v", o)
	}
}

// A tenant whose plan is no longer in the configuration is shown, and all operators see a warning.
func TestRemovedPlanIsAWarning(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"retired"}`, 201, nil)
	d.plans = slices.DeleteFunc(slices.Clone(d.config.Plans), func(p directory.Plan) bool { return p.Name == "retired" })
	d.restart()
	var list wire.TenantPage
	d.do("GET", "/tenants", "", 200, &list)
	if len(list.Items) != 1 || !list.Items[0].PlanMissing {
		t.Errorf("list %+v", list.Items)
	}
	var s wire.Status
	d.do("GET", "/status", "", 200, &s)
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "acme") || !strings.Contains(s.Warnings[0], "retired") {
		t.Errorf("warnings %q", s.Warnings)
	}
	d.do("PATCH", "/tenants/acme", `{"plan":"business"}`, 200, nil)
	d.do("GET", "/status", "", 200, &s)
	if len(s.Warnings) != 0 {
		t.Errorf("warnings %q", s.Warnings)
	}
}
