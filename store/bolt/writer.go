package bolt

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
)

// The bounds of one commit.
const (
	maxBatch      = 1024    // pieces of work
	maxBatchBytes = 1 << 20 // bytes of keys and values

	// fairTime and fairBytes bound a batch with work of several tenants: beyond them it takes only one piece of work of each
	// tenant. A single tenant may fill its batch; when another one arrives, the batch ends soon after.
	fairTime  = 2 * time.Millisecond
	fairBytes = 256 << 10
)

// pending is a piece of work that waits for the writer.
type pending struct {
	tenant directory.TenantID // in whose line it waits; Provider for work that belongs to no tenant
	run    func(*batch) error
	alone  bool // it needs a commit of its own
	state  atomic.Int32
	done   chan error
}

// The states of a pending piece of work. The writer and a caller that gives up race to change it.
const (
	waiting int32 = iota
	taken
	givenUp
)

// submit hands run to the writer and waits for its result. If ctx ends before the writer has taken run, run is never executed.
// After that, submit waits for the outcome, because decide and what it captured are in use.
func (s *Store) submit(ctx context.Context, tenant directory.TenantID, run func(*batch) error) error {
	return s.hand(ctx, &pending{tenant: tenant, run: run, done: make(chan error, 1)})
}

// submitAlone is submit for work that must be alone in its commit.
func (s *Store) submitAlone(ctx context.Context, run func(*batch) error) error {
	return s.hand(ctx, &pending{run: run, alone: true, done: make(chan error, 1)})
}

func (s *Store) hand(ctx context.Context, p *pending) error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err)
	}
	m := s.options.Metrics
	if m != nil {
		m.pending.Inc()
	}
	if !s.queue.add(p) {
		if m != nil {
			m.pending.Dec()
		}
		return isClosed()
	}
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		if p.state.CompareAndSwap(waiting, givenUp) {
			return gaveUp(ctx.Err())
		}
		return <-p.done
	}
}

// write is the writer: the only goroutine that changes the file. A batch is the work that queued up during the last commit, and
// that of clients that return at once (see groupCommit).
func (s *Store) write() {
	var b *batch
	var g groupCommit
	ended := false
	defer func() {
		if ended {
			return
		}
		// decide ended this goroutine, as FailNow of a test does. The callers still need an answer.
		b.abandon()
		go s.write()
	}()
	debug.SetPanicOnFault(true)
	for p := s.queue.wait(); p != nil; p = s.queue.wait() {
		b = &batch{store: s, began: s.options.Now(), served: map[directory.TenantID]bool{}}
		g.beginBatch(b.began)
		b.collect(p, &g)
		began := s.options.Now()
		b.commit()
		g.endBatch(len(b.answers), s.queue.len(), began, s.options.Now())
	}
	ended = true
	s.pool.clear()
	s.changes.close()
	var err error
	if !s.wedged.Load() {
		err = s.db.Close()
	}
	s.credentials.empty()                  // from now on every call fails because the store is closed
	if by, ok := readSidecar(s.path); ok { // record that no process has the file open
		by.PID, by.Started = 0, time.Time{}
		if err := writeSidecar(s.path, by); err != nil { // it only makes a message of the next start less exact
			s.options.Logger.Warn("the file beside the store still names this process", "error", err)
		}
	}
	if err != nil {
		s.ending = failed("the store could not be closed", err)
	}
	close(s.written)
}

// batch is the work of one commit.
type batch struct {
	store   *Store
	tx      *bbolt.Tx
	tenants map[directory.TenantID]*writer
	work    []*pending
	answers []error // one for each piece of work
	wrote   bool
	bytes   int

	began  time.Time
	served map[directory.TenantID]bool // tenants with work in it

	touched map[directory.TenantID]bool // tenants of whose credentials a use was recorded

	registered bool // a tenant, connection or token was written
}

// partialWrite marks an error after something was written: the transaction must be rolled back.
type partialWrite struct{ error }

func (e partialWrite) Unwrap() error { return e.error }

// collect runs first, everything in the queue that fits, and the work of expected clients that arrives soon.
func (b *batch) collect(first *pending, g *groupCommit) {
	next := func() *pending {
		p := b.store.queue.take(b.accepts)
		if p == nil && len(b.work) < g.expected {
			late := false
			if p, late = b.store.queue.takeSoon(b.accepts, g.linger()); p != nil || late {
				if p != nil {
					g.arrived()
				} else {
					g.waitedInVain()
				}
			}
		}
		return p
	}
	for p := first; p != nil; p = next() {
		if m := b.store.options.Metrics; m != nil {
			m.pending.Dec()
		}
		if p.state.CompareAndSwap(waiting, taken) {
			b.served[p.tenant] = true
			b.work = append(b.work, p)
			b.answers = append(b.answers, nil)
			b.run(len(b.work) - 1)
		}
		if p.alone {
			return
		}
	}
}

// accepts reports whether p may be part of this batch: there is room, and either it is the first piece of its tenant, or no other
// tenant has to wait long.
func (b *batch) accepts(p *pending) bool {
	switch {
	case len(b.work) == 0:
		return true
	case p.alone, len(b.work) >= maxBatch, b.bytes >= maxBatchBytes:
		return false
	}
	return !b.served[p.tenant] || len(b.served) == 1 || b.bytes < fairBytes && b.store.options.Now().Sub(b.began) < fairTime
}

