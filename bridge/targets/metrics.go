package targets

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Metrics is what the package shows to Prometheus (E5). The gauges are read from the store when they are scraped. If several processes
// share the store, one of them shows the gauges. A nil Metrics counts nothing.
type Metrics struct {
	gauges *gauges
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{gauges: &gauges{
		pending:     r.Desc("drawbridge_target_pending"),
		parked:      r.Desc("drawbridge_target_parked"),
		held:        r.Desc("drawbridge_target_held_removals"),
		quarantined: r.Desc("drawbridge_target_quarantined"),
		failing:     r.Desc("drawbridge_target_failing_timestamp_seconds"),
	}}
	r.Register(m.gauges)
	return m
}

// watch points the gauges at s.
func (m *Metrics) watch(s *Service) {
	if m != nil {
		m.gauges.service.Store(s)
	}
}

// gauges reads the states of targets when it is scraped.
type gauges struct {
	service                                     atomic.Pointer[Service]
	pending, parked, held, quarantined, failing *prometheus.Desc
}

// Describe tells which metrics there are.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.pending, g.parked, g.held, g.quarantined, g.failing} {
		out <- d
	}
}

// scrapeTime bounds what one scrape may cost.
const scrapeTime = 10 * time.Second

// Collect reads the states. If they cannot be read, the scrape fails, instead of showing old numbers.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	s := g.service.Load()
	if s == nil || !s.cfg.Leads() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	all, _, err := s.All(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(g.pending, err)
		return
	}
	for i := range all {
		tenant, name := string(all[i].Tenant), all[i].Target.Name
		state := all[i].State
		show := func(d *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, tenant, name)
		}
		show(g.pending, float64(state.Pending))
		show(g.parked, float64(state.Parked))
		show(g.held, float64(state.Held))
		if quarantined := !state.Quarantined.IsZero(); quarantined {
			show(g.quarantined, 1)
		} else {
			show(g.quarantined, 0)
		}
		if !state.FailingSince.IsZero() {
			show(g.failing, float64(state.FailingSince.UnixMilli())/1000)
		}
	}
}
