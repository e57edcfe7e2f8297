package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// copied is what backups need of the store.
type copied interface {
	Backup(ctx context.Context, w io.Writer) error
}

// backups makes verified copies of the store while it is in use, lists them and removes the oldest. It does one of these at a time.
type backups struct {
	config  BackupConfig
	dir     string // where backups without a given place go
	data    string // where copies are made that are only checked
	file    string // of the store
	store   copied
	program program
	now     func() time.Time
	log     *slog.Logger
	metrics *backupMetrics
	create  func(dir, pattern string) (*os.File, error)

	mu      sync.Mutex
	running *wire.Progress
	failure string // of the last backup
}

// begin reserves the only slot for long work.
func (b *backups) begin(what string) (end func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil {
		return nil, &directory.Error{Code: directory.Conflict, Message: "another backup or check is under way; wait for it (drawbridge backup list says how far it is)"}
	}
	b.running = &wire.Progress{What: what}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.running = nil
	}, nil
}

func (b *backups) progress(p wire.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil {
		*b.running = p
	}
}

// Backup copies the store to a file or folder, or to the configured folder if to is "". Conflict while another one runs or if the file
// exists, Invalid for a path that cannot hold it, Unavailable if it cannot be written, Internal if the copy does not pass the check: then
// it is kept as a suspect beside the good ones, and no good copy is removed for it.
func (b *backups) Backup(ctx context.Context, to string) (wire.Backup, error) {
	end, err := b.begin("copy")
	if err != nil {
		return wire.Backup{}, err
	}
	defer end()
	began := b.now()
	out, err := b.backup(ctx, to, began)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			b.failure = began.UTC().Format(time.RFC3339) + ": " + messageOf(err)
			b.metrics.failed()
		}
		return wire.Backup{}, err
	}
	out.Seconds = b.now().Sub(began).Seconds()
	b.failure = ""
	if filepath.Dir(out.Path) == b.dir {
		b.metrics.done(out)
	}
	b.log.InfoContext(ctx, "backup", "path", out.Path, "bytes", out.Bytes, "sha256", out.SHA256, "seconds", out.Seconds)
	return out, nil
}

func (b *backups) backup(ctx context.Context, to string, began time.Time) (wire.Backup, error) {
	path, err := b.place(to, began)
	if err != nil {
		return wire.Backup{}, err
	}
	part, err := b.copy(ctx, filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return wire.Backup{}, err
	}
	defer func() { _ = os.Remove(part.path) }() // it was renamed, or is incomplete
	report, err := b.program.checkFile(ctx, b.progress, part.path)
	if err != nil {
		return wire.Backup{}, err
	}
	report.File = path
	suspect := len(report.Findings) > 0
	if suspect {
		path += suspectSuffix
	}
	if err := part.finish(path); err != nil {
		return wire.Backup{}, unwritten(path, err)
	}
	if suspect {
		return wire.Backup{}, &directory.Error{
			Code:    directory.Internal,
			Message: fmt.Sprintf("the store has %d faults, so the copy is kept as a suspect, %s, and older backups stay: %s", len(report.Findings), path, report.Findings[0]),
		}
	}
	if filepath.Dir(path) == b.dir {
		if err := b.letGo(); err != nil {
			b.log.WarnContext(ctx, "old backups could not be removed", "folder", b.dir, "error", err)
		}
	}
	return wire.Backup{Path: path, Bytes: part.bytes, SHA256: part.sum, Time: began.UTC(), Report: &report}, nil
}

// unwritten is the error of a backup that could not be written and was removed.
func unwritten(path string, err error) error {
	e := &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf("the backup %s could not be written, and nothing of it is left there", path), Err: err}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Message += ": the disk is full; make room there, or choose another place"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		e.Message += ": this user may not write there"
	default:
		e.Message += ": " + reason(err)
	}
	return e
}

// reason is the cause of an error in the words of the system, without the details for the log.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err.Error()
	}
	return messageOf(err)
}

func messageOf(err error) string {
	var known *directory.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return err.Error()
}

// Check checks every page and every record of a copy, so that no request has to wait for it.
func (b *backups) Check(ctx context.Context) (wire.CheckReport, error) {
	end, err := b.begin("copy")
	if err != nil {
		return wire.CheckReport{}, err
	}
	defer end()
	part, err := b.copy(ctx, b.data, "check")
	if err != nil {
		return wire.CheckReport{}, err
	}
	defer func() { _ = os.Remove(part.path) }() // sweep takes it if this fails
	report, err := b.program.checkFile(ctx, b.progress, part.path)
	report.File = b.file
	return report, err
}

// List gives the good copies in the configured folder.
func (b *backups) List(context.Context) (wire.Backups, error) {
	items, err := b.items()
	if err != nil {
		return wire.Backups{}, err
	}
	out := wire.Backups{Dir: b.dir, Keep: b.config.Keep, Items: items}
	if b.config.Every > 0 {
		out.Every = b.config.Every.String()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil {
		running := *b.running
		out.Running = &running
	}
	out.LastFailure = b.failure
	return out, nil
}

// due says how long to wait until the next scheduled backup, counted from the last good one of any origin.
func (b *backups) due() time.Duration {
	items, err := b.items()
	if err != nil || len(items) == 0 {
		return 0
	}
	return min(items[0].Time.Add(b.config.Every).Sub(b.now()), b.config.Every) // a clock that was ahead must not stop backups
}

// onSchedule is the job: it makes a backup if one is due.
func (b *backups) onSchedule(ctx context.Context) error {
	if b.due() > 0 {
		return nil
	}
	_, err := b.Backup(ctx, "")
	if directory.CodeOf(err) == directory.Conflict {
		return nil // one is under way
	}
	return err
}
