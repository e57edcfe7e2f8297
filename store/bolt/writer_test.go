package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

func noFindings(t *testing.T, s *bolt.Store) {
	t.Helper()
	findings, err := s.Check(context.Background())
	must(t, err)
	for _, finding := range findings {
		t.Error(finding)
	}
}

func TestFullStoreRecovers(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	options := small()
	options.MaxSize = 1 << 20
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := bolt.Open(path, options)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	fill(t, s)
	written := 50
	for err == nil {
		u := benchUser(written)
		err = s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return benchChange(u), nil })
		if err == nil {
			written++
		}
	}
	sentence(t, err, directory.Unavailable, "maximum size")
	noFindings(t, s)
	count := func() (total int) {
		must(t, s.View(t.Context(), benchTenant, nil, func(r store.Reader) error {
			page, err := r.Users(directory.Query{}, nil)
			total = page.Total
			return err
		}))
		return total
	}
	if got := count(); got != written {
		t.Errorf("there are %d users, and %d were acknowledged", got, written)
	}
	// Space is freed in small steps, each of which needs a little space itself.
	removed := 0
	for removed < 40 {
		var ids []directory.ID
		for i := range 4 {
			ids = append(ids, benchID(removed+i))
		}
		if err := s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
			return directory.Change{RemoveUsers: ids, Audit: make([]directory.Audit, 1)}, nil
		}); err != nil {
			t.Logf("removing: %v", err)
			break
		}
		removed += 4
	}
	must(t, s.Close())
	options.MaxSize = 4 << 20
	s, err = bolt.Open(path, options)
	must(t, err)
	write(t, s, benchChange(benchUser(written)))
	if got, want := count(), written+1-removed; got != want {
		t.Errorf("there are %d users, want %d", got, want)
	}
	noFindings(t, s)
}

// A store that could not write a commit is not healthy until it can write as much again. Smaller commits that fit do not make it healthy,
// and a commit that fails only because it is too large does not make it unhealthy.
func TestProbeReportsAFullDisk(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	options, reg := small(), prometheus.NewRegistry()
	options.MaxSize, options.Metrics = 3<<20, bolt.NewMetrics(reg)
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := bolt.Open(path, options)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	fill(t, s)
	well := func(want float64, failures float64) {
		t.Helper()
		if err := s.Probe(t.Context()); (err == nil) != (want == 1) {
			t.Errorf("the attempt says %v", err)
		}
		if got := gauge(t, reg, "drawbridge_store_writable"); got != want {
			t.Errorf("drawbridge_store_writable is %v, want %v", got, want)
		}
		if got := gauge(t, reg, "drawbridge_store_commit_failures_total"); got < failures {
			t.Errorf("%v commits failed, at least %v did", got, failures)
		}
	}
	well(1, 0)
	many := func(first, n, size int) error { // in one commit
		change := directory.Change{Audit: make([]directory.Audit, 1)}
		for i := first; i < first+n; i++ {
			u := benchUser(i)
			u.Document = directory.Document(`{"title":"` + strings.Repeat("x", size) + `"}`)
			change.Users = append(change.Users, u)
		}
		return s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return change, nil })
	}
	if err := many(90_000, 1, 4<<20); err == nil {
		t.Fatal("3 MiB took 4 MiB")
	}
	if got := gauge(t, reg, "drawbridge_store_writable"); got != 0 {
		t.Error("a commit failed and nothing shows it")
	}
	well(1, 1) // there is room for usual sizes
	made := 0
	for ; err == nil; made++ {
		err = many(1000+made*50, 50, 2<<10)
	}
	sentence(t, err, directory.Unavailable, "maximum size")
	well(0, 3)
	write(t, s, benchChange(benchUser(200))) // a small one still fits
	well(0, 4)
	noFindings(t, s)
	for i := 1000; i < 1000+(made-1)*50; i += 5 {
		var ids []directory.ID
		for j := range 5 {
			ids = append(ids, benchID(i+j))
		}
		must(t, s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
			return directory.Change{RemoveUsers: ids, Audit: make([]directory.Audit, 1)}, nil
		}))
	}
	well(1, 4)
	noFindings(t, s)
	must(t, s.Close())
	if found := checkFile(t, path).Findings; len(found) > 0 {
		t.Error(found)
	}
}

