package provision

import (
	"context"
	"net/http"
	"slices"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/policy"
)

// sender does the steps of one run, and keeps the sides in step with what was sent.
type sender struct {
	client  *client
	profile profile
	sides   *targets.Sides
	owner   map[string]directory.ID // which user or group has a record of the application; the keys begin with the kind
	records records
	foreign map[string]bool         // records of other tenants, with keys like those of owner; nil: not read yet
	names   map[string]directory.ID // who has a name in the application, by kind and folded name; nil: not read yet
}

// records is what was sent, in the store.
type records interface {
	save(context.Context, targets.Result) error
	// foreign gives the records that other tenants have in the application by the same target.
	foreign(context.Context) (map[string]bool, error)
}

func newSender(c *client, s *targets.Sides, r records) *sender {
	out := &sender{client: c, profile: profileOf(s.Target.Profile), sides: s, owner: map[string]directory.ID{}, records: r}
	for kind, links := range map[directory.Kind]map[directory.ID]directory.TargetLink{directory.UserKind: s.UserLinks, directory.GroupKind: s.GroupLinks} {
		for id, l := range links {
			if l.Remote != "" {
				out.owner[string(kind)+l.Remote] = id
			}
		}
	}
	return out
}

func (x *sender) links(kind directory.Kind) map[directory.ID]directory.TargetLink {
	if kind == directory.GroupKind {
		return x.sides.GroupLinks
	}
	return x.sides.UserLinks
}

// store stores what a step came to, here and in the store. link nil: nothing connects them any more.
func (x *sender) store(ctx context.Context, r targets.Result) error {
	links := x.links(r.Kind)
	if old := links[r.Local]; old.Remote != "" {
		delete(x.owner, string(r.Kind)+old.Remote)
		if x.names != nil {
			delete(x.names, nameKey(r.Kind, sentOf(&old)))
		}
	}
	if r.Link == nil {
		delete(links, r.Local)
	} else {
		links[r.Local] = *r.Link
		if r.Link.Remote != "" {
			x.owner[string(r.Kind)+r.Link.Remote] = r.Local
			if x.names != nil {
				x.names[nameKey(r.Kind, sentOf(r.Link))] = r.Local
			}
		}
	}
	if r.Kind == directory.GroupKind {
		sent := x.sides.Sent[r.Local]
		if sent == nil || r.Forget {
			sent = map[string]bool{}
			x.sides.Sent[r.Local] = sent
		}
		for _, id := range r.Left {
			delete(sent, id)
		}
		for _, id := range r.Joined {
			sent[id] = true
		}
	}
	return x.records.save(ctx, r)
}

// do does one step. The step is computed again first, because the steps before may have changed what it needs. done reports whether
// anything was sent.
func (x *sender) do(ctx context.Context, s Step) (sent bool, err error) {
	if s.Kind == directory.GroupKind {
		if _, there := x.sides.Groups[s.Local]; there {
			now, needed := planGroup(x.sides, s.Local)
			if now.Weight > s.Weight { // the steps before changed its members: the brake has not judged this
				now.Leave = nil
				needed = now.Action == Create || len(now.changed)+len(now.removed)+len(now.Join) > 0
			}
			if !needed {
				return false, nil
			}
			s = now
		}
	}
	err = x.taken(ctx, s, x.send(ctx, s))
	if isConflict(err) {
		if others := x.circle(s); len(others) > 0 {
			err = x.exchange(ctx, s, others)
		}
	}
	return true, err
}

// send does one step as it is.
func (x *sender) send(ctx context.Context, s Step) error {
	l := x.links(s.Kind)[s.Local]
	switch _, there := x.sides.Groups[s.Local]; {
	case s.Kind == directory.GroupKind && there:
		return x.group(ctx, s)
	case s.Action == Create:
		return x.create(ctx, s)
	case s.Action == Delete:
		return x.remove(ctx, s, l)
	case s.Action == Drop:
		return x.drop(ctx, s)
	}
	return x.update(ctx, s, l)
}

