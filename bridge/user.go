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

// The effects.
const (
	Created   Effect = "created"
	Restored  Effect = "restored" // a rehire: the same id lives again (L5)
	Replayed  Effect = "replayed" // an exact repeat got its record back (L5)
	Changed   Effect = "changed"
	Unchanged Effect = "unchanged" // everything was as wished already; nothing was written
)

// UserResult is a user after a verb. It belongs to the caller.
type UserResult struct {
	User   directory.User
	Groups []directory.GroupRef
	Effect Effect
	// Deviations are those of the draft, and what was lenient while the user was looked up.
	Deviations []string
}

// SharedExternalID is the deviation of a user who gets an externalId that another live user of the connection has already (L5).
const SharedExternalID = "external_id.shared"

// Notice is a sentence that tells an operator what the next sync will do (L4).
type Notice string

// User gives one user of the tenant of p. An identity provider does not see users who are Gone. NotFound.
func (s *Service) User(ctx context.Context, p directory.Principal, id directory.ID) (UserResult, error) {
	var out UserResult
	idp := txn.FromIdP(p)
	err := s.readWanting(ctx, p, wantUser(id), func(r store.Reader) error {
		u, err := userOf(r, idp, id)
		if err != nil {
			return err
		}
		out.User = u.Clone()
		out.Groups, err = groupRefs(r, id)
		return err
	})
	if err != nil {
		return UserResult{}, err
	}
	s.mention(p, id)
	return out, nil
}

// ListUsers gives the users of the tenant of p that match q. The arguments of yield are valid until it returns. yield must not
// wait for a network, because the records are read from one snapshot. An error of yield ends the list and is returned.
func (s *Service) ListUsers(ctx context.Context, p directory.Principal, q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error) {
	if txn.FromIdP(p) {
		q.Gone = false
	}
	var page directory.Page
	var only directory.ID
	err := s.readWanting(ctx, p, wantList(p, &q), func(r store.Reader) error {
		var err error
		page, err = r.Users(q, func(u *directory.User, groups []directory.GroupRef) error {
			only = u.ID
			if yield == nil {
				return nil
			}
			return yield(u, groups)
		})
		return err
	})
	if err == nil && q.Where != nil && page.Total == 1 { // a look-up of one person, and no walk over all
		s.mention(p, only)
	}
	return page, err
}

// CreateUser makes a user from what edit gives for nil. A connection that created the user before may get the old record
// back (L5): then Effect is Restored or Replayed.
//
// Conflict with Field userName or externalId, Refused B2 and others of policy, Invalid, and the errors of edit.
func (s *Service) CreateUser(ctx context.Context, p directory.Principal, edit directory.UserEdit) (UserResult, error) {
	return s.writeUser(ctx, p, wantCreate(p, edit), func(t *tenantTx) (UserResult, error) { return t.createUser(edit) })
}

// EditUser changes a user. If everything is as edit wishes already, nothing is written and Effect is Unchanged.
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
		return s.removeUser(ctx, p, id, pre, false, "")
	}
	return s.writeWanting(ctx, p, wantEdit(p, id), func(t *tenantTx) error { return t.deleteUser(id, pre) })
}

// SuspendUser suspends a user on behalf of an operator (L3, L4), or changes mode and reason of a suspension. mode ""
// leaves it to the tenant's setting. The Notice says what the next sync will do. NotFound, Refused G3.
func (s *Service) SuspendUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, mode directory.SuspensionMode, reason string) (UserResult, Notice, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, "", err
	}
	if mode != "" && mode != directory.Yield && mode != directory.Hold {
		return UserResult{}, "", &directory.Error{Code: directory.Invalid, Field: "mode", Message: "mode is yield or hold"}
	}
	if err := policy.CheckText("reason", reason, 0, 1024); err != nil {
		return UserResult{}, "", err
	}
	out, err := s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		return t.suspend(&before, mode, reason)
	})
	if err != nil {
		return out, "", err
	}
	notice, err := s.nextSync(ctx, p, &out.User)
	if err != nil { // the suspension is done: it must not be reported as failed
		notice = "The user is suspended. What the next sync will do could not be read."
	}
	return out, notice, nil
}

