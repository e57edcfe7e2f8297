package postgres

import "time"

// A crowd are callers that write to one tenant again and again, as the workers of an identity provider do. A commit for all of them costs little
// more than one for half of them. Without a wait, half of them would always write while the other half is answered. So a lane waits for the
// callers that it has just answered before it takes the next batch. The lock of the lanes guards a crowd.
type crowd struct {
	expected int           // so many pieces of work end the wait; 0: the lane does not wait
	complete chan struct{} // closed when they are there
	rest     int           // the lane does not wait before so many batches
}

const (
	crowdMost = 16 // with more callers there is little left to share
	crowdWait = 4 * time.Millisecond
	crowdRest = 8 // batches without a wait after one that was useless
)

// came notes that so many pieces of work are queued now.
func (c *crowd) came(queued int) {
	if c.expected > 0 && queued >= c.expected {
		close(c.complete)
		c.expected = 0
	}
}

// expect begins a wait for the callers that were answered, beside those whose work is queued. nil: the lane should not wait.
func (c *crowd) expect(answered, queued int) <-chan struct{} {
	expected := answered + queued
	if answered == 0 || expected < 2 || expected > crowdMost {
		return nil
	}
	if c.rest > 0 {
		c.rest--
		return nil
	}
	c.expected, c.complete = expected, make(chan struct{})
	return c.complete
}

// end ends a wait in which some of the callers that were answered came back. If fewer than half did, the next batches do not wait.
func (c *crowd) end(answered, came int) {
	c.expected = 0
	if 2*came < answered {
		c.rest = crowdRest
	}
}

// gather waits for the callers of the last batch, at most as long as that took.
func (l *lane) gather(answered int, took time.Duration) {
	all := &l.store.lanes
	all.mu.Lock()
	queued := len(l.queue)
	complete := l.crowd.expect(answered, queued)
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
	l.crowd.end(answered, len(l.queue)-queued)
}
