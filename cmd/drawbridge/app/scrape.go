package app

import (
	"bytes"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// Scrapes need no credential, and reading the gauges of a large installation costs much. So what one scrape has read and written is good
// for the next ones when they come faster than the rates below, and for five times as long as it took to read if that was long. An address
// has a few scrapes a second, and a few under way, at most.
const (
	scrapeLong     = 200 * time.Millisecond
	scrapeShare    = 5
	scrapeFormats  = 2 // texts that are kept, one for each format that clients ask for
	scrapesAtOnce  = 32
	scrapesAddress = 4
	scrapers       = 1000 // addresses that are remembered
)

// readRate is how often the metrics are read for all clients together, and scrapeRate how often one address may ask for them.
func readRate() limit.Rate   { return limit.Rate{PerSecond: 4, Burst: 20} }
func scrapeRate() limit.Rate { return limit.Rate{PerSecond: 10, Burst: 60} }

// scrapeCache keeps what was read last, and its texts.
type scrapeCache struct {
	from  prometheus.Gatherer
	now   func() time.Time
	reads *limit.Limiter[struct{}]

	mu    sync.Mutex
	read  []*dto.MetricFamily
	texts map[expfmt.Format][]byte
	at    time.Time
	fresh time.Duration
}

// text returns the metrics in a format, read now or a moment ago. The caller must not change them.
func (c *scrapeCache) text(format expfmt.Format) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.gather(); err != nil {
		return nil, err
	}
	if text, ok := c.texts[format]; ok {
		return text, nil
	}
	var out bytes.Buffer
	encoder := expfmt.NewEncoder(&out, format)
	for _, family := range c.read {
		if err := encoder.Encode(family); err != nil {
			return nil, err
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			return nil, err
		}
	}
	if len(c.texts) < scrapeFormats {
		c.texts[format] = out.Bytes()
	}
	return out.Bytes(), nil
}

// gather reads the metrics, unless those that are kept are good.
func (c *scrapeCache) gather() error {
	began := c.now()
	if c.read != nil && limit.Within(c.at, began, c.fresh) {
		return nil
	}
	if c.reads.Take(struct{}{}, began) > 0 && c.read != nil {
		return nil
	}
	read, err := c.from.Gather()
	if err != nil {
		return err
	}
	c.read, c.at, c.fresh, c.texts = read, c.now(), 0, make(map[expfmt.Format][]byte, scrapeFormats)
	if took := c.at.Sub(began); took >= scrapeLong {
		c.fresh = scrapeShare * took
	}
	return nil
}

// scrapes answers those who ask for the metrics.
type scrapes struct {
	cache *scrapeCache
	rate  *limit.Limiter[netip.Prefix]
	slots *limit.Slots[netip.Prefix]
}

func newScrapes(registry prometheus.Gatherer, now func() time.Time) *scrapes {
	return &scrapes{
		cache: &scrapeCache{from: registry, now: now, reads: limit.NewLimiter[struct{}](readRate(), 1)},
		rate:  limit.NewLimiter[netip.Prefix](scrapeRate(), scrapers),
		slots: limit.NewSlots[netip.Prefix](scrapesAddress, scrapesAtOnce),
	}
}

// serve answers with the metrics. It does not compress them, because that would use a megabyte for each slow client.
func (s *scrapes) serve(w *web.Response) error {
	network := limit.Network(w.Origin.Address)
	if wait := s.rate.Take(network, w.Started); wait > 0 {
		w.Late(time.Second)
		return &directory.Error{Code: directory.Throttled, RetryAfter: max(wait, time.Second), Message: "too many scrapes from this address: wait a moment and try again"}
	}
	if !s.slots.Enter(network) {
		w.Late(time.Second)
		return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: "too many scrapes are under way: wait a moment and try again"}
	}
	defer s.slots.Leave(network)
	format := expfmt.NegotiateAccept(w.Request.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	text, err := s.cache.text(format)
	if err != nil {
		return err
	}
	w.Set("Content-Type", string(format))
	w.Set("Content-Length", strconv.Itoa(len(text)))
	w.Set("Vary", "Accept")
	_, _ = w.Write(text) // a client that went away needs no answer
	return nil
}
