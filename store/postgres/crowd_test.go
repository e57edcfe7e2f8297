package postgres

import "testing"

// TestLaneWaitsForCallersThatItAnswered shows when a lane waits for the callers that it has answered.
func TestLaneWaitsForCallersThatItAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answered, queued, most int }{
		"one caller alone":                 {answered: 1, queued: 0, most: 0},
		"two callers in turn":              {answered: 1, queued: 1, most: 2},
		"eight callers":                    {answered: 4, queued: 4, most: 8},
		"more callers than is worth it":    {answered: 9, queued: 8, most: 0},
		"callers that gave up meanwhile":   {answered: 0, queued: 3, most: 0},
		"all callers were in the last one": {answered: 8, queued: 0, most: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var crowd crowd
			complete := crowd.expect(c.answered, c.queued)
			if (complete != nil) != (c.most > 0) {
				t.Fatalf("the lane waits: %t", complete != nil)
			}
			for queued := c.queued + 1; complete != nil && queued <= c.most; queued++ {
				select {
				case <-complete:
					t.Fatalf("the wait ended before %d pieces of work were queued", queued)
				default:
				}
				crowd.came(queued)
			}
			if complete != nil {
				<-complete
			}
		})
	}
}

// TestLaneStopsWaitingForCallersThatStayAway shows that callers that do not come back are waited for once, and later tried again.
func TestLaneStopsWaitingForCallersThatStayAway(t *testing.T) {
	t.Parallel()
	var crowd crowd
	if crowd.expect(4, 4) == nil {
		t.Fatal("the lane does not wait")
	}
	crowd.end(4, 1)
	waits := 0
	for range crowdRest + 1 {
		if crowd.expect(4, 4) != nil {
			waits++
		}
	}
	if waits != 1 {
		t.Errorf("the lane waited before %d of %d batches after callers had stayed away, not before 1", waits, crowdRest+1)
	}
	crowd.end(4, 2)
	if crowd.expect(4, 2) == nil {
		t.Error("the lane does not wait, although half of the callers came back")
	}
}

// TestLaneDoesNotWaitAgainForASingleCaller shows that half of one caller is a whole one.
func TestLaneDoesNotWaitAgainForASingleCaller(t *testing.T) {
	t.Parallel()
	var crowd crowd
	if crowd.expect(1, 1) == nil {
		t.Fatal("the lane does not wait")
	}
	crowd.end(1, 0)
	if crowd.expect(1, 1) != nil {
		t.Error("the lane waits again, although the caller did not come back")
	}
}