// drop forgets a user or group that is not wanted, and that the application is not known to have. A POST whose answer was lost may have made
// it, so it is searched; the next plan then takes its access away.
func (x *sender) drop(ctx context.Context, s Step) error {
	found, err := x.elsewhere(ctx, s, "")
	if err != nil {
		return err
	}
	r := targets.Result{Kind: s.Kind, Local: s.Local}
	if found.id == "" {
		r.Forget = s.Kind == directory.GroupKind
		return x.store(ctx, r)
	}
	sent := seen(found.body, directory.Attributes{{Name: "active", Value: false}}, nil)
	r.Link = &directory.TargetLink{Remote: found.id, Sent: sent.Document(), Name: s.Name}
	return x.store(ctx, r)
}

// remove deletes a user or group. One that is not there is deleted; one that is there under another id is deleted next.
func (x *sender) remove(ctx context.Context, s Step, l directory.TargetLink) error {
	err := x.client.remove(ctx, s.Kind, l.Remote)
	if isMissing(err) {
		var found resource
		if found, err = x.elsewhere(ctx, s, l.Remote); err == nil && found.id != "" {
			if err := x.client.remove(ctx, s.Kind, found.id); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Forget: s.Kind == directory.GroupKind})
}

// update changes a user. One that the application does not have any more is made again, once, unless they left or are suspended.
func (x *sender) update(ctx context.Context, s Step, l directory.TargetLink) error {
	err := x.change(ctx, s.Kind, l.Remote, s.changed, s.removed)
	if isMissing(err) {
		found, err := x.elsewhere(ctx, s, l.Remote)
		switch {
		case err != nil:
			return err
		case found.id != "":
			return x.adopt(ctx, s, found)
		case s.left:
			return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local})
		}
		if err := x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &directory.TargetLink{Name: s.Name}}); err != nil || !wasActive(s.want) {
			return err
		}
		return x.create(ctx, s)
	}
	if err != nil {
		return err
	}
	l = policy.LinkPassed(l)
	l.Sent, l.Left, l.Name = s.want.Document(), s.left, s.Name
	if s.left {
		l.Name = "" // the person is gone here
	}
	return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l})
}

// change sends attributes of a record that the application has.
func (x *sender) change(ctx context.Context, kind directory.Kind, remote string, changed directory.Attributes, removed []string) error {
	if len(changed)+len(removed) == 0 {
		return nil
	}
	if x.profile.patches {
		return x.client.patch(ctx, kind, remote, operations(changed, removed))
	}
	r, err := x.client.get(ctx, kind, remote)
	if err != nil {
		return err
	}
	body := r.body
	for _, a := range changed {
		body = assign(body, a.Name, a.Value)
	}
	for _, path := range removed {
		body = assign(body, path, nil)
	}
	return x.client.put(ctx, kind, remote, body)
}

// refuse is the failure of a record that an operator must look at.
func refuse(message string) error {
	return &failure{policy.TargetFailure{Message: message, Final: true}, 0}
}

// lookup finds the record that the application has of a user or group: by our id, then by its name. The zero resource if there is none.
func (x *sender) lookup(ctx context.Context, s Step) (resource, error) {
	name := nameOf(s.Kind)
	found, err := x.own(ctx, s.Kind, s.Name, s.Local)
	byName := false
	if err == nil && len(found) == 0 {
		byName = true
		found, err = x.client.find(ctx, s.Kind, name, s.want.String(name))
	}
	switch {
	case err != nil || len(found) == 0:
		return resource{}, err
	case len(found) > 1:
		return resource{}, refuse("the application has several records with this name: remove all but one there")
	}
	whose, err := x.whose(ctx, s, found[0].id)
	switch {
	case err != nil:
		return resource{}, err
	case whose != "" && x.renamed(s.Kind, found[0].id):
		return resource{}, &failure{policy.TargetFailure{Message: "the application has this name for " + whose + ", which gets another name first"}, http.StatusConflict}
	case whose != "":
		return resource{}, refuse("the application has this name already, for " + whose + ": rename or remove that record there")
	case byName && x.sides.Target.Existing == directory.RefusePresent:
		return resource{}, refuse("the application has a record with this name already, and this target adopts none")
	}
	return found[0], nil
}

