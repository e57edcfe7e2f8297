package push_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/push"
)

// kit is the services with deliveries that the test drives.
type kit struct {
	*bridgetest.Kit
	push   *push.Service
	logged *bytes.Buffer
	jitter float64
	leads  atomic.Bool
	made   int
}

// people makes n users.
func (k *kit) people(p directory.Principal, n int) {
	k.T.Helper()
	for range n {
		k.made++
		k.NewUser(p, bridgetest.Person{Name: fmt.Sprintf("u%d@acme.example", k.made), Active: bridgetest.Yes()})
	}
}

func start(t *testing.T, changes ...func(*bridgetest.Config)) *kit {
	t.Helper()
	ring, err := credential.NewRing(bytes.Repeat([]byte{7}, credential.SealKeySize))
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{logged: &bytes.Buffer{}, jitter: 0.5}
	k.leads.Store(true)
	k.Kit = bridgetest.Start(t, append([]func(*bridgetest.Config){func(c *bridgetest.Config) { c.Seal = ring }}, changes...)...)
	k.restart()
	return k
}

// restart makes the deliveries again on the same store, as a start of the server does.
func (k *kit) restart() {
	k.T.Helper()
	guard := outbound.New(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	s := push.New(push.Config{
		Webhooks: k.Hooks, Client: guard.Client(2*time.Second, 128<<10), NewID: k.Clock.NewID, Now: k.Clock.Now, Leads: k.leads.Load,
		Jitter: func() float64 { return k.jitter }, Version: "test", Logger: slog.New(slog.NewTextHandler(&syncWriter{to: k.logged}, nil)),
	})
	k.push = s
	k.T.Cleanup(func() { k.OK(s.Close(context.Background())); guard.CloseIdle() })
}

// syncWriter lets several goroutines write.
type syncWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// until ticks until done reports true.
func (k *kit) until(what string, done func() bool) {
	k.T.Helper()
	for range 12_000 {
		k.OK(k.push.Tick(k.T.Context()))
		if done() {
			return
		}
		time.Sleep(5 * time.Millisecond) // the deliveries go on beside the test
	}
	k.T.Fatalf("not within a minute: %s", what)
}

func (k *kit) create(name, url string, change ...func(*webhooks.Draft)) string {
	k.T.Helper()
	d := webhooks.Draft{Name: name, URL: url, Tenants: []directory.TenantID{"acme"}}
	for _, f := range change {
		f(&d)
	}
	_, secret, err := k.Hooks.Create(k.T.Context(), k.Op, d)
	k.OK(err)
	return secret
}

func (k *kit) progress(name string) webhooks.Progress {
	k.T.Helper()
	all, err := k.Hooks.Progress(k.T.Context(), k.Op, name)
	k.OK(err)
	if len(all) == 0 {
		k.T.Fatal("no progress")
	}
	return all[0]
}

// got is a message as a receiver got it.
type got struct {
	Type string `json:"type"`
	Data struct {
		Seq       uint64          `json:"seq"`
		Tenant    string          `json:"tenant"`
		Data      json.RawMessage `json:"data"`
		Truncated bool            `json:"truncated"`
		From, To  uint64
	} `json:"data"`
	id, attempt string
}

// receiver is an endpoint of another system. What it answers can be changed.
type receiver struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	verify *standardwebhooks.Webhook
	taken  []got
	asked  int
	answer func(w http.ResponseWriter, m got) bool // reports whether it took the message; nil: it does
}

func receive(t *testing.T) *receiver {
	r := &receiver{t: t}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) trust(secret string) {
	r.t.Helper()
	verify, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verify = verify
}

func (r *receiver) reply(f func(w http.ResponseWriter, m got) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	var m got
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		r.t.Errorf("a message cannot be read: %v", err)
	}
	m.id, m.attempt = q.Header.Get("webhook-id"), q.Header.Get("drawbridge-attempt")
	r.mu.Lock()
	verify, answer := r.verify, r.answer
	r.asked++
	r.mu.Unlock()
	if verify != nil {
		if err := verify.VerifyIgnoringTimestamp(body, q.Header); err != nil { // the clock is that of the test
			r.t.Errorf("a signature is wrong: %v", err)
		}
	}
	if answer == nil || answer(w, m) {
		r.mu.Lock()
		r.taken = append(r.taken, m)
		r.mu.Unlock()
	}
}

