package main

import (
	"context"
	"fmt"
	"strconv"

	"drawbridge/console/client"
	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func connectionDisconnect(t *terminal) *cobra.Command {
	var in wire.Disconnect
	var finalise, terminate, preview bool
	cmd := &cobra.Command{
		Use: "disconnect CONNECTION", Short: "End a connection for good, with a preview",
		Long: `Ends a connection and settles what it manages. There are two ways, and one must be named:

  --finalise   users and groups become local: no connection manages them, and they do not change otherwise. Roles that
               a mapping granted become separate roles.
  --terminate  users are suspended at once and left to auto-delete (setting auto_delete_days; if it is 0 they stay
               suspended). Roles that a mapping granted them end. Groups become local.

Without --preview the command shows what it would do, asks, and does exactly that. If anything has changed in between, it does
nothing. --digest applies an earlier preview. The credentials end in the first step. The rest takes time for many users, continues
after a crash (job disconnect), and does not block other writes.`,
		Example: `  drawbridge connection disconnect acme-okta --finalise --preview
  drawbridge connection disconnect acme-okta --terminate --reason "moved to Entra"
  drawbridge connection disconnect acme-okta --finalise --digest 3f0c... --yes`,
		Args: arguments("CONNECTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if finalise == terminate {
				return usage(cmd.CommandPath(), "choose what becomes of the people: --finalise or --terminate")
			}
			in.Mode = "finalise"
			if terminate {
				in.Mode = "terminate"
			}
			c := t.client()
			shown, err := c.PreviewDisconnect(cmd.Context(), args[0], in.Mode, "", 500)
			if err != nil {
				return err
			}
			if preview {
				if err := addFurtherPeople(cmd.Context(), c, args[0], &shown); err != nil {
					return err
				}
				return t.print(shown, func() {
					t.disconnection(shown)
					t.disconnectedPeople(shown)
				})
			}
			if in.Digest == "" {
				in.Digest = shown.Digest
				if !yes(cmd) {
					t.disconnection(shown)
				}
			}
			if err := t.confirm(cmd, "Disconnect "+args[0]+" for good?"); err != nil {
				return err
			}
			done, err := c.Disconnect(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			err = t.print(done, func() {
				t.say("Settled %d users and %d groups of %s (%s).", done.Users, done.Groups, done.Connection, done.Mode)
				for _, r := range done.Left {
					t.say("Left: %s: %s (%s)", printable(r.UserName), printable(r.Reason), r.Rule)
				}
				if done.Done {
					t.say("The connection is gone.")
				}
			})
			if err == nil && !done.Done {
				return fmt.Errorf("%d users of %s are left; the server continues when the cause is fixed", len(done.Left), done.Connection)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&finalise, "finalise", false, "users and groups become local")
	f.BoolVar(&terminate, "terminate", false, "users are suspended, and deleted by auto-delete")
	f.BoolVar(&preview, "preview", false, "only show what would happen, with all users")
	f.StringVar(&in.Digest, "digest", "", "the digest of an earlier preview")
	f.StringVar(&in.Reason, "reason", "", "why, for the record")
	f.Bool("yes", false, "do not ask")
	return cmd
}

// addFurtherPeople adds the people of the following pages to a preview.
func addFurtherPeople(ctx context.Context, c *client.Client, connection string, shown *wire.Disconnection) error {
	for next := shown.Next; next != ""; {
		page, err := c.PreviewDisconnect(ctx, connection, shown.Mode, next, 500)
		if err != nil {
			return err
		}
		if page.Digest != shown.Digest {
			return fmt.Errorf("something was written while the people were listed: look again")
		}
		shown.People = append(shown.People, page.People...)
		next = page.Next
	}
	return nil
}

// disconnection writes a preview, without the list of people.
func (t *terminal) disconnection(d wire.Disconnection) {
	t.details(
		[2]string{"Connection", d.Connection + " of tenant " + d.Tenant}, [2]string{"Mode", d.Mode},
		[2]string{"Users", fmt.Sprintf("%d: %d will be suspended, %d are suspended already, %d were deleted by the identity provider", d.Users, d.Suspends, d.Suspended, d.Gone)},
		[2]string{"Groups", fmt.Sprintf("%d become local", d.Groups)},
		[2]string{"Roles by mapping", fmt.Sprintf("%d become roles of their own, %d end", d.GrantsKept, d.GrantsTaken)},
		[2]string{"Credentials", strconv.Itoa(d.Credentials) + " are revoked"},
		[2]string{"Digest", d.Digest})
	if d.Resources > 0 {
		t.say("%d custom resources become local.", d.Resources)
	}
	if d.Held > 0 {
		t.say("%d removals that the brake holds are dropped.", d.Held)
	}
	if d.Unusual {
		t.say("That is more than the %d removals within an hour that are usual here; it is announced (C8).", d.BrakeLimit)
	}
	if d.Mode == "terminate" && d.AutoDeleteDays == 0 {
		t.say("Auto-delete is off for this tenant: the users stay suspended and are not deleted (setting auto_delete_days).")
	} else if d.Mode == "terminate" {
		t.say("They are deleted %d days after their suspension, announced 7 and 1 days before.", d.AutoDeleteDays)
	}
	for _, g := range d.Grants {
		verb := "ends"
		if g.Kept {
			verb = "stays"
		}
		t.say("Role: %s of %s (by %s) %s.", g.Group, printable(g.UserName), printable(g.By), verb)
	}
	for _, r := range d.Refused {
		t.say("Refused: %s: %s (%s)", printable(r.UserName), printable(r.Reason), r.Rule)
	}
}

// disconnectedPeople writes what happens to each person.
func (t *terminal) disconnectedPeople(d wire.Disconnection) {
	rows := [][]cell{}
	for _, u := range d.People {
		state := u.State
		if u.Gone {
			state = "gone"
		}
		rows = append(rows, []cell{{text: u.UserName}, {state, stateColour(u.State)}, {u.Becomes, stateColour(u.Becomes)}, {text: u.User}})
	}
	t.table([]string{"USER", "IS", "BECOMES", "ID"}, rows)
}
