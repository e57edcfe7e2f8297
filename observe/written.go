package observe

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"drawbridge/directory"
	"drawbridge/store"
)

// written are the records of a copy that its identity provider has written, as of an event of the copy.
type written struct {
	event   uint64
	records []record // each once, in the order of compareRecords
}

func compareRecords(a, b record) int {
	return cmp.Or(cmp.Compare(order(a.kind), order(b.kind)), bytes.Compare(a.id[:], b.id[:]))
}

// written gives the records that the identity provider has written in the copy. Only the events since the last call are read; those of a copy
// are never trimmed.
func (s *Service) written(ctx context.Context, copies Copies, c *directory.Connection) ([]record, error) {
	copyID := c.Observing.Copy
	s.mu.Lock()
	known := s.wrote[copyID]
	s.mu.Unlock()
	after, fresh := known.event, map[record]bool{}
	for {
		var page []directory.Event
		err := copies.Store.View(ctx, copyID, nil, func(r store.Reader) (err error) {
			page, _, err = r.Events(after, piece)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			e := &page[i]
			after = e.Seq
			if id, ok := directory.ParseID(e.Subject.ID); ok && e.Actor.Kind == directory.ByIdP {
				fresh[record{directory.Kind(e.Subject.Kind), id}] = true
			}
		}
	}
	if after == known.event {
		return known.records, nil
	}
	now := written{event: after, records: slices.Clone(known.records)}
	for r := range fresh {
		now.records = append(now.records, r)
	}
	slices.SortFunc(now.records, compareRecords)
	now.records = slices.CompactFunc(now.records, func(a, b record) bool { return a == b })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wrote[copyID].event < now.event {
		s.wrote[copyID] = now
	}
	return now.records, nil
}

// forget drops what is known about copies that are no longer used.
func (s *Service) forget(used func(directory.TenantID) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.wrote {
		if !used(id) {
			delete(s.wrote, id)
		}
	}
	for id := range s.made {
		if !used(id) {
			delete(s.made, id)
		}
	}
}
