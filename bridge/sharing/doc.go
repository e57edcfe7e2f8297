// Package sharing owns how integrations of the installation leave tenants (C11): it takes tenants that are gone out of them, and it keeps
// notes about who detached an integration, until the audit trail of the tenant says so. It does not own the integrations: the packages of
// webhooks and targets detach them otherwise, and delete what was kept.
package sharing
