package bridge

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Effect says what a write did.
type Effect string

// The values of Effect.
const (
	Created   Effect = "created"
	Restored  Effect = "restored" // a rehire: the same id lives again (L5)
	Replayed  Effect = "replayed" // an exact repeat got its record back (L5)
	Changed   Effect = "changed"
	Unchanged Effect = "unchanged" // nothing changed, and nothing was written
)

// UserResult is a user after a verb. It belongs to the caller.
type UserResult struct {
	User   directory.User
	Groups []directory.GroupRef
	Effect Effect
	// Deviations are the leniencies of the draft and of the look-up of the user.
	Deviations []string
}

// SharedExternalID is the deviation of a user who gets an externalId that another live user of the connection has already (L5).
const SharedExternalID = "external_id.shared"

// Notice is a sentence that tells an operator what the next sync will do (L4).
type Notice string

// CreateUser makes a user from what edit gives for nil. A connection that created the user before may get the old record
// back (L5): then Effect is Restored or Replayed.
//
// Conflict with Field userName or externalId, Refused B2 and others of policy, Invalid, and the errors of edit.
func (s *Service) CreateUser(ctx context.Context, p directory.Principal, edit directory.UserEdit) (UserResult, error) {
	return s.writeUser(ctx, p, wantCreate(p, edit), func(t *tenantTx) (UserResult, error) { return t.createUser(edit) })
}

// EditUser changes a user. If edit changes nothing, nothing is written and Effect is Unchanged.
//
// NotFound, Refused L9 if another connection manages the user, Stale, then the errors of edit, Conflict, Refused by any
// rule of policy, Invalid.
func (s *Service) EditUser(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, edit directory.UserEdit) (UserResult, error) {
	return s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) { return t.editUser(id, pre, edit) })
}

// DeleteUser is the DELETE of an identity provider (D4). For other callers it is RemoveUser without force.
//
// NotFound, Stale, Refused L9 or G3.
func (s *Service) DeleteUser(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition) error {
	if !txn.FromIdP(p) {
		return s.removeUser(ctx, p, id, pre, directory.Removal{})
	}
	return s.writeWanting(ctx, p, wantEdit(p, id), func(t *tenantTx) error { return t.deleteUser(id, pre) })
}

// idpOf is the type of identity provider of a connection, Generic if the connection no longer exists.
func (t *tenantTx) idpOf(id directory.ConnectionID) (directory.ConnectionType, error) {
	c, ok, err := txn.Optional(t.Reader.Connection(id))
	if err != nil || !ok {
		return directory.Generic, err
	}
	return c.Type, nil
}

func (s *Service) writeUser(ctx context.Context, p directory.Principal, want *store.Want, decide func(*tenantTx) (UserResult, error)) (UserResult, error) {
	var out UserResult
	err := s.writeWanting(ctx, p, want, func(t *tenantTx) error {
		var err error
		out, err = decide(t)
		return err
	})
	if err != nil {
		return UserResult{}, err
	}
	s.mention(p, out.User.ID)
	out.User = seenBy(p, out.User)
	return out, nil
}

func (t *tenantTx) createUser(edit directory.UserEdit) (UserResult, error) {
	if err := t.load(); err != nil {
		return UserResult{}, err
	}
	draft, err := edit(nil)
	if err != nil {
		return UserResult{}, err
	}
	if err := checkUser(&draft, ""); err != nil {
		return UserResult{}, err
	}
	if draft, err = t.mapDraft(draft, nil, directory.ActionUserCreate); err != nil {
		return UserResult{}, err
	}
	subject := directory.Subject{Kind: string(directory.UserKind), Name: draft.UserName}
	match, err := t.findMatch(&draft)
	if err != nil {
		return UserResult{}, err
	}
	if !draft.ID.IsZero() {
		if err := t.nameIsFree(draft.UserName, draft.ID, directory.ActionUserCreate); err != nil {
			return UserResult{}, err
		}
		match = onlyID(match, draft.ID)
	}
	re := t.state.Rehire(match)
	switch {
	case re.Refuse != nil:
		return UserResult{}, t.Refuse(re.Refuse, directory.ActionUserCreate, subject)
	case re.Replay:
		return t.userResult(*re.User, Replayed)
	case re.User != nil:
		if err := t.loadOnboarding(re.User); err != nil {
			return UserResult{}, err
		}
		if err := t.noteFound(re.User.ID, re.By); err != nil {
			return UserResult{}, err
		}
		keepExternalID(&draft, re.User)
		after := withDraft(*re.User, &draft)
		after.Connection = t.Principal.Connection.ID // a user of a finalised connection is adopted (L9)
		if after.Type, err = t.typeOf(re.User, personOf(&after, draft.UserType)); err != nil {
			return UserResult{}, err
		}
		return t.applyUserDecision(directory.ActionUserRestore, re.User, t.state.Restore(re.User, after, draft.Active), draft.Deviations, Restored)
	}
	u := withDraft(directory.User{Created: t.Now, Connection: t.Principal.Connection.ID, Statement: directory.SaidNothing}, &draft)
	u.Type = policy.TypeOf(t.state.Settings, personOf(&u, draft.UserType))
	if re.Shares != nil {
		draft.Deviations = append(slices.Clone(draft.Deviations), SharedExternalID)
	}
	if stone := re.Tombstone; stone != nil {
		if err := t.noteFound(stone.ID, re.By); err != nil {
			return UserResult{}, err
		}
		u.ID, u.Created = stone.ID, stone.Created
		t.Change.DropTombstones = append(t.Change.DropTombstones, stone.ID)
		return t.applyUserDecision(directory.ActionUserRestore, nil, t.state.Restore(nil, u, draft.Active), draft.Deviations, Restored)
	}
	if u.ID = draft.ID; u.ID.IsZero() {
		u.ID = t.NewID()
	}
	return t.applyUserDecision(directory.ActionUserCreate, nil, t.state.NewUser(u, draft.Active), draft.Deviations, Created)
}

