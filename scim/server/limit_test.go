package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/directory"
)

// timer is a timer that the server has set; the test decides when it fires.
type timer struct {
	d    time.Duration
	fire chan time.Time
}

// delaying is a kit with a rate of ten a second whose server sets timers of the test.
func delaying(t *testing.T, changes ...func(*Config)) (*kit, *Metrics, chan timer) {
	t.Helper()
	metrics, timers := NewMetrics(prometheus.NewPedanticRegistry()), make(chan timer, 1000)
	return newKit(t, append([]func(*Config){func(c *Config) {
		c.Metrics, c.Limits.Rate, c.Limits.Burst, c.Limits.Delay = metrics, 10, 10, time.Second
		c.After = func(d time.Duration) <-chan time.Time {
			set := timer{d, make(chan time.Time, 1)}
			timers <- set
			return set.fire
		}
	}}, changes...)...), metrics, timers
}

// spend uses up the burst of a connection, and the refusals that are not delayed.
func (c *client) spend() {
	c.t.Helper()
	for range 10 {
		c.do("GET", "/Users?count=0", "").is(200)
	}
	for range 10 {
		if got := c.do("GET", "/Users?count=0", "").is(429); got.header.Get("Retry-After") != "1" {
			c.t.Fatalf("Retry-After: %s", got.header)
		}
	}
}

// concurrently sends a request while the test goes on.
func (c *client) concurrently(ctx context.Context, body string) <-chan *httptest.ResponseRecorder {
	answered := make(chan *httptest.ResponseRecorder, 1)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/scim/v2/"+string(c.slug)+"/Users", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+c.token)
	go func() {
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		answered <- w
	}()
	return answered
}

// C5: a connection that continues after a 429 gets delayed answers, and no other connection does.
func TestClientsThatIgnoreRetryAfterAreDelayed(t *testing.T) {
	t.Parallel()
	k, metrics, timers := delaying(t)
	noisy, quiet := k.connect("noisy", "noisy-gen", directory.Generic), k.connect("quiet", "quiet-gen", directory.Generic)
	noisy.spend()
	if len(timers) != 0 {
		t.Fatal("a first refusal was delayed")
	}
	answered := noisy.concurrently(t.Context(), userBody("ada@example.test"))
	set := <-timers
	if set.d != 500*time.Millisecond {
		t.Errorf("delayed for %s, want half of the second of Retry-After", set.d)
	}
	if n := testutil.ToFloat64(metrics.delaying); n != 1 {
		t.Errorf("%v requests are delayed", n)
	}
	quiet.spend() // neither what it may send nor its first refusals wait
	if len(answered)+len(timers) != 0 {
		t.Fatal("it was answered, or another connection has to wait")
	}
	set.fire <- time.Time{}
	if w := <-answered; w.Code != 429 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %s", w.Code, w.Header())
	}
	if n := testutil.ToFloat64(metrics.delaying); n != 0 {
		t.Errorf("%v requests are delayed", n)
	}
	if n := testutil.ToFloat64(metrics.delayed.WithLabelValues("noisy", "noisy-gen")); n != 1 {
		t.Errorf("%v were delayed", n)
	}
	if n := testutil.ToFloat64(metrics.throttled.WithLabelValues("noisy", "noisy-gen")); n != 11 {
		t.Errorf("%v 429s were counted", n)
	}
	k.clock.Advance(time.Second) // the client obeys Retry-After now
	noisy.spend()
	if len(timers) != 0 {
		t.Error("who listens again was delayed")
	}
}

// A delay is half of Retry-After, and bounded.
func TestDelayIsBounded(t *testing.T) {
	t.Parallel()
	k, _, timers := delaying(t, func(c *Config) { c.Limits.Rate, c.Limits.Burst = 0.1, 1 })
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.do("GET", "/Users?count=0", "").is(200)
	c.do("GET", "/Users?count=0", "").is(429)
	answered := c.concurrently(t.Context(), "")
	set := <-timers
	if set.d != time.Second {
		t.Errorf("delayed for %s", set.d)
	}
	set.fire <- time.Time{}
	if w := <-answered; w.Code != 429 || w.Header().Get("Retry-After") != "10" {
		t.Errorf("%d %s", w.Code, w.Header())
	}
}

