package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
)

// run runs a command of the program to its end and gives what it printed and its exit code.
func run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := command(t, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// done runs a command that must succeed.
func done(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := run(t, args...)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", args, code, stdout, stderr)
	}
	return stdout
}

// everything reads all that can be read of a tenant over the operator's API, as text.
func everything(t *testing.T, c *client.Client, tenant string) string {
	t.Helper()
	var b strings.Builder
	add := func(what string, v any, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", what, text)
	}
	one, err := c.Tenant(t.Context(), tenant)
	one.LastSync = nil // changes with every request
	for i := range one.Connections {
		one.Connections[i].LastSuccess = nil
	}
	add("tenant", one, err)
	for cursor := ""; ; {
		page, err := c.Users(t.Context(), tenant, client.List{Cursor: cursor, Limit: 500})
		add("users", page.Items, err)
		for _, u := range page.Items {
			whole, err := c.User(t.Context(), tenant, u.ID)
			add("user", whole, err)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for cursor := ""; ; {
		page, err := c.Groups(t.Context(), tenant, client.List{Cursor: cursor, Limit: 500})
		add("groups", page.Items, err)
		for _, g := range page.Items {
			members, err := c.Members(t.Context(), tenant, g.ID, client.List{Limit: 500})
			add("members", members.Items, err)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for after := uint64(0); ; {
		page, err := c.Audit(t.Context(), tenant, after, 1000, 0)
		add("audit", page.Items, err)
		if len(page.Items) == 0 {
			break
		}
		after = page.Items[len(page.Items)-1].Seq
	}
	add("events", events(t, c, tenant, 0), nil)
	return b.String()
}

// TestRestoreBringsEveryRecordBack compares all readable data before a backup and after its restore.
func TestRestoreBringsEveryRecordBack(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	load := newLoad(issued.Token, 4)
	load.run(t, p.base(t, "acme"), 300*time.Millisecond, func() {
		if err := p.end(t, syscall.SIGTERM); err != nil { // requests in progress end with it
			t.Fatal(err)
		}
	})
	p = serve(t, data)
	want := everything(t, p.operator, "acme")
	backup := filepath.Join(shortDir(t), "copy.db")
	done(t, "backup", "--data", data, "--to", backup)
	load.run(t, p.base(t, "acme"), 100*time.Millisecond, func() {}) // later than the backup
	if everything(t, p.operator, "acme") == want {
		t.Fatal("nothing was written after the backup; the test proves nothing")
	}
	if err := p.end(t, syscall.SIGKILL); err == nil {
		t.Fatal("it was killed and ended well")
	}
	restored := filepath.Join(shortDir(t), "d")
	done(t, "restore", backup, "--data", restored)
	p = serve(t, restored)
	got, wanted := strings.Split(everything(t, p.operator, "acme"), "\n"), strings.Split(want, "\n")
	if len(got) != len(wanted) {
		t.Errorf("the restored store has %d lines, want %d", len(got), len(wanted))
	}
	for i := range min(len(got), len(wanted)) {
		if got[i] != wanted[i] {
			t.Fatalf("the restored store differs:\n%s\nwant\n%s", got[i], wanted[i])
		}
	}
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// TestBackupUnderLoadIsConsistent makes backups while writers write. Each is consistent, contains every write that was acknowledged before
// it began, and has a feed without a gap.
func TestBackupUnderLoadIsConsistent(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	load := newLoad(issued.Token, 6)
	dir := shortDir(t)
	type copied struct {
		path  string
		least uint64 // the last event before it began
	}
	var copies []copied
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			page, err := p.operator.Events(context.Background(), "acme", 0, 1, 0)
			if err != nil {
				t.Error(err)
				return
			}
			c := copied{filepath.Join(dir, fmt.Sprintf("copy%d.db", n)), page.Last}
			if _, err := p.operator.Backup(context.Background(), wire.BackupCreate{To: c.path}); err != nil {
				t.Errorf("backup %d: %v", n, err)
				return
			}
			copies = append(copies, c)
		}
	})
	load.run(t, p.base(t, "acme"), 1500*time.Millisecond, func() {
		close(stop)
		wg.Wait()
	})
	if len(copies) < 3 {
		t.Fatalf("only %d copies were made", len(copies))
	}
	t.Logf("%d copies while %d writes were acknowledged", len(copies), load.acknowledged)
	for _, c := range []copied{copies[0], copies[len(copies)/2], copies[len(copies)-1]} {
		done(t, "check", c.path)
		restored := filepath.Join(shortDir(t), "d")
		done(t, "restore", c.path, "--data", restored)
		again := serve(t, restored)
		checkFeed(t, again.operator, "acme", "in a copy")
		all := events(t, again.operator, "acme", 0)
		if last := all[len(all)-1].Seq; last < c.least {
			t.Errorf("%s ends at event %d, and %d was there before it began", c.path, last, c.least)
		}
		if err := again.end(t, syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
}

// bigStore makes a store that takes a while to copy, in a data folder.
func bigStore(t *testing.T, data string, people int) {
	t.Helper()
	s, err := bolt.Open(filepath.Join(data, "drawbridge.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	change := directory.Change{Tenant: &directory.Tenant{ID: "acme", Version: 1, Created: at, Name: "Acme", Plan: "business", Status: directory.TenantActive}}
	for n := range people {
		id := directory.ID{0x01, 0x95, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		name := fmt.Sprintf("person%d@acme.example", n)
		change.Users = append(change.Users, directory.User{
			ID: id, Version: 1, Created: at, Modified: at, UserName: name, ExternalID: name, Emails: []string{name}, State: directory.Active,
			Document: directory.Document(`{"userName":"` + name + `","title":"` + strings.Repeat("t", 400) + `"}`),
		})
		if len(change.Users) == 2000 || n == people-1 {
			change.Audit = []directory.Audit{{Time: at, Tenant: "acme", Action: "test", Outcome: directory.Done}}
			change.Events = []directory.Event{{Time: at, Tenant: "acme", Kind: directory.UserCreated}}
			if err := s.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) { return change, nil }); err != nil {
				t.Fatal(err)
			}
			change = directory.Change{}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// unindex damages an index entry in a file: the index has the record under another name.
func unindex(t *testing.T, file string) {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	entry := []byte("uperson777@acme.example\x00\x00")
	if !bytes.Contains(whole, entry) {
		t.Fatal("there is no such entry")
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(whole, entry, []byte("uperson777@acme.exampld\x00\x00")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _, code := run(t, "check", file); code != 1 || !strings.Contains(out, `missing in index "u"`) {
		t.Fatalf("exit code %d: %s", code, out)
	}
}

// usersIn reads how many users a check has counted; the check must find nothing.
func usersIn(t *testing.T, file string) int {
	t.Helper()
	var report wire.CheckReport
	if err := json.Unmarshal([]byte(done(t, "check", file, "-o", "json")), &report); err != nil {
		t.Fatal(err)
	}
	return report.Users
}

// killed starts a command and ends it with -9 after a while, unless it ends before.
func killed(t *testing.T, after time.Duration, args ...string) (wasKilled bool) {
	t.Helper()
	cmd := command(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var ended *exec.ExitError
	if err != nil && !asExit(err, &ended) {
		t.Fatal(err)
	}
	return err != nil
}

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError) //nolint:errorlint // Wait gives it as it is
	*to = e
	return ok
}

// killing kills commands on a data folder with -9 at random moments.
type killing struct {
	data, file string
	people     int // that are in the store all the time
	rounds     int
	whole      time.Duration // how long a command takes
	kills      int
}

func (k *killing) moment() time.Duration { return time.Duration(rand.Int64N(int64(k.whole))) }

// TestKilledDataCommandsCanBeRepeated kills compact, repair, restore and a server that makes a backup with -9 in the middle. The earlier
// data stays usable, and repeating the command works.
func TestKilledDataCommandsCanBeRepeated(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	k := &killing{data: data, file: filepath.Join(data, "drawbridge.db"), people: 8_000, rounds: 4}
	if testing.Short() {
		k.rounds = 2
	}
	bigStore(t, data, k.people)
	began := time.Now()
	done(t, "compact", "--data", data)
	k.whole = time.Since(began)
	k.compact(t)
	k.repair(t)
	k.restore(t, k.backup(t))
	t.Logf("%d kills", k.kills)
}

func (k *killing) compact(t *testing.T) {
	t.Helper()
	for range k.rounds {
		if killed(t, k.moment(), "compact", "--data", k.data) {
			k.kills++
		}
		if n := usersIn(t, k.file); n != k.people {
			t.Fatalf("%d of %d users are left after a compact that was killed", n, k.people)
		}
	}
	done(t, "compact", "--data", k.data)
}

// repair has something to repair: an index entry that is lost.
func (k *killing) repair(t *testing.T) {
	t.Helper()
	for range k.rounds {
		unindex(t, k.file)
		if killed(t, k.moment(), "check", "--repair", "--data", k.data) {
			k.kills++
		}
		done(t, "check", "--repair", "--data", k.data) // or nothing is left to do
		if n := usersIn(t, k.file); n != k.people {
			t.Fatalf("%d of %d users are left after a repair that was killed", n, k.people)
		}
	}
}

// backup kills a server that makes a backup: the store still works, and a file that looks like a backup is one.
func (k *killing) backup(t *testing.T) (path string) {
	t.Helper()
	backups := filepath.Join(k.data, "backups")
	for range k.rounds {
		p := serve(t, k.data)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = p.operator.Backup(context.Background(), wire.BackupCreate{})
		}()
		time.Sleep(k.moment() / 3)
		if err := p.end(t, syscall.SIGKILL); err != nil {
			k.kills++
		}
		<-ended
		all, err := filepath.Glob(filepath.Join(backups, "drawbridge-*.db"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range all {
			sum := exec.CommandContext(t.Context(), "sha256sum", "-c", "--quiet", filepath.Base(path)+".sha256")
			sum.Dir = backups
			if out, err := sum.CombinedOutput(); err != nil {
				t.Errorf("%s: %v %s", path, err, out)
			}
		}
	}
	p := serve(t, k.data)
	backup, err := p.operator.Backup(t.Context(), wire.BackupCreate{})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(backups, ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	return backup.Path
}

// restore is killed: no server takes the folder for a new installation, and the same command again does it.
func (k *killing) restore(t *testing.T, backup string) {
	t.Helper()
	restored := filepath.Join(shortDir(t), "d")
	for range k.rounds {
		if !killed(t, k.moment()/2, "restore", backup, "--data", restored) {
			break
		}
		k.kills++
		if _, err := os.Stat(filepath.Join(restored, "drawbridge.db")); err == nil {
			break // it was done
		}
		if _, err := os.Stat(restored); err != nil {
			continue // not even begun
		}
		if entries, _ := os.ReadDir(restored); len(entries) == 0 || len(entries) == 1 && strings.HasSuffix(entries[0].Name(), ".new") {
			continue // not begun either: the note that says so is not written yet
		}
		cmd := command(t, "serve", "--data", restored, "--listen", "127.0.0.1:0")
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "was interrupted; run the restore again") {
			t.Fatalf("a server started on half a restore, or does not say what to do: %v\n%s", err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(restored, "drawbridge.db")); err != nil {
		done(t, "restore", backup, "--data", restored)
	}
	if n := usersIn(t, filepath.Join(restored, "drawbridge.db")); n != k.people {
		t.Errorf("%d of %d users were restored", n, k.people)
	}
}

// copies checks copies of a store that are damaged.
type copies struct{ file, copied string }

// look checks a copy with this content.
func (c copies) look(t *testing.T, content []byte) (text string, code int) {
	t.Helper()
	if err := os.WriteFile(c.copied, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "check", c.copied)
	if strings.Contains(out+errs, "goroutine ") || strings.Contains(out+errs, "panic") {
		t.Errorf("a crash shows: %s%s", out, errs)
	}
	return out + errs, code
}

// unharmed is for a file without findings: the flipped bit must be in unused room. bbolt leaves old content of its buffer in
// the rest of a page, so texts also occur there.
func (c copies) unharmed(t *testing.T, what string, code int, said string) {
	t.Helper()
	if differences, err := bolt.Compare(t.Context(), c.file, c.copied, bolt.Options{}, bolt.Notes{}); code != 0 || err != nil || len(differences) > 0 {
		t.Errorf("%s: exit code %d: %s; the copy differs: %s %v", what, code, said, differences, err)
	}
}

// flipEverywhere flips a bit after every place of a text: in a record, in audit lines, in events. It returns what the checks say.
func (c copies) flipEverywhere(t *testing.T, whole []byte, in string) (said string) {
	t.Helper()
	for at, rest := 0, whole; ; {
		next := bytes.Index(rest, []byte(in))
		if next < 0 {
			return said
		}
		at, rest = at+next+len(in), rest[next+len(in):]
		damaged := bytes.Clone(whole)
		damaged[at-2] ^= 0x02
		text, code := c.look(t, damaged)
		if code != 1 {
			c.unharmed(t, "a flip in "+in, code, text)
		}
		said += text
	}
}

// TestCheckFindsFlippedBytes flips bytes in copies of a real store and runs check. It finds every flip in a record and names the record,
// and it does not crash.
func TestCheckFindsFlippedBytes(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	load := newLoad(issued.Token, 2)
	load.run(t, p.base(t, "acme"), 200*time.Millisecond, func() {})
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	done(t, "compact", "--data", data) // no old pages: every text in the file is in use
	file := filepath.Join(data, "drawbridge.db")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(shortDir(t), "copy.db")
	of := copies{file: file, copied: copied}
	var report wire.CheckReport
	if err := json.Unmarshal([]byte(done(t, "check", file, "-o", "json")), &report); err != nil || !report.OK {
		t.Fatalf("%+v, %v", report, err)
	}
	whole = whole[:report.Bytes] // after it is room that was never used
	for _, c := range []struct{ in, named string }{
		{`"externalId":"x-w0-2`, "users record"},
		{`"displayName":"group of w1`, "groups record"},
		{`w1-2@acme.test`, "events line"},
		{`w1-2@acme.test`, "audit line"},
		{`"name":"acme`, "tenant record"},
		{`"type":"okta"`, "connection acme"},
		{`"prefix":`, "token"},
		{`"magic":"drawbridge"`, "another program"},
	} {
		said := of.flipEverywhere(t, whole, c.in)
		if !strings.Contains(said, c.named) {
			t.Errorf("no flip in %s names the %s: %s", c.in, c.named, said)
		}
	}
	random := rand.New(rand.NewPCG(5, 8))
	zeroed := bytes.Clone(whole)
	clear(zeroed[3*4096 : 5*4096])
	text := bytes.Repeat([]byte("something else "), 4000)
	for name, content := range map[string][]byte{
		"empty": nil, "one byte": whole[:1], "one page": whole[:4096], "half": whole[:len(whole)/2], "all but a byte": whole[:len(whole)-1],
		"zeroed": make([]byte, len(whole)), "zeroed pages": zeroed, "foreign": text,
		"a head that is damaged": append([]byte{1, 2, 3, 4}, whole[4:]...), "another head": append(append(bytes.Clone(whole[:4096+40]), 9), whole[4096+41:]...),
	} {
		if text, code := of.look(t, content); code != 1 || !strings.Contains(text, copied) && !strings.Contains(text, "head") {
			t.Errorf("%s: exit code %d: %s", name, code, text)
		}
	}
	found := 0
	for range 60 {
		damaged := bytes.Clone(whole)
		damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(8)
		if text, code := of.look(t, damaged); code == 1 {
			found++
		} else {
			of.unharmed(t, "a random flip", code, text)
		}
	}
	t.Logf("%d of 60 random flips were found; the others were in room that is not used", found)
}
