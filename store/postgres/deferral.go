package postgres

import (
	"context"
	"reflect"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

const (
	deferralLife = 5 * time.Second // after so long the next check is not put off
	deferralMost = 4096            // credentials that are in use at the same time
)

// admitted are credentials that existed a moment ago, by connection and hash. Nothing follows from that but that a check may be put off.
type admitted struct {
	known *limit.Map[directory.ConnectionID, [32]byte, *admission]
}

func newAdmitted() admitted {
	return admitted{limit.NewMap[directory.ConnectionID, [32]byte, *admission](limit.Bounds{All: deferralMost, Life: deferralLife})}
}

// last gives the last answer to a look-up. nil: there is none.
func (m *admitted) last(asked shown, now time.Time) *admission {
	a, _ := m.known.Get(asked.at, asked.hash, now)
	return a
}

// note keeps an answer, unless a part of it is missing.
func (m *admitted) note(a *admission, now time.Time) {
	if a.token == nil || a.connection == nil || a.tenant == nil || a.token.Connection != a.at {
		m.known.Delete(a.at, a.hash)
		return
	}
	kept := *a
	m.known.Put(a.at, a.hash, now, &kept)
}

// forget removes the credentials of a tenant. What was changed here need not be found out by a check.
func (m *admitted) forget(tenant directory.TenantID, now time.Time) {
	for connection, a := range m.known.All(now) {
		if a.tenant.ID == tenant {
			m.known.DeleteAll(connection)
		}
	}
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
	return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: "the connection or its credential has just been changed: send the request again", Err: store.ErrOutdated}
}
