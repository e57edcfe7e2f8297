package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) disconnectRoutes() []operation {
	return []operation{
		{
			id: "preview-disconnect", method: http.MethodGet, path: "/connections/{connection}/disconnect",
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Preview a disconnection",
			about: "What disconnecting would do to whom, and who is refused by which rule (C10). Nothing is written. The digest is what applying it asks for.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.previewDisconnect),
		},
		{
			id: "disconnect-connection", method: http.MethodPost, path: "/connections/{connection}/disconnect",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Disconnect a connection for good",
			about: "Revokes its credentials in the first transaction, settles its people and groups in many small ones, and removes it in the last (C10). It goes on by itself after a crash.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
			do:    handle(a.disconnectConnection),
		},
	}
}

type previewDisconnectInput struct {
	ConnectionPath
	Mode   string `query:"mode" enum:"finalise,terminate" default:"finalise" doc:"What becomes of the people."`
	Cursor string `query:"cursor" maxLength:"64" doc:"next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"People on a page."`
}

type disconnectConnectionInput struct {
	ConnectionPath
	Body wire.Disconnect
}

func (a *api) previewDisconnect(ctx context.Context, p directory.Principal, in *previewDisconnectInput) (*output[wire.Disconnection], error) {
	var after directory.ID
	if in.Cursor != "" {
		var ok bool
		if after, ok = directory.ParseID(in.Cursor); !ok {
			return nil, &directory.Error{Code: directory.Invalid, Field: "cursor", Message: "cursor is not one that this list gave: begin without"}
		}
	}
	d, err := a.Bridge.Disconnects().Preview(ctx, p, in.id(), directory.Disconnect(in.Mode), bridge.PeoplePage{After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &output[wire.Disconnection]{disconnectionView(&d)}, nil
}

func (a *api) disconnectConnection(ctx context.Context, p directory.Principal, in *disconnectConnectionInput) (*output[wire.Disconnected], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	b := in.Body
	d, err := a.Bridge.Disconnects().Disconnect(ctx, p, in.id(), bridge.DisconnectOrder{Mode: directory.Disconnect(b.Mode), Digest: b.Digest, Reason: b.Reason})
	if err != nil {
		return nil, err
	}
	return &output[wire.Disconnected]{wire.Disconnected{
		Connection: string(d.Connection), Mode: string(d.Mode), Users: d.Users, Groups: d.Groups, Done: d.Done, Left: refusedViews(d.Left),
	}}, nil
}

func endingView(e *directory.Ending) *wire.Ending {
	if e == nil {
		return nil
	}
	by := e.By.Name
	if by == "" {
		by = e.By.ID
	}
	return &wire.Ending{Mode: string(e.Mode), Since: e.Since.UTC(), By: by, Reason: e.Reason}
}

func refusedViews(all []bridge.RefusedPerson) []wire.RefusedPerson {
	out := make([]wire.RefusedPerson, 0, len(all))
	for _, r := range all {
		out = append(out, wire.RefusedPerson{User: r.User.String(), UserName: r.UserName, Rule: string(r.Rule), Reason: r.Message})
	}
	return out
}

func disconnectionView(d *bridge.Disconnection) wire.Disconnection {
	out := wire.Disconnection{
		Connection: string(d.Connection), Tenant: string(d.Tenant), Mode: string(d.Mode), Digest: d.Digest, Begun: endingView(d.Ending),
		Users: d.Users, Suspends: d.Suspends, Suspended: d.Suspended, Gone: d.Gone, Groups: d.Groups, Resources: d.Resources,
		GrantsKept: d.GrantsKept, GrantsTaken: d.GrantsTaken, Grants: []wire.KeptGrant{}, Credentials: d.Credentials, Held: d.Held,
		Brake: string(d.Brake), BrakeLimit: d.BrakeLimit, Unusual: d.Unusual, AutoDeleteDays: d.AutoDeleteDays,
		Refused: refusedViews(d.Refused), People: []wire.DisconnectedPerson{},
	}
	for _, g := range d.Grants {
		out.Grants = append(out.Grants, wire.KeptGrant{Group: string(g.Group), User: g.User.String(), UserName: g.UserName, By: g.By, Kept: g.Kept})
	}
	for _, u := range d.People {
		out.People = append(out.People, wire.DisconnectedPerson{
			User: u.User.String(), UserName: u.UserName, State: u.State.String(), Becomes: u.Becomes.String(), Gone: u.Gone,
		})
	}
	if !d.Next.IsZero() {
		out.Next = d.Next.String()
	}
	return out
}
