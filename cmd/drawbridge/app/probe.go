package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"drawbridge/internal/web"
)

// probes are the parts that orchestrators and Prometheus ask for.
func (a *App) probes(metrics http.Handler) []web.Mount {
	return []web.Mount{
		{Prefix: "/livez", Handler: get(livez)},
		{Prefix: "/readyz", Handler: get(a.health.readyz)},
		{Prefix: "/metrics", Handler: metrics},
	}
}

// startMetrics serves the probes on metrics.listen. Without one it gives them for the listener at address, where /metrics is
// answered only to those who may read it: metrics name tenants, connections and tokens.
func (a *App) startMetrics(ctx context.Context, address net.Addr) (public []web.Mount, err error) {
	private := a.config.Metrics
	handler := a.metrics
	if private.Token != "" {
		handler = bearer(string(private.Token), handler)
	}
	if private.Listen == "" {
		switch {
		case private.Token != "":
			a.log.InfoContext(ctx, "/metrics is answered with metrics.token", "address", address.String())
		case !loopback(address) || a.config.proxied():
			a.log.WarnContext(ctx, "/metrics is not answered, since others may reach this address; set metrics.listen or metrics.token", "address", address.String())
			handler = get(noMetrics)
		}
		return a.probes(handler), nil
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", private.Listen)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: listen on %s: %w", private.Listen, err)
	}
	if private.Token == "" && !loopback(ln.Addr()) {
		a.log.InfoContext(ctx, "/metrics is answered without a token; see to it that only Prometheus reaches this address", "address", ln.Addr().String())
	}
	a.serve("metrics", ln, web.ByPrefix(http.NotFoundHandler(), a.probes(handler)...), a.config.Limits.timeouts())
	return nil, nil
}

// loopback reports whether only this machine reaches the address.
func loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// proxied reports whether the configuration speaks of a reverse proxy, which passes on to a loopback address what comes from outside.
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

func noMetrics(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "metrics are not answered here: set metrics.listen, or metrics.token", http.StatusForbidden)
}

// bearer lets requests pass that show the token.
func bearer(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(shown)))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="metrics"`)
			http.Error(w, "show metrics.token as a Bearer token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
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
