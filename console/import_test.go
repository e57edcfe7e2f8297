package console_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/operators"
	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// table asks for the preview of a table.
func (d *kit) table(tenant, csv string, want int, out any) {
	d.Helper()
	body, err := json.Marshal(wire.ImportRequest{CSV: csv})
	if err != nil {
		d.Fatal(err)
	}
	d.do("POST", "/tenants/"+tenant+"/users/import", string(body), want, out)
}

func (d *kit) company(slug string) directory.Principal {
	d.Helper()
	d.do("POST", "/tenants", `{"slug":"`+slug+`","name":"`+slug+`"}`, 201, nil)
	d.do("PATCH", "/tenants/"+slug, `{"overrides":{"guest_user_types":["guest"]}}`, 200, nil)
	p := operators.Local("local", "", "test")
	p.Tenant = directory.TenantID(slug)
	return p
}

func lines(r wire.ImportReport) string {
	var out []string
	for _, l := range r.Lines {
		out = append(out, fmt.Sprintf("%d %s %s", l.Line, l.UserName, l.Effect))
	}
	return strings.Join(out, "; ")
}

// A table does not change roles, so a row that asks for that is refused. The roles of an export say nothing new.
func TestTableDoesNotChangeRoles(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.company("acme")
	var ada wire.User
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, &ada)
	for _, group := range []string{"security", "owners"} {
		d.do("PUT", "/tenants/acme/groups/"+group+"/members/"+ada.ID, "", 204, nil)
	}
	var report wire.ImportReport
	for roles, want := range map[string]string{
		"owners security": "2 ada@acme.example unchanged", "Security Owners": "2 ada@acme.example unchanged", "": "2 ada@acme.example unchanged",
		"owners": "2 ada@acme.example refuse", "owners security administrators": "2 ada@acme.example refuse", "king": "2 ada@acme.example refuse",
	} {
		if d.table("acme", "user_name,roles\nada@acme.example,"+roles+"\n", 200, &report); lines(report) != want {
			t.Errorf("%q: %s", roles, lines(report))
		}
	}
	if d.table("acme", "user_name,roles\nbob@acme.example,owners\n", 200, &report); lines(report) != "2 bob@acme.example refuse" || report.Lines[0].Field != "roles" {
		t.Errorf("a new user: %+v", report.Lines)
	}
}

// Spreadsheets write a byte order mark, semicolons or tabs, line ends of each kind, and a line that names the separator.
func TestTablesOfSpreadsheetsAreRead(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.company("acme")
	const want = "2 ada@acme.example create; 3 bob@acme.example create"
	for name, csv := range map[string]string{
		"commas":            "user_name,display_name\nada@acme.example,Ada\nbob@acme.example,Bob\n",
		"a byte order mark": "\ufeffuser_name,display_name\nada@acme.example,Ada\nbob@acme.example,Bob",
		"semicolons":        "userName;Display Name\r\nada@acme.example;\"Lovelace; Ada\"\r\nbob@acme.example;Bob\r\n",
		"tabs":              "USER-NAME\tdisplay_name\nada@acme.example\tAda, Countess\nbob@acme.example\tBob\n",
		"quoted":            "\"user_name\",\"display_name\"\n\"ada@acme.example\",\"Ada \"\"the first\"\"\"\n\"bob@acme.example\",\"\"\n",
		"spaces":            " user_name , display_name\n ada@acme.example , Ada \nbob@acme.example,\n",
		"empty rows":        "user_name,display_name\nada@acme.example,Ada\nbob@acme.example,Bob\n,\n,,\n\n",
		"e-mail alone":      "Mail,First Name\nada@acme.example,Ada\nbob@acme.example,Bob\n",
	} {
		var r wire.ImportReport
		d.table("acme", csv, 200, &r)
		if lines(r) != want || r.Applied || r.Digest == "" {
			t.Errorf("%s: %s", name, lines(r))
		}
	}
	var r wire.ImportReport
	d.table("acme", "sep=;\nuser_name;email\nada@acme.example;ada@acme.example\n", 200, &r)
	if lines(r) != "3 ada@acme.example create" {
		t.Errorf("with a note: %s", lines(r))
	}
}

