package record

import (
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
