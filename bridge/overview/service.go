package overview

import (
	"drawbridge/bridge"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what a Service needs. Bridge, Txn and Plans are required.
type Config struct {
	Bridge  *bridge.Service
	Txn     *txn.Runner
	Plans   []directory.Plan
	Metrics *Metrics
	// Leads reports whether this process shows the gauges of tenants; of several processes on a store only one does. nil: it does.
	Leads func() bool
}

// Service answers the questions of the package. It is safe for concurrent use.
type Service struct {
	bridge *bridge.Service
	txn    *txn.Runner
	store  store.Store
	plans  []directory.Plan
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{bridge: cfg.Bridge, txn: cfg.Txn, store: cfg.Txn.Store(), plans: cfg.Plans}
	cfg.Metrics.watch(s, cfg.Leads)
	return s
}
