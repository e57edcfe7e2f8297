package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge/operators"
	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

const password = "a good long sentence"

// hire creates a registered operator and returns the cookie of a session.
func (d *kit) hire(email string, role directory.Role, scope directory.Scope) (id, cookie string) {
	d.Helper()
	op := operators.Local("local", "local operator", "test")
	v, link, err := d.bridge.CreateOperator(d.Context(), op, operators.Draft{FirstName: "A", LastName: "B", Email: email, Role: role, Scope: scope})
	if err != nil {
		d.Fatal(err)
	}
	d.do("POST", "/links/"+link.Text, `{"password":"`+password+`"}`, 200, nil)
	return v.Operator.ID.String(), d.signIn(email, password)
}

func (d *kit) signIn(email, password string) string {
	d.Helper()
	rec := d.do("POST", "/session", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password), 201, nil)
	cookie, _, _ := strings.Cut(rec.Header().Get("Set-Cookie"), ";")
	return cookie
}

// ask sends a request with the cookie, and gives status and problem.
func (d *kit) ask(handler http.Handler, method, path, body, cookie string) (int, wire.Problem) {
	req := httptest.NewRequestWithContext(d.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, req)
	var p wire.Problem
	if rec.Code >= 400 {
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
			d.Errorf("%s %s: %v in %s", method, path, err, rec.Body)
		}
	}
	return rec.Code, p
}

// bodies are the bodies of operations that require one.
func bodies(tenant string) map[string]string {
	return map[string]string{
		"create-tenant": `{"name":"x"}`, "create-connection": `{"tenant":"` + tenant + `","type":"okta","attribute_mapping":{"attributes":[{"target":"userType","source":"title"}]}}`,
		"update-connection": `{"attribute_mapping":{"attributes":[{"target":"userType","source":"title"}]}}`, "preview-transfer": `{"to":"` + tenant + `-entra","all":true}`, "start-transfer": `{"to":"` + tenant + `-entra","all":true,"digest":"x"}`,
		"try-attribute-mapping": `{"mapping":{"attributes":[{"target":"userType","source":"title"}]}}`,
		"load-schema":           `{"resource_type":"User","definition":{"id":"urn:x"}}`,
		"create-operator":       `{"first_name":"X","last_name":"Y","email":"x@y.example","role":"read_only"}`, "create-operator-link": `{"kind":"password_reset"}`, "forgot-password": `{"email":"nobody@example.com"}`,
		"update-provider": `{"require_mfa":false}`,
		"sign-in":         `{"email":"nobody@example.com","password":"x"}`, "prove-session": `{"password":"` + password + `"}`,
		"change-password": `{"present":"` + password + `","wanted":"` + password + `"}`,
		"confirm-mfa":     `{"code":"000000"}`, "new-recovery-codes": `{"code":"000000"}`, "remove-mfa": `{"code":"000000"}`,
		"create-deletion-request": `{"user":"nobody","reason":"x"}`, "import-users": `{"csv":"userName\nx@y.example\n"}`,
		"create-group": `{"display_name":"x"}`, "create-app-key": `{"name":"x"}`, "disconnect-connection": `{"mode":"finalise","digest":"none"}`,
		"promote-observation": `{"digest":"x"}`,
		"test-mail":           `{"to":"a@b.example"}`,
		"acknowledge-alert":   `{"alert":"seats/"}`, "set-subscription": `{"kinds":[]}`, "set-my-subscription": `{"kinds":[]}`,
		"create-webhook": `{"name":"portal","url":"https://hooks.example.com/x","tenants":["` + tenant + `"]}`, "replay-webhook": `{"tenant":"` + tenant + `","from":1}`, "skip-webhook-event": `{"tenant":"` + tenant + `","seq":1}`,
		"create-target": `{"name":"app","url":"https://scim.example.com/v2","secret":"token"}`, "update-target": `{"paused":true,"mapping":[{"attribute":"title","source":"userType"}]}`, "sync-target": `{}`,
		"create-google-project": `{"name":"shared","credentials":"{}","tenants":["` + tenant + `"]}`, "rotate-google-project": `{"credentials":"{}"}`,
		"create-user":        `{"user_name":"nobody@x.example"}`,
		"delete-tenant":      `{"name":"x","expect":"x","reason":"x"}`,
		"bulk-suspend-users": `{"users":["nobody"]}`, "bulk-release-users": `{"users":["nobody"]}`, "bulk-convert-users": `{"users":["nobody"],"type":"guest"}`,
		"bulk-confirm-users": `{"users":["nobody"]}`, "bulk-invite-users": `{"users":["nobody"]}`, "bulk-delete-users": `{"users":["nobody"]}`,
		"convert-user": `{"type":"guest"}`, "confirm-bundle": `{"manifest":"` + strings.Repeat("0", 64) + `"}`,
	}
}

