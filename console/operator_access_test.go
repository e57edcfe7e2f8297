package console_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store"
)

// person is an operator of the table: a role and a scope.
type person struct {
	role   directory.Role
	scope  directory.Scope
	id     directory.ID
	cookie string // of one who acts
}

func (p *person) String() string {
	scope := fmt.Sprint(p.scope.Tenants)
	if p.scope.All {
		scope = "all"
	}
	return string(p.role) + " of " + scope
}

// sees, covers and manages are what the table expects, said once more without package policy.
func (p *person) sees(o *person) bool {
	return p.scope.All || o.scope.All || len(o.scope.Tenants) == 0 || slices.ContainsFunc(o.scope.Tenants, p.scope.Covers)
}

func (p *person) has(scope directory.Scope) bool {
	return p.scope.All || !scope.All && !slices.ContainsFunc(scope.Tenants, func(t directory.TenantID) bool { return !p.scope.Covers(t) })
}

func rank(r directory.Role) int { return slices.Index(directory.Roles(), r) }

func (p *person) covers(o *person) bool { return rank(p.role) <= rank(o.role) && p.has(o.scope) }

func (p *person) manages() bool {
	return p.role == directory.RoleOwner || p.role == directory.RoleAdminBilling || p.role == directory.RoleAdmin
}

// answer is a status with the rule of a refusal; the rule "" is any.
type answer struct {
	status int
	rule   string
}

// verb is one way to use an operator route.
type verb struct {
	method, path, body string
	// done is the answer to a caller who has at least role and scope of the operator; nil: the success of the method.
	done func(by, on *person) answer
	open bool // shown to every caller who sees the operator
}

func always(status int) func(by, on *person) answer {
	return func(_, _ *person) answer { return answer{status: status} }
}

// unless gives the refusal of O10 where the caller lacks something that the change would give.
func unless(lacks func(by *person) bool) func(by, on *person) answer {
	return func(by, _ *person) answer {
		if lacks(by) {
			return answer{http.StatusForbidden, "O10"}
		}
		return answer{status: http.StatusOK}
	}
}

// operatorVerbs has a row for each route about one operator. {operator} is the operator, {key} one of their API keys.
func operatorVerbs() map[string][]verb {
	const path = "/operators/{operator}"
	patch := func(body string, done func(by, on *person) answer) verb {
		return verb{"PATCH", path, body, done, false}
	}
	link := func(kind string, status int) verb {
		return verb{"POST", path + "/links", `{"kind":"` + kind + `"}`, always(status), false}
	}
	return map[string][]verb{
		"get-operator": {{"GET", path, "", nil, true}},
		"update-operator": {
			patch(`{"first_name":"Other"}`, nil),
			patch(`{"email":"elsewhere@evil.example"}`, nil),
			patch(`{"mfa_required":false}`, nil),
			patch(`{"api_access":false}`, nil),
			patch(`{"role":"read_only"}`, nil),
			patch(`{"tenants":[],"all_tenants":false}`, nil),
			patch(`{"role":"administrator"}`, unless(func(by *person) bool { return rank(by.role) > rank(directory.RoleAdmin) })),
			patch(`{"role":"owner"}`, unless(func(by *person) bool { return by.role != directory.RoleOwner })),
			patch(`{"all_tenants":true}`, unless(func(by *person) bool { return !by.scope.All })),
			patch(`{"tenants":["birch"],"all_tenants":false}`, func(by, _ *person) answer {
				if !by.scope.Covers("birch") { // there is no such tenant, as far as the caller may know
					return answer{status: http.StatusUnprocessableEntity}
				}
				return answer{status: http.StatusOK}
			}),
		},
		"suspend-operator":        {{"POST", path + "/suspend", `{}`, nil, false}},
		"restore-operator":        {{"POST", path + "/restore", "", always(http.StatusConflict), false}}, // is not suspended
		"delete-operator":         {{"DELETE", path, "", nil, false}},
		"list-operator-sessions":  {{"GET", path + "/sessions", "", nil, false}},
		"end-operator-sessions":   {{"DELETE", path + "/sessions", "", nil, false}},
		"list-operator-api-keys":  {{"GET", path + "/api-keys", "", nil, false}},
		"revoke-operator-api-key": {{"DELETE", path + "/api-keys/{key}", "", nil, false}},
		"create-operator-link": {
			link("password_reset", http.StatusCreated), link("mfa_reset", http.StatusCreated),
			link("invitation", http.StatusConflict), link("email_change", http.StatusConflict), // is registered; no new address waits
		},
		"get-subscription":   {{"GET", path + "/subscription", "", nil, false}},
		"set-subscription":   {{"PUT", path + "/subscription", `{"kinds":[]}`, nil, false}},
		"reset-subscription": {{"DELETE", path + "/subscription", "", always(http.StatusOK), false}},
	}
}

