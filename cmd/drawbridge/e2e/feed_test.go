package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/wire"
)

// consumer is an application that follows the feed the way docs/events.md says: the cursor and what the events did are kept together.
type consumer struct {
	t      *testing.T
	key    string
	mu     sync.Mutex
	base   string // of the server as it is now
	cursor string
	seen   []wire.Event
}

func (c *consumer) at(base string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = base
}

// read asks for one page and keeps it. A kill -9 looks like a network failure from outside, so read repeats after one. After a
// Retry-After it repeats when that time is over.
func (c *consumer) read(ctx context.Context, wait int) (more bool) {
	c.mu.Lock()
	address := fmt.Sprintf("%s/app/v1/tenants/acme/events?limit=%d&wait=%d&cursor=%s", c.base, 1+rand.IntN(50), wait, url.QueryEscape(c.cursor))
	c.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		c.t.Error(err)
		return false
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode == http.StatusServiceUnavailable {
		return false
	}
	if res.StatusCode == http.StatusTooManyRequests { // a quick machine has more news than an application may ask for
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			c.t.Errorf("a 429 without a time to wait: %q", res.Header.Get("Retry-After"))
			return false
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(seconds) * time.Second):
		}
		return true
	}
	var page wire.Feed
	if err := json.Unmarshal(body, &page); err != nil || res.StatusCode != http.StatusOK {
		c.t.Errorf("the feed answers %d: %s", res.StatusCode, body)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, page.Items...)
	c.cursor = page.Next
	return len(page.Items) > 0
}

// TestConsumerSeesEveryEventOnce kills the server with -9, again and again, while writers write and an application follows the feed. The
// application must get every event once, in order, without a gap, and each must still exist after each kill (E2).
func TestConsumerSeesEveryEventOnce(t *testing.T) {
	t.Parallel()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	key, err := p.operator.CreateAppKey(t.Context(), "acme", wire.AppKeyCreate{Name: "consumer"})
	if err != nil {
		t.Fatal(err)
	}
	c := &consumer{t: t, key: key.Key}
	follow, stop := context.WithCancel(t.Context())
	var following sync.WaitGroup
	status, err := p.operator.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.at(status.BaseURL)
	following.Go(func() {
		for follow.Err() == nil {
			if !c.read(follow, 1) {
				select { // the server may be away
				case <-follow.Done():
				case <-time.After(5 * time.Millisecond):
				}
			}
		}
	})
	load := newLoad(issued.Token, 4)
	for range rounds {
		load.run(t, p.base(t, "acme"), time.Duration(80+rand.IntN(250))*time.Millisecond, func() { _ = p.end(t, syscall.SIGKILL) })
		p = serve(t, data)
		if status, err = p.operator.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.at(status.BaseURL)
	}
	stop()
	following.Wait()
	for c.read(t.Context(), 0) {
	}

	all := events(t, p.operator, "acme", 0)
	if len(c.seen) != len(all) || len(all) < 20*rounds {
		t.Errorf("the application saw %d events of %d", len(c.seen), len(all))
	}
	for i := range min(len(all), len(c.seen)) {
		if c.seen[i].Seq != uint64(i+1) || c.seen[i].Kind != all[i].Kind || c.seen[i].Subject != all[i].Subject || !c.seen[i].Time.Equal(all[i].Time) {
			t.Fatalf("event %d was seen as %+v, and is %+v", i+1, c.seen[i], all[i])
		}
	}
	report, err := p.operator.VerifyAudit(t.Context(), "acme", wire.AuditHead{})
	if err != nil || !report.OK || report.Checked != report.Lines {
		t.Errorf("the audit trail after %d kills: %+v, %v", rounds, report, err)
	}
	t.Logf("%d events over %d kills", len(all), rounds)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}
