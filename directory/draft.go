package directory

// UserDraft is the user that a caller asks for: the result of an edit, before any rule is applied.
type UserDraft struct {
	ID         ID // the id of a new record that the identity provider already knows (C9); zero: a new id
	UserName   string
	ExternalID string
	Emails     []string // the values of emails, in order
	UserType   string   // the value of SCIM's userType, "" if unassigned (B4)
	Active     *bool    // nil: the write does not state active (L4)
	Document   Document // as User.Document
	Sent       Document // as User.Sent; the bridge sets it
	Deviations []string // names of leniencies: applied quirks, ignored attributes; for the audit line
}

// UserEdit turns a user into the draft of a new one; before is nil for a user that is to be created. It must be pure:
// a store may run it more than once. Its errors are returned to the caller as they are.
type UserEdit func(before *User) (UserDraft, error)

// GroupDraft is the group that a caller asks for.
type GroupDraft struct {
	ID          ID // the id of a new record that the identity provider already knows (C9); zero: a new id
	DisplayName string
	ExternalID  string
	Document    Document // as Group.Document
	// Members are applied in order. nil leaves all memberships unchanged.
	Members    []MemberEdit
	Deviations []string
}

// GroupEdit turns a group into the draft of a new one, like UserEdit.
type GroupEdit func(before *Group) (GroupDraft, error)

// MemberEdit is one step of a change of a group's membership.
type MemberEdit struct {
	Op      MemberOp
	Members []MemberRef // for AddMembers, RemoveMembers and ReplaceMembers
	Where   Expr        // for RemoveMembersWhere: a condition on a member (value, type, display, $ref)
}

// MemberOp says what a MemberEdit does.
type MemberOp uint8

// The steps. To add an existing member or to remove a missing one succeeds and changes nothing.
const (
	AddMembers MemberOp = iota
	RemoveMembers
	RemoveMembersWhere
	ReplaceMembers // with none: empties the group
)

// MemberRef names a member as a client wrote it. If Value is not a valid id, the connection's settings say what happens.
type MemberRef struct {
	Value   string
	Type    string // "User", "Group" or ""
	Display string
}

// ResourceDraft is the custom resource that a caller asks for.
type ResourceDraft struct {
	ID         ID // the id of a new record that the identity provider already knows (C9); zero: a new id
	ExternalID string
	Document   Document
	Deviations []string
}

// ResourceEdit turns a custom resource into the draft of a new one, like UserEdit.
type ResourceEdit func(before *Resource) (ResourceDraft, error)

// Precondition is what a client requires of the version before a write (RFC 7644 §3.14). The zero value requires nothing.
type Precondition struct {
	Match     []uint64 // If-Match: one of these versions
	MatchSet  bool     // the request has an If-Match; with an empty Match it never matches
	MatchAny  bool     // If-Match: *
	NoneMatch []uint64 // If-None-Match: none of these versions
	NoneAny   bool     // If-None-Match: *: the resource must not exist
}

// Check compares the precondition with the version of an existing record. The error is Stale.
func (p Precondition) Check(version uint64) error {
	met := !p.MatchSet || p.MatchAny
	for _, v := range p.Match {
		met = met || v == version
	}
	refused := p.NoneAny
	for _, v := range p.NoneMatch {
		refused = refused || v == version
	}
	if met && !refused {
		return nil
	}
	return &Error{Code: Stale, Message: "the resource has another version than the request expects; read it again and repeat the change"}
}
