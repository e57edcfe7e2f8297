package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/console/wire"
	"drawbridge/internal/metrics"
)

// backupMetrics say whether there are copies of the store.
type backupMetrics struct {
	interval, success, seconds, bytes prometheus.Gauge
	failures                          prometheus.Counter
	writable                          prometheus.Gauge
}

func newBackupMetrics(reg prometheus.Registerer) *backupMetrics {
	r := metrics.On(reg)
	return &backupMetrics{
		interval: r.Gauge("drawbridge_backup_interval_seconds"),
		success:  r.Gauge("drawbridge_backup_last_success_timestamp_seconds"),
		seconds:  r.Gauge("drawbridge_backup_duration_seconds"),
		bytes:    r.Gauge("drawbridge_backup_size_bytes"),
		failures: r.Counter("drawbridge_backup_failures_total"),
		writable: r.Gauge("drawbridge_backup_folder_writable"),
	}
}

func (m *backupMetrics) begin(every time.Duration) {
	m.interval.Set(every.Seconds())
	m.writable.Set(1)
}

func (m *backupMetrics) found(b wire.Backup) {
	m.success.Set(metrics.Seconds(b.Time))
	m.bytes.Set(float64(b.Bytes))
}

func (m *backupMetrics) done(b wire.Backup) {
	m.found(b)
	m.seconds.Set(b.Seconds)
}

func (m *backupMetrics) failed() { m.failures.Inc() }
