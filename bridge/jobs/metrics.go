package jobs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Metrics is what the jobs show to Prometheus (E5). A nil Metrics counts nothing. The label is called task, since Prometheus
// has a label job of its own; its values are the names of jobs, never text of a client.
type Metrics struct {
	success *prometheus.GaugeVec
	fails   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	jumps   prometheus.Counter
}

// NewMetrics registers the metrics of a Runner with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		success: r.GaugeVec("drawbridge_job_last_success_timestamp_seconds"),
		fails:   r.CounterVec("drawbridge_job_failures_total"),
		seconds: r.HistogramVec("drawbridge_job_seconds"),
		jumps:   r.Counter("drawbridge_clock_jumps_total"),
	}
	return m
}

// know creates the counter of failures of a job at 0, so that it is visible before the job fails.
func (m *Metrics) know(job string) {
	if m != nil {
		m.fails.WithLabelValues(job)
	}
}

func (m *Metrics) ran(job string, ended time.Time, took time.Duration, err error) {
	if m == nil {
		return
	}
	m.seconds.WithLabelValues(job).Observe(took.Seconds())
	if err != nil {
		m.fails.WithLabelValues(job).Inc()
		return
	}
	m.success.WithLabelValues(job).Set(metrics.Seconds(ended))
}

func (m *Metrics) jumped() {
	if m != nil {
		m.jumps.Inc()
	}
}
