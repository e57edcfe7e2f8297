package console_test

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// threeCompanies makes three companies, and a technician who sees two of them.
func threeCompanies(t *testing.T) (d *kit, cookie []string) {
	t.Helper()
	d = newKit(t)
	for _, slug := range []string{"acme", "birch", "cedar"} {
		d.do("POST", "/tenants", `{"slug":"`+slug+`","name":"The `+strings.ToUpper(slug)+` Company"}`, 201, nil)
	}
	_, one := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme", "cedar"}})
	return d, []string{"Cookie", one}
}

// Names are found for the tenants of the scope. Others are missing, as if they did not exist.
func TestNamesOfTenantsStayInTheScope(t *testing.T) {
	t.Parallel()
	d, mine := threeCompanies(t)
	var page wire.Page[wire.TenantName]
	d.do("GET", "/tenant-names?slugs=cedar,birch,nothing,acme", "", 200, &page, mine...)
	var got []string
	for _, n := range page.Items {
		got = append(got, n.Slug+" "+n.Name)
	}
	if want := "acme The ACME Company, cedar The CEDAR Company"; strings.Join(got, ", ") != want {
		t.Errorf("the technician found %q, want %q", got, want)
	}
	d.do("GET", "/tenant-names?slugs="+strings.Repeat("a,", 100)+"a", "", 422, nil)
}

// A connection is found by the name of its company. By health, a paused one comes after those that need an operator.
func TestConnectionsAreFoundByTheirCompany(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	for _, slug := range []string{"acme", "birch"} {
		d.do("POST", "/connections", `{"tenant":"`+slug+`","type":"okta"}`, 201, nil)
	}
	d.do("PATCH", "/connections/acme-okta", `{"paused":true}`, 200, nil)
	for query, want := range map[string]string{
		"q=BIRCH+comp": "birch-okta",
		"sort=health":  "birch-okta acme-okta",
		"q=cedar":      "",
	} {
		var page wire.Page[wire.Connection]
		d.do("GET", "/connections?"+query, "", 200, &page)
		var got []string
		for i := range page.Items {
			got = append(got, page.Items[i].Slug)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s found %q, want %q", query, got, want)
		}
	}
}

// A page of events has the cursor with which an application goes on after it. No application reads the events of the installation.
func TestEventsHaveTheCursorOfApplications(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, nil)
	var page wire.Events
	d.do("GET", "/tenants/acme/events?limit=2", "", 200, &page)
	if len(page.Items) != 2 {
		t.Fatalf("the page has %d events", len(page.Items))
	}
	if at, err := directory.ParseCursor(page.Cursor); err != nil || at != page.Items[1].Cursor() {
		t.Errorf("the cursor is %q: %v", page.Cursor, err)
	}
	var none, own wire.Events
	d.do("GET", fmt.Sprintf("/tenants/acme/events?after=%d", page.Last), "", 200, &none)
	d.do("GET", "/events", "", 200, &own)
	if none.Cursor != "" || own.Cursor != "" || len(own.Items) == 0 {
		t.Errorf("cursors without an event %q, and of the installation %q", none.Cursor, own.Cursor)
	}
}

