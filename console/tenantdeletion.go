package console

import (
	"context"
	"fmt"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) tenantDeletionRoutes() []operation {
	return []operation{
		{
			id: "preview-tenant-deletion", method: http.MethodGet, path: "/tenants/{tenant}/deletion",
			right: directory.TenantDelete,
			tag:   "tenants", summary: "Show what the deletion of a tenant takes away",
			about: "For a company that was a mistake or a trial (rule T9). One that leaves for another installation is handed over instead (T6).",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.previewTenantDeletion),
		},
		{
			id: "delete-tenant", method: http.MethodPost, path: "/tenants/{tenant}/deletion",
			right: directory.TenantDelete, fresh: true,
			tag: "tenants", summary: "Delete a tenant with everything in it",
			about: "Wants the name of the company as a person typed it, the digest of a preview and a reason (rule T9). Credentials, application keys and access of operators end at once; people, groups, " +
				"connections, events, the audit trail and the request journal are erased, and cannot be brought back but from a backup. The trail of the installation keeps who did it and why. The slug is given to no other company.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
			do:    handle(a.deleteTenant),
		},
	}
}

type deleteTenantInput struct {
	httpapi.TenantPath
	Body wire.TenantDeletionRequest
}

func (a *api) previewTenantDeletion(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*output[wire.TenantDeletion], error) {
	d, err := a.Bridge.PreviewTenantDeletion(ctx, p, in.TenantID())
	return answer(tenantDeletionView(&d), err)
}

func (a *api) deleteTenant(ctx context.Context, p directory.Principal, in *deleteTenantInput) (*output[wire.TenantDeletion], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	d, err := a.Bridge.DeleteTenant(ctx, p, in.TenantID(), bridge.DeletionOrder{Name: in.Body.Name, Expect: in.Body.Expect, Reason: in.Body.Reason})
	return answer(tenantDeletionView(&d), err)
}

func tenantDeletionView(d *bridge.TenantDeletion) wire.TenantDeletion {
	record := "The audit trail and the events are erased with the company, and the request journal by the next run of its job. Export the audit trail first if it has to be kept; backups that were made before keep what they have."
	if d.Archived > 0 {
		record += fmt.Sprintf(" Audit lines and events in the archive (%d of them) are not erased: their folder is called %s, and is removed by hand.", d.Archived, d.Tenant.ID)
	}
	out := wire.TenantDeletion{
		Tenant: string(d.Tenant.ID), Name: d.Tenant.Name, Users: byState(d.Usage), Groups: d.Usage.Groups, Connections: []string{}, Credentials: d.Credentials,
		AppKeys: d.AppKeys, Operators: d.Operators, AuditLines: d.AuditLines, Events: d.Events, Digest: d.Digest, Deleted: d.Deleted,
		Archive: record, Integrations: []wire.AttachedIntegration{},
	}
	for _, i := range d.Integrations {
		out.Integrations = append(out.Integrations, wire.AttachedIntegration(i))
	}
	for i := range d.Connections {
		out.Connections = append(out.Connections, string(d.Connections[i].ID))
	}
	return out
}
