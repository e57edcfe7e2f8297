package journal

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// Options tune a Journal. Now is required.
type Options struct {
	Now      func() time.Time
	MaxBytes int64 // of all tenants together; 0: a gigabyte
	Metrics  *Metrics
	Logger   *slog.Logger
}

// The bounds of what is queued for the writer. More is dropped.
const (
	maxWaiting      = 4096
	maxWaitingBytes = 16 << 20
)

const (
	flushAfter   = 200 * time.Millisecond // an exchange may be queued for this long
	flushBytes   = 256 << 10              // unless so many bytes are queued
	maxOpen      = 64                     // open files
	maxScan      = 20000                  // exchanges that one search reads
	defaultLimit = 100
)

// Journal is a store.Journal in a folder. It is safe for concurrent use.
type Journal struct {
	folder  string
	options Options

	due     *time.Timer // wakes the writer
	asks    chan func(*writer)
	ending  chan struct{} // closed by Close
	ended   chan struct{} // closed when the writer has ended
	close   sync.Once
	keeping atomic.Pointer[keeping]

	mu      sync.Mutex // held while an exchange is copied, never during file operations
	waiting queued
	n       int // queued exchanges
	bytes   int // queued bytes
	gaps    map[gapKey]gap
}

var _ store.Journal = (*Journal)(nil)

// queued is what the writer is to write, by tenant.
type queued map[directory.TenantID]*line

func (all queued) of(id directory.TenantID) *line {
	l := all[id]
	if l == nil {
		l = &line{}
		all[id] = l
	}
	return l
}

// line is what the writer is to write for one tenant.
type line struct {
	frames []byte // complete except for Seq and checksum, which seal writes
	first  time.Time
	missed int // exchanges that are lost if it cannot be written
}

// add appends e, which counts as the given number of exchanges. It returns the length of its frame.
func (l *line) add(e *directory.Exchange, exchanges int) int {
	before := len(l.frames)
	if before == 0 {
		l.first = e.Time
	}
	l.frames = appendFrame(l.frames, e)
	l.missed += exchanges
	return len(l.frames) - before
}

// empty makes a line reusable, without keeping much more memory than was needed.
func (l *line) empty() {
	if cap(l.frames) > 4*len(l.frames) {
		l.frames = nil
	}
	l.frames, l.missed = l.frames[:0], 0
}

// keeping is the argument of the last Keep.
type keeping struct {
	bounds map[directory.TenantID]directory.JournalBounds
	others directory.JournalBounds
}

// of returns the bounds of a tenant; nil keeps nothing.
func (k *keeping) of(id directory.TenantID) directory.JournalBounds {
	if k == nil {
		return directory.JournalBounds{}
	}
	if b, ok := k.bounds[id]; ok {
		return b
	}
	return k.others
}

type gapKey struct {
	tenant     directory.TenantID
	connection directory.ConnectionID
	why        directory.Gap
}

type gap struct {
	first time.Time
	n     int
}

// Open opens the journal in folder, which is made with mode 0700 at the first write. It accepts nothing until Keep has set bounds.
// Opening reads nothing and cannot fail; a folder that cannot be written shows as gaps.
func Open(folder string, options Options) *Journal {
	if options.MaxBytes <= 0 {
		options.MaxBytes = 1 << 30
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	j := &Journal{
		folder: folder, options: options,
		due: time.NewTimer(flushAfter), asks: make(chan func(*writer)), ending: make(chan struct{}), ended: make(chan struct{}),
		waiting: queued{}, gaps: map[gapKey]gap{},
	}
	go j.write()
	return j
}

// Close writes everything that was accepted and ends the writer, or gives up when ctx ends.
func (j *Journal) Close(ctx context.Context) error {
	j.close.Do(func() { close(j.ending) })
	select {
	case <-j.ended:
		return nil
	case <-ctx.Done():
		return unavailable("the journal is still being written", ctx.Err())
	}
}

// Note takes a copy of e.
func (j *Journal) Note(e *directory.Exchange) {
	if j.keeping.Load().of(e.Tenant).Days == 0 {
		return
	}
	why := e.Gap
	if why == "" {
		if j.put(e) {
			return
		}
		why = directory.GapBusy
	}
	j.gap(gapKey{e.Tenant, e.Connection, why}, e.Time, 1)
}

// put queues a copy of e; false: there is no room. A tenant may have no more queued than there is room left, so that
// one that sends much while the disk is slow leaves room for the others.
func (j *Journal) put(e *directory.Exchange) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.waiting.of(e.Tenant)
	if l.missed >= maxWaiting-j.n || len(l.frames) > maxWaitingBytes-j.bytes {
		return false
	}
	before := j.bytes
	j.bytes += l.add(e, 1)
	j.n++
	// The writer is woken for many exchanges, not for each: waking costs more than the copy.
	switch {
	case before < flushBytes && j.bytes >= flushBytes:
		j.due.Reset(0)
	case before == 0:
		j.due.Reset(flushAfter)
	}
	return true
}

