package console_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/targets"
	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
	"drawbridge/observe"
	"drawbridge/store"
)

// kit is the operator API on a store of its own.
type kit struct {
	*testing.T
	handler http.Handler
	bridge  *bridgetest.Services
	config  console.Config
	store   store.Store
	plans   []directory.Plan
	newID   func() directory.ID
	clock   time.Duration       // how far the clock is ahead
	post    *bridgetest.Postman // nil: no mail is sent
	limits  operators.Limits    // zero: the defaults

	requests store.Journal // nil: none is kept
}

// memorySpool keeps a body in memory.
func memorySpool(_ context.Context, body io.Reader) (io.ReadSeekCloser, error) {
	data, err := io.ReadAll(body)
	return closing{bytes.NewReader(data)}, err
}

type closing struct{ io.ReadSeeker }

func (closing) Close() error { return nil }

// counter makes ids that are ordered like those of the real clock.
func counter() func() directory.ID {
	var n atomic.Uint64
	return func() directory.ID {
		var id directory.ID
		binary.BigEndian.PutUint64(id[8:], n.Add(1))
		id[6], id[8] = 0x70, 0x80
		return id
	}
}

func newKit(t *testing.T) *kit {
	t.Helper()
	st := bridgetest.Store(t)
	d := &kit{T: t, store: st, newID: counter(), plans: []directory.Plan{
		{Name: "retired", Title: "Retired", SCIM: false},
		{Name: "starter", Title: "Starter", MaxMembers: 10},
		{Name: "business", Title: "Business", SCIM: true, CustomGroups: true, IncludedGuests: 20, GuestMaxGroups: 1},
	}}
	d.restart()
	return d
}

// newPatientKit is a kit for tests that go through many routes: on a slow machine no session and no proof ends before the test does.
func newPatientKit(t *testing.T) *kit {
	t.Helper()
	d := newKit(t)
	d.limits = operators.Limits{RecentAuth: bridgetest.Day, SessionIdle: bridgetest.Day, SessionLife: bridgetest.Day}
	d.restart()
	return d
}

func (d *kit) now() time.Time { return time.Now().Add(d.clock) }

// restart makes bridge and API again on the same store, as a start of the server does.
func (d *kit) restart() {
	d.Helper()
	c := bridgetest.Config{
		Store: d.store, Now: d.now, NewID: d.newID, Random: rand.Reader, Plans: d.plans,
		Defaults: directory.Settings{ManualSuspension: directory.Yield, Rehire: directory.RehireRestore, Replay: directory.ReplayRefuse, OnDelete: directory.OnDeleteSuspend, TombstoneDays: 30, EventDays: 30, Brake: directory.BrakeAlert, OnLimit: directory.OnLimitRefuse, SnapshotZone: "UTC", SnapshotTime: "19:00"},
		SignIn:   d.limits, Journal: d.requests,
		CheckURL: func(_ context.Context, field, text string) error {
			if !strings.HasPrefix(text, "https://") {
				return &directory.Error{Code: directory.Invalid, Field: field, Message: "a URL begins with https:// and a host"}
			}
			return nil
		},
	}
	var err error
	if c.Seal, err = credential.NewRing(bytes.Repeat([]byte{1}, credential.SealKeySize)); err != nil {
		d.Fatal(err)
	}
	if d.post != nil {
		bridgetest.Mailed(d.post)(&c)
	}
	b, err := bridgetest.New(c)
	if err != nil {
		d.Fatal(err)
	}
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		d.Fatal(err)
	}
	changes, err := b.NewChanges(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	cfg := console.Config{
		Bridge: b.Bridge, Overview: b.All, Operators: b.Ops, Record: b.Record, Changes: changes, Outbox: b.Outbox, Journal: b.Journal, Authenticate: console.Local(b.Ops), Plans: d.plans, Version: "test",
		BaseURL: func() string { return "https://scim.example.com" },
		APIURL:  func() string { return "https://api.example.com" },
		Status: func(context.Context) wire.Status {
			return wire.Status{Version: "test", Parts: []wire.Component{}, Store: wire.StoreStatus{Kind: "file", Servers: []wire.ServerStatus{}}}
		},
		Types:   types(),
		Backups: copies{},
		Secret:  []byte("a secret of the installation"),
		ReadSchemas: func(s []directory.CustomSchema) ([]directory.CustomSchema, error) {
			if len(s) > 1 {
				return nil, errors.New("one schema is enough for a test")
			}
			return s, nil
		},
		Observe: observe.New(observe.Config{Bridge: b.Bridge, Store: d.store, Now: d.now, Any: func() bool { return true }, Open: func(context.Context) (observe.Copies, error) {
			c := c
			c.Store = bridgetest.Store(d.T)
			there, err := bridgetest.New(c)
			if err != nil {
				return observe.Copies{}, err
			}
			return observe.Copies{Bridge: there.Bridge, Store: c.Store}, nil
		}}),
		Jobs:    fakeJobs{},
		Pull:    noDirectory{},
		Targets: b.Targets, Provision: noApplication{b.Targets},
		Webhooks: b.Hooks, TestWebhook: func(ctx context.Context, p directory.Principal, name string) (directory.Attempt, error) {
			_, err := b.Hooks.Own(ctx, p, name)
			return directory.Attempt{Kind: "webhook.test", ID: "test_1", At: d.now(), Attempt: 1, Status: 204}, err
		},
		Spool: memorySpool,
		Now:   d.now, IDs: ids, Logger: slog.New(slog.DiscardHandler),
	}
	d.bridge, d.handler, d.config = b, contracted(d.T, cfg), cfg
}

