package bridge

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// updateLedger opens and closes the interval of a user on a billable seat (B6). before nil: a new user; after nil: the user is deleted.
func (t *tenantTx) updateLedger(before, after *directory.User) error {
	was := before != nil && policy.Billable(before.State)
	is := after != nil && policy.Billable(after.State)
	if was == is && (!was || before.Type == after.Type) {
		return nil
	}
	if was {
		why := "converted"
		switch {
		case after == nil:
			why = "deleted"
		case !is:
			why = "suspended"
		}
		if err := t.leaveSeat(before, why); err != nil {
			return err
		}
	}
	if !is {
		return nil
	}
	return t.Set(directory.SeatKV, after.ID.String(), directory.SeatInterval{User: after.ID, UserName: after.UserName, Type: after.Type, From: t.Now})
}

func (t *tenantTx) leaveSeat(u *directory.User, why string) error {
	key := u.ID.String()
	interval, ok, err := txn.Get[directory.SeatInterval](t.Reader, directory.SeatKV, key)
	if err != nil {
		return err
	}
	if !ok {
		interval = firstInterval(u)
	}
	interval.To, interval.Why = txn.Later(t.Now, interval.From), why
	t.Unset(directory.SeatKV, key)
	return t.Set(directory.SeatPastKV, pastKey(interval.To)+"/"+key, interval)
}

// firstInterval is the seat interval of a user who is older than the ledger.
func firstInterval(u *directory.User) directory.SeatInterval {
	from := u.AcceptedAt
	if from.IsZero() {
		from = u.Created
	}
	return directory.SeatInterval{User: u.ID, UserName: u.UserName, Type: u.Type, From: from}
}

