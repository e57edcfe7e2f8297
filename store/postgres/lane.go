package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"drawbridge/directory"
	"drawbridge/store"
)

const (
	maxBatch = 256 // pieces of work in one commit

	// retryWait is how long a batch is repeated while the database cannot be reached; then its callers get the error.
	retryWait = 8 * time.Second
)

// lanes are the tenants with waiting writes. The writes of one tenant wait for each other in the database: the row of the tenant is locked
// until the commit is durable. So all waiting writes of a tenant share one transaction, and the next batch has the writes that arrived
// meanwhile.
type lanes struct {
	store  *Store
	mu     sync.Mutex
	open   map[laneKey]*lane
	closed bool
	busy   sync.WaitGroup
}

// laneKey names a lane: a tenant, or the data of a staged one.
type laneKey struct {
	tenant directory.TenantID
	staged int64 // the key of the data; 0: the tenant's own
}

// lane is the work of one tenant. It has a goroutine while there is work.
type lane struct {
	store *Store
	key   laneKey
	queue []*work
	crowd crowd
}

// work is one write that waits.
type work struct {
	want  *store.Want
	do    func(*tx) error // decides, and adds the result to the pending writes
	alone bool            // it wants a commit of its own
	last  *admission      // the credential of its request, if that is still to be checked
	ok    bool            // it was checked
	state atomic.Int32
	done  chan error
}

// The states of work. The lane and a caller that gives up compete for it.
const (
	waiting int32 = iota
	taken
	givenUp
)

func (l *lanes) init(s *Store) { l.store, l.open = s, make(map[laneKey]*lane) }

// close ends all work that was accepted.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.busy.Wait()
}

// add queues work; false if the store is closed.
func (l *lanes) add(key laneKey, w *work) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	found := l.open[key]
	if found == nil {
		found = &lane{store: l.store, key: key}
		l.open[key] = found
		l.busy.Add(1)
		go found.run()
	}
	found.queue = append(found.queue, w)
	found.crowd.came(len(found.queue))
	return true
}

// take gives the next work; the lane ends if there is none.
func (l *lanes) take(of *lane) (batch []*work, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(of.queue) && len(batch) < maxBatch {
		w := of.queue[n]
		if w.alone && len(batch) > 0 {
			break
		}
		n++
		if w.state.CompareAndSwap(waiting, taken) {
			batch = append(batch, w)
			if w.alone {
				break
			}
		}
	}
	of.queue = of.queue[n:]
	if len(batch) == 0 && len(of.queue) == 0 {
		delete(l.open, of.key)
		return nil, true
	}
	return batch, false
}

// submit passes work to the lane of a tenant and waits for its answer. If ctx ends before the work has begun, the work is dropped; later,
// submit waits for the outcome.
func (s *Store) submit(ctx context.Context, key laneKey, w *work) error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err)
	}
	w.done, w.last = make(chan error, 1), s.deferred(ctx)
	defer func() {
		if w.ok {
			store.DeferralOf(ctx).Done()
		}
	}()
	if !s.lanes.add(key, w) {
		return isClosed()
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if w.state.CompareAndSwap(waiting, givenUp) {
			return gaveUp(ctx.Err())
		}
		return <-w.done
	}
}

// Update hands decide to the lane of the tenant and waits until its Change is durable.
func (s *Store) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	store.PrefetchOf(ctx).Take(tenant) // a View after it must see what it writes
	return s.submit(ctx, laneKey{tenant: tenant}, &work{want: want, do: func(t *tx) error { return t.change(decide) }})
}

func (l *lane) run() {
	defer l.store.lanes.busy.Done()
	for {
		// The connection comes first: writes that arrive while the lane waits for one are part of the batch.
		batch, ended := l.store.lanes.take(l)
		if ended {
			return
		}
		began := l.store.options.Now()
		l.commit(batch)
		l.gather(len(batch), l.store.options.Now().Sub(began))
	}
}

