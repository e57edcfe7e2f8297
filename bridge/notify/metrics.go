package notify

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// The gauges of the outbox.
const (
	mailsGauge  = "drawbridge_outbox_mails"
	oldestGauge = "drawbridge_outbox_oldest_timestamp_seconds"
)

// Metrics is what the package shows to Prometheus (E5). The gauges are read from the store when they are scraped. If several processes
// share the store, one of them shows the gauges. A nil Metrics counts nothing.
type Metrics struct {
	mails  *prometheus.CounterVec
	outbox *metrics.Scraped
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{mails: r.CounterVec("drawbridge_mails_total"), outbox: r.Scraped(mailsGauge, oldestGauge)}
	for _, result := range []string{"sent", "retried", "parked", "dropped"} {
		m.mails.WithLabelValues(result)
	}
	return m
}

// watch shows the outbox of s.
func (m *Metrics) watch(s *Service, leads func() bool) {
	if m != nil {
		m.outbox.From(leads, s.gauges)
	}
}

func (m *Metrics) mail(result string) {
	if m != nil {
		m.mails.WithLabelValues(result).Inc()
	}
}

func (s *Service) gauges(ctx context.Context, show metrics.Show) error {
	waiting, parked, oldest, err := s.outboxState(ctx)
	if err != nil {
		return err
	}
	show(mailsGauge, float64(waiting), "waiting")
	show(mailsGauge, float64(parked), "parked")
	if !oldest.IsZero() {
		show(oldestGauge, metrics.Seconds(oldest))
	}
	return nil
}
