package web_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/web"
)

// serve runs one exchange on a handler that writes errors as their code.
func serve(t *testing.T, r *http.Request, proxies web.Proxies, handler func(x *web.Response) error) (w *httptest.ResponseRecorder, logged string) {
	t.Helper()
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	done := 0
	surface := &web.Surface{
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return time.Unix(0, 0) }, IDs: ids, Proxies: proxies,
		Fail: func(x *web.Response, err error) { http.Error(x, string(directory.CodeOf(err)), 500) },
		Done: func(*web.Response, time.Duration) { done++ },
	}
	w = httptest.NewRecorder()
	surface.Handler(handler).ServeHTTP(w, r)
	if done != 1 {
		t.Errorf("Done was called %d times", done)
	}
	if n := strings.Count(log.String(), "msg=request"); n != 1 {
		t.Errorf("%d access log lines, want 1: %s", n, log.String())
	}
	return w, log.String()
}

func TestAccessLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/people/ada@example.test?filter=secret", nil)
	r.Header.Set("Authorization", "Bearer hidden")
	_, logged := serve(t, r, nil, func(x *web.Response) error {
		x.Route, x.Tenant, x.Connection = "/people/{id}", "acme", "acme-okta"
		_, err := x.Write([]byte("hello"))
		return err
	})
	for _, want := range []string{"method=GET", "route=/people/{id}", "status=200", "bytes=5", "tenant=acme", "connection=acme-okta", "address=192.0.2.1"} {
		if !strings.Contains(logged, want) {
			t.Errorf("no %s in %s", want, logged)
		}
	}
	for _, never := range []string{"ada", "secret", "hidden"} {
		if strings.Contains(logged, never) {
			t.Errorf("the log contains %q: %s", never, logged)
		}
	}
}

func TestPanicsBecome500(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("BREW", "/", nil)
	w, logged := serve(t, r, nil, func(*web.Response) error { panic("boom") })
	if w.Code != 500 || strings.TrimSpace(w.Body.String()) != "internal" || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(logged, "boom") || !strings.Contains(logged, "stack=") || !strings.Contains(logged, "method=other") {
		t.Errorf("log: %s", logged)
	}
	w, logged = serve(t, r, nil, func(*web.Response) error {
		return &directory.Error{Code: directory.Unavailable, Message: "later", Err: errors.New("disk full")}
	})
	if strings.Contains(w.Body.String(), "disk") || !strings.Contains(logged, "disk full") {
		t.Errorf("%s\n%s", w.Body, logged)
	}
	// An answer that has begun is not written over.
	w, _ = serve(t, r, nil, func(x *web.Response) error {
		x.WriteHeader(http.StatusAccepted)
		return errors.New("too late")
	})
	if w.Code != http.StatusAccepted || w.Body.Len() > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Error("http.ErrAbortHandler did not pass")
		}
	}()
	serve(t, r, nil, func(*web.Response) error { panic(http.ErrAbortHandler) })
}

func TestRequestIDsAreTakenOrMade(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for given, kept := range map[string]bool{"abc-123_X.y": true, "abc": false, "a b c d": false, "x\r\nEvil: 1": false, strings.Repeat("a", 65): false, "": false, "äöüß": false} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Request-Id"] = []string{given}
		w, _ := serve(t, r, nil, func(x *web.Response) error { x.WriteHeader(204); return nil })
		id := w.Header().Get("X-Request-Id")
		if (id == given) != kept || id == "" || seen[id] {
			t.Errorf("%q became %q", given, id)
		}
		seen[id] = true
	}
}

func TestForwardedHeadersNeedATrustedProxy(t *testing.T) {
	t.Parallel()
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8", "192.0.2.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, remote, chain, proto, host string
		want                             web.Origin
	}{
		{"no proxy", "203.0.113.9:1", "1.2.3.4", "https", "evil.test", web.Origin{Address: "203.0.113.9", Scheme: "http", Host: "example.com"}},
		{"one proxy", "10.1.1.1:1", "1.2.3.4", "https", "scim.test", web.Origin{Address: "1.2.3.4", Scheme: "https", Host: "scim.test", Known: true}},
		{"two proxies", "10.1.1.1:1", "9.9.9.9, 1.2.3.4, 10.2.2.2", "", "", web.Origin{Address: "1.2.3.4", Scheme: "http", Host: "example.com"}},
		{"forged", "10.1.1.1:1", "nonsense, 1.2.3.4", "ftp", "a b", web.Origin{Address: "1.2.3.4", Scheme: "http"}},
		{"all trusted", "10.1.1.1:1", "10.3.3.3", "", "", web.Origin{Address: "10.3.3.3", Scheme: "http", Host: "example.com"}},
		{"IPv6", "[fd00::1]:1", "2001:db8::1", "HTTPS, http", "", web.Origin{Address: "2001:db8::1", Scheme: "https", Host: "example.com"}},
		{"mapped", "[::ffff:10.1.1.1]:1", "::ffff:1.2.3.4", "", "", web.Origin{Address: "1.2.3.4", Scheme: "http", Host: "example.com"}},
		{"socket", "@", "1.2.3.4", "", "", web.Origin{Address: "local", Scheme: "http", Host: "example.com"}},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		for name, value := range map[string]string{"X-Forwarded-For": tt.chain, "X-Forwarded-Proto": tt.proto, "X-Forwarded-Host": tt.host} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := proxies.Origin(r); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if _, err := web.ParseProxies([]string{"10.0.0.0/8", "proxy.local"}); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a name as proxy: %v", err)
	}
}

