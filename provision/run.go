package provision

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/policy"
)

const (
	// mostSteps is how many steps one run does; the next run reads both sides again.
	mostSteps = 500
	// inARow is how many people and groups in a row must fail so that the target as a whole is taken to fail.
	inARow = 3
	// saveSize is how many corrected links are stored at once.
	saveSize = 100
)

// outcome says when a target is looked at again.
type outcome struct {
	seq     uint64    // the last event before the records were read
	version uint64    // of the target
	more    bool      // at once: there was more than one run may do
	due     time.Time // zero: after the next event
}

// run is one run of a target.
type run struct {
	s      *Service
	tenant directory.TenantID
	sides  *targets.Sides
	send   *sender

	done, failed, row int
	most              int // steps
	whole             *failure
}

// run reads both sides of a target and sends the difference.
func (s *Service) run(ctx context.Context, at targets.Where, how Retry) (outcome, error) {
	tenant := at.Tenant
	sides, err := s.cfg.Targets.Sides(ctx, at)
	if err != nil {
		return outcome{}, err
	}
	next := outcome{seq: sides.Last, version: sides.Target.Version}
	if sides.Target.Paused {
		return next, nil
	}
	r := &run{s: s, tenant: tenant, sides: sides, most: mostSteps}
	c, err := s.client(ctx, tenant, &sides.Target)
	if err != nil {
		if directory.CodeOf(err) != directory.Unavailable {
			return next, err
		}
		r.fail(err) // such as a missing sealing key: an operator must see it
		err = r.end(ctx, &next)
		return next, err
	}
	r.send = newSender(c, sides, r)
	probing := !sides.State.Quarantined.IsZero()
	if probing {
		r.most = 1
	} else if err := r.compare(ctx, c); err != nil {
		return next, err
	}
	if next.more, err = r.steps(ctx, how); err != nil {
		return next, err
	}
	if probing && r.whole == nil && r.done+r.failed == 0 {
		if _, _, err := c.page(ctx, directory.UserKind, url.Values{"count": {"1"}}); err != nil {
			r.fail(err)
		} else {
			r.done++
			next.more = true
		}
	}
	if ctx.Err() != nil {
		return next, ctx.Err()
	}
	err = r.end(ctx, &next)
	return next, err
}

// fail notes that the target as a whole fails.
func (r *run) fail(err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{TargetFailure: policy.TargetFailure{Message: err.Error()}}
	}
	r.whole = whole(f)
}

// save stores what a step came to.
func (r *run) save(ctx context.Context, result targets.Result) error {
	return r.s.cfg.Targets.Save(context.WithoutCancel(ctx), r.tenant, &r.sides.Target, result)
}

// foreign gives the records that other tenants have in the application.
func (r *run) foreign(ctx context.Context) (map[string]bool, error) {
	return r.s.cfg.Targets.Foreign(ctx, &r.sides.Target, r.tenant)
}

// changeState changes the state of the target.
func (r *run) changeState(ctx context.Context, change targets.StateChange) error {
	state, err := r.s.cfg.Targets.ChangeState(context.WithoutCancel(ctx), r.tenant, &r.sides.Target, change)
	if err == nil {
		r.sides.State = state
	}
	return err
}

// compare reads the application completely when that is due, and corrects what was "last sent".
func (r *run) compare(ctx context.Context, c *client) error {
	now := r.s.cfg.Now()
	age := now.Sub(r.sides.State.Compared)
	if !r.sides.State.Compare && age >= 0 && age < policy.TargetCompare {
		return nil
	}
	asked := r.sides.State.Wanted
	if len(r.sides.UserLinks)+len(r.sides.GroupLinks) > 0 {
		has, err := r.s.listing(ctx, r.tenant, c, r.sides)
		if err != nil {
			r.fail(err)
			return nil
		}
		results, found := correct(r.sides, has)
		for len(results) > 0 {
			n := min(len(results), saveSize)
			if err := r.s.cfg.Targets.Save(ctx, r.tenant, &r.sides.Target, results[:n]...); err != nil {
				return err
			}
			results = results[n:]
		}
		if len(found) > 0 {
			r.s.cfg.Logger.InfoContext(ctx, "a target differed from what was sent to it", "tenant", r.tenant, "target", r.sides.Target.Name, "records", len(found))
		}
		r.send = newSender(c, r.sides, r)
	}
	return r.changeState(ctx, targets.StateChange{Apply: func(state *directory.TargetState) {
		state.Compared = now.UTC()
		if state.Wanted.Equal(asked) {
			state.Compare = false
		}
	}})
}

