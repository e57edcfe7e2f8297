package archive_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/archive"
	"drawbridge/directory"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 123456789, time.UTC)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// trail makes a chain of audit lines with every value that JSON can write in two ways.
func trail(tenant directory.TenantID, n int) []directory.Audit {
	out := make([]directory.Audit, n)
	var head directory.Hash
	for i := range out {
		a := &out[i]
		*a = directory.Audit{
			Seq: uint64(i + 1), Time: epoch.Add(time.Duration(i) * time.Hour), Tenant: tenant, Actor: directory.Actor{Kind: directory.ByIdP, ID: "okta", Name: "Ökta <&>\u2028"},
			Action: "user.update", Subject: directory.Subject{Kind: "User", ID: fmt.Sprint(i), Name: "anna \"x\"\\ \t\u007f😀"}, Outcome: directory.Done,
			Before: directory.Document(`{"a":"<b>&\u2028\"","n":1.50,"after":{"x":"}"}}`), After: directory.Document(`{"title":"é / \/","list":[1,{"b":null}]}`),
			Deviations: []string{"one", "two"}, Request: "r", Address: "192.0.2.1", ChainStart: i == 0,
		}
		if i%3 == 1 {
			a.Before, a.Deviations, a.Reason, a.Rule = nil, nil, `says "before":{ no`, "L4"
		}
		a.Hash = a.Sum(head)
		head = a.Hash
	}
	return out
}

// put writes the lines of a trail as segments of so many lines.
func put(t *testing.T, a *archive.Archive, lines []directory.Audit, each int, head directory.Hash) directory.Hash {
	t.Helper()
	var chain directory.Hash
	for i := 0; i < len(lines); i += each {
		part := lines[i:min(i+each, len(lines))]
		var text [][]byte
		for j := range part {
			line, err := archive.Line(part[j])
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, line)
		}
		last := part[len(part)-1]
		s, _, err := a.Write(t.Context(), archive.Manifest{
			Tenant: part[0].Tenant, Kind: archive.Audit, First: part[0].Seq, Last: last.Seq, From: part[0].Time, To: last.Time,
			Previous: head, ChainPrevious: chain, ChainHead: last.Hash, Written: epoch,
		}, text)
		if err != nil {
			t.Fatal(err)
		}
		head, chain = s.Head, last.Hash
	}
	return head
}

func TestSegmentRoundTrip(t *testing.T) {
	t.Parallel()
	a := archive.New(archive.NewFolder(t.TempDir()), key(1))
	lines := trail("acme", 10)
	head := put(t, a, lines, 4, directory.Hash{})
	entries, err := a.Segments(t.Context(), "acme", archive.Audit)
	if err != nil || len(entries) != 3 {
		t.Fatal(entries, err)
	}
	for i, e := range entries {
		s, err := a.Read(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.AuditLines()
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", lines[4*i:min(4*i+4, 10)]) {
			t.Errorf("%v\n%+v\n%+v", err, got, lines[4*i:min(4*i+4, 10)])
		}
		if e.From.After(s.From) || e.To.Before(s.To) || e.First != s.First || e.Last != s.Last || !e.Is(s.Head) {
			t.Errorf("the name %s does not tell what is in it", e.Name)
		}
	}
	if !entries[2].Is(head) || entries[1].Is(head) {
		t.Error("the head does not name the last segment")
	}
	if other, err := a.Segments(t.Context(), directory.Provider, archive.Audit); err != nil || len(other) != 0 {
		t.Error("another trail has segments", other, err)
	}
}

