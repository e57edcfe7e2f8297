package bridge

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/directory"
	"drawbridge/internal/metrics"
)

// Metrics is what the bridge shows to Prometheus (E5). The gauges are read from the store when they are scraped, with one View of each
// tenant. If several processes share the store, one of them shows the gauges. A nil Metrics counts nothing.
type Metrics struct {
	refusals *prometheus.CounterVec
	gauges   *gauges
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		refusals: r.CounterVec("drawbridge_policy_refusals_total"),
		gauges:   newGauges(r),
	}
	r.Register(m.gauges)
	return m
}

// watch points the gauges at s.
func (m *Metrics) watch(s *Service) {
	if m != nil {
		m.gauges.service.Store(s)
	}
}

// Refused counts a rule that refused a write, or a part of it. Give it to txn.Config.
func (m *Metrics) Refused(tenant directory.TenantID, rule directory.Rule) {
	if m != nil && rule != "" {
		m.refusals.WithLabelValues(string(tenant), string(rule)).Inc()
	}
}

// gauges reads the state of all tenants when it is scraped.
type gauges struct {
	service                                              atomic.Pointer[Service]
	users, seats, request, success, expiry, health, held *prometheus.Desc
	alerts                                               *prometheus.Desc
}

func newGauges(r metrics.Set) *gauges {
	return &gauges{
		users:   r.Desc("drawbridge_users"),
		seats:   r.Desc("drawbridge_seats"),
		request: r.Desc("drawbridge_connection_last_request_timestamp_seconds"),
		success: r.Desc("drawbridge_connection_last_success_timestamp_seconds"),
		expiry:  r.Desc("drawbridge_token_expiry_timestamp_seconds"),
		health:  r.Desc("drawbridge_connection_health"),
		held:    r.Desc("drawbridge_brake_held"),
		alerts:  r.Desc("drawbridge_alerts_open"),
	}
}

// Describe tells which metrics there are.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.users, g.seats, g.request, g.success, g.expiry, g.health, g.held, g.alerts} {
		out <- d
	}
}

// scrapeTime bounds what one scrape may cost.
const scrapeTime = 10 * time.Second

// Collect reads the tenants. If a tenant cannot be read, the scrape fails visibly instead of showing old numbers.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	s := g.service.Load()
	if s == nil || !s.leads() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	tenants, err := s.Tenants(ctx, directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "metrics"}})
	if err != nil {
		out <- prometheus.NewInvalidMetric(g.users, err)
		return
	}
	now := s.instant()
	for i := range tenants {
		g.collect(out, &tenants[i], now)
	}
}

func (g *gauges) collect(out chan<- prometheus.Metric, o *TenantOverview, now time.Time) {
	tenant := string(o.Tenant.ID)
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append([]string{tenant}, labels...)...)
	}
	at := func(d *prometheus.Desc, t time.Time, labels ...string) {
		if !t.IsZero() {
			gauge(d, seconds(t), labels...)
		}
	}
	for _, state := range directory.AllStates() {
		n := 0
		for t := range directory.UserTypes {
			n += o.Usage.Users[t][state]
		}
		gauge(g.users, float64(n), state.String())
	}
	gauge(g.users, float64(o.Usage.Gone), "gone")
	gauge(g.seats, float64(o.Seats.Occupied), "occupied")
	gauge(g.seats, float64(o.Seats.Billable), "billable")
	if o.Seats.Limit > 0 {
		gauge(g.seats, float64(o.Seats.Limit), "limit")
	}
	open := map[directory.AlertKind]int{}
	for i := range o.Alerts {
		open[o.Alerts[i].Kind]++
	}
	for _, kind := range directory.AlertKinds() {
		gauge(g.alerts, float64(open[kind]), string(kind))
	}
	for i := range o.Connections {
		c := &o.Connections[i]
		at(g.request, c.LastRequest, string(c.Connection.ID))
		at(g.success, c.LastSuccess, string(c.Connection.ID))
		for _, state := range directory.HealthStates() {
			if !c.Health.Stale.IsZero() {
				break // an old state would look like a fresh one
			}
			is := 0.0
			if c.Health.State == state {
				is = 1
			}
			gauge(g.health, is, string(c.Connection.ID), string(state))
		}
		gauge(g.held, float64(c.Held), string(c.Connection.ID))
		for _, token := range expiring(c.Tokens, now) {
			expiry := math.Inf(1)
			if !token.Expires.IsZero() {
				expiry = seconds(token.Expires)
			}
			gauge(g.expiry, expiry, string(c.Connection.ID), string(token.ID))
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

// seconds is t as Prometheus writes it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
