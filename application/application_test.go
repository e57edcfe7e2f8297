package application_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/application"
	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// portal is the application API on a store of its own.
type portal struct {
	*testing.T
	handler http.Handler
	bridge  *bridgetest.Services
	stop    context.CancelFunc
}

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

func newPortal(t *testing.T, changes ...func(*application.Config)) *portal {
	t.Helper()
	st := bridgetest.Store(t)
	b, err := bridgetest.New(bridgetest.Config{
		Store: st, Now: time.Now, NewID: counter(), Random: rand.Reader, Plans: []directory.Plan{{Name: "business", Title: "Business", SCIM: true}},
		Defaults: directory.Settings{ManualSuspension: directory.Yield, Rehire: directory.RehireRestore, Replay: directory.ReplayRefuse, OnDelete: directory.OnDeleteSuspend, TombstoneDays: 30, EventDays: 30, Brake: directory.BrakeAlert, OnLimit: directory.OnLimitRefuse, SnapshotZone: "UTC", SnapshotTime: "19:00"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stopping, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	cfg := application.Config{Bridge: b.Bridge, Record: b.Record, Version: "test", Stopping: stopping, Now: time.Now, IDs: ids, Logger: slog.New(slog.DiscardHandler)}
	for _, change := range changes {
		change(&cfg)
	}
	return &portal{t, application.New(cfg), b, stop}
}

// operator is the principal that creates the records of a test.
func (p *portal) operator() directory.Principal { return operators.Local("op", "Op", "r") }

// tenant makes a tenant.
func (p *portal) tenant(slug string) {
	p.Helper()
	if _, err := p.bridge.CreateTenant(p.Context(), p.operator(), bridge.TenantDraft{ID: directory.TenantID(slug), Name: slug, Plan: "business"}); err != nil {
		p.Fatal(err)
	}
}

func (p *portal) ask(key, path string) *httptest.ResponseRecorder {
	return p.send(key, http.MethodGet, path, "")
}

// send is ask with a method and a body.
func (p *portal) send(key, method, path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, req)
	return rec
}

// read asks and decodes the answer strictly.
func read[T any](p *portal, key, path string) (out T) {
	p.Helper()
	rec := p.ask(key, path)
	if rec.Code != http.StatusOK {
		p.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
	dec := json.NewDecoder(rec.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&out); err != nil {
		p.Fatal(err)
	}
	return out
}

// key makes an application key.
func (p *portal) key(tenant string) credential.Secret {
	p.Helper()
	made, err := p.bridge.CreateAppKey(p.Context(), p.operator(), directory.TenantID(tenant), record.AppKeyOptions{Name: "Portal"})
	if err != nil {
		p.Fatal(err)
	}
	return made
}

func TestRevokedKeyIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.tenant("acme")
	made := p.key("acme")
	if got := read[wire.Feed](p, made.Text, "/app/v1/tenants/acme/events"); len(got.Items) != 2 || got.Oldest != 1 || got.Next == "" {
		t.Errorf("%+v", got)
	}
	if err := p.bridge.RevokeAppKey(t.Context(), p.operator(), "acme", made.Token.ID); err != nil {
		t.Fatal(err)
	}
	if rec := p.ask(made.Text, "/app/v1/tenants/acme/events"); rec.Code != 401 {
		t.Errorf("a revoked key: %d", rec.Code)
	}
}

// The test reads the routes from the OpenAPI document.
func TestEveryRouteNeedsAKeyOfItsTenant(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.tenant("acme")
	p.tenant("beta")
	acme, beta := p.key("acme").Text, p.key("beta").Text
	rec := p.ask(acme, "/app/v1/openapi.json")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Responses   map[string]any
		}
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil || doc.OpenAPI != "3.1.0" || len(doc.Paths) != 4 {
		t.Fatalf("%v, %d paths", err, len(doc.Paths))
	}
	queries := map[string]string{"check-access": "?email=a@b.c"}
	for path, methods := range doc.Paths {
		verb, body := "get", ""
		if strings.HasSuffix(path, "/activity") { // the only thing that an application may report
			verb, body = "post", `{"items":[]}`
		}
		if len(methods) != 1 || methods[verb].OperationID == "" {
			t.Errorf("%s can do more than be read: %v", path, methods)
		}
		if _, ok := methods[verb].Responses["401"]; !ok {
			t.Errorf("%s has no 401 in the document", path)
		}
		path = strings.ReplaceAll(path, "{tenant}", "acme") + queries[methods[verb].OperationID]
		for _, try := range []struct {
			name, key string
			status    int
		}{
			{"its own key", acme, 200},
			{"the key of another tenant", beta, 404},
			{"no key", "", 401},
			{"a wrong key", "dba_" + strings.Repeat("A", 43), 401},
			{"a key in capitals", strings.ToUpper(acme), 401},
		} {
			got := p.send(try.key, strings.ToUpper(verb), path, body)
			if got.Code != try.status {
				t.Errorf("%s with %s: %d, want %d: %s", path, try.name, got.Code, try.status, got.Body)
			}
			if try.status == 401 && got.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %s: no challenge", path, try.name)
			}
			if got.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s with %s may be cached", path, try.name)
			}
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if strings.EqualFold(method, verb) {
				continue
			}
			req := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader("{}"))
			req.Header.Set("Authorization", "Bearer "+acme)
			rec := httptest.NewRecorder()
			p.handler.ServeHTTP(rec, req)
			if rec.Code < 400 {
				t.Errorf("%s %s: %d", method, path, rec.Code)
			}
		}
	}
	for _, path := range []string{"/app/v1/", "/app", "/app/v1/tenants", "/app/v1/tenants/acme/users", "/app/v1/tenants/acme/audit", "/app/v1/tenants/acme/../beta/events"} {
		if rec := p.ask(acme, path); rec.Code == 200 {
			t.Errorf("%s: 200 %s", path, rec.Body)
		}
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.tenant("acme")
	key := p.key("acme").Text
	for path, want := range map[string]int{
		"/events?cursor=acme.99.":                    410,
		"/events?cursor=beta.1.":                     422,
		"/events?cursor=1":                           422,
		"/events?cursor=" + strings.Repeat("9", 201): 422,
		"/events?limit=0":                            422,
		"/events?wait=61":                            422,
		"/events?after=1":                            422, // the parameter does not exist
		"/access":                                    422,
		"/access?email=a&id=b":                       422,
		"/access?id=nonsense":                        422,
		"/people?cursor=nonsense":                    422,
		"/events?cursor=end":                         200,
	} {
		rec := p.ask(key, "/app/v1/tenants/acme"+path)
		if rec.Code != want {
			t.Errorf("%s: %d, want %d: %s", path, rec.Code, want, rec.Body)
		}
		if want >= 400 && rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", path, rec.Header().Get("Content-Type"))
		}
	}
}

