package jobs_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/bridge/jobs"
	"drawbridge/directory"
)

// clock is a clock whose waiting the test ends: each wait is handed to the test.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits chan wait
}

type wait struct {
	d    time.Duration
	done chan time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), waits: make(chan wait)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	done := make(chan time.Time, 1)
	go func() { c.waits <- wait{d, done} }()
	return done
}

// pass ends the next wait; jump is what the clock goes wrong by meanwhile. It gives how long was waited.
func (c *clock) pass(jump time.Duration) time.Duration {
	w := <-c.waits
	c.end(w, jump)
	return w.d
}

func (c *clock) end(w wait, jump time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(w.d + jump)
	now := c.now
	c.mu.Unlock()
	w.done <- now
}

type lease struct{ other atomic.Bool }

func (l *lease) Leads() bool { return !l.other.Load() }

func (l *lease) Begin(context.Context, string) (func(), error) { return func() {}, nil }

func TestRunnerRunsJobsWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	c := newClock()
	ran, outcome := make(chan time.Time, 10), make(chan error, 10)
	metrics := jobs.NewMetrics(prometheus.NewRegistry())
	held := &lease{}
	r := jobs.New(jobs.Config{
		Now: c.Now, After: c.After, Metrics: metrics, Lease: held,
		Jitter: func(most time.Duration) time.Duration { return most / 2 },
		Jobs: []jobs.Job{{Name: "tick", About: "ticks", Every: time.Hour, Run: func(context.Context, directory.Run) (jobs.Report, error) {
			ran <- c.Now()
			return jobs.Report{Done: 2}, <-outcome
		}}},
	})
	r.Start()
	r.Start() // a second one does nothing
	if got := c.pass(0); got != 2500*time.Millisecond {
		t.Errorf("the first run came after %s", got)
	}
	outcome <- nil
	<-ran
	if got := c.pass(0); got != time.Hour+3*time.Minute {
		t.Errorf("the second run came after %s", got)
	}
	outcome <- errors.New("no luck")
	<-ran
	// It failed, so it is tried again soon; but the clock jumps a year forward, and is put right: nothing is run before it is steady.
	if got := c.pass(365 * 24 * time.Hour); got != 10*time.Minute {
		t.Errorf("after a failure it waited %s", got)
	}
	if got := c.pass(-365 * 24 * time.Hour); got != 2*time.Minute {
		t.Errorf("after a jump it waited %s", got)
	}
	held.other.Store(true)
	c.pass(0)
	w := <-c.waits // it has gone round without running
	held.other.Store(false)
	c.end(w, 0)
	outcome <- nil
	<-ran
	if len(ran) != 0 {
		t.Error("the job ran while the clock was wrong, or without the lease")
	}
	if err := r.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	s := list(t, r)[0]
	if s.Name != "tick" || s.Error != "" || s.Success.IsZero() || s.Done != 2 || !s.Next.IsZero() || s.Running {
		t.Errorf("%+v", s)
	}
	if err := r.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestOperatorRunsAJob(t *testing.T) {
	t.Parallel()
	c := newClock()
	reg := prometheus.NewRegistry()
	begin, end := make(chan bool), make(chan error)
	r := jobs.New(jobs.Config{Now: c.Now, After: c.After, Metrics: jobs.NewMetrics(reg), Jobs: []jobs.Job{
		{Name: "slow", Every: time.Hour, Run: func(_ context.Context, how directory.Run) (jobs.Report, error) {
			begin <- how.Dry()
			return jobs.Report{Done: 1, Lines: []jobs.Line{{Tenant: "acme", Text: "something"}}}, <-end
		}},
		{Name: "bad", Every: time.Hour, Run: func(context.Context, directory.Run) (jobs.Report, error) { panic("oh") }},
	}})
	bg := context.Background()
	if _, err := r.Run(bg, "slwo", directory.RunApply); directory.CodeOf(err) != directory.NotFound || !strings.Contains(err.Error(), "slow, bad") {
		t.Error(err)
	}
	first := make(chan error)
	go func() {
		report, err := r.Run(bg, "slow", directory.RunDry)
		if report.Done != 1 || len(report.Lines) != 1 {
			t.Errorf("%+v", report)
		}
		first <- err
	}()
	if !<-begin {
		t.Error("the run was not dry")
	}
	if _, err := r.Run(bg, "slow", directory.RunApply); directory.CodeOf(err) != directory.Conflict {
		t.Errorf("beside itself: %v", err)
	}
	if !list(t, r)[0].Running {
		t.Error("it does not say that it runs")
	}
	end <- nil
	if err := <-first; err != nil {
		t.Error(err)
	}
	if s := list(t, r)[0]; !s.Started.IsZero() || !s.Success.IsZero() {
		t.Errorf("a dry run counts: %+v", s)
	}
	if _, err := r.Run(bg, "bad", directory.RunApply); directory.CodeOf(err) != directory.Internal {
		t.Error(err)
	}
	if s := list(t, r)[1]; s.Error == "" || s.Running {
		t.Errorf("%+v", s)
	}
	if n, err := testutil.GatherAndCount(reg, "drawbridge_job_failures_total"); n != 2 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
}