// steps does what is due, until there is nothing left or the target fails. more reports whether it stopped before the end.
func (r *run) steps(ctx context.Context, how Retry) (more bool, err error) {
	for r.whole == nil {
		steps := Plan(r.sides, r.s.cfg.Now(), how)
		how = RetryDue
		if err := r.brake(ctx, steps); err != nil {
			return false, err
		}
		sent := 0
		for i := range steps {
			if steps[i].Waits != "" || steps[i].Held {
				continue
			}
			if ctx.Err() != nil || !r.s.cfg.Leads() {
				return false, ctx.Err()
			}
			if r.done+r.failed >= r.most || r.refusing() {
				return !r.refusing(), nil
			}
			did, err := r.step(ctx, steps[i])
			if err != nil || r.whole != nil {
				return false, err
			}
			if did {
				sent++
			}
		}
		if sent == 0 {
			break
		}
	}
	return false, nil
}

// refusing reports whether so many people and groups failed that the target is not sent any more.
func (r *run) refusing() bool {
	state := policy.TargetTried(r.sides.State, r.done, r.failed, r.s.cfg.Now())
	return r.failed > 0 && policy.TargetQuarantine(&state, r.s.cfg.Now()) != ""
}

// step does one step and stores what it came to.
func (r *run) step(ctx context.Context, s Step) (did bool, err error) {
	did, err = r.send.do(ctx, s)
	var f *failure
	switch {
	case err == nil && did:
		r.done++
		r.row = 0
		r.s.cfg.Metrics.step("done")
		return true, r.count(ctx, &s)
	case err == nil:
		return false, nil
	case ctx.Err() != nil: // this process gave up the request, not the application
		return false, ctx.Err()
	case !errors.As(err, &f):
		return false, err
	}
	r.s.cfg.Metrics.step("failed")
	if f.Whole {
		r.whole = f
	} else {
		r.failed++
		if !f.Final {
			r.row++
		}
	}
	if r.row >= inARow {
		r.whole = &failure{f.TargetFailure, f.status}
		r.whole.Whole = true
		r.whole.Message = fmt.Sprintf("%d people and groups in a row failed, the last one because %s", r.row, f.Message)
	}
	if f.Blameless {
		return true, nil
	}
	return true, r.blame(ctx, s, f)
}

// blame notes the failure of one person or group.
func (r *run) blame(ctx context.Context, s Step, f *failure) error {
	now := r.s.cfg.Now().UTC()
	l := r.send.links(s.Kind)[s.Local]
	if l.Resumes != r.sides.Target.Resumes {
		l = policy.LinkPassed(l)
		l.Resumes = r.sides.Target.Resumes
	}
	wanted := r.wanted(s)
	l.Name = s.Name
	l = policy.LinkFailed(l, f.TargetFailure, wanted, r.s.cfg.Jitter(), now)
	return r.send.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l})
}

// wanted is the digest of what is still wanted after a step failed: it may have done a part of it.
func (r *run) wanted(s Step) string {
	if left, needed := stepOf(r.sides, s.Kind, s.Local); needed {
		return left.Wanted
	}
	return s.Wanted
}

// count notes removals that were sent, for the brake.
func (r *run) count(ctx context.Context, s *Step) error {
	if s.Weight == 0 {
		return nil
	}
	now := r.s.cfg.Now().UTC()
	return r.changeState(ctx, targets.StateChange{Apply: func(state *directory.TargetState) {
		state.Removals = policy.CountRemovals(state.Removals, s.Weight, now)
		state.Released = max(0, state.Released-s.Weight)
	}})
}

func number(n int) directory.Number { return directory.Number(strconv.Itoa(n)) }

// brake asks the brake about a plan, and records what it says (C8).
func (r *run) brake(ctx context.Context, steps []Step) error {
	now := r.s.cfg.Now().UTC()
	v, weight := judge(r.sides, steps, now)
	state := r.sides.State
	data := directory.Attributes{{Name: "removals", Value: number(v.Within)}, {Name: "limit", Value: number(v.Limit)}}
	switch {
	case v.Refuse != nil:
		change := targets.StateChange{Apply: func(state *directory.TargetState) { state.Held, state.Removals = weight, v.Removals }}
		if v.Alert {
			change.Action, change.Event, change.Reason, change.Data = directory.ActionTargetHold, directory.TargetHeld, v.Refuse.Message, data
		} else if state.Held == weight {
			return nil
		}
		return r.changeState(ctx, change)
	case v.Alert:
		return r.changeState(ctx, targets.StateChange{
			Apply:  func(state *directory.TargetState) { state.Removals.Alerted = now },
			Action: directory.ActionTargetAlert, Event: directory.TargetAlerted, Data: data,
		})
	case state.Held == 0 && state.Removals.Shut.IsZero():
		return nil
	}
	change := targets.StateChange{Apply: func(state *directory.TargetState) { state.Held, state.Removals.Shut = 0, time.Time{} }}
	if weight == 0 { // what was held is not wanted any more
		change.Action, change.Event, change.Reason = directory.ActionTargetRelease, directory.TargetReleased, "nothing is to be removed any more"
	}
	return r.changeState(ctx, change)
}

