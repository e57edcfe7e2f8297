package policy_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

// Each override has its bounds. A value outside is refused with the name of the setting, and the bounds themselves are accepted.
func TestOverridesHaveBounds(t *testing.T) {
	t.Parallel()
	many := make([]string, 101)
	for i := range many {
		many[i] = "a.example"
	}
	for _, c := range []struct {
		setting string
		low     func(n int) directory.Overrides
		least   int
		most    int
	}{
		{"tombstone_days", func(n int) directory.Overrides { return directory.Overrides{TombstoneDays: &n} }, 0, 3650},
		{"guest_max_groups", func(n int) directory.Overrides { return directory.Overrides{GuestMaxGroups: &n} }, 0, 100000},
		{"included_guests", func(n int) directory.Overrides { return directory.Overrides{IncludedGuests: &n} }, 0, 1000000},
		{"included_seats", func(n int) directory.Overrides { return directory.Overrides{IncludedSeats: &n} }, 0, 1000000},
		{"idle_days", func(n int) directory.Overrides { return directory.Overrides{IdleDays: &n} }, 0, 3650},
		{"orphan_days", func(n int) directory.Overrides { return directory.Overrides{OrphanDays: &n} }, 0, 3650},
		{"journal_days", func(n int) directory.Overrides { return directory.Overrides{JournalDays: &n} }, 0, 365},
		{"journal_mb", func(n int) directory.Overrides { return directory.Overrides{JournalMB: &n} }, 1, 10240},
		{"event_days", func(n int) directory.Overrides { return directory.Overrides{EventDays: &n} }, 30, 3650},
		{"audit_days", func(n int) directory.Overrides { return directory.Overrides{AuditDays: &n} }, 30, 3650},
		{"invite_ttl_days", func(n int) directory.Overrides { return directory.Overrides{InviteTTLDays: &n} }, 0, 365},
	} {
		for n, fine := range map[int]bool{c.least - 1: false, c.least: true, c.most: true, c.most + 1: false} {
			if err := policy.CheckOverrides(c.low(n)); (err == nil) != fine || err != nil && (directory.CodeOf(err) != directory.Invalid || !strings.HasPrefix(err.Error(), "invalid: "+c.setting)) {
				t.Errorf("%s %d: %v", c.setting, n, err)
			}
		}
	}
	for _, c := range []struct {
		setting string
		good    []directory.Overrides
		bad     []directory.Overrides
	}{
		{"suspension_manual", []directory.Overrides{{ManualSuspension: ptr(directory.Yield)}, {ManualSuspension: ptr(directory.Hold)}}, []directory.Overrides{{ManualSuspension: ptr(directory.SuspensionMode("x"))}}},
		{"replay", []directory.Overrides{{Replay: ptr(directory.ReplayRefuse)}, {Replay: ptr(directory.ReplayAccept)}}, []directory.Overrides{{Replay: ptr(directory.ReplayMode("x"))}}},
		{"on_delete", []directory.Overrides{{OnDelete: ptr(directory.OnDeleteSuspend)}, {OnDelete: ptr(directory.OnDeleteRemove)}}, []directory.Overrides{{OnDelete: ptr(directory.OnDelete("x"))}}},
		{"seats_on_limit", []directory.Overrides{{OnLimit: ptr(directory.OnLimitRefuse)}, {OnLimit: ptr(directory.OnLimitGrow)}, {OnLimit: ptr(directory.OnLimitOverage)}}, []directory.Overrides{{OnLimit: ptr(directory.OnLimit("x"))}}},
		{"brake", []directory.Overrides{{Brake: ptr(directory.BrakeOff)}, {Brake: ptr(directory.BrakeAlert)}, {Brake: ptr(directory.BrakeHold)}}, []directory.Overrides{{Brake: ptr(directory.BrakeMode("x"))}}},
		{"onboarding", []directory.Overrides{{Onboarding: ptr(directory.OnboardDirect)}, {Onboarding: ptr(directory.OnboardInvite)}}, []directory.Overrides{{Onboarding: ptr(directory.Onboarding("x"))}}},
		{"confirm_domains", []directory.Overrides{{ConfirmDomains: &[]string{}}, {ConfirmDomains: ptr(slices.Repeat([]string{"a.example"}, 100))}}, []directory.Overrides{{ConfirmDomains: &many}, {ConfirmDomains: &[]string{"a.example", "localhost"}}, {ConfirmDomains: &[]string{"a b.example"}}}},
		{"guest_user_types", []directory.Overrides{{GuestUserTypes: &[]string{"Guest", "Partner"}}}, []directory.Overrides{{GuestUserTypes: &many}, {GuestUserTypes: &[]string{""}}}},
		{"member_domains", []directory.Overrides{{MemberDomains: &[]string{"a.example"}}}, []directory.Overrides{{MemberDomains: &many}, {MemberDomains: &[]string{"a.example", "localhost"}}, {MemberDomains: &[]string{"ann@a.example"}}}},
	} {
		for _, o := range c.good {
			if err := policy.CheckOverrides(o); err != nil {
				t.Errorf("%s: %v", c.setting, err)
			}
		}
		for _, o := range c.bad {
			if err := policy.CheckOverrides(o); directory.CodeOf(err) != directory.Invalid || !strings.HasPrefix(err.Error(), "invalid: "+c.setting) {
				t.Errorf("%s: %v", c.setting, err)
			}
		}
	}
}
