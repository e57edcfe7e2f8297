package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// hostileGroup is a group with more after its name.
func hostileGroup(name, more string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"` + name + `"` + more + `}`
}

// numbered repeats a text with a number in it, with commas between.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// Bodies that only an attacker sends are refused by their shape, before they are parsed.
func TestHostileBodiesAreRefusedBeforeParsing(t *testing.T) {
	t.Parallel()
	metrics := NewMetrics(prometheus.NewPedanticRegistry())
	k := newKit(t, func(cfg *Config) {
		cfg.Metrics, cfg.Limits.Rate = metrics, 0
		cfg.Guard = web.NewGuard(web.GuardConfig{})
	})
	c := k.connect("acme", "acme-gen", directory.Generic)
	ada := c.user("ada@example.test")
	group := c.group("Team")
	bulk := func(operations string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` + operations + `]}`
	}
	unknown := `,` + numbered(400_000, `"a%d":1`)
	for name, tt := range map[string]struct {
		method, target, body string
		status               int
		limit                string
	}{
		"unknown attributes":           {"POST", "/Users", userBody("x", unknown), 400, "json_names"},
		"unknown attributes of groups": {"POST", "/Groups", hostileGroup("x", unknown), 400, "json_names"},
		"unknown attributes in PATCH":  {"PATCH", "/Users/" + ada, patchBody(`{"op":"add","value":{` + unknown[1:] + `}}`), 400, "json_names"},
		"unknown attributes in Bulk":   {"POST", "/Bulk", bulk(`{"method":"POST","path":"/Users","bulkId":"a","data":{` + unknown[1:] + `}}`), 400, "json_names"},
		"unknown attributes in search": {"POST", "/Users/.search", searchHead + unknown + `}`, 400, "json_names"},
		"a list without end":           {"POST", "/Groups", hostileGroup("x", `,"foo":[`+numbered(600_000, `%[1]d`)+`]`), 400, "json_values"},
		"a user with 9,000 addresses":  {"POST", "/Users", userBody("x", `,"emails":[`+numbered(9000, `{"value":"a%d@example.test"}`)+`]`), 413, "user_values"},
		"PATCH with 30,000 addresses":  {"PATCH", "/Users/" + ada, patchBody(`{"op":"add","path":"emails","value":[` + numbered(30_000, `{"value":"a%d@example.test"}`) + `]}`), 413, "user_values"},
		"a PUT with 9,000 addresses":   {"PUT", "/Users/" + ada, userBody("ada@example.test", `,"emails":[`+numbered(9000, `{"value":"a%d@example.test"}`)+`]`), 413, "user_values"},
		"deep nesting":                 {"POST", "/Users", userBody("x", `,"a":`+strings.Repeat("[", 1_000_000)), 400, "json_depth"},
		"empty objects":                {"POST", "/Groups", hostileGroup("x", `,"members":[`+strings.TrimSuffix(strings.Repeat("{},", 300_000), ",")+`]`), 400, "json_values"},
		"a huge string":                {"POST", "/Users", userBody("x", `,"title":"`+strings.Repeat("x", 4<<20)+`"`), 400, ""},
		"a huge name":                  {"POST", "/Users", userBody("x", `,"`+strings.Repeat("x", 4<<20)+`":1`), 201, ""},
		"members of a group":           {"PATCH", "/Groups/" + group, patchBody(`{"op":"add","path":"members","value":[` + numbered(200_000, `{"value":"%d"}`) + `]}`), 400, "json_values"},
	} {
		before := 0.0
		if tt.limit != "" {
			before = testutil.ToFloat64(metrics.limits.WithLabelValues(tt.limit))
		}
		got := c.do(tt.method, tt.target, tt.body)
		if got.status != tt.status {
			t.Errorf("%s: %d %.300s", name, got.status, got.text)
		}
		if len(got.text) > 10_000 {
			t.Errorf("%s: the answer has %d bytes", name, len(got.text))
		}
		if tt.limit != "" {
			if after := testutil.ToFloat64(metrics.limits.WithLabelValues(tt.limit)); after != before+1 {
				t.Errorf("%s: %s went from %v to %v", name, tt.limit, before, after)
			}
		}
	}
	// One operation that is too large fails, and the others are done.
	got := c.do("POST", "/Bulk", bulk(`{"method":"POST","path":"/Users","bulkId":"a","data":`+userBody("big", `,"emails":[`+numbered(9000, `{"value":"a%d@example.test"}`)+`]`)+`},`+
		`{"method":"POST","path":"/Users","bulkId":"b","data":`+userBody("small")+`}`)).is(200)
	got.has("Operations.0.status", "413").has("Operations.1.status", "201")
}

