package provision

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Metrics counts what is sent to targets (E5). A nil Metrics counts nothing.
type Metrics struct {
	steps *prometheus.CounterVec
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{steps: r.CounterVec("drawbridge_target_steps_total")}
	for _, result := range []string{"done", "failed"} {
		m.steps.WithLabelValues(result)
	}
	return m
}

func (m *Metrics) step(result string) {
	if m != nil {
		m.steps.WithLabelValues(result).Inc()
	}
}
