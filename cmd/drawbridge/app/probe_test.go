package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// Metrics name tenants and tokens. They are answered on a loopback address, on an address of their own, or to a client with the token.
func TestMetricsAreProtected(t *testing.T) {
	t.Parallel()
	const token = "a-long-enough-token"
	for name, c := range map[string]struct {
		change func(*Config)
		token  string
		want   int
		said   string
	}{
		"loopback":                     {func(*Config) {}, "", 200, ""},
		"every interface":              {func(c *Config) { c.Listen = "0.0.0.0:0" }, "", 403, "/metrics is not answered"},
		"every interface of IPv6":      {func(c *Config) { c.Listen = "[::]:0" }, "", 403, "/metrics is not answered"},
		"a proxy by its public name":   {func(c *Config) { c.BaseURL = "https://scim.example.com" }, "", 403, "/metrics is not answered"},
		"a proxy by its address":       {func(c *Config) { c.Web.TrustedProxies = []string{"127.0.0.1"} }, "", 403, "/metrics is not answered"},
		"a local name":                 {func(c *Config) { c.BaseURL = "http://localhost:1" }, "", 200, ""},
		"a token, everywhere":          {func(c *Config) { c.Listen, c.Metrics.Token = "0.0.0.0:0", token }, token, 200, "with metrics.token"},
		"no token shown":               {func(c *Config) { c.Listen, c.Metrics.Token = "0.0.0.0:0", token }, "", 401, ""},
		"a wrong token":                {func(c *Config) { c.Metrics.Token = token }, "a-long-enough-tokem", 401, ""},
		"its own address wants it too": {func(c *Config) { c.Metrics.Listen, c.Metrics.Token = "127.0.0.1:0", token }, "", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, log := startLogged(t, c.change)
			_, port, _ := strings.Cut(strings.TrimPrefix(a.Addr(), "[::]"), ":")
			got, text := fetch(t, http.DefaultClient, "GET", "http://localhost:"+port+"/metrics", c.token, http.NoBody)
			if got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
			if got != 200 && strings.Contains(text, "drawbridge_") {
				t.Errorf("a refusal shows metrics:\n%s", text)
			}
			if !strings.Contains(log.String(), c.said) {
				t.Errorf("the log does not say %q:\n%s", c.said, log)
			}
			if err := client.New(a.config.Data).Ready(t.Context()); err != nil {
				t.Errorf("the socket: %v", err)
			}
		})
	}
}

// startLogged runs an App and gives what it logged until then.
func startLogged(t *testing.T, change func(*Config)) (*App, *syncBuffer) {
	t.Helper()
	cfg := defaults(t)
	cfg.Data, cfg.Listen, cfg.ShutdownTimeout = filepath.Join(t.TempDir(), "d"), "127.0.0.1:0", 5*time.Second
	change(cfg)
	lines := &syncBuffer{}
	a, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.NewTextHandler(lines, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.waitReady(t)
	return a, lines
}

// A command through the socket is audited with the user who ran it.
func TestSocketCommandsAreAuditedWithTheUser(t *testing.T) {
	t.Parallel()
	a, c := start(t, nil)
	a.waitReady(t)
	if _, err := c.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "Acme"}); err != nil {
		t.Fatal(err)
	}
	page, err := c.Audit(t.Context(), "acme", 0, 10, 0)
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("%+v %v", page, err)
	}
	if who := page.Items[0].Actor; who.ID != "local" || !strings.Contains(who.Name, "uid ") {
		t.Errorf("%+v", who)
	}
}

// Another server on the address of the configuration does not count as ready.
func TestReadyAsksTheOwnServer(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other := &http.Server{Handler: get(livez), ReadHeaderTimeout: time.Second}
	go func() { _ = other.Serve(ln) }()
	t.Cleanup(func() { _ = other.Close() })
	if err := client.New(t.TempDir()).Ready(t.Context()); err == nil {
		t.Error("ready without a server of its own")
	}
}
