package bolt

import "time"

// groupCommit estimates how many clients are writing concurrently, and decides how long the writer waits for them.
//
// A client that writes serially, as identity providers do, sends its next write just after its reply, that is, just after the next
// commit has started. Without a short wait, clients split into two alternating groups and every write waits for two commits. So the
// writer waits for the clients that it has just answered, for a fraction of the time that a commit takes. It does not wait for a
// client that writes alone, and it waits more rarely where waiting brought no more work.
type groupCommit struct {
	expected   int           // callers of the last batch, and those in the queue when it ended
	lastCommit time.Duration // how long the last commit took
	lastEnd    time.Time     // when it ended
	lingered   bool          // the current batch has waited
	gained     bool          // the last wait brought more work
	idleWaits  int           // consecutive waits that brought no work
	skip       int           // batches that will not wait
	timer      *time.Timer
}

// maxLinger bounds a wait however long a commit takes: the wait must not add to a slow disk.
const maxLinger = time.Millisecond

// beginBatch resets the state of a batch. If the writer was idle for longer than a commit takes, no returning clients are expected.
func (g *groupCommit) beginBatch(now time.Time) {
	g.lingered, g.gained = false, false
	if now.Sub(g.lastEnd) > g.lastCommit {
		g.expected = 0
	}
}

// endBatch records how long the commit took, how many callers were answered, and how many are queued.
func (g *groupCommit) endBatch(answered, queued int, began, ended time.Time) {
	g.lastCommit, g.lastEnd = ended.Sub(began), ended
	if g.timer != nil {
		g.timer.Stop()
	}
	g.expected = answered + queued
	if g.skip > 0 {
		g.skip--
		g.expected = 0
	}
}

// linger starts the wait of a batch, once. The channel receives when the wait is over.
func (g *groupCommit) linger() <-chan time.Time {
	if !g.lingered {
		g.lingered = true
		if g.timer == nil {
			g.timer = time.NewTimer(time.Hour)
		}
		g.timer.Reset(min(g.lastCommit/2, maxLinger))
	}
	return g.timer.C
}

// arrived records that a wait brought more work.
func (g *groupCommit) arrived() { g.gained, g.idleWaits = true, 0 }

// waitedInVain records that a wait ended without more work. If it never brought any, twice as many batches as the last time do not
// wait.
func (g *groupCommit) waitedInVain() {
	if g.gained {
		return
	}
	g.idleWaits = min(g.idleWaits+1, 6)
	g.skip = 1 << g.idleWaits
}
