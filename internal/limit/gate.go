package limit

import (
	"context"
	"errors"
	"sync"
)

// ErrCrowded says that too many callers wait at a Gate already.
var ErrCrowded = errors.New("too many requests wait for the processor")

// GateBounds are the bounds of a Gate.
type GateBounds struct {
	All     int // how many may be inside at once
	Each    int // of one owner
	Waiting int // how many may wait outside
}

// Gate lets a few callers at a time do work that keeps a processor busy, so that one processor is always free for short work. Each owner
// has its own queue, and the queues are served in turn: an owner who sends a hundred heavy requests delays only itself. When too many wait,
// a new caller replaces the last one in the longest queue, so an owner cannot keep others out. It is safe for concurrent use.
type Gate[K comparable] struct {
	bounds GateBounds

	mu      sync.Mutex
	inside  map[K]int
	total   int
	lines   map[K][]*waiter
	turns   []K // owners with a queue, the next one first
	waiting int
}

type waiter struct{ admitted, displaced chan struct{} }

// NewGate makes an empty gate.
func NewGate[K comparable](b GateBounds) *Gate[K] {
	return &Gate[K]{bounds: b, inside: make(map[K]int), lines: make(map[K][]*waiter)}
}

// Enter waits until the owner may work. After a nil error the owner must Leave. The error is ErrCrowded, or that of ctx.
func (g *Gate[K]) Enter(ctx context.Context, owner K) error {
	g.mu.Lock()
	if len(g.lines[owner]) == 0 && g.free(owner) {
		g.admit(owner)
		g.mu.Unlock()
		return nil
	}
	if g.waiting >= g.bounds.Waiting && !g.displace(owner) {
		g.mu.Unlock()
		return ErrCrowded
	}
	w := &waiter{admitted: make(chan struct{}), displaced: make(chan struct{})}
	if len(g.lines[owner]) == 0 {
		g.turns = append(g.turns, owner)
	}
	g.lines[owner] = append(g.lines[owner], w)
	g.waiting++
	g.mu.Unlock()
	select {
	case <-w.admitted:
		return nil
	case <-w.displaced:
		return ErrCrowded
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.admitted: // at the same moment: the place goes to the next caller
		g.leave(owner)
	default:
		g.giveUp(owner, w)
	}
	return ctx.Err()
}

// Leave lets the next one in.
func (g *Gate[K]) Leave(owner K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leave(owner)
}

func (g *Gate[K]) free(owner K) bool {
	return g.total < g.bounds.All && g.inside[owner] < g.bounds.Each
}

func (g *Gate[K]) admit(owner K) {
	g.total++
	g.inside[owner]++
}

func (g *Gate[K]) leave(owner K) {
	g.total--
	if g.inside[owner]--; g.inside[owner] <= 0 {
		delete(g.inside, owner)
	}
	// Each owner is asked once, in turn. One that may not enter yet keeps its turn.
	for i := 0; i < len(g.turns); {
		next := g.turns[i]
		if !g.free(next) {
			i++
			continue
		}
		line := g.lines[next]
		g.admit(next)
		close(line[0].admitted)
		g.waiting--
		g.turns = append(g.turns[:i], g.turns[i+1:]...)
		if len(line) == 1 {
			delete(g.lines, next)
			continue
		}
		g.lines[next] = line[1:]
		g.turns = append(g.turns, next)
		if g.total >= g.bounds.All {
			return
		}
	}
}

// displace removes the last caller of the longest queue, if that queue stays at least as long as the owner's becomes.
func (g *Gate[K]) displace(owner K) bool {
	var longest []*waiter
	var whose K
	for of, line := range g.lines {
		if len(line) > len(longest) {
			longest, whose = line, of
		}
	}
	if len(longest) < len(g.lines[owner])+2 {
		return false
	}
	last := longest[len(longest)-1]
	g.giveUp(whose, last)
	close(last.displaced)
	return true
}

// giveUp takes a waiter out of its line.
func (g *Gate[K]) giveUp(owner K, w *waiter) {
	line := g.lines[owner]
	for i := range line {
		if line[i] == w {
			line = append(line[:i:i], line[i+1:]...)
			g.waiting--
			break
		}
	}
	if len(line) > 0 {
		g.lines[owner] = line
		return
	}
	delete(g.lines, owner)
	for i := range g.turns {
		if g.turns[i] == owner {
			g.turns = append(g.turns[:i], g.turns[i+1:]...)
			break
		}
	}
}
