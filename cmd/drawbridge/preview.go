package main

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

// previewable gives a command the flag --dry-run.
func previewable(t *terminal, cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&t.dry, "dry-run", false, "say what would happen, and do nothing")
	return cmd
}

// previewed prints what an action would do.
func (t *terminal) previewed(p wire.Preview) error {
	return t.print(p, func() {
		if len(p.Changes) == 0 {
			t.say("Nothing would change.")
		} else {
			rows := [][]cell{}
			for i := range p.Changes {
				c := &p.Changes[i]
				rows = append(rows, cells(c.Action, orDash(cmp.Or(c.Subject.Name, c.Subject.ID)), orDash(c.Rule), orDash(c.Reason)))
			}
			t.table([]string{"WOULD DO", "TO", "RULE", "WHY"}, rows)
		}
		if s := p.Seats; s != nil && s.Before != s.After {
			limit := "no limit"
			if s.Limit > 0 {
				limit = "of " + strconv.Itoa(s.Limit)
			}
			t.say("Seats in use: %d, then %d (%s).", s.Before, s.After, limit)
		}
		if len(p.Events) > 0 {
			t.say("Applications would hear: %s.", strings.Join(p.Events, ", "))
		}
		if p.Notice != "" {
			t.say("%s", printable(p.Notice))
		}
		t.say("Nothing was done.")
	})
}
