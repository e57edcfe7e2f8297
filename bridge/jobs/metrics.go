package jobs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	m := &Metrics{
		success: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "drawbridge_job_last_success_timestamp_seconds",
			Help: "When a job last ran to its end without an error since the process started; if it does not change for long, `drawbridge job list` has the error.",
		}, []string{"task"}),
		fails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_job_failures_total",
			Help: "How often a job of the server failed; it is tried again by itself, and `drawbridge job list` has the reason.",
		}, []string{"task"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "drawbridge_job_seconds",
			Help:    "How long runs of jobs took. A job that takes longer than its interval runs late and never beside itself.",
			Buckets: []float64{.01, .1, 1, 10, 60, 300, 1800},
		}, []string{"task"}),
		jumps: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drawbridge_clock_jumps_total",
			Help: "How often the clock of the machine differed by more than ten minutes from the time that was waited; jobs wait until it is steady. Look at the machine's time synchronisation.",
		}),
	}
	reg.MustRegister(m.success, m.fails, m.seconds, m.jumps)
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
	m.success.WithLabelValues(job).Set(float64(ended.UnixMilli()) / 1000)
}

func (m *Metrics) jumped() {
	if m != nil {
		m.jumps.Inc()
	}
}
