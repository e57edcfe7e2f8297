package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// Several people who load the console from one office at the same moment get all files. An address that sends requests without end is
// refused, pages sooner than files, and large files sooner than small ones.
func TestPagesAreThrottled(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	a := &App{now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler), guard: web.NewGuard(web.GuardConfig{Open: limit.Rate{PerSecond: 50, Burst: 1000}})}
	var err error
	if a.open, err = a.openSurface(nil); err != nil {
		t.Fatal(err)
	}
	h := a.boundPages(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := 1000
		if strings.Contains(r.URL.Path, "large") {
			size = 256 << 10
		}
		_, _ = w.Write(make([]byte, size))
	}))
	served := func(address, path string) (n int) {
		for ; n < 10_000; n++ {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.RemoteAddr = address + ":1"
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code == http.StatusTooManyRequests {
				return n
			}
		}
		return n
	}
	for _, tt := range []struct {
		address, path string
		want          int
	}{
		{"192.0.2.1", "/console/assets/x/small.js", 5000},
		{"192.0.2.1", "/console/", 1000}, // files do not count as pages
		{"192.0.2.2", "/console/assets/x/large.js", 1000},
	} {
		if n := served(tt.address, tt.path); n != tt.want {
			t.Errorf("%s: %d are served at once, want %d", tt.path, n, tt.want)
		}
	}
}
