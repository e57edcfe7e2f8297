package pull

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/google"
)

// source reads a directory.
type source interface {
	Users(ctx context.Context, query string, yield func([]google.User) error) error
	DeletedUsers(ctx context.Context, yield func([]google.User) error) error
	User(ctx context.Context, id string) (google.User, error)
	Groups(ctx context.Context, yield func([]google.Group) error) error
	Group(ctx context.Context, key string) (google.Group, error)
	Members(ctx context.Context, group string, yield func([]google.Member) error) error
}

const (
	// mostMembers is how many members a group may have. A larger one is not changed, and is reported.
	mostMembers = 100_000
	// The most that one run reads, because all of it is kept in memory. More than that cancels the run.
	mostUsers       = 200_000
	mostGroups      = 50_000
	mostMemberships = 5_000_000
)

// snapshot is what a directory says, complete.
type snapshot struct {
	users    map[string]*google.User
	order    []string // ids of users, as listed
	deleted  map[string]bool
	groups   map[string]*group
	teams    []string          // ids of groups, as listed
	nested   map[string]*group // groups that are read only because they are in another one
	customer string

	all        bool // groups: all were asked for
	none       bool // groups: none was asked for
	duplicates int  // users who came twice
}

// group is a group with its direct members.
type group struct {
	google.Group
	members []google.Member
	huge    bool // it has more members than are read
	hidden  bool // its members cannot be read: it is of another company, or gone
	short   bool // Google counts more members than it lists
}

// Void is the error of a snapshot that is not complete or not plausible: the run changes nothing (C15).
type Void struct {
	Reason string
	Err    error
}

func (v *Void) Error() string { return v.Reason }

// Unwrap gives the cause.
func (v *Void) Unwrap() error { return v.Err }

func void(format string, args ...any) error { return &Void{Reason: fmt.Sprintf(format, args...)} }

// reading reads a snapshot.
type reading struct {
	source      source
	pull        *directory.GooglePull
	memberships int
	snapshot
}

// read reads everything that a run compares. Any error voids the run.
func read(ctx context.Context, from source, pull *directory.GooglePull) (*snapshot, error) {
	r := reading{source: from, pull: pull, snapshot: snapshot{users: map[string]*google.User{}, deleted: map[string]bool{}, groups: map[string]*group{}, nested: map[string]*group{}}}
	for _, step := range []func(context.Context) error{r.readUsers, r.readDeleted, r.readGroups} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return &r.snapshot, nil
}

func (r *reading) readUsers(ctx context.Context) error {
	err := r.source.Users(ctx, r.pull.Query, func(page []google.User) error {
		for i := range page {
			u := &page[i]
			if _, twice := r.users[u.ID]; twice {
				r.duplicates++ // the list moved while it was read; the later page is the newer one
			} else if r.order = append(r.order, u.ID); len(r.order) > mostUsers {
				return void("the directory has more than %d users, which one connection cannot read: give several connections their own people with the setting google.query", mostUsers)
			}
			r.users[u.ID] = u
			if r.customer == "" {
				r.customer = u.CustomerID
			} else if u.CustomerID != "" && u.CustomerID != r.customer {
				return void("Google gave users of two customers, %s and %s, in one list", r.customer, u.CustomerID)
			}
		}
		return nil
	})
	if err != nil || r.pull.Query != "" {
		return err
	}
	if len(r.users) > 0 && !r.hasAdmin() {
		return void("Google's list of users lacks %s, in whose name it is read, so it cannot be complete", r.pull.Admin)
	}
	return nil
}

// hasAdmin reports whether the list has the administrator who reads it, as a complete list without a query must.
func (r *reading) hasAdmin() bool {
	for _, u := range r.users {
		if strings.EqualFold(u.PrimaryEmail, r.pull.Admin) || slices.ContainsFunc(u.Aliases, func(a string) bool { return strings.EqualFold(a, r.pull.Admin) }) {
			return true
		}
	}
	return false
}

func (r *reading) readDeleted(ctx context.Context) error {
	return r.source.DeletedUsers(ctx, func(page []google.User) error {
		for i := range page {
			if _, live := r.users[page[i].ID]; !live { // restored while the lists were read
				r.deleted[page[i].ID] = true
			}
		}
		return nil
	})
}

