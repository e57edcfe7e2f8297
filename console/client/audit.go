package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// AuditSearch says which lines of an audit trail to return. An empty field matches all.
type AuditSearch struct {
	Actor   string // the id or the name of who did it
	Kind    string // idp, operator, policy or system
	User    string // the id of what the line is about, or a part of its name
	Action  string // "user.create", "user.*"
	Outcome string // "done" or "refused"
	Address string
	Request string // the id
	From    time.Time
	To      time.Time
	Archive bool   // search the archive too; not in all trails
	Before  uint64 // Next of the page before
	Limit   int
}

// SearchAudit searches the audit trail of a tenant ("" for the installation's own), the newest lines first.
func (c *Client) SearchAudit(ctx context.Context, tenant string, s AuditSearch) (wire.AuditFound, error) {
	q := s.query()
	if s.Before > 0 {
		q.Set("before", strconv.FormatUint(s.Before, 10))
	}
	if s.Limit > 0 {
		q.Set("limit", strconv.Itoa(s.Limit))
	}
	return get[wire.AuditFound](ctx, c, feedPath(tenant, "audit")+"/search", q)
}

// SearchTrails searches the audit trails of all tenants, the newest lines first. cursor is Next of the previous page; Before of s is
// ignored.
func (c *Client) SearchTrails(ctx context.Context, s AuditSearch, cursor string) (wire.Page[directory.Audit], error) {
	q := s.query()
	set(q, "cursor", cursor)
	if s.Limit > 0 {
		q.Set("limit", strconv.Itoa(s.Limit))
	}
	return get[wire.Page[directory.Audit]](ctx, c, "/audit/all", q)
}

// ExportAudit writes the results of a search as a table, "csv", or as lines of JSON, "jsonl": in the trail of a tenant, in the installation's
// own ("") or in those of all tenants (AllTrails).
func (c *Client) ExportAudit(ctx context.Context, to io.Writer, trail, format string, s AuditSearch) error {
	path := feedPath(trail, "audit")
	if trail == AllTrails {
		path = "/audit/all"
	}
	return c.do(ctx, request{method: http.MethodGet, path: path + "." + format, query: s.query()}, download{to})
}

// AllTrails means the trails of all tenants. It is not a slug.
const AllTrails = "*"

func (s *AuditSearch) query() url.Values {
	q := url.Values{}
	set(q, "actor", s.Actor)
	set(q, "kind", s.Kind)
	set(q, "user", s.User)
	set(q, "action", s.Action)
	set(q, "outcome", s.Outcome)
	set(q, "address", s.Address)
	set(q, "request", s.Request)
	setTime(q, "from", s.From)
	setTime(q, "to", s.To)
	if s.Archive {
		q.Set("archive", "true")
	}
	return q
}

func setTime(q url.Values, name string, at time.Time) {
	if !at.IsZero() {
		q.Set(name, at.UTC().Format(time.RFC3339Nano))
	}
}

// VerifyAudit follows the hash chain of a trail ("" for the installation's own). head, if its Seq is not 0, is a line that was stored
// earlier.
func (c *Client) VerifyAudit(ctx context.Context, tenant string, head wire.AuditHead) (wire.AuditReport, error) {
	return c.verify(ctx, tenant, head, url.Values{})
}

// VerifyAuditWithArchive is VerifyAudit that follows the archive too.
func (c *Client) VerifyAuditWithArchive(ctx context.Context, tenant string, head wire.AuditHead) (wire.AuditReport, error) {
	return c.verify(ctx, tenant, head, url.Values{"archive": {"true"}})
}

func (c *Client) verify(ctx context.Context, tenant string, head wire.AuditHead, q url.Values) (wire.AuditReport, error) {
	if head.Seq != 0 {
		q.Set("seq", strconv.FormatUint(head.Seq, 10))
		q.Set("hash", head.Hash.String())
	}
	return get[wire.AuditReport](ctx, c, feedPath(tenant, "audit")+"/verify", q)
}

// Visits reports who acted in a tenant, when, from where, and what they changed. kinds are kinds of actor with commas between
// them; "" means operators.
func (c *Client) Visits(ctx context.Context, tenant string, from, to time.Time, kinds string) (wire.VisitReport, error) {
	q := url.Values{}
	setTime(q, "from", from)
	setTime(q, "to", to)
	set(q, "kinds", kinds)
	return get[wire.VisitReport](ctx, c, "/tenants/"+segment(tenant)+"/visits", q)
}

// maxLine bounds a line of an export.
const maxLine = 16 << 20

// VerifyExport follows the hash chain of exported audit lines, one JSON object a line, without a server. An export may begin in
// the middle of a trail: its first line is then not verified, and Checked does not count it.
func VerifyExport(r io.Reader) (wire.AuditReport, error) {
	var report wire.AuditReport
	var chain directory.Chain
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var line directory.Audit
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return report, fmt.Errorf("line %d of the file is not an audit line: %w", n, err)
		}
		report.Lines++
		if report.Lines == 1 {
			report.Tenant = string(line.Tenant)
			if line.Seq > 1 {
				chain = directory.Chain{Last: line.Seq, Head: line.Hash}
				if line.Hash != (directory.Hash{}) {
					chain.Start = line.Seq
				}
				continue
			}
		}
		expected := chain.Last + 1
		if why := chain.Follow(&line); why != "" {
			report.Broken, report.Why = expected, why
			break
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return report, fmt.Errorf("the file has a line of more than %d bytes", maxLine)
	}
	report.OK = report.Broken == 0
	report.Checked, report.Start, report.Older = chain.Checked, chain.Start, chain.Before
	report.Head = wire.AuditHead{Seq: chain.Last, Hash: chain.Head}
	return report, lines.Err()
}

// Audit reads the audit trail of a tenant ("" for the installation's own) after the line numbered after, and waits like Events.
func (c *Client) Audit(ctx context.Context, tenant string, after uint64, limit int, wait time.Duration) (wire.AuditLines, error) {
	return get[wire.AuditLines](ctx, c, feedPath(tenant, "audit"), feedQuery(after, limit, wait))
}

// AuditWithArchive is Audit that does not wait, and reads older lines from the archive.
func (c *Client) AuditWithArchive(ctx context.Context, tenant string, after uint64, limit int) (wire.AuditLines, error) {
	q := feedQuery(after, limit, 0)
	q.Set("archive", "true")
	return get[wire.AuditLines](ctx, c, feedPath(tenant, "audit"), q)
}

// Archive says what is in the archive, a page of it after a cursor ("": the first).
func (c *Client) Archive(ctx context.Context, cursor string) (wire.ArchiveStatus, error) {
	q := url.Values{}
	set(q, "cursor", cursor)
	return get[wire.ArchiveStatus](ctx, c, "/audit/archive", q)
}

// AuditStreams says how sending audit lines to a SIEM goes, a page of it after a cursor ("": the first).
func (c *Client) AuditStreams(ctx context.Context, cursor string) (wire.AuditStreams, error) {
	q := url.Values{}
	set(q, "cursor", cursor)
	return get[wire.AuditStreams](ctx, c, "/audit/streams", q)
}
