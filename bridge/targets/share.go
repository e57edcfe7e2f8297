package targets

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	// mostScopeGroups is how many groups a share can name.
	mostScopeGroups = 100
	// mostTenants is how many tenants a target is attached to at most.
	mostTenants = 1000
	// purgeSize is how many records of a detached target one transaction removes.
	purgeSize = 500
)

// groups gives the ids of groups of a tenant that are named by id or display name. NotFound for a tenant that is not served; Invalid for a
// group that is not there or is built in.
func (s *Service) groups(ctx context.Context, tenant directory.TenantID, names []string) ([]directory.ID, error) {
	if len(names) > mostScopeGroups {
		return nil, invalid("groups", "a target names at most %d groups of a company", mostScopeGroups)
	}
	var out []directory.ID
	err := s.txn.View(ctx, tenant, func(r store.Reader) error {
		out = nil
		found, there, err := txn.Optional(r.Tenant())
		if err != nil {
			return err
		}
		if !there || found.Status != directory.TenantActive {
			return policy.NoTenant(tenant)
		}
		for _, name := range names {
			var g directory.Group
			if id, ok := directory.ParseID(name); ok {
				g, err = r.Group(id)
			} else {
				g, err = r.GroupByName(name)
			}
			g, there, err := txn.Optional(g, err)
			switch {
			case err != nil:
				return err
			case !there:
				return invalid("groups", "%s has no group %q", tenant, directory.Truncate(name, 100))
			case g.BuiltIn != "":
				return invalid("groups", "%s is built in, and built-in groups are not sent", g.DisplayName)
			}
			out = append(out, g.ID)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out), err
}

// allTenants refuses to attach all tenants to who does not have all of them.
func allTenants(p directory.Principal) error {
	if p.Actor.Kind != directory.BySystem && !p.Access.Scope.All {
		return &directory.Error{Code: directory.Forbidden, Rule: "O10", Message: "a target for all companies needs an operator who has all of them"}
	}
	return nil
}

// offersOf is offers for a new target.
func (s *Service) offersOf(ctx context.Context, p directory.Principal, d *Draft) (map[directory.TenantID][]directory.ID, error) {
	switch {
	case !d.All:
		return s.offers(ctx, p, d.Tenants, d.Groups)
	case len(d.Tenants) > 0:
		return nil, invalid("tenants", "name companies, or choose all of them")
	case len(d.Groups) > 0:
		return nil, invalid("groups", "groups are of a company: share the target with the company to name some")
	}
	return nil, allTenants(p)
}

// offers checks tenants that p wants to attach, and gives the groups that are sent of each. NotFound for a tenant that is not served or not
// in the scope; Invalid.
func (s *Service) offers(ctx context.Context, p directory.Principal, tenants []directory.TenantID, groups []string) (map[directory.TenantID][]directory.ID, error) {
	switch {
	case len(tenants) > mostTenants:
		return nil, invalid("tenants", "a target is attached to at most %d companies", mostTenants)
	case len(tenants) == 0 && len(groups) > 0:
		return nil, invalid("groups", "groups are of a company: name the company")
	case len(tenants) == 0 && p.Actor.Kind != directory.BySystem && !p.Access.Scope.All:
		return nil, &directory.Error{Code: directory.Invalid, Field: "tenants", Rule: "O10", Message: "name a company: a target that is attached to none is seen only by operators who have all companies"}
	}
	out := map[directory.TenantID][]directory.ID{}
	for _, tenant := range tenants {
		if tenant == directory.Provider || !policy.Sees(p, tenant) {
			return nil, policy.NoTenant(tenant)
		}
		ids, err := s.groups(ctx, tenant, groups)
		if err != nil {
			return nil, err
		}
		out[tenant] = ids
	}
	return out, nil
}

// attach attaches a target to tenants. An existing attachment keeps what was sent, and gets the groups.
func attach(x *txn.Tx, t *directory.Target, offers map[directory.TenantID][]directory.ID) error {
	of := map[directory.TenantID]int{}
	every := 0 // targets of all tenants
	err := txn.Each(x.Reader, directory.TargetKV, "", "", func(_ string, other *directory.Target) error {
		switch {
		case other.ID == t.ID:
			return nil
		case other.All != nil:
			every++
			return nil
		}
		for tenant := range other.Tenants {
			of[tenant]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if t.All != nil {
		for _, tenant := range append(slices.Sorted(maps.Keys(of)), "each company") {
			if n := of[tenant] + every; n >= policy.MaxTenantTargets {
				return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("%s has %d targets, which is the most: detach one that is not used", tenant, n)}
			}
		}
	}
	after := maps.Clone(t.Tenants)
	if after == nil {
		after = map[directory.TenantID]directory.TargetShare{}
	}
	for _, tenant := range slices.Sorted(maps.Keys(offers)) {
		share, there := after[tenant]
		if !there {
			if n := of[tenant] + every; n >= policy.MaxTenantTargets {
				return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("%s has %d targets, which is the most: detach one that is not used", tenant, n)}
			}
			share = directory.TargetShare{At: x.Now, Version: t.Version, By: x.Principal.Actor}
			if t.All != nil { // it is attached already: what was sent counts on
				share = *t.All
			}
		}
		share.Groups = offers[tenant]
		after[tenant] = share
	}
	if len(after) > mostTenants {
		return invalid("tenants", "a target is attached to at most %d companies", mostTenants)
	}
	t.Tenants = after
	return nil
}

// Share attaches a target to a tenant, or changes which groups of it are sent; none: everybody, and all groups. NotFound, Invalid, Stale,
// Conflict for a tenant that has ten targets, Forbidden O10.
func (s *Service) Share(ctx context.Context, p directory.Principal, at Where, groups []string) (directory.Target, error) {
	if _, err := s.Own(ctx, p, at.Target); err != nil {
		return directory.Target{}, err
	}
	offers, err := s.offers(ctx, p, []directory.TenantID{at.Tenant}, groups)
	if err != nil {
		return directory.Target{}, err
	}
	return s.change(ctx, p, at.Target, directory.ActionTargetAttach, func(x *txn.Tx, t *directory.Target) error { return attach(x, t, offers) })
}

// Detach ends that a target gets the people and groups of a tenant. What was kept about it in the tenant is removed, and what the
// application has stays there. NotFound, Stale, Forbidden O10.
func (s *Service) Detach(ctx context.Context, p directory.Principal, at Where) error {
	if _, err := s.At(ctx, p, at); err != nil {
		return err
	}
	t, err := s.change(ctx, p, at.Target, directory.ActionTargetDetach, func(_ *txn.Tx, t *directory.Target) error {
		if t.All != nil {
			return &directory.Error{Code: directory.Conflict, Field: "tenant", Rule: "C11", Message: "the target is attached to all companies: end that first (all: false), and attach it to those that stay"}
		}
		if _, there := t.Tenants[at.Tenant]; !there {
			return notAttached(at)
		}
		t.Tenants = maps.Clone(t.Tenants)
		delete(t.Tenants, at.Tenant)
		return nil
	})
	if err != nil {
		return err
	}
	p.Tenant, p.If = at.Tenant, directory.Precondition{}
	if err = s.end(ctx, p, p.Actor, Orphan{at.Tenant, t.ID.String()}); directory.IsTenantGone(err) {
		return nil
	}
	return err
}

// Begin stores the first state of a target in a tenant, and records there that it gets the tenant's people and groups, or that it was
// resumed.
func (s *Service) Begin(ctx context.Context, p *Attachment) error {
	err := s.write(ctx, by(p.Tenant), func(x *txn.Tx) error {
		state, changed, err := begin(x, &p.Target)
		if err != nil || !changed {
			return err
		}
		return putState(x, p.Target.ID.String(), &state)
	})
	if directory.IsTenantGone(err) {
		return nil
	}
	return err
}

// begin is Begin within a transaction of the tenant. It gives the state, which the caller puts; changed is false if another process has done
// it. NotFound while an earlier attachment is removed.
func begin(x *txn.Tx, t *directory.Target) (state directory.TargetState, changed bool, err error) {
	key := t.ID.String()
	stored, there, err := txn.Get[directory.TargetState](x.Reader, directory.TargetStateKV, key)
	if err != nil {
		return state, false, err
	}
	if there {
		state, begun, _ := policy.AttachedState(t, x.Principal.Tenant, stored)
		if !begun {
			return state, false, notAttached(Where{x.Principal.Tenant, t.Name})
		}
		if stored.Resumes >= t.Resumes {
			return state, false, nil
		}
		line := x.Line(directory.ActionTargetResume, subject(t))
		if t.ResumedBy.Kind != "" {
			line.Actor = t.ResumedBy
		}
		x.Audit(line)
		if !stored.Quarantined.IsZero() {
			x.Event(directory.TargetRecovered, subject(t), nil)
		}
		return state, true, nil
	}
	share, _ := t.Share(x.Principal.Tenant)
	line := x.Line(directory.ActionTargetAttach, subject(t))
	if share.By.Kind != "" {
		line.Actor = share.By
	}
	data := shareFacts(&share)
	line.After = txn.Document(data)
	x.Audit(line)
	x.Event(directory.TargetAttached, subject(t), data)
	return directory.TargetState{Name: t.Name, Attached: share.Version, Resumes: t.Resumes}, true, nil
}

// shareFacts are the fields of a share in audit lines and events of its tenant.
func shareFacts(share *directory.TargetShare) directory.Attributes {
	groups := make([]any, len(share.Groups))
	for i, id := range share.Groups {
		groups[i] = id.String()
	}
	return directory.Attributes{{Name: "groups", Value: groups}}
}

func putState(x *txn.Tx, key string, state *directory.TargetState) error {
	state.Version++
	return x.Set(directory.TargetStateKV, key, *state)
}

// Leave takes tenants that are gone out of all targets, and names the targets that had one. With RunDry nothing is written.
func (s *Service) Leave(ctx context.Context, gone map[directory.TenantID]sharing.Departure, how directory.Run) (names []string, err error) {
	all, err := s.targets(ctx)
	if err != nil {
		return nil, err
	}
	kind := sharing.Kind[directory.Target]{
		KV: directory.TargetKV, Detached: directory.ActionTargetDetach, Updated: directory.TargetUpdated, Subject: subject, Facts: facts, Write: s.write,
		Tenants: func(t *directory.Target) iter.Seq[directory.TenantID] { return maps.Keys(t.Tenants) },
		Detach: func(t *directory.Target, tenants []directory.TenantID, now time.Time) {
			for _, tenant := range tenants {
				delete(t.Tenants, tenant)
			}
			t.Version, t.Modified = t.Version+1, txn.Later(now, t.Modified)
		},
	}
	return kind.Leave(ctx, by(directory.Provider), all, gone, how)
}

// noteDetached notes who detached a target from tenants.
func noteDetached(x *txn.Tx, before, after *directory.Target) error {
	var gone []directory.TenantID
	if before.All != nil && after.All == nil {
		gone = append(gone, directory.AllTenants)
	}
	for _, tenant := range slices.Sorted(maps.Keys(before.Tenants)) {
		if _, there := after.Share(tenant); !there {
			gone = append(gone, tenant)
		}
	}
	return sharing.Note(x, before.ID, before.Name, gone...)
}

// Drop records in a tenant that a target was detached, and by whom, and removes a part of what was kept about it, at most so much that no
// other write waits long. more: call it again.
func (s *Service) Drop(ctx context.Context, o Orphan) (more bool, err error) {
	note, known, err := sharing.Find(ctx, s.txn, o.Target, o.Tenant)
	if err != nil {
		return false, err
	}
	p := by(o.Tenant)
	actor := p.Actor
	if known {
		actor = note.By
	}
	if err = s.end(ctx, p, actor, o); err == nil {
		more, err = s.purge(ctx, o)
	}
	if directory.IsTenantGone(err) {
		return false, nil
	}
	return more, err
}

// end records in a tenant that an actor detached a target. Nothing is stored about it from then on.
func (s *Service) end(ctx context.Context, p directory.Principal, actor directory.Actor, o Orphan) error {
	return s.write(ctx, p, func(x *txn.Tx) error {
		state, there, err := txn.Get[directory.TargetState](x.Reader, directory.TargetStateKV, o.Target)
		if err != nil || !there || state.Detached {
			return err
		}
		gone := directory.Subject{Kind: "target", ID: o.Target, Name: state.Name}
		line := x.Line(directory.ActionTargetDetach, gone)
		line.Actor = actor
		x.Audit(line)
		x.Event(directory.TargetDetached, gone, nil)
		state.Detached = true
		return putState(x, o.Target, &state)
	})
}

// purge removes a part of what was kept about a detached target, and reports whether there is more.
func (s *Service) purge(ctx context.Context, o Orphan) (more bool, err error) {
	err = s.txn.Run(ctx, by(o.Tenant), func(x *txn.Tx) error {
		more = false
		state, there, err := txn.Get[directory.TargetState](x.Reader, directory.TargetStateKV, o.Target)
		if err != nil || !there || !state.Detached {
			return err
		}
		n := 0
		for _, kind := range []directory.KVKind{directory.LinkKV, directory.SentMemberKV} {
			err := x.Reader.KVs(kind, o.Target+"/", o.Target+"0", func(kv directory.KV) error {
				if n == purgeSize {
					more = true
					return store.ErrStop
				}
				n++
				x.Unset(kind, strings.Clone(kv.Key))
				return nil
			})
			if err != nil {
				return err
			}
		}
		if !more {
			x.Unset(directory.TargetStateKV, o.Target)
		}
		return nil
	})
	return more, err
}
