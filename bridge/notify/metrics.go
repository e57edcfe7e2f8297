package notify

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics is what the package shows to Prometheus (E5). The gauges are read from the store when they are scraped. If several processes
// share the store, one of them shows the gauges. A nil Metrics counts nothing.
type Metrics struct {
	mails  *prometheus.CounterVec
	outbox *outbox
}

// NewMetrics registers the metrics of a Service with reg; give the result to New by Config.Metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drawbridge_mails_total",
			Help: "Attempts to send a mail: sent, retried (the mail server is away or says later), parked (given up; see drawbridge mail list), dropped (whom it was for may not read it any more, or its link has ended).",
		}, []string{"result"}),
		outbox: &outbox{
			mails:  prometheus.NewDesc("drawbridge_outbox_mails", "Mails in the outbox: waiting, or parked because they could not be sent; retry or drop parked ones with drawbridge mail.", []string{"state"}, nil),
			oldest: prometheus.NewDesc("drawbridge_outbox_oldest_timestamp_seconds", "When the oldest mail that was tried and not sent yet was written; none is shown if there is none. If it does not change, look at the mail server.", nil, nil),
		},
	}
	for _, result := range []string{"sent", "retried", "parked", "dropped"} {
		m.mails.WithLabelValues(result)
	}
	reg.MustRegister(m.mails, m.outbox)
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
