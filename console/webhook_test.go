package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// A webhook is created, read, changed, tested and removed, and gets another secret. Only two of the answers contain a secret.
func TestWebhookIsManaged(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"The `+tenant+`"}`, 201, nil)
	}
	var made wire.IssuedWebhook
	rec := d.do("POST", "/webhooks", `{"name":"portal","url":"https://hooks.example.com/x","tenants":["acme"],"events":["user.*"]}`, 201, &made)
	if !strings.HasPrefix(made.Secret, "whsec_") || made.Status != "active" || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%+v", made)
	}
	d.do("POST", "/webhooks", `{"name":"portal","url":"https://hooks.example.com/x","tenants":["acme"]}`, 409, nil)
	var p wire.Problem
	d.do("POST", "/webhooks", `{"name":"other","url":"http://10.0.0.1/","tenants":["acme"]}`, 422, &p)
	if p.Field != "url" {
		t.Errorf("%+v", p)
	}
	var w wire.Webhook
	d.do("PATCH", "/webhooks/portal", `{"tenants":["acme","birch"],"paused":true}`, 200, &w)
	if len(w.Tenants) != 2 || strings.Join(w.TenantNames, ", ") != "The acme, The birch" || w.Status != "paused" || len(w.Events) != 1 {
		t.Errorf("%+v", w)
	}
	d.do("POST", "/webhooks/portal/resume", "", 200, &w)
	if w.Status != "active" {
		t.Errorf("%+v", w)
	}
	var again wire.IssuedWebhook
	d.do("POST", "/webhooks/portal/rotate", `{}`, 200, &again)
	if again.Secret == made.Secret || again.OldSecretUntil == nil {
		t.Errorf("%+v", again)
	}
	var sent wire.WebhookAttempt
	d.do("POST", "/webhooks/portal/test", "", 200, &sent)
	if !sent.OK || sent.Status != 204 {
		t.Errorf("%+v", sent)
	}
	var moved wire.WebhookProgress
	d.do("POST", "/webhooks/portal/replay", `{"tenant":"acme","from":1}`, 200, &moved)
	if moved.Cursor != 0 || moved.Backlog == 0 {
		t.Errorf("%+v", moved)
	}
	d.do("POST", "/webhooks/portal/skip", `{"tenant":"acme","seq":1}`, 409, nil)
	var progress wire.Page[wire.WebhookProgress]
	d.do("GET", "/webhooks/portal/progress?tenant=acme", "", 200, &progress)
	if len(progress.Items) != 1 || progress.Items[0].Tenant != "acme" {
		t.Errorf("%+v", progress)
	}
	for query, want := range map[string]int{"": 2, "?status=active": 2, "?status=parked": 0, "?status=active&tenant=birch": 1} {
		if d.do("GET", "/webhooks/portal/progress"+query, "", 200, &progress); len(progress.Items) != want {
			t.Errorf("progress%s: %+v", query, progress.Items)
		}
	}
	d.do("GET", "/webhooks/portal/progress?status=lost", "", 422, nil)
	for _, path := range []string{"/webhooks", "/webhooks/portal", "/webhooks/portal/deliveries", "/events", "/audit", "/tenants/acme/events"} {
		if rec := d.do("GET", path, "", 200, nil); strings.Contains(rec.Body.String(), "whsec_") {
			t.Errorf("%s shows a secret", path)
		}
	}
	d.do("DELETE", "/webhooks/portal", "", 204, nil)
	d.do("GET", "/webhooks/portal", "", 404, nil)
}

// Every route of a webhook is tried by every role. A webhook of a foreign tenant does not exist, a shared one can be read and not changed,
// and a role without the right gets 403 for all of them.
func TestWebhookRoutesCheckRoleAndScope(t *testing.T) {
	t.Parallel()
	d := newPatientKit(t)
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	d.do("POST", "/webhooks", `{"name":"foreign","url":"https://hooks.example.com/","tenants":["birch"]}`, 201, nil)
	d.do("POST", "/webhooks", `{"name":"shared","url":"https://hooks.example.com/?token=hidden","tenants":["acme","birch"]}`, 201, nil)
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	network := contracted(t, cfg)
	for _, role := range directory.Roles() {
		_, cookie := d.hire(string(role)+"@msp.example", role, directory.Scope{Tenants: []directory.TenantID{"acme"}})
		rights := d.bridge.RightsOf(role)
		may := false
		for _, right := range rights {
			may = may || right == directory.WebhookManage
		}
		for _, r := range console.Routes(cfg) {
			if !strings.Contains(r.Path, "{webhook}") {
				continue
			}
			body := bodies("acme")[r.ID]
			if body == "" && r.Method != "GET" && r.Method != "DELETE" {
				body = "{}"
			}
			for name, want := range map[string]int{"foreign": 404, "shared": 403} {
				if name == "shared" && r.Right == directory.WebhookRead {
					want = 200
				}
				if !may {
					want = 403
				}
				status, p := d.ask(network, r.Method, strings.Replace(r.Path, "{webhook}", name, 1), body, cookie)
				if status != want || strings.Contains(p.Detail, "birch") {
					t.Errorf("%s of %s as %s: %d %s, want %d", r.ID, name, role, status, p.Detail, want)
				}
			}
		}
		if !may {
			continue
		}
		for body, want := range map[string]int{
			`{"name":"n","url":"https://hooks.example.com/","tenants":["birch"]}`:        404,
			`{"name":"n","url":"https://hooks.example.com/","tenants":["acme","birch"]}`: 404,
			`{"name":"n","url":"https://hooks.example.com/","all":true}`:                 403,
		} {
			if status, p := d.ask(network, "POST", "/api/v1/webhooks", body, cookie); status != want {
				t.Errorf("%s as %s: %d %s, want %d", body, role, status, p.Detail, want)
			}
		}
	}
	if rec := d.do("GET", "/webhooks", "", 200, nil); !strings.Contains(rec.Body.String(), "foreign") {
		t.Error("a webhook is gone")
	}
}

// A webhook of audit lines is made and changed, and its deliveries name the installation.
func TestE6WebhookOfAuditLines(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"acme"}`, 201, nil)
	var made wire.IssuedWebhook
	d.do("POST", "/webhooks", `{"name":"siem","url":"https://hooks.example.com/x","tenants":["acme"],"format":"audit","installation":true}`, 201, &made)
	if !strings.HasPrefix(made.Secret, "whsec_") || made.Format != "audit" || !made.Installation || len(made.Tenants) != 1 {
		t.Errorf("%+v", made)
	}
	d.do("POST", "/webhooks", `{"name":"other","url":"https://hooks.example.com/x","tenants":["acme"],"installation":true}`, 422, nil)
	d.do("POST", "/webhooks", `{"name":"other","url":"https://hooks.example.com/x","tenants":["acme"],"format":"audit","events":["user.*"]}`, 422, nil)
	var progress wire.Page[wire.WebhookProgress]
	d.do("GET", "/webhooks/siem/progress?tenant=_installation", "", 200, &progress)
	if len(progress.Items) != 1 || progress.Items[0].Tenant != "_installation" {
		t.Errorf("%+v", progress)
	}
	var moved wire.WebhookProgress
	d.do("POST", "/webhooks/siem/replay", `{"tenant":"_installation","from":1}`, 200, &moved)
	if moved.Tenant != "_installation" || moved.Cursor != 0 || moved.Backlog == 0 {
		t.Errorf("%+v", moved)
	}
	var w wire.Webhook
	d.do("PATCH", "/webhooks/siem", `{"installation":false}`, 200, &w)
	if w.Installation {
		t.Errorf("%+v", w)
	}
	d.do("GET", "/webhooks/siem/progress?tenant=_installation", "", 404, nil)
}

