package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/bridge"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/observe"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/postgres"
)

// observedCopies opens the installation in which connections in observe mode work: this configuration on a store of its own, with metrics
// that are not served, and without a journal, mails and jobs.
func (a *App) observedCopies(secret []byte) func(context.Context) (observe.Copies, error) {
	return func(ctx context.Context) (observe.Copies, error) {
		quiet, registry := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
		st, err := a.openCopies(ctx, registry)
		if err != nil {
			return observe.Copies{}, err
		}
		config := a.bridgeConfig(st, registry, secret)
		config.Logger, config.Mail, config.NoteFound = quiet, false, true
		config.Operators = operators.New(operators.Config{
			Txn: config.Txn, Random: config.Random, Uses: config.Uses, Throttle: config.Throttle, LinkURL: func(string) string { return "" },
		})
		service, err := bridge.New(config)
		if err != nil {
			_ = st.Close()
			return observe.Copies{}, err
		}
		return observe.Copies{Bridge: service, Store: st}, nil
	}
}

// copiesPath is the file of the copies.
func (a *App) copiesPath() string { return filepath.Join(a.config.Data, "observe.db") }

// anyCopies reports whether there can be copies, so that a server that never observed makes no store for them.
func (a *App) anyCopies() bool {
	if a.config.Store.Shared() {
		return a.config.Store.ObserveURL != ""
	}
	_, err := os.Stat(a.copiesPath())
	return err == nil
}

// openCopies opens the store of the copies: a file beside the store, or the database that the configuration names.
func (a *App) openCopies(ctx context.Context, registry prometheus.Registerer) (store.Store, error) {
	c := &a.config.Store
	if !c.Shared() {
		return bolt.Open(a.copiesPath(), bolt.Options{
			MaxSize: int(c.MaxBytes), InitialMmapSize: int(c.MmapBytes), Now: a.now, Metrics: bolt.NewMetrics(registry), Logger: a.log.With("part", "observe"),
		})
	}
	if c.ObserveURL == "" {
		return nil, &directory.Error{Code: directory.Unsupported, Rule: "C9", Message: "observe mode keeps its copies in a database of its own: make an empty one and name it in store.observe_url"}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return postgres.Open(ctx, string(c.ObserveURL), postgres.Options{
		Connections: c.Connections, Migrate: true, Now: a.now, Metrics: postgres.NewMetrics(registry), Logger: a.log.With("part", "observe"),
	})
}
