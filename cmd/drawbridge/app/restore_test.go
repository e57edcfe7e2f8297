package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store/bolt"
)

// backedUp is a good backup with its checksum, and the program to restore it.
func backedUp(t *testing.T) (p program, backup string) {
	t.Helper()
	b := newBench(t, 50)
	out, err := b.Backup(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return b.program, out.Path
}

func writeFile(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRestoreReplacesTheStore(t *testing.T) {
	t.Parallel()
	p, backup := backedUp(t)
	for name, data := range map[string]string{
		"a folder that is not there": filepath.Join(t.TempDir(), "deep", "data"),
		"an empty folder":            t.TempDir(),
	} {
		report, err := p.restore(t.Context(), backup, data, RestoreOptions{}, nil)
		if err != nil || !report.OK || report.Users != 50 {
			t.Fatalf("%s: %+v, %v", name, report, err)
		}
		differences, err := p.run(t.Context(), nil, "compare", backup, StorePath(data))
		if err != nil || !differences.OK {
			t.Errorf("%s: %+v, %v", name, differences, err)
		}
		s, err := bolt.Open(StorePath(data), bolt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_, err = p.restore(t.Context(), backup, data, RestoreOptions{}, nil)
		refusedWith(t, err, directory.Conflict, "is not empty", "drawbridge.db")
	}
}

func TestRestoreRefusesInvalidBackups(t *testing.T) {
	t.Parallel()
	p, backup := backedUp(t)
	dir := t.TempDir()
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return hex.EncodeToString(s[:])
	}
	with := func(name, content, sumLine string) string {
		path := writeFile(t, filepath.Join(dir, name), content)
		if sumLine != "" {
			writeFile(t, path+".sha256", sumLine)
		}
		return path
	}
	good := sum(string(whole))
	flipped := []byte(string(whole))
	flipped[len(flipped)/2] ^= 4
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("no store ", 10_000)
	for name, c := range map[string]struct {
		file  string
		o     RestoreOptions
		code  directory.Code
		words string
	}{
		"no such file":            {filepath.Join(dir, "none.db"), RestoreOptions{}, directory.Invalid, "there is no backup"},
		"a folder":                {dir, RestoreOptions{}, directory.Invalid, "is not a regular file"},
		"a pipe":                  {pipe, RestoreOptions{NoSum: true}, directory.Invalid, "is not a regular file"},
		"a device":                {"/dev/zero", RestoreOptions{NoSum: true}, directory.Invalid, "is not a regular file"},
		"no checksum":             {with("nosum.db", string(whole), ""), RestoreOptions{}, directory.Invalid, "--no-checksum"},
		"a checksum that is none": {with("badsum.db", string(whole), "../../etc/passwd"), RestoreOptions{}, directory.Invalid, "holds no checksum"},
		"an endless checksum":     {with("longsum.db", string(whole), strings.Repeat("a", 1<<20)), RestoreOptions{}, directory.Invalid, "holds no checksum"},
		"another checksum":        {with("othersum.db", string(whole), sum("x")+"  othersum.db\n"), RestoreOptions{}, directory.Internal, "is not what was backed up"},
		"another one by hand":     {backup, RestoreOptions{Sum: sum("x")}, directory.Internal, "is not what was backed up"},
		"nonsense by hand":        {backup, RestoreOptions{Sum: "abc"}, directory.Invalid, "64 hexadecimal digits"},
		"a flipped bit":           {with("flipped.db", string(flipped), good+"  flipped.db\n"), RestoreOptions{}, directory.Internal, "is not what was backed up"},
		"cut short":               {with("cut.db", string(whole[:len(whole)/2]), ""), RestoreOptions{NoSum: true}, directory.Internal, "is cut short"},
		"empty":                   {with("empty.db", "", ""), RestoreOptions{NoSum: true}, directory.Internal, "is empty"},
		"no store":                {with("text.db", text, sum(text)+"  text.db\n"), RestoreOptions{}, directory.Internal, "is not a store"},
	} {
		t.Run(name, func(t *testing.T) {
			made := filepath.Join(t.TempDir(), "made")
			there := t.TempDir()
			for _, data := range []string{made, there} {
				_, err := p.restore(t.Context(), c.file, data, c.o, nil)
				refusedWith(t, err, c.code, c.words)
			}
			if _, err := os.Stat(made); !errors.Is(err, os.ErrNotExist) {
				t.Error("a folder was left")
			}
			if entries, _ := os.ReadDir(there); len(entries) > 0 {
				t.Errorf("left in the folder: %v", entries)
			}
		})
	}
	full := t.TempDir()
	writeFile(t, filepath.Join(full, "notes.txt"), "mine")
	_, err = p.restore(t.Context(), backup, full, RestoreOptions{}, nil)
	refusedWith(t, err, directory.Conflict, "notes.txt")
	_, err = p.restore(t.Context(), backup, filepath.Join(full, "notes.txt"), RestoreOptions{}, nil)
	refusedWith(t, err, directory.Invalid, "cannot be read")
	// A checksum in capitals or under another name is one nevertheless; a link leads to the backup.
	writeFile(t, filepath.Join(dir, "renamed.db.sha256"), strings.ToUpper(good)+" *old name.db\r\n")
	if err := os.Symlink(backup, filepath.Join(dir, "renamed.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.restore(t.Context(), filepath.Join(dir, "renamed.db"), t.TempDir(), RestoreOptions{}, nil); err != nil {
		t.Error(err)
	}
}

// An interrupted restore is not taken for a new installation, and can be repeated.
func TestInterruptedRestoreCanBeRepeated(t *testing.T) {
	t.Parallel()
	p, backup := backedUp(t)
	data := t.TempDir()
	if err := bolt.MarkRestoring(StorePath(data), backup); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(data, ".drawbridge.db.partial"), "half of it")
	writeFile(t, filepath.Join(data, "drawbridge.db.info.new"), "{") // killed while it wrote the note
	_, err := bolt.Open(StorePath(data), bolt.Options{})
	refusedWith(t, err, directory.Internal, "a restore of "+backup+" was interrupted; run the restore again")
	if _, err := p.restore(t.Context(), backup, data, RestoreOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(StorePath(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(StorePath(data)); err != nil {
		t.Fatal(err)
	}
	_, err = bolt.Open(StorePath(data), bolt.Options{})
	refusedWith(t, err, directory.Internal, "is missing, but there was a store")
	if err := os.WriteFile(StorePath(data), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(data, ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

func TestCompactShrinksTheFile(t *testing.T) {
	t.Parallel()
	p, err := thisProgram()
	if err != nil {
		t.Fatal(err)
	}
	file := StorePath(t.TempDir())
	filledStore(t, file, 300)
	before, err := p.checkFile(t.Context(), nil, file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.compact(t.Context(), file, nil)
	if err != nil || out.After >= out.Before {
		t.Fatalf("%+v, %v", out, err)
	}
	after, err := p.checkFile(t.Context(), nil, file)
	if err != nil || !after.OK || after.Users != before.Users || after.Events != before.Events {
		t.Errorf("%+v, %v", after, err)
	}
	s, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.compact(t.Context(), file, nil)
	refusedWith(t, err, directory.Unavailable, "holds the store")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, file)
	whole, _ := os.ReadFile(file)
	_, err = p.compact(t.Context(), file, nil)
	refusedWith(t, err, directory.Internal, "was left as it is", "checksum")
	if again, _ := os.ReadFile(file); !bytes.Equal(again, whole) {
		t.Error("it was not")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

func TestRepairChangesNoRecord(t *testing.T) {
	t.Parallel()
	p, err := thisProgram()
	if err != nil {
		t.Fatal(err)
	}
	file := StorePath(t.TempDir())
	filledStore(t, file, 100)
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	out, err := p.repair(t.Context(), file, now, nil)
	if err != nil || out.Kept != "" || !out.Before.OK {
		t.Errorf("a good store: %+v, %v", out, err)
	}
	spoil(t, file)
	whole, _ := os.ReadFile(file)
	out, err = p.repair(t.Context(), file, now, nil)
	if err != nil || out.Kept != "" || len(out.After.Findings) != 1 {
		t.Errorf("a damaged record: %+v, %v", out, err)
	}
	if again, _ := os.ReadFile(file); !bytes.Equal(again, whole) {
		t.Error("the file was changed")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*repair*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}