// types are the types of identity provider with made-up words.
func types() []wire.IdentityProvider {
	var out []wire.IdentityProvider
	for _, t := range directory.ConnectionTypes() {
		out = append(out, wire.IdentityProvider{Type: string(t), Title: string(t), Auth: []string{"bearer"}, Cadence: 60, Setup: wire.Setup{Title: string(t), Steps: []string{}}})
	}
	return out
}

// copies is a console.Backups that makes none.
type copies struct{}

func (copies) Backup(_ context.Context, to string) (wire.Backup, error) {
	if to == "/taken" {
		return wire.Backup{}, &directory.Error{Code: directory.Conflict, Field: "to", Message: "/taken is there already"}
	}
	return wire.Backup{Path: to, SHA256: "00", Report: &wire.CheckReport{OK: true, Findings: []string{}}}, nil
}

func (copies) Check(context.Context) (wire.CheckReport, error) {
	return wire.CheckReport{File: "store", Findings: []string{"something"}}, nil
}

func (copies) List(context.Context) (wire.Backups, error) {
	return wire.Backups{Dir: "/b", Keep: 7, Items: []wire.Backup{}, Running: &wire.Progress{What: "copy", Done: 1, Total: 2}}, nil
}

// do sends a request and decodes the answer into out, unless that is nil.
func (d *kit) do(method, path, body string, want int, out any, header ...string) *httptest.ResponseRecorder {
	d.Helper()
	var r io.Reader = http.NoBody
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequestWithContext(context.Background(), method, "/api/v1"+path, r)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	if rec.Code != want {
		d.Fatalf("%s %s: %d, want %d\n%s", method, path, rec.Code, want, rec.Body)
	}
	if out != nil {
		dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
		dec.DisallowUnknownFields() // the client knows every field that the server sends
		if err := dec.Decode(out); err != nil {
			d.Fatalf("%s %s: %v\n%s", method, path, err, rec.Body)
		}
	}
	return rec
}

func TestTenantIsCreatedReadAndChanged(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, name := range []string{"acme", "birch", "cedar"} {
		d.do("POST", "/tenants", fmt.Sprintf(`{"slug":%q,"name":%q,"seats":5}`, name, strings.ToUpper(name)), 201, nil)
	}
	var tenant wire.Tenant
	rec := d.do("GET", "/tenants/acme", "", 200, &tenant)
	if tenant.Plan != "business" || tenant.Seats.Limit != 5 || rec.Header().Get("ETag") != wire.ETag(tenant.Version) {
		t.Errorf("tenant %+v, ETag %q", tenant, rec.Header().Get("ETag"))
	}

	var first, second wire.TenantPage
	d.do("GET", "/tenants?limit=2&sort=name&dir=desc", "", 200, &first)
	d.do("GET", "/tenants?limit=2&sort=name&dir=desc&cursor="+first.Next, "", 200, &second)
	if len(first.Items) != 2 || first.Items[0].Slug != "cedar" || len(second.Items) != 1 || second.Items[0].Slug != "acme" || second.Next != "" {
		t.Errorf("pages %v %v", first, second)
	}
	d.do("GET", "/tenants?q=BIR", "", 200, &first)
	if len(first.Items) != 1 || first.Items[0].Slug != "birch" {
		t.Errorf("search gave %v", first.Items)
	}
	d.do("GET", "/tenants?cursor=nonsense!", "", 422, nil)

	etag := wire.ETag(tenant.Version)
	rec = d.do("PATCH", "/tenants/acme", `{"seats":7}`, 200, &tenant, "If-Match", etag)
	if tenant.Seats.Limit != 7 || rec.Header().Get("ETag") == etag {
		t.Errorf("after the change: %+v", tenant)
	}
	var p wire.Problem
	d.do("PATCH", "/tenants/acme", `{"seats":8}`, 412, &p, "If-Match", etag)
	if p.Code != "stale" || p.Request == "" {
		t.Errorf("problem %+v", p)
	}
	d.do("GET", "/tenants/nobody", "", 404, &p)
	if p.Code != "not_found" {
		t.Errorf("problem %+v", p)
	}
	d.do("POST", "/tenants", `{"slug":"acme","name":"again"}`, 409, &p)
	d.do("POST", "/tenants", `{"slug":"x","name":"x","plan":"gold"}`, 422, &p)
}

