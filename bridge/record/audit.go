package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// The limits of one read of an audit trail.
const (
	searchScan  = 20_000  // lines that one search looks at before it hands back a cursor
	visitScan   = 200_000 // lines that one report of visits looks at
	mostVisits  = 1000
	visitPause  = 30 * time.Minute // a longer silence of an actor ends the visit
	visitNames  = 20               // subjects that one visit names
	verifyLines = 1000             // lines of one snapshot, so that verifying pins no pages for long
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

// visibility is what p may see of the record of its tenant: of a tenant everything, of the installation what its scope allows (O10).
func visibility(r store.Reader, p directory.Principal) (policy.Visibility, error) {
	if p.Tenant != directory.Provider {
		return policy.Visibility{}, nil
	}
	all, err := r.Operators()
	return policy.NewVisibility(p, all), err
}

// SearchAudit gives lines of a tenant's trail that match q, the newest first (E1). It looks at no more than 20,000 lines at
// once; next is not 0 where there may be more, and q.Before set to it goes on. q.Limit 0, or one above 1000, counts as 1000. It leaves out what
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
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		found, more, err := r.SearchAudit(q)
		if err != nil {
			return err
		}
		shown, err := visibility(r, p)
		if err != nil {
			return err
		}
		lines, next = directory.CloneAudit(found), more
		lines = slices.DeleteFunc(lines, func(a directory.Audit) bool { return !shown.Line(&a) })
		return nil
	})
	return lines, next, err
}

// AuditHead names a line of a trail by number and hash. An auditor who noted one elsewhere can prove later that nothing up to that
// line was changed since.
type AuditHead struct {
	Seq  uint64
	Hash directory.Hash
}

// AuditReport is what verifying an audit trail found.
type AuditReport struct {
	Tenant directory.TenantID
	Lines  uint64          // how many there should be
	Chain  directory.Chain // how far it fits
	Broken uint64          // the number of the first line that does not fit; 0: all do
	Why    string          // what is wrong with it, a sentence
}

// VerifyAudit follows the hash chain of a tenant's trail from its first line to the last one there is when it begins, and names
// the first line that does not fit (E1). known, if it is not nil, is a head that was written down earlier: the chain must
// have it. That a trail is broken is a report and no error.
func (s *Service) VerifyAudit(ctx context.Context, p directory.Principal, tenant directory.TenantID, known *AuditHead) (AuditReport, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return AuditReport{}, err
	}
	out := AuditReport{Tenant: tenant}
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		_, out.Lines, err = r.Audit(0, 0)
		return err
	})
	if err != nil {
		return AuditReport{}, err
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

// follow takes the next lines.
func (out *AuditReport) follow(r store.Reader, known *AuditHead) error {
	lines, _, err := r.Audit(out.Chain.Last, verifyLines)
	if directory.CodeOf(err) == directory.Internal { // one of them cannot be read: go on one by one to find out which
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
	for i := range lines {
		line := &lines[i]
		if line.Seq > out.Lines { // written while we looked
			out.Chain.Last = max(out.Chain.Last, out.Lines)
			return nil
		}
		expected := out.Chain.Last + 1
		if why := out.Chain.Follow(line); why != "" {
			out.Broken, out.Why = expected, why
			return nil
		}
		if known != nil && line.Seq == known.Seq && line.Hash != known.Hash {
			out.Broken, out.Why = line.Seq, fmt.Sprintf("line %d has another hash than the one that was written down: it or a line before it was changed, and the chain was made anew", line.Seq)
			return nil
		}
	}
	return nil
}

// Visit is what one actor did in a tenant without a longer pause, from one address.
type Visit struct {
	Actor      directory.Actor
	Address    string
	From, To   time.Time // of the first and the last line
	First      uint64    // the numbers of these lines
	Last       uint64
	Entered    bool   // the visit has an explicit entering of the tenant in it (T5)
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
	Since    time.Time // how far back the report goes, where it is not complete
}

// actionEnter is the audit line of an operator who enters a tenant (T5).
const actionEnter = "tenant.enter"

// Visits makes the access-pattern report of a tenant from its audit trail: the actors between from and to, their addresses, and
// what they changed. kinds are the kinds of actor that count; none: operators. It looks at 200,000 lines and gives 1000 visits at most.
func (s *Service) Visits(ctx context.Context, p directory.Principal, tenant directory.TenantID, from, to time.Time, kinds ...directory.ActorKind) (VisitReport, error) {
	if len(kinds) == 0 {
		kinds = []directory.ActorKind{directory.ByOperator}
	}
	b := visitBuilder{report: VisitReport{Tenant: tenant, From: from, To: to, Complete: true}, open: map[[2]string]*Visit{}, seen: map[*Visit]map[string]bool{}}
	q := directory.AuditQuery{From: from, To: to, Scan: searchScan}
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
			return b.end(), nil
		}
		if scanned >= visitScan {
			b.report.Complete = false
			return b.end(), nil
		}
		q.Before = next
	}
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
	v.Actions[line.Action]++
	if line.Outcome == directory.WasDenied {
		v.Refused++
	}
	if line.Action == actionEnter {
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
