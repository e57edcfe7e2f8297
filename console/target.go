package console

import (
	"context"
	"net/http"

	"drawbridge/bridge/targets"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// Provision previews and checks targets.
type Provision interface {
	// Preview says what a run would do now, and changes nothing.
	Preview(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string) (wire.TargetPreview, error)
	// Check tests what a run needs, and changes nothing.
	Check(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string) ([]wire.TargetFinding, error)
}

func (a *api) targetRoutes() []operation {
	const all, one = "/tenants/{tenant}/targets", "/tenants/{tenant}/targets/{target}"
	read := func(id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: http.MethodGet, path: path, right: directory.TargetRead, tag: "targets", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid}, do: do,
		}
	}
	post := func(id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: http.MethodPost, path: path, right: directory.TargetManage, tag: "targets", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict, directory.Unavailable}, do: do,
		}
	}
	create := post("create-target", all, "Add a target", "The users and groups of the tenant are kept in this application as they are here, by SCIM (rule C16). The first run begins at once.", handle(a.createTarget))
	create.status = created
	update := post("update-target", one, "Change a target", "Another URL, token endpoint or client needs the credential again.", handle(a.updateTarget))
	update.method = http.MethodPatch
	remove := operation{
		id: "delete-target", method: http.MethodDelete, path: one, status: noContent, right: directory.TargetManage, tag: "targets", summary: "Delete a target",
		about: "Nothing more is sent to it. What the application has stays there.", codes: []directory.Code{directory.NotFound, directory.Conflict}, do: handle(a.deleteTarget),
	}
	return []operation{
		read("list-targets", all, "List targets", "Applications that the users and groups of the tenant are sent to.", handle(a.listTargets)),
		create,
		read("get-target", one, "Show a target", "With its progress, and without its credential.", handle(a.getTarget)),
		update, remove,
		post("resume-target", one+"/resume", "Resume a target", "It goes on after a pause or a quarantine, and tries again what was parked.", handle(a.resumeTarget)),
		post("sync-target", one+"/sync", "Compare and send now", "A run begins within seconds on the server that leads. What failed before is tried again. The answer does not wait for the end.", handle(a.syncTarget)),
		post("preview-target", one+"/preview", "Show what a run would do", "Reads both sides completely and writes nothing (rule E7).", handle(a.previewTarget)),
		post("check-target", one+"/check", "Check a target", "Tries the credential, and reads a page of users and groups. Nothing is changed.", handle(a.checkTarget)),
		read("list-target-failures", one+"/failures", "List who could not be sent", "People and groups that the application did not take, with its reason.", handle(a.listTargetFailures)),
	}
}

// TargetPath is a target in a path.
type TargetPath struct {
	httpapi.TenantPath
	Target string `path:"target" maxLength:"40" doc:"The name of the target." example:"aws"`
}

type (
	createTargetInput struct {
		httpapi.TenantPath
		Body wire.TargetCreate
	}
	updateTargetInput struct {
		TargetPath
		VersionHeader
		Body wire.TargetUpdate
	}
	syncTargetInput struct {
		TargetPath
		Body wire.TargetSync
	}
	targetFailuresPage struct {
		TargetPath
		httpapi.PageQuery
	}
)

func (a *api) listTargets(ctx context.Context, p directory.Principal, in *TenantPage) (*output[wire.Page[wire.Target]], error) {
	all, err := a.Targets.List(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	entries := make([]wire.Target, 0, len(all))
	for i := range all {
		entries = append(entries, targetView(in.TenantID(), &all[i]))
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Ascending, func(t wire.Target) httpapi.Position { return httpapi.Position{ID: t.Name} }))
}

func (a *api) showTarget(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string, err error) (*versioned[wire.Target], error) {
	if err != nil {
		return nil, err
	}
	v, err := a.Targets.Target(ctx, p, tenant, name)
	if err != nil {
		return nil, err
	}
	return withVersion(v.Version, targetView(tenant, &v)), nil
}

func (a *api) getTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*versioned[wire.Target], error) {
	return a.showTarget(ctx, p, in.TenantID(), in.Target, nil)
}

func (a *api) createTarget(ctx context.Context, p directory.Principal, in *createTargetInput) (*versioned[wire.Target], error) {
	b := in.Body
	_, err := a.Targets.Create(ctx, p, in.TenantID(), targets.Draft{
		Name: b.Name, URL: b.URL, Profile: directory.TargetProfile(b.Profile), TokenURL: b.TokenURL, ClientID: b.ClientID, Scope: b.Scope, Secret: b.Secret,
		People: directory.TargetPeople(b.People), Groups: b.Groups, NoGroups: b.NoGroups, OnLeave: directory.TargetLeave(b.OnLeave), Existing: directory.TargetPresent(b.Existing), Paused: b.Paused,
	})
	return a.showTarget(ctx, p, in.TenantID(), b.Name, err)
}

