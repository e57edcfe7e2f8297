package console

import (
	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// forecastView is what the next writes of the connections would do to a user.
func forecastView(w *bridge.Why) []wire.SyncForecast {
	out := make([]wire.SyncForecast, 0, len(w.Syncs))
	for i := range w.Syncs {
		f := &w.Syncs[i]
		view := wire.SyncForecast{Connection: string(f.Connection), Pulled: f.Pulled, Outcomes: make([]wire.SyncOutcome, 0, len(f.Outcomes))}
		if f.Blocked != nil {
			view.Blocked = f.Blocked.Message
		}
		for j := range f.Outcomes {
			view.Outcomes = append(view.Outcomes, outcomeView(&w.User, &f.Outcomes[j]))
		}
		out = append(out, view)
	}
	return out
}

func outcomeView(before *directory.User, o *bridge.Outcome) wire.SyncOutcome {
	out := wire.SyncOutcome{Write: string(o.Write)}
	switch {
	case o.Refuse != nil:
		out.Result, out.Rule, out.Message = "refused", string(o.Refuse.Rule), o.Refuse.Message
		return out
	case o.After == nil:
		out.Result = "deleted"
		return out
	case o.Revived != nil:
		out.Result = "revived"
	case o.Created:
		out.Result = "created"
	case o.After.State != before.State || o.After.Gone() != before.Gone():
		out.Result = "changed"
	default:
		out.Result = "unchanged"
	}
	out.State, out.Gone = o.After.State.String(), o.After.Gone()
	return out
}
