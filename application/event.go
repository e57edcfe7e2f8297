package application

import (
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// operations lists every operation. Only the report of activity writes.
func (a *api) operations() []httpapi.Operation {
	return []httpapi.Operation{
		{
			ID: "read-events", Method: http.MethodGet, Path: "/tenants/{tenant}/events", Tag: "feed", Summary: "Read the events of the tenant",
			About: "Events are numbered without a gap, in the order in which they were committed, and are kept for at least 30 days (rule E2). Store next in the same " +
				"transaction as what you did because of the events, and send it as cursor. 410 says that the feed cannot go on from the cursor without a gap: take the cursor end, read all " +
				"people, then go on from that cursor.",
			Codes: []directory.Code{directory.Expired}, Handler: handle(a.readEvents),
		},
		{
			ID: "check-access", Method: http.MethodGet, Path: "/tenants/{tenant}/access", Tag: "people", Summary: "Ask whether a person may sign in now",
			About:   "Answers 200 for every person, known or not, always with the same fields (rule E4). It reads only the store, so it can be a part of every sign-in.",
			Handler: handle(a.checkAccess),
		},
		{
			ID: "list-people", Method: http.MethodGet, Path: "/tenants/{tenant}/people", Tag: "people", Summary: "List the people of the tenant",
			About:   "Without those whom the identity provider deleted. Groups are those that count now, as in the access check.",
			Handler: handle(a.listPeople),
		},
		{
			ID: "report-activity", Method: http.MethodPost, Path: "/tenants/{tenant}/activity", Tag: "people", Summary: "Report who was active",
			About: "At each sign-in, or gathered, up to 1000 people at once (rule B10). Only the day is kept, and nothing is written twice, so it may be sent as often as you like. Unknown " +
				"people are named in the answer and do not stop the others. An empty report says that no person was active, and that the application still reports.",
			Handler: handle(a.reportActivity),
		},
	}
}

type readEventsInput struct {
	httpapi.TenantPath
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the answer before, unchanged. Missing: the oldest event that is kept. end: only what happens from now on."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Events at most."`
	Wait   int    `query:"wait" minimum:"0" maximum:"60" doc:"Seconds to wait for an event if there is none yet."`
}

type feedOutput struct{ Body wire.Feed }

func (a *api) readEvents(ctx context.Context, app directory.Application, in *readEventsInput) (*feedOutput, error) {
	page, err := a.Record.Feed(ctx, app, in.Cursor, in.Limit)
	if err == nil && len(page.Events) == 0 && in.Wait > 0 {
		if err := a.wait(ctx, app, page.Next, in.Wait); err != nil {
			return nil, err
		}
		page, err = a.Record.Feed(ctx, app, page.Next.String(), in.Limit)
	}
	if err != nil {
		return nil, err
	}
	if page.Events == nil {
		page.Events = []directory.Event{}
	}
	return &feedOutput{wire.Feed{Items: page.Events, Next: page.Next.String(), Oldest: page.Oldest, Last: page.Last}}, nil
}

// wait waits at most the given number of seconds for an event. It is not an error if there was none, or if the server stops.
func (a *api) wait(ctx context.Context, app directory.Application, at directory.Cursor, seconds int) error {
	if !a.waiting.Enter(app.Key) {
		return &directory.Error{Code: directory.Throttled, RetryAfter: time.Second, Message: "this key waits for events in too many requests at once: one request that waits is enough"}
	}
	defer a.waiting.Leave(app.Key)
	httpapi.CallOf(ctx).Wait(ctx, seconds, func(ctx context.Context) error { return a.Record.WaitFeed(ctx, app, at) })
	return nil
}
