package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestAFloodOfProbesIsDelayedAndNeverRefused(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var waits []time.Duration
	p := newPace()
	p.now = func() time.Time { return clock }
	p.after = func(d time.Duration) <-chan time.Time {
		waits = append(waits, d)
		at := make(chan time.Time, 1)
		at <- clock
		return at
	}
	h := p.of(livez)
	probe := func(ctx context.Context) int {
		t.Helper()
		waits = nil
		w := httptest.NewRecorder()
		h(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/livez", nil))
		if w.Code != http.StatusOK {
			t.Fatalf("a probe was answered %d", w.Code)
		}
		return w.Body.Len()
	}
	for n := range 100 {
		if probe(t.Context()); len(waits) > 0 {
			t.Fatalf("probe %d waits %s", n, waits)
		}
	}
	for n := range 2000 {
		probe(t.Context())
		if len(waits) != 1 || waits[0] > longestProbe {
			t.Fatalf("probe %d of the flood waits %s", n, waits)
		}
	}
	if waits[0] != longestProbe {
		t.Errorf("a probe in a flood waits %s", waits)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	p.after = func(time.Duration) <-chan time.Time { return nil }
	if n := probe(gone); n > 0 {
		t.Error("a client that is gone was answered")
	}
	clock = clock.Add(time.Second)
	if n := probe(t.Context()); n == 0 || len(waits) > 0 {
		t.Error("after the flood, a probe still waits")
	}
}