// Requests as large as those of a large company are served.
func TestLargeRequestsAreServed(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(cfg *Config) { cfg.Guard = web.NewGuard(web.GuardConfig{}) })
	c := k.connect("acme", "acme-gen", directory.Generic, func(t *directory.Tenant) {})
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = c.user(fmt.Sprintf("user%d@example.test", i))
	}
	group := c.group("Team")
	var members strings.Builder
	for i := range 10_000 { // the same people many times: it is the size that counts here
		if i > 0 {
			members.WriteByte(',')
		}
		fmt.Fprintf(&members, `{"value":"%s","display":"A person with a name of some length %d","type":"User","$ref":"https://scim.example.test/scim/v2/acme-gen/Users/%s"}`, ids[i%len(ids)], i, ids[i%len(ids)])
	}
	put := hostileGroup("Team", `,"members":[`+members.String()+`]`)
	if len(put) < 2<<20 {
		t.Errorf("the body has %d bytes only", len(put))
	}
	c.do("PUT", "/Groups/"+group, put).is(200)
	k.clock.Advance(time.Minute)
	title := strings.Repeat("x", 7000)
	got := c.do("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[`+
		numbered(1000, `{"method":"PATCH","path":"/Users/`+ids[0]+`","data":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"%d`+title+`"}]}}`)+`]}`)
	got.is(200).has("Operations.999.status", "200")
}

// The memory that one connection uses makes neither another connection's requests nor its own small ones fail.
func TestMemoryOfOneConnectionLeavesEnoughForOthers(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(cfg *Config) {
		cfg.Limits.Rate = 0
		cfg.Guard = web.NewGuard(web.GuardConfig{Memory: 16 << 20})
	})
	hostile, neighbour := k.connect("hostile", "hostile-gen", directory.Generic), k.connect("acme", "acme-gen", directory.Generic)
	var senders sync.WaitGroup
	var bodies []*io.PipeWriter
	refused := make(chan *httptest.ResponseRecorder, 100)
	for range 6 {
		body, end := io.Pipe()
		bodies = append(bodies, end)
		r := httptest.NewRequest(http.MethodPost, "/scim/v2/hostile-gen/Users", body)
		r.Header.Set("Authorization", "Bearer "+hostile.token)
		senders.Go(func() {
			w := httptest.NewRecorder()
			k.handler.ServeHTTP(w, r)
			if w.Code == http.StatusServiceUnavailable {
				refused <- w
			}
			_ = body.CloseWithError(io.ErrClosedPipe)
		})
		// It is more than what is thrown away of a refused body, so no handler waits for what does not come.
		if _, err := end.Write(make([]byte, 5<<19)); err != nil && len(refused) == 0 {
			t.Error(err)
		}
	}
	if w := <-refused; w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), `"503"`) {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	neighbour.user("ada@example.test")
	neighbour.do("PUT", "/Groups/"+neighbour.group("Team"), hostileGroup("Team", `,"members":[`+numbered(500, `{"value":"0190f0c2-7a1e-7b3a-8a3e-0123456789%02[1]d"}`)+`]`)).fails(400, "invalidValue") // understood
	for _, end := range bodies {
		_ = end.CloseWithError(io.ErrUnexpectedEOF)
	}
	senders.Wait()
	hostile.user("bea@example.test")
}

