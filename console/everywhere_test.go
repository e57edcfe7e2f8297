package console_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (d *kit) people(t *testing.T, query string, header ...string) []string {
	t.Helper()
	var out []string
	for cursor := ""; ; {
		var page wire.Page[wire.FoundUser]
		d.do("GET", "/users?limit=1&"+query+"&cursor="+cursor, "", 200, &page, header...)
		for _, f := range page.Items {
			out = append(out, f.Tenant+" "+f.User.UserName)
		}
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

// A person is found in every tenant of the scope, and in no other.
func TestPeopleAreFoundInAllTenants(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch", "cedar"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"The `+tenant+`"}`, 201, nil)
		for _, name := range []string{"ada", "Ada.L", "bob"} {
			d.do("POST", "/tenants/"+tenant+"/users", `{"user_name":"`+name+"@"+tenant+`.example","email":"`+name+`@home.example"}`, 201, nil)
		}
	}
	_, cookie := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme", "cedar"}})
	mine := []string{"Cookie", cookie}
	for query, want := range map[string]string{
		"q=ADA":                                    "acme ada@acme.example, acme Ada.L@acme.example, cedar ada@cedar.example, cedar Ada.L@cedar.example",
		"address=ADA@birch.example":                "",
		"address=ADA@cedar.example":                "cedar ada@cedar.example",
		"address=bob@home.example":                 "acme bob@acme.example, cedar bob@cedar.example",
		"address=bob@home.example&state=suspended": "",
		"address=bob@home.example&type=guest":      "",
		"q=bob&state=active":                       "acme bob@acme.example, cedar bob@cedar.example",
		"q=nobody":                                 "",
	} {
		if got := strings.Join(d.people(t, query, mine...), ", "); got != want {
			t.Errorf("%s found %q, want %q", query, got, want)
		}
	}
	if all := d.people(t, "q=home.example"); len(all) != 9 {
		t.Errorf("the Owner found %v", all)
	}
	d.do("GET", "/users?q=x&cursor=nonsense!", "", 422, nil)
}

// A pending item is in the inbox of operators who see the tenant, until it is done.
func TestInboxListsPendingDecisions(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`","plan":"business"}`, 201, nil)
		d.do("POST", "/connections", `{"slug":"`+tenant+`-okta","tenant":"`+tenant+`","type":"okta"}`, 201, nil)
	}
	inbox := func(query string, header ...string) string {
		t.Helper()
		var page wire.Inbox
		d.do("GET", "/inbox?limit=500"+query, "", 200, &page, header...)
		var out []string
		for _, i := range page.Items {
			out = append(out, i.Kind+" "+i.Tenant)
		}
		if page.Total != len(page.Items) {
			t.Errorf("total %d of %d", page.Total, len(page.Items))
		}
		return strings.Join(out, ", ")
	}
	if got := inbox(""); got != "" {
		t.Errorf("at first: %s", got)
	}
	d.provision("acme", "acme-okta", "ada@acme.example")
	d.provision("birch", "birch-okta", "cyd@birch.example")
	d.awaitConfirmation("birch", "cyd@birch.example")
	var request wire.DeletionRequest
	d.do("POST", "/tenants/acme/deletion-requests", `{"user":"ada@acme.example","reason":"left"}`, 201, &request)
	d.do("POST", "/connections/birch-okta/tokens", `{"expires":"`+d.now().AddDate(0, 0, 20).UTC().Format("2006-01-02T15:04:05Z")+`"}`, 201, nil)
	var tokens wire.Page[wire.Token]
	d.do("GET", "/connections/birch-okta/tokens", "", 200, &tokens)
	d.do("DELETE", "/connections/birch-okta/tokens/"+tokens.Items[0].ID, "", 204, nil)
	if got, want := inbox(""), "deletion_request acme, credential birch, confirmation birch"; got != want {
		t.Errorf("the inbox has %s, want %s", got, want)
	}
	if got := inbox("&kind=confirmation"); got != "confirmation birch" {
		t.Errorf("of one kind: %s", got)
	}
	if got := inbox("&tenant=acme"); got != "deletion_request acme" {
		t.Errorf("of one tenant: %s", got)
	}
	_, cookie := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	if got := inbox("", "Cookie", cookie); got != "deletion_request acme" {
		t.Errorf("with the scope acme: %s", got)
	}
	d.do("POST", "/tenants/acme/deletion-requests/"+request.ID+"/reject", `{"answer":"no"}`, 200, nil)
	d.do("POST", "/tenants/birch/users/cyd@birch.example/confirm", "", 200, nil)
	if got := inbox(""); got != "credential birch" {
		t.Errorf("at last: %s", got)
	}
}

