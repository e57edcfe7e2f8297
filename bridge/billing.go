package bridge

import (
	"context"
	"fmt"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Bill is the usage and cost of a tenant in a period: an estimate, never an invoice.
type Bill = policy.Bill

// Amount is money in hundredths of its currency.
type Amount = policy.Amount

// billing is what the charging of a tenant depends on.
type billing struct {
	tenant       directory.Tenant
	state        policy.State
	zone         *time.Location
	hour, minute int
	now          time.Time
}

func (s *Service) billing(r store.Reader) (billing, error) {
	b := billing{now: s.instant()}
	var err error
	if b.tenant, err = r.Tenant(); err != nil {
		return b, err
	}
	if b.state, err = s.stateOf(&b.tenant, directory.Usage{}, b.now); err != nil {
		return b, err
	}
	if b.zone, err = zone(b.state.Settings.SnapshotZone); err != nil {
		return b, err
	}
	b.hour, b.minute, err = policy.SnapshotTime(b.state.Settings.SnapshotTime)
	return b, err
}

// zone finds a time zone by its name. The error is Invalid.
func zone(name string) (*time.Location, error) {
	if name != "" && name != "Local" {
		if at, err := time.LoadLocation(name); err == nil {
			return at, nil
		}
	}
	return nil, &directory.Error{Code: directory.Invalid, Field: "snapshot_zone", Message: fmt.Sprintf("there is no time zone %q: write one as America/New_York, Europe/Zurich or UTC", name)}
}

func (b *billing) instant(day directory.Day) (time.Time, bool) {
	return policy.SnapshotInstant(day, b.zone, b.hour, b.minute)
}

func (b *billing) today() directory.Day { return directory.DayOf(b.now.In(b.zone)) }

// cycle is the billing cycle that holds day.
func (b *billing) cycle(day directory.Day) (from, to directory.Day) {
	start := b.state.Settings.BillingStart
	if start == "" {
		start = directory.DayOf(b.tenant.Created.In(b.zone))
	}
	return policy.Cycle(start, day, b.state.Plan.BilledEvery)
}

// longestPeriod bounds what one report covers.
const longestPeriod = 3700

// period is from..to; a missing bound is that of today's billing cycle. Invalid.
func (b *billing) period(from, to directory.Day) (first, last directory.Day, err error) {
	for field, day := range map[string]directory.Day{"from": from, "to": to} {
		if _, ok := day.Time(); !ok && day != "" {
			return "", "", &directory.Error{Code: directory.Invalid, Field: field, Message: field + " is a date such as 2026-01-31"}
		}
	}
	day := b.today()
	if from != "" {
		day = from
	}
	first, last = b.cycle(day)
	if from != "" {
		first = from
	}
	if to != "" {
		last = to
	}
	if first > last || first.Until(last) > longestPeriod {
		return "", "", &directory.Error{Code: directory.Invalid, Field: "to", Message: fmt.Sprintf("a period is from one day to a later one, at most %d days", longestPeriod)}
	}
	return first, last, nil
}

// Snapshots gives the snapshots of the days from..to, in order (B7). Missing days: the billing cycle of today, or of from.
// NotFound, Invalid.
func (s *Service) Snapshots(ctx context.Context, p directory.Principal, tenant directory.TenantID, from, to directory.Day) ([]directory.Snapshot, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []directory.Snapshot
	err = s.read(ctx, p, func(r store.Reader) error {
		b, err := s.billing(r)
		if err != nil {
			return err
		}
		first, last, err := b.period(from, to)
		if err != nil {
			return err
		}
		out, err = b.snapshots(r, first, last)
		return err
	})
	return out, err
}

// snapshots gives the snapshots of the days from..to, without those that were taken while the clock was ahead.
func (b *billing) snapshots(r store.Reader, from, to directory.Day) ([]directory.Snapshot, error) {
	var out []directory.Snapshot
	err := txn.Each(r, directory.SnapshotKV, string(from), string(to.Add(1)), func(_ string, s *directory.Snapshot) error {
		if !policy.SnapshotIsAhead(s.Taken, b.now) {
			out = append(out, *s)
		}
		return nil
	})
	return out, err
}

// Bill adds up the snapshots of the days from..to of a tenant: usage, projection, cost. NotFound, Invalid.
func (s *Service) Bill(ctx context.Context, p directory.Principal, tenant directory.TenantID, from, to directory.Day) (Bill, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return Bill{}, err
	}
	var out Bill
	err = s.read(ctx, p, func(r store.Reader) error {
		b, err := s.billing(r)
		if err != nil {
			return err
		}
		first, last, err := b.period(from, to)
		if err != nil {
			return err
		}
		taken, err := b.snapshots(r, first, last)
		out = policy.BillOf(first, last, taken)
		return err
	})
	return out, err
}

// TakeSnapshots writes the snapshots that are due (B7) and gives them. Each is counted from the ledger at its own instant, so
// that one that is late is as exact as one that is not. With RunDry nothing is written. NotFound.
func (s *Service) TakeSnapshots(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) ([]directory.Snapshot, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	if !how.Dry() {
		if err := s.repairLedger(ctx, p); err != nil {
			return nil, err
		}
	}
	var due []directory.Snapshot
	err = s.read(ctx, p, func(r store.Reader) error {
		due, err = s.snapshotsDue(r)
		return err
	})
	if err != nil || how.Dry() || len(due) == 0 {
		return due, err
	}
	var taken []directory.Snapshot
	err = s.write(ctx, p, func(t *tenantTx) error {
		taken = nil
		for i := range due {
			snapshot := due[i]
			if old, there, err := txn.Get[directory.Snapshot](t.Reader, directory.SnapshotKV, string(snapshot.Day)); err != nil {
				return err
			} else if there && !policy.SnapshotIsAhead(old.Taken, t.Now) {
				continue
			}
			snapshot.Taken = t.Now
			snapshot.Late = policy.SnapshotIsLate(snapshot.At, t.Now)
			if err := t.Set(directory.SnapshotKV, string(snapshot.Day), snapshot); err != nil {
				return err
			}
			taken = append(taken, snapshot)
			subject := directory.Subject{Kind: "snapshot", ID: string(snapshot.Day)}
			line := t.Line(directory.ActionSeatsSnapshot, subject)
			line.Rule, line.After = "B7", txn.Document(txn.Facts(snapshot))
			t.Audit(line)
			t.Event(directory.SnapshotTaken, subject, txn.Facts(snapshot))
		}
		return nil
	})
	return taken, err
}

