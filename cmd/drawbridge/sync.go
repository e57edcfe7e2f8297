package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// googleFlags are the flags of a connection of type google-directory.
type googleFlags struct {
	file string
	in   wire.GoogleCreate
}

func (g *googleFlags) add(f *pflag.FlagSet) {
	f.StringVar(&g.file, "google-credentials", "", "google-directory: the JSON `FILE` with the key of the service account")
	f.StringVar(&g.in.Project, "google-project", "", "google-directory: a Google project that is attached to the tenant, in place of a key")
	f.StringVar(&g.in.Admin, "google-admin", "", "google-directory: the administrator in whose name the directory is read")
	f.StringVar(&g.in.Customer, "google-customer", "", "google-directory: the customer ID (default: my_customer)")
	f.StringVar(&g.in.Query, "google-query", "", "google-directory: which users are read, in Google's syntax (default: everybody)")
	f.StringSliceVar(&g.in.Groups, "google-groups", nil, "google-directory: addresses of the groups that are read, or none (default: all)")
	f.StringVar(&g.in.Nested, "google-nested", "", "google-directory: keep a group in a group, or flatten it (default: keep)")
}

// read gives what a new connection reads; nil for a connection of another type.
func (g *googleFlags) read(command, kind string) (*wire.GoogleCreate, error) {
	used := g.file != "" || g.in.Project != "" || g.in.Admin != "" || g.in.Customer != "" || g.in.Query != "" || len(g.in.Groups) > 0 || g.in.Nested != ""
	if kind != "google-directory" {
		if used {
			return nil, usage(command, "the --google flags are for --type google-directory")
		}
		return nil, nil //nolint:nilnil // the identity provider sends its changes itself
	}
	switch {
	case g.file == "" && g.in.Project == "":
		return nil, usage(command, "--google-credentials is missing: the JSON file that Google Cloud console > IAM & Admin > Service Accounts > Keys made. Or give --google-project")
	case g.file != "" && g.in.Project != "":
		return nil, usage(command, "--google-credentials and --google-project are both given; the connection has one of the two")
	case g.in.Admin == "":
		return nil, usage(command, "--google-admin is missing: the address of an administrator who may read users and groups")
	}
	if g.file == "" {
		return &g.in, nil
	}
	text, err := os.ReadFile(g.file)
	if err != nil {
		return nil, err
	}
	g.in.Credentials = string(text)
	return &g.in, nil
}

// change gives the changes of what a connection reads; nil if there are none.
func (g *googleFlags) change(flags *pflag.FlagSet) (*wire.GoogleUpdate, error) {
	var out wire.GoogleUpdate
	given(flags, "google-project", &out.Project, g.in.Project)
	given(flags, "google-admin", &out.Admin, g.in.Admin)
	given(flags, "google-customer", &out.Customer, g.in.Customer)
	given(flags, "google-query", &out.Query, g.in.Query)
	given(flags, "google-nested", &out.Nested, g.in.Nested)
	if flags.Changed("google-groups") {
		out.Groups = &g.in.Groups
	}
	if flags.Changed("google-credentials") {
		text, err := os.ReadFile(g.file)
		if err != nil {
			return nil, err
		}
		out.Credentials = new(string(text))
	}
	if out == (wire.GoogleUpdate{}) {
		return nil, nil //nolint:nilnil // nothing about it is to change
	}
	return &out, nil
}

