package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/google/googletest"
	"drawbridge/scim/emulator"
	"drawbridge/store/postgres/pgtest"
)

// operation is a request, and how many round trips to the database it may take.
type operation struct {
	name string
	most int
	do   func()
}

// farServer is a server whose database is behind a proxy that counts, and may delay.
type farServer struct {
	*server
	acme   wire.Issued
	proxy  *pgtest.Proxy
	client *http.Client
	next   atomic.Int64
}

func startFar(t testing.TB, settings map[string]string) *farServer {
	t.Helper()
	f := &farServer{proxy: pgtest.NewProxy(t, database.Cluster(t)), client: emulator.NewHTTPClient(30*time.Second, nil)}
	all := map[string]string{"store.url": f.proxy.URL(database.Database(t)), "journal.enabled": "false", "shutdown_delay": "1ms", "limits.app_rate": "0"}
	maps.Copy(all, settings)
	f.server = startOne(t, all)
	f.acme = f.tenant(t, "acme", "okta", 0)
	return f
}

// send sends a SCIM request that must succeed.
func (f *farServer) send(t testing.TB, method, path, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, f.acme.BaseURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.acme.Token)
	req.Header.Set("Content-Type", "application/scim+json")
	return answer(t, f.client, req)
}

func (f *farServer) create(t testing.TB) (id string) {
	t.Helper()
	n := f.next.Add(1)
	return idIn(t, f.send(t, "POST", "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d@acme.example","externalId":"x%d","emails":[{"value":"u%d@acme.example","primary":true}]}`, n, n, n)))
}

// operations are what identity providers and applications ask most.
func (f *farServer) operations(t testing.TB) []operation {
	t.Helper()
	key := ok[wire.IssuedAppKey](t)(f.operator.CreateAppKey(t.Context(), "acme", wire.AppKeyCreate{Name: "portal"}))
	first, second := f.create(t), f.create(t)
	group := idIn(t, f.send(t, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff"}`))
	patch := func(op string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + op + `]}`
	}
	joined, active := false, true
	return []operation{
		{"create a user", 2, func() { f.create(t) }},
		{"patch a user", 2, func() {
			f.send(t, "PATCH", "/Users/"+first, patch(fmt.Sprintf(`{"op":"replace","path":"title","value":"t%d"}`, f.next.Add(1))))
		}},
		{"suspend or reactivate a user", 2, func() {
			active = !active
			f.send(t, "PATCH", "/Users/"+second, patch(fmt.Sprintf(`{"op":"replace","path":"active","value":%t}`, active)))
		}},
		{"add or remove a member", 2, func() {
			op := fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q}]}`, first)
			if joined {
				op = fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"}`, first)
			}
			joined = !joined
			f.send(t, "PATCH", "/Groups/"+group, patch(op))
		}},
		{"create a group with members", 2, func() {
			n := f.next.Add(1)
			f.send(t, "POST", "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G%d","externalId":"g%d","members":[{"value":%q},{"value":%q}]}`, n, n, first, second))
		}},
		{"get a user", 1, func() { f.send(t, "GET", "/Users/"+first, "") }},
		{"find a user", 1, func() { f.send(t, "GET", "/Users?filter=userName+eq+%22u1@acme.example%22", "") }},
		{"may this person sign in", 2, func() {
			req, err := http.NewRequestWithContext(t.Context(), "GET", f.url+"/app/v1/tenants/acme/access?email=u1@acme.example", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+key.Key)
			answer(t, f.client, req)
		}},
	}
}

// TestRequestsNeedFewRoundTrips counts the round trips of a request to the database: two to write, and one to read. Both check the credential
// on the way. It finds a read that bridge/want.go does not name.
func TestRequestsNeedFewRoundTrips(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	f := startFar(t, map[string]string{"store.connections": "2"})
	for _, op := range f.operations(t) {
		for range 4 { // statements are prepared once for each connection
			op.do()
		}
		least := 1 << 30
		for range 8 { // jobs and heartbeats ask too
			time.Sleep(30 * time.Millisecond) // the end of the last snapshot, which nothing waits for
			f.proxy.Counts()
			op.do()
			least = min(least, f.proxy.Counts().Trips)
		}
		if least > op.most {
			t.Errorf("%s takes %d round trips, and %d are allowed", op.name, least, op.most)
		}
	}
}

// TestPreviewOfADirectoryNeedsFewRoundTrips previews a directory with more people than seats. A preview decides about many people in one
// round trip, so a busy database does not make it slow.
func TestPreviewOfADirectoryNeedsFewRoundTrips(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	const people, seats = 300, 50
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	for i := range people - 1 {
		account.Add(fmt.Sprintf("user%d@acme.test", i), "User", fmt.Sprint(i), nil)
	}
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	f := startFar(t, map[string]string{"google.endpoint": google.URL, "outbound.allow": "127.0.0.0/8", "google.every": "24h"})
	ok[wire.Tenant](t)(f.operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "small", Name: "Small", Plan: "business", Seats: seats}))
	_, err := f.operator.CreateConnection(t.Context(), wire.ConnectionCreate{
		Slug: "small-google", Tenant: "small", Type: "google-directory", Google: &wire.GoogleCreate{Admin: "admin@acme.test", Credentials: string(account.NewKey("acme-project"))},
	})
	must(t, err)
	f.proxy.Counts()
	preview, err := f.operator.SyncConnection(t.Context(), "small-google", client.DryRun(true))
	trips := f.proxy.Counts().Trips
	if err != nil || preview.Counts.Created != seats || preview.Counts.Refused != people-seats {
		t.Fatalf("the preview gave %+v, %v", preview.Counts, err)
	}
	if trips > people/2 {
		t.Errorf("the preview of %d people took %d round trips, and %d are allowed", people, trips, people/2)
	}
	t.Logf("%d round trips for %d people", trips, people)
}

// BenchmarkDistance measures the round trips of each request, and how long it takes if the database is near and if each round trip takes
// half a millisecond longer. "select 1" is a bare round trip: DRAWBRIDGE_BRIDGES=2 go test ./cmd/drawbridge/e2e -run '^$' -bench
// BenchmarkDistance -benchtime 500x
func BenchmarkDistance(b *testing.B) {
	if bridges() < 2 {
		return // it needs a database
	}
	f := startFar(b, nil)
	measure := func(b *testing.B, each func()) {
		b.Helper()
		f.proxy.Counts()
		began := time.Now()
		each()
		took, n, counts := time.Since(began), float64(b.N), f.proxy.Counts()
		b.ReportMetric(float64(counts.Trips)/n, "trips/op")
		b.ReportMetric(float64(counts.Statements)/n, "statements/op")
		b.ReportMetric(float64(counts.Bytes)/n, "bytes/op")
		b.ReportMetric(n/took.Seconds(), "op/s")
	}
	operations := append(f.operations(b), operation{name: "select 1", do: pgtest.RoundTrip(b, f.proxy.URL(database.Cluster(b).URL("postgres")))})
	distances := []struct {
		name  string
		delay time.Duration
	}{{"near", 0}, {"far", 500 * time.Microsecond}}
	for _, op := range operations {
		for range 20 { // statements are prepared once for each connection
			op.do()
		}
		for _, d := range distances {
			b.Run(strings.ReplaceAll(op.name, " ", "-")+"/"+d.name, func(b *testing.B) {
				f.proxy.Delay(d.delay)
				measure(b, func() {
					for range b.N {
						op.do()
					}
				})
			})
		}
	}
	for _, d := range distances {
		b.Run("create-with-64-connections/"+d.name, func(b *testing.B) {
			f.proxy.Delay(d.delay)
			measure(b, func() {
				var left atomic.Int64
				left.Store(int64(b.N))
				var all sync.WaitGroup
				for range 64 {
					all.Go(func() {
						for left.Add(-1) >= 0 {
							f.create(b)
						}
					})
				}
				all.Wait()
			})
		})
	}
}

// answer sends a request that must succeed and gives the body.
func answer(t testing.TB, c *http.Client, req *http.Request) string {
	t.Helper()
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", req.Method, req.URL, res.Status, text, err)
	}
	return string(text)
}

// idIn is the id of the resource in an answer.
func idIn(t testing.TB, text string) string {
	t.Helper()
	var resource struct{ ID string }
	if err := json.Unmarshal([]byte(text), &resource); err != nil || resource.ID == "" {
		t.Fatalf("no id in %s: %v", text, err)
	}
	return resource.ID
}