func concrete(r console.Route, tenant, operator string) string {
	return strings.NewReplacer(
		"{tenant}", tenant, "{connection}", tenant+"-okta", "{operator}", operator, "{user}", "nobody", "{group}", "owners",
		"{token}", "t", "{link}", "dbl_x", "{session}", "s", "{key}", "k", "{request}", "r", "{urn}", "urn:x:y", "{webhook}", "w", "{target}", "x", "{project}", "x", "{transfer}", "x",
	).Replace(r.Path)
}

// TestEveryRouteChecksRoleAndScope tries each route: a caller without a session gets 401, a foreign tenant looks like a missing one, a role
// without the right gets 403 with the name of the right, and all other callers reach the operation.
func TestEveryRouteChecksRoleAndScope(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
		d.do("POST", "/connections", `{"slug":"`+tenant+`-okta","tenant":"`+tenant+`","type":"okta"}`, 201, nil)
	}
	victim, _ := d.hire("victim@msp.example", directory.RoleReadOnly, directory.Scope{})
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	network := contracted(t, cfg)
	routes := console.Routes(cfg)
	slices.SortStableFunc(routes, func(a, b console.Route) int { return cmpBool(a.ID == "sign-out", b.ID == "sign-out") })
	if len(routes) < 50 {
		t.Fatalf("only %d routes", len(routes))
	}
	body := func(r console.Route, tenant string) string {
		if b, ok := bodies(tenant)[r.ID]; ok {
			return b
		}
		if r.Method == http.MethodGet || r.Method == http.MethodDelete {
			return ""
		}
		return "{}"
	}
	for _, r := range routes {
		if r.Open != (r.Right == "") {
			t.Errorf("%s: open %v with the right %q", r.ID, r.Open, r.Right)
		}
		status, p := d.ask(network, r.Method, concrete(r, "acme", victim), body(r, "acme"), "")
		if !r.Open && (status != 401 || p.Field != "") {
			t.Errorf("%s without a credential: %d", r.ID, status)
		}
		if status, _ := d.ask(network, r.Method, concrete(r, "acme", victim), body(r, "acme"), "drawbridge_session=dbs_wrong"); !r.Open && status != 401 {
			t.Errorf("%s with a wrong session: %d", r.ID, status)
		}
	}
	for _, role := range directory.Roles() {
		rights := d.bridge.RightsOf(role)
		for name, scope := range map[string]directory.Scope{"all": {All: true}, "one": {Tenants: []directory.TenantID{"acme"}}, "none": {}} {
			_, cookie := d.hire(name+string(role)+"@msp.example", role, scope)
			for _, r := range routes {
				if r.Open {
					continue
				}
				for _, tenant := range []string{"acme", "birch", "nowhere"} {
					status, p := d.ask(network, r.Method, concrete(r, tenant, victim), body(r, tenant), cookie)
					inTenant := r.Right.InTenant() && !r.List
					has := slices.Contains(rights, r.Right)
					inBody := inTenant && !strings.Contains(r.Path, "{") // the role is asked before the body is read
					what := fmt.Sprintf("%s as %s with the scope %s in %s: %d %s", r.ID, role, name, tenant, status, p.Detail)
					switch {
					case inTenant && !scope.Covers(directory.TenantID(tenant)) && (has || !inBody):
						if status != 404 {
							t.Errorf("%s, want 404", what)
						}
						_, same := d.ask(network, r.Method, concrete(r, "absent", victim), body(r, "absent"), cookie)
						if strings.ReplaceAll(same.Detail, "absent", tenant) != p.Detail || same.Code != p.Code {
							t.Errorf("%s: a foreign tenant and a missing one differ: %q %q", what, p.Detail, same.Detail)
						}
					case inTenant && tenant == "nowhere" && strings.Contains(r.Path, "{connection}"):
						if status != 404 {
							t.Errorf("%s, want 404", what)
						}
					case inTenant && has && tenant == "nowhere" && r.Method == http.MethodGet && status != 404:
						t.Errorf("%s, want 404", what)
					case !has:
						if status != 403 || !strings.Contains(p.Detail, string(r.Right)) {
							t.Errorf("%s, want 403 that names %s", what, r.Right)
						}
					case status == 403 && p.Rule != "O2" && p.Rule != "O10" || status == 401 && p.Field != "code":
						t.Errorf("%s, though the role has the right", what)
					}
					if !inTenant {
						break
					}
				}
			}
			_ = cookie
		}
	}
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// TestEveryTenantRouteNamesItsTenant finds a route inside a tenant that does not declare the tenant.
func TestEveryTenantRouteNamesItsTenant(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, r := range console.Routes(d.config) {
		inside := strings.Contains(r.Path, "{tenant}") || strings.Contains(r.Path, "{connection}")
		if inside && (!r.Right.InTenant() || r.List) {
			t.Errorf("%s names a tenant, and its right %q is about the installation", r.ID, r.Right)
		}
	}
}