// own finds the record that has our id.
func (x *sender) own(ctx context.Context, kind directory.Kind, name string, local directory.ID) ([]resource, error) {
	if kind == directory.UserKind || x.profile.groupKey == "externalId" {
		return x.client.find(ctx, kind, "externalId", local.String())
	}
	found, err := x.client.find(ctx, kind, x.profile.groupKey, name)
	return slices.DeleteFunc(found, func(r resource) bool { return r.body.String("externalId") != local.String() }), err
}

// elsewhere finds a record that is not there under the id that it had; the zero resource if there is none.
func (x *sender) elsewhere(ctx context.Context, s Step, id string) (resource, error) {
	found, err := x.own(ctx, s.Kind, s.Name, s.Local)
	switch {
	case err != nil || len(found) == 0:
		return resource{}, err
	case len(found) > 1 || found[0].id == id:
		return resource{}, broken(http.StatusNotFound, "says that the record is not there, and finds it")
	}
	return found[0], nil
}

// whose says to whom a record of the application belongs that is not the one of the step; "": to none else.
func (x *sender) whose(ctx context.Context, s Step, remote string) (string, error) {
	key := string(s.Kind) + remote
	if owner, taken := x.owner[key]; taken && owner != s.Local {
		return "another person or group of this company, who may be deleted here", nil
	}
	if x.foreign == nil {
		var err error
		if x.foreign, err = x.records.foreign(ctx); err != nil {
			return "", err
		}
	}
	if x.foreign[key] {
		return "another company that this target is attached to", nil
	}
	return "", nil
}

// create makes a record, or adopts the one that there is, and then sends what is different.
func (x *sender) create(ctx context.Context, s Step) error {
	found, err := x.lookup(ctx, s)
	if err != nil {
		return err
	}
	if reason := x.profile.lacks(s.want); reason != "" && s.Kind == directory.UserKind {
		return refuse(reason)
	}
	if found.id == "" {
		schema := userSchema
		if s.Kind == directory.GroupKind {
			schema = groupSchema
		}
		if l, there := x.links(s.Kind)[s.Local]; !there { // so that a record whose answer is lost is not forgotten
			l.Name = s.Name
			if err := x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l}); err != nil {
				return err
			}
		}
		id, err := x.client.create(ctx, s.Kind, nested(schema, s.want))
		if err == nil {
			if whose, err := x.whose(ctx, s, id); err != nil {
				return err
			} else if whose != "" {
				return refuse("the application gave a new record the id of one that belongs to " + whose)
			}
			l := directory.TargetLink{Remote: id, Sent: s.want.Document(), Name: s.Name}
			return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l})
		}
		if !isConflict(err) && !isBadRequest(err) {
			return err
		}
		again, other := x.lookup(ctx, s)
		if other != nil {
			return other
		}
		if again.id == "" {
			return err // the name is taken by something that a search does not find
		}
		found = again
	}
	return x.adopt(ctx, s, found)
}

func (x *sender) adopt(ctx context.Context, s Step, found resource) error {
	has := seen(found.body, s.want, nil)
	l := directory.TargetLink{Remote: found.id, Sent: has.Document(), Name: s.Name, Left: s.left}
	r := targets.Result{Kind: s.Kind, Local: s.Local, Link: &l}
	if s.Kind == directory.GroupKind && x.profile.showsMembers {
		g, err := x.client.get(ctx, s.Kind, found.id)
		if err != nil {
			return err
		}
		members, err := membersOf(g)
		if err != nil {
			return err
		}
		r.Joined, r.Left = diffSets(members, x.sides.Sent[s.Local])
	}
	if err := x.store(ctx, r); err != nil {
		return err
	}
	changed, removed := difference(has, s.want)
	if err := x.change(ctx, s.Kind, found.id, changed, removed); err != nil {
		return err
	}
	if len(changed)+len(removed) == 0 {
		return nil
	}
	l.Sent = s.want.Document()
	return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l})
}

