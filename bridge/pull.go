package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/projects"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// PullCredential is the credential of a pulled connection, as an operator enters it.
type PullCredential = projects.Key

// Pulls are the verbs of connections whose directory the server reads (C15).
type Pulls struct{ s *Service }

// Pulls gives the verbs of pulled connections.
func (s *Service) Pulls() Pulls { return Pulls{s} }

// pullToken is the key of a pulled connection in the counts of uses, in place of a credential. A run is a use.
const pullToken directory.TokenID = "pull"

// Connections gives the pulled connections of all companies that are served, by tenant and slug, without those that are being promoted (C9).
func (v Pulls) Connections(ctx context.Context) ([]directory.Connection, error) {
	var out []directory.Connection
	err := v.s.store.Summaries(ctx, nil, func(one *store.Summary) error {
		for i := range one.Connections {
			c := &one.Connections[i].Connection
			if c.Type.Pulled() && c.Ending == nil && (c.Observing == nil || c.Observing.Promoting == nil) && !c.Paused && one.Tenant.Status == directory.TenantActive {
				out = append(out, c.Clone())
			}
		}
		return nil
	})
	return out, err
}

// Begin gives the Principal of a run of a pulled connection: the run writes as that connection. p is the operator or the job that starts
// the run. NotFound; Invalid for a connection that is not pulled; Conflict C10 for one that is being disconnected; the errors of
// Authenticate for one that is not served.
func (v Pulls) Begin(ctx context.Context, p directory.Principal, id directory.ConnectionID) (directory.Principal, error) {
	as, err := v.s.operatorOf(ctx, p, id)
	if err != nil {
		return directory.Principal{}, err
	}
	var c directory.Connection
	var tenant directory.Tenant
	err = v.s.read(ctx, as, func(r store.Reader) error {
		if c, err = r.Connection(id); err != nil {
			return err
		}
		c = c.Clone()
		tenant, err = r.Tenant()
		tenant = tenant.Clone()
		return err
	})
	if err != nil {
		return directory.Principal{}, err
	}
	if !c.Type.Pulled() {
		return directory.Principal{}, &directory.Error{Code: directory.Invalid, Field: "connection", Message: fmt.Sprintf(
			"connection %q is of type %s, which sends its changes itself: only a connection of type google-directory is read", id, c.Type)}
	}
	if err := notEnding(&c); err != nil {
		return directory.Principal{}, err
	}
	out := principalOf(&c, &tenant, pullToken, credential.Client{Request: p.Request, Address: p.Address})
	err = v.s.checkServed(ctx, &out, &tenant, v.s.instant())
	return out, err
}

// Managed is what a pulled connection manages, and what a comparison with the identity provider needs.
type Managed struct {
	Users  []directory.User  // Gone ones, too
	Groups []directory.Group // with their members
	// Members of the groups, in the order of Groups.
	Members [][]directory.Member
	Held    map[string]bool // the keys of removals that the brake holds: see HeldKey
	State   directory.PullState
	Seats   directory.SeatsEffect // Before: the occupied seats
	Refuses bool                  // a write beyond the limit is refused (B2)
	Schemas []directory.CustomSchema
}

