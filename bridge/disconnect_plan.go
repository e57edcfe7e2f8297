package bridge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Disconnection is what disconnecting a connection would do (C10). Digest covers all of it: the caller sends it to prove that
// this is the preview that the operator saw.
type Disconnection struct {
	Connection directory.ConnectionID
	Tenant     directory.TenantID
	Mode       directory.Disconnect
	Ending     *directory.Ending // it has begun already; nil: not yet

	Users       int // users that the connection manages; the following are parts of them
	Suspends    int // users who are suspended now, and whose seats become free
	Suspended   int // users who are suspended already
	Gone        int // users whom the identity provider deleted
	Groups      int
	Resources   int
	Grants      []KeptGrant // roles that its mapping grants, at most 1000 of them
	GrantsKept  int         // how many become grants of their own
	GrantsTaken int         // how many roles end because their people are suspended
	Credentials int         // credentials that are revoked
	Held        int         // removals that wait for an operator and are dropped (C8)

	Brake          directory.BrakeMode // of the tenant
	BrakeLimit     int                 // the usual number of removals within an hour
	Unusual        bool                // the suspensions exceed it: they are reported, and not held, because an operator decides
	AutoDeleteDays int                 // 0: no user is deleted automatically
	Refused        []RefusedPerson     // people for whom a rule refuses it: nothing is done while there is one
	Digest         string

	People []DisconnectedPerson // a page of them, in the order of their ids
	Next   directory.ID         // the next page begins after this one; zero: this was the last page
}

// DisconnectedPerson is a user whom the disconnection affects.
type DisconnectedPerson struct {
	User     directory.ID
	UserName string
	State    directory.State
	Gone     bool
	Becomes  directory.State
}

// KeptGrant is a membership of a built-in group that came from a mapping.
type KeptGrant struct {
	Group    directory.BuiltIn
	User     directory.ID
	UserName string
	By       string // the display name of the identity provider's group
	Kept     bool   // it becomes a direct grant; otherwise it is removed
}

// RefusedPerson is a user for whom a rule refuses.
type RefusedPerson struct {
	User     directory.ID
	UserName string
	Rule     directory.Rule
	Message  string
}

// namedGrants is how many grants a preview names.
const namedGrants = 1000

// disconnection previews the end of a connection from everything that it manages.
func (s *Service) disconnection(r store.Reader, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, page PeoplePage) (Disconnection, error) {
	d := Disconnection{Connection: id, Tenant: p.Tenant, Mode: mode}
	tenant, err := r.Tenant()
	if err != nil {
		return d, err
	}
	c, err := r.Connection(id)
	if err != nil {
		return d, err
	}
	usage, err := r.Usage()
	if err != nil {
		return d, err
	}
	state, err := s.stateOf(&tenant, usage, s.instant())
	if err != nil {
		return d, err
	}
	if c.Ending != nil {
		ending := *c.Ending
		d.Ending = &ending
	}
	d.Brake, d.AutoDeleteDays = state.Settings.Brake, state.Settings.AutoDeleteDays
	sum := sha256.New()
	note(sum, "1 %q %q %d\n", id, mode, d.AutoDeleteDays)
	if err := d.scanUsers(r, sum, state, page); err != nil {
		return d, err
	}
	if err := d.scanGroups(r, sum); err != nil {
		return d, err
	}
	if err := ofResources(r, &tenant, id, func(v *directory.Resource) error {
		d.Resources++
		note(sum, "r %s\n", v.ID)
		return nil
	}); err != nil {
		return d, err
	}
	tokens, err := r.Tokens(id)
	if err != nil {
		return d, err
	}
	for i := range tokens {
		if tokens[i].Live(state.Now) && tokens[i].Kind != directory.AccessToken {
			d.Credentials++
		}
	}
	if err := heldBy(r, id, func(string, *directory.HeldRemoval) error { d.Held++; return nil }); err != nil {
		return d, err
	}
	verdict := policy.Brake(directory.BrakeAlert, directory.Removals{}, d.Suspends, usage.Users[directory.TeamMember][directory.Active], state.Now)
	d.BrakeLimit, d.Unusual = verdict.Limit, verdict.Alert
	if mode == directory.Terminate {
		if err := d.scanOwners(r); err != nil {
			return d, err
		}
	}
	for _, no := range d.Refused {
		note(sum, "x %s %s\n", no.User, no.Rule)
	}
	d.Digest = hex.EncodeToString(sum.Sum(nil))[:32]
	return d, nil
}

