package bolt_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

func checkFile(t testing.TB, path string) bolt.Report {
	t.Helper()
	report, err := bolt.CheckFile(t.Context(), path, small(), bolt.Notes{})
	must(t, err)
	return report
}

func TestCheckFileCountsRecords(t *testing.T) {
	t.Parallel()
	path := filled(t)
	before, err := os.ReadFile(path)
	must(t, err)
	report := checkFile(t, path)
	if len(report.Findings) > 0 {
		t.Error(report.Findings)
	}
	got := fmt.Sprint(report.Tenants, report.Users, report.Groups, report.Memberships, report.Resources, report.Tombstones, report.Events, report.AuditLines)
	if want := "1 50 2 51 1 1 50 50"; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
	if report.Size != int64(report.Pages*os.Getpagesize()) || report.FreePages >= report.Pages {
		t.Errorf("%d bytes, %d pages, %d free", report.Size, report.Pages, report.FreePages)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the look changed the file")
	}
}

func TestCheckFileRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	empty := filepath.Join(dir, "empty")
	must(t, os.WriteFile(empty, nil, 0o600))
	text := filepath.Join(dir, "text")
	must(t, os.WriteFile(text, bytes.Repeat([]byte("no store "), 9000), 0o600))
	cut := filled(t)
	must(t, os.Truncate(cut, 5*4096))
	other := filled(t)
	foreign(t, other, "words")
	newer := filled(t)
	edit(t, newer, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(`{"magic":"drawbridge","format":99}`))
	})
	running := filled(t)
	open(t, running)
	for path, want := range map[string]struct {
		code  directory.Code
		words string
	}{
		filepath.Join(dir, "missing"): {directory.Internal, "does not exist"},
		dir:                           {directory.Internal, "is not a regular file"},
		pipe:                          {directory.Internal, "is not a regular file"},
		empty:                         {directory.Internal, "is empty"},
		text:                          {directory.Internal, "is not a store"},
		cut:                           {directory.Internal, "is cut short"},
		other:                         {directory.Internal, "belongs to another program"},
		newer:                         {directory.Internal, "was written by a newer release"},
		running:                       {directory.Unavailable, "holds the store"},
	} {
		_, err := bolt.CheckFile(t.Context(), path, small(), bolt.Notes{})
		sentence(t, err, want.code, want.words, path)
	}
}

// spoil flips a bit in the value of a key.
func spoil(b *bbolt.Bucket, key []byte) error {
	value := bytes.Clone(b.Get(key))
	value[len(value)-1] ^= 0x10
	return b.Put(key, value)
}

