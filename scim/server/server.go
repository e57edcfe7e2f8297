package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
	"drawbridge/scim"
	"drawbridge/scim/profile"
)

// Config is what the SCIM surface needs. Bridge and Now are required.
type Config struct {
	Bridge *bridge.Service
	Now    func() time.Time
	// Secret seals cursors; it should survive a restart. Empty: a new one for each process, so that a restart ends walks by
	// cursor with 400 invalidCursor.
	Secret []byte
	Limits Limits
	Share  *limit.Share // the store in which several servers count the rates of Limits together; nil: this server counts alone
	Guard  *web.Guard   // what all surfaces of the process share; nil: nothing is bounded
	// Journal is how many bytes of each body the request journal keeps (C12); 0: there is no journal.
	Journal int
	// Note takes a request for the journal. It must not block. nil: there is no journal.
	Note func(*directory.Exchange)
	// Observe gives the bridge on which a request takes effect, and its Principal there: those of the tenant, or those of the copy on which a
	// connection in observe mode works (C9). nil: always Bridge.
	Observe func(context.Context, directory.Principal) (*bridge.Service, directory.Principal, error)
	BaseURL string      // "https://scim.example.com"; "": links in answers are paths, see server.base
	Proxies web.Proxies // proxies whose X-Forwarded-For, -Proto and -Host are trusted
	Metrics *Metrics
	Logger  *slog.Logger
	// Stopping is done when the server stops. Delayed refusals are then sent.
	Stopping context.Context //nolint:containedctx // it belongs to the server and not to a request
	// After is time.After; a test can replace it.
	After func(time.Duration) <-chan time.Time
}

// server is the SCIM surface.
type server struct {
	setup    Config
	bridge   *bridge.Service
	copies   atomic.Pointer[server] // serves the connections in observe mode; nil: none has come yet
	note     func(*directory.Exchange)
	now      func() time.Time
	limits   Limits
	baseURL  string
	metrics  *Metrics
	cursors  *cursors
	catalogs *catalogs
	routes   []route

	connections  *limit.Limiter[directory.ConnectionID]
	strangers    *limit.Limiter[netip.Prefix]
	refusals     *limit.Limiter[directory.ConnectionID] // refusals that are answered at once
	delayed      *limit.Slots[directory.ConnectionID]   // the others, on network connections that requests share
	delayedAlone *limit.Slots[directory.ConnectionID]   // delayed refusals on network connections of their own
	after        func(time.Duration) <-chan time.Time
	stopping     <-chan struct{}

	buffers sync.Pool // of *buffer

	journal int       // bytes of each body; 0: there is no journal
	notes   sync.Pool // of *noted
}

// New makes the handler of /scim/v2/ and /oauth2/token. It panics if the Config lacks a required field, because that is
// a programming error. Do not use it under http.ServeMux, which redirects emptySegments paths; web.ByPrefix does not.
func New(cfg Config) http.Handler {
	return newServer(cfg).handler(cfg)
}

// handler wraps the server in the middleware that all surfaces share.
func (s *server) handler(cfg Config) http.Handler {
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		panic(err)
	}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	surface := &web.Surface{Logger: log, Now: cfg.Now, IDs: ids, Proxies: cfg.Proxies, Guard: cfg.Guard, Fail: s.fail, Done: s.done}
	return surface.Handler(s.serve)
}

