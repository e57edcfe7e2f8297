package notify

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/internal/metrics"
)

// Metrics is what the package shows to Prometheus (E5). The gauges are read from the store when they are scraped. If several processes
// share the store, one of them shows the gauges. A nil Metrics counts nothing.
type Metrics struct {
	mails  *prometheus.CounterVec
	outbox *outbox
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	r := metrics.On(reg)
	m := &Metrics{
		mails: r.CounterVec("drawbridge_mails_total"),
		outbox: &outbox{
			mails:  r.Desc("drawbridge_outbox_mails"),
			oldest: r.Desc("drawbridge_outbox_oldest_timestamp_seconds"),
		},
	}
	for _, result := range []string{"sent", "retried", "parked", "dropped"} {
		m.mails.WithLabelValues(result)
	}
	r.Register(m.outbox)
	return m
}

// watch points the gauges at s.
func (m *Metrics) watch(s *Service) {
	if m != nil {
		m.outbox.service.Store(s)
	}
}

func (m *Metrics) mail(result string) {
	if m != nil {
		m.mails.WithLabelValues(result).Inc()
	}
}

// outbox reads the outbox when it is scraped.
type outbox struct {
	service       atomic.Pointer[Service]
	mails, oldest *prometheus.Desc
}

// Describe tells which metrics there are.
func (o *outbox) Describe(out chan<- *prometheus.Desc) {
	out <- o.mails
	out <- o.oldest
}

// scrapeTime bounds what one scrape may cost.
const scrapeTime = 10 * time.Second

// Collect reads the outbox. If it cannot be read, the scrape fails, instead of showing old numbers.
func (o *outbox) Collect(out chan<- prometheus.Metric) {
	s := o.service.Load()
	if s == nil || !s.leads() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	waiting, parked, oldest, err := s.outboxState(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(o.mails, err)
		return
	}
	out <- prometheus.MustNewConstMetric(o.mails, prometheus.GaugeValue, float64(waiting), "waiting")
	out <- prometheus.MustNewConstMetric(o.mails, prometheus.GaugeValue, float64(parked), "parked")
	if !oldest.IsZero() {
		out <- prometheus.MustNewConstMetric(o.oldest, prometheus.GaugeValue, float64(oldest.UnixMilli())/1000)
	}
}
