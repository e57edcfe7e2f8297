package bridgetest

import (
	"encoding/binary"
	"sync"
	"time"

	"drawbridge/directory"
)

// Clock is a clock that the test moves, and a source of ids that are ordered by time.
type Clock struct {
	mu   sync.Mutex
	time time.Time
	ids  uint64
}

// NewClock makes a clock that shows the time at.
func NewClock(at time.Time) *Clock { return &Clock{time: at} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

// NewID makes the next id.
func (c *Clock) NewID() directory.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	var id directory.ID
	binary.BigEndian.PutUint64(id[8:], c.ids)
	id[0], id[6] = 1, 0x70
	return id
}

// SkipIDs leaves out the next n ids, so that two clocks do not make the same ones.
func (c *Clock) SkipIDs(n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids += n
}

// Day is 24 hours.
const Day = 24 * time.Hour
