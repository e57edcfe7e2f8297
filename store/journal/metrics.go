package journal

import (
	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
)

// Metrics counts what the journal does. A nil Metrics counts nothing.
type Metrics struct {
	written prometheus.Counter
	lost    *prometheus.CounterVec
	bytes   prometheus.Gauge
}

// NewMetrics registers the metrics of a journal; nil registers them nowhere.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		written: r.Counter("drawbridge_journal_exchanges_total"),
		lost:    r.CounterVec("drawbridge_journal_dropped_total"),
		bytes:   r.Gauge("drawbridge_journal_size_bytes"),
	}
	for _, why := range []directory.Gap{directory.GapBusy, directory.GapDisk} {
		m.lost.WithLabelValues(string(why))
	}
	return m
}

func (m *Metrics) wrote(exchanges int) {
	if m != nil {
		m.written.Add(float64(exchanges))
	}
}

func (m *Metrics) dropped(why directory.Gap, n int) {
	if m != nil {
		m.lost.WithLabelValues(string(why)).Add(float64(n))
	}
}

func (m *Metrics) size(bytes int64) {
	if m != nil {
		m.bytes.Set(float64(bytes))
	}
}