func TestReadBodyIsBounded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body    io.Reader
		limit   int64
		want    int
		failure directory.Code
	}{
		"fits":                 {strings.NewReader(strings.Repeat("a", 1000)), 1000, 1000, ""},
		"announced":            {strings.NewReader(strings.Repeat("a", 1001)), 1000, 0, directory.TooLarge},
		"not announced":        {io.MultiReader(strings.NewReader(strings.Repeat("a", 5000))), 1000, 0, directory.TooLarge},
		"large, not announced": {io.MultiReader(strings.NewReader(strings.Repeat("a", 500000))), 1 << 20, 500000, ""},
		"empty":                {strings.NewReader(""), 1000, 0, ""},
		"broken":               {io.MultiReader(strings.NewReader("abc"), failing{}), 1000, 0, directory.Invalid},
	} {
		r := httptest.NewRequest("POST", "/", tt.body)
		serve(t, r, nil, func(x *web.Response) error {
			got, err := x.ReadBody(nil, tt.limit)
			if directory.CodeOf(err) != tt.failure || (err == nil && len(got) != tt.want) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
			x.WriteHeader(204)
			return nil
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("gone") }

// A client that asks with Expect: 100-continue gets the answer at once.
func TestTooLargeBodyIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	body := io.MultiReader(strings.NewReader("not asked for"))
	r := httptest.NewRequest("POST", "/", body)
	r.ContentLength = 1 << 40
	r.Header.Set("Expect", "100-continue")
	serve(t, r, nil, func(x *web.Response) error {
		_, err := x.ReadBody(nil, 1000)
		if directory.CodeOf(err) != directory.TooLarge {
			t.Errorf("got %v, want %s", err, directory.TooLarge)
		}
		return nil
	})
	if rest, err := io.ReadAll(body); err != nil || len(rest) == 0 {
		t.Errorf("the body was read: %q, %v", rest, err)
	}
}

// countedZeros is a body without an end that counts what is read of it.
type countedZeros struct{ read int64 }

func (c *countedZeros) Read(b []byte) (int, error) {
	clear(b)
	c.read += int64(len(b))
	return len(b), nil
}

// Of a refused body, little more than its limit is read, whether its length was announced or not, and the connection is closed. A body that
// is announced as at most twice as long as allowed is read to its end, so that a client that only sends gets the response.
func TestRefusedBodiesAreNotReadToTheEnd(t *testing.T) {
	t.Parallel()
	const limit, more = 8 << 20, 256 << 10
	for name, tt := range map[string]struct{ announced, most int64 }{
		"announced":     {1 << 40, more},
		"little more":   {2*limit + 1, more},
		"not announced": {-1, 2*limit + more}, // its buffer doubles
	} {
		body := &countedZeros{}
		r := httptest.NewRequest(http.MethodPost, "/", body)
		r.ContentLength = tt.announced
		w, _ := serve(t, r, nil, func(x *web.Response) error {
			_, err := x.ReadBody(nil, limit)
			if directory.CodeOf(err) != directory.TooLarge {
				t.Errorf("%s: got %v, want %s", name, err, directory.TooLarge)
			}
			if x.Received() < body.read-(64<<10) || x.Received() > body.read { // io.CopyN reads a little ahead
				t.Errorf("%s: %d bytes were read, %d are reported", name, body.read, x.Received())
			}
			x.WriteHeader(http.StatusRequestEntityTooLarge)
			return nil
		})
		if body.read > tt.most {
			t.Errorf("%s: %d bytes were read, want at most %d", name, body.read, tt.most)
		}
		if w.Header().Get("Connection") != "close" {
			t.Errorf("%s: the connection stays open", name)
		}
	}
}

// A client that reads while it sends learns that its body is too large. So does a client that reads later, if little is left to send.
func TestClientReadsThatItsBodyIsTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	surface := &web.Surface{
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, IDs: ids,
		Fail: func(x *web.Response, err error) {
			http.Error(x, string(directory.CodeOf(err)), http.StatusRequestEntityTooLarge)
		},
	}
	server := httptest.NewServer(surface.Handler(func(x *web.Response) error {
		_, err := x.ReadBody(nil, limit)
		return err
	}))
	defer server.Close()
	for range 5 {
		answer, err := http.Post(server.URL, "application/json", bytes.NewReader(make([]byte, 10<<20)))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 413 {
			t.Fatalf("status %d", answer.StatusCode)
		}
		for _, size := range []int{limit + 256<<10, 2 * limit} {
			if status := sendThenRead(t, server.Listener.Addr().String(), size); status != 413 {
				t.Fatalf("status %d after %d bytes", status, size)
			}
		}
	}
}

