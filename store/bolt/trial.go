package bolt

import (
	"context"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// What a trial writes at least and at most. It is one value, which needs pages side by side: single pages that are free here
// and there say nothing about whether the file can grow.
const (
	leastTrial = 64 << 10
	mostTrial  = 1 << 20
)

// trialKey is what a trial puts into metaBucket and takes away. What one leaves that was interrupted says nothing.
const trialKey = "trial"

// doubt is what the writer knows about a disk that did not take a commit. The zero doubt is none.
type doubt struct {
	mu   sync.Mutex
	size int // what must be written to end it; 0: there is none
}

func (d *doubt) failed(size int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.size = max(d.size, min(size, mostTrial), leastTrial)
}

// wrote notes a commit; a small one may fit where there is no room for what failed, and ends no doubt.
func (d *doubt) wrote(size int) (ended bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.size == 0 || size < d.size {
		return false
	}
	d.size = 0
	return true
}

func (d *doubt) open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.size
}

// Probe reports whether the store takes what is written to it. When the last commit was written it only asks whether the writer is
// alive. Behind a commit that failed, as on a full disk, it writes as much as that one was to write (64 KiB to 1 MiB), and
// takes it out again: until that succeeds, or a commit of that size does, the store is not well, though smaller ones
// may still fit. The error is that of the attempt.
func (s *Store) Probe(ctx context.Context) error {
	size := s.doubt.open()
	if size == 0 {
		return s.Update(ctx, directory.Provider, nil, func(store.Reader) (directory.Change, error) { return directory.Change{}, nil })
	}
	if err := s.submit(ctx, directory.Provider, func(b *batch) error { return b.put(func() error { return b.trial(size) }) }); err != nil {
		return err
	}
	return s.submit(ctx, directory.Provider, func(b *batch) error { return b.put(b.endTrial) })
}

func (b *batch) trial(size int) error {
	b.bytes += size
	return b.tx.Bucket([]byte(metaBucket)).Put([]byte(trialKey), make([]byte, size))
}

func (b *batch) endTrial() error {
	return b.tx.Bucket([]byte(metaBucket)).Delete([]byte(trialKey))
}
