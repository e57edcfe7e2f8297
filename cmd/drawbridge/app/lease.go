package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

const (
	// leaderLease is how long a process leads after it last renewed its lease, and leaderRenewal how often it renews it.
	leaderLease   = 30 * time.Second
	leaderRenewal = 10 * time.Second
	// jobLease is how long a running job belongs to a process after the last renewal.
	jobLease   = time.Minute
	jobRenewal = 15 * time.Second
	leaderName = "leader"
	// jobLeasePrefix begins the name of the lease of a job.
	jobLeasePrefix = "job "
)

// lease is the jobs.Lease of a process. Leadership and each running job are leases in the store.
type lease struct {
	store  store.Leases
	me     string
	log    *slog.Logger
	leader atomic.Bool
}

// serverName is the name of a server among those that share its store: host, process and a random part.
func serverName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), newID().String()[28:])
}

// Leads reports whether this process runs jobs at their times.
func (l *lease) Leads() bool { return l.leader.Load() }

// take takes or extends a lease for this process, and reports who holds it now.
func (l *lease) take(ctx context.Context, name string, ttl time.Duration) (mine bool, holder string, err error) {
	got, err := l.store.Acquire(ctx, name, l.me, ttl)
	return err == nil && got.Holder == l.me, got.Holder, err
}

// keep tries to become, or to stay, the process that leads.
func (l *lease) keep(ctx context.Context) error {
	leads, holder, err := l.take(ctx, leaderName, leaderLease)
	if l.leader.Swap(leads) != leads {
		l.log.InfoContext(ctx, "who runs the jobs", "this", leads, "holder", holder)
	}
	return err
}

// leave lets another process lead at once.
func (l *lease) leave(ctx context.Context) error {
	if !l.leader.Swap(false) {
		return nil
	}
	return l.store.Release(ctx, leaderName, l.me)
}

// Begin takes a job for this process, and keeps it until end is called.
func (l *lease) Begin(ctx context.Context, job string) (end func(), err error) {
	name := jobLeasePrefix + job
	got, err := l.store.Acquire(ctx, name, l.me, jobLease)
	if err != nil {
		return nil, err
	}
	if got.Holder != l.me {
		return nil, &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("the job %s is running right now on %s: try again when it has ended", job, got.Holder)}
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(jobRenewal)
		defer tick.Stop()
		for {
			select {
			case <-keeping.Done():
				return
			case <-tick.C:
				if _, err := l.store.Acquire(keeping, name, l.me, jobLease); err != nil && keeping.Err() == nil {
					l.log.WarnContext(keeping, "the lease of a job could not be renewed", "job", job, "error", err)
				}
			}
		}
	}()
	return func() {
		stop()
		<-ended
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := l.store.Release(ending, name, l.me); err != nil {
			l.log.WarnContext(ending, "the lease of a job could not be given back; it ends by itself", "job", job, "error", err)
		}
	}, nil
}
