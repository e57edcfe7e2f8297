package bolt_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// small keeps the files of tests small; otherwise bbolt grows them by 16 MiB.
func small() bolt.Options {
	return bolt.Options{InitialMmapSize: 1 << 15, Timeout: 100 * time.Millisecond}
}

func open(t *testing.T, path string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path, small())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// filled makes a store with records of every kind and closes it.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, path)
	fill(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func fill(t testing.TB, s *bolt.Store) {
	t.Helper()
	c := directory.Change{
		Tenant:      &directory.Tenant{ID: benchTenant, Version: 1, Name: "Acme"},
		Connections: []directory.Connection{{ID: "acme-okta", Tenant: benchTenant, Type: directory.Okta}},
		Tokens:      []directory.Token{{ID: "t1", Tenant: benchTenant, Connection: "acme-okta", Hash: [32]byte{1}}},
		Resources:   []directory.Resource{{ID: benchID(5000), Kind: "Device", ExternalID: "d1", Document: directory.Document(`{"serial":"s1"}`)}},
		Tombstones:  []directory.Tombstone{{ID: benchID(6000), Kind: directory.UserKind, Connection: "acme-okta", ExternalID: "gone1"}},
		Groups: []directory.Group{
			{ID: benchID(7000), Version: 1, DisplayName: "Staff", ExternalID: "g1", Connection: "acme-okta", Document: directory.Document(`{"displayName":"Staff"}`)},
			{ID: benchID(7001), Version: 1, DisplayName: "Owners", BuiltIn: directory.Owners},
		},
	}
	for n := range 50 {
		u := benchUser(n)
		whole := benchChange(u)
		c.Users = append(c.Users, u)
		c.Audit = append(c.Audit, whole.Audit...)
		c.Events = append(c.Events, whole.Events...)
		c.Join = append(c.Join, directory.Membership{Group: benchID(7000), Member: directory.Member{ID: u.ID, Kind: directory.UserKind, Display: "A Person"}})
	}
	c.Join = append(c.Join, directory.Membership{Group: benchID(7001), Member: directory.Member{ID: benchID(0), Kind: directory.UserKind}, Source: benchID(7000)})
	write(t, s, c)
	if err := s.Touch(context.Background(), []directory.Use{{Tenant: benchTenant, Connection: "acme-okta", Token: "t1", Last: time.Unix(1, 0)}}); err != nil {
		t.Fatal(err)
	}
}

// sentence checks the code of an error and the words of its message.
func sentence(t *testing.T, err error, code directory.Code, words ...string) {
	t.Helper()
	var e *directory.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("the error is %v, want %s", err, code)
	}
	for _, word := range words {
		if !strings.Contains(e.Message, word) {
			t.Errorf("%q does not say %q", e.Message, word)
		}
	}
}

func TestOpenMakesAPrivateFile(t *testing.T) {
	t.Parallel()
	path := filled(t)
	for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + ".info": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("the mode of %s is %o, want %o", filepath.Base(name), got, want)
		}
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, path string)
		words  string
	}{
		{"missing", func(t *testing.T, path string) { must(t, os.Remove(path)) }, "is missing"},
		{"empty", func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) }, "is empty"},
		{"one byte", func(t *testing.T, path string) { must(t, os.Truncate(path, 1)) }, "beginning is damaged"},
		{"one page", func(t *testing.T, path string) { must(t, os.Truncate(path, 4096)) }, "is cut short"},
		{"cut", func(t *testing.T, path string) { must(t, os.Truncate(path, 5*4096)) }, "is cut short"},
		{"zeroed", func(t *testing.T, path string) {
			info, err := os.Stat(path)
			must(t, err)
			must(t, os.WriteFile(path, make([]byte, info.Size()), 0o600))
		}, "beginning is damaged"},
		{"text", func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte(strings.Repeat("no database ", 10_000)), 0o600))
		}, "is not a store"},
		{"foreign", func(t *testing.T, path string) { foreign(t, path, "words") }, "another program"},
		{"foreign without a note", func(t *testing.T, path string) {
			must(t, os.Remove(path+".info"))
			foreign(t, path, "words")
		}, "another program"},
		{"foreign with our bucket", func(t *testing.T, path string) { foreign(t, path, "meta") }, "another program"},
		{"nothing in it", func(t *testing.T, path string) { foreign(t, path, "") }, "contains nothing"},
		{"newer", func(t *testing.T, path string) {
			edit(t, path, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(`{"magic":"drawbridge","format":99}`))
			})
		}, "newer release"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filled(t)
			test.damage(t, path)
			before, _ := os.ReadFile(path)
			s, err := bolt.Open(path, small())
			if err == nil {
				_ = s.Close()
			}
			sentence(t, err, directory.Internal, test.words, path)
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func foreign(t *testing.T, path, bucket string) {
	t.Helper()
	must(t, os.Remove(path))
	edit(t, path, func(tx *bbolt.Tx) error {
		if bucket == "" {
			return nil
		}
		_, err := tx.CreateBucket([]byte(bucket))
		return err
	})
}

