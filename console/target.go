package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/targets"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// Provision previews and checks targets.
type Provision interface {
	// Preview says what a run would do now, and changes nothing.
	Preview(ctx context.Context, p directory.Principal, at targets.Where) (wire.TargetPreview, error)
	// Check tests what a run needs, and changes nothing.
	Check(ctx context.Context, p directory.Principal, name string) ([]wire.TargetFinding, error)
}

func (a *api) targetRoutes() []operation {
	const one, share = "/targets/{target}", "/targets/{target}/tenants/{tenant}"
	read := func(id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: http.MethodGet, path: path, right: directory.TargetRead, tag: "targets", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid}, do: do,
		}
	}
	write := func(method, id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: method, path: path, right: directory.TargetManage, tag: "targets", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict, directory.Unavailable}, do: do,
		}
	}
	create := write(http.MethodPost, "create-target", "/targets", "Add a target", "The users and groups of the named tenants are kept in this application as they are here, by SCIM (rules C11, C16). The first run begins at once.", handle(a.createTarget))
	create.status = created
	remove := write(http.MethodDelete, "delete-target", one, "Delete a target", "Nothing more is sent to it, and what was kept about it for its tenants is removed. What the application has stays there.", handle(a.deleteTarget))
	detach := write(http.MethodDelete, "detach-target", share, "Detach a target from a tenant", "Nothing more of the tenant is sent to it, and what was kept about it for the tenant is removed. What the application has stays there.", handle(a.detachTarget))
	remove.status, detach.status = noContent, noContent
	all := []operation{
		read("list-targets", "/targets", "List targets", "Applications that people and groups of tenants in your scope are sent to.", handle(a.listTargets)),
		create,
		read("get-target", one, "Show a target", "Without its credential.", handle(a.getTarget)),
		write(http.MethodPatch, "update-target", one, "Change a target", "Another URL, token endpoint or client needs the credential again.", handle(a.updateTarget)),
		remove,
		write(http.MethodPost, "resume-target", one+"/resume", "Resume a target", "It goes on after a pause or a quarantine, and tries again what was parked.", handle(a.resumeTarget)),
		write(http.MethodPost, "check-target", one+"/check", "Check a target", "Tries the credential, and reads a page of users and groups. Nothing is changed.", handle(a.checkTarget)),
		read("list-target-progress", one+"/progress", "Show how far a target is", "With each tenant in your scope.", handle(a.listTargetProgress)),
		write(http.MethodPut, "share-target", share, "Attach a target to a tenant", "The people and groups of the tenant are sent to it from now on. Where it is attached already, only the groups change.", handle(a.shareTarget)),
		detach,
		write(http.MethodPost, "sync-target", share+"/sync", "Compare and send now", "A run begins within seconds on the server that leads. What failed before is tried again. The answer does not wait for the end.", handle(a.syncTarget)),
		write(http.MethodPost, "preview-target", share+"/preview", "Show what a run would do", "Reads both sides completely and writes nothing (rule E7).", handle(a.previewTarget)),
		read("list-target-failures", share+"/failures", "List who could not be sent", "People and groups of the tenant that the application did not take, with its reason.", handle(a.listTargetFailures)),
	}
	for i := range all { // the verb checks the scope where the path names no tenant
		all[i].list = !strings.HasPrefix(all[i].path, share)
	}
	return all
}

// TargetPath is the target in a path.
type TargetPath struct {
	Target string `path:"target" maxLength:"40" doc:"The name of the target." example:"aws"`
}

// TargetSharePath is a target and a tenant that it is attached to.
type TargetSharePath struct {
	TargetPath
	httpapi.TenantPath
}

func (p *TargetSharePath) where() targets.Where {
	return targets.Where{Tenant: p.TenantID(), Target: p.Target}
}

type (
	createTargetInput struct {
		Body wire.TargetCreate
	}
	updateTargetInput struct {
		TargetPath
		VersionHeader
		Body wire.TargetUpdate
	}
	shareTargetInput struct {
		TargetSharePath
		Body wire.TargetShare
	}
	syncTargetInput struct {
		TargetSharePath
		Body wire.TargetSync
	}
	targetProgressPage struct {
		TargetPath
		httpapi.PageQuery
		Tenant string `query:"tenant" maxLength:"40" doc:"Only this tenant. Missing: all of the scope."`
	}
	targetFailuresPage struct {
		TargetSharePath
		httpapi.PageQuery
	}
)

