package bolt

import (
	"testing"
	"time"
)

func TestGroupCommitWaitsForReturningClients(t *testing.T) {
	t.Parallel()
	var g groupCommit
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(microseconds int) time.Time { return start.Add(time.Duration(microseconds) * time.Microsecond) }
	g.endBatch(4, 4, at(0), at(1000))
	if g.beginBatch(at(1100)); g.expected != 8 {
		t.Errorf("four were answered and four are queued, and %d are expected", g.expected)
	}
	if g.beginBatch(at(9000)); g.expected != 0 {
		t.Errorf("after an idle time %d are expected", g.expected)
	}
	g.endBatch(1, 0, at(9000), at(10000))
	if g.beginBatch(at(10100)); g.expected != 1 {
		t.Errorf("a single client: %d are expected", g.expected)
	}
}

func TestGroupCommitWaitsLessWithoutArrivals(t *testing.T) {
	t.Parallel()
	var g groupCommit
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	// batch answers four callers; arrive says what the wait brings, if there is one.
	batch := func(arrive func()) (waits bool) {
		g.beginBatch(now)
		if waits = g.expected > 0; waits {
			g.linger()
			arrive()
		}
		g.endBatch(4, 0, now, now.Add(time.Millisecond))
		now = now.Add(time.Millisecond)
		return waits
	}
	none, one := g.waitedInVain, func() { g.arrived(); g.waitedInVain() }
	waits := func(n int, arrive func()) (out int) {
		for range n {
			if batch(arrive) {
				out++
			}
		}
		return out
	}
	batch(none) // there is no batch before the first one
	if n := waits(50, one); n != 50 {
		t.Errorf("%d waits in 50 batches with arrivals", n)
	}
	if n := waits(1000, none); n < 5 || n > 25 {
		t.Errorf("%d waits in 1000 batches without arrivals", n)
	}
	waits(100, one)
	if n := waits(50, one); n != 50 {
		t.Errorf("%d waits in 50 batches after arrivals began again", n)
	}
}

func TestTakeSoonWaitsForTheNextUpdate(t *testing.T) {
	t.Parallel()
	q := newQueue()
	accept := func(*pending) bool { return true }
	over := make(chan time.Time)
	close(over)
	if p, late := q.takeSoon(accept, over); p != nil || !late {
		t.Errorf("an empty queue: %v, %v", p, late)
	}
	want := &pending{tenant: "acme"}
	go q.add(want)
	if p, late := q.takeSoon(accept, nil); p != want || late {
		t.Errorf("an arrival: %v, %v", p, late)
	}
	q.add(want)
	if p, late := q.takeSoon(func(*pending) bool { return false }, nil); p != nil || late {
		t.Errorf("work that the batch does not accept ends the wait: %v, %v", p, late)
	}
	if q.len() != 1 {
		t.Errorf("the queue has %d pieces of work, want the one that was not taken", q.len())
	}
}
