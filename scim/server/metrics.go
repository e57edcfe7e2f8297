package server

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
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
	held      *prometheus.CounterVec
	holding   prometheus.Gauge
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
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_scim_requests_total",
			Help: "SCIM requests answered, by what was asked and how it ended. tenant, connection and idp are empty for requests that showed no valid credential. Alert on a rate of 5xx, and of 4xx of one connection.",
		}, []string{"operation", "status", "idp", "tenant", "connection"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "drawbridge_scim_request_seconds",
			Help:    "How long SCIM requests took, from the header to the end of the answer. Identity providers give up after 60 seconds.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_scim_requests_in_flight",
			Help: "SCIM requests that are being answered right now.",
		}),
		quirks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_quirks_total",
			Help: "Leniencies applied to requests, by name; docs/quirks.md says what each one means. attribute.unknown and path.unknown mean that an identity provider sends something that is not stored: look at its mapping.",
		}, []string{"quirk"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drawbridge_scim_auth_failures_total",
			Help: "SCIM and token requests whose credential was missing or opened nothing. A steady rate is an identity provider with an expired token, or a client that guesses.",
		}),
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_scim_throttled_total",
			Help: "SCIM requests answered 429 because the connection was over its rate; empty labels: wrong credentials from one address.",
		}, []string{"tenant", "connection"}),
		held: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_scim_held_total",
			Help: "SCIM requests whose 429 was held back (limits.scim_hold) because the connection ignores Retry-After. Find the client: it does not read Retry-After, or has far too many workers.",
		}, []string{"tenant", "connection"}),
		holding: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_scim_requests_held",
			Help: "SCIM requests whose 429 is being held back right now, 256 at most; drawbridge_scim_requests_in_flight counts them as well.",
		}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_scim_limits_total",
			Help: "SCIM requests refused because something in them was over a limit of the configuration, by the name of the limit. An identity provider that reaches one needs a larger value; a stranger does not.",
		}, []string{"limit"}),
		bulk: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_scim_bulk_operations_total",
			Help: "Operations inside Bulk requests, by method and status.",
		}, []string{"method", "status"}),
		resolved: map[requestLabels]series{},
	}
	reg.MustRegister(m.requests, m.seconds, m.inFlight, m.quirks, m.failures, m.throttled, m.held, m.holding, m.limits, m.bulk)
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

// hold counts a refusal that is held back, until what it returns is called.
func (m *Metrics) hold(tenant directory.TenantID, connection directory.ConnectionID) (done func()) {
	if m == nil {
		return func() {}
	}
	m.held.WithLabelValues(string(tenant), string(connection)).Inc()
	m.holding.Inc()
	return m.holding.Dec
}

func (m *Metrics) bulkOperation(method string, status int) {
	if m != nil {
		m.bulk.WithLabelValues(method, strconv.Itoa(status)).Inc()
	}
}
