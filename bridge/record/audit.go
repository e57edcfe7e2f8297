package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// The limits of one read of an audit trail.
const (
	searchScan  = 20_000  // lines that one search reads before it returns a cursor
	visitScan   = 200_000 // lines that one report of visits reads
	mostVisits  = 1000
	visitPause  = 30 * time.Minute // a longer silence of an actor ends the visit
	visitNames  = 20               // subjects that one visit names
	verifyLines = 1000             // lines of one snapshot, so that verification does not hold a snapshot for long
)

// AuditLines gives at most limit audit lines of a tenant after the one numbered after, in order, and the number of the last one there is
// (E1). limit 0, or one above 1000, counts as 1000. Of the installation it leaves out what names an operator or a tenant outside the
// caller's scope (O10).
func (s *Service) AuditLines(ctx context.Context, p directory.Principal, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, uint64, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, 0, err
	}
	limit = bounded(limit)
	var out []directory.Audit
	var last uint64
	for more := true; more && err == nil && ctx.Err() == nil; {
		err = s.read(ctx, p, func(r store.Reader) error {
			if err := txn.Exists(r, tenant); err != nil {
				return err
			}
			lines, seq, err := r.Audit(after, limit)
			if err != nil {
				return err
			}
			shown, err := visibility(r, p)
			if err != nil {
				return err
			}
			last, more = seq, shown.Limited() && len(lines) == limit
			for i := range lines {
				after = lines[i].Seq
				if shown.Line(&lines[i]) {
					out = append(out, directory.CloneAudit(lines[i:i+1])...)
				}
				if len(out) == limit {
					more = false
					break
				}
			}
			return nil
		})
	}
	if err == nil {
		err = ctx.Err()
	}
	return out, last, err
}

// AuditLinesWithArchive is AuditLines that reads older lines from the archive (E6).
func (s *Service) AuditLinesWithArchive(ctx context.Context, p directory.Principal, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, uint64, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, 0, err
	}
	var shown policy.Visibility
	var last uint64
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		if _, last, err = r.Audit(0, 0); err != nil {
			return err
		}
		shown, err = visibility(r, p)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	for {
		lines, err := s.ArchivedAudit(ctx, tenant, after, bounded(limit))
		if err != nil {
			return nil, 0, err
		}
		if len(lines) == 0 {
			return s.AuditLines(ctx, p, tenant, after, limit)
		}
		after = lines[len(lines)-1].Seq
		if lines = slices.DeleteFunc(lines, func(a directory.Audit) bool { return !shown.Line(&a) }); len(lines) > 0 {
			return lines, last, nil
		}
	}
}

// visibility is what p may see of the record of its tenant: everything of a tenant, and what the scope allows of the installation (O10).
func visibility(r store.Reader, p directory.Principal) (policy.Visibility, error) {
	if p.Tenant != directory.Provider {
		return policy.Visibility{}, nil
	}
	all, err := r.Operators()
	return policy.NewVisibility(p, all), err
}

// SearchAudit gives lines of a tenant's trail that match q, the newest first (E1). It looks at no more than 20,000 lines at once; next is
// not 0 where there may be more, and q.Before set to it continues. q.Limit 0, or one above 1000, counts as 1000. It leaves out what
// AuditLines leaves out.
func (s *Service) SearchAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, q directory.AuditQuery) (lines []directory.Audit, next uint64, err error) {
	p, err = txn.ForOperator(p, tenant)
	if err != nil {
		return nil, 0, err
	}
	if err := checkPeriod(q.From, q.To); err != nil {
		return nil, 0, err
	}
	q.Limit = bounded(q.Limit)
	if q.Scan <= 0 || q.Scan > searchScan {
		q.Scan = searchScan
	}
	var mark directory.ArchiveMark
	var shown policy.Visibility
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		if mark, err = readMark(r, archive.Audit); err != nil {
			return err
		}
		found, more, err := r.SearchAudit(q)
		if err != nil {
			return err
		}
		lines, next = directory.CloneAudit(found), more
		shown, err = visibility(r, p)
		return err
	})
	if err == nil && q.Archive && next == 0 && mark.Last > 0 {
		lines, next, err = s.continued(ctx, p, &mark, q, lines)
	}
	if err != nil {
		return nil, 0, err
	}
	return slices.DeleteFunc(lines, func(a directory.Audit) bool { return !shown.Line(&a) }), next, nil
}

