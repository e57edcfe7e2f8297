package limit

import "sync"

// Places is how many of all places one owner may have if taken are in use, at most each. Once half of them are in use, the number shrinks
// with the free ones, so a few owners cannot keep the others out. It is at least 1.
func Places[N int | int64](each, taken, all N) N {
	left := all - taken
	if half := all / 2; left < half && each < all {
		return max(1, min(each, N(float64(each)*float64(left)/float64(half))))
	}
	return each
}

// Slots limits what is open at the same time: a number for each key, fewer when many are open (see [Places]), and a number in all. It
// never waits.
type Slots[K comparable] struct {
	each, all int

	mu    sync.Mutex
	open  map[K]int
	total int
}

// NewSlots makes slots: at most each for one key, and all for all keys together.
func NewSlots[K comparable](each, all int) *Slots[K] {
	return &Slots[K]{each: each, all: all, open: make(map[K]int)}
}

// Enter takes a slot and reports whether there was one. A caller that has taken a slot must call Leave.
func (s *Slots[K]) Enter(key K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= s.all || s.open[key] >= Places(s.each, s.total, s.all) {
		return false
	}
	s.total++
	s.open[key]++
	return true
}

// Leave gives a slot back.
func (s *Slots[K]) Leave(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.open[key]--; s.open[key] <= 0 {
		delete(s.open, key)
	}
}

// Of returns how many slots of a key are taken.
func (s *Slots[K]) Of(key K) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[key]
}

// Total returns how many slots are taken.
func (s *Slots[K]) Total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}