func TestInvalidFieldIsNamed(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		field, detail      string
	}{
		{"POST", "/tenants", `{"name":"x","colour":"red"}`, 422, "colour", "there is no field colour"},
		{"POST", "/tenants", `{"name":"x","Name":"y"}`, 400, "", ""},
		{"POST", "/tenants", `{}`, 422, "name", "name is required"},
		{"POST", "/tenants", `{"name":"x","slug":"A_B"}`, 422, "slug", "slug"},
		{"POST", "/tenants", `{"name":"x","seats":-1}`, 422, "seats", "seats"},
		{"POST", "/tenants", `{"name":`, 400, "", ""},
		{"GET", "/tenants?colour=red", "", 422, "colour", "colour"},
		{"GET", "/tenants?limit=0", "", 422, "limit", "limit"},
		{"POST", "/connections", `{"tenant":"x","type":"ldap"}`, 422, "type", "type"},
		{"GET", "/nothing", "", 404, "", "openapi.json"},
		{"DELETE", "/tenants", "", 404, "", "openapi.json"},
	} {
		var p wire.Problem
		rec := d.do(c.method, c.path, c.body, c.status, &p)
		if got := rec.Header().Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s %s: content type %s", c.method, c.path, got)
		}
		if p.Field != c.field || !strings.Contains(p.Detail, c.detail) || p.Code == "" || p.Request == "" {
			t.Errorf("%s %s %s: %+v", c.method, c.path, c.body, p)
		}
	}
}

func TestConnectionsAndTokensAreManaged(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	for auth, want := range map[string]func(wire.Issued) bool{
		"bearer": func(i wire.Issued) bool { return i.UserName == "" && i.ClientID == "" },
		"basic":  func(i wire.Issued) bool { return i.UserName != "" },
		"oauth": func(i wire.Issued) bool {
			return i.ClientID != "" && i.TokenURL == "https://scim.example.com/oauth2/token"
		},
	} {
		var i wire.Issued
		rec := d.do("POST", "/connections", `{"slug":"acme-`+auth+`","tenant":"acme","type":"okta","auth":"`+auth+`"}`, 201, &i)
		if i.Token == "" || i.Auth != auth || i.BaseURL != "https://scim.example.com/scim/v2/acme-"+auth || !want(i) || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %+v", auth, i)
		}
		shown := d.do("GET", "/connections/acme-"+auth, "", 200, nil).Body.String()
		if strings.Contains(shown, i.Token) {
			t.Errorf("%s: the secret is shown twice", auth)
		}
	}
	var page wire.Page[wire.Connection]
	d.do("GET", "/connections?tenant=acme&limit=2", "", 200, &page)
	if len(page.Items) != 2 || page.Next == "" || len(page.Items[0].Requests) != directory.HoursCounted {
		t.Errorf("page %+v", page)
	}
	var c wire.Connection
	d.do("PATCH", "/connections/acme-bearer", `{"paused":true,"unknown_paths":"refuse","mappings":[{"display_name":"IT","grants":"administrators"}]}`, 200, &c)
	if !c.Paused || c.UnknownPaths != "refuse" || len(c.Mappings) != 1 {
		t.Errorf("connection %+v", c)
	}
	c = wire.Connection{}
	d.do("PATCH", "/connections/acme-bearer", `{"unknown_paths":""}`, 200, &c)
	if c.UnknownPaths != "" || !c.Paused {
		t.Errorf("connection %+v", c)
	}

	var tokens wire.Page[wire.Token]
	var i wire.Issued
	d.do("POST", "/connections/acme-bearer/tokens", `{"overlap_seconds":60}`, 201, &i)
	d.do("DELETE", "/connections/acme-bearer/tokens/"+i.TokenID, "", 204, nil)
	d.do("GET", "/connections/acme-bearer/tokens", "", 200, &tokens)
	if len(tokens.Items) != 2 {
		t.Fatalf("tokens %+v", tokens)
	}
	for _, k := range tokens.Items {
		if want := map[bool]string{true: "revoked", false: "live"}[k.ID == i.TokenID]; k.Status != want || len(k.Prefix) != 4 {
			t.Errorf("token %+v, want %s", k, want)
		}
	}
	notice := ""
	for _, k := range tokens.Items {
		if k.Status == "live" {
			notice = d.do("DELETE", "/connections/acme-bearer/tokens/"+k.ID, "", 204, nil).Header().Get("Drawbridge-Notice")
		}
	}
	if !strings.Contains(notice, "acme-bearer") {
		t.Errorf("the last credential ends without a notice: %q", notice)
	}
	d.do("GET", "/connections/none", "", 404, nil)
}

