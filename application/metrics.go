package application

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Metrics counts what Prometheus reads of the application API (E5). A nil Metrics counts nothing.
type Metrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	failures  prometheus.Counter
	throttled *prometheus.CounterVec
}

// NewMetrics makes the metrics of the API and registers them with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	f := promauto.With(reg)
	return &Metrics{
		requests: f.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_app_requests_total",
			Help: "Requests of applications answered, by what was asked and how it ended. tenant is empty for requests that showed no valid key. Alert on a rate of 5xx of check-access: people cannot sign in.",
		}, []string{"operation", "status", "tenant"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "drawbridge_app_request_seconds",
			Help:    "How long requests of applications took. check-access is a part of sign-ins and must stay at a few milliseconds; read-events takes as long as the application waits for an event.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"operation"}),
		failures: f.NewCounter(prometheus.CounterOpts{
			Name: "drawbridge_app_auth_failures_total",
			Help: "Requests of applications whose key was missing or wrong. A steady rate means an application with an expired or revoked key, or a client that guesses keys.",
		}),
		throttled: f.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_app_throttled_total",
			Help: "Requests of applications answered 429 because the key was over limits.app_rate; empty label: wrong keys from one address. Look for a loop in the application, or raise the limit.",
		}, []string{"tenant"}),
	}
}

// request counts one answered request. An unknown address has the operation none.
func (m *Metrics) request(w *web.Response, took time.Duration) {
	if m == nil {
		return
	}
	operation := w.Operation
	if operation == "" {
		operation = "none"
	}
	m.requests.WithLabelValues(operation, strconv.Itoa(w.Status()), w.Tenant).Inc()
	m.seconds.WithLabelValues(operation).Observe(took.Seconds())
}

func (m *Metrics) authFailure() {
	if m != nil {
		m.failures.Inc()
	}
}

func (m *Metrics) throttle(tenant directory.TenantID) {
	if m != nil {
		m.throttled.WithLabelValues(string(tenant)).Inc()
	}
}
