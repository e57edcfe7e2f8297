package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"drawbridge/internal/limit"
)

func at(seconds int) time.Time { return time.Unix(1_000_000+int64(seconds), 0) }

func TestAgeToleratesSmallCorrections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at, now int
		age     time.Duration
		ok      bool
	}{
		{0, 10, 10 * time.Second, true},
		{10, 0, 0, true}, // a correction
		{3600, 0, 0, false},
	} {
		if age, ok := limit.Age(at(tt.at), at(tt.now)); age != tt.age || ok != tt.ok {
			t.Errorf("from %d to %d: %s %v", tt.at, tt.now, age, ok)
		}
	}
}

func TestMapEvictsLeastRecentlyUsed(t *testing.T) {
	t.Parallel()
	m := limit.NewMap[struct{}, int, string](limit.Bounds{All: 3})
	for i := range 3 {
		m.Put(struct{}{}, i, at(0), "old")
	}
	m.Get(struct{}{}, 0, at(0))
	m.Put(struct{}{}, 3, at(0), "new")
	for key, want := range map[int]bool{0: true, 1: false, 2: true, 3: true} {
		if _, known := m.Get(struct{}{}, key, at(0)); known != want {
			t.Errorf("%d: %v", key, known)
		}
	}
	m.Delete(struct{}{}, 0)
	if m.Len() != 2 {
		t.Errorf("%d entries", m.Len())
	}
}

// An owner who puts a thousand entries displaces none of the others.
func TestMapOwnersDoNotDisplaceEachOther(t *testing.T) {
	t.Parallel()
	m := limit.NewMap[string, int, int](limit.Bounds{All: 30, Each: 10})
	for i := range 5 {
		m.Put("quiet", i, at(0), i)
	}
	for i := range 1000 {
		m.Put("noisy", i, at(0), i)
	}
	for i := range 5 {
		if v, known := m.Get("quiet", i, at(0)); !known || v != i {
			t.Errorf("%d was displaced", i)
		}
	}
	count := 0
	for owner := range m.All(at(0)) {
		if owner == "noisy" {
			count++
		}
	}
	if count != 10 {
		t.Errorf("the noisy owner has %d entries", count)
	}
	m.DeleteAll("noisy")
	if m.Len() != 5 {
		t.Errorf("%d entries", m.Len())
	}
}

func TestMapForgetsExpiredEntries(t *testing.T) {
	t.Parallel()
	m := limit.NewMap[string, string, int](limit.Bounds{All: 10, Each: 10, Life: time.Minute})
	m.Put("a", "k", at(0), 1)
	if _, known := m.Get("a", "k", at(59)); !known {
		t.Error("it died too early")
	}
	m.Update("a", "k", at(59), func(old int, known bool) (int, bool) { return old + 1, known })
	if v, _ := m.Get("a", "k", at(59)); v != 2 {
		t.Errorf("value %d", v)
	}
	if _, known := m.Get("a", "k", at(60)); known {
		t.Error("it outlived its life")
	}
	m.Put("a", "k", at(100_000), 1) // the clock was ahead
	if _, known := m.Get("a", "k", at(60)); known || m.Len() != 0 {
		t.Error("an entry of the future is alive")
	}
	for i := range 5 {
		m.Put("b", fmt.Sprint(i), at(100), i)
	}
	m.Put("c", "k", at(200), 1)
	if m.Len() != 1 {
		t.Errorf("%d entries, the dead ones are kept", m.Len())
	}
}

func TestLimiterAllowsABurstAndARate(t *testing.T) {
	t.Parallel()
	l := limit.NewLimiter[string](limit.Rate{PerSecond: 2, Burst: 4}, 10)
	for range 4 {
		if l.Take("a", at(0)) != 0 {
			t.Fatal("the burst was refused")
		}
	}
	if wait := l.Take("a", at(0)); wait != 500*time.Millisecond {
		t.Errorf("wait %s", wait)
	}
	if l.Take("b", at(0)) != 0 {
		t.Error("another key waits")
	}
	for n := range 3 {
		if wait := l.Take("a", at(1)); (wait == 0) != (n < 2) {
			t.Errorf("token %d after a second: wait %s", n, wait)
		}
	}
	l.Charge("a", at(1), 1000) // at most a burst
	if wait := l.Wait("a", at(1)); wait != 2500*time.Millisecond {
		t.Errorf("wait %s after a charge", wait)
	}
	l.Reset("a")
	if l.Wait("a", at(1)) != 0 {
		t.Error("a reset bucket is full")
	}
	for range 4 {
		l.Take("a", at(1))
	}
	if l.Give("a", at(1)); l.Take("a", at(1)) != 0 {
		t.Error("a token that was given back is gone")
	}
	unlimited := limit.NewLimiter[string](limit.Rate{}, 1)
	for range 100 {
		if unlimited.Take("a", at(0)) != 0 {
			t.Fatal("no limit, and a wait")
		}
	}
}

