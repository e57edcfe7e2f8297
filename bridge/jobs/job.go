package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/record"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// Job is something that the clock asks for.
type Job struct {
	Name  string
	About string        // a sentence for operators
	Every time.Duration // how often
	Late  bool          // the first run is one full interval after the start
	// Run does what is due. With RunDry it only reports what it would do. The Report also lists what it did before an error.
	Run func(ctx context.Context, how directory.Run) (Report, error)
}

// Report is what a run did, or would do.
type Report struct {
	Lines []Line // at most mostLines
	Done  int    // how many things were done, including those without a line
}

// Line is one thing.
type Line struct {
	Tenant directory.TenantID
	Text   string
}

// mostLines bounds what a Report keeps.
const mostLines = 1000

// Health is the name of the job that checks how the sync of each connection is.
const Health = "health"

func (r *Report) add(tenant directory.TenantID, format string, args ...any) {
	r.Done++
	if len(r.Lines) < mostLines {
		r.Lines = append(r.Lines, Line{Tenant: tenant, Text: fmt.Sprintf(format, args...)})
	}
}

// Services are what the shipped jobs call.
type Services struct {
	Bridge  *bridge.Service
	Record  *record.Service
	Journal *record.Journal
	// Observe completes what was interrupted in observe mode (C9), and says what it did. Optional.
	Observe func(ctx context.Context, p directory.Principal, how directory.Run) (done []string, err error)
}

// Shipped are the jobs of the services.
func Shipped(s Services) []Job {
	all := []Job{snapshot(s), autoDelete(s), tokenNotices(s), health(s), idle(s), disconnect(s), transfer(s), handover(s), observed(s), trim(s), journal(s)}
	if s.Record != nil && s.Record.Archives() {
		all = append(all, archive(s))
	}
	return all
}

// perTenant completes a job that does the same in each tenant.
func (s Services) perTenant(job Job, do func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error) Job {
	job.Run = func(ctx context.Context, how directory.Run) (Report, error) {
		var report Report
		all, err := s.Bridge.TenantIDs(ctx)
		if err != nil {
			return report, err
		}
		err = txn.EachTenant(ctx, all, func(tenant directory.TenantID) error {
			return do(ctx, directory.JobPrincipal(job.Name), tenant, how, &report)
		})
		return report, err
	}
	return job
}

// snapshot counts seats once a local day (B7).
func snapshot(s Services) Job {
	return s.perTenant(Job{
		Name: "snapshot", Every: time.Minute, About: "counts the billed seats of each tenant, once a day at its own time",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		taken, err := s.Bridge.TakeSnapshots(ctx, p, tenant, how)
		for _, snapshot := range taken {
			late := ""
			if snapshot.Late {
				late = ", late"
			}
			report.add(tenant, "%s: %d members, %d guests, %d billed%s", snapshot.Day, snapshot.Members, snapshot.Guests, snapshot.Billed, late)
		}
		return err
	})
}

// autoDelete announces and deletes users who have been suspended for long (D5).
func autoDelete(s Services) Job {
	return s.perTenant(Job{
		Name: "auto-delete", Every: time.Hour, About: "announces and deletes users auto_delete_days after their suspension",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		notices, deleted, err := s.Bridge.AutoDelete(ctx, p, tenant, how)
		for _, d := range notices {
			report.add(tenant, "%s: announced, deleted on %s", d.UserName, d.Due.UTC().Format("2006-01-02 15:04 MST"))
		}
		for _, d := range deleted {
			report.add(tenant, "%s: deleted, suspended since %s", d.UserName, d.Suspended.UTC().Format(time.DateOnly))
		}
		return err
	})
}

// tokenNotices announces credentials that expire (C2).
func tokenNotices(s Services) Job {
	return s.perTenant(Job{
		Name: "token-notices", Every: time.Hour, About: "tells about credentials that expire, 30, 14, 7 and 1 days before",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		announced, err := s.Bridge.AnnounceTokenExpiries(ctx, p, tenant, how)
		for _, d := range announced {
			report.add(tenant, "credential %s… of %s expires on %s", d.Prefix, d.Connection, d.Expires.UTC().Format("2006-01-02 15:04 MST"))
		}
		return err
	})
}

// health announces connections that fell silent, fail, or are well again (C7).
func health(s Services) Job {
	return s.perTenant(Job{
		Name: Health, Every: time.Minute, Late: true, About: "announces connections that fell silent, fail, or are well again",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		changed, err := s.Bridge.CheckHealth(ctx, p, tenant, how)
		for _, c := range changed {
			report.add(tenant, "%s: %s, was %s %s", c.Connection, c.To, c.From, c.Why)
		}
		return err
	})
}

