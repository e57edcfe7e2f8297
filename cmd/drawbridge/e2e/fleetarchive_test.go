package e2e

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store/postgres/pgtest"
)

// laterServer says to a child process of a test what it serves: data folder, database, archive, and how many days its clock is ahead.
const laterServer = "DRAWBRIDGE_TEST_LATER_SERVER"

// TestServerOfALaterDay is the process that TestE6ArchiveOnTwoServers starts and kills. Without its environment variable it does nothing. It
// ends when its standard input does.
func TestServerOfALaterDay(t *testing.T) {
	t.Parallel()
	what := strings.Split(os.Getenv(laterServer), "|")
	if len(what) != 4 {
		return
	}
	days, err := strconv.Atoi(what[3])
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := app.Load(app.Source{Flags: map[string]string{
		"data": what[0], "store.url": what[1], "archive.folder": what[2], "listen": "127.0.0.1:0", "store.connections": "6", "shutdown_delay": "1ms",
	}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(cfg, app.Options{
		Logger: slog.New(slog.NewTextHandler(os.Stdout, nil)), Now: func() time.Time { return time.Now().AddDate(0, 0, days) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// later is one of several servers on a database and an archive.
type later struct {
	t        *testing.T
	data     string
	operator *client.Client
	cmd      *exec.Cmd
	input    io.Closer
	out      *lockedBuffer
}

func (l *later) start(url, archive string, days int) {
	l.t.Helper()
	l.cmd = exec.CommandContext(l.t.Context(), os.Args[0], "-test.run=^TestServerOfALaterDay$")
	l.cmd.Env = append(os.Environ(), laterServer+"="+strings.Join([]string{l.data, url, archive, strconv.Itoa(days)}, "|"))
	l.out = &lockedBuffer{}
	l.cmd.Stdout, l.cmd.Stderr = l.out, l.out
	input, err := l.cmd.StdinPipe()
	if err == nil {
		err = l.cmd.Start()
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.input, l.operator = input, client.New(l.data)
}

// ready waits until the server answers.
func (l *later) ready() {
	l.t.Helper()
	waitFor(l.t, "the server", func() bool {
		status, err := l.operator.Status(l.t.Context())
		return err == nil && status.BaseURL != ""
	})
}

// stop lets the server end, or waits for the end of one that was killed.
func (l *later) stop() {
	_ = l.input.Close()
	_ = l.cmd.Wait()
}

// write makes users through a server until stopped, so that the trail grows. A server that is killed takes none.
func (l *later) write(name string, stopped <-chan struct{}, done *sync.WaitGroup) {
	done.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stopped:
				return
			case <-time.After(50 * time.Millisecond):
			}
			_, _ = l.operator.CreateUser(l.t.Context(), "acme", wire.UserCreate{UserName: fmt.Sprintf("%s-%d@acme.example", name, i)})
		}
	})
}

// archiveOf gives what is in the archive of acme, after a check that store and archive are one chain without a gap, a double line or a file
// that nothing names.
func archiveOf(t *testing.T, operator *client.Client, folder string) wire.ArchiveTrail {
	t.Helper()
	report, err := operator.VerifyAuditWithArchive(t.Context(), "acme", wire.AuditHead{})
	if err != nil || !report.OK || report.Checked != report.Lines {
		t.Fatalf("audit verify --archive: %+v, %v", report, err)
	}
	var last uint64
	for last < report.Lines {
		page, err := operator.AuditWithArchive(t.Context(), "acme", last, 1000)
		if err != nil || len(page.Items) == 0 {
			t.Fatalf("after line %d of %d: %d lines, %v", last, report.Lines, len(page.Items), err)
		}
		for i := range page.Items {
			if last++; page.Items[i].Seq != last {
				t.Fatalf("line %d came where %d was next", page.Items[i].Seq, last)
			}
		}
	}
	status, err := operator.Archive(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var trail wire.ArchiveTrail
	for _, one := range status.Items {
		if one.Tenant == "acme" {
			trail = one
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "acme", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != trail.Audit.Segments+trail.Events.Segments {
		t.Fatalf("%+v, and the archive has %q", trail, files)
	}
	return trail
}

// killer kills the process that runs the job archive when a statement that removes audit lines comes to the database.
type killer struct {
	proxy   *pgtest.Proxy
	cluster *pgtest.Cluster
	name    string // of the database
	kills   atomic.Int64
	killed  chan int // the process
}

func (k *killer) arm(verdict pgtest.Verdict) {
	k.killed = make(chan int, 1)
	var once sync.Once
	k.proxy.Judge(func(sent []byte) pgtest.Verdict {
		out := pgtest.Pass
		if bytes.Contains(sent, []byte("delete from audit where")) {
			once.Do(func() {
				holder, err := k.cluster.Ask(k.name, "select holder from lease where name = 'job archive'")
				parts := strings.Split(holder, "-") // the host, the process and a random part
				if err != nil || len(parts) < 3 {
					return
				}
				pid, err := strconv.Atoi(parts[len(parts)-2])
				if err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
					out = verdict
					k.kills.Add(1)
					k.killed <- pid
				}
			})
		}
		return out
	})
}

// Two servers share a database and an archive, and both write all the time. The one that runs the job archive is killed with -9 after a
// segment was verified in its place, and before the database removes the lines, or after it and before the server knows. The other server
// goes on: no line is lost or doubled, and store and archive are one chain. Of both, one at a time runs the job.
func TestE6ArchiveOnTwoServers(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	url, folder := database.Database(t), t.TempDir()
	cluster := database.Cluster(t)
	k := &killer{proxy: pgtest.NewProxy(t, cluster), cluster: cluster, name: url[strings.LastIndex(url, "/")+1:]}
	k.name, _, _ = strings.Cut(k.name, "?")
	through := k.proxy.URL(url)
	servers := [2]*later{{t: t, data: shortDir(t)}, {t: t, data: shortDir(t)}}
	servers[0].start(url, folder, 0)
	servers[0].ready()
	days := 30
	_, err := servers[0].operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "acme", Plan: "business", Overrides: &directory.Overrides{AuditDays: &days, EventDays: &days}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := servers[0].operator.CreateUser(t.Context(), "acme", wire.UserCreate{UserName: fmt.Sprintf("first-%d@acme.example", i)}); err != nil {
			t.Fatal(err)
		}
	}
	servers[0].stop()
	archived := uint64(0)
	for round, verdict := range []pgtest.Verdict{pgtest.Before, pgtest.After} {
		ahead := 40 * (round + 1)
		k.arm(verdict)
		stopped, done := make(chan struct{}), &sync.WaitGroup{}
		for i, s := range servers {
			s.start(through, folder, ahead)
			s.write(fmt.Sprintf("r%d-s%d", round, i), stopped, done)
		}
		var victim int
		select {
		case victim = <-k.killed: // the job runs within five seconds of the start
		case <-time.After(time.Minute):
			t.Fatalf("no server ran the job\n%s\n%s", servers[0].out, servers[1].out)
		}
		survivor := servers[0]
		for _, s := range servers {
			if s.cmd.Process.Pid == victim {
				s.stop()
			} else {
				survivor = s
			}
		}
		if verdict == pgtest.Before { // the segment is in its place, and its lines are in the store
			waitFor(t, "the survivor", func() bool { _, err := survivor.operator.Status(t.Context()); return err == nil })
			page, err := survivor.operator.Audit(t.Context(), "acme", archived, 1, 0)
			placed, failed := filepath.Glob(filepath.Join(folder, "acme", "audit", "*"))
			if err != nil || failed != nil || len(page.Items) != 1 || page.Items[0].Seq != archived+1 || len(placed) != round+1 {
				t.Errorf("after the kill the store begins with %+v (%v), and the archive has %q", page.Items, err, placed)
			}
		}
		var ran wire.JobReport
		waitLong(t, "the lease of the job", func() bool {
			ran, err = survivor.operator.RunJob(t.Context(), "archive", false)
			return err == nil && ran.Error == ""
		})
		close(stopped)
		done.Wait()
		trail := archiveOf(t, survivor.operator, folder)
		if trail.Audit.Last <= archived {
			t.Errorf("round %d: the archive ends with line %d, as before", round, trail.Audit.Last)
		}
		archived = trail.Audit.Last
		survivor.stop()
	}
	k.proxy.Judge(nil)
	if n := k.kills.Load(); n != 2 {
		t.Fatalf("%d kills", n)
	}
	if after := runTogether(t, servers, through, folder); after <= archived {
		t.Errorf("the archive ends with line %d, as before", after)
	}
}

// runTogether lets an operator run the job on both servers at the same time, while both write, and gives the last line of the archive.
func runTogether(t *testing.T, servers [2]*later, url, folder string) uint64 {
	t.Helper()
	stopped, done := make(chan struct{}), &sync.WaitGroup{}
	for i, s := range servers {
		s.start(url, folder, 120)
		s.ready()
		s.write(fmt.Sprintf("last-s%d", i), stopped, done)
	}
	var ran, refused atomic.Int64
	for range 10 {
		var both sync.WaitGroup
		for _, s := range servers {
			both.Go(func() {
				switch _, err := s.operator.RunJob(t.Context(), "archive", false); {
				case err == nil:
					ran.Add(1)
				case strings.Contains(err.Error(), "is running right now"):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		both.Wait()
	}
	close(stopped)
	done.Wait()
	if ran.Load() == 0 {
		t.Errorf("the job was refused %d times", refused.Load())
	}
	t.Logf("the job ran %d times and was refused %d times", ran.Load(), refused.Load())
	trail := archiveOf(t, servers[1].operator, folder)
	for _, s := range servers {
		s.stop()
	}
	return trail.Audit.Last
}
