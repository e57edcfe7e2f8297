package console

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// MailPath is the mail in a path.
type MailPath struct {
	Mail string `path:"mail" maxLength:"36" doc:"The id of the mail."`
}

func (m MailPath) parse() (directory.ID, error) {
	id, ok := directory.ParseID(m.Mail)
	if !ok {
		return id, &directory.Error{Code: directory.NotFound, Message: "there is no such mail in the outbox"}
	}
	return id, nil
}

func (a *api) mailRoutes() {
	type listOutput struct {
		Body wire.Page[wire.Mail]
	}
	handle(a, operation{
		id: "list-mails", right: directory.ServerManage, method: http.MethodGet, path: "/mails", tag: "server", summary: "List the mails that wait",
		about: "In the order in which they are due, parked ones at the end; at most 1000. What was sent is not kept.",
	}, func(ctx context.Context, p directory.Principal, in *PageQuery) (*listOutput, error) {
		all, err := a.Outbox.Mails(ctx, p)
		if err != nil {
			return nil, err
		}
		var out []wire.Mail
		for i := range all {
			out = append(out, mailView(&all[i]))
		}
		page, err := inOrder(out, *in, func(m *wire.Mail) string { return m.ID })
		return &listOutput{page}, err
	})

	type testInput struct{ Body wire.MailTest }
	type mailOutput struct{ Body wire.Mail }
	handle(a, operation{
		id: "test-mail", right: directory.ServerManage, method: http.MethodPost, path: "/mails/test", tag: "server", status: created, summary: "Send a mail that says that mail works",
		about: "The mail goes through the outbox like every other.",
		codes: []directory.Code{directory.Invalid, directory.Unsupported},
	}, func(ctx context.Context, p directory.Principal, in *testInput) (*mailOutput, error) {
		m, err := a.Outbox.TestMail(ctx, p, in.Body.To)
		if err != nil {
			return nil, err
		}
		return &mailOutput{mailView(&m)}, nil
	})

	handle(a, operation{
		id: "retry-mail", right: directory.ServerManage, method: http.MethodPost, path: "/mails/{mail}/retry", tag: "server", status: noContent, summary: "Try a mail again now",
		about: "Behind failures a mail waits longer each time, and is parked in the end; this ends the waiting.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *MailPath) (*none, error) {
		id, err := in.parse()
		if err != nil {
			return nil, err
		}
		return nil, a.Outbox.RetryMail(ctx, p, id)
	})
	handle(a, operation{
		id: "drop-mail", right: directory.ServerManage, method: http.MethodDelete, path: "/mails/{mail}", tag: "server", status: noContent, summary: "Take a mail out of the outbox",
		about: "It is not sent.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *MailPath) (*none, error) {
		id, err := in.parse()
		if err != nil {
			return nil, err
		}
		return nil, a.Outbox.DropMail(ctx, p, id)
	})
}

func mailView(m *directory.Mail) wire.Mail {
	view := wire.Mail{
		ID: m.ID.String(), Tenant: string(m.Tenant), To: m.To, Kind: string(m.Kind), Status: "waiting", Created: m.Created.UTC(), Due: stamp(m.Due),
		Attempts: m.Attempts, Error: m.Error,
	}
	if !m.Parked.IsZero() {
		view.Status, view.Due, view.Parked = "parked", nil, stamp(m.Parked)
	}
	return view
}