// run executes piece i and those after it. A piece that fails after it wrote something is answered and dropped; the transaction is
// rolled back, and the other pieces run again.
func (b *batch) run(i int) {
	for i < len(b.work) {
		err := b.attempt(b.work[i])
		if !errors.As(err, new(partialWrite)) {
			b.answers[i] = err
			i++
			continue
		}
		b.rollback()
		b.work[i].done <- errors.Unwrap(err)
		b.work = slices.Delete(b.work, i, i+1)
		b.answers = slices.Delete(b.answers, i, i+1)
		i = 0
	}
}

func (b *batch) attempt(p *pending) error {
	if b.tx == nil {
		if err := b.store.file.check(0); err != nil {
			b.store.refuse(err)
			return cannotWrite(err)
		}
		tx, err := b.store.beginTx(writing)
		if err != nil {
			return err
		}
		b.tx, b.tenants, b.touched = tx, make(map[directory.TenantID]*writer), make(map[directory.TenantID]bool)
	}
	return p.run(b)
}

// update runs decide and applies its Change, if there is one.
func (b *batch) update(tenant directory.TenantID, decide func(store.Reader) (directory.Change, error)) error {
	w := b.tenant(tenant)
	var change directory.Change
	err := shielded(func() (err error) {
		change, err = decide(w.reader)
		return err
	})
	if err != nil || change.Empty() {
		return err
	}
	if err := shielded(func() error { return w.verify(&change) }); err != nil {
		return err
	}
	return b.put(func() error { return w.apply(&change) })
}

// put runs a function that writes. If it fails, something may have been written already.
func (b *batch) put(write func() error) error {
	b.wrote = true
	err := shielded(write)
	var known *directory.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &known):
		err = internal("a change could not be written: %w", err)
	}
	return partialWrite{err}
}

// register writes a tenant, a connection or a token, or removes it if record is nil. Nothing else may write them, because register
// also clears the cache of credentials.
func (b *batch) register(bucket string, key, record []byte) error {
	b.registered = true
	if record == nil {
		return b.tx.Bucket([]byte(bucket)).Delete(key)
	}
	return b.tx.Bucket([]byte(bucket)).Put(key, record)
}

// tenant returns the writer of one tenant. All updates of a batch share it, so each sees what the one before it left.
func (b *batch) tenant(id directory.TenantID) *writer {
	w := b.tenants[id]
	if w == nil {
		w = &writer{batch: b, reader: b.store.reader(b.tx, id)}
		w.reader.writer = w
		b.tenants[id] = w
	}
	return w
}

// commit makes the batch durable and then answers all callers. No answer leaves earlier, not even a refusal: it may depend on what
// another update of the batch has written.
func (b *batch) commit() {
	if err := b.finish(); err != nil {
		b.store.options.Logger.Debug("a commit failed", "updates", len(b.work), "error", err)
		for i := range b.answers {
			b.answers[i] = err
		}
	}
	b.store.watchCollisions() // before the answers, so that a client that has one finds the metric up to date
	for i, p := range b.work {
		p.done <- b.answers[i]
	}
	b.work = nil
}

func (b *batch) finish() error {
	if b.tx == nil {
		return nil
	}
	if !b.wrote {
		b.rollback()
		return nil
	}
	start, tx, txid, changed := b.store.options.Now(), b.tx, uint64(b.tx.ID()), b.bytes
	b.store.pool.clear()
	defer b.store.pool.refill()
	err := shielded(func() error {
		for _, w := range b.tenants {
			if err := w.flush(); err != nil {
				return err
			}
		}
		return b.tx.Commit()
	})
	b.store.roster.mark(b.tenants, b.touched)
	if b.registered {
		b.store.credentials.empty() // also after a failure: the last write may have succeeded
	}
	stats := tx.Stats()
	size := max(changed, int(stats.GetPageAlloc())) // a few changed bytes cost whole pages
	if err != nil {
		b.rollback()
		return b.store.commitFailed(txid, size, err)
	}
	b.store.file.txid.Store(txid)
	for tenant, w := range b.tenants {
		if w.recorded {
			b.store.changes.moved(tenant)
		}
	}
	if err := b.store.file.check(0); err != nil {
		b.store.refuse(err)
		return unknownOutcome(err)
	}
	if b.store.condition.wrote(size) {
		b.store.options.Metrics.recovered()
		b.store.options.Logger.Info("the store takes writes again")
	}
	if m := b.store.options.Metrics; m != nil {
		m.committed(b.store.db, b.store.options.Now().Sub(start), len(b.work))
	}
	return nil
}

// commitFailed records a failed commit and returns the error for its callers. If the disk failed after the last page was written,
// the commit is in the file, and may or may not survive a power cut.
func (s *Store) commitFailed(txid uint64, size int, err error) error {
	s.options.Metrics.failed()
	if s.condition.failed(size, err) {
		s.options.Logger.Error("the store takes no writes", "path", s.path, "error", err)
	}
	if newest, unread := s.file.newestTxid(); unread == nil && newest == txid {
		s.file.txid.Store(txid)
		return unknownOutcome(err)
	}
	return failed("the store could not be written; nothing was changed, try again later", err)
}

// rollback discards everything that the batch has written.
func (b *batch) rollback() {
	if b.tx != nil {
		_ = b.tx.Rollback() // after a failed commit it is closed already
	}
	b.tx, b.tenants, b.wrote, b.bytes, b.registered = nil, nil, false, 0, false
}

// abandon answers the callers of a batch whose writer was ended by a decide.
func (b *batch) abandon() {
	b.rollback()
	for _, p := range b.work {
		p.done <- &directory.Error{Code: directory.Internal, Message: "internal error; nothing was written", Err: errors.New("a decide ended its goroutine")}
	}
	b.work = nil
}