func (t *tenantTx) editUser(id directory.ID, pre directory.Precondition, edit directory.UserEdit) (UserResult, error) {
	before, err := t.openUser(id)
	if err != nil {
		return UserResult{}, err
	}
	adopts, no := t.manages(before.Connection, "user", id)
	if err := t.Refuse(no, directory.ActionUserUpdate, userSubject(&before)); err != nil {
		return UserResult{}, err
	}
	if err := pre.Check(before.Version); err != nil {
		return UserResult{}, err
	}
	seen := seenBy(t.Principal, before)
	draft, err := edit(&seen)
	if err != nil {
		return UserResult{}, err
	}
	if err := checkUser(&draft, seen.UserName); err != nil {
		return UserResult{}, err
	}
	if draft, err = t.mapDraft(draft, &before, directory.ActionUserUpdate); err != nil {
		return UserResult{}, err
	}
	if directory.UserNameKey(draft.UserName) != directory.UserNameKey(before.UserName) && !before.Gone() {
		if err := t.nameIsFree(draft.UserName, id, directory.ActionUserUpdate); err != nil {
			return UserResult{}, err
		}
	}
	from := before
	if adopts { // the statement of the previous connection ends with its management
		from = t.state.Unmanage(before).User
	}
	after := withDraft(from, &draft)
	if txn.SameDocument(before.Document, draft.Document) {
		after.Document = before.Document
	}
	if after.Sent != nil && txn.SameDocument(before.Sent, after.Sent) {
		after.Sent = before.Sent
	}
	if after.Type, err = t.typeOf(&before, personOf(&after, draft.UserType)); err != nil {
		return UserResult{}, err
	}
	if adopts {
		after.Connection = t.Principal.Connection.ID
	}
	if draft.Active != nil && *draft.Active {
		if err := t.withdrawHeld(&before); err != nil {
			return UserResult{}, err
		}
	}
	if draft.ExternalID != before.ExternalID {
		shared, err := t.sharesExternalID(&after)
		if err != nil {
			return UserResult{}, err
		}
		if shared {
			draft.Deviations = append(slices.Clone(draft.Deviations), SharedExternalID)
		}
	}
	return t.applyUserDecision(directory.ActionUserUpdate, &before, t.state.Write(from, after, draft.Active), draft.Deviations, Changed)
}

// openUser loads the write and its user.
func (t *tenantTx) openUser(id directory.ID) (directory.User, error) {
	if err := t.load(); err != nil {
		return directory.User{}, err
	}
	u, err := userSeenBy(t.Reader, t.Principal, id)
	if err != nil {
		return u, err
	}
	if err := t.Principal.If.Check(u.Version); err != nil {
		return u, err
	}
	err = t.loadOnboarding(&u)
	return u, err
}

// loadOnboarding adds the pending onboarding of the written user to the state.
func (t *tenantTx) loadOnboarding(u *directory.User) error {
	t.state.Invitation = nil
	if u.State == directory.Active || u.State == directory.Recovery {
		return nil
	}
	i, known, err := txn.Get[directory.UserInvitation](t.Reader, directory.InvitationKV, u.ID.String())
	if known {
		t.state.Invitation = &i
	}
	return err
}

