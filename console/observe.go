package console

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
	"drawbridge/observe"
)

// promotionTime is how long one request promotes. The caller sends the next one if there is more to do.
const promotionTime = 10 * time.Second

func (a *api) observeRoutes() []operation {
	return []operation{
		{
			id: "start-observation", method: http.MethodPost, path: "/connections/{connection}/observation",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Put a connection into observe mode",
			about: "The identity provider then reads and writes a copy of the tenant and is answered as usual. The tenant stays as it is until the difference is promoted or dropped (rule C9).",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid, directory.Unsupported},
			do:    handle(a.startObservation),
		},
		{
			id: "get-observation", method: http.MethodGet, path: "/connections/{connection}/observation",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "Show what an observed connection would change",
			about: "How many users and groups would be created, changed, suspended or removed, the seats before and after, what rules refused, and what the brake would hold.",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.getObservation),
		},
		{
			id: "list-observed-changes", method: http.MethodGet, path: "/connections/{connection}/observation/changes",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "List what an observed connection would change",
			about: "Each user, group and resource that is different: users first, then groups, then resources. A connection that is not observed has none.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listObservedChanges),
		},
		{
			id: "promote-observation", method: http.MethodPost, path: "/connections/{connection}/observation/promote",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Promote what an observed connection wrote",
			about: "Brings the difference into the tenant under the rules for the identity provider. The brake lets pass what the digest names. A request works for about ten seconds: send it again until done is true. Changes that a rule refuses are left, and the connection stays in observe mode.",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.promoteObservation),
		},
		{
			id: "drop-observation", method: http.MethodDelete, path: "/connections/{connection}/observation", status: noContent,
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Drop what an observed connection wrote",
			about: "Forgets the copy. The identity provider writes to the tenant again, which is as it was.",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.dropObservation),
		},
	}
}

type startObservationInput struct {
	ConnectionPath
	Body wire.ObservationStart
}

type listObservedInput struct {
	ConnectionPath
	httpapi.PageQuery
}

type promoteInput struct {
	ConnectionPath
	Body wire.ObservationPromote
}

func (a *api) startObservation(ctx context.Context, p directory.Principal, in *startObservationInput) (*output[wire.Observation], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	if _, err := a.Observe.Start(ctx, p, in.id(), observe.Options{TakeOver: directory.ConnectionID(in.Body.TakeOver)}); err != nil {
		return nil, err
	}
	return a.getObservation(ctx, p, &in.ConnectionPath)
}

func (a *api) getObservation(ctx context.Context, p directory.Principal, in *ConnectionPath) (*output[wire.Observation], error) {
	d, err := a.Observe.Difference(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	return answer(observationView(&d), nil)
}

func (a *api) listObservedChanges(ctx context.Context, p directory.Principal, in *listObservedInput) (*output[wire.Page[wire.ObservedChange]], error) {
	out := wire.Page[wire.ObservedChange]{Items: []wire.ObservedChange{}}
	after, err := changeMark(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, more, err := a.Observe.Changes(ctx, p, in.id(), after, in.Limit)
	if directory.CodeOf(err) == directory.Conflict { // a connection that is not observed has no changes
		return answer(out, nil)
	}
	if err != nil {
		return nil, err
	}
	for i := range page {
		out.Items = append(out.Items, observedView(&page[i]))
	}
	if more {
		last := &page[len(page)-1]
		out.Next = httpapi.Position{Key: string(last.Kind), ID: last.ID.String()}.Cursor()
	}
	return answer(out, nil)
}

// changeMark is where the page before ended.
func changeMark(cursor string) (observe.ChangeMark, error) {
	if cursor == "" {
		return observe.ChangeMark{}, nil
	}
	at, err := httpapi.ParseCursor(cursor)
	if err != nil {
		return observe.ChangeMark{}, err
	}
	id, ok := directory.ParseID(at.ID)
	if !ok || at.Key == "" {
		return observe.ChangeMark{}, httpapi.NoCursor()
	}
	return observe.ChangeMark{Kind: directory.Kind(at.Key), ID: id}, nil
}

func (a *api) promoteObservation(ctx context.Context, p directory.Principal, in *promoteInput) (*output[wire.Promotion], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	done, err := a.Observe.Promote(ctx, p, in.id(), in.Body.Digest, promotionTime)
	if err != nil {
		return nil, err
	}
	out := wire.Promotion{Done: done.Done, Promoted: done.Promoted, Left: []wire.ObservedLeft{}, More: done.More}
	for i := range done.Left {
		left := &done.Left[i]
		out.Left = append(out.Left, wire.ObservedLeft{Change: observedView(&left.Change), Reason: left.Reason()})
	}
	return answer(out, nil)
}

func (a *api) dropObservation(ctx context.Context, p directory.Principal, in *ConnectionPath) (*httpapi.None, error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	_, err := a.Observe.Drop(ctx, p, in.id())
	return nil, err
}

func observingView(o *directory.Observation) *wire.Observing {
	if o == nil {
		return nil
	}
	return &wire.Observing{Since: o.Since.UTC(), By: cmp.Or(o.By.Name, o.By.ID), TakeOver: string(o.TakeOver), Promoting: o.Promoting != nil}
}

func observationView(d *observe.Difference) wire.Observation {
	out := wire.Observation{
		Observing: *observingView(d.Connection.Observing), Connection: string(d.Connection.ID), Ready: d.Ready, Digest: d.Digest, Changes: d.Changes,
		Counts: []wire.ObservedCount{}, Refused: []wire.ObservedRefusal{}, Held: []wire.ObservedHeld{}, HeldMore: d.HeldMore,
		Seats: wire.ObservedSeats{Before: d.Before.Occupied, After: d.After.Occupied, Limit: d.After.Limit},
	}
	for _, n := range d.Counts {
		out.Counts = append(out.Counts, wire.ObservedCount{Kind: string(n.Kind), Effect: string(n.Effect), Number: n.Number})
	}
	for _, r := range d.Refused {
		out.Refused = append(out.Refused, wire.ObservedRefusal{Rule: string(r.Rule), Writes: r.Writes, Subject: r.Subject, Reason: r.Reason})
	}
	for _, h := range d.Held {
		out.Held = append(out.Held, wire.ObservedHeld{Action: string(h.Action), Kind: h.Subject.Kind, Name: h.Subject.Name})
	}
	return out
}

func observedView(c *observe.Change) wire.ObservedChange {
	out := wire.ObservedChange{
		Kind: string(c.Kind), ID: c.ID.String(), Name: c.Name, Was: c.Was, Effect: string(c.Effect), Attributes: append([]string{}, c.Attributes...),
		From: string(c.From), MatchedBy: c.By, Joins: c.Joins, Leaves: c.Leaves,
	}
	for _, same := range c.Same {
		out.Same = append(out.Same, wire.ObservedSame{ID: same.ID.String(), UserName: same.UserName})
	}
	return out
}
