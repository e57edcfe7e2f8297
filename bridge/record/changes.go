package record

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	keptChanges    = 4096             // changes that are remembered
	mostChanges    = 500              // changes of one page; after more, a caller reads everything anyway
	changeSubjects = 50               // subjects of one change that are named
	changeEvents   = 200              // events of one change that are looked at
	changesPause   = time.Second / 4  // between two reads of the store
	changesIdle    = 2 * time.Minute  // the watch ends after this time without a caller
	changesOverlap = 2 * time.Second  // what another process is told once more: its clock may differ
	changesRetry   = time.Second      // after an error
	changesList    = 30 * time.Second // how old the list of tenants is at most
)

// Changed says that something in a tenant changed: of what kinds of event, and about whom. It has no content: a caller that needs more reads
// the record of the tenant.
type Changed struct {
	Tenant   directory.TenantID
	Kinds    []directory.EventKind // none: something that makes no event
	Subjects []directory.Subject
	More     bool // not all kinds and subjects are named

	n  uint64
	at time.Time
}

// ChangesPage is what changed after a cursor.
type ChangesPage struct {
	Changes []Changed
	Next    string // the cursor of the next call
	// Reset: there is no cursor, it is too old, or too much changed since it was given. Anything may have changed.
	Reset bool
}

// Changes tells which tenants changed lately, by any writer and in any process. It is a hint for those who show what they have read: it
// may tell a change twice, and it forgets. The feed (E2) is what applications read. It watches the store while there are callers.
type Changes struct {
	s    *Service
	id   string
	root context.Context //nolint:containedctx // the watch belongs to the server and not to a request

	mu       sync.Mutex
	asked    time.Time
	watching bool
	process  string // of which process, and of which of its watches, a cursor is
	watches  int
	since    time.Time // from when on everything is known; zero: nothing is
	last     uint64
	ring     []Changed
	moved    chan struct{} // closed by the next change
}

// NewChanges makes them. Nothing is watched after root has ended.
func (s *Service) NewChanges(root context.Context) (*Changes, error) {
	process := make([]byte, 8)
	if _, err := io.ReadFull(s.random, process); err != nil {
		return nil, err
	}
	return &Changes{s: s, id: hex.EncodeToString(process), root: root, moved: make(chan struct{})}, nil
}

