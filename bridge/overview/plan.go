package overview

import (
	"context"
	"fmt"

	"drawbridge/directory"
	"drawbridge/policy"
)

// PlanWarning says that the plan of a tenant is not in the catalogue, and what to do.
func PlanWarning(t directory.Tenant) string {
	return fmt.Sprintf("the plan %q of tenant %s is not in the configuration: its identity providers get 503 and nothing can be written; put the plan back, or give the tenant another one (drawbridge tenant update %s --plan PLAN)", t.Plan, t.ID, t.ID)
}

// WithoutPlan gives the tenants whose plan is not in the catalogue: nothing can be written in them until an operator puts
// the plan back or chooses another one (B5).
func (s *Service) WithoutPlan(ctx context.Context) ([]directory.Tenant, error) {
	all, err := s.store.Tenants(ctx)
	var out []directory.Tenant
	for i := range all {
		if _, ok := policy.FindPlan(s.plans, all[i].Plan); !ok {
			out = append(out, all[i].Clone())
		}
	}
	return out, err
}
