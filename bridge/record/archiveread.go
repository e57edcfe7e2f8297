package record

import (
	"context"
	"fmt"
	"slices"

	"drawbridge/archive"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// searchSegments is how many segments one search reads.
const searchSegments = 4

// chain gives the segments that lead to the mark of a trail, the oldest first, from their names. If there are several histories, it also
// reads segments. A segment that is missing is an error of code Invalid.
func (s *Service) chain(ctx context.Context, tenant directory.TenantID, mark *directory.ArchiveMark) ([]archive.Entry, error) {
	if mark.Last == 0 {
		return nil, nil
	}
	ending, err := s.ending(ctx, tenant, archive.Audit)
	if err != nil {
		return nil, err
	}
	var out []archive.Entry
	last, head, sure := mark.Last, mark.Segment, true
	for last > 0 {
		candidates := ending[last]
		if len(candidates) > 1 && !sure { // the segment after it knows
			after, err := s.segment(ctx, mark, out[len(out)-1])
			if err != nil {
				return nil, err
			}
			head, sure = after.Previous, true
		}
		if sure {
			candidates = slices.DeleteFunc(slices.Clone(candidates), func(e archive.Entry) bool { return !e.Is(head) })
		}
		if len(candidates) == 0 {
			return nil, s.hole(last)
		}
		out = append(out, candidates[0])
		last, sure = candidates[0].First-1, false
	}
	slices.Reverse(out)
	return out, nil
}

// ending gives the segments by the number of their last line.
func (s *Service) ending(ctx context.Context, tenant directory.TenantID, kind archive.Kind) (map[uint64][]archive.Entry, error) {
	if s.archive == nil {
		return nil, noArchive()
	}
	all, err := s.archive.Segments(ctx, tenant, kind)
	out := map[uint64][]archive.Entry{}
	for _, e := range all {
		out[e.Last] = append(out[e.Last], e)
	}
	return out, err
}

func (s *Service) hole(last uint64) error {
	return &directory.Error{Code: directory.Invalid, Rule: "E6", Message: fmt.Sprintf("the segment that ends with line %d is missing in the archive (%s)", last, s.archive.Where())}
}

// segment reads a segment that was found by its name. Its key must be one that this installation signed with, so that write access to the
// archive is not enough to forge lines.
func (s *Service) segment(ctx context.Context, mark *directory.ArchiveMark, e archive.Entry) (*archive.Segment, error) {
	out, err := s.archive.Read(ctx, e)
	if err == nil && !slices.Contains(mark.Keys, out.Key) {
		return nil, s.archive.Damage(e, archive.Damaged("it is signed by the key "+out.Key+", which has signed no segment of this trail"))
	}
	return out, err
}

// ArchivedAudit gives at most limit audit lines of a tenant after a number from the archive, in order; none if the store has the next one.
func (s *Service) ArchivedAudit(ctx context.Context, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, error) {
	t, err := s.trailArchive(ctx, tenant)
	if err != nil || after >= t.Audit.Last {
		return nil, err
	}
	entries, err := s.chain(ctx, tenant, &t.Audit)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Last <= after {
			continue
		}
		segment, err := s.segment(ctx, &t.Audit, e)
		if err != nil {
			return nil, err
		}
		lines, err := segment.AuditLines()
		if err != nil {
			return nil, err
		}
		if after >= e.First {
			lines = lines[after-e.First+1:]
		}
		return lines[:min(limit, len(lines))], nil
	}
	return nil, nil
}

// searchArchive goes back in the archive from the line before q.Before, and returns the lines that match. It reads a few segments; next
// is not 0 where there may be more.
func (s *Service) searchArchive(ctx context.Context, p directory.Principal, mark *directory.ArchiveMark, q directory.AuditQuery) (found []directory.Audit, next uint64, err error) {
	entries, err := s.chain(ctx, p.Tenant, mark)
	if err != nil {
		return nil, 0, err
	}
	read := 0
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		switch {
		case q.Before != 0 && e.First >= q.Before, !q.To.IsZero() && !e.From.Before(q.To):
			continue
		case q.Over(&directory.Audit{Time: e.To}):
			return found, 0, nil
		case !q.From.IsZero() && e.To.Before(q.From):
			continue
		case read == searchSegments:
			return found, e.Last + 1, nil
		}
		read++
		segment, err := s.segment(ctx, mark, e)
		if err != nil {
			return nil, 0, err
		}
		lines, err := segment.AuditLines()
		if err != nil {
			return nil, 0, err
		}
		for j := len(lines) - 1; j >= 0; j-- {
			line := &lines[j]
			if q.Before != 0 && line.Seq >= q.Before || !q.Matches(line) {
				continue
			}
			if len(found) == q.Limit {
				return found, line.Seq + 1, nil
			}
			found = append(found, *line)
		}
	}
	return found, 0, nil
}

