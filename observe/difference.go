package observe

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Effect says what promoting a difference does to a record.
type Effect string

// The values of Effect.
const (
	Create    Effect = "create"
	Restore   Effect = "restore" // the record is restored with its old id
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
	Was    string // the name in the tenant, if it differs
	Effect Effect

	Attributes []string               // what is different, by name
	From       directory.ConnectionID // the manager in the tenant; "": no connection
	// By is the attribute by which the identity provider found the record, such as userName or externalId; "id": it used the id without a
	// search. "" for a record that would be created.
	By     string
	Joins  int // members of a group who come
	Leaves int // the number of members who leave
	// Same are people of the tenant who have an address of a user who would be created: perhaps they are one person, who would be there twice
	// and have a new id for the identity provider.
	Same []Same

	members [sha256.Size]byte // digest of the members who join and leave
	emails  []string
	present state // in the tenant
	copied  state // in the copy
}

// Same is a user of the tenant who is perhaps the one that would be created.
type Same struct {
	ID       directory.ID
	UserName string
}

// Refused is a rule that refused writes in the copy.
type Refused struct {
	Rule    directory.Rule
	Writes  int
	Subject string // of the last one
	Reason  string // the same
}

// Held is a removal that the brake holds in the copy.
type Held struct {
	Action  directory.RemovalAction
	Subject directory.Subject
}

// Difference is the summary of what an observed connection would change in its tenant.
type Difference struct {
	Connection directory.Connection
	Ready      bool // false: the copy is not complete, and the identity provider has to wait
	Digest     string
	Changes    int
	Counts     []Count
	Refused    []Refused
	Held       []Held // at most mostHeld
	HeldMore   int    // the number of held removals that Held omits
	Before     Seats
	After      Seats
}

// Count is how many records a promotion treats alike.
type Count struct {
	Kind   directory.Kind
	Effect Effect
	Number int
}

// mostHeld is how many held removals a Difference names.
const mostHeld = 100

// Seats are the seats of the tenant before and after.
type Seats struct{ Occupied, Limit int }

// Difference compares the copy of an observed connection with its tenant. It reads what the identity provider has written in the copy, a
// piece at a time, so that even a large difference needs little memory. NotFound, Conflict for a connection that is not observed.
func (s *Service) Difference(ctx context.Context, p directory.Principal, id directory.ConnectionID) (Difference, error) {
	c, copies, err := s.observedConnection(ctx, p, id)
	out := Difference{Connection: c}
	if err != nil {
		return out, err
	}
	if c.Observing.Promoting != nil { // the identity provider has to wait, but the copy is complete
		return s.difference(ctx, p, copies, &c)
	}
	if out.Ready, err = exists(ctx, copies.Store, c.Observing.Copy); err != nil || !out.Ready {
		return out, err
	}
	return s.difference(ctx, p, copies, &c)
}

// difference compares a complete copy, whether or not the identity provider may write to it now.
func (s *Service) difference(ctx context.Context, p directory.Principal, copies Copies, c *directory.Connection) (Difference, error) {
	out := Difference{Connection: *c, Ready: true}
	now, err := s.cfg.Bridge.Seats(ctx, p, c.Tenant)
	if err != nil {
		return out, err
	}
	written, err := s.written(ctx, copies, c)
	if err != nil {
		return out, err
	}
	sum := newDigest()
	counts := map[Count]int{}
	then := now
	err = s.each(ctx, copies, c, written, func(change *Change) error {
		out.Changes++
		counts[Count{Kind: change.Kind, Effect: change.Effect}]++
		sum.add(change)
		then = then.With(func(usage *directory.Usage) {
			if u := change.present.user; u != nil {
				usage.Add(u, -1)
			}
			if u := change.copied.user; u != nil {
				usage.Add(u, 1)
			}
		})
		return nil
	})
	if err != nil {
		return out, err
	}
	for count, n := range counts {
		count.Number = n
		out.Counts = append(out.Counts, count)
	}
	slices.SortFunc(out.Counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(order(a.Kind), order(b.Kind)), cmp.Compare(a.Effect, b.Effect))
	})
	out.Digest = sum.text()
	out.Before, out.After = Seats{now.Occupied, now.Limit}, Seats{then.Occupied, then.Limit}
	err = s.notes(ctx, copies, c, &out)
	return out, err
}

// ChangeMark is the record at which a page of changes ended, in the order of the changes.
type ChangeMark struct {
	Kind directory.Kind
	ID   directory.ID
}

