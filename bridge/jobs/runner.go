package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"drawbridge/directory"
)

// Lease says which of several processes on one store runs the jobs. If only one process can use the store, it is Alone.
type Lease interface {
	// Leads reports whether this process is the one that runs jobs at their times.
	Leads() bool
	// Begin takes a job for this process until end is called. Conflict, naming the process, while another one runs it.
	Begin(ctx context.Context, job string) (end func(), err error)
}

// Alone is the Lease of the only process on a store.
type Alone struct{}

// Leads is always so.
func (Alone) Leads() bool { return true }

// Begin always succeeds.
func (Alone) Begin(context.Context, string) (func(), error) { return func() {}, nil }

// Config is what a Runner needs. Jobs and Now are required.
type Config struct {
	Jobs  []Job
	Now   func() time.Time
	Lease Lease // nil: Alone
	Board Board // nil: no other process runs jobs
	// After waits; nil: real time. Jitter gives a random part of most, so that not everything happens at once; nil: none.
	After   func(time.Duration) <-chan time.Time
	Jitter  func(most time.Duration) time.Duration
	Metrics *Metrics
	Logger  *slog.Logger
}

// Runner runs jobs at their times. It is safe for concurrent use.
type Runner struct {
	cfg  Config
	jobs []*scheduled

	mu      sync.Mutex
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// scheduled is a job with what became of it.
type scheduled struct {
	Job
	busy sync.Mutex // held while it runs, so that a job never runs twice at the same time

	mu     sync.Mutex
	status Status
}

// Board is where processes that share a store publish the results of their jobs.
type Board interface {
	// Post tells how the last run of a job went.
	Post(ctx context.Context, s *Status) error
	// Posts returns the last post about each job, and Running and Server of the jobs that run now on any process.
	Posts(ctx context.Context) (map[string]Status, error)
}

// Status is a job with its last run since the process started, here or on another process.
type Status struct {
	Name    string
	About   string
	Every   time.Duration
	Running bool
	Started time.Time // the last run; zero: none yet
	Took    time.Duration
	Success time.Time // the end of the last run that succeeded
	Error   string    // of the last run; "" if it succeeded
	Done    int       // things that the last run did
	Next    time.Time // zero: the runner is stopped
	Server  string    // the process that runs it, or ran it last; "": this one
}

const (
	firstRun = 5 * time.Second // jobs begin within this time of the start
	// clockJump is how far the wall clock may differ from the time that was waited for. If it differs more, no job runs until the clock was
	// right once: a clock that is corrected a minute later must not count days that did not pass.
	clockJump = 10 * time.Minute
	settle    = 2 * time.Minute
	// A job that failed waits at least retrySoonest and at most retryAfter.
	retryAfter   = 10 * time.Minute
	retrySoonest = time.Minute
)

// New makes a Runner that does not run yet. Two jobs with one name are a mistake in the program: it panics.
func New(cfg Config) *Runner {
	if cfg.Lease == nil {
		cfg.Lease = Alone{}
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	if cfg.Jitter == nil {
		cfg.Jitter = func(time.Duration) time.Duration { return 0 }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	r := &Runner{cfg: cfg}
	for _, j := range cfg.Jobs {
		if r.find(j.Name) != nil {
			panic("jobs: there are two jobs named " + j.Name)
		}
		cfg.Metrics.know(j.Name)
		r.jobs = append(r.jobs, &scheduled{Job: j, status: Status{Name: j.Name, About: j.About, Every: j.Every}})
	}
	return r
}

func (r *Runner) find(name string) *scheduled {
	for _, j := range r.jobs {
		if j.Name == name {
			return j
		}
	}
	return nil
}

// Start lets the jobs run until Stop. A second Start does nothing.
func (r *Runner) Start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	for _, j := range r.jobs {
		r.running.Go(func() { r.loop(ctx, j) })
	}
}

// Stop asks running jobs to end and waits for them until ctx ends.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	cancel := r.cancel
	r.cancel = nil
	r.mu.Unlock()
	if cancel == nil {
		return nil
	}
	cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.running.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("a job is still running: %w", ctx.Err())
	}
}

// loop runs one job at its interval.
func (r *Runner) loop(ctx context.Context, j *scheduled) {
	wait := r.cfg.Jitter(min(firstRun, j.Every))
	if j.Late {
		wait += j.Every
	}
	for {
		expected := r.cfg.Now().Add(wait)
		j.set(func(s *Status) { s.Next = expected })
		select {
		case <-ctx.Done():
			j.set(func(s *Status) { s.Next = time.Time{} })
			return
		case <-r.cfg.After(wait):
		}
		if off := r.cfg.Now().Sub(expected); off > clockJump || off < -clockJump {
			r.cfg.Metrics.jumped()
			r.cfg.Logger.WarnContext(ctx, "the clock has jumped; the job waits until it is steady", "job", j.Name, "by", off)
			wait = min(settle, j.Every)
			continue
		}
		wait = j.Every + r.cfg.Jitter(j.Every/10)
		if err := r.runScheduled(ctx, j); err != nil {
			wait = min(max(wait, retrySoonest), retryAfter)
		}
	}
}

