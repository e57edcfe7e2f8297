package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"drawbridge/directory"
)

// Read goes through a bundle from its first byte to its last and passes each line to yield, in order. yield may be nil. Only when it
// returns without an error is it known that one of the trusted installations signed all of it. Until then the caller must not make any of
// it visible. Read keeps one member in memory.
//
// The error is Invalid with a sentence for everything that is not exactly a bundle, TooLarge for one that unpacks to too much, Unsupported
// for one of a newer release, and Refused T2 for a valid one with an unknown signature; only then the Manifest is returned with the error.
// Errors of yield are returned unchanged.
func Read(from io.Reader, trusted []ed25519.PublicKey, yield func(kind string, line []byte) error) (Manifest, directory.Hash, error) {
	counted := &counter{from: bufio.NewReaderSize(from, 1<<16)}
	gz, err := gzip.NewReader(counted)
	if err != nil {
		return Manifest{}, directory.Hash{}, bad("it is not a gzip file, or it is damaged at its beginning", err)
	}
	gz.Multistream(false)
	r := &reading{archive: counted, gz: gz, yield: yield, lines: map[string]int{}}
	r.tar = tar.NewReader(&limited{from: gz, r: r})
	m, sum, err := r.all(trusted)
	if err != nil && r.tooMuch {
		err = &directory.Error{Code: directory.TooLarge, Field: "bundle", Message: fmt.Sprintf("the bundle is refused: it unpacks to more than %d times its size", mostExpansion)}
	}
	return m, sum, err
}

type reading struct {
	archive *counter
	gz      *gzip.Reader
	tar     *tar.Reader
	yield   func(kind string, line []byte) error

	members  []Member
	lines    map[string]int
	kind     int
	number   int
	unpacked int64
	tooMuch  bool
}

// counter counts the bytes that were read of the archive. It is a ByteReader, so that gzip does not read ahead.
type counter struct {
	from *bufio.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.from.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// limited ends an archive that unpacks to too much.
type limited struct {
	from io.Reader
	r    *reading
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	l.r.unpacked += int64(n)
	if l.r.unpacked > freeExpansion && l.r.unpacked > mostExpansion*l.r.archive.n {
		l.r.tooMuch = true
		return 0, errors.New("too much")
	}
	return n, err
}

func (r *reading) all(trusted []ed25519.PublicKey) (Manifest, directory.Hash, error) {
	var m Manifest
	for {
		header, err := r.next()
		if err != nil {
			return m, directory.Hash{}, err
		}
		if header.Name == manifestName {
			return r.end(header, trusted)
		}
		if err := r.member(header); err != nil {
			return m, directory.Hash{}, err
		}
	}
}

// next gives the header of the next member, which must be an ordinary file without extensions of the format.
func (r *reading) next() (*tar.Header, error) {
	header, err := r.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, bad("it ends before its manifest and signature", nil)
	case err != nil:
		return nil, broken(err)
	case header.Typeflag != tar.TypeReg || header.Linkname != "" || header.Format != tar.FormatUSTAR:
		return nil, bad(fmt.Sprintf("%s is not a regular file; a bundle has no links, folders or devices", quoted(header.Name)), nil)
	case len(r.members) > maxMembers:
		return nil, bad("it has too many members", nil)
	}
	return header, nil
}

// member reads one member of lines. Only two names can follow: the next of its kind, or the first of a later kind.
func (r *reading) member(header *tar.Header) error {
	kind, _, _ := strings.Cut(header.Name, "/")
	at := slices.Index(Kinds(), kind)
	switch {
	case at < 0:
		return bad(fmt.Sprintf("it has a member %s, which no bundle has", quoted(header.Name)), nil)
	case at < r.kind:
		return bad(fmt.Sprintf("the member %s is in the wrong place, or occurs twice", quoted(header.Name)), nil)
	case at > r.kind:
		r.kind, r.number = at, 0
	}
	r.number++
	if header.Name != memberName(kind, r.number) {
		return bad(fmt.Sprintf("the member %s is where %s was expected", quoted(header.Name), memberName(kind, r.number)), nil)
	}
	data, err := r.content(header, maxMember)
	if err != nil {
		return err
	}
	r.members = append(r.members, Member{Name: header.Name, Size: header.Size, SHA256: directory.Hash(sha256.Sum256(data))})
	for len(data) > 0 {
		line, rest, ended := bytes.Cut(data, []byte{'\n'})
		if !ended || len(line) == 0 || len(line) > maxLine {
			return bad(fmt.Sprintf("the member %s has a line that does not end, is empty or too long", quoted(header.Name)), nil)
		}
		r.lines[kind]++
		if r.yield != nil {
			if err := r.yield(kind, line); err != nil {
				return err
			}
		}
		data = rest
	}
	return nil
}