// Changes lists the next changes after a mark, in order: users, groups, custom resources, each by id. It compares only what it lists.
// The zero ChangeMark begins with the first one; more: there is another page. NotFound, Conflict for a connection that is not observed.
func (s *Service) Changes(ctx context.Context, p directory.Principal, id directory.ConnectionID, after ChangeMark, limit int) (page []Change, more bool, err error) {
	c, copies, err := s.observedConnection(ctx, p, id)
	if err != nil {
		return nil, false, err
	}
	written, err := s.written(ctx, copies, &c)
	if err != nil {
		return nil, false, err
	}
	if after != (ChangeMark{}) {
		mark := record{after.Kind, after.ID}
		from, found := slices.BinarySearchFunc(written, mark, compareRecords)
		if found {
			from++
		}
		written = written[from:]
	}
	err = s.each(ctx, copies, &c, written, func(change *Change) error {
		if len(page) == limit {
			more = true
			return store.ErrStop
		}
		page = append(page, *change)
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	if err := s.foundBy(ctx, copies, &c, page); err != nil {
		return nil, false, err
	}
	return page, more, s.duplicates(ctx, &c, page)
}

// observedConnection gives the observed connection and the store of the copies.
func (s *Service) observedConnection(ctx context.Context, p directory.Principal, id directory.ConnectionID) (directory.Connection, Copies, error) {
	c, err := s.connection(ctx, id)
	if err == nil {
		_, err = txn.ForOperator(p, c.Tenant)
	}
	if err == nil {
		err = observed(&c)
	}
	if err != nil {
		return c, Copies{}, err
	}
	copies, err := s.open(ctx)
	return c, copies, err
}

// sum identifies a set of changes, so that exactly the reviewed changes are promoted.
type sum struct {
	hash hash.Hash
	to   *json.Encoder
}

func newDigest() *sum {
	h := sha256.New()
	return &sum{h, json.NewEncoder(h)}
}

func (s *sum) add(c *Change) {
	_ = s.to.Encode([]any{c.Kind, c.ID, c.Name, c.Effect, c.Attributes, c.Joins, c.Leaves, c.members[:]}) // a hash takes everything
}

func (s *sum) text() string { return hex.EncodeToString(s.hash.Sum(nil))[:16] }

// each compares records of the copy with those of the tenant, a piece at a time, and yields the differences. yield ends the comparison with
// store.ErrStop.
func (s *Service) each(ctx context.Context, copies Copies, c *directory.Connection, records []record, yield func(*Change) error) error {
	for some := range slices.Chunk(records, piece) {
		here, err := read(ctx, s.cfg.Store, c.Tenant, some)
		if err != nil {
			return err
		}
		there, err := read(ctx, copies.Store, c.Observing.Copy, some)
		if err != nil {
			return err
		}
		for _, r := range some {
			change, err := s.compare(ctx, copies, c, r, sides{here[r], there[r]})
			if err != nil {
				return err
			}
			if change == nil {
				continue
			}
			change.present, change.copied = here[r], there[r]
			if err := yield(change); errors.Is(err, store.ErrStop) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return nil
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

// state is a record as a store has it. Exactly one of the pointers is set.
type state struct {
	user     *directory.User
	group    *directory.Group
	resource *directory.Resource
}

// read gives the records that exist. A user whom the identity provider deleted exists, and is Gone.
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

// sides are a record in the tenant and in the copy.
type sides struct{ here, there state }

// compare gives the difference about one record; nil: there is none.
func (s *Service) compare(ctx context.Context, copies Copies, c *directory.Connection, r record, of sides) (*Change, error) {
	switch r.kind {
	case directory.UserKind:
		return compareUsers(r.id, of.here.user, of.there.user), nil
	case directory.GroupKind:
		return s.compareGroups(ctx, copies, c, r.id, of)
	}
	return compareResources(r, of.here.resource, of.there.resource), nil
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
	_, _, out.Attributes = txn.Diff(txn.Differing(here.Document, there.Document))
	switch {
	case here.Active() && !there.Active():
		out.Effect = Suspend
	case !here.Active() && there.Active():
		out.Effect = Activate
	case len(out.Attributes) > 0 || here.Statement != there.Statement || here.Type != there.Type:
		out.Effect = Update
	case here.Connection != there.Connection:
		out.Effect = TakenOver
	case !txn.SameDocument(here.Sent, there.Sent): // only the identity provider sees the change (C13)
		out.Effect = Update
	default:
		return nil
	}
	return &out
}

func (s *Service) compareGroups(ctx context.Context, copies Copies, c *directory.Connection, id directory.ID, of sides) (*Change, error) {
	here, there := of.here.group, of.there.group
	out := Change{Kind: directory.GroupKind, ID: id}
	switch {
	case here == nil && there == nil, there != nil && there.BuiltIn != "", here != nil && here.BuiltIn != "":
		return nil, nil //nolint:nilnil // no difference
	case there == nil:
		out.Name, out.From, out.Effect, out.Leaves = here.DisplayName, here.Connection, Remove, here.Members
		return &out, nil
	}
	var err error
	if out.members, out.Joins, out.Leaves, err = s.countMembers(ctx, copies, c, id); err != nil {
		return nil, err
	}
	out.Name = there.DisplayName
	if here == nil {
		out.Effect = Create
		return &out, nil
	}
	out.From = here.Connection
	if here.DisplayName != there.DisplayName {
		out.Was = here.DisplayName
	}
	_, _, out.Attributes = txn.Diff(txn.Differing(here.Document, there.Document))
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
	if _, _, out.Attributes = txn.Diff(txn.Differing(here.Document, there.Document)); len(out.Attributes) > 0 {
		return &out
	}
	if here.Connection == there.Connection {
		return nil
	}
	out.Effect = TakenOver
	return &out
}

// notes collects what rules refused in the copy, and what the brake holds there.
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
		out.Held, out.HeldMore = nil, 0
		return txn.Each(r, directory.HeldKV, string(c.ID)+"/", string(c.ID)+"0", func(_ string, item *directory.HeldRemoval) error {
			switch {
			case !item.Last.After(c.Observing.Since): // it is held in the tenant already
			case len(out.Held) == mostHeld:
				out.HeldMore++
			default:
				out.Held = append(out.Held, Held{Action: item.Action, Subject: item.Subject})
			}
			return nil
		})
	})
}

func otherDifference(id directory.ConnectionID) error {
	return &directory.Error{Code: directory.Conflict, Field: "digest", Rule: "C9", Message: fmt.Sprintf("the difference of connection %q is not, or no longer, the one of this digest: look at it again and send its digest", id)}
}