// pastKey orders intervals by their end.
func pastKey(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// intervals gives every interval that overlaps the time from "from" on: first those that ended, in the order of their ends, then the open ones.
func intervals(r store.Reader, from time.Time, yield func(*directory.SeatInterval) error) error {
	stopped := false
	each := func(_ string, s *directory.SeatInterval) error {
		err := yield(s)
		stopped = errors.Is(err, store.ErrStop)
		return err
	}
	err := txn.Each(r, directory.SeatPastKV, pastKey(from), "", each)
	if err != nil || stopped {
		return err
	}
	return txn.Each(r, directory.SeatKV, "", "", each)
}

// LedgerLine is an interval with the days that it counts.
type LedgerLine struct {
	directory.SeatInterval
	ChargeDueBy time.Time // 48 hours after acceptance (B6)
	SeatDays    int       // days of the period on which the interval was counted
}

// Ledger gives the intervals that overlap the days from..to, in the order of their beginnings (B6). NotFound, Invalid.
func (s *Service) Ledger(ctx context.Context, p directory.Principal, tenant directory.TenantID, from, to directory.Day) ([]LedgerLine, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []LedgerLine
	err = s.read(ctx, p, func(r store.Reader) error {
		at, err := s.billing(r)
		if err != nil {
			return err
		}
		if from, to, err = at.period(from, to); err != nil {
			return err
		}
		begin, _ := policy.SnapshotInstant(from, at.zone, 0, 0)
		end, _ := policy.SnapshotInstant(to.Add(1), at.zone, 0, 0)
		var instants []time.Time
		for day := from; day <= to; day = day.Add(1) {
			if instant, ok := at.instant(day); ok && !instant.After(at.now) {
				instants = append(instants, instant)
			}
		}
		return intervals(r, begin, func(interval *directory.SeatInterval) error {
			if !interval.From.Before(end) {
				return nil
			}
			first, _ := slices.BinarySearchFunc(instants, interval.From, time.Time.Compare)
			last := len(instants)
			if !interval.To.IsZero() {
				last, _ = slices.BinarySearchFunc(instants, interval.To, time.Time.Compare)
			}
			out = append(out, LedgerLine{SeatInterval: *interval, ChargeDueBy: interval.From.Add(48 * time.Hour), SeatDays: max(0, last-first)})
			return nil
		})
	})
	slices.SortFunc(out, func(a, b LedgerLine) int {
		if order := a.From.Compare(b.From); order != 0 {
			return order
		}
		return strings.Compare(a.User.String(), b.User.String())
	})
	return out, err
}

// repairLedger opens intervals for users who hold a billable seat and have none, and closes those of users who hold none. It does nothing if
// the ledger agrees with the users. If not, a release without a ledger has written the store.
func (s *Service) repairLedger(ctx context.Context, p directory.Principal) error {
	agrees := true
	err := s.read(ctx, p, func(r store.Reader) error {
		open := 0
		err := txn.Each(r, directory.SeatKV, "", "", func(string, *directory.SeatInterval) error { open++; return nil })
		if err != nil {
			return err
		}
		usage, err := r.Usage()
		agrees = open == billable(usage)
		return err
	})
	if err != nil || agrees {
		return err
	}
	var wrong []directory.ID
	err = s.read(ctx, p, func(r store.Reader) (err error) {
		wrong, err = strayIntervals(r)
		return err
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(wrong, repairBatch) {
		if err := s.repairIntervals(ctx, p, part); err != nil {
			return err
		}
	}
	return nil
}

// repairBatch is how many intervals one transaction repairs, so that other writes do not wait long.
const repairBatch = 500

// strayIntervals gives the users who hold a billable seat and have no interval, and those who have one and hold none.
func strayIntervals(r store.Reader) ([]directory.ID, error) {
	open := map[directory.ID]bool{}
	err := txn.Each(r, directory.SeatKV, "", "", func(_ string, s *directory.SeatInterval) error { open[s.User] = true; return nil })
	if err != nil {
		return nil, err
	}
	var wrong []directory.ID
	_, err = r.Users(directory.Query{Count: int(^uint(0) >> 1), Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
		if open[u.ID] != policy.Billable(u.State) {
			wrong = append(wrong, u.ID)
		}
		delete(open, u.ID)
		return nil
	})
	return append(wrong, sortedIDs(open)...), err
}

// repairIntervals repairs the intervals of some users that are still wrong.
func (s *Service) repairIntervals(ctx context.Context, p directory.Principal, users []directory.ID) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		repaired := 0
		for _, id := range users {
			u, there, err := txn.Optional(t.Reader.User(id))
			if err != nil {
				return err
			}
			interval, has, err := txn.Get[directory.SeatInterval](t.Reader, directory.SeatKV, id.String())
			if err != nil {
				return err
			}
			switch holds := there && policy.Billable(u.State); {
			case holds && !has:
				err = t.Set(directory.SeatKV, id.String(), firstInterval(&u))
			case has && !holds:
				err = t.endInterval(interval)
			default:
				continue
			}
			if err != nil {
				return err
			}
			repaired++
		}
		if repaired == 0 {
			return nil
		}
		line := t.Line(directory.ActionSeatsRepairLedger, directory.Subject{Kind: "tenant", ID: string(p.Tenant)})
		line.Rule, line.After = "B6", txn.Document(directory.Attributes{{Name: "stays", Value: txn.Number(repaired)}})
		t.Audit(line)
		return nil
	})
}

func (t *tenantTx) endInterval(interval directory.SeatInterval) error {
	key := interval.User.String()
	interval.To, interval.Why = txn.Later(t.Now, interval.From), "repaired"
	t.Unset(directory.SeatKV, key)
	return t.Set(directory.SeatPastKV, pastKey(interval.To)+"/"+key, interval)
}

func sortedIDs[T any](m map[directory.ID]T) []directory.ID {
	out := make([]directory.ID, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.SortFunc(out, func(x, y directory.ID) int { return bytes.Compare(x[:], y[:]) })
	return out
}

// billable is how many users hold a billable seat.
func billable(u directory.Usage) int {
	n := 0
	for _, states := range u.Users {
		for _, state := range directory.AllStates() {
			if policy.Billable(state) {
				n += states[state]
			}
		}
	}
	return n
}
