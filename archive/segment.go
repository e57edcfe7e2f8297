package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"drawbridge/directory"
)

// Format is the first field of every manifest.
const Format = "drawbridge archive 1"

// Kind is what a segment holds.
type Kind string

// The values of Kind.
const (
	Audit  Kind = "audit"
	Events Kind = "events"
)

// The bounds of a segment.
const (
	// MostLines and EnoughBytes end a segment that is being made, so that it is removed from the store in one short transaction. A segment
	// with more lines is invalid.
	MostLines   = 5000
	EnoughBytes = 4 << 20
	// mostBytes is the maximum size of the lines of a segment that is read, mostManifest that of its first line.
	mostBytes    = 64 << 20
	mostManifest = 16 << 10
)

// Manifest is the first line of a segment. Its order is the order of the JSON.
type Manifest struct {
	Format string             `json:"format"`
	Tenant directory.TenantID `json:"tenant"` // "": the installation itself
	Kind   Kind               `json:"kind"`
	First  uint64             `json:"first"` // the number of the first line
	Last   uint64             `json:"last"`
	From   time.Time          `json:"from"` // the earliest time in it
	To     time.Time          `json:"to"`   // the latest time in it

	Bytes  int64          `json:"bytes"`  // of the lines, line feeds included
	SHA256 directory.Hash `json:"sha256"` // of these bytes

	// Previous is the SHA-256 of the manifest of the segment before this one; zero if there is none.
	Previous directory.Hash `json:"previous"`
	// ChainPrevious and ChainHead are the hashes of the audit line before the first and of the last one; zero for events, and as
	// long as the chain of audit lines has not begun.
	ChainPrevious directory.Hash `json:"chain_previous"`
	ChainHead     directory.Hash `json:"chain_head"`

	Written time.Time `json:"written"`
	Key     string    `json:"key"` // the public key that the signature belongs to, in hexadecimal digits
}

// Segment is a part of a trail or of a feed.
type Segment struct {
	Manifest
	Head  directory.Hash // SHA-256 of the manifest: what the next segment and the store remember
	Lines [][]byte       // JSON, without the line feed
}

// Damaged is a segment that is not what was written: a sentence about what is wrong.
type Damaged string

func (d Damaged) Error() string { return string(d) }

func damaged(format string, args ...any) error { return Damaged(fmt.Sprintf(format, args...)) }

