package storetest

import (
	"time"

	"drawbridge/store"
)

// positionTests check the contract of store.PagePositions; stores without it pass.
func positionTests() []contractTest {
	key, other := []byte("one walk"), []byte("another walk")
	return []contractTest{
		{"a position is taken once, by its tenant and key", func(f *fixture) {
			positions, ok := store.As[store.PagePositions](f.store)
			if !ok {
				return
			}
			take := func(want string, key []byte, age time.Duration) {
				f.Helper()
				got, err := positions.TakePosition(f.ctx, acme, key, age)
				f.ok(err)
				f.same("position", string(got), want)
			}
			f.ok(positions.KeepPosition(f.ctx, acme, key, []byte("first")))
			f.ok(positions.KeepPosition(f.ctx, acme, key, []byte("second")))
			take("", other, time.Hour)
			got, err := positions.TakePosition(f.ctx, beta, key, time.Hour)
			f.ok(err)
			f.same("position of another tenant", string(got), "")
			take("second", key, time.Hour)
			take("", key, time.Hour)
			f.ok(positions.KeepPosition(f.ctx, acme, key, []byte("late")))
			take("", key, -time.Hour)
			take("", key, time.Hour)
		}},
	}
}