// transfer continues the transfers between connections (C14), after a crash.
func transfer(s Services) Job {
	return s.perTenant(Job{
		Name: "transfer", Every: time.Minute, About: "continues to move users and groups between connections",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		done, err := s.Bridge.Transfers().Resume(ctx, p, tenant, how)
		for i := range done {
			report.add(tenant, "%s to %s: %d pending", done[i].Transfer.From, done[i].Transfer.To, done[i].Pending)
		}
		return err
	})
}

// disconnect continues the disconnecting of connections (C10), after a crash or when a rule has stopped it.
func disconnect(s Services) Job {
	return s.perTenant(Job{
		Name: "disconnect", Every: time.Minute, About: "continues to disconnect connections",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		all, err := s.Bridge.Disconnects().Resume(ctx, p, tenant, how)
		for _, d := range all {
			state := "going on"
			if d.Done {
				state = "done"
			}
			report.add(tenant, "%s: %s, %s", d.Connection, d.Mode, state)
		}
		return err
	})
}

// idle announces idle seats and orphans, once a week (B10).
func idle(s Services) Job {
	return s.perTenant(Job{
		Name: "idle", Every: time.Hour, About: "announces idle seats and orphans of each tenant, once a week from Monday 8 o'clock on",
	}, func(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run, report *Report) error {
		found, announced, err := s.Bridge.AnnounceIdle(ctx, p, tenant, how)
		if announced {
			report.add(tenant, "%s", found.Sentence())
		}
		return err
	})
}

// handover finishes hand-overs that were interrupted, and removes data when its grace time is over (T6).
func handover(s Services) Job {
	const name = "handover"
	return Job{
		Name: name, Every: 10 * time.Minute, About: "continues hand-overs, deletes the data after the grace time, and detaches integrations from companies that are gone",
		Run: func(ctx context.Context, how directory.Run) (Report, error) {
			var report Report
			all, err := s.Bridge.Handovers().ContinueHandovers(ctx, directory.JobPrincipal(name), how)
			for _, h := range all {
				report.add(h.Tenant, "%s", h.Did)
			}
			return report, err
		},
	}
}

// trim removes what is past its retention time (E2, D6).
func trim(s Services) Job {
	const name = "trim"
	return Job{
		Name: name, Every: 24 * time.Hour, About: "forgets events and tombstones that are older than they are kept",
		Run: func(ctx context.Context, how directory.Run) (Report, error) {
			var report Report
			all, err := s.Record.TrimAll(ctx, directory.JobPrincipal(name), how)
			for _, t := range all {
				if t.Events+t.Tombstones > 0 {
					report.add(t.Tenant, "%d events, %d tombstones", t.Events, t.Tombstones)
				}
			}
			return report, err
		},
	}
}

// archive moves audit lines and events to the archive (E6).
func archive(s Services) Job {
	const name = "archive"
	return Job{
		Name: name, Every: 24 * time.Hour, About: "moves audit lines and events that are older than audit_days and event_days to the archive",
		Run: func(ctx context.Context, how directory.Run) (Report, error) {
			var report Report
			all, err := s.Record.MoveAllToArchive(ctx, directory.JobPrincipal(name), how)
			for _, m := range all {
				if m.Lines+m.Events > 0 {
					report.add(m.Tenant, "%d audit lines, %d events", m.Lines, m.Events)
				}
			}
			return report, err
		},
	}
}

// journal keeps the request journal within its bounds (C12).
func journal(s Services) Job {
	const name = "journal"
	return Job{
		Name: name, Every: 10 * time.Minute, About: "removes what is too old or too much of the request journal, and the journal of tenants that are gone",
		Run: func(ctx context.Context, how directory.Run) (Report, error) {
			var report Report
			removed, err := s.Journal.Keep(ctx, directory.JobPrincipal(name), how)
			for _, tenant := range slices.Sorted(maps.Keys(removed)) {
				report.add(tenant, "%d bytes", removed[tenant])
			}
			return report, err
		},
	}
}

// observed continues what stopped in the middle of an observation (C9).
func observed(s Services) Job {
	return Job{
		Name: "observe", Every: time.Minute, About: "continues interrupted promotions of observed connections, completes interrupted copies, and erases copies that no connection uses",
		Run: func(ctx context.Context, how directory.Run) (Report, error) {
			var report Report
			if s.Observe == nil {
				return report, nil
			}
			all, err := s.Observe(ctx, directory.JobPrincipal("observe"), how)
			for _, text := range all {
				report.add("", "%s", text)
			}
			return report, err
		},
	}
}
