package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"drawbridge/bridge/jobs"
	"drawbridge/store/bolt"
)

// backupDir is the folder that copies of the store go to.
func (c *Config) backupDir() string {
	if c.Backup.Dir != "" {
		return c.Backup.Dir
	}
	return filepath.Join(c.Data, "backups")
}

// keepData wires what keeps the data: copies of the store.
func (a *App) keepData(st *bolt.Store) error {
	dir, err := filepath.Abs(a.config.backupDir())
	if err != nil {
		return err
	}
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
	return nil
}

// backupJob copies the store when a copy is due; nil if that happens by hand only.
func (a *App) backupJob() []jobs.Job {
	if a.config.Backup.Every <= 0 {
		return nil
	}
	return []jobs.Job{{
		Name: "backup", Every: min(time.Minute, a.config.Backup.Every), About: "copies the store when backup.every has passed",
		Run: func(ctx context.Context, dry bool) (jobs.Report, error) {
			if dry {
				return jobs.Report{}, nil
			}
			return jobs.Report{}, a.backups.onSchedule(ctx)
		},
	}}
}
