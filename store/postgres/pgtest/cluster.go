package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a PostgreSQL server with its data, on 127.0.0.1.
type Cluster struct {
	Port int
	dir  string // of the data
	bin  string // of the programs
	log  string
	cmd  *exec.Cmd
	uid  *syscall.Credential // the user of the server; nil: the user of the tests
}

// Settings are lines of postgresql.conf: name → value.
type Settings map[string]string

// Quick is for tests that do not kill the server: nothing is synced to the disk.
func Quick() Settings {
	return Settings{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
}

// Programs gives the folder of the programs of PostgreSQL 15 or later, or an error that says what to install.
func Programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.SortFunc(found, func(a, b string) int { return versionOf(b) - versionOf(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	for _, path := range found {
		if version := versionOf(path); version == 0 || version >= 15 {
			return filepath.Dir(path), nil
		}
	}
	return "", errors.New("PostgreSQL 15 or later is not installed (on Debian and Ubuntu: apt-get install postgresql)")
}

func versionOf(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// Init makes a cluster under dir and starts it.
func Init(dir string, settings Settings) (*Cluster, error) {
	c, err := newCluster(dir)
	if err != nil {
		return nil, err
	}
	if out, err := c.command("initdb", "-D", c.dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := c.configure(settings); err != nil {
		return nil, err
	}
	err = c.Start()
	return c, err
}

// Standby makes a cluster under dir that follows c, and starts it. Commits of c wait for it once synchronous_standby_names of c is '*'.
func (c *Cluster) Standby(dir string) (*Cluster, error) {
	s, err := newCluster(dir)
	if err != nil {
		return nil, err
	}
	out, err := s.command("pg_basebackup", "-D", s.dir, "-R", "-X", "stream", "-c", "fast", "-d", c.URL("postgres")).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}
	// Settings of alter system on the primary, such as synchronous_standby_names, do not apply to the standby.
	auto, err := os.ReadFile(filepath.Join(s.dir, "postgresql.auto.conf"))
	if err != nil {
		return nil, err
	}
	lines := slices.DeleteFunc(strings.Split(string(auto), "\n"), func(line string) bool { return !strings.HasPrefix(line, "primary_conninfo") })
	if err := errors.Join(s.write("postgresql.auto.conf", []byte(strings.Join(lines, "\n")+"\n")), s.configure(Settings{"max_connections": "400"})); err != nil {
		return nil, err
	}
	err = s.Start()
	return s, err
}

// Promote makes a standby a primary, and waits until it accepts writes.
func (c *Cluster) Promote() error {
	return c.Exec("postgres", "select pg_promote(true, 60)")
}

// RequirePassword makes the server ask all users except one for a password.
func (c *Cluster) RequirePassword(but string) error {
	lines := "host all " + but + " 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := c.write("pg_hba.conf", []byte(lines)); err != nil {
		return err
	}
	return c.Exec("postgres", "select pg_reload_conf()")
}

// newCluster prepares the folder. The server refuses to run as root, so then another user runs it, and owns the folder.
func newCluster(dir string) (*Cluster, error) {
	bin, err := Programs()
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: filepath.Join(dir, "data"), log: filepath.Join(dir, "log"), bin: bin}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // another user must be able to enter it
		return nil, err
	}
	if os.Getuid() == 0 {
		if c.uid, err = unprivileged(); err != nil {
			return nil, err
		}
		if err := os.Chown(dir, int(c.uid.Uid), int(c.uid.Gid)); err != nil {
			return nil, err
		}
	}
	c.Port, err = freePort()
	return c, err
}

func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is no unprivileged user to run it as")
}

// freePort gives a port on which nothing listens now.
func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address")
	}
	return address.Port, nil
}

func (c *Cluster) configure(settings Settings) error {
	all := Settings{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(c.Port), "unix_socket_directories": "", "max_connections": "400",
		"shared_buffers": "64MB", "log_min_messages": "warning", "autovacuum_naptime": "5s", "max_wal_size": "256MB",
	}
	for name, value := range settings {
		all[name] = value
	}
	var b bytes.Buffer
	for name, value := range all {
		fmt.Fprintf(&b, "%s = '%s'\n", name, value)
	}
	return c.write("postgresql.conf", b.Bytes())
}

// write puts a file into the data folder, for the user who runs the server.
func (c *Cluster) write(name string, content []byte) error {
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil { //nolint:gosec // a file of a test
		return err
	}
	if c.uid == nil {
		return nil
	}
	return os.Chown(path, int(c.uid.Uid), int(c.uid.Gid))
}

// command is a program of PostgreSQL, run by the user of the cluster.
func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(c.bin, name), args...) //nolint:gosec // a program of PostgreSQL
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	// The server must not outlive the tests, for whatever reason they end.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.uid, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	return cmd
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start() error {
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // a log of a test
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	c.cmd = c.command("postgres", "-D", c.dir)
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if err := c.cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func(cmd *exec.Cmd) {
		_ = cmd.Wait()
		close(ended)
	}(c.cmd)
	for range 600 {
		conn, err := pgx.Connect(context.Background(), c.URL("postgres"))
		if err == nil {
			_ = conn.Close(context.Background())
			return nil
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(c.log)
			return fmt.Errorf("the server ended:\n%s", text)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("the server does not answer")
}

// URL leads to a database of the cluster.
func (c *Cluster) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.Port, database)
}

// Kill ends all processes of the server at once, as a machine that loses power does.
func (c *Cluster) Kill() {
	if c.cmd == nil || c.cmd.Process == nil {
		return
	}
	pids := append(c.children(), c.cmd.Process.Pid)
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	for _, pid := range pids { // until the port is free again
		for syscall.Kill(pid, 0) == nil {
			time.Sleep(5 * time.Millisecond)
		}
	}
	c.cmd = nil
}

// children are the processes of the server.
func (c *Cluster) children() (pids []int) {
	out, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", c.cmd.Process.Pid, c.cmd.Process.Pid))
	for _, text := range strings.Fields(string(out)) {
		if pid, err := strconv.Atoi(text); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Stop ends the server, without waiting for its clients.
func (c *Cluster) Stop() {
	if c.cmd == nil || c.cmd.Process == nil {
		return
	}
	process := c.cmd.Process
	_ = process.Signal(syscall.SIGINT)
	for range 400 {
		if syscall.Kill(process.Pid, 0) != nil {
			c.cmd = nil
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	c.Kill()
}

// Exec runs statements in a database.
func (c *Cluster) Exec(database string, statements ...string) error {
	conn, err := pgx.Connect(context.Background(), c.URL(database))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// KillBackend kills one of the processes that serve clients, as the kernel does when memory runs out.
func (c *Cluster) KillBackend() {
	for _, pid := range c.children() {
		title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.Contains(string(title), "127.0.0.1") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			return
		}
	}
}

// Ask gives the first column of the first row of a query, as text.
func (c *Cluster) Ask(database, sql string) (text string, err error) {
	conn, err := pgx.Connect(context.Background(), c.URL(database))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var value any
	if err := conn.QueryRow(context.Background(), sql).Scan(&value); err != nil {
		return "", err
	}
	return fmt.Sprint(value), nil
}

// RoundTrip makes a connection and gives a function that makes one round trip on it.
func RoundTrip(t testing.TB, url string) func() {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return func() {
		if _, err := conn.Exec(t.Context(), "select 1"); err != nil {
			t.Error(err)
		}
	}
}

// Folder is a folder for a cluster, in which another user may work.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