func TestEventsWaitForTheNextEvent(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	var feed wire.Events
	d.do("GET", "/tenants/acme/events", "", 200, &feed)
	if len(feed.Items) == 0 || feed.Last != feed.Items[len(feed.Items)-1].Seq {
		t.Fatalf("feed %+v", feed)
	}
	go func() {
		time.Sleep(50 * time.Millisecond)
		d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	}()
	var more wire.Events
	d.do("GET", fmt.Sprintf("/tenants/acme/events?wait=20&after=%d", feed.Last), "", 200, &more)
	if len(more.Items) == 0 || more.Items[0].Seq != feed.Last+1 {
		t.Errorf("after %d came %+v", feed.Last, more)
	}
	var audit wire.AuditLines
	d.do("GET", "/tenants/acme/audit?limit=1", "", 200, &audit)
	if len(audit.Items) != 1 || audit.Last < 2 {
		t.Errorf("audit %+v", audit)
	}
}

func TestSchemasAreLoadedAndRemoved(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	schema := func(id string) string {
		return `{"resource_type":"User","definition":{"id":"` + id + `","name":"Badge","attributes":[]}}`
	}
	d.do("POST", "/tenants/acme/schemas", schema("urn:acme:badge"), 200, nil)
	d.do("POST", "/tenants/acme/schemas", schema("urn:acme:BADGE"), 200, nil) // replaces the existing one
	var p wire.Problem
	d.do("POST", "/tenants/acme/schemas", schema("urn:acme:other"), 422, &p)
	if p.Field != "definition" || !strings.Contains(p.Detail, "enough") {
		t.Errorf("problem %+v", p)
	}
	d.do("POST", "/tenants/acme/schemas", `{"resource_type":"User","definition":{}}`, 422, &p)
	var page wire.Page[wire.Schema]
	d.do("GET", "/tenants/acme/schemas", "", 200, &page)
	if len(page.Items) != 1 || page.Items[0].URN != "urn:acme:BADGE" {
		t.Errorf("schemas %+v", page)
	}
}

// noDirectory is a server with empty directories.
type noDirectory struct{}

func (noDirectory) Sync(_ context.Context, _ directory.Principal, c directory.ConnectionID, how directory.Run) (wire.SyncResult, error) {
	return wire.SyncResult{Connection: string(c), Preview: how.Dry(), Outcome: "complete", Changes: []wire.SyncChange{}}, nil
}

func (noDirectory) Check(_ context.Context, _ directory.Principal, c directory.ConnectionID) (wire.ConnectionCheck, error) {
	return wire.ConnectionCheck{Connection: string(c), OK: true, Steps: []wire.ConnectionFinding{}}, nil
}

func (noDirectory) Credential(field, text string) (bridge.PullCredential, error) {
	if !strings.HasPrefix(text, "{") {
		return bridge.PullCredential{}, &directory.Error{Code: directory.Invalid, Field: field, Message: field + " is no JSON key of a service account"}
	}
	return bridge.PullCredential{Text: []byte(text)}, nil
}

// noApplication is a console.Provision of applications that cannot be reached.
type noApplication struct{ targets *targets.Service }

func (n noApplication) Preview(ctx context.Context, p directory.Principal, at targets.Where) (wire.TargetPreview, error) {
	_, err := n.targets.At(ctx, p, at)
	return wire.TargetPreview{Steps: []wire.TargetStep{}, Differences: []wire.TargetDifference{}}, err
}

func (n noApplication) Check(ctx context.Context, p directory.Principal, name string) ([]wire.TargetFinding, error) {
	_, err := n.targets.Own(ctx, p, name)
	return []wire.TargetFinding{{What: "credential", Detail: "it cannot be reached"}}, err
}
