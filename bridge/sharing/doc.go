// Package sharing owns the notes about who detached an integration of the installation from a tenant, which stay until the audit trail of
// the tenant says so (C11). It does not detach anything: the packages of webhooks and targets do that, and delete what was kept.
package sharing