// The import refuses an invalid table with the line and a sentence, and imports none of it.
func TestInvalidTablesAreRefused(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.company("acme")
	for name, c := range map[string]struct{ csv, detail string }{
		"an unknown column":     {"user_name,salary\nada,1\n", `there is no column "salary"`},
		"a column twice":        {"user_name,userName\nada,ada\n", "occurs twice"},
		"no names":              {"display_name\nAda\n", "user_name is missing"},
		"a stray quote":         {"user_name\nada\"@acme.example\n", "line 2: there is a misplaced quotation mark"},
		"a quote that is open":  {"user_name,email\n\"ada@acme.example,x\n", "quotation mark"},
		"only a mark":           {"\ufeff", "empty"},
		"a long unknown column": {strings.Repeat("=cmd", 500) + "\nx\n", "…"},
	} {
		var p wire.Problem
		d.table("acme", c.csv, 422, &p)
		if p.Field != "csv" || !strings.Contains(p.Detail, c.detail) || len(p.Detail) > 500 {
			t.Errorf("%s: %s %q", name, p.Field, p.Detail)
		}
	}
	d.do("POST", "/tenants/acme/users/import", `{"csv":"user_name\nada\u0000@acme.example"}`, 400, nil)
	d.do("POST", "/tenants/acme/users/import", "{\"csv\":\"user_name\\nad\xff\"}", 400, nil)
	d.do("POST", "/tenants/acme/users/import", `{"csv":"user_name\nada","colour":1}`, 422, nil)
	big := "user_name,display_name\nada@acme.example," + strings.Repeat("x", 2<<20)
	var p wire.Problem
	d.table("acme", big, 413, &p)
	d.table("acme", "user_name\n"+strings.Repeat("a@b.example\n", 5001), 413, &p)
	if !strings.Contains(p.Detail, "5000 rows") {
		t.Errorf("%q", p.Detail)
	}
	d.do("POST", "/tenants/acme/users/import", `{"csv":"`+strings.Repeat("x", 10<<20)+`"}`, 413, nil)
	var page wire.Page[wire.User]
	if d.do("GET", "/tenants/acme/users", "", 200, &page); len(page.Items) != 0 {
		t.Errorf("%d users", len(page.Items))
	}
}

// An invalid row is refused with its line, its column and a sentence. The other rows are imported.
func TestInvalidRowsAreRefusedAlone(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.company("acme")
	for name, c := range map[string]struct{ row, want string }{
		"too few cells":          {"ada@acme.example", "the row has 1 cells"},
		"too many cells":         {"ada@acme.example,,,,x", "more cells than the 4"},
		"no name":                {",,Ada,", "user_name is empty"},
		"a long cell":            {"ada@acme.example,," + strings.Repeat("x", 2000) + ",", "cell 3 has more than 1024 bytes"},
		"a long name":            {strings.Repeat("x", 2000) + ",,,", "cell 1 has more than 1024 bytes"},
		"a bad address":          {"ada,not an address,,", "not an e-mail address"},
		"a header in an address": {"\"ada@acme.example\nBcc: x@y.example\",,,", "control character U+000A"},
		"writing turned round":   {"ada\u202e@acme.example,,,", "changes the direction of writing"},
		"an invisible mark":      {"ada\u200f@acme.example,,,", "invisible character"},
		"a control character":    {"ada@acme.example,,A\u0007da,", "control character U+0007"},
		"an unknown state":       {"ada@acme.example,,,happy", `there is no state "happy"`},
		"an impossible state":    {"ada@acme.example,,,recovery", "no user can begin as recovery"},
	} {
		var r wire.ImportReport
		d.table("acme", "user_name,email,display_name,state\n"+c.row+"\nbob@acme.example,,,\n", 200, &r)
		if len(r.Lines) != 2 || r.Lines[0].Effect != "refuse" || !strings.Contains(r.Lines[0].Message, c.want) || r.Lines[0].Line != 2 || r.Lines[1].Effect != "create" {
			t.Errorf("%s: %+v", name, r.Lines)
		}
	}
	var r wire.ImportReport
	d.table("acme", "user_name\nada@acme.example\nADA@acme.example\n", 200, &r)
	if r.Lines[1].Effect != "refuse" || !strings.Contains(r.Lines[1].Message, "line 2 has the same user_name") {
		t.Errorf("%+v", r.Lines)
	}
}

