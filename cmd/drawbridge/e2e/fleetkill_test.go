package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// pair is two processes on one database. Either of them may be dead.
type pair struct {
	data    [2]string
	env     []string
	servers [2]*process
}

func (p *pair) serve(t *testing.T, i int) {
	t.Helper()
	p.servers[i] = serve(t, p.data[i], p.env...)
}

// TestKillOfOneOfTwoServersLosesNoLine kills one of two servers on one database with -9 at random instants while both write. Webhooks of events
// and of audit lines and the SIEM get every number at least once, and none before the previous one.
func TestKillOfOneOfTwoServersLosesNoLine(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	events, lines, s := &receiver{}, &receiver{}, newSIEM(t)
	eventsAt, linesAt := httptest.NewServer(events), httptest.NewServer(lines)
	t.Cleanup(eventsAt.Close)
	t.Cleanup(linesAt.Close)
	p := &pair{data: [2]string{shortDir(t), shortDir(t)}}
	p.env = append(s.env(), "DRAWBRIDGE_STORE_URL="+database.Database(t), "DRAWBRIDGE_STORE_CONNECTIONS=6", "DRAWBRIDGE_ARCHIVE_FOLDER="+t.TempDir())
	p.serve(t, 0)
	p.serve(t, 1)
	if _, err := p.servers[0].operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "acme", Plan: "business"}); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]wire.WebhookCreate{"events": {URL: eventsAt.URL}, "lines": {URL: linesAt.URL, Format: "audit"}} {
		in.Name, in.Tenants = name, []string{"acme"}
		if _, err := p.servers[0].operator.CreateWebhook(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the first deliveries", func() bool { return len(events.all()) > 0 && len(lines.all()) > 0 && s.has("acme") > 0 })
	for round := range 4 {
		for i := range 20 {
			user := wire.UserCreate{UserName: fmt.Sprintf("u%d-%d@acme.example", round, i)}
			if _, err := p.servers[i%2].operator.CreateUser(t.Context(), "acme", user); err != nil {
				t.Fatal(err)
			}
		}
		victim := round % 2 // each of them in turn, so that the one that leads is among them
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
		_ = p.servers[victim].end(t, syscall.SIGKILL)
		if _, err := p.servers[1-victim].operator.CreateUser(t.Context(), "acme", wire.UserCreate{UserName: fmt.Sprintf("alone%d@acme.example", round)}); err != nil {
			t.Errorf("while the other server is dead: %v", err)
		}
		p.serve(t, victim)
	}
	operator := p.servers[0].operator
	last := map[string]uint64{}
	for name := range map[string]*receiver{"events": events, "lines": lines} {
		waitLong(t, name, func() bool {
			all, err := operator.WebhookProgress(t.Context(), name, client.WebhookFilter{Tenant: "acme"}, client.List{})
			if err != nil || len(all.Items) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			last[name] = all.Items[0].Last
			return all.Items[0].Backlog == 0
		})
	}
	waitLong(t, "the SIEM", func() bool { return s.has("acme") >= last["lines"] })
	for name, r := range map[string]*receiver{"events": events, "lines": lines} {
		next, again := uint64(0), 0
		for _, seq := range r.all() {
			switch {
			case next == 0 || seq == next:
				next = seq + 1
			case seq > next:
				t.Fatalf("%s: %d came where %d was next", name, seq, next)
			default:
				again++
			}
		}
		if next != last[name]+1 {
			t.Errorf("%s: they end with %d, not %d", name, next-1, last[name])
		}
		t.Logf("%s: %d, %d of them again", name, last[name], again)
	}
	if _, err := operator.RunJob(t.Context(), "archive", false); err != nil && !strings.Contains(err.Error(), "running") {
		t.Errorf("the job archive: %v", err)
	}
	for _, one := range p.servers {
		if err := one.end(t, syscall.SIGTERM); err != nil {
			t.Errorf("stop: %v\n%s", err, one.out)
		}
	}
}

// waitLong is waitFor for what waits until the lease of a dead server has ended.
func waitLong(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within two minutes: %s", what)
		}
	}
}