// continued continues a search in the archive that has reached the end of the store.
func (s *Service) continued(ctx context.Context, p directory.Principal, mark *directory.ArchiveMark, q directory.AuditQuery, lines []directory.Audit) ([]directory.Audit, uint64, error) {
	if len(lines) == q.Limit {
		return lines, mark.Last + 1, nil
	}
	q.Limit -= len(lines)
	found, next, err := s.searchArchive(ctx, p, mark, q)
	return append(lines, found...), next, err
}

// ArchivedPart is the mark of the lines of a trail that are in the archive and may match a search; ok is false if there are none.
func (s *Service) ArchivedPart(ctx context.Context, p directory.Principal, tenant directory.TenantID, q *directory.AuditQuery) (mark directory.ArchiveMark, ok bool, err error) {
	p, err = txn.ForOperator(p, tenant)
	if err != nil {
		return mark, false, err
	}
	mark, err = s.markOfTrail(ctx, p)
	before := !q.From.IsZero() && mark.To.Before(q.From) || !q.To.IsZero() && !mark.From.Before(q.To)
	return mark, err == nil && mark.Last > 0 && !before, err
}

// AuditHead names a line of a trail by number and hash. An auditor who stored one elsewhere can prove later that nothing up to that line
// was changed.
type AuditHead struct {
	Seq  uint64
	Hash directory.Hash
}

// AuditReport is the result of verifying an audit trail.
type AuditReport struct {
	Tenant   directory.TenantID
	Lines    uint64          // the number of the last one
	Archived uint64          // the number of the last one that is in the archive
	Archive  *ArchivedProof  // nil: the archive was not looked at
	Chain    directory.Chain // the part of the chain that is valid
	Broken   uint64          // the number of the first line that does not match; 0: all do
	Why      string          // what is wrong with it, a sentence
}

// VerifyAudit follows the hash chain of a tenant's trail from its first line to the last one there is when it begins, and names the first
// line that does not match (E1). If lines are in the archive, it begins after them. known, if it is not nil, is a head that was stored
// earlier: the chain must have it. A broken trail is a report, not an error.
func (s *Service) VerifyAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, known *AuditHead) (AuditReport, error) {
	return s.verify(ctx, p, tenant, known, skipArchive)
}

// VerifyAuditWithArchive is VerifyAudit that follows the archive too, as one chain with the store, and the archived events (E6).
// Unavailable if the archive cannot be read.
func (s *Service) VerifyAuditWithArchive(ctx context.Context, p directory.Principal, tenant directory.TenantID, known *AuditHead) (AuditReport, error) {
	return s.verify(ctx, p, tenant, known, s.proveArchive)
}

// prove advances out.Chain to the first line in the store, or sets out.Broken.
type prove func(ctx context.Context, t *TrailArchive, out *AuditReport, known *AuditHead) error

func (s *Service) verify(ctx context.Context, p directory.Principal, tenant directory.TenantID, known *AuditHead, archived prove) (AuditReport, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return AuditReport{}, err
	}
	for tries := 0; ; tries++ {
		out, err := s.verifyOnce(ctx, p, known, archived)
		if err != nil || out.Broken == 0 || tries == verifyTries {
			return out, err
		}
		// Lines that moved to the archive meanwhile look like missing lines.
		if mark, err := s.markOfTrail(ctx, p); err != nil || mark.Last == out.Archived {
			return out, err
		}
	}
}

// verifyTries is how often a trail is verified again because the archive took lines meanwhile.
const verifyTries = 5