// take returns what is queued; from now on empty is the queue.
func (j *Journal) take(empty queued) queued {
	j.mu.Lock()
	defer j.mu.Unlock()
	taken := j.waiting
	j.waiting, j.n, j.bytes = empty, 0, 0
	return taken
}

// gap records that n exchanges will be missing.
func (j *Journal) gap(key gapKey, at time.Time, n int) {
	if key.why != directory.GapThrottled && key.why != directory.GapRejected {
		j.options.Metrics.dropped(key.why, n)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	g, ok := j.gaps[key]
	if !ok {
		g.first = at
	}
	g.n += n
	j.gaps[key] = g
}

// takeGaps returns the gaps that are not written yet, as exchanges.
func (j *Journal) takeGaps() []directory.Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.gaps) == 0 {
		return nil
	}
	out := make([]directory.Exchange, 0, len(j.gaps))
	for key, g := range j.gaps {
		out = append(out, directory.Exchange{Time: g.first, Tenant: key.tenant, Connection: key.connection, Gap: key.why, Missed: g.n})
	}
	clear(j.gaps)
	slices.SortFunc(out, func(a, b directory.Exchange) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(string(a.Connection)+string(a.Gap), string(b.Connection)+string(b.Gap))
	})
	return out
}

// ask runs do in the writer, after everything that was accepted before is written.
func (j *Journal) ask(ctx context.Context, do func(*writer)) error {
	done := make(chan struct{})
	select {
	case j.asks <- func(w *writer) { defer close(done); do(w) }:
	case <-j.ended:
		return unavailable("the journal is closed", nil)
	case <-ctx.Done():
		return unavailable("the journal is busy: its disk is slow; try again later", ctx.Err())
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return unavailable("the journal is busy: its disk is slow; try again later", ctx.Err())
	}
}

func unavailable(message string, err error) error {
	return &directory.Error{Code: directory.Unavailable, Message: message, Err: err}
}

// Exchanges returns exchanges of a tenant, the newest first.
func (j *Journal) Exchanges(ctx context.Context, tenant directory.TenantID, q directory.JournalQuery) (found []directory.Exchange, next uint64, err error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	var segments []segment
	var oldest time.Time
	err = j.ask(ctx, func(w *writer) { segments, oldest = slices.Clone(w.tenant(tenant).segments), w.oldest(tenant) })
	if err != nil {
		return nil, 0, err
	}
	if q.From.Before(oldest) {
		q.From = oldest // a segment is removed when everything in it is too old; what is too old is hidden at once
	}
	scanned := 0
	for i, s := range slices.Backward(segments) {
		if q.Before != 0 && s.seq >= q.Before {
			continue
		}
		if i+1 < len(segments) && segments[i+1].seq <= q.After+1 {
			break
		}
		data, err := os.ReadFile(s.path)
		if errors.Is(err, os.ErrNotExist) {
			break // removed meanwhile, and so are those before it
		}
		if err != nil {
			return found, 0, unavailable("the journal could not be read", err)
		}
		for _, f := range slices.Backward(frames(data)) {
			if q.Before != 0 && f.seq >= q.Before {
				continue
			}
			if f.seq <= q.After {
				return found, 0, nil
			}
			if len(found) == q.Limit || scanned == maxScan {
				return found, f.seq + 1, nil
			}
			scanned++
			e, err := f.read()
			e.Seq, e.Tenant = f.seq, tenant
			if err == nil && q.Matches(&e) {
				found = append(found, e)
			}
		}
		if ctx.Err() != nil {
			return found, 0, unavailable("the search was ended", ctx.Err())
		}
	}
	return found, 0, nil
}

// Keep sets how much each tenant keeps.
func (j *Journal) Keep(ctx context.Context, bounds map[directory.TenantID]directory.JournalBounds, others directory.JournalBounds, how directory.Run) (map[directory.TenantID]int64, error) {
	k := &keeping{maps.Clone(bounds), others}
	if !how.Dry() {
		j.keeping.Store(k)
	}
	var removed map[directory.TenantID]int64
	var failure error
	err := j.ask(ctx, func(w *writer) { removed, failure = w.keep(k, how) })
	if err != nil {
		return nil, err // the writer may still be working
	}
	return removed, failure
}

// folderOf is the folder of a tenant. A slug contains nothing that could form a path.
func (j *Journal) folderOf(tenant directory.TenantID) string {
	return filepath.Join(j.folder, filepath.Base("t-"+string(tenant)))
}
