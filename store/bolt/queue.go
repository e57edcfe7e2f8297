package bolt

import (
	"sync"
	"time"

	"drawbridge/directory"
)

// queue holds the work that waits for the writer: one line for each tenant, served round-robin. A piece of work waits for the work before
// it in its line, and for one piece of each other tenant at a time, so a tenant that floods the store delays only itself (C5). The queue
// needs no limit, because a caller waits for each piece.
type queue struct {
	mu     sync.Mutex
	filled *sync.Cond
	added  chan struct{} // receives after each add
	lines  map[directory.TenantID]*line
	order  []*line // lines that have work, the next one first
	closed bool
}

// line is the work of one tenant, first come first.
type line struct {
	tenant directory.TenantID
	work   []*pending
}

func newQueue() *queue {
	q := &queue{lines: map[directory.TenantID]*line{}, added: make(chan struct{}, 1)}
	q.filled = sync.NewCond(&q.mu)
	return q
}

// add appends p to the line of its tenant. It returns false if the queue is closed.
func (q *queue) add(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	l := q.lines[p.tenant]
	if l == nil {
		l = &line{tenant: p.tenant}
		q.lines[p.tenant] = l
		q.order = append(q.order, l)
	}
	l.work = append(l.work, p)
	q.filled.Signal()
	select {
	case q.added <- struct{}{}:
	default: // a signal is waiting already
	}
	return true
}

// close refuses new work. Work that waits is still handed out.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}

// wait returns the next piece of work as soon as there is one. It returns nil when the queue is closed and empty.
func (q *queue) wait() *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.order) == 0 && !q.closed {
		q.filled.Wait()
	}
	return q.next()
}

// take returns the next piece of work if there is one and accept agrees; otherwise nil, and that piece stays the next one.
func (q *queue) take(accept func(*pending) bool) *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 || !accept(q.order[0].work[0]) {
		return nil
	}
	return q.next()
}

// takeSoon is take, but waits for a piece of work until late. Work that is there and not accepted ends the wait.
func (q *queue) takeSoon(accept func(*pending) bool, late <-chan time.Time) (p *pending, tooLate bool) {
	for {
		if p := q.take(accept); p != nil || q.len() > 0 {
			return p, false
		}
		select {
		case <-q.added:
		case <-late:
			return nil, true
		}
	}
}

// len is the number of pieces of work in the queue.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, l := range q.order {
		n += len(l.work)
	}
	return n
}

// next removes the first piece of the first line. That line goes to the end of the order, or is removed if it is empty.
func (q *queue) next() *pending {
	if len(q.order) == 0 {
		return nil
	}
	l := q.order[0]
	p := l.work[0]
	l.work[0] = nil
	l.work = l.work[1:]
	copy(q.order, q.order[1:])
	if len(l.work) > 0 {
		q.order[len(q.order)-1] = l
		return p
	}
	q.order[len(q.order)-1] = nil
	q.order = q.order[:len(q.order)-1]
	delete(q.lines, l.tenant)
	return p
}