// Every byte of a segment is changed in turn. None of the changes may show other lines.
func TestEveryChangeOfASegmentIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, archive.New(archive.NewFolder(dir), key(1)), trail("acme", 3), 3, directory.Hash{})
	names, err := filepath.Glob(filepath.Join(dir, "acme", "audit", "*"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	packed, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Decode(pack(text)); err != nil {
		t.Fatal(err)
	}
	for i := range text {
		changed := bytes.Clone(text)
		changed[i] ^= 1
		if _, err := archive.Decode(pack(changed)); !archive.IsDamaged(err) {
			t.Fatalf("byte %d (%q) was changed, and the error is %v", i, text[i], err)
		}
	}
	for i := range packed {
		if _, err := archive.Decode(packed[:i]); !archive.IsDamaged(err) {
			t.Fatalf("the first %d bytes are a segment: %v", i, err)
		}
	}
	// A segment with another signature is consistent in itself, but does not match its file name.
	forged := t.TempDir()
	put(t, archive.New(archive.NewFolder(forged), key(2)), trail("acme", 3), 3, directory.Hash{})
	others, _ := filepath.Glob(filepath.Join(forged, "acme", "audit", "*"))
	content, _ := os.ReadFile(others[0])
	if err := os.WriteFile(names[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	a := archive.New(archive.NewFolder(dir), key(1))
	entries, _ := a.Segments(t.Context(), "acme", archive.Audit)
	if _, err := a.Read(t.Context(), entries[0]); !archive.IsDamaged(err) {
		t.Error("a forged segment was taken:", err)
	}
}

func TestLineThatCannotBeReadBackIsNotArchived(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := archive.New(archive.NewFolder(dir), key(1))
	lines := trail("acme", 1)
	lines[0].Reason = "\xff"
	lines[0].Hash = lines[0].Sum(directory.Hash{})
	text, err := archive.Line(lines[0])
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = a.Write(t.Context(), archive.Manifest{Tenant: "acme", Kind: archive.Audit, First: 1, Last: 1, From: epoch, To: epoch, ChainHead: lines[0].Hash}, [][]byte{text})
	if directory.CodeOf(err) != directory.Internal {
		t.Error(err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) > 0 {
		t.Error("it was written all the same", found)
	}
}

func TestMissingFolderIsNotAnEmptyArchive(t *testing.T) {
	t.Parallel()
	f := archive.NewFolder(filepath.Join(t.TempDir(), "gone"))
	none := func(string, int64) error { return errors.New("there is something") }
	for what, err := range map[string]error{"Put": f.Put(t.Context(), "a/b", []byte("x")), "List": f.List(t.Context(), "a/", none)} {
		if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), "mounted") {
			t.Error(what, err)
		}
	}
	f = archive.NewFolder(t.TempDir())
	if err := f.List(t.Context(), "a/", none); err != nil {
		t.Error(err)
	}
	if _, err := f.Get(t.Context(), "a/b", 10); directory.CodeOf(err) != directory.NotFound {
		t.Error(err)
	}
	if err := f.Put(t.Context(), "a/b", []byte("12345678901")); err != nil {
		t.Error(err)
	}
	if _, err := f.Get(t.Context(), "a/b", 10); directory.CodeOf(err) != directory.Invalid {
		t.Error(err)
	}
}

// An independent reader, deploy/archive-verify.py, which shares no code with this package, agrees with it.
func TestTheIndependentReaderAgrees(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	dir := t.TempDir()
	a := archive.New(archive.NewFolder(dir), key(1))
	head := put(t, a, trail("acme", 50), 20, directory.Hash{})
	put(t, archive.New(archive.NewFolder(dir), key(2)), trail(directory.Provider, 5), 2, directory.Hash{})
	run := func(args ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), python, append([]string{"../deploy/archive-verify.py", dir}, args...)...).CombinedOutput()
		return string(out), err
	}
	out, err := run("--head", head.String(), "--key", a.Key(), "--key", hex.EncodeToString(key(2).Public().(ed25519.PublicKey))) //nolint:errcheck,forcetypeassert // a key has this type
	if err != nil || !strings.Contains(out, "lines 1 to 50 in 3 segments, head "+head.String()) || !strings.Contains(out, "lines 1 to 5 in 3 segments") {
		t.Fatal(err, out)
	}
	if out, err := run("--key", a.Key()); err == nil || !strings.Contains(out, "not trusted") {
		t.Error("a key that is not trusted", out)
	}
	if out, err := run("--head", strings.Repeat("0", 64)); err == nil {
		t.Error("a head that is not there", out)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "acme", "audit", "*"))
	content, _ := os.ReadFile(names[1])
	for what, do := range map[string]func() error{
		"removed": func() error { return os.Remove(names[1]) },
		"changed": func() error {
			changed := bytes.Clone(content)
			changed[len(changed)/2] ^= 0x10
			return os.WriteFile(names[1], changed, 0o600)
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if out, err := run(); err == nil || !strings.Contains(out, "BROKEN") {
			t.Errorf("a segment was %s, and the reader says %s", what, out)
		}
		if err := os.WriteFile(names[1], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// An attacker who can write to the folder puts other files where segments are.
func TestHostileFilesAreNotSegments(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		harm func(name string) error
		want string // of the error of Read; "": it is not listed
	}{
		"a link to another file": {func(name string) error { return os.Symlink("/etc/passwd", name) }, ""},
		"a folder":               {func(name string) error { return os.Mkdir(name, 0o700) }, ""},
		"a huge file": {func(name string) error {
			return errors.Join(os.WriteFile(name, nil, 0o600), os.Truncate(name, 1<<40))
		}, "larger than a segment can be"},
		"a file that unpacks to much": {func(name string) error {
			return os.WriteFile(name, pack(make([]byte, 70<<20)), 0o600)
		}, "larger than a segment can be"},
		"text": {func(name string) error { return os.WriteFile(name, []byte("{}"), 0o600) }, "not a gzip file"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			a := archive.New(archive.NewFolder(dir), key(1))
			put(t, a, trail("acme", 3), 3, directory.Hash{})
			entries, err := a.Segments(t.Context(), "acme", archive.Audit)
			if err != nil || len(entries) != 1 {
				t.Fatal(entries, err)
			}
			name := filepath.Join(dir, entries[0].Name)
			if err := errors.Join(os.Remove(name), c.harm(name)); err != nil {
				t.Fatal(err)
			}
			listed, err := a.Segments(t.Context(), "acme", archive.Audit)
			if err != nil || (len(listed) == 1) != (c.want != "") {
				t.Errorf("%v is listed, %v", listed, err)
			}
			if _, err := a.Read(t.Context(), entries[0]); !archive.IsDamaged(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v", err)
			}
			if what == "a folder" {
				return
			}
			put(t, a, trail("acme", 3), 3, directory.Hash{}) // the next run writes it again, in its place
			if _, err := a.Read(t.Context(), entries[0]); err != nil {
				t.Error(err)
			}
		})
	}
}

// Nothing outside the folder is written or read through a link in it.
func TestALinkDoesNotLeadOutOfTheFolder(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "acme")); err != nil {
		t.Fatal(err)
	}
	f := archive.NewFolder(dir)
	if err := f.Put(t.Context(), "acme/audit/x", []byte("x")); directory.CodeOf(err) != directory.Unavailable {
		t.Error(err)
	}
	if found, err := os.ReadDir(outside); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
	if err := os.WriteFile(filepath.Join(outside, "x"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if content, err := f.Get(t.Context(), "acme/x", 100); err == nil {
		t.Errorf("it reads %s", content)
	}
}

// The next write removes the unfinished files of a killed server, and nothing else.
func TestUnfinishedFilesAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "acme"), 0o700), os.WriteFile(filepath.Join(dir, "acme", ".new-old"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	f := archive.NewFolder(dir)
	if err := errors.Join(f.Put(t.Context(), "acme/one", nil), f.Put(t.Context(), "acme/two", nil), f.Check(t.Context(), 10)); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]int{"acme/*": 2, "*": 1} {
		if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) != want {
			t.Errorf("%s: %v", pattern, found)
		}
	}
}

