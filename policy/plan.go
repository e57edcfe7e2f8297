package policy

import (
	"fmt"

	"drawbridge/directory"
)

// DefaultSettings are the settings that hold where neither the configuration, nor the plan, nor the tenant says otherwise.
func DefaultSettings() directory.Settings {
	return directory.Settings{
		ManualSuspension: directory.Yield,
		Rehire:           directory.RehireRestore,
		Replay:           directory.ReplayRefuse,
		OnDelete:         directory.OnDeleteSuspend,
		TombstoneDays:    30,
		GuestMaxGroups:   1,
		GuestUserTypes:   []string{"guest"},
		EventDays:        30,
		OnLimit:          directory.OnLimitRefuse,
		SnapshotZone:     "America/New_York",
		SnapshotTime:     "19:00",
		Brake:            directory.BrakeAlert,
		Onboarding:       directory.OnboardDirect,
		InviteTTLDays:    5,
		ConfirmDomains:   []string{},
	}
}

// ShippedPlans is the catalogue that is used when the configuration has none of its own (B5). Data, never code.
func ShippedPlans() []directory.Plan {
	return []directory.Plan{
		{
			Name: "starter", Title: "Teams Starter Pack", MaxMembers: 10, IncludedGuests: 5, GuestMaxGroups: 1,
			FlatPrice: 19.95, Currency: "USD", BilledEvery: "month", Onboarding: directory.OnboardInvite,
		},
		{
			Name: "business", Title: "Business", IncludedGuests: 20, GuestMaxGroups: 1, SCIM: true, CustomGroups: true,
			PricePerSeat: 7.99, Currency: "USD", BilledEvery: "year",
		},
		{
			Name: "enterprise", Title: "Enterprise", IncludedGuests: 20, GuestMaxGroups: 1, SCIM: true, CustomGroups: true,
			Currency: "USD", BilledEvery: "year",
		},
	}
}

// Resolve gives the settings of a tenant: the defaults, then what its plan says, then what is its own.
func Resolve(defaults directory.Settings, plan directory.Plan, own directory.Overrides) directory.Settings {
	s := defaults
	s.IncludedGuests = plan.IncludedGuests
	s.IncludedSeats = plan.IncludedSeats
	s.GuestMaxGroups = plan.GuestMaxGroups
	if plan.Onboarding != "" {
		s.Onboarding = plan.Onboarding
	}
	override(&s.ManualSuspension, own.ManualSuspension)
	override(&s.Rehire, own.Rehire)
	override(&s.Replay, own.Replay)
	override(&s.OnDelete, own.OnDelete)
	override(&s.TombstoneDays, own.TombstoneDays)
	override(&s.GuestMaxGroups, own.GuestMaxGroups)
	override(&s.GuestUserTypes, own.GuestUserTypes)
	override(&s.IncludedGuests, own.IncludedGuests)
	override(&s.OnLimit, own.OnLimit)
	override(&s.SeatsMax, own.SeatsMax)
	override(&s.IncludedSeats, own.IncludedSeats)
	override(&s.SnapshotZone, own.SnapshotZone)
	override(&s.SnapshotTime, own.SnapshotTime)
	override(&s.BillingStart, own.BillingStart)
	override(&s.Brake, own.Brake)
	override(&s.AutoDeleteDays, own.AutoDeleteDays)
	override(&s.Onboarding, own.Onboarding)
	override(&s.InviteTTLDays, own.InviteTTLDays)
	override(&s.ConfirmDomains, own.ConfirmDomains)
	return s
}

func override[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// CheckOverrides finds the first setting that makes no sense. The error is Invalid and names it.
func CheckOverrides(o directory.Overrides) error {
	wrong := func(field, message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: field + " " + message}
	}
	switch {
	case o.ManualSuspension != nil && *o.ManualSuspension != directory.Yield && *o.ManualSuspension != directory.Hold:
		return wrong("suspension_manual", "is yield or hold")
	case o.Rehire != nil && *o.Rehire != directory.RehireRestore && *o.Rehire != directory.RehireConflict:
		return wrong("rehire", "is restore or conflict")
	case o.Replay != nil && *o.Replay != directory.ReplayRefuse && *o.Replay != directory.ReplayAccept:
		return wrong("replay", "is refuse or accept")
	case o.OnDelete != nil && *o.OnDelete != directory.OnDeleteSuspend && *o.OnDelete != directory.OnDeleteRemove:
		return wrong("on_delete", "is suspend or delete")
	case o.TombstoneDays != nil && (*o.TombstoneDays < 0 || *o.TombstoneDays > 3650):
		return wrong("tombstone_days", "is between 0 and 3650")
	case o.GuestMaxGroups != nil && (*o.GuestMaxGroups < 0 || *o.GuestMaxGroups > 100000):
		return wrong("guest_max_groups", "is between 0 (no limit) and 100000")
	case o.IncludedGuests != nil && (*o.IncludedGuests < 0 || *o.IncludedGuests > 1000000):
		return wrong("included_guests", "is between 0 and 1000000")
	case o.OnLimit != nil && *o.OnLimit != directory.OnLimitRefuse && *o.OnLimit != directory.OnLimitGrow && *o.OnLimit != directory.OnLimitOverage:
		return wrong("seats_on_limit", "is refuse, grow or overage")
	case o.SeatsMax != nil && (*o.SeatsMax < 0 || *o.SeatsMax > 100_000_000):
		return wrong("seats_max", "is between 0 (as the plan says) and 100000000")
	case o.IncludedSeats != nil && (*o.IncludedSeats < 0 || *o.IncludedSeats > 1000000):
		return wrong("included_seats", "is between 0 and 1000000")
	case o.BillingStart != nil && !isDay(*o.BillingStart):
		return wrong("billing_start", "is a date such as 2026-01-31")
	case o.Brake != nil && *o.Brake != directory.BrakeOff && *o.Brake != directory.BrakeAlert && *o.Brake != directory.BrakeHold:
		return wrong("brake", "is off, alert or hold")
	case o.AutoDeleteDays != nil && (*o.AutoDeleteDays < 0 || *o.AutoDeleteDays > 180):
		return wrong("auto_delete_days", "is a whole number between 1 and 180, or 0 for never")
	}
	if err := checkOnboarding(&o); err != nil {
		return err
	}
	if o.SnapshotTime != nil {
		if _, _, err := SnapshotTime(*o.SnapshotTime); err != nil {
			return err
		}
	}
	if o.GuestUserTypes != nil {
		if len(*o.GuestUserTypes) > 100 {
			return wrong("guest_user_types", "has more than 100 values")
		}
		for _, value := range *o.GuestUserTypes {
			if err := CheckText("guest_user_types", value, 1, 256); err != nil {
				return err
			}
		}
	}
	return nil
}

// FindPlan finds a plan by name. ok is false if the catalogue has none.
func FindPlan(plans []directory.Plan, name string) (plan directory.Plan, ok bool) {
	for _, p := range plans {
		if p.Name == name {
			return p, true
		}
	}
	return directory.Plan{}, false
}

// UseSCIM says no on a plan without SCIM (B5).
func UseSCIM(plan directory.Plan) *Refusal {
	if plan.SCIM {
		return nil
	}
	return refuse("B5", fmt.Sprintf("the plan %s does not include SCIM provisioning: choose a plan that does, then let the identity provider try again", plan.Title))
}
