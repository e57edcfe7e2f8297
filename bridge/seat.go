package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// SeatReport says who occupies seats and who is billed (B1, B3).
type SeatReport struct {
	Tenant         directory.TenantID
	Plan           string
	Occupied       int // counts against Limit
	Billable       int
	Limit          int // 0: none
	Purchased      int // 0: as many as the plan allows
	Members        int // members who occupy a seat
	Guests         int // guests who would occupy a seat, including those that the plan includes
	IncludedGuests int
	Usage          directory.Usage // users by type and state
}

// With counts the seats as they would be if change were made to the users.
func (r SeatReport) With(change func(*directory.Usage)) SeatReport {
	change(&r.Usage)
	n := policy.Count(r.Usage, r.IncludedGuests)
	r.Occupied, r.Billable, r.Members, r.Guests = n.Occupied, n.Billable, n.Members, n.Guests
	return r
}

// Seats counts the seats of a tenant. NotFound.
func (s *Service) Seats(ctx context.Context, p directory.Principal, tenant directory.TenantID) (SeatReport, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return SeatReport{}, err
	}
	var out SeatReport
	err = s.read(ctx, p, func(r store.Reader) error {
		_, out, err = s.seats(r)
		return err
	})
	return out, err
}

// seats counts the seats of the tenant of r.
func (s *Service) seats(r store.Reader) (directory.Tenant, SeatReport, error) {
	tenant, err := r.Tenant()
	if err != nil {
		return tenant, SeatReport{}, err
	}
	usage, err := r.Usage()
	if err != nil {
		return tenant, SeatReport{}, err
	}
	report := s.SeatsFrom(&tenant, usage)
	return tenant, report, nil
}

// SeatsFrom counts the seats of a tenant. A plan that is missing from the catalogue stops writes (see stateOf); reports show what they can.
func (s *Service) SeatsFrom(tenant *directory.Tenant, usage directory.Usage) SeatReport {
	plan, _ := policy.FindPlan(s.plans, tenant.Plan)
	settings := policy.Resolve(s.defaults, plan, tenant.Overrides)
	n := policy.Count(usage, settings.IncludedGuests)
	return SeatReport{
		Tenant: tenant.ID, Plan: tenant.Plan, Occupied: n.Occupied, Billable: n.Billable, Limit: policy.Limit(plan, tenant.Seats),
		Purchased: tenant.Seats, Members: n.Members, Guests: n.Guests, IncludedGuests: settings.IncludedGuests, Usage: usage.Clone(),
	}
}
