package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// The names of backups that the server chooses itself. The time is in UTC, so that the order of the names is that of time.
const (
	backupPrefix  = "drawbridge-"
	backupTime    = "20060102T150405Z"
	backupNumber  = "_" // before the number of another backup in the same second; sorts after backupSuffix
	backupSuffix  = ".db"
	suspectSuffix = ".suspect" // appended to the name of a copy that failed the check
	sumSuffix     = ".sha256"
	partSuffix    = ".partial"
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
	report, err := b.program.look(ctx, b.progress, part.path)
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

// lookAtFolder tests whether a backup could be written, before one is due. The server works without backups, so a failure is a warning.
func (b *backups) lookAtFolder(context.Context) error {
	err := tryFolder(b.dir)
	b.metrics.writable.Set(1)
	if err != nil {
		b.metrics.writable.Set(0)
		return warning{fmt.Errorf("no backup can be written: %w", err)}
	}
	return nil
}

// tryFolder makes a folder if it is missing, and writes a file into it that it removes again.
func tryFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder %s cannot be made: %w", dir, errors.New(reason(err)))
	}
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return fmt.Errorf("the folder %s cannot be written to: %w", dir, errors.New(reason(err)))
	}
	_, err = f.WriteString("x")
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("the folder %s cannot be written to: %w", dir, errors.New(reason(err)))
	}
	return nil
}

// place is where a backup goes. A folder in the request must exist; the configured one is created.
func (b *backups) place(to string, began time.Time) (string, error) {
	invalid := func(format string, args ...any) (string, error) {
		return "", &directory.Error{Code: directory.Invalid, Field: "to", Message: fmt.Sprintf(format, args...)}
	}
	dir, path := b.dir, ""
	switch {
	case to == "":
		mkdir := os.MkdirAll
		if filepath.Dir(b.dir) == b.data { // a data folder that was moved must not be created again
			mkdir = os.Mkdir
		}
		if err := mkdir(b.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", unwritten(b.dir, err)
		}
	case strings.ContainsRune(to, 0) || !filepath.IsAbs(to):
		return invalid("%q is not an absolute path", to)
	default:
		info, err := os.Stat(to)
		switch {
		case err == nil && info.IsDir():
			dir = to
		case strings.HasSuffix(to, string(filepath.Separator)):
			return invalid("there is no folder %s", to)
		default:
			path = filepath.Clean(to)
			dir = filepath.Dir(path)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return invalid("there is no folder %s", dir)
		}
	}
	if path == "" {
		path = freeName(dir, began)
	}
	if p := taken(path); p != "" {
		return "", &directory.Error{Code: directory.Conflict, Field: "to", Message: p + " is there already; a backup writes nothing over"}
	}
	return path, nil
}

// freeName is a name for a backup that began at this time. Further backups in one second get numbers, up to 9, that rise with time.
func freeName(dir string, began time.Time) string {
	stem := filepath.Join(dir, backupPrefix+began.UTC().Format(backupTime))
	path := stem + backupSuffix
	free := path
	for n := 2; n < 10; n++ {
		next := stem + backupNumber + strconv.Itoa(n) + backupSuffix
		if taken(path) != "" {
			free = next
		}
		path = next
	}
	return free
}

// taken gives the file that is in the way of a backup, or nothing.
func taken(path string) string {
	for _, p := range []string{path, path + sumSuffix, path + suspectSuffix} {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return p
		}
	}
	return ""
}

// part is a copy that is not yet finished.
type part struct {
	path  string
	bytes int64
	sum   string
}

// copy writes the store to a separate file in the folder. If it fails, nothing is left there.
func (b *backups) copy(ctx context.Context, dir, name string) (*part, error) {
	f, err := b.create(dir, "."+name+".*"+partSuffix)
	if err != nil {
		return nil, unwritten(dir, err)
	}
	total := int64(0)
	if info, err := os.Stat(b.file); err == nil {
		total = info.Size()
	}
	sum := sha256.New()
	count := &counter{total: total, hear: b.progress}
	err = b.store.Backup(ctx, io.MultiWriter(f, sum, count))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unwritten(filepath.Join(dir, name), err)
	}
	return &part{path: f.Name(), bytes: count.done, sum: hex.EncodeToString(sum.Sum(nil))}, nil
}