func TestListsContainOnlyTheScope(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
		d.do("POST", "/connections", `{"slug":"`+tenant+`-okta","tenant":"`+tenant+`","type":"okta"}`, 201, nil)
	}
	_, cookie := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	var tenants wire.TenantPage
	d.do("GET", "/tenants", "", 200, &tenants, "Cookie", cookie)
	if len(tenants.Items) != 1 || tenants.Items[0].Slug != "acme" {
		t.Errorf("tenants %+v", tenants)
	}
	var connections wire.Page[wire.Connection]
	d.do("GET", "/connections", "", 200, &connections, "Cookie", cookie)
	if len(connections.Items) != 1 || connections.Items[0].Slug != "acme-okta" {
		t.Errorf("connections %+v", connections)
	}
	d.do("GET", "/connections?tenant=birch", "", 404, nil, "Cookie", cookie)
	d.do("GET", "/tenants/birch", "", 404, nil, "Cookie", cookie)
}

func TestCreatorOfATenantHasAccess(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	_, cookie := d.hire("admin@msp.example", directory.RoleAdmin, directory.Scope{})
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil, "Cookie", cookie)
	d.do("GET", "/tenants/acme", "", 200, nil, "Cookie", cookie)
	var p wire.Problem
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch","seats":5}`, 403, &p, "Cookie", cookie)
	if !strings.Contains(p.Detail, string(directory.TenantBilling)) {
		t.Errorf("problem %+v", p)
	}
	d.do("PATCH", "/tenants/acme", `{"seats":5}`, 403, nil, "Cookie", cookie)
	d.do("PATCH", "/tenants/acme", `{"name":"Acme AG"}`, 200, nil, "Cookie", cookie)
}

func TestSignInOverHTTP(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	id, cookie := d.hire("ada@msp.example", directory.RoleOwner, directory.Scope{All: true})
	var me wire.Account
	d.do("GET", "/me", "", 200, &me, "Cookie", cookie)
	if me.Operator == nil || me.Operator.ID != id || me.AuthMethod != "session" || !me.RecentProof || me.IdleUntil == nil || me.Expires == nil {
		t.Errorf("account %+v", me)
	}
	d.do("PATCH", "/operators/"+id, `{"api_access":true}`, 200, nil, "Cookie", cookie)
	var key wire.APIKeyIssued
	d.do("POST", "/me/api-keys", `{"label":"ci"}`, 201, &key, "Cookie", cookie)
	bearer := []string{"Authorization", "Bearer " + key.Secret}
	d.do("GET", "/tenants", "", 200, nil, bearer...)
	d.do("POST", "/me/api-keys", `{}`, 403, nil, bearer...) // a key makes no keys
	shown := d.do("GET", "/me/api-keys", "", 200, nil, bearer...).Body.Bytes()
	if bytes.Contains(shown, []byte(key.Secret)) || !bytes.Contains(shown, []byte(`"prefix":"`+key.Key.Prefix+`"`)) || len(key.Key.Prefix) != 4 {
		t.Errorf("keys %s", shown)
	}
	d.do("PATCH", "/operators/"+id, `{"api_access":false}`, 200, nil, "Cookie", cookie)
	d.do("GET", "/tenants", "", 401, nil, bearer...)
	rec := d.do("DELETE", "/session", "", 204, nil, "Cookie", cookie)
	if !strings.Contains(rec.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the cookie stays: %s", rec.Header().Get("Set-Cookie"))
	}
	d.do("GET", "/me", "", 401, nil, "Cookie", cookie)
}