// TestCheckFileNamesEachFault breaks one thing at a time, records and derived data; each must be named.
func TestCheckFileNamesEachFault(t *testing.T) {
	t.Parallel()
	acme := func(tx *bbolt.Tx, part string) *bbolt.Bucket {
		return tx.Bucket([]byte("data")).Bucket([]byte("acme")).Bucket([]byte(part))
	}
	first := func(b *bbolt.Bucket, prefix string) []byte {
		k, _ := b.Cursor().Seek([]byte(prefix))
		return bytes.Clone(k)
	}
	id := benchID(7)
	for _, test := range []struct {
		name    string
		damage  func(tx *bbolt.Tx) error
		words   []string
		derived bool // Rebuild repairs it
	}{
		{"a user", func(tx *bbolt.Tx) error { return spoil(acme(tx, "users"), id[:]) }, []string{"users record", id.String(), "checksum"}, false},
		{"a membership", func(tx *bbolt.Tx) error { b := acme(tx, "members"); return spoil(b, first(b, "")) }, []string{"membership in group", "checksum"}, false},
		{"a tombstone", func(tx *bbolt.Tx) error { b := acme(tx, "tombstones"); return spoil(b, first(b, "")) }, []string{"tombstones record", "checksum"}, false},
		{"a resource", func(tx *bbolt.Tx) error { b := acme(tx, "resources"); return spoil(b, first(b, "")) }, []string{"resources record", "checksum"}, false},
		{"an audit line", func(tx *bbolt.Tx) error { b := acme(tx, "audit"); return spoil(b, first(b, "")) }, []string{"audit line 1", "checksum"}, false},
		{"an event", func(tx *bbolt.Tx) error { b := acme(tx, "events"); return spoil(b, first(b, "")) }, []string{"events line 1", "checksum"}, false},
		{"the tenant", func(tx *bbolt.Tx) error { return spoil(tx.Bucket([]byte("tenant")), []byte("acme")) }, []string{"tenant record", "checksum"}, false},
		{"a connection", func(tx *bbolt.Tx) error { return spoil(tx.Bucket([]byte("connection")), []byte("acme-okta")) }, []string{"connection acme-okta", "checksum"}, false},
		{"a token", func(tx *bbolt.Tx) error { b := tx.Bucket([]byte("token")); return spoil(b, first(b, "")) }, []string{"token", "checksum"}, false},
		{"a use", func(tx *bbolt.Tx) error { b := tx.Bucket([]byte("use")); return spoil(b, first(b, "")) }, []string{"last use", "checksum"}, false},
		{"the description", func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(`{"magic":"drawbridge","format":0}`))
		}, []string{"description of the store"}, false},
		{"an event that is missing", func(tx *bbolt.Tx) error { return acme(tx, "events").Delete(binary.BigEndian.AppendUint64(nil, 20)) }, []string{"events", "jumps from 19 to 21"}, false},
		{"the first events are missing", func(tx *bbolt.Tx) error { return acme(tx, "events").Delete(binary.BigEndian.AppendUint64(nil, 1)) }, []string{"events", "jumps from 0 to 2"}, false},
		{"the last audit line is missing", func(tx *bbolt.Tx) error { return acme(tx, "audit").Delete(binary.BigEndian.AppendUint64(nil, 50)) }, []string{"audit", "ends at 49, and the last one was 50"}, false},
		{"a user is missing", func(tx *bbolt.Tx) error { return acme(tx, "users").Delete(id[:]) }, []string{"no record needs"}, false},
		{"a tenant without its data", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("data")).DeleteBucket([]byte("acme")) }, []string{`tenant "acme" has a record and nothing`}, false},

		{"an index entry is missing", func(tx *bbolt.Tx) error { b := acme(tx, "index"); return b.Delete(first(b, "u")) }, []string{`missing in index "u"`}, true},
		{"an index entry too many", func(tx *bbolt.Tx) error {
			return acme(tx, "index").Put([]byte("uzoe\x00\x00"+string(id[:])), nil)
		}, []string{`the index "u"`, "zoe", "no record needs"}, true},
		{"the connection's place", func(tx *bbolt.Tx) error { b := acme(tx, "index"); return b.Delete(first(b, "c")) }, []string{`connection "acme-okta" is missing in the index of tenant`}, true},
		{"the token's place", func(tx *bbolt.Tx) error { b := acme(tx, "index"); return b.Delete(first(b, "o")) }, []string{"is missing in the index of its connection"}, true},
		{"the counts", func(tx *bbolt.Tx) error { return acme(tx, "facts").Delete([]byte("usage")) }, []string{`tenant "acme" counts`}, true},
		{"a reverse entry", func(tx *bbolt.Tx) error { b := acme(tx, "memberof"); return b.Delete(first(b, "")) }, []string{"reverse entry of the membership"}, true},
		{"a reverse entry too many", func(tx *bbolt.Tx) error {
			group := benchID(7000)
			other := benchID(9999)
			return acme(tx, "memberof").Put(append(other[:], group[:]...), nil)
		}, []string{"memberships by group"}, true},
		{"a number where nothing is numbered", func(tx *bbolt.Tx) error { return acme(tx, "members").SetSequence(256) }, []string{"members of tenant acme has the number 256"}, true},
		{"the same at the root", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("use")).SetSequence(1) }, []string{"use has the number 1"}, true},
		{"a journal's number", func(tx *bbolt.Tx) error { return acme(tx, "events").SetSequence(10) }, []string{"events", "ends at 50, and the last one was 10"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filled(t)
			edit(t, path, test.damage)
			found := strings.Join(checkFile(t, path).Findings, "\n")
			for _, word := range test.words {
				if !strings.Contains(found, word) {
					t.Errorf("nothing says %q:\n%s", word, found)
				}
			}
			rebuilt := path + ".rebuilt"
			must(t, bolt.Rebuild(t.Context(), path, rebuilt, small(), bolt.Notes{}))
			differences, err := bolt.SameRecords(t.Context(), path, rebuilt, small(), bolt.Notes{})
			must(t, err)
			if len(differences) > 0 {
				t.Errorf("records became different: %s", differences)
			}
			after := checkFile(t, rebuilt).Findings
			if test.derived && len(after) > 0 {
				t.Errorf("not repaired: %s", after)
			}
			if !test.derived && len(after) == 0 {
				t.Error("a lost record was made up")
			}
		})
	}
}