// applyUserDecision writes the decision d about before (nil: a new user), if it changes anything.
func (t *tenantTx) applyUserDecision(action directory.Action, before *directory.User, d policy.Decision, deviations []string, effect Effect) (UserResult, error) {
	if d.Refuse != nil {
		subject := userSubject(&d.User)
		if before == nil {
			subject.ID = "" // it was never given to a user
		}
		return UserResult{}, &txn.Refusal{No: d.Refuse, Action: action, Subject: subject, Deviations: deviations}
	}
	after := d.User
	if before != nil && policy.Occupied(before.State) && after.State == directory.Suspended {
		taken := directory.RemoveSuspend
		if after.Gone() {
			taken = directory.RemoveDelete
		}
		t.noteRemoval(before, taken)
	}
	if d.Held { // a suspension that holds refuses this part of the write
		t.HoldBack("L4")
	}
	if before != nil {
		if err := t.keepOwner(before, &after, action); err != nil {
			return UserResult{}, err
		}
		if err := t.guestKeepsOut(before, &after, action); err != nil {
			return UserResult{}, err
		}
		if effect == Changed && sameUser(before, &after) {
			return t.settled(*before, Unchanged, deviations)
		}
	}
	if err := t.putUser(action, before, &after, &d, deviations); err != nil {
		return UserResult{}, err
	}
	return t.settled(after, effect, deviations)
}

// guestKeepsOut refuses a write after which a guest is in a group that guests are not in (B4). A connection that suspends a user is not
// refused, because a deprovisioning must not be lost: the groups of a suspended guest are judged when the guest comes back.
func (t *tenantTx) guestKeepsOut(before, after *directory.User, action directory.Action) error {
	if after.Type != directory.Guest {
		return nil
	}
	suspended := after.State == directory.Suspended
	switch {
	case suspended && t.Principal.Actor.Kind == directory.ByIdP:
		return nil
	case before.Type != directory.Guest, before.State == directory.Suspended && !suspended:
		return t.guestGroups(after, action)
	}
	return nil
}

// settled is the result of a write with its deviations.
func (t *tenantTx) settled(u directory.User, effect Effect, deviations []string) (UserResult, error) {
	out, err := t.userResult(u, effect)
	out.Deviations = deviations
	return out, err
}

// putUser puts after into the Change, with its version, its audit line and its events.
func (t *tenantTx) putUser(action directory.Action, before, after *directory.User, d *policy.Decision, deviations []string) error {
	var err error
	if after.Unique, err = t.unique(directory.UserKind, directory.UserRecord{User: after}); err != nil {
		return err
	}
	after.Modified = t.Now
	line := t.Line(action, userSubject(after))
	line.Reason, line.Deviations = d.Why, deviations
	if len(d.Because) > 0 {
		line.Rule = d.Because[0]
	}
	var changed []string
	if before == nil {
		after.Version = 1
		line.After = after.Document.With(userFacts(after))
	} else {
		after.Version = before.Version + 1
		after.Modified = txn.Later(t.Now, before.Modified)
		old, recent := txn.Differing(before.Document, after.Document)
		if !sameBytes(before.Sent, after.Sent) {
			old, recent = append(old, sentFacts(before)...), append(recent, sentFacts(after)...)
		}
		var was, is directory.Attributes
		was, is, changed = txn.Diff(append(old, userFacts(before)...), append(recent, userFacts(after)...))
		line.Before, line.After = txn.Document(was), txn.Document(is)
		t.state.Usage.Add(before, -1)
	}
	t.state.Usage.Add(after, 1)
	t.seatsMoved = true
	if err := t.updateLedger(before, after); err != nil {
		return err
	}
	if err := t.onboard(before, after); err != nil {
		return err
	}
	t.noteOverage(d)
	t.Audit(line)
	t.Change.Users = append(t.Change.Users, *after)
	if err := t.noteRoles(before, after); err != nil {
		return err
	}

	subject := userSubject(after)
	adopted := before != nil && before.Connection != after.Connection && after.Connection != ""
	if adopted {
		t.Event(directory.UserAdopted, subject, append(userData(after), directory.Attribute{Name: "connection", Value: string(after.Connection)}))
	}
	said := slices.Contains(d.Events, directory.UserUpdated) || slices.Contains(d.Events, directory.UserRestored)
	attributes := before != nil && !sameBytes(before.Document, after.Document)
	if before != nil && !said && (attributes || len(d.Events) == 0 && !adopted) {
		t.Event(directory.UserUpdated, subject, append(userData(after), directory.Attribute{Name: "changed", Value: txn.Texts(changed)}))
	}
	for _, kind := range d.Events {
		data := userData(after)
		if len(changed) > 0 && kind == directory.UserUpdated {
			data = append(data, directory.Attribute{Name: "changed", Value: txn.Texts(changed)})
		}
		if d.Why != "" {
			data = append(data, directory.Attribute{Name: "reason", Value: d.Why})
		}
		t.Event(kind, subject, data)
	}
	return nil
}

