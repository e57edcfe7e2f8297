package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"drawbridge/directory"
)

// Writer makes a bundle. It keeps no more than one member in memory. The same lines give the same bytes.
type Writer struct {
	gz       *gzip.Writer
	tar      *tar.Writer
	key      ed25519.PrivateKey
	manifest Manifest

	kind   int // of the open member, as an index of Kinds
	number int
	body   bytes.Buffer
}

// NewWriter begins a bundle that is signed with key. m says what the bundle is of; Writer fills in counts and members.
func NewWriter(to io.Writer, m Manifest, key ed25519.PrivateKey) *Writer {
	gz := gzip.NewWriter(to)
	m.Format, m.Lines, m.Members = Format, make(map[string]int), nil
	if public, ok := key.Public().(ed25519.PublicKey); ok {
		m.Key = PublicKey(public)
	}
	return &Writer{gz: gz, tar: tar.NewWriter(gz), key: key, manifest: m}
}

// Line adds a line. Kinds come in their order.
func (w *Writer) Line(kind string, v any) error {
	at := slices.Index(Kinds(), kind)
	if at < w.kind {
		return fmt.Errorf("a line of %s after those of %s", kind, Kinds()[w.kind])
	}
	if at != w.kind {
		if err := w.flush(); err != nil {
			return err
		}
		w.kind, w.number = at, 0
	}
	before := w.body.Len()
	e := json.NewEncoder(&w.body) // ends each value with a line feed
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	if w.body.Len()-before > maxLine {
		return fmt.Errorf("a line of %s has %d bytes, and at most %d fit into a bundle", kind, w.body.Len()-before, maxLine)
	}
	w.manifest.Lines[kind]++
	if w.body.Len() >= memberBytes {
		return w.flush()
	}
	return nil
}

// flush closes the member.
func (w *Writer) flush() error {
	if w.body.Len() == 0 {
		return nil
	}
	w.number++
	name := memberName(Kinds()[w.kind], w.number)
	w.manifest.Members = append(w.manifest.Members, Member{Name: name, Size: int64(w.body.Len()), SHA256: directory.Hash(sha256.Sum256(w.body.Bytes()))})
	err := w.member(name, w.body.Bytes())
	w.body.Reset()
	return err
}

func memberName(kind string, number int) string { return fmt.Sprintf("%s/%06d.jsonl", kind, number) }

func (w *Writer) member(name string, data []byte) error {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(data)), Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR})
	if err != nil {
		return err
	}
	_, err = w.tar.Write(data)
	return err
}

// Close ends the bundle with its manifest and the signature. head is the hash of the last audit line. It returns the sum of the
// manifest, which identifies the whole bundle.
func (w *Writer) Close(head directory.Hash) (directory.Hash, error) {
	if err := w.flush(); err != nil {
		return directory.Hash{}, err
	}
	w.manifest.AuditHead = head
	text, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return directory.Hash{}, err
	}
	if err := w.member(manifestName, text); err != nil {
		return directory.Hash{}, err
	}
	signature := ed25519.Sign(w.key, append([]byte(domain), text...))
	if err := w.member(signatureName, []byte(base64.StdEncoding.EncodeToString(signature)+"\n")); err != nil {
		return directory.Hash{}, err
	}
	if err := w.tar.Close(); err != nil {
		return directory.Hash{}, err
	}
	return directory.Hash(sha256.Sum256(text)), w.gz.Close()
}
