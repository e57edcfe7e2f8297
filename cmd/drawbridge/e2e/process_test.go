package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
)

// binary builds the program once, when the first test needs it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "drawbridge-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "drawbridge")
	out, err := exec.Command("go", "build", "-o", path, "drawbridge/cmd/drawbridge").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	attackAsOrdered()
	run := m.Run
	if bridges() > 1 {
		database, run = pgtest.Main(m, func(url string) error {
			_, err := postgres.Migrate(context.Background(), url)
			return err
		})
	}
	code := run()
	if path, err := binaryIfBuilt(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// built is set when a test has asked for the binary.
var built atomic.Bool

func binaryIfBuilt() (string, error) {
	if !built.Load() {
		return "", errors.New("not built")
	}
	return binary()
}

// process is the program as a child.
type process struct {
	cmd      *exec.Cmd
	out      *lockedBuffer
	operator *client.Client
	ended    chan error
}

// command prepares the program with arguments.
func command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	built.Store(true)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "DRAWBRIDGE_LIMITS_SCIM_RATE=0")
	return cmd
}

// serve starts the program on a data folder, with more variables if there are any, and waits until it answers.
func serve(t testing.TB, data string, env ...string) *process {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", data, env...)
}

// serveAt is serve on a certain address.
func serveAt(t testing.TB, address, data string, env ...string) *process {
	t.Helper()
	p := &process{cmd: command(t, "serve", "--data", data, "--listen", address), out: &lockedBuffer{}, operator: client.New(data), ended: make(chan error, 1)}
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	deadline := time.Now().Add(20 * time.Second)
	for {
		status, err := p.operator.Status(t.Context())
		if err == nil && status.BaseURL != "" {
			return p
		}
		select {
		case end := <-p.ended:
			t.Fatalf("the server ended: %v\n%s", end, p.out)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not answer: %v\n%s", err, p.out)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// base is the SCIM base URL of a connection; the port is another one after each start.
func (p *process) base(t testing.TB, connection string) string {
	t.Helper()
	status, err := p.operator.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status.BaseURL + "/scim/v2/" + connection
}

// end sends a signal and waits for the end of the process.
func (p *process) end(t testing.TB, signal syscall.Signal) error {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(40 * time.Second):
		t.Fatalf("the server did not end on %s\n%s", signal, p.out)
		return nil
	}
}

// A second server on the same folder refuses to start and says why.
func TestSecondServerOnAFolderIsRefused(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	first := serve(t, data)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	second := command(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	var out bytes.Buffer
	second.Stdout, second.Stderr = &out, &out
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		<-ctx.Done()
		_ = second.Process.Kill()
	}()
	if err := second.Wait(); err == nil || ctx.Err() != nil {
		t.Fatalf("a second server started or hung: %v\n%s", err, &out)
	}
	if text := out.String(); !strings.Contains(text, data) || !strings.Contains(text, "process") || strings.Contains(text, "goroutine") {
		t.Errorf("no sentence that says who holds the file: %s", text)
	}
	if _, err := first.operator.Status(t.Context()); err != nil {
		t.Errorf("the first server was disturbed: %v", err)
	}
	if err := first.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, first.out)
	}
}

// shortDir is a folder whose path is short enough for a socket.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "dbe2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// waitFor waits until something is so.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", what)
		}
	}
}
