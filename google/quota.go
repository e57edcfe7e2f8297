package google

import (
	"context"
	"time"

	"drawbridge/internal/limit"
)

const (
	// queriesPerSecond is half of Google's limit for one project and user: 2,400 queries a minute.
	queriesPerSecond = 20
	quotaBurst       = 40
	mostProjects     = 10_000
	// longestPause is the longest Retry-After that later runs obey, too.
	longestPause = time.Hour
)

// Quota keeps every project below Google's quota. All connections with keys of one project share a bucket. It is safe for concurrent use.
type Quota struct {
	projects *limit.Limiter[string]
	pauses   *limit.Map[struct{}, string, time.Time] // until when Google wants no requests of a project
}

// NewQuota makes a Quota with full buckets.
func NewQuota() *Quota {
	return &Quota{
		projects: limit.NewLimiter[string](limit.Rate{PerSecond: queriesPerSecond, Burst: quotaBurst}, mostProjects),
		pauses:   limit.NewMap[struct{}, string, time.Time](limit.Bounds{All: mostProjects, Life: longestPause}),
	}
}

// pause keeps all requests of a project back for a time that Google asked for, also those of other connections and of later runs.
func (q *Quota) pause(project string, d time.Duration, now time.Time) {
	if d > 0 {
		q.pauses.Put(struct{}{}, project, now, now.Add(min(d, longestPause)))
	}
}

// paused is an error of kind Exhausted while Google wants no requests of a project for longer than one request waits.
func (q *Quota) paused(project string, now time.Time) (wait time.Duration, err error) {
	until, known := q.pauses.Get(struct{}{}, project, now)
	if !known || !now.Before(until) {
		return 0, nil
	}
	if wait = until.Sub(now); wait > longestPause { // the clock was put back
		return 0, nil
	}
	if wait > longestWait {
		return 0, &Error{Kind: Exhausted, RetryAfter: wait, Message: "Google wants no requests of the project " + project + " before " + until.UTC().Format("15:04:05 MST") + ", so none is sent"}
	}
	return wait, nil
}

// wait waits until a project may send a query, and counts it. The error is of kind Exhausted while Google asks for a long pause.
func (q *Quota) wait(ctx context.Context, project string, now func() time.Time, sleep func(context.Context, time.Duration) error) error {
	pause, err := q.paused(project, now())
	if err == nil && pause > 0 {
		err = sleep(ctx, pause)
	}
	if err != nil {
		return err
	}
	for {
		d := q.projects.Take(project, now())
		if d <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, d); err != nil {
			return err
		}
	}
}
