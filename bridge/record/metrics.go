package record

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/archive"
)

// Metrics is what the archive shows to Prometheus (E5). A nil Metrics counts nothing.
type Metrics struct {
	writable prometheus.Gauge
	segments *prometheus.CounterVec
	bytes    *prometheus.CounterVec
}

// NewMetrics registers the metrics of the archive with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		writable: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_archive_writable",
			Help: "0 if the archive is full, read-only, not mounted, another one, or does not answer, which is tried every minute; else 1, also without an archive. Nothing is lost, and the store grows. `drawbridge audit archive status` has the reason.",
		}),
		segments: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_archive_segments_total",
			Help: "Segments that were written, proven, and removed from the store.",
		}, []string{"kind"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_archive_bytes_total",
			Help: "Bytes of these segments in the archive.",
		}, []string{"kind"}),
	}
	m.writable.Set(1)
	for _, kind := range []archive.Kind{archive.Audit, archive.Events} {
		m.segments.WithLabelValues(string(kind))
		m.bytes.WithLabelValues(string(kind))
	}
	reg.MustRegister(m.writable, m.segments, m.bytes)
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
	label := []string{"stream"}
	m := &StreamMetrics{
		leads:   leads,
		backlog: prometheus.NewDesc("drawbridge_audit_stream_backlog_lines", "Audit lines that were not sent to the SIEM yet, or so lately that they would be sent again after a broken connection.", label, nil),
		failing: prometheus.NewDesc("drawbridge_audit_stream_failing_timestamp_seconds", "Since when no audit lines can be sent to the SIEM; none is shown if they can. `drawbridge audit stream` has the reason.", label, nil),
	}
	reg.MustRegister(m)
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
