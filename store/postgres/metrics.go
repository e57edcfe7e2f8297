package postgres

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Metrics counts what a store does.
type Metrics struct {
	commits  prometheus.Counter
	updates  prometheus.Counter
	failures prometheus.Counter
	unknowns prometheus.Counter
}

// NewMetrics registers the metrics of a store.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	return &Metrics{
		commits:  r.Counter("drawbridge_store_commits_total"),
		updates:  r.Counter("drawbridge_store_committed_updates_total"),
		failures: r.Counter("drawbridge_store_failed_commits_total"),
		unknowns: r.Counter("drawbridge_store_unknown_commits_total"),
	}
}

func (m *Metrics) committed(updates int) {
	if m != nil {
		m.commits.Inc()
		m.updates.Add(float64(updates))
	}
}

func (m *Metrics) failed() {
	if m != nil {
		m.failures.Inc()
	}
}

func (m *Metrics) unknown() {
	if m != nil {
		m.unknowns.Inc()
	}
}
