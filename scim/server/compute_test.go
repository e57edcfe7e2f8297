package server

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/web"
)

// TestLargeAnswersWaitForAProcessor asks for large and small answers while another request keeps the only processor for long work busy.
func TestLargeAnswersWaitForAProcessor(t *testing.T) {
	t.Parallel()
	guard := web.NewGuard(web.GuardConfig{Processors: 1})
	k := newKit(t, func(cfg *Config) {
		cfg.Guard = guard
		cfg.Limits.Rate = 0
	})
	c := k.connect("acme", "acme-gen", directory.Generic)
	small, big := c.group("Small"), c.group("Big")
	user := ""
	var members []string
	for range 2 {
		var all []string
		for i := range 501 {
			all = append(all, fmt.Sprintf(`{"method":"POST","path":"/Users","bulkId":"b%d","data":%s}`, i, userBody(fmt.Sprintf("user%d@example.test", len(members)+i))))
		}
		got := c.do("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[`+strings.Join(all, ",")+`]}`).is(200)
		for i := range all {
			location := got.str(fmt.Sprintf("Operations.%d.location", i))
			user = location[strings.LastIndexByte(location, '/')+1:]
			members = append(members, `{"value":"`+user+`"}`)
		}
	}
	c.do("PUT", "/Groups/"+big+"?attributes=id", hostileGroup("Big", `,"members":[`+strings.Join(members, ",")+`]`)).is(200)

	large := []string{"/Users?count=1000", "/Groups", "/Groups?filter=displayName+eq+%22Big%22", "/Groups/" + big}
	var finished atomic.Int32
	var all sync.WaitGroup
	busily(t, guard, func() {
		for _, target := range large {
			all.Go(func() {
				c.do("GET", target, "").is(200)
				finished.Add(1)
			})
		}
		for range 50 { // in this time the large ones would end
			for _, target := range []string{"/Users?count=200", "/Users/" + user, "/Groups?excludedAttributes=members", "/Groups/" + small, "/Groups/" + big + "?excludedAttributes=members"} {
				c.do("GET", target, "").is(200)
			}
		}
		if n := finished.Load(); n > 0 {
			t.Errorf("%d of %d large answers did not wait", n, len(large))
		}
	})
	all.Wait()
	c.do("GET", "/Groups/"+big, "").is(200).has("members.1001.value", user)
}

// busily runs do while a request computes.
func busily(t *testing.T, guard *web.Guard, do func()) {
	t.Helper()
	ids, err := web.NewRequestIDs(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Surface{Logger: slog.New(slog.DiscardHandler), Now: time.Now, IDs: ids, Guard: guard, Fail: func(_ *web.Response, err error) { t.Error(err) }}
	busy := s.Handler(func(w *web.Response) error {
		done, err := w.Compute()
		if err != nil {
			return err
		}
		defer done()
		do()
		return nil
	})
	busy.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
}
