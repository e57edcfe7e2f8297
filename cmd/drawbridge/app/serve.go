package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"drawbridge/bridge/overview"
	"drawbridge/console/ui"
	"drawbridge/internal/web"
	"drawbridge/invitepage"
)

// Start opens the listeners and serves. If it fails, Stop must still be called to close what New opened.
func (a *App) Start(ctx context.Context) error {
	ln, err := listenTCP(ctx, a.config.Listen)
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
	a.serve("operator", operator, web.ByPrefix(a.console, a.probes(a.scrapes.serve)...), slow)
	public = append(public, web.Mount{Prefix: "/app", Handler: a.apps}, web.Mount{Prefix: invitepage.Prefix, Handler: a.invitePage})
	scim := web.ByPrefix(a.scim, public...)
	if a.config.API.Listen == "" {
		scim = a.front(scim)
	}
	a.serve("scim", ln, scim, a.config.Limits.timeouts())
	a.watchCertificate() // the authority connects to the listener
	lost, err := a.overview.WithoutPlan(ctx)
	if err != nil {
		return errors.Join(err, ln.Close(), operator.Close())
	}
	for i := range lost {
		a.log.ErrorContext(ctx, "a plan is missing", "warning", overview.PlanWarning(lost[i]), "tenant", lost[i].ID, "plan", lost[i].Plan)
	}
	a.jobs.Start()
	a.undo("jobs", a.jobs.Stop)
	a.undo("readiness", a.drain)
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
	ln, err := listenTCP(ctx, a.config.API.Listen)
	if err != nil {
		return fmt.Errorf("api.listen: listen on %s: %w", a.config.API.Listen, err)
	}
	a.mu.Lock()
	a.apiAddr = ln.Addr().String()
	a.mu.Unlock()
	a.serve("api", ln, a.front(web.ByPrefix(a.nothing(), mounts...)), a.config.Limits.timeouts())
	return nil
}

// serve runs one listener until Stop.
func (a *App) serve(name string, ln net.Listener, h http.Handler, t web.Timeouts) {
	srv := web.NewServer(a.lastAnswers(h), t, a.log)
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
