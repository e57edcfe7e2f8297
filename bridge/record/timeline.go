package record

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

const (
	mostBuckets  = 1000
	mostTimeline = 100_000 // exchanges that one timeline looks at
	mostHealth   = 500     // changes of health that one timeline has
)

// Timeline is the requests of a connection and the health of its sync over a time (C7, C12).
type Timeline struct {
	From, To time.Time
	Step     time.Duration
	Buckets  []TimelineBucket
	// Since is where the counts begin: earlier exchanges are no longer kept, or too many came after them. It is From if the journal covers
	// the whole time.
	Since  time.Time
	Health []HealthSpan // in order; the first one begins at From or before
}

// TimelineBucket is one step of a timeline.
type TimelineBucket struct {
	From      time.Time
	Requests  int // requests with an accepted credential
	Effects   map[directory.Effect]int
	Rejected  int // requests without a valid credential
	Throttled int // requests that were answered with 429
	Missed    int // requests that the journal could not record
	P95       time.Duration

	took []time.Duration
}

// HealthSpan is a time in which the health of a connection was the same.
type HealthSpan struct {
	From   time.Time
	State  directory.HealthState
	Reason string
}

// TimelineSpan is the time that a timeline covers, and the length of its steps.
type TimelineSpan struct {
	From, To time.Time
	Step     time.Duration
}

// Timeline gives the requests of a connection in a time, in steps. NotFound, Invalid; Unavailable without a journal.
func (j *Journal) Timeline(ctx context.Context, p directory.Principal, tenant directory.TenantID, connection directory.ConnectionID, span TimelineSpan) (Timeline, error) {
	from, to, step := span.From, span.To, span.Step
	invalid := func(field, message string) (Timeline, error) {
		return Timeline{}, &directory.Error{Code: directory.Invalid, Field: field, Message: message}
	}
	switch {
	case !from.Before(to):
		return invalid("to", "the end of the time is not after its beginning")
	case step < time.Minute:
		return invalid("step", "a step is a minute at least")
	case to.Sub(from) > mostBuckets*step:
		return invalid("step", fmt.Sprintf("this comes to more than %d steps: choose longer steps or a shorter time", mostBuckets))
	}
	out := Timeline{From: from, To: to, Step: step, Since: from}
	for at := from; at.Before(to); at = at.Add(step) {
		out.Buckets = append(out.Buckets, TimelineBucket{From: at, Effects: map[directory.Effect]int{}})
	}
	if err := j.count(ctx, p, tenant, connection, &out); err != nil {
		return Timeline{}, err
	}
	err := out.spans(ctx, j.txn, tenant, connection)
	return out, err
}

// count reads the journal from its newest exchange back.
func (j *Journal) count(ctx context.Context, p directory.Principal, tenant directory.TenantID, connection directory.ConnectionID, out *Timeline) error {
	q := directory.JournalQuery{Connection: connection, From: out.From, To: out.To}
	oldest := out.To
	for looked := 0; ; {
		if err := ctx.Err(); err != nil {
			return &directory.Error{Code: directory.Unavailable, Message: "the timeline was given up", Err: err}
		}
		found, next, err := j.Exchanges(ctx, p, tenant, "", q)
		if err != nil {
			return err
		}
		for i := range found {
			out.add(&found[i])
			oldest = found[i].Time
		}
		if looked += len(found); next == 0 {
			break
		}
		if looked >= mostTimeline {
			out.Since = oldest
			break
		}
		q.Before = next
	}
	for i := range out.Buckets {
		out.Buckets[i].computeP95()
	}
	return nil
}

func (out *Timeline) add(e *directory.Exchange) {
	at := int(e.Time.Sub(out.From) / out.Step)
	if at < 0 || at >= len(out.Buckets) {
		return
	}
	b := &out.Buckets[at]
	switch e.Gap {
	case "":
		b.Requests++
		b.Effects[e.Effect]++
		b.took = append(b.took, e.Took)
	case directory.GapRejected:
		b.Rejected += e.Missed
	case directory.GapThrottled:
		b.Throttled += e.Missed
	default:
		b.Missed += e.Missed
	}
}

// computeP95 works out P95: 95 of a hundred requests took no longer.
func (b *TimelineBucket) computeP95() {
	if n := len(b.took); n > 0 {
		slices.Sort(b.took)
		b.P95 = b.took[(n*95+99)/100-1]
	}
	b.took = nil
}

// spans reads the changes of health from the audit trail.
func (out *Timeline) spans(ctx context.Context, runner *txn.Runner, tenant directory.TenantID, connection directory.ConnectionID) error {
	var lines []directory.Audit
	err := runner.View(ctx, tenant, func(r store.Reader) error {
		found, _, err := r.SearchAudit(directory.AuditQuery{
			Subject: string(connection), Action: string(directory.ActionConnectionHealth), From: out.From, To: out.To, Limit: mostHealth, Scan: searchScan,
		})
		if err != nil {
			return err
		}
		lines = directory.CloneAudit(found)
		if len(lines) > 0 {
			return nil
		}
		report, known, err := txn.Get[directory.HealthReport](r, directory.HealthKV, string(connection))
		switch {
		case err != nil:
			return err
		case !known:
			report.State = directory.NeverConnected
		}
		if report.Since.Before(out.To) { // nothing has changed since
			out.Health = []HealthSpan{{From: report.Since, State: report.State}}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := len(lines) - 1; i >= 0; i-- {
		facts, err := lines[i].After.Attributes()
		if err != nil {
			continue // an audit line that cannot be read tells nothing of health
		}
		if len(out.Health) == 0 {
			out.Health = append(out.Health, HealthSpan{From: out.From, State: directory.HealthState(facts.String("from"))})
		}
		out.Health = append(out.Health, HealthSpan{From: lines[i].Time, State: directory.HealthState(facts.String("to")), Reason: lines[i].Reason})
	}
	return nil
}
