package pull

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// apply carries out a plan with the verbs of the bridge, one transaction each. If the run is stopped, the finished part stays, and the next
// run does the rest. The error is what stopped it.
func (r *run) apply(ctx context.Context, p *plan) error {
	r.state = p.state
	count, items := p.count, p.skipped
	r.result.Count = count
	for _, item := range items {
		r.result.add(item)
	}
	if err := r.bridge.Pulls().WithdrawHeld(ctx, r.p, p.held); err != nil {
		return err
	}
	held, err := r.bridge.Pulls().JudgeRemovals(ctx, r.p, p.removals())
	if err != nil {
		return err
	}
	if held {
		r.removeHeld(p)
	}
	r.p.Judged = true
	for _, c := range p.leave {
		if err := r.user(ctx, c); err != nil {
			return err
		}
	}
	if err := r.edits(ctx, p.edit); err != nil {
		return err
	}
	if err := r.creates(ctx, p.create); err != nil {
		return err
	}
	return r.groups(ctx, p)
}

// together is how many new people are written at the same time, because a store commits concurrent writes together.
const together = 8

// creates creates people. They depend on each other only by the seats and by their names: the first ones in the list get the seats that are
// free, and the first of several with one userName gets it, as in a preview (E7).
func (r *run) creates(ctx context.Context, all []*userChange) error {
	var first, again []*userChange
	seen := map[string]bool{}
	for _, c := range all {
		if name := r.nameKey(c); seen[name] {
			again = append(again, c)
		} else {
			seen[name] = true
			first = append(first, c)
		}
	}
	create := r.createAll
	if r.result.Preview {
		create = r.previewCreates
	}
	if err := create(ctx, first); err != nil {
		return err
	}
	return create(ctx, again)
}

// nameKey is the userName that a person gets, in the form in which userNames are compared.
func (r *run) nameKey(c *userChange) string {
	return directory.UserNameKey(r.bridge.Pulls().MappedName(r.p, c.draft))
}

