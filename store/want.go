package store

import "drawbridge/directory"

// Want names what a View or an Update will probably read. A store that is reached over a network fetches it together with the
// beginning of the transaction, in one round trip. It is only a hint: the result must be the same with the right Want, a wrong
// one and none (nil). A read that Want does not name may cost a round trip.
//
// Reader.Tenant, Usage and Noticed need no Want: a store always reads them first, and in an Update also Connection and Connections.
type Want struct {
	Users         []directory.ID    // User, UsersByID
	UserNames     []string          // UserByName, GoneByName
	ExternalIDs   []ExternalID      // UsersByExternalID, GroupsByExternalID, TombstonesByExternalID
	Groups        []directory.ID    // Group, GroupsByID
	GroupNames    []string          // GroupByName
	BuiltIns      bool              // BuiltIn, for every name
	Memberships   []GroupMember     // Memberships
	MembershipsOf []directory.ID    // MembershipsOf, MembershipsByMember, GroupRefs
	KVs           []directory.KVRef // KV, KVsByKey
	Connections   bool              // Connection, Connections
}

// ExternalID is the id of a record in an identity provider.
type ExternalID struct {
	Connection directory.ConnectionID
	Value      string
}

// GroupMember is a pair of which Reader.Memberships says whether the second is a member of the first.
type GroupMember struct{ Group, Member directory.ID }
