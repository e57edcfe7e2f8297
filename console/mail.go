package console

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// MailPath names a mail.
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

func (a *api) mailRoutes() []operation {
	return []operation{
		{
			id: "list-mails", method: http.MethodGet, path: "/mails",
			right: directory.ServerManage,
			tag:   "server", summary: "List the mails that wait",
			about: "In the order in which they are due, parked ones at the end; at most 1000. What was sent is not kept.",
			do:    handle(a.listMails),
		},
		{
			id: "test-mail", method: http.MethodPost, path: "/mails/test", status: created,
			right: directory.ServerManage,
			tag:   "server", summary: "Send a mail that says that mail works",
			about: "The mail goes through the outbox like every other.",
			codes: []directory.Code{directory.Invalid, directory.Unsupported},
			do:    handle(a.testMail),
		},
		{
			id: "retry-mail", method: http.MethodPost, path: "/mails/{mail}/retry", status: noContent,
			right: directory.ServerManage,
			tag:   "server", summary: "Try a mail again now",
			about: "After each failure a mail waits longer, and is parked in the end; this ends the waiting.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.retryMail),
		},
		{
			id: "drop-mail", method: http.MethodDelete, path: "/mails/{mail}", status: noContent,
			right: directory.ServerManage,
			tag:   "server", summary: "Take a mail out of the outbox",
			about: "It is not sent.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.dropMail),
		},
	}
}

type testMailInput struct{ Body wire.MailTest }

func (a *api) listMails(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.Mail]], error) {
	all, err := a.Outbox.Mails(ctx, p)
	if err != nil {
		return nil, err
	}
	var out []wire.Mail
	for i := range all {
		out = append(out, mailView(&all[i]))
	}
	return answer(httpapi.InOrder(out, *in, func(m *wire.Mail) string { return m.ID }))
}

func (a *api) testMail(ctx context.Context, p directory.Principal, in *testMailInput) (*output[wire.Mail], error) {
	m, err := a.Outbox.TestMail(ctx, p, in.Body.To)
	if err != nil {
		return nil, err
	}
	return &output[wire.Mail]{mailView(&m)}, nil
}

func (a *api) retryMail(ctx context.Context, p directory.Principal, in *MailPath) (*httpapi.None, error) {
	id, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, a.Outbox.RetryMail(ctx, p, id)
}

func (a *api) dropMail(ctx context.Context, p directory.Principal, in *MailPath) (*httpapi.None, error) {
	id, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, a.Outbox.DropMail(ctx, p, id)
}

func mailView(m *directory.Mail) wire.Mail {
	view := wire.Mail{
		ID: m.ID.String(), Tenant: string(m.Tenant), To: m.To, Kind: string(m.Kind), Status: "waiting", Created: m.Created.UTC(), Due: httpapi.Time(m.Due),
		Attempts: m.Attempts, Error: m.Error,
	}
	if !m.Parked.IsZero() {
		view.Status, view.Due, view.Parked = "parked", nil, httpapi.Time(m.Parked)
	}
	return view
}
