package push

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
	"drawbridge/policy"
)

// Metrics is what the package shows to Prometheus (E5). A nil Metrics counts nothing.
type Metrics struct {
	attempts *prometheus.CounterVec
}

// NewMetrics registers the metrics of a Service with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{attempts: r.CounterVec("drawbridge_webhook_attempts_total")}
	return m
}

func results() []string { return []string{"delivered", "failed", "gone"} }

func (m *Metrics) know(webhook string) {
	if m == nil {
		return
	}
	for _, result := range results() {
		m.attempts.WithLabelValues(webhook, result)
	}
}

func (m *Metrics) forget(webhook string) {
	if m == nil {
		return
	}
	for _, result := range results() {
		m.attempts.DeleteLabelValues(webhook, result)
	}
}

func (m *Metrics) attempt(webhook string, a *policy.WebhookAnswer) {
	if m == nil {
		return
	}
	result := "delivered"
	switch {
	case a.Gone():
		result = "gone"
	case a.Error != "":
		result = "failed"
	}
	m.attempts.WithLabelValues(webhook, result).Inc()
}
