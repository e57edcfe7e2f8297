package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
)

// filledStore makes a store file with people in it.
func filledStore(t testing.TB, path string, people int) {
	t.Helper()
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	line := directory.Audit{Time: at, Tenant: "acme", Action: "test", Outcome: directory.Done}
	change := directory.Change{
		Tenant: &directory.Tenant{ID: "acme", Version: 1, Created: at, Name: "Acme", Plan: "business", Status: directory.TenantActive},
		Audit:  []directory.Audit{line},
	}
	for n := range people {
		u := directory.User{
			ID: newID(), Version: 1, Created: at, Modified: at, UserName: fmt.Sprintf("person%d@acme.example", n), ExternalID: fmt.Sprint(n),
			State: directory.Active, Document: directory.Document(fmt.Sprintf(`{"userName":"person%d@acme.example","title":%q}`, n, strings.Repeat("t", 200))),
		}
		change.Users = append(change.Users, u)
		change.Audit = append(change.Audit, line)
		change.Events = append(change.Events, directory.Event{Time: at, Tenant: "acme", Kind: directory.UserCreated})
		if len(change.Users) == 1000 || n == people-1 {
			if err := s.Update(context.Background(), "acme", nil, func(store.Reader) (directory.Change, error) { return change, nil }); err != nil {
				t.Fatal(err)
			}
			change = directory.Change{}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// bench is backups of a store in a folder of its own, with a clock that does not move.
type bench struct {
	*backups
	t     *testing.T
	clock time.Time
	store *bolt.Store
}

func newBench(t *testing.T, people int) *bench {
	t.Helper()
	dir := t.TempDir()
	file := StorePath(dir)
	filledStore(t, file, people)
	s, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p, err := thisProgram()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC), store: s}
	b.backups = &backups{
		config: BackupConfig{Every: time.Hour, Keep: 3}, dir: filepath.Join(dir, "backups"), data: dir, file: file, store: s, program: p,
		now: func() time.Time { return b.clock }, log: slog.New(slog.DiscardHandler), metrics: newBackupMetrics(prometheus.NewRegistry()), create: os.CreateTemp,
	}
	return b
}

// files lists the files in the folder of backups, without the part between time and suffix.
func (b *bench) files() []string {
	b.t.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		b.t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func refusedWith(t *testing.T, err error, code directory.Code, words ...string) {
	t.Helper()
	if directory.CodeOf(err) != code && client.CodeOf(err) != string(code) {
		t.Fatalf("the error is %v, want %s", err, code)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

// TestBackupsOfOneSecondAllGetAName makes backups while the clock stands still, as an operator may right after the scheduled one.
func TestBackupsOfOneSecondAllGetAName(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.config.Keep = 3
	var last wire.Backup
	for range 4 {
		var err error
		if last, err = b.Backup(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, number := range []string{"_2", "_3", "_4"} {
		want = append(want, "drawbridge-20260504T030201Z"+number+".db", "drawbridge-20260504T030201Z"+number+".db.sha256")
	}
	if got := b.files(); !slices.Equal(got, want) {
		t.Errorf("there are %s, want %s", got, want)
	}
	list, err := b.List(t.Context())
	if err != nil || len(list.Items) != 3 || list.Items[0].Path != last.Path || !list.Items[0].Time.Equal(last.Time.Truncate(time.Second)) {
		t.Errorf("listed %+v, %v", list, err)
	}
}

func TestBackupIsVerifiedAndTheOldestIsRemoved(t *testing.T) {
	t.Parallel()
	b := newBench(t, 20)
	var last wire.Backup
	for range 5 {
		var err error
		if last, err = b.Backup(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		b.clock = b.clock.Add(time.Hour)
	}
	want := []string{}
	for _, hour := range []string{"05", "06", "07"} {
		want = append(want, "drawbridge-20260504T"+hour+"0201Z.db", "drawbridge-20260504T"+hour+"0201Z.db.sha256")
	}
	if got := b.files(); !slices.Equal(got, want) {
		t.Errorf("there are %s, want %s", got, want)
	}
	list, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 3 || list.Items[0].Path != last.Path || list.Items[0].SHA256 != last.SHA256 || list.Running != nil || list.Every != "1h0m0s" {
		t.Errorf("listed %+v", list)
	}
	if last.Report.Users != 20 || last.Report.Events != 20 || !last.Report.OK {
		t.Errorf("verified %+v", last.Report)
	}
	for _, name := range []string{last.Path, last.Path + ".sha256"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if got := testutil.ToFloat64(b.metrics.success); got != float64(last.Time.Unix()) {
		t.Errorf("the last success is %f", got)
	}
}

// full is a file on a disk that is full after so many bytes.
func full(room int64) func(dir, pattern string) (*os.File, error) {
	return func(dir, pattern string) (*os.File, error) {
		f, err := os.CreateTemp(dir, pattern)
		if err != nil {
			return nil, err
		}
		name := f.Name()
		if err := errors.Join(f.Close(), os.Remove(name), syscall.Mkfifo(name, 0o600)); err != nil {
			return nil, err
		}
		reader, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return nil, err
		}
		// The writer first: a reader without one is at its end at once, and a writer without a reader waits without end.
		writer, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, errors.Join(err, reader.Close())
		}
		go func() { // reads this much and closes: the next write fails
			_, _ = io.CopyN(io.Discard, reader, room)
			_ = reader.Close()
		}()
		return writer, nil
	}
}

func TestFailedBackupLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, 20)
	good, err := b.Backup(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	before := b.files()
	b.clock = b.clock.Add(time.Hour)
	b.create = full(8192)
	_, err = b.Backup(t.Context(), "")
	refusedWith(t, err, directory.Unavailable, "could not be written", "nothing of it is left")
	if got := b.files(); !slices.Equal(got, before) {
		t.Errorf("there are %s, want %s", got, before)
	}
	list, err := b.List(t.Context())
	if err != nil || len(list.Items) != 1 || list.Items[0].Path != good.Path || !strings.Contains(list.LastFailure, "could not be written") {
		t.Errorf("listed %+v, %v", list, err)
	}
	if got := testutil.ToFloat64(b.metrics.failures); got != 1 {
		t.Errorf("%f failures", got)
	}
	b.create = os.CreateTemp
	if _, err := b.Backup(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if list, _ := b.List(t.Context()); list.LastFailure != "" || len(list.Items) != 2 {
		t.Errorf("listed %+v", list)
	}
	for err, word := range map[error]string{syscall.ENOSPC: "disk is full", syscall.EDQUOT: "disk is full", os.ErrPermission: "may not write", errors.New("odd"): "odd"} {
		if text := unwritten("x", fmt.Errorf("write: %w", err)).Error(); !strings.Contains(text, word) {
			t.Errorf("%v reads %q", err, text)
		}
	}
}

func TestBackupOverwritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.db")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sum.db.sha256"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]directory.Code{
		"relative.db":                      directory.Invalid,
		"../up.db":                         directory.Invalid,
		"/no\x00thing":                     directory.Invalid,
		filepath.Join(dir, "no", "folder"): directory.Invalid,
		filepath.Join(dir, "no") + "/":     directory.Invalid,
		taken:                              directory.Conflict,
		filepath.Join(dir, "sum.db"):       directory.Conflict,
		filepath.Join(dir, "link.db"):      directory.Conflict,
		filepath.Join(taken, "x"):          directory.Invalid,
		b.file:                             directory.Conflict,
		"/dev/null":                        directory.Conflict,
	} {
		_, err := b.Backup(t.Context(), to)
		refusedWith(t, err, want)
	}
	for to, want := range map[string]string{
		filepath.Join(dir, "mine.db"): filepath.Join(dir, "mine.db"),
		dir:                           filepath.Join(dir, "drawbridge-20260504T030201Z.db"),
		dir + "/new\nline ü.db":       dir + "/new\nline ü.db",
		filepath.Join(dir, "x") + "/../dotted.db":  filepath.Join(dir, "dotted.db"),
		filepath.Join(dir, "y", "..", "second.db"): filepath.Join(dir, "second.db"),
	} {
		out, err := b.Backup(t.Context(), to)
		if err != nil || out.Path != want {
			t.Errorf("%q: %+v, %v", to, out, err)
		}
	}
	if text, _ := os.ReadFile(taken); string(text) != "mine" {
		t.Error("a file was written over")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
	if got := testutil.ToFloat64(b.metrics.success); got != 0 {
		t.Error("a copy elsewhere counts as one in backup.dir")
	}
}

// spoil damages one user's record in a store that is closed.
func spoil(t testing.TB, path string) {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(whole, []byte(`"title":"ttt`)) // the newest page that has one
	if at < 0 {
		t.Fatal("no such record")
	}
	whole[at+12] ^= 1
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A copy of a damaged store is kept, but it does not count as a good backup, and no good backup is removed for it.
func TestBackupOfADamagedStoreReplacesNoGoodOne(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	if _, err := b.Backup(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, b.file)
	s, err := bolt.Open(b.file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b.backups.store = s
	for range 2 {
		b.clock = b.clock.Add(time.Hour)
		_, err = b.Backup(t.Context(), "")
		refusedWith(t, err, directory.Internal, "1 faults", "suspect", "users record", "checksum")
	}
	list, err := b.List(t.Context())
	if err != nil || len(list.Items) != 1 || !strings.Contains(list.LastFailure, "suspect") {
		t.Errorf("listed %+v, %v", list, err)
	}
	suspect := filepath.Join(b.dir, "drawbridge-20260504T040201Z.db.suspect")
	to := filepath.Join(t.TempDir(), "data")
	_, err = b.program.restore(t.Context(), suspect, to, RestoreOptions{}, nil)
	refusedWith(t, err, directory.Internal, "was not restored", "--with-faults")
	if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
		t.Error("something was left")
	}
	report, err := b.program.restore(t.Context(), suspect, to, RestoreOptions{Findings: true}, nil)
	if err != nil || len(report.Findings) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestOneBackupAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	end, err := b.begin("copy")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Backup(t.Context(), "")
	refusedWith(t, err, directory.Conflict, "under way")
	_, err = b.Check(t.Context())
	refusedWith(t, err, directory.Conflict, "under way")
	if err := b.onSchedule(t.Context()); err != nil {
		t.Errorf("the schedule fails because another backup is running: %v", err)
	}
	end()
	if _, err = b.Backup(t.Context(), ""); err != nil {
		t.Error(err)
	}
}

func TestBackupEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t, 100)
	ctx, cancel := context.WithCancel(t.Context())
	b.create = func(dir, pattern string) (*os.File, error) {
		cancel()
		return os.CreateTemp(dir, pattern)
	}
	if _, err := b.Backup(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if got := b.files(); len(got) > 0 {
		t.Errorf("left behind: %s", got)
	}
	if got := testutil.ToFloat64(b.metrics.failures); got != 0 {
		t.Error("a request that ended counts as a failure")
	}
}

func TestBackupsAreDueAfterTheInterval(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	made := func() int {
		t.Helper()
		if err := b.onSchedule(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(b.files()) / 2
	}
	if n := made(); n != 1 {
		t.Errorf("none was made at the start: %d", n)
	}
	b.clock = b.clock.Add(59 * time.Minute)
	if n := made(); n != 1 {
		t.Errorf("one was made too early: %d", n)
	}
	b.clock = b.clock.Add(time.Minute)
	if n := made(); n != 2 {
		t.Errorf("none was made when it was due: %d", n)
	}
	b.clock = b.clock.Add(-240 * time.Hour) // a clock that was ahead is put right
	if due := b.due(); due > time.Hour {
		t.Errorf("the next one is due in %s", due)
	}
	// One without a checksum is none.
	for _, name := range b.files() {
		if strings.HasSuffix(name, sumSuffix) {
			if err := os.Remove(filepath.Join(b.dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if due := b.due(); due > 0 {
		t.Errorf("copies without a checksum count: due in %s", due)
	}
}

// The remains of an interrupted backup or check are removed; other files stay.
func TestRemainsOfInterruptedBackupsAreRemoved(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ours := []string{".drawbridge-20260101T000000Z.db.123.partial", ".check.77.partial"}
	theirs := []string{"drawbridge-2026.db", "notes.txt", ".hidden.partial", "drawbridge-20260101T000000Z.db", "drawbridge-20260101T000000Z.db.gz"}
	for _, name := range append(slices.Clone(ours), theirs...) {
		if err := os.WriteFile(filepath.Join(b.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 6 {
		if _, err := b.Backup(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		b.clock = b.clock.Add(time.Hour)
	}
	got := b.files()
	for _, name := range theirs {
		if !slices.Contains(got, name) {
			t.Errorf("%s is gone", name)
		}
	}
	for _, name := range ours {
		if slices.Contains(got, name) {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestRunningStoreIsChecked(t *testing.T) {
	t.Parallel()
	b := newBench(t, 30)
	report, err := b.Check(t.Context())
	if err != nil || !report.OK || report.Users != 30 || report.File != b.file {
		t.Errorf("%+v, %v", report, err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.data, ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// A file that crashes the process that reads it is reported in a sentence. A damaged page does not always crash a process that maps the
// file, so this test ends the worker in each case.
func TestFileThatCrashesTheWorkerIsReported(t *testing.T) {
	p, err := thisProgram()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	filledStore(t, path, 20)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(dieHere, "1")
	report, err := p.checkFile(t.Context(), nil, path)
	text := fmt.Sprint(report.Findings)
	if err != nil || report.OK || len(report.Findings) != 2 || !strings.Contains(text, "has a damaged structure") || strings.Contains(text, "goroutine") {
		t.Errorf("%+v, %v", report, err)
	}
	data := filepath.Join(t.TempDir(), "new")
	for name, do := range map[string]func() error{
		"compact": func() error { _, err := p.compact(t.Context(), path, nil); return err },
		"repair":  func() error { _, err := p.repair(t.Context(), path, time.Now(), nil); return err },
		"restore": func() error {
			_, err := p.restore(t.Context(), path, data, RestoreOptions{NoSum: true}, nil)
			return err
		},
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "damaged") && !strings.Contains(err.Error(), "faults") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, whole) {
		t.Error("the file was changed")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Error("a restore left its folder")
	}
}

func TestServerMakesBackupsOnSchedule(t *testing.T) {
	t.Parallel()
	a, c := start(t, func(cfg *Config) { cfg.Backup = BackupConfig{Every: time.Hour, Keep: 2} })
	a.waitReady(t)
	deadline := time.Now().Add(30 * time.Second)
	for {
		list, err := c.Backups(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) == 1 && list.Running == nil { // it is there and done
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no backup: %+v", list)
		}
		time.Sleep(5 * time.Millisecond)
	}
	var metrics string
	for !strings.Contains(metrics, `last_success_timestamp_seconds{task="trim"} `) { // the other job of a start
		if _, metrics = fetch(t, http.DefaultClient, "GET", a.BaseURL()+"/metrics", "", http.NoBody); time.Now().After(deadline) {
			t.Fatal("the trim has not run")
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, line := range []string{"drawbridge_backup_interval_seconds 3600\n", `drawbridge_job_last_success_timestamp_seconds{task="trim"} `} {
		if !strings.Contains(metrics, line) {
			t.Errorf("/metrics has no %q", line)
		}
	}
	if strings.Contains(metrics, "drawbridge_backup_last_success_timestamp_seconds 0\n") {
		t.Error("the metric does not know of the backup")
	}
	if _, err := c.Backup(t.Context(), wire.BackupCreate{To: "relative"}); client.CodeOf(err) != "invalid" {
		t.Errorf("a relative place: %v", err)
	}
	report, err := c.Check(t.Context())
	if err != nil || !report.OK {
		t.Errorf("%+v, %v", report, err)
	}
	all, err := c.TrimAll(t.Context(), true)
	if err != nil || len(all.Items) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
