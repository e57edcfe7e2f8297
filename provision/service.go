package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/outbound"
	"drawbridge/policy"
)

// Config is what a Service needs. Targets, Client and Now are required.
type Config struct {
	Targets *targets.Service
	// Client sends the requests. It must refuse forbidden addresses, follow no redirects, and limit the time and the size of answers.
	Client  *http.Client
	Now     func() time.Time
	Jitter  func() float64 // from 0 to 1; nil: 0.5
	Leads   func() bool    // whether this process runs targets; nil: it does
	Version string
	Metrics *Metrics
	Logger  *slog.Logger
}

const (
	// mostRuns is how many targets run at the same time. One target never has two runs, also of different tenants, so that none of them takes
	// a record that another one has just made.
	mostRuns = 16
	// dropPieces is how many parts of what is left of detached targets one Tick removes, so that it does not delay the runs.
	dropPieces = 10
	// storeRetry is how long to wait after the store could not be read or written.
	storeRetry = 5 * time.Second
	// restFactor is how many times the duration of a run a target rests after it, so that a large tenant does not use up the server, and
	// longestRest the most of it.
	restFactor  = 3
	longestRest = time.Minute
	// A complete list of an application takes memory, so few are read at the same time, one for each tenant, and not for ever.
	mostLists, mostWaiting = 4, 100
	longestList            = 30 * time.Minute
)

// Service keeps the targets. It is safe for concurrent use.
type Service struct {
	cfg     Config
	root    context.Context //nolint:containedctx // runs end with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	ticking sync.Mutex // one Tick at a time
	dropped int        // how many Ticks there were; ticking guards it
	lists   *limit.Gate[directory.TenantID]

	mu     sync.Mutex
	jobs   map[share]*job
	busy   map[directory.ID]bool // the targets that have a run
	active int
}

// share is a target and a tenant that it is attached to.
type share struct {
	target   directory.ID
	tenant   directory.TenantID
	attached uint64
}

func shareOf(t *directory.Target, tenant directory.TenantID) share {
	at, _ := t.Share(tenant)
	return share{t.ID, tenant, at.Version}
}

// job is what this process knows about a target with one tenant.
type job struct {
	known   bool // it ran in this process
	running bool
	outcome outcome
	wanted  time.Time // the wish of an operator that was followed
	rest    time.Time // not before
	logins  *credentials
	login   uint64 // the version of the target that they are of
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
	s := &Service{cfg: cfg, jobs: map[share]*job{}, busy: map[directory.ID]bool{}}
	s.lists = limit.NewGate[directory.TenantID](limit.GateBounds{All: mostLists, Each: 1, Waiting: mostWaiting})
	s.root, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the runs. The next process compares both sides again.
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
		return errors.New("a run of a target is still under way")
	}
}

// Tick begins the runs that are due. Call it every second or two. The runs themselves are in the background.
func (s *Service) Tick(ctx context.Context) error {
	s.ticking.Lock()
	defer s.ticking.Unlock()
	if s.root.Err() != nil {
		return nil
	}
	if !s.cfg.Leads() {
		s.forget(nil)
		return nil
	}
	all, orphans, err := s.cfg.Targets.All(ctx)
	if err != nil {
		return err
	}
	s.forget(all)
	now := s.cfg.Now()
	for i := range all {
		if !all[i].Begun {
			if failed := s.cfg.Targets.Begin(ctx, &all[i]); failed != nil {
				err = errors.Join(err, failed)
				continue
			}
		}
		s.begin(&all[i], now)
	}
	return errors.Join(err, s.drop(ctx, orphans))
}

// drop removes a bounded part of what is left of targets that were detached. Each Tick begins with another one, so that none waits for all others.
func (s *Service) drop(ctx context.Context, orphans []targets.Orphan) (err error) {
	s.dropped++
	for pieces, i := 0, 0; pieces < dropPieces && i < len(orphans); pieces++ {
		more, failed := s.cfg.Targets.Drop(ctx, orphans[(s.dropped+i)%len(orphans)])
		if err = errors.Join(err, failed); !more || failed != nil {
			i++
		}
	}
	return err
}

// forget drops what is known about targets that are gone or detached.
func (s *Service) forget(all []targets.Attachment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[share]bool{}
	for i := range all {
		known[shareOf(&all[i].Target, all[i].Tenant)] = true
	}
	for key, j := range s.jobs {
		if !known[key] && !j.running {
			delete(s.jobs, key)
		}
	}
}

// begin begins a run of a target, if one is due.
func (s *Service) begin(p *targets.Attachment, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := shareOf(&p.Target, p.Tenant)
	j := s.jobs[key]
	if j == nil {
		j = &job{}
		s.jobs[key] = j
	}
	how := RetryDue
	if p.State.Wanted.After(j.wanted) {
		how = RetryAll
	}
	if s.busy[p.Target.ID] || j.running || s.active >= mostRuns || p.Target.Paused || !s.due(j, p, now) {
		return
	}
	j.running, j.wanted = true, p.State.Wanted
	s.busy[p.Target.ID] = true
	s.active++
	id, at := p.Target.ID, targets.Where{Tenant: p.Tenant, Target: p.Target.Name}
	s.running.Go(func() { s.work(j, id, at, how) })
}

// due reports whether a target is to be looked at.
func (s *Service) due(j *job, p *targets.Attachment, now time.Time) bool {
	state := p.State
	switch {
	case j.known && p.State.Wanted.After(j.wanted):
		return true
	case policy.TargetWaits(state.Next, now):
		return false
	case !j.known || p.Target.Version != j.outcome.version:
		return true
	case now.Before(j.rest) && j.rest.Sub(now) <= longestRest:
		return false
	case p.Last != j.outcome.seq || j.outcome.more:
		return true
	case !state.Next.IsZero(), state.Compare:
		return true
	case !j.outcome.due.IsZero() && !policy.TargetWaits(j.outcome.due, now):
		return true
	}
	age := now.Sub(state.Compared)
	return age < 0 || age >= policy.TargetCompare
}

