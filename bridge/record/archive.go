package record

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// movePage is how many lines of the store one snapshot reads for a segment.
const movePage = 500

// Moved is what one run moved from the store to the archive, or would move.
type Moved struct {
	Tenant   directory.TenantID
	Lines    int // of the audit trail
	Events   int
	Segments int // 0 in a dry run
}

// Archives reports whether there is an archive.
func (s *Service) Archives() bool { return s.archive != nil }

func noArchive() error {
	return &directory.Error{Code: directory.Invalid, Rule: "E6", Message: "this server has no archive: set archive.folder or archive.s3.bucket"}
}

// MoveAllToArchive moves what is due of the installation and of every active tenant in the caller's scope (E6). A tenant that fails does
// not stop the others, unless the archive cannot be written: then the run ends.
func (s *Service) MoveAllToArchive(ctx context.Context, p directory.Principal, how directory.Run) ([]Moved, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	ids, err := s.trimmed(ctx, p)
	if err != nil {
		return nil, err
	}
	var out []Moved
	away := false // the archive cannot be written
	err = txn.EachTenant(ctx, ids, func(id directory.TenantID) error {
		if away {
			return nil
		}
		moved, err := s.MoveToArchive(ctx, p, id, how)
		out = append(out, moved)
		away = directory.CodeOf(err) == directory.Unavailable
		return err
	})
	return out, err
}