// Unique values of custom attributes are checked and rebuilt like every index.
func TestCheckFileNamesUniqueValues(t *testing.T) {
	t.Parallel()
	device := func(n int) directory.ID { return benchID(5100 + n) }
	index := func(tx *bbolt.Tx) *bbolt.Bucket {
		return tx.Bucket([]byte("data")).Bucket([]byte("acme")).Bucket([]byte("index"))
	}
	entry := func(serial string, id directory.ID) []byte {
		return []byte("rDevice serial=" + serial + "\x00\x00" + string(id[:]))
	}
	for _, test := range []struct {
		name   string
		damage func(tx *bbolt.Tx) error
		word   string
	}{
		{"nothing", func(*bbolt.Tx) error { return nil }, ""},
		{"an entry is missing", func(tx *bbolt.Tx) error { return index(tx).Delete(entry("s1", device(1))) }, `missing in index "r"`},
		{"an entry without a record", func(tx *bbolt.Tx) error { return index(tx).Put(entry("s9", device(1)), nil) }, "serial=s9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filled(t)
			s := open(t, path)
			change := directory.Change{Audit: []directory.Audit{{Action: "test"}}}
			for i := range 2 {
				change.Resources = append(change.Resources, directory.Resource{
					ID: device(i), Kind: "Device", Unique: []directory.UniqueKey{directory.UniqueKey(fmt.Sprintf("Device serial=s%d", i))}, Document: directory.Document(`{}`),
				})
			}
			must(t, s.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) { return change, nil }))
			must(t, s.Close())
			edit(t, path, test.damage)
			if found := strings.Join(checkFile(t, path).Findings, "\n"); !strings.Contains(found, test.word) || test.word == "" && found != "" {
				t.Errorf("found %q, want %q", found, test.word)
			}
			rebuilt := path + ".rebuilt"
			must(t, bolt.Rebuild(t.Context(), path, rebuilt, small(), bolt.Notes{}))
			if after := checkFile(t, rebuilt).Findings; len(after) > 0 {
				t.Errorf("not repaired: %s", after)
			}
			again := open(t, rebuilt)
			change.Resources = change.Resources[:1]
			change.Resources[0].ID = device(7)
			err := again.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) { return change, nil })
			if directory.CodeOf(err) != directory.Conflict {
				t.Errorf("a value that is taken: %v", err)
			}
		})
	}
}

