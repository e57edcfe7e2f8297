package web_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// guarded wraps a handler in a guard. The status of an error is that of its code.
func guarded(t *testing.T, g *web.Guard, serve func(w *web.Response) error) http.Handler {
	t.Helper()
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Surface{Logger: slog.New(slog.DiscardHandler), Now: time.Now, IDs: ids, Guard: g, Fail: func(w *web.Response, err error) {
		var e *directory.Error
		status := http.StatusInternalServerError
		if errors.As(err, &e) {
			switch e.Code {
			case directory.Unavailable:
				status = http.StatusServiceUnavailable
			case directory.Throttled:
				status = http.StatusTooManyRequests
			case directory.TooLarge:
				status = http.StatusRequestEntityTooLarge
			}
			if e.RetryAfter > 0 {
				w.Set("Retry-After", e.RetryAfter.String())
			}
		}
		w.WriteHeader(status)
	}}
	return s.Handler(serve)
}

func send(h http.Handler, address string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	r.RemoteAddr = address + ":1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const mib = 1 << 20

// Memory that one owner takes leaves enough for the others, and memory that all take leaves enough for small requests.
func TestMemoryIsShared(t *testing.T) {
	t.Parallel()
	metrics := web.NewMetrics(prometheus.NewPedanticRegistry())
	g := web.NewGuard(web.GuardConfig{Memory: 64 * mib, Metrics: metrics})
	hold, entered := make(chan struct{}), make(chan struct{})
	claim := func(owner string, bytes int64, waits bool) http.Handler {
		return guarded(t, g, func(w *web.Response) error {
			if err := w.Owner(owner); err != nil {
				return err
			}
			if err := w.Grow(bytes); err != nil {
				return err
			}
			if waits {
				entered <- struct{}{}
				<-hold
			}
			w.WriteHeader(http.StatusNoContent)
			return nil
		})
	}
	var waiting sync.WaitGroup
	held := func(owner string, bytes int64) {
		waiting.Go(func() {
			if w := send(claim(owner, bytes, true), "192.0.2.1", nil); w.Code != http.StatusNoContent {
				t.Errorf("%s: %d", owner, w.Code)
			}
		})
		<-entered
	}
	held("a", 20*mib)
	for _, tt := range []struct {
		owner string
		bytes int64
		want  int
	}{
		{"a", 1, http.StatusServiceUnavailable}, // more than its share already
		{"b", 20 * mib, http.StatusNoContent},
		{"b", 57 * mib, http.StatusRequestEntityTooLarge}, // no request ever gets so much
	} {
		w := send(claim(tt.owner, tt.bytes, false), "192.0.2.1", nil)
		if w.Code != tt.want || (tt.want == http.StatusServiceUnavailable) != (w.Header().Get("Retry-After") == "1s") {
			t.Errorf("%s wants %d more: %d %v, want %d", tt.owner, tt.bytes, w.Code, w.Header(), tt.want)
		}
	}
	held("c", 36*mib) // all but the reserve
	for bytes, want := range map[int64]int{2 * mib: http.StatusServiceUnavailable, mib: http.StatusNoContent} {
		if w := send(claim("d", bytes, false), "192.0.2.1", nil); w.Code != want {
			t.Errorf("%d bytes of the reserve: %d", bytes, w.Code)
		}
	}
	close(hold)
	waiting.Wait()
	if w := send(claim("d", 50*mib, false), "192.0.2.1", nil); w.Code != http.StatusNoContent {
		t.Errorf("memory was not given back: %d", w.Code)
	}
}

// A body that stops half-way holds no more memory than it has used, and a panic releases what was claimed.
func TestMemoryIsReleased(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	g := web.NewGuard(web.GuardConfig{Memory: 64 * mib, Metrics: web.NewMetrics(registry)})
	body, end := io.Pipe()
	done := make(chan int)
	go func() {
		done <- send(guarded(t, g, func(w *web.Response) error {
			_, err := w.ReadBody(nil, 32*mib)
			return err
		}), "192.0.2.1", body).Code
	}()
	if _, err := end.Write(make([]byte, 3*mib)); err != nil {
		t.Fatal(err)
	}
	used := func() float64 {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "drawbridge_request_memory_bytes" {
				return f.GetMetric()[0].GetGauge().GetValue()
			}
		}
		t.Fatal("no metric")
		return 0
	}
	if n := used(); n < 3*mib || n > 8*mib {
		t.Errorf("%v bytes are claimed for 3 MiB", n)
	}
	_ = end.CloseWithError(errors.New("gone"))
	<-done
	send(guarded(t, g, func(w *web.Response) error {
		if err := w.Grow(mib); err != nil {
			return err
		}
		panic("boom")
	}), "192.0.2.1", nil)
	if n := used(); n != 0 {
		t.Errorf("%v bytes are claimed at the end", n)
	}
}

