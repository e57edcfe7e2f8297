package console_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store"
)

// previewed are the operations that can say what they would do, in an order in which each of them does something. {id} is the operator,
// {token} the credential, {appkey} the application's key, {request} the deletion request.
func previewed() [][4]string {
	return [][4]string{
		{"update-tenant", "PATCH", "/tenants/acme", `{"name":"Acme AG"}`},
		{"update-connection", "PATCH", "/connections/acme-okta", `{"paused":true}`},
		{"update-user", "PATCH", "/tenants/acme/users/local@acme.example", `{"display_name":"Lo Cal","email":"lo@acme.example"}`},
		{"convert-user", "POST", "/tenants/acme/users/local@acme.example/convert", `{"type":"guest"}`},
		{"create-group", "POST", "/tenants/acme/groups", `{"display_name":"Board"}`},
		{"update-group", "PATCH", "/tenants/acme/groups/board", `{"display_name":"The Board"}`},
		{"add-member", "PUT", "/tenants/acme/groups/the board/members/ada@acme.example", ""},
		{"remove-member", "DELETE", "/tenants/acme/groups/the board/members/ada@acme.example", ""},
		{"release-group-management", "POST", "/tenants/acme/groups/staff/release-management", ""},
		{"delete-group", "DELETE", "/tenants/acme/groups/staff", ""},
		{"suspend-user", "POST", "/tenants/acme/users/ada@acme.example/suspend", `{"reason":"ticket 1","mode":"yield"}`},
		{"hold-user", "POST", "/tenants/acme/users/ada@acme.example/hold", ""},
		{"yield-user", "POST", "/tenants/acme/users/ada@acme.example/yield", ""},
		{"release-user", "POST", "/tenants/acme/users/ada@acme.example/release", ""},
		{"recover-user", "POST", "/tenants/acme/users/ada@acme.example/recover", ""},
		{"recovered-user", "POST", "/tenants/acme/users/ada@acme.example/recovered", ""},
		{"release-user-management", "POST", "/tenants/acme/users/bob@acme.example/release-management", ""},
		{"confirm-user", "POST", "/tenants/acme/users/cyd@acme.example/confirm", ""},
		{"reject-deletion-request", "POST", "/tenants/acme/deletion-requests/{request}/reject", `{"answer":"no"}`},
		{"approve-deletion-request", "POST", "/tenants/acme/deletion-requests/{request2}/approve", `{}`},
		{"delete-user", "DELETE", "/tenants/acme/users/dan@acme.example", ""},
		{"revoke-token", "DELETE", "/connections/acme-okta/tokens/{token}", ""},
		{"revoke-app-key", "DELETE", "/tenants/acme/appkeys/{appkey}", ""},
		{"update-operator", "PATCH", "/operators/{id}", `{"last_name":"Other"}`},
		{"update-webhook", "PATCH", "/webhooks/portal", `{"events":["user.*"],"tenants":["acme"],"paused":true}`},
		{"resume-webhook", "POST", "/webhooks/portal/resume", ""},
		{"delete-webhook", "DELETE", "/webhooks/portal", ""},
		{"detach-google-project", "DELETE", "/google-projects/shared/tenants/acme", ""},
		{"delete-google-project", "DELETE", "/google-projects/spare", ""},
		{"suspend-operator", "POST", "/operators/{id}/suspend", `{"reason":"left"}`},
		{"restore-operator", "POST", "/operators/{id}/restore", ""},
		{"delete-operator", "DELETE", "/operators/{id}", ""},
	}
}

