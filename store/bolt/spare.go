package bolt

import (
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// spareReaders keeps readers of the last commit for whoever comes next: to begin and end a transaction of bbolt, and to find the way
// to the buckets of a tenant, takes longer than reading one record. A reader is of one tenant for ever and is lent to
// one caller at a time.
//
// The writer empties it before it commits and fills it again only with what begins behind the commit. So nobody gets a
// snapshot older than the last answer, no page waits for a reader that nobody uses, and nothing keeps bbolt from
// mapping a file that has grown, or from closing it.
type spareReaders struct {
	mu     sync.Mutex
	spares []*reader // at most maxSpares, the one that was used last at the end
	open   bool      // whether readers are kept
	era    uint64    // moves when it is emptied: what began in an earlier one is not kept
}

const maxSpares = 32

// take gives a spare reader of a tenant, nil if there is none, and the era that give wants of a reader that is begun instead.
func (s *spareReaders) take(tenant directory.TenantID) (r *reader, era uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.spares) - 1; i >= 0; i-- {
		if r = s.spares[i]; r.tenant == tenant {
			s.spares = slices.Delete(s.spares, i, i+1)
			return r, s.era
		}
	}
	return nil, s.era
}

// give keeps a reader that was begun in era, or ends its transaction.
func (s *spareReaders) give(r *reader, era uint64) {
	if dropped := s.keep(r, era); dropped != nil {
		end(dropped.tx)
	}
}

// keep gives the reader that has no place.
func (s *spareReaders) keep(r *reader, era uint64) (dropped *reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open || s.era != era {
		return r
	}
	if len(s.spares) == maxSpares { // of another tenant perhaps, and longest without use
		dropped = s.spares[0]
		s.spares = slices.Delete(s.spares, 0, 1)
	}
	s.spares = append(s.spares, r)
	return dropped
}

// empty ends all spare readers, and keeps none until the next fill.
func (s *spareReaders) empty() {
	s.mu.Lock()
	spares := s.spares
	s.spares, s.open = nil, false
	s.era++
	s.mu.Unlock()
	for _, r := range spares {
		end(r.tx)
	}
}

// fill lets readers be kept that begin from now on.
func (s *spareReaders) fill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
	s.era++
}

// end closes a read-only transaction; it has nothing to say.
func end(tx *bbolt.Tx) { _ = tx.Rollback() }