func (r *reading) readGroups(ctx context.Context) error {
	r.none = len(r.pull.Groups) == 1 && r.pull.Groups[0] == directory.NoGroups
	r.all = len(r.pull.Groups) == 0
	switch {
	case r.none:
		return nil
	case r.all:
		err := r.source.Groups(ctx, func(page []google.Group) error {
			for i := range page {
				r.add(&page[i])
			}
			if len(r.teams) > mostGroups {
				return void("the directory has more than %d groups: name the groups that are needed in the setting google.groups", mostGroups)
			}
			return nil
		})
		if err != nil {
			return err
		}
	default:
		for _, address := range r.pull.Groups {
			g, err := r.source.Group(ctx, address)
			if google.IsKind(err, google.NotThere) {
				return &Void{Reason: fmt.Sprintf("the setting google.groups names %s, and Google has no such group: correct it, or make the group (Google Admin console > Directory > Groups)", address), Err: err}
			}
			if err != nil {
				return err
			}
			r.add(&g)
		}
	}
	for _, id := range slices.Clone(r.teams) {
		err := r.readMembers(ctx, r.groups[id])
		if google.IsKind(err, google.NotThere) { // deleted while the lists were read, so it is missing in this run
			delete(r.groups, id)
			r.teams = slices.DeleteFunc(r.teams, func(x string) bool { return x == id })
			continue
		}
		if err != nil {
			return err
		}
	}
	if r.pull.Nested == directory.FlattenNested {
		return r.readNested(ctx)
	}
	return nil
}

// readNested reads the members of groups that are in a group that is read, at any depth, and are not read themselves.
func (r *reading) readNested(ctx context.Context) error {
	var next []*group
	for _, g := range r.groups {
		next = append(next, g)
	}
	for len(next) > 0 {
		g := next[len(next)-1]
		next = next[:len(next)-1]
		for _, m := range g.members {
			if m.Type != google.GroupMember || m.ID == "" || r.groups[m.ID] != nil || r.nested[m.ID] != nil {
				continue
			}
			inner := &group{Group: google.Group{ID: m.ID, Email: m.Email}}
			r.nested[m.ID] = inner
			known, err := r.source.Group(ctx, m.ID)
			if err == nil {
				inner.Group = known
				err = r.readMembers(ctx, inner)
			}
			// The administrator may read all groups of the company, because those that are selected were read.
			inner.hidden = google.IsKind(err, google.NotThere) || google.IsKind(err, google.Subject)
			if inner.hidden {
				inner.members = nil
			} else if err != nil {
				return err
			}
			next = append(next, inner)
		}
	}
	return nil
}

func (r *reading) add(g *google.Group) {
	if _, twice := r.groups[g.ID]; twice {
		return
	}
	r.groups[g.ID] = &group{Group: *g}
	r.teams = append(r.teams, g.ID)
}

// readMembers reads the direct members of a group. The error is of kind NotThere if Google does not have the group.
func (r *reading) readMembers(ctx context.Context, g *group) error {
	id := g.ID
	seen := map[string]bool{}
	err := r.source.Members(ctx, id, func(page []google.Member) error {
		for _, m := range page {
			if m.ID != "" && seen[m.ID] {
				continue
			}
			seen[m.ID] = true
			if g.members = append(g.members, m); len(g.members) > mostMembers {
				g.huge, g.members = true, nil
				return void("the group %s has more than %d members", g.Email, mostMembers)
			}
			if r.memberships++; r.memberships > mostMemberships {
				return void("the groups have more than %d members together: name the groups that are needed in the setting google.groups", mostMemberships)
			}
		}
		return nil
	})
	switch {
	case g.huge:
		return nil
	case err != nil:
		return err
	}
	if len(g.members) == 0 && g.DirectMembers() > 0 {
		again, err := r.source.Group(ctx, id) // Google's count may be older than the list
		if err != nil {
			return err
		}
		if again.DirectMembers() > 0 {
			return void("Google says that the group %s has %d members and lists none of them", g.Email, again.DirectMembers())
		}
		return nil
	}
	g.short = len(g.members) < g.DirectMembers()
	return nil
}
