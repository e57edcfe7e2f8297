package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"drawbridge/directory"
	"drawbridge/store/bolt"
)

// backupDir is the folder that copies of the store go to.
func (c *Config) backupDir() string {
	if c.Backup.Dir != "" {
		return c.Backup.Dir
	}
	return filepath.Join(c.Data, "backups")
}

// keepData wires what keeps the data: backups on schedule, and the daily trim.
func (a *App) keepData(st *bolt.Store) error {
	dir, err := filepath.Abs(a.config.backupDir())
	if err != nil {
		return err
	}
	jobs := newJobMetrics(a.registry)
	a.backups = &backups{
		config: a.config.Backup, dir: dir, data: a.config.Data, file: StorePath(a.config.Data), store: st, program: a.worker,
		now: a.now, log: a.log, metrics: newBackupMetrics(a.registry), create: os.CreateTemp,
	}
	if err := sweep(a.config.Data); err != nil {
		a.log.Warn("what an interrupted check has left could not be removed", "folder", a.config.Data, "error", err)
	}
	a.backups.metrics.begin(a.config.Backup.Every)
	if items, err := a.backups.items(); err == nil && len(items) > 0 {
		a.backups.metrics.found(items[0])
	}
	if a.config.Backup.Every > 0 {
		a.job("backup", jobs, min(time.Minute, a.config.Backup.Every), a.backups.onSchedule)
	}
	a.job("trim", jobs, 24*time.Hour, a.trim)
	if a.config.Mail.On() {
		a.job("mail", jobs, 2*time.Second, a.post())
	}
	return nil
}

// trim takes away what is older than it is kept.
func (a *App) trim(ctx context.Context) error {
	all, err := a.bridge.TrimAll(ctx, directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "trim"}}, false)
	events, tombstones := 0, 0
	for _, t := range all {
		events, tombstones = events+t.Events, tombstones+t.Tombstones
	}
	if events+tombstones > 0 {
		a.log.InfoContext(ctx, "trimmed", "events", events, "tombstones", tombstones)
	}
	return err
}

// retryAfter is how long a job waits that failed.
const retryAfter = 10 * time.Minute

// job does work at once and then every so often until Stop. Whether it succeeds is no matter of readiness: a server whose
// backup fails still serves. It shows in the log and in the metrics.
func (a *App) job(name string, metrics *jobMetrics, every time.Duration, work func(context.Context) error) {
	metrics.failures.WithLabelValues(name) // 0 is a number, too
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			wait := every
			err := work(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				a.log.ErrorContext(ctx, "a job failed; it is tried again", "job", name, "error", err)
				metrics.failures.WithLabelValues(name).Inc()
				wait = retryAfter
			default:
				metrics.success.WithLabelValues(name).Set(float64(a.now().UnixMilli()) / 1000)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
	}()
	a.undo(name+" job", func(context.Context) error {
		cancel()
		<-done
		return nil
	})
}
