package bolt

import (
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Metrics counts what the store does. One Metrics belongs to one Store.
type Metrics struct {
	commit  prometheus.Histogram
	batch   prometheus.Histogram
	size    prometheus.Gauge
	free    prometheus.Gauge
	pending prometheus.Gauge

	collisions *prometheus.GaugeVec

	writable prometheus.Gauge
	failures prometheus.Counter
}

// NewMetrics registers the metrics of a store; nil registers them nowhere.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	f := promauto.With(reg)
	m := &Metrics{
		commit: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "drawbridge_store_commit_seconds",
			Help:    "Time to write one group of updates to the disk. Every write waits for it: if it grows, look for a slow or busy disk.",
			Buckets: prometheus.ExponentialBuckets(0.0002, 2, 16),
		}),
		batch: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "drawbridge_store_batch_size",
			Help:    "Updates written by one commit. Large groups mean that updates wait for the disk; group commit keeps the throughput.",
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
		collisions: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "drawbridge_store_name_collisions",
			Help: "userNames of a tenant that several users have, because an older release told apart what is one name now. The log names them at the start, and check does; rename or delete all but one user of each.",
		}, []string{"tenant"}),
		writable: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_store_writable",
			Help: "1, or 0 since a commit failed or the store file was moved, until as much can be written again. At 0 writes are answered 503 and /readyz is red: drawbridge status has the cause, such as a full disk, a missing file, or store.max_bytes.",
		}),
		failures: f.NewCounter(prometheus.CounterOpts{
			Name: "drawbridge_store_commit_failures_total",
			Help: "Commits that failed. Nothing of them was stored, and the callers were answered 503; the log has the cause.",
		}),
	}
	m.writable.Set(1)
	return m
}

// collide shows how many names are shared.
func (m *Metrics) collide(all []directory.NameCollision) {
	if m == nil {
		return
	}
	m.collisions.Reset()
	for i := range all {
		m.collisions.WithLabelValues(string(all[i].Tenant)).Inc()
	}
}

// failed counts a commit that the disk did not take.
func (m *Metrics) failed() {
	if m != nil {
		m.failures.Inc()
		m.writable.Set(0)
	}
}

// unwritable records that the store takes no writes; recovered, that it does again.
func (m *Metrics) unwritable() {
	if m != nil {
		m.writable.Set(0)
	}
}

func (m *Metrics) recovered() {
	if m != nil {
		m.writable.Set(1)
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
