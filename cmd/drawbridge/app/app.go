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
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"drawbridge/bridge"
	"drawbridge/bridge/jobs"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/overview"
	"drawbridge/bridge/record"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/webhooks"
	"drawbridge/console/wire"
	"drawbridge/doctor"
	"drawbridge/internal/metrics"
	"drawbridge/internal/outbound"
	"drawbridge/internal/web"
	"drawbridge/observe"
	"drawbridge/provision"
	"drawbridge/push"
	"drawbridge/scim/server"
	"drawbridge/store"
	"drawbridge/store/journal"
	"drawbridge/store/postgres"
)

// Options are what the caller gives to an App. The zero value is valid.
type Options struct {
	Version string           // "": "dev"
	Commit  string           // "": what Go wrote into the program
	Logger  *slog.Logger     // nil: made from the configuration, to LogTo
	LogTo   io.Writer        // nil: standard error
	Out     io.Writer        // where audit lines go with audit.stdout; nil: standard output
	Now     func() time.Time // nil: the real clock
	Env     []string         // nil: no environment
	Console fs.FS            // the folder console/ui, read again with each page, for work on the console; nil: the embedded files
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

	registry    *prometheus.Registry
	guard       *web.Guard
	sockets     *web.Connections
	open        *web.Surface
	scrapes     *scrapes
	health      *health
	fleet       *fleet
	database    *postgres.Store // nil: the store is a file
	bridge      *bridge.Service
	overview    *overview.Service
	operators   *operators.Service
	record      *record.Service
	notify      *notify.Service
	journal     *record.Journal
	doctor      *doctor.Sessions
	observe     *observe.Service
	puller      puller
	webhooks    *webhooks.Service
	pusher      *push.Service
	targets     *targets.Service
	provisioner *provision.Service
	jobs        *jobs.Runner
	outbound    *outbound.Guard
	worker      program
	backups     *backups
	scim        http.Handler
	console     http.Handler
	network     http.Handler // the operator API for operators who sign in; nil if only the socket has it
	pages       http.Handler // the browser console; nil if it is not served
	apps        http.Handler
	invitePage  http.Handler    // what the links of invitation mails open
	stopping    context.Context //nolint:containedctx // ends requests that wait for events or for a delayed refusal
	endWaits    context.CancelFunc
	tls         *tls.Config
	// certificate is what tls serves; nil: plain HTTP.
	certificate certificate

	mu       sync.Mutex
	cleanups []cleanup
	draining atomic.Bool
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
	if err := a.bound(o.Env, proxies); err != nil {
		return err
	}

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
	a.watchArchive()
	a.background("flush", a.flushEvery(), a.bridge.Flush)

	a.observe = observe.New(observe.Config{Bridge: a.bridge, Store: st, Open: a.observedCopies(secret), Any: a.anyCopies, Now: a.now, Process: a.name, Lease: a.fleet.lease})
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
	a.startPush()
	a.startStreams(st, o.Out)
	a.startTargets()
	a.jobs = jobs.New(jobs.Config{
		Lease: a.fleet.lease, Board: a.fleet.board(),
		Jobs: append(jobs.Shipped(jobs.Services{Bridge: a.bridge, Record: a.record, Journal: a.journal, Observe: a.observe.Continue}), append(a.ownJobs(), a.puller.job(a.config.Google.Every))...), Now: a.now, Jitter: jitter, Metrics: jobs.NewMetrics(a.registry), Logger: a.log.With("part", "jobs"),
	})
	return a.surfaces(o, surfaceConfig{secret: secret, spool: spool, ids: ids, proxies: proxies})
}

// bound sets up the limits of the clients of all surfaces together: memory, processors and connections.
func (a *App) bound(env []string, proxies web.Proxies) (err error) {
	memory := planMemory(int64(a.config.Limits.MemoryBytes), containerMemory(os.DirFS("/")))
	memory.apply(env)
	a.log.Debug("memory", "requests", memory.requests, "runtime", memory.runtime, "container", memory.container)
	guard := a.config.Limits.guard()
	guard.Memory, guard.Metrics, guard.Stopping, guard.Processors = memory.requests, web.NewMetrics(a.registry), a.stopping, max(1, runtime.GOMAXPROCS(0)-1)
	a.guard = web.NewGuard(guard)
	a.scrapes = newScrapes(a.registry, a.now)
	a.sockets = web.NewConnections(a.config.Limits.Connections, a.config.Limits.ConnectionsPerClient, proxies, a.guard)
	a.open, err = a.openSurface(proxies)
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

// dataFolder makes the data folder.
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

// flushEvery is how often the uses of credentials are written. Other servers see only written uses.
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
	a.health.addCheck("store", prober.Health)
	a.background("store", 2*time.Second, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return prober.Probe(ctx)
	})
}

func (a *App) newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	info := metrics.On(reg).GaugeVec("drawbridge_build_info")
	info.WithLabelValues(a.version, NewBuild(a.version, a.commit, "").Commit, runtime.Version()).Set(1)
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// undo notes how to undo a step. Steps are undone in reverse order.
func (a *App) undo(name string, do func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cleanups = append(a.cleanups, cleanup{name, do})
}

// background runs work at intervals until Stop. While it fails, the server is not ready.
func (a *App) background(part string, every time.Duration, work func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		loop(ctx, a.log, repeated{part, every, work}, a.health.report)
	}()
	a.undo(part+" loop", func(context.Context) error {
		cancel()
		<-done
		return nil
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

// Stop undoes every step in reverse order: nothing new is accepted, running requests are answered, pending notes are written, and the store
// is closed. It may be called twice, and after a New or Start that failed.
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

// Tenants counts the companies.
func (a *App) Tenants(ctx context.Context) (int, error) {
	all, err := a.overview.Tenants(ctx, operators.Local("local", "", ""))
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
