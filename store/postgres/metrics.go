package postgres

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what a store does.
type Metrics struct {
	commits  prometheus.Counter
	updates  prometheus.Counter
	failures prometheus.Counter
	unknowns prometheus.Counter
}

// NewMetrics registers the metrics of a store.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "drawbridge_store_" + name, Help: help})
		registry.MustRegister(c)
		return c
	}
	return &Metrics{
		commits:  counter("commits_total", "Commits to the store; updates of one tenant that queue up share one."),
		updates:  counter("committed_updates_total", "Updates that were committed."),
		failures: counter("failed_commits_total", "Commits that failed; nothing of them was written."),
		unknowns: counter("unknown_commits_total", "Commits of which the store could not find out what became of them."),
	}
}

func (m *Metrics) committed(updates int) {
	if m != nil {
		m.commits.Inc()
		m.updates.Add(float64(updates))
	}
}

func (m *Metrics) failed() {
	if m != nil {
		m.failures.Inc()
	}
}

func (m *Metrics) unknown() {
	if m != nil {
		m.unknowns.Inc()
	}
}
