package record

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// trailsScan is about how many lines one search over all trails reads.
const trailsScan = 200_000

// trailSlack is how far a clock may go back: within it, a search over all trails still finds every line.
const trailSlack = 10 * time.Minute

// TrailMark is the line in the trails of all tenants at which a page ended.
type TrailMark struct {
	Time   time.Time
	Tenant directory.TenantID
	Seq    uint64
}

func markOf(a *directory.Audit) TrailMark {
	return TrailMark{Time: a.Time, Tenant: a.Tenant, Seq: a.Seq}
}

// order is the order of the lines of all trails: the newest first.
func (m TrailMark) order(than TrailMark) int {
	return cmp.Or(than.Time.Compare(m.Time), cmp.Compare(m.Tenant, than.Tenant), cmp.Compare(than.Seq, m.Seq))
}

// SearchTrails gives lines of the trails of all tenants in the scope of p that match q, the newest first (E1). q.Before is ignored; after
// is where the previous page ended, nil for the first page. next is not nil if there may be more: a page may end, even empty, because
// enough lines were read.
func (s *Service) SearchTrails(ctx context.Context, p directory.Principal, q directory.AuditQuery, after *TrailMark) (lines []directory.Audit, next *TrailMark, err error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, nil, err
	}
	if err := checkPeriod(q.From, q.To); err != nil {
		return nil, nil, err
	}
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, nil, err
	}
	tenants = slices.DeleteFunc(tenants, func(t directory.Tenant) bool {
		return !policy.Sees(p, t.ID) || t.Status == directory.TenantGone
	})
	if len(tenants) == 0 {
		return nil, nil, nil
	}
	t := trails{query: q, after: after, limit: bounded(q.Limit)}
	t.query.Before, t.query.Limit, t.query.Scan = 0, t.limit+1, max(100, min(searchScan, trailsScan/len(tenants)))
	if after != nil && (q.To.IsZero() || after.Time.Before(q.To)) {
		t.query.To = after.Time.Add(time.Nanosecond)
	}
	for i := range tenants {
		if err := ctx.Err(); err != nil {
			return nil, nil, &directory.Error{Code: directory.Unavailable, Message: "the search was given up", Err: err}
		}
		p.Tenant = tenants[i].ID
		if err := s.read(ctx, p, func(r store.Reader) error { return t.read(r, p.Tenant) }); err != nil {
			return nil, nil, err
		}
	}
	lines, next = t.page()
	return lines, next, nil
}

func checkPeriod(from, to time.Time) error {
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return &directory.Error{Code: directory.Invalid, Field: "to", Message: "the end of the period is not after its beginning"}
	}
	return nil
}

// trails gathers a page from many trails.
type trails struct {
	query directory.AuditQuery
	after *TrailMark
	limit int
	lines []directory.Audit
	// horizon is the line, in the order of the page, up to which every trail was searched; nil: to its beginning.
	horizon *TrailMark
}

// read adds the lines of one trail.
func (t *trails) read(r store.Reader, tenant directory.TenantID) error {
	q := t.query
	if t.after != nil && t.after.Tenant == tenant {
		q.Before = t.after.Seq
	} else if !q.To.IsZero() {
		before, err := lineAt(r, q.To)
		if err != nil {
			return err
		}
		q.Before = before
	}
	for {
		found, next, err := r.SearchAudit(q)
		if err != nil {
			return err
		}
		for i := range found {
			if t.after == nil || markOf(&found[i]).order(*t.after) > 0 {
				t.lines = append(t.lines, directory.CloneAudit(found[i:i+1])...)
			}
		}
		t.prune()
		if next == 0 {
			return nil
		}
		last, _, err := r.Audit(next-1, 1) // the last line that was looked at
		if err != nil {
			return err
		}
		if len(last) == 0 {
			return &directory.Error{Code: directory.Internal, Message: fmt.Sprintf("audit line %d cannot be read", next)}
		}
		if at := markOf(&last[0]); t.after == nil || at.order(*t.after) > 0 {
			if t.horizon == nil || at.order(*t.horizon) < 0 {
				t.horizon = &at
			}
			return nil
		}
		q.Before = next // nothing but lines that an earlier page has, or that are too new
	}
}

// prune drops lines that cannot be on the page, so that later trails need not be searched for older ones.
func (t *trails) prune() {
	if len(t.lines) <= 4*t.limit {
		return
	}
	t.sort()
	t.lines = t.lines[:t.limit+1]
	if oldest := t.lines[t.limit].Time; oldest.After(t.query.From) {
		t.query.From = oldest
	}
}

func (t *trails) sort() {
	slices.SortFunc(t.lines, func(a, b directory.Audit) int { return markOf(&a).order(markOf(&b)) })
}

// page cuts the page out of what was gathered.
func (t *trails) page() ([]directory.Audit, *TrailMark) {
	t.sort()
	complete := len(t.lines)
	if t.horizon != nil { // a trail that was not read to its end may have older lines
		complete = sort.Search(len(t.lines), func(i int) bool { return markOf(&t.lines[i]).order(*t.horizon) > 0 })
	}
	if complete > t.limit {
		last := markOf(&t.lines[t.limit-1])
		return t.lines[:t.limit], &last
	}
	return t.lines[:complete], t.horizon
}

// lineAt gives the number of the first line that is so much later than at that only later lines follow it, 0 if there is none.
func lineAt(r store.Reader, at time.Time) (uint64, error) {
	_, last, err := r.Audit(0, 0)
	if err != nil || last == 0 {
		return 0, err
	}
	var failure error
	from := sort.Search(int(last), func(i int) bool {
		lines, _, err := r.Audit(uint64(i), 1)
		if err != nil || len(lines) == 0 {
			failure = err
			return true
		}
		return !lines[0].Time.Before(at.Add(trailSlack))
	})
	if failure != nil || from == int(last) {
		return 0, failure
	}
	return uint64(from) + 1, nil
}