// work is one run in the background.
func (s *Service) work(j *job, id directory.ID, at targets.Where, how Retry) {
	began := s.cfg.Now()
	next := outcome{}
	err := errors.New("it failed inside")
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it failed inside: %v", v)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.active--
		delete(s.busy, id)
		j.running, j.known, j.outcome = false, true, next
		now := s.cfg.Now()
		j.rest = now.Add(min(restFactor*max(now.Sub(began), 0), longestRest))
		if err != nil && s.root.Err() == nil {
			j.outcome.more = true
			j.rest = now.Add(storeRetry)
			if directory.CodeOf(err) != directory.NotFound {
				s.cfg.Logger.Warn("a run of a target ended with an error; it is tried again", "tenant", at.Tenant, "target", at.Target, "error", err)
			}
		}
	}()
	next, err = s.run(s.root, at, how)
}

// client makes the client of a target. The access token of client credentials is kept between runs.
func (s *Service) client(ctx context.Context, tenant directory.TenantID, t *directory.Target) (*client, error) {
	secret, err := s.cfg.Targets.Secret(ctx, t)
	if err != nil {
		return nil, err
	}
	own := *t
	logins := &credentials{http: s.cfg.Client, now: s.cfg.Now, target: &own, secret: secret}
	s.mu.Lock()
	if j := s.jobs[shareOf(t, tenant)]; j != nil && t.TokenURL != "" {
		if j.logins == nil || j.login != t.Version {
			j.logins, j.login = logins, t.Version
		}
		logins = j.logins
	}
	s.mu.Unlock()
	return &client{http: s.cfg.Client, base: t.URL, token: logins.bearer, now: s.cfg.Now, version: s.cfg.Version}, nil
}

// Preview is what a run would do now.
type Preview struct {
	Steps       []Step
	Differences []Difference // what the application has otherwise than it was sent
	Held        int          // removals that the brake would hold (C8)
	Limit       int
}

// Preview reads both sides and the whole application, and says what a run would do. It changes nothing. NotFound, Unavailable with what the
// application answered.
func (s *Service) Preview(ctx context.Context, p directory.Principal, at targets.Where) (Preview, error) {
	var out Preview
	if _, err := s.cfg.Targets.At(ctx, p, at); err != nil {
		return out, err
	}
	tenant := at.Tenant
	sides, err := s.cfg.Targets.Sides(ctx, at)
	if err != nil {
		return out, err
	}
	c, err := s.client(ctx, tenant, &sides.Target)
	if err != nil {
		return out, err
	}
	has, err := s.listing(ctx, tenant, c, sides)
	if err != nil {
		return out, unavailable(err)
	}
	_, out.Differences = correct(sides, has)
	now := s.cfg.Now()
	out.Steps = Plan(sides, now, RetryAll)
	v, weight := judge(sides, out.Steps, now)
	out.Limit = v.Limit
	if v.Refuse != nil {
		out.Held = weight
	}
	expect(out.Steps, has)
	return out, nil
}

// listing reads an application completely when it is the turn of the tenant.
func (s *Service) listing(ctx context.Context, tenant directory.TenantID, c *client, sides *targets.Sides) (listing, error) {
	ctx, cancel := context.WithTimeout(ctx, longestList)
	defer cancel()
	if err := s.lists.Enter(ctx, tenant); err != nil {
		return listing{}, &failure{policy.TargetFailure{Message: "other applications are being read completely: try again later", Whole: true, Blameless: true}, 0}
	}
	defer s.lists.Leave(tenant)
	return c.listing(ctx, sides, profileOf(sides.Target.Profile))
}

// unavailable is what an operator is told about an application that fails.
func unavailable(err error) error {
	var f *failure
	if errors.As(err, &f) {
		return &directory.Error{Code: directory.Unavailable, Rule: "C16", Message: f.Message}
	}
	return err
}

// Finding is one line of a check.
type Finding struct {
	What, Detail string
	OK           bool
}

// Check tests what a run needs, and changes nothing. NotFound, Forbidden O10.
func (s *Service) Check(ctx context.Context, p directory.Principal, name string) ([]Finding, error) {
	t, err := s.cfg.Targets.Own(ctx, p, name)
	if err != nil {
		return nil, err
	}
	c, err := s.client(ctx, directory.Provider, &t)
	if err != nil {
		return nil, err
	}
	var out []Finding
	note := func(what, good string, err error) bool {
		f := Finding{What: what, OK: err == nil, Detail: good}
		if err != nil {
			f.Detail = outbound.Plain([]byte(err.Error()))
		}
		out = append(out, f)
		return f.OK
	}
	if _, err := c.token(ctx, ""); !note("credential", "there is one", err) {
		return out, nil
	}
	profile := profileOf(t.Profile)
	for _, kind := range []directory.Kind{directory.UserKind, directory.GroupKind} {
		if kind == directory.GroupKind && (t.NoGroups || !t.Profile.Groups()) {
			continue
		}
		_, total, err := c.page(ctx, kind, url.Values{"startIndex": {"1"}, "count": {"1"}})
		note(endpoint(kind), fmt.Sprintf("it has %d", total), err)
		if err != nil {
			continue
		}
		by := "externalId"
		if kind == directory.GroupKind {
			by = profile.groupKey
		}
		_, err = c.find(ctx, kind, by, "drawbridge-check-"+t.ID.String())
		note(endpoint(kind)+" by "+by, "it filters", err)
	}
	return out, nil
}
