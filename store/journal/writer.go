package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
)

// writer is the state of the one goroutine that changes files.
type writer struct {
	*Journal
	tenants map[directory.TenantID]*tenant
	written queued // at the last flush: empty, but with memory to reuse
	failing bool
}

// tenant is the journal of one tenant. Its segments are in order; the last one is open if file is not nil.
type tenant struct {
	segments []segment
	file     *os.File
	seq      uint64 // of the last frame; known after the first write
	known    bool
}

// segment is one file.
type segment struct {
	path  string
	seq   uint64    // of its first frame
	first time.Time // of its first exchange
	size  int64
}

// write is the main loop of the writer.
func (j *Journal) write() {
	defer close(j.ended)
	defer j.due.Stop()
	w := &writer{Journal: j, tenants: map[directory.TenantID]*tenant{}, written: queued{}}
	for {
		select {
		case <-j.due.C:
			w.flush()
		case do := <-j.asks:
			w.flush()
			do(w)
		case <-j.ending:
			w.flush()
			for _, t := range w.tenants {
				t.shut()
			}
			return
		}
	}
}

// lastSeq finds the number of the last complete frame.
func lastSeq(segments []segment) uint64 {
	if len(segments) == 0 {
		return 0
	}
	s := segments[len(segments)-1]
	seq := s.seq // a segment that cannot be read had at least its first frame
	if data, err := os.ReadFile(s.path); err == nil {
		if all := frames(data); len(all) > 0 {
			seq = all[len(all)-1].seq
		}
	}
	return seq
}

// tenant returns the journal of a tenant, as it is in its folder.
func (w *writer) tenant(id directory.TenantID) *tenant {
	t := w.tenants[id]
	if t == nil {
		t = &tenant{segments: segments(w.folderOf(id))}
		w.tenants[id] = t
	}
	return t
}

// segments lists the segments in a folder; none if it cannot be read.
func segments(folder string) []segment {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var out []segment
	for _, entry := range entries {
		name, isSegment := strings.CutSuffix(entry.Name(), ".log")
		number, micros, both := strings.Cut(name, "-")
		seq, err1 := strconv.ParseUint(number, 10, 64)
		first, err2 := strconv.ParseInt(micros, 10, 64)
		info, err3 := entry.Info()
		if isSegment && both && errors.Join(err1, err2, err3) == nil {
			out = append(out, segment{filepath.Join(folder, entry.Name()), seq, time.UnixMicro(first).UTC(), info.Size()})
		}
	}
	slices.SortFunc(out, func(a, b segment) int {
		if a.seq < b.seq {
			return -1
		}
		return 1
	})
	return out
}

// flush writes what is queued, and the gaps.
func (w *writer) flush() {
	w.written = w.take(w.written)
	for _, e := range w.takeGaps() {
		w.written.of(e.Tenant).add(&e, e.Missed)
	}
	for id, l := range w.written {
		if len(l.frames) > 0 {
			w.store(id, l)
		} else {
			delete(w.written, id) // a tenant without requests needs no memory
		}
	}
	if len(w.written) > 0 {
		w.closeIdle()
		w.fit()
	}
}

// closeIdle closes the files of tenants that had nothing to write now, if too many are open.
func (w *writer) closeIdle() {
	open := 0
	for _, t := range w.tenants {
		if t.file != nil {
			open++
		}
	}
	if open <= maxOpen {
		return
	}
	for id, t := range w.tenants {
		if w.written[id] == nil {
			t.shut()
		}
	}
}

// store writes what is queued for one tenant, and empties its line. If it cannot, the line becomes a gap.
func (w *writer) store(id directory.TenantID, l *line) {
	t := w.tenant(id)
	if !t.known {
		t.seq, t.known = lastSeq(t.segments), true
	}
	last := seal(l.frames, t.seq)
	err := w.append(id, t, l)
	if err != nil {
		w.gap(gapKey{tenant: id, why: directory.GapDisk}, l.first, l.missed)
		if !w.failing {
			w.options.Logger.Error("the request journal cannot be written; requests are answered all the same", "tenant", id, "error", err)
		}
	} else {
		t.seq = last
		w.options.Metrics.wrote(l.missed)
		if w.failing {
			w.options.Logger.Info("the request journal can be written again")
		}
	}
	w.failing = err != nil
	l.empty()
	w.trim(id, t)
}

func (w *writer) append(id directory.TenantID, t *tenant, l *line) error {
	if err := w.open(id, t, l.first); err != nil {
		return err
	}
	s := &t.segments[len(t.segments)-1]
	_, err := t.file.Write(l.frames)
	if err == nil {
		s.size += int64(len(l.frames))
		return nil
	}
	// An incomplete frame would hide what is written after it, so writing continues in another segment. An empty segment is
	// removed.
	undo := t.file.Truncate(s.size)
	t.shut()
	if s.size == int64(len(head)) {
		undo = os.Remove(s.path)
		t.segments = t.segments[:len(t.segments)-1]
	}
	return errors.Join(err, undo)
}