// The trails of all tenants are searched together. An export contains exactly the lines that the search finds, and no cell is a formula.
func TestAuditSearchesAllTenants(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"=cmd"}`, 201, nil)
		d.do("POST", "/tenants/"+tenant+"/users", `{"user_name":"ada@`+tenant+`.example"}`, 201, nil)
	}
	find := func(query string, header ...string) []string {
		t.Helper()
		var out []string
		for cursor := ""; ; {
			var page wire.Page[directory.Audit]
			d.do("GET", "/audit/all?limit=2&"+query+"&cursor="+url.QueryEscape(cursor), "", 200, &page, header...)
			for _, l := range page.Items {
				out = append(out, string(l.Tenant)+" "+string(l.Action))
			}
			if cursor = page.Next; cursor == "" {
				return out
			}
		}
	}
	if got := strings.Join(find(""), ", "); got != "birch user.create, birch tenant.create, acme user.create, acme tenant.create" {
		t.Errorf("all: %s", got)
	}
	if got := strings.Join(find("action=user.*"), ", "); got != "birch user.create, acme user.create" {
		t.Errorf("of users: %s", got)
	}
	_, cookie := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	if got := strings.Join(find("", "Cookie", cookie), ", "); got != "acme user.create, acme tenant.create" {
		t.Errorf("with the scope acme: %s", got)
	}
	lines := strings.Split(strings.TrimSpace(d.do("GET", "/audit/all.jsonl?action=user.*", "", 200, nil).Body.String()), "\n")
	var tenants []string
	for _, line := range lines {
		var a directory.Audit
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		tenants = append(tenants, string(a.Tenant))
	}
	if !slices.Equal(tenants, []string{"birch", "acme"}) {
		t.Errorf("exported: %v", tenants)
	}
	for path, rows := range map[string]int{
		"/audit/all.csv": 5, "/tenants/acme/audit.csv": 3, "/tenants/acme/audit.csv?action=user.*": 2, "/tenants/acme/audit.csv?action=none": 1,
	} {
		table := d.do("GET", path, "", 200, nil)
		if got := strings.Count(table.Body.String(), "\r\n"); got != rows || !strings.HasPrefix(table.Header().Get("Content-Type"), "text/csv") {
			t.Errorf("%s has %d rows, want %d:\n%s", path, got, rows, table.Body)
		}
		if strings.Contains(table.Body.String(), ",=cmd") {
			t.Errorf("%s has a formula", path)
		}
	}
	if empty := d.do("GET", "/tenants/acme/audit.jsonl?action=none", "", 200, nil); empty.Body.Len() != 0 || !strings.HasPrefix(empty.Header().Get("Content-Type"), "application/jsonl") {
		t.Errorf("nothing is exported as %q %s", empty.Header().Get("Content-Type"), empty.Body)
	}
	d.do("GET", "/audit.jsonl", "", 403, nil, "Cookie", cookie)
	d.do("GET", "/tenants/birch/audit.jsonl", "", 404, nil, "Cookie", cookie)
	d.do("GET", "/audit/all?cursor=nonsense!", "", 422, nil)
}
