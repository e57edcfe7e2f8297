package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func jobCommand(t *terminal) *cobra.Command {
	return parent("job", "Scheduled jobs", "Jobs run on a schedule. You can also run each by hand, even twice: finished work is not done again.",
		jobList(t), jobRun(t))
}

func jobList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the jobs, when they last ran and with what result", Args: arguments(),
		Example: "  drawbridge job list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := t.client().Jobs(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(p.Items, func() {
				rows := [][]cell{}
				for _, j := range p.Items {
					state := cell{"waiting", plain}
					switch {
					case j.Running && j.Server != "":
						state = cell{"running on " + j.Server, yellow}
					case j.Running:
						state = cell{"running", yellow}
					case j.Error != "":
						state = cell{j.Error, red}
					case j.Success != nil:
						state = cell{"well", green}
					}
					rows = append(rows, []cell{
						{text: j.Name},
						{text: spanText(time.Duration(j.Every) * time.Second)},
						{text: moment(j.Success)},
						{text: strconv.Itoa(j.Done)},
						{text: moment(j.Next)},
						{text: j.About},
						state,
					})
				}
				t.table([]string{"JOB", "EVERY", "LAST SUCCESS", "DONE", "NEXT", "WHAT IT DOES", "STATE"}, rows)
			})
		},
	}
}

func jobRun(t *terminal) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "run JOB", Short: "Run a job at once", Args: arguments("JOB"),
		Long: `Runs a job now and says what it did. With --dry-run it only says what it would do. If the job is running
already, this waits up to half a minute for it to end.`,
		Example: "  drawbridge job run snapshot --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := runJob(cmd.Context(), t.client(), args[0], client.DryRun(dry))
			if err != nil {
				return err
			}
			err = t.print(r, func() {
				for _, l := range r.Lines {
					t.say("%s: %s", printable(l.Tenant), printable(l.Text))
				}
				verb := "did"
				if dry {
					verb = "would do"
				}
				t.say("%s %s %d.", r.Job, verb, r.Done)
			})
			if err == nil && r.Error != "" {
				return fmt.Errorf("the job %s failed: %s", r.Job, printable(r.Error))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what it would do")
	return cmd
}

// runJob runs a job, after its current run if there is one, because a job never runs twice at the same time.
func runJob(ctx context.Context, c *client.Client, name string, dry client.DryRun) (wire.JobReport, error) {
	timeout := time.After(30 * time.Second)
	for {
		r, err := c.RunJob(ctx, name, dry)
		var problem *client.Error
		if !errors.As(err, &problem) || problem.Status != http.StatusConflict {
			return r, err
		}
		select {
		case <-timeout:
			return r, err
		case <-ctx.Done():
			return r, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