func TestWorkersThatObeyRetryAfterAreNotDelayed(t *testing.T) {
	t.Parallel()
	k, _, timers := delaying(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	refused := 0
	for range 100 {
		for range 8 {
			for c.do("GET", "/Users?count=0", "").status == 200 {
				continue
			}
			refused++
		}
		k.clock.Advance(time.Second)
	}
	if refused != 800 || len(timers) != 0 {
		t.Errorf("%d refusals, %d delayed", refused, len(timers))
	}
}

// A request without room to wait is answered at once. A long body waits at the client.
func TestDelayedRequestsAreBounded(t *testing.T) {
	t.Parallel()
	k, metrics, timers := delaying(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.spend()
	long := c.concurrently(t.Context(), strings.Repeat("x", delayedBody+1))
	(<-timers).fire <- time.Time{}
	if w := <-long; w.Code != 429 {
		t.Errorf("status %d", w.Code)
	}
	var waiting []<-chan *httptest.ResponseRecorder
	var set []timer
	for range delayedEach {
		waiting = append(waiting, c.concurrently(t.Context(), "{}"))
		set = append(set, <-timers)
	}
	for range 3 {
		c.do("POST", "/Users", "{}").is(429)
	}
	if n := testutil.ToFloat64(metrics.delaying); n != delayedEach || len(timers) != 0 {
		t.Errorf("%v requests are delayed, and %d more", n, len(timers))
	}
	for _, s := range set {
		s.fire <- time.Time{}
	}
	for _, answered := range waiting {
		if w := <-answered; w.Code != 429 {
			t.Errorf("status %d", w.Code)
		}
	}
	// Their places are free again.
	answered := c.concurrently(t.Context(), "{}")
	(<-timers).fire <- time.Time{}
	<-answered
}

func TestDelayedRequestsEndWithTheServer(t *testing.T) {
	t.Parallel()
	stopping, stop := context.WithCancel(t.Context())
	k, metrics, timers := delaying(t, func(c *Config) { c.Stopping = stopping })
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.spend()

	// Over a real connection, since net/http must notice that the client is gone.
	left := make(chan struct{}, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.handler.ServeHTTP(w, r)
		left <- struct{}{}
	}))
	defer srv.Close()
	ctx, leave := context.WithCancel(t.Context())
	var gone sync.WaitGroup
	gone.Go(func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/scim/v2/acme-gen/Users", strings.NewReader(userBody("ada@example.test")))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+c.token)
		if res, err := srv.Client().Do(r); err == nil {
			res.Body.Close()
			t.Errorf("answered %d", res.StatusCode)
		}
	})
	<-timers
	leave()
	gone.Wait()
	<-left

	answered := c.concurrently(t.Context(), "{}")
	<-timers
	stop()
	if w := <-answered; w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Header())
	}
	c.do("GET", "/Users", "").is(429) // no request is delayed while the server stops
	if n := testutil.ToFloat64(metrics.delaying); n != 0 {
		t.Errorf("%v requests are delayed", n)
	}
}

// A proxy may send the requests of many tenants over one HTTP/2 connection. A delayed request takes no room from the others.
func TestDelayedRequestsLeaveRoomOnHTTP2(t *testing.T) {
	t.Parallel()
	k, _, timers := delaying(t)
	noisy, quiet := k.connect("noisy", "noisy-gen", directory.Generic), k.connect("quiet", "quiet-gen", directory.Generic)
	noisy.spend()
	connections := make(chan net.Conn, 100)
	srv := httptest.NewUnstartedServer(k.handler)
	srv.EnableHTTP2 = true
	srv.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections <- c
		}
	}
	srv.StartTLS()
	defer srv.Close()
	send := func(c *client, body string) (int, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/scim/v2/"+string(c.slug)+"/Users", strings.NewReader(body))
		if err != nil {
			return 0, err
		}
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Set("Content-Type", mediaSCIM)
		res, err := srv.Client().Do(r)
		if err != nil {
			return 0, err
		}
		return res.StatusCode, res.Body.Close()
	}
	long := func(name string) string { return userBody(name, `,"title":"`+strings.Repeat("x", 60_000)+`"`) }
	var held sync.WaitGroup
	var set []timer
	for range 40 { // together more than the window of a connection
		held.Go(func() {
			if got, err := send(noisy, long("ada@example.test")); got != 429 || err != nil {
				t.Errorf("%d %v", got, err)
			}
		})
		set = append(set, <-timers)
	}
	if got, err := send(quiet, long("bea@example.test")); got != 201 || err != nil {
		t.Errorf("the other tenant got %d %v", got, err)
	}
	for _, s := range set {
		s.fire <- time.Time{}
	}
	held.Wait()
	if n := len(connections); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// C5: a refused body costs its connection tokens for each byte that was read of it.
func TestRefusedBodiesCountForTheRate(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(c *Config) {
		c.Limits.Rate, c.Limits.Burst, c.Limits.Delay, c.Limits.Body = 1, 10, 0, 1<<20
	})
	noisy, quiet := k.connect("noisy", "noisy-gen", directory.Generic), k.connect("quiet", "quiet-gen", directory.Generic)
	large := userBody("ada@example.test", `,"title":"`+strings.Repeat("x", 2<<20)+`"`)
	noisy.do("POST", "/Users", large).is(413) // its length is announced: 256 KiB of it are thrown away, which cost 4 tokens
	for range 6 {
		noisy.do("GET", "/Users?count=0", "").is(200)
	}
	noisy.do("GET", "/Users?count=0", "").is(429)
	k.clock.Advance(time.Second)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/scim/v2/noisy-gen/Users", io.MultiReader(strings.NewReader(large))) // not announced
	r.Header.Set("Authorization", "Bearer "+noisy.token)
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := noisy.do("GET", "/Users?count=0", "").is(429); got.header.Get("Retry-After") != "11" { // the debt of one request is at most a burst
		t.Errorf("Retry-After: %s", got.header)
	}
	quiet.do("GET", "/Users?count=0", "").is(200)
}

func TestDelayCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	k, _, timers := delaying(t, func(c *Config) { c.Limits.Delay = 0 })
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.spend()
	for range 100 {
		c.do("POST", "/Users", "{}").is(429)
	}
	if len(timers) != 0 {
		t.Errorf("%d delayed", len(timers))
	}
}
