package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

type (
	// AuditFilter says which lines of an audit trail to return.
	AuditFilter struct {
		Actor   string    `query:"actor" maxLength:"200" doc:"The id of who did it, or a part of the name: an operator, a connection, a rule."`
		Kind    string    `query:"kind" enum:"idp,operator,policy,system,user" doc:"The kind of actor."`
		User    string    `query:"user" maxLength:"256" doc:"The id of the user, group or other thing that the line is about, or a part of its name."`
		Action  string    `query:"action" maxLength:"60" doc:"user.create, or user.* for all actions that begin with user."`
		Outcome string    `query:"outcome" enum:"done,refused" doc:"Only what was done, or only what was refused. Missing: both."`
		Address string    `query:"address" maxLength:"100" doc:"Of the client."`
		Request string    `query:"request" maxLength:"64" doc:"The id of the request, as answers and messages show it."`
		From    time.Time `query:"from" doc:"Not before."`
		To      time.Time `query:"to" doc:"Before."`
	}
	// AuditSearch asks for a page of the lines of one trail.
	AuditSearch struct {
		AuditFilter
		ArchiveQuery
		Before uint64 `query:"before" doc:"next of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Lines at most."`
	}
	// ArchiveQuery says whether to read the archive, too.
	ArchiveQuery struct {
		Archive bool `query:"archive" doc:"Read the archive as well (rule E6): what is older than audit_days is not in the store any more."`
	}
	// HeadQuery is a line of an audit trail that was stored earlier.
	HeadQuery struct {
		Seq uint64 `query:"seq" doc:"The number of a line that was written down earlier."`
		ArchiveQuery
		Hash string `query:"hash" pattern:"^[0-9a-f]{64}$" doc:"Its hash (rule E1)."`
	}
)

const (
	searchAbout = "The newest lines come first. One request reads at most 20,000 lines; while there is a next, there may be more."
	verifyAbout = "Follows the hash chain from its first line to the last (rule E1) and names the first line that does not fit. With seq and hash of a line " +
		"that was written down elsewhere it also proves that the chain was not computed again since."
)

func (a *api) auditRoutes() []operation {
	return []operation{
		{
			id: "list-audit", method: http.MethodGet, path: "/tenants/{tenant}/audit",
			right: directory.TenantRecord,
			tag:   "record", summary: "Read the audit trail of a tenant",
			about: "One line for every write, refusals included (rule E1).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listAudit),
		},
		{
			id: "list-provider-audit", method: http.MethodGet, path: "/audit",
			right: directory.ProviderRecord,
			tag:   "record", summary: "Read the audit trail of the installation itself",
			about: "One line for every write outside the tenants, sign-ins and refusals included (rule E1). What names an operator or a tenant outside your scope is left out (rule O10).",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listProviderAudit),
		},
		{
			id: "search-audit", method: http.MethodGet, path: "/tenants/{tenant}/audit/search",
			right: directory.TenantRecord,
			tag:   "record", summary: "Search the audit trail of a tenant",
			about: searchAbout,
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.searchAudit),
		},
		{
			id: "search-provider-audit", method: http.MethodGet, path: "/audit/search",
			right: directory.ProviderRecord,
			tag:   "record", summary: "Search the audit trail of the installation itself",
			about: searchAbout,
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.searchProviderAudit),
		},
		{
			id: "verify-audit", method: http.MethodGet, path: "/tenants/{tenant}/audit/verify",
			right: directory.TenantRecord,
			tag:   "record", summary: "Verify the audit trail of a tenant",
			about: verifyAbout,
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.verifyAudit),
		},
		{
			id: "verify-provider-audit", method: http.MethodGet, path: "/audit/verify",
			right: directory.ProviderRecord,
			tag:   "record", summary: "Verify the audit trail of the installation itself",
			about: verifyAbout,
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.verifyProviderAudit),
		},
		{
			id: "get-archive", method: http.MethodGet, path: "/audit/archive",
			right: directory.ProviderRecord,
			tag:   "record", summary: "Show what is in the archive",
			about: "Where the archive is, whether it can be written, and what of the installation and of the tenants in your scope is in it and not in the store any more (rule E6).",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.getArchive),
		},
		{
			id: "list-audit-streams", method: http.MethodGet, path: "/audit/streams",
			right: directory.ProviderRecord,
			tag:   "record", summary: "Show how sending audit lines to a SIEM goes",
			about: "For each stream of the configuration (`audit.stdout`, `audit.syslog.address`): how many lines wait, when lines were last taken, and why it fails (rule E6). A stream sends the trails of all tenants.",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listAuditStreams),
		},
		{
			id: "list-visits", method: http.MethodGet, path: "/tenants/{tenant}/visits",
			right: directory.TenantRecord,
			tag:   "record", summary: "Report who entered a tenant",
			about: "The access pattern of a tenant, made from its audit trail: who acted there, when, from where, and what they changed.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listVisits),
		},
	}
}