// remaining counts what a run left.
type remaining struct {
	pending, parked, due int
	next                 time.Time // when the first of those that wait is tried again
}

func (r *run) remaining(now time.Time) (out remaining) {
	left := Plan(r.sides, now, RetryDue)
	judge(r.sides, left, now)
	out.pending = len(left)
	for i := range left {
		switch {
		case left[i].Parked:
			out.parked++
		case left[i].Held:
		case left[i].Waits != "":
			if at := left[i].next; out.next.IsZero() || at.Before(out.next) {
				out.next = at
			}
		default:
			out.due++
		}
	}
	return out
}

// after is the state of a target after a run. It is computed again if another one has changed the state meanwhile.
func (r *run) after(state directory.TargetState, left remaining, jitter float64, now time.Time) directory.TargetState {
	state.Users, state.Groups = linked(r.sides.UserLinks), linked(r.sides.GroupLinks)
	state.Pending, state.Parked = left.pending, left.parked
	state = policy.TargetTried(state, r.done, r.failed, now)
	if r.done > 0 {
		state.Success = now
	}
	quarantined := !state.Quarantined.IsZero()
	switch {
	case r.whole != nil:
		state = policy.TargetFailed(state, r.whole.TargetFailure, jitter, now)
	case quarantined && r.done > 0:
		state = policy.TargetPassed(state)
		state.Since, state.Done, state.Failed = time.Time{}, 0, 0
	case !quarantined && (r.done > 0 || left.due == 0):
		state = policy.TargetPassed(state)
	}
	if r.whole == nil && left.due == 0 {
		state.Synced = now
	}
	if reason := policy.TargetQuarantine(&state, now); reason != "" || !state.Quarantined.IsZero() {
		if state.Quarantined.IsZero() {
			state.Quarantined, state.Error = now, reason
		}
		state.Next = now.Add(policy.TargetProbe)
	}
	return state
}

// end stores what the run came to, and decides when the next one begins.
func (r *run) end(ctx context.Context, next *outcome) error {
	now := r.s.cfg.Now().UTC()
	left := r.remaining(now)
	next.due = left.next
	before, jitter := r.sides.State, r.s.cfg.Jitter()
	after := r.after(before, left, jitter, now)
	change := targets.StateChange{Apply: func(state *directory.TargetState) { *state = r.after(*state, left, jitter, now) }}
	log := r.s.cfg.Logger.With("tenant", r.tenant, "target", r.sides.Target.Name)
	switch {
	case before.Quarantined.IsZero() && !after.Quarantined.IsZero():
		change.Action, change.Event, change.Reason = directory.ActionTargetQuarantine, directory.TargetQuarantined, after.Error
		change.Data = directory.Attributes{{Name: "reason", Value: after.Error}}
		log.WarnContext(ctx, "a target fails for everybody and is only probed now", "reason", after.Error)
	case !before.Quarantined.IsZero() && after.Quarantined.IsZero():
		change.Action, change.Event = directory.ActionTargetRecover, directory.TargetRecovered
		next.more = true
	case r.done+r.failed == 0 && r.whole == nil && quiet(before) == quiet(after) && now.Sub(before.Synced).Abs() < time.Minute:
		return nil // nothing but the time is new
	case r.whole != nil && before.Attempts == 0:
		log.InfoContext(ctx, "a target fails; it is tried again", "reason", after.Error, "next", after.Next)
	}
	return r.changeState(ctx, change)
}

// quiet is what a run may leave as it was.
func quiet(s directory.TargetState) string {
	return fmt.Sprint(s.Users, s.Groups, s.Pending, s.Parked, s.Attempts, s.Error, s.Next, s.Quarantined)
}

func linked(links map[directory.ID]directory.TargetLink) int {
	n := 0
	for _, l := range links {
		if l.Remote != "" && !l.Left {
			n++
		}
	}
	return n
}