func (s *Service) verifyOnce(ctx context.Context, p directory.Principal, known *AuditHead, archived prove) (AuditReport, error) {
	out := AuditReport{Tenant: p.Tenant}
	t := TrailArchive{Tenant: p.Tenant}
	err := s.read(ctx, p, func(r store.Reader) (err error) {
		if err := txn.Exists(r, p.Tenant); err != nil {
			return err
		}
		if t.Audit, err = readMark(r, archive.Audit); err != nil {
			return err
		}
		if t.Events, err = readMark(r, archive.Events); err != nil {
			return err
		}
		_, out.Lines, err = r.Audit(0, 0)
		return err
	})
	if err != nil {
		return AuditReport{}, err
	}
	out.Archived, out.Chain = t.Audit.Last, t.Audit.Chain()
	if err := archived(ctx, &t, &out, known); err != nil || out.Broken != 0 {
		return out, err
	}
	for out.Chain.Last < out.Lines && out.Broken == 0 {
		if err := ctx.Err(); err != nil {
			return AuditReport{}, err
		}
		if err := s.read(ctx, p, func(r store.Reader) error { return out.follow(r, known) }); err != nil {
			return AuditReport{}, err
		}
	}
	if known != nil && out.Broken == 0 && known.Seq > out.Lines {
		out.Broken, out.Why = out.Lines+1, fmt.Sprintf("line %d was there once, and the trail ends with line %d", known.Seq, out.Lines)
	}
	return out, nil
}

// skipArchive begins after the lines in the archive.
func skipArchive(_ context.Context, t *TrailArchive, out *AuditReport, known *AuditHead) error {
	switch {
	case known != nil && known.Seq < t.Audit.Last:
		return &directory.Error{Code: directory.Invalid, Field: "seq", Rule: "E6", Message: fmt.Sprintf("line %d is in the archive, as all lines up to %d do: verify the archive, too (drawbridge audit verify --archive)", known.Seq, t.Audit.Last)}
	case known != nil && known.Seq == t.Audit.Last && known.Hash != t.Audit.Head:
		out.Broken, out.Why = known.Seq, otherHash(known.Seq)
	}
	return nil
}

// follow takes the next lines.
func (out *AuditReport) follow(r store.Reader, known *AuditHead) error {
	lines, _, err := r.Audit(out.Chain.Last, verifyLines)
	if directory.CodeOf(err) == directory.Internal { // one of them cannot be read: continue one by one to find out which
		if lines, _, err = r.Audit(out.Chain.Last, 1); directory.CodeOf(err) == directory.Internal {
			out.Broken = out.Chain.Last + 1
			out.Why = fmt.Sprintf("line %d cannot be read: the stored record is damaged", out.Broken)
			return nil
		}
	}
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		out.Broken, out.Why = out.Chain.Last+1, fmt.Sprintf("line %d is missing, and every line after it up to %d", out.Chain.Last+1, out.Lines)
		return nil
	}
	out.take(lines, known)
	return nil
}

// take follows lines, up to the first that does not match.
func (out *AuditReport) take(lines []directory.Audit, known *AuditHead) {
	for i := range lines {
		line := &lines[i]
		if line.Seq > out.Lines { // written while we looked
			out.Chain.Last = max(out.Chain.Last, out.Lines)
			return
		}
		expected := out.Chain.Last + 1
		if why := out.Chain.Follow(line); why != "" {
			out.Broken, out.Why = expected, why
			return
		}
		if known != nil && line.Seq == known.Seq && line.Hash != known.Hash {
			out.Broken, out.Why = line.Seq, otherHash(line.Seq)
			return
		}
	}
}

func otherHash(seq uint64) string {
	return fmt.Sprintf("line %d has another hash than the one that was written down: it or a line before it was changed, and the chain was made again", seq)
}

// Visit is what one actor did in a tenant without a longer pause, from one address.
type Visit struct {
	Actor      directory.Actor
	Address    string
	From, To   time.Time // of the first and the last line
	First      uint64    // the numbers of these lines
	Last       uint64
	Entered    bool   // the visit includes a support session in the tenant (T5)
	Reason     string // for the entering, if one was given
	Lines      int
	Refused    int
	Actions    map[string]int // how often each
	Subjects   []string       // what was touched, by kind and name; at most 20
	MoreBeside int            // how many subjects more
}

// VisitReport is the access pattern of a tenant: which actors worked in it, when, from which address, and what they changed.
type VisitReport struct {
	Tenant   directory.TenantID
	From, To time.Time // as asked for
	Visits   []Visit   // the latest first
	Complete bool      // false: there is more before Since
	Since    time.Time // how far back the report goes, if it is not complete
}

