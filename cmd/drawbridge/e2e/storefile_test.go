//go:build linux

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
)

// people writes users over SCIM, and remembers which were acknowledged.
type people struct {
	token        string
	acknowledged []string
	n            int
}

// create sends one POST and returns the status.
func (p *people) create(t *testing.T, base string) (status int, answer string) {
	t.Helper()
	p.n++
	name := fmt.Sprintf("u%d", p.n)
	body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q}`, name)
	status, answer = send(t, http.MethodPost, base+"/Users", p.token, body)
	if status == http.StatusCreated {
		p.acknowledged = append(p.acknowledged, name)
	}
	return status, answer
}

// createUntilRefused writes until a full disk refuses it: the store has some free pages.
func (p *people) createUntilRefused(t *testing.T, base string) {
	t.Helper()
	status, answer := 0, ""
	for range 2000 {
		if status, answer = p.create(t, base); status != http.StatusCreated {
			break
		}
	}
	if status != http.StatusServiceUnavailable {
		t.Fatalf("a full disk answers %d %s", status, answer)
	}
}

// check fails the test if an acknowledged user does not exist.
func (p *people) check(t *testing.T, base string) {
	t.Helper()
	for _, name := range p.acknowledged {
		filter := "/Users?filter=" + url.QueryEscape(fmt.Sprintf("userName eq %q", name))
		if status, answer := send(t, http.MethodGet, base+filter, p.token, ""); status != http.StatusOK || !strings.Contains(answer, `"totalResults":1`) {
			t.Errorf("%s was acknowledged and is lost: %d %s", name, status, answer)
		}
	}
}

func send(t *testing.T, method, url, token, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyOf(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, text, 0o600)) // in place: the file keeps its inode
}

// fileAttack is what an administrator or a tool does to the store file of a running server by mistake.
type fileAttack struct {
	attack   func(t *testing.T, data string) // data is a symlink to the folder data+".real"
	word     string                          // in the message
	reads    int
	recovers bool // after repair; otherwise after a restart
	rescue   bool // the log says where the content can be copied from
	repair   func(t *testing.T, data string)
}

// play does it to a server of its own, and repairs it.
func (a fileAttack) play(t *testing.T) {
	data := filepath.Join(shortDir(t), "d")
	must(t, os.Mkdir(data+".real", 0o700))
	must(t, os.Symlink(data+".real", data))
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "generic", 0)
	base := p.base(t, "acme")
	server := strings.TrimSuffix(base, "/scim/v2/acme")
	all := &people{token: issued.Token}
	done(t, "backup", "--data", data, "--to", data+".backup")
	for range 5 {
		if status, answer := all.create(t, base); status != http.StatusCreated {
			t.Fatalf("before: %d %s", status, answer)
		}
	}
	if status := probe(t, server+"/readyz"); status != http.StatusOK {
		t.Fatalf("/readyz before: %d\n%s", status, p.out)
	}

	a.attack(t, data)
	a.isNoticed(t, p, all, base, data)

	if a.rescue {
		path := regexp.MustCompile(`/proc/\d+/fd/\d+`).FindString(p.out.String())
		copyOf(t, path, data+".saved")
	}
	if !a.recovers {
		_ = p.end(t, syscall.SIGTERM) // it may fail to write beside a file that is gone
	}
	a.repair(t, data)
	if !a.recovers {
		p = serve(t, data)
		base = p.base(t, "acme")
		server = strings.TrimSuffix(base, "/scim/v2/acme")
	}
	waitFor(t, "/readyz green", func() bool { return probe(t, server+"/readyz") == http.StatusOK })
	if status, answer := all.create(t, base); status != http.StatusCreated {
		t.Errorf("a write after the repair: %d %s", status, answer)
	}
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
	p = serve(t, data)
	all.check(t, p.base(t, "acme"))
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// isNoticed: from now on no write is acknowledged, and /readyz, the log and the answers to clients say what they should.
func (a fileAttack) isNoticed(t *testing.T, p *process, all *people, base, data string) {
	t.Helper()
	server := strings.TrimSuffix(base, "/scim/v2/acme")
	if status := probe(t, server+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("the first look at /readyz after it: %d", status)
	}
	for range 3 {
		status, answer := all.create(t, base)
		if status != http.StatusServiceUnavailable {
			t.Errorf("a write after it: %d %s", status, answer)
		}
		if strings.Contains(answer, data) {
			t.Errorf("a stranger sees the path: %s", answer)
		}
	}
	if status, answer := send(t, http.MethodGet, base+"/Users?count=1", all.token, ""); status != a.reads {
		t.Errorf("a read after it: %d %s", status, answer)
	}
	waitFor(t, "a line in the log", func() bool {
		return strings.Contains(p.out.String(), a.word) && strings.Contains(p.out.String(), data)
	})
	if strings.Contains(p.out.String(), "goroutine ") {
		t.Errorf("it panicked:\n%s", p.out)
	}
}

// TestNoWriteIsAcknowledgedWithoutTheStoreFile moves, replaces or deletes the store file of a running server, as administrators and tools
// do by mistake. From then on no write is acknowledged, /readyz reports it at once, and the log and the status contain the cause and the
// path. No acknowledged write is lost.
func TestNoWriteIsAcknowledgedWithoutTheStoreFile(t *testing.T) {
	t.Parallel()
	const (
		reads    = http.StatusOK
		refused  = http.StatusServiceUnavailable
		recovers = true
	)
	for name, test := range map[string]fileAttack{
		"moved": {
			attack: func(t *testing.T, data string) { must(t, os.Rename(data+"/drawbridge.db", data+"/old.db")) },
			word:   "was moved or deleted", reads: reads, recovers: recovers,
			repair: func(t *testing.T, data string) { must(t, os.Rename(data+"/old.db", data+"/drawbridge.db")) },
		},
		"replaced by a copy": {
			attack: func(t *testing.T, data string) {
				must(t, os.Link(data+"/drawbridge.db", data+"/old.db"))
				copyOf(t, data+"/drawbridge.db", data+"/new.db")
				must(t, os.Rename(data+"/new.db", data+"/drawbridge.db"))
			},
			word: "was replaced", reads: reads,
			repair: func(t *testing.T, data string) { must(t, os.Rename(data+"/old.db", data+"/drawbridge.db")) },
			// The operator puts the old file back, and the server continues.
			recovers: recovers,
		},
		"deleted": {
			attack: func(t *testing.T, data string) { must(t, os.Remove(data+"/drawbridge.db")) },
			word:   "was moved or deleted", reads: reads, rescue: true,
			repair: func(t *testing.T, data string) { must(t, os.Rename(data+".saved", data+"/drawbridge.db")) },
		},
		"its folder renamed": {
			attack: func(t *testing.T, data string) { must(t, os.Rename(data+".real", data+".other")) },
			word:   "folder", reads: reads, recovers: recovers,
			repair: func(t *testing.T, data string) { must(t, os.Rename(data+".other", data+".real")) },
		},
		"a symlink that leads elsewhere": {
			attack: func(t *testing.T, data string) {
				must(t, os.Mkdir(data+".other", 0o700))
				copyOf(t, data+"/drawbridge.db", data+".other/drawbridge.db")
				must(t, os.Remove(data))
				must(t, os.Symlink(data+".other", data))
			},
			word: "was replaced", reads: reads, recovers: recovers,
			repair: func(t *testing.T, data string) {
				must(t, os.Remove(data))
				must(t, os.Symlink(data+".real", data))
			},
		},
		"cut short": {
			attack: func(t *testing.T, data string) {
				copyOf(t, data+"/drawbridge.db", data+".saved")
				info, err := os.Stat(data + "/drawbridge.db")
				must(t, err)
				must(t, os.Truncate(data+"/drawbridge.db", info.Size()/2))
			},
			word: "was cut short", reads: refused,
			repair: func(t *testing.T, data string) { copyOf(t, data+".saved", data+"/drawbridge.db") },
		},
		"emptied": {
			attack: func(t *testing.T, data string) {
				copyOf(t, data+"/drawbridge.db", data+".saved")
				must(t, os.Truncate(data+"/drawbridge.db", 0))
			},
			word: "was cut short", reads: refused,
			repair: func(t *testing.T, data string) { copyOf(t, data+".saved", data+"/drawbridge.db") },
		},
		"overwritten in place by an old backup": {
			attack: func(t *testing.T, data string) {
				copyOf(t, data+"/drawbridge.db", data+".saved")
				f, err := os.OpenFile(data+"/drawbridge.db", os.O_WRONLY, 0) // it is as long as it was at each moment
				must(t, err)
				old, err := os.ReadFile(data + ".backup")
				must(t, err)
				_, err = f.WriteAt(old, 0)
				must(t, errors.Join(err, f.Close()))
			},
			word: "was overwritten", reads: refused,
			repair: func(t *testing.T, data string) { copyOf(t, data+".saved", data+"/drawbridge.db") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.play(t)
		})
	}
}

// TestStoreFileMovedUnderLoad moves the file away and back while many clients write, again and again. While it is away no write is
// acknowledged, and every acknowledged write is in the file afterwards.
func TestStoreFileMovedUnderLoad(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "generic", 0)
	base := p.base(t, "acme")
	stop, finished := make(chan struct{}), make(chan *people)
	const writers = 8
	var moves atomic.Int64 // odd: the file is moved away
	for i := range writers {
		go func() {
			all := &people{token: issued.Token, n: i * 1_000_000}
			for {
				select {
				case <-stop:
					finished <- all
					return
				default:
					before := moves.Load()
					status, _ := all.create(t, base)
					if status == http.StatusCreated && before%2 == 1 && moves.Load() == before {
						t.Error("a write was acknowledged while the file was away")
					}
				}
			}
		}()
	}
	other := filepath.Join(data, "other.db")
	must(t, os.WriteFile(other, []byte("something else"), 0o600))
	for range 20 {
		time.Sleep(10 * time.Millisecond)
		must(t, os.Rename(data+"/drawbridge.db", data+"/moved.db"))
		moves.Add(1)
		must(t, os.Rename(other, data+"/drawbridge.db"))
		time.Sleep(5 * time.Millisecond)
		must(t, os.Rename(data+"/drawbridge.db", other))
		moves.Add(1)
		must(t, os.Rename(data+"/moved.db", data+"/drawbridge.db"))
	}
	close(stop)
	lists := make([]*people, 0, writers)
	for range writers {
		lists = append(lists, <-finished)
	}
	if err := p.end(t, syscall.SIGKILL); err == nil {
		t.Fatal("it was killed and ended well")
	}
	p = serve(t, data)
	written := 0
	for _, all := range lists {
		written += len(all.acknowledged)
		all.check(t, p.base(t, "acme"))
	}
	if written == 0 {
		t.Error("nothing was acknowledged; the test proves nothing")
	}
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	done(t, "check", "--data", data)
}

// Without the file beside the store, a missing store would look like a new installation. The server notices that it is deleted, and writes
// it again.
func TestDeletedSidecarIsWrittenAgain(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	makeTenant(t, p.operator, "acme", "generic", 0)
	must(t, os.Remove(data+"/drawbridge.db.info"))
	waitFor(t, "the sidecar", func() bool { _, err := os.Stat(data + "/drawbridge.db.info"); return err == nil })
	_ = p.end(t, syscall.SIGKILL)
	must(t, os.Rename(data+"/drawbridge.db", data+"/moved.db"))
	if _, stderr, code := run(t, "serve", "--data", data, "--listen", "127.0.0.1:0"); code == 0 || !strings.Contains(stderr, "is missing, but there was a store") {
		t.Errorf("a missing store: %d %s", code, stderr)
	}
}

// unprivileged makes cmd run as a user without privileges, where the tests have them, and gives that user the data.
func unprivileged(t *testing.T, cmd *exec.Cmd, data string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	must(t, os.Chmod(filepath.Dir(cmd.Path), 0o755))
	must(t, os.Chmod(filepath.Dir(data), 0o755))
	must(t, filepath.WalkDir(data, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	}))
}

// asUser runs a command without privileges.
func asUser(t *testing.T, data string, args ...string) (output string, code int) {
	t.Helper()
	cmd := command(t, args...)
	unprivileged(t, cmd, data)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// A store without read or write permission is not called damaged. The operator sees the cause, the path, the mode and the user.
func TestStoreWithoutPermissionIsExplained(t *testing.T) {
	t.Parallel()
	data := filepath.Join(shortDir(t), "d")
	p := serve(t, data)
	makeTenant(t, p.operator, "acme", "generic", 0)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	file := data + "/drawbridge.db"
	for _, test := range []struct {
		name string
		path string
		mode os.FileMode
		args []string
		word string
	}{
		{"no permission to read", file, 0o200, []string{"serve", "--listen", "127.0.0.1:0"}, file},
		{"no permission to write", file, 0o400, []string{"serve", "--listen", "127.0.0.1:0"}, file},
		{"no permission at all", file, 0, []string{"check"}, file},
		{"no permission to enter the folder", data, 0, []string{"serve", "--listen", "127.0.0.1:0"}, data},
		{"no permission to write into the folder", data, 0o500, []string{"serve", "--listen", "127.0.0.1:0"}, "The folder " + data + " has mode"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, err := os.Stat(test.path)
			must(t, err)
			must(t, os.Chmod(test.path, test.mode))
			defer func() { must(t, os.Chmod(test.path, before.Mode().Perm())) }()
			out, code := asUser(t, data, append(test.args, "--data", data)...)
			if code == 0 || !strings.Contains(out, "permission denied") || !strings.Contains(out, test.word) {
				t.Errorf("exit code %d:\n%s", code, out)
			}
			if strings.Contains(out, "damaged") || strings.Contains(out, "backup") {
				t.Errorf("it is called damaged, or a backup is advised:\n%s", out)
			}
		})
	}
}

// TestServerRecoversWithItsPermissions removes the permissions of a running server. Without the permission to enter the folder, the server
// cannot know which file is there: it acknowledges nothing, says why, and continues when it has the permission. The permission of the file
// counts only when it is opened, so writes without it are in the file after a restart.
func TestServerRecoversWithItsPermissions(t *testing.T) {
	t.Parallel()
	data := filepath.Join(shortDir(t), "d")
	must(t, os.Mkdir(data, 0o700))
	p := &process{cmd: command(t, "serve", "--data", data, "--listen", "127.0.0.1:0"), out: &lockedBuffer{}, operator: client.New(data), ended: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	unprivileged(t, p.cmd, data)
	must(t, p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	waitFor(t, "the server", func() bool {
		status, err := p.operator.Status(t.Context())
		return err == nil && status.BaseURL != ""
	})
	issued := makeTenant(t, p.operator, "acme", "generic", 0)
	base := p.base(t, "acme")
	ready := strings.TrimSuffix(base, "/scim/v2/acme") + "/readyz"
	all := &people{token: issued.Token}
	create := func(want int) {
		t.Helper()
		if status, answer := all.create(t, base); status != want {
			t.Errorf("a write: %d %s", status, answer)
		}
	}
	create(http.StatusCreated)

	must(t, os.Chmod(data+"/drawbridge.db", 0))
	create(http.StatusCreated)
	must(t, os.Chmod(data, 0))
	if status := probe(t, ready); status != http.StatusServiceUnavailable {
		t.Errorf("the first look at /readyz: %d", status)
	}
	create(http.StatusServiceUnavailable)
	waitFor(t, "a line in the log", func() bool {
		return strings.Contains(p.out.String(), data+"/drawbridge.db cannot be reached: permission denied")
	})
	must(t, os.Chmod(data, 0o700))
	waitFor(t, "/readyz green", func() bool { return probe(t, ready) == http.StatusOK })
	create(http.StatusCreated)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
	must(t, os.Chmod(data+"/drawbridge.db", 0o600))
	p = serve(t, data)
	all.check(t, p.base(t, "acme"))
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// inNamespace prepares the program with its data folder on a small file system of its own: a shell runs script with the mount point
// as $0 and then becomes the program. root leads to the mount point as the program sees it, once it runs.
func inNamespace(t *testing.T, script string) (p *process, root func() string) {
	t.Helper()
	mount := shortDir(t)
	serve := command(t, "serve", "--data", mount+"/d", "--listen", "127.0.0.1:0")
	cmd := command(t)
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", "mount -t tmpfs -o size=16m none \"$0\" && " + script + ` exec "$@"`, mount}, serve.Args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	p = &process{cmd: cmd, out: &lockedBuffer{}, ended: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return p, func() string { return fmt.Sprintf("/proc/%d/root%s", cmd.Process.Pid, mount) }
}

// serveInNamespace waits until the program answers.
func serveInNamespace(t *testing.T, script string) (p *process, root string) {
	t.Helper()
	p, place := inNamespace(t, script)
	root = place()
	p.operator = client.New(root + "/d")
	waitFor(t, "the server", func() bool {
		select {
		case err := <-p.ended:
			t.Fatalf("the server ended: %v\n%s", err, p.out)
		default:
		}
		status, err := p.operator.Status(t.Context())
		return err == nil && status.BaseURL != ""
	})
	return p, root
}

// checkFull fails the test if the server does not say that its disk is full, or does not read.
func checkFull(t *testing.T, p *process, base, token string) {
	t.Helper()
	if status := probe(t, strings.TrimSuffix(base, "/scim/v2/acme")+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz on a full disk: %d", status)
	}
	status, err := p.operator.Status(t.Context())
	must(t, err)
	text := fmt.Sprint(status.Parts)
	if status.Ready || !strings.Contains(text, "no space left on device") || !strings.Contains(text, "drawbridge.db") {
		t.Errorf("the status does not name cause and path: %s", text)
	}
	if code, answer := send(t, http.MethodGet, base+"/Users?count=1", token, ""); code != http.StatusOK {
		t.Errorf("a read on a full disk: %d %s", code, answer)
	}
}

// fill leaves no room on a file system.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	piece := make([]byte, 1<<20)
	for len(piece) > 0 {
		if _, err := f.Write(piece); err != nil {
			piece = piece[:len(piece)/2]
		}
	}
	must(t, f.Close())
}

// TestServerRecoversFromAFullDisk fills the file system under a running server. Reads continue, writes are refused, and the first request
// to /readyz reports it. When there is space, all that ends without a restart.
func TestServerRecoversFromAFullDisk(t *testing.T) {
	t.Parallel()
	p, root := serveInNamespace(t, "")
	issued := makeTenant(t, p.operator, "acme", "generic", 0)
	all := &people{token: issued.Token}
	base := p.base(t, "acme")
	for range 5 {
		all.create(t, base)
	}
	fill(t, root+"/fill")
	all.createUntilRefused(t, base)
	checkFull(t, p, base, issued.Token)
	must(t, os.Remove(root+"/fill"))
	waitFor(t, "/readyz green", func() bool { return probe(t, strings.TrimSuffix(base, "/scim/v2/acme")+"/readyz") == http.StatusOK })
	if status, answer := all.create(t, base); status != http.StatusCreated {
		t.Errorf("a write after there was room: %d %s", status, answer)
	}
	all.check(t, base)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// The server starts, answers reads, and is not ready until there is space. The operator API on the network is on, so each start makes a
// link for the first Owner.
func TestStartOnAFullDisk(t *testing.T) {
	t.Parallel()
	source := filepath.Join(shortDir(t), "d")
	p := serve(t, source)
	issued := makeTenant(t, p.operator, "acme", "generic", 0)
	all := &people{token: issued.Token}
	for range 5 {
		all.create(t, p.base(t, "acme"))
	}
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p, root := serveInNamespace(t, `cp -a `+source+` "$0/d" && { cat /dev/zero >"$0/fill" 2>&- || true; } && export DRAWBRIDGE_API_ENABLED=true &&`)
	base := p.base(t, "acme")
	checkFull(t, p, base, issued.Token)
	all.createUntilRefused(t, base)
	must(t, os.Remove(root+"/fill"))
	waitFor(t, "/readyz green", func() bool { return probe(t, strings.TrimSuffix(base, "/scim/v2/acme")+"/readyz") == http.StatusOK })
	if status, answer := all.create(t, base); status != http.StatusCreated {
		t.Errorf("a write after there was room: %d %s", status, answer)
	}
	all.check(t, base)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// A start on a read-only file system fails with a sentence that says what is wrong and where.
func TestStartOnAReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	source := filepath.Join(shortDir(t), "d")
	p := serve(t, source)
	makeTenant(t, p.operator, "acme", "generic", 0)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p, _ = inNamespace(t, `cp -a `+source+` "$0/d" && mount -o remount,ro "$0" &&`)
	err := <-p.ended
	if out := p.out.String(); err == nil || !strings.Contains(out, "read-only file system") || !strings.Contains(out, "/d/drawbridge.db") {
		t.Errorf("%v\n%s", err, out)
	}
}
