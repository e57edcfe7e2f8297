package projects

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Draft describes a new Google project.
type Draft struct {
	Name    string
	Key     Key
	Tenants []directory.TenantID // that it is attached to
}

// View is a Google project as an operator sees it.
type View struct {
	directory.GoogleProject         // without the data of its key
	Shares                  []Share // with the tenants of the scope, by slug
}

// Share is a tenant that a Google project is attached to.
type Share struct {
	Tenant directory.TenantID
	Name   string // of the tenant
	directory.ProjectShare
	Connections []directory.ConnectionID // of the tenant that use it, by slug
}

// facts are the fields of a Google project in audit lines and events.
func facts(g *directory.GoogleProject) directory.Attributes {
	return directory.Attributes{
		{Name: "account", Value: g.Key.Account},
		{Name: "keyId", Value: g.Key.KeyID},
		{Name: "attached", Value: txn.Number(len(g.Tenants))},
	}
}

// Create makes a Google project and attaches it to tenants. Invalid, NotFound for a tenant that is not served or not in the scope, Conflict
// for a name that is taken or when there are 200, Unavailable without a sealing key.
func (s *Service) Create(ctx context.Context, p directory.Principal, d Draft) error {
	g := directory.GoogleProject{ID: s.txn.NewID(), Name: d.Name, Version: 1, ClientID: d.Key.ClientID, Tenants: map[directory.TenantID]directory.ProjectShare{}}
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	if err := policy.CheckName(d.Name); err != nil {
		return err
	}
	if err := s.offered(ctx, p, d.Tenants); err != nil {
		return err
	}
	if g.Key, err = s.seal(g.ID, &d.Key); err != nil {
		return err
	}
	err = s.write(ctx, p, func(x *txn.Tx) error {
		if err := mayAdd(x, g.Name); err != nil {
			return err
		}
		g.Created, g.Modified = x.Now, x.Now
		for _, tenant := range d.Tenants {
			g.Tenants[tenant] = directory.ProjectShare{At: x.Now, Version: g.Version, By: x.Principal.Actor}
		}
		line := x.Line(directory.ActionProjectCreate, subjectOf(&g))
		line.After = txn.Document(facts(&g))
		x.Audit(line)
		x.Event(directory.ProjectCreated, subjectOf(&g), facts(&g))
		return x.Set(directory.ProjectKV, g.Name, g)
	})
	if err != nil {
		return err
	}
	return s.beginAll(ctx, p, &g)
}

// mayAdd refuses a name that is taken, and one project too many.
func mayAdd(x *txn.Tx, name string) error {
	taken, n := false, 0
	err := txn.Each(x.Reader, directory.ProjectKV, "", "", func(other string, _ *directory.GoogleProject) error {
		taken = taken || other == name
		n++
		return nil
	})
	switch {
	case err != nil:
		return err
	case taken:
		return &directory.Error{Code: directory.Conflict, Field: "name", Message: "there is a Google project named " + name + " already"}
	case n >= policy.MaxProjects:
		return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("there are %d Google projects, which is the most: delete one that is not used", n)}
	}
	return nil
}

// offered checks tenants that p wants to attach. NotFound for one that is not served or not in the scope; Invalid.
func (s *Service) offered(ctx context.Context, p directory.Principal, tenants []directory.TenantID) error {
	switch {
	case len(tenants) > policy.MaxProjectTenants:
		return tooMany()
	case len(tenants) == 0 && p.Actor.Kind != directory.BySystem && !p.Access.Scope.All:
		return &directory.Error{Code: directory.Invalid, Field: "tenants", Rule: "O10", Message: "name a company: a Google project that is attached to none is seen only by operators who have all companies"}
	case len(tenants) == 0:
		return nil
	}
	served := map[directory.TenantID]bool{}
	err := s.store.Summaries(ctx, tenants, func(one *store.Summary) error {
		served[one.Tenant.ID] = one.Tenant.Status == directory.TenantActive
		return nil
	})
	for _, tenant := range tenants {
		if err == nil && (tenant == directory.Provider || !served[tenant] || !policy.Sees(p, tenant)) {
			err = policy.NoTenant(tenant)
		}
	}
	return err
}

func tooMany() error {
	return &directory.Error{Code: directory.Invalid, Field: "tenants", Message: fmt.Sprintf("a Google project is attached to at most %d companies", policy.MaxProjectTenants)}
}

// change decides about a Google project that p may manage, and writes it with its audit line and event.
func (s *Service) change(ctx context.Context, p directory.Principal, name string, action directory.Action, decide func(*txn.Tx, *directory.GoogleProject) error) (g directory.GoogleProject, err error) {
	pre := p.If
	if p, err = txn.ForOperator(p, directory.Provider); err != nil {
		return g, err
	}
	err = s.write(ctx, p, func(x *txn.Tx) error {
		if g, err = managed(x, name, pre); err != nil {
			return err
		}
		was := g
		g.Version++
		if err := decide(x, &g); err != nil {
			return err
		}
		if err := noteDetached(x, &was, &g); err != nil {
			return err
		}
		g.Modified = txn.Later(x.Now, g.Modified)
		line := x.Line(action, subjectOf(&g))
		line.Before, line.After = txn.Document(facts(&was)), txn.Document(facts(&g))
		x.Audit(line)
		x.Event(directory.ProjectUpdated, subjectOf(&g), facts(&g))
		return x.Set(directory.ProjectKV, g.Name, g)
	})
	return g, err
}

