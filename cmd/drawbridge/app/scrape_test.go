package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/web"
)

// scraped makes the handler of the metrics of a registry.
func scraped(t *testing.T, registry *prometheus.Registry, now func() time.Time) http.Handler {
	t.Helper()
	a := &App{now: now, log: slog.New(slog.DiscardHandler), guard: web.NewGuard(web.GuardConfig{})}
	open, err := a.openSurface(nil)
	if err != nil {
		t.Fatal(err)
	}
	return open.Handler(newScrapes(registry, now).serve)
}

// Metrics that take long to read are read rarely, for any number of scrapes. They do not become stale when the clock goes back.
func TestScrapesShareOneRead(t *testing.T) {
	t.Parallel()
	now, reads, takes := time.Unix(1_000_000, 0), 0, time.Duration(0)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "reads", Help: "How often."}, func() float64 {
		reads++
		now = now.Add(takes)
		return float64(reads)
	}))
	h := scraped(t, registry, func() time.Time { return now })
	scrape := func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "reads ") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	for range 3 {
		scrape()
	}
	if reads != 3 {
		t.Errorf("what is quick was read %d times for 3 scrapes", reads)
	}
	takes = time.Second
	for range 3 {
		scrape()
	}
	if reads != 4 {
		t.Errorf("what is slow was read %d times for 3 scrapes", reads-3)
	}
	now = now.Add(-time.Hour)
	if scrape(); reads != 5 {
		t.Error("after the clock went back it was not read again")
	}
	now = now.Add(6 * time.Second)
	if scrape(); reads != 6 {
		t.Error("it was not read again in time")
	}
}

// However many scrapes come, from however many addresses, the metrics are read and formatted rarely. Each format has its own text, and an
// address that sends requests without end is refused.
func TestManyScrapesCostLittle(t *testing.T) {
	t.Parallel()
	now, reads := time.Unix(1_000_000, 0), 0
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "reads", Help: "How often."}, func() float64 {
		reads++
		return float64(reads)
	}))
	h := scraped(t, registry, func() time.Time { return now })
	scrape := func(address, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = address + ":1"
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for second := range 10 {
		for n := range 100 {
			address, accept := fmt.Sprintf("192.0.%d.%d", second, n), []string{"text/plain", "application/openmetrics-text; version=1.0.0"}[n%2]
			w := scrape(address, accept)
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), accept) || strings.HasSuffix(w.Body.String(), "# EOF\n") != (n%2 == 1) || !strings.Contains(w.Body.String(), "reads ") {
				t.Fatalf("%d %s\n%s", w.Code, w.Header(), w.Body)
			}
			now = now.Add(10 * time.Millisecond)
		}
	}
	if most := readRate().Burst + 10*int(readRate().PerSecond); reads > most {
		t.Errorf("%d reads for 1000 scrapes in ten seconds, at most %d", reads, most)
	}
	now = now.Add(time.Minute)
	if w := scrape("192.0.2.1", ""); !strings.Contains(w.Body.String(), fmt.Sprintf("reads %d\n", reads)) {
		t.Errorf("what is shown after a while is old:\n%s", w.Body)
	}
	for range scrapeRate().Burst {
		scrape("192.0.2.1", "")
	}
	if w := scrape("192.0.2.1", ""); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %s", w.Code, w.Header())
	}
	if w := scrape("192.0.3.1", ""); w.Code != http.StatusOK {
		t.Errorf("another address: %d", w.Code)
	}
}

// blocked is a client that takes nothing.
type blocked struct {
	*httptest.ResponseRecorder
	begun chan struct{}
	until chan struct{}
}

func (b blocked) Write(p []byte) (int, error) {
	select {
	case b.begun <- struct{}{}:
	default:
	}
	<-b.until
	return len(p), nil
}

func TestScrapesOfOneAddressAreThrottled(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "one", Help: "One."}))
	h := scraped(t, registry, time.Now)
	until := make(chan struct{})
	var slow sync.WaitGroup
	for range scrapesAddress {
		b := blocked{httptest.NewRecorder(), make(chan struct{}), until}
		slow.Go(func() { h.ServeHTTP(b, httptest.NewRequest(http.MethodGet, "/metrics", nil)) })
		<-b.begun
	}
	for address, want := range map[string]int{"192.0.2.1:1": http.StatusServiceUnavailable, "192.0.2.9:1": http.StatusOK} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d", address, w.Code)
		}
	}
	close(until)
	slow.Wait()
}
