package observe

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Effect says what promoting a difference does to a record.
type Effect string

// The effects.
const (
	Create    Effect = "create"
	Restore   Effect = "restore" // the record lives again, with the id that it had
	Update    Effect = "update"
	Suspend   Effect = "suspend"
	Activate  Effect = "activate"
	Remove    Effect = "remove"
	TakenOver Effect = "take_over" // only the connection that manages it changes
)

// Change is the difference about one user, group or custom resource.
type Change struct {
	Kind   directory.Kind
	ID     directory.ID
	Name   string // userName or displayName in the copy; the one in the tenant if it is removed
	Was    string // the name in the tenant, if it is another one
	Effect Effect

	Attributes []string               // what is different, by name
	From       directory.ConnectionID // who manages it in the tenant; "": no connection
	Joins      int                    // members of a group who come
	Leaves     int                    // and who go
	// Same names people of the tenant who have an e-mail address of a user who would be created: perhaps they are one person.
	Same []string

	members memberChange
	emails  []string
	present state // in the tenant
	copied  state // in the copy
}

// memberChange is who joins and who leaves a group.
type memberChange struct{ join, leave []directory.MemberRef }

// Refused is a rule that refused writes in the copy.
type Refused struct {
	Rule    directory.Rule
	Writes  int
	Subject string // of the last one
	Reason  string // likewise
}

// Held is a removal that the brake holds in the copy.
type Held struct {
	Action  directory.RemovalAction
	Subject directory.Subject
}

// Difference is what an observed connection would change in its tenant.
type Difference struct {
	Connection directory.Connection
	Ready      bool // false: the copy is being made, or was lost
	Digest     string
	Changes    []Change // users first, then groups, then custom resources, each by name
	Refused    []Refused
	Held       []Held
	Before     Seats
	After      Seats
}

// Seats are the seats of the tenant before and after.
type Seats struct{ Occupied, Limit int }

// Difference compares the copy of an observed connection with its tenant. It looks at what the identity provider has written in the copy.
// NotFound, Conflict for a connection that is not observed.
func (s *Service) Difference(ctx context.Context, p directory.Principal, id directory.ConnectionID) (Difference, error) {
	c, err := s.connection(ctx, id)
	if err != nil {
		return Difference{}, err
	}
	if _, err := txn.ForOperator(p, c.Tenant); err != nil {
		return Difference{}, err
	}
	if err := observed(&c); err != nil {
		return Difference{}, err
	}
	out := Difference{Connection: c}
	copies, err := s.open(ctx)
	if err != nil {
		return out, err
	}
	if err := look(ctx, copies.Store, c.Observing.Copy, func(*directory.Tenant, []directory.Connection) { out.Ready = true }); err != nil || !out.Ready {
		return out, err
	}
	if out.Changes, err = s.changes(ctx, copies, &c); err != nil {
		return out, err
	}
	if err := s.notes(ctx, copies, &c, &out); err != nil {
		return out, err
	}
	out.Digest = digest(out.Changes)
	err = s.seats(ctx, p, &out)
	return out, err
}

