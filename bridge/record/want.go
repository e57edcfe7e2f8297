package record

import (
	"drawbridge/directory"
	"drawbridge/store"
)

// wantAccess names what Access will probably read.
func wantAccess(email string, id directory.ID) *store.Want {
	want := &store.Want{BuiltIns: true}
	if id.IsZero() {
		want.UserNames = []string{email}
	} else {
		want.Users, want.MembershipsOf = []directory.ID{id}, []directory.ID{id}
	}
	return want
}
