package console_test

import (
	"net/http"
	"strings"
	"testing"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func TestBulkActionsReportEachUser(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"business"}`, 201, nil)
	for _, name := range []string{"ada", "bob"} {
		d.do("POST", "/tenants/acme/users", `{"user_name":"`+name+`@acme.example"}`, 201, nil)
	}
	both := `"users":["ada@acme.example","bob@acme.example","nobody"]`
	var seen, done wire.BulkReport
	d.do("POST", "/tenants/acme/users/bulk/suspend", `{`+both+`,"reason":"left","mode":"hold"}`, 200, &seen)
	if seen.Applied || seen.Counts["change"] != 2 || seen.Counts["refuse"] != 1 || seen.Seats.Before != 2 || seen.Seats.After != 0 || seen.Rows[2].User != "" {
		t.Errorf("preview %+v", seen)
	}
	var p wire.Problem
	d.do("POST", "/tenants/acme/users/bulk/suspend", `{`+both+`,"reason":"left","mode":"hold","expect":"`+seen.Digest+`"}`, 409, &p)
	if p.Field != "skip_refused" {
		t.Errorf("problem %+v", p)
	}
	d.do("POST", "/tenants/acme/users/bulk/suspend", `{`+both+`,"reason":"other","mode":"hold","expect":"`+seen.Digest+`","skip_refused":true}`, 409, &p)
	if p.Field != "expect" {
		t.Errorf("problem %+v", p)
	}
	d.do("POST", "/tenants/acme/users/bulk/suspend", `{`+both+`,"reason":"left","mode":"hold","expect":"`+seen.Digest+`","skip_refused":true}`, 200, &done)
	var u wire.User
	d.do("GET", "/tenants/acme/users/bob@acme.example", "", 200, &u)
	if !done.Applied || u.State != "suspended" || u.Suspension.Mode != directory.Hold {
		t.Errorf("done %+v, and bob is %+v", done, u)
	}
	d.do("POST", "/tenants/acme/users/bulk/convert", `{"users":["ada@acme.example"],"type":"guest","mode":"hold"}`, 422, nil)
	d.do("POST", "/tenants/acme/users/bulk/release", `{"users":[]}`, 422, nil)
	d.do("POST", "/tenants/acme/users/bulk/release", `{"users":["`+strings.Repeat("x", 500)+`"]}`, 422, nil)

	_, help := d.hire("help@msp.example", directory.RoleHelpDesk, directory.Scope{All: true})
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	network := contracted(t, cfg)
	for verb, want := range map[string]int{"suspend": 200, "release": 200, "confirm": 403, "delete": 403} {
		if got, _ := d.ask(network, http.MethodPost, "/api/v1/tenants/acme/users/bulk/"+verb, `{"users":["ada@acme.example"]}`, help); got != want {
			t.Errorf("the help desk gets %d for %s, want %d", got, verb, want)
		}
	}
}
