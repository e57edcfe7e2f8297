package console

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) whyRoutes() []operation {
	return []operation{{
		id: "why-user", method: http.MethodGet, path: "/tenants/{tenant}/users/{user}/why",
		right: directory.UserRead,
		tag:   "users", summary: "Say why a user is in their state",
		about: "Every statement with its time, the rule that decided last, and what the next sync will do (rule L8).",
		codes: []directory.Code{directory.NotFound},
		do:    handle(a.whyUser),
	}}
}

func (a *api) whyUser(ctx context.Context, p directory.Principal, in *UserPath) (*output[wire.Why], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	w, err := a.Bridge.WhyUser(ctx, p, in.TenantID(), id)
	if err != nil {
		return nil, err
	}
	out := wire.Why{User: userView(&w.User, nil), Statements: []wire.Statement{}, Won: w.Won, Next: w.Next, Syncs: forecastView(&w), Looked: w.Looks, Attributes: mappedView(w.Attributes)}
	for _, s := range w.Said {
		out.Statements = append(out.Statements, wire.Statement{By: s.By, What: s.What, At: s.At.UTC(), Text: s.Text})
	}
	return answer(out, nil)
}
