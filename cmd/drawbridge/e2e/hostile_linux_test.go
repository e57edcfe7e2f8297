package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// mostMemory is how much memory the server may use in addition to that of an idle one, for all behaviour of clients.
const mostMemory = 256 << 20

// target is a server with a hostile tenant and another one.
type target struct {
	*process
	url            string
	hostile, quiet wire.Issued
	group, user    string // a group of the hostile tenant with many members, a person of the neighbour
	http           *http.Client
}

// attack is what hostile clients do until ctx ends. n is the number of the client.
type attack struct {
	name    string
	clients int
	client  func(ctx context.Context, s *target, n int)
}

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

// post sends a body again and again.
func post(path string, token func(s *target) string, contentType, body string) func(context.Context, *target, int) {
	return func(ctx context.Context, s *target, _ int) {
		for ctx.Err() == nil {
			s.send(ctx, http.MethodPost, path, token(s), contentType, strings.NewReader(body))
		}
	}
}

// get asks for what needs no credential, again and again.
func get(path string) func(context.Context, *target, int) {
	return func(ctx context.Context, s *target, _ int) {
		for ctx.Err() == nil {
			s.send(ctx, http.MethodGet, path, "", "", nil)
		}
	}
}

func (s *target) send(ctx context.Context, method, path, token, contentType string, body io.Reader) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		return
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := s.http.Do(r)
	if err != nil {
		return // a client that is cut off tries again
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
}

// stall writes a text on a connection of its own, and then nothing more.
func (s *target) stall(ctx context.Context, text string) {
	for ctx.Err() == nil {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), time.Second)
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		if _, err := io.WriteString(c, text); err == nil {
			_, _ = io.ReadFull(c, make([]byte, 1)) // until it is cut off
		}
		stop()
		_ = c.Close()
	}
}

