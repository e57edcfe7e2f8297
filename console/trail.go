package console

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// auditTrailsRoutes are about the audit trails of all tenants together, and about the export of search results.
func (a *api) auditTrailsRoutes() []operation {
	all := operation{
		id: "search-all-audit", method: http.MethodGet, path: "/audit/all",
		right: directory.TenantRecord, list: true,
		tag: "record", summary: "Search the audit trails of all tenants",
		about: "The newest lines come first, across all tenants. One request reads about 200,000 lines; while there is a next, there may be more, also after a page without a line. " +
			"The trail of the installation itself is in search-provider-audit.",
		codes: []directory.Code{directory.Invalid},
		do:    handle(a.searchAllAudit),
	}
	counts := operation{
		id: "count-audit", method: http.MethodGet, path: "/audit/counts",
		right: directory.TenantRecord, list: true,
		tag: "record", summary: "Count what happened in all tenants",
		about: "From the audit trails of your scope (rule E1), for a time of the last two days. Trails without a new line are not read again; one request reads at most 2,000 trails.",
		codes: []directory.Code{directory.Invalid},
		do:    handle(a.countAudit),
	}
	out := []operation{all, counts}
	const about = "What the search with the same parameters finds, the newest line first, and nothing else."
	for _, format := range []string{"csv", "jsonl"} {
		out = append(out,
			operation{
				id: "export-audit-" + format, method: http.MethodGet, path: "/tenants/{tenant}/audit." + format,
				right: directory.TenantRecord,
				tag:   "record", summary: "Export lines of the audit trail of a tenant as " + format, about: about,
				codes: []directory.Code{directory.NotFound, directory.Invalid},
				do: handle(func(ctx context.Context, p directory.Principal, in *exportAuditInput) (*httpapi.Stream, error) {
					return a.exportTrail(ctx, p, in.TenantID(), &in.AuditExport, format)
				}),
			},
			operation{
				id: "export-provider-audit-" + format, method: http.MethodGet, path: "/audit." + format,
				right: directory.ProviderRecord,
				tag:   "record", summary: "Export lines of the audit trail of the installation itself as " + format, about: about,
				codes: []directory.Code{directory.Invalid},
				do: handle(func(ctx context.Context, p directory.Principal, in *AuditExport) (*httpapi.Stream, error) {
					return a.exportTrail(ctx, p, directory.Provider, in, format)
				}),
			},
			operation{
				id: "export-all-audit-" + format, method: http.MethodGet, path: "/audit/all." + format,
				right: directory.TenantRecord, list: true,
				tag: "record", summary: "Export lines of the audit trails of all tenants as " + format, about: about,
				codes: []directory.Code{directory.Invalid},
				do: handle(func(ctx context.Context, p directory.Principal, in *AuditFilter) (*httpapi.Stream, error) {
					return a.exportTrails(ctx, p, in, format)
				}),
			},
		)
	}
	return out
}

type exportAuditInput struct {
	httpapi.TenantPath
	AuditExport
}

// AuditExport says which lines of one trail to export.
type AuditExport struct {
	AuditFilter
	ArchiveQuery
}

type searchAllAuditInput struct {
	AuditFilter
	Cursor string `query:"cursor" maxLength:"2000" doc:"next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Lines at most."`
}

func (a *api) searchAllAudit(ctx context.Context, p directory.Principal, in *searchAllAuditInput) (*output[wire.Page[directory.Audit]], error) {
	q := in.query()
	q.Limit = in.Limit
	after, err := trailMark(in.Cursor)
	if err != nil {
		return nil, err
	}
	lines, next, err := a.Record.SearchTrails(ctx, p, q, after)
	if err != nil {
		return nil, err
	}
	page := wire.Page[directory.Audit]{Items: append([]directory.Audit{}, lines...)}
	if next != nil {
		page.Next = httpapi.Position{Key: next.Time.UTC().Format(time.RFC3339Nano), ID: string(next.Tenant) + "/" + strconv.FormatUint(next.Seq, 10)}.Cursor()
	}
	return answer(page, nil)
}

type countAuditInput struct {
	From time.Time `query:"from" required:"true" doc:"Since when."`
}