// Managed reads what the connection of p manages.
func (v Pulls) Managed(ctx context.Context, p directory.Principal) (Managed, error) {
	out := Managed{Held: map[string]bool{}}
	err := v.s.read(ctx, p, func(r store.Reader) error {
		_, err := r.Users(directory.Query{Count: math.MaxInt, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
			if u.Connection == p.Connection.ID {
				out.Users = append(out.Users, u.Clone().AsSent())
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = r.Groups(directory.Query{Count: math.MaxInt, Members: true}, func(g *directory.Group, members []directory.Member) error {
			if g.Connection == p.Connection.ID {
				out.Groups, out.Members = append(out.Groups, g.Clone()), append(out.Members, slices.Clone(members))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := heldBy(r, p.Connection.ID, func(key string, _ *directory.HeldRemoval) error { out.Held[strings.Clone(key)] = true; return nil }); err != nil {
			return err
		}
		if out.State, _, err = txn.Get[directory.PullState](r, directory.PullKV, string(p.Connection.ID)); err != nil {
			return err
		}
		tenant, err := r.Tenant()
		if err != nil {
			return err
		}
		out.Schemas = tenant.Clone().Schemas
		out.Seats, out.Refuses, err = v.seats(r, &tenant)
		return err
	})
	return out, err
}

// Seats gives the occupied seats and the limit, and whether a write beyond it is refused (B2).
func (v Pulls) Seats(ctx context.Context, p directory.Principal) (seats directory.SeatsEffect, refuses bool, err error) {
	err = v.s.read(ctx, p, func(r store.Reader) error {
		tenant, err := r.Tenant()
		if err == nil {
			seats, refuses, err = v.seats(r, &tenant)
		}
		return err
	})
	return seats, refuses, err
}

func (v Pulls) seats(r store.Reader, tenant *directory.Tenant) (seats directory.SeatsEffect, refuses bool, err error) {
	usage, err := r.Usage()
	if err != nil {
		return seats, false, err
	}
	state, err := v.s.stateOf(tenant, usage, v.s.instant())
	seats = directory.SeatsEffect{Before: policy.Count(usage, state.Settings.IncludedGuests).Occupied, Limit: policy.Limit(state.Plan, state.Purchased)}
	return seats, state.Settings.OnLimit == directory.OnLimitRefuse, err
}

// namesAtOnce is how many names Namesakes looks up on one snapshot.
const namesAtOnce = 500

// Namesakes gives the live users and the groups that have these names, by the folded name. Free names are missing.
func (v Pulls) Namesakes(ctx context.Context, p directory.Principal, userNames, groupNames []string) (users map[string]directory.User, groups map[string]directory.Group, err error) {
	users, groups = map[string]directory.User{}, map[string]directory.Group{}
	for part := range slices.Chunk(userNames, namesAtOnce) {
		err := v.s.readWanting(ctx, p, &store.Want{UserNames: part}, func(r store.Reader) error {
			for _, name := range part {
				u, ok, err := txn.Optional(r.UserByName(name))
				if err != nil {
					return err
				}
				if ok {
					users[directory.UserNameKey(name)] = u.Clone()
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for part := range slices.Chunk(groupNames, namesAtOnce) {
		err := v.s.readWanting(ctx, p, &store.Want{GroupNames: part}, func(r store.Reader) error {
			for _, name := range part {
				g, ok, err := txn.Optional(r.GroupByName(name))
				if err != nil {
					return err
				}
				if ok {
					groups[directory.Fold(name)] = g.Clone()
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return users, groups, nil
}

// HeldKey is the key under which the brake holds a removal.
func HeldKey(by directory.ConnectionID, item directory.HeldRemoval) string { return heldKey(by, &item) }

// JudgeRemovals lets the brake judge all removals of a run at once, before the first one (C8, C15). held: none of them may be done, and
// they wait for an operator. Otherwise a Principal that is Judged does them. With a dry run nothing is held.
func (v Pulls) JudgeRemovals(ctx context.Context, p directory.Principal, items []directory.HeldRemoval) (held bool, err error) {
	total := 0
	for i := range items {
		total += items[i].Count
	}
	if total == 0 {
		return false, nil
	}
	err = v.s.write(ctx, p, func(t *tenantTx) error {
		held = false
		if err := t.load(); err != nil {
			return err
		}
		by := p.Connection.ID
		r, _, err := txn.Get[directory.Removals](t.Reader, directory.BrakeKV, string(by))
		if err != nil {
			return err
		}
		usage, err := t.Reader.Usage()
		if err != nil {
			return err
		}
		v := policy.Brake(t.state.Settings.Brake, r, total, usage.Users[directory.TeamMember][directory.Active], t.Now)
		if v.Refuse == nil {
			if !v.Alert {
				return nil
			}
			t.announceBrake(directory.ActionBrakeAlerted, directory.BrakeAlerted, by, &v)
			r.Alerted = t.Now
			return t.Set(directory.BrakeKV, string(by), r)
		}
		held = true
		for i := range items {
			item := items[i]
			item.Connection, item.First, item.Last, item.Times, item.Request = by, t.Now, t.Now, 1, p.Request
			item.Key = heldKey(by, &item)
			if err := t.Set(directory.HeldKV, item.Key, item); err != nil {
				return err
			}
			line := t.Line(directory.ActionBrakeHold, item.Subject)
			line.Rule, line.Outcome, line.Reason = "C8", directory.WasDenied, v.Refuse.Message
			t.Audit(line)
		}
		if v.Alert {
			t.announceBrake(directory.ActionBrakeHeld, directory.BrakeHeld, by, &v)
		}
		return t.Set(directory.BrakeKV, string(by), v.Removals)
	})
	return held, err
}

// WithdrawHeld drops held removals of a pulled connection that its identity provider no longer wants.
func (v Pulls) WithdrawHeld(ctx context.Context, p directory.Principal, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return v.s.write(ctx, p, func(t *tenantTx) error {
		var dropped []string
		for _, key := range keys {
			item, ok, err := txn.Get[directory.HeldRemoval](t.Reader, directory.HeldKV, key)
			if err != nil {
				return err
			}
			if !ok || item.Connection != p.Connection.ID {
				continue
			}
			t.Unset(directory.HeldKV, key)
			line := t.Line(directory.ActionBrakeWithdraw, item.Subject)
			line.Rule, line.Reason = "C8", "the identity provider does not want it any more"
			t.Audit(line)
			dropped = append(dropped, key)
		}
		if len(dropped) == 0 {
			return nil
		}
		return t.reopenBrake(p.Connection.ID, dropped...)
	})
}

// State gives the state that the runs of the connection of p keep.
func (v Pulls) State(ctx context.Context, p directory.Principal) (state directory.PullState, err error) {
	err = v.s.read(ctx, p, func(r store.Reader) error {
		state, _, err = txn.Get[directory.PullState](r, directory.PullKV, string(p.Connection.ID))
		return err
	})
	return state, err
}

// SaveState stores the state of the runs, if it changed. A new reason for void runs gets an audit line.
func (v Pulls) SaveState(ctx context.Context, p directory.Principal, state directory.PullState) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return v.s.write(ctx, p, func(t *tenantTx) error {
		before, known, err := txn.Get[directory.PullState](t.Reader, directory.PullKV, string(p.Connection.ID))
		if err != nil {
			return err
		}
		if old, err := json.Marshal(before); err != nil || known && bytes.Equal(old, text) {
			return err
		}
		if state.Failed != "" && state.Failed != before.Failed {
			line := t.Line(directory.ActionConnectionSync, connectionSubject(&p.Connection))
			line.Outcome, line.Rule, line.Reason = directory.WasDenied, "C15", state.Failed
			t.Audit(line)
		}
		return t.Set(directory.PullKV, string(p.Connection.ID), state)
	})
}

// Directories gives the identity provider's own ids of the companies that the other pulled connections of the tenant read.
func (v Pulls) Directories(ctx context.Context, p directory.Principal) (map[directory.ConnectionID]string, error) {
	out := map[directory.ConnectionID]string{}
	err := v.s.read(ctx, p, func(r store.Reader) error {
		return txn.Each(r, directory.PullKV, "", "", func(key string, state *directory.PullState) error {
			if id := directory.ConnectionID(strings.Clone(key)); id != p.Connection.ID && state.Directory != "" {
				out[id] = state.Directory
			}
			return nil
		})
	})
	return out, err
}

// AlsoReadBy gives the connections of other tenants that read the same company of the identity provider, as their last complete runs found,
// by slug. Only those in the scope of by are given. p is the Principal of the connection.
func (v Pulls) AlsoReadBy(ctx context.Context, by, p directory.Principal, company string) ([]directory.Connection, error) {
	var ids []directory.ConnectionID
	err := txn.EachOf(ctx, v.s.store, directory.PullKV, nil, func(tenant directory.TenantID, key string, state *directory.PullState) error {
		if state.Directory == company && tenant != p.Tenant && policy.Sees(by, tenant) {
			ids = append(ids, directory.ConnectionID(key))
		}
		return nil
	})
	slices.Sort(ids)
	var out []directory.Connection
	for _, id := range ids {
		c, ok, e := txn.Optional(v.s.store.Connection(ctx, id))
		if err = errors.Join(err, e); ok && e == nil {
			out = append(out, c.Clone())
		}
	}
	return out, err
}

// place is the place that the credential of a connection is sealed for.
func place(c *directory.Connection) string {
	return "connection " + string(c.Tenant) + "/" + string(c.ID)
}

// seal encrypts the credential of a connection. It is not done inside a decision, because it gives another result each time.
func (s *Service) seal(c *directory.Connection, made PullCredential) (directory.SealedCredential, error) {
	key, data, err := s.ring.Seal(s.random, place(c), made.Text)
	return directory.SealedCredential{Key: key, Data: data, Account: made.Account, KeyID: made.KeyID}, err
}

// putCredential puts the sealed credential of a pulled connection into the Change.
func (t *tenantTx) putCredential(c *directory.Connection, sealed directory.SealedCredential) error {
	line := t.Line(directory.ActionConnectionCredential, connectionSubject(c))
	line.After = txn.Document(directory.Attributes{{Name: "account", Value: sealed.Account}, {Name: "key_id", Value: sealed.KeyID}})
	t.Audit(line)
	sealed.Created = t.Now
	return t.Set(directory.SealedKV, string(c.ID), sealed)
}

// SetCredential replaces the credential of a pulled connection, and takes the place of a Google project. NotFound, Invalid, Conflict C10, Unavailable without a sealing key.
func (v Pulls) SetCredential(ctx context.Context, p directory.Principal, id directory.ConnectionID, made PullCredential) error {
	p, err := v.s.operatorOf(ctx, p, id)
	if err != nil {
		return err
	}
	sealed, err := v.s.seal(&directory.Connection{Tenant: p.Tenant, ID: id}, made)
	if err != nil {
		return err
	}
	return v.s.write(ctx, p, func(t *tenantTx) error {
		c, err := t.Reader.Connection(id)
		if err != nil {
			return err
		}
		if err := notEnding(&c); err != nil {
			return err
		}
		if !c.Type.Pulled() {
			return &directory.Error{Code: directory.Invalid, Field: "credentials", Message: "only a connection of type google-directory has a key of Google"}
		}
		if err := t.leaveProject(&c); err != nil {
			return err
		}
		return t.putCredential(&c, sealed)
	})
}

// Credential opens the credential of the connection of p. A credential that an older key has sealed is sealed again with the present one.
// NotFound if there is none, as after a hand-over, or after its Google project was detached; Unavailable if it cannot be opened.
func (v Pulls) Credential(ctx context.Context, p directory.Principal) ([]byte, error) {
	if p.Connection.Google.Project != "" {
		return v.s.projects.Key(ctx, p)
	}
	sealed, ok, err := v.s.sealed(ctx, p)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf(
			"connection %q has no key of a service account: enter one in the setting google.credentials", p.Connection.ID)}
	}
	text, err := v.s.ring.Open(sealed.Key, place(&p.Connection), sealed.Data)
	if err != nil || sealed.Key == v.s.ring.Current() || p.Report.Dry() {
		return text, err
	}
	again, err := v.s.seal(&p.Connection, PullCredential{Text: text, Account: sealed.Account, KeyID: sealed.KeyID})
	if err != nil {
		return nil, err
	}
	again.Created = sealed.Created
	return text, v.s.write(ctx, p, func(t *tenantTx) error {
		now, ok, err := txn.Get[directory.SealedCredential](t.Reader, directory.SealedKV, string(p.Connection.ID))
		if err != nil || !ok || now.Key != sealed.Key {
			return err
		}
		line := t.Line(directory.ActionConnectionReseal, connectionSubject(&p.Connection))
		line.Reason = "sealed with the present key of the installation"
		t.Audit(line)
		return t.Set(directory.SealedKV, string(p.Connection.ID), again)
	})
}

func (s *Service) sealed(ctx context.Context, p directory.Principal) (sealed directory.SealedCredential, ok bool, err error) {
	err = s.read(ctx, p, func(r store.Reader) error {
		sealed, ok, err = txn.Get[directory.SealedCredential](r, directory.SealedKV, string(p.Connection.ID))
		return err
	})
	return sealed, ok, err
}

// checkPull checks what a connection of type google-directory reads.
func checkPull(c *directory.Connection) error {
	invalid := func(field, message string) error {
		return &directory.Error{Code: directory.Invalid, Field: "google." + field, Message: message}
	}
	pull := c.Google
	switch {
	case pull == nil && c.Type == directory.GoogleDirectory:
		return invalid("admin", "a connection of type google-directory needs google.admin, the address of an administrator in whose name the directory is read")
	case pull == nil:
		return nil
	case c.Type != directory.GoogleDirectory:
		return invalid("admin", "only a connection of type google-directory has settings of Google")
	}
	for field, text := range map[string]string{"admin": pull.Admin, "customer": pull.Customer, "query": pull.Query} {
		if err := policy.CheckText("google."+field, text, 0, 1000); err != nil {
			return err
		}
	}
	if pull.Project != "" && policy.CheckName(pull.Project) != nil {
		return invalid("project", "google.project is the name of a Google project, such as shared")
	}
	if _, domain, ok := strings.Cut(pull.Admin, "@"); !ok || domain == "" || strings.ContainsAny(pull.Admin, " \t<>") {
		return invalid("admin", "google.admin is the primary address of an administrator of the company, such as admin@acme.example")
	}
	if pull.Nested != "" && pull.Nested != directory.KeepNested && pull.Nested != directory.FlattenNested {
		return invalid("nested", "google.nested is keep or flatten")
	}
	if len(pull.Groups) > 1000 {
		return invalid("groups", "google.groups names at most 1000 groups: leave it out to read all")
	}
	for _, g := range pull.Groups {
		if g == directory.NoGroups && len(pull.Groups) == 1 {
			continue
		}
		if _, domain, ok := strings.Cut(g, "@"); !ok || domain == "" || strings.ContainsAny(g, " \t/?#<>") {
			return invalid("groups", fmt.Sprintf("google.groups has addresses of groups, or none alone; %q is neither", g))
		}
	}
	return nil
}

// refuseSecondPull refuses a second connection of a tenant that would read all of the same directory: both would want every person (L9).
func (t *tenantTx) refuseSecondPull(c *directory.Connection) error {
	if c.Google == nil || c.Google.Query != "" {
		return nil
	}
	all, err := t.Reader.Connections()
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if o.ID == c.ID || o.Google == nil || o.Google.Query != "" || o.Ending != nil || !sameDirectory(o.Google, c.Google) {
			continue
		}
		return &directory.Error{Code: directory.Conflict, Field: "google.customer", Rule: "L9", Message: fmt.Sprintf(
			"connection %q reads this directory already: two connections of one company need different people, so give both a google.query", o.ID)}
	}
	return nil
}

func sameDirectory(a, b *directory.GooglePull) bool {
	customer := func(p *directory.GooglePull) string {
		if p.Customer == "" || p.Customer == "my_customer" {
			_, domain, _ := strings.Cut(p.Admin, "@")
			return "@" + strings.ToLower(domain)
		}
		return p.Customer
	}
	return customer(a) == customer(b)
}