func connectionSync(t *terminal) *cobra.Command {
	var preview bool
	cmd := &cobra.Command{
		Use: "sync CONNECTION", Short: "Read a directory now", Args: arguments("CONNECTION"),
		Long: `Reads the directory of a connection of type google-directory and makes the tenant as it says. It waits for the end of the run. The
exit code is not 0 if the run was void (the directory could not be read completely, and nothing was changed) or was stopped.

--preview says what a run would do and writes nothing.`,
		Example: "  drawbridge connection sync acme-google --preview\n  drawbridge connection sync acme-google -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := t.client().SyncConnection(cmd.Context(), args[0], client.DryRun(preview))
			if err != nil {
				return err
			}
			if err := t.print(r, func() { t.synced(&r) }); err != nil {
				return err
			}
			if r.Outcome != "complete" {
				return fmt.Errorf("the run is %s: %s", r.Outcome, r.Reason)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&preview, "preview", false, "only say what would be done")
	return cmd
}

// synced prints a run: what was done, then the numbers.
func (t *terminal) synced(r *wire.SyncResult) {
	rows := [][]cell{}
	for i := range r.Changes {
		c := &r.Changes[i]
		rows = append(rows, cells(strings.ToLower(c.Kind), c.Name, syncEffect(r, c), syncReason(c)))
	}
	if len(rows) > 0 {
		t.table([]string{"KIND", "NAME", "EFFECT", "WHY"}, rows)
	}
	if r.More > 0 {
		t.say("And %d more.", r.More)
	}
	n := &r.Counts
	did := "Did"
	if r.Preview {
		did = "Would do"
	}
	if r.Observed {
		t.say("The connection is in observe mode, so the run concerns its copy of the tenant. See the difference: drawbridge observe show %s", r.Connection)
	}
	if r.Seats != nil && r.Seats.After != nil {
		limit := "no limit"
		if r.Seats.Limit > 0 {
			limit = strconv.Itoa(r.Seats.Limit)
		}
		t.say("Seats: %d now, %d after, of %s.", r.Seats.Before, *r.Seats.After, limit)
	}
	t.details(
		[2]string{"Google says", fmt.Sprintf("%d active, %d suspended or archived, %d groups", n.Active, n.Inactive, n.Groups)},
		[2]string{did, fmt.Sprintf("%d created, %d restored, %d adopted, %d updated, %d suspended, %d reactivated, %d deleted, %d unchanged",
			n.Created, n.Restored, n.Adopted, n.Updated, n.Suspended, n.Reactivated, n.Deleted, n.Unchanged)},
		[2]string{"Groups", fmt.Sprintf("%d created, %d updated, %d deleted, %d unchanged", n.GroupsCreated, n.GroupsUpdated, n.GroupsDeleted, n.GroupsUnchanged)},
		[2]string{"Not done", fmt.Sprintf("%d refused, %d held, %d missing once, %d skipped, %d members outside", n.Refused, n.Held, n.Missing, n.Skipped, n.Outside)},
		[2]string{"Requests", strconv.Itoa(r.Requests)},
	)
}

// syncVerbs gives the actions of a run in words, after "was" and "would be".
func syncVerbs() map[string]string {
	return map[string]string{
		"user.create": "created", "user.restore": "restored, with the old id", "user.adopt": "taken over, with the same id", "user.update": "changed",
		"user.suspend": "suspended", "user.reactivate": "activated again", "user.delete": "deleted", "user.skip": "left as it is",
		"group.create": "created", "group.adopt": "taken over, with the same id", "group.update": "changed", "group.delete": "deleted",
		"group.skip": "left as it is", "group.circle": "left out of another group",
	}
}

// syncEffect says what became, or would become, of a record in a run. The codes of the actions are in the other formats.
func syncEffect(run *wire.SyncResult, c *wire.SyncChange) string {
	verb := cmp.Or(syncVerbs()[c.Action], c.Action)
	be, not := "was ", "was not "
	if run.Preview {
		be, not = "would be ", "would not be "
	}
	if c.Refused || c.Held {
		return not + verb
	}
	if c.Joined > 0 || c.Left > 0 {
		verb += fmt.Sprintf(", members: +%d -%d", c.Joined, c.Left)
	}
	return be + verb
}

// syncReason says why, and which rule decided it.
func syncReason(c *wire.SyncChange) string {
	by := ""
	switch {
	case c.Refused:
		by = "refused by rule " + c.Rule
	case c.Held:
		by = "held by the brake, rule " + c.Rule
	}
	if by != "" && c.Detail != "" {
		by += ": "
	}
	return flagged(by + c.Detail)
}

func connectionCheck(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "check CONNECTION", Short: "Check what reading a directory needs", Args: arguments("CONNECTION"),
		Long:    "Tries the key, the delegation of each scope, the administrator, and one page of users, groups and members, and says what to do in the words of Google's consoles. Nothing is changed.",
		Example: "  drawbridge connection check acme-google",
		RunE:    func(cmd *cobra.Command, args []string) error { return t.checkDirectory(cmd.Context(), args[0]) },
	}
}

// checkDirectory tests what reading a directory needs, and prints each step. The error says that a step failed.
func (t *terminal) checkDirectory(ctx context.Context, slug string) error {
	c, err := t.client().CheckConnection(ctx, slug)
	if err != nil {
		return err
	}
	if err := t.print(c, func() {
		for _, s := range c.Steps {
			switch {
			case s.Warning != "":
				t.say("warning  %s: %s", s.Name, flagged(printable(s.Warning)))
			case s.OK:
				t.say("ok       %s", s.Name)
			case s.Skipped != "":
				t.say("skipped  %s: %s", s.Name, s.Skipped)
			default:
				t.say("FAILED   %s: %s", s.Name, printable(s.Problem))
			}
		}
	}); err != nil {
		return err
	}
	if !c.OK {
		return fmt.Errorf("connection %s cannot read its directory yet", slug)
	}
	return nil
}
