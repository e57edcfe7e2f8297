package provision

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what is sent to targets (E5). A nil Metrics counts nothing.
type Metrics struct {
	steps *prometheus.CounterVec
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{steps: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "drawbridge_target_steps_total", Help: "People and groups that were sent to targets, by what it came to.",
	}, []string{"result"})}
	for _, result := range []string{"done", "failed"} {
		m.steps.WithLabelValues(result)
	}
	reg.MustRegister(m.steps)
	return m
}

func (m *Metrics) step(result string) {
	if m != nil {
		m.steps.WithLabelValues(result).Inc()
	}
}
