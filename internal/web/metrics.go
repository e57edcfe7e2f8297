package web

import "github.com/prometheus/client_golang/prometheus"

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
	registry    prometheus.Registerer
	refused     *prometheus.CounterVec
	connections prometheus.Gauge
}

// NewMetrics registers the metrics with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		registry: reg,
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_overload_refusals_total",
			Help: "Requests and network connections turned away so that others are served, by the limit that was reached; docs/limits.md says what each bounds. A steady rate of memory_bytes or processors means that clients need more than this server gives them, or that one of them attacks.",
		}, []string{"limit"}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_network_connections",
			Help: "Network connections that are open on all listeners of the network; limits.connections bounds them.",
		}),
	}
	for _, name := range []string{refusedMemory, refusedSize, refusedProcessors, refusedRequests, refusedAddress, refusedConnections} {
		m.refused.WithLabelValues(name)
	}
	reg.MustRegister(m.refused, m.connections)
	return m
}

// watch shows how much of the limits of a Guard is used.
func (m *Metrics) watch(g *Guard) {
	if m == nil {
		return
	}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "drawbridge_request_memory_bytes",
			Help: "Memory that requests under way have claimed; drawbridge_request_memory_limit_bytes is the most.",
		}, func() float64 { return float64(g.budget.Used()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "drawbridge_request_memory_limit_bytes",
			Help: "Memory that requests under way may claim together: limits.memory_bytes, or less in a small container.",
		}, func() float64 { return float64(g.budget.Bounds().All) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "drawbridge_requests_under_way",
			Help: "Requests of all APIs that are being answered right now, long polls that wait left out; limits.requests bounds them.",
		}, func() float64 { return float64(g.known.Total() + g.unknown.Total()) }),
	)
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
