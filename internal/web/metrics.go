package web

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Why a Guard refuses a request, as the metric names it: the key of the configuration, if there is one.
const (
	refusedMemory      = "memory_bytes"  // 503: the memory for requests is exhausted
	refusedSize        = "request_bytes" // 413: more than one request may ever hold
	refusedProcessors  = "processors"    // 503: too many large requests wait
	refusedRequests    = "requests"      // 503: too many are under way
	refusedAddress     = "open_rate"     // 429: too many without a credential from one address
	refusedConnections = "connections"   // closed: too many network connections
)

// Metrics is what a Guard and its listeners show to Prometheus. A nil Metrics counts nothing.
type Metrics struct {
	all         metrics.Set
	refused     *prometheus.CounterVec
	connections prometheus.Gauge
}

// NewMetrics registers the metrics with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		all:         r,
		refused:     r.CounterVec("drawbridge_overload_refusals_total"),
		connections: r.Gauge("drawbridge_network_connections"),
	}
	for _, name := range []string{refusedMemory, refusedSize, refusedProcessors, refusedRequests, refusedAddress, refusedConnections} {
		m.refused.WithLabelValues(name)
	}
	return m
}

// watch shows how much of the limits of a Guard is used.
func (m *Metrics) watch(g *Guard) {
	if m == nil {
		return
	}
	m.all.GaugeFunc("drawbridge_request_memory_bytes", func() float64 { return float64(g.budget.Used()) })
	m.all.GaugeFunc("drawbridge_request_memory_limit_bytes", func() float64 { return float64(g.budget.Bounds().All) })
	m.all.GaugeFunc("drawbridge_requests_under_way", func() float64 { return float64(g.known.Total() + g.unknown.Total()) })
}

func (m *Metrics) refuse(name string) {
	if m != nil {
		m.refused.WithLabelValues(name).Inc()
	}
}

func (m *Metrics) connection(change float64) {
	if m != nil {
		m.connections.Add(change)
	}
}

// Refused is how many requests were refused for a reason.
func (m *Metrics) Refused(name string) prometheus.Counter { return m.refused.WithLabelValues(name) }
