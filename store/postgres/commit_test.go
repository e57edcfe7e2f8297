package postgres_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
)

// oracle records what the callers were told.
type oracle struct {
	mu      sync.Mutex
	done    map[int]bool // told: it is written
	unknown map[int]bool // told: it may be
	refused int          // told: it is not
}

func newOracle() *oracle { return &oracle{done: map[int]bool{}, unknown: map[int]bool{}} }

// create creates a user and notes the answer. It reports whether the answer was one that the contract allows while the database is
// away.
func (o *oracle) create(t *testing.T, s store.Store, n int) bool {
	err := create(t, s, n)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.done[n] = true
	case directory.IsUnknown(err):
		o.unknown[n] = true
	case directory.CodeOf(err) != directory.Unavailable:
		t.Errorf("user %d: %v", n, err)
		return false
	default:
		o.refused++
	}
	return true
}

func (o *oracle) isDone(n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.done[n]
}

// judge gives what is wrong with the store: what was told must be there once, what is there must be explained, and lines and events
// must have no gap.
func (o *oracle) judge(t *testing.T, s store.Store) (wrong []string) {
	t.Helper()
	here := map[directory.ID]bool{}
	must(t, s.View(t.Context(), acme, nil, func(r store.Reader) error {
		usage, err := r.Usage()
		if err != nil {
			return err
		}
		if _, err := r.Users(directory.Query{Count: 1 << 30}, func(u *directory.User, _ []directory.GroupRef) error {
			here[u.ID] = true
			return nil
		}); err != nil {
			return err
		}
		if usage.Visible() != len(here) {
			wrong = append(wrong, fmt.Sprintf("%d users are counted, and %d are there", usage.Visible(), len(here)))
		}
		lines, _, err := r.Audit(0, 1<<30)
		if err != nil {
			return err
		}
		var chain directory.Chain
		for i := range lines {
			if text := chain.Follow(&lines[i]); text != "" {
				wrong = append(wrong, text)
				break
			}
		}
		events, last, err := r.Events(0, 1<<30)
		if uint64(len(events)) != last || len(events) != len(here) {
			wrong = append(wrong, fmt.Sprintf("%d events, the last one is %d, and there are %d users", len(events), last, len(here)))
		}
		return err
	}))
	lost := 0
	for n := range o.done {
		if !here[person(n).ID] {
			lost++
		}
		delete(here, person(n).ID)
	}
	for n := range o.unknown {
		delete(here, person(n).ID)
	}
	if lost > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %d writes that were acknowledged are gone", lost, len(o.done)))
	}
	if len(here) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d users are there although their creation was refused", len(here)))
	}
	return wrong
}

func expectSound(t *testing.T, o *oracle, s store.Store) {
	t.Helper()
	for _, text := range o.judge(t, s) {
		t.Error(text)
	}
}

// isCommit reports whether a client sends a COMMIT and has it executed. It is readable where statements are not prepared by name.
func isCommit(sent []byte) bool {
	return bytes.Contains(sent, []byte("\x00commit\x00")) && bytes.Contains(sent, []byte{'E', 0, 0, 0, 9, 0, 0, 0, 0, 0})
}

// readable makes pgx send the text of statements.
const readable = "&default_query_exec_mode=cache_describe"

// The connection breaks before the server gets the COMMIT, or before its answer arrives. The write is stored exactly once, and the caller
// learns that.
func TestLostAnswerOfACommitIsResolved(t *testing.T) {
	t.Parallel()
	for name, verdict := range map[string]pgtest.Verdict{"before": pgtest.Before, "after": pgtest.After} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := pgtest.NewProxy(t, server.Cluster(t))
			s := open(t, proxy.URL(server.Database(t))+readable)
			furnish(t, s)
			var broken atomic.Int32
			proxy.Judge(func(sent []byte) pgtest.Verdict {
				if isCommit(sent) && bytes.Contains(sent, []byte("insert into usr")) && broken.Add(1)%2 == 1 {
					return verdict
				}
				return pgtest.Pass
			})
			o := newOracle()
			for n := range 20 {
				if err := create(t, s, n); err != nil {
					t.Fatalf("user %d: %v", n, err)
				}
				o.done[n] = true
			}
			if broken.Load() < 20 {
				t.Errorf("%d commits were looked at", broken.Load())
			}
			expectSound(t, o, s)
		})
	}
}

// TestBrokenConnectionsLoseNoWrite breaks connections at any moment while many clients write.
func TestBrokenConnectionsLoseNoWrite(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	url := proxy.URL(server.Database(t))
	stores := []store.Store{open(t, url), open(t, url)}
	furnish(t, stores[0])
	var sent atomic.Int32
	proxy.Judge(func([]byte) pgtest.Verdict {
		switch n := sent.Add(1); {
		case n%53 == 0:
			return pgtest.Before
		case n%37 == 0:
			return pgtest.After
		}
		return pgtest.Pass
	})
	o := newOracle()
	load(t, o, stores, 400)
	proxy.Judge(nil)
	if len(o.done) < 300 {
		t.Errorf("only %d of 400 were written", len(o.done))
	}
	expectSound(t, o, stores[1])
}

