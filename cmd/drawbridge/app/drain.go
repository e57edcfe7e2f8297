package app

import (
	"context"
	"net/http"
	"time"
)

// sharedDelay is the default of shutdown_delay for servers that share a database: by then, a balancer that asks every second or two has
// noticed.
const sharedDelay = 5 * time.Second

// drain begins a stop. The server is no longer ready, but continues to serve for shutdown_delay, so that a balancer sends requests to other
// servers before this one refuses any. It closes each connection after its next answer: a request that arrives on a connection just as the
// server closes it would fail.
func (a *App) drain(ctx context.Context) error {
	a.health.stop()
	delay := a.config.ShutdownDelay
	if delay == 0 && a.database != nil {
		delay = sharedDelay
	}
	if delay == 0 {
		return nil
	}
	a.draining.Store(true)
	a.log.InfoContext(ctx, "the server stops and still answers, until balancers have noticed", "delay", delay)
	end := time.NewTimer(delay)
	defer end.Stop()
	select {
	case <-end.C:
	case <-ctx.Done():
	}
	return nil
}

// lastAnswers makes each answer the last one of its connection while the server drains.
func (a *App) lastAnswers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}