// The member count of a group is in its record, but it is derived data.
func TestRebuildCountsMembers(t *testing.T) {
	t.Parallel()
	path := filled(t)
	edit(t, path, func(tx *bbolt.Tx) error {
		data := tx.Bucket([]byte("data")).Bucket([]byte("acme"))
		for _, part := range []string{"members", "memberof"} { // in both directions, without counting
			b := data.Bucket([]byte(part))
			group, user := benchID(7000), benchID(3)
			key := append(append([]byte{}, group[:]...), user[:]...)
			if part == "memberof" {
				key = append(append([]byte{}, user[:]...), group[:]...)
			}
			if b.Get(key) == nil {
				return errors.New("no such membership")
			}
			if err := b.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
	if found := fmt.Sprint(checkFile(t, path).Findings); !strings.Contains(found, "has 49 members, and its record says 50") {
		t.Error(found)
	}
	must(t, bolt.Rebuild(t.Context(), path, path+".rebuilt", small(), bolt.Notes{}))
	if found := checkFile(t, path+".rebuilt").Findings; len(found) > 0 {
		t.Error(found)
	}
	differences, err := bolt.SameRecords(t.Context(), path, path+".rebuilt", small(), bolt.Notes{})
	if err != nil || len(differences) > 0 {
		t.Error(differences, err)
	}
}

// Index entries of a damaged record stay. A look-up must say "damaged" and not "no such user", or an identity provider would create the
// person a second time.
func TestRebuildKeepsIndexEntriesOfADamagedRecord(t *testing.T) {
	t.Parallel()
	path := filled(t)
	u := benchUser(7)
	edit(t, path, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("data")).Bucket([]byte("acme")).Bucket([]byte("users"))
		value := bytes.Clone(b.Get(u.ID[:]))
		value[len(value)-1] ^= 1
		return b.Put(u.ID[:], value)
	})
	must(t, bolt.Rebuild(t.Context(), path, path+".rebuilt", small(), bolt.Notes{}))
	s := open(t, path+".rebuilt")
	err := s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) { return benchChange(u), nil })
	sentence(t, err, directory.Internal, u.ID.String())
}

func TestRebuildOfAnIntactStoreChangesNothing(t *testing.T) {
	t.Parallel()
	path := filled(t)
	must(t, bolt.Rebuild(t.Context(), path, path+".rebuilt", small(), bolt.Notes{}))
	differences, err := bolt.Compare(t.Context(), path, path+".rebuilt", small(), bolt.Notes{})
	if err != nil || len(differences) > 0 {
		t.Error(differences, err)
	}
}

func TestCompareNamesTheDifference(t *testing.T) {
	t.Parallel()
	a, b := filled(t), filled(t)
	same, err := bolt.Compare(t.Context(), a, b, small(), bolt.Notes{})
	if err != nil || len(same) > 0 {
		t.Fatal(same, err)
	}
	edit(t, b, func(tx *bbolt.Tx) error {
		data := tx.Bucket([]byte("data")).Bucket([]byte("acme"))
		id, other := benchID(7), benchID(8)
		return errors.Join(
			data.Bucket([]byte("users")).Delete(id[:]),
			data.Bucket([]byte("users")).Put(other[:], []byte("x")),
			data.Bucket([]byte("facts")).Put([]byte("more"), []byte("x")),
			data.Bucket([]byte("events")).SetSequence(99),
		)
	})
	found, err := bolt.Compare(t.Context(), a, b, small(), bolt.Notes{})
	must(t, err)
	if len(found) != 4 {
		t.Errorf("4 differences are %d: %s", len(found), found)
	}
}

func TestCompactKeepsEveryRecord(t *testing.T) {
	t.Parallel()
	path := filled(t)
	s := open(t, path)
	for n := range 2000 { // free pages
		write(t, s, benchChange(benchUser(n%50)))
	}
	must(t, s.Close())
	to := filepath.Join(t.TempDir(), "compact.db")
	must(t, bolt.Compact(path, to, small()))
	differences, err := bolt.Compare(t.Context(), path, to, small(), bolt.Notes{})
	if err != nil || len(differences) > 0 {
		t.Error(differences, err)
	}
	before, after := checkFile(t, path), checkFile(t, to)
	if len(after.Findings) > 0 || after.Pages-after.FreePages > before.Pages-before.FreePages || after.Size >= before.Size {
		t.Errorf("%+v was compacted to %+v", before, after)
	}
	if err := bolt.Compact(path, to, small()); err == nil {
		t.Error("a file that is there was written over")
	}
	write(t, open(t, to), benchChange(benchUser(100)))
}

