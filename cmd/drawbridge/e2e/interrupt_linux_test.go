package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/wire"
)

// interruptOnce starts the program as a shell does, in a process group of its own, and sends SIGINT to the group as soon as at reports true. It
// gives the exit code and what the command printed.
func interruptOnce(t *testing.T, at func(pid int) bool, args ...string) (int, string) {
	t.Helper()
	cmd := command(t, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for sent := false; ; {
		select {
		case err := <-ended:
			if err != nil && cmd.ProcessState == nil {
				t.Fatal(err)
			}
			return cmd.ProcessState.ExitCode(), out.String()
		case <-time.After(time.Millisecond):
		}
		if !sent && at(cmd.Process.Pid) {
			sent = true
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// interrupt repeats interruptOnce until the signal came before the command was done. The files of dir must be what they were.
func interrupt(t *testing.T, dir string, c interruption) {
	t.Helper()
	for range 20 {
		for _, name := range append(c.makes, c.late...) {
			if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
		}
		before := contentOf(t, dir)
		code, out := interruptOnce(t, c.at, c.args...)
		if code == 0 || len(c.late) > 0 && !slices.ContainsFunc(c.late, missing) {
			continue
		}
		if want := "drawbridge: interrupted: " + c.says + "\n"; code != 130 || out != want {
			t.Errorf("%v: exit %d, %q; want %q", c.args, code, out, want)
		}
		waitFor(t, "the removal of the partial file", func() bool { return !fileIn(dir, ".*.partial")(0) })
		if after := contentOf(t, dir); after != before {
			t.Errorf("%v leaves\n%s\nthere was\n%s", c.args, after, before)
		}
		return
	}
	t.Errorf("%v was done before the signal, twenty times", c.args)
}

// interruption is a command, when it is interrupted, what it says then, and what it makes if it is not interrupted.
type interruption struct {
	args  []string
	at    func(pid int) bool
	says  string
	makes []string
	late  []string // made by the server, which may be done before it sees that its client is gone
}

func missing(name string) bool {
	_, err := os.Stat(name)
	return err != nil
}

// hasChild reports whether a process has started another one: a worker.
func hasChild(pid int) bool {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	return slices.ContainsFunc(tasks, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && len(bytes.TrimSpace(text)) > 0
	})
}

// fileIn reports whether a folder has a file that a pattern names.
func fileIn(dir, pattern string) func(int) bool {
	return func(int) bool {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		return len(found) > 0
	}
}

// contentOf is the names of the files of a folder with their checksums. A socket has none.
func contentOf(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, fmt.Sprintf("%s %x", path, sha256.Sum256(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// TestCtrlCLeavesTheStoreUnchanged interrupts each command that works long on a store. It must say in one sentence what is done and what is
// not, leave no half file, and leave the store as it was.
func TestCtrlCLeavesTheStoreUnchanged(t *testing.T) {
	t.Parallel()
	if bridges() > 1 {
		return // these commands work on a store file
	}
	dir := shortDir(t)
	data, copies, fresh := filepath.Join(dir, "data"), filepath.Join(dir, "copies"), filepath.Join(dir, "fresh")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	server := serve(t, data)
	makeTenant(t, server.operator, "acme", "okta", 0)
	whole, second, store := filepath.Join(copies, "whole.db"), filepath.Join(copies, "second.db"), filepath.Join(data, "drawbridge.db")
	if _, err := server.operator.Backup(t.Context(), wire.BackupCreate{To: whole}); err != nil {
		t.Fatal(err)
	}
	// The store of a running server may change, so only the copies are compared.
	interrupt(t, copies, interruption{
		args: []string{"backup", "--to", second, "--data", data}, at: fileIn(copies, ".second.db.*"),
		says: "the server stops the backup and leaves no partial file; a copy that was complete before stays", late: []string{second, second + ".sha256"},
	})
	if err := server.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for _, c := range []interruption{
		{args: []string{"check", "--data", data}, at: hasChild, says: "the check is not complete; it changes nothing"},
		{args: []string{"check", "--repair", "--data", data}, at: hasChild, says: "nothing was repaired, and " + store + " is as it was"},
		{args: []string{"compact", "--data", data}, at: fileIn(data, ".*.new.partial"), says: store + " is as it was, with its free space"},
		{args: []string{"restore", whole, "--data", fresh}, at: fileIn(fresh, ".*.partial"), says: whole + " is not restored into " + fresh + "; run the command again", makes: []string{fresh}},
	} {
		interrupt(t, dir, c)
	}
	if out, err := command(t, "check", "--data", data).CombinedOutput(); err != nil {
		t.Errorf("after all of this: %v, %s", err, out)
	}
}

// An interrupted move says what to do and leaves the source unchanged. The same command completes it.
func TestInterruptedMoveContinues(t *testing.T) {
	if bridges() < 2 {
		return // make postgres runs it
	}
	data, url := shortDir(t), database.Database(t)
	env := []string{"DRAWBRIDGE_STORE_URL=" + url, "DRAWBRIDGE_SHUTDOWN_DELAY=1ms"}
	server := serve(t, data, env...)
	for n := range 20 {
		makeTenant(t, server.operator, fmt.Sprintf("acme%d", n), "okta", 0)
	}
	want := everything(t, server.operator, "acme19")
	if err := server.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DRAWBRIDGE_STORE_URL", url)
	for range 20 {
		to := shortDir(t)
		code, out := interruptOnce(t, fileIn(to, "moving/*.db"), "move", "--data", data, "--to", to)
		if code == 0 {
			continue
		}
		if says := "drawbridge: interrupted: the source is as it was, and the destination is not complete; run the command again to continue\n"; code != 130 || !strings.HasSuffix(out, says) {
			t.Errorf("exit %d, %q", code, out)
		}
		if _, err := os.Stat(filepath.Join(to, "drawbridge.db")); err == nil {
			t.Error("a server would take half of the installation for all of it")
		}
		if out, err := command(t, "move", "--data", data, "--to", to).CombinedOutput(); err != nil || !strings.Contains(string(out), "done: ") {
			t.Fatalf("again: %v, %s", err, out)
		}
		t.Setenv("DRAWBRIDGE_STORE_URL", "")
		moved := serve(t, to)
		if got := everything(t, moved.operator, "acme19"); got != want {
			t.Errorf("after the move there is\n%s\nwant\n%s", got, want)
		}
		return
	}
	t.Error("the move was done before the signal, twenty times")
}
