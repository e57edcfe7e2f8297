package console

import (
	"context"
	"net/http"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const (
	subscriptionAbout = "By default Owners and Administrators get mail about events that raise an alert, and others get none. No operator gets mail about what they could not read (rule O2)."
	subscribeAbout    = "Kinds of event (docs/events.md), user.* for all kinds that begin with user., alert for all that raise an alert. What raises an alert or gives a person power is mailed at once, everything else is gathered. " +
		"No operator gets mail about what they could not read: scope and role are checked again when the mail goes out (rule O2)."
)

func (a *api) subscriptionRoutes() []operation {
	return []operation{
		{
			id: "list-subscriptions", method: http.MethodGet, path: "/subscriptions",
			right: directory.OperatorRead,
			tag:   "operators", summary: "List the mail subscriptions of operators",
			about: subscriptionAbout,
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listSubscriptions),
		},
		{
			id: "get-my-subscription", method: http.MethodGet, path: "/me/subscription",
			right: directory.Self,
			tag:   "session", summary: "Show your own mail subscription",
			about: subscriptionAbout,
			codes: []directory.Code{directory.Conflict},
			do:    handle(a.getMySubscription),
		},
		{
			id: "set-my-subscription", method: http.MethodPut, path: "/me/subscription",
			right: directory.Self,
			tag:   "session", summary: "Change your own mail subscription",
			about: subscribeAbout,
			codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Stale},
			do:    handle(a.setMySubscription),
		},
		{
			id: "reset-my-subscription", method: http.MethodDelete, path: "/me/subscription",
			right: directory.Self,
			tag:   "session", summary: "Reset your own mail subscription to the default of the role",
			about: subscriptionAbout,
			codes: []directory.Code{directory.Conflict},
			do:    handle(a.resetMySubscription),
		},
		{
			id: "get-subscription", method: http.MethodGet, path: "/operators/{operator}/subscription",
			right: directory.OperatorRead,
			tag:   "operators", summary: "Show the mail subscription of an operator",
			about: subscriptionAbout,
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getSubscription),
		},
		{
			id: "set-subscription", method: http.MethodPut, path: "/operators/{operator}/subscription",
			right: directory.OperatorManage, human: true,
			tag: "operators", summary: "Change the mail subscription of an operator",
			about: subscribeAbout,
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict},
			do:    handle(a.setSubscription),
		},
		{
			id: "reset-subscription", method: http.MethodDelete, path: "/operators/{operator}/subscription",
			right: directory.OperatorManage, human: true,
			tag: "operators", summary: "Reset the mail subscription of an operator to the default of the role",
			about: subscriptionAbout,
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.resetSubscription),
		},
	}
}

type setMySubscriptionInput struct {
	VersionHeader
	Body wire.SubscriptionUpdate
}

type setSubscriptionInput struct {
	OperatorPath
	VersionHeader
	Body wire.SubscriptionUpdate
}

func (a *api) listSubscriptions(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.Subscription]], error) {
	all, err := a.Operators.Subscriptions(ctx, p)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.Subscription, 0, len(all))
	for i := range all {
		entries = append(entries, subscriptionView(&all[i]))
	}
	return answer(httpapi.Sorted(entries, *in, httpapi.Ascending, func(s wire.Subscription) httpapi.Position { return httpapi.Position{ID: s.Operator} }))
}

func (a *api) getMySubscription(ctx context.Context, p directory.Principal, _ *struct{}) (*versioned[wire.Subscription], error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	return showSubscription(a.Operators.Subscription(ctx, p, id))
}

func (a *api) setMySubscription(ctx context.Context, p directory.Principal, in *setMySubscriptionInput) (*versioned[wire.Subscription], error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	return showSubscription(a.Operators.SetSubscription(ctx, p, id, in.precondition(), wishOf(&in.Body)))
}

func (a *api) resetMySubscription(ctx context.Context, p directory.Principal, _ *struct{}) (*versioned[wire.Subscription], error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	return showSubscription(a.Operators.SetSubscription(ctx, p, id, directory.Precondition{}, nil))
}

func (a *api) getSubscription(ctx context.Context, p directory.Principal, in *OperatorPath) (*versioned[wire.Subscription], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showSubscription(a.Operators.Subscription(ctx, p, id))
}

func (a *api) setSubscription(ctx context.Context, p directory.Principal, in *setSubscriptionInput) (*versioned[wire.Subscription], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showSubscription(a.Operators.SetSubscription(ctx, p, id, in.precondition(), wishOf(&in.Body)))
}

func (a *api) resetSubscription(ctx context.Context, p directory.Principal, in *OperatorPath) (*versioned[wire.Subscription], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showSubscription(a.Operators.SetSubscription(ctx, p, id, directory.Precondition{}, nil))
}

func wishOf(in *wire.SubscriptionUpdate) *directory.Subscription {
	return &directory.Subscription{Kinds: in.Kinds, Tenants: tenantIDs(in.Tenants), Daily: in.Daily}
}

func showSubscription(v operators.SubscriptionView, err error) (*versioned[wire.Subscription], error) {
	if err != nil {
		return nil, err
	}
	return withVersion(v.Operator.Version, subscriptionView(&v)), nil
}

func subscriptionView(v *operators.SubscriptionView) wire.Subscription {
	out := wire.Subscription{
		Operator: v.Operator.ID.String(), Email: v.Operator.Email, Role: string(v.Operator.Role), Version: v.Operator.Version,
		Kinds: append([]string{}, v.Subscription.Kinds...), Tenants: []string{}, Daily: v.Subscription.Daily, Default: !v.Own, Receives: v.Receives,
	}
	for _, t := range v.Subscription.Tenants {
		out.Tenants = append(out.Tenants, string(t))
	}
	return out
}
