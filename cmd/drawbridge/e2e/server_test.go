package e2e

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/scim/emulator"
)

// server is a Drawbridge in this process, on a free port and a fresh store.
type server struct {
	app      *app.App
	url      string
	operator *client.Client
	log      *lockedBuffer
}

// lockedBuffer collects a log that many write to.
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

// start serves until the test ends. settings are keys of the configuration. With DRAWBRIDGE_BRIDGES=2 it starts two servers on one
// database, and each request goes to the other one, unless the test is about the data folder.
func start(t *testing.T, settings map[string]string) *server {
	t.Helper()
	if bridges() > 1 && settings["data"] == "" {
		return startFleet(t, settings).server
	}
	return startOne(t, settings)
}

func startOne(t testing.TB, settings map[string]string) *server {
	t.Helper()
	data, err := os.MkdirTemp("", "drawbridge-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	flags := map[string]string{"data": data, "listen": "127.0.0.1:0", "limits.scim_rate": "0"}
	for name, value := range settings {
		flags[name] = value
	}
	data = flags["data"]
	cfg, err := app.Load(app.Source{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{log: &lockedBuffer{}}
	s.app, err = app.New(cfg, app.Options{
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Env:    []string{"GOMEMLIMIT=off"}, // many servers are in this process
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.app.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if t.Failed() && testing.Verbose() {
			t.Logf("log of the server:\n%s", s.log)
		}
	})
	if err := s.app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.url, s.operator = s.app.BaseURL(), client.New(data)
	return s
}

// tenant makes a company with one connection.
func (s *server) tenant(t testing.TB, slug, kind string, seats int) wire.Issued {
	t.Helper()
	return makeTenant(t, s.operator, slug, kind, seats)
}

func makeTenant(t testing.TB, operator *client.Client, slug, kind string, seats int) wire.Issued {
	t.Helper()
	if _, err := operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: slug, Name: slug, Plan: "business", Seats: seats}); err != nil {
		t.Fatal(err)
	}
	issued, err := operator.CreateConnection(t.Context(), wire.ConnectionCreate{Slug: slug, Tenant: slug, Type: kind})
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// session opens a conversation of idp with a connection.
func session(issued wire.Issued, idp emulator.IdP) *emulator.Session {
	return emulator.NewSession(&emulator.Client{Base: issued.BaseURL, HTTP: emulator.NewHTTPClient(30*time.Second, nil)}, idp, issued.Token)
}

// play fails the test at the first step that does not go as expected.
func play(t *testing.T, s *emulator.Session, steps ...emulator.Step) emulator.Result {
	t.Helper()
	var last emulator.Result
	for _, step := range steps {
		last = s.Play(t.Context(), step)
		if !last.OK() {
			t.Fatalf("%s: %s\n%s %s\n%s\n%s", step.Phase, step.Name, last.RoundTrip.Method, last.RoundTrip.URL, last.RoundTrip.Request.Body, last.Explain())
		}
	}
	return last
}

// events reads everything that a tenant emitted.
func events(t *testing.T, operator *client.Client, tenant string, after uint64) []directory.Event {
	t.Helper()
	var all []directory.Event
	for {
		page, err := operator.Events(t.Context(), tenant, after, 1000, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) == 0 {
			return all
		}
		all = append(all, page.Items...)
		after = page.Items[len(page.Items)-1].Seq
	}
}

func kinds(list []directory.Event) string {
	words := make([]string, len(list))
	for i, e := range list {
		words[i] = string(e.Kind)
	}
	return strings.Join(words, "\n")
}
