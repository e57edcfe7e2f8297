package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drawbridge/bridge/bridgetest"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// mailed is a kit that sends mail.
func mailed(t *testing.T) *kit {
	t.Helper()
	d := newKit(t)
	d.post = &bridgetest.Postman{}
	d.restart()
	return d
}

// sendMails sends what is due, and gives all mails to an address, the last one last.
func (d *kit) sendMails(address string) (out []directory.Mail) {
	d.Helper()
	for tried := 1; tried > 0; {
		var err error
		if tried, _, err = d.bridge.DeliverMails(d.Context()); err != nil {
			d.Fatal(err)
		}
	}
	for _, m := range d.post.Sent {
		if m.To == address {
			out = append(out, m)
		}
	}
	return out
}

// hireByMail adds an operator who has registered by the link of the mail, and gives the cookie of a session.
func (d *kit) hireByMail(email string, role directory.Role, scope directory.Scope) (id, cookie string) {
	d.Helper()
	var made wire.OperatorLink
	d.do("POST", "/operators", fmt.Sprintf(`{"first_name":"A","last_name":"B","email":%q,"role":%q,"all_tenants":%v,"tenants":%s}`, email, role, scope.All, quoted(scope.Tenants)), 201, &made)
	mails := d.sendMails(email)
	d.do("POST", "/links/"+bridgetest.LinkIn(d, mails[len(mails)-1]), `{"password":"`+password+`"}`, 200, nil)
	return made.Operator.ID, d.signIn(email, password)
}

func quoted(tenants []directory.TenantID) string {
	out := []string{}
	for _, t := range tenants {
		out = append(out, `"`+string(t)+`"`)
	}
	return "[" + strings.Join(out, ",") + "]"
}

// evilMailbox is an address of the attacker.
const evilMailbox = "mallory@evil.example"

// addressIsConfirmedFirst: the address of another administrator does not change before it is confirmed, and the administrator gets a
// notice. If the administrator gets more rights meanwhile, the link in the mailbox of the attacker does not work.
func (d *kit) addressIsConfirmedFirst(attack func(method, path, body string) (int, string), peer, owner string) {
	d.Helper()
	if status, _ := attack("PATCH", peer, `{"email":"`+evilMailbox+`"}`); status != http.StatusOK {
		d.Errorf("a new address of an equal: %d", status)
	}
	if status, _ := attack("POST", peer+"/links", `{"kind":"mfa_reset"}`); status != http.StatusCreated {
		d.Errorf("a reset for an equal: %d", status)
	}
	d.do("POST", "/session/forgot", `{"email":"`+evilMailbox+`"}`, 202, nil)
	evil, told := d.sendMails(evilMailbox), d.sendMails("peer@msp.example")
	if len(evil) != 1 || evil[0].Kind != directory.EmailChangeMail {
		d.Fatalf("the new mailbox got %+v", evil)
	}
	kinds := make(map[directory.MailKind]int)
	for _, m := range told {
		kinds[m.Kind]++
	}
	if kinds[directory.EmailNoticeMail] != 1 || kinds[directory.FactorResetMail] != 1 {
		d.Errorf("the present mailbox got %v", kinds)
	}
	var o wire.Operator
	d.do("GET", "/operators/"+peer, "", 200, &o)
	if o.Email != "peer@msp.example" || o.NewEmail != evilMailbox {
		d.Errorf("the equal has the address %s, and %s waits", o.Email, o.NewEmail)
	}
	d.do("PATCH", "/operators/"+peer, `{"role":"owner","all_tenants":true}`, 200, nil, "Cookie", owner)
	d.do("POST", "/links/"+bridgetest.LinkIn(d, evil[0]), `{}`, 404, nil)
}

// attemptsAreAudited: the audit trail contains all attempts, for the operators who may read it.
func (d *kit) attemptsAreAudited(attacker, victim, owner string) {
	d.Helper()
	var found wire.AuditFound
	d.do("GET", "/audit/search?limit=1000&outcome=refused&actor="+attacker, "", 200, &found, "Cookie", owner)
	actions := make(map[string]int)
	for _, line := range found.Items {
		if line.Subject.ID == victim {
			actions[string(line.Action)]++
		}
	}
	if actions["link.password_reset"] < 2 || actions["link.mfa_reset"] < 1 || actions["operator.update"] < 2 || actions["operator.end_sessions"] < 1 {
		d.Errorf("the record has %v", actions)
	}
}