type listAuditInput struct {
	httpapi.TenantPath
	WaitQuery
	ArchiveQuery
}

type listProviderAuditInput struct {
	WaitQuery
	ArchiveQuery
}

type searchAuditInput struct {
	httpapi.TenantPath
	AuditSearch
}

type verifyAuditInput struct {
	httpapi.TenantPath
	HeadQuery
}

type listVisitsInput struct {
	httpapi.TenantPath
	From  time.Time `query:"from" doc:"Not before."`
	To    time.Time `query:"to" doc:"Before."`
	Kinds string    `query:"kinds" maxLength:"60" pattern:"^(idp|operator|policy|system)(,(idp|operator|policy|system))*$" doc:"Kinds of actor, with commas between them. Missing: operator."`
}

func (a *api) listAudit(ctx context.Context, p directory.Principal, in *listAuditInput) (*output[wire.AuditLines], error) {
	return answer(a.audit(ctx, p, in.TenantID(), in.WaitQuery, in.ArchiveQuery))
}

func (a *api) listProviderAudit(ctx context.Context, p directory.Principal, in *listProviderAuditInput) (*output[wire.AuditLines], error) {
	return answer(a.audit(ctx, p, directory.Provider, in.WaitQuery, in.ArchiveQuery))
}

func (a *api) audit(ctx context.Context, p directory.Principal, tenant directory.TenantID, q WaitQuery, archive ArchiveQuery) (wire.AuditLines, error) {
	read := a.Record.AuditLines
	if archive.Archive {
		read = a.Record.AuditLinesWithArchive
	}
	items, last, err := read(ctx, p, tenant, q.After, q.Limit)
	if err == nil && len(items) == 0 && q.Wait > 0 {
		httpapi.CallOf(ctx).Wait(ctx, q.Wait, func(waiting context.Context) error {
			for len(items) == 0 && err == nil { // lines that this operator may not see wake the request, too
				if err := a.Record.WaitAudit(waiting, tenant, max(q.After, last)); err != nil {
					return err
				}
				items, last, err = a.Record.AuditLines(ctx, p, tenant, max(q.After, last), q.Limit)
			}
			return nil
		})
	}
	if items == nil {
		items = []directory.Audit{}
	}
	out := wire.AuditLines{Items: items, Last: last}
	if err == nil && !archive.Archive && (len(items) == 0 || items[0].Seq > q.After+1) {
		var mark directory.ArchiveMark
		if mark, _, err = a.Record.ArchivedPart(ctx, p, tenant, &directory.AuditQuery{}); mark.Last > q.After {
			out.Archived = mark.Last
		}
	}
	return out, err
}

func (a *api) searchAudit(ctx context.Context, p directory.Principal, in *searchAuditInput) (*output[wire.AuditFound], error) {
	return answer(a.findAudit(ctx, p, in.TenantID(), in.AuditSearch))
}

func (a *api) searchProviderAudit(ctx context.Context, p directory.Principal, in *AuditSearch) (*output[wire.AuditFound], error) {
	return answer(a.findAudit(ctx, p, directory.Provider, *in))
}

func (a *api) verifyAudit(ctx context.Context, p directory.Principal, in *verifyAuditInput) (*output[wire.AuditReport], error) {
	return answer(a.provenAudit(ctx, p, in.TenantID(), in.HeadQuery))
}

func (a *api) verifyProviderAudit(ctx context.Context, p directory.Principal, in *HeadQuery) (*output[wire.AuditReport], error) {
	return answer(a.provenAudit(ctx, p, directory.Provider, *in))
}

func (a *api) listVisits(ctx context.Context, p directory.Principal, in *listVisitsInput) (*output[wire.VisitReport], error) {
	var kinds []directory.ActorKind
	for kind := range strings.SplitSeq(in.Kinds, ",") {
		if kind != "" {
			kinds = append(kinds, directory.ActorKind(kind))
		}
	}
	report, err := a.Record.Visits(ctx, p, in.TenantID(), record.VisitQuery{From: in.From, To: in.To, Kinds: kinds})
	if err != nil {
		return nil, err
	}
	return &output[wire.VisitReport]{visitReport(report)}, nil
}

func (f *AuditFilter) query() directory.AuditQuery {
	return directory.AuditQuery{
		Actor: f.Actor, Kind: directory.ActorKind(f.Kind), Subject: f.User, Action: f.Action, Outcome: directory.Outcome(f.Outcome),
		Address: f.Address, Request: f.Request, From: f.From, To: f.To,
	}
}

func (a *api) findAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, in AuditSearch) (wire.AuditFound, error) {
	q := in.query()
	q.Before, q.Limit, q.Archive = in.Before, in.Limit, in.Archive
	lines, next, err := a.Record.SearchAudit(ctx, p, tenant, q)
	if err != nil {
		return wire.AuditFound{}, err
	}
	out := wire.AuditFound{Items: append([]directory.Audit{}, lines...), Next: next}
	if next == 0 && !in.Archive {
		mark, ok, err := a.Record.ArchivedPart(ctx, p, tenant, &q)
		if err != nil {
			return wire.AuditFound{}, err
		}
		if ok {
			part := archivedPart(&mark)
			out.Archived = &part
		}
	}
	return out, nil
}

