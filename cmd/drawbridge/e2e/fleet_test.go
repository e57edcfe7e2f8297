package e2e

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"drawbridge/store/postgres/pgtest"
)

// database is the PostgreSQL of the tests, if there are to be several servers on one.
var database *pgtest.Server

// bridges is how many servers a test starts: DRAWBRIDGE_BRIDGES, or one.
func bridges() int {
	n, _ := strconv.Atoi(os.Getenv("DRAWBRIDGE_BRIDGES"))
	return max(n, 1)
}

// fleet is several servers on one database behind a balancer. Seen from outside it is one server.
type fleet struct {
	*server
	balancer *balancer
	members  []*server
	store    string // the URL of the database
}

func startFleet(t *testing.T, settings map[string]string) *fleet {
	t.Helper()
	f := &fleet{balancer: &balancer{}, store: database.Database(t)}
	front := httptest.NewServer(f.balancer)
	t.Cleanup(front.Close)
	all := map[string]string{"store.url": f.store, "base_url": front.URL, "store.connections": "8", "shutdown_delay": "1ms"}
	for name, value := range settings {
		all[name] = value
	}
	through := func(url string) string { return url }
	if pgtest.Required() {
		through = database.Bouncer(t)
	}
	for i := range bridges() {
		if i == 1 { // one of them reaches the database through PgBouncer
			all["store.url"] = through(f.store)
		}
		s := startOne(t, all)
		f.members = append(f.members, s)
		f.balancer.add("http://" + s.app.Addr())
	}
	f.server = &server{app: f.members[0].app, url: front.URL, operator: f.members[0].operator, log: f.members[0].log}
	return f
}

// balancer hands each request to the next of its servers, and to the one after that if it cannot be reached.
type balancer struct {
	servers atomic.Pointer[[]*url.URL]
	next    atomic.Uint64
}

func (b *balancer) add(address string) {
	var all []*url.URL
	if known := b.servers.Load(); known != nil {
		all = append(all, *known...)
	}
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	all = append(all, u)
	b.servers.Store(&all)
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	servers := *b.servers.Load()
	for range servers {
		to := servers[b.next.Add(1)%uint64(len(servers))]
		out := r.Clone(r.Context())
		out.RequestURI, out.URL.Scheme, out.URL.Host = "", to.Scheme, to.Host
		// So that it is sent again if the server closes an idle connection just then.
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body, _ = out.GetBody() // it cannot fail
		res, err := http.DefaultTransport.RoundTrip(out)
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			continue
		}
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		_ = res.Body.Close()
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}
