package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"drawbridge/bridge/jobs"
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

// keepData wires the backups of the store.
func (a *App) keepData(st *bolt.Store) error {
	dir, err := filepath.Abs(a.config.backupDir())
	if err != nil {
		return err
	}
	data, err := filepath.Abs(a.config.Data)
	if err != nil {
		return err
	}
	a.backups = &backups{
		config: a.config.Backup, dir: dir, data: data, file: StorePath(a.config.Data), store: st, program: a.worker,
		now: a.now, log: a.log, metrics: newBackupMetrics(a.registry), create: os.CreateTemp,
	}
	if err := sweep(a.config.Data); err != nil {
		a.log.Warn("what an interrupted check has left could not be removed", "folder", a.config.Data, "error", err)
	}
	a.backups.metrics.begin(a.config.Backup.Every)
	if items, err := a.backups.items(); err == nil && len(items) > 0 {
		a.backups.metrics.found(items[0])
	}
	if a.config.Backup.Every > 0 || a.config.Backup.Dir != "" {
		a.background("backup", time.Minute, a.backups.lookAtFolder)
	}
	return nil
}

// ownJobs are the jobs that need more than the bridge: backups of the store, and mail.
func (a *App) ownJobs() []jobs.Job {
	var out []jobs.Job
	if a.config.Backup.Every > 0 && a.backups != nil {
		out = append(out, a.backupJob())
	}
	if a.config.Mail.On() {
		out = append(out, jobs.Job{
			Name: "mail", Every: 2 * time.Second, About: "writes notices and takes what is due to the mail server", Run: withoutDryRun(a.post()),
		})
	}
	return out
}

// withoutDryRun is work without a dry run: a dry run does nothing.
func withoutDryRun(work func(context.Context) error) func(context.Context, directory.Run) (jobs.Report, error) {
	return func(ctx context.Context, how directory.Run) (jobs.Report, error) {
		if how.Dry() {
			return jobs.Report{}, nil
		}
		return jobs.Report{}, work(ctx)
	}
}

// backupJob copies the store when a copy is due.
func (a *App) backupJob() jobs.Job {
	return jobs.Job{
		Name: "backup", Every: min(time.Minute, a.config.Backup.Every), About: "copies the store when backup.every has passed",
		Run: withoutDryRun(a.backups.onSchedule),
	}
}
