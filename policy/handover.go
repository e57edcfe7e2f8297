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

// leastGrace is for how many days the data of a tenant that was handed over is kept at least.
const leastGrace = 7

// HandoverGrace is how long the data of a tenant that was handed over is kept (T6): as long as what is left of a deleted user
// tells who it was, and a week at least.
func HandoverGrace(s directory.Settings) time.Duration {
	return time.Duration(max(leastGrace, s.TombstoneDays)) * 24 * time.Hour
}

// Unlink says no to a hand-over of a tenant without an active Owner of its own (T6). own says that there is one, and guests
// that there are active Owners who are all operators of the provider.
func Unlink(own, guests bool) *Refusal {
	switch {
	case own:
		return nil
	case guests:
		return refuse("T6", "the only active Owners are operators of this installation: make a person of the company an Owner first")
	}
	return refuse("T6", "the company has no active Owner: make a person of the company an Owner first")
}

// SameRegion says no to a tenant whose data must be kept in another region than that of this installation (T2).
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
