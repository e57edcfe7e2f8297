package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"drawbridge/application"
	"drawbridge/bridge"
	"drawbridge/bridge/jobs"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/record"
	"drawbridge/console"
	"drawbridge/console/ui"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/doctor"
	"drawbridge/internal/outbound"
	"drawbridge/internal/web"
	"drawbridge/invitepage"
	"drawbridge/observe"
	"drawbridge/scim"
	"drawbridge/scim/profile"
	"drawbridge/scim/server"
	"drawbridge/store"
	"drawbridge/store/journal"
	"drawbridge/store/postgres"
)

// Options are what the surroundings give to an App. The zero value is good.
type Options struct {
	Version string           // "": "dev"
	Commit  string           // "": what Go wrote into the program
	Logger  *slog.Logger     // nil: made from the configuration, to LogTo
	LogTo   io.Writer        // nil: standard error
	Now     func() time.Time // nil: the real clock
	Env     []string         // nil: no environment
	Console fs.FS            // the folder console/ui, read again with each page, for work on the console; nil: what the program carries
	Program string           // the binary that is started as a worker to look at copies of the store; "": this one
}

// App is a server: everything wired together. New makes one, Start lets it serve, Stop ends it.
type App struct {
	config  *Config
	name    string // among the servers that share its store
	version string
	commit  string
	log     *slog.Logger
	now     func() time.Time
	started time.Time

	registry   *prometheus.Registry
	guard      *web.Guard
	sockets    *web.Connections
	metrics    http.Handler
	health     *health
	fleet      *fleet
	database   *postgres.Store // nil: the store is a file
	bridge     *bridge.Service
	operators  *operators.Service
	record     *record.Service
	notify     *notify.Service
	journal    *record.Journal
	doctor     *doctor.Sessions
	observe    *observe.Service
	puller     puller
	jobs       *jobs.Runner
	outbound   *outbound.Guard
	worker     program
	backups    *backups
	scim       http.Handler
	console    http.Handler
	network    http.Handler // the operator API for operators who sign in; nil if only the socket has it
	pages      http.Handler // the browser console; nil if it is not served
	apps       http.Handler
	invitePage http.Handler    // what the links of invitation mails open
	stopping   context.Context //nolint:containedctx // requests that wait for events or a delayed refusal end with it
	endWaits   context.CancelFunc
	tls        *tls.Config
	// certificate is what tls serves; nil: plain HTTP.
	certificate certificate

	mu       sync.Mutex
	cleanups []cleanup
	stopped  bool
	stopErr  error
	failed   chan error // the first failure of a listener
	addr     net.Addr
	apiAddr  string
	// listeners are the TCP addresses that are served; outbound refuses them.
	listeners []netip.AddrPort
	socket    string
}

// cleanup undoes one step of the start.
type cleanup struct {
	name string
	do   func(context.Context) error
}

// New wires everything but serves nothing yet. If it fails, it closes everything that it opened.
func New(cfg *Config, o Options) (*App, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a := &App{config: cfg, name: serverName(), version: o.Version, commit: o.Commit, log: o.Logger, now: o.Now, failed: make(chan error, 1)}
	if a.version == "" {
		a.version = "dev"
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.log == nil {
		to := o.LogTo
		if to == nil {
			to = os.Stderr
		}
		a.log = cfg.Log.logger(to)
	}
	a.started = a.now()
	a.stopping, a.endWaits = context.WithCancel(context.Background())
	a.worker = program{path: o.Program, name: o.Program}
	if o.Program == "" {
		var err error
		if a.worker, err = thisProgram(); err != nil {
			return nil, err
		}
	}
	if err := a.wire(o); err != nil {
		return nil, errors.Join(err, a.Stop(context.Background()))
	}
	return a, nil
}

// logger makes the logger that the configuration asks for.
func (c LogConfig) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(c.Level)) != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

