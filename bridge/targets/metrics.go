package targets

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// The gauges of the package.
const (
	pendingGauge     = "drawbridge_target_pending"
	parkedGauge      = "drawbridge_target_parked"
	heldGauge        = "drawbridge_target_held_removals"
	quarantinedGauge = "drawbridge_target_quarantined"
	failingGauge     = "drawbridge_target_failing_timestamp_seconds"
)

// Metrics is what the package shows to Prometheus (E5). The gauges are read from the store when they are scraped. If several processes
// share the store, one of them shows the gauges. A nil Metrics shows nothing.
type Metrics struct {
	gauges *metrics.Scraped
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	return &Metrics{gauges: metrics.On(reg).Scraped(pendingGauge, parkedGauge, heldGauge, quarantinedGauge, failingGauge)}
}

// watch shows the states of the targets of s.
func (m *Metrics) watch(s *Service) {
	if m != nil {
		m.gauges.From(s.cfg.Leads, s.gauges)
	}
}

func (s *Service) gauges(ctx context.Context, show metrics.Show) error {
	all, _, err := s.All(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		tenant, name, state := string(all[i].Tenant), all[i].Target.Name, &all[i].State
		show(pendingGauge, float64(state.Pending), tenant, name)
		show(parkedGauge, float64(state.Parked), tenant, name)
		show(heldGauge, float64(state.Held), tenant, name)
		show(quarantinedGauge, metrics.Bool(!state.Quarantined.IsZero()), tenant, name)
		if !state.FailingSince.IsZero() {
			show(failingGauge, metrics.Seconds(state.FailingSince), tenant, name)
		}
	}
	return nil
}
