package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"

	"drawbridge/directory"
	"drawbridge/internal/httpapi"
	"drawbridge/internal/web"
)

// probes are the handlers for orchestrators and Prometheus.
func (a *App) probes(metrics func(*web.Response) error) []web.Mount {
	pace := newPace()
	return []web.Mount{
		{Prefix: "/livez", Handler: get(pace.of(livez))},
		{Prefix: "/readyz", Handler: get(pace.of(a.health.readyz))},
		{Prefix: "/metrics", Handler: get(a.open.Handler(metrics).ServeHTTP)},
	}
}

// startMetrics serves the probes on metrics.listen. Without it, it returns them for the listener at address, where /metrics needs
// permission, because metrics name tenants, connections and tokens.
func (a *App) startMetrics(ctx context.Context, address net.Addr) (public []web.Mount, err error) {
	private := a.config.Metrics
	metrics := a.scrapes.serve
	if private.Token != "" {
		metrics = bearer(string(private.Token), metrics)
	}
	if private.Listen == "" {
		switch {
		case private.Token != "":
			a.log.InfoContext(ctx, "/metrics is answered with metrics.token", "address", address.String())
		case !loopback(address) || a.config.proxied():
			a.log.WarnContext(ctx, "/metrics is not answered, since others may reach this address; set metrics.listen or metrics.token", "address", address.String())
			metrics = noMetrics
		}
		return a.probes(metrics), nil
	}
	ln, err := listenTCP(ctx, private.Listen)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: listen on %s: %w", private.Listen, err)
	}
	if private.Token == "" && !loopback(ln.Addr()) {
		a.log.InfoContext(ctx, "/metrics is answered without a token; see to it that only Prometheus reaches this address", "address", ln.Addr().String())
	}
	a.serve("metrics", ln, web.ByPrefix(a.nothing(), a.probes(metrics)...), a.config.Limits.timeouts())
	return nil, nil
}

// loopback reports whether only this machine reaches the address.
func loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// proxied reports whether the configuration names a reverse proxy, which passes requests from outside on to a loopback address.
func (c *Config) proxied() bool {
	if len(c.Web.TrustedProxies) > 0 {
		return true
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Hostname() == "" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}

func noMetrics(w *web.Response) error {
	if err := w.Stranger(); err != nil {
		return err
	}
	return &directory.Error{Code: directory.Forbidden, Message: "metrics are not answered here: set metrics.listen, or metrics.token"}
}

// bearer lets requests pass that show the token. The others count as those of strangers.
func bearer(token string, next func(*web.Response) error) func(*web.Response) error {
	want := sha256.Sum256([]byte(token))
	return func(w *web.Response) error {
		scheme, shown, _ := strings.Cut(w.Request.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(shown)))
		if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
			return next(w)
		}
		if err := w.Stranger(); err != nil {
			return err
		}
		w.Set("Www-Authenticate", `Bearer realm="metrics"`)
		return &directory.Error{Code: directory.Unauthorized, Message: "show metrics.token as a Bearer token"}
	}
}

// openSurface is what answers without a credential and is part of no API: metrics, and paths that lead nowhere. Only its failures are logged,
// because it is asked all the time.
func (a *App) openSurface(proxies web.Proxies) (*web.Surface, error) {
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &web.Surface{Logger: slog.New(failures{a.log.Handler()}), Now: a.now, IDs: ids, Proxies: proxies, Guard: a.guard, Fail: httpapi.Fail}, nil
}

// failures is a log that leaves out what is no failure.
type failures struct{ slog.Handler }

func (f failures) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && f.Handler.Enabled(ctx, level)
}

// nothing answers for paths that lead nowhere.
func (a *App) nothing() http.Handler {
	return a.open.Handler(func(w *web.Response) error {
		if err := w.Stranger(); err != nil {
			return err
		}
		return &directory.Error{Code: directory.NotFound, Message: "there is nothing at this address"}
	})
}

// get lets GET and HEAD pass.
func get(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET is answered here", http.StatusMethodNotAllowed)
			return
		}
		h(w, r)
	})
}