func newServer(cfg Config) *server {
	if cfg.Bridge == nil || cfg.Now == nil {
		panic("scim/server: Config.Bridge and Config.Now are required")
	}
	limits := cfg.Limits.filled()
	secret := cfg.Secret
	if len(secret) == 0 {
		secret = []byte(rand.Text() + rand.Text())
	}
	cursors, err := newCursors(secret, limits.CursorTimeout)
	if err != nil {
		panic(err) // a key of 32 bytes always fits AES
	}
	standard, err := scim.NewCatalog(nil)
	if err != nil {
		panic(err) // the standard schemas are part of the program
	}
	note := cfg.Note
	if note == nil {
		note = func(*directory.Exchange) {}
	}
	s := &server{
		setup: cfg, bridge: cfg.Bridge, note: note, now: cfg.Now, limits: limits, metrics: cfg.Metrics,
		baseURL:      strings.TrimRight(cfg.BaseURL, "/"),
		cursors:      cursors,
		catalogs:     newCatalogs(standard),
		connections:  limit.NewLimiter[directory.ConnectionID](limit.Rate{PerSecond: limits.Rate, Burst: limits.Burst, Share: cfg.Share}, 100_000),
		strangers:    limit.NewLimiter[netip.Prefix](limit.Rate{PerSecond: limits.FailureRate, Burst: limits.FailureBurst, Share: cfg.Share}, 10_000),
		refusals:     limit.NewLimiter[directory.ConnectionID](limit.Rate{PerSecond: limits.Rate, Burst: limits.Burst, Share: cfg.Share}, 100_000),
		delayed:      limit.NewSlots[directory.ConnectionID](delayedEach, delayedAll),
		delayedAlone: limit.NewSlots[directory.ConnectionID](math.MaxInt, math.MaxInt),
		after:        cfg.After,
		journal:      cfg.Journal,
	}
	if s.after == nil {
		s.after = time.After
	}
	if cfg.Stopping != nil {
		s.stopping = cfg.Stopping.Done()
	}
	s.buffers.New = func() any { return &buffer{} }
	s.routes = s.table()
	return s
}

// serve serves a request: path, credential, rate, route, parameters, body, handler, answer.
func (s *server) serve(w *web.Response) error {
	s.metrics.begin()
	c := &call{server: s, response: w, ctx: w.Request.Context(), operation: "none", note: s.noted()}
	w.Value = c
	h := w.Request.Header
	if web.HeaderBytes(w.Request) > s.limits.Header {
		return scim.Plain(http.StatusRequestHeaderFieldsTooLarge, "the header of the request is larger than "+strconv.Itoa(s.limits.Header)+" bytes; long queries go to .search").At(scim.LimitHeader)
	}
	p := split(w.Request.URL.EscapedPath())
	parts := p.parts()
	if len(parts) == 2 && parts[0] == "oauth2" && parts[1] == "token" {
		w.Route, c.operation, c.oauth = "/oauth2/token", "token", true
		return s.token(c)
	}
	if len(parts) < 2 || parts[0] != "scim" || parts[1] != "v2" {
		if err := w.Stranger(); err != nil {
			return err
		}
		return elsewhere(parts)
	}
	if len(parts) < 3 {
		if err := w.Stranger(); err != nil {
			return err
		}
		return scim.Plain(http.StatusNotFound, "the base URL of a connection is /scim/v2/{connection}")
	}
	slug := parts[2]
	parts = parts[3:]
	cred, given := readCredential(h, &c.quirks)
	c.credential = given
	if !given {
		return s.anonymous(c, slug, parts)
	}
	c.note.hide(cred.Secret)
	from := credential.Client{Address: w.Origin.Address, UserAgent: agent(h), Request: w.ID}
	authenticate := func() (directory.Principal, error) {
		who, err := s.authenticate(c, directory.ConnectionID(slug), cred, from)
		from.Again = true
		return who, err
	}
	c.authenticate = authenticate
	c.admitted = s.now()
	c.ctx = expecting(c.ctx, w.Request, directory.ConnectionID(slug), parts)
	who, err := c.authenticate()
	c.labels(who)
	who.Trace = c.note.gather()
	if err == nil {
		err = w.Owner("connection " + string(who.Connection.ID))
	}
	if err != nil {
		return err
	}
	err = s.known(c, who, p, slug, parts)
	if err != nil && bridge.Unchecked(c.ctx) { // only who may write learns why it failed
		c.authenticate, c.admitted = authenticate, s.now()
		again, refused := c.authenticate()
		c.labels(again)
		if refused != nil {
			return refused
		}
		if bridge.Outdated(err) {
			again.Trace = who.Trace
			who = again
			err = s.known(c, who, p, slug, parts)
		}
	}
	if err != nil {
		s.failed(who, err)
	}
	return err
}

