package bundle_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"drawbridge/bridge/bundle"
	"drawbridge/directory"
)

// pack is what makes an archive by hand.
type pack struct {
	private ed25519.PrivateKey
	trust   []ed25519.PublicKey
	members []member
}

type member struct {
	header tar.Header
	data   []byte
}

func newPack(t testing.TB) *pack {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &pack{private: private, trust: []ed25519.PublicKey{public}}
}

func (p *pack) add(name, data string) {
	p.members = append(p.members, member{tar.Header{Typeflag: tar.TypeReg, Name: name, Format: tar.FormatUSTAR}, []byte(data)})
}

// sign adds a manifest that fits, changed by change, and its signature.
func (p *pack) sign(t testing.TB, change func(*bundle.Manifest)) {
	t.Helper()
	public, _ := p.private.Public().(ed25519.PublicKey)
	m := bundle.Manifest{Format: bundle.Format, Tenant: "acme", Key: bundle.PublicKey(public), Lines: map[string]int{}, Members: []bundle.Member{}}
	for _, v := range p.members {
		kind, _, _ := strings.Cut(v.header.Name, "/")
		m.Lines[kind] += bytes.Count(v.data, []byte("\n"))
		m.Members = append(m.Members, bundle.Member{Name: v.header.Name, Size: int64(len(v.data)), SHA256: sha256.Sum256(v.data)})
	}
	if change != nil {
		change(&m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	p.add("manifest.json", string(text))
	p.add("manifest.sig", base64.StdEncoding.EncodeToString(ed25519.Sign(p.private, append([]byte("drawbridge hand-over bundle 1\n"), text...))))
}

func (p *pack) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, v := range p.members {
		h := v.header
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(v.data))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(v.data); err != nil && h.Typeflag == tar.TypeReg {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func good(t testing.TB) *pack {
	p := newPack(t)
	p.add("tenant/000001.jsonl", `{"slug":"acme"}`+"\n")
	p.add("users/000001.jsonl", "{}\n{}\n")
	p.add("users/000002.jsonl", "{}\n")
	return p
}

func read(p *pack, data []byte) (lines int, err error) {
	_, _, err = bundle.Read(bytes.NewReader(data), p.trust, func(string, []byte) error { lines++; return nil })
	return lines, err
}

func TestReadAcceptsValidBundles(t *testing.T) {
	t.Parallel()
	for format := 1; format <= bundle.Format; format++ {
		p := good(t)
		p.sign(t, func(m *bundle.Manifest) { m.Format = format })
		lines, err := read(p, p.bytes(t))
		if err != nil || lines != 4 {
			t.Fatalf("format %d: %d lines, %v", format, lines, err)
		}
	}
}

func TestReadRefusesMalformedBundles(t *testing.T) {
	t.Parallel()
	insert := func(name string) func(*pack) {
		return func(p *pack) { p.add(name, "{}\n") }
	}
	special := func(flag byte, name, link string) func(*pack) {
		return func(p *pack) {
			p.members = append(p.members, member{tar.Header{Typeflag: flag, Name: name, Linkname: link, Format: tar.FormatUSTAR}, nil})
		}
	}
	for name, c := range map[string]struct {
		before   func(*pack)
		manifest func(*bundle.Manifest)
		after    func(*pack)
		code     directory.Code
		says     string
	}{
		"a path out of the folder":  {before: insert("../../etc/passwd"), says: "which no bundle has"},
		"an absolute path":          {before: insert("/etc/passwd"), says: "which no bundle has"},
		"a known kind with a path":  {before: insert("users/../../x"), says: "was expected"},
		"an unknown member":         {before: insert("extra/000001.jsonl"), says: "which no bundle has"},
		"a member twice":            {before: insert("users/000002.jsonl"), says: "was expected"},
		"a number left out":         {before: insert("users/000004.jsonl"), says: "was expected"},
		"an earlier kind":           {before: insert("groups/000001.jsonl"), says: "wrong place"},
		"a symbolic link":           {before: special(tar.TypeSymlink, "users/000003.jsonl", "/etc/passwd"), says: "not a regular file"},
		"a hard link":               {before: special(tar.TypeLink, "users/000003.jsonl", "users/000001.jsonl"), says: "not a regular file"},
		"a folder":                  {before: special(tar.TypeDir, "users/", ""), says: "not a regular file"},
		"a device":                  {before: special(tar.TypeChar, "users/000003.jsonl", ""), says: "not a regular file"},
		"a pipe":                    {before: special(tar.TypeFifo, "users/000003.jsonl", ""), says: "not a regular file"},
		"an empty member":           {before: func(p *pack) { p.add("users/000003.jsonl", "") }, says: "0 bytes"},
		"a line without an end":     {before: func(p *pack) { p.add("users/000003.jsonl", "{}") }, says: "does not end"},
		"an empty line":             {before: func(p *pack) { p.add("users/000003.jsonl", "\n") }, says: "is empty"},
		"a member that is too long": {before: func(p *pack) { p.add("users/000003.jsonl", strings.Repeat("x", 13<<20)) }, says: "are allowed"},
		"a newer format":            {manifest: func(m *bundle.Manifest) { m.Format = bundle.Format + 1 }, code: directory.Unsupported, says: "newer release"},
		"no format":                 {manifest: func(m *bundle.Manifest) { m.Format = 0 }, says: "format 0"},
		"a sum that does not fit":   {manifest: func(m *bundle.Manifest) { m.Members[1].SHA256[0] ^= 1 }, says: "was changed"},
		"a member that is missing":  {manifest: func(m *bundle.Manifest) { m.Members = append(m.Members, bundle.Member{Name: "x"}) }, says: "was changed"},
		"lines that do not fit":     {manifest: func(m *bundle.Manifest) { m.Lines["users"] = 9 }, says: "its manifest says 9"},
		"no key":                    {manifest: func(m *bundle.Manifest) { m.Key = "" }, says: "no public key"},
		"data after the end":        {after: insert("users/000003.jsonl"), says: "after its signature"},
	} {
		t.Run(name, func(t *testing.T) {
			p := good(t)
			if c.before != nil {
				c.before(p)
			}
			p.sign(t, c.manifest)
			if c.after != nil {
				c.after(p)
			}
			_, err := read(p, p.bytes(t))
			code := c.code
			if code == "" {
				code = directory.Invalid
			}
			if directory.CodeOf(err) != code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %s with %q", err, code, c.says)
			}
		})
	}
}

func TestReadRefusesAWrongSignature(t *testing.T) {
	t.Parallel()
	p := good(t)
	p.sign(t, nil)
	last := &p.members[len(p.members)-1]
	last.data = []byte(base64.StdEncoding.EncodeToString(make([]byte, ed25519.SignatureSize)))
	if _, err := read(p, p.bytes(t)); directory.CodeOf(err) != directory.Invalid || !strings.Contains(err.Error(), "signature does not fit") {
		t.Errorf("an empty signature: %v", err)
	}
	p = good(t)
	p.sign(t, nil)
	other := newPack(t)
	if _, err := read(other, p.bytes(t)); directory.CodeOf(err) != directory.Refused || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("signed by a stranger: %v", err)
	}
	p = good(t)
	p.private = other.private // names the trusted key, and is signed with another
	public := bundle.PublicKey(p.trust[0])
	p.sign(t, func(m *bundle.Manifest) { m.Key = public })
	if _, err := read(p, p.bytes(t)); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("with the name of a trusted installation: %v", err)
	}
}

