package store

import (
	"context"
	"errors"
)

// ErrOutdated means that the credential that Credential gave, its connection or its tenant is not as it was.
var ErrOutdated = errors.New("the credential is not as it was when it was accepted")

// Deferral lets a write check its credential in the round trip in which it locks its tenant, instead of one before. It serves one request, in
// one goroutine.
type Deferral struct {
	offered bool
	check   any
}

type deferralKey struct{}

// WithDeferral returns a context for a request that will write. The first Credential with this context may give what a store knew last, which
// another process may have changed since. Then the store checks it before anything else with this context: if the credential is not as it was,
// an Update has no effect, a View shows nothing, and both return ErrOutdated. Until then the caller must not answer: if Unchecked, it asks for
// the credential again, and after ErrOutdated it begins again.
func WithDeferral(ctx context.Context) context.Context {
	return context.WithValue(ctx, deferralKey{}, &Deferral{offered: true})
}

// DeferralOf returns the Deferral of a context. nil, on which all methods work: there is none.
func DeferralOf(ctx context.Context) *Deferral {
	d, _ := ctx.Value(deferralKey{}).(*Deferral)
	return d
}

// Unchecked reports whether a credential was accepted with this context and is still to be checked.
func Unchecked(ctx context.Context) bool { return DeferralOf(ctx).Check() != nil }

// Offered reports whether a check may be put off, and only once.
func (d *Deferral) Offered() bool {
	if d == nil {
		return false
	}
	offered := d.offered
	d.offered = false
	return offered
}

// Defer keeps what is to be checked.
func (d *Deferral) Defer(check any) { d.check = check }

// Check returns what is to be checked. nil: nothing.
func (d *Deferral) Check() any {
	if d == nil {
		return nil
	}
	return d.check
}

// Done notes that it was checked.
func (d *Deferral) Done() {
	if d != nil {
		d.check = nil
	}
}