// TestPreviewComesTrue previews each action, checks that nothing was written, performs it, and compares the audit lines with the preview
// (E7).
func TestPreviewComesTrue(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"business","seats":9}`, 201, nil)
	var made wire.Issued
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, &made)
	for _, name := range []string{"ada", "bob", "cyd"} {
		d.provision("acme", "acme-okta", name+"@acme.example")
	}
	d.provisionGroup("acme", "acme-okta", "Staff")
	for _, name := range []string{"local", "dan", "eve", "fay"} {
		d.do("POST", "/tenants/acme/users", `{"user_name":"`+name+`@acme.example"}`, 201, nil)
	}
	d.awaitConfirmation("acme", "cyd@acme.example")
	for _, name := range []string{"dan", "eve", "fay"} {
		d.do("POST", "/tenants/acme/users/"+name+"@acme.example/suspend", `{}`, 200, nil)
	}
	var first, second wire.DeletionRequest
	d.do("POST", "/tenants/acme/deletion-requests", `{"user":"eve@acme.example","reason":"left"}`, 201, &first)
	d.do("POST", "/tenants/acme/deletion-requests", `{"user":"fay@acme.example","reason":"left"}`, 201, &second)
	var key wire.IssuedAppKey
	d.do("POST", "/tenants/acme/appkeys", `{"name":"Portal"}`, 201, &key)
	d.do("POST", "/webhooks", `{"name":"portal","url":"https://hooks.example.com/x","all":true}`, 201, nil)
	for _, name := range []string{"shared", "spare"} {
		d.do("POST", "/google-projects", `{"name":"`+name+`","credentials":"{}","tenants":["acme"]}`, 201, nil)
	}
	id, _ := d.hire("tech@msp.example", directory.RoleTechnician, directory.Scope{})
	d.do("PATCH", "/tenants/acme", `{"overrides":{"guest_user_types":["guest"]}}`, 200, nil)
	names := strings.NewReplacer("{token}", made.TokenID, "{appkey}", key.ID, "{id}", id, "{request}", first.ID, "{request2}", second.ID, " ", "%20")

	for _, step := range previewed() {
		what, method, path, body := step[0], step[1], names.Replace(step[2]), step[3]
		trails := trailsOf(path)
		before := d.written(trails)
		var preview wire.Preview
		d.do(method, path+"?dry_run=true", body, 200, &preview)
		if after := d.written(trails); !slices.Equal(after, before) {
			t.Fatalf("%s: the preview wrote lines: %v became %v", what, before, after)
		}
		if len(preview.Changes) == 0 || preview.At.IsZero() {
			t.Errorf("%s: the preview says nothing: %+v", what, preview)
		}
		d.send(method, path, body)
		var lines wire.AuditLines
		for i, trail := range trails {
			var of wire.AuditLines
			d.do("GET", trail+"?after="+number(before[i]), "", 200, &of)
			lines.Items = append(lines.Items, of.Items...)
		}
		if len(lines.Items) != len(preview.Changes) {
			t.Errorf("%s: %d lines were written, %d were said: %+v", what, len(lines.Items), len(preview.Changes), preview.Changes)
			continue
		}
		for i := range lines.Items {
			got, said := &lines.Items[i], &preview.Changes[i]
			if string(got.Action) != said.Action || got.Outcome != directory.Done || got.Subject.Name != said.Subject.Name || string(got.Rule) != said.Rule ||
				shape(got.After) != shape(said.After) || shape(got.Before) != shape(said.Before) {
				t.Errorf("%s: the line\n%+v\nis not what was said:\n%+v", what, got, said)
			}
		}
	}
}

// trailsOf are the trails that the action at a path writes to, in this order.
func trailsOf(path string) []string {
	switch {
	case strings.HasPrefix(path, "/google-projects"):
		return []string{"/audit", "/tenants/acme/audit"}
	case strings.HasPrefix(path, "/operators"), strings.HasPrefix(path, "/webhooks"):
		return []string{"/audit"}
	}
	return []string{"/tenants/acme/audit"}
}

// written gives the number of the last line of each trail.
func (d *kit) written(trails []string) (out []uint64) {
	d.Helper()
	for _, trail := range trails {
		var lines wire.AuditLines
		d.do("GET", trail+"?after=1000000", "", 200, &lines)
		out = append(out, lines.Last)
	}
	return out
}

// shape is a document without instants, which differ between a preview and the action.
func shape(doc directory.Document) string {
	var v map[string]any
	if len(doc) == 0 || json.Unmarshal(doc, &v) != nil {
		return string(doc)
	}
	for name, value := range v {
		if text, ok := value.(string); ok && strings.Contains(text, "T") && strings.HasSuffix(text, "Z") {
			v[name] = "a time"
		}
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// TestEveryPreviewIsTested finds an operation with a preview that TestPreviewComesTrue does not run.
func TestEveryPreviewIsTested(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	doc := d.document()
	tested := previewed()
	for _, r := range console.Routes(d.config) {
		op := doc.Paths.Value(r.Path).GetOperation(r.Method)
		param := op.Parameters.GetByInAndName("query", "dry_run")
		if param == nil || !strings.Contains(param.Description, "Preview") {
			continue
		}
		if !slices.ContainsFunc(tested, func(step [4]string) bool { return step[0] == r.ID }) {
			t.Errorf("%s has a preview that no test compares with what happens", r.ID)
		}
	}
}

func TestPreviewOfARefusedChangeIsTheRefusal(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"business","seats":1}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.provision("acme", "acme-okta", "ada@acme.example")
	d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{"mode":"yield"}`, 200, nil)
	d.do("POST", "/tenants/acme/users", `{"user_name":"bob@acme.example"}`, 201, nil)
	d.do("PUT", "/tenants/acme/groups/owners/members/bob@acme.example", "", 204, nil)
	var before, after wire.AuditLines
	d.do("GET", "/tenants/acme/audit?limit=1000", "", 200, &before)
	for _, step := range [][4]string{
		{"POST", "/tenants/acme/users/ada@acme.example/release", "", "B2"},
		{"DELETE", "/tenants/acme/users/bob@acme.example", "", "D1"},
		{"POST", "/tenants/acme/users/bob@acme.example/suspend", `{}`, "G3"},
		{"PATCH", "/tenants/acme/users/ada@acme.example", `{"display_name":"X"}`, "L9"},
		{"PATCH", "/tenants/acme/groups/owners", `{"display_name":"X"}`, "G1"},
	} {
		var p wire.Problem
		rec := d.send(step[0], step[1]+"?dry_run=true", step[2])
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 409 || p.Rule != step[3] {
			t.Errorf("%s %s: %d %+v, want the refusal of %s", step[0], step[1], rec.Code, p, step[3])
		}
	}
	if d.do("GET", "/tenants/acme/audit?limit=1000", "", 200, &after); len(after.Items) != len(before.Items) {
		t.Errorf("previews wrote %d lines", len(after.Items)-len(before.Items))
	}
}