func (r *receiver) all() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

func (r *receiver) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// seqs are the numbers of the events that the receiver took.
func (r *receiver) seqs() (out []uint64) {
	for _, m := range r.all() {
		out = append(out, m.Data.Seq)
	}
	return out
}

// gapless reports an error unless each number from first to last came, in order; a number may come again.
func gapless(t *testing.T, seqs []uint64, first, last uint64) {
	t.Helper()
	next := first
	for _, seq := range seqs {
		if seq > next {
			t.Fatalf("event %d came where %d was next: %v", seq, next, seqs)
		}
		if seq == next {
			next++
		}
	}
	if next != last+1 {
		t.Fatalf("the events end with %d, not %d", next-1, last)
	}
}

func status(code int, head ...string) func(http.ResponseWriter, got) bool {
	return func(w http.ResponseWriter, _ got) bool {
		for i := 0; i+1 < len(head); i += 2 {
			w.Header().Set(head[i], head[i+1])
		}
		w.WriteHeader(code)
		return code >= 200 && code < 300
	}
}

// Every event arrives in order and signed. The first one says that the webhook was attached.
func TestEventsArriveInOrderAndSigned(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	before := k.LastEvent(acme)
	r := receive(t)
	r.trust(k.create("portal", r.URL+"/hook?token=hidden"))
	idp := k.NewIdP(acme, "acme-okta")
	k.people(idp, 20)
	last := k.LastEvent(acme) + 1 // Begin adds webhook.attached
	k.until("all events", func() bool { return len(r.seqs()) > 0 && r.seqs()[len(r.seqs())-1] == last })
	gapless(t, r.seqs(), before+1, last)
	if n := len(r.seqs()); uint64(n) != last-before {
		t.Errorf("%d messages for %d events", n, last-before)
	}
	k.until("the cursor", func() bool { return k.progress("portal").Backlog() == 0 })
	events := k.EventsOf(acme, before)
	for i, m := range r.all() {
		if e := events[i]; m.id != e.WebhookID() || m.Type != string(e.Kind) || m.attempt != "1" || strings.Contains(m.id, ".") || m.Data.Tenant != "acme" {
			t.Errorf("event %d came as %+v", e.Seq, m)
		}
	}
	lines := k.AuditOf(acme)
	if l := lines[len(lines)-1]; l.Action != "webhook.attach" || l.Actor.ID != k.Op.Actor.ID {
		t.Errorf("the record of the tenant ends with %+v", l)
	}
	if p := k.progress("portal"); p.Delivery.Delivered != last-before || p.Delivery.Success.IsZero() || len(p.Delivery.Recent) == 0 || len(p.Delivery.Recent) > 25 {
		t.Errorf("%+v", p)
	}
}

// Only events that match the patterns are sent, and the cursor passes the others.
func TestEventsAreFiltered(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 100)
	r := receive(t)
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Events = []string{"group.*", "user.deleted"} })
	idp := k.NewIdP(acme, "acme-okta")
	k.people(idp, 70)
	k.NewGroup(idp, "Crew")
	k.until("the group", func() bool { return len(r.all()) == 1 && k.progress("portal").Backlog() == 0 })
	if m := r.all()[0]; m.Type != "group.created" {
		t.Errorf("%+v", m)
	}
	k.people(idp, 3) // fewer than a batch: the cursor moves later
	asked := r.requests()
	k.Clock.Advance(10 * time.Second)
	k.until("the cursor", func() bool { k.Clock.Advance(time.Second); return k.progress("portal").Backlog() == 0 })
	if r.requests() != asked {
		t.Error("an event was sent that no webhook wants")
	}
}

