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
)

// Quota keeps every project below Google's quota. All connections with keys of one project share a bucket. It is safe for concurrent use.
type Quota struct{ projects *limit.Limiter[string] }

// NewQuota makes a Quota with full buckets.
func NewQuota() *Quota {
	return &Quota{projects: limit.NewLimiter[string](limit.Rate{PerSecond: queriesPerSecond, Burst: quotaBurst}, mostProjects)}
}

// wait waits until a project may send a query, and counts it.
func (q *Quota) wait(ctx context.Context, project string, now func() time.Time, sleep func(context.Context, time.Duration) error) error {
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
