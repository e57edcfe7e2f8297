package wire

import "time"

// GoogleProject is the key of a service account of Google that belongs to the provider, without the key itself.
type GoogleProject struct {
	Name       string               `json:"name"`
	ID         string               `json:"id"`
	Version    uint64               `json:"version" doc:"The ETag."`
	Created    time.Time            `json:"created"`
	Modified   time.Time            `json:"modified"`
	Account    string               `json:"account" doc:"The service account." example:"drawbridge@msp.iam.gserviceaccount.com"`
	ClientID   string               `json:"client_id,omitempty" doc:"The Unique ID of the account, which the company enters under domain-wide delegation. Missing: the key does not have it."`
	KeyID      string               `json:"key_id" doc:"Google's name for the key. The key is sealed and never shown."`
	KeyCreated time.Time            `json:"key_created" doc:"When the key was given."`
	Tenants    []GoogleProjectShare `json:"tenants" nullable:"false" doc:"The tenants of your scope that it is attached to (rule C11)."`
}

// GoogleProjectShare is a tenant that a Google project is attached to.
type GoogleProjectShare struct {
	Tenant      string    `json:"tenant"`
	TenantName  string    `json:"tenant_name"`
	Attached    time.Time `json:"attached"`
	Connections []string  `json:"connections" nullable:"false" doc:"Those of the tenant that use it."`
}

// GoogleProjectCreate asks for a Google project.
type GoogleProjectCreate struct {
	Name        string   `json:"name" minLength:"1" maxLength:"40" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" doc:"a-z, 0-9 and hyphen. It cannot be changed." example:"shared"`
	Credentials string   `json:"credentials" minLength:"1" maxLength:"20000" text:"lines" doc:"The JSON key of a service account, as Google Cloud console made it. It is sealed, and never shown again."`
	Tenants     []string `json:"tenants,omitempty" maxItems:"1000" doc:"The tenants that it is attached to. An operator who does not have all tenants names one."`
}

// GoogleProjectKey replaces the key of a Google project.
type GoogleProjectKey struct {
	Credentials string `json:"credentials" minLength:"1" maxLength:"20000" text:"lines" doc:"The JSON key of a service account. It is sealed, and never shown again."`
}
