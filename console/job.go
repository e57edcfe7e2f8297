package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// Jobs runs what is due at a time.
type Jobs interface {
	// List returns the jobs in order.
	List(ctx context.Context) ([]wire.Job, error)
	// Run runs a job at once. Its error is NotFound, or Conflict while the job runs; an error of the job itself is in the report.
	Run(ctx context.Context, name string) (wire.JobReport, error)
	// DryRun says what Run would do.
	DryRun(ctx context.Context, name string) (wire.JobReport, error)
}

// longestJob is how long a request for long work may take.
const longestJob = 30 * time.Minute

func (a *api) jobRoutes() []operation {
	return []operation{
		{
			id: "list-jobs", method: http.MethodGet, path: "/jobs",
			right: directory.ServerManage,
			tag:   "server", summary: "List the jobs",
			about: "What the clock asks for, when it last ran, and what came of it.",
			do:    handle(a.listJobs),
		},
		{
			id: "run-job", method: http.MethodPost, path: "/jobs/{job}/run",
			right: directory.ServerManage,
			tag:   "server", summary: "Run a job at once",
			about: "Every job may be run twice: what is done already is not done again. The answer comes when it has ended.",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.runJob),
		},
	}
}

type runJobInput struct {
	Job string `path:"job" maxLength:"60" doc:"The name of the job."`
	DryRunQuery
}

func (a *api) listJobs(ctx context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.Job]], error) {
	jobs, err := a.Jobs.List(ctx)
	if err != nil {
		return nil, err
	}
	return answer(httpapi.InOrder(jobs, *in, func(j *wire.Job) string { return j.Name }))
}

func (a *api) runJob(ctx context.Context, p directory.Principal, in *runJobInput) (*output[wire.JobReport], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	if in.DryRun {
		return answer(a.Jobs.DryRun(ctx, in.Job))
	}
	report, err := a.Jobs.Run(ctx, in.Job)
	if err == nil {
		err = a.Record.RecordJob(ctx, p, in.Job, report.Done)
	}
	return answer(report, err)
}