// A failed event is sent again after growing pauses, keeps its id, and delays those after it.
func TestFailedEventIsRetried(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	r := receive(t)
	r.reply(status(500))
	k.create("portal", r.URL+"/?secret=in-the-url")
	for i, pause := range []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute} {
		k.until("an attempt", func() bool { return k.progress("portal").Delivery.Attempts == i+1 })
		d := k.progress("portal").Delivery
		if got := d.Next.Sub(k.Clock.Now()); got > pause || got < pause-time.Second || d.Error != "the receiver answered 500" {
			t.Errorf("attempt %d: next in %s, %q", i+1, got, d.Error)
		}
		k.Clock.Advance(pause - time.Second)
		k.OK(k.push.Tick(t.Context()))
		k.OK(k.push.Tick(t.Context()))
		if r.requests() != i+1 {
			t.Errorf("attempt %d came too early", r.requests())
		}
		k.Clock.Advance(2 * time.Second)
	}
	r.reply(nil)
	last := k.LastEvent(acme)
	k.until("the events", func() bool { return k.progress("portal").Backlog() == 0 })
	gapless(t, r.seqs(), r.seqs()[0], last)
	d := k.progress("portal").Delivery
	if !d.FailingSince.IsZero() || d.Attempts != 0 || d.Error != "" {
		t.Errorf("%+v", d)
	}
	if d.Taken.Sum() != d.Delivered || d.Sent.Sum() != d.Delivered+4 {
		t.Errorf("%d attempts, %d of them successful, for %d events", d.Sent.Sum(), d.Taken.Sum(), d.Delivered)
	}
	ids := map[string]bool{}
	for _, a := range d.Recent[:5] {
		ids[a.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("the attempts have the ids %v", ids)
	}
	if strings.Contains(k.logged.String(), "in-the-url") || strings.Contains(k.logged.String(), "whsec") || !strings.Contains(k.logged.String(), "portal") {
		t.Errorf("the log is %s", k.logged)
	}
}

// A retry that was planned while the clock was a month ahead happens at once when the clock is right.
func TestRetriesAfterTheClockWasAhead(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	for _, restart := range []bool{false, true} {
		k := start(t)
		acme := k.NewTenant("acme", 50)
		r := receive(t)
		r.reply(status(500))
		k.Clock.Advance(month)
		k.create("portal", r.URL)
		k.until("an attempt", func() bool { return k.progress("portal").Delivery.Attempts == 1 })
		k.Clock.Advance(-month)
		r.reply(nil)
		if restart {
			k.OK(k.push.Close(t.Context()))
			k.restart()
		}
		k.until("the events", func() bool { return k.progress("portal").Backlog() == 0 })
		gapless(t, r.seqs(), r.seqs()[0], k.LastEvent(acme))
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 50)
	r := receive(t)
	for i, c := range []struct {
		says string
		want time.Duration
	}{{"3600", time.Hour}, {"1", 30 * time.Second}, {"999999999", 8 * time.Hour}, {"-5", 10 * time.Minute}, {"soon", 30 * time.Minute}} {
		r.reply(status(503, "Retry-After", c.says))
		if i == 0 {
			k.create("portal", r.URL)
		}
		k.until("an attempt", func() bool { return k.progress("portal").Delivery.Attempts == i+1 })
		if got := k.progress("portal").Delivery.Next.Sub(k.Clock.Now()); got != c.want {
			t.Errorf("Retry-After %s: next in %s", c.says, got)
		}
		k.Clock.Advance(c.want + time.Second)
	}
}

// After three days, or when the receiver answers 410, the webhook is parked with an alert and a mail. After it is resumed, it continues at
// the same event.
func TestWebhookIsParked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		after  time.Duration
	}{{410, 0}, {500, 72 * time.Hour}} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			t.Parallel()
			post := &bridgetest.Postman{}
			k := start(t, bridgetest.Posted(post, directory.Recipient{Address: "ops@msp.example"}))
			acme := k.NewTenant("acme", 50)
			r := receive(t)
			r.reply(status(c.status))
			k.create("portal", r.URL)
			began := k.Clock.Now()
			k.until("the end", func() bool {
				k.OK(k.Notify(t.Context()))
				w, err := k.Hooks.Webhook(t.Context(), k.Op, "portal")
				k.OK(err)
				if !w.Parked.IsZero() && !k.progress("portal").Delivery.Parked.IsZero() {
					return true
				}
				k.Clock.Advance(time.Hour)
				return false
			})
			if took := k.Clock.Now().Sub(began); took < c.after || took > c.after+time.Hour*24 {
				t.Errorf("parked after %s", took)
			}
			alerts, err := k.Alerts(t.Context(), k.Op, acme, bridge.OpenAlerts)
			k.OK(err)
			if len(alerts) != 1 || alerts[0].Kind != directory.WebhookAlert || !strings.Contains(alerts[0].Text, "portal") {
				t.Errorf("%+v", alerts)
			}
			k.OK(k.Notify(t.Context()))
			k.SendMails()
			if len(post.Sent) == 0 || !strings.Contains(bridgetest.Notices(post.Sent[len(post.Sent)-1]), "webhook.parked") {
				t.Errorf("mails: %+v", post.Sent)
			}
			asked := r.requests()
			k.Clock.Advance(100 * time.Hour)
			for range 5 {
				k.OK(k.push.Tick(t.Context()))
			}
			if r.requests() != asked {
				t.Error("a parked webhook gets requests")
			}
			r.reply(nil)
			_, err = k.Hooks.Resume(t.Context(), k.Op, "portal")
			k.OK(err)
			k.until("all events", func() bool { return k.progress("portal").Backlog() == 0 })
			gapless(t, r.seqs(), r.seqs()[0], k.LastEvent(acme))
			if lines := k.hookLines(acme); !slices.Contains(lines, "webhook.resume portal by "+k.Op.Actor.Name) {
				t.Errorf("the trail says %q", lines)
			}
			alerts, err = k.Alerts(t.Context(), k.Op, acme, bridge.OpenAlerts)
			k.OK(err)
			if len(alerts) != 0 {
				t.Errorf("the alert is still open: %+v", alerts)
			}
		})
	}
}

