package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Jobs is the clock as the console sees it.
type Jobs interface {
	// List gives the jobs in order.
	List() []wire.Job
	// Run runs a job at once. NotFound, Conflict while it runs; an error of the job itself is in the report.
	Run(ctx context.Context, name string, dry bool) (wire.JobReport, error)
}

// longestJob is how long an answer about a job is waited for.
const longestJob = 30 * time.Minute

func (a *api) jobRoutes() {
	type listOutput struct{ Body wire.Page[wire.Job] }
	handle(a, operation{
		id: "list-jobs", right: directory.ServerManage, method: http.MethodGet, path: "/jobs", tag: "server", summary: "List the jobs",
		about: "What the clock asks for, when it last ran, and what came of it.",
	}, func(_ context.Context, _ directory.Principal, in *PageQuery) (*listOutput, error) {
		page, err := inOrder(a.Jobs.List(), *in, func(j *wire.Job) string { return j.Name })
		return &listOutput{page}, err
	})

	type runInput struct {
		Job    string `path:"job" maxLength:"60" doc:"The name of the job."`
		DryRun bool   `query:"dry_run" doc:"Only say what it would do."`
	}
	type runOutput struct{ Body wire.JobReport }
	handle(a, operation{
		id: "run-job", right: directory.ServerManage, method: http.MethodPost, path: "/jobs/{job}/run", tag: "server", summary: "Run a job at once",
		about: "Every job may be run twice: what is done already is not done again. The answer comes when it has ended.",
		codes: []directory.Code{directory.NotFound, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *runInput) (*runOutput, error) {
		callOf(ctx).response.Extend(a.Now().Add(longestJob))
		report, err := a.Jobs.Run(ctx, in.Job, in.DryRun)
		if err == nil && !in.DryRun {
			err = a.Record.RecordJob(ctx, p, in.Job, report.Done)
		}
		return &runOutput{report}, err
	})
}
