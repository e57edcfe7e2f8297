package record

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/archive"
	"drawbridge/internal/metrics"
)

// Metrics is what the archive shows to Prometheus (E5). A nil Metrics counts nothing.
type Metrics struct {
	writable prometheus.Gauge
	segments *prometheus.CounterVec
	bytes    *prometheus.CounterVec
}

// NewMetrics registers the metrics of the archive with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		writable: r.Gauge("drawbridge_archive_writable"),
		segments: r.CounterVec("drawbridge_archive_segments_total"),
		bytes:    r.CounterVec("drawbridge_archive_bytes_total"),
	}
	m.writable.Set(1)
	for _, kind := range []archive.Kind{archive.Audit, archive.Events} {
		m.segments.WithLabelValues(string(kind))
		m.bytes.WithLabelValues(string(kind))
	}
	return m
}

func (m *Metrics) archived(kind archive.Kind, bytes int64) {
	if m != nil {
		m.segments.WithLabelValues(string(kind)).Inc()
		m.bytes.WithLabelValues(string(kind)).Add(float64(bytes))
	}
}

func (m *Metrics) checked(err error) {
	if m == nil {
		return
	}
	m.writable.Set(1)
	if err != nil {
		m.writable.Set(0)
	}
}

// StreamMetrics is what the streams of audit lines show to Prometheus (E5). The gauges are read from the store when they are scraped, on
// the server that leads. A nil StreamMetrics shows nothing.
type StreamMetrics struct {
	service          atomic.Pointer[Service]
	leads            func() bool
	backlog, failing *prometheus.Desc
}

// NewStreamMetrics registers the metrics of streams with reg; give the result to New by Config.StreamMetrics. leads reports whether this
// process shows them.
func NewStreamMetrics(reg prometheus.Registerer, leads func() bool) *StreamMetrics {
	r := metrics.On(reg)
	m := &StreamMetrics{
		leads:   leads,
		backlog: r.Desc("drawbridge_audit_stream_backlog_lines"),
		failing: r.Desc("drawbridge_audit_stream_failing_timestamp_seconds"),
	}
	r.Register(m)
	return m
}

// watch points the gauges at s.
func (m *StreamMetrics) watch(s *Service) {
	if m != nil {
		m.service.Store(s)
	}
}

// Describe tells which metrics there are.
func (m *StreamMetrics) Describe(out chan<- *prometheus.Desc) {
	out <- m.backlog
	out <- m.failing
}

// streamScrape bounds what one scrape may cost.
const streamScrape = 10 * time.Second

// Collect reads the streams. If they cannot be read, the scrape fails, instead of showing old numbers.
func (m *StreamMetrics) Collect(out chan<- prometheus.Metric) {
	s := m.service.Load()
	if s == nil || !m.leads() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), streamScrape)
	defer cancel()
	all, err := s.allStreams(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(m.backlog, err)
		return
	}
	for i := range all {
		out <- prometheus.MustNewConstMetric(m.backlog, prometheus.GaugeValue, float64(all[i].Backlog), all[i].Name)
		if since := all[i].Stream.FailingSince; !since.IsZero() {
			out <- prometheus.MustNewConstMetric(m.failing, prometheus.GaugeValue, float64(since.UnixMilli())/1000, all[i].Name)
		}
	}
}