// MoveToArchive moves the audit lines and the events of a tenant that are older than they are kept in the store to the archive, a segment
// at a time: it writes the segment, reads it back and verifies it, and then removes its lines from the store in one transaction. A segment
// of an interrupted run is used as it is. With a dry run nothing is written. NotFound, Invalid without an archive, Unavailable if the
// archive is full, read-only or cannot be reached.
func (s *Service) MoveToArchive(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) (Moved, error) {
	out := Moved{Tenant: tenant}
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return out, err
	}
	if s.archive == nil {
		return out, noArchive()
	}
	for _, kind := range []archive.Kind{archive.Audit, archive.Events} {
		n := &out.Lines
		if kind == archive.Events {
			n = &out.Events
		}
		m := mover{s: s, p: p, kind: kind}
		segments, err := m.run(ctx, n, how)
		out.Segments += segments
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// mover moves lines of one kind of one tenant.
type mover struct {
	s    *Service
	p    directory.Principal
	kind archive.Kind
}

// key is where the mark of a kind is kept.
func key(kind archive.Kind) string {
	if kind == archive.Audit {
		return directory.ArchivedAudit
	}
	return directory.ArchivedEvents
}

func readMark(r store.Reader, kind archive.Kind) (directory.ArchiveMark, error) {
	mark, _, err := txn.Get[directory.ArchiveMark](r, directory.ArchiveKV, key(kind))
	return mark, err
}

func (m *mover) run(ctx context.Context, n *int, how directory.Run) (segments int, err error) {
	var after *block
	for {
		due, err := m.due(ctx, after)
		if err != nil || len(due.lines) == 0 {
			return segments, err
		}
		if how.Dry() {
			*n += len(due.lines)
			after = &due
			continue
		}
		segment, entry, err := m.place(ctx, &due)
		if err != nil || segment == nil {
			return segments, err
		}
		done, err := m.remove(ctx, &due, segment, &entry)
		if err != nil || !done {
			return segments, err
		}
		m.s.metrics.archived(m.kind, entry.Size)
		*n += len(segment.Lines)
		segments++
	}
}

// block is a range of due lines of the store, and the mark before them.
type block struct {
	mark     directory.ArchiveMark
	previous directory.Hash // the segment before this one; zero if the lines before it were forgotten
	lines    [][]byte
	bytes    int
	from, to time.Time
	chain    directory.Chain // of audit lines: after the last of them
	last     uint64
	full     bool
	own      int // lines about the archive itself
}

func (b *block) first() uint64 { return b.last - uint64(len(b.lines)) + 1 }

// due reads the due lines after the mark, or after another block, at most as many as a segment holds. The last line stays in the store.
// Lines about the archive itself alone do not make a segment.
func (m *mover) due(ctx context.Context, after *block) (block, error) {
	var b block
	for done := false; !done; {
		err := m.s.read(ctx, m.p, func(r store.Reader) (err error) {
			if len(b.lines) == 0 {
				if b.mark, err = readMark(r, m.kind); err != nil {
					return err
				}
				b.chain, b.last = b.mark.Chain(), b.mark.Last
				if after != nil {
					b.chain, b.last = after.chain, after.last
				}
			}
			done, err = m.page(r, &b)
			return err
		})
		if err != nil {
			return block{}, err
		}
	}
	if b.own == len(b.lines) {
		return block{}, nil
	}
	if b.previous = b.mark.Segment; b.first() > b.mark.Last+1 { // of events: without an archive, the events between were deleted
		b.previous = directory.Hash{}
	}
	return b, nil
}

// storedLine is an audit line or an event of the store, valid as long as its View.
type storedLine struct {
	seq      uint64
	at       time.Time
	outdated bool
	audit    *directory.Audit // nil: an event
	event    *directory.Event
}

func (l *storedLine) text() ([]byte, error) {
	if l.audit != nil {
		return archive.Line(l.audit)
	}
	return archive.Line(l.event)
}

// read gives lines of the store after a number, and the number of the last one.
func (m *mover) read(r store.Reader, after uint64, limit int) (out []storedLine, last uint64, err error) {
	settings, err := pruning{s: m.s, p: m.p}.settings(r)
	if err != nil {
		return nil, 0, err
	}
	now := m.s.instant()
	if m.kind == archive.Audit {
		lines, last, err := r.Audit(after, limit)
		for i := range lines {
			a := &lines[i]
			out = append(out, storedLine{seq: a.Seq, at: a.Time, outdated: policy.AuditOutdated(a, settings, now), audit: a})
		}
		return out, last, err
	}
	events, last, err := r.Events(after, limit)
	for i := range events {
		e := &events[i]
		out = append(out, storedLine{seq: e.Seq, at: e.Time, outdated: policy.Outdated(e, settings, now), event: e})
	}
	return out, last, err
}

// page takes the next lines into b; done is true if there are no more for it.
func (m *mover) page(r store.Reader, b *block) (done bool, err error) {
	lines, last, err := m.read(r, b.last, movePage)
	if err != nil {
		return false, err
	}
	for i := range lines {
		l := &lines[i]
		gap := l.event != nil && len(b.lines) > 0 && l.seq != b.last+1
		if gap || b.full || l.seq == last || !l.outdated {
			return true, nil
		}
		if l.audit != nil {
			if why := b.chain.Follow(l.audit); why != "" {
				return false, &directory.Error{Code: directory.Internal, Rule: "E6", Message: fmt.Sprintf("the audit trail is damaged, so nothing of it moves to the archive: %s (drawbridge audit verify has more)", why)}
			}
			if a := l.audit.Action; a == directory.ActionAuditArchive || a == directory.ActionEventsArchive {
				b.own++
			}
		}
		if err := b.add(l); err != nil {
			return false, err
		}
	}
	return len(lines) < movePage || b.full, nil
}

func (b *block) add(l *storedLine) error {
	text, err := l.text()
	if err != nil {
		return err
	}
	if b.from.IsZero() || l.at.Before(b.from) {
		b.from = l.at
	}
	if l.at.After(b.to) {
		b.to = l.at
	}
	b.lines, b.bytes, b.last = append(b.lines, text), b.bytes+len(text)+1, l.seq
	b.full = len(b.lines) == archive.MostLines || b.bytes >= archive.EnoughBytes
	return nil
}

// place puts the block into the archive, or finds the segment of an interrupted run there. A nil segment: the one there has more lines than
// are due, and waits until they are.
func (m *mover) place(ctx context.Context, b *block) (*archive.Segment, archive.Entry, error) {
	entries, err := m.s.archive.Segments(ctx, m.p.Tenant, m.kind)
	if err != nil {
		return nil, archive.Entry{}, err
	}
	if b.previous != (directory.Hash{}) && !has(entries, &b.mark) {
		return nil, archive.Entry{}, m.s.missing(&b.mark)
	}
	for _, e := range entries {
		if e.First != b.first() {
			continue
		}
		found, err := m.s.archive.Read(ctx, e)
		if archive.IsDamaged(err) || directory.CodeOf(err) == directory.NotFound {
			continue // another one is written
		}
		if err != nil {
			return nil, e, err
		}
		if found.Previous != b.previous || found.Key != m.s.archive.Key() { // another history, or another program
			continue
		}
		same, more, err := m.compare(ctx, found, b)
		switch {
		case err != nil:
			return nil, e, err
		case same && more:
			return nil, e, nil
		case same:
			return found, e, nil
		}
	}
	manifest := archive.Manifest{
		Tenant: m.p.Tenant, Kind: m.kind, First: b.first(), Last: b.last, From: b.from.UTC(), To: b.to.UTC(), Previous: b.previous, Written: m.s.instant(),
	}
	if m.kind == archive.Audit {
		manifest.ChainPrevious, manifest.ChainHead = b.mark.Head, b.chain.Head
	}
	return m.s.archive.Write(ctx, manifest, b.lines)
}

// has reports whether the segment of a mark is among those that were found.
func has(entries []archive.Entry, mark *directory.ArchiveMark) bool {
	return slices.ContainsFunc(entries, func(e archive.Entry) bool { return e.Last == mark.Last && e.Is(mark.Segment) })
}

func (s *Service) missing(mark *directory.ArchiveMark) error {
	return &directory.Error{Code: directory.Unavailable, Rule: "E6", Message: fmt.Sprintf(
		"the archive (%s) does not have the segment that ends with line %d: it is another one, its disk is not mounted, or the segment was removed. Nothing moves until it is back", s.archive.Where(), mark.Last)}
}

// compare reports whether a segment has the lines of the store: those of the block, and those after them that are not due yet; more says
// that there are. After a backup was restored, the store may have other lines there, or none.
func (m *mover) compare(ctx context.Context, s *archive.Segment, b *block) (same, more bool, err error) {
	for i := range min(len(s.Lines), len(b.lines)) {
		if !bytes.Equal(s.Lines[i], b.lines[i]) {
			return false, false, nil
		}
	}
	same = true
	for at := b.last; same && at < s.Last; {
		more = true
		err := m.s.read(ctx, m.p, func(r store.Reader) error {
			lines, last, err := m.read(r, at, movePage)
			if err != nil || len(lines) == 0 || last <= s.Last {
				same = false
				return err
			}
			for i := range lines {
				if lines[i].seq > s.Last {
					break
				}
				text, err := lines[i].text()
				if err != nil || lines[i].seq != at+1 || !bytes.Equal(text, s.Lines[lines[i].seq-s.First]) {
					same = false
					return err
				}
				at = lines[i].seq
			}
			return nil
		})
		if err != nil {
			return false, false, err
		}
	}
	return same, more, nil
}

// remove takes the lines of a segment out of the store, if the store is still as it was when they were read; done is false if another
// server was faster.
func (m *mover) remove(ctx context.Context, b *block, segment *archive.Segment, e *archive.Entry) (done bool, err error) {
	err = m.s.write(ctx, m.p, func(tx *txn.Tx) error {
		done = false
		mark, err := readMark(tx.Reader, m.kind)
		if err != nil || mark.Last != b.mark.Last || mark.Segment != b.mark.Segment {
			return err
		}
		if there, err := m.ends(tx.Reader, segment); err != nil || !there {
			return err
		}
		if mark.From.IsZero() || segment.From.Before(mark.From) {
			mark.From = segment.From
		}
		if segment.To.After(mark.To) {
			mark.To = segment.To
		}
		mark.Last, mark.Segment, mark.At = segment.Last, segment.Head, tx.Now
		if !slices.Contains(mark.Keys, segment.Key) {
			mark.Keys = append(slices.Clone(mark.Keys), segment.Key)
		}
		mark.Segments, mark.Lines, mark.Bytes = mark.Segments+1, mark.Lines+uint64(len(segment.Lines)), mark.Bytes+e.Size
		action := directory.ActionEventsArchive
		if m.kind == archive.Audit {
			action, mark.Head = directory.ActionAuditArchive, segment.ChainHead
			if start := b.chain.Start; start <= segment.Last {
				mark.Start = start
			}
			tx.Change.ForgetAudit = segment.Last
		} else {
			tx.Change.ForgetEvents = segment.Last
		}
		if err := tx.Set(directory.ArchiveKV, key(m.kind), mark); err != nil {
			return err
		}
		line := tx.Line(action, directory.Subject{Kind: "tenant", ID: string(m.p.Tenant)})
		line.Rule = "E6"
		line.After = txn.Document(directory.Attributes{
			{Name: "first", Value: txn.Number(int(segment.First))},
			{Name: "last", Value: txn.Number(int(segment.Last))},
			{Name: "segment", Value: e.Name},
			{Name: "head", Value: segment.Head.String()},
		})
		tx.Audit(line)
		done = true
		return nil
	})
	return done && err == nil, err
}

// ends reports whether the store has the last line of the segment, and one after it.
func (m *mover) ends(r store.Reader, segment *archive.Segment) (bool, error) {
	lines, last, err := m.read(r, segment.Last-1, 1)
	if err != nil || len(lines) == 0 || last <= segment.Last {
		return false, err
	}
	text, err := lines[0].text()
	return bytes.Equal(text, segment.Lines[len(segment.Lines)-1]), err
}
