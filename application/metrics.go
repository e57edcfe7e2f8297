package application

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
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
	r := metrics.On(reg)
	return &Metrics{
		requests:  r.CounterVec("drawbridge_app_requests_total"),
		seconds:   r.HistogramVec("drawbridge_app_request_seconds"),
		failures:  r.Counter("drawbridge_app_auth_failures_total"),
		throttled: r.CounterVec("drawbridge_app_throttled_total"),
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
