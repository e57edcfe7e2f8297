package main

import (
	"strconv"

	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func idleCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "idle TENANT", Short: "Show idle seats and orphans", Args: arguments("TENANT"),
		Long: `Lists users who occupy a seat and had no activity for idle_days, as the application reports it; users whom the identity provider has
not mentioned for orphan_days; guests beyond the included number; and credentials unused for 90 days. Once a week it is announced
by mail (drawbridge job run idle --dry-run shows what would be announced).`,
		Example: "  drawbridge idle acme\n  drawbridge tenant update acme --set idle_days=60 --set orphan_days=180",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := t.client().Idle(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(r, func() { t.idle(&r) })
		},
	}
}

func (t *terminal) idle(r *wire.Idle) {
	people := func(list []wire.IdleUser, count int) {
		rows := [][]cell{}
		for _, u := range list {
			rows = append(rows, cells(u.UserName, u.Type, u.State, orDash(u.Connection), orDash(u.Last), u.Since, strconv.Itoa(u.Days)))
		}
		t.table([]string{"USER", "TYPE", "STATE", "CONNECTION", "LAST SEEN", "COUNTED FROM", "DAYS"}, rows)
		if count > len(list) {
			t.say("… and %d more.", count-len(list))
		}
		t.say("")
	}
	switch {
	case r.IdleDays == 0:
		t.say("Idle seats: not asked for (setting idle_days).")
	case !r.Reported:
		t.say("Idle seats: no activity data has been reported, so nothing is known (docs/seats.md).")
	default:
		t.say("Idle seats: %d without activity for %d days; activity was reported from %s to %s.", r.IdleCount, r.IdleDays, r.ReportedSince, r.ReportedLast)
		if r.Stale {
			t.say("Mind: the application has reported nothing for more than a week.")
		}
	}
	if r.IdleCount > 0 {
		people(r.Idle, r.IdleCount)
	}
	switch {
	case r.OrphanDays == 0:
		t.say("Not mentioned by the identity provider: not asked for (setting orphan_days).")
	case r.NotedSince == "":
		t.say("Not mentioned by the identity provider: nothing has been noted yet.")
	default:
		t.say("Not mentioned by the identity provider: %d for %d days; noted since %s.", r.Orphans, r.OrphanDays, r.NotedSince)
	}
	if r.Orphans > 0 {
		people(r.Unmentioned, r.Orphans)
	}
	t.say("Guests beyond the %d that are included: %d.", r.IncludedGuests, r.GuestsBeyond)
	t.say("Credentials unused for 90 days: %d.", len(r.Tokens))
	if len(r.Tokens) > 0 {
		rows := [][]cell{}
		for _, k := range r.Tokens {
			rows = append(rows, cells(k.Prefix+"…", orDash(k.Connection), orDash(k.Name), moment(&k.Created), moment(k.LastUsed), k.ID))
		}
		t.table([]string{"CREDENTIAL", "CONNECTION", "APPLICATION", "CREATED", "LAST USED", "ID"}, rows)
	}
}
