package postgres

import (
	"context"
	"reflect"
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

// same reports whether two answers to the same look-up are equal.
func (a *admission) same(b *admission) bool {
	return equal(a.token, b.token) && equal(a.connection, b.connection) && equal(a.tenant, b.tenant)
}

// equal compares records. Nearly always they are the same one, because a record that was not changed is decoded once (see decoded).
func equal[T any](a, b *T) bool {
	return a == b || a != nil && b != nil && reflect.DeepEqual(*a, *b)
}

func admissionChanged() error {
	return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: "the connection or its credential has just been changed: send the request again"}
}