// digest names a set of changes, so that what is promoted is what was looked at.
func digest(changes []Change) string {
	h := sha256.New()
	e := json.NewEncoder(h)
	for i := range changes {
		c := &changes[i]
		_ = e.Encode([]any{c.Kind, c.ID, c.Name, c.Effect, c.Attributes, c.Joins, c.Leaves, c.members.join, c.members.leave}) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// seats counts the seats of the tenant as they are, and as they would be with the changes.
func (s *Service) seats(ctx context.Context, p directory.Principal, d *Difference) error {
	now, err := s.cfg.Bridge.Seats(ctx, p, d.Connection.Tenant)
	if err != nil {
		return err
	}
	then := now.With(func(usage *directory.Usage) {
		for i := range d.Changes {
			if u := d.Changes[i].present.user; u != nil {
				usage.Add(u, -1)
			}
			if u := d.Changes[i].copied.user; u != nil {
				usage.Add(u, 1)
			}
		}
	})
	d.Before, d.After = Seats{now.Occupied, now.Limit}, Seats{then.Occupied, then.Limit}
	return nil
}

// changes compares every record that the identity provider has written in the copy.
func (s *Service) changes(ctx context.Context, copies Copies, c *directory.Connection) ([]Change, error) {
	touched, err := touched(ctx, copies.Store, c)
	if err != nil {
		return nil, err
	}
	var out []Change
	for some := range slices.Chunk(touched, piece) {
		here, err := read(ctx, s.cfg.Store, c.Tenant, some)
		if err != nil {
			return nil, err
		}
		there, err := read(ctx, copies.Store, c.Observing.Copy, some)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			change, err := s.compare(ctx, copies, c, r, here[r], there[r])
			if err != nil {
				return nil, err
			}
			if change != nil {
				change.present, change.copied = here[r], there[r]
				out = append(out, *change)
			}
		}
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(order(a.Kind), order(b.Kind)), cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return out, s.samePeople(ctx, c, out)
}

func order(kind directory.Kind) string {
	switch kind {
	case directory.UserKind:
		return "0"
	case directory.GroupKind:
		return "1"
	}
	return "2" + string(kind)
}

// touched gives the records that the identity provider has written in the copy, each once. The events of a copy are never trimmed.
func touched(ctx context.Context, st store.Store, c *directory.Connection) ([]record, error) {
	var out []record
	seen := make(map[record]bool)
	for after := uint64(0); ; {
		var page []directory.Event
		err := st.View(ctx, c.Observing.Copy, nil, func(r store.Reader) (err error) {
			page, _, err = r.Events(after, piece)
			return err
		})
		if err != nil || len(page) == 0 {
			return out, err
		}
		for i := range page {
			e := &page[i]
			after = e.Seq
			id, ok := directory.ParseID(e.Subject.ID)
			r := record{directory.Kind(e.Subject.Kind), id}
			if ok && e.Actor.Kind == directory.ByIdP && !seen[r] {
				seen[r] = true
				out = append(out, r)
			}
		}
	}
}

// state is a record as a store has it. Exactly one of the pointers is set.
type state struct {
	user     *directory.User
	group    *directory.Group
	resource *directory.Resource
}

// read gives those of the records that there are. A user whom the identity provider deleted is there, and Gone.
func read(ctx context.Context, st store.Store, tenant directory.TenantID, records []record) (map[record]state, error) {
	var users, groups []directory.ID
	for _, r := range records {
		switch r.kind {
		case directory.UserKind:
			users = append(users, r.id)
		case directory.GroupKind:
			groups = append(groups, r.id)
		}
	}
	out := make(map[record]state, len(records))
	err := st.View(ctx, tenant, &store.Want{Users: users, Groups: groups}, func(reader store.Reader) error {
		clear(out)
		found, err := reader.UsersByID(users)
		if err != nil {
			return err
		}
		for id, u := range found {
			own := u.Clone()
			out[record{directory.UserKind, id}] = state{user: &own}
		}
		also, err := reader.GroupsByID(groups)
		if err != nil {
			return err
		}
		for id, g := range also {
			own := g.Clone()
			out[record{directory.GroupKind, id}] = state{group: &own}
		}
		for _, r := range records {
			if r.kind == directory.UserKind || r.kind == directory.GroupKind {
				continue
			}
			v, there, err := txn.Optional(reader.Resource(r.kind, r.id))
			if err != nil {
				return err
			}
			if there {
				own := v.Clone()
				out[r] = state{resource: &own}
			}
		}
		return nil
	})
	return out, err
}

// compare gives the difference about one record; nil: there is none.
func (s *Service) compare(ctx context.Context, copies Copies, c *directory.Connection, r record, here, there state) (*Change, error) {
	switch r.kind {
	case directory.UserKind:
		return compareUsers(r.id, here.user, there.user), nil
	case directory.GroupKind:
		return s.compareGroups(ctx, copies, c, r.id, here.group, there.group)
	}
	return compareResources(r, here.resource, there.resource), nil
}

func compareUsers(id directory.ID, here, there *directory.User) *Change {
	out := Change{Kind: directory.UserKind, ID: id}
	gone := there == nil || there.Gone()
	switch {
	case gone && (here == nil || here.Gone()):
		return nil
	case gone:
		out.Name, out.From, out.Effect = here.UserName, here.Connection, Remove
		return &out
	}
	out.Name, out.emails = there.UserName, there.Emails
	if here == nil || here.Gone() {
		out.Effect = Create
		if here != nil {
			out.Effect, out.From = Restore, here.Connection
		}
		return &out
	}
	out.From = here.Connection
	if here.UserName != there.UserName {
		out.Was = here.UserName
	}
	_, _, out.Attributes = txn.Diff(txn.Apart(here.Document, there.Document))
	switch {
	case here.Active() && !there.Active():
		out.Effect = Suspend
	case !here.Active() && there.Active():
		out.Effect = Activate
	case len(out.Attributes) > 0 || here.Statement != there.Statement || here.Type != there.Type:
		out.Effect = Update
	case here.Connection != there.Connection:
		out.Effect = TakenOver
	default:
		return nil
	}
	return &out
}

func (s *Service) compareGroups(ctx context.Context, copies Copies, c *directory.Connection, id directory.ID, here, there *directory.Group) (*Change, error) {
	out := Change{Kind: directory.GroupKind, ID: id}
	switch {
	case here == nil && there == nil, there != nil && there.BuiltIn != "", here != nil && here.BuiltIn != "":
		return nil, nil //nolint:nilnil // no difference
	case there == nil:
		out.Name, out.From, out.Effect, out.Leaves = here.DisplayName, here.Connection, Remove, here.Members
		return &out, nil
	}
	before, after := map[directory.ID]directory.Member{}, map[directory.ID]directory.Member{}
	if here != nil {
		if err := membersOf(ctx, s.cfg.Store, c.Tenant, id, before); err != nil {
			return nil, err
		}
	}
	if err := membersOf(ctx, copies.Store, c.Observing.Copy, id, after); err != nil {
		return nil, err
	}
	out.members.join, out.members.leave = beyond(after, before), beyond(before, after)
	out.Name, out.Joins, out.Leaves = there.DisplayName, len(out.members.join), len(out.members.leave)
	if here == nil {
		out.Effect = Create
		return &out, nil
	}
	out.From = here.Connection
	if here.DisplayName != there.DisplayName {
		out.Was = here.DisplayName
	}
	_, _, out.Attributes = txn.Diff(txn.Apart(here.Document, there.Document))
	switch {
	case len(out.Attributes)+out.Joins+out.Leaves > 0:
		out.Effect = Update
	case here.Connection != there.Connection:
		out.Effect = TakenOver
	default:
		return nil, nil //nolint:nilnil // no difference
	}
	return &out, nil
}

func membersOf(ctx context.Context, st store.Store, tenant directory.TenantID, group directory.ID, into map[directory.ID]directory.Member) error {
	return st.View(ctx, tenant, nil, func(r store.Reader) error {
		clear(into)
		return r.Members(group, directory.ID{}, func(m directory.Membership) error {
			into[m.Member.ID] = m.Member
			return nil
		})
	})
}

// beyond gives the members of all that are not in without, by id.
func beyond(all, without map[directory.ID]directory.Member) []directory.MemberRef {
	var out []directory.MemberRef
	for id, m := range all {
		if _, in := without[id]; !in {
			out = append(out, directory.MemberRef{Value: id.String(), Type: string(m.Kind), Display: m.Display})
		}
	}
	slices.SortFunc(out, func(a, b directory.MemberRef) int { return cmp.Compare(a.Value, b.Value) })
	return out
}

func compareResources(r record, here, there *directory.Resource) *Change {
	out := Change{Kind: r.kind, ID: r.id, Name: r.id.String(), Effect: Update}
	switch {
	case here == nil && there == nil:
		return nil
	case there == nil:
		out.Effect, out.From = Remove, here.Connection
		return &out
	case here == nil:
		out.Effect = Create
		return &out
	}
	out.From = here.Connection
	if _, _, out.Attributes = txn.Diff(txn.Apart(here.Document, there.Document)); len(out.Attributes) > 0 {
		return &out
	}
	if here.Connection == there.Connection {
		return nil
	}
	out.Effect = TakenOver
	return &out
}

// samePeople finds the people of the tenant who have an e-mail address of a user who would be created.
func (s *Service) samePeople(ctx context.Context, c *directory.Connection, changes []Change) error {
	const most = 5 // names for one user
	for i := range changes {
		created := &changes[i]
		if created.Kind != directory.UserKind || created.Effect != Create {
			continue
		}
		err := s.cfg.Store.View(ctx, c.Tenant, nil, func(r store.Reader) error {
			created.Same = nil
			for _, email := range created.emails {
				_, err := r.Users(directory.Query{
					Where: directory.Compare{Path: directory.Path{Name: "emails", Sub: "value"}, Op: directory.Equal, Value: directory.Fold(email)}, Count: most,
				}, func(u *directory.User, _ []directory.GroupRef) error {
					if len(created.Same) < most && !slices.Contains(created.Same, u.UserName) {
						created.Same = append(created.Same, u.UserName)
					}
					return nil
				})
				if err != nil {
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

// notes gathers what rules refused in the copy, and what the brake holds there.
func (s *Service) notes(ctx context.Context, copies Copies, c *directory.Connection, out *Difference) error {
	refused := map[directory.Rule]*Refused{}
	for before := uint64(0); ; {
		var lines []directory.Audit
		var next uint64
		err := copies.Store.View(ctx, c.Observing.Copy, nil, func(r store.Reader) (err error) {
			lines, next, err = r.SearchAudit(directory.AuditQuery{Kind: directory.ByIdP, Outcome: directory.WasDenied, Before: before, Limit: piece, Scan: 20 * piece})
			return err
		})
		if err != nil {
			return err
		}
		for i := range lines {
			l := &lines[i]
			known := refused[l.Rule]
			if known == nil { // the newest line comes first
				known = &Refused{Rule: l.Rule, Subject: cmp.Or(l.Subject.Name, l.Subject.ID), Reason: l.Reason}
				refused[l.Rule] = known
			}
			known.Writes++
		}
		if next == 0 {
			break
		}
		before = next
	}
	for _, r := range refused {
		out.Refused = append(out.Refused, *r)
	}
	slices.SortFunc(out.Refused, func(a, b Refused) int { return cmp.Compare(a.Rule, b.Rule) })
	return copies.Store.View(ctx, c.Observing.Copy, nil, func(r store.Reader) error {
		out.Held = nil
		return txn.Each(r, directory.HeldKV, string(c.ID)+"/", string(c.ID)+"0", func(_ string, item *directory.HeldRemoval) bool {
			if item.Last.After(c.Observing.Since) { // the others are held in the tenant already
				out.Held = append(out.Held, Held{Action: item.Action, Subject: item.Subject})
			}
			return true
		})
	})
}

func otherDifference(id directory.ConnectionID) error {
	return &directory.Error{Code: directory.Conflict, Field: "digest", Rule: "C9", Message: fmt.Sprintf("the difference of connection %q is not, or no longer, the one of this digest: look at it again and send its digest", id)}
}