// edit changes a file without the store.
func edit(t *testing.T, path string, fn func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(fn))
	must(t, db.Close())
}

func TestRestoredBackupOpens(t *testing.T) {
	t.Parallel()
	path := filled(t)
	s := open(t, path)
	var copied bytes.Buffer
	must(t, s.Backup(t.Context(), &copied))
	restored := filepath.Join(t.TempDir(), "store.db") // without the sidecar
	must(t, os.WriteFile(restored, copied.Bytes(), 0o600))
	again := open(t, restored)
	if got, want := dump(t, again), dump(t, s); got != want {
		t.Errorf("the copy differs:\n%s\nwant:\n%s", got, want)
	}
	findings, err := again.Check(t.Context())
	if err != nil || len(findings) > 0 {
		t.Error(findings, err)
	}
}

func TestOneDamagedMetaPageIsTolerated(t *testing.T) {
	t.Parallel()
	for _, page := range []int64{0, 4096} {
		path := filled(t)
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		must(t, err)
		_, err = f.WriteAt(make([]byte, 4096), page)
		must(t, err)
		must(t, f.Close())
		s := open(t, path)
		for n := range 2 { // the meta pages are written alternately
			write(t, s, benchChange(benchUser(n)))
		}
		noFindings(t, s)
	}
}

// hold is a child process that has the store open until its input ends.
func hold(t testing.TB, path string) {
	s, err := bolt.Open(path, bolt.Options{Now: func() time.Time { return time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC) }})
	must(t, err)
	fmt.Println("holding")
	_, _ = os.Stdin.Read(make([]byte, 1))
	must(t, s.Close())
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	path := filled(t)
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), "BOLT_TEST_HOLD="+path)
	stdin, err := child.StdinPipe()
	must(t, err)
	stdout, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	_, err = stdout.Read(make([]byte, 8))
	must(t, err)
	s, err := bolt.Open(path, small())
	if err == nil {
		_ = s.Close()
	}
	sentence(t, err, directory.Unavailable, "process "+strconv.Itoa(child.Process.Pid), "2026-05-04T03:02:01Z", path)
	must(t, stdin.Close())
	must(t, child.Wait())
	open(t, path)
}

// dump prints everything that can be read of the test tenant. It panics with the error of what cannot be read.
func dump(t testing.TB, s *bolt.Store) string {
	t.Helper()
	text, err := tryDump(s)
	must(t, err)
	return text
}

func tryDump(s *bolt.Store) (string, error) {
	var b strings.Builder
	ctx := context.Background()
	tenants, err := s.Tenants(ctx)
	if err != nil {
		return "", err
	}
	token, err := s.Token(ctx, [32]byte{1})
	if err != nil && directory.CodeOf(err) != directory.NotFound {
		return "", err
	}
	uses, err := s.Uses(ctx, "acme-okta")
	if err != nil {
		return "", err
	}
	fmt.Fprintln(&b, tenants, token, uses)
	err = s.View(ctx, benchTenant, nil, func(r store.Reader) error { return dumpTenant(&b, r) })
	return b.String(), err
}

func dumpTenant(b *strings.Builder, r store.Reader) error {
	errs := []error{}
	note := func(v any, err error) {
		if err != nil && directory.CodeOf(err) != directory.NotFound {
			errs = append(errs, err)
		}
		fmt.Fprintf(b, "%+v\n", v)
	}
	page, err := r.Users(directory.Query{Count: 1000, Gone: true, Groups: true}, func(u *directory.User, refs []directory.GroupRef) error {
		note(*u, nil)
		note(refs, nil)
		found, err := r.UserByName(u.UserName)
		note(found.ID, err)
		list, err := r.UsersByExternalID(u.Connection, u.ExternalID)
		note(len(list), err)
		memberships, err := r.MembershipsOf(u.ID)
		note(memberships, err)
		return nil
	})
	note(page.Total, err)
	page, err = r.Groups(directory.Query{Count: 1000, BuiltIn: true, Members: true}, func(g *directory.Group, members []directory.Member) error {
		note(*g, nil)
		note(members, nil)
		return nil
	})
	note(page.Total, err)
	page, err = r.Resources("Device", directory.Query{Count: 1000}, func(v *directory.Resource) error {
		note(*v, nil)
		return nil
	})
	note(page.Total, err)
	tombstones, err := r.TombstonesByExternalID("acme-okta", "gone1")
	note(tombstones, err)
	connections, err := r.Connections()
	note(connections, err)
	tokens, err := r.Tokens("acme-okta")
	note(tokens, err)
	usage, err := r.Usage()
	note(usage, err)
	lines, last, err := r.Audit(0, 1000)
	for i := range lines { // the first format has no chain; Check verifies it
		lines[i].ChainStart, lines[i].Hash = false, directory.Hash{}
	}
	note(lines, err)
	note(last, nil)
	events, last, err := r.Events(0, 1000)
	note(events, err)
	note(last, nil)
	return errors.Join(errs...)
}

