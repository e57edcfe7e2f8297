package directory

import "time"

// Detachment says who detached an integration, such as a webhook or a target, from a tenant. The installation keeps it until the tenant has
// recorded it, which may be later: the integration may be deleted by then, and its name with it (C11).
type Detachment struct {
	At   time.Time `json:"at"`
	By   Actor     `json:"by"`
	Name string    `json:"name"` // of the integration
}

// AllTenants means every tenant in the key of a Detachment. No slug has such a character.
const AllTenants TenantID = "*"

// DetachmentKey is the key of the Detachment of an integration, by its id, from a tenant, from the installation, or from AllTenants.
func DetachmentKey(integration string, tenant TenantID) string {
	return integration + "/" + string(tenant)
}
