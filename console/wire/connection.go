package wire

import (
	"time"

	"drawbridge/directory"
)

// Health is how the sync of a connection is.
type Health struct {
	State   string     `json:"state" enum:"never_connected,healthy,quiet,failing"`
	Since   *time.Time `json:"since,omitempty" doc:"When that was announced."`
	Why     string     `json:"why,omitempty"`
	Failed  *time.Time `json:"last_error_at,omitempty"`
	Error   string     `json:"last_error,omitempty" doc:"The last refusal, in a sentence."`
	Request string     `json:"last_error_request,omitempty" doc:"Its id, as in the log, the audit trail and the journal."`

	Stale    *time.Time `json:"stale_since,omitempty" doc:"Since when the rest is not reliable, because the connection is no longer checked. Missing: it is fresh."`
	StaleWhy string     `json:"stale_why,omitempty"`
}

// Connection is one identity provider of a tenant.
type Connection struct {
	Slug             string                   `json:"slug" example:"acme-okta"`
	Tenant           string                   `json:"tenant"`
	TenantName       string                   `json:"tenant_name,omitempty" doc:"In lists."`
	Type             string                   `json:"type" enum:"okta,entra,google,google-directory,onelogin,jumpcloud,rippling,ping,generic"`
	Version          uint64                   `json:"version"`
	Created          time.Time                `json:"created"`
	Modified         time.Time                `json:"modified"`
	BaseURL          string                   `json:"base_url" doc:"What the identity provider is given as its SCIM base URL."`
	Paused           bool                     `json:"paused" doc:"Answers 503 with Retry-After."`
	Observing        *Observing               `json:"observing,omitempty" doc:"It is in observe mode (rule C9). Missing: its writes take effect."`
	Google           *Google                  `json:"google,omitempty" doc:"What is read, for the type google-directory."`
	Ending           *Ending                  `json:"ending,omitempty" doc:"It is being disconnected (C10). Missing: it is not."`
	UnknownPaths     string                   `json:"unknown_paths,omitempty" enum:"refuse,ignore" doc:"Missing: as the type says."`
	UnknownMembers   string                   `json:"unknown_members,omitempty" enum:"refuse,ignore"`
	UserPatch        string                   `json:"user_patch,omitempty" enum:"resource,no_content"`
	GroupPatch       string                   `json:"group_patch,omitempty" enum:"resource,no_content"`
	Mappings         []directory.GroupMapping `json:"mappings" nullable:"false" doc:"Groups of the identity provider that grant a built-in group or the guest type."`
	AttributeMapping *AttributeMapping        `json:"attribute_mapping,omitempty" doc:"How users get attributes from what the identity provider sends (rule C13). Missing: they are what it sends."`
	Unmatched        []directory.GroupMapping `json:"unmatched_mappings,omitempty" doc:"The mappings that match no group of the connection now, so that they give nothing. Only when one connection is asked for."`
	Tokens           []Token                  `json:"tokens" nullable:"false"`
	Health           Health                   `json:"health"`
	Held             int                      `json:"held" doc:"Removals that the brake keeps for an operator."`
	LastRequest      *time.Time               `json:"last_request,omitempty"`
	LastSuccess      *time.Time               `json:"last_success,omitempty"`
	Requests         []uint32                 `json:"requests" nullable:"false" minItems:"24" maxItems:"24" doc:"How many requests with an accepted credential came in each of the last 24 hours, the oldest hour first. The last one is the hour that runs. The type google-directory has none."`
}

// ConnectionCreate asks for a new connection.
type ConnectionCreate struct {
	Slug             string                   `json:"slug,omitempty" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" maxLength:"60" doc:"Part of the base URL, so it has the characters of a tenant's slug (rule T1). Missing: made from tenant and type." example:"acme-okta"`
	Tenant           string                   `json:"tenant" minLength:"1" maxLength:"40" doc:"The slug of the tenant (rule C3)." example:"acme"`
	Type             string                   `json:"type" enum:"okta,entra,google,google-directory,onelogin,jumpcloud,rippling,ping,generic" doc:"Which identity provider it is (rule C6)."`
	Auth             string                   `json:"auth,omitempty" enum:"bearer,basic,oauth" doc:"The kind of the first credential (rule C4). Missing: bearer."`
	Expires          *time.Time               `json:"expires,omitempty" doc:"When the first credential ends (rule C2). Missing: never."`
	UnknownPaths     string                   `json:"unknown_paths,omitempty" enum:"refuse,ignore" doc:"Missing: as the type says (rule C6)."`
	UnknownMembers   string                   `json:"unknown_members,omitempty" enum:"refuse,ignore" doc:"Missing: as the type says (rule C6)."`
	UserPatch        string                   `json:"user_patch,omitempty" enum:"resource,no_content" doc:"Missing: as the type says (rule C6)."`
	GroupPatch       string                   `json:"group_patch,omitempty" enum:"resource,no_content" doc:"Missing: as the type says (rule C6)."`
	Google           *GoogleCreate            `json:"google,omitempty" doc:"What to read, for the type google-directory, and the key for it."`
	Mappings         []directory.GroupMapping `json:"mappings,omitempty" maxItems:"1000" doc:"Groups of the identity provider that grant a built-in group or the guest type (rule G4)."`
	AttributeMapping *AttributeMapping        `json:"attribute_mapping,omitempty" doc:"How users get attributes from what the identity provider sends (rule C13)."`
}

