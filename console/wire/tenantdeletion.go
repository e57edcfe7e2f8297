package wire

// TenantDeletion is what the deletion of a tenant removes, or has removed.
type TenantDeletion struct {
	Tenant       string                `json:"tenant"`
	Name         string                `json:"name,omitempty" doc:"To be typed. Missing once the tenant is gone."`
	Users        map[string]int        `json:"users" doc:"How many users there are in each state."`
	Groups       int                   `json:"groups" doc:"Groups that are not built in."`
	Connections  []string              `json:"connections" nullable:"false"`
	Credentials  int                   `json:"credentials" doc:"Live ones of connections: syncing stops with them."`
	AppKeys      int                   `json:"app_keys" doc:"Live ones."`
	Operators    int                   `json:"operators" doc:"Who have the tenant in an explicit scope."`
	Integrations []AttachedIntegration `json:"integrations" nullable:"false" doc:"Of the provider, which are detached (rule C11)."`
	AuditLines   uint64                `json:"audit_lines"`
	Events       uint64                `json:"events" doc:"How many there ever were."`
	Archive      string                `json:"archive" doc:"A sentence on what becomes of the record."`
	Digest       string                `json:"digest,omitempty" doc:"Give it as expect. Missing once it is done."`
	Deleted      bool                  `json:"deleted" doc:"false: nothing was done yet."`
}

// AttachedIntegration is an integration of the provider that is attached to a tenant.
type AttachedIntegration struct {
	Kind string `json:"kind" enum:"webhook,channel,target,project"`
	Name string `json:"name"`
}

// TenantDeletionRequest asks for the deletion of a tenant.
type TenantDeletionRequest struct {
	Name   string `json:"name" minLength:"1" maxLength:"200" doc:"The name of the company, as a person typed it (rule T9)."`
	Expect string `json:"expect" minLength:"1" maxLength:"64" doc:"The digest of the preview."`
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"For the audit trail of the installation."`
}