func TestIdempotencyKeyRepeatsTheAnswer(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	key := []string{"Idempotency-Key", "k1"}
	var first, second wire.Tenant
	d.do("POST", "/tenants", `{"name":"Acme"}`, 201, &first, key...)
	d.do("POST", "/tenants", `{"name":"Acme"}`, 201, &second, key...)
	if first.Slug != second.Slug {
		t.Errorf("a repeat made %s beside %s", second.Slug, first.Slug)
	}
	var p wire.Problem
	d.do("POST", "/tenants", `{"name":"Birch"}`, 409, &p, key...)
	if p.Field != "Idempotency-Key" {
		t.Errorf("problem %+v", p)
	}
	d.do("POST", "/tenants", `{"name":"Acme","plan":"gold"}`, 422, nil, "Idempotency-Key", "k2")
	d.do("POST", "/tenants", `{"name":"Acme","plan":"business"}`, 201, &second, "Idempotency-Key", "k2") // a failure is not remembered
	if second.Slug == first.Slug {
		t.Error("two requests with two keys made one tenant")
	}
	var one, two wire.Issued
	body := `{"slug":"acme-okta","tenant":"acme","type":"okta"}`
	d.do("POST", "/connections", body, 201, &one, key...) // the key of another operation
	d.do("POST", "/connections", body, 201, &two, key...)
	if one.Token == "" || one.Token != two.Token {
		t.Error("the repeat of a create shows another secret")
	}
	_, cookie := d.hire("admin@msp.example", directory.RoleOwner, directory.Scope{All: true})
	d.do("POST", "/tenants", `{"name":"Acme"}`, 201, &second, "Idempotency-Key", "k1", "Cookie", cookie) // another operator's key
	if second.Slug == first.Slug {
		t.Error("keys of two operators are one")
	}
}

// TestIdempotencyKeysOutliveTheServer repeats creates after a restart, as a client does whose answer was lost with the process. The server
// does nothing a second time. If it cannot give the answer again, it says that the resource exists.
func TestIdempotencyKeysOutliveTheServer(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	key := []string{"Idempotency-Key", "k1"}
	d.do("POST", "/tenants", `{"slug":"taken","name":"Acme"}`, 201, nil)
	var tenant, again wire.Tenant
	d.do("POST", "/tenants", `{"name":"Taken"}`, 201, &tenant, key...)
	if tenant.Slug != "taken-2" {
		t.Fatalf("tenant %+v", tenant)
	}
	body := `{"tenant":"taken-2","type":"okta","slug":"okta"}`
	var issued wire.Issued
	d.do("POST", "/connections", body, 201, &issued, key...)
	d.provision("taken-2", "okta", "ada@acme.example")
	d.do("POST", "/connections/okta/tokens", `{}`, 201, nil, key...)
	request := `{"user":"ada@acme.example","reason":"left"}`
	var filed, filedAgain wire.DeletionRequest
	d.do("POST", "/tenants/taken-2/deletion-requests", request, 201, &filed, key...)
	var entry, entryAgain wire.SupportSession
	d.do("POST", "/tenants/taken-2/support-session", `{"minutes":30}`, 201, &entry, key...)
	d.do("POST", "/operators", `{"first_name":"A","last_name":"B","email":"a@msp.example","role":"owner"}`, 201, nil, key...)

	d.restart()
	d.do("POST", "/tenants", `{"name":"Taken"}`, 201, &again, key...)
	d.do("POST", "/tenants/taken-2/deletion-requests", request, 201, &filedAgain, key...)
	d.do("POST", "/tenants/taken-2/support-session", `{"minutes":30}`, 201, &entryAgain, key...)
	if again.Slug != tenant.Slug || filedAgain.ID != filed.ID || entryAgain.Since != entry.Since {
		t.Errorf("a repeat gave %+v, %+v, %+v", again, filedAgain, entryAgain)
	}
	for path, body := range map[string]string{
		"/connections": body, "/connections/okta/tokens": `{}`, "/operators": `{"first_name":"A","last_name":"B","email":"a@msp.example","role":"owner"}`,
	} {
		var p wire.Problem
		rec := d.do("POST", path, body, 409, &p, key...)
		if p.Field != "Idempotency-Key" || !strings.Contains(p.Detail, "done already") || strings.Contains(rec.Body.String(), issued.Token) {
			t.Errorf("%s: %+v", path, p)
		}
	}
	var p wire.Problem
	d.do("POST", "/tenants", `{"name":"Birch"}`, 409, &p, key...)
	if !strings.Contains(p.Detail, "another request") {
		t.Errorf("another request with the key: %+v", p)
	}
	d.do("POST", "/connections/okta/tokens", `{"overlap_seconds":60}`, 409, &p, key...)
	if !strings.Contains(p.Detail, "another request") {
		t.Errorf("another request with the key: %+v", p)
	}
	var tenants wire.TenantPage
	d.do("GET", "/tenants", "", 200, &tenants)
	var tokens wire.Page[wire.Token]
	d.do("GET", "/connections/okta/tokens", "", 200, &tokens)
	if len(tenants.Items) != 2 || len(tokens.Items) != 2 {
		t.Errorf("%d tenants and %d tokens, want 2 and 2", len(tenants.Items), len(tokens.Items))
	}
	d.clock += directory.IdempotencyLife
	d.restart()
	d.do("DELETE", "/connections/okta/tokens/"+tokens.Items[0].ID, "", 204, nil)
	d.do("POST", "/connections/okta/tokens", `{}`, 201, nil, key...) // a day later the key is free
}