// A clock that was ahead for a while, or that jumps ahead, has no effect for longer than a burst.
func TestLimiterRecoversFromAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	l := limit.NewLimiter[string](limit.Every(30*time.Second, 5), 10)
	month := 30 * 24 * 3600
	for range 5 {
		l.Take("a", at(month)) // the clock is a month ahead
	}
	if wait := l.Take("a", at(0)); wait != 30*time.Second {
		t.Errorf("the wait after the clock was set right is %s", wait)
	}
	if wait := l.Take("a", at(30)); wait != 0 {
		t.Errorf("nothing was refilled: wait %s", wait)
	}
	for n := range 10 {
		if wait := l.Take("a", at(month)); (wait == 0) != (n < 5) {
			t.Errorf("attempt %d after a jump ahead: wait %s", n, wait)
		}
	}
}

// A key under attack stays in the table, however many other keys come and go.
func TestLimiterKeepsEntriesInUse(t *testing.T) {
	t.Parallel()
	l := limit.NewLimiter[int](limit.Rate{PerSecond: 0.001, Burst: 1}, 10)
	l.Take(-1, at(0))
	for i := range 1000 {
		l.Take(i, at(0))
		if l.Take(-1, at(0)) == 0 {
			t.Fatalf("it was forgotten after %d others", i)
		}
	}
}

func TestSlotsAreTakenAndReturned(t *testing.T) {
	t.Parallel()
	s := limit.NewSlots[string](2, 3)
	for _, tt := range []struct {
		key  string
		want bool
	}{{"a", true}, {"a", true}, {"a", false}, {"b", true}, {"b", false}, {"c", false}} {
		if got := s.Enter(tt.key); got != tt.want {
			t.Errorf("%s: %v", tt.key, got)
		}
	}
	s.Leave("a")
	if !s.Enter("c") || s.Enter("c") || s.Total() != 3 {
		t.Error("one slot was free")
	}
}

// A few owners who take all the slots that they get leave some for the others.
func TestSlotsAreLeftForOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ greedy, each, all, left int }{{1, 64, 256, 192}, {4, 64, 256, 80}, {50, 64, 256, 5}, {4, 4, 16, 4}, {8, 128, 1024, 256}} {
		s := limit.NewSlots[int](tt.each, tt.all)
		for range tt.all {
			for owner := range tt.greedy {
				s.Enter(owner)
			}
		}
		if left := tt.all - s.Total(); left < tt.left {
			t.Errorf("%d owners of %d of %d leave %d places, want at least %d", tt.greedy, tt.each, tt.all, left, tt.left)
		}
		if !s.Enter(-1) {
			t.Errorf("%d owners of %d of %d keep another one out", tt.greedy, tt.each, tt.all)
		}
	}
	s := limit.NewSlots[string](2, math.MaxInt) // without a bound of all, each owner has its own
	for i := range 3 {
		if got, want := s.Enter("a"), i < 2; got != want {
			t.Errorf("slot %d of 2: %v", i+1, got)
		}
	}
}

func TestNetworkOfAnAddress(t *testing.T) {
	t.Parallel()
	if limit.Network("2001:db8:0:1::5") != limit.Network("2001:db8:0:1:ffff::9") || limit.Network("192.0.2.1") == limit.Network("192.0.2.2") ||
		limit.Network("::ffff:192.0.2.1") != limit.Network("192.0.2.1") || limit.Network("fe80::1%eth0") != limit.Network("fe80::2") || limit.Network("local").IsValid() {
		t.Error("networks")
	}
}

func TestBudgetIsClaimedAndReturned(t *testing.T) {
	t.Parallel()
	b := limit.NewBudget(limit.BudgetBounds{All: 100, Each: 30, Small: 5, Reserve: 20})
	one := b.Claim("a")
	if !one.Grow(60) {
		t.Error("a single claim may be larger than the share of its owner")
	}
	if two := b.Claim("a"); two.Grow(1) {
		t.Error("a second claim of an owner that has more than its share")
	}
	other := b.Claim("b")
	if !other.Grow(20) || other.Grow(1) {
		t.Error("large claims leave the reserve alone")
	}
	small := b.Claim("c")
	if !small.Grow(5) || small.Grow(1) {
		t.Error("a small claim may use the reserve, a large one may not")
	}
	if b.Used() != 85 || one.Bytes() != 60 {
		t.Errorf("%d bytes are used", b.Used())
	}
	one.Shrink(59)
	if !b.Claim("a").Grow(5) {
		t.Error("an owner within its share may have a second claim")
	}
	one.Release()
	one.Release()
	other.Release()
	small.Release()
	if b.Used() != 5 {
		t.Errorf("%d bytes are used at the end", b.Used())
	}
	var none *limit.Claim
	if !none.Grow(1<<40) || none.Bytes() != 0 {
		t.Error("a nil claim has no budget")
	}
	none.Release()
}

// A few owners who claim as much as they get in small pieces leave memory for the small claims of others.
func TestBudgetIsLeftForOthers(t *testing.T) {
	t.Parallel()
	for _, greedy := range []int{1, 3, 8} {
		b := limit.NewBudget(limit.BudgetBounds{All: 1280, Each: 320, Small: 10, Reserve: 160})
		b.Claim("large one").Grow(1120)
		for range 1280 {
			for owner := range greedy {
				b.Claim(fmt.Sprint(owner)).Grow(10)
			}
		}
		if !b.Claim("other").Grow(10) {
			t.Errorf("%d owners leave nothing of 1280: %d are used", greedy, b.Used())
		}
	}
}

