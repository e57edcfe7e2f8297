package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"drawbridge/directory"
	"drawbridge/store"
)

// sharing lets small reads that wait at the same time share a transaction, a round trip and its statements. A statement costs both sides more
// than most of what it reads. A read that waits for nothing is sent at once. After a trip that fails, each of its reads runs by itself, so a
// damaged record fails only the read that needs it. Reads of different tenants share no trip, so that slow ones delay no other tenant; checks of
// credentials, which all cost the same, share one.
type sharing struct {
	store       *Store
	tripsAtOnce int // of one queue; with more of them, fewer reads share one. A slow trip does not count.

	mu     sync.Mutex
	queues map[directory.TenantID]*sharedQueue // of Views, while one waits
	checks sharedQueue                         // of credentials
}

func (s *sharing) init(store *Store) {
	s.store, s.tripsAtOnce = store, max(1, runtime.GOMAXPROCS(0)/2)
}

// sharedQueue are reads that may share a trip.
type sharedQueue struct {
	tenant  directory.TenantID
	waiting []*sharedRead
	trips   int       // under way
	began   time.Time // when the last one began
}

// sharedRead is a read that is known beforehand: the beginning of a View, a check of a credential, or both. Its results may be read once run
// has reported that they are there.
type sharedRead struct {
	view      *tx
	need      need // of the View
	admission *admission
	done      chan struct{}
	err       error
}

const (
	readsInTrip = 64
	needsInTrip = 32 // a read that names more goes alone, so that it delays no other
	tripsMost   = 4  // of one queue, with slow ones
	slowTrip    = 20 * time.Millisecond
)

// check runs a check of a credential together with others, and reports whether its results are there. If not, the caller asks by itself,
// which also finds out why.
func (s *sharing) check(ctx context.Context, a *admission) bool {
	return s.run(ctx, &sharedRead{admission: a}, func() *sharedQueue { return &s.checks })
}

// run waits for a trip with r.
func (s *sharing) run(ctx context.Context, r *sharedRead, queue func() *sharedQueue) bool {
	if ctx.Err() != nil || s.store.ended.Err() != nil {
		return false
	}
	r.done = make(chan struct{})
	s.mu.Lock()
	q := queue()
	q.waiting = append(q.waiting, r)
	begins := q.trips < s.tripsAtOnce || q.trips < tripsMost && s.store.options.Now().Sub(q.began) > slowTrip
	if begins {
		q.trips++
	}
	s.mu.Unlock()
	if begins {
		s.travel(q, r.done)
	}
	select {
	case <-r.done:
		return r.err == nil
	case <-ctx.Done():
		return false
	}
}

// queueOf gives the queue of a tenant.
func (s *sharing) queueOf(tenant directory.TenantID) *sharedQueue {
	q := s.queues[tenant]
	if q == nil {
		if s.queues == nil {
			s.queues = map[directory.TenantID]*sharedQueue{}
		}
		q = &sharedQueue{tenant: tenant}
		s.queues[tenant] = q
	}
	return q
}

// travel makes trips until no read of q waits. The caller whose read began it makes the first trip, because waking a goroutine takes as long
// as a small trip. When that read is done, a goroutine goes on for the others.
func (s *sharing) travel(q *sharedQueue, own <-chan struct{}) {
	for {
		s.mu.Lock()
		n := min(len(q.waiting), readsInTrip)
		if n == 0 {
			if q.trips--; q.trips == 0 && q != &s.checks {
				delete(s.queues, q.tenant)
			}
			s.mu.Unlock()
			return
		}
		if isDone(own) {
			s.mu.Unlock()
			go s.travel(q, nil)
			return
		}
		reads := q.waiting[:n:n]
		q.waiting = q.waiting[n:]
		q.began = s.store.options.Now()
		s.mu.Unlock()
		err := shielded(func() error { return s.trip(reads) })
		for _, r := range reads {
			r.err = err
			close(r.done)
		}
	}
}

