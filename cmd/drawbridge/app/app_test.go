package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// start runs an App on a free port until the test ends.
func start(t *testing.T, change func(*Config)) (*App, *client.Client) {
	t.Helper()
	a := make1(t, change)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a, client.New(a.config.Data)
}

// noLimit is an environment for the many servers of a test process: the limit of the memory is meant for one server.
func noLimit() []string { return []string{"GOMEMLIMIT=off"} }

func make1(t *testing.T, change func(*Config)) *App {
	t.Helper()
	cfg := defaults(t)
	cfg.Data, cfg.Listen, cfg.ShutdownTimeout = filepath.Join(t.TempDir(), "d"), "127.0.0.1:0", 5*time.Second
	if change != nil {
		change(cfg)
	}
	a, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// fetch gets a URL.
func fetch(t *testing.T, c *http.Client, method, url, token string, body io.Reader) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/scim+json")
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// connected makes a tenant with a connection.
func connected(t *testing.T, c *client.Client) wire.Issued {
	t.Helper()
	if _, err := c.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "Acme", Seats: 10}); err != nil {
		t.Fatal(err)
	}
	issued, err := c.CreateConnection(t.Context(), wire.ConnectionCreate{Slug: "acme-okta", Tenant: "acme", Type: "okta"})
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// ready waits until all parts have reported once.
func (a *App) waitReady(t *testing.T) {
	t.Helper()
	for range 200 {
		if parts, ok := a.health.ready(); ok && len(parts) >= 2 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	parts, _ := a.health.ready()
	t.Fatalf("not ready: %+v", parts)
}

func TestServerAnswersItsRoutes(t *testing.T) {
	t.Parallel()
	a, c := start(t, nil)
	a.waitReady(t)
	for path, want := range map[string]int{
		"/livez": 200, "/readyz": 200, "/metrics": 200, "/": 404, "/scim/v2/none/Users": 401, "/api/v1/tenants": 404,
	} {
		if got, body := fetch(t, http.DefaultClient, "GET", a.BaseURL()+path, "", http.NoBody); got != want {
			t.Errorf("GET %s: %d, want %d\n%s", path, got, want, body)
		}
	}
	if got, _ := fetch(t, http.DefaultClient, "POST", a.BaseURL()+"/livez", "", http.NoBody); got != 405 {
		t.Errorf("POST /livez: %d", got)
	}
	issued := connected(t, c)
	if issued.BaseURL != a.BaseURL()+"/scim/v2/acme-okta" || issued.Setup.Title != "Okta" {
		t.Errorf("issued %+v", issued)
	}
	got, body := fetch(t, http.DefaultClient, "POST", issued.BaseURL+"/Users", issued.Token, strings.NewReader(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}`))
	if got != 201 {
		t.Errorf("POST: %d\n%s", got, body)
	}

	_, metrics := fetch(t, http.DefaultClient, "GET", a.BaseURL()+"/metrics", "", http.NoBody)
	for _, name := range []string{"drawbridge_build_info{", "go_goroutines", "process_cpu_seconds_total", "drawbridge_store_commit_seconds_count", "drawbridge_scim_requests_total{"} {
		if !strings.Contains(metrics, name) {
			t.Errorf("/metrics has no %s", name)
		}
	}
	problems, err := promlint.New(strings.NewReader(metrics)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "drawbridge_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func TestStopIsIdempotentAndOrdered(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	cfg := defaults(t)
	cfg.Data, cfg.Listen = filepath.Join(t.TempDir(), "d"), "127.0.0.1:0"
	a, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	at := 0
	for _, part := range []string{"readiness", "scim listener", "operator listener", "socket", "flush loop", "store loop", "bridge", "store"} {
		i := strings.Index(log.String()[at:], "part=\""+part+"\"")
		if i < 0 {
			i = strings.Index(log.String()[at:], "part="+part)
		}
		if i < 0 {
			t.Fatalf("%s is not stopped, or too early:\n%s", part, log.String())
		}
		at += i
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "drawbridge.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the socket is left behind:", err)
	}
	// The resources that another start needs are free again.
	again, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Stop(t.Context()); err != nil { // never started
		t.Error(err)
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestStopFinishesRequestsInProgress(t *testing.T) {
	a, c := start(t, nil)
	issued := connected(t, c)
	r, w := io.Pipe()
	answered := make(chan int, 1)
	go func() {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, issued.BaseURL+"/Users", r)
		if err != nil {
			answered <- 0
			return
		}
		req.Header.Set("Authorization", "Bearer "+issued.Token)
		req.Header.Set("Content-Type", "application/scim+json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- 0
			return
		}
		_ = res.Body.Close()
		answered <- res.StatusCode
	}()
	if _, err := io.WriteString(w, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],`); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // the handler reads the body now
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(context.Background()) }()
	time.Sleep(50 * time.Millisecond)
	if _, err := io.WriteString(w, `"userName":"ada"}`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; got != http.StatusCreated {
		t.Errorf("the request under way got %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// On a stop, the server first reports that it is not ready, and answers requests until shutdown_delay is over. It keeps no connection
// alive.
func TestStopDrains(t *testing.T) {
	a, c := start(t, func(cfg *Config) { cfg.ShutdownDelay = time.Minute })
	issued := connected(t, c)
	a.waitReady(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- a.drain(ctx) }()
	for ready := true; ready; time.Sleep(time.Millisecond) {
		status, _ := fetch(t, http.DefaultClient, "GET", a.BaseURL()+"/readyz", "", http.NoBody)
		ready = status == http.StatusOK
	}
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issued.BaseURL+"/Users", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+issued.Token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || !res.Close {
			t.Errorf("a server that drains answers %d, and the connection ends: %t", res.StatusCode, res.Close)
		}
	}
	cancel() // the test does not wait a minute
	if err := <-drained; err != nil {
		t.Error(err)
	}
	a.config.ShutdownDelay = time.Millisecond
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := net.DialTimeout("tcp", a.Addr(), time.Second); err == nil {
		t.Error("the server stopped and still accepts connections")
	}
}

func TestStopEndsLongPolls(t *testing.T) {
	t.Parallel()
	a, c := start(t, func(cfg *Config) { cfg.ShutdownTimeout = time.Minute })
	connected(t, c)
	first, err := c.Events(t.Context(), "acme", 0, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = c.Events(context.Background(), "acme", first.Last, 100, time.Minute) // cut off or empty: both are fine
	}()
	time.Sleep(100 * time.Millisecond)
	began := time.Now()
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	<-ended
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the stop waited %s for a request that waits for events", took)
	}
}

func TestStopEndsHeldRefusals(t *testing.T) {
	a, c := start(t, func(cfg *Config) {
		cfg.Limits.SCIMRate, cfg.Limits.SCIMBurst, cfg.Limits.SCIMDelay = 0.01, 1, 5*time.Second
	})
	issued := connected(t, c)
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		if got, text := fetch(t, http.DefaultClient, "GET", issued.BaseURL+"/Users", issued.Token, http.NoBody); got != want {
			t.Fatalf("%d, want %d: %s", got, want, text)
		}
	}
	began, answered := time.Now(), make(chan int, 1)
	go func() {
		got, _ := fetch(t, http.DefaultClient, "GET", issued.BaseURL+"/Users", issued.Token, http.NoBody)
		answered <- got
	}()
	for held := false; !held && time.Since(began) < 4*time.Second; time.Sleep(5 * time.Millisecond) {
		_, text := fetch(t, http.DefaultClient, "GET", a.BaseURL()+"/metrics", "", http.NoBody)
		held = strings.Contains(text, "\ndrawbridge_scim_requests_held 1\n")
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-answered; got != http.StatusTooManyRequests {
		t.Errorf("it was answered %d", got)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the stop waited for a refusal that was delayed: %s", took)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	cfg := *a.config
	_, err := New(&cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler)})
	if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("error %v", err)
	}
	if _, err := client.New(cfg.Data).Status(t.Context()); err != nil {
		t.Errorf("the first one lost its socket: %v", err)
	}
}

