package bolt

import (
	"testing"
	"time"
)

func TestCompanyIsWhoWasAnsweredAndWhoWaits(t *testing.T) {
	var c company
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(microseconds int) time.Time { return start.Add(time.Duration(microseconds) * time.Microsecond) }
	c.parted(4, 4, at(0), at(1000))
	if c.met(at(1100)); c.expected != 8 {
		t.Errorf("four were answered and four waited, and %d are expected", c.expected)
	}
	if c.met(at(9000)); c.expected != 0 {
		t.Errorf("after a pause %d are expected", c.expected)
	}
	c.parted(1, 0, at(9000), at(10000))
	if c.met(at(10100)); c.expected != 1 {
		t.Errorf("one who writes alone is waited for: %d are expected", c.expected)
	}
}

func TestCompanyWaitsMoreSeldomWhereNobodyComes(t *testing.T) {
	var c company
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	// batch is one in which four were answered; came says what became of its wait, if it had one.
	batch := func(came func()) (waits bool) {
		c.met(now)
		if waits = c.expected > 0; waits {
			c.patience()
			came()
		}
		c.parted(4, 0, now, now.Add(time.Millisecond))
		now = now.Add(time.Millisecond)
		return waits
	}
	nobody, somebody := func() { c.came(false) }, func() { c.came(true); c.came(false) }
	waits := func(n int, came func()) (out int) {
		for range n {
			if batch(came) {
				out++
			}
		}
		return out
	}
	batch(nobody) // the first has no last one
	if n := waits(50, somebody); n != 50 {
		t.Errorf("%d waits in 50 batches in which somebody came", n)
	}
	if n := waits(1000, nobody); n < 5 || n > 25 {
		t.Errorf("%d waits in 1000 batches in which nobody came", n)
	}
	waits(100, somebody)
	if n := waits(50, somebody); n != 50 {
		t.Errorf("%d waits in 50 batches when somebody comes again", n)
	}
}

func TestTakeSoon(t *testing.T) {
	q := newQueue()
	anybody := func(*pending) bool { return true }
	over := make(chan time.Time)
	close(over)
	if p, late := q.takeSoon(anybody, over); p != nil || !late {
		t.Errorf("nobody came: %v, %v", p, late)
	}
	want := &pending{tenant: "acme"}
	go q.add(want)
	if p, late := q.takeSoon(anybody, nil); p != want || late {
		t.Errorf("somebody came: %v, %v", p, late)
	}
	q.add(want)
	if p, late := q.takeSoon(func(*pending) bool { return false }, nil); p != nil || late {
		t.Errorf("who may not be taken ends the wait: %v, %v", p, late)
	}
	if q.len() != 1 {
		t.Errorf("%d wait, want the one that was not taken", q.len())
	}
}
