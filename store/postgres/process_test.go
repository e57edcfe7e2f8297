package postgres

import (
	"maps"
	"testing"

	"drawbridge/directory"
)

// TestOldNumbersWakeNoNewWaiter asks the database before a write, and gets the answer after a reader has seen the write.
func TestOldNumbersWakeNoNewWaiter(t *testing.T) {
	t.Parallel()
	wait := func(c *changes, number uint64) *waiter {
		w := &waiter{seen: map[directory.TenantID]uint64{"acme": number}, moved: make(chan map[directory.TenantID]uint64, 1)}
		c.waiters[w] = true
		return w
	}
	c := &changes{waiters: map[*waiter]bool{}}
	before, other := wait(c, 7), wait(c, 6)
	asked := maps.Clone(c.waiters)
	c.wrote("acme", 8)
	after := wait(c, 8)
	c.answer(asked, map[directory.TenantID]uint64{"acme": 7})
	for what, want := range map[*waiter]uint64{before: 8, other: 8, after: 0} {
		select {
		case got := <-what.moved:
			if got["acme"] != want {
				t.Errorf("woken with %v, want %d", got, want)
			}
		default:
			if want != 0 {
				t.Errorf("not woken, want %d", want)
			}
		}
	}
}