// An administrator of one tenant tries to become an administrator of all: by links, by another address, by a reset of the second factor,
// and by an account of their own that others give more rights.
func TestO10AdministratorOfOneTenantTakesNoOtherAccount(t *testing.T) {
	t.Parallel()
	d := mailed(t)
	network := d.network()
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	acme := directory.Scope{Tenants: []directory.TenantID{"acme"}}
	_, owner := d.hireByMail("owner@msp.example", directory.RoleOwner, directory.Scope{All: true})
	boss, _ := d.hireByMail("boss@msp.example", directory.RoleAdmin, directory.Scope{All: true})
	birch, _ := d.hireByMail("birch@msp.example", directory.RoleAdmin, directory.Scope{Tenants: []directory.TenantID{"birch"}})
	peer, _ := d.hireByMail("peer@msp.example", directory.RoleAdmin, acme)
	mallory, cookie := d.hireByMail("mallory@msp.example", directory.RoleAdmin, acme)
	attack := func(method, path, body string) (int, string) {
		t.Helper()
		status, p := d.ask(network, method, "/api/v1/operators/"+path, body, cookie)
		return status, p.Rule
	}

	for _, victim := range []struct {
		id, email string
		status    int
	}{{boss, "boss@msp.example", 403}, {birch, "birch@msp.example", 404}, {"boss@msp.example", "boss@msp.example", 403}, {"birch@msp.example", "birch@msp.example", 404}} {
		before := len(d.sendMails(victim.email))
		for _, try := range [][3]string{
			{"POST", "/links", `{"kind":"password_reset"}`},
			{"POST", "/links", `{"kind":"password_reset","show_link":true}`},
			{"POST", "/links", `{"kind":"mfa_reset"}`},
			{"PATCH", "", `{"email":"` + evilMailbox + `"}`},
			{"PATCH", "", `{"mfa_required":false}`},
			{"DELETE", "/sessions", ""},
		} {
			if status, rule := attack(try[0], victim.id+try[1], try[2]); status != victim.status || status == 403 && rule != "O10" {
				t.Errorf("%s %s%s %s: %d %s, want %d", try[0], victim.email, try[1], try[2], status, rule, victim.status)
			}
		}
		if mails := d.sendMails(victim.email); len(mails) != before {
			t.Errorf("%d mails went to %s", len(mails)-before, victim.email)
		}
	}

	d.addressIsConfirmedFirst(attack, peer, owner)

	// A second account of Mallory's has no more rights than Mallory.
	for _, body := range []string{`{"role":"owner"}`, `{"all_tenants":true}`} {
		if status, rule := attack("PATCH", mallory, body); status != 403 || rule != "O10" {
			t.Errorf("on themselves %s: %d %s", body, status, rule)
		}
	}
	for _, email := range []string{"boss@msp.example", "birch@msp.example", "peer@msp.example"} {
		d.signIn(email, password) // as before
	}

	d.attemptsAreAudited(mallory, boss, owner)
}

// A request that is refused for lack of a right has a line in the audit trail of its tenant.
func TestRequestWithoutARightIsAudited(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	network := d.network()
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	id, cookie := d.hire("desk@msp.example", directory.RoleHelpDesk, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	refused := func(method, path, body string) {
		t.Helper()
		if status, p := d.ask(network, method, "/api/v1"+path, body, cookie); status != 403 || p.Rule != "O1" {
			t.Fatalf("%s %s: %d %s", method, path, status, p.Rule)
		}
	}
	for range 5 {
		refused("DELETE", "/tenants/acme/users/ada@acme.example", "")
	}
	refused("GET", "/operators", "")
	refused("PATCH", "/tenants/acme?dry_run=true", `{"name":"X"}`) // says only what would happen
	if status, _ := d.ask(network, "DELETE", "/api/v1/tenants/birch/users/x", "", cookie); status != 404 {
		t.Errorf("outside the scope: %d", status)
	}
	for path, want := range map[string]directory.Subject{
		"/tenants/acme/audit/search": {Kind: "request", ID: "delete-user", Name: "DELETE /api/v1/tenants/acme/users/ada@acme.example"},
		"/audit/search":              {Kind: "request", ID: "list-operators"},
	} {
		var found wire.AuditFound
		d.do("GET", path+"?action=request.denied", "", 200, &found)
		if len(found.Items) != 1 || found.Items[0].Subject != want || found.Items[0].Actor.ID != id || found.Items[0].Rule != "O1" || found.Items[0].Outcome != directory.WasDenied {
			t.Errorf("%s has %+v", path, found.Items)
		}
	}
	// An API key may do nothing about accounts.
	d.do("PATCH", "/operators/"+id, `{"api_access":true}`, 200, nil)
	var key wire.APIKeyIssued
	d.do("POST", "/me/api-keys", `{"label":"ci"}`, 201, &key, "Cookie", cookie)
	d.do("POST", "/me/api-keys", `{}`, 403, nil, "Authorization", "Bearer "+key.Secret)
	var found wire.AuditFound
	d.do("GET", "/audit/search?action=request.denied&actor="+id, "", 200, &found)
	if len(found.Items) != 2 || found.Items[0].Subject.ID != "create-my-api-key" || found.Items[0].Rule != "O5" {
		t.Errorf("the record has %+v", found.Items)
	}
}

// If no mail is sent, the link that confirms an address is shown to the operator who asked for it. It confirms the address only in the
// session of its own operator.
func TestO10AddressIsConfirmedInTheOwnSession(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	network := d.network()
	all := directory.Scope{All: true}
	victim, own := d.hire("victim@msp.example", directory.RoleAdmin, all)
	_, cookie := d.hire("mallory@msp.example", directory.RoleAdmin, all)
	if status, _ := d.ask(network, "PATCH", "/api/v1/operators/"+victim, `{"email":"mallory@evil.example"}`, cookie); status != 200 {
		t.Fatalf("the wish: %d", status)
	}
	var made wire.OperatorLink
	d.do("POST", "/operators/"+victim+"/links", `{"kind":"email_change"}`, 201, &made, "Cookie", cookie)
	path := "/api/v1/links/" + made.Link
	for name, who := range map[string]string{"nobody": "", "the one who asked": cookie} {
		if status, p := d.ask(network, "POST", path, `{}`, who); status != 403 || p.Rule != "O10" {
			t.Errorf("%s: %d %s", name, status, p.Rule)
		}
	}
	if status, _ := d.ask(network, "POST", path, `{}`, own); status != 200 {
		t.Errorf("the operator: %d", status)
	}
}
