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
	"drawbridge/store"
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
		if _, err := k.Authenticate(bg, "bench-entra", bearer(secret.Text), credential.Client{}); err != nil {
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
	k := start(b, func(c *bridgetest.Config) {
		c.Store, c.Random, c.Plans = db, rand.Reader, policy.ShippedPlans()
	})
	k.store = db
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	return k, okta
}

// BenchmarkAccess is the access check (E4) in tenants of a thousand to a hundred thousand people, each in three groups: by userName, by
// an address that is no userName, and for somebody whom nobody knows.
func BenchmarkAccess(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000} {
		k, p := bench(b)
		ids := k.crowd(p.Tenant, size)
		for i := range 3 {
			k.group(p, fmt.Sprintf("Team %d", i), add(ids[size/2]))
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

// crowd writes many people at once: active members with two addresses each.
func (k *kit) crowd(tenant directory.TenantID, n int) []directory.ID {
	k.t.Helper()
	var ids []directory.ID
	for first := 0; first < n; first += 1000 {
		change := directory.Change{Audit: make([]directory.Audit, 1)}
		for i := first; i < min(first+1000, n); i++ {
			name := fmt.Sprintf("u%d", i)
			u := directory.User{
				ID: k.clock.NewID(), Version: 1, Created: k.clock.Now(), Modified: k.clock.Now(), UserName: name + "@acme.example", Type: directory.TeamMember, State: directory.Active,
				Emails: []string{name + "@acme.example", name + "@home.example"}, AcceptedAt: k.clock.Now(),
			}
			u.Document = directory.Document(fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"emails":[{"value":%q},{"value":%q}]}`, u.UserName, u.Emails[0], u.Emails[1]))
			change.Users, ids = append(change.Users, u), append(ids, u.ID)
		}
		k.ok(k.store.Update(bg, tenant, nil, func(store.Reader) (directory.Change, error) { return change, nil }))
	}
	return ids
}