// commit runs a batch until its outcome is known, and answers all callers in it. No caller is answered earlier, not even with a refusal,
// because a refusal may depend on the write of another piece of the batch.
func (l *lane) commit(batch []*work) {
	answered := false
	answer := func(errs []error, all error) {
		answered = true
		for i, w := range batch {
			if all != nil {
				w.done <- all
			} else {
				w.done <- errs[i]
			}
		}
	}
	defer func() {
		if !answered { // decide ended this goroutine (as FailNow of a test does), and no other caller may wait forever
			answer(nil, &directory.Error{Code: directory.Internal, Message: "something went wrong inside; nothing was written", Err: errors.New("a decide ended its goroutine")})
			l.store.lanes.busy.Add(1)
			go l.run()
		}
	}()
	within, cancel := context.WithTimeout(l.store.ended, retryWait)
	defer cancel()
	trust := trustNew
	for tries := 0; len(batch) > 0; tries++ {
		errs, err := l.attempt(batch, trust)
		var half *halfDone
		switch {
		case err == nil:
			answer(errs, nil)
			return
		case directory.IsUnknown(err):
			answer(nil, err)
			return
		case errors.As(err, &half):
			batch[half.piece].done <- half.error
			batch = slices.Delete(batch, half.piece, half.piece+1)
			continue
		case raced(err) && len(batch) > 1:
			answered = true
			for _, w := range batch {
				l.commit([]*work{w})
			}
			return
		case raced(err) && tries < 3:
			trust = askAgain
			continue
		case raced(err):
			answer(nil, taker(err))
			return
		case passing(err) && within.Err() == nil:
			l.store.options.Logger.Warn("a commit is tried again", "tenant", l.key.tenant, "error", err)
			select {
			case <-time.After(min(time.Duration(tries+1)*20*time.Millisecond, 200*time.Millisecond)):
			case <-within.Done():
			}
			continue
		}
		l.store.options.Metrics.failed()
		err = failed("the store could not be written; nothing was changed, try again later", err)
		l.store.note(err)
		answer(nil, err)
		return
	}
	answered = true
}

// halfDone is an error of a piece that is partly pending already, so the other pieces must begin again.
type halfDone struct {
	error
	piece int
}

// newness says whether a transaction assumes that a record that looks new is new.
type newness int

const (
	trustNew newness = iota
	askAgain
)

// attempt runs a batch in one transaction, and gives the answer of each piece. An error is one of the whole batch, of which nothing was
// committed, unless it is Unknown.
func (l *lane) attempt(batch []*work, trust newness) ([]error, error) {
	ctx, cancel := context.WithTimeout(l.store.ended, l.store.options.Timeout)
	defer cancel()
	conn, err := l.store.acquire(ctx)
	if err != nil {
		return nil, err
	}
	finished := false
	defer func() {
		if finished {
			conn.Release()
		} else {
			l.store.discard(conn)
		}
	}()
	t := &tx{store: l.store, ctx: ctx, conn: conn, tenant: l.key.tenant, staged: l.key.staged, careful: trust == askAgain}
	var n need
	checks := make([]*admission, len(batch))
	for i, w := range batch {
		n.add(wanted(w.want))
		if w.last != nil {
			checks[i] = &admission{shown: w.last.shown}
			t.checks = append(t.checks, checks[i])
		}
	}
	if err := t.begin(locked(), n); err != nil {
		return nil, err
	}
	errs := make([]error, len(batch))
	for i, w := range batch {
		if w.ok = w.last == nil || checks[i].same(w.last); !w.ok {
			errs[i] = admissionChanged()
			continue
		}
		errs[i] = w.do(t)
		switch {
		case t.broken != nil:
			return nil, t.broken
		case t.half:
			return nil, &halfDone{errs[i], i}
		}
	}
	if !t.dirty {
		finished = t.rollback() == nil
		return errs, nil
	}
	if err := t.commit(); err != nil {
		return nil, err
	}
	finished = true
	if t.renewed {
		l.store.admitted.forget(t.tenant, l.store.options.Now())
	}
	l.store.options.Metrics.committed(len(batch))
	l.store.changes.wrote(t.tenant, uint64(t.head.change))
	return errs, nil
}

