package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
	"drawbridge/store/journal"
	"drawbridge/store/storetest"
)

// kit is the SCIM surface on a real bridge and a real store, with a clock that the test moves.
type kit struct {
	t       testing.TB
	bridge  *bridgetest.Services
	handler http.Handler
	clock   *clock
	op      directory.Principal
	logged  *lockedBuffer
	journal string // the folder; it is written if Config.Journal says so
}

type clock struct {
	mu   sync.Mutex
	time time.Time
	ids  uint64
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

func (c *clock) NewID() directory.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	var id directory.ID
	binary.BigEndian.PutUint64(id[8:], c.ids)
	id[0], id[1], id[6] = 1, 0xab, 0x70
	return id
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newKit(t testing.TB, changes ...func(*Config)) *kit {
	t.Helper()
	db := store.Store(bridgetest.Bolt(t))
	if _, ok := t.(*testing.T); ok { // a benchmark decides once
		db = storetest.Checked(t, db)
	}
	folder := filepath.Join(t.TempDir(), "journal")
	k := &kit{t: t, journal: folder, clock: &clock{time: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}, logged: &lockedBuffer{}}
	requests := journal.Open(folder, journal.Options{Now: k.clock.Now})
	t.Cleanup(func() {
		if err := requests.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	var err error
	k.bridge, err = bridgetest.New(bridgetest.Config{
		Journal: requests, Store: db, Now: k.clock.Now, NewID: k.clock.NewID, Random: rand.Reader, Plans: policy.ShippedPlans(), Defaults: policy.DefaultSettings(),
	})
	if err != nil {
		t.Fatal(err)
	}
	k.op = operators.Local("o1", "Olive", "test")
	cfg := Config{
		Bridge: k.bridge.Bridge, Note: k.bridge.Note, Now: k.clock.Now, Secret: []byte("a secret of the test"), Limits: Limits{}, BaseURL: "https://scim.example.test",
		Logger: slog.New(slog.NewTextHandler(k.logged, nil)),
	}
	for _, change := range changes {
		change(&cfg)
	}
	k.handler = New(cfg)
	return k
}

// client is one connection of one tenant.
type client struct {
	*kit
	tenant directory.TenantID
	slug   directory.ConnectionID
	token  string
}

// connect makes a tenant and a connection of it.
func (k *kit) connect(tenant, slug string, kind directory.ConnectionType, edits ...func(*directory.Tenant)) *client {
	k.t.Helper()
	ctx := k.t.Context()
	if _, err := k.bridge.Tenant(ctx, directory.TenantID(tenant)); err != nil {
		if _, err := k.bridge.CreateTenant(ctx, k.op, bridge.TenantDraft{ID: directory.TenantID(tenant), Name: tenant, Plan: "business", Seats: 1_000_000}); err != nil {
			k.t.Fatal(err)
		}
	}
	for _, edit := range edits {
		_, err := k.bridge.EditTenant(ctx, k.op, directory.TenantID(tenant), directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
			edit(&t)
			return t, nil
		})
		if err != nil {
			k.t.Fatal(err)
		}
	}
	_, secret, err := k.bridge.CreateConnection(ctx, k.op, bridge.ConnectionDraft{ID: directory.ConnectionID(slug), Tenant: directory.TenantID(tenant), Type: kind})
	if err != nil {
		k.t.Fatal(err)
	}
	return &client{k, directory.TenantID(tenant), directory.ConnectionID(slug), secret.Text}
}

// answer is the response.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	text   string
	body   map[string]any
}

// raw sends a request unchanged.
func (k *kit) raw(method, target, body string, header ...string) *answer {
	k.t.Helper()
	r := httptest.NewRequest(method, "http://drawbridge.test/", strings.NewReader(body))
	u, err := url.Parse("http://drawbridge.test" + target)
	if err != nil {
		k.t.Fatal(err)
	}
	r.URL = u
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 8080})))
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Del(header[i])
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	out := &answer{t: k.t, status: w.Code, header: w.Result().Header}
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		k.t.Fatal(err)
	}
	out.text = string(text)
	if out.text != "" {
		if err := json.Unmarshal(text, &out.body); err != nil {
			k.t.Fatalf("%s %s: the answer is not JSON: %v\n%s", method, target, err, text)
		}
	}
	return out
}