func isDone(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// trip runs reads of one queue on one snapshot.
func (s *sharing) trip(reads []*sharedRead) error {
	ctx, cancel := context.WithTimeout(s.store.ended, readTimeout) // not that of a caller, because the others do not end with it
	defer cancel()
	conn, err := s.store.acquire(ctx)
	if err != nil {
		return err
	}
	sound := false
	defer func() { // also after a panic
		if sound {
			conn.Release()
		} else {
			s.store.discard(conn)
		}
	}()
	b := &pgx.Batch{}
	end := s.queue(b, reads, conn)
	if err := conn.SendBatch(ctx, holdable(b)).Close(); err != nil {
		return err
	}
	sound = true
	return end()
}

// queue asks on conn for what reads of one queue need, each record once. end gives them the results, or an error if there are none.
func (s *sharing) queue(b *pgx.Batch, reads []*sharedRead, conn *pgxpool.Conn) (end func() error) {
	var checks []*admission
	for _, r := range reads {
		if r.admission != nil {
			checks = append(checks, r.admission)
		}
	}
	first := reads[0].view
	if first == nil { // one statement needs no transaction
		s.store.queueAdmissions(b, checks)
		return func() error { return nil }
	}
	common := &tx{store: s.store, tenant: first.tenant, pk: first.pk, known: newKnown(), pending: newPending(), recheck: &recheck{}}
	var n need
	for _, r := range reads {
		n.add(r.need)
	}
	asked := &pgx.Batch{}
	found := common.queueShared(asked, n, checks)
	common.queue(asked, n)
	alone := asked.Len() == 2 && common.recheck.asked
	if !alone {
		b.Queue(snapshot().sql)
	}
	queuePlans(b, conn)
	b.QueuedQueries = append(b.QueuedQueries, asked.QueuedQueries...)
	if !alone {
		b.Queue("commit")
	}
	return func() error {
		if *found == noData && len(checks) > 0 { // the credentials have no answers
			return errMoved
		}
		common.head.short = !n.connections
		for i, r := range reads {
			r.view.head, r.view.known = common.head, common.known
			if i > 0 { // a View adds what it reads later
				r.view.known = common.known.clone()
			}
			r.view.outdated = *found != r.view.pk || alone && common.recheck.change != common.head.change
		}
		return nil
	}
}

// recheck lets a shared trip do without a transaction, whose beginning and end cost nearly as much as a small read. The header has the number of
// the last Change, and the one statement after it gives the number again: if it is the same, both are of one state.
type recheck struct {
	asked  bool // a statement gives it
	change int64
}

// rechecked chooses a statement: in a shared trip, the one that also gives the state.
func (t *tx) rechecked(sql, withState string) string {
	if t.recheck == nil {
		return sql
	}
	t.recheck.asked = true
	return withState
}

// queueShared asks for the header and the credentials.
func (t *tx) queueShared(b *pgx.Batch, n need, checks []*admission) *int64 {
	switch {
	case n.connections:
		found := t.queueHeader(b, headerSQL, string(t.tenant))
		if len(checks) > 0 {
			t.store.queueAdmissions(b, checks)
		}
		return found
	case len(checks) > 0:
		return t.queueAdmitting(b, admittingOneShortSQL, admittingShortSQL, checks)
	}
	return t.queueHeader(b, shortSQL, string(t.tenant))
}

// view begins a View with what n names. The snapshot has ended when it returns, and a read of something else reopens it. nil: the View must
// begin by itself.
func (s *sharing) view(ctx context.Context, tenant directory.TenantID, n need) *tx {
	r := s.read(tenant, n)
	if r == nil || !s.runView(ctx, r) || r.view.outdated {
		return nil
	}
	r.view.ctx = ctx
	return r.view
}

// read prepares the read of a View. nil: it may share no trip.
func (s *sharing) read(tenant directory.TenantID, n need) *sharedRead {
	if size := n.size(); size == 0 || size > needsInTrip {
		return nil
	}
	pk, ok := s.store.keys.Load(tenant)
	if !ok {
		return nil
	}
	t := &tx{store: s.store, tenant: tenant, pending: newPending()}
	t.pk = pk.(int64) //nolint:errcheck,forcetypeassert // nothing else is put there
	return &sharedRead{view: t, need: n}
}

func (s *sharing) runView(ctx context.Context, r *sharedRead) bool {
	return s.run(ctx, r, func() *sharedQueue { return s.queueOf(r.view.tenant) })
}

// prefetch checks a credential together with what its request is going to read (store.Prefetch), and reports whether the check is done. Only a
// credential that was good before is worth that: for any other, nothing may be read.
func (s *sharing) prefetch(ctx context.Context, a *admission) bool {
	p := store.PrefetchOf(ctx)
	want := p.Want()
	if want == nil {
		return false
	}
	token := s.store.tokens.last(string(a.hash[:]))
	if token == nil || token.Connection != a.at {
		return false
	}
	r := s.read(token.Tenant, wanted(want))
	if r == nil {
		return false
	}
	r.admission = a
	if !s.runView(ctx, r) {
		return false
	}
	if !r.view.outdated {
		p.Keep(token.Tenant, r.view)
	}
	return true
}

// prefetched gives the View that prefetch has begun if it has all of n. nil: there is none.
func (s *sharing) prefetched(ctx context.Context, tenant directory.TenantID, n need) *tx {
	t, ok := store.PrefetchOf(ctx).Take(tenant).(*tx)
	if !ok || t.store != s.store || !t.has(n) {
		return nil
	}
	t.ctx = ctx
	return t
}

// size is how many records n names at least.
func (n *need) size() int {
	size := len(n.users) + len(n.groups) + len(n.resources) + len(n.tombstones) + len(n.terms) + len(n.kvs) + len(n.memberships) + len(n.of) + len(n.above)
	if n.builtIns {
		size++
	}
	return size
}

// tenantState tells two states of a tenant apart. After a failover that lost writes the same number may be that of another Change, which has
// another audit head.
type tenantState struct {
	pk        int64
	change    int64
	auditHead directory.Hash
}

func (t *tx) state() tenantState { return tenantState{t.pk, t.head.change, t.head.chainHead} }

// errOutdated means that the tenant was changed since the shared trip.
var errOutdated = errors.New("the tenant was changed in the meantime")

// reopen begins a snapshot for a read that no Want named. What is known is of the same state if there was no Change since then; otherwise
// the View runs again, unless a list has yielded records of the old state.
func (t *tx) reopen() error {
	now, err := t.store.snapshot(t.ctx, t.tenant, need{})
	if err != nil {
		return err
	}
	t.conn = now.conn
	switch {
	case now.state() == t.state():
		t.head = now.head
		return nil
	case t.yielded:
		return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: "the data was changed while it was read: send the request again", Err: errOutdated}
	}
	t.outdated = true
	return errOutdated
}