// Line is how an audit line or an event is written: its JSON without white space and without escapes for HTML.
func Line(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// encode makes the file of a segment: the manifest, its signature and the lines, under gzip. It completes the manifest.
func encode(m Manifest, lines [][]byte, key ed25519.PrivateKey) (content []byte, head directory.Hash, err error) {
	sum := sha256.New()
	m.Format, m.Bytes = Format, 0
	for _, line := range lines {
		m.Bytes += int64(len(line)) + 1
		sum.Write(line)
		sum.Write([]byte{'\n'})
	}
	if m.Bytes > mostBytes {
		return nil, head, fmt.Errorf("a segment of %d bytes is larger than %d", m.Bytes, int64(mostBytes))
	}
	sum.Sum(m.SHA256[:0])
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, head, errors.New("the key of the archive is no key")
	}
	m.Key = hex.EncodeToString(public)
	manifest, err := Line(m)
	if err != nil {
		return nil, head, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	text := append(append([]byte{}, manifest...), '\n')
	text = append(hex.AppendEncode(text, ed25519.Sign(key, manifest)), '\n')
	for _, part := range append([][]byte{text}, lines...) {
		if len(part) == 0 || part[len(part)-1] != '\n' {
			part = append(part[:len(part):len(part)], '\n')
		}
		if _, err := z.Write(part); err != nil {
			return nil, head, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, head, err
	}
	return b.Bytes(), sha256.Sum256(manifest), nil
}

// Decode reads the file of a segment and verifies the format, the signature by the key that the manifest names, the checksum, the numbers,
// and the hashes of audit lines. An error is a Damaged. The caller compares key and segment with what it expected.
func Decode(content []byte) (*Segment, error) {
	text, err := unpack(content)
	if err != nil {
		return nil, err
	}
	manifest, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok || len(manifest) > mostManifest {
		return nil, damaged("it has no manifest")
	}
	signature, body, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return nil, damaged("it has no signature")
	}
	s := &Segment{Head: sha256.Sum256(manifest)}
	d := json.NewDecoder(bytes.NewReader(manifest))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.Manifest); err != nil || s.Format != Format || d.InputOffset() != int64(len(manifest)) {
		return nil, damaged("its manifest is not of the format %q", Format)
	}
	if err := s.signed(manifest, signature); err != nil {
		return nil, err
	}
	if directory.Hash(sha256.Sum256(body)) != s.SHA256 || int64(len(body)) != s.Bytes {
		return nil, damaged("its lines are not those that the manifest names: they were changed")
	}
	if len(body) == 0 || body[len(body)-1] != '\n' || s.Last < s.First || s.First == 0 {
		return nil, damaged("it has no lines")
	}
	// The lines are counted first: a file of line feeds would take much memory as lines.
	if n := uint64(bytes.Count(body, []byte("\n"))); n > MostLines || n != s.Last-s.First+1 {
		return nil, damaged("it has %d lines, and the manifest names the lines %d to %d", n, s.First, s.Last)
	}
	s.Lines = bytes.Split(body[:len(body)-1], []byte("\n"))
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func unpack(content []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, damaged("it is not a gzip file")
	}
	const most = mostBytes + mostManifest + 1024
	text, err := io.ReadAll(io.LimitReader(z, most+1))
	switch {
	case err != nil:
		return nil, damaged("it is cut off or was changed: %v", err)
	case len(text) > most:
		return nil, damaged("it is larger than a segment can be")
	}
	return text, nil
}

func (s *Segment) signed(manifest, signature []byte) error {
	key, err := hex.DecodeString(s.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return damaged("its manifest names no key")
	}
	sig, err := hex.DecodeString(string(signature))
	if err != nil || !ed25519.Verify(key, manifest, sig) {
		return damaged("the signature of its manifest is wrong")
	}
	return nil
}

// check verifies the numbers of the lines, and the chain of audit lines.
func (s *Segment) check() error {
	switch s.Kind {
	case Audit:
		_, err := s.AuditLines()
		return err
	case Events:
		_, err := s.EventLines()
		return err
	}
	return damaged("it holds %q, which is not known", s.Kind)
}

// AuditLines are the lines of a segment of audit lines.
func (s *Segment) AuditLines() ([]directory.Audit, error) {
	out := make([]directory.Audit, len(s.Lines))
	head := s.ChainPrevious
	for i, line := range s.Lines {
		a := &out[i]
		if err := json.Unmarshal(line, a); err != nil || a.Tenant != s.Tenant || a.Seq != s.First+uint64(i) {
			return nil, damaged("line %d is not an audit line of this trail, or has another number", s.First+uint64(i))
		}
		begun := head != directory.Hash{}
		switch {
		case !begun && a.Hash == directory.Hash{} && !a.ChainStart: // older than the chain
			continue
		case begun == a.ChainStart, a.Sum(head) != a.Hash:
			return nil, damaged("the hash of line %d does not fit", a.Seq)
		}
		head = a.Hash
	}
	if head != s.ChainHead {
		return nil, damaged("its last line has another hash than the manifest says")
	}
	return out, nil
}

// EventLines are the events of a segment of events.
func (s *Segment) EventLines() ([]directory.Event, error) {
	out := make([]directory.Event, len(s.Lines))
	for i, line := range s.Lines {
		e := &out[i]
		if err := json.Unmarshal(line, e); err != nil || e.Tenant != s.Tenant || e.Seq != s.First+uint64(i) {
			return nil, damaged("line %d is not an event of this feed, or has another number", s.First+uint64(i))
		}
	}
	return out, nil
}
