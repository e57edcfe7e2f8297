package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
)

// sink is a writer that costs nothing.
type sink struct {
	h      http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { s.bytes += len(b); return len(b), nil }

func BenchmarkRequests(b *testing.B) {
	requests(b, newKit(b, func(cfg *Config) { cfg.Logger = nil }))
}

// BenchmarkJournal is BenchmarkRequests with the request journal. The difference is the cost of the journal.
func BenchmarkJournal(b *testing.B) {
	requests(b, journaled(b, func(cfg *Config) { cfg.Logger = nil }))
}

func requests(b *testing.B, k *kit) {
	c := k.connect("acme", "acme-gen", directory.Generic)
	var ids []string
	for i := range 200 {
		ids = append(ids, c.do("POST", "/Users", userBody(fmt.Sprintf("u%d@example.test", i), `,"externalId":"e1","name":{"givenName":"Ada","familyName":"Lovelace"},"emails":[{"value":"a@example.test","type":"work","primary":true}],"active":true`)).is(201).id())
	}
	group := c.group("Team")
	var n atomic.Int64
	for _, bb := range []struct {
		name, method string
		request      func() (target, body string)
	}{
		{"get", "GET", func() (string, string) { return "/Users/" + ids[0], "" }},
		{"look-up", "GET", func() (string, string) { return "/Users?filter=userName+eq+%22u7%40example.test%22", "" }},
		{"page of 100", "GET", func() (string, string) { return "/Users?count=100", "" }},
		{"create", "POST", func() (string, string) { return "/Users", userBody(fmt.Sprintf("n%d@example.test", n.Add(1))) }},
		{"put", "PUT", func() (string, string) {
			return "/Users/" + ids[1], userBody("u1@example.test", fmt.Sprintf(`,"title":"t%d"`, n.Add(1)))
		}},
		{"patch", "PATCH", func() (string, string) {
			return "/Users/" + ids[2], patchBody(fmt.Sprintf(`{"op":"replace","path":"title","value":"t%d"}`, n.Add(1)))
		}},
		{"add member", "PATCH", func() (string, string) {
			op := []string{"add", "remove"}[n.Add(1)%2]
			return "/Groups/" + group, patchBody(`{"op":"` + op + `","path":"members","value":[{"value":"` + ids[3] + `"}]}`)
		}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				w := &sink{}
				for pb.Next() {
					target, body := bb.request()
					r := httptest.NewRequest(bb.method, "/scim/v2/acme-gen"+target, strings.NewReader(body))
					r.Header["Authorization"] = []string{"Bearer " + c.token}
					r.Header["Content-Type"] = []string{mediaSCIM}
					w.h, w.status = http.Header{}, 0
					c.handler.ServeHTTP(w, r)
					if w.status >= 300 {
						b.Errorf("status %d", w.status)
						return
					}
				}
			})
		})
	}
}

// BenchmarkQuietBesideNoisy measures the creates of a tenant with one client, alone and beside a tenant with 64 clients that patch a
// thousand members each time.
func BenchmarkQuietBesideNoisy(b *testing.B) {
	for _, noisy := range []int{0, 1, 64} {
		b.Run(fmt.Sprintf("%d noisy clients", noisy), func(b *testing.B) {
			k := newKit(b, func(cfg *Config) { cfg.Logger = nil })
			loud, quiet := k.connect("loud", "loud-gen", directory.Generic), k.connect("quiet", "quiet-gen", directory.Generic)
			var members []string
			for i := range 1000 {
				members = append(members, `{"value":"`+loud.do("POST", "/Users", userBody(fmt.Sprintf("u%d@example.test", i))).is(201).id()+`"}`)
			}
			all := "[" + strings.Join(members, ",") + "]"
			var stop atomic.Bool
			var clients sync.WaitGroup
			for i := range noisy {
				group := loud.group(fmt.Sprint("Team ", i))
				clients.Go(func() {
					w := &sink{}
					for n := 0; !stop.Load(); n++ {
						body := patchBody(`{"op":"` + []string{"add", "remove"}[n%2] + `","path":"members","value":` + all + `}`)
						r := httptest.NewRequest("PATCH", "/scim/v2/loud-gen/Groups/"+group, strings.NewReader(body))
						r.Header["Authorization"] = []string{"Bearer " + loud.token}
						r.Header["Content-Type"] = []string{mediaSCIM}
						w.h, w.status = http.Header{}, 0
						loud.handler.ServeHTTP(w, r)
						if w.status >= 300 {
							b.Errorf("status %d", w.status)
							return
						}
					}
				})
			}
			var took []time.Duration
			n := 0
			for b.Loop() {
				begin := time.Now()
				quiet.do("POST", "/Users", userBody(fmt.Sprintf("q%d@example.test", n))).is(201)
				took = append(took, time.Since(begin))
				n++
			}
			stop.Store(true)
			clients.Wait()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}
