package bridge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Disconnection is what disconnecting a connection would do (C10). Digest stands for all of it: who applies it shows that
// this is what he saw.
type Disconnection struct {
	Connection directory.ConnectionID
	Tenant     directory.TenantID
	Mode       directory.Disconnect
	Ending     *directory.Ending // it has begun already; nil: not yet

	Users       int // whom it manages, all that follows within
	Suspends    int // who will be suspended now, and whose seats become free
	Suspended   int // who is suspended already
	Gone        int // whom the identity provider deleted
	Groups      int
	Resources   int
	Grants      []KeptGrant // roles that its mapping grants; at most 1000 are named
	GrantsKept  int         // how many become grants of their own
	GrantsTaken int         // how many are taken away, with the people who had them
	Credentials int         // that are revoked
	Held        int         // removals that wait for an operator and are dropped (C8)

	Brake          directory.BrakeMode // of the tenant
	BrakeLimit     int                 // removals within an hour that are usual here
	Unusual        bool                // the suspensions go beyond it: announced, and not held, since an operator decides
	AutoDeleteDays int                 // 0: nobody is deleted by the clock
	Refused        []RefusedPerson     // for whom a rule says no: nothing is done as long as there is one
	Digest         string

	People []DisconnectedPerson // a page of them, in the order of their ids
	Next   directory.ID         // behind whom the next page begins; zero: this was the last
}

// DisconnectedPerson is a user whom it is about.
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
	Kept     bool   // it stays, as a grant of its own; otherwise it goes
}

// RefusedPerson is somebody for whom a rule says no.
type RefusedPerson struct {
	User     directory.ID
	UserName string
	Rule     directory.Rule
	Message  string
}

// Disconnected is what was done so far.
type Disconnected struct {
	Connection directory.ConnectionID
	Mode       directory.Disconnect
	Users      int             // settled by this call
	Groups     int             // likewise
	Done       bool            // the connection is gone
	Left       []RefusedPerson // who is left because a rule says no; it goes on when that is mended
}

const (
	namedGrants      = 1000 // how many grants a preview names
	disconnectUsers  = 100  // how many users one transaction settles
	disconnectGroups = 50
	disconnectTries  = 3 // then the preview is made again inside the transaction, which the writes of others wait for
)

// PreviewDisconnect shows what disconnecting a connection would do (C10), with a page of at most limit people behind after.
// NotFound, Invalid.
func (s *Service) PreviewDisconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, after directory.ID, limit int) (Disconnection, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return Disconnection{}, err
	}
	if err := policy.CheckDisconnect(mode); err != nil {
		return Disconnection{}, err
	}
	var out Disconnection
	err = s.read(ctx, p, func(r store.Reader) error {
		out, err = s.disconnection(r, p, id, mode, after, limit)
		return err
	})
	return out, err
}

// Disconnect ends a connection for good (C10): its credentials in the first transaction, then what it manages in many small
// ones, and at last the connection itself. digest is that of the preview; Conflict C10 if what would be done is no longer what
// was shown. Called again for one that is being disconnected in the same way it goes on, whatever the digest, and so does the
// job of this name after a crash.
//
// NotFound, Invalid, Conflict, Refused G3 while nobody else would be left as Owner; then nothing was done.
func (s *Service) Disconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, digest, reason string) (Disconnected, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return Disconnected{}, err
	}
	if err := policy.CheckDisconnect(mode); err != nil {
		return Disconnected{}, err
	}
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return Disconnected{}, err
	}
	for try := 1; ; try++ {
		begun, err := s.beginDisconnect(ctx, p, id, mode, digest, reason, try >= disconnectTries)
		if err != nil {
			return Disconnected{}, err
		}
		if begun {
			return s.goOnDisconnecting(ctx, p, id)
		}
	}
}