// group makes a group equal: its attributes, then its members in parts that the application takes.
func (x *sender) group(ctx context.Context, s Step) error {
	if s.Action == Create {
		if err := x.create(ctx, s); err != nil {
			return err
		}
		s, _ = planGroup(x.sides, s.Local)
		s.Leave = nil // members of a group that was there already are the next plan's matter, which the brake judges
	}
	err := x.members(ctx, s)
	if !isMissing(err) {
		return err
	}
	// The application does not have it any more: it is made again, once.
	if err := x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &directory.TargetLink{Name: s.Name}, Left: keys(x.sides.Sent[s.Local])}); err != nil {
		return err
	}
	s, _ = planGroup(x.sides, s.Local)
	if err := x.create(ctx, s); err != nil {
		return err
	}
	s, _ = planGroup(x.sides, s.Local)
	s.Leave = nil
	return x.members(ctx, s)
}

// members sends the attributes of a group that differ, and its members.
func (x *sender) members(ctx context.Context, s Step) error {
	if !x.profile.patches {
		return x.putGroup(ctx, s)
	}
	if len(s.changed)+len(s.removed)+len(s.Join)+len(s.Leave) == 0 {
		return nil
	}
	ops := operations(s.changed, s.removed)
	for first := true; first || len(s.Join)+len(s.Leave) > 0; first = false {
		leave := s.Leave[:min(len(s.Leave), x.profile.maxMembers)]
		join := s.Join[:min(len(s.Join), x.profile.maxMembers-len(leave))]
		s.Leave, s.Join = s.Leave[len(leave):], s.Join[len(join):]
		for _, id := range leave {
			ops = append(ops, removeMember(id))
		}
		if len(join) > 0 {
			ops = append(ops, addMembers(join))
		}
		l := x.sides.GroupLinks[s.Local]
		if len(ops) > 0 {
			if err := x.client.patch(ctx, s.Kind, l.Remote, ops); err != nil {
				return err
			}
		}
		ops = nil
		l = policy.LinkPassed(l)
		l.Sent, l.Name = s.want.Document(), s.Name
		if err := x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l, Joined: join, Left: leave}); err != nil {
			return err
		}
	}
	return nil
}

// putGroup changes a group of an application without PATCH: it is read with its members, changed and put.
func (x *sender) putGroup(ctx context.Context, s Step) error {
	l := x.sides.GroupLinks[s.Local]
	if len(s.changed)+len(s.removed)+len(s.Join)+len(s.Leave) == 0 {
		return nil
	}
	r, err := x.client.get(ctx, s.Kind, l.Remote)
	if err != nil {
		return err
	}
	has, err := membersOf(r)
	if err != nil {
		return err
	}
	for _, id := range s.Join {
		has[id] = true
	}
	for _, id := range s.Leave {
		delete(has, id)
	}
	body := r.body
	for _, a := range s.changed {
		body = assign(body, a.Name, a.Value)
	}
	for _, path := range s.removed {
		body = assign(body, path, nil)
	}
	members := []any{}
	for id := range has {
		members = append(members, directory.Attributes{{Name: "value", Value: id}})
	}
	if err := x.client.put(ctx, s.Kind, l.Remote, set(body, "members", members)); err != nil {
		return err
	}
	l = policy.LinkPassed(l)
	l.Sent, l.Name = s.want.Document(), s.Name
	return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l, Joined: s.Join, Left: s.Leave})
}