// open opens a segment for an exchange at first: the one that this process began, unless it is too long or of another day.
func (w *writer) open(id directory.TenantID, t *tenant, first time.Time) error {
	folder := w.folderOf(id)
	if t.file != nil {
		s := &t.segments[len(t.segments)-1]
		if !t.inPlace() {
			w.options.Logger.Warn("the request journal was moved or deleted while the server was running; a new segment begins", "path", s.path)
		} else if s.size < w.longest(id) && sameDay(s.first, first) {
			return nil
		}
		t.shut()
	}
	for _, dir := range []string{w.folder, folder} { // not MkdirAll: a data folder that was moved must not be created again
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	t.segments = segments(folder) // the folder may be another one by now
	path := filepath.Join(folder, fmt.Sprintf("%020d-%d.log", t.seq+1, first.UnixMicro()))
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // a slug contains nothing that could form a path
	if err != nil {
		return err
	}
	if _, err := file.WriteString(head); err != nil {
		return errors.Join(err, file.Close(), os.Remove(path))
	}
	t.file = file
	t.segments = append(t.segments, segment{path, t.seq + 1, first, int64(len(head))})
	return nil
}

// inPlace reports whether the path of the open segment still leads to it.
func (t *tenant) inPlace() bool {
	opened, err := t.file.Stat()
	if err != nil {
		return false
	}
	found, err := os.Stat(t.segments[len(t.segments)-1].path)
	return err == nil && os.SameFile(opened, found)
}

// shut closes the open segment. Everything was written already, so an error of closing means nothing.
func (t *tenant) shut() {
	if t.file != nil {
		_ = t.file.Close()
		t.file = nil
	}
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Truncate(24 * time.Hour).Equal(b.UTC().Truncate(24 * time.Hour))
}

// longest is the length at which a segment of a tenant ends: an eighth of what the tenant keeps, so that little is removed at a
// time.
func (w *writer) longest(id directory.TenantID) int64 {
	return min(max(w.keeping.Load().of(id).Bytes/8, 16<<10), 8<<20)
}

// oldest is the time before which nothing of a tenant is kept.
func (w *writer) oldest(id directory.TenantID) time.Time {
	return w.options.Now().AddDate(0, 0, -w.keeping.Load().of(id).Days)
}

// excess returns how many segments of a tenant, the oldest first, are beyond its bounds, and their length together.
func (t *tenant) excess(bounds directory.JournalBounds, now time.Time) (n int, bytes int64) {
	size, oldest := t.size(), now.AddDate(0, 0, -bounds.Days)
	for i := range t.segments {
		s := &t.segments[i]
		last := i == len(t.segments)-1
		switch {
		case bounds.Days == 0:
		case size > bounds.Bytes && (!last || size > 2*bounds.Bytes): // the one that is being written may be a little longer
		case !last && t.segments[i+1].first.Before(oldest):
		case s.first.Before(oldest) && lastTime(s.path).Before(oldest):
		default:
			return n, bytes
		}
		size -= s.size
		n, bytes = n+1, bytes+s.size
	}
	return n, bytes
}

// trim removes segments beyond the limits of a tenant.
func (w *writer) trim(id directory.TenantID, t *tenant) {
	n, _ := t.excess(w.keeping.Load().of(id), w.options.Now())
	for range n {
		w.drop(t)
	}
}

// drop removes the oldest segment.
func (w *writer) drop(t *tenant) {
	if len(t.segments) == 1 {
		t.seq, t.known = max(t.seq, lastSeq(t.segments)), true
		t.shut()
	}
	if err := os.Remove(t.segments[0].path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.options.Logger.Error("a segment of the request journal cannot be removed", "error", err)
	}
	t.segments = slices.Delete(t.segments, 0, 1)
}

func (t *tenant) size() (size int64) {
	for i := range t.segments {
		size += t.segments[i].size
	}
	return size
}

// lastTime is the time of the last exchange in a segment.
func lastTime(path string) (last time.Time) {
	if data, err := os.ReadFile(path); err == nil { //nolint:gosec // a segment of this journal
		for _, f := range frames(data) {
			if e, err := f.read(); err == nil && e.Time.After(last) {
				last = e.Time
			}
		}
	}
	return last
}

// fit keeps all tenants together within MaxBytes: the one that has most loses its oldest segments.
func (w *writer) fit() {
	total := int64(0)
	for _, t := range w.tenants {
		total += t.size()
	}
	for total > w.options.MaxBytes {
		var most *tenant
		for _, t := range w.tenants {
			if most == nil || t.size() > most.size() {
				most = t
			}
		}
		if most == nil || len(most.segments) == 0 {
			break
		}
		total -= most.segments[0].size
		w.drop(most)
	}
	w.options.Metrics.size(total)
}

// keep applies the limits of all tenants, and returns what it removed or, with RunDry, would remove.
func (w *writer) keep(k *keeping, how directory.Run) (map[directory.TenantID]int64, error) {
	removed := map[directory.TenantID]int64{}
	entries, err := os.ReadDir(w.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return removed, nil
	}
	if err != nil {
		return nil, unavailable("the journal could not be read", err)
	}
	var errs []error
	for _, entry := range entries {
		slug, ours := strings.CutPrefix(entry.Name(), "t-")
		if !ours || !entry.IsDir() {
			continue
		}
		id := directory.TenantID(slug)
		t := w.tenant(id)
		bounds := k.bounds[id]
		n, bytes := t.excess(bounds, w.options.Now())
		if n > 0 {
			removed[id] = bytes
		}
		switch {
		case how.Dry():
		case bounds.Days > 0:
			for range n {
				w.drop(t)
			}
		default:
			t.shut()
			delete(w.tenants, id)
			if err := os.RemoveAll(w.folderOf(id)); err != nil {
				errs = append(errs, unavailable("the journal of "+slug+" could not be removed", err))
			}
		}
	}
	if !how.Dry() {
		w.fit()
	}
	return removed, errors.Join(errs...)
}
