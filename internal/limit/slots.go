package limit

import "sync"

// Slots counts what is open at the same time: at most so many for each key, and so many in all. It never waits.
type Slots[K comparable] struct {
	each, all int

	mu    sync.Mutex
	open  map[K]int
	total int
}

// NewSlots makes slots for at most each of one key, and all of all keys together.
func NewSlots[K comparable](each, all int) *Slots[K] {
	return &Slots[K]{each: each, all: all, open: make(map[K]int)}
}

// Enter takes a slot and reports whether there was one. A caller that has taken a slot must call Leave.
func (s *Slots[K]) Enter(key K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= s.all || s.open[key] >= s.each {
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

// Total returns how many slots are taken.
func (s *Slots[K]) Total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}