func TestOccupiedAddressIsAnError(t *testing.T) {
	t.Parallel()
	first, _ := start(t, nil)
	a := make1(t, func(c *Config) { c.Listen = first.Addr() })
	if err := a.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("error %v", err)
	}
	b := make1(t, func(c *Config) { c.Metrics.Listen = first.Addr() })
	if err := b.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "metrics.listen") {
		t.Errorf("error %v", err)
	}
}

func TestMetricsHaveAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	a, c := start(t, func(c *Config) { c.Metrics.Listen = address })
	a.waitReady(t)
	if got, _ := fetch(t, http.DefaultClient, "GET", "http://"+address+"/metrics", "", http.NoBody); got != 200 {
		t.Errorf("/metrics on its own address: %d", got)
	}
	if got, _ := fetch(t, http.DefaultClient, "GET", a.BaseURL()+"/metrics", "", http.NoBody); got != 404 {
		t.Errorf("/metrics on the public address: %d", got)
	}
	if err := c.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSocketIsPrivate(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	info, err := os.Stat(a.Socket())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket %v, %v", info, err)
	}
	if info, err := os.Stat(a.config.Data); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", info, err)
	}
	entries, err := os.ReadDir(a.config.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".socket") {
			t.Errorf("%s is left behind", e.Name())
		}
	}

	deep := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	b, c := start(t, func(cfg *Config) { cfg.Data = deep })
	if strings.HasPrefix(b.Socket(), deep) {
		t.Errorf("the socket %s has too long a path", b.Socket())
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
	if err := b.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(b.Socket())); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder of the socket is left behind")
	}
	if _, err := c.Status(t.Context()); client.CodeOf(err) != string(directory.Unavailable) {
		t.Errorf("error %v", err)
	}
}

func TestDataFolderThatIsAFileIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := defaults(t)
	cfg.Data = file
	if _, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v", err)
	}
}

func TestHealthBecomesStale(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	h := newHealth(func() time.Time { return now })
	h.report("store", 10*time.Second, nil)
	h.report("flush", time.Minute, nil)
	if _, ready := h.ready(); !ready {
		t.Error("not ready though all is well")
	}
	now = now.Add(11 * time.Second)
	parts, ready := h.ready()
	if ready || parts[0].Name != "flush" || !parts[0].Ready || parts[1].Ready || !strings.Contains(parts[1].Message, "no report since") {
		t.Errorf("ready %v, parts %+v", ready, parts)
	}
	h.report("store", 10*time.Second, errors.New("the disk is full"))
	if parts, ready := h.ready(); ready || parts[1].Message != "the disk is full" {
		t.Errorf("ready %v, parts %+v", ready, parts)
	}
	now = now.AddDate(0, 1, 0) // the clock was ahead: reports do not count until then
	h.report("store", 10*time.Second, nil)
	h.report("flush", time.Minute, nil)
	now = now.AddDate(0, -1, 0)
	if parts, ready := h.ready(); !ready {
		t.Errorf("not ready after the clock was set right: %+v", parts)
	}
	now = now.Add(11 * time.Second)
	if parts, ready := h.ready(); ready || parts[1].Ready {
		t.Errorf("ready %v without a report, parts %+v", ready, parts)
	}
	h.report("store", 10*time.Second, nil)
	h.stop()
	if _, ready := h.ready(); ready {
		t.Error("ready though it is stopping")
	}
}

// writePair writes a certificate for 127.0.0.1 with this serial number.
func writePair(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(time.Duration(serial) * time.Minute) // so that the change shows for every resolution of the clock
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTLSIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	writePair(t, cert, key, 1)
	cfg := defaults(t)
	cfg.Data, cfg.Listen, cfg.TLS.CertFile, cfg.TLS.KeyFile = filepath.Join(dir, "d"), "127.0.0.1:0", cert, key
	var mu sync.Mutex
	ahead := time.Duration(0)
	a, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler), Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.Background()) })
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	serial := func(c *tls.Config) int64 {
		t.Helper()
		c.InsecureSkipVerify = true
		conn, err := (&tls.Dialer{Config: c}).DialContext(t.Context(), "tcp", a.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		secure, ok := conn.(*tls.Conn)
		if !ok {
			t.Fatal("not encrypted")
		}
		return secure.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(&tls.Config{MaxVersion: tls.VersionTLS12}); got != 1 { // row 65: Entra speaks TLS 1.2 and nothing newer
		t.Errorf("with TLS 1.2 the certificate is %d", got)
	}
	if got := serial(&tls.Config{}); got != 1 {
		t.Errorf("serial %d", got)
	}
	if _, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}}).DialContext(t.Context(), "tcp", a.Addr()); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	if got, _ := fetch(t, web, "GET", a.BaseURL()+"/livez", "", http.NoBody); got != 200 || !strings.HasPrefix(a.BaseURL(), "https://") {
		t.Errorf("GET %s/livez: %d", a.BaseURL(), got)
	}

	later := func() {
		mu.Lock()
		ahead += 2 * checkEvery
		mu.Unlock()
	}
	if err := os.WriteFile(key, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	later()
	if got := serial(&tls.Config{}); got != 1 {
		t.Errorf("with a broken key: serial %d", got)
	}
	writePair(t, cert, key, 2)
	later()
	if got := serial(&tls.Config{}); got != 2 {
		t.Errorf("after the change: serial %d", got)
	}
}
