package storetest

import (
	"path/filepath"
	"runtime"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
)

// strictReader names every method of a Reader, so that none is forgotten: a new method does not compile without it.
type strictReader struct {
	inner store.Reader
	t     testing.TB
	list  string // the list whose yield is running; "": none
	ended bool
}

var _ store.Reader = (*strictReader)(nil)

func (r *strictReader) check(method string) {
	wrong := ""
	switch {
	case r.ended:
		wrong = "after the View or Update has ended"
	case r.list != "":
		wrong = "inside the yield of Reader." + r.list + ": collect first"
	default:
		return
	}
	_, file, line, _ := runtime.Caller(2)
	r.t.Errorf("%s:%d: Reader.%s is called %s", filepath.Base(file), line, method, wrong)
}

func (r *strictReader) yielding(list string, yield func() error) error {
	before := r.list
	r.list = list
	defer func() { r.list = before }()
	return yield()
}

func (r *strictReader) Tenant() (directory.Tenant, error) {
	r.check("Tenant")
	return r.inner.Tenant()
}

func (r *strictReader) Connection(id directory.ConnectionID) (directory.Connection, error) {
	r.check("Connection")
	return r.inner.Connection(id)
}

func (r *strictReader) Connections() ([]directory.Connection, error) {
	r.check("Connections")
	return r.inner.Connections()
}

func (r *strictReader) Tokens(id directory.ConnectionID) ([]directory.Token, error) {
	r.check("Tokens")
	return r.inner.Tokens(id)
}

func (r *strictReader) User(id directory.ID) (directory.User, error) {
	r.check("User")
	return r.inner.User(id)
}

func (r *strictReader) UsersByID(ids []directory.ID) (map[directory.ID]directory.User, error) {
	r.check("UsersByID")
	return r.inner.UsersByID(ids)
}

func (r *strictReader) UserByName(userName string) (directory.User, error) {
	r.check("UserByName")
	return r.inner.UserByName(userName)
}

func (r *strictReader) GoneByName(userName string) ([]directory.User, error) {
	r.check("GoneByName")
	return r.inner.GoneByName(userName)
}

func (r *strictReader) UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error) {
	r.check("UsersByExternalID")
	return r.inner.UsersByExternalID(connection, externalID)
}

func (r *strictReader) Users(q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error) {
	r.check("Users")
	return r.inner.Users(q, func(a *directory.User, b []directory.GroupRef) error {
		return r.yielding("Users", func() error { return yield(a, b) })
	})
}

func (r *strictReader) Group(id directory.ID) (directory.Group, error) {
	r.check("Group")
	return r.inner.Group(id)
}

func (r *strictReader) GroupsByID(ids []directory.ID) (map[directory.ID]directory.Group, error) {
	r.check("GroupsByID")
	return r.inner.GroupsByID(ids)
}

func (r *strictReader) GroupByName(displayName string) (directory.Group, error) {
	r.check("GroupByName")
	return r.inner.GroupByName(displayName)
}

func (r *strictReader) BuiltIn(name directory.BuiltIn) (directory.Group, error) {
	r.check("BuiltIn")
	return r.inner.BuiltIn(name)
}

func (r *strictReader) GroupsByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Group, error) {
	r.check("GroupsByExternalID")
	return r.inner.GroupsByExternalID(connection, externalID)
}

func (r *strictReader) Groups(q directory.Query, yield func(*directory.Group, []directory.Member) error) (directory.Page, error) {
	r.check("Groups")
	return r.inner.Groups(q, func(a *directory.Group, b []directory.Member) error {
		return r.yielding("Groups", func() error { return yield(a, b) })
	})
}

func (r *strictReader) Members(group, after directory.ID, yield func(directory.Membership) error) error {
	r.check("Members")
	return r.inner.Members(group, after, func(a directory.Membership) error { return r.yielding("Members", func() error { return yield(a) }) })
}

func (r *strictReader) Memberships(group, member directory.ID) ([]directory.Membership, error) {
	r.check("Memberships")
	return r.inner.Memberships(group, member)
}

func (r *strictReader) MembershipsOf(member directory.ID) ([]directory.Membership, error) {
	r.check("MembershipsOf")
	return r.inner.MembershipsOf(member)
}

func (r *strictReader) MembershipsByMember(members []directory.ID) (map[directory.ID][]directory.Membership, error) {
	r.check("MembershipsByMember")
	return r.inner.MembershipsByMember(members)
}

func (r *strictReader) GroupRefs(member directory.ID) ([]directory.GroupRef, error) {
	r.check("GroupRefs")
	return r.inner.GroupRefs(member)
}

