package store

import (
	"context"

	"drawbridge/directory"
)

// Prefetch is what a request of an identity provider is going to read, as far as its URL tells. A store that is reached over a network may
// read it together with the credential (Registry.Credential), in one round trip. It serves one request, in one goroutine.
type Prefetch struct {
	want *Want
	read any
	from directory.TenantID
}

type prefetchKey struct{}

// WithPrefetch returns a context for Credential and for the reads of the request after it. The first View with this context may show the
// tenant as it was when Credential was called, which is after the request arrived. A View after the first, and a View after an Update with
// this context, may not. Like a Want it is only a hint.
func WithPrefetch(ctx context.Context, want *Want) context.Context {
	return context.WithValue(ctx, prefetchKey{}, &Prefetch{want: want})
}

// PrefetchOf returns the Prefetch of a context. nil, on which all methods work: there is none.
func PrefetchOf(ctx context.Context) *Prefetch {
	p, _ := ctx.Value(prefetchKey{}).(*Prefetch)
	return p
}

// Want returns what a store may read now. nil: nothing, also after the first call.
func (p *Prefetch) Want() *Want {
	if p == nil {
		return nil
	}
	want := p.want
	p.want = nil
	return want
}

// Keep keeps what a store has read of a tenant until Take.
func (p *Prefetch) Keep(tenant directory.TenantID, read any) { p.from, p.read = tenant, read }

// Take returns what Keep kept of a tenant. nil: nothing, also after the first call, whatever tenant it named.
func (p *Prefetch) Take(tenant directory.TenantID) any {
	if p == nil {
		return nil
	}
	read := p.read
	p.read = nil
	if p.from != tenant {
		return nil
	}
	return read
}
