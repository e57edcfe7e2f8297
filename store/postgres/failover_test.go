package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres/pgtest"
)

// pair is a primary and a standby that follows it, and two stores that know both.
type pair struct {
	primary, standby *pgtest.Cluster
	stores           []store.Store
}

// newPair starts both. A kill of the processes loses nothing that they gave to the kernel, so the disks need not be waited for.
func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{primary: ownCluster(t, pgtest.Settings{"fsync": "off"})}
	prepared(t, p.primary)
	standby, err := p.primary.Standby(pgtest.Folder(t))
	must(t, err)
	t.Cleanup(standby.Stop)
	p.standby = standby
	url := strings.Replace(p.primary.URL("drawbridge"), "/drawbridge", fmt.Sprintf(",127.0.0.1:%d/drawbridge", standby.Port), 1)
	p.stores = []store.Store{open(t, url), open(t, url)}
	furnish(t, p.stores[0])
	return p
}

// failOver kills the primary while many write with both stores, and promotes the standby. It returns what the callers were told, and the longest time
// in which none of them was told that a write is done.
func (p *pair) failOver(t *testing.T) (*oracle, time.Duration) {
	t.Helper()
	o, w := newOracle(), &writers{}
	w.start(t, o, p.stores)
	w.waitFor(t, 200)
	p.primary.Kill()
	must(t, p.standby.Promote())
	w.waitFor(t, w.count()+400)
	return o, w.stop()
}

// writers create users with stores until they are stopped.
type writers struct {
	all     sync.WaitGroup
	ended   atomic.Bool
	mu      sync.Mutex
	done    int
	last    time.Time
	longest time.Duration
}

func (w *writers) start(t *testing.T, o *oracle, stores []store.Store) {
	t.Helper()
	var next atomic.Int32
	for i := range 16 {
		w.all.Go(func() {
			for !w.ended.Load() {
				n := int(next.Add(1))
				if !o.create(t, stores[i%len(stores)], n) {
					return
				}
				w.note(o.isDone(n))
			}
		})
	}
}

func (w *writers) note(done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !done {
		return
	}
	if w.done++; w.done > 1 {
		w.longest = max(w.longest, now.Sub(w.last))
	}
	w.last = now
}

func (w *writers) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.done
}

// waitFor waits until so many writes were acknowledged.
func (w *writers) waitFor(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); w.count() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.ended.Store(true)
			t.Fatalf("%d writes were acknowledged, and %d did not come", w.count(), n)
		}
	}
}

func (w *writers) stop() (longest time.Duration) {
	w.ended.Store(true)
	w.all.Wait()
	return w.longest
}

// TestFailoverLosesNothing kills the primary under load and promotes its synchronous standby. No acknowledged write is lost, and both
// stores continue by themselves.
func TestFailoverLosesNothing(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	p := newPair(t)
	must(t, p.primary.Exec("postgres", "alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"))
	until(t, p.primary, "select count(*) from pg_stat_replication where sync_state = 'sync'", "1")
	o, pause := p.failOver(t)
	expectSound(t, o, p.stores[1])
	for _, s := range p.stores {
		prober, _ := store.As[store.Prober](s)
		must(t, prober.Probe(t.Context()))
	}
	t.Logf("%d acknowledged, %d unknown, %d refused; the longest pause was %s", len(o.done), len(o.unknown), o.refused, pause.Round(time.Millisecond))
}

// TestFailoverToAStandbyThatIsBehind is the negative control: if commits do not wait for the standby, and it is behind when the primary is
// killed, acknowledged writes are lost, and the check of TestFailoverLosesNothing must find that.
func TestFailoverToAStandbyThatIsBehind(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	p := newPair(t)
	until(t, p.primary, "select count(*) from pg_stat_replication where sync_state = 'async'", "1")
	must(t, p.standby.Exec("postgres", "alter system set primary_conninfo = ''", "select pg_reload_conf()"))
	until(t, p.primary, "select count(*) from pg_stat_replication", "0")
	o, _ := p.failOver(t)
	wrong := strings.Join(o.judge(t, p.stores[1]), "\n")
	if !strings.Contains(wrong, "that were acknowledged are gone") {
		t.Errorf("the oracle does not see that acknowledged writes are gone; it says %q", wrong)
	}
}

// Connections lead to a server that was the primary when they were opened, as is possible through a pooler. The store neither reads from
// it, since it may be behind, nor writes to it. A function that shadows PostgreSQL's own makes it look like a standby.
func TestDemotedPrimaryIsNotUsed(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	url := server.Database(t)
	s := open(t, url+"&search_path=public,pg_catalog"+readable) // each statement is planned again, as through a pooler
	furnish(t, s)
	must(t, create(t, s, 1))
	all := func() map[string]error {
		return map[string]error{
			"a write":      create(t, s, 2),
			"a read":       s.View(t.Context(), acme, nil, func(store.Reader) error { return nil }),
			"a credential": func() error { _, _, _, err := s.Credential(t.Context(), [32]byte{1}, "okta"); return err }(),
			"the probe":    s.Probe(t.Context()),
		}
	}
	statement(t, url, "create function pg_is_in_recovery() returns boolean language sql as 'select true'")
	for what, err := range all() {
		if directory.CodeOf(err) != directory.Unavailable {
			t.Errorf("%s at a standby: %v", what, err)
		}
	}
	if err := s.Health(); err == nil || !strings.Contains(err.Error(), "standby") {
		t.Errorf("the health of a store at a standby: %v", err)
	}
	statement(t, url, "drop function public.pg_is_in_recovery")
	for what, err := range all() {
		if err != nil {
			t.Errorf("%s at the primary again: %v", what, err)
		}
	}
	o := newOracle()
	o.done[1], o.done[2] = true, true
	expectSound(t, o, s)
}
