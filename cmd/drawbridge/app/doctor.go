package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/bridge"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/doctor"
	"drawbridge/internal/web"
	"drawbridge/scim/server"
	"drawbridge/store/bolt"
)

const (
	copyPrefix = "doctor-"
	copyBytes  = 64 << 20 // of the store of one copy
)

// dropCopies removes what doctor sessions of a killed process left behind (D7).
func (c *Config) dropCopies() error {
	left, err := filepath.Glob(filepath.Join(c.Data, copyPrefix+"*"))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// copyOpener makes the empty installations that doctor copies a connection to: this configuration on a store in a temporary folder,
// with metrics that nobody reads, and without a journal, mails and jobs.
func (a *App) copyOpener(secret []byte, proxies web.Proxies) func(context.Context) (doctor.Copy, error) {
	return func(ctx context.Context) (_ doctor.Copy, err error) {
		folder, err := os.MkdirTemp(a.config.Data, copyPrefix)
		if err != nil {
			return doctor.Copy{}, err
		}
		undo := func(context.Context) error { return os.RemoveAll(folder) }
		defer func() {
			if err != nil {
				err = errors.Join(err, undo(ctx))
			}
		}()
		quiet, registry := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
		st, err := bolt.Open(filepath.Join(folder, "copy.db"), bolt.Options{MaxSize: copyBytes, InitialMmapSize: copyBytes, Now: a.now, Metrics: bolt.NewMetrics(registry), Logger: quiet})
		if err != nil {
			return doctor.Copy{}, err
		}
		undo = func(context.Context) error { return errors.Join(st.Close(), os.RemoveAll(folder)) }

		config := a.bridgeConfig(st, registry, secret)
		config.Plans, config.Logger = unboundedPlans(config.Plans), quiet
		config.Operators = operators.New(operators.Config{
			Txn: config.Txn, Random: config.Random, Uses: config.Uses, Throttle: config.Throttle, LinkURL: func(string) string { return "" },
		})
		service, err := bridge.New(config)
		if err != nil {
			return doctor.Copy{}, err
		}
		return doctor.Copy{
			Bridge: service,
			SCIM: server.New(server.Config{
				Bridge: service, Now: a.now, Limits: a.config.Limits.server(), BaseURL: a.publicURL(), Proxies: proxies, Guard: a.guard,
				Metrics: server.NewMetrics(registry), Logger: a.log.With("surface", "doctor"), Stopping: a.stopping,
			}),
			Close: func(ctx context.Context) error {
				return errors.Join(service.Close(ctx), st.Close(), os.RemoveAll(folder))
			},
		}, nil
	}
}

// unboundedPlans are plans that never run out of seats.
func unboundedPlans(plans []directory.Plan) []directory.Plan {
	for i := range plans {
		plans[i].MaxMembers = 0
	}
	return plans
}