// snapshotsDue counts the days that are due.
func (s *Service) snapshotsDue(r store.Reader) ([]directory.Snapshot, error) {
	b, err := s.billing(r)
	if err != nil {
		return nil, err
	}
	last, err := b.lastSnapshot(r)
	if err != nil {
		return nil, err
	}
	days := policy.SnapshotsDue(policy.DailyTime{Zone: b.zone, Hour: b.hour, Minute: b.minute}, b.tenant.Created, b.now, last)
	if len(days) == 0 {
		return nil, nil
	}
	out := make([]directory.Snapshot, len(days))
	for i, day := range days {
		at, _ := b.instant(day)
		plan := b.state.Plan
		out[i] = directory.Snapshot{
			Day: day, At: at.UTC(), Zone: b.zone.String(), Plan: plan.Name, Limit: policy.Limit(plan, b.tenant.Seats),
			FlatPrice: plan.FlatPrice, SeatPrice: plan.PricePerSeat, Currency: plan.Currency,
		}
	}
	err = intervals(r, out[0].At, func(interval *directory.SeatInterval) error {
		for i := range out {
			switch {
			case !interval.Held(out[i].At):
			case interval.Type == directory.Guest:
				out[i].Guests++
			default:
				out[i].Members++
			}
		}
		return nil
	})
	for i := range out {
		out[i].Billed = policy.Billed(b.state.Settings, out[i].Members, out[i].Guests)
	}
	return out, err
}

// lastSnapshot is the day of the newest snapshot that is not after today and was not taken while the clock was ahead, "" if there is none.
func (b *billing) lastSnapshot(r store.Reader) (directory.Day, error) {
	for day := b.today(); day >= directory.DayOf(b.tenant.Created.In(b.zone)); day = day.Add(-1) {
		s, ok, err := txn.Get[directory.Snapshot](r, directory.SnapshotKV, string(day))
		if err != nil || ok && !policy.SnapshotIsAhead(s.Taken, b.now) {
			return day, err
		}
	}
	return "", nil
}

// finishSeats ends a write that moved seats: notices at 80, 90 and 100 % (B9).
func (t *tenantTx) finishSeats() error {
	if !t.seatsMoved {
		return nil
	}
	announced, _, err := txn.Get[int](t.Reader, directory.SeatNoticeKV, "seats")
	if err != nil {
		return err
	}
	n := t.state.Seats()
	step, announce := policy.SeatNotice(announced, n)
	if step == announced {
		return t.renewAlert(string(directory.SeatsAlert)+"/", policy.SeatsText(n.Occupied, n.Limit))
	}
	if !announce && len(t.Change.Audit) == 0 { // it waits for a change that has a reason
		return nil
	}
	if err := t.Set(directory.SeatNoticeKV, "seats", step); err != nil {
		return err
	}
	if !announce {
		return t.clearAlert(string(directory.SeatsAlert) + "/")
	}
	subject := tenantSubject(&t.tenant)
	data := directory.Attributes{
		{Name: "percent", Value: txn.Number(step)}, {Name: "occupied", Value: txn.Number(n.Occupied)}, {Name: "limit", Value: txn.Number(n.Limit)},
	}
	line := t.Line(directory.ActionSeatsNotice, subject)
	line.Rule, line.After = "B9", txn.Document(data)
	t.Audit(line)
	t.Event(directory.SeatsNotice, subject, data)
	return nil
}

// noteOverage applies the tenant's setting when a decision exceeds the limit (B2): it buys seats, or reports the overage.
func (t *tenantTx) noteOverage(d *policy.Decision) {
	if d.Grow == 0 && !d.Over {
		return
	}
	n := t.state.Seats()
	subject := tenantSubject(&t.tenant)
	data := directory.Attributes{{Name: "occupied", Value: txn.Number(n.Occupied)}, {Name: "limit", Value: txn.Number(n.Limit)}}
	if d.Over {
		t.Event(directory.SeatsOverage, subject, data)
		return
	}
	before := t.tenant
	t.tenant.Seats = d.Grow
	t.tenant.Version, t.tenant.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
	if t.Change.Tenant != nil { // a second time in one write
		t.tenant.Version = t.Change.Tenant.Version
	}
	grown := t.tenant
	t.Change.Tenant, t.state.Purchased = &grown, d.Grow
	line := t.Line(directory.ActionSeatsGrow, subject)
	line.Rule = "B2"
	line.Before = txn.Document(directory.Attributes{{Name: "seats", Value: txn.Number(before.Seats)}})
	line.After = txn.Document(directory.Attributes{{Name: "seats", Value: txn.Number(grown.Seats)}})
	t.Audit(line)
	t.Event(directory.SeatsGrown, subject, append(data, directory.Attribute{Name: "seats", Value: txn.Number(grown.Seats)}))
}
