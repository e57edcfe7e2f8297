package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

func registryTests() []contractTest {
	return []contractTest{
		{"tenants are ordered by slug", func(f *fixture) {
			f.change("aaa", directory.Change{Tenant: &directory.Tenant{ID: "aaa", Version: 1}})
			all, err := f.store.Tenants(f.ctx)
			f.ok(err)
			var slugs []directory.TenantID
			for _, t := range all {
				slugs = append(slugs, t.ID)
			}
			f.same("slugs", slugs, []directory.TenantID{"aaa", acme, beta})
		}},
		{"a tenant comes back as it was", func(f *fixture) {
			days, mode := 30, directory.Hold
			want := directory.Tenant{
				ID: acme, Version: 2, Created: moment(0), Modified: moment(3), Name: "Acme", Website: "https://acme.example",
				Address: directory.Address{Country: "CH", Lines: "1 Road"}, DataRegion: "eu", Status: directory.TenantActive, Plan: "business", Seats: 7,
				Overrides: directory.Overrides{ManualSuspension: &mode, TombstoneDays: &days},
				Schemas:   []directory.CustomSchema{{ResourceType: "Device", Endpoint: "/Devices", Definition: directory.Document(`{"id":"urn:x"}`)}},
			}
			f.change(acme, directory.Change{Tenant: &want})
			f.view(acme, func(r store.Reader) {
				got, err := r.Tenant()
				f.ok(err)
				f.same("tenants", got, want)
			})
		}},
		{"connections and tokens come back as they were", func(f *fixture) {
			_, err := f.store.Token(f.ctx, [32]byte{9})
			f.code(err, directory.NotFound)
			_, err = f.store.Connection(f.ctx, "okta")
			f.code(err, directory.NotFound)
			refuse := directory.Refuse
			okta := directory.Connection{
				ID: "okta", Tenant: acme, Type: directory.Okta, Version: 1, UnknownPaths: &refuse,
				Mappings: []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}},
			}
			entra := directory.Connection{ID: "entra", Tenant: acme, Type: directory.Entra, Version: 1}
			second := directory.Token{ID: "a", Kind: directory.BearerToken, Tenant: acme, Connection: "okta", Hash: [32]byte{9}, Created: moment(2), Expires: moment(99)}
			first := directory.Token{ID: "b", Kind: directory.BasicSecret, Tenant: acme, Connection: "okta", Hash: [32]byte{8}, Created: moment(1), Revoked: moment(3)}
			f.change(acme, directory.Change{Connections: []directory.Connection{okta, entra}, Tokens: []directory.Token{second, first}})
			connection, err := f.store.Connection(f.ctx, "okta")
			f.ok(err)
			f.same("connections", connection, okta)
			token, err := f.store.Token(f.ctx, [32]byte{8})
			f.ok(err)
			f.same("tokens", token, first)
			f.view(acme, func(r store.Reader) {
				all, err := r.Connections()
				f.ok(err)
				f.same("connections", all, []directory.Connection{entra, okta})
				tokens, err := r.Tokens("okta")
				f.ok(err)
				f.same("tokens", tokens, []directory.Token{first, second})
				tokens, err = r.Tokens("entra")
				f.ok(err)
				f.same("tokens", len(tokens), 0)
			})
			second.Hash = [32]byte{7} // another secret: the old one is invalid
			f.change(acme, directory.Change{Tokens: []directory.Token{second}})
			_, err = f.store.Token(f.ctx, [32]byte{9})
			f.code(err, directory.NotFound)
			_, err = f.store.Token(f.ctx, [32]byte{7})
			f.ok(err)
		}},
		{"a connection is removed with its credentials", func(f *fixture) {
			okta := directory.Connection{ID: "okta", Tenant: acme, Version: 1}
			other := directory.Connection{ID: "okta2", Tenant: acme, Version: 1} // its name begins with the name of the other
			f.change(acme, directory.Change{Connections: []directory.Connection{okta, other}, Tokens: []directory.Token{
				{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}},
				{ID: "b", Tenant: acme, Connection: "okta", Hash: [32]byte{8}},
				{ID: "c", Tenant: acme, Connection: "okta2", Hash: [32]byte{7}},
			}})
			f.ok(f.store.Touch(f.ctx, []directory.Use{{Tenant: acme, Connection: "okta", Token: "a", Last: moment(1)}, {Tenant: acme, Connection: "okta2", Token: "c", Last: moment(1)}}))
			_, _, _, err := f.store.Credential(f.ctx, [32]byte{9}, "okta") // now it may be cached
			f.ok(err)
			f.change(acme, directory.Change{RemoveConnections: []directory.ConnectionID{"okta"}})
			for _, hash := range []byte{9, 8} {
				_, err := f.store.Token(f.ctx, [32]byte{hash})
				f.code(err, directory.NotFound)
			}
			token, connection, _, err := f.store.Credential(f.ctx, [32]byte{9}, "okta")
			f.ok(err)
			f.same("token of a connection that is gone", token, directory.Token{})
			f.same("connection that is gone", connection, directory.Connection{})
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			f.same("uses of a connection that is gone", len(uses), 0)
			uses, err = f.store.Uses(f.ctx, "okta2")
			f.ok(err)
			f.same("uses of another one", len(uses), 1)
			f.view(acme, func(r store.Reader) {
				all, err := r.Connections()
				f.ok(err)
				f.same("connections", all, []directory.Connection{other})
				tokens, err := r.Tokens("okta2")
				f.ok(err)
				f.same("tokens", len(tokens), 1)
			})
			f.change(acme, directory.Change{Connections: []directory.Connection{okta}}) // the slug is free
		}},
		{"a credential without a connection comes with its tenant", func(f *fixture) {
			key := directory.Token{ID: "k", Tenant: acme, Kind: directory.ApplicationKey, Hash: [32]byte{5}}
			show := func() (directory.Token, directory.Tenant) {
				f.Helper()
				t, c, tenant, err := f.store.Credential(f.ctx, key.Hash, "")
				f.ok(err)
				f.same("connection", c, directory.Connection{})
				return t, tenant
			}
			got, tenant := show()
			f.same("key before it is there", got, directory.Token{})
			f.same("tenant of nothing", tenant, directory.Tenant{})
			f.change(acme, directory.Change{Tokens: []directory.Token{key}})
			for range 2 { // from the store, and from its cache
				got, tenant = show()
				f.same("key", got, key)
				f.same("tenant", tenant.ID, acme)
			}
			key.Revoked = time.Unix(1000, 0).UTC()
			f.change(acme, directory.Change{Tokens: []directory.Token{key}})
			got, _ = show()
			f.same("revoked", got.Revoked.Unix(), key.Revoked.Unix())
			changed := tenant
			changed.Status, changed.Version = directory.TenantUnlinked, tenant.Version+1
			f.change(acme, directory.Change{Tenant: &changed})
			_, tenant = show()
			f.same("status of the tenant", tenant.Status, directory.TenantUnlinked)
		}},
		{"a credential is as it was last written", func(f *fixture) {
			okta := directory.Connection{ID: "okta", Tenant: acme, Version: 1}
			token := directory.Token{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}}
			show := func(hash byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant) {
				f.Helper()
				t, c, tenant, err := f.store.Credential(f.ctx, [32]byte{hash}, id)
				f.ok(err)
				return t, c, tenant
			}
			got, connection, tenant := show(9, "okta")
			f.same("token before it is there", got, directory.Token{})
			f.same("connection before it is there", connection, directory.Connection{})
			f.same("tenant of nothing", tenant, directory.Tenant{})
			f.change(acme, directory.Change{Connections: []directory.Connection{okta}, Tokens: []directory.Token{token}})
			for range 2 { // from the store, and from its cache
				got, connection, tenant = show(9, "okta")
				f.same("token", got, token)
				f.same("connection", connection, okta)
				f.same("tenant", tenant.ID, acme)
			}
			got, connection, tenant = show(1, "okta")
			f.same("token with another hash", got, directory.Token{})
			f.same("connection with another hash", connection, okta)
			f.same("tenant with another hash", tenant.ID, acme)
			got, connection, _ = show(9, "entra")
			f.same("token at another connection", got, token)
			f.same("another connection", connection, directory.Connection{})

			token.Revoked, okta.Paused, tenant.Version = moment(1), true, 9
			f.change(acme, directory.Change{Tokens: []directory.Token{token}})
			got, _, _ = show(9, "okta")
			f.same("revoked token", got, token)
			f.change(acme, directory.Change{Connections: []directory.Connection{okta}})
			_, connection, _ = show(9, "okta")
			f.same("paused connection", connection, okta)
			f.change(acme, directory.Change{Tenant: &tenant})
			_, _, tenant = show(9, "okta")
			f.same("version of the tenant", tenant.Version, uint64(9))
			token.Hash = [32]byte{7} // another secret: the old one is invalid
			f.change(acme, directory.Change{Tokens: []directory.Token{token}})
			got, _, _ = show(9, "okta")
			f.same("token with the old secret", got, directory.Token{})
		}},
		{"a revoked credential is never seen as valid again", func(f *fixture) {
			token := directory.Token{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}}
			f.change(acme, directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: acme, Version: 1}}})
			var written atomic.Int64 // number of token writes whose Update has returned
			stop := make(chan struct{})
			var readers sync.WaitGroup
			stale := make(chan string, 8)
			for range cap(stale) {
				readers.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						least := written.Load()
						got, _, _, err := f.store.Credential(f.ctx, token.Hash, "okta")
						if err != nil || least > 0 && got.Revoked.Before(moment(int(least))) {
							stale <- fmt.Sprintf("write %d had returned, and it was as of %v (%v)", least, got.Revoked, err)
							return
						}
					}
				})
			}
			for n := range 200 {
				token.Revoked = moment(n + 1)
				f.change(acme, directory.Change{Tokens: []directory.Token{token}})
				written.Store(int64(n + 1))
			}
			close(stop)
			readers.Wait()
			close(stale)
			for text := range stale {
				f.Error(text)
			}
		}},
		{"Touch keeps the newest use of a credential", func(f *fixture) {
			one := directory.Use{Tenant: acme, Connection: "okta", Token: "a", Last: moment(5), Success: moment(5), Address: "192.0.2.1", UserAgent: "Okta"}
			two := directory.Use{Tenant: acme, Connection: "okta", Token: "b", Last: moment(5)}
			f.ok(f.store.Touch(f.ctx, nil))
			f.ok(f.store.Touch(f.ctx, []directory.Use{one, two, {Connection: "okta-2", Token: "a", Last: moment(1)}}))
			older := one
			older.Last, older.Address, older.Requests = moment(4), "192.0.2.9", directory.OnceAt(moment(4))
			f.ok(f.store.Touch(f.ctx, []directory.Use{older}))
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			one.Requests = older.Requests
			f.same("uses", uses, []directory.Use{one, two})
			failed := one
			failed.Last, failed.Success = moment(6), moment(0)
			f.ok(f.store.Touch(f.ctx, []directory.Use{failed}))
			uses, err = f.store.Uses(f.ctx, "okta")
			f.ok(err)
			f.same("last", uses[0].Last, moment(6))
			f.same("success", uses[0].Success, moment(5))
			f.same("last lines", f.auditSeq(acme), uint64(1))
		}},
		{"Touch takes a use back that was noted while the clock was ahead", func(f *fixture) {
			month := 30 * 24 * 3600
			ahead := directory.Use{Tenant: acme, Connection: "okta", Token: "a", Last: moment(month + 9), Success: moment(month + 5), Address: "192.0.2.1", Failed: moment(month + 9), FailingSince: moment(month + 7), Failures: 3}
			f.ok(f.store.Touch(f.ctx, []directory.Use{ahead}))
			f.ok(f.store.Touch(f.ctx, []directory.Use{{Tenant: acme, Connection: "okta", Token: "a", Last: moment(20)}}))
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			want := ahead
			want.Last, want.Success, want.Failed, want.FailingSince = moment(20), moment(16), moment(20), moment(18)
			f.same("uses", uses, []directory.Use{want})
		}},
	}
}
