package push_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
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

const (
	// benchEvents is how many events a benchmark delivers at a time, and shortEvents how many in a short round.
	benchEvents, shortEvents = 2000, 400
	// benchRounds is how many short rounds are compared.
	benchRounds = 40
)

// bench is deliveries of the events of one tenant to one receiver that answers at once.
type bench struct {
	*bridgetest.Kit
	push  *push.Service
	count atomic.Int64 // messages that are still to come
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
		if k.count.Add(-1) == 0 {
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
func (k *bench) deliver(b *testing.B, events int) time.Duration {
	b.Helper()
	k.settle(b)
	k.count.Store(int64(events))
	from := k.LastEvent("acme") - uint64(events) + 1
	began := time.Now()
	_, err := k.Hooks.Replay(b.Context(), k.Op, "live", "acme", webhooks.Position{From: from})
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
	k.deliver(b, benchEvents)
	var took time.Duration
	for b.Loop() {
		took += k.deliver(b, benchEvents)
	}
	b.ReportMetric(float64(b.N)*benchEvents/took.Seconds(), "events/s")
}

// BenchmarkDeliveryBesideDeadReceivers compares a receiver without and with 100 others, of which half refuse connections and half never
// answer. Short rounds of both alternate within one run, and the metrics are about the ratios of neighbours, so a drift of the machine's
// speed cancels: their median, and its interval of 95 %. A third receiver, without others, is compared with the first one in the same way:
// its metrics say what the method shows where there is no difference.
func BenchmarkDeliveryBesideDeadReceivers(b *testing.B) {
	alone, beside, control := newBench(b), newBench(b), newBench(b)
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
	for _, k := range []*bench{alone, beside, control} {
		k.deliver(b, benchEvents)
	}
	var slower, noise []float64
	for b.Loop() {
		for round := range benchRounds {
			order := []*bench{alone, beside, control}
			if round%2 == 1 { // so that none of them always follows the same one
				slices.Reverse(order)
			}
			took := map[*bench]float64{}
			for _, k := range order {
				took[k] = k.deliver(b, shortEvents).Seconds()
			}
			for _, k := range order {
				took[k] += k.deliver(b, shortEvents).Seconds()
			}
			slower = append(slower, 100*(took[beside]/took[alone]-1))
			noise = append(noise, 100*(took[control]/took[alone]-1))
		}
	}
	report(b, "slower", slower)
	report(b, "control", noise)
}

// report reports the median of values, and the interval that has the true median with a probability of 95 %.
func report(b *testing.B, name string, all []float64) {
	b.Helper()
	slices.Sort(all)
	n := float64(len(all))
	half := 1.96 * math.Sqrt(n) / 2
	low, high := max(0, int(n/2-half)), min(len(all)-1, int(math.Ceil(n/2+half)))
	b.ReportMetric(all[len(all)/2], "%-"+name)
	b.ReportMetric(all[low], "%-"+name+"-low")
	b.ReportMetric(all[high], "%-"+name+"-high")
}
