package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/wire"
	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
)

// TestKillOfOneServerLosesNothing kills one of two servers with -9 while both write. Every write that either acknowledged is stored. The
// other server continues, and takes over the jobs.
func TestKillOfOneServerLosesNothing(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	env := []string{
		"DRAWBRIDGE_STORE_URL=" + database.Database(t), "DRAWBRIDGE_SHUTDOWN_DELAY=1ms",
		"DRAWBRIDGE_MAIL_HOST=127.0.0.1", "DRAWBRIDGE_MAIL_TLS=none", "DRAWBRIDGE_MAIL_FROM=drawbridge@example.test",
	} // for a job that runs often; no mail waits
	data := shortDir(t)
	first := serve(t, data, env...) // it leads: it came first
	second := serve(t, shortDir(t), env...)
	waitFor(t, "a leader", func() bool { return leads(t, first) })
	issued := makeTenant(t, first.operator, "acme", "okta", 0)
	load := newLoad(issued.Token, 6)
	for i, w := range load.writers {
		w.base = []*process{first, second}[i%2].base(t, "acme")
	}
	var killed time.Time
	load.run(t, "", 100*time.Millisecond, func() {
		_ = first.end(t, syscall.SIGKILL)
		killed = time.Now()
		writeMore(t, []*writer{load.writers[1], load.writers[3], load.writers[5]})
	})
	if cut := load.cut.Load(); cut != 3 {
		t.Errorf("%d writers were cut off, want the 3 of the server that was killed", cut)
	}
	load.verify(t, second, "after one of two was killed")
	first = serve(t, data, env...)
	load.verify(t, first, "on a server in the place of the one that was killed")

	// The lease of the leader ends half a minute after it was renewed last; one of the two that live takes it.
	for deadline := time.Now().Add(90 * time.Second); !leads(t, first) && !leads(t, second); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no server took over the jobs")
		}
	}
	waitFor(t, "a run of the job mail", func() bool {
		for _, j := range ok[wire.Page[wire.Job]](t)(second.operator.Jobs(t.Context())).Items {
			if j.Name == "mail" && j.Success != nil && j.LastRun != nil && j.LastRun.After(killed.Add(5*time.Second)) {
				return true
			}
		}
		return false
	})
}

// leads reports whether a server runs the jobs.
func leads(t *testing.T, p *process) bool {
	t.Helper()
	servers := ok[wire.Status](t)(p.operator.Status(t.Context())).Store.Servers
	return slices.ContainsFunc(servers, func(s wire.ServerStatus) bool { return s.Self && s.Leader })
}

// TestRollingRestartFailsNoRequest replaces two servers, one after the other, under load behind HAProxy as deploy/haproxy.cfg configures
// it, but without retries. No request fails: a server that stops answers requests until HAProxy has noticed.
func TestRollingRestartFailsNoRequest(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	one, two, front := freeAddress(t), freeAddress(t), freeAddress(t)
	env := []string{"DRAWBRIDGE_STORE_URL=" + database.Database(t), "DRAWBRIDGE_BASE_URL=http://" + front, "DRAWBRIDGE_LIMITS_APP_RATE=0"}
	addresses := []string{one, two}
	servers := []*process{serveAt(t, one, shortDir(t), env...), serveAt(t, two, shortDir(t), env...)}
	balancer := startHAProxy(t, front, one, two)
	bothUp := func() { waitFor(t, "two servers that HAProxy uses", func() bool { return balancer.up() == 2 }) }
	bothUp()
	issued := makeTenant(t, servers[0].operator, "acme", "okta", 0)
	key := ok[wire.IssuedAppKey](t)(servers[0].operator.CreateAppKey(t.Context(), "acme", wire.AppKeyCreate{Name: "portal"}))
	reading, end := context.WithCancel(t.Context())
	var reader sync.WaitGroup
	reader.Go(func() { readFeed(reading, t, "http://"+front+"/app/v1/tenants/acme/events", key.Key) })

	load := newLoad(issued.Token, 4)
	load.run(t, issued.BaseURL, 100*time.Millisecond, func() {
		for i := range servers {
			if err := servers[i].end(t, syscall.SIGTERM); err != nil {
				t.Errorf("the server ended with %v\n%s", err, servers[i].out)
			}
			servers[i] = serveAt(t, addresses[i], shortDir(t), env...)
			bothUp()
			writeMore(t, load.writers)
		}
	})
	end()
	reader.Wait()
	if cut := load.cut.Load(); cut != 0 {
		t.Errorf("%d of %d writers had a request that failed", cut, len(load.writers))
	}
	load.verify(t, servers[0], "after a rolling restart")
}

