package bolt

import (
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// scene runs decides that record when they ran and in which commit, and that take a time by their own clock.
type scene struct {
	*testing.T
	s    *Store
	work sync.WaitGroup

	mu    sync.Mutex
	now   time.Time
	ran   []string // "tenant", in order
	batch []int    // the commit of each
}

func newScene(t *testing.T) *scene {
	t.Helper()
	sc := &scene{T: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{Now: func() time.Time {
		sc.mu.Lock()
		defer sc.mu.Unlock()
		return sc.now
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	sc.s = s
	return sc
}

// submit queues one piece of work of a tenant that takes a time.
func (sc *scene) submit(tenant directory.TenantID, takes time.Duration) {
	sc.work.Go(func() {
		err := sc.s.submit(sc.Context(), tenant, func(b *batch) error {
			sc.mu.Lock()
			defer sc.mu.Unlock()
			sc.now = sc.now.Add(takes)
			sc.ran, sc.batch = append(sc.ran, string(tenant)), append(sc.batch, b.tx.ID())
			b.wrote = true // so that each batch is a commit with its own number
			return nil
		})
		if err != nil {
			sc.Error(err)
		}
	})
}

// waiting blocks until so many pieces are queued.
func (sc *scene) waiting(tenant directory.TenantID, n int) {
	for {
		sc.s.queue.mu.Lock()
		l := sc.s.queue.lines[tenant]
		there := l != nil && len(l.work) == n
		sc.s.queue.mu.Unlock()
		if there {
			return
		}
		runtime.Gosched()
	}
}

// A tenant with 64 clients and heavy writes delays another tenant by the current piece of work, one more, and one commit.
func TestOneTenantDoesNotDelayAnother(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	busy, free := make(chan struct{}), make(chan struct{})
	sc.work.Go(func() {
		if err := sc.s.Update(t.Context(), "noisy", nil, func(store.Reader) (directory.Change, error) {
			close(busy)
			<-free
			return directory.Change{}, nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-busy
	for range 64 {
		sc.submit("noisy", 20*time.Millisecond)
	}
	sc.waiting("noisy", 64)
	sc.submit("quiet", time.Microsecond)
	sc.waiting("quiet", 1)
	close(free)
	sc.work.Wait()
	at := -1
	for i, tenant := range sc.ran {
		if tenant == "quiet" {
			at = i
		}
	}
	if at < 0 || at > 1 {
		t.Fatalf("the quiet tenant was number %d: %v", at, sc.ran)
	}
	with := 0
	for i, number := range sc.batch {
		if number == sc.batch[at] && sc.ran[i] == "noisy" {
			with++
		}
	}
	if with > 1 {
		t.Errorf("the quiet tenant's commit had to wait for %d pieces of the noisy one", with)
	}
	if last := sc.batch[len(sc.batch)-1]; last != sc.batch[at]+1 {
		t.Errorf("the noisy tenant's other 63 pieces, with no other tenant waiting, took more than one commit: %v", sc.batch)
	}
}

// Tenants take turns in the order in which they came; the order within a tenant does not change.
func TestTenantsTakeTurns(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for _, tenant := range []directory.TenantID{"a", "a", "a", "b", "c", "c"} {
		q.add(&pending{tenant: tenant})
	}
	var got []string
	for range 4 {
		got = append(got, string(q.wait().tenant))
	}
	q.add(&pending{tenant: "d"})
	q.close()
	if q.add(&pending{tenant: "e"}) {
		t.Error("a closed queue took something")
	}
	for p := q.wait(); p != nil; p = q.wait() {
		got = append(got, string(p.tenant))
	}
	if text := strings.Join(got, ""); text != "abcacad" {
		t.Errorf("turns: %s", text)
	}
	if len(q.lines) != 0 || len(q.order) != 0 {
		t.Errorf("left: %v %v", q.lines, q.order)
	}
	if p := q.take(func(*pending) bool { return true }); p != nil {
		t.Errorf("an empty queue gave %+v", p)
	}
}

// Short writes of several tenants share a commit: the fair queue does not prevent group commit.
func TestShortWorkSharesACommit(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	busy, free := make(chan struct{}), make(chan struct{})
	sc.work.Go(func() {
		if err := sc.s.Update(t.Context(), "a", nil, func(store.Reader) (directory.Change, error) {
			close(busy)
			<-free
			return directory.Change{}, nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-busy
	for range 10 {
		sc.submit("a", time.Microsecond)
		sc.submit("b", time.Microsecond)
	}
	sc.waiting("a", 10)
	sc.waiting("b", 10)
	close(free)
	sc.work.Wait()
	if sc.batch[0] != sc.batch[19] {
		t.Errorf("commits: %v", sc.batch)
	}
	if text := strings.Join(sc.ran[:4], ""); text != "abab" && text != "baba" {
		t.Errorf("turns: %v", sc.ran)
	}
}