// runScheduled runs a job at its time, unless another process or an operator runs it right now.
func (r *Runner) runScheduled(ctx context.Context, j *scheduled) error {
	if !r.cfg.Lease.Leads() || !j.busy.TryLock() {
		return nil
	}
	defer j.busy.Unlock()
	end, err := r.cfg.Lease.Begin(ctx, j.Name)
	if directory.CodeOf(err) == directory.Conflict {
		return nil
	}
	if err != nil {
		r.cfg.Logger.WarnContext(ctx, "the lease of a job cannot be had; it is tried again", "job", j.Name, "error", err)
		return err
	}
	defer end()
	_, err = r.run(ctx, j, directory.RunApply)
	return err
}

// Run runs a job at once and waits for it. NotFound; Conflict while it runs already.
func (r *Runner) Run(ctx context.Context, name string, how directory.Run) (Report, error) {
	j := r.find(name)
	if j == nil {
		names := make([]string, len(r.jobs))
		for i, j := range r.jobs {
			names[i] = j.Name
		}
		return Report{}, &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("there is no job %q: choose one of %s", name, strings.Join(names, ", "))}
	}
	if !j.busy.TryLock() {
		return Report{}, &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("the job %s is running right now: try again when it has ended", name)}
	}
	defer j.busy.Unlock()
	end, err := r.cfg.Lease.Begin(ctx, j.Name)
	if err != nil {
		return Report{}, err
	}
	defer end()
	return r.run(ctx, j, how)
}

// run runs a job whose busy is held.
func (r *Runner) run(ctx context.Context, j *scheduled, how directory.Run) (report Report, err error) {
	started := r.cfg.Now()
	j.set(func(s *Status) { s.Running = true })
	defer func() {
		if v := recover(); v != nil {
			err = &directory.Error{Code: directory.Internal, Message: "the job " + j.Name + " failed inside; the log has more", Err: fmt.Errorf("panic: %v", v)}
		}
		ended := r.cfg.Now()
		j.set(func(s *Status) {
			s.Running = false
			if how.Dry() {
				return
			}
			s.Started, s.Took, s.Done, s.Error = started, ended.Sub(started), report.Done, ""
			if err != nil {
				s.Error = err.Error()
			} else {
				s.Success = ended
			}
		})
		switch {
		case how.Dry():
		case err != nil && ctx.Err() == nil:
			r.cfg.Logger.ErrorContext(ctx, "a job failed; it runs again at its next time", "job", j.Name, "done", report.Done, "error", err)
		case report.Done > 0:
			r.cfg.Logger.InfoContext(ctx, "job", "job", j.Name, "done", report.Done, "took", ended.Sub(started))
		}
		if !how.Dry() {
			r.cfg.Metrics.ran(j.Name, ended, ended.Sub(started), err)
			r.post(ctx, j)
		}
	}()
	return j.Run(ctx, how)
}

// postTime is how long a run that has ended tries to publish its result.
const postTime = 5 * time.Second

// post publishes the result of a run to the other processes.
func (r *Runner) post(ctx context.Context, j *scheduled) {
	if r.cfg.Board == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postTime)
	defer cancel()
	s := j.get()
	if err := r.cfg.Board.Post(ctx, &s); err != nil {
		r.cfg.Logger.WarnContext(ctx, "the other servers could not be told how a job went", "job", j.Name, "error", err)
	}
}

func (j *scheduled) get() Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status
}

func (j *scheduled) set(change func(*Status)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.status)
}

// List returns the jobs in order, each with its last run on any of the processes that share the store.
func (r *Runner) List(ctx context.Context) ([]Status, error) {
	var posts map[string]Status
	if r.cfg.Board != nil {
		var err error
		if posts, err = r.cfg.Board.Posts(ctx); err != nil {
			return nil, err
		}
	}
	out := make([]Status, len(r.jobs))
	for i, j := range r.jobs {
		out[i] = j.get()
		if post, known := posts[j.Name]; known {
			out[i].join(&post)
		}
	}
	return out, nil
}

// join adds what another process may have posted about the job.
func (s *Status) join(post *Status) {
	if post.Started.After(s.Started) {
		s.Started, s.Took, s.Error, s.Done, s.Server = post.Started, post.Took, post.Error, post.Done, post.Server
	}
	if post.Success.After(s.Success) {
		s.Success = post.Success
	}
	if post.Running && !s.Running {
		s.Running, s.Server = true, post.Server
	}
}