// VisitQuery is which visits a report has.
type VisitQuery struct {
	From, To time.Time
	Kinds    []directory.ActorKind // kinds of actors; none: operators
}

// Visits makes the access-pattern report of a tenant from its audit trail: the actors, their addresses, and what they changed. It reads
// 200,000 lines and gives 1000 visits at most.
func (s *Service) Visits(ctx context.Context, p directory.Principal, tenant directory.TenantID, v VisitQuery) (VisitReport, error) {
	kinds := v.Kinds
	if len(kinds) == 0 {
		kinds = []directory.ActorKind{directory.ByOperator}
	}
	b := visitBuilder{report: VisitReport{Tenant: tenant, From: v.From, To: v.To, Complete: true}, open: map[[2]string]*Visit{}, seen: map[*Visit]map[string]bool{}}
	q := directory.AuditQuery{From: v.From, To: v.To, Scan: searchScan}
	for scanned := 0; ; scanned += searchScan {
		lines, next, err := s.SearchAudit(ctx, p, tenant, q)
		if err != nil {
			return VisitReport{}, err
		}
		for i := range lines {
			if slices.Contains(kinds, lines[i].Actor.Kind) && !b.add(&lines[i]) {
				return b.end(), nil
			}
		}
		if next == 0 {
			return s.untilArchive(ctx, p, tenant, &q, b.end())
		}
		if scanned >= visitScan {
			b.report.Complete = false
			return b.end(), nil
		}
		q.Before = next
	}
}

// untilArchive marks a report as incomplete if lines of its time are in the archive.
func (s *Service) untilArchive(ctx context.Context, p directory.Principal, tenant directory.TenantID, q *directory.AuditQuery, report VisitReport) (VisitReport, error) {
	mark, archived, err := s.ArchivedPart(ctx, p, tenant, q)
	if archived {
		report.Complete, report.Since = false, mark.To
	}
	return report, err
}

// visitBuilder gathers visits from lines that come newest first.
type visitBuilder struct {
	report VisitReport
	all    []*Visit
	open   map[[2]string]*Visit // by actor and address
	seen   map[*Visit]map[string]bool
}

func (b *visitBuilder) add(line *directory.Audit) bool {
	key := [2]string{string(line.Actor.Kind) + " " + line.Actor.ID, line.Address}
	v := b.open[key]
	if v == nil || v.From.Sub(line.Time) > visitPause {
		if len(b.all) == mostVisits {
			b.report.Complete = false
			return false
		}
		v = &Visit{Actor: line.Actor, Address: line.Address, To: line.Time, Last: line.Seq, Actions: map[string]int{}}
		b.open[key], b.seen[v] = v, map[string]bool{}
		b.all = append(b.all, v)
	}
	v.From, v.First = line.Time, line.Seq
	v.Lines++
	v.Actions[string(line.Action)]++
	if line.Outcome == directory.WasDenied {
		v.Refused++
	}
	if line.Action == directory.ActionTenantEnter {
		v.Entered, v.Reason = true, line.Reason
	}
	name := strings.TrimSpace(line.Subject.Kind + " " + line.Subject.ID)
	if line.Subject.Name != "" {
		name = strings.TrimSpace(line.Subject.Kind + " " + line.Subject.Name)
	}
	switch seen := b.seen[v]; {
	case seen[name]:
	case len(v.Subjects) < visitNames:
		seen[name] = true
		v.Subjects = append(v.Subjects, name)
	default:
		seen[name] = true
		v.MoreBeside++
	}
	return true
}

func (b *visitBuilder) end() VisitReport {
	for _, v := range b.all {
		b.report.Visits = append(b.report.Visits, *v)
		if b.report.Since.IsZero() || v.From.Before(b.report.Since) {
			b.report.Since = v.From
		}
	}
	if b.report.Complete {
		b.report.Since = time.Time{}
	}
	slices.SortStableFunc(b.report.Visits, func(x, y Visit) int { return y.To.Compare(x.To) })
	return b.report
}