// beginDisconnect does the first transaction. It looks at everything before it, so that the writes of others need not wait,
// and gives false if something was written meanwhile; inside: it looks within the transaction.
func (s *Service) beginDisconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, digest, reason string, inside bool) (begun bool, err error) {
	var plan Disconnection
	var seen uint64
	look := func(r store.Reader) error {
		if plan, err = s.disconnection(r, p, id, mode, directory.ID{}, 0); err != nil {
			return err
		}
		_, seen, err = r.Audit(0, 0)
		return err
	}
	if !inside {
		if err := s.read(ctx, p, look); err != nil {
			return false, err
		}
	}
	err = s.write(ctx, p, func(t *turn) error {
		begun = false
		if inside {
			if err := look(t.r); err != nil {
				return err
			}
		} else if _, last, err := t.r.Audit(0, 0); err != nil || last != seen {
			return err
		}
		if plan.Ending != nil {
			begun = plan.Ending.Mode == mode
			if !begun {
				return &directory.Error{Code: directory.Conflict, Field: "mode", Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected already, with the mode %s", id, plan.Ending.Mode)}
			}
			return nil
		}
		if digest != plan.Digest {
			return &directory.Error{Code: directory.Conflict, Field: "digest", Rule: "C10", Message: "what would be done is not, or no longer, what this digest stands for: look at the preview and give its digest"}
		}
		c, err := t.r.Connection(id)
		if err != nil {
			return err
		}
		if len(plan.Refused) > 0 {
			return t.refuse(&policy.Refusal{Code: directory.Refused, Rule: plan.Refused[0].Rule, Message: plan.Refused[0].Message}, "connection.disconnect", connectionSubject(&c))
		}
		begun = true
		return t.beginDisconnect(&c, &plan, reason)
	})
	return begun, err
}

func (t *turn) beginDisconnect(before *directory.Connection, plan *Disconnection, reason string) error {
	if err := t.load(); err != nil {
		return err
	}
	after := cloneConnection(*before)
	after.Ending = &directory.Ending{Mode: plan.Mode, Since: t.now, By: t.p.Actor, Reason: reason, Users: plan.Users, Groups: plan.Groups}
	after.Version, after.Modified = before.Version+1, later(t.now, before.Modified)
	t.change.Connections = append(t.change.Connections, after)
	data := directory.Attributes{
		{Name: "mode", Value: string(plan.Mode)},
		{Name: "users", Value: number(plan.Users)},
		{Name: "suspends", Value: number(plan.Suspends)},
		{Name: "groups", Value: number(plan.Groups)},
		{Name: "digest", Value: plan.Digest},
	}
	line := t.line("connection.disconnect", connectionSubject(before))
	line.Rule, line.Reason, line.After = "C10", reason, document(data)
	t.audit(line)
	t.event(directory.ConnectionEnding, connectionSubject(before), data)
	tokens, err := t.r.Tokens(before.ID)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		if token.Live(t.now) {
			token.Revoked = t.now
			t.putToken(&token, "token.revoke")
		}
	}
	if plan.Unusual && t.state.Settings.Brake != directory.BrakeOff {
		t.shout(directory.BrakeAlerted, before.ID, &policy.BrakeVerdict{Within: plan.Suspends, Limit: plan.BrakeLimit})
	}
	return nil
}

// disconnection looks at everything that a connection manages. limit is how many people it names.
func (s *Service) disconnection(r store.Reader, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, after directory.ID, limit int) (Disconnection, error) {
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
	if err := d.lookAtUsers(r, sum, state, after, limit); err != nil {
		return d, err
	}
	if err := d.lookAtGroups(r, sum); err != nil {
		return d, err
	}
	if err := ofResources(r, &tenant, id, func(v *directory.Resource) {
		d.Resources++
		note(sum, "r %s\n", v.ID)
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
	if err := heldBy(r, id, func(string, *directory.HeldRemoval) bool { d.Held++; return true }); err != nil {
		return d, err
	}
	verdict := policy.Brake(directory.BrakeAlert, directory.Removals{}, d.Suspends, usage.Users[directory.TeamMember][directory.Active], state.Now)
	d.BrakeLimit, d.Unusual = verdict.Limit, verdict.Alert
	if mode == directory.Terminate {
		if err := d.lookForOwners(r); err != nil {
			return d, err
		}
	}
	for _, no := range d.Refused {
		note(sum, "x %s %s\n", no.User, no.Rule)
	}
	d.Digest = hex.EncodeToString(sum.Sum(nil))[:32]
	return d, nil
}

func (d *Disconnection) lookAtUsers(r store.Reader, sum hash.Hash, state policy.State, after directory.ID, limit int) error {
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
		if bytes.Compare(u.ID[:], after[:]) <= 0 {
			return nil
		}
		if len(d.People) < limit {
			d.People = append(d.People, DisconnectedPerson{User: u.ID, UserName: strings.Clone(u.UserName), State: u.State, Gone: u.Gone(), Becomes: becomes.State})
		} else if limit > 0 {
			d.Next = d.People[limit-1].User
		}
		return nil
	})
}