func (a *App) wire(o Options) error {
	for _, w := range a.config.Warnings {
		a.log.Warn("configuration", "warning", w)
	}
	if a.config.Mail.On() && a.config.BaseURL == "" && a.config.TLS.ACME.Domain == "" {
		a.log.Warn("configuration", "warning", "base_url is missing, so the links in invitations begin with the address that this server listens on")
	}
	if err := a.dataFolder(); err != nil {
		return err
	}
	proxies, err := web.ParseProxies(a.config.Web.TrustedProxies)
	if err != nil {
		return err
	}
	if a.certificate, err = a.config.certificateSource(a.now, a.log); err != nil {
		return err
	}
	a.tls = tlsConfig(a.certificate)
	a.outbound = a.config.guard(a.listening)
	a.undo("outbound", func(context.Context) error { a.outbound.CloseIdle(); return nil })
	a.registry, a.health = a.newRegistry(), newHealth(a.now)
	a.bound(o.Env, proxies)

	st, err := a.openStore(context.Background())
	if err != nil {
		return err
	}
	secret, err := a.config.cursorSecret(context.Background(), st)
	if err != nil {
		return err
	}

	spool := newSpool(a.config.Data, int64(a.config.Limits.BundleBytes))
	if err := errors.Join(spool.drop(), a.config.dropCopies()); err != nil {
		return err
	}
	a.fleet = a.newFleet(st)
	requests, bodies := a.openJournal(st)
	if err := a.services(st, requests, secret); err != nil {
		return err
	}
	a.watchStore(st)
	a.background("flush", a.flushEvery(), a.bridge.Flush)

	a.observe = observe.New(observe.Config{Bridge: a.bridge, Store: st, Open: a.observedCopies(secret), Any: a.anyCopies, Now: a.now})
	a.undo("observe", a.observe.Close)
	a.scim = server.New(server.Config{
		Bridge: a.bridge, Observe: a.observe.Serve, Now: a.now, Secret: secret, Limits: a.config.Limits.server(), Share: &a.fleet.share, BaseURL: a.publicURL(),
		Proxies: proxies, Guard: a.guard, Metrics: server.NewMetrics(a.registry), Logger: a.log, Journal: bodies, Note: a.journal.Note, Stopping: a.stopping,
	})
	a.doctor = doctor.New(doctor.Config{Bridge: a.bridge, Open: a.copyOpener(secret, proxies), Now: a.now})
	a.scim = a.doctor.Handler(a.scim)
	a.undo("doctor", a.doctor.Close)
	a.background("doctor", time.Minute, a.doctor.Expire)
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		return err
	}
	if a.puller, err = a.newPuller(a.fleet.lease); err != nil {
		return err
	}
	a.jobs = jobs.New(jobs.Config{
		Lease: a.fleet.lease, Board: a.fleet.board(),
		Jobs: append(jobs.Shipped(jobs.Services{Bridge: a.bridge, Record: a.record, Journal: a.journal, Observe: a.observe.Continue}), append(a.ownJobs(), a.puller.job(a.config.Google.Every))...), Now: a.now, Jitter: jitter, Metrics: jobs.NewMetrics(a.registry), Logger: a.log.With("part", "jobs"),
	})
	return a.faces(o, faces{secret: secret, spool: spool, ids: ids, proxies: proxies})
}

// bound sets up what bounds the clients of all surfaces together: memory, processors and connections.
func (a *App) bound(env []string, proxies web.Proxies) {
	memory := planMemory(int64(a.config.Limits.MemoryBytes), containerMemory(os.DirFS("/")))
	memory.apply(env)
	a.log.Debug("memory", "requests", memory.requests, "runtime", memory.runtime, "container", memory.container)
	guard := a.config.Limits.guard()
	guard.Memory, guard.Metrics, guard.Stopping, guard.Processors = memory.requests, web.NewMetrics(a.registry), a.stopping, max(1, runtime.GOMAXPROCS(0)-1)
	a.guard = web.NewGuard(guard)
	a.metrics = metricsHandler(a.registry, a.now, proxies)
	a.sockets = web.NewConnections(a.config.Limits.Connections, a.config.Limits.ConnectionsPerClient, proxies, a.guard)
}

// faces is what the surfaces for people and programs share.
type faces struct {
	secret  []byte
	spool   *spool
	ids     *web.RequestIDs
	proxies web.Proxies
}