// do sends a request below the base URL with the token of the connection.
func (c *client) do(method, target, body string, header ...string) *answer {
	c.t.Helper()
	return c.raw(method, "/scim/v2/"+string(c.slug)+target, body, append([]string{"Authorization", "Bearer " + c.token}, header...)...)
}

// is fails the test if the status differs.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
	if a.status >= 400 && a.body["schemas"] != nil {
		if got := a.body["status"]; got != fmt.Sprint(status) {
			a.t.Fatalf("the status in the body is %v, want the string %d", got, status)
		}
	}
	return a
}

// fails checks the status and the scimType of an error.
func (a *answer) fails(status int, scimType string) *answer {
	a.t.Helper()
	a.is(status)
	if got, _ := a.body["scimType"].(string); got != scimType {
		a.t.Fatalf("scimType %q, want %q: %s", got, scimType, a.text)
	}
	if schemas := fmt.Sprint(a.body["schemas"]); schemas != "[urn:ietf:params:scim:api:messages:2.0:Error]" {
		a.t.Fatalf("schemas of an error: %s", schemas)
	}
	return a
}

// at gives a value in the body: "meta.version", "Resources.0.id".
func (a *answer) at(path string) any {
	a.t.Helper()
	var v any = a.body
	for _, part := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// has fails the test if the value at path differs.
func (a *answer) has(path string, want any) *answer {
	a.t.Helper()
	if got := a.at(path); fmt.Sprint(got) != fmt.Sprint(want) {
		a.t.Fatalf("%s is %v, want %v: %s", path, got, want, a.text)
	}
	return a
}

// str is at for a string.
func (a *answer) str(path string) string {
	a.t.Helper()
	text, ok := a.at(path).(string)
	if !ok {
		a.t.Fatalf("%s is not a string: %s", path, a.text)
	}
	return text
}

// num is at for a number.
func (a *answer) num(path string) int {
	a.t.Helper()
	n, ok := a.at(path).(float64)
	if !ok {
		a.t.Fatalf("%s is not a number: %s", path, a.text)
	}
	return int(n)
}

// column gives one attribute of each object in a list; there may be no list.
func (a *answer) column(path, name string) []string {
	a.t.Helper()
	list, _ := a.at(path).([]any)
	var out []string
	for _, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			a.t.Fatalf("%s has an element that is not an object: %s", path, a.text)
		}
		out = append(out, fmt.Sprint(object[name]))
	}
	return out
}

func (a *answer) id() string {
	a.t.Helper()
	id, _ := a.body["id"].(string)
	if id == "" {
		a.t.Fatalf("no id: %s", a.text)
	}
	return id
}

// user makes a user and gives its id.
func (c *client) user(name string) string {
	c.t.Helper()
	return c.do("POST", "/Users", userBody(name)).is(201).id()
}

func userBody(name string, more ...string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `"` + strings.Join(more, "") + `}`
}

// group makes a group and gives its id.
func (c *client) group(name string, members ...string) string {
	c.t.Helper()
	return c.do("POST", "/Groups", groupBody(name, members...)).is(201).id()
}

func groupBody(name string, members ...string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"` + name + `","members":[` + memberList(members) + `]}`
}

func memberList(ids []string) string {
	var list []string
	for _, id := range ids {
		list = append(list, `{"value":"`+id+`"}`)
	}
	return strings.Join(list, ",")
}

func patchBody(operations ...string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + strings.Join(operations, ",") + `]}`
}
