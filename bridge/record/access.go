package record

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Access answers whether a person may sign in now (E4).
type Access struct {
	Allowed bool
	State   string // of the user; "unknown" if there is none, "ambiguous" if several have the address
	Why     string // a sentence
	User    directory.User
	Known   bool             // User is there
	Groups  []EffectiveGroup // none unless Allowed
}

// EffectiveGroup is a group that counts for a user now.
type EffectiveGroup struct {
	ID       directory.ID
	Name     string
	BuiltIn  directory.BuiltIn // "" for a group of the identity provider or a custom one
	Indirect bool              // through a nested group
}

// Person is a user as an application sees one.
type Person struct {
	User    directory.User
	Allowed bool             // may sign in now
	Groups  []EffectiveGroup // none unless Allowed
}

// mostPeople bounds what People gives at once.
const mostPeople = 500

// People gives the users of an application's tenant in the order of their ids, from the one after the id after (zero: from the first).
// It leaves out users that the identity provider deleted. more tells that others follow. An application that lost its position in the
// feed takes the end of the feed, reads all people, and continues from there.
func (s *Service) People(ctx context.Context, app directory.Application, after directory.ID, limit int) (people []Person, more bool, err error) {
	if limit <= 0 || limit > mostPeople {
		limit = mostPeople
	}
	q := directory.Query{Count: limit}
	if !after.IsZero() {
		q.After = &directory.Mark{ID: after}
	}
	err = s.store.View(ctx, app.Tenant, nil, func(r store.Reader) error {
		people = nil
		page, err := r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			people = append(people, Person{User: u.Clone()})
			return nil
		})
		if err != nil {
			return err
		}
		more = page.Last != nil
		return addGroups(r, people)
	})
	return people, more, err
}

// addGroups adds the effective groups of those people who may sign in.
func addGroups(r store.Reader, people []Person) error {
	var ids []directory.ID
	for i := range people {
		if people[i].Allowed, _ = policy.SignIn(&people[i].User); people[i].Allowed {
			ids = append(ids, people[i].User.ID)
		}
	}
	memberships, err := r.MembershipsByMember(ids)
	if err != nil {
		return err
	}
	builtIns, err := builtInGroups(r)
	if err != nil {
		return err
	}
	for i := range people {
		if !people[i].Allowed {
			continue
		}
		u := &people[i].User
		if people[i].Groups, err = effectiveGroups(r, u, builtIns, memberships[u.ID]); err != nil {
			return err
		}
	}
	return nil
}

// Access answers whether the person with this address may sign in to the application now, and with which groups (E4). It looks the
// address up as userName first, which is unique, and then among the e-mail addresses. If that user may not sign in, or if several people
// have the address, the answer is about the only one of them who may sign in; if there is no such person, the answer is no.
// With id it answers for that user instead.
func (s *Service) Access(ctx context.Context, app directory.Application, email string, id directory.ID) (Access, error) {
	out := Access{State: "unknown", Why: "there is no such person in this tenant"}
	err := s.store.View(ctx, app.Tenant, wantAccess(email, id), func(r store.Reader) error {
		u, found, err := FindUser(r, email, id)
		switch {
		case err != nil:
			return err
		case found == 0:
			return nil
		case found > 1:
			out.State, out.Why = "ambiguous", fmt.Sprintf("%d people of this tenant have this address, none has it as userName, and not exactly one of them may sign in", found)
			return nil
		}
		out.User, out.Known, out.State = u.Clone(), true, u.State.String()
		if out.Allowed, out.Why = policy.SignIn(&u); out.Allowed {
			out.Groups, err = groupsOf(r, &u)
		}
		return err
	})
	if err != nil {
		return Access{}, err
	}
	return out, nil
}

// mostHolders is how many people with one address are read.
const mostHolders = 100

// FindUser finds the user whom an application asks about, by id or by address. found is how many users match; u is set if it is 1. The
// user whose userName is the address comes first. If that user may not sign in, or if several people have the address, the only one of
// them who may sign in matches.
func FindUser(r store.Reader, email string, id directory.ID) (u directory.User, found int, err error) {
	if !id.IsZero() {
		u, ok, err := txn.Optional(r.User(id))
		if err != nil || !ok {
			return u, 0, err
		}
		return u, 1, nil
	}
	named, ok, err := txn.Optional(r.UserByName(email))
	if err != nil {
		return directory.User{}, 0, err
	}
	if ok {
		if allowed, _ := policy.SignIn(&named); allowed {
			return named, 1, nil
		}
		named = named.Clone() // it is returned after the list
	}
	holders, first, active, err := holdersOf(r, email)
	if err != nil {
		return directory.User{}, 0, err
	}
	switch {
	case !active.IsZero():
		u, err = r.User(active)
		return u, 1, err
	case ok:
		return named, 1, nil
	case holders == 1:
		u, err = r.User(first)
		return u, 1, err
	}
	return directory.User{}, holders, nil
}

// holdersOf counts the users who have an e-mail address, and gives the first of them and the only one who may sign in; active is zero if
// there is not exactly one.
func holdersOf(r store.Reader, email string) (holders int, first, active directory.ID, err error) {
	read, allowed := 0, 0
	page, err := r.Users(directory.Query{
		Where: directory.Compare{Path: directory.Path{Name: "emails", Sub: "value"}, Op: directory.Equal, Value: directory.Fold(email)}, Count: mostHolders,
	}, func(u *directory.User, _ []directory.GroupRef) error {
		if read++; read == 1 {
			first = u.ID
		}
		if ok, _ := policy.SignIn(u); ok {
			active, allowed = u.ID, allowed+1
		}
		return nil
	})
	if allowed != 1 || page.Total != read { // among more than mostHolders people this is unknown
		active = directory.ID{}
	}
	return page.Total, first, active, err
}

// groupsOf gives the effective groups of one user who may sign in.
func groupsOf(r store.Reader, u *directory.User) ([]EffectiveGroup, error) {
	builtIns, err := builtInGroups(r)
	if err != nil {
		return nil, err
	}
	memberships, err := r.MembershipsOf(u.ID)
	if err != nil {
		return nil, err
	}
	return effectiveGroups(r, u, builtIns, memberships)
}

// builtInGroups reads the built-in groups that a tenant has, in their order.
func builtInGroups(r store.Reader) ([]directory.Group, error) {
	var out []directory.Group
	for _, name := range directory.BuiltIns() {
		g, ok, err := txn.Optional(r.BuiltIn(name))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, g)
		}
	}
	return out, nil
}

// effectiveGroups gives the groups of a user who may sign in, built-in ones first. memberships are all memberships of the user.
func effectiveGroups(r store.Reader, u *directory.User, builtIns []directory.Group, memberships []directory.Membership) ([]EffectiveGroup, error) {
	var out []EffectiveGroup
	for i := range builtIns {
		g := &builtIns[i]
		everyone := g.BuiltIn == directory.TeamMembers && u.Type == directory.TeamMember // every user who is not a guest is in Team Members (G2)
		if everyone || slices.ContainsFunc(memberships, func(m directory.Membership) bool { return m.Group == g.ID }) {
			out = append(out, EffectiveGroup{ID: g.ID, Name: strings.Clone(g.DisplayName), BuiltIn: g.BuiltIn})
		}
	}
	refs, err := r.GroupRefs(u.ID)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		out = append(out, EffectiveGroup{ID: ref.ID, Name: strings.Clone(ref.DisplayName), Indirect: ref.Indirect})
	}
	return out, nil
}
