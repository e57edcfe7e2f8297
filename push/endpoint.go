package push

import (
	"context"
	"fmt"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

const (
	// slots is how many requests to one webhook run at the same time at most; for one tenant it is always one.
	slots = 4
	// failingSlots is the same while it fails.
	failingSlots = 1
	// batchSize is how many events of one tenant are delivered before another one follows.
	batchSize = 50
	// storeRetry is how long to wait after the store could not be read or written.
	storeRetry = 5 * time.Second
	// lazySave is how long the cursor waits before it moves past events that the webhook does not get.
	lazySave = 5 * time.Second
	// saveEvery is how often the cursor moves within a batch.
	saveEvery = time.Second
	// slowWake is how long to wait after an event of a tenant that sends nothing now.
	slowWake = time.Second
)

// endpoint delivers to one webhook, with its own slots.
type endpoint struct {
	s      *Service
	ctx    context.Context //nolint:containedctx // its deliveries end with it
	cancel context.CancelFunc

	mu       sync.Mutex
	hook     directory.Webhook
	lanes    map[directory.TenantID]*lane
	ready    []directory.TenantID // the tenants that wait for their turn, in order
	underWay int
	failing  bool // the last request failed
}

// lane is the delivery of one tenant's events.
type lane struct {
	ready, running bool
	again          bool      // something happened while it was running
	due            time.Time // when to look again; zero: after the next event
	slow           bool      // it is paused, parked, or waits after a failure

	// The number up to which events were skipped because the webhook does not get them, without a write to the store, and the version of
	// the delivery.
	passed, version uint64
	passedSince     time.Time

	gaps int // how often the receiver did not take the message about a gap of a tenant that is gone
}

func (s *Service) newEndpoint() *endpoint {
	e := &endpoint{s: s, lanes: map[directory.TenantID]*lane{}}
	e.ctx, e.cancel = context.WithCancel(s.root)
	return e
}

func (e *endpoint) name() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.hook.Name
}

// audit reports whether the webhook gets audit lines.
func (e *endpoint) audit() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.hook.Audit()
}

// set sets the webhook and the tenants of the endpoint, and reports whether the webhook has changed.
func (e *endpoint) set(w directory.Webhook, tenants map[directory.TenantID]bool) (changed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	changed = e.hook.Version != 0 && e.hook.Version != w.Version
	fresh := e.hook.Version != w.Version
	e.hook = w
	for id := range e.lanes {
		if !tenants[id] {
			delete(e.lanes, id)
		}
	}
	for id := range tenants {
		if e.lanes[id] == nil {
			e.lanes[id] = &lane{}
			e.enqueue(id)
		} else if fresh {
			e.enqueue(id)
		}
	}
	e.fill()
	return changed
}

// wake looks again at a tenant.
func (e *endpoint) wake(id directory.TenantID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.lanes[id]
	switch {
	case l == nil:
	case l.slow && !l.running: // an operator may have moved it
		if soon := e.s.cfg.Now().Add(slowWake); l.due.IsZero() || l.due.After(soon) {
			l.due = soon
		}
	default:
		l.due = time.Time{}
		e.enqueue(id)
		e.fill()
	}
}

// wakeDue looks again at the tenants that have waited long enough.
func (e *endpoint) wakeDue(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, l := range e.lanes {
		if !l.due.IsZero() && !policy.WebhookWaits(l.due, now) {
			l.due = time.Time{}
			e.enqueue(id)
		}
	}
	e.fill()
}

// enqueue puts a tenant at the end of the queue. The caller holds mu.
func (e *endpoint) enqueue(id directory.TenantID) {
	l := e.lanes[id]
	switch {
	case l.running:
		l.again = true
	case !l.ready:
		l.ready = true
		e.ready = append(e.ready, id)
	}
}

// fill begins turns while there are slots. The caller holds mu.
func (e *endpoint) fill() {
	for e.ctx.Err() == nil && len(e.ready) > 0 {
		most := slots
		if e.failing {
			most = failingSlots
		}
		if e.underWay >= most {
			return
		}
		id := e.ready[0]
		e.ready = e.ready[1:]
		l := e.lanes[id]
		if l == nil { // detached meanwhile
			continue
		}
		l.ready, l.running, l.again = false, true, false
		e.underWay++
		hook := e.hook
		e.s.running.Go(func() { e.run(id, l, hook) })
	}
}

// run is one round of a tenant.
func (e *endpoint) run(id directory.TenantID, l *lane, hook directory.Webhook) {
	next := outcome{due: e.s.cfg.Now().Add(storeRetry)}
	defer func() {
		if v := recover(); v != nil {
			e.s.cfg.Logger.Error("a delivery failed inside; it is tried again", "webhook", hook.Name, "tenant", id, "error", fmt.Sprint(v))
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.underWay--
		l.running = false
		if e.lanes[id] == l {
			l.due, l.slow = next.due, next.slow
			if next.again || l.again {
				l.due = time.Time{}
				e.enqueue(id)
			}
		}
		e.fill()
	}()
	r := round{e: e, s: e.s, w: &hook, tenant: id, lane: l}
	next = r.do(e.ctx)
}

// note takes the answer to a request. While requests fail, no more turns begin.
func (e *endpoint) note(a *policy.WebhookAnswer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failing = a.Error != ""; !e.failing {
		e.fill()
	}
}