func TestE4AnswerAboutUnknownPersonHasTheSameFields(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.tenant("acme")
	key := p.key("acme").Text
	who := p.operator()
	c, secret, err := p.bridge.CreateConnection(context.Background(), who, bridge.ConnectionDraft{ID: "acme-okta", Tenant: "acme", Type: directory.Okta})
	if err != nil {
		t.Fatal(err)
	}
	idp, err := p.bridge.Authenticate(context.Background(), c.ID, bridge.Credential{Secret: secret.Text}, credential.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.bridge.CreateUser(context.Background(), idp, func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{UserName: "ann@acme.test", Document: directory.Document(`{"userName":"ann@acme.test"}`)}, nil
	}); err != nil {
		t.Fatal(err)
	}
	shape := func(email string) string {
		fields := read[map[string]any](p, key, "/app/v1/tenants/acme/access?email="+email)
		text := ""
		for _, name := range []string{"allowed", "state", "reason", "user_id", "user_name", "type", "groups", "at"} {
			text += fmt.Sprintf("%s %T\n", name, fields[name])
		}
		return fmt.Sprintf("%d %s", len(fields), text)
	}
	if known, unknown := shape("ann@acme.test"), shape("nobody@acme.test"); known != unknown || !strings.HasPrefix(known, "8 ") {
		t.Errorf("%s and %s", known, unknown)
	}
	if got := read[wire.Access](p, key, "/app/v1/tenants/acme/access?email=ANN@acme.test"); !got.Allowed || got.State != "active" || len(got.Groups) != 1 {
		t.Errorf("%+v", got)
	}
	people := read[wire.Page[wire.Person]](p, key, "/app/v1/tenants/acme/people")
	if len(people.Items) != 1 || !people.Items[0].Allowed || people.Next != "" {
		t.Errorf("%+v", people)
	}
}

func TestLongPollEndsWithAnEventOrWithTheServer(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.tenant("acme")
	key := p.key("acme").Text
	end := read[wire.Feed](p, key, "/app/v1/tenants/acme/events?cursor=end")
	answers := make(chan wire.Feed)
	poll := func(cursor string) {
		answers <- read[wire.Feed](p, key, "/app/v1/tenants/acme/events?wait=60&cursor="+cursor)
	}
	go poll(end.Next)
	if _, err := p.bridge.EditTenant(t.Context(), p.operator(), "acme", directory.Precondition{}, func(a directory.Tenant) (directory.Tenant, error) {
		a.Seats = 9
		return a, nil
	}); err != nil {
		t.Fatal(err)
	}
	got := <-answers
	if len(got.Items) != 1 || got.Items[0].Kind != directory.TenantUpdated {
		t.Errorf("%+v", got)
	}
	go poll(got.Next)
	p.stop()
	if got := <-answers; len(got.Items) != 0 || got.Next == "" {
		t.Errorf("at the end: %+v", got)
	}
}