func attacks() []attack {
	const jsonType, scimType, formType = "application/json", "application/scim+json", "application/x-www-form-urlencoded"
	nobody := func(*target) string { return "" }
	hostile := func(s *target) string { return s.hostile.Token }
	unknown := func(n int) string { return `"userName":"x@hostile.example",` + numbered(n, `"a%d":1`) + `}` }
	user := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],`
	group := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"x",`
	return []attack{
		{"sign-in with 80,000 unknown fields", 24, post("/api/v1/session", nobody, jsonType, "{"+unknown(80_000))},
		{"sign-in", 64, post("/api/v1/session", nobody, jsonType, `{"email":"x@example.test","password":"a password that is wrong"}`)},
		{"forgotten passwords and links", 64, func(ctx context.Context, s *target, n int) {
			for i := 0; ctx.Err() == nil; i++ {
				s.send(ctx, http.MethodPost, "/api/v1/session/forgot", "", jsonType, strings.NewReader(fmt.Sprintf(`{"email":"x%d-%d@example.test"}`, n, i)))
				s.send(ctx, http.MethodPost, "/api/v1/links/abc", "", jsonType, strings.NewReader(`{"password":"`+strings.Repeat("x", 100_000)+`"}`))
			}
		}},
		{"users with 400,000 unknown attributes", 16, post("/scim/v2/hostile/Users", hostile, scimType, user+unknown(400_000))},
		{"groups with half a million values", 16, post("/scim/v2/hostile/Groups", hostile, scimType, group+`"foo":[`+strings.TrimSuffix(strings.Repeat("1,", 450_000), ",")+`]}`)},
		{"groups with 40,000 members", 16, post("/scim/v2/hostile/Groups", hostile, scimType, group+`"members":[`+numbered(40_000, `{"value":"0190f0c2-7a1e-7b3a-8a3e-%012d"}`)+`]}`)},
		{"Bulk of 8 MiB", 16, post("/scim/v2/hostile/Bulk", hostile, scimType, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[`+
			numbered(1000, `{"method":"PUT","path":"/Users/0190f0c2-7a1e-7b3a-8a3e-%012d","data":`+user+`"userName":"x","title":"`+strings.Repeat("x", 8000)+`"}}`)+`]}`)},
		{"deep nesting", 16, post("/scim/v2/hostile/Users", hostile, scimType, user+`"a":`+strings.Repeat("[", 8_000_000))},
		{"searches without an index", 32, func(ctx context.Context, s *target, n int) {
			for ctx.Err() == nil {
				s.send(ctx, http.MethodGet, fmt.Sprintf("/scim/v2/hostile/Users?sortBy=title&startIndex=%d&count=1000&filter=title+co+%%22x%%22+or+displayName+co+%%22%d%%22", n*100, n), s.hostile.Token, "", nil)
			}
		}},
		{"wrong credentials", 64, func(ctx context.Context, s *target, n int) {
			for i := 0; ctx.Err() == nil; i++ {
				s.send(ctx, http.MethodGet, "/scim/v2/quiet/Users", fmt.Sprintf("dbt_wrong%d-%d", n, i), "", nil)
			}
		}},
		{"token endpoint", 64, post("/oauth2/token", nobody, formType, "grant_type=client_credentials&client_id=x&client_secret=y")},
		{"bodies that stop", 600, func(ctx context.Context, s *target, _ int) {
			s.stall(ctx, "POST /scim/v2/hostile/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+s.hostile.Token+"\r\nContent-Type: application/scim+json\r\nContent-Length: 8000000\r\n\r\n"+strings.Repeat("[", 1_000_000))
		}},
		{"bodies without an end", 16, func(ctx context.Context, s *target, _ int) {
			for ctx.Err() == nil {
				s.send(ctx, http.MethodPost, "/scim/v2/hostile/Users", s.hostile.Token, scimType, io.MultiReader(bytes.NewReader(make([]byte, 4<<20)), endless{}))
			}
		}},
		{"sign-ins that stop", 600, func(ctx context.Context, s *target, _ int) {
			s.stall(ctx, "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{")
		}},
		{"headers that stop", 1500, func(ctx context.Context, s *target, _ int) {
			s.stall(ctx, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 60_000))
		}},
		{"answers that the client does not read", 200, func(ctx context.Context, s *target, n int) {
			path := "/scim/v2/hostile/Groups/" + s.group
			if n%2 == 0 {
				path = "/scim/v2/hostile/Users?count=1000"
			}
			s.stall(ctx, "GET "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+s.hostile.Token+"\r\n\r\n")
		}},
		{"metrics that the client does not read", 200, func(ctx context.Context, s *target, _ int) {
			s.stall(ctx, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
		}},
		{"probes", 64, get("/readyz")},
		{"paths that lead nowhere", 64, get("/nowhere")},
		{"documents of the API", 64, get("/api/v1/openapi.json")},
		{"documents of the application API", 64, get("/app/v1/openapi-3.0.yaml")},
		{"pages of the console", 64, get("/console/")},
		{"files of the console", 64, func(ctx context.Context, s *target, n int) {
			get(s.largestFile(ctx))(ctx, s, n)
		}},
		{"connections that end at once", 64, func(ctx context.Context, s *target, _ int) {
			for ctx.Err() == nil {
				if c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), time.Second); err == nil {
					if tcp, ok := c.(*net.TCPConn); ok {
						_ = tcp.SetLinger(0) // the attacker has other ports left, and its machine is not the one that suffers
					}
					_ = c.Close()
				}
			}
		}},
		{"pages of invitations", 64, func(ctx context.Context, s *target, n int) {
			for i := 0; ctx.Err() == nil; i++ {
				s.send(ctx, http.MethodPost, fmt.Sprintf("/invitation/quiet/%d-%d", n, i), "", formType, strings.NewReader(strings.Repeat("x", 100_000)))
			}
		}},
	}
}

// largestFile is the path of the largest file of the console.
func (s *target) largestFile(ctx context.Context) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/console/", nil)
	if err != nil {
		return "/"
	}
	res, err := s.http.Do(r)
	if err != nil {
		return "/"
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return "/"
	}
	_, rest, _ := bytes.Cut(page, []byte("/console/assets/"))
	build, _, _ := bytes.Cut(rest, []byte("/"))
	return "/console/assets/" + string(build) + "/vendor/aria.js"
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func newTarget(t testing.TB) *target {
	t.Helper()
	data := shortDir(t)
	p := serve(t, data)
	s := &target{hostile: makeTenant(t, p.operator, "hostile", "generic", 0), quiet: makeTenant(t, p.operator, "quiet", "okta", 0)}
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	crowd(t, data, "hostile", 10_000, func(u *directory.User) { u.State = directory.Active })
	s.process = serve(t, data, "DRAWBRIDGE_LIMITS_SCIM_RATE=50", "DRAWBRIDGE_API_ENABLED=true", "DRAWBRIDGE_LOG_LEVEL=error")
	s.url = strings.TrimSuffix(s.base(t, ""), "/scim/v2/")
	members := make([]string, 10_000)
	for i := range members {
		members[i] = `{"value":"` + crowdID(i).String() + `"}`
	}
	status, text := fetch(t, http.MethodPost, s.url+"/scim/v2/hostile/Groups?attributes=id", s.hostile.Token,
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"everybody","members":[`+strings.Join(members, ",")+`]}`)
	if status != http.StatusCreated {
		t.Fatalf("the group: %d %.300s", status, text)
	}
	_, rest, _ := strings.Cut(text, `"id":"`)
	s.group, _, _ = strings.Cut(rest, `"`)
	status, text = fetch(t, http.MethodPost, s.url+"/scim/v2/quiet/Users", s.quiet.Token, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@quiet.example"}`)
	if status != http.StatusCreated {
		t.Fatalf("the neighbour: %d %s", status, text)
	}
	_, rest, _ = strings.Cut(text, `"id":"`)
	s.user, _, _ = strings.Cut(rest, `"`)
	return s
}

