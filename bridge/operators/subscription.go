package operators

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// SubscriptionView says which mails an operator gets.
type SubscriptionView struct {
	Operator     directory.Operator // without secrets
	Subscription directory.Subscription
	Own          bool // chosen by hand; otherwise the role decides
	Receives     bool // the account is such that mails go out
}

// Subscriptions shows which mails each operator gets, in the order in which they were added. It leaves out every operator whose role or
// scope exceeds that of the caller (O10), because a subscription reveals what stays unnoticed.
func (s *Service) Subscriptions(ctx context.Context, p directory.Principal) ([]SubscriptionView, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return nil, err
	}
	var out []SubscriptionView
	err = s.read(ctx, p, func(r store.Reader) error {
		all, err := r.Operators()
		if err != nil {
			return err
		}
		settings, err := r.ProviderSettings()
		for i := range all {
			if isOwn(p, all[i].ID) || policy.Covers(p.Access, &all[i]) {
				out = append(out, subscriptionView(&all[i], settings))
			}
		}
		return err
	})
	return out, err
}

// Subscription shows which mails one operator gets. NotFound, Forbidden for an operator whom the caller may not manage (O10).
func (s *Service) Subscription(ctx context.Context, p directory.Principal, id directory.ID) (SubscriptionView, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return SubscriptionView{}, err
	}
	var out SubscriptionView
	err = s.read(ctx, p, func(r store.Reader) error {
		o, err := ownOrCovered(r, p, id)
		if err != nil {
			return err
		}
		settings, err := r.ProviderSettings()
		out = subscriptionView(&o, settings)
		return err
	})
	return out, err
}

func subscriptionView(o *directory.Operator, settings directory.ProviderSettings) SubscriptionView {
	v := SubscriptionView{Operator: withoutSecrets(*o), Subscription: policy.SubscriptionOf(o), Own: o.Subscription != nil}
	tenants := append([]directory.TenantID{directory.Provider}, o.Scope.Tenants...)
	if o.Scope.All {
		tenants = append(tenants, "any")
	}
	tenants = append(tenants, v.Subscription.Tenants...)
	v.Receives = slices.ContainsFunc(tenants, func(t directory.TenantID) bool { return policy.Receives(o, settings, t) })
	return v
}

// SetSubscription chooses which mails an operator gets; with nil the role decides again. Every operator may
// choose for themselves, and for the operators whom they may manage (O10). NotFound, Stale, Invalid, Forbidden, Conflict for an operator who
// is suspended.
func (s *Service) SetSubscription(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, wish *directory.Subscription) (SubscriptionView, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return SubscriptionView{}, err
	}
	err = s.write(ctx, p, func(t tx) error {
		before, err := t.ownOrManaged(id, directory.ActionOperatorSubscription)
		if err != nil {
			return err
		}
		if err := pre.Check(before.Version); err != nil {
			return err
		}
		if before.Status == directory.OperatorSuspended && wish != nil {
			return &directory.Error{Code: directory.Conflict, Field: "status", Rule: "O7", Message: "the operator is suspended, which ends every subscription: restore first, then choose"}
		}
		after := before
		after.Subscription = nil
		if wish != nil {
			if err := policy.CheckSubscription(&before, wish); err != nil {
				return err
			}
			own := directory.Subscription{Kinds: sorted(wish.Kinds), Tenants: sorted(wish.Tenants), Daily: wish.Daily}
			after.Subscription = &own
		}
		return t.changeOperator(&before, after, directory.ActionOperatorSubscription, "")
	})
	if err != nil {
		return SubscriptionView{}, err
	}
	return s.Subscription(ctx, p, id)
}

// sorted puts a list in order, each entry once; an empty one is nil.
func sorted[T ~string](list []T) []T {
	out := slices.Clone(list)
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return out
}

// Subscribers gives every operator with the fields that decide about notices, and the settings of the installation.
func (s *Service) Subscribers(ctx context.Context) (all []directory.Operator, settings directory.ProviderSettings, err error) {
	err = s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		if settings, err = r.ProviderSettings(); err != nil {
			return err
		}
		found, err := r.Operators()
		for i := range found {
			all = append(all, bareNotice(found[i]))
		}
		return err
	})
	return all, settings, err
}

// Subscriber gives one operator as Subscribers does. NotFound.
func (s *Service) Subscriber(ctx context.Context, id directory.ID) (o directory.Operator, settings directory.ProviderSettings, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		if settings, err = r.ProviderSettings(); err != nil {
			return err
		}
		found, err := findOperator(r, id)
		o = bareNotice(found)
		return err
	})
	return o, settings, err
}

// bareNotice is an operator with the fields that decide about notices, and without secrets.
func bareNotice(o directory.Operator) directory.Operator {
	out := withoutSecrets(o)
	out.Subject = o.Subject
	if o.Enrolled() {
		out.Factor = &directory.Factor{Confirmed: o.Factor.Confirmed}
	}
	return out
}