func (t *tenantTx) userResult(u directory.User, effect Effect) (UserResult, error) {
	out := UserResult{User: u.Clone(), Effect: effect}
	if effect == Created || u.Gone() {
		return out, nil
	}
	var err error
	out.Groups, err = groupRefs(t.Reader, u.ID)
	return out, err
}

// typeOf is member or guest for a user who exists (B4). Only a guest can be one because of a mapped group, because that changes the type at
// once.
func (t *tenantTx) typeOf(before *directory.User, wished policy.Person) (directory.UserType, error) {
	if policy.TypeOf(t.state.Settings, wished) == directory.Guest {
		return directory.Guest, nil
	}
	if before.Type != directory.Guest {
		return directory.TeamMember, nil
	}
	var err error
	wished.Mapped, err = t.guestByMapping(before.ID, directory.ID{})
	return policy.TypeOf(t.state.Settings, wished), err
}

// userType is the value of SCIM's userType.
func personOf(u *directory.User, userType string) policy.Person {
	return policy.Person{UserName: u.UserName, Emails: u.Emails, UserType: userType}
}

func userType(u *directory.User) string {
	text, _ := u.Document.Value("userType").(string)
	return text
}

// checkUser checks the texts of a draft. A userName that the user already has stays valid, because older releases may have accepted it.
func checkUser(d *directory.UserDraft, has string) error {
	if err := policy.CheckText("userName", d.UserName, 1, 1024); err != nil {
		return err
	}
	if d.UserName != has {
		if err := policy.CheckUserName(d.UserName); err != nil {
			return err
		}
	}
	if err := policy.CheckText("externalId", d.ExternalID, 0, 1024); err != nil {
		return err
	}
	for _, address := range d.Emails {
		if err := policy.CheckText("emails", address, 0, 1024); err != nil {
			return err
		}
	}
	return nil
}

func withDraft(u directory.User, d *directory.UserDraft) directory.User {
	u.UserName, u.ExternalID, u.Emails, u.Document, u.Sent = d.UserName, d.ExternalID, d.Emails, d.Document, d.Sent
	return u
}

// sameUser reports whether a write would change nothing. Equal documents have equal bytes here: see editUser.
func sameUser(x, y *directory.User) bool {
	return x.UserName == y.UserName && x.ExternalID == y.ExternalID && x.Type == y.Type && x.State == y.State &&
		x.Connection == y.Connection && x.Statement == y.Statement && x.StatedAt.Equal(y.StatedAt) &&
		(x.Suspension == nil) == (y.Suspension == nil) && (x.Suspension == nil || *x.Suspension == *y.Suspension) &&
		sameBytes(x.Document, y.Document) && sameBytes(x.Sent, y.Sent)
}

// sentFacts is what a connection sent, for audit lines.
func sentFacts(u *directory.User) directory.Attributes {
	if u.Sent == nil {
		return nil
	}
	sent, err := u.Sent.Attributes()
	if err != nil {
		return nil
	}
	return directory.Attributes{{Name: "sent", Value: sent}}
}

func sameBytes(x, y directory.Document) bool { return string(x) == string(y) }

func userSubject(u *directory.User) directory.Subject {
	s := directory.Subject{Kind: string(directory.UserKind), Name: u.UserName}
	if !u.ID.IsZero() {
		s.ID = u.ID.String()
	}
	return s
}

// userData is the data of every event about a user.
func userData(u *directory.User) directory.Attributes {
	data := directory.Attributes{{Name: "userName", Value: u.UserName}}
	if u.ExternalID != "" {
		data = append(data, directory.Attribute{Name: "externalId", Value: u.ExternalID})
	}
	return append(data,
		directory.Attribute{Name: "active", Value: u.Active()},
		directory.Attribute{Name: "state", Value: u.State.String()},
		directory.Attribute{Name: "type", Value: u.Type.String()})
}

// userFacts are the fields of a user that are not in its document, for audit lines.
func userFacts(u *directory.User) directory.Attributes {
	out := directory.Attributes{
		{Name: "state", Value: u.State.String()},
		{Name: "type", Value: u.Type.String()},
		{Name: "statement", Value: string(u.Statement)},
	}
	if u.Connection != "" {
		out = append(out, directory.Attribute{Name: "connection", Value: string(u.Connection)})
	}
	if s := u.Suspension; s != nil {
		by := directory.Attributes{{Name: "by", Value: string(s.By.Kind) + " " + s.By.ID}}
		if s.Mode != "" {
			by = append(by, directory.Attribute{Name: "mode", Value: string(s.Mode)})
		}
		if s.Reason != "" {
			by = append(by, directory.Attribute{Name: "reason", Value: s.Reason})
		}
		out = append(out, directory.Attribute{Name: "suspension", Value: by})
	}
	return out
}
