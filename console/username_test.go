package console_test

import (
	"strings"
	"testing"

	"drawbridge/console/wire"
)

// For all operator requests, a userName is one name in every spelling, and invisible characters are refused.
func TestUserNamesArePrepared(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.company("acme")
	d.do("POST", "/tenants/acme/users", `{"user_name":"café@acme.example"}`, 201, nil)
	for _, name := range []string{"cafe\u0301@acme.example", "CAFÉ@acme.example", "ｃａｆé@acme.example", " café@acme.example"} {
		d.do("POST", "/tenants/acme/users", `{"user_name":"`+name+`","email":"x@acme.example"}`, 409, nil)
		var r wire.ImportReport
		d.table("acme", "user_name,email\n"+name+",café@acme.example\n", 200, &r)
		if len(r.Lines) != 1 || r.Lines[0].Effect == "create" {
			t.Errorf("%+q: the import would create a user: %s", name, lines(r))
		}
		d.table("acme", "user_name,email\n"+strings.ReplaceAll(name, "af", "of")+",a@acme.example\ncofé@acme.example,b@acme.example\n", 200, &r)
		if strings.Contains(name, "af") && !strings.Contains(r.Lines[1].Message, "line 2 has the same user_name") {
			t.Errorf("%+q: two lines of one table: %+v", name, r.Lines)
		}
	}
	for _, name := range []string{"ca\u00adfé@acme.example", "eve\u200b@acme.example", "\ufeffeve@acme.example"} {
		d.do("POST", "/tenants/acme/users", `{"user_name":"`+name+`","email":"eve@acme.example"}`, 422, nil)
		var r wire.ImportReport
		d.table("acme", "email,user_name\neve@acme.example,"+name+"\n", 200, &r)
		if len(r.Lines) != 1 || r.Lines[0].Effect == "create" {
			t.Errorf("%+q: %s", name, lines(r))
		}
	}
	var found wire.User
	d.do("GET", "/tenants/acme/users/CAFE%CC%81@acme.example", "", 200, &found)
	if found.UserName != "café@acme.example" {
		t.Errorf("found %q", found.UserName)
	}
}