func TestPreviewOfSuspensionPredictsTheNextSync(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"business","seats":3}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	d.provision("acme", "acme-okta", "ada@acme.example")
	for _, mode := range []string{"yield", "hold"} {
		var preview wire.Preview
		var done wire.Suspended
		d.do("POST", "/tenants/acme/users/ada@acme.example/suspend?dry_run=true", `{"mode":"`+mode+`"}`, 200, &preview)
		if preview.Notice == "" || preview.Seats == nil || preview.Seats.Before != 1 || preview.Seats.After != 0 || preview.Seats.Limit != 3 || !slices.Contains(preview.Events, "user.suspended") {
			t.Errorf("%s: %+v", mode, preview)
		}
		d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{"mode":"`+mode+`"}`, 200, &done)
		if done.Notice != preview.Notice {
			t.Errorf("%s: %q was said, and then %q", mode, preview.Notice, done.Notice)
		}
		d.do("POST", "/tenants/acme/users/ada@acme.example/release", "", 200, nil)
	}
}

// TestPreviewNeedsNoRecentAuthentication previews a dangerous action in a session that must authenticate again before the action.
func TestPreviewNeedsNoRecentAuthentication(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/tenants/acme/users", `{"user_name":"ada@acme.example"}`, 201, nil)
	d.do("POST", "/tenants/acme/users/ada@acme.example/suspend", `{}`, 200, nil)
	_, cookie := d.hire("owner@msp.example", directory.RoleOwner, directory.Scope{All: true})
	_, help := d.hire("help@msp.example", directory.RoleHelpDesk, directory.Scope{All: true})
	d.clock += 15 * 60 * 1e9
	d.do("DELETE", "/tenants/acme/users/ada@acme.example", "", 403, nil, "Cookie", cookie)
	d.do("DELETE", "/tenants/acme/users/ada@acme.example?dry_run=true", "", 200, nil, "Cookie", cookie)
	d.do("DELETE", "/tenants/acme/users/ada@acme.example?dry_run=true", "", 403, nil, "Cookie", help) // the right is needed nevertheless
}

// send sends a request of which the test looks at the answer itself.
func (d *kit) send(method, path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(d.Context(), method, "/api/v1"+path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	return rec
}

// provisionGroup makes a group as the identity provider of a connection does.
func (d *kit) provisionGroup(tenant, connection, name string, members ...string) {
	d.Helper()
	var add []directory.MemberEdit
	for _, m := range members {
		var u wire.User
		d.do("GET", "/tenants/"+tenant+"/users/"+m, "", 200, &u)
		add = append(add, directory.MemberEdit{Op: directory.AddMembers, Members: []directory.MemberRef{{Value: u.ID}}})
	}
	_, err := d.bridge.CreateGroup(d.Context(), idp(tenant, connection), func(*directory.Group) (directory.GroupDraft, error) {
		return directory.GroupDraft{DisplayName: name, Document: directory.Attributes{{Name: "displayName", Value: name}}.Document(), Members: add}, nil
	})
	if err != nil {
		d.Fatal(err)
	}
}

// awaitConfirmation puts a user into the state of one who has accepted an invitation.
func (d *kit) awaitConfirmation(tenant, userName string) {
	d.Helper()
	now := d.now()
	err := d.store.Update(d.Context(), directory.TenantID(tenant), nil, func(r store.Reader) (directory.Change, error) {
		u, err := r.UserByName(userName)
		if err != nil {
			return directory.Change{}, err
		}
		u = u.Clone()
		u.State = directory.AwaitingConfirmation
		u.Version++
		line := directory.Audit{Time: now, Tenant: directory.TenantID(tenant), Action: directory.ActionUserUpdate, Subject: directory.Subject{Kind: "User", ID: u.ID.String()}, Outcome: directory.Done}
		return directory.Change{Users: []directory.User{u}, Audit: []directory.Audit{line}}, nil
	})
	if err != nil {
		d.Fatal(err)
	}
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