// faces makes the operator API, the application API and the page of invitations.
func (a *App) faces(o Options, f faces) (err error) {
	config := console.Config{
		Bridge: a.bridge, Operators: a.operators, Record: a.record, Outbox: a.notify, Journal: a.journal, Authenticate: console.Local(a.operators), Plans: a.config.DirectoryPlans(),
		Version: a.version, BaseURL: a.BaseURL, APIURL: a.APIURL, Status: a.status, Types: connectionTypes(), Backups: a.copies(), Doctor: a.doctor, Observe: a.observe, Pull: a.puller, ReadSchemas: readSchemas, Jobs: jobRunner{a.jobs}, Spool: f.spool.keep, Now: a.now, IDs: f.ids,
		Secret: f.secret, Stopping: a.stopping,
		Logger: a.log.With("surface", "operator"),
	}
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
		Bridge: a.bridge, Record: a.record, Version: a.version, Stopping: a.stopping, Now: a.now, IDs: f.ids, Proxies: f.proxies, Logger: a.log.With("surface", "application"),
		Limits: a.config.Limits.application(), Share: &a.fleet.share, Metrics: application.NewMetrics(a.registry),
	})
	a.invitePage, err = invitepage.New(invitepage.Config{Bridge: a.bridge, Now: a.now, IDs: f.ids, Proxies: f.proxies, Logger: a.log.With("surface", "invitepage")})
	return err
}

// openJournal opens the request journal, if one is kept: beside the store, and apart from it. Servers that share a database share the
// journal too.
func (a *App) openJournal(st store.Store) (requests store.Journal, bodies int) {
	if !a.config.Journal.Enabled {
		return nil, 0
	}
	if database, ok := store.As[*postgres.Store](st); ok {
		j := database.Journal()
		a.undo("journal", j.Close)
		return j, int(a.config.Journal.BodyBytes)
	}
	j := journal.Open(filepath.Join(a.config.Data, "journal"), journal.Options{
		Now: a.now, MaxBytes: int64(a.config.Journal.MaxBytes), Metrics: journal.NewMetrics(a.registry), Logger: a.log,
	})
	a.undo("journal", j.Close)
	return j, int(a.config.Journal.BodyBytes)
}

// userError is a directory.Error that people read: its Message alone, without the code and the cause.
type userError struct{ error }

func (s userError) Unwrap() error { return s.error }

func (s userError) Error() string {
	var e *directory.Error
	if errors.As(s.error, &e) {
		return e.Message
	}
	return s.error.Error()
}

// dataFolder makes the folder for everything that is kept.
func (a *App) dataFolder() error {
	data := a.config.Data
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("the data folder %s cannot be made: %w", data, err)
	}
	info, err := os.Stat(data)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder; data names the folder for all data", data)
	}
	if info.Mode().Perm()&0o022 != 0 && runtime.GOOS != "windows" {
		a.log.Warn("others may write to the data folder; chmod 700 is better", "folder", data)
	}
	return nil
}

// flushEvery is how often the uses of credentials are written: what one server has not written is not seen by the others.
func (a *App) flushEvery() time.Duration {
	if a.config.Store.Shared() {
		return 5 * time.Second
	}
	return 30 * time.Second
}

// watchStore keeps the server from being ready while the store takes no writes.
func (a *App) watchStore(st store.Store) {
	prober, ok := store.As[store.Prober](st)
	if !ok {
		return
	}
	a.health.look("store", prober.Health)
	a.background("store", 2*time.Second, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return prober.Probe(ctx)
	})
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

func (a *App) newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "drawbridge_build_info",
		Help: "Always 1; the labels say which program this is. A change of them is an upgrade.",
	}, []string{"version", "revision", "go_version"})
	info.WithLabelValues(a.version, NewBuild(a.version, a.commit, "").Commit, runtime.Version()).Set(1)
	reg.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// undo notes how to take a step back. Steps are taken back in reverse order.
func (a *App) undo(name string, do func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cleanups = append(a.cleanups, cleanup{name, do})
}

// background runs work every so often until Stop. While it fails the server is not ready.
func (a *App) background(part string, every time.Duration, work func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		loop(ctx, a.log, part, every, work, a.health.report)
	}()
	a.undo(part+" loop", func(context.Context) error {
		cancel()
		<-done
		return nil
	})
}

