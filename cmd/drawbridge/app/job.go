package app

import (
	"context"
	"math/rand/v2"
	"time"

	"drawbridge/bridge/jobs"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// jobRunner adapts the job runner for the console.
type jobRunner struct{ runner *jobs.Runner }

// jitter is a random part of most, so that many servers do not work at the same moment.
func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // nothing secret depends on it
}

// List returns the jobs in order.
func (j jobRunner) List(ctx context.Context) ([]wire.Job, error) {
	stamp := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	all, err := j.runner.List(ctx)
	out := []wire.Job{}
	for _, s := range all {
		out = append(out, wire.Job{
			Name: s.Name, About: s.About, Every: int(s.Every.Seconds()), Running: s.Running, LastRun: stamp(s.Started),
			Success: stamp(s.Success), Error: s.Error, Done: s.Done, Next: stamp(s.Next), Server: s.Server,
		})
	}
	return out, err
}

// Run runs a job at once.
func (j jobRunner) Run(ctx context.Context, name string) (wire.JobReport, error) {
	return j.run(ctx, name, directory.RunApply)
}

// DryRun says what a job would do.
func (j jobRunner) DryRun(ctx context.Context, name string) (wire.JobReport, error) {
	return j.run(ctx, name, directory.RunDry)
}

func (j jobRunner) run(ctx context.Context, name string, how directory.Run) (wire.JobReport, error) {
	report, err := j.runner.Run(ctx, name, how)
	out := wire.JobReport{Job: name, DryRun: how.Dry(), Done: report.Done, Lines: []wire.JobLine{}}
	for _, l := range report.Lines {
		out.Lines = append(out.Lines, wire.JobLine{Tenant: string(l.Tenant), Text: l.Text})
	}
	if err != nil && (directory.CodeOf(err) == directory.NotFound || directory.CodeOf(err) == directory.Conflict) && report.Done == 0 {
		return out, err
	}
	if err != nil {
		out.Error = err.Error()
	}
	return out, nil
}
