package postgres

import (
	"context"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// lastAdmission is the answer to a look-up that was given last, from which nothing follows but that it is worth checking again. nil: there is
// none.
func (s *Store) lastAdmission(asked shown) *admission {
	a := &admission{shown: asked, token: s.tokens.last(string(asked.hash[:])), connection: s.connections.last(string(asked.at))}
	if a.token == nil || a.connection == nil || a.token.Connection != asked.at {
		return nil
	}
	a.tenant = s.tenants.last(string(a.connection.Tenant))
	if a.tenant == nil {
		return nil
	}
	return a
}

// deferred gives the admission of a request that is still to be checked; nil: there is none.
func (s *Store) deferred(ctx context.Context) *admission {
	a, _ := store.DeferralOf(ctx).Check().(*admission)
	return a
}

// checkDeferred checks the credential of a request before it reads, if that was put off.
func (s *Store) checkDeferred(ctx context.Context) error {
	last := s.deferred(ctx)
	if last == nil {
		return nil
	}
	now, err := s.admission(ctx, last.shown)
	if err != nil {
		return err
	}
	if !now.same(last) {
		return admissionChanged()
	}
	store.DeferralOf(ctx).Done()
	return nil
}

// same reports whether two answers to the same look-up are equal. A record is decoded once as long as it is the same (decoded).
func (a *admission) same(b *admission) bool {
	return a.token == b.token && a.connection == b.connection && a.tenant == b.tenant
}

func admissionChanged() error {
	return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: "the connection or its credential has just been changed: send the request again"}
}
