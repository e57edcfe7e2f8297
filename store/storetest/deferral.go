package storetest

import (
	"context"
	"errors"

	"drawbridge/directory"
	"drawbridge/store"
)

// A store may put the check of a credential off until a write. What the request then does depends on the credential as it is, not as it was.
func deferralTests() []contractTest {
	return []contractTest{
		{"a write with a good credential is done, and has checked it", func(f *fixture) {
			d := deferral{f}
			ctx := d.accepted()
			f.ok(d.write(ctx))
			f.same("unchecked", store.Unchecked(ctx), false)
			f.same("written", d.written(), true)
		}},
		{"a read with a good credential is done, and has checked it", func(f *fixture) {
			d := deferral{f}
			ctx := d.accepted()
			f.ok(d.read(ctx))
			f.same("unchecked", store.Unchecked(ctx), false)
		}},
		{"a token that was revoked before the request is refused, or writes and reads nothing", func(f *fixture) {
			d := deferral{f}
			d.accepted()
			d.revoke()
			ctx := store.WithDeferral(f.ctx)
			if token := d.admit(ctx); !token.Revoked.IsZero() {
				return
			}
			d.expectNothing(ctx)
		}},
		{"a token that is revoked during a request writes and reads nothing, if its check was put off", func(f *fixture) {
			d := deferral{f}
			ctx := d.accepted()
			d.revoke()
			if store.Unchecked(ctx) {
				d.expectNothing(ctx)
			}
		}},
		{"a change of the connection or of the tenant has the same effect", func(f *fixture) {
			d := deferral{f}
			for _, c := range []directory.Change{
				{Connections: []directory.Connection{{ID: "okta", Tenant: acme, Version: 2, Paused: true}}},
				{Tenant: &directory.Tenant{ID: acme, Version: 2, Status: directory.TenantUnlinking}},
			} {
				ctx := d.accepted()
				f.change(acme, c)
				if store.Unchecked(ctx) {
					d.expectNothing(ctx)
				}
			}
		}},
		{"what is put off is put off once", func(f *fixture) {
			d := deferral{f}
			ctx := d.accepted()
			d.revoke()
			f.same("revoked", d.admit(ctx).Revoked.IsZero(), false)
			f.same("unchecked", store.Unchecked(ctx), false)
		}},
		{"an unknown credential is refused at once", func(f *fixture) {
			ctx := store.WithDeferral(f.ctx)
			token, connection, tenant, err := f.store.Credential(ctx, [32]byte{1, 2, 3}, "okta")
			f.ok(err)
			f.same("admitted", token.ID == "" && connection.ID == "" && tenant.ID == "", true)
			f.same("unchecked", store.Unchecked(ctx), false)
		}},
	}
}

// deferral is a tenant whose requests put off their checks.
type deferral struct{ *fixture }

// accepted gives the context of a request whose credential was accepted, not for the first time.
func (d deferral) accepted() context.Context {
	d.change(acme, directory.Change{
		Connections: []directory.Connection{{ID: "okta", Tenant: acme, Version: 1}},
		Tokens:      []directory.Token{{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}}},
	})
	for range 8 { // a store of several servers has each of them know it, most likely
		d.admit(d.ctx)
	}
	ctx := store.WithDeferral(d.ctx)
	d.same("revoked", d.admit(ctx).Revoked.IsZero(), true)
	return ctx
}

func (d deferral) admit(ctx context.Context) directory.Token {
	token, connection, tenant, err := d.store.Credential(ctx, [32]byte{9}, "okta")
	d.ok(err)
	d.same("connection", string(connection.ID), "okta")
	d.same("tenant", string(tenant.ID), string(acme))
	return token
}

func (d deferral) revoke() {
	d.change(acme, directory.Change{Tokens: []directory.Token{{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}, Revoked: moment(1)}}})
}

func (d deferral) write(ctx context.Context) error {
	return d.store.Update(ctx, acme, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{KVs: []directory.KV{{Kind: directory.BrakeKV, Key: "okta", Value: directory.Document(`{}`)}}, Audit: []directory.Audit{{Time: moment(1), Tenant: acme, Action: "test", Outcome: directory.Done}}}, nil
	})
}

func (d deferral) read(ctx context.Context) error {
	return d.store.View(ctx, acme, nil, func(r store.Reader) error {
		_, err := r.Tenant()
		return err
	})
}

// written reports whether write had an effect.
func (d deferral) written() (done bool) {
	d.view(acme, func(r store.Reader) {
		_, err := r.KV(directory.BrakeKV, "okta")
		done = err == nil
	})
	return done
}

// expectNothing reads and writes with a credential that is not as it was.
func (d deferral) expectNothing(ctx context.Context) {
	d.same("read", errors.Is(d.read(ctx), store.ErrOutdated), true)
	d.same("write", errors.Is(d.write(ctx), store.ErrOutdated), true)
	d.same("unchecked", store.Unchecked(ctx), true)
	d.same("written", d.written(), false)
}
