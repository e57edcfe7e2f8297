package provision

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
)

// listing is everything that an application has, by id.
type listing struct {
	users, groups map[string]directory.Attributes
	members       map[directory.ID]map[string]bool // of linked groups, if the application shows them
}

// read lists the application. An empty answer is an error where it should have something: it is never taken for "all are gone".
func (c *client) listing(ctx context.Context, s *targets.Sides, p profile) (listing, error) {
	out := listing{members: map[directory.ID]map[string]bool{}}
	var err error
	if out.users, err = c.all(ctx, directory.UserKind, remotes(s.UserLinks)); err != nil {
		return out, err
	}
	if err := credible(directory.UserKind, out.users, s.UserLinks); err != nil {
		return out, err
	}
	if (s.Target.NoGroups || !s.Target.Profile.Groups()) && len(s.GroupLinks) == 0 {
		return out, nil
	}
	if out.groups, err = c.all(ctx, directory.GroupKind, remotes(s.GroupLinks)); err != nil {
		return out, err
	}
	if err := credible(directory.GroupKind, out.groups, s.GroupLinks); err != nil || !p.showsMembers {
		return out, err
	}
	members := 0
	for id, l := range s.GroupLinks {
		if out.groups[l.Remote] == nil {
			continue
		}
		g, err := c.get(ctx, directory.GroupKind, l.Remote)
		if err != nil {
			return out, err
		}
		if out.members[id], err = membersOf(g); err != nil {
			return out, err
		}
		if members += len(out.members[id]); members > mostMembers {
			return out, whole(broken(http.StatusOK, "shows more than %d members of groups", mostMembers))
		}
	}
	return out, nil
}

// remotes are the ids that our records have in the application.
func remotes(links map[directory.ID]directory.TargetLink) map[string]bool {
	out := make(map[string]bool, len(links))
	for _, l := range links {
		out[l.Remote] = true
	}
	return out
}

// credible refuses an empty list of an application that has records of ours.
func credible(kind directory.Kind, has map[string]directory.Attributes, links map[directory.ID]directory.TargetLink) error {
	if len(has) > 0 {
		return nil
	}
	n := 0
	for _, l := range links {
		if l.Remote != "" {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return whole(broken(http.StatusOK, "gave an empty list of %s, and should have %d of ours: this is not believed, and nothing is changed", endpoint(kind), n))
}

// membersOf gives the ids of the members of a group that was read.
func membersOf(g resource) (map[string]bool, error) {
	out := map[string]bool{}
	for _, v := range list(at(g.body, "members")) {
		member, _ := v.(directory.Attributes)
		id := member.String("value")
		if id == "" || len(id) > longestID {
			return nil, broken(http.StatusOK, "gave a member of a group without an id")
		}
		out[strings.Clone(id)] = true // the answer need not be kept for it
	}
	return out, nil
}

// Difference is one deviation that a comparison found.
type Difference struct {
	Kind  directory.Kind
	Local directory.ID
	Name  string
	What  string
}

// correct changes what was "last sent" to what the application really has, and gives what must be stored and what was different. The plan
// then sends the difference.
func correct(s *targets.Sides, has listing) (results []targets.Result, found []Difference) {
	for id, l := range s.UserLinks {
		if l.Remote == "" {
			continue
		}
		u, there := s.Users[id]
		want := directory.Attributes{{Name: "active", Value: false}}
		if there {
			want = renderUser(&s.Target, &u)
		}
		next, what := corrected(l, has.users[l.Remote], want)
		if what == "" {
			continue
		}
		s.UserLinks[id] = next
		results = append(results, targets.Result{Kind: directory.UserKind, Local: id, Link: &next})
		found = append(found, Difference{directory.UserKind, id, l.Name, what})
	}
	for id, l := range s.GroupLinks {
		if l.Remote == "" {
			continue
		}
		g, there := s.Groups[id]
		var want directory.Attributes
		if there {
			want = renderGroup(&g)
		}
		next, what := corrected(l, has.groups[l.Remote], want)
		result := targets.Result{Kind: directory.GroupKind, Local: id, Link: &next}
		if next.Remote == "" {
			result.Left = keys(s.Sent[id])
			delete(s.Sent, id)
		} else if members, shown := has.members[id]; shown {
			result.Joined, result.Left = diffSets(members, s.Sent[id])
			if n := len(result.Joined) + len(result.Left); n > 0 {
				what += fmt.Sprintf(" %d members", n)
			}
			s.Sent[id] = members
		}
		if what == "" {
			continue
		}
		s.GroupLinks[id] = next
		results = append(results, result)
		found = append(found, Difference{directory.GroupKind, id, l.Name, what})
	}
	return results, found
}

// corrected is a link with what the application has. what says what is different; "": nothing.
func corrected(l directory.TargetLink, has, want directory.Attributes) (next directory.TargetLink, what string) {
	if has == nil {
		l.Remote, l.Sent, l.Left = "", nil, false
		return l, "it is not there"
	}
	sent := sentOf(&l)
	now := seen(has, want, sent)
	changed, removed := difference(now, sent)
	if len(changed)+len(removed) == 0 {
		return l, ""
	}
	step := Step{changed: changed, removed: removed}
	l.Sent = now.Document()
	return l, fmt.Sprintf("%v differ", step.Paths())
}

// diffSets gives the keys of a that are not in b, and the other way round.
func diffSets(a, b map[string]bool) (more, fewer []string) {
	for key := range a {
		if !b[key] {
			more = append(more, key)
		}
	}
	for key := range b {
		if !a[key] {
			fewer = append(fewer, key)
		}
	}
	return more, fewer
}

func keys(m map[string]bool) []string {
	var out []string
	for key := range m {
		out = append(out, key)
	}
	return out
}

// expect marks the steps of a plan that will adopt a record which the list shows.
func expect(steps []Step, has listing) {
	users, groups := map[string]bool{}, map[string]bool{}
	note := func(to map[string]bool, from map[string]directory.Attributes, name string) {
		for _, r := range from {
			to["id "+r.String("externalId")] = true
			to["name "+directory.Fold(r.String(name))] = true
		}
	}
	note(users, has.users, "userName")
	note(groups, has.groups, "displayName")
	for i := range steps {
		from := users
		if steps[i].Kind == directory.GroupKind {
			from = groups
		}
		if steps[i].Action == Create && (from["id "+steps[i].Local.String()] || from["name "+directory.Fold(steps[i].Name)]) {
			steps[i].Action = Adopt
		}
	}
}
