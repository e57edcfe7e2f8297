package bolt

import (
	"sync"

	"drawbridge/directory"
)

// walkMemory remembers where recent pages of lists ended. Who pages by startIndex and asks for the page that begins where
// his last one ended goes on behind the record that was the last one, so that nobody is lost when records before it are
// deleted meanwhile. As long as nothing at all has changed, any later page begins its way there too, which makes a
// whole walk linear.
type walkMemory struct {
	mu    sync.Mutex
	known map[walkKey]*walk
	clock uint64 // moves with every use
}

// walkKey names a walk: what Query.Walk says, in one tenant and kind.
type walkKey struct {
	tenant directory.TenantID
	kind   directory.Kind
	walk   string
}

type walk struct {
	stops []stop // the newest first
	used  uint64 // when it was used last
}

// stop is where a page ended.
type stop struct {
	next       int            // the position of the first record behind the page
	mark       directory.Mark // the last record of the page
	generation uint64         // the number of the tenant's last change then
	total      int            // matches in all then
}

const (
	maxWalks = 512
	maxStops = 16 // of one walk; several callers may share it
)

// find gives the stop from which the page that begins at start is best reached: the one that ends right there, else the
// nearest before it if nothing has changed since.
func (m *walkMemory) find(key walkKey, start int, generation uint64) (stop, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.known[key]
	if w == nil {
		return stop{}, false
	}
	m.touch(w)
	best, found := stop{}, false
	for _, s := range w.stops {
		if s.next == start {
			return s, true
		}
		if s.generation == generation && s.next < start && s.next > best.next {
			best, found = s, true
		}
	}
	return best, found
}

// keep remembers a stop; of the stops before the same position only the newest counts. The end is remembered only of a walk
// that is known.
func (m *walkMemory) keep(key walkKey, s stop, end bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.known[key]
	if w == nil {
		if end {
			return
		}
		w = m.add(key)
	}
	m.touch(w)
	stops := append(make([]stop, 0, maxStops), s)
	for _, old := range w.stops {
		if old.next != s.next && len(stops) < maxStops {
			stops = append(stops, old)
		}
	}
	w.stops = stops
}

// add makes room for a new walk by forgetting the one that was not used for the longest time.
func (m *walkMemory) add(key walkKey) *walk {
	if m.known == nil {
		m.known = make(map[walkKey]*walk)
	}
	if len(m.known) >= maxWalks {
		var oldest walkKey
		least := m.clock + 1
		for key, w := range m.known {
			if w.used < least {
				oldest, least = key, w.used
			}
		}
		delete(m.known, oldest)
	}
	w := &walk{}
	m.known[key] = w
	return w
}

func (m *walkMemory) touch(w *walk) {
	m.clock++
	w.used = m.clock
}