// An answer that is slow, long, a redirect or broken is a failure with a sentence, or a success if its status says so. What enters memory
// and log is bounded.
func TestHostileAnswersAreBounded(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 50)
	elsewhere := receive(t)
	r := receive(t)
	k.create("portal", r.URL+"/?secret=in-the-url")
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, got) bool
		status int
		error  string
	}{
		"redirect": {status(302, "Location", elsewhere.URL), 302, "a redirect, which is not followed"},
		"long": {func(w http.ResponseWriter, _ got) bool {
			_, _ = io.Copy(w, io.LimitReader(zeros{}, 50<<20))
			return true
		}, 200, ""},
		"no answer": {func(w http.ResponseWriter, _ got) bool { hijack(w, ""); return false }, 0, "the receiver ended the connection before it answered"},
		"nonsense":  {func(w http.ResponseWriter, _ got) bool { hijack(w, "SMTP ready\r\n\r\n"); return false }, 0, "the receiver did not answer in HTTP"},
		"controls": {func(w http.ResponseWriter, _ got) bool {
			w.WriteHeader(400)
			_, _ = w.Write([]byte("a\x1b[31m\x00\xffb"))
			return false
		}, 400, "answered 400"},
	} {
		r.reply(c.answer)
		a, err := k.push.Test(t.Context(), k.Op, "portal")
		k.OK(err)
		if a.Status != c.status || (c.error == "") != (a.Error == "") || !strings.Contains(a.Error, c.error) || len(a.Answer) > 256 || strings.Contains(a.Error, "in-the-url") || strings.ContainsAny(a.Answer, "\x1b\x00") {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if elsewhere.requests() != 0 {
		t.Error("a redirect was followed")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func hijack(w http.ResponseWriter, text string) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

// A refused address is never dialled, even if the name resolved to another address when the webhook was created.
func TestRefusedAddressIsNotDialled(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 50)
	r := receive(t)
	k.create("portal", r.URL)
	strict := push.New(push.Config{Webhooks: k.Hooks, Client: outbound.New(outbound.Config{}).Client(time.Second, 1000), NewID: k.Clock.NewID, Now: k.Clock.Now})
	a, err := strict.Test(t.Context(), k.Op, "portal")
	k.OK(err)
	if r.requests() != 0 || !strings.Contains(a.Error, "outbound.allow") {
		t.Errorf("%+v after %d requests", a, r.requests())
	}
	k.OK(strict.Close(t.Context()))
}

// During a rotation both secrets sign. Afterwards only the new one signs.
func TestBothSecretsSignDuringARotation(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 50)
	r := receive(t)
	old := k.create("portal", r.URL)
	_, fresh, err := k.Hooks.Rotate(t.Context(), k.Op, "portal", 24*time.Hour)
	k.OK(err)
	if old == fresh || !strings.HasPrefix(fresh, "whsec_") {
		t.Fatalf("%s, %s", old, fresh)
	}
	for _, secret := range []string{old, fresh} {
		r.trust(secret)
		_, err := k.push.Test(t.Context(), k.Op, "portal")
		k.OK(err)
	}
	k.Clock.Advance(25 * time.Hour)
	r.trust(fresh)
	_, err = k.push.Test(t.Context(), k.Op, "portal")
	k.OK(err)
	wrong, err := standardwebhooks.NewWebhook(old)
	k.OK(err)
	r.mu.Lock()
	r.verify = nil
	r.mu.Unlock()
	refused := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		refused = wrong.VerifyIgnoringTimestamp(body, q.Header) != nil
	}))
	defer server.Close()
	_, err = k.Hooks.Update(t.Context(), k.Op, "portal", webhooks.Edit{URL: &server.URL})
	k.OK(err)
	_, err = k.push.Test(t.Context(), k.Op, "portal")
	k.OK(err)
	if !refused {
		t.Error("the old secret still signs")
	}
}