// gauge reads one value of a registry.
func gauge(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	must(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

// If a batch cannot be committed, all its updates are Unavailable, and later ones are written.
func TestFailedCommitDoesNotAffectOtherUpdates(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	options := small()
	options.MaxSize = 1 << 20
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), options)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	fill(t, s)
	big := benchUser(999)
	big.Document = directory.Document(`{"title":"` + strings.Repeat("x", 2<<20) + `"}`)
	for round := range 5 {
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				u := benchUser(1000 + round*10 + i)
				if i == 5 {
					u = big
				}
				err := s.Update(context.Background(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return benchChange(u), nil })
				if i == 5 && directory.CodeOf(err) != directory.Unavailable {
					t.Errorf("the big one: %v", err)
				}
				if err != nil && directory.CodeOf(err) != directory.Unavailable {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		write(t, s, benchChange(benchUser(2000+round)))
		noFindings(t, s)
	}
}

// A decision that ends its goroutine, as FailNow of a test does, must not leave other callers without an answer.
func TestWriterSurvivesADecisionThatExits(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	fill(t, s)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			u := benchUser(100 + i)
			err := s.Update(context.Background(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
				if i%5 == 0 {
					runtime.Goexit()
				}
				return benchChange(u), nil
			})
			if err != nil && directory.CodeOf(err) != directory.Internal {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	write(t, s, benchChange(benchUser(99)))
	noFindings(t, s)
}

func TestCommitsAreCounted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	options := small()
	options.Metrics = bolt.NewMetrics(registry)
	var clock atomic.Int64
	options.Now = func() time.Time { return time.Unix(clock.Add(1), 0) }
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), options)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	fill(t, s)
	families, err := registry.Gather()
	must(t, err)
	got := make(map[string]float64)
	for _, family := range families {
		m := family.GetMetric()[0]
		got[family.GetName()] = m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		if len(family.GetHelp()) < 40 {
			t.Errorf("the help of %s says too little", family.GetName())
		}
	}
	for name, least := range map[string]float64{
		"drawbridge_store_commit_seconds": 2, "drawbridge_store_batch_size": 2, "drawbridge_store_size_bytes": 1 << 15, "drawbridge_store_free_pages": 1,
	} {
		if got[name] < least {
			t.Errorf("%s is %v, want at least %v", name, got[name], least)
		}
	}
	if pending, ok := got["drawbridge_store_pending_updates"]; !ok || pending != 0 {
		t.Errorf("pending updates are %v", pending)
	}
}

// victim is a child process that writes until it is killed, and prints what was acknowledged.
func victim(t testing.TB, path string) {
	first, err := strconv.Atoi(os.Getenv("BOLT_TEST_FIRST"))
	must(t, err)
	s, err := bolt.Open(path, bolt.Options{})
	must(t, err)
	if first == 0 {
		fill(t, s)
	}
	var next atomic.Int64
	next.Store(int64(10_000 + first))
	var out sync.Mutex
	for range 8 {
		go func() {
			for {
				n := int(next.Add(1))
				c := benchChange(benchUser(n))
				c.Join = []directory.Membership{{Group: benchID(7000), Member: directory.Member{ID: benchID(n), Kind: directory.UserKind}}}
				if n%3 == 0 {
					c.RemoveUsers = []directory.ID{benchID(n - 3)}
				}
				if err := s.Update(context.Background(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return c, nil }); err != nil {
					return
				}
				out.Lock()
				fmt.Println("wrote", n)
				out.Unlock()
			}
		}()
	}
	select {}
}

// Acknowledged changes exist after the process is killed, and no change is half written.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	path := filepath.Join(t.TempDir(), "store.db")
	rounds := 5
	if testing.Short() {
		rounds = 2
	}
	acknowledged := 0
	for round := range rounds {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), "BOLT_TEST_VICTIM="+path, fmt.Sprint("BOLT_TEST_FIRST=", round*1_000_000))
		stdout, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		wrote := acknowledgedBy(t, stdout, 50+333*round, func() { _ = child.Process.Kill() })
		_ = child.Wait() // it was killed
		s, err := bolt.Open(path, bolt.Options{})
		must(t, err)
		noFindings(t, s)
		must(t, s.View(t.Context(), benchTenant, nil, func(r store.Reader) error {
			for n := range wrote {
				switch _, err := r.User(benchID(n)); {
				case err == nil:
				case n%3 == 0 && directory.CodeOf(err) == directory.NotFound: // update n+2 removed it
				default:
					t.Errorf("user %d was acknowledged: %v", n, err)
				}
			}
			return nil
		}))
		must(t, s.Close())
		acknowledged += len(wrote)
	}
	if acknowledged == 0 {
		t.Error("nothing was written")
	}
	t.Logf("%d writes were acknowledged", acknowledged)
}

// acknowledgedBy reads what a child acknowledges, and kills it in the middle of its work when that is enough.
func acknowledgedBy(t *testing.T, r io.Reader, enough int, kill func()) map[int]bool {
	t.Helper()
	wrote := make(map[int]bool)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "wrote "); ok {
			if n, err := strconv.Atoi(n); err == nil { // the last line may be cut off
				wrote[n] = true
			}
		}
		if len(wrote) == enough {
			kill()
		}
	}
	return wrote
}
