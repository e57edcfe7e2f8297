package server

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
	"drawbridge/scim"
)

// Metrics is what the SCIM surface shows to Prometheus. A nil Metrics counts nothing.
type Metrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	quirks    *prometheus.CounterVec
	failures  prometheus.Counter
	throttled *prometheus.CounterVec
	delayed   *prometheus.CounterVec
	delaying  prometheus.Gauge
	limits    *prometheus.CounterVec
	bulk      *prometheus.CounterVec

	mu       sync.RWMutex
	resolved map[requestLabels]series
}

// series counts the requests with the same labels.
type series struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// requestLabels name one series of drawbridge_scim_requests_total.
type requestLabels struct {
	operation  string
	status     int
	idp        directory.ConnectionType
	tenant     directory.TenantID
	connection directory.ConnectionID
}

// NewMetrics registers the metrics of the SCIM surface with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		requests:  r.CounterVec("drawbridge_scim_requests_total"),
		seconds:   r.HistogramVec("drawbridge_scim_request_seconds"),
		inFlight:  r.Gauge("drawbridge_scim_requests_in_flight"),
		quirks:    r.CounterVec("drawbridge_quirks_total"),
		failures:  r.Counter("drawbridge_scim_auth_failures_total"),
		throttled: r.CounterVec("drawbridge_scim_throttled_total"),
		delayed:   r.CounterVec("drawbridge_scim_held_total"),
		delaying:  r.Gauge("drawbridge_scim_requests_held"),
		limits:    r.CounterVec("drawbridge_scim_limits_total"),
		bulk:      r.CounterVec("drawbridge_scim_bulk_operations_total"),
		resolved:  map[requestLabels]series{},
	}
	return m
}

func (m *Metrics) begin() {
	if m != nil {
		m.inFlight.Inc()
	}
}

// request counts one answered request. The counters of a connection are looked up by their labels once.
func (m *Metrics) request(l requestLabels, took time.Duration) {
	if m == nil {
		return
	}
	m.inFlight.Dec()
	m.mu.RLock()
	to, ok := m.resolved[l]
	m.mu.RUnlock()
	if !ok {
		to = series{
			requests: m.requests.WithLabelValues(l.operation, strconv.Itoa(l.status), string(l.idp), string(l.tenant), string(l.connection)),
			seconds:  m.seconds.WithLabelValues(l.operation),
		}
		m.mu.Lock()
		m.resolved[l] = to
		m.mu.Unlock()
	}
	to.requests.Inc()
	to.seconds.Observe(took.Seconds())
}

// limit counts a request that was over a limit.
func (m *Metrics) limit(name scim.Limit) {
	if m != nil && name != "" {
		m.limits.WithLabelValues(string(name)).Inc()
	}
}

func (m *Metrics) quirk(names []scim.Quirk) {
	if m == nil {
		return
	}
	for _, name := range names {
		m.quirks.WithLabelValues(string(name)).Inc()
	}
}

func (m *Metrics) authFailure() {
	if m != nil {
		m.failures.Inc()
	}
}

func (m *Metrics) throttle(tenant directory.TenantID, connection directory.ConnectionID) {
	if m != nil {
		m.throttled.WithLabelValues(string(tenant), string(connection)).Inc()
	}
}

// delay counts a refusal that is delayed, until what it returns is called.
func (m *Metrics) delay(tenant directory.TenantID, connection directory.ConnectionID) (done func()) {
	if m == nil {
		return func() {}
	}
	m.delayed.WithLabelValues(string(tenant), string(connection)).Inc()
	m.delaying.Inc()
	return m.delaying.Dec
}

func (m *Metrics) bulkOperation(method string, status int) {
	if m != nil {
		m.bulk.WithLabelValues(method, strconv.Itoa(status)).Inc()
	}
}