// memory is a number of /proc/PID/status in bytes: VmRSS, or VmHWM since the last reset.
func (s *target) memory(t testing.TB, name string) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), name+":")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

func (s *target) resetPeak(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// neighbourly sends reads and writes of the other tenant, one after the other, and returns how long each took. A failed request fails

// the test.
func (s *target) neighbourly(t testing.TB, during time.Duration) []time.Duration {
	t.Helper()
	var all []time.Duration
	const pace = 20 * time.Millisecond // as many as a connection may send
	tick := time.NewTicker(pace)
	defer tick.Stop()
	until := time.Now().Add(during)
	for i := 0; time.Now().Before(until); i++ {
		<-tick.C
		began := time.Now()
		var status int
		var text string
		if i%2 == 0 {
			status, text = fetch(t, http.MethodGet, s.url+"/scim/v2/quiet/Users/"+s.user, s.quiet.Token, "")
		} else {
			status, text = fetch(t, http.MethodPatch, s.url+"/scim/v2/quiet/Users/"+s.user, s.quiet.Token,
				fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"%d"}]}`, i))
		}
		all = append(all, time.Since(began))
		if status != http.StatusOK {
			t.Errorf("the neighbour was answered %d %.200s", status, text)
			break
		}
	}
	slices.Sort(all)
	return all
}

// attackVariable holds an order: the test program is an attacker then.
const attackVariable = "DRAWBRIDGE_TEST_ATTACK"

// order says what an attacker does.
type order struct{ Attack, URL, Token, Group string }

// attackAsOrdered runs the clients of an attack until the process is killed, if this process is an attacker.
func attackAsOrdered() {
	text := os.Getenv(attackVariable)
	if text == "" {
		return
	}
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	s := &target{url: o.URL, hostile: wire.Issued{Token: o.Token}, group: o.Group, http: newHostileClient()}
	for _, a := range attacks() {
		if a.name != o.Attack {
			continue
		}
		for n := range a.clients {
			go a.client(context.Background(), s, n)
		}
		select {} // until it is killed
	}
}

func newHostileClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}, Timeout: 30 * time.Second}
}

// The priorities of attackers. Those of a real attack do not run on the processors of the server, so they get what is left of them where the
// time is measured.
const (
	asMuchAsOthers = 0
	whatIsLeft     = 19
)

// under runs the attack, as a process of its own, while do runs.
func (s *target) under(t testing.TB, a attack, priority int, do func()) {
	t.Helper()
	text, err := json.Marshal(order{a.name, s.url, s.hostile.Token, s.group})
	if err != nil {
		t.Fatal(err)
	}
	attacker := exec.CommandContext(t.Context(), os.Args[0])
	attacker.Env = append(os.Environ(), attackVariable+"="+string(text))
	if err := attacker.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = attacker.Process.Kill()
		_ = attacker.Wait() // it was killed
	}()
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, attacker.Process.Pid, priority); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	do()
}

// processor is how much time the server has had on processors.
func (s *target) processor(t testing.TB) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')'):]))
	var all time.Duration
	for _, field := range fields[12:14] { // user and system, in hundredths of a second
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all += time.Duration(n) * 10 * time.Millisecond
	}
	return all
}

// For all requests and any number of clients, the server stays within its memory, and another tenant is served.
func TestHostileClientsCannotExhaustMemory(t *testing.T) {
	s := newTarget(t)
	s.neighbourly(t, time.Second)
	idle := s.memory(t, "VmRSS")
	for _, a := range attacks() {
		s.resetPeak(t)
		s.under(t, a, asMuchAsOthers, func() { s.neighbourly(t, 700*time.Millisecond) })
		peak := (s.memory(t, "VmHWM") - idle) >> 20
		t.Logf("%s: %d MiB above idle", a.name, peak)
		if peak > mostMemory>>20 {
			t.Errorf("%s: %d MiB above idle", a.name, peak)
		}
	}
	if err := s.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("the end: %v\n%s", err, s.out)
	}
}

// BenchmarkHostile measures, for each attack, how much memory the server takes above idle, how much longer another tenant waits at the 99th
// percentile than when it is alone, and how many processors the server keeps busy. On a machine that does other work, only the memory means
// anything: go test ./cmd/drawbridge/e2e -run '^$' -bench BenchmarkHostile -benchtime 1x
func BenchmarkHostile(b *testing.B) {
	s := newTarget(b)
	s.neighbourly(b, time.Second)
	idle := s.memory(b, "VmRSS")
	const during = 8 * time.Second // hundreds of requests, so that the 99th percentile is not a single slow sync of the disk
	p := func(all []time.Duration, of int) float64 { return float64(all[len(all)*of/100].Microseconds()) / 1000 }
	for _, a := range attacks() {
		b.Run(strings.ReplaceAll(a.name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				alone := s.neighbourly(b, during)
				s.resetPeak(b)
				var with []time.Duration
				var took, busy time.Duration
				s.under(b, a, whatIsLeft, func() {
					began, before := time.Now(), s.processor(b)
					with = s.neighbourly(b, during)
					took, busy = time.Since(began), s.processor(b)-before
				})
				b.ReportMetric(float64((s.memory(b, "VmHWM")-idle)>>20), "MiB-above-idle")
				b.ReportMetric(p(alone, 99), "p99-ms-alone")
				b.ReportMetric(p(with, 99), "p99-ms-attacked")
				b.ReportMetric(p(with, 50)/p(alone, 50), "p50-ratio")
				b.ReportMetric(p(with, 99)/p(alone, 99), "p99-ratio")
				b.ReportMetric(busy.Seconds()/took.Seconds(), "processors")
			}
		})
	}
}
