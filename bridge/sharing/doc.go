// Package sharing owns how integrations of the installation belong to tenants and leave them (C11): it lists what is attached to a tenant,
// takes tenants that are gone out, and keeps notes about who detached an integration, until the audit trail of the tenant says so. It does
// not own the integrations: the packages of webhooks, targets and Google projects detach them otherwise, and delete what was kept.
package sharing
