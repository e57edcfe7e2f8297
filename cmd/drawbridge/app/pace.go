package app

import (
	"net/http"
	"time"

	"drawbridge/internal/limit"
)

// pace delays probes when there are too many. It never refuses one: an orchestrator restarts a server whose probes are refused, and a probe
// of the orchestrator may come from the same address as a flood.
type pace struct {
	limiter *limit.Limiter[struct{}]
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
}

// longestProbe is how long a probe is delayed at most, well below the patience of orchestrators.
const longestProbe = 250 * time.Millisecond

func newPace() *pace {
	return &pace{limit.NewLimiter[struct{}](limit.Rate{PerSecond: 1000, Burst: 100}, 1), time.Now, time.After}
}

// of lets requests pass to h in turn.
func (p *pace) of(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := p.now()
		wait := p.limiter.Wait(struct{}{}, now)
		if wait < longestProbe {
			p.limiter.Charge(struct{}{}, now, 1)
		}
		if wait > 0 {
			select {
			case <-p.after(min(wait, longestProbe)):
			case <-r.Context().Done(): // the client is gone
				return
			}
		}
		h(w, r)
	}
}
