package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Bouncer starts a PgBouncer in transaction mode in front of the server, and gives a function that turns the URL of a database into one of
// the bouncer.
func (s *Server) Bouncer(t testing.TB) func(url string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
	}
	c := s.Cluster(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
auth_type = any
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
logfile =
unix_socket_dir =
`, c.Port, port)
	config = strings.Replace(config, "* = host", "* = user=postgres host", 1)
	path := filepath.Join(s.dir, fmt.Sprintf("pgbouncer-%d.ini", port))
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil { //nolint:gosec // another user reads it
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), program, path) //nolint:gosec // a program of the distribution
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.uid, Pdeathsig: syscall.SIGKILL}
	out := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (on Debian and Ubuntu: apt-get install pgbouncer)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	through := func(url string) string {
		return strings.Replace(url, fmt.Sprintf(":%d/", c.Port), fmt.Sprintf(":%d/", port), 1) + "&default_query_exec_mode=cache_describe"
	}
	for range 200 {
		conn, err := pgx.Connect(context.Background(), through(c.URL("postgres")))
		if err == nil {
			_ = conn.Close(context.Background())
			return through
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("PgBouncer does not answer:\n%s", out)
	return nil
}
