package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"drawbridge/console/wire"
)

// backupMetrics say whether there are copies of the store.
type backupMetrics struct {
	interval, success, seconds, bytes prometheus.Gauge
	failures                          prometheus.Counter
	writable                          prometheus.Gauge
}

func newBackupMetrics(reg prometheus.Registerer) *backupMetrics {
	f := promauto.With(reg)
	return &backupMetrics{
		interval: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_backup_interval_seconds",
			Help: "How often the store is to be copied, as backup.every says; 0 if that happens by hand only.",
		}),
		success: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_backup_last_success_timestamp_seconds",
			Help: "When the newest verified copy of the store was begun, 0 if there is none in backup.dir. What is written after it is lost with the disk.",
		}),
		seconds: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_backup_duration_seconds",
			Help: "How long the last copy took, verification included. If it comes near backup.every, choose a longer interval or a faster disk.",
		}),
		bytes: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_backup_size_bytes",
			Help: "Length of the newest copy. backup.dir needs room for backup.keep of them and one more.",
		}),
		failures: f.NewCounter(prometheus.CounterOpts{
			Name: "drawbridge_backup_failures_total",
			Help: "Copies that could not be made or did not pass the check. `drawbridge backup list` has the reason of the last one.",
		}),
		writable: f.NewGauge(prometheus.GaugeOpts{
			Name: "drawbridge_backup_folder_writable",
			Help: "0 if no file can be written into the folder of backups, which is tried every minute where backup.every or backup.dir is set; else 1.",
		}),
	}
}

func (m *backupMetrics) begin(every time.Duration) {
	m.interval.Set(every.Seconds())
	m.writable.Set(1)
}

func (m *backupMetrics) found(b wire.Backup) {
	m.success.Set(float64(b.Time.UnixMilli()) / 1000)
	m.bytes.Set(float64(b.Bytes))
}

func (m *backupMetrics) done(b wire.Backup) {
	m.found(b)
	m.seconds.Set(b.Seconds)
}

func (m *backupMetrics) failed() { m.failures.Inc() }
