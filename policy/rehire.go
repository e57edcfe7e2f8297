package policy

import (
	"fmt"
	"strings"
	"time"

	"drawbridge/directory"
)

// replayWindow is how long an exact repeat of a POST may get its record back (L5).
const replayWindow = 10 * time.Minute

// Match is whom a POST of a user may mean.
type Match struct {
	ExternalID string
	Same       func(*directory.User) bool // whether a record equals the POST exactly

	ByExternalID []directory.User      // of this connection with this externalId, including Gone ones
	Tombstones   []directory.Tombstone // of this connection with this externalId
	ByName       *directory.User       // with this userName, not Gone; nil: the name is free
	GoneByName   []directory.User      // with this userName and Gone, the youngest first
}

// Rehire says what a POST means: a new user (all fields zero), a rehire (User or Tombstone), a replay, or a refusal.
type Rehire struct {
	User      *directory.User
	Tombstone *directory.Tombstone
	By        string // the attribute that names the user of a rehire: externalId or userName
	Replay    bool   // User is given back as it is
	Refuse    *Refusal
	// Shares is a live user of the connection who has the externalId of the new user; nil: there is none. That is allowed, since an
	// externalId need not be unique, and it must be visible.
	Shares *directory.User
}

// Rehire decides whom a POST means (L5).
func (s State) Rehire(m Match) Rehire {
	if user, tombstone, one := s.theOne(m); one {
		if r, decided := s.byExternalID(m, user, tombstone); decided {
			return r
		}
	}
	r := s.byName(m)
	if r == (Rehire{}) && m.ExternalID != "" && s.Connection != "" {
		r.Shares = Shares(m.ByExternalID, directory.ID{})
	}
	return r
}

// Shares gives the first of the users with one externalId who is live and not the user with the id self; nil: there is none.
func Shares(users []directory.User, self directory.ID) *directory.User {
	for i := range users {
		if u := &users[i]; !u.Gone() && u.ID != self {
			return u
		}
	}
	return nil
}

// theOne gives the only record with the externalId, if there is exactly one.
func (s State) theOne(m Match) (*directory.User, *directory.Tombstone, bool) {
	if m.ExternalID == "" || s.Connection == "" {
		return nil, nil, false
	}
	var stone *directory.Tombstone
	n := len(m.ByExternalID)
	for i := range m.Tombstones {
		if t := &m.Tombstones[i]; t.Kind == directory.UserKind && InGrace(t, s.Settings, s.Now) {
			stone = t
			n++
		}
	}
	if n != 1 {
		return nil, nil, false
	}
	if stone != nil {
		return nil, stone, true
	}
	return &m.ByExternalID[0], nil, true
}

func (s State) byExternalID(m Match, user *directory.User, stone *directory.Tombstone) (Rehire, bool) {
	if stone != nil {
		if m.ByName != nil {
			return Rehire{Refuse: NameTaken(m.ByName)}, true
		}
		if s.Settings.Rehire == directory.RehireConflict {
			return Rehire{Refuse: conflict("L5", "externalId", fmt.Sprintf(
				"externalId belongs to user %s, who was deleted on %s, and this tenant does not restore: an operator must decide", stone.ID, stone.Deleted.UTC().Format(time.DateOnly)))}, true
		}
		return Rehire{Tombstone: stone, By: "externalId"}, true
	}
	if m.ByName != nil && m.ByName.ID != user.ID {
		if s.returnable(user) || !user.Active() {
			return Rehire{Refuse: NameTaken(m.ByName)}, true
		}
		return Rehire{}, false
	}
	switch {
	case s.returnable(user):
		return s.restore(user, "externalId"), true
	case user.State == directory.Suspended:
		return Rehire{Refuse: s.suspensionStays(user, "externalId")}, true
	}
	return Rehire{}, false // a live user: externalId need not be unique, userName decides
}

