package bridge_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store/bolt"
)

// BenchmarkMemberOfGroup shows that one member costs the same in a group of any size (G5).
func BenchmarkMemberOfGroup(b *testing.B) {
	for _, size := range []int{10, 10000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			k, p := bench(b)
			all := k.people(p, size+1)
			g := k.group(p, "Sales", add(all[:size]...))
			one := all[size]
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					k.change(p, g.ID, add(one))
				} else {
					k.change(p, g.ID, remove(one))
				}
			}
		})
	}
}

// BenchmarkThousandMembers adds a thousand members at once, and takes them out again: a group push (G5).
func BenchmarkThousandMembers(b *testing.B) {
	k, p := bench(b)
	all := k.people(p, 1000)
	g := k.group(p, "Sales")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			k.change(p, g.ID, add(all...))
		} else {
			k.change(p, g.ID, remove(all...))
		}
	}
}

func BenchmarkCreateUser(b *testing.B) {
	k, p := bench(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.create(p, person{name: fmt.Sprintf("ann%d@acme.test", i), external: fmt.Sprint(i), title: "Engineer"})
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	k, _ := bench(b)
	_, secret, err := k.CreateConnection(bg, k.op, bridge.ConnectionDraft{ID: "bench-entra", Tenant: "acme"})
	k.ok(err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Authenticate(bg, "bench-entra", bearer(secret.Text), bridge.Client{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEditUser(b *testing.B) {
	k, p := bench(b)
	ann := k.create(p, person{name: "ann@acme.test"}).User
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.edit(p, ann.ID, title(fmt.Sprint(i)))
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
	k := start(b, func(c *bridge.Config) {
		c.Store, c.Random, c.Plans = db, rand.Reader, policy.ShippedPlans()
	})
	k.store = db
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	return k, okta
}
