package directory

import (
	"encoding/json"
	"time"
)

// ArchiveKV says which part of a trail or a feed is in the archive: ArchivedAudit or ArchivedEvents → ArchiveMark (E6).
const ArchiveKV KVKind = "archive"

// The keys of ArchiveKV.
const (
	ArchivedAudit  = "audit"
	ArchivedEvents = "events"
)

// ArchiveMark says which part of a trail or a feed is in the archive and no longer in the store. The zero value: nothing.
type ArchiveMark struct {
	Last     uint64    `json:"last"`     // the number of the last line
	Segment  Hash      `json:"segment"`  // the head of the last segment
	Segments int       `json:"segments"` // how many segments this installation has put there
	Lines    uint64    `json:"lines"`
	Bytes    int64     `json:"bytes"` // of their files
	From     time.Time `json:"from"`  // the earliest time of a line
	To       time.Time `json:"to"`    // the latest time in it
	At       time.Time `json:"at"`    // when the last segment was put there
	Keys     []string  `json:"keys"`  // the public keys that signed the segments

	// Of audit lines: the hash of the last one, and where the chain begins.
	Head  Hash   `json:"head,omitzero"`
	Start uint64 `json:"chain_start,omitempty"`
}

// Chain is the state of the chain after the last line in the archive and before the first one in the store.
func (m *ArchiveMark) Chain() Chain { return Chain{Last: m.Last, Head: m.Head, Start: m.Start} }

// ReadArchiveMark decodes the mark in a KV.
func ReadArchiveMark(kv KV) (m ArchiveMark, err error) {
	if err := json.Unmarshal(kv.Value, &m); err != nil {
		return m, &Error{Code: Internal, Message: "the mark of what is in the archive cannot be read", Err: err}
	}
	return m, nil
}

// NamesForgotten reports whether the Change has an ArchiveMark for the audit lines that it removes, as it must.
func (c *Change) NamesForgotten() bool {
	if c.ForgetAudit == 0 {
		return true
	}
	for _, kv := range c.KVs {
		if kv.Kind == ArchiveKV && kv.Key == ArchivedAudit {
			m, err := ReadArchiveMark(kv)
			return err == nil && m.Last == c.ForgetAudit
		}
	}
	return false
}
