package webhooks

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
)

// The gauges of the package.
const (
	backlogGauge = "drawbridge_webhook_backlog_events"
	failingGauge = "drawbridge_webhook_failing_timestamp_seconds"
	parkedGauge  = "drawbridge_webhook_parked"
)

// Metrics is what the package shows to Prometheus (E5). The gauges are read from the store when they are scraped. If several processes
// share the store, one of them shows the gauges. A nil Metrics shows nothing.
type Metrics struct {
	gauges *metrics.Scraped
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	return &Metrics{gauges: metrics.On(reg).Scraped(backlogGauge, failingGauge, parkedGauge)}
}

// watch shows the deliveries of s.
func (m *Metrics) watch(s *Service, leads func() bool) {
	if m != nil {
		m.gauges.From(leads, s.gauges)
	}
}

func (s *Service) gauges(ctx context.Context, show metrics.Show) error {
	hooks, err := s.All(ctx)
	if err != nil || len(hooks) == 0 {
		return err
	}
	all, err := s.progress(ctx, hooks)
	if err != nil {
		return err
	}
	for i := range hooks {
		w := &hooks[i]
		sum := Sum(w, all[w.ID])
		show(backlogGauge, float64(sum.Backlog), w.Name)
		show(parkedGauge, metrics.Bool(sum.Parked), w.Name)
		if !sum.FailingSince.IsZero() {
			show(failingGauge, metrics.Seconds(sum.FailingSince), w.Name)
		}
	}
	return nil
}

// Total is the progress of a webhook over tenants.
type Total struct {
	Tenants      int
	Backlog      uint64
	Failing      int       // tenants
	FailingSince time.Time // of the longest failing one
	Parked       bool      // for one tenant at least
	Success      time.Time // the last one
	Error        string    // of the longest failing one

	Sent, Taken directory.Hourly // attempts by the hour, and those that the receiver accepted

	Names map[directory.TenantID]string // of the tenants, unless the webhook gets the events of all
}

// Sum adds the progress of a webhook over tenants.
func Sum(w *directory.Webhook, all []Progress) Total {
	out := Total{Tenants: len(all), Parked: !w.Parked.IsZero(), Error: w.Reason}
	if !w.All {
		out.Names = make(map[directory.TenantID]string, len(all))
	}
	for i := range all {
		if out.Names != nil {
			out.Names[all[i].Tenant] = all[i].Name
		}
		d := &all[i].Delivery
		out.Backlog += all[i].Backlog()
		out.Sent, out.Taken = out.Sent.Join(d.Sent), out.Taken.Join(d.Taken)
		out.Parked = out.Parked || !d.Parked.IsZero()
		if d.Success.After(out.Success) {
			out.Success = d.Success
		}
		if d.FailingSince.IsZero() {
			continue
		}
		out.Failing++
		if out.FailingSince.IsZero() || d.FailingSince.Before(out.FailingSince) {
			out.FailingSince, out.Error = d.FailingSince, d.Error
		}
	}
	return out
}

// Totals gives the totals of webhooks over the tenants of the scope, by id.
func (s *Service) Totals(ctx context.Context, p directory.Principal, hooks []View) (map[directory.ID]Total, error) {
	bare := make([]directory.Webhook, len(hooks))
	for i := range hooks {
		bare[i] = hooks[i].Webhook
	}
	out := make(map[directory.ID]Total, len(hooks))
	if len(hooks) == 0 {
		return out, nil
	}
	all, err := s.progress(ctx, bare)
	for i := range bare {
		seen := visible(p, all[bare[i].ID])
		out[bare[i].ID] = Sum(&bare[i], seen)
	}
	return out, err
}