// ArchivedProof is what following the chain of segments found.
type ArchivedProof struct {
	Segments int
	Lines    uint64
	Events   uint64
	Keys     []string // the public keys that signed the segments
}

// proveArchive follows the segments of a tenant from the first to the mark in the store, and the lines of its trail into out.Chain. The
// first mismatch is in out.Broken and out.Why.
func (s *Service) proveArchive(ctx context.Context, t *TrailArchive, out *AuditReport, known *AuditHead) error {
	out.Archive = &ArchivedProof{Keys: []string{}}
	out.Chain = directory.Chain{}
	if err := s.proveAudit(ctx, t, out, known); err != nil || out.Broken != 0 {
		return err
	}
	if out.Chain.Last != t.Audit.Last || out.Chain.Head != t.Audit.Head {
		return out.broken(t.Audit.Last, archive.Damaged("the archive ends with another line than the store says"))
	}
	return s.proveEvents(ctx, t, out)
}

// broken notes that the line seq is the first that does not match.
func (out *AuditReport) broken(seq uint64, err error) error {
	out.Broken, out.Why = max(seq, 1), sentenceOf(err)
	return nil
}

// read is a segment for a proof; nil, with out.Broken set, if it is damaged or gone.
func (out *AuditReport) read(ctx context.Context, s *Service, e archive.Entry) (*archive.Segment, error) {
	segment, err := s.archive.Read(ctx, e)
	if archive.IsDamaged(err) || directory.CodeOf(err) == directory.NotFound {
		return nil, out.broken(e.First, err)
	}
	if err != nil {
		return nil, err
	}
	out.Archive.Segments++
	if !slices.Contains(out.Archive.Keys, segment.Key) {
		out.Archive.Keys = append(out.Archive.Keys, segment.Key)
	}
	return segment, nil
}

func (s *Service) proveAudit(ctx context.Context, t *TrailArchive, out *AuditReport, known *AuditHead) error {
	entries, err := s.chain(ctx, t.Tenant, &t.Audit)
	if directory.CodeOf(err) == directory.Invalid && s.archive != nil {
		return out.broken(out.Chain.Last+1, err)
	}
	if err != nil {
		return err
	}
	var head directory.Hash
	for _, e := range entries {
		segment, err := out.read(ctx, s, e)
		if err != nil || segment == nil {
			return err
		}
		if segment.Previous != head {
			return out.broken(e.First, archive.Damaged(fmt.Sprintf("the segment that begins with line %d does not name the one before it", e.First)))
		}
		head = segment.Head
		lines, err := segment.AuditLines()
		if err != nil {
			return out.broken(e.First, err)
		}
		if out.take(lines, known); out.Broken != 0 {
			return nil
		}
		out.Archive.Lines += uint64(len(lines))
	}
	if head != t.Audit.Segment {
		return out.broken(t.Audit.Last, archive.Damaged("the last segment in the archive is another one than the store names"))
	}
	return nil
}

// proveEvents goes back from the mark, since only a segment knows which one is before it, if any: events before an archive was turned
// on were forgotten.
func (s *Service) proveEvents(ctx context.Context, t *TrailArchive, out *AuditReport) error {
	last, head := t.Events.Last, t.Events.Segment
	if head == (directory.Hash{}) {
		return nil
	}
	ending, err := s.ending(ctx, t.Tenant, archive.Events)
	if err != nil {
		return err
	}
	for head != (directory.Hash{}) {
		i := slices.IndexFunc(ending[last], func(e archive.Entry) bool { return e.Is(head) })
		if i < 0 {
			return out.broken(last, archive.Damaged("of the archived events "+sentenceOf(s.hole(last))))
		}
		e := ending[last][i]
		segment, err := out.read(ctx, s, e)
		if err != nil || segment == nil {
			return err
		}
		if segment.Head != head {
			return out.broken(last, archive.Damaged(fmt.Sprintf("the segment that ends with event %d is another one than the next one names", last)))
		}
		out.Archive.Events += uint64(len(segment.Lines))
		last, head = e.First-1, segment.Previous
	}
	return nil
}

// markOfTrail is the mark of the audit lines of a tenant, after the tenant was found.
func (s *Service) markOfTrail(ctx context.Context, p directory.Principal) (mark directory.ArchiveMark, err error) {
	err = s.read(ctx, p, func(r store.Reader) (err error) {
		if err := txn.Exists(r, p.Tenant); err != nil {
			return err
		}
		mark, err = readMark(r, archive.Audit)
		return err
	})
	return mark, err
}
