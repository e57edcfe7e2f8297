package overview

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/internal/metrics"
)

// The gauges of the package.
const (
	usersGauge   = "drawbridge_users"
	seatsGauge   = "drawbridge_seats"
	requestGauge = "drawbridge_connection_last_request_timestamp_seconds"
	successGauge = "drawbridge_connection_last_success_timestamp_seconds"
	expiryGauge  = "drawbridge_token_expiry_timestamp_seconds"
	healthGauge  = "drawbridge_connection_health"
	heldGauge    = "drawbridge_brake_held"
	alertsGauge  = "drawbridge_alerts_open"
)

// Metrics is what the package shows of tenants to Prometheus (E5). The gauges are read from the store when they are scraped. If several
// processes share the store, one of them shows the gauges. A nil Metrics shows nothing.
type Metrics struct {
	gauges *metrics.Scraped
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	return &Metrics{metrics.On(reg).Scraped(usersGauge, seatsGauge, requestGauge, successGauge, expiryGauge, healthGauge, heldGauge, alertsGauge)}
}

// watch shows the tenants of s.
func (m *Metrics) watch(s *Service, leads func() bool) {
	if m != nil {
		m.gauges.From(leads, s.gauges)
	}
}

// gauges reads the tenants. It fails if one of them cannot be read.
func (s *Service) gauges(ctx context.Context, show metrics.Show) error {
	tenants, err := s.Tenants(ctx, directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "metrics"}})
	if err != nil {
		return err
	}
	now := s.txn.Instant()
	for i := range tenants {
		showTenant(&tenants[i], now, show)
	}
	return nil
}

func showTenant(o *bridge.TenantOverview, now time.Time, show metrics.Show) {
	tenant := string(o.Tenant.ID)
	for _, state := range directory.AllStates() {
		n := 0
		for t := range directory.UserTypes {
			n += o.Usage.Users[t][state]
		}
		show(usersGauge, float64(n), tenant, state.String())
	}
	show(usersGauge, float64(o.Usage.Gone), tenant, "gone")
	show(seatsGauge, float64(o.Seats.Occupied), tenant, "occupied")
	show(seatsGauge, float64(o.Seats.Billable), tenant, "billable")
	if o.Seats.Limit > 0 {
		show(seatsGauge, float64(o.Seats.Limit), tenant, "limit")
	}
	open := map[directory.AlertKind]int{}
	for i := range o.Alerts {
		open[o.Alerts[i].Kind]++
	}
	for _, kind := range directory.AlertKinds() {
		show(alertsGauge, float64(open[kind]), tenant, string(kind))
	}
	for i := range o.Connections {
		c, id := &o.Connections[i], string(o.Connections[i].Connection.ID)
		if !c.LastRequest.IsZero() {
			show(requestGauge, metrics.Seconds(c.LastRequest), tenant, id)
		}
		if !c.LastSuccess.IsZero() {
			show(successGauge, metrics.Seconds(c.LastSuccess), tenant, id)
		}
		for _, state := range directory.HealthStates() {
			if !c.Health.Stale.IsZero() {
				break // an old state would look like a fresh one
			}
			show(healthGauge, metrics.Bool(c.Health.State == state), tenant, id, string(state))
		}
		show(heldGauge, float64(c.Held), tenant, id)
		for _, token := range expiring(c.Tokens, now) {
			expiry := math.Inf(1)
			if !token.Expires.IsZero() {
				expiry = metrics.Seconds(token.Expires)
			}
			show(expiryGauge, expiry, tenant, id, string(token.ID))
		}
	}
}

// expiring gives the credentials of a connection whose expiry an operator should know: the live ones, or, if there are none,
// the one that expired last, so that an alert about it can fire. Revoked ones are left out because an operator ended them; access
// tokens are short-lived.
func expiring(tokens []directory.Token, now time.Time) []directory.Token {
	var live, expired []directory.Token
	for _, t := range tokens {
		switch {
		case t.Kind == directory.AccessToken || !t.Revoked.IsZero():
		case t.Live(now):
			live = append(live, t)
		case len(expired) == 0 || t.Expires.After(expired[0].Expires):
			expired = []directory.Token{t}
		}
	}
	if len(live) == 0 {
		return expired
	}
	return live
}
