package record_test

import (
	"testing"

	"drawbridge/directory"
)

// The access check is part of a sign-in. It finds people by index, so it reads as much in a tenant of five thousand as in one of fifty.
func TestAccessCheckScansNothing(t *testing.T) {
	for name, address := range map[string]string{"userName": "u7@acme.example", "address": "u7@home.example", "nobody": "u7@nowhere.example"} {
		var effort [2]float64
		for i, size := range []int{50, 5000} {
			k := start(t)
			acme := k.NewTenant("acme", 0)
			k.Crowd(acme, size)
			effort[i] = testing.AllocsPerRun(50, func() {
				got, err := k.Access(bg, directory.Application{Tenant: acme}, address, directory.ID{})
				if err != nil || got.Allowed != (name != "nobody") {
					t.Fatalf("%+v %v", got, err)
				}
			})
		}
		if effort[1] > effort[0]+10 {
			t.Errorf("by %s: %.0f allocations among 50 people and %.0f among 5000", name, effort[0], effort[1])
		}
	}
}
