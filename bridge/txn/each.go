package txn

import (
	"context"
	"errors"
	"fmt"

	"drawbridge/directory"
)

// EachTenant calls do for one tenant after the other; Provider is the installation. A tenant that fails does not stop the others: its error
// is joined to the result, with its name. A tenant that was removed meanwhile is no failure. The end of ctx ends the walk.
func EachTenant(ctx context.Context, tenants []directory.TenantID, do func(directory.TenantID) error) error {
	var errs []error
	for _, id := range tenants {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		err := do(id)
		switch {
		case err == nil || directory.IsTenantGone(err):
		case id == directory.Provider:
			errs = append(errs, fmt.Errorf("the installation: %w", err))
		default:
			errs = append(errs, fmt.Errorf("tenant %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}
