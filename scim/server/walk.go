package server

import (
	"crypto/sha256"
	"encoding/json"

	"drawbridge/directory"
)

// When a record is deleted, the positions after it change, so a client that reads pages by startIndex and deletes meanwhile would miss
// records. The next page of a walk therefore begins after the last record of the previous page.
//
// A remembered place is used only for the same credential, query and page size, in the next request of that walk, within minutes. All other
// requests are positional (RFC 7644 §3.4.2.4).

// walk is what is remembered of the last page.
type walk struct {
	Next  int               // the startIndex of the next page
	Kind  int               // where that begins: see place
	After *directory.Mark   `json:",omitempty"`
	Known []directory.Known `json:",omitempty"` // what the page reported, by type of resource
}

// walkOf names the walk of a request; bound identifies its query.
func walkOf(p directory.Principal, bound []byte, count int) []byte {
	b := append(make([]byte, 0, len(bound)+80), bound...)
	b = append(append(b, 0), p.Token...)
	sum := sha256.Sum256(append(b, 0, byte(count), byte(count>>8), byte(count>>16), byte(count>>24)))
	return sum[:]
}

// resume gives where the page of a request begins, if it is the next one of its walk, and what the previous page recorded about the result.
// A later page never begins there.
func (s *server) resume(c *call, p directory.Principal, key []byte, start int) (from *place, known []directory.Known, err error) {
	if start <= 1 {
		return nil, nil, nil
	}
	text, err := s.bridge.PagePositions().Take(c.ctx, p, key)
	if text == nil || err != nil {
		return nil, nil, err
	}
	var w walk
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, nil, nil //nolint:nilerr // another release wrote it: the page is positional
	}
	if w.Next == start {
		from = &place{kind: w.Kind, after: w.After}
	}
	return from, w.Known, nil
}

// remember keeps where a page ended. next is nil at the end of the result: then no place is kept.
func (s *server) remember(c *call, p directory.Principal, key []byte, given int, w *pager) error {
	if w.next == nil || given == 0 {
		if w.start > 1 {
			return nil // resume has taken it
		}
		return s.bridge.PagePositions().Keep(c.ctx, p, key, nil)
	}
	text, err := json.Marshal(walk{Next: w.start + given, Kind: w.next.kind, After: w.next.after, Known: w.reported})
	if err != nil {
		return err
	}
	return s.bridge.PagePositions().Keep(c.ctx, p, key, text)
}
