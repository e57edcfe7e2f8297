package limit

import "sync"

// BudgetBounds are the limits of a Budget, in bytes.
type BudgetBounds struct {
	All     int64 // what all claims may hold together
	Each    int64 // what one owner may hold, unless it has only one claim; less once half of All is used (see Places)
	Small   int64 // up to which a claim counts as small
	Reserve int64 // of All, that only small claims may use
}

// Budget is memory that requests share. Each request has a Claim on it, which grows before the memory is used. An owner with several claims
// cannot hold more than Each, and small claims can use a reserve that large claims cannot. It is safe for concurrent use.
type Budget struct {
	bounds BudgetBounds

	mu     sync.Mutex
	used   int64
	owners map[string]holding
}

// holding is what an owner has.
type holding struct {
	bytes  int64
	claims int
}

// NewBudget makes a budget of which nothing is used.
func NewBudget(b BudgetBounds) *Budget {
	return &Budget{bounds: b, owners: make(map[string]holding)}
}

// Used returns how many bytes are claimed.
func (b *Budget) Used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Bounds returns the bounds of the budget.
func (b *Budget) Bounds() BudgetBounds { return b.bounds }

// Claim opens an empty claim of an owner. Release ends it.
func (b *Budget) Claim(owner string) *Claim { return &Claim{budget: b, owner: owner} }

// Claim is the part of a Budget that one request holds. It is not safe for concurrent use. A nil Claim holds nothing and may always grow.
type Claim struct {
	budget *Budget
	owner  string
	bytes  int64
}

// Grow claims n bytes more and reports whether the budget has them. If not, the claim is unchanged.
func (c *Claim) Grow(n int64) bool {
	if c == nil || n <= 0 {
		return true
	}
	b := c.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	most := b.bounds.All
	if c.bytes+n > b.bounds.Small {
		most -= b.bounds.Reserve
	}
	has := b.owners[c.owner]
	others := has.claims
	if c.bytes > 0 {
		others--
	}
	if b.used+n > most || others > 0 && has.bytes+n > Places(b.bounds.Each, b.used, b.bounds.All) {
		return false
	}
	if c.bytes == 0 {
		has.claims++
	}
	has.bytes += n
	b.owners[c.owner] = has
	b.used += n
	c.bytes += n
	return true
}

// Bytes returns how much the claim holds.
func (c *Claim) Bytes() int64 {
	if c == nil {
		return 0
	}
	return c.bytes
}

// Shrink gives n bytes back, or all that the claim holds if that is less.
func (c *Claim) Shrink(n int64) {
	if c == nil || c.bytes == 0 || n <= 0 {
		return
	}
	n = min(n, c.bytes)
	b := c.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	c.bytes -= n
	has := b.owners[c.owner]
	has.bytes -= n
	if c.bytes == 0 {
		has.claims--
	}
	if has.claims == 0 {
		delete(b.owners, c.owner)
		return
	}
	b.owners[c.owner] = has
}

// Release gives everything back. The claim can grow again.
func (c *Claim) Release() { c.Shrink(c.Bytes()) }
