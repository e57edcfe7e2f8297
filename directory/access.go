package directory

import "slices"

// Right is something that an operator may be allowed to do. One table in package policy says which role has which right (O1).
// A right that is not in the table is denied.
type Right string

// The rights. Those that begin with "operator.", "provider.", "server.", "webhook." and "self" are about the installation, and so is
// TenantCreate; all others are about one tenant, and the operator's scope must have it (O2).
const (
	Self           Right = "self"            // the operator's own password, second factor, sessions and keys
	ServerRead     Right = "server.read"     // version, health, plans
	ServerManage   Right = "server.manage"   // backups, checks and trimming of the data of all tenants
	ProviderRecord Right = "provider.record" // events and audit of the installation
	ProviderMFA    Right = "provider.mfa"    // require a second factor of all operators (O6)
	OperatorRead   Right = "operator.read"
	OperatorManage Right = "operator.manage" // add, change, suspend, restore, reset; never beyond the caller's own role and scope
	OperatorOwner  Right = "operator.owner"  // the same for Owners

	WebhookRead   Right = "webhook.read"   // reading webhooks that get events of the scope (C11)
	WebhookManage Right = "webhook.manage" // changing webhooks whose tenants are all in the scope

	TenantCreate   Right = "tenant.create"
	TenantRead     Right = "tenant.read"
	TenantEnter    Right = "tenant.enter"     // work inside it in an explicit context (T5)
	TenantUpdate   Right = "tenant.update"    // name, address, settings, schemas
	TenantBilling  Right = "tenant.billing"   // plan, seats, and the settings that Overrides.SameCosts compares
	TenantHandOver Right = "tenant.hand_over" // link, unlink, bundle (T2, T6)
	TenantDelete   Right = "tenant.delete"    // with everything in it (T9)
	TenantRecord   Right = "tenant.record"    // events and audit of the tenant
	TenantAlert    Right = "tenant.alert"     // acknowledge alerts

	ConnectionRead   Right = "connection.read"
	ConnectionManage Right = "connection.manage" // create, change, pause
	CredentialManage Right = "credential.manage" //nolint:gosec // the name of a right, no secret: tokens of connections

	TargetRead   Right = "target.read"   // applications that people and groups are sent to (C16)
	TargetManage Right = "target.manage" // create, change, share, sync, pause, delete; one with several tenants needs all of them in the scope (C11)

	ProjectRead   Right = "project.read"   // Google projects with which directories are read (C11)
	ProjectManage Right = "project.manage" // create, rotate, share, delete; one with several tenants needs all of them in the scope

	UserRead            Right = "user.read"
	UserSuspend         Right = "user.suspend" // suspend, hold, yield, release, recover
	UserManage          Right = "user.manage"  // make, invite, confirm, convert, import, release from a connection
	UserRequestDeletion Right = "user.request_deletion"
	UserDelete          Right = "user.delete" // for good, and decide on requests (D3)

	GroupRead   Right = "group.read"
	GroupManage Right = "group.manage" // members of built-in groups, release from a connection
	GroupDelete Right = "group.delete" // for good (D3)
)

// Rights lists the rights in the order of the manual.
func Rights() []Right {
	return []Right{
		Self, ServerRead, ServerManage, ProviderRecord, ProviderMFA, OperatorRead, OperatorManage, OperatorOwner, WebhookRead, WebhookManage,
		TenantCreate, TenantRead, TenantEnter, TenantUpdate, TenantBilling, TenantHandOver, TenantDelete, TenantRecord, TenantAlert,
		ConnectionRead, ConnectionManage, CredentialManage, TargetRead, TargetManage, ProjectRead, ProjectManage,
		UserRead, UserSuspend, UserManage, UserRequestDeletion, UserDelete, GroupRead, GroupManage, GroupDelete,
	}
}

// InTenant reports whether r is about one tenant, so that the scope is checked before the role.
func (r Right) InTenant() bool {
	switch r {
	case Self, ServerRead, ServerManage, ProviderRecord, ProviderMFA, OperatorRead, OperatorManage, OperatorOwner, WebhookRead, WebhookManage, TenantCreate:
		return false
	}
	return true
}

// Role is what an operator is (O1).
type Role string

// The roles, the mightiest first.
const (
	RoleOwner        Role = "owner"
	RoleAdminBilling Role = "administrator_billing"
	RoleAdmin        Role = "administrator"
	RoleTechnician   Role = "technician"
	RoleHelpDesk     Role = "help_desk"
	RoleReadOnly     Role = "read_only"
)

// Roles lists the roles, the mightiest first.
func Roles() []Role {
	return []Role{RoleOwner, RoleAdminBilling, RoleAdmin, RoleTechnician, RoleHelpDesk, RoleReadOnly}
}

// Title is the role as people read it.
func (r Role) Title() string {
	switch r {
	case RoleOwner:
		return "Owner"
	case RoleAdminBilling:
		return "Administrator with Billing"
	case RoleAdmin:
		return "Administrator"
	case RoleTechnician:
		return "Technician"
	case RoleHelpDesk:
		return "Help desk"
	case RoleReadOnly:
		return "Read-only"
	}
	return string(r)
}

// Scope is which tenants an operator sees (O2). The zero Scope has none.
type Scope struct {
	All     bool       `json:"all,omitempty"` // future tenants too (T8)
	Tenants []TenantID `json:"tenants,omitempty"`
}

// Covers reports whether tenant is in s. The installation itself is in no scope.
func (s Scope) Covers(tenant TenantID) bool {
	return tenant != Provider && (s.All || slices.Contains(s.Tenants, tenant))
}

// Within reports whether s has nothing that wide has not.
func (s Scope) Within(wide Scope) bool {
	if wide.All {
		return true
	}
	return !s.All && !slices.ContainsFunc(s.Tenants, func(t TenantID) bool { return !wide.Covers(t) })
}

// Access is what the caller may do. The zero Access may do nothing.
type Access struct {
	Role       Role
	Scope      Scope
	AuthMethod AuthMethod
	// EnrolOnly: a second factor is required and missing, so the operator may only enrol one (O6).
	EnrolOnly bool
	// RecentAuth reports whether the person proved recently who they are, which dangerous actions require.
	RecentAuth bool
}

// AuthMethod is how the caller was authenticated.
type AuthMethod string

// The values of AuthMethod.
const (
	ByLocal   AuthMethod = "local"   // the unix socket: a process that may open it is the local Owner
	BySession AuthMethod = "session" // a person who signed in
	ByKey     AuthMethod = "key"     // an API key
)