// finish gives the copy its name and puts the checksum beside it, the checksum first: a copy without one is never seen.
func (p *part) finish(path string) error {
	line := p.sum + "  " + filepath.Base(path) + "\n" // as sha256sum writes and reads it
	if err := writeNew(path+sumSuffix, []byte(line)); err != nil {
		return err
	}
	if err := renameNew(p.path, path); err != nil {
		return errors.Join(err, os.Remove(path+sumSuffix))
	}
	return syncDir(filepath.Dir(path))
}

// counter counts what passes through it.
type counter struct {
	done, total int64
	hear        listener
}

func (c *counter) Write(b []byte) (int, error) {
	c.done += int64(len(b))
	c.hear.hear(wire.Progress{What: "copy", Done: c.done, Total: c.total})
	return len(b), nil
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
	report, err := b.program.look(ctx, b.progress, part.path)
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

// items gives the good copies, the newest first. It ignores files with other names.
func (b *backups) items() ([]wire.Backup, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &directory.Error{Code: directory.Unavailable, Message: "the folder of backups " + b.dir + " cannot be read", Err: err}
	}
	items := []wire.Backup{}
	for _, e := range entries {
		at, ok := timeOfBackup(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		item := wire.Backup{Path: filepath.Join(b.dir, e.Name()), Time: at}
		if info, err := e.Info(); err == nil {
			item.Bytes = info.Size()
		}
		if item.SHA256, err = readSum(item.Path + sumSuffix); err != nil {
			continue // not finished, or its checksum is missing: not reliable
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b wire.Backup) int { return cmp.Or(b.Time.Compare(a.Time), strings.Compare(b.Path, a.Path)) })
	return items, nil
}

func timeOfBackup(name string) (time.Time, bool) {
	text, ok := strings.CutPrefix(name, backupPrefix)
	if !ok {
		return time.Time{}, false
	}
	if text, ok = strings.CutSuffix(text, backupSuffix); !ok {
		return time.Time{}, false
	}
	text, number, numbered := strings.Cut(text, backupNumber)
	if numbered && (len(number) != 1 || number < "2" || number > "9") {
		return time.Time{}, false
	}
	at, err := time.Parse(backupTime, text)
	return at, err == nil
}

// letGo removes the oldest copies beyond backup.keep, and the parts of interrupted backups.
func (b *backups) letGo() error {
	items, err := b.items()
	if err != nil {
		return err
	}
	var errs []error
	for _, item := range items[min(len(items), b.config.Keep):] {
		errs = append(errs, os.Remove(item.Path), os.Remove(item.Path+sumSuffix)) // the copy first, so that no copy is without its checksum
	}
	return errors.Join(append(errs, b.letSuspectsGo(), sweep(b.dir), syncDir(b.dir))...)
}

// letSuspectsGo keeps as many suspects as good copies.
func (b *backups) letSuspectsGo() error {
	suspects, err := filepath.Glob(filepath.Join(globEscape(b.dir), backupPrefix+"*"+backupSuffix+suspectSuffix))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range suspects[:max(0, len(suspects)-b.config.Keep)] { // Glob sorts, and names sort by time
		errs = append(errs, os.Remove(path), os.Remove(path+sumSuffix))
	}
	return errors.Join(errs...)
}

// sweep removes parts of copies that were interrupted by the end of the process. No other program writes such names, and no copy
// is in progress.
func sweep(dir string) error {
	var errs []error
	for _, pattern := range []string{"." + backupPrefix + "*" + partSuffix, ".check.*" + partSuffix} {
		left, err := filepath.Glob(filepath.Join(globEscape(dir), pattern))
		errs = append(errs, err)
		for _, path := range left {
			errs = append(errs, os.Remove(path))
		}
	}
	return errors.Join(errs...)
}

func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
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

// maxSumFile is more than a checksum and a name need.
const maxSumFile = 8 << 10

// readSum reads a checksum as sha256sum writes it: 64 hexadecimal digits, followed by any text.
func readSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxSumFile))
	if err != nil {
		return "", err
	}
	sum, _, _ := bytes.Cut(bytes.TrimLeft(text, "\\"), []byte(" "))
	return parseSum(string(bytes.TrimSpace(sum)))
}

func parseSum(text string) (string, error) {
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != sha256.Size {
		return "", errors.New("a SHA-256 checksum has 64 hexadecimal digits")
	}
	return strings.ToLower(text), nil
}

// writeNew writes a new file durably. If it fails, the file does not exist.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// renameNew renames a file to a name that must be free.
func renameNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// Some file systems have no links; there the check and the renaming are two steps.
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// syncDir makes names in a folder survive a power cut.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // there are file systems without
	}
	return errors.Join(err, d.Close())
}
