package bridge

import (
	"context"
	"errors"
	"math"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// seenBy is a user as p sees it: the identity provider of a user sees what it sent (C13).
func seenBy(p directory.Principal, u directory.User) directory.User {
	if u.Sent == nil || !txn.FromIdP(p) || u.Connection != p.Connection.ID {
		return u
	}
	return u.AsSent()
}

// askedBy is a query as the identity provider p means it: about what it sent. userName and addresses are found by their indexes, because
// only what the mapping sets differs.
func askedBy(p directory.Principal, q directory.Query) directory.Query {
	if p.Connection.AttributeMapping == nil || !txn.FromIdP(p) {
		return q
	}
	a := asking{p.Connection.ID, p.Connection.AttributeMapping}
	q.Where = a.expr(q.Where)
	if q.Sort != nil {
		sorted := *q.Sort
		sorted.Path = a.path(sorted.Path)
		q.Sort = &sorted
	}
	return q
}

type asking struct {
	connection directory.ConnectionID
	mapping    *directory.AttributeMapping
}

func (a asking) path(p directory.Path) directory.Path {
	if p.Schema == "" {
		switch p.Name {
		case "id", "externalId", "active", "meta", "groups":
			return p
		case "userName":
			if !a.mapping.Sets(directory.TargetUserName) {
				return p
			}
		case "emails":
			if !a.mapping.Sets(directory.TargetEmail) {
				return p
			}
		}
	}
	return p.Seen(a.connection)
}

func (a asking) expr(e directory.Expr) directory.Expr {
	switch e := e.(type) {
	case directory.And:
		return directory.And(a.exprs(e))
	case directory.Or:
		return directory.Or(a.exprs(e))
	case directory.Not:
		return directory.Not{Expr: a.expr(e.Expr)}
	case directory.Present:
		return directory.Present{Path: a.path(e.Path)}
	case directory.Any:
		e.Path = a.path(e.Path)
		return e
	case directory.Compare:
		seen := e
		seen.Path = a.path(e.Path)
		if e.Path != (directory.Path{Name: "userName"}) || e.Op != directory.Equal || seen.Path == e.Path {
			return seen
		}
		sent := e // each half has an index
		sent.Path = directory.SentUserName(a.connection)
		return directory.Or{sent, directory.And{e, seen}}
	}
	return e
}

func (a asking) exprs(all []directory.Expr) []directory.Expr {
	out := make([]directory.Expr, len(all))
	for i := range all {
		out[i] = a.expr(all[i])
	}
	return out
}

// mapDraft makes of what an identity provider sent what all others see (C13). before is nil for a new user. A write that takes access
// away is not refused: what the mapping cannot set stays as it is.
func (t *tenantTx) mapDraft(sent directory.UserDraft, before *directory.User, action directory.Action) (directory.UserDraft, error) {
	m := t.Principal.Connection.AttributeMapping
	if m == nil || !txn.FromIdP(t.Principal) {
		return sent, nil
	}
	mapped := policy.MapUser(m, t.state.Settings, sent)
	subject := directory.Subject{Kind: string(directory.UserKind), Name: sent.UserName}
	has := ""
	if before != nil {
		subject, has = userSubject(before), before.UserName
	}
	leaves := before != nil && sent.Active != nil && !*sent.Active
	if leaves && !t.fits(&mapped, before) {
		kept := sent
		kept.Sent, kept.UserName, kept.Emails, kept.UserType = sent.Document, before.UserName, before.Emails, userType(before)
		if kept.Document = before.Document; sent.ExternalID != before.ExternalID {
			document := txn.Decoded(before.Document)
			document.Set("externalId", sent.ExternalID)
			kept.Document = document.Document()
		}
		return kept, nil
	}
	if err := t.Refuse(mapped.Refuse, action, subject); err != nil {
		return sent, err
	}
	if err := checkUser(&mapped.User, has); err != nil {
		return sent, err
	}
	other, taken, err := t.sentName(sent.UserName)
	if err != nil {
		return sent, err
	}
	if taken && (before == nil || other.ID != before.ID) {
		return sent, t.Refuse(policy.NameTaken(&other), action, subject)
	}
	return mapped.User, nil
}

// fits reports whether nothing keeps the result of a mapping from being written to a user.
func (t *tenantTx) fits(m *policy.Mapped, before *directory.User) bool {
	if m.Refuse != nil || checkUser(&m.User, before.UserName) != nil {
		return false
	}
	other, taken, err := txn.Optional(t.Reader.UserByName(m.User.UserName))
	return err != nil || !taken || other.ID == before.ID
}

// sentName gives the live user of the connection whose userName was sent so.
func (t *tenantTx) sentName(userName string) (u directory.User, ok bool, err error) {
	path := directory.SentUserName(t.Principal.Connection.ID)
	q := directory.Query{Count: 1, Where: directory.Compare{Path: path, Op: directory.Equal, Type: directory.Text, Value: directory.UserNameKey(userName)}}
	_, err = t.Reader.Users(q, func(found *directory.User, _ []directory.GroupRef) error {
		u, ok = found.Clone(), true
		return nil
	})
	return u, ok, err
}

// MappedName is the userName that a user gets by the mapping of the connection of p. Where the mapping refuses the user, it is the one that
// was sent.
func (v Pulls) MappedName(p directory.Principal, draft directory.UserDraft) string {
	m := p.Connection.AttributeMapping
	if !m.Sets(directory.TargetUserName) {
		return draft.UserName
	}
	mapped := policy.MapUser(m, directory.Settings{}, draft)
	if mapped.Refuse != nil {
		return draft.UserName
	}
	return mapped.User.UserName
}

// mappedAttributes says where the attributes of a user came from that the mapping of its connection sets (C13).
func mappedAttributes(r store.Reader, s directory.Settings, u *directory.User) ([]TriedAttribute, error) {
	if u.Sent == nil {
		return nil, nil
	}
	c, ok, err := txn.Optional(r.Connection(u.Connection))
	if err != nil || !ok || c.AttributeMapping == nil {
		return nil, err
	}
	m := remapping{settings: s, connection: c.ID, mapping: c.AttributeMapping}
	one := m.user(u.Clone())
	return one.tried(), nil
}

// typeIsMapped refuses to convert a user whose userType the mapping of the connection sets: the next sync would undo it (C13).
func (t *tenantTx) typeIsMapped(u *directory.User) error {
	if u.Sent == nil {
		return nil
	}
	c, ok, err := txn.Optional(t.Reader.Connection(u.Connection))
	if err != nil || !ok || !c.AttributeMapping.Sets(directory.TargetUserType) {
		return err
	}
	return t.Refuse(policy.TypeIsMapped(c.ID), directory.ActionUserConvert, userSubject(u))
}

// remappedUser is what a new mapping makes of a user.
type remappedUser struct {
	before, after directory.User
	attributes    []policy.MappedAttribute
	userType      string
	missing       bool // the mapping refuses the user, who has no access, so that the user stays
	refuse        *policy.Refusal
}

// remapping is what a new mapping makes of the users of a connection. It is made of what is read alone, so that a trial and the change
// are the same decision.
type remapping struct {
	settings   directory.Settings
	connection directory.ConnectionID
	mapping    *directory.AttributeMapping // nil: users become what was sent
	users      []remappedUser              // none if there are more than one transaction can change
	number     int                         // of the users of the connection
	merged     *policy.Refusal             // two users would get one userName
}

// read reads all users of the tenant: those of the connection are mapped, the names of the others are taken.
func (m *remapping) read(r store.Reader) error {
	type named struct{ sent, name string }
	names := map[string]named{}
	take := func(key string, n named) {
		other, taken := names[key]
		if taken && m.merged == nil {
			m.merged = policy.MappingMerges(n.name, other.sent, n.sent)
		}
		names[key] = n
	}
	_, err := r.Users(directory.Query{Count: math.MaxInt, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
		if u.Connection == m.connection {
			if m.number++; m.number <= policy.MaxMapped {
				m.users = append(m.users, m.user(u.Clone()))
			}
		} else if !u.Gone() {
			names[directory.UserNameKey(u.UserName)] = named{u.UserName, u.UserName}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if policy.CheckMappedUsers(m.number, m.mapping) != nil {
		m.users = nil
	}
	for i := range m.users {
		u := &m.users[i]
		if sent := u.before.AsSent(); u.refuse == nil && !u.before.Gone() {
			take(directory.UserNameKey(u.after.UserName), named{sent.UserName, u.after.UserName})
		}
	}
	return nil
}

func (m *remapping) user(before directory.User) remappedUser {
	sent := before.AsSent()
	out := remappedUser{before: before, after: sent}
	text, _ := sent.Document.Value("userType").(string)
	if out.userType = text; m.mapping == nil {
		return out
	}
	mapped := policy.MapUser(m.mapping, m.settings, directory.UserDraft{
		UserName: sent.UserName, ExternalID: sent.ExternalID, Emails: sent.Emails, UserType: text, Document: sent.Document,
	})
	out.attributes = mapped.Attributes
	if no := mapped.Refuse; no == nil {
		if err := checkUser(&mapped.User, before.UserName); err != nil {
			mapped.Refuse = &policy.Refusal{Code: directory.Invalid, Rule: "C13", Field: "userName", Message: sentenceOf(err)}
		}
	}
	if mapped.Refuse == nil {
		out.after, out.userType = withDraft(before, &mapped.User), mapped.User.UserType
		return out
	}
	out.after, out.userType = before, userType(&before)
	out.after.Sent = sent.Document
	if before.State == directory.Suspended {
		out.missing = true
	} else {
		out.refuse = mapped.Refuse
	}
	return out
}

// refused gives why the mapping cannot be used; nil if it can.
func (m *remapping) refused() *policy.Refusal {
	if no := policy.CheckMappedUsers(m.number, m.mapping); no != nil {
		return no
	}
	var names []string
	count := 0
	var first *policy.Refusal
	for i := range m.users {
		u := &m.users[i]
		if u.refuse == nil {
			continue
		}
		if count++; first == nil {
			first = u.refuse
		}
		if len(names) < 10 {
			names = append(names, u.before.AsSent().UserName)
		}
	}
	if first != nil {
		return policy.MappingRefuses(count, names, first)
	}
	return m.merged
}

// remapUsers makes a new attribute mapping of a connection true for its users, in the transaction that saves it.
// shown gets what the mapping makes of them; nil: it is not asked for.
func (t *tenantTx) remapUsers(before, after *directory.Connection, shown *remapping) error {
	if before.AttributeMapping.Equal(after.AttributeMapping) {
		return nil
	}
	if before.Observing != nil {
		return observedYet(before.ID)
	}
	if err := NoOpenTransfer(t.Reader, before.ID); err != nil {
		return err
	}
	if err := t.load(); err != nil {
		return err
	}
	m := remapping{settings: t.state.Settings, connection: after.ID, mapping: after.AttributeMapping}
	if err := m.read(t.Reader); err != nil {
		return err
	}
	if shown != nil {
		*shown = m
	}
	if err := t.Refuse(m.refused(), directory.ActionConnectionUpdate, connectionSubject(after)); err != nil {
		return err
	}
	for i := range m.users {
		if err := t.remapUser(&m.users[i], after); err != nil {
			return err
		}
	}
	return nil
}

// remapUser writes what a new mapping makes of a user. A record that looks the same to all readers keeps its version, and has neither audit line nor
// event.
func (t *tenantTx) remapUser(u *remappedUser, c *directory.Connection) error {
	before, after := u.before, u.after
	if txn.SameDocument(before.Document, after.Document) {
		after.Document = before.Document
	}
	var err error
	if after.Type, err = t.typeOf(&before, personOf(&after, u.userType)); err != nil {
		return err
	}
	if err := t.noteRoles(&before, &after); err != nil {
		return err
	}
	visible := after
	visible.Sent = before.Sent
	if sameUser(&before, &visible) {
		if sameBytes(before.Sent, after.Sent) {
			return nil
		}
		if after.Unique, err = t.unique(directory.UserKind, directory.UserRecord{User: &after}); err == nil {
			t.Change.Users = append(t.Change.Users, after)
		}
		return err
	}
	d := t.state.Write(before, after, nil)
	d.Why = "as the attribute mapping of connection " + string(c.ID) + " says"
	_, err = t.applyUserDecision(directory.ActionUserUpdate, &before, d, nil, Changed)
	return err
}

// TriedUser is what a mapping would make of a user.
type TriedUser struct {
	ID         directory.ID
	UserName   string // as all others see it now
	Attributes []TriedAttribute
	Roles      []directory.BuiltIn // built-in groups that roles and entitlements would grant
	Changes    bool
	Refused    string // why the mapping refuses the user; "": it does not
}

// TriedAttribute is what a mapping would make of an attribute.
type TriedAttribute struct {
	policy.MappedAttribute
	Before string // what all others see now
}

// MappingTrial is what a mapping would do, without doing it.
type MappingTrial struct {
	Users, Changed, Refused int
	Missing                 map[directory.MappingTarget]int // users without a value at the source, whatever the default
	Items                   []TriedUser                     // refused users first, then changed ones, then others
	Refusal                 string                          // why saving would be refused; "": it would not
}

// MappingTry is a mapping that an operator tries before saving it.
type MappingTry struct {
	Mapping *directory.AttributeMapping
	User    directory.ID // one user of the tenant; zero: those of the connection
	Limit   int          // how many users are listed
}

// TryMapping says what a mapping would make of the users of a connection, or of one user, and what saving it would answer (E7). NotFound,
// Invalid.
func (s *Service) TryMapping(ctx context.Context, p directory.Principal, id directory.ConnectionID, try MappingTry) (MappingTrial, error) {
	if err := policy.CheckAttributeMapping(try.Mapping); err != nil {
		return MappingTrial{}, err
	}
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return MappingTrial{}, err
	}
	var m remapping
	dry := p
	dry.Report = &directory.Report{DryRun: true}
	_, refused := s.editConnection(ctx, dry, id, connectionEdit{
		do: func(c directory.Connection) (directory.Connection, error) {
			c.AttributeMapping = try.Mapping.Clone()
			return c, nil
		},
		remapped: &m,
	})
	switch directory.CodeOf(refused) {
	case directory.Unavailable, directory.Internal, directory.NotFound:
		return MappingTrial{}, refused
	}
	if m.connection == "" || !try.User.IsZero() { // nothing would be mapped, or another user is asked about
		if m, err = s.remapping(ctx, p, id, try); err != nil {
			return MappingTrial{}, err
		}
	}
	out := m.trial(try.Limit)
	if refused != nil {
		out.Refusal = sentenceOf(refused)
	}
	return out, nil
}

// remapping is what a mapping would make of the users of a connection, or of one user.
func (s *Service) remapping(ctx context.Context, p directory.Principal, id directory.ConnectionID, try MappingTry) (remapping, error) {
	m := remapping{connection: id, mapping: try.Mapping}
	err := s.read(ctx, p, func(r store.Reader) error {
		m.users, m.number, m.merged = nil, 0, nil
		tenant, err := r.Tenant()
		if err != nil {
			return err
		}
		state, err := s.stateOf(&tenant, directory.Usage{}, s.instant())
		if err != nil {
			return err
		}
		m.settings = state.Settings
		if try.User.IsZero() {
			return m.read(r)
		}
		u, err := userOf(r, try.User)
		if err == nil {
			m.users, m.number = []remappedUser{m.user(u.Clone())}, 1
		}
		return err
	})
	return m, err
}

// tried gives the attributes with what all others see now.
func (u *remappedUser) tried() []TriedAttribute {
	seen := policy.TargetValues(u.before.Document, u.attributes)
	out := make([]TriedAttribute, len(u.attributes))
	for i, a := range u.attributes {
		out[i] = TriedAttribute{MappedAttribute: a, Before: seen[i]}
	}
	return out
}

// trial describes what the mapping does.
func (m *remapping) trial(limit int) MappingTrial {
	out := MappingTrial{Users: m.number, Missing: map[directory.MappingTarget]int{}}
	var lists [3][]TriedUser
	for i := range m.users {
		u := &m.users[i]
		tried := TriedUser{ID: u.before.ID, UserName: u.before.UserName, Changes: !txn.SameDocument(u.before.Document, u.after.Document)}
		for _, a := range u.attributes {
			if a.From == "" || a.From == "default" {
				out.Missing[a.Target]++
			}
		}
		list := 2
		switch {
		case u.refuse != nil:
			list, tried.Refused = 0, u.refuse.Message
			out.Refused++
		case tried.Changes:
			list = 1
			out.Changed++
		}
		if len(lists[list]) < limit {
			tried.Attributes = u.tried()
			tried.Roles = policy.RolesByAttribute(m.mapping.RoleRules(), u.before.AsSent().Document)
			lists[list] = append(lists[list], tried)
		}
	}
	out.Items = slices.Concat(lists[0], lists[1], lists[2])
	out.Items = out.Items[:min(len(out.Items), limit)]
	return out
}

// sentenceOf is the sentence of an error.
func sentenceOf(err error) string {
	var e *directory.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
