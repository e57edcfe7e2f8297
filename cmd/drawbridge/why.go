package main

import (
	"github.com/spf13/cobra"
)

func userWhy(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "why TENANT USER", Short: "Say why a user is in their state, and what the next sync will do", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user why acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := t.client().WhyUser(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(w, func() {
				t.say("%s is %s.", printable(w.User.UserName), w.User.State)
				for _, s := range w.Statements {
					t.say("  %s  %s", moment(&s.At), printable(s.Text))
				}
				if w.Won != nil {
					text := w.Won.Reason
					if text == "" {
						text = string(w.Won.Action)
					}
					t.say("Rule %s decided last, %s (%s): %s", w.Won.Rule, moment(&w.Won.Time), w.Won.Outcome, printable(text))
				} else {
					t.say("No rule decided about the user in the last %d lines of the audit trail.", w.Looked)
				}
				for _, a := range w.Attributes {
					t.say("%s is %s, from %s (sent: %s).", a.Target, orDash(printable(a.Value)), orDash(printable(a.From)), orDash(printable(a.Sent)))
				}
				t.say("%s", printable(w.Next))
			})
		},
	}
}
