package bridge

import (
	"context"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Links in mails to people of a tenant (L1, L2). A link names a user, and the person who confirms the user, followed by a
// proof. The proof is derived, when the mail is sent, from a key that is not in the store. So the store, and every
// copy of it, contains no link. A mail that is sent again has the same link, and a decision that runs twice makes the same one.
const (
	invitationMark   = "dbi_"
	confirmationMark = "dbc_"
	mostAsked        = 25 // people who are asked to confirm one user
)

// mayConfirm reports whether a user may confirm others at this moment (L2).
func mayConfirm(r store.Reader, id directory.ID) (bool, error) {
	u, ok, err := txn.Optional(r.User(id))
	if err != nil || !ok || !policy.CanConfirm(&u) {
		return false, err
	}
	for _, name := range policy.Confirmers() {
		g, ok, err := txn.Optional(r.BuiltIn(name))
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		of, err := r.Memberships(g.ID, id)
		if err != nil || len(of) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// Invitations are the verbs of the onboarding by mail (L1, L2).
type Invitations struct{ s *Service }

// Invitations gives the verbs of the onboarding by mail.
func (s *Service) Invitations() Invitations { return Invitations{s} }

// personName is how people know a user.
func personName(u *directory.User) string {
	if name, _ := u.Document.Value("displayName").(string); strings.TrimSpace(name) != "" {
		return name
	}
	name, _ := u.Document.Value("name").(directory.Attributes)
	if text := strings.TrimSpace(name.String("givenName") + " " + name.String("familyName")); text != "" {
		return text
	}
	return strings.Clone(u.UserName)
}

// Use does what a link is for, once: it accepts an invitation, or confirms a person (L1, L2). NotFound as for Link,
// and Refused by a rule.
func (in Invitations) Use(ctx context.Context, tenant directory.TenantID, text string, from credential.Client) (InvitationLink, error) {
	var out InvitationLink
	p := directory.Principal{Actor: directory.Actor{Kind: directory.ByUser}, Tenant: tenant, Request: from.Request, Address: from.Address}
	err := in.s.write(ctx, p, func(t *tenantTx) error {
		k, u, i, err := in.s.openLink(t.Reader, text)
		if err != nil {
			return err
		}
		by := u
		if !k.manager.IsZero() {
			if by, err = t.Reader.User(k.manager); err != nil {
				return err
			}
		}
		t.Principal.Actor.ID, t.Principal.Actor.Name = by.ID.String(), strings.Clone(by.UserName)
		before, err := t.openUser(u.ID)
		if err != nil {
			return err
		}
		action, d := directory.ActionUserAccept, t.state.Accept(before)
		if !k.manager.IsZero() {
			action, d = directory.ActionUserConfirm, t.state.Confirm(before)
		}
		done, err := t.applyUserDecision(action, &before, d, nil, Changed)
		if err != nil {
			return err
		}
		out, err = linkView(t.Reader, k, &done.User, &i)
		return err
	})
	return out, in.s.throttleGuess(ctx, err, from)
}

// onboard keeps the onboarding of a user in step with the state after the write. An invited user gets a link, a user who accepts is to be
// confirmed, and a suspended or active user needs no link any more. before nil: a new user; after nil: the user is removed.
func (t *tenantTx) onboard(before, after *directory.User) error {
	waits := func(u *directory.User) bool {
		return u != nil && (u.State == directory.Invited || u.State == directory.AwaitingConfirmation)
	}
	fresh := before == nil && after.State == directory.Suspended && t.state.Settings.Onboarding == directory.OnboardInvite
	if !waits(before) && !waits(after) && !fresh && (before == nil || before.State != directory.Suspended) {
		return nil
	}
	subject := before
	if after != nil {
		subject = after
	}
	key := subject.ID.String()
	var i directory.UserInvitation
	var known bool
	var err error
	if before != nil {
		if i, known, err = txn.Get[directory.UserInvitation](t.Reader, directory.InvitationKV, key); err != nil {
			return err
		}
	}
	switch {
	case after == nil || after.State == directory.Active || after.State == directory.Recovery:
		if known {
			t.endLink(&i)
			t.Unset(directory.InvitationKV, key)
		}
		return nil
	case after.State == directory.Suspended && (waits(before) || fresh):
		t.endLink(&i)
		i.Hash, i.Ended, i.Why = directory.Hash{}, t.Now, "suspended"
		return t.Set(directory.InvitationKV, key, i)
	case after.State == directory.Invited:
		to, no := policy.InvitationAddress(after)
		if no != nil {
			return t.Refuse(no, directory.ActionUserInvite, userSubject(after))
		}
		if before != nil && before.State == directory.Invited && (i.To == to || !i.Ended.IsZero()) {
			return nil // a changed address gets a new link, unless an operator revoked the invitation
		}
		return t.invite(after, &i, to)
	case after.State == directory.AwaitingConfirmation && (before == nil || before.State != directory.AwaitingConfirmation):
		t.endLink(&i)
		if i.Accepted.IsZero() {
			i.Accepted = t.Now
		}
		i.Hash, i.Ended, i.Why = directory.Hash{}, time.Time{}, ""
		return t.askManagers(after, &i)
	}
	return nil
}

// endLink removes the mails from the outbox that were not sent yet.
func (t *tenantTx) endLink(i *directory.UserInvitation) {
	if !i.Mail.IsZero() {
		t.Change.DropMails = append(t.Change.DropMails, i.Mail)
	}
	for _, a := range i.Asked {
		t.Change.DropMails = append(t.Change.DropMails, a.Mail)
	}
	i.Mail, i.Asked = directory.ID{}, nil
}

// invite makes a new link, which replaces every earlier one, and puts the mail with it into the outbox.
func (t *tenantTx) invite(u *directory.User, i *directory.UserInvitation, to string) error {
	t.endLink(i)
	due, sent := policy.InvitationDue(i.Sent, t.Now)
	*i = directory.UserInvitation{
		ID: t.NewID(), To: to, By: t.Principal.Actor, At: t.Now, Expires: t.state.InvitationExpiry(due), Mail: t.NewID(), Sent: append(sent, due),
	}
	i.Hash = t.s.makeLink(t.Principal.Tenant, u.ID, i.ID, directory.ID{}).hash()
	by, expires := "", ""
	if t.Principal.Actor.Kind == directory.ByOperator {
		by = t.Principal.Actor.Name
	}
	if !i.Expires.IsZero() {
		expires = i.Expires.UTC().Format(time.RFC3339)
	}
	t.mailInvitation(directory.Mail{ID: i.Mail, To: to, Kind: directory.UserInvitationMail, Due: due}, u, i,
		directory.Attribute{Name: "expires", Value: expires}, directory.Attribute{Name: "by", Value: by})
	data := userData(u)
	if expires != "" {
		data = append(data, directory.Attribute{Name: "expires", Value: expires})
	}
	t.Event(directory.UserInvited, userSubject(u), data)
	return t.Set(directory.InvitationKV, u.ID.String(), i)
}

// askManagers sends a link to everyone who may confirm the user (L2): Provision Managers first, then Administrators and Owners.
func (t *tenantTx) askManagers(u *directory.User, i *directory.UserInvitation) error {
	i.ID = t.NewID()
	asked := map[directory.ID]bool{u.ID: true}
	for _, name := range policy.Confirmers() {
		g, ok, err := t.builtIn(name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		err = memberUsers(t.Reader, g.ID, func(manager *directory.User) error {
			if asked[manager.ID] {
				return nil
			}
			asked[manager.ID] = true
			if !policy.CanConfirm(manager) {
				return nil
			}
			to, no := policy.InvitationAddress(manager)
			if no != nil {
				return nil
			}
			a := directory.Ask{Person: manager.ID, Hash: t.s.makeLink(t.Principal.Tenant, u.ID, i.ID, manager.ID).hash(), Mail: t.NewID()}
			i.Asked = append(i.Asked, a)
			t.mailInvitation(directory.Mail{ID: a.Mail, To: strings.Clone(to), Kind: directory.UserConfirmationMail, Due: t.Now}, u, i,
				directory.Attribute{Name: "manager", Value: manager.ID.String()}, directory.Attribute{Name: "address", Value: i.To})
			if len(i.Asked) >= mostAsked {
				return store.ErrStop
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(i.Asked) == mostAsked {
			break
		}
	}
	return t.Set(directory.InvitationKV, u.ID.String(), i)
}

// mailInvitation puts a mail about the onboarding of a user into the outbox.
func (t *tenantTx) mailInvitation(m directory.Mail, u *directory.User, i *directory.UserInvitation, more ...directory.Attribute) {
	m.Tenant, m.Created = t.Principal.Tenant, t.Now
	m.Data = append(directory.Attributes{
		{Name: "tenant", Value: string(t.Principal.Tenant)},
		{Name: "name", Value: t.tenant.Name},
		{Name: "user", Value: u.ID.String()},
		{Name: "person", Value: personName(u)},
		{Name: "invitation", Value: i.ID.String()},
	}, more...).Document()
	t.Change.Mails = append(t.Change.Mails, m)
}

// Mail puts the link into a mail about an onboarding that is sent now. The mail is Gone if its link has ended. The error is Invalid if the
// link was made with another key.
func (in Invitations) Mail(ctx context.Context, m directory.Mail) (directory.OutgoingMail, error) {
	out := directory.OutgoingMail{Mail: m, Gone: true}
	data, err := m.Data.Attributes()
	if err != nil {
		return out, &directory.Error{Code: directory.Invalid, Message: "what the mail should say cannot be read", Err: err}
	}
	part := func(name string) directory.ID {
		id, _ := directory.ParseID(data.String(name))
		return id
	}
	k := in.s.makeLink(m.Tenant, part("user"), part("invitation"), part("manager"))
	err = in.s.store.View(ctx, m.Tenant, nil, func(r store.Reader) error {
		i, known, err := txn.Get[directory.UserInvitation](r, directory.InvitationKV, k.user.String())
		if err != nil || !known || i.ID != part("invitation") || !i.Ended.IsZero() {
			return err
		}
		want := i.Hash
		if !k.manager.IsZero() {
			at := slices.IndexFunc(i.Asked, func(a directory.Ask) bool { return a.Person == k.manager })
			if at < 0 {
				return nil
			}
			want = i.Asked[at].Hash
		}
		if !sameHash(want, k.hash()) {
			return &directory.Error{Code: directory.Invalid, Message: "the link of this mail was made with another key (cursor.key in the data folder, or cursor_secret): send the invitation again"}
		}
		out.Gone = false
		return nil
	})
	data.Set("link", in.s.invitationURL(m.Tenant, k.text()))
	out.Mail.Data, out.Secret = data.Document(), k.text()
	return out, err
}

// InvitedUser is a user whose onboarding is not finished.
type InvitedUser struct {
	User       directory.User
	Invitation directory.UserInvitation // without the hashes
	Status     directory.InvitationStatus
	Mail       string // "waiting", "parked" or "sent"; "" if there is none
}

// List lists the users of a tenant who are invited or await confirmation, with the status of their links. NotFound.
func (in Invitations) List(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]InvitedUser, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []InvitedUser
	now := in.s.instant()
	state := func(x directory.State) directory.Expr {
		return directory.Compare{Path: directory.Path{Schema: directory.OwnSchema, Name: "state"}, Op: directory.Equal, Type: directory.Text, Value: x.String()}
	}
	err = in.s.read(ctx, p, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		q := directory.Query{Where: directory.Or{state(directory.Invited), state(directory.AwaitingConfirmation)}}
		return userBatches(r, q, func(users []directory.User) error {
			invitations, err := txn.GetAll[directory.UserInvitation](r, directory.InvitationKV, kvKeys(users))
			if err != nil {
				return err
			}
			for i := range users {
				one := InvitedUser{User: users[i].Clone(), Invitation: invitations[users[i].ID.String()]}
				one.Status = one.Invitation.StatusAt(now)
				if one.Mail, err = mailStatus(r, one.Invitation.Mail); err != nil {
					return err
				}
				one.Invitation.Hash = directory.Hash{}
				for n := range one.Invitation.Asked {
					one.Invitation.Asked[n].Hash = directory.Hash{}
				}
				out = append(out, one)
			}
			return nil
		})
	})
	return out, err
}

// mailStatus says what became of a mail: "waiting", "parked" or "sent"; "" for none.
func mailStatus(r store.Reader, id directory.ID) (string, error) {
	if id.IsZero() {
		return "", nil
	}
	m, waits, err := txn.Optional(r.Mail(id))
	switch {
	case err != nil:
		return "", err
	case !waits:
		return "sent", nil
	case !m.Parked.IsZero():
		return "parked", nil
	}
	return "waiting", nil
}

// Resend sends a user another link, which replaces the one before. For a user who awaits confirmation it asks those who may
// confirm again. NotFound, Conflict for a user who is in neither state, Throttled, Unsupported without a mail server.
func (in Invitations) Resend(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (InvitedUser, error) {
	return in.s.onInvitation(ctx, p, tenant, invitationAct{id, directory.ActionUserInvite}, func(t *tenantTx, u *directory.User, i *directory.UserInvitation) error {
		if !in.s.mail {
			return noInvitations()
		}
		due, sent := policy.InvitationDue(i.Sent, t.Now)
		if due.After(t.Now) {
			return &directory.Error{
				Code: directory.Throttled, RetryAfter: due.Sub(t.Now).Round(time.Second) + time.Second, Rule: "L1",
				Message: "this user was written to five times within a day: wait until " + due.UTC().Format("2006-01-02 15:04 MST"),
			}
		}
		if u.State == directory.AwaitingConfirmation {
			t.endLink(i)
			sent = append(sent, t.Now)
			i.Sent = sent
			return t.askManagers(u, i)
		}
		to, no := policy.InvitationAddress(u)
		if no != nil {
			return t.Refuse(no, directory.ActionUserInvite, userSubject(u))
		}
		return t.invite(u, i, to)
	})
}

// Revoke ends the link of an invited user. The user stays invited and keeps the seat until an operator suspends or deletes the
// user, or sends another link. NotFound, Conflict for a user who is not invited.
func (in Invitations) Revoke(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (InvitedUser, error) {
	return in.s.onInvitation(ctx, p, tenant, invitationAct{id, directory.ActionUserInvitationRevoke}, func(t *tenantTx, u *directory.User, i *directory.UserInvitation) error {
		if u.State != directory.Invited {
			return notInvited(u)
		}
		if !i.Ended.IsZero() {
			return nil
		}
		t.endLink(i)
		i.Hash, i.Ended, i.Why = directory.Hash{}, t.Now, "revoked"
		t.Event(directory.UserInvitationEnded, userSubject(u), userData(u))
		return t.Set(directory.InvitationKV, u.ID.String(), i)
	})
}

func notInvited(u *directory.User) error {
	return &directory.Error{Code: directory.Conflict, Field: "state", Rule: "L1", Message: "there is no invitation: the user is " + u.State.String()}
}

// invitationAct is an action on the invitation of a user.
type invitationAct struct {
	user   directory.ID
	action directory.Action
}

func (s *Service) onInvitation(ctx context.Context, p directory.Principal, tenant directory.TenantID, act invitationAct, do func(*tenantTx, *directory.User, *directory.UserInvitation) error) (InvitedUser, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return InvitedUser{}, err
	}
	var out InvitedUser
	err = s.write(ctx, p, func(t *tenantTx) error {
		u, err := t.openUser(act.user)
		if err != nil {
			return err
		}
		if u.State != directory.Invited && u.State != directory.AwaitingConfirmation {
			return notInvited(&u)
		}
		i := directory.UserInvitation{}
		if t.state.Invitation != nil {
			i = *t.state.Invitation
		}
		if err := do(t, &u, &i); err != nil {
			return err
		}
		if len(t.Change.KVs) > 0 {
			line := t.Line(act.action, userSubject(&u))
			line.Rule = "L1"
			line.After = txn.Document(directory.Attributes{{Name: "to", Value: i.To}, {Name: "status", Value: string(i.StatusAt(t.Now))}, {Name: "asked", Value: txn.Number(len(i.Asked))}})
			t.Audit(line)
		}
		out = InvitedUser{User: u.Clone(), Invitation: i, Status: i.StatusAt(t.Now)}
		out.Invitation.Hash, out.Invitation.Asked = directory.Hash{}, slices.Clone(i.Asked)
		for n := range out.Invitation.Asked {
			out.Invitation.Asked[n].Hash = directory.Hash{}
		}
		if !i.Mail.IsZero() {
			out.Mail = "waiting"
		}
		return nil
	})
	return out, err
}

// ConfirmUser confirms a user who has accepted an invitation, on behalf of an operator (L2). If the user is active already, nothing is
// done. NotFound, Conflict L2.
func (s *Service) ConfirmUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (UserResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, err
	}
	return s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		return t.applyUserDecision(directory.ActionUserConfirm, &before, t.state.Confirm(before), nil, Changed)
	})
}

// noInvitations says why people cannot be invited.
func noInvitations() error {
	return &directory.Error{Code: directory.Unsupported, Field: "onboarding", Rule: "L1", Message: "an invitation goes by mail, and no mail server is configured: set mail.host and mail.from, or let the tenant begin with people at once (onboarding=direct)"}
}

// checkOnboarding refuses the setting "invite" if no mail server would send the mails.
func (t *tenantTx) checkOnboarding(before, after *directory.Tenant) error {
	asked := func(tenant *directory.Tenant) bool {
		o := tenant.Overrides.Onboarding
		return o != nil && *o == directory.OnboardInvite
	}
	if !t.s.mail && asked(after) && !asked(before) {
		return noInvitations()
	}
	return nil
}