// freeAddress is an address on which nothing listens now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l := ok[net.Listener](t)((&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"))
	defer l.Close()
	return l.Addr().String()
}

// haproxy is a running HAProxy.
type haproxy struct{ socket string }

// startHAProxy runs deploy/haproxy.cfg with other addresses, and without second tries, which would hide a request that failed.
func startHAProxy(t *testing.T, front, one, two string) *haproxy {
	t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		program = "/usr/sbin/haproxy"
	}
	text := string(ok[[]byte](t)(os.ReadFile("../../../deploy/haproxy.cfg")))
	dir := shortDir(t)
	h := &haproxy{socket: filepath.Join(dir, "stats")}
	for from, to := range map[string]string{"bind :8080": "bind " + front, "one:8080": one, "two:8080": two, "retries 2": "retries 0"} {
		if strings.Count(text, from) != 1 {
			t.Fatalf("deploy/haproxy.cfg has not one %q", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte("global\n  stats socket "+h.socket+"\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-db", "-f", file)
	out := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (on Debian and Ubuntu: apt-get install haproxy)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("HAProxy said:\n%s", out)
		}
	})
	return h
}

// up counts the servers that HAProxy uses.
func (h *haproxy) up() int {
	conn, err := net.Dial("unix", h.socket)
	if err != nil {
		return 0
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "show stat\n"); err != nil {
		return 0
	}
	text, _ := io.ReadAll(conn)
	return len(regexp.MustCompile(`(?m)^servers,(one|two),.*,UP,`).FindAll(text, -1))
}

// readFeed reads the feed until ctx ends. Every answer must be a good one, and no event may be missing.
func readFeed(ctx context.Context, t *testing.T, address, key string) {
	cursor, next := "", uint64(1)
	for ctx.Err() == nil {
		status, text := fetch(t, http.MethodGet, fmt.Sprintf("%s?wait=1&cursor=%s", address, url.QueryEscape(cursor)), key, "")
		var feed wire.Feed
		if err := json.Unmarshal([]byte(text), &feed); err != nil || status != http.StatusOK {
			t.Errorf("the feed: %d %s", status, text)
			return
		}
		for _, e := range feed.Items {
			if e.Seq != next {
				t.Errorf("the feed goes on with event %d, want %d", e.Seq, next)
				return
			}
			next++
		}
		cursor = feed.Next
	}
}

// While the database is away, clients get Retry-After, and the server is not ready. It recovers by itself.
func TestServerRecoversWithTheDatabase(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	cluster := ok[*pgtest.Cluster](t)(pgtest.Init(pgtest.Folder(t), pgtest.Settings{"fsync": "off"}))
	t.Cleanup(cluster.Stop)
	if _, err := postgres.Migrate(t.Context(), cluster.URL("postgres")); err != nil {
		t.Fatal(err)
	}
	s := startOne(t, map[string]string{"store.url": cluster.URL("postgres"), "shutdown_delay": "1ms"})
	acme := s.tenant(t, "acme", "okta", 10)
	users := at(s) + "/scim/v2/acme/Users"
	ready := func() bool {
		status, _ := ask(t, "GET", at(s)+"/readyz", "", "")
		return status == http.StatusOK
	}
	waitFor(t, "a server that is ready", ready)
	cluster.Stop()
	var all sync.WaitGroup
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		all.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), method, users, http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+acme.Token)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
				t.Errorf("%s without a database: %d, Retry-After %q", method, res.StatusCode, res.Header.Get("Retry-After"))
			}
		})
	}
	all.Wait()
	waitFor(t, "a server that is not ready", func() bool { return !ready() })
	if err := cluster.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a server that is ready again", ready)
	if status, text := ask(t, "POST", users, acme.Token, person("ada")); status != http.StatusCreated {
		t.Errorf("with the database again: %d %s", status, text)
	}
}