// written is a bundle that Writer made.
func written(t testing.TB, users int) (*pack, []byte) {
	t.Helper()
	p := newPack(t)
	var b bytes.Buffer
	w := bundle.NewWriter(&b, bundle.Manifest{Tenant: "acme"}, p.private)
	line := func(kind string, v any) {
		if err := w.Line(kind, v); err != nil {
			t.Fatal(err)
		}
	}
	line(bundle.Tenants, map[string]string{"slug": "acme"})
	for i := range users {
		line(bundle.Users, map[string]string{"userName": fmt.Sprintf("u%d@example.com", i)})
	}
	line(bundle.Audit, map[string]int{"seq": 1})
	if err := w.Line(bundle.Users, 1); err == nil {
		t.Error("kinds come in any order")
	}
	if _, err := w.Close(directory.Hash{}); err != nil {
		t.Fatal(err)
	}
	return p, b.Bytes()
}

func TestReadFindsEveryTruncationAndFlippedBit(t *testing.T) {
	t.Parallel()
	p, data := written(t, 40)
	if lines, err := read(p, data); err != nil || lines != 42 {
		t.Fatalf("%d lines, %v", lines, err)
	}
	for n := range data {
		if _, err := read(p, data[:n]); directory.CodeOf(err) != directory.Invalid {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		flipped := bytes.Clone(data)
		flipped[n] ^= 1 << (n % 8)
		// Some bits of a gzip file say nothing about what is in it: a time, a system, padding.
		if _, err := read(p, flipped); err == nil && !bytes.Equal(unpacked(t, flipped), unpacked(t, data)) {
			t.Fatalf("a bit of byte %d was flipped, and Read accepted it", n)
		}
	}
	if _, err := read(p, append(bytes.Clone(data), data...)); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("two bundles, one after the other: %v", err)
	}
	if _, err := read(p, append(bytes.Clone(data), 0)); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a byte after the end: %v", err)
	}
}

func unpacked(t *testing.T, data []byte) []byte {
	t.Helper()
	gz, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(gz)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReadRefusesACompressionBomb(t *testing.T) {
	t.Parallel()
	p := newPack(t)
	p.add("tenant/000001.jsonl", "{}\n")
	for i := range 10 { // 110 MiB of spaces in 110 KiB
		p.add(fmt.Sprintf("users/%06d.jsonl", i+1), strings.Repeat(strings.Repeat(" ", 1<<20)+"\n", 11))
	}
	p.sign(t, nil)
	if _, err := read(p, p.bytes(t)); directory.CodeOf(err) != directory.TooLarge {
		t.Errorf("a bomb: %v", err)
	}
}

// full is a disk without room.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestWriterReportsAFullDisk(t *testing.T) {
	t.Parallel()
	p := newPack(t)
	w := bundle.NewWriter(&full{left: 1 << 20}, bundle.Manifest{Tenant: "acme"}, p.private)
	random := make([]byte, 64<<10)
	var err error
	for range 200 {
		if _, err := io.ReadFull(rand.Reader, random); err != nil {
			t.Fatal(err)
		}
		if err = w.Line(bundle.Users, random); err != nil {
			break
		}
	}
	if err == nil {
		_, err = w.Close(directory.Hash{})
	}
	if err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("error %v", err)
	}
}

func FuzzRead(f *testing.F) {
	p, data := written(f, 3)
	f.Add(data)
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := read(p, data); err == nil && len(data) < 20 {
			t.Error("nothing is a bundle")
		}
	})
}

func TestPublicKeysAreParsed(t *testing.T) {
	t.Parallel()
	p := newPack(t)
	text := bundle.PublicKey(p.trust[0])
	key, err := bundle.ParsePublicKey(" " + text + "\n")
	if err != nil || !key.Equal(p.trust[0]) {
		t.Errorf("%v %v", key, err)
	}
	for _, bad := range []string{"", "dbp_", text[1:], text + "A", strings.ToUpper(text), "dbp_" + strings.Repeat("*", 43)} {
		if _, err := bundle.ParsePublicKey(bad); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