// sendThenRead sends a whole body before it reads, and returns the status of the response.
func sendThenRead(t *testing.T, address string, size int) int {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestByPrefixSplitsPaths(t *testing.T) {
	t.Parallel()
	named := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Mount", name+" "+r.URL.Path) })
	}
	h := web.ByPrefix(named("rest"), web.Mount{Prefix: "/scim/", Handler: named("scim")}, web.Mount{Prefix: "/oauth2/token", Handler: named("token")})
	for path, want := range map[string]string{
		"/scim/v2//x/": "scim", "/scim": "scim", "//scim/v2": "scim", "/scimx": "rest", "/oauth2/token": "token", "/oauth2/token/": "token", "/oauth2": "rest", "/": "rest",
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Mount"); got != want+" "+path {
			t.Errorf("%s: %q, want %s", path, got, want)
		}
	}
}

func TestSlowHeaderIsCutOff(t *testing.T) {
	t.Parallel()
	timeouts := web.DefaultTimeouts()
	timeouts.Read = 100 * time.Millisecond
	server := httptest.NewUnstartedServer(nil)
	server.Config = web.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			t.Error("a body that never ends was read")
		}
	}), timeouts, slog.New(slog.DiscardHandler))
	server.Start()
	defer server.Close()
	body, end := io.Pipe()
	defer end.Close()
	go func() {
		_, _ = end.Write([]byte("a")) // and then nothing more
	}()
	answer, err := http.Post(server.URL, "text/plain", body)
	if err == nil {
		answer.Body.Close()
	}
}

// A header over the limit reaches the handler, which refuses it. A header over twice the limit does not.
func TestLongHeadersAreRefused(t *testing.T) {
	t.Parallel()
	timeouts := web.DefaultTimeouts()
	timeouts.HeaderBytes = 10_000
	seen := 0
	server := httptest.NewUnstartedServer(nil)
	server.Config = web.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = web.HeaderBytes(r) }), timeouts, slog.New(slog.DiscardHandler))
	server.Start()
	defer server.Close()
	for size, want := range map[int]int{100: http.StatusOK, 15_000: http.StatusOK, 40_000: http.StatusRequestHeaderFieldsTooLarge} {
		seen = 0
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/?q="+strings.Repeat("x", size/2), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("y", size/2))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || want == http.StatusOK && (seen < size || seen > size+500) {
			t.Errorf("a header of %d bytes: %d, measured %d", size, answer.StatusCode, seen)
		}
	}
}

func TestTimeoutsFollowTheReadTimeout(t *testing.T) {
	t.Parallel()
	if got := web.DefaultTimeouts().WithRead(5 * time.Second); got.Header != 5*time.Second || got.Read != 5*time.Second || got.Write != 65*time.Second {
		t.Errorf("%+v", got)
	}
	if got := web.DefaultTimeouts().WithRead(5 * time.Minute); got.Header != 10*time.Second || got.Write != 6*time.Minute {
		t.Errorf("%+v", got)
	}
}

// Header values are stored next to each other. A value that grows, and more values than the space takes, change no other value.
func TestHeaderValuesDoNotOverlap(t *testing.T) {
	t.Parallel()
	w, _ := serve(t, httptest.NewRequest(http.MethodGet, "/", nil), nil, func(x *web.Response) error {
		x.Set("Etag", "old")
		for i := range 20 {
			x.Set("X-"+strconv.Itoa(i), strconv.Itoa(i))
		}
		x.Header().Add("X-1", "more")
		x.Set("Etag", "new")
		x.WriteHeader(http.StatusNoContent)
		return nil
	})
	for i := range 20 {
		want := []string{strconv.Itoa(i)}
		if i == 1 {
			want = append(want, "more")
		}
		if got := w.Header()["X-"+strconv.Itoa(i)]; !slices.Equal(got, want) {
			t.Errorf("X-%d: %q, want %q", i, got, want)
		}
	}
	if got := w.Header()["Etag"]; !slices.Equal(got, []string{"new"}) {
		t.Errorf("Etag: %q", got)
	}
	if w.Header().Get("X-Request-Id") == "" {
		t.Error("no X-Request-Id")
	}
}