func TestLockFileExcludesServers(t *testing.T) {
	t.Parallel()
	path := filled(t)
	release, err := bolt.LockFile(path)
	must(t, err)
	_, err = bolt.Open(path, small())
	sentence(t, err, directory.Unavailable, "holds the store")
	checkFile(t, path) // others may read it
	must(t, release())
	open(t, path)
	_, err = bolt.LockFile(path)
	sentence(t, err, directory.Unavailable, "holds the store", "process")
}

// A process that waits for the file while it is replaced must open the new one.
func TestOpenWaitsForAReplacedFile(t *testing.T) {
	t.Parallel()
	path := filled(t)
	copied, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path+".new", copied, 0o600))
	release, err := bolt.LockFile(path)
	must(t, err)
	opened := make(chan error, 1)
	waiting := make(chan struct{})
	go func() {
		options := small()
		options.Timeout = time.Minute
		close(waiting)
		s, err := bolt.Open(path, options)
		if err == nil {
			err = errors.Join(errors.New("it was opened"), s.Close())
		}
		opened <- err
	}()
	<-waiting
	waits := 0 // consecutive attempts in which the other one had the old file open; reading its head takes only a moment
	for begun := time.Now(); waits < 100 && time.Since(begun) < 30*time.Second; time.Sleep(time.Millisecond) {
		links, _ := filepath.Glob("/proc/self/fd/*")
		n := 0
		for _, link := range links {
			if target, _ := os.Readlink(link); target == path {
				n++
			}
		}
		if waits++; n < 2 {
			waits = 0
		}
	}
	must(t, os.Rename(path+".new", path))
	must(t, release())
	if err := <-opened; err != nil {
		sentence(t, err, directory.Unavailable, "was replaced")
	} else {
		t.Error("no error")
	}
	open(t, path)
}

// failing accepts some bytes, and then the disk is full.
type failing struct{ room int }

func (f *failing) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return 0, syscall.ENOSPC
	}
	f.room -= len(b)
	return len(b), nil
}

func TestBackupToAFullDiskFails(t *testing.T) {
	t.Parallel()
	s := open(t, filled(t))
	for _, room := range []int{0, 4096, 20000} {
		err := s.Backup(t.Context(), &failing{room})
		sentence(t, err, directory.Unavailable, "backup could not be written")
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("the cause is gone: %v", err)
		}
	}
	must(t, s.Backup(t.Context(), io.Discard))
}

// TestFlippedBitInEveryRecordIsFound flips one bit in every record of a real file; each must be found.
func TestFlippedBitInEveryRecordIsFound(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	path := filled(t)
	whole, err := os.ReadFile(path)
	must(t, err)
	records := 0
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	must(t, err)
	type place struct {
		at, size int
		name     string
	}
	var places []place
	var walk func(name string, b *bbolt.Bucket) error
	walk = func(name string, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			switch {
			case v == nil:
				return walk(name+"/"+string(k), b.Bucket(k))
			case len(v) >= 5:
				records++
				if at := bytes.Index(whole, v); at >= 0 {
					places = append(places, place{at, len(v), name})
				}
			}
			return nil
		})
	}
	must(t, db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return walk(string(name), b) })
	}))
	must(t, db.Close())
	if len(places) != records || records < 200 {
		t.Fatalf("%d of %d records were found in the file", len(places), records)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	for i, p := range places {
		at := p.at + i%p.size // another byte of the record each time
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1 << (i % 8)
		must(t, os.WriteFile(copied, damaged, 0o600))
		report, err := bolt.CheckFile(t.Context(), copied, small(), bolt.Notes{})
		if err == nil && len(report.Findings) == 0 {
			t.Errorf("a flip in byte %d of a record of %s is not found", i%p.size, p.name)
		}
	}
}

// look is a child process that checks a file.
func look(path string) {
	report, err := bolt.CheckFile(context.Background(), path, small(), bolt.Notes{Finding: func(text string) { fmt.Println("FINDING", text) }})
	fmt.Println("REPORT", len(report.Findings), err)
}