// Importing an exported table changes nothing, for all names of people. No cell of it is a formula.
func TestExportedTableImportsWithoutEffect(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		tenant := fmt.Sprint("t", n)
		op := d.company(tenant)
		weird := rapid.StringOfN(rapid.SampledFrom([]rune("=+-@'\"\t\r\n;, aÄ=＝\u202e\u200f\u2028\\x,'")), 0, 8, -1)
		name := rapid.StringOfN(rapid.SampledFrom([]rune("=+-@'\";, aÄ＝\u200fx")), 0, 6, -1)
		visible := rapid.StringOfN(rapid.SampledFrom([]rune("=+-@'\";, aÄ＝x")), 0, 6, -1)
		for i := range rapid.IntRange(1, 6).Draw(rt, "users") {
			userName := visible.Draw(rt, "userName") + fmt.Sprint(i)
			if rapid.Bool().Draw(rt, "space") {
				userName = " " + userName
			}
			a := directory.Attributes{
				{Name: "userName", Value: userName},
				{Name: "displayName", Value: weird.Draw(rt, "displayName")},
				{Name: "name", Value: directory.Attributes{{Name: "givenName", Value: weird.Draw(rt, "given")}, {Name: "familyName", Value: weird.Draw(rt, "family")}}},
			}
			draft := directory.UserDraft{UserName: userName, ExternalID: name.Draw(rt, "external")}
			for range rapid.IntRange(0, 2).Draw(rt, "emails") {
				draft.Emails = append(draft.Emails, name.Draw(rt, "email"))
			}
			var emails []any
			for _, e := range draft.Emails {
				emails = append(emails, directory.Attributes{{Name: "value", Value: e}, {Name: "primary", Value: e == draft.Emails[len(draft.Emails)-1]}})
			}
			a.Set("emails", emails)
			if rapid.Bool().Draw(rt, "guest") {
				a.Set("userType", "guest")
				draft.UserType = "guest"
			}
			active := rapid.Bool().Draw(rt, "active")
			draft.Active, draft.Document = &active, a.Document()
			if _, err := d.bridge.CreateUser(t.Context(), op, func(*directory.User) (directory.UserDraft, error) { return draft, nil }); err != nil {
				rt.Fatalf("%+v: %v", draft, err)
			}
		}
		text := d.do("GET", "/tenants/"+tenant+"/users.csv", "", 200, nil).Body.String()
		cells, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			rt.Fatal(err)
		}
		for _, row := range cells {
			for _, cell := range row {
				if strings.IndexAny(cell, "=+-@\t\r\n＝") == 0 {
					rt.Fatalf("the cell %q is a formula in %q", cell, text)
				}
			}
		}
		var r wire.ImportReport
		d.table(tenant, text, 200, &r)
		for _, l := range r.Lines {
			if l.Effect != "unchanged" {
				rt.Fatalf("%+v in %q", l, text)
			}
		}
		var page wire.Page[wire.User]
		if d.do("GET", "/tenants/"+tenant+"/users", "", 200, &page); len(page.Items) != len(r.Lines) {
			rt.Fatalf("%d users and %d rows", len(page.Items), len(r.Lines))
		}
	})
}

func TestExportedTableImportsIntoAnotherTenant(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	op := d.company("acme")
	d.company("birch")
	for _, b := range []string{
		`{"user_name":"ada@acme.example","given_name":"Ada","family_name":"Lovelace","display_name":"=HYPERLINK(\"https://evil.example\")","external_id":"+41"}`,
		`{"user_name":"bob@acme.example","type":"guest","email":"bob@home.example"}`, `{"user_name":"off@acme.example","display_name":"-1"}`,
	} {
		d.do("POST", "/tenants/acme/users", b, 201, nil)
	}
	d.do("POST", "/tenants/acme/users/off@acme.example/suspend", `{}`, 200, nil)
	d.do("POST", "/tenants/acme/users", `{"user_name":"eve\nx"}`, 422, nil)
	table := d.do("GET", "/tenants/acme/users.csv", "", 200, nil).Body.String()
	if !strings.Contains(table, `"'=HYPERLINK(""https://evil.example"")"`) || !strings.Contains(table, ",'+41,") || !strings.Contains(table, ",'-1,") || strings.Contains(table, ",=") {
		t.Errorf("the table is %q", table)
	}
	var seen, done wire.ImportReport
	d.table("birch", table, 200, &seen)
	body, err := json.Marshal(wire.ImportRequest{CSV: table, Expect: seen.Digest})
	if err != nil {
		t.Fatal(err)
	}
	d.do("POST", "/tenants/birch/users/import", string(body), 200, &done)
	if !done.Applied || done.Counts["create"] != 3 || done.Seats.After != seen.Seats.After {
		t.Errorf("%+v", done)
	}
	d.do("POST", "/tenants/birch/users/import", string(body), 409, nil)
	same := func(tenant string) string {
		var rows []string
		err := d.bridge.PeopleTable(t.Context(), op, directory.TenantID(tenant), nil, func(r bridge.ImportRow, _ *directory.User) error {
			rows = append(rows, fmt.Sprintf("%+v %s", r.UserForm, r.State))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(rows, "\n")
	}
	if same("acme") != same("birch") {
		t.Errorf("%s\n%s", same("acme"), same("birch"))
	}
}

// A repeated create makes no second user and sends no second mail.
func TestUserCreateIsRepeatable(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.company("acme")
	var first, second wire.User
	key := []string{"Idempotency-Key", "ada"}
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, &first, key...)
	d.handler = console.New(d.config) // another process
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, &second, key...)
	if first.ID != second.ID || first.ID == "" {
		t.Errorf("%q and %q", first.ID, second.ID)
	}
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 409, nil)
}
