package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/transcript"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// JournalSearch says which exchanges to return.
type JournalSearch struct {
	User   string    `query:"user" maxLength:"256" doc:"Only requests that name this user: id, userName or externalId."`
	Status string    `query:"status" pattern:"^[1-5]([0-9][0-9]|xx)$" doc:"A status such as 409, or a class such as 4xx."`
	Effect string    `query:"effect" enum:"changed,unchanged,read,refused,failed" doc:"What the request did."`
	From   time.Time `query:"from" doc:"Not before."`
	To     time.Time `query:"to" doc:"Before."`
	Before uint64    `query:"before" doc:"next of the page before."`
	After  uint64    `query:"after" doc:"Only exchanges with a higher seq."`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Exchanges at most."`
}

// query is s in the words of the journal.
func (s *JournalSearch) query(connection directory.ConnectionID) directory.JournalQuery {
	q := directory.JournalQuery{
		Connection: connection, Effect: directory.Effect(s.Effect), From: s.From, To: s.To, Before: s.Before, After: s.After, Limit: s.Limit,
	}
	if len(s.Status) == 3 { // the pattern has seen to the rest
		class := int(s.Status[0]-'0') * 100
		q.StatusMin, q.StatusMax = class, class+99
		if s.Status[1] != 'x' {
			exact := class + int(s.Status[1]-'0')*10 + int(s.Status[2]-'0')
			q.StatusMin, q.StatusMax = exact, exact
		}
	}
	return q
}

func (a *api) journalRoutes() []operation {
	return []operation{
		{
			id: "list-journal", method: http.MethodGet, path: "/connections/{connection}/journal",
			right: directory.TenantRecord,
			tag:   "record", summary: "Read the request journal of a connection",
			about: "Requests and answers, masked, the newest first (rule C12). Where some are missing, a gap says how many and why. One request looks at a bounded number; while there is a next, there may be more.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listJournal),
		},
		{
			id: "list-tenant-journal", method: http.MethodGet, path: "/tenants/{tenant}/journal",
			right: directory.TenantRecord,
			tag:   "record", summary: "Read the request journal of a tenant",
			about: "The requests of all its connections in the order of time, the newest first: with user, everything that names one person (rule C12). Otherwise as the journal of one connection.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listTenantJournal),
		},
		{
			id: "get-timeline", method: http.MethodGet, path: "/connections/{connection}/timeline",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "Show what came from a connection, step by step",
			about: "Requests with what they did, refusals, credentials that were rejected, the time that answers took, and the spans of health (rules C7 and C12). It is counted from the request journal, at most 100,000 " +
				"exchanges: since says from when on the counts are whole.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.getTimeline),
		},
		{
			id: "get-exchange", method: http.MethodGet, path: "/connections/{connection}/journal/{request}",
			right: directory.TenantRecord,
			tag:   "record", summary: "Read one request and its answer",
			about: "Masked, with what it changed or which rule refused it, and as a curl command (rule C12). Of two requests with one id, which a client may choose, the last.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getExchange),
		},
		{
			id: "get-transcript", method: http.MethodGet, path: "/connections/{connection}/journal/{request}/transcript",
			right: directory.TenantRecord,
			tag:   "record", summary: "Copy one request and its answer without names",
			about: "As a text to show to others (rule C12): what may name a person or a company is replaced. A body or an answer that was cut, or is not JSON, is left out.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getTranscript),
		},
	}
}

type listJournalInput struct {
	ConnectionPath
	JournalSearch
}

type listTenantJournalInput struct {
	httpapi.TenantPath
	JournalSearch
}

type getExchangeInput struct {
	ConnectionPath
	Request string `path:"request" maxLength:"64" doc:"The id of the request, as the log, the audit trail and a refusal's X-Request-Id have it."`
}

type getTimelineInput struct {
	ConnectionPath
	From time.Time `query:"from" doc:"Not before. Missing: 24 steps before to."`
	To   time.Time `query:"to" doc:"Before. Missing: now."`
	Step int       `query:"step" minimum:"60" maximum:"2678400" default:"3600" doc:"Seconds of a step."`
}

