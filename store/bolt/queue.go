package bolt

import (
	"sync"
	"time"

	"drawbridge/directory"
)

// queue is the work that waits for the writer: a line for each tenant, and the lines in turn. Whoever waits in a line waits for
// those before them, and for one piece of work of each other tenant; so a tenant that floods the store keeps itself waiting
// (C5). It has no bound of its own: each piece belongs to a caller that waits for it.
type queue struct {
	mu     sync.Mutex
	filled *sync.Cond
	bell   chan struct{} // rung for each piece that is added
	lines  map[directory.TenantID]*line
	turns  []*line // those with work, the next one first
	closed bool
}

// line is the work of one tenant, in the order in which it came.
type line struct {
	tenant directory.TenantID
	work   []*pending
}

func newQueue() *queue {
	q := &queue{lines: map[directory.TenantID]*line{}, bell: make(chan struct{}, 1)}
	q.filled = sync.NewCond(&q.mu)
	return q
}

// add puts p at the end of its tenant's line; false: the queue is closed.
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
		q.turns = append(q.turns, l)
	}
	l.work = append(l.work, p)
	q.filled.Signal()
	select {
	case q.bell <- struct{}{}:
	default: // it rings already
	}
	return true
}

// close lets nothing more in. What waits is still given out.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}

// wait gives the next piece as soon as there is one; nil when the queue is closed and empty.
func (q *queue) wait() *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.turns) == 0 && !q.closed {
		q.filled.Wait()
	}
	return q.next()
}

// take gives the next piece, if one waits and may be taken; else nil, and it stays the next.
func (q *queue) take(may func(*pending) bool) *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.turns) == 0 || !may(q.turns[0].work[0]) {
		return nil
	}
	return q.next()
}

// takeSoon is take that waits for a piece to come, no longer than until late. Whatever waits and may not be taken ends the wait.
func (q *queue) takeSoon(may func(*pending) bool, late <-chan time.Time) (p *pending, tooLate bool) {
	for {
		if p := q.take(may); p != nil || q.len() > 0 {
			return p, false
		}
		select {
		case <-q.bell:
		case <-late:
			return nil, true
		}
	}
}

// len is for how many pieces the writer has yet to come.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, l := range q.turns {
		n += len(l.work)
	}
	return n
}

// next gives the first piece of the first line, which goes to the end of the turns, or away if it is empty.
func (q *queue) next() *pending {
	if len(q.turns) == 0 {
		return nil
	}
	l := q.turns[0]
	p := l.work[0]
	l.work[0] = nil
	l.work = l.work[1:]
	copy(q.turns, q.turns[1:])
	if len(l.work) > 0 {
		q.turns[len(q.turns)-1] = l
		return p
	}
	q.turns[len(q.turns)-1] = nil
	q.turns = q.turns[:len(q.turns)-1]
	delete(q.lines, l.tenant)
	return p
}