// The built-in groups come first in every page, also if they were made last.
func TestBuiltInGroupsAreListedFirst(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	for _, name := range []string{"zebra", "Administrators of birch", "ant"} {
		d.do("POST", "/tenants/acme/groups", `{"display_name":"`+name+`"}`, 201, nil)
	}
	want := []string{"Owners", "Administrators", "Team Members", "Security", "Provision Managers", "Administrators of birch", "ant", "zebra"}
	for dir := range strings.SplitSeq("asc desc", " ") {
		var got []string
		for cursor := ""; ; {
			var page wire.Page[wire.Group]
			d.do("GET", "/tenants/acme/groups?sort=built_in&limit=2&dir="+dir+"&cursor="+url.QueryEscape(cursor), "", 200, &page)
			for _, g := range page.Items {
				got = append(got, g.DisplayName)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the order %s is %q, want %q", dir, got, want)
		}
		slices.Reverse(want)
	}
}

// The table of people has what the list with the same filters has.
func TestExportOfPeopleIsFiltered(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	for _, name := range []string{"ada", "bob"} {
		d.do("POST", "/tenants/acme/users", `{"user_name":"`+name+`@acme.example"}`, 201, nil)
	}
	d.do("POST", "/tenants/acme/users/bob@acme.example/suspend", `{}`, 200, nil)
	for query, want := range map[string]string{"": "ada bob", "state=suspended": "bob", "q=ADA": "ada", "state=active&q=bob": ""} {
		table := d.do("GET", "/tenants/acme/users.csv?"+query, "", 200, nil).Body.String()
		var got []string
		for _, name := range []string{"ada", "bob"} {
			if strings.Contains(table, name+"@acme.example") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q exports %q, want %q", query, got, want)
		}
	}
	d.do("GET", "/tenants/acme/users.csv?state=sleeping", "", 422, nil)
}

// The ledger of one person is not searched for in that of all. Usage is found by the name of the company.
func TestSeatsAreFoundByPersonAndCompany(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	var ada wire.User
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, &ada)
	d.do("POST", "/tenants/acme/users", `{"user_name":"bob@acme.example"}`, 201, nil)
	var ledger wire.Page[wire.LedgerLine]
	d.do("GET", "/tenants/acme/ledger?user="+ada.ID, "", 200, &ledger)
	if len(ledger.Items) != 1 || ledger.Items[0].User != ada.ID {
		t.Errorf("the ledger of Ada is %+v", ledger.Items)
	}
	var usage wire.Page[wire.Usage]
	d.do("GET", "/usage?q=birch+COMPANY", "", 200, &usage)
	if len(usage.Items) != 1 || usage.Items[0].Tenant != "birch" {
		t.Errorf("the usage is %+v", usage.Items)
	}
	d.do("PATCH", "/tenants/birch", `{"customer_number":"K-17"}`, 200, nil)
	if table := d.do("GET", "/usage.csv?q=birch", "", 200, nil).Body.String(); !strings.Contains(table, "The BIRCH Company,K-17") {
		t.Errorf("the table for the books lacks the customer number: %s", table)
	}
}

// An alert is found by the name of its company, too: an operator does not know slugs.
func TestAlertsAreFoundByCompany(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, nil)
	d.do("PUT", "/tenants/acme/groups/owners/members/ada@acme.example", "", 204, nil)
	for query, want := range map[string]int{"q=acme+company": 1, "q=ACME": 1, "q=cedar": 0} {
		var page wire.Page[wire.Alert]
		d.do("GET", "/alerts?"+query, "", 200, &page)
		if len(page.Items) != want {
			t.Errorf("%s found %d alerts, want %d", query, len(page.Items), want)
		}
	}
}

// What changes right after a page was loaded is heard of: the answer that every page begins with has the cursor.
func TestChangesAreHeardFromTheFirstAnswerOn(t *testing.T) {
	t.Parallel()
	d, mine := threeCompanies(t)
	var me wire.Account
	d.do("GET", "/me", "", 200, &me, mine...)
	if me.Changes == "" {
		t.Fatal("the account has no cursor")
	}
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, nil)
	var changes wire.Changes
	d.do("GET", "/changes?wait=20&cursor="+url.QueryEscape(me.Changes), "", 200, &changes, mine...)
	if changes.Reset || len(changes.Items) != 1 || changes.Items[0].Tenant != "acme" {
		t.Errorf("after the cursor there is %+v", changes)
	}
}

// The console offers the attributes that targets get, and no other.
func TestConsoleOffersTheAttributesOfTargets(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("ui/src/pages/target/attributes.ts")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(source), "${enterprise}", directory.EnterpriseUser)
	var offered []string
	for _, found := range regexp.MustCompile("(?m)^\t[\"[]?`?([\\w.:]+)`?[\"\\]]*: \"").FindAllStringSubmatch(text, -1) {
		offered = append(offered, found[1])
	}
	if want := slices.Concat(directory.TargetTexts(), directory.TargetLists()); !slices.Equal(offered, want) {
		t.Errorf("the console offers %v, want %v", offered, want)
	}
}

// A message names its request: the lines of that request are found by it, in one trail and in all.
func TestAuditIsFoundByRequest(t *testing.T) {
	t.Parallel()
	d, _ := threeCompanies(t)
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, nil, "X-Request-Id", "ticket-4711")
	d.do("POST", "/tenants/acme/users", `{"user_name":"bob@acme.example"}`, 201, nil)
	for _, path := range []string{"/tenants/acme/audit/search", "/audit/all"} {
		var found wire.AuditFound
		d.do("GET", path+"?request=ticket-4711", "", 200, &struct{ Items *[]directory.Audit }{&found.Items})
		if len(found.Items) == 0 {
			t.Errorf("%s finds nothing", path)
		}
		for i := range found.Items {
			if found.Items[i].Request != "ticket-4711" {
				t.Errorf("%s finds a line of the request %q", path, found.Items[i].Request)
			}
		}
	}
}
