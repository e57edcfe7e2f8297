package storetest

import (
	"drawbridge/directory"
	"drawbridge/store"
)

func (f *fixture) operator(email string) directory.Operator {
	return directory.Operator{ //nolint:gosec // Password is formatted like a hash, and is no password
		ID: f.id(), Version: 1, Created: moment(1), Modified: moment(2), FirstName: "Ada", LastName: "L", Email: email,
		Role: directory.RoleTechnician, Scope: directory.Scope{Tenants: []directory.TenantID{acme}}, Status: directory.OperatorActive,
		Password: "$argon2id$…", PasswordSet: moment(1), MFARequired: true, APIAccess: true, LastSignIn: moment(3),
		Factor: &directory.Factor{Secret: "ABC", Confirmed: moment(1), Step: 7, Recovery: [][32]byte{{1}, {2}}},
	}
}

func operatorTests() []contractTest {
	return []contractTest{
		{"operators come back as they were", func(f *fixture) {
			ada, bob := f.operator("Ada@example.com"), f.operator("bob@example.com")
			bob.Factor, bob.Scope = nil, directory.Scope{All: true}
			f.change(directory.Provider, directory.Change{Operators: []directory.Operator{bob, ada}})
			f.view(directory.Provider, func(r store.Reader) {
				got, err := r.Operator(ada.ID)
				f.ok(err)
				f.same("operators", got, ada)
				got, err = r.OperatorByEmail("aDA@EXAMPLE.com")
				f.ok(err)
				f.same("operators", got, ada)
				all, err := r.Operators()
				f.ok(err)
				f.same("operators", all, []directory.Operator{ada, bob})
				_, err = r.Operator(f.id())
				f.code(err, directory.NotFound)
				_, err = r.OperatorByEmail("nobody@example.com")
				f.code(err, directory.NotFound)
			})
			f.view(acme, func(r store.Reader) { // a tenant has none
				_, err := r.Operator(ada.ID)
				f.code(err, directory.NotFound)
				_, err = r.OperatorByEmail(ada.Email)
				f.code(err, directory.NotFound)
				all, err := r.Operators()
				f.ok(err)
				f.same("operators", len(all), 0)
			})
		}},
		{"the address of an operator is unique", func(f *fixture) {
			ada, bob := f.operator("ada@example.com"), f.operator("bob@example.com")
			f.change(directory.Provider, directory.Change{Operators: []directory.Operator{ada, bob}})
			f.code(f.try(directory.Provider, directory.Change{Operators: []directory.Operator{f.operator("ADA@example.com")}}), directory.Conflict, "email")
			x, y := f.operator("x@example.com"), f.operator("X@example.com")
			f.code(f.try(directory.Provider, directory.Change{Operators: []directory.Operator{x, y}}), directory.Conflict, "email")
			ada.Email, bob.Email = bob.Email, ada.Email // they may swap
			f.change(directory.Provider, directory.Change{Operators: []directory.Operator{ada, bob}})
			f.view(directory.Provider, func(r store.Reader) {
				got, err := r.OperatorByEmail("ada@example.com")
				f.ok(err)
				f.same("operators", got.ID, bob.ID)
			})
			ada.Email = "new@example.com"
			f.change(directory.Provider, directory.Change{Operators: []directory.Operator{ada}})
			f.view(directory.Provider, func(r store.Reader) { // the old address is free
				_, err := r.OperatorByEmail("bob@example.com")
				f.code(err, directory.NotFound)
			})
		}},
		{"sessions, keys and links are found by their hash", func(f *fixture) {
			ada, bob := f.operator("ada@example.com"), f.operator("bob@example.com")
			session := directory.Session{ID: f.id(), Operator: ada.ID, Hash: [32]byte{1}, Created: moment(1), Proved: moment(1), Expires: moment(9), Address: "192.0.2.1", UserAgent: "x"}
			other := directory.Session{ID: f.id(), Operator: bob.ID, Hash: [32]byte{2}, Created: moment(1), Expires: moment(9)}
			key := directory.APIKey{ID: f.id(), Operator: ada.ID, Hash: [32]byte{1}, Prefix: "abcd", Label: "ci", Created: moment(2)}
			link := directory.Link{ID: f.id(), Kind: directory.Invitation, Operator: ada.ID, Hash: [32]byte{1}, Created: moment(1), Expires: moment(2)}
			f.change(directory.Provider, directory.Change{
				Operators: []directory.Operator{ada, bob}, Sessions: []directory.Session{session, other},
				APIKeys: []directory.APIKey{key}, Links: []directory.Link{link},
			})
			f.ok(f.store.Touch(f.ctx, []directory.Use{{Token: directory.TokenID(session.ID.String()), Last: moment(5)}}))
			f.view(directory.Provider, func(r store.Reader) {
				s, err := r.SessionByHash([32]byte{1})
				f.ok(err)
				f.same("sessions", s, session)
				all, err := r.Sessions(ada.ID)
				f.ok(err)
				f.same("sessions", all, []directory.Session{session})
				all, err = r.Sessions(directory.ID{})
				f.ok(err)
				f.same("sessions", all, []directory.Session{session, other})
				k, err := r.APIKeyByHash([32]byte{1})
				f.ok(err)
				f.same("keys", k, key)
				keys, err := r.APIKeys(bob.ID)
				f.ok(err)
				f.same("keys", len(keys), 0)
				l, err := r.LinkByHash([32]byte{1})
				f.ok(err)
				f.same("links", l, link)
				links, err := r.Links(ada.ID)
				f.ok(err)
				f.same("links", links, []directory.Link{link})
				for _, err := range []error{second(r.SessionByHash([32]byte{9})), second(r.APIKeyByHash([32]byte{9})), second(r.LinkByHash([32]byte{9}))} {
					f.code(err, directory.NotFound)
				}
			})
			key.Revoked = moment(3)
			f.change(directory.Provider, directory.Change{EndSessions: []directory.ID{session.ID}, DropLinks: []directory.ID{link.ID}, APIKeys: []directory.APIKey{key}})
			f.view(directory.Provider, func(r store.Reader) {
				_, err := r.SessionByHash([32]byte{1})
				f.code(err, directory.NotFound)
				_, err = r.SessionByHash([32]byte{2})
				f.ok(err)
				_, err = r.LinkByHash([32]byte{1})
				f.code(err, directory.NotFound)
				k, err := r.APIKeyByHash([32]byte{1})
				f.ok(err)
				f.same("keys", k, key)
			})
			uses, err := f.store.Uses(f.ctx, "")
			f.ok(err)
			f.same("uses", len(uses), 0)
			stolen := directory.Session{ID: f.id(), Operator: bob.ID, Hash: [32]byte{2}}
			f.code(f.try(directory.Provider, directory.Change{Sessions: []directory.Session{stolen}}), directory.Conflict)
		}},
		{"an operator is removed with sessions, keys and links", func(f *fixture) {
			ada, bob := f.operator("ada@example.com"), f.operator("bob@example.com")
			session := directory.Session{ID: f.id(), Operator: ada.ID, Hash: [32]byte{1}, Created: moment(1), Expires: moment(9)}
			other := directory.Session{ID: f.id(), Operator: bob.ID, Hash: [32]byte{2}, Created: moment(1), Expires: moment(9)}
			key := directory.APIKey{ID: f.id(), Operator: ada.ID, Hash: [32]byte{1}, Created: moment(2)}
			link := directory.Link{ID: f.id(), Kind: directory.Invitation, Operator: ada.ID, Hash: [32]byte{1}, Created: moment(1), Expires: moment(2)}
			f.change(directory.Provider, directory.Change{
				Operators: []directory.Operator{ada, bob}, Sessions: []directory.Session{session, other}, APIKeys: []directory.APIKey{key}, Links: []directory.Link{link},
			})
			for _, id := range []directory.ID{session.ID, other.ID, key.ID} {
				f.ok(f.store.Touch(f.ctx, []directory.Use{{Token: directory.TokenID(id.String()), Last: moment(5)}}))
			}
			key.Revoked = moment(3)
			f.change(directory.Provider, directory.Change{RemoveOperators: []directory.ID{ada.ID}, APIKeys: []directory.APIKey{key}})
			f.view(directory.Provider, func(r store.Reader) {
				for _, err := range []error{
					second(r.Operator(ada.ID)), second(r.OperatorByEmail("ada@example.com")), second(r.SessionByHash([32]byte{1})),
					second(r.APIKeyByHash([32]byte{1})), second(r.LinkByHash([32]byte{1})),
				} {
					f.code(err, directory.NotFound)
				}
				all, err := r.Operators()
				f.ok(err)
				f.same("operators", all, []directory.Operator{bob})
				sessions, err := r.Sessions(directory.ID{})
				f.ok(err)
				f.same("sessions", sessions, []directory.Session{other})
			})
			uses, err := f.store.Uses(f.ctx, "")
			f.ok(err)
			f.same("uses", len(uses), 1)
			again := f.operator("ada@example.com") // the address is free
			f.change(directory.Provider, directory.Change{Operators: []directory.Operator{again}})
			f.view(directory.Provider, func(r store.Reader) {
				o, err := r.OperatorByEmail("ada@example.com")
				f.ok(err)
				f.same("operator", o, again)
			})
			if f.try(acme, directory.Change{RemoveOperators: []directory.ID{bob.ID}}) == nil {
				f.Error("a change of a tenant removes an operator")
			}
		}},
		{"settings of the installation come back as they were", func(f *fixture) {
			f.view(directory.Provider, func(r store.Reader) {
				got, err := r.ProviderSettings()
				f.ok(err)
				f.same("settings", got, directory.ProviderSettings{})
			})
			want := directory.ProviderSettings{Version: 1, RequireMFA: true}
			f.change(directory.Provider, directory.Change{Provider: &want})
			f.view(directory.Provider, func(r store.Reader) {
				got, err := r.ProviderSettings()
				f.ok(err)
				f.same("settings", got, want)
			})
		}},
		{"a tenant has no operators, and its support sessions and requests are its own", func(f *fixture) {
			f.code(f.try(acme, directory.Change{Operators: []directory.Operator{f.operator("a@example.com")}}), directory.Internal)
			f.code(f.try(acme, directory.Change{Provider: &directory.ProviderSettings{}}), directory.Internal)
			session := directory.SupportSession{ID: f.id(), Tenant: acme, By: directory.Actor{Kind: directory.ByOperator, ID: "o"}, Reason: "why", Since: moment(1), Until: moment(2)}
			request := directory.DeletionRequest{ID: f.id(), Tenant: acme, User: f.id(), UserName: "a", Reason: "why", Created: moment(1), Expires: moment(2), Status: directory.RequestPending}
			f.code(f.try(beta, directory.Change{SupportSessions: []directory.SupportSession{session}}), directory.Internal)
			f.code(f.try(beta, directory.Change{Requests: []directory.DeletionRequest{request}}), directory.Internal)
			f.change(acme, directory.Change{SupportSessions: []directory.SupportSession{session}, Requests: []directory.DeletionRequest{request}})
			look := func(tenant directory.TenantID) (sessions []directory.SupportSession, requests []directory.DeletionRequest) {
				f.view(tenant, func(r store.Reader) {
					var err error
					sessions, err = r.SupportSessions()
					f.ok(err)
					requests, err = r.DeletionRequests()
					f.ok(err)
				})
				return sessions, requests
			}
			sessions, requests := look(acme)
			f.same("sessions", sessions, []directory.SupportSession{session})
			f.same("requests", requests, []directory.DeletionRequest{request})
			sessions, requests = look(beta)
			f.same("of another tenant", len(sessions)+len(requests), 0)
		}},
	}
}

func second[T any](_ T, err error) error { return err }
