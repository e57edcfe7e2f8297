package postgres

import "time"

// A crowd are callers that write to one tenant again and again, as the workers of an identity provider do. A commit costs nearly the same for all
// of them as for half, and without waiting each half would always write while the other half is answered. So a lane waits for the callers that it
// has just answered before it takes the next batch.
type crowd struct {
	expected int           // how many pieces of work end the wait; 0: the lane does not wait
	complete chan struct{} // closed when they are there
	rest     int           // for so many batches the lane does not wait, because callers did not come back
}

const (
	crowdMost = 16 // with more callers there is little left to share, and both processors should be busy
	crowdWait = 2 * time.Millisecond
	crowdRest = 8
)

// came notes that so many pieces of work wait now. The lock of the lanes is held.
func (c *crowd) came(waiting int) {
	if c.expected > 0 && waiting >= c.expected {
		close(c.complete)
		c.expected = 0
	}
}

// expect says that a lane waits for callers until expected pieces of work are there, of which some wait already. nil: it does not wait. The lock
// of the lanes is held.
func (c *crowd) expect(expected, waiting int) <-chan struct{} {
	if expected < 2 || expected > crowdMost || waiting >= expected {
		return nil
	}
	if c.rest > 0 {
		c.rest--
		return nil
	}
	c.expected, c.complete = expected, make(chan struct{})
	return c.complete
}

// gather waits for the callers of the last batch, at most as long as that took.
func (l *lane) gather(answered int, took time.Duration) {
	all := &l.store.lanes
	all.mu.Lock()
	before := len(l.queue)
	complete := l.crowd.expect(answered+before, before)
	all.mu.Unlock()
	if complete == nil {
		return
	}
	limit := time.NewTimer(min(took, crowdWait))
	defer limit.Stop()
	select {
	case <-complete:
		return
	case <-limit.C:
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	l.crowd.expected = 0
	if came := len(l.queue) - before; came < answered/2 {
		l.crowd.rest = crowdRest
	}
}