// managed reads a Google project that the principal of x may manage. NotFound, Forbidden O10, Stale.
func managed(x *txn.Tx, name string, pre directory.Precondition) (directory.GoogleProject, error) {
	g, err := find(x.Reader, name)
	if err != nil {
		return g, err
	}
	if !policy.SeesProject(x.Principal, &g) {
		return g, noProject(name)
	}
	if err := policy.ManageProject(x.Principal, &g); err != nil {
		return g, err
	}
	return g, pre.Check(g.Version)
}

// Rotate replaces the key of a Google project, for all its tenants at once. NotFound, Invalid, Stale, Forbidden O10, Unavailable without a
// sealing key.
func (s *Service) Rotate(ctx context.Context, p directory.Principal, name string, key Key) error {
	before, err := s.visible(ctx, p, name)
	if err != nil {
		return err
	}
	sealed, err := s.seal(before.ID, &key)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p, name, directory.ActionProjectRotate, func(_ *txn.Tx, g *directory.GoogleProject) error {
		if g.ID != before.ID {
			return noProject(name)
		}
		g.Key, g.ClientID = sealed, key.ClientID
		return nil
	})
	return err
}

// Delete removes a Google project with its key, and detaches it from its tenants. NotFound, Stale, Forbidden O10.
func (s *Service) Delete(ctx context.Context, p directory.Principal, name string) error {
	pre := p.If
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	var g directory.GoogleProject
	err = s.write(ctx, p, func(x *txn.Tx) error {
		if g, err = managed(x, name, pre); err != nil {
			return err
		}
		line := x.Line(directory.ActionProjectDelete, subjectOf(&g))
		line.Before = txn.Document(facts(&g))
		x.Audit(line)
		x.Event(directory.ProjectDeleted, subjectOf(&g), facts(&g))
		x.Unset(directory.ProjectKV, g.Name)
		return noteDetached(x, &g, &directory.GoogleProject{})
	})
	if err != nil {
		return err
	}
	return s.leave(ctx, p, &g, slices.Sorted(maps.Keys(g.Tenants)))
}

// List gives the Google projects that p sees, by name.
func (s *Service) List(ctx context.Context, p directory.Principal) ([]View, error) {
	all, err := s.projects(ctx)
	if err != nil {
		return nil, err
	}
	return s.views(ctx, p, slices.DeleteFunc(all, func(g directory.GoogleProject) bool { return !policy.SeesProject(p, &g) }))
}

// Project gives one Google project. NotFound.
func (s *Service) Project(ctx context.Context, p directory.Principal, name string) (View, error) {
	g, err := s.visible(ctx, p, name)
	if err != nil {
		return View{}, err
	}
	out, err := s.views(ctx, p, []directory.GoogleProject{g})
	if err != nil {
		return View{}, err
	}
	return out[0], nil
}

// users are the connections of a tenant that name a Google project, with the name of the tenant.
type users struct {
	name        string
	connections map[string][]directory.ConnectionID // by project
}

// usersOf gives which connections of tenants that are served use which Google projects.
func (s *Service) usersOf(ctx context.Context, tenants []directory.TenantID) (map[directory.TenantID]users, error) {
	out := map[directory.TenantID]users{}
	if len(tenants) == 0 {
		return out, nil
	}
	err := s.store.Summaries(ctx, tenants, func(one *store.Summary) error {
		if one.Tenant.Status != directory.TenantActive {
			return nil
		}
		u := users{name: strings.Clone(one.Tenant.Name), connections: map[string][]directory.ConnectionID{}}
		for i := range one.Connections {
			if c := &one.Connections[i].Connection; c.Google != nil && c.Google.Project != "" {
				name := strings.Clone(c.Google.Project)
				u.connections[name] = append(u.connections[name], directory.ConnectionID(strings.Clone(string(c.ID))))
			}
		}
		out[one.Tenant.ID] = u
		return nil
	})
	return out, err
}

// views gives Google projects as p sees them, with the tenants of the scope that are served.
func (s *Service) views(ctx context.Context, p directory.Principal, all []directory.GoogleProject) ([]View, error) {
	shown := map[directory.TenantID]bool{}
	for i := range all {
		for tenant := range all[i].Tenants {
			if policy.Sees(p, tenant) {
				shown[tenant] = true
			}
		}
	}
	served, err := s.usersOf(ctx, slices.Sorted(maps.Keys(shown)))
	if err != nil {
		return nil, err
	}
	out := make([]View, len(all))
	for i := range all {
		g := &all[i]
		out[i].GoogleProject = *g
		out[i].Key.Data = nil
		for _, tenant := range slices.Sorted(maps.Keys(g.Tenants)) {
			if u, ok := served[tenant]; ok {
				slices.Sort(u.connections[g.Name])
				out[i].Shares = append(out[i].Shares, Share{Tenant: tenant, Name: u.name, ProjectShare: g.Tenants[tenant], Connections: u.connections[g.Name]})
			}
		}
	}
	return out, nil
}

// noteDetached notes who detached a Google project from tenants.
func noteDetached(x *txn.Tx, before, after *directory.GoogleProject) error {
	var gone []directory.TenantID
	for _, tenant := range slices.Sorted(maps.Keys(before.Tenants)) {
		if _, there := after.Tenants[tenant]; !there {
			gone = append(gone, tenant)
		}
	}
	return sharing.Note(x, before.ID, before.Name, gone...)
}
