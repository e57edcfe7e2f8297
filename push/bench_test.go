package push_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/push"
)

// benchEvents is how many events one round of a benchmark delivers.
const benchEvents = 2000

// bench is deliveries of the events of one tenant to one receiver that answers at once.
type bench struct {
	*bridgetest.Kit
	push  *push.Service
	count atomic.Int64
	done  chan struct{}
}

func newBench(b *testing.B) *bench {
	b.Helper()
	ring, err := credential.NewRing(bytes.Repeat([]byte{7}, credential.SealKeySize))
	if err != nil {
		b.Fatal(err)
	}
	k := &bench{Kit: bridgetest.Start(b, func(c *bridgetest.Config) { c.Seal = ring }), done: make(chan struct{}, 1)}
	live := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if k.count.Add(1) == benchEvents {
			k.done <- struct{}{}
		}
	}))
	b.Cleanup(live.Close)
	acme := k.NewTenant("acme", 0)
	k.NewUsers(k.NewIdP(acme, "acme-okta"), benchEvents)
	k.hook("live", live.URL)
	guard := outbound.New(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	k.push = push.New(push.Config{Webhooks: k.Hooks, Client: guard.Client(2*time.Second, 128<<10), NewID: k.Clock.NewID, Now: time.Now})
	b.Cleanup(func() { k.OK(k.push.Close(context.Background())); guard.CloseIdle() })
	return k
}

func (k *bench) hook(name, url string) {
	k.T.Helper()
	_, _, err := k.Hooks.Create(context.Background(), k.Op, webhooks.Draft{Name: name, URL: url, Tenants: []directory.TenantID{"acme"}})
	k.OK(err)
}

// settle waits until everything is delivered, so that only what is sent again counts.
func (k *bench) settle(b *testing.B) {
	b.Helper()
	for {
		k.OK(k.push.Tick(b.Context()))
		p, err := k.Hooks.Progress(b.Context(), k.Op, "live")
		k.OK(err)
		if len(p) == 1 && p[0].Delivery.Version > 0 && p[0].Backlog() == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// deliver sends the last events again, and gives how long that took.
func (k *bench) deliver(b *testing.B) time.Duration {
	b.Helper()
	k.settle(b)
	k.count.Store(0)
	began := time.Now()
	_, err := k.Hooks.Replay(b.Context(), k.Op, "live", "acme", webhooks.Position{From: k.LastEvent("acme") - benchEvents + 1})
	k.OK(err)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		k.OK(k.push.Tick(b.Context()))
		select {
		case <-k.done:
			return time.Since(began)
		case <-tick.C:
		}
	}
}

// BenchmarkDelivery delivers the events of one company to one receiver, one after the other.
func BenchmarkDelivery(b *testing.B) {
	k := newBench(b)
	k.deliver(b)
	var took time.Duration
	for b.Loop() {
		took += k.deliver(b)
	}
	b.ReportMetric(float64(b.N)*benchEvents/took.Seconds(), "events/s")
}

// BenchmarkDeliveryBesideDeadReceivers compares the same receiver without and with 100 others, of which half refuse connections and half
// never answer. The rounds alternate, so that the load of the machine is the same for both; the median of their ratios is reported.
func BenchmarkDeliveryBesideDeadReceivers(b *testing.B) {
	alone, beside := newBench(b), newBench(b)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	b.Cleanup(silent.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	for i := range 50 {
		beside.hook(fmt.Sprint("closed", i), closed.URL)
		beside.hook(fmt.Sprint("silent", i), silent.URL)
	}
	alone.deliver(b)
	beside.deliver(b)
	var ratios, with []float64
	for b.Loop() {
		before := alone.deliver(b)
		took := beside.deliver(b)
		after := alone.deliver(b) // so that a drift of the machine's speed cancels
		ratios = append(ratios, 2*took.Seconds()/(before+after).Seconds())
		with = append(with, took.Seconds())
	}
	b.ReportMetric(100*(median(ratios)-1), "%-slower")
	b.ReportMetric(benchEvents/median(with), "events/s")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