func (a *api) listTargets(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.Target]], error) {
	all, err := a.Targets.List(ctx, p)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.Target, 0, len(all))
	for i := range all {
		entries = append(entries, targetView(&all[i]))
	}
	return answer(httpapi.Sorted(entries, *in, httpapi.Ascending, func(t wire.Target) httpapi.Position { return httpapi.Position{ID: t.Name} }))
}

func (a *api) showTarget(ctx context.Context, p directory.Principal, name string, err error) (*versioned[wire.Target], error) {
	if err != nil {
		return nil, err
	}
	v, err := a.Targets.Target(ctx, p, name)
	if err != nil {
		return nil, err
	}
	return withVersion(v.Version, targetView(&v)), nil
}

func (a *api) getTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*versioned[wire.Target], error) {
	return a.showTarget(ctx, p, in.Target, nil)
}

func (a *api) createTarget(ctx context.Context, p directory.Principal, in *createTargetInput) (*versioned[wire.Target], error) {
	b := in.Body
	_, err := a.Targets.Create(ctx, p, targets.Draft{
		Name: b.Name, URL: b.URL, Profile: directory.TargetProfile(b.Profile), TokenURL: b.TokenURL, ClientID: b.ClientID, Scope: b.Scope, Secret: b.Secret,
		People: directory.TargetPeople(b.People), NoGroups: b.NoGroups, OnLeave: directory.TargetLeave(b.OnLeave), Existing: directory.TargetPresent(b.Existing), Paused: b.Paused,
		Tenants: tenantIDs(b.Tenants), All: b.All, Groups: b.Groups, Mapping: rulesOf(b.Mapping),
	})
	return a.showTarget(ctx, p, b.Name, err)
}

func (a *api) updateTarget(ctx context.Context, p directory.Principal, in *updateTargetInput) (*versioned[wire.Target], error) {
	b := in.Body
	edit := targets.Edit{
		URL: b.URL, TokenURL: b.TokenURL, ClientID: b.ClientID, Scope: b.Scope, Secret: b.Secret, Profile: (*directory.TargetProfile)(b.Profile),
		People: (*directory.TargetPeople)(b.People), NoGroups: b.NoGroups, Paused: b.Paused, All: b.All, OnLeave: (*directory.TargetLeave)(b.OnLeave),
		Existing: (*directory.TargetPresent)(b.Existing),
	}
	if b.Mapping != nil {
		rules := rulesOf(*b.Mapping)
		edit.Mapping = &rules
	}
	_, err := a.Targets.Update(ctx, p, in.Target, edit)
	return a.showTarget(ctx, p, in.Target, err)
}

func rulesOf(rules []wire.TargetRule) []directory.TargetRule {
	var out []directory.TargetRule
	for _, r := range rules {
		out = append(out, directory.TargetRule(r))
	}
	return out
}

func (a *api) deleteTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*httpapi.None, error) {
	return nil, a.Targets.Delete(ctx, p, in.Target)
}

func (a *api) resumeTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*versioned[wire.Target], error) {
	_, err := a.Targets.Resume(ctx, p, in.Target)
	return a.showTarget(ctx, p, in.Target, err)
}

func (a *api) checkTarget(ctx context.Context, p directory.Principal, in *TargetPath) (*output[wire.Page[wire.TargetFinding]], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	all, err := a.Provision.Check(ctx, p, in.Target)
	return answer(wire.Page[wire.TargetFinding]{Items: append([]wire.TargetFinding{}, all...)}, err)
}

func (a *api) listTargetProgress(ctx context.Context, p directory.Principal, in *targetProgressPage) (*output[wire.Page[wire.TargetProgress]], error) {
	v, err := a.Targets.Target(ctx, p, in.Target)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.TargetProgress, 0, len(v.Shares))
	for i := range v.Shares {
		if in.Tenant == "" || string(v.Shares[i].Tenant) == in.Tenant {
			entries = append(entries, shareView(&v.Target, &v.Shares[i]))
		}
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Ascending, func(t wire.TargetProgress) httpapi.Position { return httpapi.Position{ID: t.Tenant} }))
}