// A process that ends loses no event: the next one continues after the stored cursor.
func TestRestartLosesNoEvent(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 500)
	r := receive(t)
	k.create("portal", r.URL)
	idp := k.NewIdP(acme, "acme-okta")
	for i := range 6 {
		k.people(idp, 25)
		k.until("some events", func() bool { return len(r.all()) > i*20 })
		k.OK(k.push.Close(t.Context()))
		k.restart()
	}
	last := k.LastEvent(acme)
	k.until("all events", func() bool { return k.progress("portal").Backlog() == 0 })
	gapless(t, r.seqs(), r.seqs()[0], last)
}

// Two processes that both believe that they lead deliver each event at least once, in an order without gaps.
func TestTwoLeadersSkipNoEvent(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 500)
	r := receive(t)
	k.create("portal", r.URL)
	first := k.push
	k.restart()
	k.NewUsers(k.NewIdP(acme, "acme-okta"), 120)
	k.until("all events", func() bool {
		k.OK(first.Tick(t.Context()))
		return k.progress("portal").Backlog() == 0
	})
	seen := map[uint64]bool{}
	for _, seq := range r.seqs() {
		seen[seq] = true
	}
	for seq := r.seqs()[0]; seq <= k.LastEvent(acme); seq++ {
		if !seen[seq] {
			t.Errorf("event %d was not delivered", seq)
		}
	}
}

// A process that does not lead sends nothing.
func TestOnlyTheLeaderDelivers(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	r := receive(t)
	k.leads.Store(false)
	k.create("portal", r.URL)
	for range 5 {
		k.OK(k.push.Tick(t.Context()))
	}
	if r.requests() != 0 {
		t.Error("it sent something")
	}
	k.leads.Store(true)
	k.until("the events", func() bool { return len(r.all()) > 0 && k.progress("portal").Backlog() == 0 })
	k.leads.Store(false)
	k.OK(k.push.Tick(t.Context()))
	asked := r.requests()
	k.NewIdP(acme, "acme-okta")
	for range 5 {
		k.OK(k.push.Tick(t.Context()))
	}
	if r.requests() != asked {
		t.Error("it sends after it has lost the lead")
	}
}

// Endpoints that never answer delay no other endpoint.
func TestSlowEndpointsDelayNoOther(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	stuck := receive(t)
	let := make(chan struct{})
	stuck.reply(func(http.ResponseWriter, got) bool { <-let; return true })
	for i := range 30 {
		k.create(fmt.Sprintf("stuck-%d", i), stuck.URL)
	}
	r := receive(t)
	k.create("portal", r.URL)
	k.NewIdP(acme, "acme-okta")
	k.until("the events of the live one", func() bool { return len(r.all()) > 0 && k.progress("portal").Backlog() == 0 })
	if len(stuck.all()) != 0 {
		t.Error("the stuck ones have answered")
	}
	close(let)
}

// If the receiver refuses an event of one tenant, the other tenants of the webhook are not delayed, and an operator can skip the event.
func TestRefusedEventDelaysOneTenant(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	k.NewTenant("birch", 50)
	r := receive(t)
	r.reply(func(w http.ResponseWriter, m got) bool {
		if m.Type == "connection.created" && m.Data.Tenant == "acme" {
			w.WriteHeader(400)
			return false
		}
		return true
	})
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Tenants = nil; d.All = true })
	k.NewIdP(acme, "acme-okta")
	k.NewIdP("birch", "birch-okta")
	k.until("a failure", func() bool { return k.progress("portal").Delivery.Attempts > 0 })
	k.until("the other tenant", func() bool {
		all, err := k.Hooks.Progress(t.Context(), k.Op, "portal")
		k.OK(err)
		return all[1].Tenant == "birch" && all[1].Backlog() == 0 && all[1].Delivery.Delivered > 0
	})
	d := k.progress("portal").Delivery
	bad := d.Recent[len(d.Recent)-1].Seq
	_, err := k.Hooks.Skip(t.Context(), k.Op, "portal", acme, bad+1)
	k.Fails(err, directory.Conflict, "")
	_, err = k.Hooks.Skip(t.Context(), k.Op, "portal", acme, bad)
	k.OK(err)
	k.until("the rest", func() bool { k.Clock.Advance(time.Second); return k.progress("portal").Backlog() == 0 })
	lines := k.AuditOf(acme)
	if !slices.ContainsFunc(lines, func(l directory.Audit) bool { return l.Action == "webhook.skip" && l.Actor == k.Op.Actor }) {
		t.Error("the record does not tell that an event was skipped")
	}
}