// Start opens the listeners and serves. When it fails, Stop is still the way to close what New opened.
func (a *App) Start(ctx context.Context) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen or DRAWBRIDGE_LISTEN", a.config.Listen, err)
	}
	a.mu.Lock()
	a.addr = ln.Addr()
	a.mu.Unlock()
	operator, socket, removeSocket, err := listenSocket(ctx, a.config.Data)
	if err != nil {
		return errors.Join(fmt.Errorf("the operator's socket: %w", err), ln.Close())
	}
	a.socket = socket
	a.undo("socket", func(context.Context) error { return removeSocket() })

	public, err := a.startMetrics(ctx, ln.Addr())
	if err != nil {
		return errors.Join(err, ln.Close(), operator.Close())
	}
	slow := a.config.Limits.timeouts() // operators wait for events
	slow.Write = 0
	if err := a.startNetwork(ctx, &public); err != nil {
		return errors.Join(err, ln.Close(), operator.Close())
	}
	a.serve("operator", operator, web.ByPrefix(a.console, a.probes(a.metrics)...), slow)
	public = append(public, web.Mount{Prefix: "/app", Handler: a.apps}, web.Mount{Prefix: invitepage.Prefix, Handler: a.invitePage})
	scim := web.ByPrefix(a.scim, public...)
	if a.config.API.Listen == "" {
		scim = a.front(scim)
	}
	a.serve("scim", ln, scim, a.config.Limits.timeouts())
	a.watchCertificate() // the authority connects to the listener
	lost, err := a.bridge.WithoutPlan(ctx)
	if err != nil {
		return errors.Join(err, ln.Close(), operator.Close())
	}
	for i := range lost {
		a.log.ErrorContext(ctx, "a plan is missing", "warning", bridge.PlanWarning(lost[i]), "tenant", lost[i].ID, "plan", lost[i].Plan)
	}
	a.jobs.Start()
	a.undo("jobs", a.jobs.Stop)
	a.undo("readiness", func(context.Context) error { a.health.stop(); return nil })
	a.log.InfoContext(ctx, "ready", "url", a.BaseURL(), "address", a.Addr(), "data", a.config.Data, "version", a.version)
	return nil
}

