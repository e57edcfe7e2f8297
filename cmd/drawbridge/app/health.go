package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// health collects the reports of the parts of the server. A report expires: a part that stops reporting is not healthy, whatever its last
// report was.
type health struct {
	now func() time.Time

	mu       sync.Mutex
	parts    map[string]report
	checks   map[string]func() error
	stopping bool
}

// warning is the error of a part that works but needs attention. The server stays ready.
type warning struct{ error }

func (w warning) Unwrap() error { return w.error }

type report struct {
	at   time.Time
	good time.Duration // for how long it counts
	err  error
}

func newHealth(now func() time.Time) *health {
	return &health{now: now, parts: map[string]report{}, checks: map[string]func() error{}}
}

// addCheck adds a check that runs at each request, so that a failure shows at once. It must not wait.
func (h *health) addCheck(part string, check func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks[part] = check
}

// report notes the report of a part, which is valid for the time good.
func (h *health) report(part string, good time.Duration, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parts[part] = report{at: h.now(), good: good, err: err}
}

// stop makes the server not ready, so that a load balancer sends no more requests.
func (h *health) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
}

// ready gives every part in the order of their names, and whether all are healthy.
func (h *health) ready() ([]wire.Component, bool) {
	h.mu.Lock()
	looks := maps.Clone(h.checks)
	h.mu.Unlock()
	seen := map[string]error{} // without the lock, because a file system that does not answer may block a check
	for part, check := range looks {
		seen[part] = check()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now, ready := h.now(), !h.stopping
	out := []wire.Component{}
	for name, r := range h.parts {
		if r.at.After(now) { // the clock was ahead: the time without a report counts from now on
			r.at = now
			h.parts[name] = r
		}
		c := wire.Component{Name: name, Ready: true, Since: r.at.UTC()}
		var mind warning
		switch {
		case seen[name] != nil:
			c.Ready, c.Message, c.Since = false, explain(seen[name]), now.UTC()
		case errors.As(r.err, &mind):
			c.Message = r.err.Error()
		case r.err != nil:
			c.Ready, c.Message = false, explain(r.err)
		case now.Sub(r.at) > r.good:
			c.Ready, c.Message = false, "no report since "+r.at.UTC().Format(time.RFC3339)
		}
		ready = ready && c.Ready
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b wire.Component) int { return strings.Compare(a.Name, b.Name) })
	return out, ready
}

// explain is an error for operators: its sentence and the cause.
func explain(err error) string {
	var e *directory.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Err == nil || strings.Contains(e.Message, e.Err.Error()) {
		return e.Message
	}
	return e.Message + ": " + explain(e.Err)
}

// livez answers that the process serves at all.
func livez(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	// A probe that went away needs no answer.
	_, _ = w.Write([]byte("ok\n"))
}

// readyz answers whether requests should be sent here. The messages of the parts are for operators; a stranger sees only names.
func (h *health) readyz(w http.ResponseWriter, _ *http.Request) {
	parts, ready := h.ready()
	body := struct {
		Ready bool            `json:"ready"`
		Parts map[string]bool `json:"parts"`
	}{ready, map[string]bool{}}
	for _, p := range parts {
		body.Parts[p.Name] = p.Ready
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// A probe that went away needs no answer.
	_ = json.NewEncoder(w).Encode(body)
}

// repeated is work that a part of the server does at intervals.
type repeated struct {
	part  string
	every time.Duration
	work  func(context.Context) error
}

// loop runs work at once and then at intervals until ctx ends, and reports the results with their time of validity. It logs when failures
// begin and end.
func loop(ctx context.Context, log *slog.Logger, r repeated, report func(string, time.Duration, error)) {
	failing := false
	once := func() {
		err := r.work(ctx)
		if ctx.Err() != nil {
			return // the process stops, which is not a failure
		}
		report(r.part, 3*r.every+5*time.Second, err)
		switch {
		case err != nil && !failing:
			level := slog.LevelError
			if errors.As(err, new(warning)) {
				level = slog.LevelWarn
			}
			log.Log(ctx, level, "a part of the server fails; it is tried again", "part", r.part, "error", err)
		case err == nil && failing:
			log.InfoContext(ctx, "a part of the server works again", "part", r.part)
		}
		failing = err != nil
	}
	once()
	ticker := time.NewTicker(r.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			once()
		}
	}
}