// A replay begins at a number or a time. Events that are no longer stored are announced first.
func TestReplayAnnouncesTheGap(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	r := receive(t)
	k.create("portal", r.URL)
	idp := k.NewIdP(acme, "acme-okta")
	k.Clock.Advance(time.Hour)
	noon := k.Clock.Now()
	k.people(idp, 3)
	k.until("all events", func() bool { return len(r.all()) > 0 && k.progress("portal").Backlog() == 0 })
	n := len(r.all())
	_, err := k.Hooks.Replay(t.Context(), k.Op, "portal", acme, webhooks.Position{Since: noon})
	k.OK(err)
	k.until("the replay", func() bool { return len(r.all()) > n && k.progress("portal").Backlog() == 0 })
	if m := r.all()[n]; m.Type != "user.created" {
		t.Errorf("the replay begins with %+v", m)
	}
	for _, at := range []webhooks.Position{{}, {From: 1, Since: noon}, {From: 9999}} {
		if _, err := k.Hooks.Replay(t.Context(), k.Op, "portal", acme, at); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%+v: %v", at, err)
		}
	}
	k.OK(k.push.Close(t.Context())) // nothing is sent for a while
	_, err = k.Hooks.Replay(t.Context(), k.Op, "portal", acme, webhooks.Position{From: 1})
	k.OK(err)
	k.Clock.Advance(40 * bridgetest.Day)
	_, err = k.Trim(t.Context(), k.Op, acme, directory.RunApply)
	k.OK(err)
	_, err = k.Hooks.Replay(t.Context(), k.Op, "portal", acme, webhooks.Position{From: 1})
	k.Fails(err, directory.Expired, "E2")
	k.people(idp, 1)
	n = len(r.all())
	k.restart()
	k.until("the rest", func() bool { return len(r.all()) > n && k.progress("portal").Backlog() == 0 })
	if m := r.all()[n]; m.Type != "feed.gap" || m.Data.From != 1 || m.Data.To < 5 || m.Data.Tenant != "acme" {
		t.Errorf("after a gap it goes on with %+v", m)
	} else {
		gapless(t, r.seqs()[n+1:], m.Data.To+1, k.LastEvent(acme))
	}
}

// A webhook for all companies gets every event of a company that is created later.
func TestNewTenantsAreDelivered(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 50)
	r := receive(t)
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Tenants = nil; d.All = true })
	k.NewTenant("birch", 50)
	k.until("the events of the new one", func() bool {
		return slices.ContainsFunc(r.all(), func(m got) bool { return m.Data.Tenant == "birch" && m.Data.Seq == 1 })
	})
}

// A webhook for all companies gets what happens after it was made, and nothing from before.
func TestAWebhookForAllBeginsNow(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	k.NewIdP(acme, "acme-okta")
	last := k.LastEvent(acme)
	r := receive(t)
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Tenants, d.All = nil, true })
	k.until("the first events", func() bool { return len(r.all()) > 0 && k.progress("portal").Backlog() == 0 })
	if first := r.all()[0]; first.Data.Seq != last+1 {
		t.Errorf("it begins with event %d, and there were %d before", first.Data.Seq, last)
	}
	if lines := k.hookLines(acme); !slices.Equal(lines, []string{"webhook.attach portal by " + k.Op.Actor.Name}) {
		t.Errorf("the trail says %q", lines)
	}
}

