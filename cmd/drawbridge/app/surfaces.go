package app

import (
	"errors"
	"time"

	"drawbridge/application"
	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
	"drawbridge/invitepage"
	"drawbridge/scim"
	"drawbridge/scim/profile"
)

// surfaceConfig is what the surfaces for people and programs share.
type surfaceConfig struct {
	secret  []byte
	spool   *spool
	ids     *web.RequestIDs
	proxies web.Proxies
}

// surfaces makes the operator API, the application API and the page of invitations.
func (a *App) surfaces(o Options, f surfaceConfig) (err error) {
	changes, err := a.record.NewChanges(a.stopping)
	if err != nil {
		return err
	}
	config := console.Config{
		Bridge: a.bridge, Overview: a.overview, Operators: a.operators, Record: a.record, Changes: changes, Outbox: a.notify, Journal: a.journal, Authenticate: console.Local(a.operators), Plans: a.config.DirectoryPlans(),
		Version: a.version, BaseURL: a.BaseURL, APIURL: a.APIURL, Status: a.status, Configuration: a.config.settings(), Types: connectionTypes(), Backups: a.copies(), Doctor: a.doctor, Examine: a.examine, Observe: a.observe, Pull: a.puller, ReadSchemas: readSchemas, Jobs: jobRunner{a.jobs}, Spool: f.spool.store, Now: a.now, IDs: f.ids,
		Secret: f.secret, Stopping: a.stopping, Guard: a.guard,
		Logger: a.log.With("surface", "operator"),
	}
	config.Webhooks, config.TestWebhook = a.webhooks, a.pusher.Test
	config.Targets, config.Provision = a.targets, targetRuns{a.provisioner}
	a.console = console.New(config)
	if a.config.API.On() {
		config.Authenticate, config.Proxies, config.Logger = console.Operators(a.operators), f.proxies, a.log.With("surface", "api")
		config.OIDC, config.Console = a.config.API.OIDC.console(), a.config.API.Console
		if config.OIDC != nil {
			config.OIDC.Client = a.outbound.Client(oidcTimeout, oidcBytes)
		}
		a.network = console.New(config)
		if a.pages, err = a.browser(o.Console); err != nil {
			return err
		}
	}
	a.apps = application.New(application.Config{
		Bridge: a.bridge, Record: a.record, Version: a.version, Stopping: a.stopping, Now: a.now, IDs: f.ids, Proxies: f.proxies, Guard: a.guard, Logger: a.log.With("surface", "application"),
		Limits: a.config.Limits.application(), Share: &a.fleet.share, Metrics: application.NewMetrics(a.registry),
	})
	a.invitePage, err = invitepage.New(invitepage.Config{Bridge: a.bridge, Introduction: a.operators.Introduction, Now: a.now, IDs: f.ids, Proxies: f.proxies, Guard: a.guard, Logger: a.log.With("surface", "invitepage")})
	return err
}

// connectionTypes are the types of identity provider as the console shows them.
func connectionTypes() []wire.IdentityProvider {
	out := []wire.IdentityProvider{}
	for _, p := range profile.All() {
		setup := wire.Setup{Title: p.Title, Page: p.Setup.Page, URL: p.Setup.URL, Token: p.Setup.Token, Steps: append([]string{}, p.Setup.Steps...), Test: p.Setup.Test}
		t := wire.IdentityProvider{Type: string(p.Type), Title: p.Title, Cadence: int(p.Cadence.Seconds()), Setup: setup, Auth: []string{}}
		for _, kind := range p.Auth {
			t.Auth = append(t.Auth, map[directory.CredentialKind]string{directory.BearerToken: "bearer", directory.BasicSecret: "basic", directory.ClientSecret: "oauth"}[kind])
		}
		out = append(out, t)
	}
	return out
}

// cadence tells the bridge how often a healthy identity provider of a type sends requests, or is read.
func (a *App) cadence(t directory.ConnectionType) time.Duration {
	if t.Pulled() {
		return a.config.Google.Every
	}
	return profile.For(directory.Connection{Type: t}).Cadence
}

// readSchemas tells the console what is wrong with the schemas of a tenant, or completes them.
func readSchemas(custom []directory.CustomSchema) ([]directory.CustomSchema, error) {
	out, err := scim.Complete(custom)
	var e *scim.Error
	if errors.As(err, &e) {
		return nil, &directory.Error{Code: directory.Invalid, Field: "definition", Message: e.Detail}
	}
	return out, err
}
