package archive

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"

	"drawbridge/directory"
)

// mostFile bounds a compressed file that is read.
const mostFile = mostBytes + 1<<20

// Archive writes segments to a place and reads them. It is safe for concurrent use.
type Archive struct {
	place Place
	key   ed25519.PrivateKey
}

// New makes an Archive that signs with key.
func New(place Place, key ed25519.PrivateKey) *Archive {
	return &Archive{place: place, key: key}
}

// Place says where it is.
func (a *Archive) Place() string { return a.place.String() }

// Key is the public key of what is signed now, in hexadecimal digits.
func (a *Archive) Key() string {
	public, _ := a.key.Public().(ed25519.PublicKey)
	return hex.EncodeToString(public)
}

// Write makes a segment of lines, puts it into its place, reads it back from there and proves it. It returns what was read. A
// segment that is there under the same name is replaced: it has the same manifest.
func (a *Archive) Write(ctx context.Context, m Manifest, lines [][]byte) (*Segment, Entry, error) {
	content, head, err := encode(m, lines, a.key)
	if err != nil {
		return nil, Entry{}, &directory.Error{Code: directory.Internal, Message: "a segment of the archive cannot be made: " + err.Error(), Err: err}
	}
	if _, err := Decode(content); err != nil { // a line that would not be read back as it is
		return nil, Entry{}, &directory.Error{Code: directory.Internal, Message: fmt.Sprintf("the %s lines %d to %d cannot be archived: %v", m.Kind, m.First, m.Last, err), Err: err}
	}
	e := entry(&m, head, int64(len(content)))
	if err := a.place.Put(ctx, e.Name, content); err != nil {
		return nil, e, err
	}
	s, err := a.Read(ctx, e)
	if err == nil && s.Head != head {
		err = a.damage(e, Damaged("it is another segment than the one that was written"))
	}
	return s, e, err
}

// Read reads a segment and proves it in itself, and that it is what its name says. What is wrong with it is an error of code
// Invalid that wraps a Damaged.
func (a *Archive) Read(ctx context.Context, e Entry) (*Segment, error) {
	content, err := a.place.Get(ctx, e.Name, mostFile)
	if directory.CodeOf(err) == directory.Invalid {
		return nil, a.damage(e, Damaged("it is larger than a segment can be"))
	}
	if err != nil {
		return nil, err
	}
	s, err := Decode(content)
	if err == nil && (s.Tenant != e.Tenant || s.Kind != e.Kind || s.First != e.First || s.Last != e.Last || !e.Is(s.Head)) {
		err = Damaged("it is another segment than its name says")
	}
	var d Damaged
	if errors.As(err, &d) {
		return nil, a.damage(e, d)
	}
	return s, err
}

func (a *Archive) damage(e Entry, d Damaged) error {
	return &directory.Error{Code: directory.Invalid, Rule: "E6", Message: fmt.Sprintf("the segment %s in the archive (%s) is damaged: %s", e.Name, a.place, d), Err: d}
}

// IsDamaged reports whether an error says that a segment is not what was written.
func IsDamaged(err error) bool {
	var d Damaged
	return errors.As(err, &d)
}

// Segments lists what lies in the archive of a trail or of a feed, by first line. After a backup was restored there may be several
// that have the same lines, or other lines with the same numbers: only a head tells which of them belongs to a chain.
func (a *Archive) Segments(ctx context.Context, tenant directory.TenantID, kind Kind) (out []Entry, err error) {
	err = a.place.List(ctx, folder(tenant, kind), func(name string, size int64) error {
		if e, ok := parse(tenant, kind, name, size); ok {
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
