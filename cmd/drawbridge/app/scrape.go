package app

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// Scrapes need no credential, and reading the gauges of a large installation costs much. So what one scrape has read is good for the
// next ones, for five times as long as it took to read if that was long, and an address has a few scrapes under way at most.
const (
	scrapeLong     = 200 * time.Millisecond
	scrapeShare    = 5
	scrapesAtOnce  = 32
	scrapesAddress = 4
)

// scrapeCache is a Gatherer that keeps what was read last.
type scrapeCache struct {
	from prometheus.Gatherer
	now  func() time.Time

	mu    sync.Mutex
	read  []*dto.MetricFamily
	at    time.Time
	fresh time.Duration
}

// Gather reads the metrics, or gives those that were read a moment ago. The caller must not change them.
func (c *scrapeCache) Gather() ([]*dto.MetricFamily, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read != nil && limit.Within(c.at, c.now(), c.fresh) {
		return c.read, nil
	}
	began := c.now()
	read, err := c.from.Gather()
	if err != nil {
		return read, err
	}
	c.read, c.at, c.fresh = read, c.now(), 0
	if took := c.at.Sub(began); took >= scrapeLong {
		c.fresh = scrapeShare * took
	}
	return read, nil
}

// metricsHandler serves the metrics. It does not compress them: that would take a megabyte for each client that reads slowly.
func metricsHandler(registry *prometheus.Registry, now func() time.Time, proxies web.Proxies) http.Handler {
	read := promhttp.HandlerFor(&scrapeCache{from: registry, now: now}, promhttp.HandlerOpts{
		Registry: registry, EnableOpenMetrics: true, DisableCompression: true,
	})
	slots := limit.NewSlots[netip.Prefix](scrapesAddress, scrapesAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		network := limit.Network(proxies.Origin(r).Address)
		if !slots.Enter(network) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many scrapes are under way", http.StatusServiceUnavailable)
			return
		}
		defer slots.Leave(network)
		read.ServeHTTP(w, r)
	})
}