// Since gives what changed after a cursor in the tenants that the caller sees, the oldest change first. The cursor "" is now. Invalid for a
// text that is no cursor.
func (c *Changes) Since(ctx context.Context, p directory.Principal, cursor string) (ChangesPage, error) {
	at, err := c.parse(cursor)
	if err != nil {
		return ChangesPage{}, err
	}
	if err := c.watch(ctx); err != nil {
		return ChangesPage{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.s.instant()
	out := ChangesPage{Next: c.cursor(now)}
	if cursor == "" || !c.knows(at, now) {
		out.Reset = true
		return out, nil
	}
	for i := range c.ring {
		if one := &c.ring[i]; at.before(c.process, one) && policy.Sees(p, one.Tenant) {
			if len(out.Changes) == mostChanges {
				out.Changes, out.Reset = nil, true
				return out, nil
			}
			out.Changes = append(out.Changes, *one)
		}
	}
	return out, nil
}

// knows reports whether everything is remembered that changed after a position.
func (c *Changes) knows(at changesCursor, now time.Time) bool {
	full := len(c.ring) == keptChanges
	if at.process == c.process {
		return !full || at.n+1 >= c.ring[0].n
	}
	oldest := c.since
	if full {
		oldest = c.ring[0].at
	}
	return !c.since.IsZero() && !at.time.Before(oldest) && !at.time.After(now.Add(changesOverlap))
}

// Wait returns when something changed after the page, in whatever tenant, or with the error of ctx when that ends.
func (c *Changes) Wait(ctx context.Context, page ChangesPage) error {
	at, err := c.parse(page.Next)
	if err != nil {
		return err
	}
	c.mu.Lock()
	last, moved := c.last, c.moved
	c.mu.Unlock()
	if last > at.n {
		return nil
	}
	select {
	case <-moved:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// changesCursor is a position: the number of the last change in a process, and when that was for the others.
type changesCursor struct {
	process string
	n       uint64
	time    time.Time
}

func (c *Changes) cursor(now time.Time) string {
	process := c.process
	if c.since.IsZero() { // what changes before the watch begins is not numbered
		process = c.id
	}
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %d %d", process, c.last, now.UnixMilli()))
}

func (c *Changes) parse(text string) (at changesCursor, err error) {
	if text == "" {
		return at, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), " ")
	if err == nil && len(parts) == 3 {
		var millis int64
		at.process = parts[0]
		at.n, err = strconv.ParseUint(parts[1], 10, 64)
		if err == nil {
			millis, err = strconv.ParseInt(parts[2], 10, 64)
		}
		if at.time = time.UnixMilli(millis); err == nil {
			return at, nil
		}
	}
	return at, &directory.Error{Code: directory.Invalid, Field: "cursor", Message: "this is not a cursor of list-changes: leave it out to begin now"}
}

// before reports whether a change comes after the position.
func (at changesCursor) before(process string, one *Changed) bool {
	if at.process == process {
		return one.n > at.n
	}
	return one.at.After(at.time.Add(-changesOverlap))
}

// watch sees to it that the store is watched, and that the first look is done.
func (c *Changes) watch(ctx context.Context) error {
	c.mu.Lock()
	c.asked = c.s.instant()
	if c.watching {
		c.mu.Unlock()
		return nil
	}
	c.watching, c.since, c.ring = true, time.Time{}, nil
	c.watches++
	c.process = fmt.Sprintf("%s-%d", c.id, c.watches)
	c.mu.Unlock()
	w := &changesWatch{c: c, seen: map[directory.TenantID]uint64{}, events: map[directory.TenantID]uint64{}}
	if err := w.begin(ctx); err != nil {
		c.mu.Lock()
		c.watching = false
		c.mu.Unlock()
		return err
	}
	c.mu.Lock()
	c.since = c.s.instant()
	c.mu.Unlock()
	go w.run(c.root)
	return nil
}

// add remembers changes and wakes those who wait.
func (c *Changes) add(all []Changed) {
	if len(all) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.s.instant()
	for i := range all {
		c.last++
		all[i].n, all[i].at = c.last, now
	}
	c.ring = append(c.ring, all...)
	if over := len(c.ring) - keptChanges; over > 0 {
		c.ring = slices.Clone(c.ring[over:])
	}
	close(c.moved)
	c.moved = make(chan struct{})
}

// idle ends the watch after a while without a caller.
func (c *Changes) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.s.instant().Sub(c.asked) < changesIdle {
		return false
	}
	c.watching = false
	return true
}

// changesWatch follows the store.
type changesWatch struct {
	c      *Changes
	seen   map[directory.TenantID]uint64 // change numbers
	events map[directory.TenantID]uint64 // the last event of each tenant
}

// begin takes the state from which on changes are told.
func (w *changesWatch) begin(ctx context.Context) error {
	if err := w.tenants(ctx); err != nil {
		return err
	}
	now, err := w.c.s.store.Changed(ctx, w.seen)
	if err != nil {
		return err
	}
	maps.Copy(w.seen, now)
	return w.c.s.store.Summaries(ctx, nil, func(one *store.Summary) error {
		w.events[one.Tenant.ID] = one.LastEvent
		return nil
	})
}

// tenants adds new tenants to those that are watched, and takes out those that are gone.
func (w *changesWatch) tenants(ctx context.Context) error {
	all, err := w.c.s.store.Tenants(ctx)
	if err != nil {
		return err
	}
	there := map[directory.TenantID]bool{directory.Provider: true}
	for i := range all {
		there[all[i].ID] = true
	}
	for id := range there {
		if _, ok := w.seen[id]; !ok {
			w.seen[id] = 0
		}
	}
	gone := func(id directory.TenantID, _ uint64) bool { return !there[id] }
	maps.DeleteFunc(w.seen, gone)
	maps.DeleteFunc(w.events, gone)
	return nil
}

// run tells what changes, until ctx ends or there is no caller.
func (w *changesWatch) run(ctx context.Context) {
	listed := w.c.s.instant()
	for !w.c.idle() {
		waiting, cancel := context.WithTimeout(ctx, changesList)
		moved, err := w.c.s.store.Changed(waiting, w.seen)
		ended := waiting.Err() != nil
		cancel()
		if err != nil && !ended {
			rest(ctx, changesRetry)
			continue
		}
		maps.Copy(w.seen, moved)
		_, installation := moved[directory.Provider]
		if installation || ended || w.c.s.instant().Sub(listed) >= changesList {
			listed = w.c.s.instant()
			if err := w.tenants(ctx); err != nil {
				rest(ctx, changesRetry)
			}
		}
		delete(moved, directory.Provider) // what is about operators is not told
		w.c.add(w.readChanges(ctx, moved))
		if rest(ctx, changesPause); ctx.Err() != nil {
			return
		}
	}
}

// readChanges reads what happened in tenants that changed.
func (w *changesWatch) readChanges(ctx context.Context, moved map[directory.TenantID]uint64) (out []Changed) {
	for _, id := range slices.Sorted(maps.Keys(moved)) {
		one := Changed{Tenant: id}
		err := w.c.s.store.View(ctx, id, nil, func(r store.Reader) error {
			events, last, err := r.Events(w.events[id], changeEvents)
			if err != nil {
				return err
			}
			one = Changed{Tenant: id, More: last > w.events[id]+uint64(len(events))}
			for i := range events {
				one.take(&events[i])
			}
			w.events[id] = last
			return nil
		})
		if err == nil {
			out = append(out, one)
		} else if !directory.IsTenantGone(err) {
			out = append(out, Changed{Tenant: id, More: true})
		}
	}
	return out
}

// take adds an event.
func (c *Changed) take(e *directory.Event) {
	if !slices.Contains(c.Kinds, e.Kind) {
		c.Kinds = append(c.Kinds, e.Kind)
	}
	if slices.ContainsFunc(c.Subjects, func(s directory.Subject) bool { return s.Kind == e.Subject.Kind && s.ID == e.Subject.ID }) {
		return
	}
	if len(c.Subjects) == changeSubjects {
		c.More = true
		return
	}
	c.Subjects = append(c.Subjects, directory.Subject{Kind: strings.Clone(e.Subject.Kind), ID: strings.Clone(e.Subject.ID)})
}

// rest waits for a while, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