func (a *api) countAudit(ctx context.Context, p directory.Principal, in *countAuditInput) (*output[wire.AuditCounts], error) {
	r, err := a.Record.TallySince(ctx, p, in.From)
	return answer(wire.AuditCounts{
		From: r.From, UsersCreated: r.Created, UsersSuspended: r.Suspended, Refused: r.Refused, Tenants: r.Tenants, Counted: r.Counted,
	}, err)
}

// trailMark reads a cursor of the trails of all tenants. It is nil for the first page.
func trailMark(cursor string) (*record.TrailMark, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no cursor, no mark
	}
	at, err := httpapi.ParseCursor(cursor)
	if err != nil {
		return nil, err
	}
	var m record.TrailMark
	tenant, seq, _ := strings.Cut(at.ID, "/")
	if m.Time, err = time.Parse(time.RFC3339Nano, at.Key); err == nil {
		m.Tenant = directory.TenantID(tenant)
		m.Seq, err = strconv.ParseUint(seq, 10, 64)
	}
	if err != nil {
		return nil, httpapi.NoCursor()
	}
	return &m, nil
}

// exportTrail writes the results of a search in one trail.
func (a *api) exportTrail(ctx context.Context, p directory.Principal, tenant directory.TenantID, f *AuditExport, format string) (*httpapi.Stream, error) {
	q := f.query()
	q.Archive = f.Archive
	return a.export(ctx, string(tenant)+"-audit", format, func() ([]directory.Audit, bool, error) {
		lines, next, err := a.Record.SearchAudit(ctx, p, tenant, q)
		q.Before = next
		return lines, next != 0, err
	})
}

// exportTrails writes the results of a search in the trails of all tenants.
func (a *api) exportTrails(ctx context.Context, p directory.Principal, f *AuditFilter, format string) (*httpapi.Stream, error) {
	q := f.query()
	var after *record.TrailMark
	return a.export(ctx, "audit", format, func() (lines []directory.Audit, more bool, err error) {
		lines, after, err = a.Record.SearchTrails(ctx, p, q, after)
		return lines, after != nil, err
	})
}

// export writes lines page by page. read gives the next page, and whether there may be another one.
func (a *api) export(ctx context.Context, name, format string, read func() ([]directory.Audit, bool, error)) (*httpapi.Stream, error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	out := &httpapi.Stream{ContentType: "application/jsonl; charset=utf-8", Disposition: `attachment; filename="` + name + "." + format + `"`}
	begin, write := func(io.Writer) error { return nil }, writeJSONLines
	if format == "csv" {
		out.ContentType, begin, write = "text/csv; charset=utf-8", writeAuditHeader, writeAuditRows
	}
	out.Write = func(to io.Writer) error {
		for page := 0; ; page++ {
			lines, more, err := read()
			if err == nil && page == 0 {
				err = begin(to)
			}
			if err != nil {
				return err
			}
			if err := write(to, lines); err != nil || !more {
				return err
			}
		}
	}
	return out, nil
}

func writeJSONLines(to io.Writer, lines []directory.Audit) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	for i := range lines {
		if err := enc.Encode(&lines[i]); err != nil {
			return err
		}
	}
	return nil
}

// writeAuditHeader writes the first line of a CSV file.
func writeAuditHeader(to io.Writer) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	_ = w.Write([]string{
		"time", "tenant", "seq", "actor_kind", "actor", "actor_name", "action", "subject_kind", "subject", "subject_name", "outcome", "rule", "reason", "before", "after", "address", "request",
	})
	w.Flush()
	return w.Error()
}

// writeAuditRows writes lines as CSV.
func writeAuditRows(to io.Writer, lines []directory.Audit) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	for i := range lines {
		l := &lines[i]
		row := []string{
			l.Time.UTC().Format(time.RFC3339Nano), string(l.Tenant), strconv.FormatUint(l.Seq, 10), string(l.Actor.Kind), l.Actor.ID, l.Actor.Name, string(l.Action),
			l.Subject.Kind, l.Subject.ID, l.Subject.Name, string(l.Outcome), string(l.Rule), l.Reason, string(l.Before), string(l.After), l.Address, l.Request,
		}
		for j := range row {
			row[j] = harmless(row[j])
		}
		_ = w.Write(row)
	}
	w.Flush()
	return w.Error()
}