// shared is a lease that several processes ask for, as a store that they share would keep it.
type shared struct {
	mu     sync.Mutex
	leader string
	busy   map[string]string // job → process
}

// of is the lease as one process sees it.
func (s *shared) of(name string) jobs.Lease { return member{s, name} }

type member struct {
	*shared
	name string
}

func (m member) Leads() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.leader == m.name
}

func (m member) Begin(_ context.Context, job string) (func(), error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if other := m.busy[job]; other != "" && other != m.name {
		return nil, &directory.Error{Code: directory.Conflict, Message: "it runs on " + other}
	}
	if m.busy == nil {
		m.busy = map[string]string{}
	}
	m.busy[job] = m.name
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.busy, job)
	}, nil
}

// Of two processes on one store, only the leader runs jobs.
func TestOneOfTwoProcessesRunsTheJobs(t *testing.T) {
	t.Parallel()
	lease := &shared{leader: "a"}
	ran := make(chan string, 10)
	process := func(name string) (*jobs.Runner, *clock) {
		c := newClock()
		r := jobs.New(jobs.Config{Now: c.Now, After: c.After, Lease: lease.of(name), Jobs: []jobs.Job{
			{Name: "tick", Every: time.Minute, Run: func(context.Context, directory.Run) (jobs.Report, error) {
				ran <- name
				return jobs.Report{}, nil
			}},
		}})
		r.Start()
		t.Cleanup(func() { _ = r.Stop(context.Background()) })
		return r, c
	}
	expect := func(want string) {
		t.Helper()
		got := ""
		for len(ran) > 0 {
			got += <-ran
		}
		if got != want {
			t.Errorf("%q ran, want %q", got, want)
		}
	}
	_, ca := process("a")
	ca.pass(0)
	wa := <-ca.waits // the first run is over when the second is waited for
	expect("a")
	b, cb := process("b")
	cb.pass(0)
	wb := <-cb.waits
	expect("")
	lease.mu.Lock()
	lease.leader = "b"
	lease.busy = map[string]string{"tick": "a"} // whose run takes long
	lease.mu.Unlock()
	cb.end(wb, 0)
	wb = <-cb.waits
	expect("")
	if _, err := b.Run(t.Context(), "tick", directory.RunApply); directory.CodeOf(err) != directory.Conflict || !strings.Contains(err.Error(), "runs on a") {
		t.Errorf("by hand beside another process: %v", err)
	}
	lease.mu.Lock()
	delete(lease.busy, "tick")
	lease.mu.Unlock()
	cb.end(wb, 0)
	<-cb.waits
	expect("b")
	ca.end(wa, 0)
	<-ca.waits
	expect("") // it leads no more
}

func list(t *testing.T, r *jobs.Runner) []jobs.Status {
	t.Helper()
	all, err := r.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}
