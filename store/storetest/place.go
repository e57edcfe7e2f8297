package storetest

import (
	"time"

	"drawbridge/store"
)

// placeTests check the contract of store.Places; stores without it pass.
func placeTests() []contractTest {
	key, other := []byte("one walk"), []byte("another walk")
	return []contractTest{
		{"a place is taken once, by its tenant and key", func(f *fixture) {
			places, ok := store.As[store.Places](f.store)
			if !ok {
				return
			}
			take := func(want string, key []byte, age time.Duration) {
				f.Helper()
				got, err := places.TakePlace(f.ctx, acme, key, age)
				f.ok(err)
				f.same("place", string(got), want)
			}
			f.ok(places.KeepPlace(f.ctx, acme, key, []byte("first")))
			f.ok(places.KeepPlace(f.ctx, acme, key, []byte("second")))
			take("", other, time.Hour)
			got, err := places.TakePlace(f.ctx, beta, key, time.Hour)
			f.ok(err)
			f.same("place of another tenant", string(got), "")
			take("second", key, time.Hour)
			take("", key, time.Hour)
			f.ok(places.KeepPlace(f.ctx, acme, key, []byte("late")))
			take("", key, -time.Hour)
			take("", key, time.Hour)
		}},
	}
}