func (t *tenantTx) suspend(before *directory.User, mode directory.SuspensionMode, reason string) (UserResult, error) {
	d := t.state.Suspend(*before, mode, reason)
	if d.Why == "" {
		d.Why = reason
	}
	return t.applyUserDecision("user.suspend", before, d, nil, Changed)
}

// ReleaseUser ends the suspension of a user after a seat check. For a user who is not suspended nothing is done.
// NotFound, Refused B2, Conflict if the userName was taken meanwhile.
func (s *Service) ReleaseUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (UserResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, err
	}
	return s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		return t.release(&before)
	})
}

func (t *tenantTx) release(before *directory.User) (UserResult, error) {
	if before.Gone() {
		other, taken, err := txn.Optional(t.Reader.UserByName(before.UserName))
		if err != nil {
			return UserResult{}, err
		}
		if taken && other.ID != before.ID {
			return UserResult{}, t.Refuse(policy.ReleaseNameTaken(before, &other), "user.release", userSubject(before))
		}
	}
	return t.applyUserDecision("user.release", before, t.state.Release(*before), nil, Changed)
}

// RemoveUser deletes a user for good on behalf of an operator. force, with a reason, overrules D2 and never D1.
// NotFound, Conflict D1 or D2, Invalid.
func (s *Service) RemoveUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, force bool, reason string) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	if err := policy.CheckText("reason", reason, 0, 1024); err != nil {
		return err
	}
	return s.removeUser(ctx, p, id, directory.Precondition{}, force, reason)
}

func (s *Service) removeUser(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, force bool, reason string) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		u, err := t.openUser(id)
		if err != nil {
			return err
		}
		if err := pre.Check(u.Version); err != nil {
			return err
		}
		return t.removeUserByPerson(&u, force, reason)
	})
}

// removeUserByPerson deletes a user as a person may (D1, D2).
func (t *tenantTx) removeUserByPerson(u *directory.User, force bool, reason string) error {
	idp, err := t.idpOf(u.Connection)
	if err != nil {
		return err
	}
	forced, no := policy.DeleteByPerson(u, force, reason, policy.IdPTitle(idp))
	if err := t.Refuse(no, "user.delete", userSubject(u)); err != nil {
		return err
	}
	if forced {
		return t.removeUser(u, []directory.Rule{"D2"}, "forced: "+reason)
	}
	return t.removeUser(u, []directory.Rule{"D1"}, reason)
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
	subject := directory.Subject{Kind: string(directory.UserKind), Name: draft.UserName}
	match, err := t.findMatch(&draft)
	if err != nil {
		return UserResult{}, err
	}
	if !draft.ID.IsZero() {
		if err := t.nameIsFree(draft.UserName, draft.ID, "user.create"); err != nil {
			return UserResult{}, err
		}
		match = onlyID(match, draft.ID)
	}
	re := t.state.Rehire(match)
	switch {
	case re.Refuse != nil:
		return UserResult{}, t.Refuse(re.Refuse, "user.create", subject)
	case re.Replay:
		return t.userResult(*re.User, Replayed)
	case re.User != nil:
		if err := t.loadOnboarding(re.User); err != nil {
			return UserResult{}, err
		}
		keepExternalID(&draft, re.User)
		after := withDraft(*re.User, &draft)
		after.Connection = t.Principal.Connection.ID // a user of a finalised connection is adopted (L9)
		if after.Type, err = t.typeOf(re.User, personOf(&after, draft.UserType)); err != nil {
			return UserResult{}, err
		}
		return t.applyUserDecision("user.restore", re.User, t.state.Restore(re.User, after, draft.Active), draft.Deviations, Restored)
	}
	u := withDraft(directory.User{Created: t.Now, Connection: t.Principal.Connection.ID, Statement: directory.SaidNothing}, &draft)
	u.Type = policy.TypeOf(t.state.Settings, personOf(&u, draft.UserType), false)
	if re.Shares != nil {
		draft.Deviations = append(slices.Clone(draft.Deviations), SharedExternalID)
	}
	if stone := re.Tombstone; stone != nil {
		u.ID, u.Created = stone.ID, stone.Created
		t.Change.DropTombstones = append(t.Change.DropTombstones, stone.ID)
		return t.applyUserDecision("user.restore", nil, t.state.Restore(nil, u, draft.Active), draft.Deviations, Restored)
	}
	if u.ID = draft.ID; u.ID.IsZero() {
		u.ID = t.NewID()
	}
	return t.applyUserDecision("user.create", nil, t.state.NewUser(u, draft.Active), draft.Deviations, Created)
}