func (d *Disconnection) lookAtGroups(r store.Reader, sum hash.Hash) error {
	names := map[directory.ID]string{}
	err := ofGroups(r, d.Connection, func(g *directory.Group) {
		d.Groups++
		names[g.ID] = strings.Clone(g.DisplayName)
		note(sum, "g %s %q\n", g.ID, g.DisplayName)
	})
	if err != nil {
		return err
	}
	return granted(r, func(b *directory.Group, m *directory.Membership) error {
		by, ok := names[m.Source]
		if !ok {
			return nil
		}
		u, err := r.User(m.Member.ID)
		if err != nil {
			return err
		}
		kept := d.Mode == directory.Finalise || u.Connection != d.Connection
		if kept {
			d.GrantsKept++
		} else {
			d.GrantsTaken++
		}
		note(sum, "m %s %s %s %v\n", b.BuiltIn, u.ID, m.Source, kept)
		if len(d.Grants) < namedGrants {
			d.Grants = append(d.Grants, KeptGrant{Group: b.BuiltIn, User: u.ID, UserName: strings.Clone(u.UserName), By: by, Kept: kept})
		}
		return nil
	})
}

// note adds a line to what the digest stands for.
func note(sum hash.Hash, format string, args ...any) { _, _ = fmt.Fprintf(sum, format, args...) }

