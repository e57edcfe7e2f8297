package push

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
)

// Config is what a Service needs. Webhooks, Client, NewID and Now are required.
type Config struct {
	Webhooks *webhooks.Service
	// Client sends the requests. It must refuse forbidden addresses, follow no redirects and limit the time.
	Client  *http.Client
	NewID   func() directory.ID
	Now     func() time.Time
	Jitter  func() float64 // from 0 to 1; nil: 0.5
	Leads   func() bool    // whether this process delivers; nil: it does
	Version string
	Metrics *Metrics
	Logger  *slog.Logger
}

const (
	// refreshEvery is how often webhooks and tenants are read even without a known change.
	refreshEvery = 30 * time.Second
	// linesEvery is how often new audit lines are looked for.
	linesEvery = 2 * time.Second
	// storeTime is the time for a write after the process was told to stop.
	storeTime = 5 * time.Second
)

// Service delivers events. It is safe for concurrent use.
type Service struct {
	cfg     Config
	root    context.Context //nolint:containedctx // deliveries end with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	ticking sync.Mutex // one Tick at a time

	mu        sync.Mutex
	endpoints map[directory.ID]*endpoint
	watched   map[directory.TenantID]bool
	rewatch   context.CancelFunc // lets the watcher begin again with other tenants; nil: it does not run
	endWatch  context.CancelFunc
	stale     bool // the webhooks must be read again
	leftovers bool // deliveries of deleted webhooks may be left
	refreshed time.Time
	lines     map[directory.TenantID]uint64 // the last audit lines that were seen; nil: no webhook gets them
	linesSeen time.Time
}

// New makes a Service that does nothing before the first Tick.
func New(cfg Config) *Service {
	if cfg.Jitter == nil {
		cfg.Jitter = func() float64 { return 0.5 }
	}
	if cfg.Leads == nil {
		cfg.Leads = func() bool { return true }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{cfg: cfg, endpoints: map[directory.ID]*endpoint{}, stale: true, leftovers: true}
	s.root, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the deliveries. A running request is given up, and the next process repeats it.
func (s *Service) Close(ctx context.Context) error {
	s.ticking.Lock()
	s.stop()
	s.ticking.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.running.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("a delivery to a webhook is still under way")
	}
}

// Tick does what is due: it reads the webhooks again if they changed, and tries again what has waited long enough. Call it every second.
// The deliveries themselves run in the background.
func (s *Service) Tick(ctx context.Context) error {
	s.ticking.Lock()
	defer s.ticking.Unlock()
	if s.root.Err() != nil {
		return nil
	}
	if !s.cfg.Leads() {
		s.halt()
		return nil
	}
	now := s.cfg.Now()
	s.mu.Lock()
	due := s.stale || s.endWatch == nil || now.Sub(s.refreshed) >= refreshEvery || now.Before(s.refreshed)
	s.stale = false
	s.mu.Unlock()
	if due {
		if err := s.refresh(ctx, now); err != nil {
			s.mu.Lock()
			s.stale = true
			s.mu.Unlock()
			return err
		}
	}
	all := s.all()
	for _, e := range all {
		e.wakeDue(now)
	}
	return s.wakeLines(ctx, all, now)
}

// wakeLines looks again at tenants with new audit lines, for the webhooks that get them.
func (s *Service) wakeLines(ctx context.Context, all []*endpoint, now time.Time) error {
	all = slices.DeleteFunc(all, func(e *endpoint) bool { return !e.audit() })
	if len(all) == 0 || now.Sub(s.linesSeen).Abs() < linesEvery {
		return nil
	}
	last, err := s.cfg.Webhooks.LastLines(ctx)
	if err != nil {
		return err
	}
	for id, seq := range last {
		if s.lines[id] != seq {
			for _, e := range all {
				e.wake(id)
			}
		}
	}
	s.lines, s.linesSeen = last, now
	return nil
}

// halt ends the deliveries of a process that no longer leads.
func (s *Service) halt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.endpoints {
		e.cancel()
	}
	clear(s.endpoints)
	if s.endWatch != nil {
		s.endWatch()
		s.endWatch, s.rewatch = nil, nil
	}
	s.stale, s.leftovers = true, true
}

func (s *Service) all() []*endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.endpoints))
}

