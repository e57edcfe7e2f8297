package siem

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Metrics is what the package shows to Prometheus (E5). A nil Metrics counts nothing.
type Metrics struct {
	lines *prometheus.CounterVec
}

// NewMetrics registers the metrics of all streams with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{lines: r.CounterVec("drawbridge_audit_stream_lines_total")}
	return m
}

func (m *Metrics) know(stream string) {
	m.sent(stream, 0)
	m.again(stream, 0)
}

func (m *Metrics) sent(stream string, n int) {
	if m != nil {
		m.lines.WithLabelValues(stream, "sent").Add(float64(n))
	}
}

func (m *Metrics) again(stream string, n int) {
	if m != nil {
		m.lines.WithLabelValues(stream, "again").Add(float64(n))
	}
}