func (a *api) getTimeline(ctx context.Context, p directory.Principal, in *getTimelineInput) (*output[wire.Timeline], error) {
	step, from, to := time.Duration(in.Step)*time.Second, in.From, in.To
	if to.IsZero() {
		to = a.Now()
	}
	if from.IsZero() {
		from = to.Add(-24 * step)
	}
	t, err := a.Journal.Timeline(ctx, p, p.Tenant, in.id(), record.TimelineSpan{From: from, To: to, Step: step})
	if err != nil {
		return nil, err
	}
	out := wire.Timeline{From: t.From.UTC(), To: t.To.UTC(), Step: in.Step, Since: t.Since.UTC(), Buckets: make([]wire.TimelineBucket, 0, len(t.Buckets)), Health: []wire.HealthSpan{}}
	for i := range t.Buckets {
		b := &t.Buckets[i]
		out.Buckets = append(out.Buckets, wire.TimelineBucket{
			From: b.From.UTC(), Requests: b.Requests, Changed: b.Effects[directory.Changed], Unchanged: b.Effects[directory.Unchanged], Read: b.Effects[directory.ReadOnly],
			Refused: b.Effects[directory.Denied], Failed: b.Effects[directory.Broken], Rejected: b.Rejected, Throttled: b.Throttled, Missed: b.Missed,
			Millis: float64(b.P95.Microseconds()) / 1000,
		})
	}
	for _, h := range t.Health {
		out.Health = append(out.Health, wire.HealthSpan{From: httpapi.Time(h.From), State: string(h.State), Reason: h.Reason})
	}
	return answer(out, nil)
}

func (a *api) listJournal(ctx context.Context, p directory.Principal, in *listJournalInput) (*output[wire.Journal], error) {
	return a.journal(ctx, p, p.Tenant, in.User, in.query(in.id()))
}

func (a *api) listTenantJournal(ctx context.Context, p directory.Principal, in *listTenantJournalInput) (*output[wire.Journal], error) {
	return a.journal(ctx, p, in.TenantID(), in.User, in.query(""))
}

func (a *api) journal(ctx context.Context, p directory.Principal, tenant directory.TenantID, user string, q directory.JournalQuery) (*output[wire.Journal], error) {
	found, next, err := a.Journal.Exchanges(ctx, p, tenant, user, q)
	out := wire.Journal{Items: []wire.Exchange{}, Next: next}
	for i := range found {
		out.Items = append(out.Items, a.exchangeView(&found[i]))
	}
	return &output[wire.Journal]{out}, err
}

func (a *api) getExchange(ctx context.Context, p directory.Principal, in *getExchangeInput) (*output[wire.Exchange], error) {
	e, err := a.Journal.Exchange(ctx, p, p.Tenant, in.id(), in.Request)
	if err != nil {
		return nil, err
	}
	return &output[wire.Exchange]{a.exchangeView(&e)}, nil
}

func (a *api) getTranscript(ctx context.Context, p directory.Principal, in *getExchangeInput) (*output[wire.Transcript], error) {
	c, err := a.connection(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	e, err := a.Journal.Exchange(ctx, p, p.Tenant, in.id(), in.Request)
	if err != nil {
		return nil, err
	}
	kind := string(c.Connection.Type)
	return answer(wire.Transcript{Text: transcript.Write(transcript.Options{
		About: "What a connection of the type " + kind + " asked, from the request journal.", ConnectionType: kind, Anonymous: true,
	}, []wire.Exchange{a.exchangeView(&e)})}, nil)
}

func (a *api) exchangeView(e *directory.Exchange) wire.Exchange {
	out := wire.Exchange{
		Seq: e.Seq, Time: e.Time.UTC(), Connection: string(e.Connection), Request: e.Request, Address: e.Address, UserAgent: e.Agent,
		Method: e.Method, Path: e.Path, Operation: e.Operation, Headers: headerViews(e.Headers),
		Body: string(e.Body), BodyBytes: e.BodySize, BodyCut: e.BodyCut, BodyNote: e.BodyNote,
		Status: e.Status, Answer: string(e.Answer), AnswerBytes: e.AnswerSize, AnswerCut: e.AnswerCut, AnswerHeaders: headerViews(e.Answers),
		Millis: float64(e.Took.Microseconds()) / 1000,
		Quirks: e.Quirks, Effect: string(e.Effect), Observed: e.Observed, Rule: string(e.Rule), Why: e.Why, Done: e.Done, More: e.More,
		Gap: string(e.Gap), Missed: e.Missed,
	}
	out.Curl = out.CurlFor(a.BaseURL())
	return out
}

func headerViews(all []directory.Header) []wire.Header {
	var out []wire.Header
	for _, h := range all {
		out = append(out, wire.Header(h))
	}
	return out
}