// The token endpoint checks the rate of an address before it reads anything.
func TestTokenEndpointIsThrottled(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(cfg *Config) {
		cfg.Guard = web.NewGuard(web.GuardConfig{Open: limit.Rate{PerSecond: 0.001, Burst: 3}})
	})
	form := func(body string) *answer {
		return k.raw("POST", "/oauth2/token", body, "Content-Type", "application/x-www-form-urlencoded")
	}
	const wrong = "grant_type=client_credentials&client_id=x&client_secret=y"
	form(wrong).is(401)
	form(wrong + "&x=" + strings.Repeat("x", 5000)).is(413)
	form(wrong).is(401)
	if got := form(wrong).is(429); got.header.Get("Retry-After") == "" {
		t.Errorf("%v", got.header)
	}
}

// BenchmarkMemory measures the inputs of a request's cost (web.Cost): bytes allocated for each byte that was claimed. The live memory
// at a time is less, because most of it soon becomes garbage.
func BenchmarkMemory(b *testing.B) {
	k := newKit(b, func(cfg *Config) { cfg.Logger, cfg.Limits.Rate = nil, 0 })
	c := k.connect("acme", "acme-gen", directory.Generic)
	for name, body := range shapes() {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(allocated(b, c, body, b.N), "allocated/claimed")
		})
	}
}

// shapes are bodies with the smallest values that there are, the longest, and those between.
func shapes() map[string]string {
	return map[string]string{
		"numbers": hostileGroup("x", `,"foo":[`+strings.TrimSuffix(strings.Repeat("1,", 200_000), ",")+`]`),
		"texts":   hostileGroup("x", `,"foo":[`+strings.TrimSuffix(strings.Repeat(`"",`, 200_000), ",")+`]`),
		"escapes": hostileGroup("x", `,"foo":[`+strings.TrimSuffix(strings.Repeat(`"\n",`, 100_000), ",")+`]`),
		"objects": hostileGroup("x", `,"foo":[`+strings.TrimSuffix(strings.Repeat(`{"a":1},`, 100_000), ",")+`]`),
		"lists":   hostileGroup("x", `,"foo":[`+strings.TrimSuffix(strings.Repeat(`[1],`, 100_000), ",")+`]`),
		"members": hostileGroup("x", `,"members":[`+strings.TrimSuffix(strings.Repeat(`{"value":"0190f0c2-7a1e-7b3a-8a3e-012345678901","display":"ada@example.test"},`, 20_000), ",")+`]`),
		"text":    userBody("x", `,"foo":"`+strings.Repeat("x", 4<<20)+`"`),
	}
}

func allocated(tb testing.TB, c *client, body string, times int) float64 {
	tb.Helper()
	shape, err := directory.MeasureJSON([]byte(body), directory.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	target := "/Groups"
	if !strings.Contains(body, "displayName") {
		target = "/Users"
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		r := httptest.NewRequest(http.MethodPost, "/scim/v2/acme-gen"+target, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+c.token)
		c.handler.ServeHTTP(&sink{h: http.Header{}}, r)
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(times) / float64(web.Cost(shape))
}

// A request allocates no more than it has claimed, garbage included. No other test runs at the same time, because its allocations would
// count.
func TestMemoryIsClaimed(t *testing.T) {
	k := newKit(t, func(cfg *Config) { cfg.Logger, cfg.Limits.Rate = nil, 0 })
	c := k.connect("acme", "acme-gen", directory.Generic)
	for name, body := range shapes() {
		if share := allocated(t, c, body, 1); share > 1 {
			t.Errorf("%s: %.2f times what was claimed is allocated", name, share)
		}
	}
}

// Many small requests cannot make a resource too large.
func TestResourceDoesNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	c := newKit(t, func(cfg *Config) { cfg.Limits.Rate = 0 }).connect("acme", "acme-gen", directory.Generic)
	ada := c.user("ada@example.test")
	for step := range 20 {
		emails := strings.ReplaceAll(numbered(1500, `{"value":"a%d-STEP@example.test"}`), "STEP", fmt.Sprint(step))
		got := c.do("PATCH", "/Users/"+ada, patchBody(`{"op":"add","path":"emails","value":[`+emails+`]}`))
		if got.status == 200 {
			continue
		}
		if got.fails(400, "invalidValue"); !strings.Contains(got.text, "values") {
			t.Errorf("%s", got.text)
		}
		c.do("GET", "/Users/"+ada, "").is(200)
		return
	}
	t.Error("it has 30,000 addresses")
}