func (d *Disconnection) scanUsers(r store.Reader, sum hash.Hash, state policy.State, page PeoplePage) error {
	return ofUsers(r, d.Connection, func(u *directory.User) error {
		becomes := state.Finalise(*u).User
		if d.Mode == directory.Terminate {
			becomes = state.Terminate(*u).User
		}
		d.Users++
		switch {
		case u.Gone():
			d.Gone++
		case u.State == directory.Suspended:
			d.Suspended++
		case becomes.State == directory.Suspended:
			d.Suspends++
		}
		note(sum, "u %s %s %v %s\n", u.ID, u.State, u.Gone(), becomes.State)
		if bytes.Compare(u.ID[:], page.After[:]) <= 0 {
			return nil
		}
		if len(d.People) < page.Limit {
			d.People = append(d.People, DisconnectedPerson{User: u.ID, UserName: strings.Clone(u.UserName), State: u.State, Gone: u.Gone(), Becomes: becomes.State})
		} else if page.Limit > 0 {
			d.Next = d.People[page.Limit-1].User
		}
		return nil
	})
}

func (d *Disconnection) scanGroups(r store.Reader, sum hash.Hash) error {
	names := map[directory.ID]string{}
	err := ofGroups(r, d.Connection, func(g *directory.Group) error {
		d.Groups++
		names[g.ID] = strings.Clone(g.DisplayName)
		note(sum, "g %s %q\n", g.ID, g.DisplayName)
		return nil
	})
	if err != nil {
		return err
	}
	type grant struct {
		group        directory.BuiltIn
		user, source directory.ID
	}
	var grants []grant
	err = granted(r, func(b *directory.Group, m *directory.Membership) error {
		if _, ok := names[m.Source]; ok || m.ByAttribute() {
			grants = append(grants, grant{b.BuiltIn, m.Member.ID, m.Source})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(grants, readBatch) {
		ids := make([]directory.ID, len(part))
		for i := range part {
			ids[i] = part[i].user
		}
		users, err := r.UsersByID(ids)
		if err != nil {
			return err
		}
		for _, g := range part {
			u, ok := users[g.user]
			if !ok {
				return txn.NotFound("user", g.user)
			}
			by := names[g.source]
			if g.source == g.user {
				if by = "a role or an entitlement"; u.Connection != d.Connection || u.Gone() {
					continue
				}
			}
			kept := d.Mode == directory.Finalise || u.Connection != d.Connection
			if kept {
				d.GrantsKept++
			} else {
				d.GrantsTaken++
			}
			note(sum, "m %s %s %s %v\n", g.group, u.ID, g.source, kept)
			if len(d.Grants) < namedGrants {
				d.Grants = append(d.Grants, KeptGrant{Group: g.group, User: u.ID, UserName: strings.Clone(u.UserName), By: by, Kept: kept})
			}
		}
	}
	return nil
}

// note adds a line to the input of the digest.
func note(sum hash.Hash, format string, args ...any) { _, _ = fmt.Fprintf(sum, format, args...) }

// scanOwners finds out whether an active Owner remains after the people of the connection are suspended (G3).
func (d *Disconnection) scanOwners(r store.Reader) error {
	owners, ok, err := txn.Optional(r.BuiltIn(directory.Owners))
	if err != nil || !ok {
		return err
	}
	others := 0
	var own []RefusedPerson
	err = memberUsers(r, owners.ID, func(u *directory.User) error {
		switch {
		case !policy.CanOwn(u):
		case u.Connection != d.Connection:
			others++
		default:
			own = append(own, RefusedPerson{User: u.ID, UserName: strings.Clone(u.UserName)})
		}
		if others > 0 {
			return store.ErrStop
		}
		return nil
	})
	if err != nil {
		return err
	}
	if no := policy.KeepOwner(others+len(own), others); no != nil {
		for i := range own {
			own[i].Rule, own[i].Message = no.Rule, no.Message
		}
		d.Refused = own
	}
	return nil
}

// ofUsers yields the users that a connection manages, also Gone ones, by ID. yield must not read.
func ofUsers(r store.Reader, id directory.ConnectionID, yield func(*directory.User) error) error {
	_, err := r.Users(directory.Query{Count: math.MaxInt, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
		if u.Connection != id {
			return nil
		}
		return yield(u)
	})
	return err
}

func ofGroups(r store.Reader, id directory.ConnectionID, yield func(*directory.Group) error) error {
	_, err := r.Groups(directory.Query{Count: math.MaxInt}, func(g *directory.Group, _ []directory.Member) error {
		if g.Connection != id {
			return nil
		}
		return yield(g)
	})
	return err
}

func ofResources(r store.Reader, tenant *directory.Tenant, id directory.ConnectionID, yield func(*directory.Resource) error) error {
	for _, kind := range tenant.CustomKinds() {
		_, err := r.Resources(kind, directory.Query{Count: math.MaxInt}, func(v *directory.Resource) error {
			if v.Connection != id {
				return nil
			}
			return yield(v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// granted yields the memberships of built-in groups that come from a mapping. yield must not read.
func granted(r store.Reader, yield func(*directory.Group, *directory.Membership) error) error {
	for _, name := range directory.BuiltIns() {
		b, ok, err := txn.Optional(r.BuiltIn(name))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		err = r.Members(b.ID, directory.ID{}, func(m directory.Membership) error {
			if m.Source.IsZero() {
				return nil
			}
			return yield(&b, &m)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