func (r *reading) content(header *tar.Header, most int64) ([]byte, error) {
	if header.Size <= 0 || header.Size > most {
		return nil, bad(fmt.Sprintf("the member %s has %d bytes, and 1 to %d are allowed", quoted(header.Name), header.Size, most), nil)
	}
	var b bytes.Buffer // grows with the data, independent of the header
	if _, err := io.Copy(&b, io.LimitReader(r.tar, header.Size)); err != nil {
		return nil, broken(err)
	}
	if int64(b.Len()) != header.Size {
		return nil, broken(io.ErrUnexpectedEOF)
	}
	return b.Bytes(), nil
}

// end reads manifest and signature, and checks that nothing follows.
func (r *reading) end(header *tar.Header, trusted []ed25519.PublicKey) (Manifest, directory.Hash, error) {
	var none directory.Hash
	text, err := r.content(header, maxManifest)
	if err != nil {
		return Manifest{}, none, err
	}
	header, err = r.next()
	if err != nil {
		return Manifest{}, none, err
	}
	if header.Name != signatureName {
		return Manifest{}, none, bad(fmt.Sprintf("the member %s is where the signature was expected", quoted(header.Name)), nil)
	}
	encoded, err := r.content(header, maxSignature)
	if err != nil {
		return Manifest{}, none, err
	}
	if _, err := r.tar.Next(); !errors.Is(err, io.EOF) {
		return Manifest{}, none, bad("there is data after its signature", err)
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(&limited{from: r.gz, r: r}, 1<<20)); err != nil { // the gzip checksum follows it
		return Manifest{}, none, broken(err)
	}
	if _, err := r.archive.ReadByte(); !errors.Is(err, io.EOF) {
		return Manifest{}, none, bad("there is data after its end", err)
	}
	m, err := r.manifest(text)
	if err != nil {
		return m, none, err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSuffix(string(encoded), "\n"))
	if err != nil {
		return m, none, bad("its signature cannot be read", err)
	}
	key, err := ParsePublicKey(m.Key)
	if err != nil {
		return m, none, bad("its manifest names no public key", err)
	}
	if !ed25519.Verify(key, append([]byte(domain), text...), signature) {
		return m, none, bad("its signature does not fit: it was changed after it was made", nil)
	}
	if !slices.ContainsFunc(trusted, func(k ed25519.PublicKey) bool { return k.Equal(key) }) {
		return m, none, &directory.Error{Code: directory.Refused, Rule: "T2", Field: "trust", Message: fmt.Sprintf(
			"the bundle is whole, and signed with the key %s, which is not trusted here: ask the other installation for its key (drawbridge bundle key) by another way, compare, and trust it (drawbridge tenant link --trust KEY)", m.Key)}
	}
	return m, directory.Hash(sha256.Sum256(text)), nil
}

// manifest compares what the manifest says with what was read.
func (r *reading) manifest(text []byte) (Manifest, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return Manifest{}, bad("its manifest is not JSON", err)
	}
	if version.Format > Format {
		return Manifest{}, &directory.Error{Code: directory.Unsupported, Field: "bundle", Message: fmt.Sprintf(
			"the bundle has format %d, and this release reads up to %d: link it with a newer release", version.Format, Format)}
	}
	var m Manifest
	if err := Decode(text, &m); err != nil {
		return m, bad("its manifest does not say what a manifest says", err)
	}
	if m.Format < 1 {
		return m, bad(fmt.Sprintf("its manifest has format %d", m.Format), nil)
	}
	if !slices.Equal(m.Members, r.members) {
		return m, bad("its members are not those that its manifest lists: it was changed after it was made", nil)
	}
	for _, kind := range Kinds() {
		if m.Lines[kind] != r.lines[kind] {
			return m, bad(fmt.Sprintf("it has %d lines of %s, and its manifest says %d", r.lines[kind], kind, m.Lines[kind]), nil)
		}
	}
	if m.Lines[Tenants] != 1 {
		return m, bad(fmt.Sprintf("it holds %d companies", m.Lines[Tenants]), nil)
	}
	return m, nil
}

// Decode reads one JSON value strictly: known fields only, each once, and no data after it.
func Decode(line []byte, into any) error {
	if _, err := directory.ParseJSON(line, directory.Limits{Values: 1 << 20}); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return bad("it is cut off", err)
	}
	return bad("it is damaged: it cannot be unpacked", err)
}

// quoted is a name from an archive as it may be shown.
func quoted(name string) string {
	if len(name) > 100 {
		name = name[:100]
	}
	return fmt.Sprintf("%q", name)
}
