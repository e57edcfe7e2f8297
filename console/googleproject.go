package console

import (
	"context"
	"net/http"
	"strings"

	"drawbridge/bridge/projects"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) googleProjectRoutes() []operation {
	const one, share = "/google-projects/{project}", "/google-projects/{project}/tenants/{tenant}"
	read := func(id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: http.MethodGet, path: path, right: directory.ProjectRead, tag: "google-projects", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid}, do: do,
		}
	}
	write := func(method, id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: method, path: path, right: directory.ProjectManage, tag: "google-projects", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict, directory.Unavailable, directory.Unsupported}, do: do,
		}
	}
	create := write(http.MethodPost, "create-google-project", "/google-projects", "Add a Google project",
		"The key of a service account that belongs to the provider. Connections of the tenants that it is attached to read their directories with it (rules C11, C15).", handle(a.createGoogleProject))
	create.status = created
	remove := write(http.MethodDelete, "delete-google-project", one, "Delete a Google project",
		"Its key is deleted, and it is detached from all tenants. A connection that uses it changes nothing until it has another credential, and no person loses access.", handle(a.deleteGoogleProject))
	detach := write(http.MethodDelete, "detach-google-project", share, "Detach a Google project from a tenant",
		"What was kept of it for the tenant is deleted. A connection that uses it changes nothing until it has another credential, and no person loses access.", handle(a.detachGoogleProject))
	remove.status, detach.status = noContent, noContent
	all := []operation{
		read("list-google-projects", "/google-projects", "List Google projects", "Those that are attached to tenants in your scope.", handle(a.listGoogleProjects)),
		create,
		read("get-google-project", one, "Show a Google project", "Without its key.", handle(a.getGoogleProject)),
		remove,
		write(http.MethodPut, "rotate-google-project", one+"/key", "Replace the key of a Google project", "The next run of every connection that uses it has the new key.", handle(a.rotateGoogleProject)),
		write(http.MethodPut, "share-google-project", share, "Attach a Google project to a tenant", "Connections of the tenant may use it from now on. The key stays with the provider.", handle(a.shareGoogleProject)),
		detach,
	}
	for i := range all { // the verb checks the scope where the path names no tenant
		all[i].list = !strings.HasPrefix(all[i].path, share)
	}
	return all
}

// GoogleProjectPath is the Google project in a path.
type GoogleProjectPath struct {
	Project string `path:"project" maxLength:"40" doc:"The name of the Google project." example:"shared"`
}

// GoogleProjectSharePath is a Google project and a tenant that it is attached to.
type GoogleProjectSharePath struct {
	GoogleProjectPath
	httpapi.TenantPath
}

func (p *GoogleProjectSharePath) where() projects.Where {
	return projects.Where{Tenant: p.TenantID(), Project: p.Project}
}

type (
	createGoogleProjectInput struct {
		Body wire.GoogleProjectCreate
	}
	rotateGoogleProjectInput struct {
		GoogleProjectPath
		VersionHeader
		Body wire.GoogleProjectKey
	}
	deleteGoogleProjectInput struct {
		GoogleProjectPath
		PreviewQuery
	}
	detachGoogleProjectInput struct {
		GoogleProjectSharePath
		PreviewQuery
	}
)

func (a *api) listGoogleProjects(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.GoogleProject]], error) {
	all, err := a.Bridge.Pulls().Projects().List(ctx, p)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.GoogleProject, 0, len(all))
	for i := range all {
		entries = append(entries, googleProjectView(&all[i]))
	}
	return answer(httpapi.Sorted(entries, *in, httpapi.Ascending, func(g wire.GoogleProject) httpapi.Position { return httpapi.Position{ID: g.Name} }))
}

func (a *api) showGoogleProject(ctx context.Context, p directory.Principal, name string, err error) (*versioned[wire.GoogleProject], error) {
	if err != nil {
		return nil, err
	}
	v, err := a.Bridge.Pulls().Projects().Project(ctx, p, name)
	if err != nil {
		return nil, err
	}
	return withVersion(v.Version, googleProjectView(&v)), nil
}

func (a *api) getGoogleProject(ctx context.Context, p directory.Principal, in *GoogleProjectPath) (*versioned[wire.GoogleProject], error) {
	return a.showGoogleProject(ctx, p, in.Project, nil)
}

// projectKey reads the key of a service account. Unsupported where no directory is read; Invalid.
func (a *api) projectKey(text string) (projects.Key, error) {
	if a.Pull == nil {
		return projects.Key{}, noPull()
	}
	return a.Pull.Credential("credentials", text)
}

func (a *api) createGoogleProject(ctx context.Context, p directory.Principal, in *createGoogleProjectInput) (*versioned[wire.GoogleProject], error) {
	key, err := a.projectKey(in.Body.Credentials)
	if err == nil {
		err = a.Bridge.Pulls().Projects().Create(ctx, p, projects.Draft{Name: in.Body.Name, Key: key, Tenants: tenantIDs(in.Body.Tenants)})
	}
	return a.showGoogleProject(ctx, p, in.Body.Name, err)
}

func (a *api) rotateGoogleProject(ctx context.Context, p directory.Principal, in *rotateGoogleProjectInput) (*versioned[wire.GoogleProject], error) {
	key, err := a.projectKey(in.Body.Credentials)
	if err == nil {
		err = a.Bridge.Pulls().Projects().Rotate(ctx, p, in.Project, key)
	}
	return a.showGoogleProject(ctx, p, in.Project, err)
}

func (a *api) deleteGoogleProject(ctx context.Context, p directory.Principal, in *deleteGoogleProjectInput) (*httpapi.None, error) {
	return nil, a.Bridge.Pulls().Projects().Delete(ctx, p, in.Project)
}

func (a *api) shareGoogleProject(ctx context.Context, p directory.Principal, in *GoogleProjectSharePath) (*versioned[wire.GoogleProject], error) {
	return a.showGoogleProject(ctx, p, in.Project, a.Bridge.Pulls().Projects().Share(ctx, p, in.where()))
}

func (a *api) detachGoogleProject(ctx context.Context, p directory.Principal, in *detachGoogleProjectInput) (*httpapi.None, error) {
	return nil, a.Bridge.Pulls().Projects().Detach(ctx, p, in.where())
}

func googleProjectView(v *projects.View) wire.GoogleProject {
	out := wire.GoogleProject{
		Name: v.Name, ID: v.ID.String(), Version: v.Version, Created: v.Created.UTC(), Modified: v.Modified.UTC(),
		Account: v.Key.Account, ClientID: v.ClientID, KeyID: v.Key.KeyID, KeyCreated: v.Key.Created.UTC(), Tenants: []wire.GoogleProjectShare{},
	}
	for i := range v.Shares {
		s := &v.Shares[i]
		one := wire.GoogleProjectShare{Tenant: string(s.Tenant), TenantName: s.Name, Attached: s.At.UTC(), Connections: []string{}}
		for _, c := range s.Connections {
			one.Connections = append(one.Connections, string(c))
		}
		out.Tenants = append(out.Tenants, one)
	}
	return out
}
