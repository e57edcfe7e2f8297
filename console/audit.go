package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

type (
	// AuditSearch says which lines of a trail are wanted.
	AuditSearch struct {
		Actor   string    `query:"actor" maxLength:"200" doc:"The id or the name of who did it, whole: an operator, a connection, a rule."`
		Kind    string    `query:"kind" enum:"idp,operator,policy,system,user" doc:"The kind of actor."`
		User    string    `query:"user" maxLength:"256" doc:"The id of a user or of whatever else the line is about, or a part of its name."`
		Action  string    `query:"action" maxLength:"60" doc:"user.create, or user.* for everything that begins so."`
		Outcome string    `query:"outcome" enum:"done,refused" doc:"Only what was done, or only what was refused. Missing: both."`
		Address string    `query:"address" maxLength:"100" doc:"Of the client."`
		From    time.Time `query:"from" doc:"Not before."`
		To      time.Time `query:"to" doc:"Before."`
		Before  uint64    `query:"before" doc:"next of the page before."`
		Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Lines at most."`
	}
	// HeadQuery is a line of a trail that was written down earlier.
	HeadQuery struct {
		Seq  uint64 `query:"seq" doc:"The number of a line that was written down earlier."`
		Hash string `query:"hash" pattern:"^[0-9a-f]{64}$" doc:"Its hash (rule E1)."`
	}
)

func (a *api) auditRoutes() {
	type foundOutput struct{ Body wire.AuditFound }
	type searchInput struct {
		TenantPath
		AuditSearch
	}
	const search = "The newest lines come first. One request looks at 20,000 lines at most; while there is a next, there may be more."
	handle(a, operation{
		id: "search-audit", right: directory.TenantRecord, method: http.MethodGet, path: "/tenants/{tenant}/audit/search", tag: "record", summary: "Search the audit trail of a tenant", about: search,
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *searchInput) (*foundOutput, error) {
		out, err := a.searchAudit(ctx, p, in.tenant(), in.AuditSearch)
		return &foundOutput{out}, err
	})
	handle(a, operation{
		id: "search-provider-audit", right: directory.ProviderRecord, method: http.MethodGet, path: "/audit/search", tag: "record", summary: "Search the audit trail of the installation itself", about: search,
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *AuditSearch) (*foundOutput, error) {
		out, err := a.searchAudit(ctx, p, directory.Provider, *in)
		return &foundOutput{out}, err
	})

	type reportOutput struct{ Body wire.AuditReport }
	type verifyInput struct {
		TenantPath
		HeadQuery
	}
	const verify = "Follows the hash chain from its first line to the last (rule E1) and names the first line that does not fit. With seq and hash of a line " +
		"that was written down elsewhere it also proves that the chain was not made anew since."
	handle(a, operation{
		id: "verify-audit", right: directory.TenantRecord, method: http.MethodGet, path: "/tenants/{tenant}/audit/verify", tag: "record", summary: "Verify the audit trail of a tenant", about: verify,
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *verifyInput) (*reportOutput, error) {
		out, err := a.verifyAudit(ctx, p, in.tenant(), in.HeadQuery)
		return &reportOutput{out}, err
	})
	handle(a, operation{
		id: "verify-provider-audit", right: directory.ProviderRecord, method: http.MethodGet, path: "/audit/verify", tag: "record", summary: "Verify the audit trail of the installation itself", about: verify,
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *HeadQuery) (*reportOutput, error) {
		out, err := a.verifyAudit(ctx, p, directory.Provider, *in)
		return &reportOutput{out}, err
	})

	type visitsInput struct {
		TenantPath
		From  time.Time `query:"from" doc:"Not before."`
		To    time.Time `query:"to" doc:"Before."`
		Kinds string    `query:"kinds" maxLength:"60" pattern:"^(idp|operator|policy|system)(,(idp|operator|policy|system))*$" doc:"Kinds of actor, with commas between them. Missing: operator."`
	}
	type visitsOutput struct{ Body wire.VisitReport }
	handle(a, operation{
		id: "list-visits", right: directory.TenantRecord, method: http.MethodGet, path: "/tenants/{tenant}/visits", tag: "record", summary: "Report who entered a tenant",
		about: "The access pattern of a tenant, made from its audit trail: who acted there, when, from where, and what they changed.",
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *visitsInput) (*visitsOutput, error) {
		var kinds []directory.ActorKind
		for kind := range strings.SplitSeq(in.Kinds, ",") {
			if kind != "" {
				kinds = append(kinds, directory.ActorKind(kind))
			}
		}
		report, err := a.Record.Visits(ctx, p, in.tenant(), in.From, in.To, kinds...)
		if err != nil {
			return nil, err
		}
		return &visitsOutput{visitReport(report)}, nil
	})
}

func (a *api) searchAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, in AuditSearch) (wire.AuditFound, error) {
	lines, next, err := a.Record.SearchAudit(ctx, p, tenant, directory.AuditQuery{
		Actor: in.Actor, Kind: directory.ActorKind(in.Kind), Subject: in.User, Action: in.Action, Outcome: directory.Outcome(in.Outcome),
		Address: in.Address, From: in.From, To: in.To, Before: in.Before, Limit: in.Limit,
	})
	if lines == nil {
		lines = []directory.Audit{}
	}
	return wire.AuditFound{Items: lines, Next: next}, err
}

func (a *api) verifyAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, in HeadQuery) (wire.AuditReport, error) {
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
	callOf(ctx).response.Extend(time.Time{}) // a long trail takes its time
	r, err := a.Record.VerifyAudit(ctx, p, tenant, known)
	if err != nil {
		return wire.AuditReport{}, err
	}
	return wire.AuditReport{
		Tenant: string(r.Tenant), OK: r.Broken == 0, Lines: r.Lines, Checked: r.Chain.Checked, Start: r.Chain.Start, Older: r.Chain.Before,
		Head: wire.AuditHead{Seq: r.Chain.Last, Hash: r.Chain.Head}, Broken: r.Broken, Why: r.Why,
	}, nil
}

func visitReport(r record.VisitReport) wire.VisitReport {
	out := wire.VisitReport{
		Tenant: string(r.Tenant), From: stamp(r.From), To: stamp(r.To), Items: []wire.Visit{}, Complete: r.Complete, Since: stamp(r.Since),
	}
	for _, v := range r.Visits {
		out.Items = append(out.Items, wire.Visit{
			Actor: v.Actor, Address: v.Address, From: v.From.UTC(), To: v.To.UTC(), First: v.First, Last: v.Last, Entered: v.Entered, Reason: v.Reason,
			Lines: v.Lines, Refused: v.Refused, Actions: v.Actions, Subjects: append([]string{}, v.Subjects...), More: v.MoreBeside,
		})
	}
	return out
}