// startNetwork serves the operator API and the console to those who sign in: on an address of its own, or beside SCIM.
func (a *App) startNetwork(ctx context.Context, public *[]web.Mount) error {
	if a.network == nil {
		return nil
	}
	mounts := []web.Mount{{Prefix: "/api/", Handler: a.network}}
	if a.pages != nil {
		mounts = append(mounts, web.Mount{Prefix: ui.Prefix, Handler: a.pages})
	}
	if a.config.API.Listen == "" {
		*public = append(*public, mounts...)
		return nil
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", a.config.API.Listen)
	if err != nil {
		return fmt.Errorf("api.listen: listen on %s: %w", a.config.API.Listen, err)
	}
	a.mu.Lock()
	a.apiAddr = ln.Addr().String()
	a.mu.Unlock()
	a.serve("api", ln, a.front(web.ByPrefix(http.NotFoundHandler(), mounts...)), a.config.Limits.timeouts())
	return nil
}

// browser makes the console, if it is served. dir is where its files are read from; nil: from the program itself.
func (a *App) browser(dir fs.FS) (http.Handler, error) {
	switch {
	case !a.config.API.Console:
		return nil, nil
	case dir != nil:
		return ui.Watch(dir), nil
	}
	return ui.New()
}

// front sends browsers to the console, if it is served on the listener of h.
func (a *App) front(h http.Handler) http.Handler {
	if a.pages == nil {
		return h
	}
	return ui.Front(h)
}

// APIURL is where the operator API is reached over the network, without a path; "" if it is not. It comes from the configuration
// and from what is listened on, never from a request: links in mails begin with it.
func (a *App) APIURL() string {
	if a.network == nil {
		return ""
	}
	if a.config.API.BaseURL != "" {
		return strings.TrimRight(a.config.API.BaseURL, "/")
	}
	if a.config.API.Listen == "" {
		return a.BaseURL()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	scheme := "http"
	if a.tls != nil {
		scheme = "https"
	}
	return scheme + "://" + a.apiAddr
}

// serve runs one listener until Stop.
func (a *App) serve(name string, ln net.Listener, h http.Handler, t web.Timeouts) {
	srv := web.NewServer(h, t, a.log)
	a.listens(ln.Addr())
	if name != "operator" { // a process that may open the socket may do everything
		ln = a.sockets.Bind(srv, ln)
	}
	serve := srv.Serve
	if a.tls != nil && (name == "scim" || name == "api") {
		srv.TLSConfig = a.tls
		serve = func(ln net.Listener) error { return srv.ServeTLS(ln, "", "") }
	}
	waiting, cancel := context.WithCancel(context.Background())
	if name == "operator" || name == "api" { // long polls end when the server does
		srv.BaseContext = func(net.Listener) context.Context { return waiting }
	}
	if name == "operator" {
		srv.ConnContext = web.WithPeer
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serve(ln); !errors.Is(err, http.ErrServerClosed) {
			select {
			case a.failed <- fmt.Errorf("the %s listener on %s ended: %w", name, ln.Addr(), err):
			default:
			}
		}
	}()
	a.undo(name+" listener", func(ctx context.Context) error {
		cancel()
		ctx, stop := context.WithTimeout(ctx, a.config.ShutdownTimeout)
		defer stop()
		err := srv.Shutdown(ctx)
		if err != nil {
			err = errors.Join(fmt.Errorf("requests were still under way after %s and have been cut off", a.config.ShutdownTimeout), srv.Close())
		}
		<-done
		return err
	})
}

// Wait blocks until a listener fails or ctx ends. Neither stops the App: Stop does.
func (a *App) Wait(ctx context.Context) error {
	select {
	case err := <-a.failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// Stop takes every step back in reverse order: nothing new is accepted, requests under way are answered, what was noted is
// written, the store is closed. It may be called twice, and after a New or Start that failed.
func (a *App) Stop(ctx context.Context) error {
	a.mu.Lock()
	if a.stopped {
		defer a.mu.Unlock()
		return a.stopErr
	}
	a.stopped = true
	if a.endWaits != nil { // New may have failed before
		a.endWaits()
	}
	steps := a.cleanups
	a.cleanups = nil
	a.mu.Unlock()

	var errs []error
	for _, step := range slices.Backward(steps) {
		a.log.DebugContext(ctx, "stopping", "part", step.name)
		if err := step.do(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", step.name, err))
		}
	}
	err := errors.Join(errs...)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopErr = err
	return err
}

// Addr is where SCIM is served, "" before Start: host and port, also for a port that was free to choose.
func (a *App) Addr() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.addr == nil {
		return ""
	}
	return a.addr.String()
}

// Operator is the operator API as on the socket, for programs that embed the server. It has no deadlines of a connection, because those
// use the real clock.
func (a *App) Operator() http.Handler { return a.console }

// Socket is the path of the operator's socket, "" before Start.
func (a *App) Socket() string { return a.socket }

// publicURL is how the server is reached from outside, without a path, if the configuration tells; else "".
func (a *App) publicURL() string {
	if a.config.BaseURL == "" && a.config.TLS.ACME.Domain != "" {
		return "https://" + a.config.TLS.ACME.Domain
	}
	return strings.TrimRight(a.config.BaseURL, "/")
}

// BaseURL is how the server is reached, without a path: as configured, or as it listens.
func (a *App) BaseURL() string {
	if public := a.publicURL(); public != "" {
		return public
	}
	scheme := "http"
	if a.config.TLS.On() {
		scheme = "https"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	tcp, ok := a.addr.(*net.TCPAddr)
	if !ok {
		return scheme + "://" + a.config.Listen
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// Tenants counts the companies.
func (a *App) Tenants(ctx context.Context) (int, error) {
	all, err := a.bridge.Tenants(ctx, operators.Local("local", "", ""))
	return len(all), err
}

// status is what the console shows about the server.
func (a *App) status(ctx context.Context) wire.Status {
	parts, ready := a.health.ready()
	data, err := filepath.Abs(a.config.Data)
	if err != nil {
		data = a.config.Data
	}
	return wire.Status{Version: a.version, Started: a.started.UTC(), BaseURL: a.BaseURL(), Data: data, Ready: ready, Parts: parts, Store: a.storeStatus(ctx)}
}
