package metrics

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Kind is what Prometheus calls the type of a metric.
type Kind string

// The kinds of metrics.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Metric is one row of the list.
type Metric struct {
	Name    string
	Kind    Kind
	Labels  []string
	Buckets []float64 // the upper bounds of a histogram, in the unit of its name
	Help    string    // what it means, and what to do
	Exists  string    // from when on it has a series, for the manual
}

// Set registers metrics of the list. Each method takes the name of a metric, and panics if the list does not have it with this kind: that
// is a mistake in the program, which every start finds.
type Set struct {
	known    map[string]Metric
	registry prometheus.Registerer
}

// On gives the Set that registers with reg; nil registers nowhere.
func On(reg prometheus.Registerer) Set {
	s := Set{known: map[string]Metric{}, registry: reg}
	for _, m := range All() {
		s.known[m.Name] = m
	}
	return s
}

func (s Set) metric(name string, kind Kind) Metric {
	m, ok := s.known[name]
	if !ok || m.Kind != kind {
		panic(fmt.Sprintf("the list of metrics has no %s %s", kind, name))
	}
	return m
}

func (s Set) register(c prometheus.Collector) {
	if s.registry != nil {
		s.registry.MustRegister(c)
	}
}

func registered[C prometheus.Collector](s Set, c C) C {
	s.register(c)
	return c
}

// CounterVec registers a counter with labels.
func (s Set) CounterVec(name string) *prometheus.CounterVec {
	m := s.metric(name, Counter)
	return registered(s, prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.Labels))
}

// Counter registers a counter without labels.
func (s Set) Counter(name string) prometheus.Counter {
	m := s.metric(name, Counter)
	return registered(s, prometheus.NewCounter(prometheus.CounterOpts{Name: m.Name, Help: m.Help}))
}

// GaugeVec registers a gauge with labels, or one that has no series before it gets a value.
func (s Set) GaugeVec(name string) *prometheus.GaugeVec {
	m := s.metric(name, Gauge)
	return registered(s, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}, m.Labels))
}

// Gauge registers a gauge without labels.
func (s Set) Gauge(name string) prometheus.Gauge {
	m := s.metric(name, Gauge)
	return registered(s, prometheus.NewGauge(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}))
}

// GaugeFunc registers a gauge whose value is read when it is scraped.
func (s Set) GaugeFunc(name string, read func() float64) {
	m := s.metric(name, Gauge)
	s.register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}, read))
}

// HistogramVec registers a histogram with labels.
func (s Set) HistogramVec(name string) *prometheus.HistogramVec {
	m := s.metric(name, Histogram)
	return registered(s, prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: m.Name, Help: m.Help, Buckets: m.Buckets}, m.Labels))
}

// Histogram registers a histogram without labels.
func (s Set) Histogram(name string) prometheus.Histogram {
	m := s.metric(name, Histogram)
	return registered(s, prometheus.NewHistogram(prometheus.HistogramOpts{Name: m.Name, Help: m.Help, Buckets: m.Buckets}))
}
