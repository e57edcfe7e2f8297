package bolt

import (
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.etcd.io/bbolt"
)

// Metrics counts what the store does. One Metrics belongs to one Store.
type Metrics struct {
	commit  prometheus.Histogram
	batch   prometheus.Histogram
	size    prometheus.Gauge
	free    prometheus.Gauge
	pending prometheus.Gauge
}

// NewMetrics registers the metrics of a store; nil registers them nowhere.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	f := promauto.With(reg)
	return &Metrics{
		commit: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "drawbridge_store_commit_seconds",
			Help:    "Time to write one group of updates to the disk. Every write waits for it: if it grows, look for a slow or busy disk.",
			Buckets: prometheus.ExponentialBuckets(0.0002, 2, 16),
		}),
		batch: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "drawbridge_store_batch_size",
			Help:    "Updates written by one commit. Large groups mean that updates queue behind the disk; that is how throughput is kept.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		size: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_store_size_bytes",
			Help: "Size of the store file. It never shrinks by itself; compare with the room on the disk.",
		}),
		free: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_store_free_pages",
			Help: "Pages of the store file that are free. If they stay above half of the file, compact it.",
		}),
		pending: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_store_pending_updates",
			Help: "Updates that wait for the writer. If it does not return to 0 between bursts, the disk is too slow for the load.",
		}),
	}
}

func (m *Metrics) committed(db *bbolt.DB, took time.Duration, updates int) {
	m.commit.Observe(took.Seconds())
	m.batch.Observe(float64(updates))
	if file, err := os.Stat(db.Path()); err == nil {
		m.size.Set(float64(file.Size()))
	}
	stats := db.Stats()
	m.free.Set(float64(stats.FreePageN + stats.PendingPageN))
}
