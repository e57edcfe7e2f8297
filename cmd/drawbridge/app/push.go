package app

import (
	"math/rand/v2"
	"time"

	"drawbridge/push"
)

const (
	webhookTimeout = 15 * time.Second
	webhookBytes   = 128 << 10 // of an answer
)

// startPush delivers events to webhooks, on the server that leads.
func (a *App) startPush() {
	a.pusher = push.New(push.Config{
		Webhooks: a.webhooks, Client: a.outbound.Client(webhookTimeout, webhookBytes), NewID: newID, Now: a.now, Leads: a.fleet.lease.Leads,
		Jitter:  rand.Float64,
		Version: a.version, Metrics: push.NewMetrics(a.registry), Logger: a.log.With("part", "webhooks"),
	})
	a.undo("webhooks", a.pusher.Close)
	a.background("webhooks", time.Second, a.pusher.Tick)
}
