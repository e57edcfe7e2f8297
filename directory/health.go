package directory

import "time"

// HealthState says how the sync of a connection is (C7).
type HealthState string

// The values of HealthState.
const (
	NeverConnected HealthState = "never_connected" // no request yet
	Healthy        HealthState = "healthy"
	Quiet          HealthState = "quiet"   // no request for longer than usual for its type
	Failing        HealthState = "failing" // requests arrive, and none has succeeded recently
)

// HealthStates lists the states.
func HealthStates() []HealthState { return []HealthState{NeverConnected, Healthy, Quiet, Failing} }

// HealthReport is the state of a connection that was announced last (C7).
type HealthReport struct {
	State HealthState `json:"state"`
	Since time.Time   `json:"since"`
}

// Join is what is known from two notes about uses: the later request, the later success, and the failures since then.
func (u Use) Join(other Use) Use {
	if u.Last.After(other.Last) {
		u, other = other, u
	}
	out := other
	out.Requests = u.Requests.Join(other.Requests)
	if out.Address == "" && out.UserAgent == "" {
		out.Address, out.UserAgent = u.Address, u.UserAgent
	}
	if u.Success.After(out.Success) {
		out.Success = u.Success
	}
	if u.Failed.After(out.Failed) {
		out.Failed, out.Error, out.ErrorRequest = u.Failed, u.Error, u.ErrorRequest
	}
	out.Failures, out.FailingSince = 0, time.Time{}
	for _, note := range []Use{u, other} {
		if note.Failures == 0 || !note.Failed.After(out.Success) {
			continue
		}
		out.Failures += note.Failures
		since := note.FailingSince
		if !since.After(out.Success) { // an unknown number of the failures came before the success
			since = note.Failed
		}
		if out.FailingSince.IsZero() || since.Before(out.FailingSince) {
			out.FailingSince = since
		}
	}
	return out
}

// ClockStep is how far the clocks of machines, and times of notes and writes, may differ. A time that is later than now by more was noted
// while the clock was ahead.
const ClockStep = 10 * time.Minute

// Next joins a use with one that was noted after it. If u is later than that by more than ClockStep, the clock was ahead when u was noted.
// Then its times are moved back, because otherwise the credential would seem to be in use until the clock reaches them.
func (u Use) Next(later Use) Use {
	if ahead := u.Last.Sub(later.Last); ahead > ClockStep {
		for _, at := range []*time.Time{&u.Success, &u.Failed, &u.FailingSince, &u.Last} {
			if at.After(later.Last) {
				*at = at.Add(-ahead)
			}
		}
		u.Requests.Hour = min(u.Requests.Hour, hourOf(later.Last))
	}
	return u.Join(later)
}

// Record is what is stored after next was noted, where u is stored. A use that is older than u by at most ClockStep comes from another process:
// it only adds its requests.
func (u Use) Record(next Use) Use {
	if ahead := u.Last.Sub(next.Last); ahead > 0 && ahead <= ClockStep {
		u.Requests = u.Requests.Join(next.Requests)
		return u
	}
	return u.Next(next)
}