// aboutOperators are the routes with a right about operators or the installation that are about no single operator. The tests below have
// them, or they name no operator.
func aboutOperators() []string {
	return []string{
		"list-operators", "export-operators", "create-operator", "list-subscriptions", "update-provider", "get-provider",
		"list-provider-audit", "search-provider-audit", "export-provider-audit-csv", "export-provider-audit-jsonl", "verify-provider-audit", "get-archive", "list-audit-streams", "list-provider-events",
	}
}

// want is the answer that the table expects.
func (v *verb) want(by, on *person) answer {
	ok := answer{status: http.StatusOK}
	if v.method == http.MethodDelete {
		ok.status = http.StatusNoContent
	}
	switch {
	case !by.manages():
		return answer{http.StatusForbidden, "O1"}
	case !by.sees(on):
		return answer{status: http.StatusNotFound}
	case v.open:
		return ok
	case !by.covers(on):
		return answer{http.StatusForbidden, "O10"}
	case v.done != nil:
		return v.done(by, on)
	}
	return ok
}

// Every operator verb is tried by every role and scope, on every role and scope. A new route without a row fails.
func TestO10EveryOperatorVerbRespectsRoleAndScope(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	network := d.network()
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	verbs := operatorVerbs()
	for _, r := range console.Routes(d.config) {
		single := strings.Contains(r.Path, "{operator}")
		if single && len(verbs[r.ID]) == 0 {
			t.Errorf("%s is about an operator and has no row in operatorVerbs", r.ID)
		}
		about := strings.HasPrefix(string(r.Right), "operator.") || strings.HasPrefix(string(r.Right), "provider.")
		if about && !single && !slices.Contains(aboutOperators(), r.ID) {
			t.Errorf("%s is about operators or the installation and is in no list of this test", r.ID)
		}
	}
	actors, victims := d.cast()
	for _, on := range victims {
		victim, session, key := d.victim(on)
		for _, by := range actors {
			allowed := false
			for id, rows := range verbs {
				for i := range rows {
					v := &rows[i]
					path := strings.NewReplacer("{operator}", on.id.String(), "{key}", key.ID.String()).Replace(v.path)
					status, p := d.ask(network, v.method, "/api/v1"+path, v.body, by.cookie)
					if want := v.want(by, on); status != want.status || want.rule != "" && p.Rule != want.rule {
						t.Errorf("%s %s by %s on %s: %d %s %q, want %d %s", id, v.body, by, on, status, p.Rule, p.Detail, want.status, want.rule)
					}
					if strings.Contains(p.Detail, "birch") && !by.scope.Covers("birch") && !strings.Contains(v.body, "birch") {
						t.Errorf("%s by %s on %s names a tenant outside the scope: %q", id, by, on, p.Detail)
					}
					if status < 300 && v.method != http.MethodGet {
						allowed = true
						d.put(victim, session, key) // as before
					}
				}
			}
			if !allowed {
				d.untouched(by, victim, session, key)
			}
		}
	}
}

// network is the API as it is reached over the network.
func (d *kit) network() http.Handler {
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	return console.New(cfg)
}

