package bridge

import (
	"context"
	"errors"

	"drawbridge/directory"
	"drawbridge/store"
)

// The records that the verbs of identity providers will read, if they are known before the decision. They are a hint to a store that is
// reached over a network: see store.Want. A test of package e2e counts the round trips, so it finds what is missing here.

// wantUser is for reading one user.
func wantUser(id directory.ID) *store.Want {
	return &store.Want{Users: []directory.ID{id}, MembershipsOf: []directory.ID{id}}
}

// ExpectUser returns a context for a request of an identity provider that will read a user (see store.WithPrefetch).
func ExpectUser(ctx context.Context, id directory.ID) context.Context {
	return store.WithPrefetch(ctx, wantUser(id))
}

// ExpectList is ExpectUser for a request that will read the list q.
func ExpectList(ctx context.Context, connection directory.ConnectionID, q directory.Query) context.Context {
	want := wantList(connection, &q)
	if want == nil {
		return ctx
	}
	return store.WithPrefetch(ctx, want)
}

// ExpectWrite returns a context for a request of an identity provider that will write (see store.WithDeferral). A server that answers
// with an error asks Unchecked first.
func ExpectWrite(ctx context.Context) context.Context { return store.WithDeferral(ctx) }

// Unchecked reports whether Authenticate accepted a credential with this context that is still to be checked, with Authenticate.
func Unchecked(ctx context.Context) bool { return store.Unchecked(ctx) }

// Outdated reports whether a verb failed because a credential that was Unchecked is not as it was. Nothing was done: the request may begin again
// after Authenticate.
func Outdated(err error) bool { return errors.Is(err, store.ErrOutdated) }

// wantEdit names what a write of one user reads.
func wantEdit(p directory.Principal, id directory.ID) *store.Want {
	want := wantUser(id)
	want.BuiltIns = grantsRoles(p)
	want.KVs = append(kvsOf(p), directory.KVRef{Kind: directory.SeatKV, Key: id.String()}, directory.KVRef{Kind: directory.InvitationKV, Key: id.String()})
	return want
}

// wantCreate is for a new user, whose draft does not depend on what is read.
func wantCreate(p directory.Principal, edit directory.UserEdit) *store.Want {
	want := &store.Want{BuiltIns: grantsRoles(p), KVs: kvsOf(p)}
	draft, err := edit(nil)
	if err != nil {
		return want // the decision fails alike
	}
	want.UserNames = []string{draft.UserName}
	if draft.ExternalID != "" && p.Connection.ID != "" {
		want.ExternalIDs = []store.ExternalID{{Connection: p.Connection.ID, Value: draft.ExternalID}}
	}
	return want
}

// wantList is for a list, by which identity providers look up a user before they write.
func wantList(connection directory.ConnectionID, q *directory.Query) *store.Want {
	c, ok := q.Where.(directory.Compare)
	value, text := c.Value.(string)
	if !ok || !text || c.Op != directory.Equal || c.Path.Schema != "" || c.Path.Sub != "" {
		return nil
	}
	switch c.Path.Name {
	case "userName":
		return &store.Want{UserNames: []string{value}}
	case "externalId":
		return &store.Want{ExternalIDs: []store.ExternalID{{Connection: connection, Value: value}}}
	case "displayName":
		return &store.Want{GroupNames: []string{value}}
	}
	return nil
}

// wantGroup is for writing one group. Which members are added or removed hardly ever depends on the group.
func wantGroup(p directory.Principal, id directory.ID, edit directory.GroupEdit) *store.Want {
	want := &store.Want{Groups: []directory.ID{id}, KVs: kvsOf(p), BuiltIns: grantsRoles(p)}
	some := directory.Group{ID: id, DisplayName: "some", Document: directory.Document(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"some"}`)}
	draft, err := edit(&some)
	if err != nil {
		return want
	}
	wantMembers(want, id, &draft)
	return want
}

// wantNewGroup is for a new group, whose draft does not depend on what is read.
func wantNewGroup(p directory.Principal, edit directory.GroupEdit) *store.Want {
	want := &store.Want{BuiltIns: grantsRoles(p), KVs: kvsOf(p)}
	draft, err := edit(nil)
	if err != nil {
		return want // the decision fails alike
	}
	want.GroupNames = []string{draft.DisplayName}
	if draft.ExternalID != "" && p.Connection.ID != "" {
		want.ExternalIDs = []store.ExternalID{{Connection: p.Connection.ID, Value: draft.ExternalID}}
	}
	wantMembers(want, directory.ID{}, &draft)
	return want
}

// wantMembers adds the users and groups that a draft names as members. group is zero for a new one, which has no memberships.
func wantMembers(want *store.Want, group directory.ID, draft *directory.GroupDraft) {
	for _, step := range draft.Members {
		for _, ref := range step.Members {
			member, ok := directory.ParseID(ref.Value)
			if !ok {
				continue
			}
			if !group.IsZero() {
				want.Memberships = append(want.Memberships, store.GroupMember{Group: group, Member: member})
			}
			if ref.Type != string(directory.GroupKind) {
				want.Users = append(want.Users, member)
			}
			if ref.Type != string(directory.UserKind) {
				want.Groups = append(want.Groups, member)
			}
		}
	}
}

// grantsRoles reports whether a write of p may put users into built-in groups, or take them out (G4).
func grantsRoles(p directory.Principal) bool {
	return len(p.Connection.Mappings) > 0 || len(p.Connection.AttributeMapping.RoleRules()) > 0
}

// kvsOf are the key-value records that every write of p reads.
func kvsOf(p directory.Principal) []directory.KVRef {
	kvs := []directory.KVRef{{Kind: directory.SeatNoticeKV, Key: "seats"}, {Kind: directory.AlertKV, Key: string(directory.SeatsAlert) + "/"}}
	if p.Connection.ID != "" {
		kvs = append(kvs, directory.KVRef{Kind: directory.BrakeKV, Key: string(p.Connection.ID)})
	}
	if p.Idempotency.Key != "" {
		kvs = append(kvs, directory.KVRef{Kind: directory.IdempotencyKV, Key: p.Idempotency.Key})
	}
	return kvs
}