func TestAnonymousClientsAreThrottledBeforeTheirBody(t *testing.T) {
	t.Parallel()
	metrics := web.NewMetrics(prometheus.NewPedanticRegistry())
	var waited []time.Duration
	g := web.NewGuard(web.GuardConfig{
		Open: limit.Rate{PerSecond: 0.001, Burst: 2}, Delay: time.Second, Metrics: metrics,
		After: func(d time.Duration) <-chan time.Time {
			waited = append(waited, d)
			fired := make(chan time.Time, 1)
			fired <- time.Time{}
			return fired
		},
	})
	read := 0
	h := guarded(t, g, func(w *web.Response) error {
		if err := w.Stranger(); err != nil {
			return err
		}
		b, err := w.ReadBody(nil, web.StrangerBody)
		read += len(b)
		return err
	})
	for n, want := range []int{200, 200, 429, 429} {
		w := send(h, "192.0.2.1", strings.NewReader("body"))
		if w.Code != want || want == 429 && w.Header().Get("Retry-After") == "" {
			t.Errorf("request %d: %d %v", n, w.Code, w.Header())
		}
	}
	if read != 8 || len(waited) != 2 || waited[0] != time.Second {
		t.Errorf("%d bytes were read, refusals waited %v", read, waited)
	}
	if w := send(h, "192.0.2.2", strings.NewReader("body")); w.Code != 200 {
		t.Errorf("another address: %d", w.Code)
	}
	if w := send(h, "192.0.2.2", strings.NewReader(strings.Repeat("x", web.StrangerBody+1))); w.Code != 413 || len(waited) != 3 {
		t.Errorf("a body that is too large: %d, refusals waited %v", w.Code, waited)
	}
	// Over HTTP/1 a long body waits with the client. Over HTTP/2 it would take room from other requests: the connection ends.
	for major, held := range map[int]bool{1: true, 2: false} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", mib)))
		r.RemoteAddr, r.ProtoMajor = "192.0.2.1:1", major
		w, before := httptest.NewRecorder(), len(waited)
		h.ServeHTTP(w, r)
		if w.Code != 429 || (len(waited) > before) != held || (w.Header().Get("Connection") == "close") == held {
			t.Errorf("a long body over HTTP/%d: %d %v", major, w.Code, w.Header())
		}
	}
	if n := testutil.ToFloat64(metrics.Refused("open_rate")); n != 4 {
		t.Errorf("%v refusals are counted", n)
	}
}

// An owner with all of its requests under way leaves room for others. A request that waits for events takes no room.
func TestRequestsOfOneOwnerLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	g := web.NewGuard(web.GuardConfig{Requests: 3, Each: 2})
	hold, entered := make(chan struct{}), make(chan struct{})
	h := func(owner string, do func(w *web.Response) error) http.Handler {
		return guarded(t, g, func(w *web.Response) error {
			if err := w.Owner(owner); err != nil {
				return err
			}
			return do(w)
		})
	}
	quick := func(*web.Response) error { return nil }
	slow := func(*web.Response) error {
		entered <- struct{}{}
		<-hold
		return nil
	}
	var waiting sync.WaitGroup
	begin := func(owner string, do func(w *web.Response) error) {
		waiting.Go(func() { send(h(owner, do), "192.0.2.1", nil) })
		<-entered
	}
	begin("a", slow)
	begin("a", slow)
	for owner, want := range map[string]int{"a": 503, "b": 200} {
		if w := send(h(owner, quick), "192.0.2.1", nil); w.Code != want {
			t.Errorf("%s: %d", owner, w.Code)
		}
	}
	parked := func(w *web.Response) error {
		unpark := w.Park()
		entered <- struct{}{}
		<-hold
		return unpark()
	}
	begin("c", parked)
	begin("c", parked)
	if w := send(h("d", quick), "192.0.2.1", nil); w.Code != 200 {
		t.Errorf("a place is free: %d", w.Code)
	}
	close(hold)
	waiting.Wait()
	for range 2 {
		if w := send(h("a", quick), "192.0.2.1", nil); w.Code != 200 {
			t.Errorf("places were not given back: %d", w.Code)
		}
	}
}

// One request at a time does long work. A response that the client reads slowly does not count as work.
func TestOneLongComputationAtATime(t *testing.T) {
	t.Parallel()
	g := web.NewGuard(web.GuardConfig{Processors: 1})
	hold, entered := make(chan struct{}), make(chan struct{})
	working := guarded(t, g, func(w *web.Response) error {
		done, err := w.Compute()
		if err != nil {
			return err
		}
		again, err := w.Compute() // the request has its slot
		if err != nil {
			return err
		}
		again()
		done()
		entered <- struct{}{}
		<-hold // the client reads slowly
		return nil
	})
	var waiting sync.WaitGroup
	for range 3 {
		waiting.Go(func() { send(working, "192.0.2.1", nil) })
		<-entered
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	first := guarded(t, g, func(w *web.Response) error {
		done, err := w.Compute()
		if err != nil {
			return err
		}
		defer done()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
		second := httptest.NewRecorder()
		guarded(t, g, func(w *web.Response) error { _, err := w.Compute(); return err }).ServeHTTP(second, r)
		if second.Code != http.StatusServiceUnavailable {
			t.Errorf("a second one computes: %d", second.Code)
		}
		return nil
	})
	send(first, "192.0.2.1", nil)
	close(hold)
	waiting.Wait()
}