func TestAttemptsOfAWebhookAreFilteredByKindAndTime(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/webhooks", `{"name":"portal","url":"https://hooks.example.com/","all":true}`, 201, nil)
	all, err := d.bridge.Hooks.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := &all[0]
	if err := d.bridge.Hooks.Begin(t.Context(), w, "acme"); err != nil {
		t.Fatal(err)
	}
	progress, err := d.bridge.Hooks.Progress(t.Context(), operators.Local("op-1", "Olga", "r"), "portal")
	if err != nil || len(progress) != 1 {
		t.Fatal(progress, err)
	}
	state, now := progress[0].Delivery, d.now().UTC().Truncate(time.Second)
	state.Recent = []directory.Attempt{
		{Seq: 1, Kind: directory.UserCreated, At: now.Add(-2 * time.Hour), Error: "the receiver answered 500"},
		{Seq: 1, Kind: directory.UserCreated, At: now.Add(-time.Hour), Attempt: 1},
		{Seq: 2, Kind: directory.UserUpdated, At: now.Add(-time.Minute)},
	}
	state.Sent, state.Taken = directory.OnceAt(now).Join(directory.OnceAt(now.Add(-time.Hour))), directory.OnceAt(now)
	state.Sent = state.Sent.Join(directory.OnceAt(now.Add(-30 * time.Hour))) // too long ago
	if _, err := d.bridge.Hooks.Save(t.Context(), w, "acme", state); err != nil {
		t.Fatal(err)
	}
	at := func(ago time.Duration) string { return url.QueryEscape(now.Add(-ago).Format(time.RFC3339)) }
	for query, want := range map[string]int{
		"": 3, "kind=user.created": 2, "kind=user.created&failed=true": 1, "kind=group.created": 0, "from=" + at(time.Hour): 2, "to=" + at(time.Hour): 1, "from=" + at(3*time.Hour) + "&to=" + at(90*time.Minute): 1,
	} {
		var page wire.Page[wire.WebhookAttempt]
		d.do("GET", "/webhooks/portal/deliveries?"+query, "", 200, &page)
		if len(page.Items) != want {
			t.Errorf("%s: %d attempts, not %d", query, len(page.Items), want)
		}
	}
	var shown wire.Webhook
	d.do("GET", "/webhooks/portal", "", 200, &shown)
	if shown.SentDay != 2 || shown.TakenDay != 1 {
		t.Errorf("%d of %d", shown.TakenDay, shown.SentDay)
	}
}