// cast gives the callers, who have signed in, and the operators to whom they do things.
func (d *kit) cast() (actors, victims []*person) {
	d.Helper()
	acme, birch := []directory.TenantID{"acme"}, []directory.TenantID{"birch"}
	for _, role := range directory.Roles() {
		scopes := []directory.Scope{{All: true}, {Tenants: acme}, {}}
		for _, scope := range scopes {
			by := &person{role: role, scope: scope}
			if !by.manages() && !scope.All {
				continue // the role decides
			}
			_, by.cookie = d.hire(fmt.Sprintf("actor%d@msp.example", len(actors)), role, scope)
			actors = append(actors, by)
		}
		for _, scope := range append(scopes, directory.Scope{Tenants: birch}, directory.Scope{Tenants: []directory.TenantID{"acme", "birch"}}) {
			victims = append(victims, &person{role: role, scope: scope, id: d.newID()})
		}
	}
	return actors, victims
}

// instant is the time as records keep it.
func (d *kit) instant() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

// victim puts an operator into the store, with a session and an API key.
func (d *kit) victim(p *person) (directory.Operator, directory.Session, directory.APIKey) {
	d.Helper()
	now := d.instant()
	o := directory.Operator{
		ID: p.id, Version: 1, Created: now, Modified: now, FirstName: "Vic", LastName: "Tim", Email: p.id.String() + "@msp.example", Role: p.role, Scope: p.scope,
		Status: directory.OperatorActive, MFARequired: true, APIAccess: true, Password: "none", Factor: &directory.Factor{Secret: "S", Confirmed: now},
	}
	session := directory.Session{ID: d.newID(), Operator: p.id, Created: now, Proved: now, Expires: now.Add(directory.IdempotencyLife)}
	copy(session.Hash[:], session.ID[:])
	key := directory.APIKey{ID: d.newID(), Operator: p.id, Prefix: "abcd", Created: now}
	copy(key.Hash[:], key.ID[:])
	d.put(o, session, key)
	return o, session, key
}

// put writes an operator as they were, without their links.
func (d *kit) put(o directory.Operator, session directory.Session, key directory.APIKey) {
	d.Helper()
	now := d.instant()
	err := d.store.Update(d.Context(), directory.Provider, nil, func(r store.Reader) (directory.Change, error) {
		links, err := r.Links(o.ID)
		c := directory.Change{
			Operators: []directory.Operator{o}, Sessions: []directory.Session{session}, APIKeys: []directory.APIKey{key},
			Audit: []directory.Audit{{
				Time: now, Actor: directory.Actor{Kind: directory.BySystem, ID: "test"}, Action: directory.ActionOperatorUpdate,
				Subject: directory.Subject{Kind: "operator", ID: o.ID.String()}, Outcome: directory.Done,
			}},
		}
		for i := range links {
			c.DropLinks = append(c.DropLinks, links[i].ID)
		}
		return c, err
	})
	if err != nil {
		d.Fatal(err)
	}
}

