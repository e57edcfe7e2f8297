package projects

import (
	"context"
	"errors"
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
)

// Share attaches a Google project to a tenant. One that is attached already stays so. NotFound, Stale, Conflict, Forbidden O10.
func (s *Service) Share(ctx context.Context, p directory.Principal, at Where) error {
	g, err := s.visible(ctx, p, at.Project)
	if err != nil {
		return err
	}
	if err := s.offered(ctx, p, []directory.TenantID{at.Tenant}); err != nil {
		return err
	}
	if _, there := g.Tenants[at.Tenant]; !there {
		g, err = s.change(ctx, p, at.Project, directory.ActionProjectAttach, func(x *txn.Tx, g *directory.GoogleProject) error {
			if len(g.Tenants) >= policy.MaxProjectTenants {
				return tooMany()
			}
			g.Tenants = maps.Clone(g.Tenants)
			if g.Tenants == nil {
				g.Tenants = map[directory.TenantID]directory.ProjectShare{}
			}
			g.Tenants[at.Tenant] = directory.ProjectShare{At: x.Now, Version: g.Version, By: x.Principal.Actor}
			return nil
		})
	} else if err = policy.ManageProject(p, &g); err == nil {
		err = p.If.Check(g.Version)
	}
	if err != nil {
		return err
	}
	return s.begin(ctx, p, &g, at.Tenant)
}

// Detach ends that connections of a tenant may use a Google project, and removes what the tenant kept of it. Connections that use it read
// nothing more, and no person loses access by that. NotFound, Stale, Forbidden O10.
func (s *Service) Detach(ctx context.Context, p directory.Principal, at Where) error {
	g, err := s.visible(ctx, p, at.Project)
	if err != nil {
		return err
	}
	if _, there := g.Tenants[at.Tenant]; !there || !policy.Sees(p, at.Tenant) {
		return notAttached(at)
	}
	g, err = s.change(ctx, p, at.Project, directory.ActionProjectDetach, func(_ *txn.Tx, g *directory.GoogleProject) error {
		if _, there := g.Tenants[at.Tenant]; !there {
			return notAttached(at)
		}
		g.Tenants = maps.Clone(g.Tenants)
		delete(g.Tenants, at.Tenant)
		return nil
	})
	if err != nil {
		return err
	}
	return s.leave(ctx, p, &g, []directory.TenantID{at.Tenant})
}

// leave records in tenants that a Google project was detached, removes what they kept of it, and says which connections used it.
func (s *Service) leave(ctx context.Context, p directory.Principal, g *directory.GoogleProject, tenants []directory.TenantID) error {
	served, err := s.usersOf(ctx, tenants)
	if err != nil {
		return err
	}
	var stopped []string
	for _, tenant := range tenants {
		u, ok := served[tenant]
		if !ok {
			continue
		}
		for _, c := range u.connections[g.Name] {
			stopped = append(stopped, string(c))
		}
		p.Tenant, p.If, p.Idempotency = tenant, directory.Precondition{}, directory.Idempotency{}
		if e := s.end(ctx, p, p.Actor, g.ID.String()); e != nil && !directory.IsTenantGone(e) {
			err = errors.Join(err, e)
		}
	}
	if len(stopped) > 0 {
		slices.Sort(stopped)
		p.Report.Say(fmt.Sprintf("%s: nothing is changed any more by what uses this project, and no person loses access, until it has another credential", strings.Join(stopped, ", ")))
	}
	return err
}

// begin records in a tenant that a Google project is attached to it.
func (s *Service) begin(ctx context.Context, p directory.Principal, g *directory.GoogleProject, tenant directory.TenantID) error {
	share := g.Tenants[tenant]
	p.Tenant, p.If, p.Idempotency = tenant, directory.Precondition{}, directory.Idempotency{}
	err := s.write(ctx, p, func(x *txn.Tx) error {
		key := g.ID.String()
		state, there, err := txn.Get[directory.ProjectState](x.Reader, directory.ProjectStateKV, key)
		if err != nil || there && state.Attached == share.Version {
			return err
		}
		if there {
			recordEnd(x, x.Principal.Actor, subjectOf(g))
		}
		line := x.Line(directory.ActionProjectAttach, subjectOf(g))
		line.Actor = share.By
		x.Audit(line)
		x.Event(directory.ProjectAttached, subjectOf(g), nil)
		return x.Set(directory.ProjectStateKV, key, directory.ProjectState{Name: g.Name, Attached: share.Version})
	})
	if directory.IsTenantGone(err) {
		return nil
	}
	return err
}