// known continues with an authenticated request.
func (s *server) known(c *call, who directory.Principal, p path, slug string, parts []string) (err error) {
	w := c.response
	if wait := s.connections.Take(who.Connection.ID, w.Started); wait > 0 {
		s.metrics.throttle(who.Tenant, who.Connection.ID)
		c.note.throttled()
		no := throttled(wait, "this connection sends more requests than it may; try again after the time in Retry-After")
		s.delay(c, who, no.RetryAfter)
		return no
	}
	if p.broken {
		return noEndpoint()
	}
	if p.emptySegments {
		c.quirks.Add(quirkSlashes)
	}
	c.base = s.base(w, slug)
	c.succeeded = func() { s.bridge.Success(who) }
	if c.server, who, err = s.serverFor(c, who); err != nil {
		return err
	}
	if c.catalog, err = c.server.catalogs.of(c.ctx, c.server.bridge, who); err != nil {
		return err
	}
	c.note.know(c.catalog)
	return c.server.answer(c, who, parts)
}

// failed notes a refusal for the health of the connection (C7). A missing resource, a conflict of names, a changed version and a rate
// limit are everyday answers and do not count.
func (s *server) failed(who directory.Principal, err error) {
	switch e := errorOf(err); e.Status {
	case http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusTooManyRequests:
	default:
		s.bridge.Failure(who, strconv.Itoa(e.Status)+" "+e.Detail)
	}
}

// answer routes an authenticated request and answers it.
func (s *server) answer(c *call, who directory.Principal, parts []string) error {
	w := c.response
	r, err := s.route(c, parts)
	if err != nil {
		return err
	}
	w.Route = r.pattern
	a, err := r.action(c, w.Request.Method)
	if err != nil {
		return err
	}
	c.operation = a.names[c.nameIndex()]
	w.Operation = c.operation
	if c.params, err = parseParams(w.Request.URL.RawQuery, &c.quirks); err != nil {
		return err
	}
	c.precondition(w.Request.Header)
	if a.limit != nil {
		c.profile = profile.For(who.Connection)
	}
	reply, err := c.work(a, who)
	if err != nil {
		return c.hidden(err)
	}
	c.succeeded()
	return c.write(reply)
}

// work executes a request. Only a few large bodies are parsed and served at a time. The response is sent after that, so that a client
// that reads it slowly does not block others.
func (c *call) work(a *action, who directory.Principal) (reply, error) {
	w, s := c.response, c.server
	if a.limit == nil {
		return a.serve(c, who)
	}
	b := s.buffer()
	defer s.release(b)
	if err := c.receive(b, who, a.limit(&s.limits)); err != nil {
		return reply{}, err
	}
	if w.Large() {
		again, done, err := c.compute(who)
		if err != nil {
			return reply{}, err
		}
		defer done()
		who = again
	}
	if err := c.parse(b.b); err != nil {
		return reply{}, err
	}
	who, err := c.readmit(who)
	if err != nil {
		return reply{}, err
	}
	out, err := a.serve(c, who)
	if bridge.Outdated(err) {
		c.received = bytes.Clone(b.b)
	}
	return out, err
}

// charge takes tokens from a connection for the time since began.
func (s *server) charge(who directory.Principal, began time.Time) {
	now := s.now()
	s.connections.Charge(who.Connection.ID, now, float64(now.Sub(began))/float64(tokenTime)-1)
}

// anonymous answers a request without a credential. ServiceProviderConfig tells a client how to authenticate, so it is available
// without a credential, and the same for every slug; anything else is 401 whether it exists or not.
func (s *server) anonymous(c *call, slug string, parts []string) error {
	method := c.response.Request.Method
	if len(parts) == 1 && parts[0] == configEndpoint && (method == http.MethodGet || method == http.MethodHead) && plainSlug(slug) {
		c.response.Route, c.operation = "/"+configEndpoint, "discovery"
		if err := c.response.Stranger(); err != nil {
			return err
		}
		c.base = s.base(c.response, slug)
		return c.write(s.configReply(c))
	}
	return s.stranger(c, unauthorized())
}