// TestDamagedPagesAreFound flips bits in the structures of bbolt: headers of pages, elements and buckets. Such a file may crash the process
// that reads it, so a child reads it. Either there is a finding, or the content is exactly the same.
func TestDamagedPagesAreFound(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 8*time.Minute)
	path := filled(t)
	whole, err := os.ReadFile(path)
	must(t, err)
	copied := filepath.Join(t.TempDir(), "copy.db")
	page := os.Getpagesize()
	step := 3
	if testing.Short() {
		step = 11
	}
	found, crashed, same := 0, 0, 0
	for n := 2; n < len(whole)/page; n += step {
		for _, at := range []int{0, 8, 10, 12, 16, 20, 24, 28} { // id, flags, count, overflow, then the first element
			damaged := bytes.Clone(whole)
			damaged[n*page+at] ^= 1 << (n % 8)
			must(t, os.WriteFile(copied, damaged, 0o600))
			child := exec.CommandContext(t.Context(), os.Args[0])
			child.Env = append(os.Environ(), "BOLT_TEST_LOOK="+copied)
			out, _ := child.Output()
			switch {
			case bytes.Contains(out, []byte("FINDING")), bytes.Contains(out, []byte("REPORT 0 internal")):
				found++
			case !bytes.Contains(out, []byte("REPORT")):
				crashed++
			default:
				same++
				differences, err := bolt.Compare(t.Context(), path, copied, small(), bolt.Notes{})
				if err != nil || len(differences) > 0 {
					t.Errorf("byte %d of page %d: nothing was found, and the file differs: %v %v", at, n, differences, err)
				}
			}
		}
	}
	t.Logf("%d found, %d ended the process that looked, %d of no consequence", found, crashed, same)
}

// manned creates a store with operators.
func manned(t *testing.T) string {
	t.Helper()
	path := filled(t)
	s := open(t, path)
	id := benchID(1)
	c := directory.Change{
		Provider:  &directory.ProviderSettings{},
		Operators: []directory.Operator{{ID: id, Email: "olga@msp.example"}, {ID: benchID(2), Email: "otto@msp.example"}},
		Sessions:  []directory.Session{{ID: benchID(3), Operator: id, Hash: [32]byte{3}}},
		APIKeys:   []directory.APIKey{{ID: benchID(4), Operator: id, Hash: [32]byte{4}}},
		Links:     []directory.Link{{ID: benchID(5), Operator: id, Hash: [32]byte{5}}},
		Audit:     []directory.Audit{{Action: "test", Outcome: directory.Done}},
	}
	must(t, s.Update(t.Context(), directory.Provider, nil, func(store.Reader) (directory.Change, error) { return c, nil }))
	must(t, s.Close())
	return path
}

// Operators and their records are checked and rebuilt like the rest.
func TestOperatorsAreCheckedAndRebuilt(t *testing.T) {
	t.Parallel()
	if found := checkFile(t, manned(t)).Findings; len(found) > 0 {
		t.Fatal(found)
	}
	keys := [][]byte{}
	edit(t, manned(t), func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("desk")).ForEach(func(k, _ []byte) error {
			keys = append(keys, bytes.Clone(k))
			return nil
		})
	})
	if len(keys) < 7 {
		t.Fatalf("only %d records", len(keys))
	}
	for _, key := range keys {
		derived := key[0] == 'e'
		for name, damage := range map[string]func(b *bbolt.Bucket) error{
			"flipped": func(b *bbolt.Bucket) error {
				v := bytes.Clone(b.Get(key))
				v[len(v)-1] ^= 0x40
				return b.Put(key, v)
			},
			"lost": func(b *bbolt.Bucket) error { return b.Delete(key) },
		} {
			if name == "lost" && !derived && key[0] != 'o' {
				continue // a session or key whose loss is invisible
			}
			path := manned(t)
			edit(t, path, func(tx *bbolt.Tx) error { return damage(tx.Bucket([]byte("desk"))) })
			if found := checkFile(t, path).Findings; len(found) == 0 {
				t.Errorf("%q %s: nothing was found", key, name)
			}
			must(t, bolt.Rebuild(t.Context(), path, path+".rebuilt", small(), bolt.Notes{}))
			differences, err := bolt.SameRecords(t.Context(), path, path+".rebuilt", small(), bolt.Notes{})
			if err != nil || len(differences) > 0 {
				t.Errorf("%q %s: %v %v", key, name, differences, err)
			}
			if after := checkFile(t, path+".rebuilt").Findings; (len(after) == 0) != derived {
				t.Errorf("%q %s: after the repair there is %s", key, name, after)
			}
		}
	}
}

