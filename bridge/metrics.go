package bridge

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
)

// Metrics is what the bridge shows to Prometheus (E5). A nil Metrics counts nothing.
type Metrics struct {
	refusals *prometheus.CounterVec
}

// NewMetrics registers the metrics of a Service with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	return &Metrics{refusals: metrics.On(reg).CounterVec("drawbridge_policy_refusals_total")}
}

// Refused counts a rule that refused a write, or a part of it. Give it to txn.Config.
func (m *Metrics) Refused(tenant directory.TenantID, rule directory.Rule) {
	if m != nil && rule != "" {
		m.refusals.WithLabelValues(string(tenant), string(rule)).Inc()
	}
}