// load creates users with all stores at once.
func load(t *testing.T, o *oracle, stores []store.Store, users int) {
	var all sync.WaitGroup
	var next atomic.Int32
	for i := range 16 {
		all.Go(func() {
			for n := int(next.Add(1)); n <= users; n = int(next.Add(1)) {
				if !o.create(t, stores[i%len(stores)], n) {
					return
				}
			}
		})
	}
	all.Wait()
}

// TestKilledBackendsLoseNoWrite kills a process of PostgreSQL with -9 while many clients write. PostgreSQL then closes all connections and
// recovers.
func TestKilledBackendsLoseNoWrite(t *testing.T) {
	t.Parallel()
	c := ownCluster(t, pgtest.Settings{"restart_after_crash": "on"})
	url := prepared(t, c)
	first := open(t, url)
	stores := []store.Store{first, open(t, url)}
	furnish(t, stores[0])
	o := newOracle()
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		for range 3 {
			select {
			case <-stop:
				return
			case <-time.After(700 * time.Millisecond):
				c.KillBackend()
			}
		}
	})
	load(t, o, stores, 1500)
	close(stop)
	killer.Wait()
	for range 100 { // it may be recovering
		if first.Probe(t.Context()) == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	expectSound(t, o, stores[0])
}

// ownCluster is a server that one test may kill.
func ownCluster(t *testing.T, settings pgtest.Settings) *pgtest.Cluster {
	t.Helper()
	c, err := pgtest.Init(pgtest.Folder(t), settings)
	must(t, err)
	t.Cleanup(c.Stop)
	return c
}

// prepared makes the database of a test on a server of its own.
func prepared(t *testing.T, c *pgtest.Cluster) string {
	t.Helper()
	must(t, c.Exec("postgres", "create database drawbridge"))
	url := c.URL("drawbridge")
	_, err := postgres.Migrate(t.Context(), url)
	must(t, err)
	return url
}

// A commit waits for a standby that is away, and an operator cancels the wait. PostgreSQL answers with success, and only a warning says
// that the standby does not have the write. The caller must not get success.
func TestCancelledWaitForAStandbyIsNoSuccess(t *testing.T) {
	t.Parallel()
	c := ownCluster(t, pgtest.Settings{"fsync": "off"})
	url := prepared(t, c)
	s, err := postgres.Open(t.Context(), url, postgres.Options{Connections: 4, Timeout: 1500 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	furnish(t, s)
	must(t, c.Exec("postgres", "alter system set synchronous_standby_names = 'away'", "select pg_reload_conf()"))
	waiting := "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
	cancel := "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"

	// PostgreSQL answers with success here: the store must not trust that.
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	answer := make(chan error, 1)
	// The server begins to wait for the standby some time after it was told to.
	for waits := false; !waits; {
		tx, err := conn.Begin(t.Context())
		must(t, err)
		_, err = tx.Exec(t.Context(), "insert into batch (id) values (gen_random_uuid())")
		must(t, err)
		go func() { answer <- tx.Commit(t.Context()) }()
		for ended := false; !ended && !waits; {
			select {
			case err := <-answer:
				must(t, err)
				ended = true
			case <-time.After(10 * time.Millisecond):
				n, err := c.Ask("postgres", waiting)
				must(t, err)
				waits = n == "1"
			}
		}
	}
	must(t, c.Exec("postgres", cancel))
	if err := <-answer; err != nil {
		t.Fatalf("PostgreSQL no longer answers a cancelled wait with success: %v", err)
	}

	go func() { answer <- create(t, s, 1) }()
	until(t, c, waiting, "1")
	must(t, c.Exec("postgres", cancel))
	if err := <-answer; !directory.IsUnknown(err) {
		t.Fatalf("a write that no standby has was answered with %v", err)
	}
	go func() { answer <- s.Probe(t.Context()) }()
	until(t, c, waiting, "1")
	// The wait that was cancelled may have been that of a task in the background, so all are cancelled until the probe has ended.
	var probed error
	for ended := false; !ended; {
		must(t, c.Exec("postgres", cancel))
		select {
		case probed = <-answer:
			ended = true
		case <-time.After(50 * time.Millisecond):
		}
	}
	if probed == nil {
		t.Error("the store is ready although commits do not reach the standby")
	}

	// The standby is given up: what was unknown is there, once, and service resumes by itself.
	must(t, c.Exec("postgres", "alter system set synchronous_standby_names = ''", "select pg_reload_conf()"))
	must(t, create(t, s, 2))
	must(t, s.Probe(t.Context()))
	o := newOracle()
	o.unknown[1], o.done[2] = true, true
	expectSound(t, o, s)
}

// until waits until a query gives a text.
func until(t *testing.T, c *pgtest.Cluster, sql, want string) {
	t.Helper()
	got := ""
	for range 200 {
		var err error
		if got, err = c.Ask("postgres", sql); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s gives %s, want %s", strings.TrimSpace(sql), got, want)
}