// refresh reads the webhooks, and begins, changes and ends their deliveries.
func (s *Service) refresh(ctx context.Context, now time.Time) error {
	hooks, err := s.cfg.Webhooks.All(ctx)
	if err != nil {
		return err
	}
	tenants, err := s.cfg.Webhooks.Tenants(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	tidy := s.reconcile(hooks, tenants) || s.leftovers
	s.refreshed, s.leftovers = now, false
	s.mu.Unlock()
	if tidy {
		err := s.cfg.Webhooks.Reseal(ctx, hooks)
		if err == nil {
			err = s.cfg.Webhooks.Tidy(ctx, hooks)
		}
		if err != nil {
			s.mu.Lock()
			s.leftovers = true
			s.mu.Unlock()
			return err
		}
	}
	return nil
}

// reconcile updates the endpoints to the webhooks, and reports whether a webhook was changed or removed.
func (s *Service) reconcile(hooks []directory.Webhook, tenants []directory.TenantID) (changed bool) {
	watched := map[directory.TenantID]bool{directory.Provider: true}
	live := map[directory.ID]bool{}
	for i := range hooks {
		w := hooks[i]
		live[w.ID] = true
		attached := map[directory.TenantID]bool{}
		if w.Attached(directory.Provider) {
			attached[directory.Provider] = true
		}
		for _, id := range tenants {
			if w.Attached(id) {
				attached[id], watched[id] = true, true
			}
		}
		for _, gap := range w.Gaps {
			attached[gap.Tenant] = true
		}
		e := s.endpoints[w.ID]
		if e == nil {
			e = s.newEndpoint()
			s.endpoints[w.ID] = e
			s.cfg.Metrics.know(w.Name)
		}
		changed = e.set(w, attached) || changed
	}
	for id, e := range s.endpoints {
		if !live[id] {
			e.cancel()
			delete(s.endpoints, id)
			s.cfg.Metrics.forget(e.name())
			changed = true
		}
	}
	s.watch(watched)
	return changed
}

// watch sets the tenants of the watcher. The caller holds mu.
func (s *Service) watch(tenants map[directory.TenantID]bool) {
	if s.endWatch != nil && maps.Equal(s.watched, tenants) {
		return
	}
	s.watched = tenants
	if s.endWatch != nil {
		if s.rewatch != nil {
			s.rewatch()
		}
		return
	}
	ctx, cancel := context.WithCancel(s.root)
	s.endWatch = cancel
	s.running.Go(func() { s.follow(ctx) })
}

// follow wakes the deliveries of tenants with new events, until ctx ends.
func (s *Service) follow(ctx context.Context) {
	seen := map[directory.TenantID]uint64{}
	for ctx.Err() == nil {
		waiting, cancel := context.WithCancel(ctx)
		s.mu.Lock()
		if ctx.Err() == nil {
			s.rewatch = cancel
		}
		for id := range s.watched {
			if _, ok := seen[id]; !ok {
				seen[id] = 0
			}
		}
		maps.DeleteFunc(seen, func(id directory.TenantID, _ uint64) bool { return !s.watched[id] })
		s.mu.Unlock()
		moved, err := s.cfg.Webhooks.Changed(waiting, seen)
		interrupted := waiting.Err() != nil
		cancel()
		if err != nil {
			if !interrupted {
				s.cfg.Logger.WarnContext(ctx, "new events cannot be waited for; it is tried again", "error", err)
				pause(ctx)
			}
			continue
		}
		maps.Copy(seen, moved)
		s.wake(moved)
	}
}

// wake looks again at tenants with new events.
func (s *Service) wake(moved map[directory.TenantID]uint64) {
	if _, ok := moved[directory.Provider]; ok {
		s.mu.Lock()
		s.stale = true
		s.mu.Unlock()
	}
	for _, e := range s.all() {
		for id := range moved {
			e.wake(id)
		}
	}
}

// pause waits for a moment, or until ctx ends.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

// Test sends a test message to a webhook and returns the result. Nothing of it is stored. NotFound, Forbidden O10.
func (s *Service) Test(ctx context.Context, p directory.Principal, name string) (directory.Attempt, error) {
	w, err := s.cfg.Webhooks.Own(ctx, p, name)
	if err != nil {
		return directory.Attempt{}, err
	}
	m, err := testMessage(&w, s.cfg.NewID(), s.cfg.Now())
	if err != nil {
		return directory.Attempt{}, err
	}
	attempt, _ := s.send(ctx, &w, m, 1)
	return attempt, nil
}