// Anyone can sign a manifest that claims any number of lines. A segment of line feeds must not take the memory of as many lines.
func TestSegmentOfLineFeedsTakesLittleMemory(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte{'\n'}, 8<<20)
	sum := sha256.Sum256(body)
	manifest := fmt.Appendf(nil, `{"format":%q,"tenant":"acme","kind":"events","first":1,"last":%d,"bytes":%d,"sha256":"%x","key":"%x"}`,
		archive.Format, len(body), len(body), sum, key(1).Public())
	text := fmt.Appendf(nil, "%s\n%x\n%s", manifest, ed25519.Sign(key(1), manifest), body)
	content := pack(text)
	if _, err := archive.Decode(content); !archive.IsDamaged(err) || !strings.Contains(err.Error(), "8388608 lines") {
		t.Error(err)
	}
}

func pack(text []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.HuffmanOnly) // fast
	_, _ = z.Write(text)                              // into memory
	_ = z.Close()
	return b.Bytes()
}

func FuzzDecode(f *testing.F) {
	dir := f.TempDir()
	a := archive.New(archive.NewFolder(dir), key(1))
	lines := trail("acme", 2)
	var text [][]byte
	for i := range lines {
		line, _ := archive.Line(lines[i])
		text = append(text, line)
	}
	_, e, err := a.Write(f.Context(), archive.Manifest{Tenant: "acme", Kind: archive.Audit, First: 1, Last: 2, From: epoch, To: epoch, ChainHead: lines[1].Hash}, text)
	if err != nil {
		f.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, e.Name))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := archive.Decode(content)
		if (s == nil) == (err == nil) {
			t.Fatal("a segment and an error, or neither")
		}
		if err != nil && !archive.IsDamaged(err) {
			t.Fatal(err)
		}
	})
}