// In a bucket with few keys, a damaged key looks like an additional one, and the original is missing. Check reports both.
func TestCheckFindsUnknownKeys(t *testing.T) {
	t.Parallel()
	for _, where := range [][]string{{"meta"}, {"data", "acme", "facts"}} {
		path := filled(t)
		edit(t, path, func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(where[0]))
			for _, name := range where[1:] {
				b = b.Bucket([]byte(name))
			}
			return b.Put([]byte("noticec"), []byte{1})
		})
		if found := checkFile(t, path).Findings; len(found) != 1 || !strings.Contains(found[0], "noticec") {
			t.Errorf("%s: %s", where, found)
		}
	}
}

// A page that claims more elements than the file contains is found at once. Counting them would take all memory.
func TestCheckFindsAPageBeyondTheFile(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 5*time.Minute)
	path := filled(t)
	whole, err := os.ReadFile(path)
	must(t, err)
	size := os.Getpagesize()
	found := 0
	for page := 2; page < len(whole)/size; page++ {
		damaged := bytes.Clone(whole)
		damaged[page*size+15] ^= 0x40 // the highest byte of its number of following pages
		must(t, os.WriteFile(path, damaged, 0o600))
		if findings := checkFile(t, path).Findings; len(findings) > 0 {
			found++
		}
	}
	if found == 0 {
		t.Error("nothing was found")
	}
}

// Only files of older formats may have no bucket of KVs.
func TestMissingKVBucketIsFound(t *testing.T) {
	t.Parallel()
	path := filled(t)
	edit(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("data")).Bucket([]byte("acme")).DeleteBucket([]byte("memos"))
	})
	if found := checkFile(t, path).Findings; len(found) == 0 || !strings.Contains(found[0], "memos") {
		t.Errorf("found %s", found)
	}
}

// A copy of an older release passes the check, can be compacted, and can be repaired.
func TestOlderFormatsPassTheCheck(t *testing.T) {
	t.Parallel()
	for _, fixture := range []string{"format1.db", "format2.db.gz", "release-0.1.0.db.gz"} {
		dir := t.TempDir()
		old := filepath.Join(dir, fixture)
		must(t, os.WriteFile(old, released(t, fixture), 0o600))
		if found := checkFile(t, old).Findings; len(found) > 0 {
			t.Fatal(fixture, found)
		}
		for name, do := range map[string]func(to string) error{
			"compact": func(to string) error { return bolt.Compact(old, to, small()) },
			"rebuild": func(to string) error { return bolt.Rebuild(t.Context(), old, to, small(), bolt.Notes{}) },
		} {
			to := filepath.Join(dir, name)
			must(t, do(to))
			if found := checkFile(t, to).Findings; len(found) > 0 {
				t.Error(fixture, name, found)
			}
			differences, err := bolt.SameRecords(t.Context(), old, to, small(), bolt.Notes{})
			if err != nil || len(differences) > 0 {
				t.Error(fixture, name, differences, err)
			}
			write(t, open(t, to), benchChange(benchUser(100)))
		}
		if found, err := open(t, old).Check(t.Context()); err != nil || len(found) > 0 { // opening upgrades it
			t.Error(fixture, found, err)
		}
	}
}

// released is a file that an earlier release wrote.
func released(t *testing.T, fixture string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", fixture))
	must(t, err)
	if filepath.Ext(fixture) == ".gz" {
		z, err := gzip.NewReader(bytes.NewReader(content))
		must(t, err)
		content, err = io.ReadAll(z)
		must(t, err)
	}
	return content
}
