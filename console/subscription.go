package console

import (
	"context"
	"net/http"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

type subscriptionOutput struct {
	ETag string `header:"ETag"`
	Body wire.Subscription
}

func (a *api) subscriptionRoutes() {
	type listOutput struct {
		Body wire.Page[wire.Subscription]
	}
	handle(a, operation{
		id: "list-subscriptions", right: directory.OperatorRead, method: http.MethodGet, path: "/subscriptions", tag: "operators", summary: "List what operators are told of by mail",
		about: "By default Owners and Administrators are told of what raises an alert, and others of nothing; nobody is told what they could not read (rule O2).",
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *PageQuery) (*listOutput, error) {
		all, err := a.Operators.Subscriptions(ctx, p)
		if err != nil {
			return nil, err
		}
		entries := make([]wire.Subscription, 0, len(all))
		for i := range all {
			entries = append(entries, subscriptionView(&all[i]))
		}
		page, err := paged(entries, *in, false, func(s wire.Subscription) place { return place{id: s.Operator} })
		return &listOutput{page}, err
	})

	type setBody struct {
		VersionHeader
		Body wire.SubscriptionUpdate
	}
	about := "Kinds of event (docs/events.md), user.* for all that begin so, alert for all that raise an alert. What raises an alert or gives somebody power is told at once, everything else gathered. " +
		"Nobody is told what they could not read: scope and role are asked again when the mail goes out (rule O2)."
	handle(a, operation{
		id: "get-my-subscription", right: directory.Self, method: http.MethodGet, path: "/me/subscription", tag: "session", summary: "Show what one is told of by mail",
		about: "By default Owners and Administrators are told of what raises an alert, and others of nothing; nobody is told what they could not read (rule O2).",
		codes: []directory.Code{directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*subscriptionOutput, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		return showSubscription(a.Operators.Subscription(ctx, p, id))
	})
	handle(a, operation{
		id: "set-my-subscription", right: directory.Self, method: http.MethodPut, path: "/me/subscription", tag: "session", summary: "Choose what one is told of by mail", about: about,
		codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Stale},
	}, func(ctx context.Context, p directory.Principal, in *setBody) (*subscriptionOutput, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		return showSubscription(a.Operators.SetSubscription(ctx, p, id, in.precondition(), wishOf(&in.Body)))
	})
	handle(a, operation{
		id: "reset-my-subscription", right: directory.Self, method: http.MethodDelete, path: "/me/subscription", tag: "session", summary: "Be told of what goes with one's role",
		about: "By default Owners and Administrators are told of what raises an alert, and others of nothing; nobody is told what they could not read (rule O2).",
		codes: []directory.Code{directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*subscriptionOutput, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		return showSubscription(a.Operators.SetSubscription(ctx, p, id, directory.Precondition{}, nil))
	})

	handle(a, operation{
		id: "get-subscription", right: directory.OperatorRead, method: http.MethodGet, path: "/operators/{operator}/subscription", tag: "operators", summary: "Show what an operator is told of by mail",
		about: "By default Owners and Administrators are told of what raises an alert, and others of nothing; nobody is told what they could not read (rule O2).",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *OperatorPath) (*subscriptionOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showSubscription(a.Operators.Subscription(ctx, p, id))
	})
	type setInput struct {
		OperatorPath
		VersionHeader
		Body wire.SubscriptionUpdate
	}
	handle(a, operation{
		id: "set-subscription", right: directory.OperatorManage, human: true, method: http.MethodPut, path: "/operators/{operator}/subscription", tag: "operators", summary: "Choose what an operator is told of by mail", about: about,
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *setInput) (*subscriptionOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showSubscription(a.Operators.SetSubscription(ctx, p, id, in.precondition(), wishOf(&in.Body)))
	})
	handle(a, operation{
		id: "reset-subscription", right: directory.OperatorManage, human: true, method: http.MethodDelete, path: "/operators/{operator}/subscription", tag: "operators", summary: "Let an operator be told of what goes with the role",
		about: "By default Owners and Administrators are told of what raises an alert, and others of nothing; nobody is told what they could not read (rule O2).",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *OperatorPath) (*subscriptionOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showSubscription(a.Operators.SetSubscription(ctx, p, id, directory.Precondition{}, nil))
	})
}

func wishOf(in *wire.SubscriptionUpdate) *directory.Subscription {
	return &directory.Subscription{Kinds: in.Kinds, Tenants: scope(false, in.Tenants).Tenants, Daily: in.Daily}
}

func showSubscription(v operators.SubscriptionView, err error) (*subscriptionOutput, error) {
	if err != nil {
		return nil, err
	}
	return &subscriptionOutput{ETag: wire.ETag(v.Operator.Version), Body: subscriptionView(&v)}, nil
}

func subscriptionView(v *operators.SubscriptionView) wire.Subscription {
	out := wire.Subscription{
		Operator: v.Operator.ID.String(), Email: v.Operator.Email, Role: string(v.Operator.Role), Version: v.Operator.Version,
		Kinds: append([]string{}, v.Subscription.Kinds...), Tenants: []string{}, Daily: v.Subscription.Daily, Default: !v.Own, Told: v.Told,
	}
	for _, t := range v.Subscription.Tenants {
		out.Tenants = append(out.Tenants, string(t))
	}
	return out
}
