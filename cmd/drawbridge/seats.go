package main

import (
	"strconv"

	"github.com/spf13/cobra"
)

func seatsCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "seats TENANT", Short: "Count the seats of a tenant", Args: arguments("TENANT"),
		Long: `Occupied seats count against the limit: every user who is not suspended. Billable are users who accepted. Guests beyond
the included number are billed like members.`,
		Example: "  drawbridge seats acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().Seats(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(s, func() {
				limit, free := "none", ""
				if s.Free != nil {
					limit, free = strconv.Itoa(s.Limit), strconv.Itoa(*s.Free)
				}
				t.details([2]string{"Tenant", s.Tenant}, [2]string{"Plan", s.Plan}, [2]string{"Occupied", strconv.Itoa(s.Occupied)},
					[2]string{"Limit", limit}, [2]string{"Free", free}, [2]string{"Billable", strconv.Itoa(s.Billable)},
					[2]string{"Members", strconv.Itoa(s.Members)}, [2]string{"Guests", strconv.Itoa(s.Guests) + " (" + strconv.Itoa(s.IncludedGuests) + " included)"},
					[2]string{"Users", usersText(s.Users)})
			})
		},
	}
}
