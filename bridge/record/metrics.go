package record

import (
	"context"

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

// The gauges of streams.
const (
	streamBacklog = "drawbridge_audit_stream_backlog_lines"
	streamFailing = "drawbridge_audit_stream_failing_timestamp_seconds"
)

// StreamMetrics is what the streams of audit lines show to Prometheus (E5). The gauges are read from the store when they are scraped, on
// the server that leads. A nil StreamMetrics shows nothing.
type StreamMetrics struct {
	leads  func() bool
	gauges *metrics.Scraped
}

// NewStreamMetrics registers the metrics of streams with reg; give the result to New by Config.StreamMetrics. leads reports whether this
// process shows them.
func NewStreamMetrics(reg prometheus.Registerer, leads func() bool) *StreamMetrics {
	return &StreamMetrics{leads: leads, gauges: metrics.On(reg).Scraped(streamBacklog, streamFailing)}
}

// watch shows the streams of s.
func (m *StreamMetrics) watch(s *Service) {
	if m != nil {
		m.gauges.From(m.leads, s.streamGauges)
	}
}

func (s *Service) streamGauges(ctx context.Context, show metrics.Show) error {
	all, err := s.allStreams(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		show(streamBacklog, float64(all[i].Backlog), all[i].Name)
		if since := all[i].Stream.FailingSince; !since.IsZero() {
			show(streamFailing, metrics.Seconds(since), all[i].Name)
		}
	}
	return nil
}
