package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func observeCommand(t *terminal) *cobra.Command {
	return parent("observe", "See what a connection would change, before it does",
		`A connection in observe mode works on a copy of its tenant. The identity provider is answered as usual, and no person is created, changed
or suspended. You look at the difference, and then promote it into the tenant or drop it.`,
		observeStart(t), observeShow(t), observePromote(t), observeDrop(t))
}

func observeStart(t *terminal) *cobra.Command {
	var in wire.ObservationStart
	cmd := &cobra.Command{
		Use: "start CONNECTION", Short: "Put a connection into observe mode", Args: arguments("CONNECTION"),
		Example: "  drawbridge observe start acme-okta\n  drawbridge observe start acme-entra --take-over acme-okta",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := t.client().StartObservation(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(o, func() {
				t.say("Connection %s is in observe mode: its identity provider works on a copy, and nothing in the tenant changes.", args[0])
				t.say("Next: let the identity provider sync, then look at the difference with drawbridge observe show %s", args[0])
			})
		},
	}
	cmd.Flags().StringVar(&in.TakeOver, "take-over", "", "rehearse a change of the identity provider: treat what this `CONNECTION` manages as managed by none")
	return cmd
}

// difference is the whole answer of observe show for programs, which need the digest to promote it.
type difference struct {
	wire.Observation
	Items []wire.ObservedChange `json:"items"`
}

func observeShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show CONNECTION", Short: "Show what an observed connection would change", Args: arguments("CONNECTION"),
		Example: "  drawbridge observe show acme-okta\n  drawbridge observe show acme-okta -o csv > difference.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := t.client().Observation(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			changes, err := t.client().ObservedChanges(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			rank := map[string]int{"User": -2, "Group": -1} // custom resources come last
			slices.SortStableFunc(changes.Items, func(a, b wire.ObservedChange) int {
				return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
			})
			return t.print(difference{o, changes.Items}, func() { t.observation(o, changes.Items) })
		},
	}
}

// observation prints a difference: its sum first, then each change.
func (t *terminal) observation(o wire.Observation, changes []wire.ObservedChange) {
	t.say("Connection %s is in observe mode since %s.", o.Connection, moment(&o.Observing.Since))
	if o.Observing.Promoting {
		t.say("The difference is being promoted. Continue with drawbridge observe promote %s --digest %s", o.Connection, o.Digest)
	}
	if !o.Ready {
		t.say("The copy is not ready: it is being made, or a command was interrupted. If that lasts for some minutes, run drawbridge observe start %s", o.Connection)
		return
	}
	limit := "no limit"
	if o.Seats.Limit > 0 {
		limit = strconv.Itoa(o.Seats.Limit)
	}
	t.say("Seats: %d now, %d after, of %s.", o.Seats.Before, o.Seats.After, limit)
	if len(changes) == 0 {
		t.say("Nothing would change.")
	} else {
		rows := [][]cell{}
		for _, c := range changes {
			rows = append(rows, cells(strings.ReplaceAll(c.Effect, "_", " "), c.Kind, c.Name, c.From, c.MatchedBy, changeText(&c), c.ID))
		}
		t.table([]string{"EFFECT", "KIND", "NAME", "MANAGED BY", "MATCHED BY", "WHAT", "ID"}, rows)
	}
	duplicates := 0
	for i := range changes {
		if len(changes[i].Same) > 0 {
			duplicates++
		}
	}
	if duplicates > 0 {
		t.say("Perhaps duplicates: %d of the people who would be created. The old user stays, with its id, and the identity provider would know the new one by a new id.", duplicates)
	}
	for _, r := range o.Refused {
		t.say("Rule %s refused %d writes; the last one about %s: %s", r.Rule, r.Writes, printable(r.Subject), printable(r.Reason))
	}
	for _, h := range o.Held {
		t.say("The brake holds: %s %s", h.Action, printable(h.Name))
	}
	if o.HeldMore > 0 {
		t.say("The brake holds %d more.", o.HeldMore)
	}
	if len(changes) > 0 {
		t.say("Next: drawbridge observe promote %s --digest %s, or drawbridge observe drop %s", o.Connection, o.Digest, o.Connection)
	}
}

// changeText describes a difference in a few words.
func changeText(c *wire.ObservedChange) string {
	var parts []string
	if c.Was != "" {
		parts = append(parts, "was "+c.Was)
	}
	if c.Joins > 0 || c.Leaves > 0 {
		parts = append(parts, fmt.Sprintf("members: +%d -%d", c.Joins, c.Leaves))
	}
	if len(c.Attributes) > 0 {
		parts = append(parts, strings.Join(c.Attributes, ", "))
	}
	if len(c.Same) > 0 {
		same := make([]string, 0, len(c.Same))
		for _, s := range c.Same {
			same = append(same, fmt.Sprintf("%s (id %s)", s.UserName, s.ID))
		}
		parts = append(parts, "may duplicate "+strings.Join(same, ", "))
	}
	return strings.Join(parts, "; ")
}

func observePromote(t *terminal) *cobra.Command {
	var digest string
	cmd := &cobra.Command{
		Use: "promote CONNECTION", Short: "Bring what an observed connection wrote into its tenant", Args: arguments("CONNECTION"),
		Long: `Brings the difference into the tenant, and then takes the connection out of observe mode. The identity provider is asked to wait
meanwhile. --digest names the difference that you looked at; without it, the difference is shown and you are asked.`,
		Example: "  drawbridge observe promote acme-okta\n  drawbridge observe promote acme-okta --digest 5d41402abc4b2a76 --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := t.client().Observation(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if digest == "" {
				digest = o.Digest
			}
			if !o.Observing.Promoting {
				if err := t.confirm(cmd, fmt.Sprintf("This changes %d records of the tenant.", o.Changes)); err != nil {
					return err
				}
			}
			for promoted := 0; ; {
				done, err := t.client().Promote(cmd.Context(), args[0], digest)
				if err != nil {
					return err
				}
				promoted += done.Promoted
				switch {
				case done.Done:
					return t.print(done, func() { t.say("Promoted %d records. Connection %s writes to the tenant now.", promoted, args[0]) })
				case len(done.Left) > 0:
					if err := t.print(done, func() {
						for _, l := range done.Left {
							t.say("Not promoted: %s %s: %s", l.Change.Effect, printable(l.Change.Name), printable(l.Reason))
						}
						if done.More > 0 {
							t.say("Not promoted: %d more.", done.More)
						}
					}); err != nil {
						return err
					}
					return fmt.Errorf("%d records were promoted and %d could not be; connection %s stays in observe mode", promoted, len(done.Left)+done.More, args[0])
				}
			}
		},
	}
	cmd.Flags().StringVar(&digest, "digest", "", "the digest that drawbridge observe show prints")
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}

func observeDrop(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use: "drop CONNECTION", Short: "Forget what an observed connection wrote", Args: arguments("CONNECTION"),
		Long:    "Takes the connection out of observe mode. The tenant is as it was. The identity provider does not know that its writes are gone: let it sync everything again.",
		Example: "  drawbridge observe drop acme-okta --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.confirm(cmd, "What the identity provider wrote since the observation began is forgotten."); err != nil {
				return err
			}
			if err := t.client().DropObservation(cmd.Context(), args[0]); err != nil {
				return err
			}
			t.say("Connection %s writes to the tenant again.", args[0])
			return nil
		},
	}
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}
