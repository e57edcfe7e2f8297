package directory

import "slices"

// Change is everything that one write does: records, their memberships, the audit lines and the events. The store
// applies all of it or none.
type Change struct {
	Tenant      *Tenant      // put
	Connections []Connection // put
	Tokens      []Token      // put
	// RemoveConnections removes connections with their credentials and the record of their use. The store does not change records that a
	// removed connection manages; the caller has processed them.
	RemoveConnections []ConnectionID

	Users       []User // put: new, or replaces the record with the same ID
	RemoveUsers []ID   // with their memberships
	Groups      []Group
	// RemoveGroups removes groups, and all memberships that have one of them as group or as member.
	RemoveGroups    []ID
	Resources       []Resource
	RemoveResources []ID
	Tombstones      []Tombstone // put
	DropTombstones  []ID
	KVs             []KV // put
	DropKVs         []KVRef

	SupportSessions []SupportSession  // put (T5)
	Requests        []DeletionRequest // put (D3)

	Provider    *ProviderSettings // put; this and the following fields are for the tenant Provider only
	Operators   []Operator        // put
	Sessions    []Session         // put
	EndSessions []ID
	APIKeys     []APIKey // put
	Links       []Link   // put
	DropLinks   []ID
	// RemoveOperators removes operators with their sessions, API keys and links, also those that the Change puts.
	RemoveOperators []ID

	Mails     []Mail // put into the outbox; they may be about any tenant
	DropMails []ID   // taken out of it
	// Noticed is the number of the last event that was considered for notification mails. nil leaves it unchanged.
	Noticed *uint64

	Claims []Claim // keys of requests that must not be done twice in the installation

	Join  []Membership // added; an existing membership is left unchanged
	Leave []Membership // removed, by Group, Member.ID and Source; a missing one is no error

	Audit  []Audit // at least one, unless the change is empty or OnlyNotes
	Events []Event

	// ForgetEvents removes the events up to this number, so that the remaining ones have no gap (E2). The last event before the change
	// always stays. 0: none.
	ForgetEvents uint64
	// ForgetAudit removes the audit lines up to this number, which are in the archive (E6). The Change must put the ArchiveMark that says
	// so. The last line before the change always stays. 0: none.
	ForgetAudit uint64
}

// Empty reports whether the change does nothing at all. A change with an audit line is not empty.
func (c *Change) Empty() bool {
	return c.Tenant == nil && c.ForgetEvents == 0 && c.ForgetAudit == 0 && len(c.Connections)+len(c.RemoveConnections)+len(c.Tokens)+len(c.Users)+len(c.RemoveUsers)+len(c.Groups)+
		len(c.RemoveGroups)+len(c.Resources)+len(c.RemoveResources)+len(c.Tombstones)+len(c.DropTombstones)+
		len(c.KVs)+len(c.DropKVs)+len(c.Claims)+len(c.Join)+len(c.Leave)+len(c.Audit)+len(c.Events) == 0 && !c.touchesOperators() && !c.post()
}

// post reports whether the change touches mail.
func (c *Change) post() bool { return c.Noticed != nil || len(c.Mails)+len(c.DropMails) > 0 }

// OnlyNotes reports whether the change only enqueues notification mails, advances Noticed, puts observations
// (KVKind.Noted), or drops what was sent to targets (KVKind.Sent) or who detached an integration, which the tenant has recorded. Only such a change may omit an audit line: the events that the mails report have their own, and it contains no decision.
func (c *Change) OnlyNotes() bool {
	rest := *c
	if c.Noticed != nil {
		rest.Mails, rest.Noticed = nil, nil
	}
	if !slices.ContainsFunc(c.KVs, func(m KV) bool { return !m.Kind.Noted() }) {
		rest.KVs = nil
	}
	if !slices.ContainsFunc(c.DropKVs, func(m KVRef) bool { return !m.Kind.Sent() && m.Kind != DetachmentKV }) {
		rest.DropKVs = nil
	}
	return !c.Empty() && rest.Empty()
}

// touchesOperators reports whether the change touches operators and their sessions, keys and links.
func (c *Change) touchesOperators() bool {
	return c.Provider != nil ||
		len(c.SupportSessions)+len(c.Requests)+len(c.Operators)+len(c.Sessions)+len(c.EndSessions)+len(c.APIKeys)+len(c.Links)+len(c.DropLinks)+len(c.RemoveOperators) > 0
}
