package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// Job is something that the clock asks for.
type Job struct {
	Name  string
	About string        // a sentence for operators
	Every time.Duration // how often
	Late  bool          // the first run is one interval after the start, and not soon after it
	// Run does what is due. dry: it only says what it would do. What it did before an error is in the Report all the same.
	Run func(ctx context.Context, dry bool) (Report, error)
}

// Report is what a run did, or would do.
type Report struct {
	Lines []Line // at most mostLines
	Done  int    // how many things, those without a line too
}

// Line is one thing.
type Line struct {
	Tenant directory.TenantID
	Text   string
}

// mostLines bounds what a Report keeps.
const mostLines = 1000

func (r *Report) add(tenant directory.TenantID, format string, args ...any) {
	r.Done++
	if len(r.Lines) < mostLines {
		r.Lines = append(r.Lines, Line{Tenant: tenant, Text: fmt.Sprintf(format, args...)})
	}
}

// Shipped are the jobs of a Service.
func Shipped(s *bridge.Service) []Job {
	return []Job{snapshot(s), autoDelete(s), tokenNotices(s), health(s), idle(s), disconnect(s), handover(s), trim(s), journal(s)}
}

// tenants runs do for each tenant. One that fails does not stop the others; one that is gone meanwhile is no failure.
func tenants(ctx context.Context, s *bridge.Service, do func(directory.TenantID) error) error {
	all, err := s.TenantIDs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, tenant := range all {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if err := do(tenant); err != nil && !bridge.TenantLeft(err) {
			errs = append(errs, fmt.Errorf("tenant %s: %w", tenant, err))
		}
	}
	return errors.Join(errs...)
}

// snapshot counts seats once a local day (B7).
func snapshot(s *bridge.Service) Job {
	const name = "snapshot"
	return Job{
		Name: name, Every: time.Minute, About: "counts the billed seats of each tenant, once a day at its own time",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			err := tenants(ctx, s, func(tenant directory.TenantID) error {
				taken, err := s.TakeSnapshots(ctx, s.Job(name), tenant, dry)
				for _, snapshot := range taken {
					late := ""
					if snapshot.Late {
						late = ", late"
					}
					report.add(tenant, "%s: %d members, %d guests, %d billed%s", snapshot.Day, snapshot.Members, snapshot.Guests, snapshot.Billed, late)
				}
				return err
			})
			return report, err
		},
	}
}

// autoDelete announces and deletes users who have been suspended for long (D5).
func autoDelete(s *bridge.Service) Job {
	const name = "auto-delete"
	return Job{
		Name: name, Every: time.Hour, About: "announces and deletes users auto_delete_days after their suspension",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			err := tenants(ctx, s, func(tenant directory.TenantID) error {
				notices, deleted, err := s.AutoDelete(ctx, s.Job(name), tenant, dry)
				for _, d := range notices {
					report.add(tenant, "%s: announced, deleted on %s", d.UserName, d.Due.UTC().Format("2006-01-02 15:04 MST"))
				}
				for _, d := range deleted {
					report.add(tenant, "%s: deleted, suspended since %s", d.UserName, d.Suspended.UTC().Format(time.DateOnly))
				}
				return err
			})
			return report, err
		},
	}
}

// tokenNotices tells about credentials that expire (C2).
func tokenNotices(s *bridge.Service) Job {
	const name = "token-notices"
	return Job{
		Name: name, Every: time.Hour, About: "tells about credentials that expire, 30, 14, 7 and 1 days before",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			err := tenants(ctx, s, func(tenant directory.TenantID) error {
				told, err := s.NoticeTokens(ctx, s.Job(name), tenant, dry)
				for _, d := range told {
					report.add(tenant, "credential %s… of %s expires on %s", d.Prefix, d.Connection, d.Expires.UTC().Format("2006-01-02 15:04 MST"))
				}
				return err
			})
			return report, err
		},
	}
}

// health announces connections that fell silent, fail, or are well again (C7).
func health(s *bridge.Service) Job {
	const name = "health"
	return Job{
		Name: name, Every: time.Minute, Late: true, About: "announces connections that fell silent, fail, or are well again",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			err := tenants(ctx, s, func(tenant directory.TenantID) error {
				changed, err := s.CheckHealth(ctx, s.Job(name), tenant, dry)
				for _, c := range changed {
					report.add(tenant, "%s: %s, was %s %s", c.Connection, c.To, c.From, c.Why)
				}
				return err
			})
			return report, err
		},
	}
}

// disconnect goes on with connections that are being disconnected (C10), after a crash or when a rule has stopped it.
func disconnect(s *bridge.Service) Job {
	const name = "disconnect"
	return Job{
		Name: name, Every: time.Minute, About: "goes on with connections that are being disconnected",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			err := tenants(ctx, s, func(tenant directory.TenantID) error {
				all, err := s.ResumeDisconnects(ctx, s.Job(name), tenant, dry)
				for _, d := range all {
					state := "going on"
					if d.Done {
						state = "done"
					}
					report.add(tenant, "%s: %s, %s", d.Connection, d.Mode, state)
				}
				return err
			})
			return report, err
		},
	}
}

// handover finishes hand-overs that were interrupted, and takes data away when its grace time is over (T6).
func handover(s *bridge.Service) Job {
	const name = "handover"
	return Job{
		Name: name, Every: 10 * time.Minute, About: "goes on with hand-overs, and takes data away behind the grace time",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			all, err := s.GoOnHandingOver(ctx, s.Job(name), dry)
			for _, h := range all {
				report.add(h.Tenant, "%s", h.Did)
			}
			return report, err
		},
	}
}

// idle announces idle seats and orphans, once a week (B10).
func idle(s *bridge.Service) Job {
	const name = "idle"
	return Job{
		Name: name, Every: time.Hour, About: "announces idle seats and orphans of each tenant, once a week from Monday 8 o'clock on",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			err := tenants(ctx, s, func(tenant directory.TenantID) error {
				found, announced, err := s.AnnounceIdle(ctx, s.Job(name), tenant, dry)
				if announced {
					report.add(tenant, "%s", found.Sentence())
				}
				return err
			})
			return report, err
		},
	}
}

// trim takes away what is older than it is kept (E2, D6).
func trim(s *bridge.Service) Job {
	const name = "trim"
	return Job{
		Name: name, Every: 24 * time.Hour, About: "forgets events and tombstones that are older than they are kept",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			all, err := s.TrimAll(ctx, s.Job(name), dry)
			for _, t := range all {
				if t.Events+t.Tombstones > 0 {
					report.add(t.Tenant, "%d events, %d tombstones", t.Events, t.Tombstones)
				}
			}
			return report, err
		},
	}
}

// journal keeps the request journal within its bounds (C12).
func journal(s *bridge.Service) Job {
	const name = "journal"
	return Job{
		Name: name, Every: 10 * time.Minute, About: "removes what is too old or too much of the request journal, and the journal of tenants that are gone",
		Run: func(ctx context.Context, dry bool) (Report, error) {
			var report Report
			removed, err := s.KeepJournal(ctx, s.Job(name), dry)
			for _, tenant := range slices.Sorted(maps.Keys(removed)) {
				report.add(tenant, "%d bytes", removed[tenant])
			}
			return report, err
		},
	}
}
