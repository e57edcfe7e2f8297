package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

const allowLoopback = "DRAWBRIDGE_OUTBOUND_ALLOW=127.0.0.0/8"

// receiver notes the events that a webhook gets, in the order in which it answers.
type receiver struct {
	mu   sync.Mutex
	seqs []uint64
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, q *http.Request) {
	var m struct{ Data directory.Event }
	if body, err := io.ReadAll(q.Body); err == nil && json.Unmarshal(body, &m) == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seqs = append(r.seqs, m.Data.Seq)
	}
}

func (r *receiver) all() []uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seqs)
}

// TestKillDuringDeliveryLosesNoEvent kills the server with -9 again and again while it delivers. The receiver gets every event at least
// once, and none before the previous one.
func TestKillDuringDeliveryLosesNoEvent(t *testing.T) {
	t.Parallel()
	const rounds = 3
	r := &receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	data := shortDir(t)
	p := serve(t, data, allowLoopback)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	if _, err := p.operator.CreateWebhook(t.Context(), wire.WebhookCreate{Name: "portal", URL: server.URL, All: true}); err != nil {
		t.Fatal(err)
	}
	load := newLoad(issued.Token, 4)
	for range rounds {
		begun := len(r.all())
		load.run(t, p.base(t, "acme"), time.Duration(200+rand.IntN(400))*time.Millisecond, func() {
			waitFor(t, "a delivery", func() bool { return len(r.all()) > begun })
			_ = p.end(t, syscall.SIGKILL)
		})
		p = serve(t, data, allowLoopback)
	}
	var last uint64
	waitFor(t, "all events", func() bool {
		all, err := p.operator.WebhookProgress(t.Context(), "portal", client.WebhookFilter{Tenant: "acme"}, client.List{})
		if err != nil || len(all.Items) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		last = all.Items[0].Last
		return all.Items[0].Backlog == 0 && all.Items[0].Status == "active"
	})
	seqs := r.all()
	next, again := seqs[0], 0
	for _, seq := range seqs {
		if seq > next {
			t.Fatalf("event %d came where %d was next", seq, next)
		}
		if seq == next {
			next++
		} else {
			again++
		}
	}
	if next != last+1 {
		t.Errorf("the events end with %d, not %d", next-1, last)
	}
	t.Logf("%d events, %d of them again, over %d kills", last, again, rounds)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// startReceiver runs the program with Python, and returns its port and the lines that it prints.
func startReceiver(t *testing.T, python, program, secrets string) (port int, lines chan string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, program, "0")
	cmd.Env = append(os.Environ(), "WEBHOOK_SECRETS="+secrets)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	scan := bufio.NewScanner(out)
	if !scan.Scan() {
		t.Fatal("the receiver does not listen")
	}
	if _, err := fmt.Sscanf(scan.Text(), "listening on %d", &port); err != nil {
		t.Fatal(err)
	}
	lines = make(chan string, 100)
	go func() {
		for scan.Scan() {
			lines <- scan.Text()
		}
	}()
	return port, lines
}

// TestReceiverOfTheManual runs the receiver that docs/webhooks.md shows, and the commands around it.
func TestReceiverOfTheManual(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	manual, err := os.ReadFile("../../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(manual), "```python\n")
	program, _, found := strings.Cut(rest, "```")
	file := filepath.Join(t.TempDir(), "receiver.py")
	if !found || os.WriteFile(file, []byte(program), 0o600) != nil {
		t.Fatal("docs/webhooks.md shows no program")
	}
	data := shortDir(t)
	p := serve(t, data, allowLoopback)
	makeTenant(t, p.operator, "acme", "okta", 0)
	run := func(args ...string) string {
		t.Helper()
		out, err := command(t, append([]string{"--data", data, "webhook"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("webhook %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	// The port is known after the secret, so the URL is changed afterwards.
	var made wire.IssuedWebhook
	if err := json.Unmarshal([]byte(run("create", "portal", "--url", "http://127.0.0.1:1/", "--tenants", "acme", "--events", "connection.*,webhook.*", "-o", "json")), &made); err != nil {
		t.Fatal(err)
	}
	port, lines := startReceiver(t, python, file, made.Secret)
	run("update", "portal", "--url", fmt.Sprintf("http://127.0.0.1:%d/hooks", port))
	if out := run("test", "portal"); !strings.Contains(out, "204") {
		t.Errorf("the test says %s", out)
	}
	run("resume", "portal")           // it was tried at the port 1, and waits
	got := []string{<-lines, <-lines} // the event may be tried again, at the new URL, before the test is asked for
	if slices.Sort(got); !strings.HasPrefix(got[0], "webhook.attached acme ") || !strings.HasPrefix(got[1], "webhook.test") {
		t.Errorf("the receiver printed %q", got)
	}
	run("rotate", "portal")
	if out := run("test", "portal"); !strings.Contains(out, "204") { // both secrets sign
		t.Errorf("during the rotation the test says %s", out)
	}
	run("rotate", "portal", "--overlap", "0s")
	if out, err := command(t, "--data", data, "webhook", "test", "portal").CombinedOutput(); err == nil || !strings.Contains(string(out), "401") {
		t.Errorf("with a secret that has ended the test says %s, %v", out, err)
	}
	waitFor(t, "the history", func() bool { return strings.Contains(run("deliveries", "portal"), "webhook.attached") })
	if out := run("deliveries", "portal", "--failed", "--tenant", "acme"); strings.Contains(out, "204") {
		t.Errorf("deliveries --failed shows one that was taken: %s", out)
	}
	for args, want := range map[string]string{
		"list": "portal", "show portal": "acme", "pause portal": "paused", "replay portal --tenant acme --from 1": "delivered again",
	} {
		if out := run(strings.Fields(args)...); !strings.Contains(out, want) {
			t.Errorf("webhook %s says %s", args, out)
		}
	}
	if out := run("delete", "portal"); !strings.Contains(out, "Deleted") {
		t.Errorf("webhook delete says %s", out)
	}
	if strings.Contains(p.out.String(), "whsec_") {
		t.Error("the log has a secret")
	}
}
