package push

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/policy"
)

// Metrics is what the package shows to Prometheus (E5). A nil Metrics counts nothing.
type Metrics struct {
	attempts *prometheus.CounterVec
}

// NewMetrics registers the metrics of a Service with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "drawbridge_webhook_attempts_total",
		Help: "Requests to a webhook: delivered, failed (tried again later), or gone (the receiver wants no more events).",
	}, []string{"webhook", "result"})}
	reg.MustRegister(m.attempts)
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