// ConnectionUpdate changes the fields that it has and leaves the others. An empty text returns to the default of the type.
type ConnectionUpdate struct {
	Paused           *bool                     `json:"paused,omitempty"`
	UnknownPaths     *string                   `json:"unknown_paths,omitempty" enum:"refuse,ignore,"`
	UnknownMembers   *string                   `json:"unknown_members,omitempty" enum:"refuse,ignore,"`
	UserPatch        *string                   `json:"user_patch,omitempty" enum:"resource,no_content,"`
	GroupPatch       *string                   `json:"group_patch,omitempty" enum:"resource,no_content,"`
	Google           *GoogleUpdate             `json:"google,omitempty"`
	Mappings         *[]directory.GroupMapping `json:"mappings,omitempty" maxItems:"1000" doc:"Takes the place of all mappings."`
	AttributeMapping *AttributeMapping         `json:"attribute_mapping,omitempty" doc:"Takes the place of the whole mapping (rule C13), and is applied to the users of the connection at once. One without rules ends it."`
}

// Issued is a new credential, shown once.
type Issued struct {
	Slug     string     `json:"slug" doc:"The connection."`
	Tenant   string     `json:"tenant"`
	Type     string     `json:"type"`
	BaseURL  string     `json:"base_url"`
	Auth     string     `json:"auth" enum:"bearer,basic,oauth,none" doc:"none: the connection is read, and shows no credential."`
	Token    string     `json:"secret" doc:"The secret itself: a bearer token, a password or a client secret. It is kept nowhere."`
	TokenID  string     `json:"token_id" doc:"Names the credential when it is to be revoked."`
	UserName string     `json:"user_name,omitempty" doc:"For HTTP Basic."`
	ClientID string     `json:"client_id,omitempty" doc:"For OAuth 2.0 client credentials."`
	TokenURL string     `json:"token_url,omitempty" doc:"For OAuth 2.0 client credentials."`
	Expires  *time.Time `json:"expires,omitempty" doc:"Missing: never."`
	Note     string     `json:"note,omitempty" doc:"What happens to the older credential."`
	Setup    Setup      `json:"setup" doc:"Where to enter all this."`
}

// IdentityProvider is a type of identity provider that a connection can have.
type IdentityProvider struct {
	Type    string   `json:"type" enum:"okta,entra,google,google-directory,onelogin,jumpcloud,rippling,ping,generic"`
	Title   string   `json:"title" doc:"The provider's own name."`
	Auth    []string `json:"auth" nullable:"false" enum:"bearer,basic,oauth" doc:"The kinds of credential that the provider can use, the recommended one first."`
	Cadence int      `json:"cadence_seconds" doc:"How often a connection of the type is expected to send a request. Twice as long without one is an alarm (rule C7)."`
	Setup   Setup    `json:"setup"`
}

// ConnectionSetup says what to enter in the identity provider's console for an existing connection.
type ConnectionSetup struct {
	Slug     string `json:"slug"`
	Type     string `json:"type"`
	BaseURL  string `json:"base_url"`
	TokenURL string `json:"token_url" doc:"For OAuth 2.0 client credentials."`
	Setup    Setup  `json:"setup"`
}

// Setup says where in the console of an identity provider a connection is configured, in the words of that console.
type Setup struct {
	Title string   `json:"title" doc:"The provider's own name."`
	Page  string   `json:"page" doc:"The way through the menus."`
	URL   string   `json:"url" doc:"The field for the base URL."`
	Token string   `json:"token" doc:"The field for a bearer token."`
	Steps []string `json:"steps" nullable:"false" doc:"What else to choose, in order."`
	Test  string   `json:"test" doc:"The button that tries the connection."`
}
