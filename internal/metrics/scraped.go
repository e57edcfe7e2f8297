package metrics

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTime bounds what one scrape may cost.
const scrapeTime = 10 * time.Second

// Scraped are gauges of the list whose values are read together when they are scraped. Before From is called, they have no series.
type Scraped struct {
	gauges map[string]*prometheus.Desc
	source atomic.Pointer[source]
}

type source struct {
	leads func() bool
	read  func(context.Context, Show) error
}

// Show gives a gauge of a Scraped its value for this scrape, with the values of its labels.
type Show func(name string, value float64, labels ...string)

// Scraped registers gauges that are read when they are scraped.
func (s Set) Scraped(names ...string) *Scraped {
	g := &Scraped{gauges: make(map[string]*prometheus.Desc, len(names))}
	for _, name := range names {
		m := s.metric(name, Gauge)
		g.gauges[name] = prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
	s.register(g)
	return g
}

// From says what reads the values, and whether this process shows them: of several processes that share a store, only one does. A nil leads
// means that it does. If read fails, the scrape fails visibly instead of showing old numbers.
func (g *Scraped) From(leads func() bool, read func(ctx context.Context, show Show) error) {
	if leads == nil {
		leads = func() bool { return true }
	}
	g.source.Store(&source{leads: leads, read: read})
}

// Describe tells which gauges there are.
func (g *Scraped) Describe(out chan<- *prometheus.Desc) {
	for _, d := range g.gauges {
		out <- d
	}
}

// Collect reads the values.
func (g *Scraped) Collect(out chan<- prometheus.Metric) {
	from := g.source.Load()
	if from == nil || !from.leads() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	err := from.read(ctx, func(name string, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(g.gauges[name], prometheus.GaugeValue, value, labels...)
	})
	if err != nil {
		out <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
	}
}

// Seconds is a time as Prometheus writes it.
func Seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Bool is a boolean as Prometheus writes it.
func Bool(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
