package bridge

import (
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// onlyID removes the other records from a match. A draft with an id names its user.
func onlyID(m policy.Match, id directory.ID) policy.Match {
	other := func(u directory.User) bool { return u.ID != id }
	if m.ByName != nil && other(*m.ByName) {
		m.ByName = nil
	}
	m.GoneByName = slices.DeleteFunc(slices.Clone(m.GoneByName), other)
	m.ByExternalID = slices.DeleteFunc(slices.Clone(m.ByExternalID), other)
	m.Tombstones = slices.DeleteFunc(slices.Clone(m.Tombstones), func(s directory.Tombstone) bool { return s.ID != id })
	return m
}

// keepExternalID keeps the externalId of a user who is restored by a POST without one (L5): the identity provider would not find the
// user again.
func keepExternalID(draft *directory.UserDraft, u *directory.User) {
	if draft.ExternalID != "" || u.ExternalID == "" {
		return
	}
	draft.ExternalID = u.ExternalID
	if draft.Document = withExternalID(draft.Document, u.ExternalID); draft.Sent != nil {
		draft.Sent = withExternalID(draft.Sent, u.ExternalID)
	}
}

// findMatch reads whom a POST may mean.
func (t *tenantTx) findMatch(draft *directory.UserDraft) (policy.Match, error) {
	m := policy.Match{ExternalID: draft.ExternalID}
	m.Same = func(u *directory.User) bool {
		return u.Active() == (draft.Active == nil || *draft.Active) && txn.SameDocument(u.Document, draft.Document) && txn.SameDocument(u.Sent, draft.Sent)
	}
	named, ok, err := txn.Optional(t.Reader.UserByName(draft.UserName))
	if err != nil {
		return m, err
	}
	if ok {
		m.ByName = &named
	} else if m.GoneByName, err = t.Reader.GoneByName(draft.UserName); err != nil {
		return m, err
	}
	if connection := t.Principal.Connection.ID; connection != "" && draft.ExternalID != "" {
		if m.ByExternalID, err = t.Reader.UsersByExternalID(connection, draft.ExternalID); err != nil {
			return m, err
		}
		m.Tombstones, err = t.Reader.TombstonesByExternalID(connection, draft.ExternalID)
	}
	return m, err
}

// sharesExternalID reports whether another live user of the connection has the externalId of u.
func (t *tenantTx) sharesExternalID(u *directory.User) (bool, error) {
	if u.ExternalID == "" || u.Connection == "" {
		return false, nil
	}
	same, err := t.Reader.UsersByExternalID(u.Connection, u.ExternalID)
	return policy.Shares(same, u.ID) != nil, err
}

// nameIsFree gives Conflict if a user other than id has the userName.
func (t *tenantTx) nameIsFree(userName string, id directory.ID, action directory.Action) error {
	other, taken, err := txn.Optional(t.Reader.UserByName(userName))
	if err != nil || !taken || other.ID == id {
		return err
	}
	return t.Refuse(policy.NameTaken(&other), action, directory.Subject{Kind: string(directory.UserKind), ID: id.String(), Name: userName})
}