// authenticate turns a credential into a Principal. Wrong ones are counted by address; a right one is never refused because
// of what others at the same address did (identity providers share theirs).
func (s *server) authenticate(c *call, connection directory.ConnectionID, cred bridge.Credential, from credential.Client) (directory.Principal, error) {
	if cred.Secret == "" {
		return directory.Principal{}, s.stranger(c, unauthorized())
	}
	who, err := s.bridge.Authenticate(c.ctx, connection, cred, from)
	if err == nil {
		return who, nil
	}
	if directory.CodeOf(err) == directory.Unauthorized {
		return who, s.stranger(c, unauthorized())
	}
	return who, err
}

// stranger counts a missing or wrong credential and returns the error for it: refused, or 429 if there were too many.
func (s *server) stranger(c *call, refused error) error {
	s.metrics.authFailure()
	if wait := s.strangers.Take(limit.Network(c.response.Origin.Address), c.response.Started); wait > 0 {
		s.metrics.throttle("", "")
		c.response.Late(wait)
		return throttled(wait, "too many wrong credentials from this address")
	}
	return refused
}

// fail writes an error in the format of SCIM (RFC 7644 §3.12), or of OAuth at the token endpoint.
func (s *server) fail(w *web.Response, err error) {
	c, ok := w.Value.(*call)
	if !ok { // it panicked, or was refused, before anything was known
		s.metrics.begin()
		c = &call{server: s, response: w, operation: "none"}
		w.Value = c
	}
	if c.oauth {
		c.writeTokenError(err)
		return
	}
	e := errorOf(err)
	c.note.failed(e, err)
	s.metrics.limit(e.Limit)
	c.writeError(e)
}

// errorOf translates err into an error of the protocol.
func errorOf(err error) *scim.Error {
	var syntax *directory.SyntaxError
	if errors.As(err, &syntax) {
		wrong := scim.InvalidSyntax("the body is not valid JSON: " + syntax.Error())
		switch syntax.Limit {
		case "depth":
			wrong.Limit = scim.LimitDepth
		case "values":
			wrong.Limit = scim.LimitValues
		case "names":
			wrong.Limit = scim.LimitNames
		}
		err = wrong
	}
	return scim.ErrorOf(err)
}

// done counts an exchange.
func (s *server) done(w *web.Response, took time.Duration) {
	c, ok := w.Value.(*call)
	if !ok {
		return
	}
	l := c.label
	l.operation, l.status = c.operation, w.Status()
	s.metrics.request(l, took)
	s.metrics.quirk(c.quirks.Names())
	s.write(c, took)
}

// base is the base URL of a connection: with the address of the configuration, or with the host of the request if that is known to
// be ours. A Host header alone proves nothing: a client can send a request with the name of another server, and links in an
// answer must not lead there. In that case the base is a path, which a client resolves against the URL that it used.
func (s *server) base(w *web.Response, slug string) string {
	switch {
	case s.baseURL != "":
		return s.baseURL + "/scim/v2/" + slug
	case !w.Origin.Known:
		return "/scim/v2/" + slug
	}
	return w.Origin.Scheme + "://" + w.Origin.Host + "/scim/v2/" + slug
}

// elsewhere is the answer to a path that is not of this version of the protocol (RFC 7644 §3.13).
func elsewhere(parts []string) error {
	if len(parts) > 1 && parts[0] == "scim" && len(parts[1]) > 1 && parts[1][0] == 'v' && strings.Trim(parts[1][1:], "0123456789.") == "" {
		return scim.InvalidVersion("this server speaks SCIM 2.0: the base URL of a connection is /scim/v2/{connection}")
	}
	return noEndpoint()
}

func noEndpoint() error {
	return scim.Plain(http.StatusNotFound, "there is no such endpoint")
}

// agent is the User-Agent, short enough to be kept.
func agent(h http.Header) string {
	text := h.Get("User-Agent")
	return text[:min(len(text), 200)]
}

// plainSlug reports whether text could be the slug of a connection.
func plainSlug(text string) bool {
	return len(text) <= 60 && text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
