package provision

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/policy"
)

// Action is what a step does in the application.
type Action string

// The actions.
const (
	Create     Action = "create" // or adopt, where the application has the record already
	Adopt      Action = "adopt"  // only in a plan that was made from a list of the application
	Update     Action = "update"
	Deactivate Action = "deactivate"
	Delete     Action = "delete"
	Drop       Action = "forget" // the application is not known to have a record: it is searched, and forgotten if there is none
)

// Step is what has to be done about one user or group. It is computed from values alone.
type Step struct {
	Kind   directory.Kind
	Local  directory.ID
	Name   string
	Action Action

	want    directory.Attributes // what the application should have, by path; nil: nothing
	left    bool                 // the person stays deactivated
	changed directory.Attributes
	removed []string
	Join    []string // members to add, as ids in the application
	Leave   []string // members to remove
	Waiting int      // members that the application does not have yet

	Weight int    // how many removals of access it comes to, for the brake (C8)
	Wanted string // the digest of what is wanted
	Held   bool   // the brake holds it
	Waits  string // why it is not done now: it failed before
	Parked bool   // and it is not tried again before it changes
	next   time.Time
	order  int
	tries  int
}

// Paths are the attributes that the step changes.
func (s *Step) Paths() []string {
	var out []string
	for _, a := range s.changed {
		out = append(out, a.Name)
	}
	return append(out, s.removed...)
}

// Retry says whether what failed is tried before its time.
type Retry string

// The choices.
const (
	RetryDue Retry = "due"
	RetryAll Retry = "all" // but not what is parked
)

// Plan gives the steps after which the application has what it should have. Steps that take access away come first, then people are made
// and changed, then groups. Deletions are last, when their people are out of all groups.
func Plan(s *targets.Sides, now time.Time, how Retry) []Step {
	var out []Step
	add := func(step Step, needed bool, l directory.TargetLink) {
		if !needed {
			return
		}
		step.tries = l.Tries
		if !policy.LinkDue(&l, step.Wanted, s.Target.Resumes, now) && (how != RetryAll || !l.Parked.IsZero()) {
			step.Waits, step.Parked, step.next = l.Error, !l.Parked.IsZero(), l.Next
		}
		out = append(out, step)
	}
	for id := range s.Users {
		step, needed := stepOf(s, directory.UserKind, id)
		add(step, needed, s.UserLinks[id])
	}
	for id, l := range s.UserLinks {
		if _, there := s.Users[id]; !there {
			step, needed := stepOf(s, directory.UserKind, id)
			add(step, needed, l)
		}
	}
	for id := range s.Groups {
		step, needed := stepOf(s, directory.GroupKind, id)
		add(step, needed, s.GroupLinks[id])
	}
	for id, l := range s.GroupLinks {
		if _, there := s.Groups[id]; !there {
			step, needed := stepOf(s, directory.GroupKind, id)
			add(step, needed, l)
		}
	}
	slices.SortFunc(out, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.tries, b.tries), slices.Compare(a.Local[:], b.Local[:]))
	})
	return out
}

// stepOf says what to do about one user or group.
func stepOf(s *targets.Sides, kind directory.Kind, id directory.ID) (Step, bool) {
	if kind == directory.UserKind {
		l := s.UserLinks[id]
		if u, there := s.Users[id]; there {
			return planUser(&s.Target, &u, &l)
		}
		return planLeaver(id, &l, s.Target.OnLeave)
	}
	if _, there := s.Groups[id]; there {
		return planGroup(s, id)
	}
	l := s.GroupLinks[id]
	step := Step{Kind: kind, Local: id, Name: l.Name, Action: Delete, Weight: max(1, len(s.Sent[id])), order: 4}
	if l.Remote == "" {
		step.Action, step.Weight = Drop, 0
	}
	step.Wanted = digest(&step)
	return step, true
}