// lookForOwners finds out whether an active Owner is left when the people of the connection are suspended (G3).
func (d *Disconnection) lookForOwners(r store.Reader) error {
	owners, ok, err := absent(r.BuiltIn(directory.Owners))
	if err != nil || !ok {
		return err
	}
	others := 0
	var own []RefusedPerson
	seen := map[directory.ID]bool{}
	var failed error
	err = r.Members(owners.ID, directory.ID{}, func(m directory.Membership) bool {
		if m.Member.Kind != directory.UserKind || seen[m.Member.ID] {
			return true
		}
		seen[m.Member.ID] = true
		u, ok, err := absent(r.User(m.Member.ID))
		if err != nil {
			failed = err
			return false
		}
		switch {
		case !ok || !policy.CanOwn(&u):
		case u.Connection != d.Connection:
			others++
		default:
			own = append(own, RefusedPerson{User: u.ID, UserName: strings.Clone(u.UserName)})
		}
		return others == 0
	})
	if err == nil {
		err = failed
	}
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

// ofUsers gives the users that a connection manages, Gone ones too, in the order of their ids.
func ofUsers(r store.Reader, id directory.ConnectionID, yield func(*directory.User) error) error {
	_, err := r.Users(directory.Query{Count: math.MaxInt, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
		if u.Connection != id {
			return nil
		}
		return yield(u)
	})
	return err
}

func ofGroups(r store.Reader, id directory.ConnectionID, yield func(*directory.Group)) error {
	_, err := r.Groups(directory.Query{Count: math.MaxInt}, func(g *directory.Group, _ []directory.Member) error {
		if g.Connection == id {
			yield(g)
		}
		return nil
	})
	return err
}

func ofResources(r store.Reader, tenant *directory.Tenant, id directory.ConnectionID, yield func(*directory.Resource)) error {
	for _, kind := range customKinds(tenant) {
		_, err := r.Resources(kind, directory.Query{Count: math.MaxInt}, func(v *directory.Resource) error {
			if v.Connection == id {
				yield(v)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// customKinds are the resource types that a tenant has beside User and Group.
func customKinds(tenant *directory.Tenant) []directory.Kind {
	var out []directory.Kind
	for i := range tenant.Schemas {
		kind := directory.Kind(tenant.Schemas[i].ResourceType)
		if kind != directory.UserKind && kind != directory.GroupKind && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
}

// granted gives the memberships of built-in groups that come from a mapping.
func granted(r store.Reader, yield func(*directory.Group, *directory.Membership) error) error {
	for _, name := range directory.BuiltIns() {
		b, ok, err := absent(r.BuiltIn(name))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		var failed error
		err = r.Members(b.ID, directory.ID{}, func(m directory.Membership) bool {
			if !m.Source.IsZero() {
				failed = yield(&b, &m)
			}
			return failed == nil
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ResumeDisconnects goes on with the connections of a tenant that are being disconnected (C10), as after a crash. dry: it only
// gives those. NotFound.
func (s *Service) ResumeDisconnects(ctx context.Context, p directory.Principal, tenant directory.TenantID, dry bool) ([]Disconnected, error) {
	p, err := operator(p, tenant)
	if err != nil {
		return nil, err
	}
	var ending []directory.Connection
	err = s.read(ctx, p, func(r store.Reader) error {
		all, err := r.Connections()
		for i := range all {
			if all[i].Ending != nil {
				ending = append(ending, cloneConnection(all[i]))
			}
		}
		return err
	})
	var out []Disconnected
	for i := range ending {
		done := Disconnected{Connection: ending[i].ID, Mode: ending[i].Ending.Mode}
		if !dry && err == nil {
			done, err = s.goOnDisconnecting(ctx, p, ending[i].ID)
		}
		if err == nil && (dry || done.Done || done.Users+done.Groups > 0) {
			out = append(out, done)
		}
	}
	return out, err
}

// disconnecting is the work that is left of a disconnection.
type disconnecting struct {
	s      *Service
	p      directory.Principal
	id     directory.ConnectionID
	ending directory.Ending
	out    Disconnected
}

// goOnDisconnecting settles what is left: people, their roles, groups, resources, what is remembered about the connection. What
// is settled is no longer managed by it, so that there is no other place to go on from. Every step is done in the name of
// whoever began.
func (s *Service) goOnDisconnecting(ctx context.Context, p directory.Principal, id directory.ConnectionID) (Disconnected, error) {
	var found directory.Connection
	err := s.read(ctx, p, func(r store.Reader) error {
		c, err := r.Connection(id)
		found = cloneConnection(c)
		return err
	})
	if err != nil {
		return Disconnected{}, err
	}
	if found.Ending == nil {
		return Disconnected{}, &directory.Error{Code: directory.Conflict, Rule: "C10", Message: fmt.Sprintf("connection %q is not being disconnected", id)}
	}
	p.Actor = found.Ending.By
	w := &disconnecting{s: s, p: p, id: id, ending: *found.Ending, out: Disconnected{Connection: id, Mode: found.Ending.Mode}}
	for _, step := range []func(context.Context) error{w.users, w.grants, w.groups, w.resources, w.memos} {
		if len(w.out.Left) > 0 {
			return w.out, nil
		}
		if err := step(ctx); err != nil {
			return w.out, err
		}
	}
	if len(w.out.Left) > 0 {
		return w.out, nil
	}
	return w.out, w.end(ctx)
}

// write does one step in the name of whoever began. What an operator decided is not asked of the brake again.
func (w *disconnecting) write(ctx context.Context, decide func(*turn) error) error {
	return w.s.write(ctx, w.p, func(t *turn) error {
		if err := t.load(); err != nil {
			return err
		}
		t.released = true
		t.mappings = map[directory.ConnectionID][]directory.GroupMapping{w.id: nil}
		return decide(t)
	})
}

func (w *disconnecting) users(ctx context.Context) error {
	var many, alone []directory.ID // an Owner is a transaction of his own: whether he is the last one is asked of what is stored
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		owners, hasOwners, err := absent(r.BuiltIn(directory.Owners))
		if err != nil {
			return err
		}
		return ofUsers(r, w.id, func(u *directory.User) error {
			if hasOwners {
				of, err := r.Memberships(owners.ID, u.ID)
				if err != nil {
					return err
				}
				if len(of) > 0 {
					alone = append(alone, u.ID)
					return nil
				}
			}
			many = append(many, u.ID)
			return nil
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(many, disconnectUsers) {
		if err := w.part(ctx, part); err != nil {
			return err
		}
	}
	for _, id := range alone {
		if err := w.part(ctx, []directory.ID{id}); err != nil {
			return err
		}
	}
	return nil
}

// part settles some users. If a rule says no they are tried one by one, so that only those stay for whom it does.
func (w *disconnecting) part(ctx context.Context, ids []directory.ID) error {
	settled := 0
	var name string
	err := w.write(ctx, func(t *turn) error {
		settled = 0
		for _, id := range ids {
			u, ok, err := absent(t.r.User(id))
			if err != nil {
				return err
			}
			if !ok || u.Connection != w.id {
				continue
			}
			name = strings.Clone(u.UserName)
			if err := w.user(t, u); err != nil {
				return err
			}
			settled++
		}
		return nil
	})
	var no *directory.Error
	switch {
	case err == nil:
		w.out.Users += settled
		return nil
	case !errors.As(err, &no) || no.Rule == "":
		return err
	case len(ids) > 1:
		for i := range ids {
			if err := w.part(ctx, ids[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	w.out.Left = append(w.out.Left, RefusedPerson{User: ids[0], UserName: name, Rule: no.Rule, Message: no.Message})
	return nil
}

func (w *disconnecting) user(t *turn, u directory.User) error {
	action, d := "user.unmanage", t.state.Finalise(u)
	if w.ending.Mode == directory.Terminate {
		action, d = "user.terminate", t.state.Terminate(u)
		of, err := t.r.MembershipsOf(u.ID)
		if err != nil {
			return err
		}
		for _, m := range of {
			if m.Source.IsZero() {
				continue
			}
			source, ok, err := absent(t.r.Group(m.Source))
			if err != nil {
				return err
			}
			if !ok || source.Connection != w.id {
				continue
			}
			b, err := t.r.Group(m.Group)
			if err != nil {
				return err
			}
			if err := t.ungrant(b, m.Member, m.Source); err != nil {
				return err
			}
		}
	}
	_, err := t.settle(action, &u, d, nil, Changed)
	return err
}

// grants makes roles that came from the mapping of the connection grants of their own, so that nobody loses a role by
// becoming local. Terminate has taken those of its people away before.
func (w *disconnecting) grants(ctx context.Context) error {
	type grant struct {
		group directory.Group
		m     directory.Membership
	}
	var all []grant
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		of := map[directory.ID]bool{}
		if err := ofGroups(r, w.id, func(g *directory.Group) { of[g.ID] = true }); err != nil {
			return err
		}
		return granted(r, func(b *directory.Group, m *directory.Membership) error {
			if of[m.Source] {
				m.Member.Display = ""
				all = append(all, grant{group: cloneGroup(*b), m: *m})
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, disconnectUsers) {
		err := w.write(ctx, func(t *turn) error {
			kept := map[directory.ID][]any{}
			for _, g := range part {
				of, err := t.r.Memberships(g.group.ID, g.m.Member.ID)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(of, func(m directory.Membership) bool { return m.Source == g.m.Source }) {
					continue
				}
				t.change.Leave = append(t.change.Leave, g.m)
				own := g.m
				own.Source = directory.ID{}
				t.change.Join = append(t.change.Join, own)
				kept[g.group.ID] = append(kept[g.group.ID], g.m.Member.ID.String())
			}
			for _, name := range directory.BuiltIns() {
				b, ok, err := t.builtIn(name)
				if err != nil {
					return err
				}
				if !ok || len(kept[b.ID]) == 0 {
					continue
				}
				line := t.line("group.keep_grants", groupSubject(&b))
				line.Rule, line.Reason = "C10", fmt.Sprintf("granted by mapping of connection %q until now, and as such from now on", w.id)
				line.After = document(appendIDs(nil, "kept", kept[b.ID]))
				t.audit(line)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *disconnecting) groups(ctx context.Context) error {
	var all []directory.ID
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		return ofGroups(r, w.id, func(g *directory.Group) { all = append(all, g.ID) })
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, disconnectGroups) {
		settled := 0
		err := w.write(ctx, func(t *turn) error {
			settled = 0
			for _, id := range part {
				g, ok, err := absent(t.r.Group(id))
				if err != nil {
					return err
				}
				if !ok || g.Connection != w.id {
					continue
				}
				work := t.work(cloneGroup(g))
				work.action, work.after.Connection = "group.unmanage", ""
				settled++
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.out.Groups += settled
	}
	return nil
}

func (w *disconnecting) resources(ctx context.Context) error {
	var all []directory.Resource
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		tenant, err := r.Tenant()
		if err != nil {
			return err
		}
		return ofResources(r, &tenant, w.id, func(v *directory.Resource) {
			all = append(all, directory.Resource{ID: v.ID, Kind: directory.Kind(strings.Clone(string(v.Kind)))})
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, disconnectUsers) {
		err := w.write(ctx, func(t *turn) error {
			for i := range part {
				before, ok, err := absent(t.r.Resource(part[i].Kind, part[i].ID))
				if err != nil {
					return err
				}
				if !ok || before.Connection != w.id {
					continue
				}
				after := before
				after.Connection = ""
				if _, err := t.settleResource(&before, after, &directory.ResourceDraft{ExternalID: before.ExternalID, Document: before.Document}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// memos drops what waits for an operator in the name of the connection.
func (w *disconnecting) memos(ctx context.Context) error {
	var held []directory.HeldRemoval
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		return heldBy(r, w.id, func(_ string, item *directory.HeldRemoval) bool {
			held = append(held, *item)
			return true
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(held, disconnectUsers) {
		err := w.write(ctx, func(t *turn) error {
			for i := range part {
				t.forget(directory.HeldMemo, part[i].Key)
				line := t.line("brake.discard", part[i].Subject)
				line.Rule, line.Reason = "C10", string(part[i].Action)+" of connection "+string(w.id)+", which is disconnected"
				t.audit(line)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// end removes the connection. Nothing can have come back since the steps before: no write in its name is let through.
func (w *disconnecting) end(ctx context.Context) error {
	err := w.write(ctx, func(t *turn) error {
		c, ok, err := absent(t.r.Connection(w.id))
		if err != nil || !ok { // another call was faster
			return err
		}
		tokens, err := t.r.Tokens(w.id)
		if err != nil {
			return err
		}
		for i := range tokens {
			t.forget(directory.TokenMemo, string(tokens[i].ID))
		}
		t.forget(directory.BrakeMemo, string(w.id))
		t.forget(directory.HealthMemo, string(w.id))
		t.change.RemoveConnections = append(t.change.RemoveConnections, w.id)
		data := directory.Attributes{
			{Name: "mode", Value: string(w.ending.Mode)}, {Name: "users", Value: number(w.ending.Users)}, {Name: "groups", Value: number(w.ending.Groups)},
		}
		line := t.line("connection.disconnected", connectionSubject(&c))
		line.Rule, line.Reason, line.Before, line.After = "C10", w.ending.Reason, document(connectionFacts(&c)), document(data)
		t.audit(line)
		t.event(directory.ConnectionRemoved, connectionSubject(&c), data)
		return nil
	})
	w.out.Done = err == nil
	return err
}