// untouched checks that everything that was refused had no effect.
func (d *kit) untouched(by *person, o directory.Operator, session directory.Session, key directory.APIKey) {
	d.Helper()
	err := d.store.View(d.Context(), directory.Provider, nil, func(r store.Reader) error {
		now, err := r.Operator(o.ID)
		if err != nil {
			return err
		}
		links, err := r.Links(o.ID)
		if err != nil {
			return err
		}
		sessions, err := r.Sessions(o.ID)
		if err != nil {
			return err
		}
		keys, err := r.APIKeys(o.ID)
		was, _ := json.Marshal(o)
		is, _ := json.Marshal(now)
		if !bytes.Equal(was, is) || len(links) != 0 || len(sessions) != 1 || sessions[0].ID != session.ID || len(keys) != 1 || !keys[0].Revoked.IsZero() || keys[0].ID != key.ID {
			d.Errorf("%s was refused everything, and the operator is %s with %d links, %d sessions and the keys %+v; was %s", by, is, len(links), len(sessions), keys, was)
		}
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
}

// A new operator has at most the role and the scope of the operator who adds them.
func TestO10NewOperatorHasNoMoreRights(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	network := d.network()
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	actors, wanted := d.cast()
	for i, by := range actors {
		for j, o := range wanted {
			body, err := json.Marshal(wire.OperatorCreate{
				FirstName: "N", LastName: "N", Email: fmt.Sprintf("new%d-%d@msp.example", i, j), Role: string(o.role), AllTenants: o.scope.All, Tenants: slugs(o.scope.Tenants),
			})
			if err != nil {
				t.Fatal(err)
			}
			status, p := d.ask(network, "POST", "/api/v1/operators", string(body), by.cookie)
			want := answer{status: http.StatusCreated}
			switch {
			case !by.manages():
				want = answer{http.StatusForbidden, "O1"}
			case !by.scope.All && slices.ContainsFunc(o.scope.Tenants, func(t directory.TenantID) bool { return !by.scope.Covers(t) }):
				want = answer{status: http.StatusUnprocessableEntity}
			case !by.covers(o):
				want = answer{http.StatusForbidden, "O10"}
			}
			if status != want.status || want.rule != "" && p.Rule != want.rule {
				t.Errorf("%s adds %s: %d %s %q, want %d %s", by, o, status, p.Rule, p.Detail, want.status, want.rule)
			}
		}
	}
}

func slugs(tenants []directory.TenantID) []string {
	out := []string{}
	for _, t := range tenants {
		out = append(out, string(t))
	}
	return out
}

func TestO10ListsOfTheInstallationRespectScope(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	network := d.network()
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	actors, others := d.cast()
	for i, o := range others {
		v, _, _ := d.victim(o)
		d.do("PATCH", "/operators/"+v.ID.String(), fmt.Sprintf(`{"first_name":"Named%d"}`, i), 200, nil)
	}
	for _, by := range actors {
		for _, path := range []string{"/operators?limit=500", "/subscriptions?limit=500", "/audit?limit=1000", "/audit/search?limit=1000", "/audit.csv", "/audit.jsonl", "/events?limit=1000"} {
			status, text := d.read(network, "/api/v1"+path, by.cookie)
			if !by.manages() {
				if status != http.StatusForbidden {
					t.Errorf("%s by %s: %d", path, by, status)
				}
				continue
			}
			if status != http.StatusOK {
				t.Fatalf("%s by %s: %d %s", path, by, status, text)
			}
			if strings.Contains(text, `"birch"`) && !by.scope.Covers("birch") {
				t.Errorf("%s by %s names birch", path, by)
			}
			for _, o := range others {
				want := by.sees(o)
				if strings.HasPrefix(path, "/subscriptions") { // what an operator is told of is shown to those who could change it
					want = by.covers(o)
				}
				if shown := strings.Contains(text, o.id.String()); shown != want {
					t.Errorf("%s by %s names %s: %v", path, by, o, shown)
				}
			}
		}
	}
}

// read gives the text of an answer.
func (d *kit) read(handler http.Handler, path, cookie string) (int, string) {
	d.Helper()
	req := httptest.NewRequestWithContext(d.Context(), http.MethodGet, path, http.NoBody)
	req.Header.Set("Cookie", cookie)
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// enrol gives an operator a second factor.
func (d *kit) enrol(operator string) {
	d.Helper()
	id, _ := directory.ParseID(operator)
	now := d.instant()
	err := d.store.Update(d.Context(), directory.Provider, nil, func(r store.Reader) (directory.Change, error) {
		o, err := r.Operator(id)
		o.Factor = &directory.Factor{Secret: "S", Confirmed: now}
		return directory.Change{Operators: []directory.Operator{o}, Audit: []directory.Audit{{
			Time: now, Actor: directory.Actor{Kind: directory.BySystem, ID: "test"}, Action: directory.ActionOperatorMFAEnrol,
			Subject: directory.Subject{Kind: "operator", ID: operator}, Outcome: directory.Done,
		}}}, err
	})
	if err != nil {
		d.Fatal(err)
	}
}

// Operators can neither remove a requirement from themselves, nor give themselves more rights.
func TestO10OperatorsCannotRaiseThemselves(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	network := d.network()
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.hire("second@msp.example", directory.RoleOwner, directory.Scope{All: true})
	for i, role := range []directory.Role{directory.RoleOwner, directory.RoleAdminBilling, directory.RoleAdmin} {
		email := fmt.Sprintf("self%d@msp.example", i)
		id, cookie := d.hire(email, role, directory.Scope{Tenants: []directory.TenantID{"acme"}})
		for _, c := range []struct {
			method, path, body string
			want               answer
		}{
			{"PATCH", "", `{"first_name":"Me"}`, answer{status: 200}},
			{"PATCH", "", `{"mfa_required":true}`, answer{status: 200}},
			{"GET", "/sessions", "", answer{http.StatusForbidden, "O6"}}, // a second factor is required now, and missing
		} {
			status, p := d.ask(network, c.method, "/api/v1/operators/"+id+c.path, c.body, cookie)
			if status != c.want.status || c.want.rule != "" && p.Rule != c.want.rule {
				t.Errorf("%s %s %s by an %s on themselves: %d %s %q", c.method, c.path, c.body, role, status, p.Rule, p.Detail)
			}
		}
		d.enrol(id)
		for _, c := range []struct {
			method, path, body string
			want               answer
		}{
			{"GET", "/sessions", "", answer{status: 200}},
			{"PATCH", "", `{"mfa_required":false}`, answer{http.StatusForbidden, "O10"}},
			{"PATCH", "", `{"all_tenants":true}`, answer{http.StatusForbidden, "O10"}},
			{"POST", "/links", `{"kind":"mfa_reset"}`, answer{http.StatusForbidden, "O10"}},
		} {
			status, p := d.ask(network, c.method, "/api/v1/operators/"+id+c.path, c.body, cookie)
			if status != c.want.status || c.want.rule != "" && p.Rule != c.want.rule {
				t.Errorf("%s %s %s by an %s on themselves: %d %s %q", c.method, c.path, c.body, role, status, p.Rule, p.Detail)
			}
		}
		if role != directory.RoleOwner {
			if status, p := d.ask(network, "PATCH", "/api/v1/operators/"+id, `{"role":"owner"}`, cookie); status != 403 || p.Rule != "O10" {
				t.Errorf("an %s makes themselves an Owner: %d %s", role, status, p.Rule)
			}
		}
	}
}

// The table contains the operators of the list, with the same filters, and no cell that a spreadsheet would run.
func TestOperatorTableEqualsTheList(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, body := range []string{
		`{"first_name":"Zoe","last_name":"=1+1","email":"zoe@msp.example","role":"technician"}`,
		`{"first_name":"Ada","last_name":"L","email":"ada@msp.example","role":"owner","all_tenants":true,"mfa_required":true}`,
	} {
		d.do("POST", "/operators", body, 201, nil)
	}
	read := func(query string) [][]string {
		t.Helper()
		rec := d.do("GET", "/operators.csv"+query, "", 200, nil)
		rows, err := csv.NewReader(rec.Body).ReadAll()
		if err != nil || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/csv") {
			t.Fatalf("%v, %v", err, rec.Header())
		}
		return rows
	}
	rows := read("")
	if len(rows) != 3 || rows[0][0] != "email" || rows[1][0] != "ada@msp.example" || rows[1][7] != "true" || rows[2][2] != "'=1+1" {
		t.Errorf("%q", rows)
	}
	if rows := read("?role=technician"); len(rows) != 2 || rows[1][0] != "zoe@msp.example" {
		t.Errorf("%q", rows)
	}
	d.do("GET", "/operators.csv?role=king", "", 422, nil)

	// O10: it names no operator outside the scope, and no tenant.
	network := d.network()
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	d.hire("foreign@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"birch"}})
	d.hire("shared@msp.example", directory.RoleTechnician, directory.Scope{Tenants: []directory.TenantID{"acme", "birch"}})
	_, cookie := d.hire("boss@msp.example", directory.RoleAdmin, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	_, lacking := d.hire("desk@msp.example", directory.RoleHelpDesk, directory.Scope{Tenants: []directory.TenantID{"acme"}})
	rec := d.do("GET", "/operators.csv", "", 200, nil, "Cookie", cookie)
	if text := rec.Body.String(); strings.Contains(text, "foreign@") || strings.Contains(text, "birch") || !strings.Contains(text, "shared@") {
		t.Errorf("an operator of acme gets\n%s", text)
	}
	if status, p := d.ask(network, "GET", "/api/v1/operators.csv", "", lacking); status != 403 || p.Rule != "O1" {
		t.Errorf("the help desk gets %d %s", status, p.Rule)
	}
}
