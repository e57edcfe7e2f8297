package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

// NotServed refuses a caller of a tenant that has been handed over (T6).
func NotServed() *Refusal {
	return refuse("T6", "this tenant is no longer served here")
}

// Frozen refuses a change of a tenant that has been handed over (T6), because the content of the bundle must stay true.
func Frozen(tenant *directory.Tenant) *Refusal {
	if tenant.Status == directory.TenantGone {
		return conflict("T6", "status", fmt.Sprintf("tenant %s is gone: only its slug is left", tenant.ID))
	}
	return conflict("T6", "status", fmt.Sprintf("tenant %s is %s, and nothing in it may change: take it back first", tenant.ID, tenant.Status))
}

// leastGrace is the minimum number of days for which the data of a handed-over tenant is kept.
const leastGrace = 7

// HandoverGrace is how long the data of a handed-over tenant is kept (T6): as long as a tombstone tells who a deleted user was, and at
// least a week.
func HandoverGrace(s directory.Settings) time.Duration {
	return time.Duration(max(leastGrace, s.TombstoneDays)) * 24 * time.Hour
}

// ActiveOwners says which active Owners a tenant has.
type ActiveOwners uint8

// The Owners, from the fewest.
const (
	NoOwner       ActiveOwners = iota
	OnlyOperators              // of the provider, and no one else
	OwnOwner                   // at least one who is not an operator of the provider
)

// Unlink refuses the hand-over of a tenant without an active Owner of its own (T6).
func Unlink(owners ActiveOwners) *Refusal {
	switch owners {
	case OwnOwner:
		return nil
	case OnlyOperators:
		return refuse("T6", "the only active Owners are operators of this installation: make a person of the company an Owner first")
	}
	return refuse("T6", "the company has no active Owner: make a person of the company an Owner first")
}

// SameRegion refuses a tenant whose data must be kept in another region than that of this installation (T2).
func SameRegion(here, there string) *Refusal {
	if here == there {
		return nil
	}
	name := func(region string) string {
		if region == "" {
			return "none"
		}
		return region
	}
	return conflict("T2", "data_region", fmt.Sprintf(
		"the data region of the company is %s, and that of this installation is %s (setting region): a company belongs into an installation of its own region", name(there), name(here)))
}