// change runs decide and adds its Change to the pending writes.
func (t *tx) change(decide store.Decide) error {
	var c directory.Change
	err := shielded(func() (err error) {
		c, err = decide(reader{t})
		return err
	})
	if err != nil || c.Empty() {
		return err
	}
	return t.put(&c)
}

// put makes a Change pending, all or none.
func (t *tx) put(c *directory.Change) error {
	if err := shielded(func() error { return t.verify(c) }); err != nil {
		t.doubtNew()
		return err
	}
	t.half = true
	if err := shielded(func() error { return t.apply(c) }); err != nil {
		return err
	}
	t.half = false
	return nil
}

// commit sends all pending writes and the COMMIT in one round trip. An error means that nothing was committed, unless it is
// Unknown.
func (t *tx) commit() error {
	id := newID()
	b := &pgx.Batch{}
	if err := t.finish(b, id); err != nil {
		return err
	}
	b.Queue("commit")
	takeWarning(t.conn.Conn())
	err := t.send(b)
	cause := ""
	switch {
	case err == nil:
		cause = takeWarning(t.conn.Conn())
	case undecided(err):
		cause = err.Error()
	default:
		return err
	}
	if cause == "" {
		return nil
	}
	committed, err := t.store.resolve(t.locked, id, cause)
	if err == nil && !committed {
		err = errLostCommit
	}
	return err
}

// errLostCommit means that a COMMIT was sent but not done: the batch may run again.
var errLostCommit = errors.New("the commit did not reach the database")

// resolve finds out whether a COMMIT was done that was not answered, or that was answered although its wait for the standby was cancelled.
// It takes the lock of the tenant, which the lost transaction holds while it can still commit, and looks for the batch. It also writes and
// commits, because its own COMMIT is answered only when the standby has everything before it.
func (s *Store) resolve(pk int64, id pgtype.UUID, cause string) (committed bool, err error) {
	s.options.Logger.Warn("what became of a commit is being looked up", "batch", fmt.Sprintf("%x", id.Bytes), "error", cause)
	ctx, cancel := context.WithTimeout(s.ended, s.options.Timeout)
	defer cancel()
	for ctx.Err() == nil {
		var sure bool
		committed, sure, err = s.lookUp(ctx, pk, id)
		if sure {
			return committed, nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	s.options.Metrics.unknown()
	return false, &directory.Error{
		Code: directory.Unavailable, Unknown: true, RetryAfter: 5 * time.Second,
		Message: "the connection to the database broke during the commit, and what became of it is not known; look again, or repeat the request",
		Err:     errors.Join(errors.New(cause), err),
	}
}

// lookUp reports whether a batch was committed; sure is false if that could not be found out.
func (s *Store) lookUp(ctx context.Context, pk int64, id pgtype.UUID) (committed, sure bool, err error) {
	conn, err := s.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer s.discard(conn)
	locks := int64(0)
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue("select " + boundsSQL)
	b.Queue("update lane set change = change + 1 where pk = $1 returning 1", pk).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			locks++
		}
		return rows.Err()
	})
	b.Queue("select exists (select 1 from batch where id = $1)", id).QueryRow(func(row pgx.Row) error { return row.Scan(&committed) })
	b.Queue("commit")
	takeWarning(conn.Conn())
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return false, false, err
	}
	if takeWarning(conn.Conn()) != "" {
		return false, false, errors.New("the standby did not confirm")
	}
	// A tenant that was not created has no row to lock.
	return committed, committed || locks > 0, nil
}

// raced reports whether another tenant has taken a unique value of the installation since it was looked up.
func raced(err error) bool { return hasCode(err, uniqueViolation, notNullViolation) }