// A flipped bit is refused at the start, reported by a read, found by Check, or in unused space. It is never read as data.
func TestFlippedBitsAreFoundOrHarmless(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	path := filled(t)
	s := open(t, path)
	want := dump(t, s)
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	flips := 400
	if testing.Short() {
		flips = 50
	}
	refused, reported, checked, unused := 0, 0, 0, 0
	for range flips {
		at := 2*4096 + random.IntN(len(whole)-2*4096)
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1 << random.IntN(8)
		must(t, os.WriteFile(path, damaged, 0o600))
		s, err := bolt.Open(path, small())
		if err != nil {
			refused++
			continue
		}
		got, err := tryDump(s)
		switch {
		case err != nil:
			reported++
			if code := directory.CodeOf(err); code != directory.Internal {
				t.Errorf("a bit flipped at %d is %s: %v", at, code, err)
			}
		case got == want:
			unused++
		default:
			checked++
			if findings, err := s.Check(t.Context()); err == nil && len(findings) == 0 {
				t.Errorf("a bit flipped at %d is taken as written", at)
			}
		}
		_ = s.Close()
	}
	t.Logf("%d refused, %d reported, %d found by Check, %d of no consequence", refused, reported, checked, unused)
}

func TestDamagedRecordIsNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, has string
		read      func(r store.Reader) error
		words     []string
	}{
		{"user", `"formatted":"A Person"`, func(r store.Reader) error { _, err := r.User(benchID(7)); return err }, []string{"user", benchID(7).String(), "acme"}},
		{"group", `{"displayName":"Staff"}`, func(r store.Reader) error { _, err := r.GroupByName("staff"); return err }, []string{"group", benchID(7000).String(), "acme"}},
		{"resource", `{"serial":"s1"}`, func(r store.Reader) error { _, err := r.Resource("Device", benchID(5000)); return err }, []string{"resource", "acme"}},
		{"tombstone", `"gone1"`, func(r store.Reader) error { _, err := r.Tombstone(benchID(6000)); return err }, []string{"tombstone", "acme"}},
		{"audit", "user.create", func(r store.Reader) error { _, _, err := r.Audit(0, 10); return err }, []string{"audit", "line 1", "acme"}},
		{"event", "user.created", func(r store.Reader) error { _, _, err := r.Events(0, 10); return err }, []string{"events", "line 1", "acme"}},
		{"membership", "A Person", func(r store.Reader) error { _, err := r.Memberships(benchID(7000), benchID(3)); return err }, []string{"membership", "acme"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filled(t)
			whole, err := os.ReadFile(path)
			must(t, err)
			other := []byte(strings.ToUpper(test.has)) // each letter differs in one bit
			must(t, os.WriteFile(path, bytes.ReplaceAll(whole, []byte(test.has), other), 0o600))
			s := open(t, path)
			err = s.View(t.Context(), benchTenant, nil, test.read)
			sentence(t, err, directory.Internal, test.words...)
		})
	}
}

func TestRecordOfALaterFormatIsNamed(t *testing.T) {
	t.Parallel()
	path := filled(t)
	edit(t, path, func(tx *bbolt.Tx) error {
		id := benchID(7)
		users := tx.Bucket([]byte("data")).Bucket([]byte("acme")).Bucket([]byte("users"))
		record := bytes.Clone(users.Get(id[:]))
		record[0] = 9
		return users.Put(id[:], record)
	})
	s := open(t, path)
	err := s.View(t.Context(), benchTenant, nil, func(r store.Reader) error { _, err := r.User(benchID(7)); return err })
	sentence(t, err, directory.Internal, "user", benchID(7).String())
	if !strings.Contains(err.Error(), "format is 9") {
		t.Error(err)
	}
	// A change that needs the damaged record fails; the next one, of another record, succeeds.
	u := benchUser(7)
	err = s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return benchChange(u), nil })
	sentence(t, err, directory.Internal, benchID(7).String())
	write(t, s, benchChange(benchUser(8)))
}