func (a *api) updateTarget(ctx context.Context, p directory.Principal, in *updateTargetInput) (*versioned[wire.Target], error) {
	b := in.Body
	_, err := a.Targets.Update(ctx, p, in.TenantID(), in.Target, targets.Edit{
		URL: b.URL, TokenURL: b.TokenURL, ClientID: b.ClientID, Scope: b.Scope, Secret: b.Secret, Profile: (*directory.TargetProfile)(b.Profile),
		People: (*directory.TargetPeople)(b.People), Groups: b.Groups, NoGroups: b.NoGroups, Paused: b.Paused, OnLeave: (*directory.TargetLeave)(b.OnLeave),
		Existing: (*directory.TargetPresent)(b.Existing),
	})
	return a.showTarget(ctx, p, in.TenantID(), in.Target, err)
}

func (a *api) deleteTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*httpapi.None, error) {
	return nil, a.Targets.Delete(ctx, p, in.TenantID(), in.Target)
}

func (a *api) resumeTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*versioned[wire.Target], error) {
	_, err := a.Targets.Resume(ctx, p, in.TenantID(), in.Target)
	return a.showTarget(ctx, p, in.TenantID(), in.Target, err)
}

func (a *api) syncTarget(ctx context.Context, p directory.Principal, in *syncTargetInput) (*versioned[wire.Target], error) {
	_, err := a.Targets.Sync(ctx, p, in.TenantID(), in.Target, targets.Wish{Compare: in.Body.Compare, Release: in.Body.Release})
	return a.showTarget(ctx, p, in.TenantID(), in.Target, err)
}

func (a *api) previewTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*output[wire.TargetPreview], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	return answer(a.Provision.Preview(ctx, p, in.TenantID(), in.Target))
}

func (a *api) checkTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*output[wire.Page[wire.TargetFinding]], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	all, err := a.Provision.Check(ctx, p, in.TenantID(), in.Target)
	return answer(wire.Page[wire.TargetFinding]{Items: append([]wire.TargetFinding{}, all...)}, err)
}

func (a *api) listTargetFailures(ctx context.Context, p directory.Principal, in *targetFailuresPage) (*output[wire.Page[wire.TargetFailure]], error) {
	all, err := a.Targets.Failures(ctx, p, in.TenantID(), in.Target)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.TargetFailure, 0, len(all))
	for i := range all {
		f := &all[i]
		one := wire.TargetFailure{
			Kind: string(f.Kind), ID: f.Local.String(), Name: f.Name, Status: "waiting", Tries: f.Tries, Next: httpapi.Time(f.Next), Parked: httpapi.Time(f.Parked), Error: f.Error,
		}
		if one.Parked != nil {
			one.Status = "parked"
		}
		entries = append(entries, one)
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Ascending, func(f wire.TargetFailure) httpapi.Position {
		return httpapi.Position{Key: f.Kind, ID: f.ID}
	}))
}

func targetView(tenant directory.TenantID, v *targets.View) wire.Target {
	s := &v.State
	out := wire.Target{
		Tenant: string(tenant), Name: v.Name, ID: v.ID.String(), Version: v.Version, Created: v.Created.UTC(), Modified: v.Modified.UTC(),
		URL: v.URL, Profile: string(v.Profile), TokenURL: v.TokenURL, ClientID: v.ClientID, Scope: v.Scope, People: string(v.People), Groups: []string{},
		NoGroups: v.NoGroups, OnLeave: string(v.OnLeave), Existing: string(v.Existing), SecretCreated: v.Secret.Created.UTC(),
		Status: "active", Users: s.Users, GroupCount: s.Groups, Pending: s.Pending, Parked: s.Parked, Held: s.Held, Synced: httpapi.Time(s.Synced),
		Compared: httpapi.Time(s.Compared), Success: httpapi.Time(s.Success), FailingSince: httpapi.Time(s.FailingSince), Next: httpapi.Time(s.Next),
	}
	for _, id := range v.Groups {
		out.Groups = append(out.Groups, id.String())
	}
	switch {
	case v.Paused:
		out.Status = "paused"
	case !s.Quarantined.IsZero():
		out.Status, out.Reason = "quarantined", s.Error
	case !s.FailingSince.IsZero():
		out.Status, out.Reason = "failing", s.Error
	case s.Compared.IsZero():
		out.Status = "waiting"
	}
	return out
}
