package policy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"drawbridge/directory"
)

// Bounds of targets (C16).
const (
	// MaxTargets is how many targets there are at most.
	MaxTargets = 200
	// MaxTenantTargets is how many targets are attached to one tenant at most.
	MaxTenantTargets = 10
	// longestTargetWait is the maximum wait between two attempts, also if an application asks for more.
	longestTargetWait = time.Hour
	// quarantineWindow is the time over which failures are counted, quarantineLeast how many people and groups must have failed in it, and
	// quarantinePercent which part of those that were tried.
	quarantineWindow, quarantineLeast, quarantinePercent = 10 * time.Minute, 5, 40
	// TargetProbe is how often a target in quarantine is tried.
	TargetProbe = time.Hour
	// TargetCompare is how often a target is read completely.
	TargetCompare = 7 * 24 * time.Hour
)

// TargetDelay is how long to wait after the failed attempt numbered n, beginning with 1. jitter, from 0 to 1, spreads the attempts over
// ±20 %. An application may ask for more time, up to one hour.
func TargetDelay(n int, jitter float64, retryAfter time.Duration) time.Duration {
	delays := []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}
	delay := longestTargetWait
	if n >= 1 && n <= len(delays) {
		delay = delays[n-1]
	}
	return max(jittered(delay, jitter), min(retryAfter, longestTargetWait))
}

// TargetWaits reports whether the time of the next attempt is in the future. A time that is further away than the longest wait was noted
// while the clock was ahead, and does not count.
func TargetWaits(until, now time.Time) bool {
	return ahead(until, now, longestTargetWait)
}

// TargetFailure says why a request to a target failed.
type TargetFailure struct {
	Message    string
	Final      bool          // the application refuses this record: the same request would fail again
	Whole      bool          // it is no matter of one record: the credential, the address, too many requests, or no answer
	Blameless  bool          // with Whole: the record that was sent has certainly nothing to do with it
	RetryAfter time.Duration // how long the application asks to wait; 0: it does not ask
}

// LinkFailed notes a failed attempt for one person or group, and decides when to try again, or to park it. wanted is the digest of what
// could not be sent.
func LinkFailed(l directory.TargetLink, f TargetFailure, wanted string, jitter float64, now time.Time) directory.TargetLink {
	if l.Wanted != wanted {
		l.Tries = 0
	}
	l.Tries++
	l.Error, l.Wanted, l.Parked = f.Message, wanted, time.Time{}
	if f.Final {
		l.Parked, l.Next = now, time.Time{}
		return l
	}
	l.Next = now.Add(TargetDelay(l.Tries, jitter, f.RetryAfter))
	return l
}

// LinkPassed clears the failures of a person or group.
func LinkPassed(l directory.TargetLink) directory.TargetLink {
	l.Tries, l.Error, l.Wanted, l.Next, l.Parked = 0, "", "", time.Time{}, time.Time{}
	return l
}

// LinkDue reports whether a person or group is tried now: it does not wait after a failure, and is not parked with the same wish.
func LinkDue(l *directory.TargetLink, wanted string, resumes int, now time.Time) bool {
	if l.Tries == 0 || l.Wanted != wanted || l.Resumes != resumes {
		return true
	}
	return l.Parked.IsZero() && !TargetWaits(l.Next, now)
}

// TargetTried counts the people and groups of one run for the decision about quarantine.
func TargetTried(s directory.TargetState, done, failed int, now time.Time) directory.TargetState {
	if age := now.Sub(s.Since); age < 0 || age >= quarantineWindow {
		s.Since, s.Done, s.Failed = now, 0, 0
	}
	s.Done += done
	s.Failed += failed
	return s
}

// TargetFailed notes that a target as a whole failed, and decides when to try again.
func TargetFailed(s directory.TargetState, f TargetFailure, jitter float64, now time.Time) directory.TargetState {
	if s.FailingSince.IsZero() || s.FailingSince.After(now) {
		s.FailingSince = now
	}
	s.Attempts++
	s.Error = f.Message
	s.Next = now.Add(TargetDelay(s.Attempts, jitter, f.RetryAfter))
	return s
}

// TargetPassed clears the failures of a target as a whole.
func TargetPassed(s directory.TargetState) directory.TargetState {
	s.FailingSince, s.Attempts, s.Next, s.Error, s.Quarantined = time.Time{}, 0, time.Time{}, "", time.Time{}
	return s
}

// TargetQuarantine reports why a target is only probed from now on; "": it is not. It fails for everybody: as a whole for ten minutes, or for
// two people and groups in five within that time, and for at least five.
func TargetQuarantine(s *directory.TargetState, now time.Time) string {
	if !s.FailingSince.IsZero() && s.Attempts > 1 && now.Sub(s.FailingSince) >= quarantineWindow {
		return s.Error
	}
	if tried := s.Done + s.Failed; s.Failed >= quarantineLeast && s.Failed*100 >= quarantinePercent*tried {
		return fmt.Sprintf("it refused %d of %d people and groups", s.Failed, tried)
	}
	return ""
}

// ResumedTarget is the state of a target without failures from before it was resumed.
func ResumedTarget(t *directory.Target, s directory.TargetState) directory.TargetState {
	if s.Resumes < t.Resumes {
		s = TargetPassed(s)
		s.Resumes, s.Since, s.Done, s.Failed = t.Resumes, time.Time{}, 0, 0
	}
	return s
}

// TargetScope is the scope that an operator needs to manage a target.
func TargetScope(t *directory.Target) directory.Scope {
	if t.All != nil {
		return directory.Scope{All: true}
	}
	return directory.Scope{Tenants: slices.Sorted(maps.Keys(t.Tenants))}
}

// SeesTarget reports whether a target exists for p: it is attached to a tenant in the scope.
func SeesTarget(p directory.Principal, t *directory.Target) bool {
	return seesIntegration(p, TargetScope(t))
}

// ManageTarget refuses to change a target that is attached to a tenant outside the scope of p (O10).
func ManageTarget(p directory.Principal, t *directory.Target) error {
	return manageIntegration(p, TargetScope(t), "target "+t.Name+" gets people")
}

// AttachedState is the state of a target with a tenant that it is attached to, as it was stored. begun is false where nothing was stored
// since it was attached, and gone where what was stored is of an earlier attachment and must be removed first.
func AttachedState(t *directory.Target, tenant directory.TenantID, stored directory.TargetState) (state directory.TargetState, begun, gone bool) {
	at, attached := t.Share(tenant)
	switch {
	case stored.Version == 0:
		return directory.TargetState{}, false, false
	case !attached || stored.Detached || stored.Attached != at.Version:
		return directory.TargetState{}, false, true
	}
	return ResumedTarget(t, stored), true, false
}
