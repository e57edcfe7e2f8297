package bolt

import (
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// txPool keeps read transactions of the last commit for the next View. Beginning and ending a transaction of bbolt and finding the
// buckets of a tenant takes longer than reading one record. A pooled reader belongs to one tenant and serves one caller at a
// time.
//
// The writer clears the pool before it commits, and afterwards only transactions that began after the commit are pooled. So no
// caller gets a snapshot that is older than the last answer, no page stays in use because of an idle reader, and nothing
// keeps bbolt from mapping a file that has grown, or from closing it.
type txPool struct {
	mu         sync.Mutex
	idle       []*reader // at most maxIdle, the one that was used last at the end
	open       bool      // readers are pooled
	generation uint64    // changes when the pool is cleared; a reader of an older generation is not pooled
}

const maxIdle = 32

// get returns a pooled reader of a tenant, or nil. It also returns the generation that put needs for a reader that is opened
// instead.
func (p *txPool) get(tenant directory.TenantID) (r *reader, generation uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		if r = p.idle[i]; r.tenant == tenant {
			p.idle = slices.Delete(p.idle, i, i+1)
			return r, p.generation
		}
	}
	return nil, p.generation
}

// put pools a reader of a generation, or ends its transaction.
func (p *txPool) put(r *reader, generation uint64) {
	if dropped := p.add(r, generation); dropped != nil {
		end(dropped.tx)
	}
}

// add puts a reader into the pool and returns the one that it displaces.
func (p *txPool) add(r *reader, generation uint64) (dropped *reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open || p.generation != generation {
		return r
	}
	if len(p.idle) == maxIdle { // the one that was used longest ago, perhaps of another tenant
		dropped = p.idle[0]
		p.idle = slices.Delete(p.idle, 0, 1)
	}
	p.idle = append(p.idle, r)
	return dropped
}

// clear ends all pooled transactions, and pools none until the next refill.
func (p *txPool) clear() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.open = nil, false
	p.generation++
	p.mu.Unlock()
	for _, r := range idle {
		end(r.tx)
	}
}

// refill lets readers be pooled that begin from now on.
func (p *txPool) refill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = true
	p.generation++
}

// end closes a read-only transaction. Its error means only that it was closed already.
func end(tx *bbolt.Tx) { _ = tx.Rollback() }