// For every sequence of concurrent claims and releases, the sum stays within the bounds and returns to zero.
func TestBudgetHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	b := limit.NewBudget(limit.BudgetBounds{All: 1000, Each: 300, Small: 10, Reserve: 100})
	var all sync.WaitGroup
	for n := range 50 {
		all.Go(func() {
			c := b.Claim(fmt.Sprint(n % 7))
			for i := range 200 {
				if !c.Grow(int64(i%37)) || i%5 == 0 {
					c.Release()
				}
				if used := b.Used(); used > 1000 {
					t.Errorf("%d bytes are used", used)
				}
			}
			c.Release()
		})
	}
	all.Wait()
	if b.Used() != 0 {
		t.Errorf("%d bytes are left", b.Used())
	}
}

// Owners take turns, even if one sends more than the others.
func TestGateServesOwnersInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGate[string](limit.GateBounds{All: 1, Each: 1, Waiting: 100})
		if err := g.Enter(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []string
		enter := func(owner string) {
			go func() {
				if err := g.Enter(t.Context(), owner); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, owner)
				mu.Unlock()
				g.Leave(owner)
			}()
			synctest.Wait()
		}
		for range 4 {
			enter("noisy")
		}
		enter("quiet")
		enter("quiet")
		g.Leave("first")
		synctest.Wait()
		if want := []string{"noisy", "quiet", "noisy", "quiet", "noisy", "noisy"}; !slices.Equal(order, want) {
			t.Errorf("%v, want %v", order, want)
		}
	})
}

func TestGateIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGate[string](limit.GateBounds{All: 2, Each: 1, Waiting: 2})
		for _, owner := range []string{"a", "b"} {
			if err := g.Enter(t.Context(), owner); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- g.Enter(ctx, "a") }()
		}
		synctest.Wait()
		if err := g.Enter(t.Context(), "a"); !errors.Is(err, limit.ErrCrowded) {
			t.Errorf("a third one waits: %v", err)
		}
		g.Leave("b") // a may not have two
		synctest.Wait()
		if len(errs) != 0 {
			t.Error("an owner has two places")
		}
		if err := g.Enter(t.Context(), "c"); err != nil {
			t.Errorf("a place is free: %v", err)
		}
		cancel()
		synctest.Wait()
		if len(errs) != 2 || !errors.Is(<-errs, context.Canceled) {
			t.Error("those who gave up still wait")
		}
		g.Leave("a")
		g.Leave("c")
		for _, owner := range []string{"a", "b"} {
			if err := g.Enter(t.Context(), owner); err != nil {
				t.Error(err)
			}
		}
	})
}

// An owner that fills the queue does not block the others: the queue ends up shared.
func TestGateSharesItsQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGate[string](limit.GateBounds{All: 1, Each: 1, Waiting: 9})
		if err := g.Enter(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		entered, crowded := map[string]int{}, map[string]int{}
		for _, owner := range []string{"noisy", "quiet", "third"} {
			for range 100 {
				go func() {
					err := g.Enter(t.Context(), owner)
					mu.Lock()
					defer mu.Unlock()
					if errors.Is(err, limit.ErrCrowded) {
						crowded[owner]++
						return
					}
					entered[owner]++
					g.Leave(owner)
				}()
			}
			synctest.Wait()
		}
		g.Leave("first")
		synctest.Wait()
		for _, owner := range []string{"noisy", "quiet", "third"} {
			if entered[owner] != 3 || crowded[owner] != 97 {
				t.Errorf("%s: %d entered, %d were sent away", owner, entered[owner], crowded[owner])
			}
		}
	})
}

// Servers that divide a rate together let through as much as one server would, whatever their number is.
func TestShareDividesARate(t *testing.T) {
	t.Parallel()
	for _, servers := range []int{0, 1, 2, 3, 7} {
		share := &limit.Share{}
		share.Set(servers)
		n := max(1, servers)
		all := make([]*limit.Limiter[string], n)
		for i := range all {
			all[i] = limit.NewLimiter[string](limit.Rate{PerSecond: 50, Burst: 100, Share: share}, 10)
		}
		passed := 0
		for i := range 20_000 { // 1000 a second, for 20 seconds
			at := time.Unix(1000, 0).Add(time.Duration(i) * time.Millisecond)
			if all[i%n].Take("key", at) == 0 {
				passed++
			}
		}
		if passed < 1090 || passed > 1110 { // 100 at once, and then 50 a second
			t.Errorf("%d servers let %d through, want 1100", servers, passed)
		}
	}
	share := &limit.Share{}
	share.Set(1000)
	if l := limit.NewLimiter[string](limit.Rate{PerSecond: 1, Burst: 2, Share: share}, 10); l.Take("key", time.Unix(1, 0)) != 0 {
		t.Error("a small burst among many servers lets nothing through")
	}
}