func (s State) byName(m Match) Rehire {
	if u := m.ByName; u != nil {
		switch {
		case s.replays(m, u):
			return Rehire{User: u, Replay: true}
		case u.State != directory.Suspended || u.Connection != s.Connection || s.Connection == "":
			return Rehire{Refuse: NameTaken(u)}
		case !s.returnable(u):
			return Rehire{Refuse: s.suspensionStays(u, "userName")}
		case differ(m.ExternalID, u.ExternalID):
			return Rehire{Refuse: anotherPerson(u, "is suspended")}
		}
		return s.restore(u, "userName")
	}
	for i := range m.GoneByName { // the youngest first: it decides
		u := &m.GoneByName[i]
		switch {
		case s.Connection == "" || u.Connection != s.Connection && u.Connection != "":
			continue
		case differ(m.ExternalID, u.ExternalID):
			return Rehire{Refuse: anotherPerson(u, "was deleted by the identity provider and is kept in grace")}
		}
		return s.restore(u, "userName")
	}
	return Rehire{}
}

// anotherPerson is the refusal of a userName whose last holder has another externalId (L5).
func anotherPerson(u *directory.User, how string) *Refusal {
	return conflict("L5", "externalId", fmt.Sprintf(
		"userName belongs to user %s, who %s and has another externalId: another person must not inherit the account; an operator must delete that user for good first, or give it another userName", u.ID, how))
}

// returnable reports whether the IdP suspended or deleted u, so that the IdP can bring u back.
func (s State) returnable(u *directory.User) bool {
	if u.State != directory.Suspended || u.Connection != s.Connection {
		return false
	}
	if u.Gone() {
		return true
	}
	return u.Statement == directory.SaidInactive && suspendedByIdP(u)
}

func (s State) restore(u *directory.User, field string) Rehire {
	if s.Settings.Rehire == directory.RehireConflict {
		return Rehire{Refuse: conflict("L5", field, fmt.Sprintf("%s belongs to the suspended user %s, and this tenant does not restore: an operator must decide", field, u.ID))}
	}
	return Rehire{User: u, By: field}
}

func (s State) replays(m Match, u *directory.User) bool {
	return s.Settings.Replay == directory.ReplayAccept && s.Connection != "" && u.Connection == s.Connection &&
		u.ExternalID == m.ExternalID && s.Now.Before(u.Created.Add(replayWindow)) && m.Same != nil && m.Same(u)
}

func differ(x, y string) bool { return x != "" && y != "" && x != y }

// NameTaken is the refusal of a userName that u has. It names the record, so that the caller can use it.
func NameTaken(u *directory.User) *Refusal {
	return conflict("", "userName", fmt.Sprintf("userName is taken by user %s: look the user up and update that record", u.ID))
}

// ReleaseNameTaken is the refusal to release a user whom the IdP deleted while another user has the userName.
func ReleaseNameTaken(gone, other *directory.User) *Refusal {
	return conflict("L9", "userName", fmt.Sprintf(
		"userName %s is taken by user %s meanwhile: give user %s another userName first, and then release it", gone.UserName, other.ID, gone.ID))
}

// NamesSeveral is the refusal of a userName that several users whom the IdP deleted have, and no other user.
func NamesSeveral(name string, gone []directory.User) *Refusal {
	ids := make([]string, 0, len(gone))
	for i := range gone {
		ids = append(ids, gone[i].ID.String())
	}
	return conflict("", "user", fmt.Sprintf("%d users with the userName %s were deleted by the identity provider and are kept in grace: name one by its id: %s",
		len(ids), name, strings.Join(ids, ", ")))
}

// suspensionStays is the refusal of a POST for a user of the connection whose suspension a POST does not end. If the suspension yields, an update does.
func (s State) suspensionStays(u *directory.User, field string) *Refusal {
	by, way := "an operator", "an operator must release the user first"
	if u.Suspension != nil {
		by = person(u.Suspension.By)
	}
	if suspendedByIdP(u) || s.Mode(u) != directory.Hold {
		way = "look the user up and state active: true in an update, or " + way
	}
	return conflict("L5", field, fmt.Sprintf("%s belongs to user %s, whom %s suspended: %s", field, u.ID, by, way))
}
