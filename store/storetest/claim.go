package storetest

import (
	"strings"

	"drawbridge/directory"
)

func claimTests() []contractTest {
	claim := func(key string, at, until int) directory.Change {
		return directory.Change{Claims: []directory.Claim{{Key: key, At: moment(at), Until: moment(until)}}}
	}
	return []contractTest{
		{"a key is claimed once in the installation, until the claim ends", func(f *fixture) {
			_, err := f.store.Claimed(f.ctx, "k")
			f.code(err, directory.NotFound)
			f.change(acme, claim("k", 10, 20))
			got, err := f.store.Claimed(f.ctx, "k")
			f.ok(err)
			f.same("claim", got, directory.Claim{Key: "k", Tenant: acme, At: moment(10), Until: moment(20)})
			f.code(f.try(acme, claim("k", 11, 21)), directory.Conflict, "claim")
			f.code(f.try(beta, claim("k", 19, 30)), directory.Conflict, "claim")
			f.change(beta, claim("other", 19, 30))
			f.change(beta, claim("k", 20, 30))
			got, err = f.store.Claimed(f.ctx, "k")
			f.ok(err)
			f.same("tenant of the claim", got.Tenant, beta)
			f.code(f.try(acme, claim("k", 29, 40)), directory.Conflict, "claim")
		}},
		{"a taken claim refuses its whole change", func(f *fixture) {
			f.change(acme, claim("k", 10, 20))
			u := f.user("anna")
			c := claim("k", 11, 20)
			c.Users = []directory.User{u}
			f.code(f.try(beta, c), directory.Conflict, "claim")
			names, _ := usersOf(f, beta, directory.Query{Count: 9})
			f.same("users", len(names), 0)
		}},
		{"one change cannot claim a key twice", func(f *fixture) {
			c := claim("k", 10, 20)
			c.Claims = append(c.Claims, c.Claims[0])
			f.code(f.try(acme, c), directory.Conflict, "claim")
		}},
		{"a claim with an impossible key or time is Internal", func(f *fixture) {
			for _, c := range []directory.Change{claim("", 1, 2), claim("a\x00b", 1, 2), claim(strings.Repeat("x", 513), 1, 2), claim("k", 2, 2)} {
				f.code(f.try(acme, c), directory.Internal)
			}
			f.change(acme, claim(strings.Repeat("x", 512), 1, 2))
		}},
	}
}
