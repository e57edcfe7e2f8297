package web

import (
	"testing"
	"time"
)

func TestLimitersAreBounded(t *testing.T) {
	l := NewLimiters[int](1, 1, 10)
	now := time.Unix(1000, 0)
	for i := range 1000 {
		if l.Take(i, now) != 0 {
			t.Fatal("a new key had to wait")
		}
	}
	if len(l.set) > 10 {
		t.Errorf("%d buckets", len(l.set))
	}
	if wait := l.Take(999, now); wait <= 0 {
		t.Error("a second token at once was given")
	}
	unlimited := NewLimiters[int](0, 0, 10)
	for range 100 {
		if unlimited.Take(1, now) != 0 {
			t.Fatal("no limit, and a wait")
		}
	}
	if Network("2001:db8:0:1::5") != Network("2001:db8:0:1:ffff::9") || Network("192.0.2.1") == Network("192.0.2.2") || Network("::ffff:192.0.2.1") != Network("192.0.2.1") {
		t.Error("networks")
	}
}

func TestWaitersAreBounded(t *testing.T) {
	w := NewWaiters[string](2, 3)
	for _, tt := range []struct {
		key  string
		want bool
	}{{"a", true}, {"a", true}, {"a", false}, {"b", true}, {"b", false}, {"c", false}} {
		if got := w.Enter(tt.key); got != tt.want {
			t.Errorf("%s: %v", tt.key, got)
		}
	}
	w.Leave("a")
	if !w.Enter("c") || w.Enter("c") {
		t.Error("one place was free")
	}
	w.Leave("a")
	w.Leave("b")
	w.Leave("c")
	if w.total != 0 || len(w.count) != 0 {
		t.Errorf("%d, %v", w.total, w.count)
	}
}
