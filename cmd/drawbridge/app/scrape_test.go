package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics that take long to read are read rarely, for any number of scrapes; a clock that goes back does not make them stale.
func TestScrapesShareWhatWasRead(t *testing.T) {
	t.Parallel()
	now, reads, takes := time.Unix(1_000_000, 0), 0, time.Duration(0)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "reads", Help: "How often."}, func() float64 {
		reads++
		now = now.Add(takes)
		return float64(reads)
	}))
	h := metricsHandler(registry, func() time.Time { return now }, nil)
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

func TestScrapesOfOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "one", Help: "One."}))
	h := metricsHandler(registry, time.Now, nil)
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
