package operators

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// tidyScope puts the tenants of a scope in order, each once.
func tidyScope(scope directory.Scope) directory.Scope {
	if scope.All {
		return directory.Scope{All: true}
	}
	tenants := slices.Clone(scope.Tenants)
	slices.Sort(tenants)
	return directory.Scope{Tenants: slices.Compact(tenants)}
}

// maxScope is how many tenants an explicit list may have; for more, use "all".
const maxScope = 10000

// AddToScope adds a tenant to the scope of the operator who created it, unless the scope has all tenants (T8).
func (s *Service) AddToScope(ctx context.Context, p directory.Principal, tenant directory.TenantID) error {
	if p.Access.AuthMethod == directory.ByLocal || p.Access.Scope.All || p.Actor.Kind != directory.ByOperator {
		return nil
	}
	p, id, err := ownAccount(p)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t tx) error {
		before, err := t.operator(id)
		if err != nil || before.Scope.Covers(tenant) {
			return err
		}
		after := before
		after.Scope = tidyScope(directory.Scope{Tenants: append(slices.Clone(before.Scope.Tenants), tenant)})
		return t.changeOperator(&before, after, directory.ActionOperatorUpdate, "created the tenant (T8)")
	})
}

// RemoveTenant takes a tenant out of the scopes of operators (T6). Those who do not have it are skipped.
func (s *Service) RemoveTenant(ctx context.Context, p directory.Principal, tenant directory.TenantID, ids []directory.ID, why string) error {
	return s.rescope(ctx, p, ids, why, func(scope []directory.TenantID) []directory.TenantID {
		return slices.DeleteFunc(scope, func(x directory.TenantID) bool { return x == tenant })
	})
}

// ReturnTenant puts a tenant back into the scopes of operators (T6). Those who have it are skipped.
func (s *Service) ReturnTenant(ctx context.Context, p directory.Principal, tenant directory.TenantID, ids []directory.ID, why string) error {
	return s.rescope(ctx, p, ids, why, func(scope []directory.TenantID) []directory.TenantID { return append(scope, tenant) })
}

// rescope changes the explicit lists of operators, one transaction for each. Operators who are gone or have all tenants are skipped.
func (s *Service) rescope(ctx context.Context, p directory.Principal, ids []directory.ID, why string, change func([]directory.TenantID) []directory.TenantID) error {
	p.Tenant = directory.Provider
	for _, id := range ids {
		err := s.write(ctx, p, func(t tx) error {
			before, ok, err := txn.Optional(t.Reader.Operator(id))
			if err != nil || !ok || before.Scope.All {
				return err
			}
			after := before
			after.Scope = tidyScope(directory.Scope{Tenants: change(slices.Clone(before.Scope.Tenants))})
			if slices.Equal(after.Scope.Tenants, before.Scope.Tenants) {
				return nil
			}
			return t.changeOperator(&before, after, directory.ActionOperatorUpdate, why)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tenantSet gives the slugs of all tenants. A transaction may use a set that was read before it, because slugs are never removed.
func (s *Service) tenantSet(ctx context.Context) (map[directory.TenantID]bool, error) {
	all, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[directory.TenantID]bool, len(all))
	for i := range all {
		out[all[i].ID] = true
	}
	return out, nil
}

// Unsubscribe takes tenants that are gone out of the subscriptions of operators, and gives the addresses of those who had one. It leaves
// scopes as they are. With RunDry nothing is written.
func (s *Service) Unsubscribe(ctx context.Context, p directory.Principal, gone func(directory.TenantID) bool, how directory.Run) (changed []string, err error) {
	p.Tenant = directory.Provider
	all, _, err := s.Subscribers(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Subscription == nil || !slices.ContainsFunc(all[i].Subscription.Tenants, gone) {
			continue
		}
		changed = append(changed, all[i].Email)
		if how.Dry() {
			continue
		}
		err := s.write(ctx, p, func(t tx) error {
			before, ok, err := txn.Optional(t.Reader.Operator(all[i].ID))
			if err != nil || !ok || before.Subscription == nil {
				return err
			}
			after, kept := before, *before.Subscription
			kept.Tenants = slices.DeleteFunc(slices.Clone(kept.Tenants), gone)
			if len(kept.Tenants) == 0 && len(before.Subscription.Tenants) > 0 { // an empty list would mean all
				kept = directory.Subscription{}
			}
			after.Subscription = &kept
			return t.changeOperator(&before, after, directory.ActionOperatorSubscription, "companies are gone (T6, T9)")
		})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}
