package archive

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
)

// Storage is where segments are stored: a folder, or a bucket. It is safe for concurrent use. Its errors are directory.Error with a sentence
// for operators: Unavailable if it is full, read-only or cannot be reached, NotFound if there is no such file.
type Storage interface {
	// Check tries whether a file of so many bytes can be written.
	Check(ctx context.Context, size int) error
	// Put writes a file whole or not at all. After it returns the file survives a loss of power.
	Put(ctx context.Context, name string, content []byte) error
	// Get reads a file. One that is larger than most bytes, or is not a regular file, is Invalid: the message says "it is …".
	Get(ctx context.Context, name string, most int64) ([]byte, error)
	// List yields the files whose names begin with prefix, which ends with a slash, in any order. An error of yield ends the list.
	List(ctx context.Context, prefix string, yield func(name string, size int64) error) error
	// String says where it is, for operators; without secrets.
	String() string
}

// installation is the folder of the trail of the installation itself. No tenant can have this name.
const installation = "_installation"

const (
	stamp  = "20060102T150405Z"
	suffix = ".jsonl.gz"
	// headDigits is how many digits of the head are in a name.
	headDigits = 16
)

// Entry is a segment as its name describes it.
type Entry struct {
	Name        string // in the Storage
	Tenant      directory.TenantID
	Kind        Kind
	First, Last uint64
	From, To    time.Time // in whole seconds, around the times of the lines
	Size        int64     // of the file
	mark        string    // the first digits of the head
}

// Is reports whether e is the segment with this head.
func (e *Entry) Is(head directory.Hash) bool { return e.mark == head.String()[:headDigits] }

func folder(tenant directory.TenantID, kind Kind) string {
	name := string(tenant)
	if tenant == directory.Provider {
		name = installation
	}
	return name + "/" + string(kind) + "/"
}

// entry makes the name of a segment, which tells its position in the trail and in time without reading it.
func entry(m *Manifest, head directory.Hash, size int64) Entry {
	from, to := m.From.UTC().Truncate(time.Second), m.To.UTC().Truncate(time.Second)
	if to.Before(m.To) {
		to = to.Add(time.Second)
	}
	e := Entry{Tenant: m.Tenant, Kind: m.Kind, First: m.First, Last: m.Last, From: from, To: to, Size: size, mark: head.String()[:headDigits]}
	e.Name = fmt.Sprintf("%s%020d-%020d-%s-%s-%s%s", folder(m.Tenant, m.Kind), e.First, e.Last, from.Format(stamp), to.Format(stamp), e.mark, suffix)
	return e
}

// parse reads a name that entry made; ok is false for every other file.
func parse(tenant directory.TenantID, kind Kind, name string, size int64) (e Entry, ok bool) {
	rest, inside := strings.CutPrefix(name, folder(tenant, kind))
	rest, named := strings.CutSuffix(rest, suffix)
	parts := strings.Split(rest, "-")
	if !inside || !named || len(parts) != 5 || len(parts[4]) != headDigits {
		return Entry{}, false
	}
	first, err1 := strconv.ParseUint(parts[0], 10, 64)
	last, err2 := strconv.ParseUint(parts[1], 10, 64)
	from, err3 := time.Parse(stamp, parts[2])
	to, err4 := time.Parse(stamp, parts[3])
	_, err5 := hex.DecodeString(parts[4])
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return Entry{}, false
		}
	}
	e = Entry{Name: name, Tenant: tenant, Kind: kind, First: first, Last: last, From: from, To: to, Size: size, mark: parts[4]}
	return e, first > 0 && last >= first && last-first < MostLines
}
