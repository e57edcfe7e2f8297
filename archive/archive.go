package archive

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"drawbridge/directory"
)

// mostFile is the maximum size of a compressed file that is read.
const mostFile = mostBytes + 1<<20

// Archive writes segments to a Storage and reads them. It is safe for concurrent use.
type Archive struct {
	storage Storage
	key     ed25519.PrivateKey
	// failed is the size of the file that could not be written last; 0 after one that could.
	failed atomic.Int64
}

// probeSize is how large a file Check tries to write.
const probeSize = 4 << 10

// New makes an Archive that signs with key.
func New(storage Storage, key ed25519.PrivateKey) *Archive {
	return &Archive{storage: storage, key: key}
}

// Where says where it is.
func (a *Archive) Where() string { return a.storage.String() }

// Check tests whether a segment could be written. After one that could not, it tries a file as large as that one: on a disk that is almost
// full there is still room for a small file.
func (a *Archive) Check(ctx context.Context) error {
	return a.storage.Check(ctx, max(probeSize, int(a.failed.Load())))
}

// Key is the public key of what is signed now, in hexadecimal digits.
func (a *Archive) Key() string {
	public, _ := a.key.Public().(ed25519.PublicKey)
	return hex.EncodeToString(public)
}

// Write makes a segment of lines, stores it, reads it back and verifies it. It returns what was read. An existing segment of the same name
// is replaced: it has the same manifest.
func (a *Archive) Write(ctx context.Context, m Manifest, lines [][]byte) (*Segment, Entry, error) {
	content, head, err := encode(m, lines, a.key)
	if err != nil {
		return nil, Entry{}, &directory.Error{Code: directory.Internal, Message: "a segment of the archive cannot be made: " + err.Error(), Err: err}
	}
	if _, err := Decode(content); err != nil { // a line that would not be read back as it is
		return nil, Entry{}, &directory.Error{Code: directory.Internal, Message: fmt.Sprintf("the %s lines %d to %d cannot be archived: %v", m.Kind, m.First, m.Last, err), Err: err}
	}
	e := entry(&m, head, int64(len(content)))
	if err := a.storage.Put(ctx, e.Name, content); err != nil {
		a.failed.Store(e.Size)
		return nil, e, err
	}
	a.failed.Store(0)
	s, err := a.Read(ctx, e)
	if err == nil && s.Head != head {
		err = a.Damage(e, Damaged("it is another segment than the one that was written"))
	}
	return s, e, err
}

// Read reads a segment and verifies that it is consistent, and that it matches its name. If not, the error is Invalid and wraps a Damaged.
func (a *Archive) Read(ctx context.Context, e Entry) (*Segment, error) {
	content, err := a.storage.Get(ctx, e.Name, mostFile)
	var wrong *directory.Error
	if errors.As(err, &wrong) && wrong.Code == directory.Invalid {
		return nil, a.Damage(e, Damaged(wrong.Message))
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
		return nil, a.Damage(e, d)
	}
	return s, err
}

// Damage is the error for a segment that is not what was expected, as Read gives it.
func (a *Archive) Damage(e Entry, d Damaged) error {
	return &directory.Error{Code: directory.Invalid, Rule: "E6", Message: fmt.Sprintf("the segment %s in the archive (%s) is damaged: %s", e.Name, a.storage, d), Err: d}
}

// IsDamaged reports whether an error says that a segment is not what was written.
func IsDamaged(err error) bool {
	var d Damaged
	return errors.As(err, &d)
}

// Segments lists the segments of a trail or a feed in the archive, by first line. After a backup was restored there may be several with the
// same lines, or with other lines of the same numbers: only a head tells which of them belongs to a chain.
func (a *Archive) Segments(ctx context.Context, tenant directory.TenantID, kind Kind) (out []Entry, err error) {
	err = a.storage.List(ctx, folder(tenant, kind), func(name string, size int64) error {
		if e, ok := parse(tenant, kind, name, size); ok {
			out = append(out, e)
		}
		return nil
	})
	slices.SortFunc(out, func(x, y Entry) int { return strings.Compare(x.Name, y.Name) })
	return out, err
}
