package storetest

import (
	"context"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// ErrKilled is the error of every call of a killed process.
var ErrKilled = &directory.Error{Code: directory.Unavailable, Message: "killed"}

// Life is the life of a process, over all stores that it uses. It ends at one of its commits: just before the commit is on the disk, or just
// after it, before the caller gets the result. After that, every call fails. It can also stand still there, as a process that the machine
// does not run, and go on later. The zero Life does not end.
type Life struct {
	mu    sync.Mutex
	ends  bool
	left  int // commits until it ends
	after bool
	dead  bool
	made  int

	still *standstill
}

type standstill struct {
	left   int // commits until it begins
	after  bool
	begun  chan struct{}
	resume chan struct{}
}

// StandStillAt lets the process stand still at a commit: that and all later ones wait until resume is called, once. begun is closed when
// it stands still.
func (l *Life) StandStillAt(e End) (begun <-chan struct{}, resume func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &standstill{left: e.Commit, after: e.After, begun: make(chan struct{}), resume: make(chan struct{})}
	l.still = s
	return s.begun, func() { close(s.resume) }
}

// rest is what a commit waits for, before and after it.
func (l *Life) rest() (before, after func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, none := l.still, func() {}
	if s == nil {
		return none, none
	}
	wait := func() { <-s.resume }
	s.left--
	switch {
	case s.left < -1:
		return wait, none
	case s.left == -1 && !s.after:
		return func() { close(s.begun); wait() }, none
	case s.left == -1:
		return none, func() { close(s.begun); wait() }
	}
	return none, none
}

// End is where a life ends.
type End struct {
	Commit int  // counted from now on, 0 for the next one
	After  bool // the commit is on the disk; otherwise just before that
}

// EndAt lets the life end at a commit.
func (l *Life) EndAt(e End) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends, l.left, l.after = true, e.Commit, e.After
}

// Revive begins another life, which does not end.
func (l *Life) Revive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends, l.dead = false, false
}

// Ended reports whether the life has ended.
func (l *Life) Ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// Commits is how many commits there were.
func (l *Life) Commits() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.made
}

func (l *Life) commit(do func() error) error {
	before, after := l.rest()
	before()
	defer after()
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return ErrKilled
	}
	l.made++
	if l.ends && l.left == 0 {
		l.dead = true
		after := l.after
		l.mu.Unlock()
		if after {
			_ = do() // the caller never gets the result
		}
		return ErrKilled
	}
	if l.ends {
		l.left--
	}
	l.mu.Unlock()
	return do()
}

// Mortal returns a store that works as long as the life of its process. The tests of store/bolt prove that a single commit is written
// completely or not at all.
func Mortal(s store.Store, life *Life) store.Store { return &mortal{s, life} }

type mortal struct {
	store.Store
	life *Life
}

// Unwrap returns the wrapped store.
func (m *mortal) Unwrap() store.Store { return m.Store }

func (m *mortal) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	return m.life.commit(func() error { return m.Store.Update(ctx, tenant, want, decide) })
}

func (m *mortal) Delivered(ctx context.Context, mail directory.Mail) error {
	return m.life.commit(func() error { return m.Store.Delivered(ctx, mail) })
}

func (m *mortal) Retry(ctx context.Context, mail directory.Mail) error {
	return m.life.commit(func() error { return m.Store.Retry(ctx, mail) })
}

func (m *mortal) Erase(ctx context.Context, tenant directory.TenantID, decide func(store.Reader) (directory.Change, error)) error {
	return m.life.commit(func() error { return m.Store.Erase(ctx, tenant, decide) })
}

func (m *mortal) Sweep(ctx context.Context) (more bool, err error) {
	if m.life.Ended() {
		return false, ErrKilled
	}
	sweeper, ok := store.As[store.Sweeper](m.Store)
	if !ok {
		return false, nil
	}
	return sweeper.Sweep(ctx) // what it frees is invisible
}

func (m *mortal) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	var stage store.Stage
	err := m.life.commit(func() (err error) {
		stage, err = m.Store.Stage(ctx, tenant)
		return err
	})
	if err != nil {
		if stage != nil {
			_ = stage.Drop(context.WithoutCancel(ctx))
		}
		return nil, err
	}
	return &mortalStage{stage, m.life}, nil
}

type mortalStage struct {
	store.Stage
	life *Life
}

func (m *mortalStage) Put(ctx context.Context, c directory.Change) error {
	return m.life.commit(func() error { return m.Stage.Put(ctx, c) })
}

func (m *mortalStage) Record(ctx context.Context, lines []directory.Audit, events []directory.Event) error {
	return m.life.commit(func() error { return m.Stage.Record(ctx, lines, events) })
}

func (m *mortalStage) Publish(ctx context.Context, decide store.Decide) error {
	return m.life.commit(func() error { return m.Stage.Publish(ctx, decide) })
}

// Drop drops a stage even if the process is dead: the next Stage of the tenant removes what is left in the store, but this process would
// keep the tenant.
func (m *mortalStage) Drop(ctx context.Context) error { return m.Stage.Drop(ctx) }

func (m *mortal) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	if m.life.Ended() {
		return ErrKilled
	}
	return m.Store.View(ctx, tenant, want, fn)
}

func (m *mortal) Tenants(ctx context.Context) ([]directory.Tenant, error) {
	if m.life.Ended() {
		return nil, ErrKilled
	}
	return m.Store.Tenants(ctx)
}

func (m *mortal) Connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error) {
	if m.life.Ended() {
		return directory.Connection{}, ErrKilled
	}
	return m.Store.Connection(ctx, id)
}

func (m *mortal) Mails(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error) {
	if m.life.Ended() {
		return nil, ErrKilled
	}
	return m.Store.Mails(ctx, before, limit)
}
