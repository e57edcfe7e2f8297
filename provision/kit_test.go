package provision_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/provision"
	"drawbridge/scim/server"
)

// kit is a company whose people are sent to an application, which is our own SCIM server with another company, behind a proxy that the test
// can break.
type kit struct {
	*bridgetest.Kit
	idp  directory.Principal
	app  *bridgetest.Kit
	side directory.Principal // who reads the application

	proxy    *proxy
	url      string
	token    string
	service  *provision.Service
	leads    atomic.Bool
	requests atomic.Int64
	patience time.Duration // for an answer
	guard    outbound.Config
	other    func() string // describes another application than our own server; nil: it is ours
}

// proxy passes requests to the application, unless fault answers them.
type proxy struct {
	mu    sync.Mutex
	next  http.Handler
	fault func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool // whether it has answered
	log   []string                                                             // the writes, with their bodies
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	fault := p.fault
	p.mu.Unlock()
	if r.Method != http.MethodGet {
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		p.mu.Lock()
		p.log = append(p.log, r.Method+" "+r.URL.Path+" "+string(text))
		p.mu.Unlock()
	}
	if fault != nil && fault(w, r, p.next) {
		return
	}
	p.next.ServeHTTP(w, r)
}

func (p *proxy) breaks(fault func(http.ResponseWriter, *http.Request, http.Handler) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

// writes gives the writes since the last call.
func (p *proxy) writes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.log
	p.log = nil
	return out
}

func start(t *testing.T, changes ...func(*directory.Overrides)) *kit {
	t.Helper()
	ring, err := credential.NewRing(bytes.Repeat([]byte{7}, credential.SealKeySize))
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{patience: 5 * time.Second, guard: loopback(), Kit: bridgetest.Start(t, func(c *bridgetest.Config) { c.Seal = ring }), app: bridgetest.Start(t)}
	k.leads.Store(true)
	k.NewTenant("acme", 1000, changes...)
	k.idp = k.NewIdP("acme", "acme-okta")
	off := directory.BrakeOff
	k.app.NewTenant("mirror", 1000, func(o *directory.Overrides) { o.Brake = &off })
	_, secret, err := k.app.CreateConnection(t.Context(), k.app.Op, bridge.ConnectionDraft{ID: "mirror-scim", Tenant: "mirror", Type: directory.Generic})
	k.OK(err)
	k.token = secret.Text
	k.side = k.app.NewIdP("mirror", "mirror-reader")
	k.proxy = &proxy{next: server.New(server.Config{Bridge: k.app.Bridge, Now: k.app.Clock.Now, Secret: []byte("a secret of the test"), BaseURL: "https://mirror.example.test"})}
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.requests.Add(1)
		k.proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(there.Close)
	k.url = there.URL + "/scim/v2/mirror-scim"
	k.restart()
	return k
}

