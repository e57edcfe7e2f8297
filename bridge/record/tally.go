package record

import (
	"context"
	"fmt"
	"maps"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	tallyKept    = 48 * time.Hour   // how far back is counted
	tallyStep    = 15 * time.Minute // the unit in which it is counted
	tallyTenants = 2_000            // trails that one call reads at most
	tallyLines   = 200_000          // lines after which a call reads no further trail
	tallyPage    = 1_000
)

// Tally is how much happened in some tenants.
type Tally struct {
	Created   int // users
	Suspended int // users
	Refused   int // writes
}

func (t Tally) plus(more Tally) Tally {
	return Tally{Created: t.Created + more.Created, Suspended: t.Suspended + more.Suspended, Refused: t.Refused + more.Refused}
}

// tallyOf is what an audit line adds.
func tallyOf(a *directory.Audit) Tally {
	switch {
	case a.Outcome == directory.WasDenied:
		return Tally{Refused: 1}
	case a.Action == directory.ActionUserCreate:
		return Tally{Created: 1}
	case a.Action == directory.ActionUserSuspend:
		return Tally{Suspended: 1}
	}
	return Tally{}
}

// TallyReport is how much happened since a time in the tenants that the caller sees.
type TallyReport struct {
	Tally
	From    time.Time // the beginning of a quarter of an hour
	Tenants int
	Counted int // of Tenants. If it is less, later calls count the others.
}

// counted is what was counted in the trail of a tenant, so that its lines are read once.
type counted struct {
	number   uint64              // the change number of the tenant, taken before its trail was read
	last     uint64              // the line up to which it was counted
	quarters map[time.Time]Tally // by their beginning; those in which nothing happened are missing
}

// TallySince counts what happened in all tenants in the scope of p since a time of the last two days (E1). It remembers what it has counted,
// and reads only trails with new lines.
func (s *Service) TallySince(ctx context.Context, p directory.Principal, from time.Time) (TallyReport, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return TallyReport{}, err
	}
	now := s.instant()
	out := TallyReport{From: from.UTC().Truncate(tallyStep)}
	if from.After(now) || out.From.Before(now.Add(-tallyKept)) {
		return out, &directory.Error{Code: directory.Invalid, Field: "from", Message: fmt.Sprintf("this is not a time of the last %d hours", int(tallyKept.Hours()))}
	}
	select { // one call at a time reads what is new
	case s.tallying <- struct{}{}:
		defer func() { <-s.tallying }()
	case <-ctx.Done():
		return out, &directory.Error{Code: directory.Unavailable, Message: "the count was given up", Err: ctx.Err()}
	}
	seen, err := s.tallied(ctx, p)
	if err != nil {
		return out, err
	}
	moved, err := s.store.Changed(ctx, seen)
	if err != nil {
		return out, err
	}
	trails, lines := 0, 0
	for id, number := range seen {
		if id == directory.Provider {
			continue
		}
		out.Tenants++
		if changed, ok := moved[id]; ok || number == 0 {
			if trails == tallyTenants || lines >= tallyLines {
				continue
			}
			n, err := s.recount(ctx, p, id, changed)
			if directory.IsTenantGone(err) {
				out.Tenants--
				continue
			}
			if err != nil {
				return out, err
			}
			trails, lines = trails+1, lines+n
		}
		out.Counted++
		for at, t := range s.tallies[id].quarters {
			if !at.Before(out.From) {
				out.Tally = out.plus(t)
			}
		}
	}
	return out, nil
}

// tallied gives the change numbers of the tenants in the scope of p at which they were counted, 0 for those that were not, and drops what was
// counted of tenants that are gone. Provider is in it with 0, so that Changed does not wait.
func (s *Service) tallied(ctx context.Context, p directory.Principal) (map[directory.TenantID]uint64, error) {
	rows, err := s.store.Roster(ctx)
	if err != nil {
		return nil, err
	}
	there := make(map[directory.TenantID]bool, len(rows))
	seen := map[directory.TenantID]uint64{directory.Provider: 0}
	for _, row := range rows {
		id := row.Tenant.ID
		if row.Tenant.Status == directory.TenantGone {
			continue
		}
		there[id] = true
		if policy.Sees(p, id) {
			seen[id] = 0
			if c := s.tallies[id]; c != nil {
				seen[id] = c.number
			}
		}
	}
	maps.DeleteFunc(s.tallies, func(id directory.TenantID, _ *counted) bool { return !there[id] })
	return seen, nil
}

// recount adds the lines of a trail that were not counted yet, and forgets what is too old. number is the change number of the tenant. It
// gives how many lines it read.
func (s *Service) recount(ctx context.Context, p directory.Principal, id directory.TenantID, number uint64) (n int, err error) {
	oldest := s.instant().Add(-tallyKept).UTC().Truncate(tallyStep)
	c := &counted{number: number, quarters: map[time.Time]Tally{}}
	if old := s.tallies[id]; old != nil {
		c.last = old.last
		maps.Copy(c.quarters, old.quarters)
		maps.DeleteFunc(c.quarters, func(at time.Time, _ Tally) bool { return at.Before(oldest) })
	}
	p.Tenant = id
	err = s.read(ctx, p, func(r store.Reader) error {
		_, last, err := r.Audit(0, 0)
		if err != nil {
			return err
		}
		if c.last > last { // another trail, as after a restored backup
			c.last, c.quarters = 0, map[time.Time]Tally{}
		}
		if c.last == 0 {
			first, err := lineAt(r, oldest.Add(-2*trailSlack))
			if err != nil {
				return err
			}
			c.last = last
			if first > 0 {
				c.last = first - 1
			}
		}
		for c.last < last {
			lines, _, err := r.Audit(c.last, tallyPage)
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				c.last = last
			}
			for i := range lines {
				c.last = lines[i].Seq
				if t, at := tallyOf(&lines[i]), lines[i].Time.UTC().Truncate(tallyStep); t != (Tally{}) && !at.Before(oldest) {
					c.quarters[at] = c.quarters[at].plus(t)
				}
			}
			n += len(lines)
		}
		return nil
	})
	if err == nil {
		s.tallies[id] = c
	}
	return n, err
}