// onlyID removes the other records from a match. A draft with an id says which user it means.
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
	draft.Document = draft.Document.With(directory.Attributes{{Name: "externalId", Value: u.ExternalID}})
}

// findMatch reads whom a POST may mean.
func (t *tenantTx) findMatch(draft *directory.UserDraft) (policy.Match, error) {
	m := policy.Match{ExternalID: draft.ExternalID}
	m.Same = func(u *directory.User) bool {
		return u.Active() == (draft.Active == nil || *draft.Active) && txn.SameDocument(u.Document, draft.Document)
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

func (t *tenantTx) editUser(id directory.ID, pre directory.Precondition, edit directory.UserEdit) (UserResult, error) {
	before, err := t.openUser(id)
	if err != nil {
		return UserResult{}, err
	}
	adopts, no := policy.Manage(t.Principal.Connection.ID, before.Connection, "user", id)
	if err := t.Refuse(no, "user.update", userSubject(&before)); err != nil {
		return UserResult{}, err
	}
	if err := pre.Check(before.Version); err != nil {
		return UserResult{}, err
	}
	draft, err := edit(&before)
	if err != nil {
		return UserResult{}, err
	}
	if err := checkUser(&draft, before.UserName); err != nil {
		return UserResult{}, err
	}
	if directory.UserNameKey(draft.UserName) != directory.UserNameKey(before.UserName) && !before.Gone() {
		if err := t.nameIsFree(draft.UserName, id, "user.update"); err != nil {
			return UserResult{}, err
		}
	}
	after := withDraft(before, &draft)
	if txn.SameDocument(before.Document, draft.Document) {
		after.Document = before.Document
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
	return t.applyUserDecision("user.update", &before, t.state.Write(before, after, draft.Active), draft.Deviations, Changed)
}

func (t *tenantTx) deleteUser(id directory.ID, pre directory.Precondition) error {
	u, err := t.openUser(id)
	if err != nil {
		return err
	}
	adopts, no := policy.Manage(t.Principal.Connection.ID, u.Connection, "user", id)
	if err := t.Refuse(no, "user.delete", userSubject(&u)); err != nil {
		return err
	}
	if err := pre.Check(u.Version); err != nil {
		return err
	}
	before := u
	if adopts {
		u.Connection = t.Principal.Connection.ID
	}
	d, remove := t.state.DeleteByIdP(u)
	if remove && t.Principal.Reviewed {
		if err := t.Refuse(policy.DeleteForGood(t.Principal.Access), "user.delete", userSubject(&u)); err != nil {
			return err
		}
	}
	if remove {
		return t.removeUser(&u, d.Because, d.Why)
	}
	if err := t.leaveAll(&before); err != nil {
		return err
	}
	d.User.Type = policy.TypeOf(t.state.Settings, personOf(&u, userType(&u)), false) // no mapped group holds the user any more
	_, err = t.applyUserDecision("user.delete", &before, d, nil, Changed)
	return err
}

// removeUser removes a user for good and leaves the tombstone (D6).
func (t *tenantTx) removeUser(u *directory.User, because []directory.Rule, why string) error {
	if err := t.keepOwner(u, nil, "user.delete"); err != nil {
		return err
	}
	if err := t.leaveAll(u); err != nil {
		return err
	}
	if policy.Occupied(u.State) {
		t.noteRemoval(u, directory.RemoveDelete)
	}
	t.state.Usage.Add(u, -1)
	t.seatsMoved = true
	if err := t.updateLedger(u, nil); err != nil {
		return err
	}
	if err := t.onboard(u, nil); err != nil {
		return err
	}
	if err := t.endRequests(u); err != nil {
		return err
	}
	t.Change.RemoveUsers = append(t.Change.RemoveUsers, u.ID)
	t.Unset(directory.ActivityKV, u.ID.String())
	t.Unset(directory.MentionKV, u.ID.String())
	t.Change.Tombstones = append(t.Change.Tombstones, policy.TombstoneOf(u, t.Now, t.Principal.Actor))
	line := t.Line("user.delete", userSubject(u))
	line.Rule, line.Reason = because[0], why
	line.Before = txn.Document(append(txn.Decoded(u.Document), userFacts(u)...))
	t.Audit(line)
	t.Event(directory.UserDeleted, userSubject(u), append(userData(u), directory.Attribute{Name: "reason", Value: why}))
	return nil
}

// openUser loads the write and the user that it is about.
func (t *tenantTx) openUser(id directory.ID) (directory.User, error) {
	if err := t.load(); err != nil {
		return directory.User{}, err
	}
	u, err := userOf(t.Reader, txn.FromIdP(t.Principal), id)
	if err != nil {
		return u, err
	}
	if err := t.Principal.If.Check(u.Version); err != nil {
		return u, err
	}
	err = t.loadOnboarding(&u)
	return u, err
}

// loadOnboarding tells the state what is left of the onboarding of the user whom the write is about.
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
func (t *tenantTx) applyUserDecision(action string, before *directory.User, d policy.Decision, deviations []string, effect Effect) (UserResult, error) {
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
		if before.Type != directory.Guest && after.Type == directory.Guest {
			if err := t.guestGroups(&after, action); err != nil {
				return UserResult{}, err
			}
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

// settled is the result of a write with its deviations.
func (t *tenantTx) settled(u directory.User, effect Effect, deviations []string) (UserResult, error) {
	out, err := t.userResult(u, effect)
	out.Deviations = deviations
	return out, err
}

// putUser puts after into the Change, with its version, its audit line and its events.
func (t *tenantTx) putUser(action string, before, after *directory.User, d *policy.Decision, deviations []string) error {
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
		old, recent := txn.Apart(before.Document, after.Document)
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

	subject := userSubject(after)
	adopted := before != nil && before.Connection == "" && after.Connection != ""
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

// nameIsFree gives Conflict if a user other than id has the userName.
func (t *tenantTx) nameIsFree(userName string, id directory.ID, action string) error {
	other, taken, err := txn.Optional(t.Reader.UserByName(userName))
	if err != nil || !taken || other.ID == id {
		return err
	}
	return t.Refuse(policy.NameTaken(&other), action, directory.Subject{Kind: string(directory.UserKind), ID: id.String(), Name: userName})
}

// keepOwner refuses what would take the last active Owner away (G3). after nil: the user is deleted. Users who are not in
// Owners cost one look-up.
func (t *tenantTx) keepOwner(before, after *directory.User, action string) error {
	if !policy.CanOwn(before) || after != nil && policy.CanOwn(after) {
		return nil
	}
	owners, ok, err := t.builtIn(directory.Owners)
	if err != nil || !ok {
		return err
	}
	of, err := t.Reader.Memberships(owners.ID, before.ID)
	if err != nil || len(of) == 0 {
		return err
	}
	left, err := t.activeOwner(owners.ID, func(id directory.ID) bool { return id != before.ID && !t.endsOwner(id) })
	if err != nil {
		return err
	}
	return t.Refuse(policy.KeepOwner(1, left), action, userSubject(before))
}

// endsOwner reports whether this write has decided already that a user can be an Owner no more.
func (t *tenantTx) endsOwner(id directory.ID) bool {
	return slices.Contains(t.Change.RemoveUsers, id) ||
		slices.ContainsFunc(t.Change.Users, func(u directory.User) bool { return u.ID == id && !policy.CanOwn(&u) })
}

// activeOwner is 1 if one of the members of Owners who pass is an active Owner, else 0.
func (t *tenantTx) activeOwner(owners directory.ID, pass func(directory.ID) bool) (int, error) {
	found := 0
	err := memberUsers(t.Reader, owners, func(u *directory.User) error {
		if pass(u.ID) && policy.CanOwn(u) {
			found = 1
			return store.ErrStop
		}
		return nil
	})
	return found, err
}

// typeOf is member or guest for a user who exists (B4). Only a guest can be one by a mapped group, since becoming one
// changes the type at once.
func (t *tenantTx) typeOf(before *directory.User, wished policy.Person) (directory.UserType, error) {
	if policy.TypeOf(t.state.Settings, wished, false) == directory.Guest {
		return directory.Guest, nil
	}
	if before.Type != directory.Guest {
		return directory.TeamMember, nil
	}
	mapped, err := t.guestByMapping(before.ID, directory.ID{})
	return policy.TypeOf(t.state.Settings, wished, mapped), err
}

// userOf reads a user. For an identity provider (idp) a deleted user does not exist.
func userOf(r store.Reader, idp bool, id directory.ID) (directory.User, error) {
	u, ok, err := txn.Optional(r.User(id))
	if err != nil {
		return directory.User{}, err
	}
	if !ok || u.Gone() && idp {
		return directory.User{}, txn.NotFound("user", id)
	}
	return u, nil
}

// FindUser gives the id of the user whom an operator names by id or userName. Of users with one userName the live one is meant, and if there is
// none, the one whom the IdP deleted and who is kept in grace. NotFound; Conflict if several such users have the name.
func (s *Service) FindUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, ref string) (directory.ID, error) {
	if id, ok := directory.ParseID(ref); ok { // whether there is such a user is told by the verb
		return id, nil
	}
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.ID{}, err
	}
	var id directory.ID
	err = s.readWanting(ctx, p, &store.Want{UserNames: []string{ref}}, func(r store.Reader) error {
		u, err := findUser(r, ref)
		id = u.ID
		return err
	})
	return id, err
}

// findUser reads the user whom an operator names by id or userName, as FindUser says.
func findUser(r store.Reader, ref string) (directory.User, error) {
	if id, ok := directory.ParseID(ref); ok {
		return userOf(r, false, id)
	}
	u, ok, err := txn.Optional(r.UserByName(ref))
	if err != nil || ok {
		return u, err
	}
	gone, err := r.GoneByName(ref)
	switch {
	case err != nil:
		return directory.User{}, err
	case len(gone) == 0:
		return directory.User{}, &directory.Error{Code: directory.NotFound, Message: "there is no user with the id or userName " + ref}
	case len(gone) > 1:
		return directory.User{}, policy.NamesSeveral(ref, gone).Err()
	}
	return gone[0], nil
}

func groupRefs(r store.Reader, id directory.ID) ([]directory.GroupRef, error) {
	refs, err := r.GroupRefs(id)
	return slices.Clone(refs), err
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
	u.UserName, u.ExternalID, u.Emails, u.Document = d.UserName, d.ExternalID, d.Emails, d.Document
	return u
}

// sameUser reports whether a write would change nothing. A document that says the same has the same bytes here: see
// editUser.
func sameUser(x, y *directory.User) bool {
	return x.UserName == y.UserName && x.ExternalID == y.ExternalID && x.Type == y.Type && x.State == y.State &&
		x.Connection == y.Connection && x.Statement == y.Statement && x.StatedAt.Equal(y.StatedAt) &&
		(x.Suspension == nil) == (y.Suspension == nil) && (x.Suspension == nil || *x.Suspension == *y.Suspension) &&
		sameBytes(x.Document, y.Document)
}

func sameBytes(x, y directory.Document) bool { return string(x) == string(y) }

func userSubject(u *directory.User) directory.Subject {
	s := directory.Subject{Kind: string(directory.UserKind), Name: u.UserName}
	if !u.ID.IsZero() {
		s.ID = u.ID.String()
	}
	return s
}

// userData is what every event about a user says.
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
