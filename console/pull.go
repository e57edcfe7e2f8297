package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Pull runs and checks pulled connections.
type Pull interface {
	// Sync runs a connection now, or says what a run would do.
	Sync(ctx context.Context, p directory.Principal, connection directory.ConnectionID, how directory.Run) (wire.SyncResult, error)
	// Check tests what a run needs, and changes nothing.
	Check(ctx context.Context, p directory.Principal, connection directory.ConnectionID) (wire.ConnectionCheck, error)
	// Credential reads the key of a service account. The error is Invalid, and names the field.
	Credential(field, text string) (bridge.PullCredential, error)
}

func (a *api) pullRoutes() []operation {
	return []operation{
		{
			id: "sync-connection", method: http.MethodPost, path: "/connections/{connection}/sync",
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Read a directory now",
			about: "Runs a connection of type google-directory, and answers when the run has ended. With preview it says what a run would do and writes nothing (rule E7). A run whose snapshot is not complete is void: it changes nothing, and the outcome says why (rule C15).",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Conflict, directory.Refused, directory.Unavailable, directory.Unsupported},
			do:    handle(a.syncConnection),
		},
		{
			id: "check-connection", method: http.MethodPost, path: "/connections/{connection}/check",
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Check a connection that is read",
			about: "Tries the key, the delegation of each scope, the administrator and one page of users, groups and members, and says what to do in the words of Google's consoles. Nothing is changed.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Conflict, directory.Refused, directory.Unavailable, directory.Unsupported},
			do:    handle(a.checkConnection),
		},
	}
}

type syncInput struct {
	ConnectionPath
	Preview bool `query:"preview" doc:"Only say what would be done."`
}

func (a *api) syncConnection(ctx context.Context, p directory.Principal, in *syncInput) (*output[wire.SyncResult], error) {
	if a.Pull == nil {
		return nil, noPull()
	}
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	out, err := a.Pull.Sync(ctx, p, in.id(), runOf(in.Preview))
	if err != nil {
		return nil, err
	}
	return answer(out, nil)
}

func (a *api) checkConnection(ctx context.Context, p directory.Principal, in *ConnectionPath) (*output[wire.ConnectionCheck], error) {
	if a.Pull == nil {
		return nil, noPull()
	}
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	out, err := a.Pull.Check(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	return answer(out, nil)
}

func noPull() error {
	return &directory.Error{Code: directory.Unsupported, Message: "this server reads no directories"}
}

// pullOf is what a new connection reads, and its key; nil for a connection that is not pulled.
func (a *api) pullOf(in *wire.GoogleCreate) (*directory.GooglePull, bridge.PullCredential, error) {
	if in == nil {
		return nil, bridge.PullCredential{}, nil
	}
	if a.Pull == nil {
		return nil, bridge.PullCredential{}, noPull()
	}
	pull := &directory.GooglePull{
		Admin: in.Admin, Customer: in.Customer, Query: in.Query, Groups: in.Groups, Nested: directory.NestedGroups(in.Nested), Project: in.Project,
	}
	if in.Project != "" && in.Credentials == "" {
		return pull, bridge.PullCredential{}, nil
	}
	made, err := a.Pull.Credential(ownKey, in.Credentials)
	return pull, made, err
}

// ownKey is the field with the key of a connection.
const ownKey = "google.credentials"

// updatePull changes what a connection reads.
func updatePull(c *directory.Connection, in *wire.GoogleUpdate) {
	if in == nil {
		return
	}
	if c.Google == nil {
		c.Google = &directory.GooglePull{}
	}
	assign(&c.Google.Admin, in.Admin)
	assign(&c.Google.Customer, in.Customer)
	assign(&c.Google.Query, in.Query)
	assign(&c.Google.Groups, in.Groups)
	assign(&c.Google.Project, in.Project)
	if in.Nested != nil {
		c.Google.Nested = directory.NestedGroups(*in.Nested)
	}
}

func googleView(o *bridge.ConnectionOverview) *wire.Google {
	pull := o.Connection.Google
	if pull == nil {
		return nil
	}
	out := &wire.Google{
		Admin: pull.Admin, Customer: pull.Customer, Query: pull.Query, Groups: append([]string{}, pull.Groups...), Nested: string(directory.KeepNested),
		Account: o.Credential.Account, KeyID: o.Credential.KeyID, Project: pull.Project, Detached: o.Detached,
	}
	if pull.Nested != "" {
		out.Nested = string(pull.Nested)
	}
	return out
}