// The first release wrote the file in testdata. Every later release must open it and find the same data.
func TestFirstFormatOpens(t *testing.T) {
	t.Parallel()
	fixture := filepath.Join("testdata", "format1.db")
	if os.Getenv("BOLT_TEST_WRITE_FIXTURE") != "" {
		content, err := os.ReadFile(filled(t))
		must(t, err)
		must(t, os.WriteFile(fixture, content, 0o600))
	}
	content, err := os.ReadFile(fixture)
	must(t, err)
	path := filepath.Join(t.TempDir(), "store.db")
	must(t, os.WriteFile(path, content, 0o600))
	// It is intact, and can be rebuilt, before a later release has opened it.
	report, err := bolt.CheckFile(t.Context(), path, small(), bolt.Notes{})
	if err != nil || len(report.Findings) > 0 {
		t.Error(report.Findings, err)
	}
	again := filepath.Join(t.TempDir(), "again.db")
	must(t, bolt.Rebuild(t.Context(), path, again, small(), bolt.Notes{}))
	if got, want := dump(t, open(t, again)), dump(t, open(t, filled(t))); got != want {
		t.Errorf("made again the fixture has\n%s\nwant\n%s", got, want)
	}
	s := open(t, path)
	if got, want := dump(t, s), dump(t, open(t, filled(t))); got != want {
		t.Errorf("the fixture has\n%s\nwant\n%s", got, want)
	}
	findings, err := s.Check(t.Context())
	if err != nil || len(findings) > 0 {
		t.Error(findings, err)
	}
	before := auditLines(t, s)
	write(t, s, benchChange(benchUser(100)))
	write(t, s, benchChange(benchUser(101)))
	after := auditLines(t, s)
	first := after[len(before)]
	if before[len(before)-1].Hash != (directory.Hash{}) || !first.ChainStart || first.Hash != first.Sum(directory.Hash{}) {
		t.Errorf("the chain begins with the first line that this release writes, not with %+v", first)
	}
	if second := after[len(before)+1]; second.ChainStart || second.Hash != second.Sum(first.Hash) {
		t.Errorf("the second line is chained to the first, not as in %+v", second)
	}
	findings, err = s.Check(t.Context())
	if err != nil || len(findings) > 0 {
		t.Error(findings, err)
	}
}

func auditLines(t *testing.T, s *bolt.Store) (lines []directory.Audit) {
	t.Helper()
	must(t, s.View(t.Context(), benchTenant, nil, func(r store.Reader) (err error) {
		lines, _, err = r.Audit(0, 100_000)
		return err
	}))
	return lines
}

// An attacker changes a line in the file and updates the checksum. The chain shows the change.
func TestCheckNamesTheFirstBrokenAuditLine(t *testing.T) {
	t.Parallel()
	for _, tamper := range []struct {
		name string
		do   func(b *bbolt.Bucket) error
		want string
	}{
		{"a word is changed", func(b *bbolt.Bucket) error {
			record := bytes.Replace(b.Get(auditKey(7)), []byte("user.create"), []byte("user.delete"), 1)
			return b.Put(auditKey(7), resealed(auditKey(7), record))
		}, "line 7"},
		{"its own hash is made new, too", func(b *bbolt.Bucket) error {
			record := bytes.Replace(b.Get(auditKey(7)), []byte("user.create"), []byte("user.delete"), 1)
			record[len(record)-1] ^= 1
			return b.Put(auditKey(7), resealed(auditKey(7), record))
		}, "line 7"},
		{"a line is taken out", func(b *bbolt.Bucket) error { return b.Delete(auditKey(7)) }, "jumps from 6 to 8"},
		{"two lines change places", func(b *bbolt.Bucket) error {
			seven, eight := bytes.Clone(b.Get(auditKey(7))), bytes.Clone(b.Get(auditKey(8)))
			if err := b.Put(auditKey(7), resealed(auditKey(7), eight)); err != nil {
				return err
			}
			return b.Put(auditKey(8), resealed(auditKey(8), seven))
		}, "line 7"},
		{"the last line is taken out", func(b *bbolt.Bucket) error {
			k, _ := b.Cursor().Last()
			return b.Delete(k)
		}, "ends at"},
	} {
		t.Run(tamper.name, func(t *testing.T) {
			path := filled(t)
			edit(t, path, func(tx *bbolt.Tx) error {
				return tamper.do(tx.Bucket([]byte("data")).Bucket([]byte(benchTenant)).Bucket([]byte("audit")))
			})
			findings, err := open(t, path).Check(t.Context())
			must(t, err)
			if len(findings) == 0 || !strings.Contains(findings[0], tamper.want) {
				t.Errorf("findings %q, want the first to name %q", findings, tamper.want)
			}
		})
	}
}

func auditKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// resealed gives a record the checksum of its bytes.
func resealed(key, record []byte) []byte {
	record = bytes.Clone(record)
	table := crc32.MakeTable(crc32.Castagnoli)
	binary.BigEndian.PutUint32(record[1:], crc32.Update(crc32.Update(0, table, key), table, record[5:]))
	return record
}
