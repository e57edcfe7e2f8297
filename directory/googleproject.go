package directory

import "time"

// GoogleProject is the key of a service account of Google with which connections of several tenants read their directories (C15). It belongs
// to the installation, with the key sealed, and is attached to tenants (C11).
type GoogleProject struct {
	ID       ID        `json:"id"`
	Name     string    `json:"name"` // unique in the installation, and never changed
	Version  uint64    `json:"version"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`

	ClientID string           `json:"client_id,omitempty"` // of the account, for its delegation in the company's own console
	Key      SealedCredential `json:"key"`

	Tenants map[TenantID]ProjectShare `json:"tenants,omitempty"` // that it is attached to
}

// ProjectShare says since when a Google project is attached to a tenant.
type ProjectShare struct {
	At      time.Time `json:"at"`
	Version uint64    `json:"version"` // of the project when it was attached
	By      Actor     `json:"by,omitzero"`
}

// ProjectState is what a tenant keeps of a Google project that is attached to it.
type ProjectState struct {
	Name     string `json:"name"`     // GoogleProject.Name
	Attached uint64 `json:"attached"` // ProjectShare.Version; the state of another attachment is removed
}
