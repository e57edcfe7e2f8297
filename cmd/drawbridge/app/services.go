package app

import (
	"context"
	"crypto/rand"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/overview"
	"drawbridge/bridge/record"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/txn"
	"drawbridge/bridge/webhooks"
	"drawbridge/console"
	"drawbridge/directory"
	"drawbridge/store"
)

// services makes the services of the bridge on a store. requests is the request journal; nil: none is kept. secret is what the links in
// mails are made from.
func (a *App) services(st store.Store, requests store.Journal, secret []byte) error {
	mailer, err := a.mailer()
	if err != nil {
		return err
	}
	signing, err := signingKey(context.Background(), st)
	if err != nil {
		return err
	}
	old, err := a.openArchive(context.Background(), st)
	if err != nil {
		return err
	}
	config := a.bridgeConfig(st, a.registry, secret)
	if config.Seal, err = a.config.Seal.ring(context.Background(), st); err != nil {
		return err
	}
	runner, uses := config.Txn, config.Uses

	a.operators = operators.New(operators.Config{
		Txn: runner, Random: rand.Reader, Uses: uses, Throttle: config.Throttle,
		Mail:    mailer != nil,
		LinkURL: func(text string) string { return console.LinkURL(a.APIURL(), text) },
		Limits:  operators.Limits{SessionIdle: a.config.API.SessionIdle, SessionLife: a.config.API.SessionLifetime},
	})
	a.journal = record.NewJournal(record.JournalConfig{Txn: runner, Requests: requests, Defaults: a.config.Settings(), Logger: a.log})
	config.Operators, config.Logger, config.Signing = a.operators, a.log, signing
	config.HealthChecked = a.fleet.healthChecked
	config.JournalSettings, config.Rejected = a.journal.SettingsChanged, a.journal.Rejected
	config.Archived = func(ctx context.Context, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, error) {
		return a.record.ArchivedAudit(ctx, tenant, after, limit)
	}
	config.Erasing = func(ctx context.Context, tenant directory.TenantID) error { return a.webhooks.NoteGaps(ctx, tenant) }
	config.Leave = func(ctx context.Context, gone map[directory.TenantID]sharing.Departure, how directory.Run) ([]string, error) {
		left, err := a.webhooks.Leave(ctx, gone, how)
		if err != nil {
			return left, err
		}
		more, err := a.targets.Leave(ctx, gone, how)
		return append(left, more...), err
	}
	if a.bridge, err = bridge.New(config); err != nil {
		return err
	}
	a.undo("bridge", a.bridge.Close)
	a.overview = overview.New(overview.Config{
		Bridge: a.bridge, Txn: runner, Plans: config.Plans, Metrics: overview.NewMetrics(a.registry), Leads: a.fleet.lease.Leads,
	})
	a.record = record.New(record.Config{
		Txn: runner, Write: a.bridge.Write, Random: rand.Reader, Uses: uses, Defaults: a.config.Settings(), Archive: old, Metrics: record.NewMetrics(a.registry),
		Streams: a.config.Audit.streams(), StreamMetrics: record.NewStreamMetrics(a.registry, a.fleet.lease.Leads),
	})
	checkURL := func(ctx context.Context, field, url string) error {
		_, err := a.outbound.CheckURL(ctx, field, url)
		return err
	}
	a.webhooks = webhooks.New(webhooks.Config{
		Txn: runner, Write: a.bridge.Write, Random: rand.Reader, Seal: config.Seal, Metrics: webhooks.NewMetrics(a.registry), Leads: a.fleet.lease.Leads, CheckURL: checkURL,
		Archived: a.record.ArchivedAudit,
	})
	a.targets = targets.New(targets.Config{
		Txn: runner, Write: a.bridge.Write, Random: rand.Reader, Seal: config.Seal, Defaults: a.config.Settings(), Metrics: targets.NewMetrics(a.registry),
		Leads: a.fleet.lease.Leads, CheckURL: checkURL,
	})
	a.notify = notify.New(notify.Config{
		Txn: runner, Operators: a.operators, Mailer: mailer, Recipients: a.config.Mail.recipients(),
		Links: map[directory.MailKind]notify.LinkMaker{
			directory.UserInvitationMail: a.bridge.Invitations().Mail, directory.UserConfirmationMail: a.bridge.Invitations().Mail,
		},
		Metrics: notify.NewMetrics(a.registry), Leads: a.fleet.lease.Leads, Logger: a.log,
	})
	if _, err := a.journal.Keep(context.Background(), directory.JobPrincipal("journal"), directory.RunApply); err != nil {
		a.log.Warn("the request journal cannot be read; requests are answered all the same", "error", err)
	}
	return nil
}

// bridgeConfig is the configuration that the bridge of the server and the copies of doctor have in common, on a store, with metrics in reg.
// Operators is missing.
func (a *App) bridgeConfig(st store.Store, reg prometheus.Registerer, secret []byte) bridge.Config {
	metrics := bridge.NewMetrics(reg)
	buckets, _ := store.As[store.Buckets](st)
	return bridge.Config{
		Txn:  txn.New(txn.Config{Store: st, Now: a.now, NewID: newID, Refused: metrics.Refused}),
		Uses: &credential.Uses{}, Throttle: credential.NewThrottle(buckets), Random: rand.Reader,
		Plans: a.config.DirectoryPlans(), Defaults: a.config.Settings(), Cadence: a.cadence, Metrics: metrics,
		Region: a.config.Region, Software: "drawbridge " + a.version,
		Mail:          a.config.Mail.On(),
		InvitationKey: linkKey(secret), InvitationURL: func(tenant directory.TenantID, link string) string {
			return a.BaseURL() + bridge.InvitationPath(tenant, link)
		},
	}
}

// mailer sends mails to the configured mail server; nil if none is configured.
func (a *App) mailer() (notify.Mailer, error) {
	if !a.config.Mail.On() {
		return nil, nil
	}
	mailer, err := a.config.mailer(a.now, func(ctx context.Context) (directory.Introduction, error) { return a.operators.Introduction(ctx) })
	if err != nil {
		return nil, err
	}
	if a.config.API.On() && a.config.BaseURL == "" && a.config.API.BaseURL == "" {
		a.log.Warn("links in mails begin with the address that is listened on; set api.base_url to how operators reach the API")
	}
	return mailer, nil
}
