package pull

import (
	"context"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// groups first creates groups, then renames them and changes their members, then removes groups, because a group must exist before it can
// be a member.
func (r *run) groups(ctx context.Context, p *plan) error {
	for _, c := range p.groups {
		if c.group != nil {
			continue
		}
		if err := r.createGroup(ctx, c); err != nil {
			return err
		}
	}
	for _, c := range p.groups {
		if err := r.editGroup(ctx, c); err != nil {
			return err
		}
	}
	for _, c := range p.drop {
		if err := r.dropGroup(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// fresh gives the Principal of the next verb; that of a preview collects again.
func (r *run) fresh() directory.Principal {
	p := r.p
	if r.result.Preview {
		p.Report = &directory.Report{DryRun: true}
	}
	return p
}

func (r *run) createGroup(ctx context.Context, c *groupChange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	key, wish := "group/"+c.id, digest(c.draft)
	create := func(ctx context.Context, p directory.Principal) (bridge.GroupResult, error) {
		return r.bridge.CreateGroup(ctx, p, func(*directory.Group) (directory.GroupDraft, error) { return c.draft, nil })
	}
	if refused, err := r.refusedBefore(ctx, key, wish, func(ctx context.Context, p directory.Principal) error {
		_, err := create(ctx, p)
		return err
	}); err != nil || refused != nil {
		return r.noteRefusal(key, wish, c.item, refused, err)
	}
	began := r.s.cfg.Now()
	out, err := create(ctx, r.fresh())
	item := c.item
	if err == nil && !r.result.Preview {
		item.ID = out.Group.ID.String()
	}
	r.write(item, c.draft.Document, began, err)
	if err != nil {
		return r.noteRefusal(key, wish, item, err, nil)
	}
	r.result.Count.GroupsCreated++
	if r.result.Preview {
		r.result.Count.Joined += len(c.join)
		item.Joined = len(c.join)
		r.result.add(item)
		return nil
	}
	r.ids[c.id] = out.Group.ID
	made := out.Group
	c.group, c.item, c.made = &made, item, true
	return nil
}

// editGroup renames a group and changes its members. If a rule refuses, the new members are tried in smaller parts, so that a rule about
// one person does not keep out others.
func (r *run) editGroup(ctx context.Context, c *groupChange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.group == nil {
		return nil // it was not made, or this is a preview
	}
	var join []directory.MemberRef
	for _, member := range c.join {
		if id, ok := r.ids[member]; ok {
			join = append(join, directory.MemberRef{Value: id.String()})
		}
	}
	if !r.made(c, join) && (!r.result.Preview || len(c.join) == 0) {
		return nil
	}
	key, wish := "group/"+c.id, digest([]any{c.draft, c.join, c.leave})
	if refused, err := r.refusedBefore(ctx, key, wish, func(ctx context.Context, p directory.Principal) error {
		_, err := r.members(ctx, p, c, join, c.leave)
		return err
	}); err != nil || refused != nil {
		return r.noteRefusal(key, wish, c.item, refused, err)
	}
	item := c.item
	item.ID, item.Joined, item.Left = c.group.ID.String(), 0, 0
	began := r.s.cfg.Now()
	out, err := r.members(ctx, r.fresh(), c, nil, c.leave)
	if err == nil && out.Effect == bridge.Changed {
		item.Left = len(c.leave)
	}
	refused := err
	if refused == nil {
		refused, err = r.join(ctx, c, join, &item)
	}
	if err != nil && stops(err) {
		return err
	}
	if r.result.Preview { // members that do not exist yet would exist by then
		item.Joined += len(c.join) - len(join)
	}
	r.result.Count.Joined += item.Joined
	r.result.Count.Left += item.Left
	changed := item.Joined+item.Left > 0 || c.made || out.Effect == bridge.Changed
	if changed {
		r.write(item, c.draft.Document, began, nil)
		r.result.add(item)
		switch {
		case c.made:
		case item.Action == "group.adopt":
			r.result.Count.Adopted++
		default:
			r.result.Count.GroupsUpdated++
		}
	}
	if refused != nil {
		r.write(item, c.draft.Document, began, refused)
		return r.noteRefusal(key, wish, item, refused, nil)
	}
	return nil
}

// made reports whether there is anything to do for a group; one that was made in this run, and is empty, is complete.
func (r *run) made(c *groupChange, join []directory.MemberRef) bool {
	if c.renamed || len(join)+len(c.leave) > 0 {
		return true
	}
	if c.made {
		c.item.Joined = 0
		r.result.add(c.item)
	}
	return false
}

// join adds members to a group, in halves if a rule refuses. refused is the first refusal of a single member; err stops the run.
func (r *run) join(ctx context.Context, c *groupChange, join []directory.MemberRef, item *Item) (refused, err error) {
	if len(join) == 0 {
		return nil, nil //nolint:nilnil // there is no one to refuse
	}
	_, err = r.members(ctx, r.fresh(), c, join, nil)
	switch {
	case err == nil:
		item.Joined += len(join)
		return nil, nil //nolint:nilnil // no one was refused
	case stops(err):
		return nil, err
	case len(join) == 1:
		return err, nil
	}
	half := len(join) / 2
	refused, err = r.join(ctx, c, join[:half], item)
	if err != nil {
		return refused, err
	}
	other, err := r.join(ctx, c, join[half:], item)
	if refused == nil {
		refused = other
	}
	return refused, err
}

// members is the verb that a push would call.
func (r *run) members(ctx context.Context, p directory.Principal, c *groupChange, join []directory.MemberRef, leave []directory.ID) (bridge.GroupResult, error) {
	draft := c.draft
	draft.Members = nil
	if len(leave) > 0 {
		step := directory.MemberEdit{Op: directory.RemoveMembers}
		for _, id := range leave {
			step.Members = append(step.Members, directory.MemberRef{Value: id.String()})
		}
		draft.Members = append(draft.Members, step)
	}
	if len(join) > 0 {
		draft.Members = append(draft.Members, directory.MemberEdit{Op: directory.AddMembers, Members: join})
	}
	return r.bridge.EditGroup(ctx, p, c.group.ID, directory.Precondition{}, func(*directory.Group) (directory.GroupDraft, error) { return draft, nil })
}

func (r *run) dropGroup(ctx context.Context, c *groupChange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	key, wish := "group/"+c.id, digest("delete")
	remove := func(ctx context.Context, p directory.Principal) error {
		return r.bridge.DeleteGroup(ctx, p, c.group.ID, directory.Precondition{})
	}
	if refused, err := r.refusedBefore(ctx, key, wish, remove); err != nil || refused != nil {
		return r.noteRefusal(key, wish, c.item, refused, err)
	}
	began := r.s.cfg.Now()
	err := remove(ctx, r.fresh())
	item := c.item
	item.ID = c.group.ID.String()
	r.write(item, nil, began, err)
	if err != nil {
		return r.noteRefusal(key, wish, item, err, nil)
	}
	r.result.Count.GroupsDeleted++
	r.result.Count.Left += item.Left
	r.result.add(item)
	return nil
}