// beginAll is begin for all tenants of a Google project.
func (s *Service) beginAll(ctx context.Context, p directory.Principal, g *directory.GoogleProject) error {
	for _, tenant := range slices.Sorted(maps.Keys(g.Tenants)) {
		if err := s.begin(ctx, p, g, tenant); err != nil {
			return err
		}
	}
	return nil
}

// end records in a tenant that an actor detached a Google project, and removes what the tenant kept of it.
func (s *Service) end(ctx context.Context, p directory.Principal, actor directory.Actor, id string) error {
	return s.write(ctx, p, func(x *txn.Tx) error {
		state, there, err := txn.Get[directory.ProjectState](x.Reader, directory.ProjectStateKV, id)
		if err != nil || !there {
			return err
		}
		recordEnd(x, actor, subject(id, state.Name))
		x.Unset(directory.ProjectStateKV, id)
		return nil
	})
}

func recordEnd(x *txn.Tx, actor directory.Actor, of directory.Subject) {
	line := x.Line(directory.ActionProjectDetach, of)
	line.Actor = actor
	x.Audit(line)
	x.Event(directory.ProjectDetached, of, nil)
}

// Settle completes what an interrupted Create, Share, Detach or Delete left undone in tenants. A second run does nothing.
func (s *Service) Settle(ctx context.Context) error {
	type kept struct {
		tenant directory.TenantID
		id     string
	}
	stored := map[kept]directory.ProjectState{}
	err := s.store.TenantKVs(ctx, directory.ProjectStateKV, nil, func(tenant directory.TenantID, kv directory.KV) error {
		state, err := txn.Value[directory.ProjectState](kv)
		stored[kept{tenant, strings.Clone(kv.Key)}] = state
		return err
	})
	if err != nil {
		return err
	}
	// The projects are read after the states, so that a state that is new is never taken for one that was left.
	all, err := s.projects(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for i := range all {
		g := &all[i]
		for _, tenant := range slices.Sorted(maps.Keys(g.Tenants)) {
			key := kept{tenant, g.ID.String()}
			if state, there := stored[key]; !there || state.Attached != g.Tenants[tenant].Version {
				errs = append(errs, s.begin(ctx, by(tenant), g, tenant))
			}
			delete(stored, key)
		}
	}
	for key := range stored {
		note, known, err := sharing.Find(ctx, s.txn, key.id, key.tenant)
		p := by(key.tenant)
		actor := p.Actor
		if known {
			actor = note.By
		}
		if err == nil {
			err = s.end(ctx, p, actor, key.id)
		}
		if !directory.IsTenantGone(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Leave takes tenants that are gone out of all Google projects, and names the projects that had one. With RunDry nothing is written.
func (s *Service) Leave(ctx context.Context, gone map[directory.TenantID]sharing.Departure, how directory.Run) (names []string, err error) {
	all, err := s.projects(ctx)
	if err != nil {
		return nil, err
	}
	kind := sharing.Kind[directory.GoogleProject]{
		KV: directory.ProjectKV, Detached: directory.ActionProjectDetach, Updated: directory.ProjectUpdated, Subject: subjectOf, Facts: facts, Write: s.write,
		Tenants: func(g *directory.GoogleProject) iter.Seq[directory.TenantID] { return maps.Keys(g.Tenants) },
		Detach: func(g *directory.GoogleProject, tenants []directory.TenantID, now time.Time) {
			for _, tenant := range tenants {
				delete(g.Tenants, tenant)
			}
			g.Version, g.Modified = g.Version+1, txn.Later(now, g.Modified)
		},
	}
	return kind.Leave(ctx, by(directory.Provider), all, gone, how)
}
