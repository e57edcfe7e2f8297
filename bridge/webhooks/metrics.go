package webhooks

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
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
		backlog: r.Desc("drawbridge_webhook_backlog_events"),
		failing: r.Desc("drawbridge_webhook_failing_timestamp_seconds"),
		parked:  r.Desc("drawbridge_webhook_parked"),
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

// gauges reads the deliveries when it is scraped.
type gauges struct {
	service                  atomic.Pointer[Service]
	backlog, failing, parked *prometheus.Desc
}

// Describe tells which metrics there are.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	out <- g.backlog
	out <- g.failing
	out <- g.parked
}

// scrapeTime bounds what one scrape may cost.
const scrapeTime = 10 * time.Second

// Collect reads the deliveries. If they cannot be read, the scrape fails, instead of showing old numbers.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	s := g.service.Load()
	if s == nil || !s.leads() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	hooks, err := s.All(ctx)
	var all map[directory.ID][]Progress
	if err == nil && len(hooks) > 0 {
		all, err = s.progress(ctx, hooks)
	}
	if err != nil {
		out <- prometheus.NewInvalidMetric(g.backlog, err)
		return
	}
	for i := range hooks {
		w := &hooks[i]
		sum := Sum(w, all[w.ID])
		out <- prometheus.MustNewConstMetric(g.backlog, prometheus.GaugeValue, float64(sum.Backlog), w.Name)
		parked := 0.0
		if sum.Parked {
			parked = 1
		}
		out <- prometheus.MustNewConstMetric(g.parked, prometheus.GaugeValue, parked, w.Name)
		if !sum.FailingSince.IsZero() {
			out <- prometheus.MustNewConstMetric(g.failing, prometheus.GaugeValue, float64(sum.FailingSince.UnixMilli())/1000, w.Name)
		}
	}
}

// Total is the progress of a webhook over tenants.
type Total struct {
	Tenants      int
	Backlog      uint64
	Failing      int       // tenants
	FailingSince time.Time // of the longest failing one
	Parked       bool      // for one tenant at least
	Success      time.Time // the last one
	Error        string    // of the longest failing one
}

// Sum adds the progress of a webhook over tenants.
func Sum(w *directory.Webhook, all []Progress) Total {
	out := Total{Tenants: len(all), Parked: !w.Parked.IsZero(), Error: w.Reason}
	for i := range all {
		d := &all[i].Delivery
		out.Backlog += all[i].Backlog()
		out.Parked = out.Parked || !d.Parked.IsZero()
		if d.Success.After(out.Success) {
			out.Success = d.Success
		}
		if d.FailingSince.IsZero() {
			continue
		}
		out.Failing++
		if out.FailingSince.IsZero() || d.FailingSince.Before(out.FailingSince) {
			out.FailingSince, out.Error = d.FailingSince, d.Error
		}
	}
	return out
}

// Totals gives the totals of webhooks over the tenants of the scope, by id.
func (s *Service) Totals(ctx context.Context, p directory.Principal, hooks []View) (map[directory.ID]Total, error) {
	bare := make([]directory.Webhook, len(hooks))
	for i := range hooks {
		bare[i] = hooks[i].Webhook
	}
	out := make(map[directory.ID]Total, len(hooks))
	if len(hooks) == 0 {
		return out, nil
	}
	all, err := s.progress(ctx, bare)
	for i := range bare {
		seen := visible(p, all[bare[i].ID])
		out[bare[i].ID] = Sum(&bare[i], seen)
	}
	return out, err
}
