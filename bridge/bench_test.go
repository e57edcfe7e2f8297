package bridge_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store/bolt"
)

// BenchmarkMemberOfGroup shows that one member costs the same in a group of any size (G5).
func BenchmarkMemberOfGroup(b *testing.B) {
	for _, size := range []int{10, 10000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			k, p := bench(b)
			all := k.NewUsers(p, size+1)
			g := k.NewGroup(p, "Sales", bridgetest.Add(all[:size]...))
			one := all[size]
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					k.change(p, g.ID, bridgetest.Add(one))
				} else {
					k.change(p, g.ID, bridgetest.Remove(one))
				}
			}
		})
	}
}

// BenchmarkThousandMembers adds a thousand members at once, and takes them out again: a group push (G5).
func BenchmarkThousandMembers(b *testing.B) {
	k, p := bench(b)
	all := k.NewUsers(p, 1000)
	g := k.NewGroup(p, "Sales")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			k.change(p, g.ID, bridgetest.Add(all...))
		} else {
			k.change(p, g.ID, bridgetest.Remove(all...))
		}
	}
}

func BenchmarkCreateUser(b *testing.B) {
	k, p := bench(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.NewUser(p, bridgetest.Person{Name: fmt.Sprintf("ann%d@acme.test", i), External: fmt.Sprint(i), Title: "Engineer"})
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	k, _ := bench(b)
	_, secret, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{ID: "bench-entra", Tenant: "acme"})
	k.OK(err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Authenticate(bg, "bench-entra", bridgetest.Bearer(secret.Text), credential.Client{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEditUser(b *testing.B) {
	k, p := bench(b)
	ann := k.NewUser(p, bridgetest.Person{Name: "ann@acme.test"}).User
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.ChangeUser(p, ann.ID, bridgetest.SetTitle(fmt.Sprint(i)))
	}
}

func bench(b *testing.B) (*kit, directory.Principal) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "drawbridge.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	k := start(b, func(c *bridgetest.Config) {
		c.Store, c.Random, c.Plans = db, rand.Reader, policy.ShippedPlans()
	})
	k.Store = db
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	return k, okta
}

// BenchmarkAccess is the access check (E4) in tenants of a thousand to a hundred thousand people, each in three groups: by userName, by
// an address that is not a userName, and for an unknown person.
func BenchmarkAccess(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000} {
		k, p := bench(b)
		ids := k.Crowd(p.Tenant, size)
		for i := range 3 {
			k.NewGroup(p, fmt.Sprintf("Team %d", i), bridgetest.Add(ids[size/2]))
		}
		app := directory.Application{Tenant: p.Tenant}
		for name, address := range map[string]string{
			"userName": fmt.Sprintf("u%d@acme.example", size/2), "address": fmt.Sprintf("u%d@home.example", size/2), "nobody": "nobody@acme.example",
		} {
			b.Run(fmt.Sprintf("%d/%s", size, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if got, err := k.Access(bg, app, address, directory.ID{}); err != nil || got.Allowed != (name != "nobody") {
						b.Fatalf("%+v %v", got, err)
					}
				}
			})
		}
	}
}