// hookLines gives the lines about webhooks in the trail of a tenant, with who acted.
func (k *kit) hookLines(tenant directory.TenantID) (out []string) {
	k.T.Helper()
	for _, line := range k.AuditOf(tenant) {
		if strings.HasPrefix(string(line.Action), "webhook.") {
			out = append(out, string(line.Action)+" "+line.Subject.Name+" by "+line.Actor.Name)
		}
	}
	return out
}

// Who detaches a webhook from a company, or deletes it, is the actor in the trail of the company, although the line is written later.
func TestC11WhoDetachesAWebhookIsTheActor(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, birch := k.NewTenant("acme", 50), k.NewTenant("birch", 50)
	r := receive(t)
	both := []directory.TenantID{acme, birch}
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Tenants = both })
	k.create("every", r.URL, func(d *webhooks.Draft) { d.Tenants, d.All = nil, true })
	k.create("chat", r.URL, func(d *webhooks.Draft) { d.Tenants, d.Format = both, directory.Slack })
	told := func(tenant directory.TenantID, action, name string, by directory.Actor) func() bool {
		return func() bool { return slices.Contains(k.hookLines(tenant), action+" "+name+" by "+by.Name) }
	}
	for _, name := range []string{"portal", "every", "chat"} {
		k.until(name, told(acme, "webhook.attach", name, k.Op.Actor))
		k.until(name, told(birch, "webhook.attach", name, k.Op.Actor))
	}
	eva := k.Op
	eva.Actor.Name = "Eva"
	only := both[1:]
	for _, name := range []string{"portal", "every", "chat"} {
		_, err := k.Hooks.Update(t.Context(), eva, name, webhooks.Edit{Tenants: &only})
		k.OK(err)
		k.until(name+" detached", told(acme, "webhook.detach", name, eva.Actor))
	}
	adam := k.Op
	adam.Actor.Name = "Adam"
	for _, name := range []string{"portal", "every", "chat"} {
		k.OK(k.Hooks.Delete(t.Context(), adam, name))
		k.until(name+" deleted", told(birch, "webhook.detach", name, adam.Actor))
	}
}

// After a webhook is detached it gets nothing more of the tenant, and leaves nothing in it.
func TestDetachedTenantIsNotDelivered(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	k.NewTenant("birch", 50)
	r := receive(t)
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Tenants = []directory.TenantID{"acme", "birch"} })
	k.until("the first events", func() bool { return k.progress("portal").Delivery.Delivered > 0 && k.progress("portal").Backlog() == 0 })
	only := []directory.TenantID{"birch"}
	_, err := k.Hooks.Update(t.Context(), k.Op, "portal", webhooks.Edit{Tenants: &only})
	k.OK(err)
	detached := func(n int) func() bool {
		return func() bool {
			found := 0
			for _, e := range k.EventsOf(acme, 0) {
				if e.Kind == directory.WebhookDetached {
					found++
				}
			}
			return found == n
		}
	}
	k.until("the record", detached(1))
	asked := len(r.all())
	k.NewIdP(acme, "acme-okta")
	k.OK(k.push.Tick(t.Context()))
	for _, m := range r.all()[asked:] {
		if m.Data.Tenant == "acme" {
			t.Errorf("%+v came after it was detached", m)
		}
	}
	both := []directory.TenantID{"acme", "birch"}
	_, err = k.Hooks.Update(t.Context(), k.Op, "portal", webhooks.Edit{Tenants: &both})
	k.OK(err)
	from := k.LastEvent(acme)
	k.until("new events", func() bool { return k.progress("portal").Delivery.Delivered > 0 })
	if first := r.all()[len(r.all())-1]; first.Data.Tenant == "acme" && first.Data.Seq <= from {
		t.Errorf("event %d from before came", first.Data.Seq)
	}
	k.OK(k.Hooks.Delete(t.Context(), k.Op, "portal"))
	k.until("the record of the deletion", detached(2))
}

func TestLongEventIsSentWithoutData(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 2000)
	idp := k.NewIdP(acme, "acme-okta")
	ids := k.Crowd(acme, 700)
	r := receive(t)
	k.create("portal", r.URL, func(d *webhooks.Draft) { d.Events = []string{"group.members_changed"} })
	k.NewGroup(idp, "Crew", bridgetest.Step(directory.AddMembers, ids...))
	k.until("the event", func() bool { return len(r.all()) > 0 })
	if m := r.all()[0]; !m.Data.Truncated || m.Data.Data != nil || m.Data.Seq == 0 {
		t.Errorf("%+v", m)
	}
}