func (r *run) createAll(ctx context.Context, all []*userChange) error {
	for len(all) > 0 {
		n, err := r.fitting(ctx, all)
		if err == nil {
			err = r.createTogether(ctx, all[:n])
		}
		if err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// previewTogether is how many new people a preview decides about at the same time. A store on a network reads for all of them at once.
const previewTogether = 32

// previewCreates decides about new people, some at the same time.
func (r *run) previewCreates(ctx context.Context, all []*userChange) error {
	for part := range slices.Chunk(all, previewTogether) {
		if err := ctx.Err(); err != nil {
			return err
		}
		attempts := make([]attempt, len(part))
		var working sync.WaitGroup
		for i, c := range part {
			working.Go(func() {
				defer func() {
					if v := recover(); v != nil {
						attempts[i].err = inside(c, v)
					}
				}()
				attempts[i] = r.attempt(ctx, c)
			})
		}
		working.Wait()
		for i, c := range part {
			if err := r.account(c, attempts[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// fitting is how many of the next people may be created at the same time: as many as the free seats are enough for. If none is free, it does not
// matter who comes first.
func (r *run) fitting(ctx context.Context, all []*userChange) (n int, err error) {
	if !r.refuse || r.result.Seats.Limit == 0 {
		return len(all), nil
	}
	seats, _, err := r.bridge.Pulls().Seats(ctx, r.p)
	free := seats.Limit - seats.Before
	if free <= 0 || seats.Limit == 0 {
		return len(all), err
	}
	for n < len(all) && (free > 0 || !takesSeat(all[n])) {
		if takesSeat(all[n]) {
			free--
		}
		n++
	}
	return n, err
}

// takesSeat reports whether a new person is active. A guest may need no seat; then the next round has more free ones.
func takesSeat(c *userChange) bool { return c.draft.Active == nil || *c.draft.Active }

func (r *run) createTogether(ctx context.Context, all []*userChange) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan *userChange)
	var working sync.WaitGroup
	for range min(together, len(all)) {
		working.Go(func() {
			for c := range todo {
				if err := r.guarded(ctx, c); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, c := range all {
		if ctx.Err() != nil {
			break
		}
		todo <- c
	}
	close(todo)
	working.Wait()
	return context.Cause(ctx)
}

// guarded is user where no caller recovers from a panic.
func (r *run) guarded(ctx context.Context, c *userChange) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = inside(c, v)
		}
	}()
	return r.user(ctx, c)
}

// inside is the error of a panic, which ends the run and not the process.
func inside(c *userChange, panicked any) error {
	return &directory.Error{Code: directory.Internal, Message: "writing " + c.item.Name + " failed inside", Err: fmt.Errorf("panic: %v", panicked)}
}

// removeHeld removes everything from the plan that the brake holds.
func (r *run) removeHeld(p *plan) {
	p.leave = slices.DeleteFunc(p.leave, func(c *userChange) bool {
		if c.weight > 0 {
			r.addHeld(c.item)
		}
		return c.weight > 0
	})
	for _, all := range []*[]*groupChange{&p.groups, &p.drop} {
		*all = slices.DeleteFunc(*all, func(c *groupChange) bool {
			if c.weight == 0 {
				return false
			}
			item := c.item
			item.Joined = 0
			r.addHeld(item)
			c.leave, c.item.Left = nil, 0
			return c.remove == directory.RemoveGroup
		})
	}
}

func (r *run) addHeld(item Item) {
	item.Held, item.Rule = true, "C8"
	r.result.Count.Held++
	r.result.add(item)
}

// edits changes users. A user whose new name another one still has is tried again after the others, because a name may pass from one person
// to another in one run.
func (r *run) edits(ctx context.Context, all []*userChange) error {
	for len(all) > 0 {
		var later []*userChange
		for _, c := range all {
			taken, err := r.nameTaken(ctx, c, all)
			if err != nil {
				return err
			}
			if taken {
				later = append(later, c)
				continue
			}
			if err := r.user(ctx, c); err != nil {
				return err
			}
		}
		if len(later) == len(all) { // a circle, or a name that stays taken: the refusal says so
			for _, c := range all {
				if err := r.user(ctx, c); err != nil {
					return err
				}
			}
			return nil
		}
		all = later
	}
	return nil
}

// nameTaken reports whether another user who is to be renamed in this run still has the new name of c.
func (r *run) nameTaken(ctx context.Context, c *userChange, all []*userChange) (bool, error) {
	name := r.bridge.Pulls().MappedName(r.p, c.draft)
	key := directory.UserNameKey(name)
	mapped := r.p.Connection.AttributeMapping.Sets(directory.TargetUserName)
	if !mapped && key == directory.UserNameKey(c.user.UserName) || r.freed[key] {
		return false, nil
	}
	users, _, err := r.bridge.Pulls().Namesakes(ctx, r.p, []string{name}, nil)
	if err != nil {
		return false, err
	}
	other, taken := users[key]
	return taken && other.ID != c.user.ID && slices.ContainsFunc(all, func(o *userChange) bool { return o != c && o.user.ID == other.ID }), nil
}

// user does what is planned for one person. A refusal by a rule is part of the result; an error stops the run.
func (r *run) user(ctx context.Context, c *userChange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	key, wish := c.wish()
	if refused, err := r.refusedBefore(ctx, key, wish, func(ctx context.Context, p directory.Principal) error {
		_, err := r.verb(ctx, p, c)
		return err
	}); err != nil || refused != nil {
		return r.noteRefusal(key, wish, c.item, refused, err)
	}
	return r.account(c, r.attempt(ctx, c))
}

// wish identifies what is planned for a person, in case that it is refused.
func (c *userChange) wish() (key, wish string) {
	return "user/" + c.id, digest([]any{c.item.Action, c.draft, c.delete})
}

// attempt is what a verb did, or would do, for a person.
type attempt struct {
	out    bridge.UserResult
	report *directory.Report // of a preview
	began  time.Time
	err    error
}

func (r *run) attempt(ctx context.Context, c *userChange) attempt {
	p := r.fresh()
	a := attempt{report: p.Report, began: r.s.cfg.Now()}
	a.out, a.err = r.verb(ctx, p, c)
	if r.freed[r.nameKey(c)] && isNameTaken(a.err) && !r.p.Connection.AttributeMapping.Sets(directory.TargetUserName) {
		// In the run the name is free by then. The rest of the decision does not depend on it.
		other := *c
		other.draft.UserName = c.id + "." + c.draft.UserName
		p = r.fresh()
		a.report = p.Report
		a.out, a.err = r.verb(ctx, p, &other)
	}
	return a
}

func isNameTaken(err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && e.Code == directory.Conflict && e.Field == "userName"
}

// account adds to the result what a verb did for a person. The attempts of a preview are accounted in the order of the list, because each takes
// one of the seats that the earlier ones have left.
func (r *run) account(c *userChange, a attempt) error {
	err := a.err
	if err == nil {
		err = r.nameGiven(c)
	}
	if err == nil {
		err = r.seats(a.report)
	}
	if err == nil {
		r.passName(c)
	}
	item := c.item
	if err == nil && !c.delete {
		item.ID = a.out.User.ID.String()
		if r.result.Preview && c.user == nil {
			item.ID = ""
		}
	} else if c.user != nil {
		item.ID = c.user.ID.String()
	}
	if err == nil && a.out.Effect == bridge.Unchanged {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.result.Count.Unchanged++
		return nil
	}
	r.write(item, c.draft.Document, a.began, err)
	if err != nil {
		key, wish := c.wish()
		return r.noteRefusal(key, wish, item, err, nil)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done(c, &item, a.out)
	r.result.add(item)
	return nil
}

// verb calls the verb that a push would call.
func (r *run) verb(ctx context.Context, p directory.Principal, c *userChange) (bridge.UserResult, error) {
	b := r.bridge
	switch {
	case c.delete:
		return bridge.UserResult{}, b.DeleteUser(ctx, p, c.user.ID, directory.Precondition{})
	case c.user == nil:
		return b.CreateUser(ctx, p, func(*directory.User) (directory.UserDraft, error) { return c.draft, nil })
	}
	return b.EditUser(ctx, p, c.user.ID, directory.Precondition{}, func(before *directory.User) (directory.UserDraft, error) {
		if before.Connection != "" && before.ExternalID != "" && before.ExternalID != c.draft.ExternalID {
			return directory.UserDraft{}, &directory.Error{Code: directory.Conflict, Rule: "L5", Message: "the user became another person meanwhile"}
		}
		return c.draft, nil
	})
}

// done counts what was done for a person.
func (r *run) done(c *userChange, item *Item, out bridge.UserResult) {
	n := &r.result.Count
	switch {
	case c.delete:
		n.Deleted++
		delete(r.ids, c.id)
		return
	case out.Effect == bridge.Restored:
		n.Restored++
		item.Action = "user.restore"
	case out.Effect == bridge.Created:
		n.Created++
	case item.Action == "user.adopt":
		n.Adopted++
	case item.Action == "user.suspend":
		n.Suspended++
	case item.Action == "user.reactivate" && out.User.Active():
		n.Reactivated++
	default:
		n.Updated++
	}
	if !r.result.Preview || c.user != nil {
		r.ids[c.id] = out.User.ID
	}
}

// nameGiven refuses a person of a preview whose new userName an earlier one of the run gets.
func (r *run) nameGiven(c *userChange) error {
	if !r.result.Preview || c.delete {
		return nil
	}
	if by, given := r.given[r.nameKey(c)]; given && by.id != c.id {
		return &directory.Error{Code: directory.Conflict, Field: "userName", Message: "userName is taken by " + by.item.Name + ", who gets it earlier in this run"}
	}
	return nil
}

// passName notes in a preview which userName a person would get, and which would be free then.
func (r *run) passName(c *userChange) {
	if !r.result.Preview {
		return
	}
	if r.given == nil {
		r.given, r.freed = map[string]*userChange{}, map[string]bool{}
	}
	was := ""
	if c.user != nil {
		was = directory.UserNameKey(c.user.UserName)
	}
	switch name := r.nameKey(c); {
	case c.delete:
		r.freed[was] = true
	case name != was:
		r.freed[was] = was != ""
		r.given[name] = c
	}
}

// seats adds the effect of a write of a preview on the seats to that of the writes before it, and refuses beyond the limit (B2).
func (r *run) seats(e *directory.Report) error {
	if !r.result.Preview || e == nil || e.Seats == nil {
		return nil
	}
	delta := e.Seats.After - e.Seats.Before
	if limit := e.Seats.Limit; delta > 0 && r.refuse && limit > 0 && e.Seats.Before+r.extra+delta > limit {
		return &directory.Error{Code: directory.Refused, Rule: "B2", Message: "the writes before it in this run take the last seats"}
	}
	r.extra += delta
	r.result.Seats.After += delta
	return nil
}

// refusedBefore decides again, without writing, about a write that a rule refused in the last run with the same values, so that a refusal
// is audited only once.
func (r *run) refusedBefore(ctx context.Context, key, wish string, verb func(context.Context, directory.Principal) error) (refused, err error) {
	if r.before.Refused[key] != wish || r.result.Preview {
		return nil, nil //nolint:nilnil // it is not known to be refused
	}
	p := r.p
	p.Report = &directory.Report{DryRun: true}
	if err := verb(ctx, p); err != nil {
		if stops(err) {
			return nil, err
		}
		return err, nil
	}
	return nil, nil //nolint:nilnil // the rule lets it pass now
}

// noteRefusal notes a refusal. err stops the run.
func (r *run) noteRefusal(key, wish string, item Item, refused, err error) error {
	if err == nil && refused != nil && stops(refused) {
		err = refused
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	item.Refused, item.Detail, item.Rule = true, sentenceOf(refused), ruleOf(refused)
	r.result.Count.Refused++
	r.state.Refused[key] = wish
	r.result.add(item)
	return nil
}

// stops reports whether an error is about the whole run, not about one person or group.
func stops(err error) bool {
	var e *directory.Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code {
	case directory.Conflict:
		return e.Rule == "T6" || e.Rule == "C10"
	case directory.Refused:
		return e.Rule == "B5" && e.Field == "" || e.Rule == "T6"
	case directory.Invalid, directory.NotFound, directory.Stale, directory.TooLarge:
		return false
	}
	return true
}
