package journal

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"drawbridge/directory"
)

// Metrics counts what the journal does. A nil Metrics counts nothing.
type Metrics struct {
	written prometheus.Counter
	lost    *prometheus.CounterVec
	bytes   prometheus.Gauge
}

// NewMetrics registers the metrics of a journal; nil registers them nowhere.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	f := promauto.With(reg)
	m := &Metrics{
		written: f.NewCounter(prometheus.CounterOpts{
			Name: "drawbridge_journal_exchanges_total",
			Help: "Requests that were written into the request journal.",
		}),
		lost: f.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_journal_dropped_total",
			Help: "Requests that the request journal does not have: busy (they came faster than it can write) or disk (it cannot write). They were answered all the same. For disk, look at the room on the disk of the data folder.",
		}, []string{"reason"}),
		bytes: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_journal_size_bytes",
			Help: "Size of the request journal of all tenants. It is bounded by journal.max_bytes.",
		}),
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
