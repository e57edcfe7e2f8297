package bolt

import "time"

// company is how many callers write at the same time, as far as the writer can tell. Clients that write one thing after the
// other, as identity providers do, come back a moment after their answer, when the next commit has just begun without them: then two
// groups take turns, and everybody waits for two commits. So the writer waits for those whom it has just answered, a fraction of what a commit
// takes, before it commits for the others; and not at all for a caller who writes alone, or where nobody came for whom it
// waited.
type company struct {
	expected int           // callers who were answered last, and who waited meanwhile
	commit   time.Duration // what the last commit took
	ended    time.Time     // when it did
	waited   bool          // in this batch
	gained   bool          // somebody came
	lonely   int           // waits in a row for which nobody came
	skip     int           // batches to go without waiting
	late     *time.Timer
}

// maxPatience is what a wait takes at most, whatever a commit takes: a slow disk must not make it slower.
const maxPatience = time.Millisecond

// met begins a batch. After a pause those who wrote before it are expected no more.
func (c *company) met(now time.Time) {
	c.waited, c.gained = false, false
	if now.Sub(c.ended) > c.commit {
		c.expected = 0
	}
}

// parted notes what a commit came to: so many were answered, and so many wait.
func (c *company) parted(answered, waiting int, began, ended time.Time) {
	c.commit, c.ended = ended.Sub(began), ended
	if c.late != nil {
		c.late.Stop()
	}
	c.expected = answered + waiting
	if c.skip > 0 {
		c.skip--
		c.expected = 0
	}
}

// patience begins the wait of a batch, once; it is over when the channel gives.
func (c *company) patience() <-chan time.Time {
	if !c.waited {
		c.waited = true
		if c.late == nil {
			c.late = time.NewTimer(time.Hour)
		}
		c.late.Reset(min(c.commit/2, maxPatience))
	}
	return c.late.C
}

// came notes whether somebody came while the writer waited, or the wait was over. Where nobody does, it waits ever more seldom.
func (c *company) came(somebody bool) {
	switch {
	case somebody:
		c.gained, c.lonely = true, 0
	case !c.gained:
		c.lonely = min(c.lonely+1, 6)
		c.skip = 1 << c.lonely
	}
}
