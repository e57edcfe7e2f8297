package bolt

import (
	"context"
	"fmt"
	"os"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// The minimum and maximum size of a probe. A probe is one value, which needs adjacent pages: single free pages say nothing about
// whether the file can grow.
const (
	minProbe = 64 << 10
	maxProbe = 1 << 20
)

// probeKey is where a probe writes in metaBucket. If a probe was interrupted, the value stays there and means nothing.
const probeKey = "trial"

// condition is the state of the disk from the last writes. The zero condition is good.
type condition struct {
	mu    sync.Mutex
	size  int   // bytes that must be written to end a failure; 0: the last commit was written
	cause error // why the last commit failed, or why the file may not be written at all
}

// failed records that a commit of a number of bytes failed. fresh reports whether that was not known.
func (c *condition) failed(size int, cause error) (fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = max(c.size, min(size, maxProbe), minProbe)
	fresh = c.cause == nil || c.cause.Error() != cause.Error()
	c.cause = cause
	return fresh
}

// refused records that a write was not tried. fresh reports whether that was not known.
func (c *condition) refused(cause error) (fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh = c.cause == nil || c.cause.Error() != cause.Error()
	c.cause = cause
	return fresh
}

// wrote records a commit. A small commit may succeed although there is no space for the one that failed, so it does not end the failure.
func (c *condition) wrote(size int) (recovered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil || size < c.size {
		return false
	}
	c.size, c.cause = 0, nil
	return true
}

// probeSize is how many bytes a probe must write; 0: nothing has failed.
func (c *condition) probeSize() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return max(c.size, minProbe)
	}
	return 0
}

func (c *condition) problem() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// Health reports at once whether the store takes writes, as far as that is known: nil, or Unavailable with the cause and the path
// for the operator. It looks at the file, and remembers the last failed write until one of that size succeeds.
func (s *Store) Health() error {
	if s.wedged.Load() {
		return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf("the store %s cannot be used: %v", s.path, errWedged())}
	}
	if err := s.file.check(1); err != nil {
		return err
	}
	if err := s.condition.problem(); err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf("writes to the store %s fail: %s", s.path, causeOf(err))}
	}
	return nil
}

// Probe reports whether the store takes writes, after an attempt. When the last commit was written it only asks whether the writer
// is alive. After a commit that failed, as on a full disk, it writes as many bytes (64 KiB to 1 MiB) and removes them
// again. Until that succeeds, or a commit of that size does, the store is not healthy, though smaller commits may fit.
func (s *Store) Probe(ctx context.Context) error {
	if err := s.file.check(1); err != nil {
		s.refuse(err)
		return err
	}
	if err := s.keepSidecar(); err != nil {
		return err
	}
	size := s.condition.probeSize()
	if size == 0 {
		return s.Update(ctx, directory.Provider, nil, func(store.Reader) (directory.Change, error) { return directory.Change{}, nil })
	}
	if err := s.submit(ctx, directory.Provider, func(b *batch) error { return b.put(func() error { return b.probe(size) }) }); err != nil {
		return err
	}
	return s.submit(ctx, directory.Provider, func(b *batch) error { return b.put(b.endProbe) })
}

// keepSidecar writes the sidecar again if it was deleted.
func (s *Store) keepSidecar() error {
	if _, known := readSidecar(s.path); known {
		return nil
	}
	s.options.Logger.Warn("the file beside the store was deleted while the server was running; it is written again", "path", sidecarPath(s.path))
	return writeSidecar(s.path, sidecar{PID: os.Getpid(), Started: s.options.Now()})
}

// refuse records that the file must not be written.
func (s *Store) refuse(cause error) {
	if s.condition.refused(cause) {
		s.options.Metrics.unwritable()
		s.options.Logger.Error("the store takes no writes", "error", cause)
	}
}

func (b *batch) probe(size int) error {
	b.bytes += size
	return b.tx.Bucket([]byte(metaBucket)).Put([]byte(probeKey), make([]byte, size))
}

func (b *batch) endProbe() error {
	return b.tx.Bucket([]byte(metaBucket)).Delete([]byte(probeKey))
}
