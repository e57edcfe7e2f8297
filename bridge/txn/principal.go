package txn

import (
	"drawbridge/directory"
)

// FromIdP reports whether p is an identity provider.
func FromIdP(p directory.Principal) bool { return p.Actor.Kind == directory.ByIdP }

// ForOperator refuses an identity provider. For any other caller it sets the tenant.
func ForOperator(p directory.Principal, tenant directory.TenantID) (directory.Principal, error) {
	if p.Actor.Kind == "" || FromIdP(p) {
		return p, &directory.Error{Code: directory.Forbidden, Message: "this is for operators: the credential of a connection cannot do it"}
	}
	p.Tenant, p.Connection = tenant, directory.Connection{}
	return p, nil
}