// digest names what is wanted, so that a step that was refused is tried again after it changed.
func digest(s *Step) string {
	text := append([]byte(s.Action), ' ')
	text = directory.AppendJSON(text, s.want)
	for _, ids := range [][]string{s.Join, s.Leave} {
		for _, id := range ids {
			text = directory.AppendJSONString(text, id)
		}
		text = append(text, '/')
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// sentOf is what was last sent.
func sentOf(l *directory.TargetLink) directory.Attributes {
	sent, err := l.Sent.Attributes()
	if err != nil { // damaged: everything is sent again
		return nil
	}
	return sent
}

// planUser says what to do about a user of the scope.
func planUser(t *directory.Target, u *directory.User, l *directory.TargetLink) (Step, bool) {
	s := Step{Kind: directory.UserKind, Local: u.ID, Name: u.UserName, want: renderUser(t, u), order: 1}
	active := isActive(u)
	if l.Remote == "" {
		if !active { // no user is made only to be deactivated
			s.Action, s.order = Drop, 0
			s.Wanted = digest(&s)
			return s, l.Name != "" // it was about to be made
		}
		s.Action, s.changed = Create, s.want
		s.Wanted = digest(&s)
		return s, true
	}
	sent := sentOf(l)
	s.changed, s.removed = difference(sent, s.want)
	s.Action = Update
	if wasActive(sent) && !active {
		s.Action, s.Weight, s.order = Deactivate, 1, 0
	}
	s.Wanted = digest(&s)
	return s, len(s.changed)+len(s.removed) > 0
}

func wasActive(sent directory.Attributes) bool { return at(sent, "active") != false }

// planLeaver says what to do about a user who was deleted here, or left the scope.
func planLeaver(id directory.ID, l *directory.TargetLink, how directory.TargetLeave) (Step, bool) {
	s := Step{Kind: directory.UserKind, Local: id, Name: l.Name, left: true, Weight: 1}
	needed := true
	switch {
	case l.Remote == "":
		s.Action, s.Weight, s.order = Drop, 0, 0
	case how == directory.LeaveDelete:
		s.Action, s.order = Delete, 5
	default:
		s.Action, s.order = Deactivate, 0
		s.want = directory.Attributes{{Name: "active", Value: false}}
		s.changed = s.want
		if !wasActive(sentOf(l)) {
			s.Weight, needed = 0, !l.Left
		}
	}
	s.Wanted = digest(&s)
	return s, needed
}

// planGroup says what to do about a group of the scope.
func planGroup(s *targets.Sides, id directory.ID) (Step, bool) {
	g := s.Groups[id]
	l := s.GroupLinks[id]
	out := Step{Kind: directory.GroupKind, Local: id, Name: g.DisplayName, Action: Update, want: renderGroup(&g), order: 3}
	wanted := map[string]bool{}
	for _, user := range s.Members[id] {
		link := s.UserLinks[user]
		if link.Remote != "" && !link.Left {
			wanted[link.Remote] = true
		} else if u := s.Users[user]; isActive(&u) {
			out.Waiting++
		}
	}
	sent := s.Sent[id]
	for member := range wanted {
		if !sent[member] {
			out.Join = append(out.Join, member)
		}
	}
	for member := range sent {
		if !wanted[member] {
			out.Leave = append(out.Leave, member)
		}
	}
	slices.Sort(out.Join)
	slices.Sort(out.Leave)
	if l.Remote == "" {
		out.Action, out.changed = Create, out.want
	} else {
		out.changed, out.removed = difference(sentOf(&l), out.want)
	}
	if 2*len(out.Leave) > len(sent) { // as much as emptying it
		out.Weight = len(out.Leave)
	}
	out.Wanted = digest(&out)
	return out, out.Action == Create || len(out.changed)+len(out.removed)+len(out.Join)+len(out.Leave) > 0
}

// judge asks the brake about the removals of a plan together, and marks them if they are held (C8). An operator may have released some.
func judge(s *targets.Sides, steps []Step, now time.Time) (policy.BrakeVerdict, int) {
	weight, active := 0, 0
	for i := range steps {
		weight += steps[i].Weight
	}
	for _, l := range s.UserLinks {
		if l.Remote != "" && !l.Left && wasActive(sentOf(&l)) {
			active++
		}
	}
	if weight == 0 || weight <= s.State.Released {
		return policy.BrakeVerdict{Removals: s.State.Removals}, weight
	}
	v := policy.Brake(s.Brake, s.State.Removals, weight, active, now)
	if v.Refuse != nil {
		for i := range steps {
			steps[i].Held = steps[i].Weight > 0
		}
	}
	return v, weight
}
