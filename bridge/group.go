package bridge

import (
	"bytes"
	"context"
	"math"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// GroupResult is a group after a verb. It belongs to the caller. Members are given when they were asked for, and for a
// group that was created.
type GroupResult struct {
	Group   directory.Group
	Members []directory.Member
	Effect  Effect
	// Deviations are the leniencies of the draft and of the look-up of its members.
	Deviations []string
}

// GroupDetail says how much of a group is read.
type GroupDetail uint8

// The values of GroupDetail.
const (
	WithoutMembers GroupDetail = iota
	WithMembers
	WithFewMembers // with all of them, or with none if they are more than FewMembers
)

// FewMembers is how many members are read and shown quickly.
const FewMembers = 1000

// Group gives one group of the tenant of p, with its members if asked for. An identity provider does not see built-in
// groups. For other callers every member of the tenant is in Team Members (G2). NotFound.
func (s *Service) Group(ctx context.Context, p directory.Principal, id directory.ID, detail GroupDetail) (GroupResult, error) {
	var out GroupResult
	err := s.read(ctx, p, func(r store.Reader) error {
		g, err := groupOf(r, p, id)
		if err != nil {
			return err
		}
		out = GroupResult{Group: g.Clone()}
		if out.Group.Members, err = countMembers(r, &g); err != nil || detail == WithoutMembers {
			return err
		}
		if detail == WithFewMembers && out.Group.Members > FewMembers {
			return nil
		}
		if g.BuiltIn == directory.TeamMembers {
			out.Members, err = teamMembers(r)
			return err
		}
		out.Members = make([]directory.Member, 0, g.Members)
		return r.Members(id, directory.ID{}, func(m directory.Membership) error {
			if n := len(out.Members); n == 0 || out.Members[n-1].ID != m.Member.ID {
				out.Members = append(out.Members, m.Member)
			}
			return nil
		})
	})
	if err != nil {
		return GroupResult{}, err
	}
	return out, nil
}

// countMembers is how many members g has. Team Members has no stored membership: it is counted like seats (G2).
func countMembers(r store.Reader, g *directory.Group) (int, error) {
	if g.BuiltIn != directory.TeamMembers {
		return g.Members, nil
	}
	usage, err := r.Usage()
	n := 0
	for _, users := range usage.Users[directory.TeamMember] {
		n += users
	}
	return n, err
}

// teamMembers gives all members of Team Members, in the order of their IDs.
func teamMembers(r store.Reader) ([]directory.Member, error) {
	out := []directory.Member{}
	_, err := r.Users(directory.Query{Count: math.MaxInt}, func(u *directory.User, _ []directory.GroupRef) error {
		if u.Type == directory.TeamMember {
			out = append(out, directory.Member{ID: u.ID, Kind: directory.UserKind})
		}
		return nil
	})
	return out, err
}

// ListGroups yields the groups of the tenant of p that match q, as ListUsers does users. yield must not call the Service.
func (s *Service) ListGroups(ctx context.Context, p directory.Principal, q directory.Query, yield func(*directory.Group, []directory.Member) error) (directory.Page, error) {
	if txn.FromIdP(p) {
		q.BuiltIn = false
	}
	var page directory.Page
	var only directory.ID
	err := s.readWanting(ctx, p, wantList(p.Connection.ID, &q), func(r store.Reader) (err error) {
		var count int
		var team []directory.Member
		if q.BuiltIn { // Team Members may be in the list, and the list cannot read
			if count, err = countMembers(r, &directory.Group{BuiltIn: directory.TeamMembers}); err == nil && q.Members {
				team, err = teamMembers(r)
			}
			if err != nil {
				return err
			}
		}
		page, err = r.Groups(q, func(g *directory.Group, members []directory.Member) error {
			only = g.ID
			if g.BuiltIn != directory.TeamMembers {
				return yield(g, members)
			}
			shown := *g
			shown.Members = count
			return yield(&shown, team)
		})
		return err
	})
	if err == nil && q.Where != nil && page.Total == 1 {
		err = s.noteFound(ctx, p, only, q.Where)
	}
	return page, err
}

// CreateGroup makes a group from what edit gives for nil.
//
// Refused B5 on a plan without groups, Conflict with Field displayName, Invalid with Field members for members that do
// not exist, Refused by policy, and the errors of edit.
func (s *Service) CreateGroup(ctx context.Context, p directory.Principal, edit directory.GroupEdit) (GroupResult, error) {
	return s.writeGroup(ctx, p, wantNewGroup(p, edit), func(t *tenantTx) (GroupResult, error) { return t.createGroup(edit) })
}

// EditGroup changes a group and its membership; it costs what the change costs, however large the group is. If edit changes nothing,
// nothing is written and Effect is Unchanged.
//
// NotFound, Refused L9 if another connection manages the group, Stale, the errors of edit, and those of CreateGroup.
func (s *Service) EditGroup(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, edit directory.GroupEdit) (GroupResult, error) {
	return s.writeGroup(ctx, p, wantGroup(p, id, edit), func(t *tenantTx) (GroupResult, error) { return t.editGroup(id, pre, edit) })
}

func (s *Service) writeGroup(ctx context.Context, p directory.Principal, want *store.Want, decide func(*tenantTx) (GroupResult, error)) (GroupResult, error) {
	var out GroupResult
	err := s.writeWanting(ctx, p, want, func(t *tenantTx) error {
		var err error
		out, err = decide(t)
		return err
	})
	if err != nil {
		return GroupResult{}, err
	}
	return out, nil
}

func (t *tenantTx) createGroup(edit directory.GroupEdit) (GroupResult, error) {
	if err := t.load(); err != nil {
		return GroupResult{}, err
	}
	draft, err := edit(nil)
	if err != nil {
		return GroupResult{}, err
	}
	subject := directory.Subject{Kind: string(directory.GroupKind), Name: draft.DisplayName}
	if err := t.Refuse(policy.CreateGroup(t.state.Plan), directory.ActionGroupCreate, subject); err != nil {
		return GroupResult{}, err
	}
	if err := checkGroup(&draft); err != nil {
		return GroupResult{}, err
	}
	if err := t.groupNameIsFree(draft.DisplayName, directory.ID{}); err != nil {
		return GroupResult{}, err
	}
	g := directory.Group{ID: draft.ID, Created: t.Now, Connection: t.Principal.Connection.ID}
	if g.ID.IsZero() {
		g.ID = t.NewID()
	}
	return t.applyGroupDraft(directory.ActionGroupCreate, nil, g, &draft)
}

func (t *tenantTx) editGroup(id directory.ID, pre directory.Precondition, edit directory.GroupEdit) (GroupResult, error) {
	before, adopts, err := t.openGroup(id, pre, directory.ActionGroupUpdate)
	if err != nil {
		return GroupResult{}, err
	}
	draft, err := edit(&before)
	if err != nil {
		return GroupResult{}, err
	}
	if err := checkGroup(&draft); err != nil {
		return GroupResult{}, err
	}
	if directory.Fold(draft.DisplayName) != directory.Fold(before.DisplayName) {
		if err := t.groupNameIsFree(draft.DisplayName, id); err != nil {
			return GroupResult{}, err
		}
	}
	after := before
	if adopts {
		after.Connection = t.Principal.Connection.ID
	}
	return t.applyGroupDraft(directory.ActionGroupUpdate, &before, after, &draft)
}

// openGroup loads the write and the group that p writes.
func (t *tenantTx) openGroup(id directory.ID, pre directory.Precondition, action directory.Action) (g directory.Group, adopts bool, err error) {
	if err := t.load(); err != nil {
		return g, false, err
	}
	if g, err = groupOf(t.Reader, t.Principal, id); err != nil {
		return g, false, err
	}
	if err := t.Refuse(policy.Protected(&g), action, groupSubject(&g)); err != nil {
		return g, false, err
	}
	adopts, no := t.manages(g.Connection, "group", id)
	if err := t.Refuse(no, action, groupSubject(&g)); err != nil {
		return g, false, err
	}
	return g, adopts, pre.Check(g.Version)
}

// applyGroupDraft writes the draft of a group, if it changes anything. before is nil for a new group.
func (t *tenantTx) applyGroupDraft(action directory.Action, before *directory.Group, after directory.Group, draft *directory.GroupDraft) (GroupResult, error) {
	after.DisplayName, after.ExternalID = draft.DisplayName, draft.ExternalID
	if before == nil || !txn.SameDocument(before.Document, draft.Document) {
		after.Document = draft.Document
	}
	change, err := t.editMembers(before, &after, draft)
	if err != nil {
		return GroupResult{}, err
	}
	work := t.editOf(after)
	work.before, work.after = before, after
	work.action, work.deviations, work.reason = action, draft.Deviations, change.ignored
	t.Change.Join, work.added = memberships(t.Change.Join, after.ID, change.join)
	t.Change.Leave, work.removed = memberships(t.Change.Leave, after.ID, change.leave)
	unchanged := before != nil && len(change.join)+len(change.leave) == 0 && after.DisplayName == before.DisplayName &&
		after.ExternalID == before.ExternalID && after.Connection == before.Connection && sameBytes(after.Document, before.Document)
	if unchanged {
		t.groups = nil
		if change.ignored != "" {
			line := t.Line(action, groupSubject(before))
			line.Outcome, line.Rule, line.Reason, line.Deviations = directory.WasDenied, "C6", change.ignored, draft.Deviations
			t.Audit(line)
		}
		return GroupResult{Group: before.Clone(), Effect: Unchanged, Deviations: draft.Deviations}, nil
	}
	if err := t.guestsJoin(change, action); err != nil {
		return GroupResult{}, err
	}
	is, err := t.grants(&after)
	if err != nil {
		return GroupResult{}, err
	}
	if likeBuiltIn(before, &after, is) {
		work.deviations = append(slices.Clone(work.deviations), LikeBuiltIn)
	}
	var was policy.Grant
	if before != nil {
		if was, err = t.grants(before); err != nil {
			return GroupResult{}, err
		}
	}
	if err := t.regrant(&after, was, is, change, action); err != nil {
		return GroupResult{}, err
	}
	work.setVersion(t.Now)
	out := GroupResult{Group: work.after.Clone(), Effect: Changed, Deviations: work.deviations}
	if before == nil {
		out.Effect, out.Members = Created, slices.Clone(change.join)
		slices.SortFunc(out.Members, func(x, y directory.Member) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	}
	return out, nil
}

// LikeBuiltIn is the deviation of a group that gets the name of a built-in group without being mapped to it: its members get none of the
// rights of that group (G1, G4).
const LikeBuiltIn = "displayName.built_in"

func likeBuiltIn(before, after *directory.Group, is policy.Grant) bool {
	name := directory.BuiltInNamed(after.DisplayName)
	if name == "" || slices.Contains(is.BuiltIns, name) {
		return false
	}
	return before == nil || directory.BuiltInNamed(before.DisplayName) != name
}

// memberships appends added or removed members to a Change, and gives their ids.
func memberships(to []directory.Membership, group directory.ID, all []directory.Member) ([]directory.Membership, []directory.ID) {
	to = slices.Grow(to, len(all))
	named := make([]directory.ID, len(all))
	for i, m := range all {
		to = append(to, directory.Membership{Group: group, Member: m})
		named[i] = m.ID
	}
	return to, named
}

func (t *tenantTx) deleteGroup(id directory.ID, pre directory.Precondition) error {
	g, _, err := t.openGroup(id, pre, directory.ActionGroupDelete)
	if err != nil {
		return err
	}
	if t.Principal.Reviewed {
		if err := t.Refuse(policy.DeleteForGood(t.Principal.Access, directory.GroupDelete), directory.ActionGroupDelete, groupSubject(&g)); err != nil {
			return err
		}
	}
	return t.removeGroup(&g, "", "")
}

// removeGroup removes a group with its memberships and leaves the tombstone (D6).
func (t *tenantTx) removeGroup(g *directory.Group, because directory.Rule, why string) error {
	was, err := t.grants(g)
	if err != nil {
		return err
	}
	if err := t.regrant(g, was, policy.Grant{}, membersChange{}, directory.ActionGroupDelete); err != nil {
		return err
	}
	above, err := t.Reader.MembershipsOf(g.ID)
	if err != nil {
		return err
	}
	for _, m := range above {
		if err := t.removedFrom(m.Group, g.ID); err != nil {
			return err
		}
	}
	t.deleted = g
	t.Change.RemoveGroups = append(t.Change.RemoveGroups, g.ID)
	t.Change.Tombstones = append(t.Change.Tombstones, directory.Tombstone{
		ID: g.ID, Kind: directory.GroupKind, Connection: g.Connection, ExternalID: g.ExternalID, Created: g.Created, Deleted: t.Now, By: t.Principal.Actor,
	})
	line := t.Line(directory.ActionGroupDelete, groupSubject(g))
	line.Rule, line.Reason = because, why
	line.Before = txn.Document(append(txn.Decoded(g.Document), directory.Attribute{Name: "members", Value: txn.Number(g.Members)}))
	t.Audit(line)
	data := groupData(g)
	if why != "" {
		data = append(data, directory.Attribute{Name: "reason", Value: why})
	}
	t.Event(directory.GroupDeleted, groupSubject(g), data)
	return nil
}

// groupNameIsFree gives Conflict if another group than id has the displayName.
func (t *tenantTx) groupNameIsFree(displayName string, id directory.ID) error {
	other, taken, err := txn.Optional(t.Reader.GroupByName(displayName))
	if err != nil || !taken || other.ID == id {
		return err
	}
	return t.Refuse(policy.GroupNameTaken(&other), directory.ActionGroupUpdate, groupSubject(&other))
}

// groupOf reads a group that p may see.
func groupOf(r store.Reader, p directory.Principal, id directory.ID) (directory.Group, error) {
	g, ok, err := txn.Optional(r.Group(id))
	if err != nil {
		return directory.Group{}, err
	}
	if !ok || g.BuiltIn != "" && txn.FromIdP(p) {
		return directory.Group{}, txn.NotFound("group", id)
	}
	return g, nil
}

func checkGroup(d *directory.GroupDraft) error {
	if err := policy.CheckText("displayName", d.DisplayName, 1, 1024); err != nil {
		return err
	}
	return policy.CheckText("externalId", d.ExternalID, 0, 1024)
}

func groupSubject(g *directory.Group) directory.Subject {
	return directory.Subject{Kind: string(directory.GroupKind), ID: g.ID.String(), Name: g.DisplayName}
}

// groupData is the data of every event about a group.
func groupData(g *directory.Group) directory.Attributes {
	data := directory.Attributes{{Name: "displayName", Value: g.DisplayName}}
	if g.ExternalID != "" {
		data = append(data, directory.Attribute{Name: "externalId", Value: g.ExternalID})
	}
	if g.BuiltIn != "" {
		data = append(data, directory.Attribute{Name: "builtIn", Value: string(g.BuiltIn)})
	}
	return append(data, directory.Attribute{Name: "members", Value: txn.Number(g.Members)})
}
