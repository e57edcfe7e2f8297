package bolt

import (
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
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
	r := metrics.On(reg)
	m := &Metrics{
		commit:     r.Histogram("drawbridge_store_commit_seconds"),
		batch:      r.Histogram("drawbridge_store_batch_size"),
		size:       r.Gauge("drawbridge_store_size_bytes"),
		free:       r.Gauge("drawbridge_store_free_pages"),
		pending:    r.Gauge("drawbridge_store_pending_updates"),
		collisions: r.GaugeVec("drawbridge_store_name_collisions"),
		writable:   r.Gauge("drawbridge_store_writable"),
		failures:   r.Counter("drawbridge_store_commit_failures_total"),
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