func (a *api) provenAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, in HeadQuery) (wire.AuditReport, error) {
	var known *record.AuditHead
	if in.Seq != 0 || in.Hash != "" {
		if in.Seq == 0 || in.Hash == "" {
			return wire.AuditReport{}, &directory.Error{Code: directory.Invalid, Field: "seq", Message: "seq and hash belong together"}
		}
		known = &record.AuditHead{Seq: in.Seq}
		if err := known.Hash.UnmarshalText([]byte(in.Hash)); err != nil {
			return wire.AuditReport{}, err
		}
	}
	responseOf(ctx).Extend(time.Time{}) // a long trail takes its time
	verify := a.Record.VerifyAudit
	if in.Archive {
		verify = a.Record.VerifyAuditWithArchive
	}
	r, err := verify(ctx, p, tenant, known)
	if err != nil {
		return wire.AuditReport{}, err
	}
	var proof *wire.ArchiveProof
	if r.Archive != nil {
		proof = &wire.ArchiveProof{Segments: r.Archive.Segments, Lines: r.Archive.Lines, Events: r.Archive.Events, Keys: append([]string{}, r.Archive.Keys...)}
	}
	return wire.AuditReport{
		Archived: r.Archived, Archive: proof,
		Tenant: string(r.Tenant), OK: r.Broken == 0, Lines: r.Lines, Checked: r.Chain.Checked, Start: r.Chain.Start, Older: r.Chain.Before,
		Head: wire.AuditHead{Seq: r.Chain.Last, Hash: r.Chain.Head}, Broken: r.Broken, Why: r.Why,
	}, nil
}

func (a *api) getArchive(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.ArchiveStatus], error) {
	s, err := a.Record.ArchiveStatus(ctx, p)
	if err != nil {
		return nil, err
	}
	out := wire.ArchiveStatus{Place: s.Place, Key: s.Key, Error: s.Error, Items: []wire.ArchiveTrail{}}
	for i := range s.Trails {
		t := &s.Trails[i]
		out.Items = append(out.Items, wire.ArchiveTrail{Tenant: string(t.Tenant), Audit: archivedPart(&t.Audit), Events: archivedPart(&t.Events), Error: t.Error})
	}
	page, err := httpapi.InOrder(out.Items, *in, func(t *wire.ArchiveTrail) string { return t.Tenant })
	if err != nil {
		return nil, err
	}
	out.Items, out.Next = page.Items, page.Next
	return &output[wire.ArchiveStatus]{out}, nil
}

func (a *api) listAuditStreams(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.AuditStreams], error) {
	all, err := a.Record.Streams(ctx, p)
	if err != nil {
		return nil, err
	}
	var out wire.AuditStreams
	for i := range all {
		s := &all[i].Stream
		out.Items = append(out.Items, wire.AuditStream{
			Name: all[i].Name, To: all[i].To, Begun: httpapi.Time(s.Begun), Backlog: all[i].Backlog, Success: httpapi.Time(s.Success),
			FailingSince: httpapi.Time(s.FailingSince), Attempts: s.Attempts, Next: httpapi.Time(s.Next), Error: s.Error,
		})
	}
	page, err := httpapi.InOrder(out.Items, *in, func(s *wire.AuditStream) string { return s.Name })
	if err != nil {
		return nil, err
	}
	out.Items, out.Next = page.Items, page.Next
	return &output[wire.AuditStreams]{out}, nil
}

func archivedPart(m *directory.ArchiveMark) wire.ArchivedPart {
	return wire.ArchivedPart{
		Last: m.Last, Lines: m.Lines, From: httpapi.Time(m.From), To: httpapi.Time(m.To), Segments: m.Segments, Bytes: m.Bytes, Head: m.Segment, Moved: httpapi.Time(m.At),
	}
}

func visitReport(r record.VisitReport) wire.VisitReport {
	out := wire.VisitReport{
		Tenant: string(r.Tenant), From: httpapi.Time(r.From), To: httpapi.Time(r.To), Items: []wire.Visit{}, Complete: r.Complete, Since: httpapi.Time(r.Since),
	}
	for _, v := range r.Visits {
		out.Items = append(out.Items, wire.Visit{
			Actor: v.Actor, Address: v.Address, From: v.From.UTC(), To: v.To.UTC(), First: v.First, Last: v.Last, Entered: v.Entered, Reason: v.Reason,
			Lines: v.Lines, Refused: v.Refused, Actions: v.Actions, Subjects: append([]string{}, v.Subjects...), More: v.MoreBeside,
		})
	}
	return out
}