func (r *strictReader) Resource(kind directory.Kind, id directory.ID) (directory.Resource, error) {
	r.check("Resource")
	return r.inner.Resource(kind, id)
}

func (r *strictReader) Resources(kind directory.Kind, q directory.Query, yield func(*directory.Resource) error) (directory.Page, error) {
	r.check("Resources")
	return r.inner.Resources(kind, q, func(a *directory.Resource) error { return r.yielding("Resources", func() error { return yield(a) }) })
}

func (r *strictReader) Tombstone(id directory.ID) (directory.Tombstone, error) {
	r.check("Tombstone")
	return r.inner.Tombstone(id)
}

func (r *strictReader) Tombstones(after directory.ID, limit int) ([]directory.Tombstone, error) {
	r.check("Tombstones")
	return r.inner.Tombstones(after, limit)
}

func (r *strictReader) TombstonesByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Tombstone, error) {
	r.check("TombstonesByExternalID")
	return r.inner.TombstonesByExternalID(connection, externalID)
}

func (r *strictReader) KV(kind directory.KVKind, key string) (directory.KV, error) {
	r.check("KV")
	return r.inner.KV(kind, key)
}

func (r *strictReader) KVsByKey(kind directory.KVKind, keys []string) (map[string]directory.KV, error) {
	r.check("KVsByKey")
	return r.inner.KVsByKey(kind, keys)
}

func (r *strictReader) KVs(kind directory.KVKind, from, to string, yield func(directory.KV) error) error {
	r.check("KVs")
	return r.inner.KVs(kind, from, to, func(a directory.KV) error { return r.yielding("KVs", func() error { return yield(a) }) })
}

func (r *strictReader) SupportSessions() ([]directory.SupportSession, error) {
	r.check("Entries")
	return r.inner.SupportSessions()
}

func (r *strictReader) DeletionRequests() ([]directory.DeletionRequest, error) {
	r.check("DeletionRequests")
	return r.inner.DeletionRequests()
}

func (r *strictReader) ProviderSettings() (directory.ProviderSettings, error) {
	r.check("ProviderSettings")
	return r.inner.ProviderSettings()
}

func (r *strictReader) Operator(id directory.ID) (directory.Operator, error) {
	r.check("Operator")
	return r.inner.Operator(id)
}

func (r *strictReader) OperatorByEmail(address string) (directory.Operator, error) {
	r.check("OperatorByEmail")
	return r.inner.OperatorByEmail(address)
}

func (r *strictReader) Operators() ([]directory.Operator, error) {
	r.check("Operators")
	return r.inner.Operators()
}

func (r *strictReader) SessionByHash(hash [32]byte) (directory.Session, error) {
	r.check("SessionByHash")
	return r.inner.SessionByHash(hash)
}

func (r *strictReader) Sessions(operator directory.ID) ([]directory.Session, error) {
	r.check("Sessions")
	return r.inner.Sessions(operator)
}

func (r *strictReader) APIKeyByHash(hash [32]byte) (directory.APIKey, error) {
	r.check("APIKeyByHash")
	return r.inner.APIKeyByHash(hash)
}

func (r *strictReader) APIKeys(operator directory.ID) ([]directory.APIKey, error) {
	r.check("APIKeys")
	return r.inner.APIKeys(operator)
}

func (r *strictReader) LinkByHash(hash [32]byte) (directory.Link, error) {
	r.check("LinkByHash")
	return r.inner.LinkByHash(hash)
}

func (r *strictReader) Links(operator directory.ID) ([]directory.Link, error) {
	r.check("Links")
	return r.inner.Links(operator)
}

func (r *strictReader) Noticed() (seq uint64, known bool, err error) {
	r.check("Noticed")
	return r.inner.Noticed()
}

func (r *strictReader) Mail(id directory.ID) (directory.Mail, error) {
	r.check("Mail")
	return r.inner.Mail(id)
}

func (r *strictReader) Gathering(join string) (directory.Mail, error) {
	r.check("Gathering")
	return r.inner.Gathering(join)
}

func (r *strictReader) Usage() (directory.Usage, error) {
	r.check("Usage")
	return r.inner.Usage()
}

func (r *strictReader) Events(after uint64, limit int) (events []directory.Event, last uint64, err error) {
	r.check("Events")
	return r.inner.Events(after, limit)
}

func (r *strictReader) Audit(after uint64, limit int) (lines []directory.Audit, last uint64, err error) {
	r.check("Audit")
	return r.inner.Audit(after, limit)
}

func (r *strictReader) SearchAudit(q directory.AuditQuery) (lines []directory.Audit, next uint64, err error) {
	r.check("SearchAudit")
	return r.inner.SearchAudit(q)
}
