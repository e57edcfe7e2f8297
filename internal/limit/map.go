package limit

import (
	"iter"
	"sync"
	"time"
)

// Bounds are the limits of a Map. A zero field means no limit.
type Bounds struct {
	All  int           // entries in the table
	Each int           // entries of one owner
	Life time.Duration // how long an entry lives, counted from when it was put
}

// Map is a bounded table. When it is full, a new entry replaces the least recently used one: of the same owner if the owner has reached its
// limit, otherwise of all owners. It is safe for concurrent use.
//
// An owner is the cause of the entries: a tenant, an operator, an address. If owners make no difference, O is struct{}.
type Map[O, K comparable, V any] struct {
	bounds Bounds

	mu      sync.Mutex
	entries map[mapKey[O, K]]*entry[O, K, V]
	all     list[O, K, V]
	owners  map[O]*list[O, K, V] // only where there is a bound for each
}

type mapKey[O, K comparable] struct {
	owner O
	key   K
}

type entry[O, K comparable, V any] struct {
	key   mapKey[O, K]
	value V
	put   time.Time
	links [2]link[O, K, V] // in the list of all, and in that of the owner
}

type link[O, K comparable, V any] struct{ before, after *entry[O, K, V] }

// list has its entries in the order of their last use, the most recent first.
type list[O, K comparable, V any] struct {
	which       int // of the links of an entry
	first, last *entry[O, K, V]
	n           int
}

func (l *list[O, K, V]) add(e *entry[O, K, V]) {
	e.links[l.which] = link[O, K, V]{after: l.first}
	if l.first != nil {
		l.first.links[l.which].before = e
	} else {
		l.last = e
	}
	l.first = e
	l.n++
}

func (l *list[O, K, V]) remove(e *entry[O, K, V]) {
	at := e.links[l.which]
	if at.before != nil {
		at.before.links[l.which].after = at.after
	} else {
		l.first = at.after
	}
	if at.after != nil {
		at.after.links[l.which].before = at.before
	} else {
		l.last = at.before
	}
	l.n--
}

// NewMap makes an empty table.
func NewMap[O, K comparable, V any](b Bounds) *Map[O, K, V] {
	m := &Map[O, K, V]{bounds: b, entries: make(map[mapKey[O, K]]*entry[O, K, V])}
	if b.Each > 0 {
		m.owners = make(map[O]*list[O, K, V])
	}
	return m
}

// Get returns the value of an entry, and counts as a use of it.
func (m *Map[O, K, V]) Get(owner O, key K, now time.Time) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.find(mapKey[O, K]{owner, key}, now)
	if e == nil {
		var none V
		return none, false
	}
	m.use(e)
	return e.value, true
}

// Put adds or replaces an entry.
func (m *Map[O, K, V]) Put(owner O, key K, now time.Time, value V) {
	m.Update(owner, key, now, func(V, bool) (V, bool) { return value, true })
}

// Update replaces an entry by the result of change. No other caller can see or change the entry meanwhile. known is false if there was
// none. If keep is false, the entry is removed. The lifetime of a known entry continues.
func (m *Map[O, K, V]) Update(owner O, key K, now time.Time, change func(old V, known bool) (value V, keep bool)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := mapKey[O, K]{owner, key}
	e := m.find(at, now)
	if e != nil {
		value, keep := change(e.value, true)
		if !keep {
			m.remove(e)
			return
		}
		e.value = value
		m.use(e)
		return
	}
	var none V
	value, keep := change(none, false)
	if !keep {
		return
	}
	m.makeRoom(owner, now)
	e = &entry[O, K, V]{key: at, value: value, put: now}
	m.entries[at] = e
	m.all.add(e)
	if m.owners != nil {
		l := m.owners[owner]
		if l == nil {
			l = &list[O, K, V]{which: 1}
			m.owners[owner] = l
		}
		l.add(e)
	}
}

// Delete removes an entry, if there is one.
func (m *Map[O, K, V]) Delete(owner O, key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.entries[mapKey[O, K]{owner, key}]; e != nil {
		m.remove(e)
	}
}

// DeleteAll removes all entries of an owner.
func (m *Map[O, K, V]) DeleteAll(owner O) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at, e := range m.entries {
		if at.owner == owner {
			m.remove(e)
		}
	}
}

// Len returns how many entries there are, including expired ones.
func (m *Map[O, K, V]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries)
}

// All yields a copy of the live entries, by owner and value. It does not count as a use of them.
func (m *Map[O, K, V]) All(now time.Time) iter.Seq2[O, V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	live := make([]*entry[O, K, V], 0, len(m.entries))
	values := make([]V, 0, len(m.entries))
	for e := m.all.first; e != nil; e = e.links[0].after {
		if m.alive(e, now) {
			live, values = append(live, e), append(values, e.value)
		}
	}
	return func(yield func(O, V) bool) {
		for i, e := range live {
			if !yield(e.key.owner, values[i]) {
				return
			}
		}
	}
}

func (m *Map[O, K, V]) alive(e *entry[O, K, V], now time.Time) bool {
	return m.bounds.Life <= 0 || Within(e.put, now, m.bounds.Life)
}

// find returns the live entry at a key, or nil. It removes an expired one.
func (m *Map[O, K, V]) find(at mapKey[O, K], now time.Time) *entry[O, K, V] {
	e := m.entries[at]
	if e != nil && !m.alive(e, now) {
		m.remove(e)
		return nil
	}
	return e
}

func (m *Map[O, K, V]) use(e *entry[O, K, V]) {
	if m.all.first == e { // so it is also the first of its owner
		return
	}
	m.all.remove(e)
	m.all.add(e)
	if l := m.owners[e.key.owner]; l != nil {
		l.remove(e)
		l.add(e)
	}
}

// makeRoom removes entries so that the owner can have one more.
func (m *Map[O, K, V]) makeRoom(owner O, now time.Time) {
	if l := m.owners[owner]; l != nil && l.n >= m.bounds.Each {
		m.remove(l.last)
	}
	if m.bounds.All > 0 && m.all.n >= m.bounds.All {
		m.remove(m.all.last)
	}
	// Expired entries would otherwise stay until a caller asks for them or the table is full.
	for e := m.all.last; e != nil && !m.alive(e, now); e = m.all.last {
		m.remove(e)
	}
}

func (m *Map[O, K, V]) remove(e *entry[O, K, V]) {
	delete(m.entries, e.key)
	m.all.remove(e)
	if l := m.owners[e.key.owner]; l != nil {
		if l.remove(e); l.n == 0 {
			delete(m.owners, e.key.owner)
		}
	}
}
