package outbound_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
)

// names is the DNS of the tests.
var names = map[string][]string{
	"hooks.example.com":     {"93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"},
	"metadata.example.com":  {"169.254.169.254"},
	"inner.example.com":     {"10.0.0.5"},
	"both.example.com":      {"93.184.216.34", "192.168.1.1"},
	"six.example.com":       {"fd00:ec2::254"},
	"mapped.example.com":    {"::ffff:127.0.0.1"},
	"nat64.example.com":     {"64:ff9b::a00:5"},
	"own.example.com":       {"93.184.216.99"},
	"localhost":             {"127.0.0.1", "::1"},
	"127.0.0.1.nip.example": {"127.0.0.1"},
	"six4.example.com":      {"2002:7f00:1::"},
	"teredo.example.com":    {"2001:0:4136:e378:8000:63bf:80ff:fffe"},
	"zero.example.com":      {"0.0.0.0"},
}

func lookup(_ context.Context, name string) (out []netip.Addr, err error) {
	for _, text := range names[strings.ToLower(strings.TrimSuffix(name, "."))] {
		out = append(out, netip.MustParseAddr(text))
	}
	if out == nil {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return out, nil
}

func own() []netip.AddrPort {
	return []netip.AddrPort{netip.MustParseAddrPort("93.184.216.99:8443"), netip.MustParseAddrPort("[::]:8080")}
}

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// These URLs are refused when they are configured, so they are never dialled.
func TestHostileURLsAreRefused(t *testing.T) {
	t.Parallel()
	g := outbound.New(outbound.Config{Lookup: lookup, Own: own})
	for _, text := range []string{
		"", "hooks.example.com", "//hooks.example.com/x", "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://hooks.example.com/", "javascript:alert(1)", "https:hooks.example.com",
		"http://hooks.example.com/", "https:///x", "https://", "https://:443/",
		"https://user:secret@hooks.example.com/", "https://user@hooks.example.com/", "https://hooks.example.com@10.0.0.5/", "https://hooks.example.com/#x", "https://hooks.example.com/#",
		"https://127.0.0.1/", "https://127.9.9.9:8443/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.0.0.01/",
		"https://[::1]/", "https://[::]/", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://[::127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[fe80::1]/",
		"https://10.0.0.5/", "https://172.16.0.1/", "https://192.168.1.1/", "https://100.64.0.1/", "https://100.100.100.200/latest/meta-data/", "https://169.254.169.254/latest/meta-data/",
		"https://[fd00:ec2::254]/", "https://168.63.129.16/", "https://192.0.0.192/opc/v2/", "https://198.18.0.1/", "https://192.0.2.1/", "https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/",
		"https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a00:5]/", "https://[64:ff9b:1::a00:5]/", "https://[2002:a00:5::1]/", "https://[2001:0:53aa:64c::1]/", "https://[ff02::1]/", "https://[2001:db8::1]/",
		"https://localhost/", "https://LOCALHOST./", "https://a.localhost:8443/", "https://metadata.example.com/", "https://inner.example.com/", "https://both.example.com/", "https://six.example.com/",
		"https://mapped.example.com/", "https://nat64.example.com/", "https://unknown.example.com/", "https://own.example.com:8443/",
		"https://0.1.2.3/", "https://0/", "https://0x0/", "https://127.0.1/", "https://0x7f.0x0.0x0.0x1/", "https://017700000001/", "https://127.0.0.1./", "https://10.0.0.5.:8443/", "https://0300.0250.1.1/",
		"https://100.127.255.255/", "https://192.0.0.1/", "https://192.0.0.170/", "https://192.88.99.1/", "https://198.19.255.255/", "https://198.51.100.7/", "https://203.0.113.7/", "https://172.31.255.255/",
		"https://[fc00::1]/", "https://[fdff:ffff::1]/", "https://[fec0::1]/", "https://[::ffff:0:10.0.0.5]/", "https://[::ffff:100.64.0.1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b::6440:1]/", "https://[64:ff9b:1:a00:5::]/",
		"https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::1]/", "https://[2001::1]/", "https://[2001:10::1]/", "https://[2001:20::1]/", "https://[3fff::1]/", "https://[100::1]/", "https://[5f00::1]/", "https://[ff0e::1]/",
		"https://[fe80::1%25]/", "https://[::1%251]/", "https://[127.0.0.1]/", "https://[::1/", "https://[::1]x/", "https://::1/",
		"https://metadata/", "https://METADATA.google.internal./computeMetadata/v1/", "https://metadata.goog/", "https://instance-data/latest/", "https://instance-data.ec2.internal/", "https://metadata.tencentyun.com/",
		"https://127.0.0.1.nip.example/", "https://six4.example.com/", "https://teredo.example.com/", "https://zero.example.com/",
		"https://%31%32%37.0.0.1/", "https://127.0.0.1%2f.hooks.example.com/", "https://127.0.0.1%00.example.com/", "https://１２７.0.0.1/", "https://127。0。0。1/", "https://hooks.example.com:443@127.0.0.1/", "https://@hooks.example.com/",
		"https://hooks.example.com:0/", "https://hooks.example.com:65536/", "https://hooks.example.com:/", "https://hooks.example.com:22/", "https://hooks.example.com:25/", "https://hooks.example.com:80/",
		"https://hooks.example.com\\@10.0.0.5/", "https://hooks.example.com /", "https://hooks.example.com/\r\nX: y", "https://hööks.example.com/", "https://hooks..example.com/", "https://.example.com/",
		"https://10.0.0.5%2f@hooks.example.com/", "https://hooks%2eexample.com/", "https://hooks.example.com/" + strings.Repeat("x", 3000),
	} {
		if u, err := g.CheckURL(t.Context(), "url", text); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%q is taken as %v, %v", text, u, err)
		}
	}
	for _, text := range []string{
		"https://hooks.example.com/", "https://hooks.example.com/a/b?token=c", "https://HOOKS.example.com.:8443/x", "https://93.184.216.34/", "https://[2606:2800:220:1:248:1893:25c8:1946]:9000/",
		"https://own.example.com/", // another port than the one that is served
	} {
		if _, err := g.CheckURL(t.Context(), "url", text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAllowedNetworksMayBeDialled(t *testing.T) {
	t.Parallel()
	g := outbound.New(outbound.Config{Lookup: lookup, Own: own, Allow: prefixes("10.0.0.0/24", "127.0.0.0/8", "64:ff9b::/96")})
	for text, good := range map[string]bool{
		"http://10.0.0.5/":                true,
		"http://10.0.0.5:22/":             true,
		"https://inner.example.com/":      true,
		"http://inner.example.com:8080/":  true,
		"http://127.0.0.1:9000/":          true,
		"http://localhost:9000/":          false, // it is ::1, too
		"http://127.0.0.1:8080/":          false, // this server itself
		"https://10.0.1.5/":               false,
		"https://[64:ff9b::5db8:d822]/":   true,
		"https://[64:ff9b::a00:105]/":     false, // 10.0.1.5 behind the translator
		"https://[64:ff9b::a9fe:a9fe]/":   false,
		"https://metadata.example.com/":   false,
		"http://hooks.example.com/":       false,
		"http://user:pass@10.0.0.5/":      false,
		"https://both.example.com/":       false,
		"https://[::ffff:10.0.0.5]/":      true,
		"http://[::ffff:127.0.0.1]:8080/": false,
	} {
		if _, err := g.CheckURL(t.Context(), "url", text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// allowed is a guard that lets requests out to a test server.
func allowed(server *httptest.Server, change ...func(*outbound.Config)) *outbound.Guard {
	cfg := outbound.Config{Allow: prefixes("127.0.0.0/8"), Roots: x509.NewCertPool()}
	if c := server.Certificate(); c != nil {
		cfg.Roots.AddCert(c)
	}
	for _, f := range change {
		f(&cfg)
	}
	return outbound.New(cfg)
}

func TestAnswersAreBoundedAndRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/ok", http.StatusFound)
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 32<<10)); err != nil {
					return
				}
			}
		case "/header":
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		case "/hang":
			<-r.Context().Done()
		default:
			_, _ = io.WriteString(w, strings.Repeat("y", 1000))
		}
	}))
	defer server.Close()
	g := allowed(server)
	defer g.CloseIdle()
	client := g.Client(500*time.Millisecond, 1000)
	get := func(path string) (int, int, error) {
		res, err := client.Get(server.URL + path)
		if err != nil {
			return 0, 0, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return res.StatusCode, len(body), err
	}
	if status, n, err := get("/ok"); status != 200 || n != 1000 || err != nil {
		t.Errorf("%d, %d bytes, %v", status, n, err)
	}
	hits.Store(0)
	if status, _, err := get("/redirect"); status != 302 || err != nil || hits.Load() != 1 {
		t.Errorf("%d after %d requests, %v", status, hits.Load(), err)
	}
	if _, n, err := get("/endless"); directory.CodeOf(err) != directory.TooLarge || n > 1001 {
		t.Errorf("%d bytes, %v", n, err)
	}
	for _, path := range []string{"/header", "/hang"} {
		if status, _, err := get(path); err == nil {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// A name resolves to a public address when it is configured and to an internal one when it is dialled.
func TestRebindingIsRefusedAtTheDial(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	g := outbound.New(outbound.Config{Lookup: lookup})
	if _, err := g.CheckURL(t.Context(), "url", "https://hooks.example.com/"); err != nil {
		t.Fatal(err)
	}
	// The dialer of the guard gets the address of the second resolution.
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]"} {
		_, err := g.Dial(t.Context(), net.JoinHostPort(strings.Trim(host, "[]"), port))
		if !outbound.IsRefused(err) {
			t.Errorf("%s: %v", host, err)
		}
	}
	res, err := g.Client(time.Second, 1000).Get("https://localhost:" + port + "/")
	if err == nil {
		res.Body.Close()
	}
	if directory.CodeOf(err) != directory.Invalid || hits.Load() != 0 {
		t.Errorf("%v after %d requests", err, hits.Load())
	}
}

// Programs build URLs with long queries: pages of Google's directory have long tokens.
func TestLongQueryIsAccepted(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.URL.Query().Get("pageToken"))) }))
	defer server.Close()
	token := strings.Repeat("x", 4000)
	res, err := allowed(server).Client(time.Second, 10_000).Get(server.URL + "/?pageToken=" + token)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || string(got) != token {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestCertificateIsVerified(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	g := allowed(server, func(c *outbound.Config) { c.Roots = x509.NewCertPool() })
	res, err := g.Client(time.Second, 1000).Get(server.URL)
	if err == nil {
		res.Body.Close()
	}
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("%v", err)
	}
}

// A proxy gets all requests. The guard judges what it can before that.
func TestRequestsGoThroughTheProxy(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method + " " + r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	u, _ := url.Parse(proxy.URL)
	g := outbound.New(outbound.Config{Lookup: lookup, Proxy: u})
	client := g.Client(time.Second, 1000)
	for address, want := range map[string]string{
		"https://hooks.example.com/x":       "CONNECT hooks.example.com:443",
		"https://unknown.example.com/x":     "CONNECT unknown.example.com:443", // the proxy may know it
		"https://inner.example.com/x":       "",
		"https://localhost/x":               "",
		"https://metadata.google.internal/": "", // the proxy would resolve it
		"https://10.0.0.5/":                 "",
		"http://hooks.example.com/":         "",
	} {
		asked.Store("")
		res, err := client.Get(address)
		if err == nil {
			res.Body.Close()
			t.Errorf("%s: %d", address, res.StatusCode)
		}
		if got := asked.Load(); got != want {
			t.Errorf("%s: the proxy was asked %q, want %q", address, got, want)
		}
	}
}