// showShare shows how far a target is with one tenant.
func (a *api) showShare(ctx context.Context, p directory.Principal, at targets.Where, err error) (*output[wire.TargetProgress], error) {
	if err != nil {
		return nil, err
	}
	v, err := a.Targets.Target(ctx, p, at.Target)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(v.Shares, func(s targets.Share) bool { return s.Tenant == at.Tenant })
	if i < 0 {
		return nil, &directory.Error{Code: directory.NotFound, Field: "tenant", Message: "the target was detached meanwhile"}
	}
	return answer(shareView(&v.Target, &v.Shares[i]), nil)
}

func (a *api) shareTarget(ctx context.Context, p directory.Principal, in *shareTargetInput) (*output[wire.TargetProgress], error) {
	_, err := a.Targets.Share(ctx, p, in.where(), in.Body.Groups)
	return a.showShare(ctx, p, in.where(), err)
}

func (a *api) detachTarget(ctx context.Context, p directory.Principal, in *TargetSharePath) (*httpapi.None, error) {
	return nil, a.Targets.Detach(ctx, p, in.where())
}

func (a *api) syncTarget(ctx context.Context, p directory.Principal, in *syncTargetInput) (*output[wire.TargetProgress], error) {
	err := a.Targets.Sync(ctx, p, in.where(), targets.Wish{Compare: in.Body.Compare, Release: in.Body.Release})
	return a.showShare(ctx, p, in.where(), err)
}

func (a *api) previewTarget(ctx context.Context, p directory.Principal, in *TargetSharePath) (*output[wire.TargetPreview], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	return answer(a.Provision.Preview(ctx, p, in.where()))
}

func (a *api) listTargetFailures(ctx context.Context, p directory.Principal, in *targetFailuresPage) (*output[wire.Page[wire.TargetFailure]], error) {
	all, err := a.Targets.Failures(ctx, p, in.where())
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

func targetView(v *targets.View) wire.Target {
	out := wire.Target{
		Name: v.Name, ID: v.ID.String(), Version: v.Version, Created: v.Created.UTC(), Modified: v.Modified.UTC(),
		URL: v.URL, Profile: string(v.Profile), TokenURL: v.TokenURL, ClientID: v.ClientID, Scope: v.Scope, People: string(v.People),
		NoGroups: v.NoGroups, OnLeave: string(v.OnLeave), Existing: string(v.Existing), SecretCreated: v.Secret.Created.UTC(), Tenants: []string{}, TenantNames: []string{},
		Status: "waiting", Mapping: []wire.TargetRule{}, All: v.All != nil,
	}
	for _, r := range v.Mapping {
		out.Mapping = append(out.Mapping, wire.TargetRule(r))
	}
	synced, success := time.Time{}, time.Time{}
	worse := []string{"active", "waiting", "failing", "quarantined"} // the worst last
	for i := range v.Shares {
		one := shareView(&v.Target, &v.Shares[i])
		s := &v.Shares[i].State
		out.Tenants = append(out.Tenants, one.Tenant)
		out.TenantNames = append(out.TenantNames, one.TenantName)
		out.Users += one.Users
		out.GroupCount += one.GroupCount
		out.Pending += one.Pending
		out.Parked += one.Parked
		out.Held += one.Held
		if i == 0 || s.Synced.Before(synced) {
			synced = s.Synced
		}
		if s.Success.After(success) {
			success = s.Success
		}
		if i == 0 || slices.Index(worse, one.Status) > slices.Index(worse, out.Status) {
			out.Status, out.Reason = one.Status, one.Reason
		}
	}
	if v.Paused {
		out.Status, out.Reason = "paused", ""
	}
	out.Synced, out.Success = httpapi.Time(synced), httpapi.Time(success)
	return out
}

func shareView(t *directory.Target, share *targets.Share) wire.TargetProgress {
	s := &share.State
	out := wire.TargetProgress{
		Target: t.Name, Tenant: string(share.Tenant), TenantName: share.Name, Attached: share.At.UTC(), Groups: []string{}, Status: "active",
		Users: s.Users, GroupCount: s.Groups, Pending: s.Pending, Parked: s.Parked, Held: s.Held, Synced: httpapi.Time(s.Synced),
		Compared: httpapi.Time(s.Compared), Success: httpapi.Time(s.Success), FailingSince: httpapi.Time(s.FailingSince), Next: httpapi.Time(s.Next),
	}
	for _, id := range share.Groups {
		out.Groups = append(out.Groups, id.String())
	}
	switch {
	case t.Paused:
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
