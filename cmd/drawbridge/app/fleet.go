package app

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"drawbridge/bridge/jobs"
	"drawbridge/internal/limit"
	"drawbridge/internal/metrics"
	"drawbridge/store"
)

// fleetEvery is how often a server looks for others that share its store.
const fleetEvery = 5 * time.Second

// fleet is what a server knows about the others that share its store. With a bbolt store, a server is always alone.
type fleet struct {
	store   store.Shared // nil: no other server can use the store
	lease   *lease
	share   limit.Share // for rates that all servers count together
	checked atomic.Int64
	servers int
}

// newFleet makes the fleet.
func (a *App) newFleet(st store.Store) *fleet {
	f := &fleet{lease: &lease{store: st, me: a.name, log: a.log.With("part", "jobs")}}
	f.store, _ = store.As[store.Shared](st)
	metrics.On(a.registry).GaugeFunc("drawbridge_leader", func() float64 {
		if f.lease.Leads() {
			return 1
		}
		return 0
	})
	a.undo("leader", f.lease.leave)
	a.background("lease", leaderRenewal, f.lease.keep)
	if f.store != nil {
		a.background("servers", fleetEvery, f.refresh)
	}
	return f
}

// board is where the servers publish the results of their jobs; nil for a server that is alone.
func (f *fleet) board() jobs.Board {
	if f.store == nil {
		return nil
	}
	return board{f.store, f.lease.me}
}

// refresh finds out how many servers there are, and what they have done.
func (f *fleet) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fleetEvery)
	defer cancel()
	servers, err := f.store.Processes(ctx)
	if err != nil {
		return err
	}
	f.share.Set(servers)
	if servers != f.servers {
		f.lease.log.InfoContext(ctx, "the servers that share the database and its rate limits", "servers", servers)
		f.servers = servers
	}
	posts, err := f.board().Posts(ctx)
	if err != nil {
		return err
	}
	f.checked.Store(posts[jobs.Health].Success.UnixNano())
	return nil
}

// healthChecked is when a server checked the connections of all companies last.
func (f *fleet) healthChecked() time.Time {
	if at := f.checked.Load(); at > 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// board is the jobs.Board of servers that share a store.
type board struct {
	store store.Shared
	me    string
}

const jobTopic = "job "

// Post tells the other servers how a job went.
func (b board) Post(ctx context.Context, s *jobs.Status) error {
	post := *s
	post.Server, post.Running, post.About = b.me, false, ""
	body, err := json.Marshal(post)
	if err != nil {
		return err
	}
	return b.store.Post(ctx, jobTopic+s.Name, body)
}

// Posts returns the posts of all servers, and which jobs run now.
func (b board) Posts(ctx context.Context) (map[string]jobs.Status, error) {
	posts, err := b.store.Posts(ctx)
	if err != nil {
		return nil, err
	}
	held, err := b.store.Held(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]jobs.Status{}
	for topic, body := range posts {
		name, is := strings.CutPrefix(topic, jobTopic)
		var s jobs.Status
		if is && json.Unmarshal(body, &s) == nil { // a newer release may write it in another way
			out[name] = s
		}
	}
	for lease, holder := range held {
		if name, is := strings.CutPrefix(lease, jobLeasePrefix); is && holder != b.me {
			s := out[name]
			s.Running, s.Server = true, holder
			out[name] = s
		}
	}
	for name, s := range out {
		if s.Server == b.me {
			s.Server = ""
			out[name] = s
		}
	}
	return out, nil
}