// A request that waits for events gets none after its key is revoked.
func TestLongPollEndsWithItsKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPortal(t)
		p.tenant("acme")
		key := p.key("acme")
		at := read[wire.Feed](p, key.Text, "/app/v1/tenants/acme/events?cursor=end").Next
		answer := make(chan *httptest.ResponseRecorder, 1)
		go func() { answer <- p.ask(key.Text, "/app/v1/tenants/acme/events?wait=60&cursor="+at) }()
		synctest.Wait()
		if len(answer) > 0 {
			t.Fatal("the request does not wait")
		}
		if err := p.bridge.RevokeAppKey(t.Context(), p.operator(), "acme", key.Token.ID); err != nil {
			t.Fatal(err)
		}
		if rec := <-answer; rec.Code != http.StatusUnauthorized || strings.Contains(rec.Body.String(), "items") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
		p.stop()
	})
}

// Retry-After is in whole seconds. Another key of the same tenant is not throttled.
func TestEachKeyIsThrottledByItself(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	p := newPortal(t, func(c *application.Config) {
		c.Limits = application.Limits{Rate: 0.4, Burst: 3, FailureRate: 0.01, FailureBurst: 2}
		c.Metrics = application.NewMetrics(reg)
	})
	p.tenant("acme")
	busy, other := p.key("acme").Text, p.key("acme").Text
	const path = "/app/v1/tenants/acme/access?email=a@b.c"
	for i := range 5 {
		rec := p.ask(busy, path)
		if want := []int{200, 200, 200, 429, 429}[i]; rec.Code != want {
			t.Fatalf("request %d: %d, want %d", i+1, rec.Code, want)
		}
		if after := rec.Header().Get("Retry-After"); rec.Code == 429 && after != "2" && after != "3" {
			t.Errorf("Retry-After is %q, and the next token comes in 2.5 seconds", after)
		}
	}
	if rec := p.ask(other, path); rec.Code != 200 {
		t.Errorf("another key: %d", rec.Code)
	}
	for i, want := range []int{401, 401, 429} {
		if rec := p.ask("dba_wrong", path); rec.Code != want || want == 429 && rec.Header().Get("Retry-After") == "" {
			t.Errorf("wrong key %d: %d %v, want %d", i+1, rec.Code, rec.Header(), want)
		}
	}
	if rec := p.ask(other, "/app/v1/none"); rec.Code != 404 {
		t.Errorf("an address that there is not: %d", rec.Code)
	}
	want := `# HELP drawbridge_app_requests_total Requests of applications answered, by what was asked and how it ended. tenant is empty for requests that showed no valid key. Alert on a rate of 5xx of check-access: people cannot sign in.
# TYPE drawbridge_app_requests_total counter
drawbridge_app_requests_total{operation="check-access",status="200",tenant="acme"} 4
drawbridge_app_requests_total{operation="none",status="401",tenant=""} 2
drawbridge_app_requests_total{operation="none",status="404",tenant="acme"} 1
drawbridge_app_requests_total{operation="none",status="429",tenant=""} 1
drawbridge_app_requests_total{operation="none",status="429",tenant="acme"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "drawbridge_app_requests_total"); err != nil {
		t.Error(err)
	}
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func TestWrongActivityReportIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.tenant("acme")
	key := p.key("acme").Text
	many := strings.Repeat(`{"email":"a@b.c"},`, 1001)
	for body, want := range map[string]int{
		`{"items":[]}`:                  200,
		`{"items":[{"email":"a@b.c"}]}`: 200,
		`{"items":[{"user_id":"019582ab-0000-7000-8000-000000000001","at":"2001-01-01T00:00:00Z"}]}`: 200,
		`{"items":[{}]}`: 422,
		`{"items":[{"email":"a@b.c","user_id":"019582ab-0000-7000-8000-000000000001"}]}`: 422,
		`{"items":[{"user_id":"x"}]}`:                               422,
		`{"items":[{"email":"a@b.c","at":"2999-01-01T00:00:00Z"}]}`: 422,
		`{"items":[{"email":"a@b.c","at":"yesterday"}]}`:            422,
		`{"items":[{"email":"a@b.c","tenant":"beta"}]}`:             422,
		`{"items":[` + strings.TrimSuffix(many, ",") + `]}`:         422,
		`{}`: 422,
		``:   400,
		`[`:  400,
	} {
		rec := p.send(key, http.MethodPost, "/app/v1/tenants/acme/activity", body)
		if rec.Code != want {
			t.Errorf("%.80s: %d, want %d: %s", body, rec.Code, want, rec.Body)
		}
	}
	if idle, err := p.bridge.Idle(t.Context(), p.operator(), "acme"); err != nil || idle.Reported == (directory.Span{}) || len(idle.Idle) != 0 {
		t.Errorf("%+v, %v", idle, err)
	}
}

// TestOpenAPIFileIsCurrent compares openapi.json with the document that the server serves.
func TestOpenAPIFileIsCurrent(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(c *application.Config) { c.Version = "0" })
	p.tenant("acme")
	rec := p.ask(p.key("acme").Text, application.Prefix+"/openapi.json")
	var got bytes.Buffer
	if err := json.Indent(&got, rec.Body.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.WriteFile("openapi.json", got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile("openapi.json"); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("openapi.json is not what the code says: run go test ./application -run OpenAPIFile -update (%v)", err)
	}
}

var update = flag.Bool("update", false, "write openapi.json from the code instead of comparing it")