// loopback lets requests reach this machine.
func loopback() outbound.Config {
	return outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

// restart makes the service again on the same store, as a start of the server does.
func (k *kit) restart() {
	k.T.Helper()
	guard := outbound.New(k.guard)
	s := provision.New(provision.Config{
		Targets: k.Targets, Client: guard.Client(k.patience, 1<<20), Now: k.Clock.Now, Leads: k.leads.Load, Version: "test",
		Logger: slog.New(slog.DiscardHandler),
	})
	k.service = s
	k.T.Cleanup(func() { k.OK(s.Close(context.Background())); guard.CloseIdle() })
}

// target makes the target.
func (k *kit) target(changes ...func(*targets.Draft)) {
	k.T.Helper()
	d := targets.Draft{Name: "mirror", URL: k.url, Secret: k.token, Tenants: []directory.TenantID{"acme"}}
	for _, change := range changes {
		change(&d)
	}
	_, err := k.Targets.Create(k.T.Context(), k.Op, d)
	k.OK(err)
}

// run lets what is due happen, and waits for it.
func (k *kit) run() {
	k.T.Helper()
	for range 5 {
		k.OK(k.service.Tick(k.T.Context()))
		k.service.Wait()
	}
}

// quiet moves the clocks until everything that waits was tried again.
func (k *kit) quiet() {
	k.T.Helper()
	for range 12 {
		k.run()
		k.later(90 * time.Minute)
	}
	k.run()
}

func (k *kit) later(d time.Duration) {
	k.Clock.Advance(d)
	k.app.Clock.Advance(d)
}

// at is where the people of the company go.
func at(tenant directory.TenantID) targets.Where {
	return targets.Where{Tenant: tenant, Target: "mirror"}
}

func (k *kit) state() targets.Share {
	k.T.Helper()
	v, err := k.Targets.Target(k.T.Context(), k.Op, "mirror")
	k.OK(err)
	for _, share := range v.Shares {
		if share.Tenant == "acme" {
			return share
		}
	}
	return targets.Share{}
}

func (k *kit) sync(wish targets.Wish) {
	k.T.Helper()
	k.OK(k.Targets.Sync(k.T.Context(), k.Op, at("acme"), wish))
	k.run()
}

// describe describes the people of a company, and the groups with their active members, without built-in groups.
func describe(t testing.TB, of *bridgetest.Kit, p directory.Principal, ours bool) string {
	t.Helper()
	var out []string
	names := map[directory.ID]string{}
	_, err := of.ListUsers(t.Context(), p, directory.Query{Count: 1000}, func(u *directory.User, _ []directory.GroupRef) error {
		id := u.ExternalID
		if ours {
			id = u.ID.String()
		}
		if u.Active() {
			names[u.ID] = u.UserName
		}
		title, _ := u.Document.Value("title").(string)
		out = append(out, fmt.Sprintf("%s %s title=%q active=%v", id, u.UserName, title, u.Active()))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = of.ListGroups(t.Context(), p, directory.Query{Count: 1000, Members: true}, func(g *directory.Group, members []directory.Member) error {
		if g.BuiltIn != "" {
			return nil
		}
		id := g.ExternalID
		if ours {
			id = g.ID.String()
		}
		var in []string
		for _, m := range members {
			if name := names[m.ID]; name != "" {
				in = append(in, name)
			}
		}
		slices.Sort(in)
		out = append(out, fmt.Sprintf("%s group %s %v", id, g.DisplayName, in))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// here and there are both sides.
func (k *kit) here() string { return describe(k.T, k.Kit, k.idp, true) }

func (k *kit) there() string {
	if k.other != nil {
		return k.other()
	}
	return describe(k.T, k.app, k.side, false)
}

// equal fails if the sides differ. A user who is not active on one side may be missing on the other one.
func (k *kit) equal() {
	k.T.Helper()
	here, there := k.here(), k.there()
	without := func(side, other string) string {
		return strings.Join(slices.DeleteFunc(strings.Split(side, "\n"), func(line string) bool {
			id, _, _ := strings.Cut(line, " ")
			return strings.HasSuffix(line, "active=false") && !strings.Contains(other, id)
		}), "\n")
	}
	if a, b := without(here, there), without(there, here); a != b {
		k.T.Fatalf("the sides differ\nhere:\n%s\nthere:\n%s\nstate: %+v", a, b, k.state().State)
	}
}

// body reads the body of a request and leaves it there.
func body(r *http.Request) string {
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	return string(text)
}

// status is a fault that answers with a status.
func status(code int, text string) func(http.ResponseWriter, *http.Request, http.Handler) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		if code == http.StatusFound {
			w.Header().Set("Location", "http://169.254.169.254/latest/")
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
		return true
	}
}

// posts is a fault of POST requests alone.
func posts(fault func(http.ResponseWriter, *http.Request, http.Handler) bool) func(http.ResponseWriter, *http.Request, http.Handler) bool {
	return func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		return r.Method == http.MethodPost && fault(w, r, pass)
	}
}

// discard is an answer that is not read.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// alerts fails if the number of open alerts about targets is another one.
func alerts(t *testing.T, k *kit, want int) {
	t.Helper()
	n := 0
	k.OK(k.Store.TenantKVs(t.Context(), directory.AlertKV, nil, func(_ directory.TenantID, kv directory.KV) error {
		a, err := txn.Value[directory.Alert](kv)
		if a.Kind == directory.TargetAlert && a.Open(k.Clock.Now()) {
			n++
		}
		return err
	}))
	if n != want {
		t.Errorf("%d open alerts about targets, want %d", n, want)
	}
}

func person(name string) bridgetest.Person {
	return bridgetest.Person{Name: name + "@acme.example", External: "x-" + name, Active: bridgetest.Yes()}
}
