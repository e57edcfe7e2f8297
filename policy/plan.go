package policy

import (
	"fmt"
	"strings"

	"drawbridge/directory"
)

// DefaultSettings are the settings that apply unless the configuration, the plan or the tenant changes them.
func DefaultSettings() directory.Settings {
	return directory.Settings{
		ManualSuspension: directory.Yield,
		Rehire:           directory.RehireRestore,
		Replay:           directory.ReplayRefuse,
		OnDelete:         directory.OnDeleteSuspend,
		TombstoneDays:    30,
		GuestMaxGroups:   1,
		GuestUserTypes:   []string{"guest"},
		MemberDomains:    []string{},
		EventDays:        30,
		AuditDays:        365,
		OnLimit:          directory.OnLimitRefuse,
		SnapshotZone:     "America/New_York",
		SnapshotTime:     "19:00",
		Brake:            directory.BrakeAlert,
		Onboarding:       directory.OnboardDirect,
		InviteTTLDays:    5,
		ConfirmDomains:   []string{},
		IdleDays:         30,
		JournalDays:      30,
		JournalMB:        64,
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

// Resolve gives the settings of a tenant: the defaults, overridden by its plan, then by its own settings.
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
	override(&s.MemberDomains, own.MemberDomains)
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
	override(&s.IdleDays, own.IdleDays)
	override(&s.OrphanDays, own.OrphanDays)
	override(&s.JournalDays, own.JournalDays)
	override(&s.JournalMB, own.JournalMB)
	override(&s.EventDays, own.EventDays)
	override(&s.AuditDays, own.AuditDays)
	return s
}

// Setting is one setting of a tenant with where its value comes from.
type Setting struct {
	Name   string
	Value  any
	Source string // "tenant", "plan" or "default"
}

// Sources gives every setting of a tenant as Resolve does, each with its source.
func Sources(defaults directory.Settings, plan directory.Plan, own directory.Overrides) []Setting {
	s := Resolve(defaults, plan, own)
	from := func(set bool, otherwise string) string {
		if set {
			return "tenant"
		}
		return otherwise
	}
	return []Setting{
		{"suspension_manual", s.ManualSuspension, from(own.ManualSuspension != nil, "default")},
		{"rehire", s.Rehire, from(own.Rehire != nil, "default")},
		{"replay", s.Replay, from(own.Replay != nil, "default")},
		{"on_delete", s.OnDelete, from(own.OnDelete != nil, "default")},
		{"tombstone_days", s.TombstoneDays, from(own.TombstoneDays != nil, "default")},
		{"guest_max_groups", s.GuestMaxGroups, from(own.GuestMaxGroups != nil, "plan")},
		{"guest_user_types", append([]string{}, s.GuestUserTypes...), from(own.GuestUserTypes != nil, "default")},
		{"included_guests", s.IncludedGuests, from(own.IncludedGuests != nil, "plan")},
		{"event_days", s.EventDays, from(own.EventDays != nil, "default")},
		{"auto_delete_days", s.AutoDeleteDays, from(own.AutoDeleteDays != nil, "default")},
		{"idle_days", s.IdleDays, from(own.IdleDays != nil, "default")},
		{"orphan_days", s.OrphanDays, from(own.OrphanDays != nil, "default")},
		{"brake", s.Brake, from(own.Brake != nil, "default")},
		{"member_domains", append([]string{}, s.MemberDomains...), from(own.MemberDomains != nil, "default")},
		{"included_seats", s.IncludedSeats, from(own.IncludedSeats != nil, "plan")},
		{"seats_on_limit", s.OnLimit, from(own.OnLimit != nil, "default")},
		{"seats_max", s.SeatsMax, from(own.SeatsMax != nil, "default")},
		{"snapshot_zone", s.SnapshotZone, from(own.SnapshotZone != nil, "default")},
		{"snapshot_time", s.SnapshotTime, from(own.SnapshotTime != nil, "default")},
		{"billing_start", s.BillingStart, from(own.BillingStart != nil, "default")},
		{"onboarding", s.Onboarding, from(own.Onboarding != nil, onboardingSource(plan))},
		{"invite_ttl_days", s.InviteTTLDays, from(own.InviteTTLDays != nil, "default")},
		{"confirm_domains", append([]string{}, s.ConfirmDomains...), from(own.ConfirmDomains != nil, "default")},
		{"journal_days", s.JournalDays, from(own.JournalDays != nil, "default")},
		{"journal_mb", s.JournalMB, from(own.JournalMB != nil, "default")},
		{"audit_days", s.AuditDays, from(own.AuditDays != nil, "default")},
	}
}

func override[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// CheckOverrides finds the first invalid setting. The error is Invalid and names it.
func CheckOverrides(o directory.Overrides) error {
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
	case o.IdleDays != nil && (*o.IdleDays < 0 || *o.IdleDays > 3650):
		return wrong("idle_days", "is a whole number between 1 and 3650, or 0 for never")
	case o.OrphanDays != nil && (*o.OrphanDays < 0 || *o.OrphanDays > 3650):
		return wrong("orphan_days", "is a whole number between 1 and 3650, or 0 for never")
	case o.JournalDays != nil && (*o.JournalDays < 0 || *o.JournalDays > 365):
		return wrong("journal_days", "is between 1 and 365, or 0 for no journal")
	case o.JournalMB != nil && (*o.JournalMB < 1 || *o.JournalMB > 10240):
		return wrong("journal_mb", "is between 1 and 10240")
	case o.EventDays != nil && (*o.EventDays < leastEventDays || *o.EventDays > 3650):
		return wrong("event_days", "is between 30 and 3650: every reader of the feed may count on 30 days")
	case o.AuditDays != nil && (*o.AuditDays < leastAuditDays || *o.AuditDays > 3650):
		return wrong("audit_days", "is between 30 and 3650")
	}
	if err := checkOnboarding(&o); err != nil {
		return err
	}
	if o.SnapshotTime != nil {
		if _, _, err := SnapshotTime(*o.SnapshotTime); err != nil {
			return err
		}
	}
	if err := checkList("guest_user_types", o.GuestUserTypes); err != nil {
		return err
	}
	if err := checkList("member_domains", o.MemberDomains); err != nil || o.MemberDomains == nil {
		return err
	}
	for _, domain := range *o.MemberDomains {
		if strings.ContainsAny(domain, "@*/: ") || !strings.Contains(domain, ".") {
			return wrong("member_domains", fmt.Sprintf("has %q, which is not an e-mail domain such as acme.com", domain))
		}
	}
	return nil
}

// wrong says what a setting must be.
func wrong(setting, message string) error {
	return &directory.Error{Code: directory.Invalid, Field: setting, Message: setting + " " + message}
}

// checkList checks a setting that is a list of texts.
func checkList(name string, values *[]string) error {
	if values == nil {
		return nil
	}
	if len(*values) > 100 {
		return wrong(name, "has more than 100 values")
	}
	for _, value := range *values {
		if err := CheckText(name, value, 1, 256); err != nil {
			return err
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

// KeepSCIM refuses a plan without SCIM while the tenant has connections in use (B5). A paused connection does not count, because an
// operator has stopped it already.
func KeepSCIM(plan directory.Plan, connections []directory.Connection) *Refusal {
	if plan.SCIM {
		return nil
	}
	var cut []string
	for i := range connections {
		if !connections[i].Paused && connections[i].Ending == nil {
			cut = append(cut, string(connections[i].ID))
		}
	}
	if len(cut) == 0 {
		return nil
	}
	return conflict("B5", "plan", fmt.Sprintf(
		"the plan %s does not include SCIM provisioning, and every request of connection %s would be refused from now on: pause or disconnect it first",
		plan.Title, strings.Join(cut, ", ")))
}

// Connect refuses to make or resume a connection, or to make a credential of one, on a plan without SCIM (B5).
func Connect(plan directory.Plan) *Refusal {
	if plan.SCIM {
		return nil
	}
	return conflict("B5", "plan", fmt.Sprintf("the plan %s does not include SCIM provisioning, so every request of the connection would be refused: choose a plan with SCIM first", plan.Title))
}

// UseSCIM refuses a request of an identity provider on a plan without SCIM (B5).
func UseSCIM(plan directory.Plan) *Refusal {
	if plan.SCIM {
		return nil
	}
	return refuse("B5", fmt.Sprintf("the plan %s does not include SCIM provisioning: choose a plan that does, then let the identity provider try again", plan.Title))
}
