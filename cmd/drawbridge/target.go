package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func targetCommand(t *terminal) *cobra.Command {
	return parent("target", "Applications that users and groups are sent to", `A target is an application that speaks SCIM. The users and groups of a tenant are kept there as they are here: what changes is sent within
seconds, as little as possible. docs/outbound-scim.md says what is promised.`,
		targetCreate(t), targetList(t), targetShow(t), targetFailures(t), targetUpdate(t), targetCheck(t), targetSync(t), targetPause(t), targetResume(t), targetDelete(t))
}

// secretFlag is where the credential of a target is read from.
const secretFlag = "file with the bearer token, or with --client-id the client secret; - is standard input"

func targetCreate(t *terminal) *cobra.Command {
	var in wire.TargetCreate
	var file string
	cmd := &cobra.Command{
		Use: "create TENANT NAME", Short: "Add a target; its first run begins at once", Args: arguments("TENANT", "NAME"),
		Long: "With --paused nothing is sent yet: look at the plan with drawbridge target sync TENANT NAME --preview, then resume it.",
		Example: `  drawbridge target create acme aws --url https://scim.us-east-1.amazonaws.com/TENANT/scim/v2 --profile aws-identity-center --secret-file token.txt
  drawbridge target create acme portal --url https://portal.example.com/scim/v2 --groups Portal --on-leave delete --secret-file token.txt
  drawbridge target create acme crm --url https://crm.example.com/scim --client-id bridge --token-url https://crm.example.com/token --secret-file secret.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[1]
			if in.URL == "" {
				return usage(cmd.CommandPath(), "--url is missing: the base URL of the application's SCIM service")
			}
			var err error
			if in.Secret, err = t.secret(cmd.CommandPath(), "Token or client secret: ", file, "--secret-file"); err != nil {
				return err
			}
			made, err := t.client().CreateTarget(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(made, func() {
				t.target(&made)
				t.say("")
				t.say("See how far it is: drawbridge target show %s %s", made.Tenant, made.Name)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.URL, "url", "", "the base URL; /Users and /Groups are below it (required)")
	f.StringVar(&file, "secret-file", "", secretFlag)
	f.StringVar(&in.Profile, "profile", "", "generic, aws-identity-center, or put for an application without PATCH (default: generic)")
	f.StringVar(&in.ClientID, "client-id", "", "for client credentials: the id of the client")
	f.StringVar(&in.TokenURL, "token-url", "", "for client credentials: the token endpoint")
	f.StringVar(&in.Scope, "scope", "", "for client credentials: the scope of the access token")
	f.StringVar(&in.People, "people", "", "all, members or guests (default: all)")
	f.StringSliceVar(&in.Groups, "groups", nil, "only these groups and their members, by id or name (default: everybody, and all groups)")
	f.BoolVar(&in.NoGroups, "no-groups", false, "people only")
	f.StringVar(&in.OnLeave, "on-leave", "", "deactivate or delete people who are deleted here or leave the scope (default: deactivate)")
	f.BoolVar(&in.Paused, "paused", false, "send nothing before the target is resumed")
	f.StringVar(&in.Existing, "existing", "", "adopt or refuse records with the same name that the application has already (default: adopt)")
	return cmd
}

func (t *terminal) target(v *wire.Target) {
	t.details([2]string{"Name", v.Name}, [2]string{"Tenant", v.Tenant}, [2]string{"Status", v.Status}, [2]string{"Reason", orDash(v.Reason)}, [2]string{"URL", v.URL},
		[2]string{"Profile", v.Profile}, [2]string{"Client id", orDash(v.ClientID)}, [2]string{"People", v.People}, [2]string{"Groups", targetGroups(v)}, [2]string{"On leave", v.OnLeave},
		[2]string{"Existing", v.Existing}, [2]string{"Has", fmt.Sprintf("%d people, %d groups", v.Users, v.GroupCount)}, [2]string{"Pending", strconv.Itoa(v.Pending)},
		[2]string{"Parked", strconv.Itoa(v.Parked)}, [2]string{"Held removals", strconv.Itoa(v.Held)}, [2]string{"In step", moment(v.Synced)}, [2]string{"Compared", moment(v.Compared)},
		[2]string{"Last success", moment(v.Success)}, [2]string{"Failing since", moment(v.FailingSince)}, [2]string{"Next attempt", moment(v.Next)},
		[2]string{"Credential given", moment(&v.SecretCreated)})
}

func targetGroups(v *wire.Target) string {
	switch {
	case v.NoGroups && len(v.Groups) == 0:
		return "none"
	case v.NoGroups:
		return "none; people of " + strings.Join(v.Groups, ", ")
	case len(v.Groups) == 0:
		return "all"
	}
	return strings.Join(v.Groups, ", ")
}

func targetList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list TENANT", Short: "List targets", Args: arguments("TENANT"),
		Example: "  drawbridge target list acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.Target, string, error) {
				p, err := t.client().Targets(cmd.Context(), args[0], client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					v := &items[i]
					rows = append(rows, []cell{
						{text: v.Name},
						{v.Status, stateColour(v.Status)},
						{text: v.URL},
						{text: strconv.Itoa(v.Users)},
						{text: strconv.Itoa(v.GroupCount)},
						{text: strconv.Itoa(v.Pending)},
						{text: strconv.Itoa(v.Held)},
						{text: moment(v.Synced)},
						{text: orDash(v.Reason)},
					})
				}
				t.list([]string{"NAME", "STATUS", "URL", "PEOPLE", "GROUPS", "PENDING", "HELD", "IN STEP", "REASON"}, rows,
					fmt.Sprintf("Tenant %s has no targets yet: drawbridge target create %s NAME --url URL --secret-file FILE", args[0], args[0]))
			})
		},
	}
}

func targetShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show TENANT TARGET", Short: "Show a target and its progress", Args: arguments("TENANT", "TARGET"),
		Example: "  drawbridge target show acme aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := t.client().Target(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(v, func() { t.target(&v) })
		},
	}
}

func targetFailures(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "failures TENANT TARGET", Short: "List the people and groups that a target did not take", Args: arguments("TENANT", "TARGET"),
		Long:    "What is parked is tried again when it changes here, or after drawbridge target resume.",
		Example: "  drawbridge target failures acme aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.TargetFailure, string, error) {
				p, err := t.client().TargetFailures(cmd.Context(), args[0], args[1], client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					f := &items[i]
					rows = append(rows, []cell{
						{text: f.Kind}, {text: f.Name}, {f.Status, stateColour(f.Status)}, {text: strconv.Itoa(f.Tries)}, {text: moment(f.Next)}, {text: f.Error}, {text: f.ID},
					})
				}
				t.list([]string{"KIND", "NAME", "STATUS", "TRIES", "NEXT", "ERROR", "ID"}, rows, fmt.Sprintf("Target %s has refused no user and no group.", args[1]))
			})
		},
	}
}

func targetUpdate(t *terminal) *cobra.Command {
	var in wire.TargetCreate
	var file string
	cmd := &cobra.Command{
		Use: "update TENANT TARGET", Short: "Change a target", Args: arguments("TENANT", "TARGET"),
		Long:    "What is not given stays. Another --url, --token-url or --client-id needs --secret-file, too. --groups replaces the list; people who are no longer in the scope leave the application.",
		Example: "  drawbridge target update acme aws --secret-file new-token.txt\n  drawbridge target update acme aws --groups Engineering,Sales",
		RunE: func(cmd *cobra.Command, args []string) error {
			var edit wire.TargetUpdate
			changed := cmd.Flags().Changed
			given(&edit.URL, in.URL, changed("url"))
			given(&edit.Profile, in.Profile, changed("profile"))
			given(&edit.ClientID, in.ClientID, changed("client-id"))
			given(&edit.TokenURL, in.TokenURL, changed("token-url"))
			given(&edit.Scope, in.Scope, changed("scope"))
			given(&edit.People, in.People, changed("people"))
			given(&edit.Groups, append([]string{}, in.Groups...), changed("groups"))
			given(&edit.NoGroups, in.NoGroups, changed("no-groups"))
			given(&edit.OnLeave, in.OnLeave, changed("on-leave"))
			given(&edit.Existing, in.Existing, changed("existing"))
			if changed("secret-file") {
				secret, err := t.secret(cmd.CommandPath(), "Token or client secret: ", file, "--secret-file")
				if err != nil {
					return err
				}
				edit.Secret = &secret
			}
			if edit == (wire.TargetUpdate{}) {
				return usage(cmd.CommandPath(), "nothing is to change: give a flag")
			}
			v, err := t.client().UpdateTarget(cmd.Context(), args[0], args[1], edit)
			if err != nil {
				return err
			}
			return t.print(v, func() { t.target(&v) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.URL, "url", "", "the base URL")
	f.StringVar(&file, "secret-file", "", secretFlag)
	f.StringVar(&in.Profile, "profile", "", "generic, aws-identity-center or put")
	f.StringVar(&in.ClientID, "client-id", "", "for client credentials: the id of the client")
	f.StringVar(&in.TokenURL, "token-url", "", "for client credentials: the token endpoint")
	f.StringVar(&in.Scope, "scope", "", "for client credentials: the scope of the access token")
	f.StringVar(&in.People, "people", "", "all, members or guests")
	f.StringSliceVar(&in.Groups, "groups", nil, "only these groups and their members; '' means everybody, and all groups")
	f.BoolVar(&in.NoGroups, "no-groups", false, "people only; groups that were sent are deleted there")
	f.StringVar(&in.OnLeave, "on-leave", "", "deactivate or delete")
	f.StringVar(&in.Existing, "existing", "", "adopt or refuse")
	return cmd
}

func targetCheck(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "check TENANT TARGET", Short: "Try the credential and read a page, and change nothing", Args: arguments("TENANT", "TARGET"),
		Example: "  drawbridge target check acme aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := t.client().CheckTarget(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			bad := ""
			rows := [][]cell{}
			for _, f := range p.Items {
				state := "ok"
				if !f.OK {
					state = "failed"
					if bad == "" {
						bad = f.What + ": " + f.Detail
					}
				}
				rows = append(rows, []cell{{text: f.What}, {state, stateColour(state)}, {text: f.Detail}})
			}
			if err := t.print(p.Items, func() { t.list([]string{"WHAT", "RESULT", "DETAIL"}, rows, "Nothing was checked.") }); err != nil {
				return err
			}
			if bad != "" {
				return errors.New("the target does not work: " + bad)
			}
			return nil
		},
	}
}

func targetSync(t *terminal) *cobra.Command {
	var in wire.TargetSync
	var preview bool
	cmd := &cobra.Command{
		Use: "sync TENANT TARGET", Short: "Send now what differs, or show what would be sent", Args: arguments("TENANT", "TARGET"),
		Long: `A run begins within seconds, and what failed before is tried again. The command does not wait for the end: drawbridge target show has the progress.

--preview reads both sides completely, prints the plan and writes nothing. --compare reads the application completely first and sets right
what others changed there. --release lets removals happen that the brake holds; give the number that target show has.`,
		Example: "  drawbridge target sync acme aws --preview\n  drawbridge target sync acme aws --compare\n  drawbridge target sync acme aws --release 18",
		RunE: func(cmd *cobra.Command, args []string) error {
			if preview {
				if in != (wire.TargetSync{}) {
					return usage(cmd.CommandPath(), "--preview goes with no other flag")
				}
				plan, err := t.client().PreviewTarget(cmd.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				return t.print(plan, func() { t.targetPlan(&plan) })
			}
			v, err := t.client().SyncTarget(cmd.Context(), args[0], args[1], in)
			if err != nil {
				return err
			}
			return t.print(v, func() {
				t.say("A run of target %s begins: drawbridge target show %s %s has the progress.", v.Name, v.Tenant, v.Name)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "print the plan and write nothing")
	f.BoolVar(&in.Compare, "compare", false, "read the application completely first")
	f.IntVar(&in.Release, "release", 0, "let so many removals happen that the brake holds")
	return cmd
}

// targetPlan prints a plan: what differs, what would be done, then the numbers.
func (t *terminal) targetPlan(p *wire.TargetPreview) {
	if len(p.Differences) > 0 {
		rows := [][]cell{}
		for _, d := range p.Differences {
			rows = append(rows, cells(d.Kind, d.Name, d.What, d.ID))
		}
		t.list([]string{"CHANGED THERE", "NAME", "WHAT", "ID"}, rows, "")
		t.say("")
	}
	rows := [][]cell{}
	for i := range p.Steps {
		s := &p.Steps[i]
		what := strings.Join(s.Attributes, ", ")
		if s.Join+s.Leave+s.Waiting > 0 {
			what = strings.TrimSpace(fmt.Sprintf("+%d -%d members, %d wait %s", s.Join, s.Leave, s.Waiting, what))
		}
		state := ""
		switch {
		case s.Held:
			state = "held C8"
		case s.Waits != "":
			state = "waits: " + s.Waits
		}
		rows = append(rows, cells(s.Action, s.Kind, s.Name, state, what))
	}
	t.list([]string{"ACTION", "KIND", "NAME", "STATE", "WHAT"}, rows, "Both sides are equal: nothing would be sent.")
	if len(rows) > 0 {
		t.say("")
		t.say("%d steps, %d removals of access, %d held by the brake. Nothing was written.", len(p.Steps)+p.More, p.Removals, p.Held)
	}
}

func targetPause(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "pause TENANT TARGET", Short: "Send nothing until the target is resumed", Args: arguments("TENANT", "TARGET"),
		Example: "  drawbridge target pause acme aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			paused := true
			v, err := t.client().UpdateTarget(cmd.Context(), args[0], args[1], wire.TargetUpdate{Paused: &paused})
			if err != nil {
				return err
			}
			return t.print(v, func() { t.say("Target %s is paused.", v.Name) })
		},
	}
}

func targetResume(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "resume TENANT TARGET", Short: "Continue a target after a pause or a quarantine, and try again what was parked", Args: arguments("TENANT", "TARGET"),
		Example: "  drawbridge target resume acme aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := t.client().ResumeTarget(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(v, func() { t.say("Target %s goes on.", v.Name) })
		},
	}
}

func targetDelete(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "delete TENANT TARGET", Short: "Delete a target", Args: arguments("TENANT", "TARGET"),
		Long:    "Nothing more is sent. The people and groups that the application has stay there.",
		Example: "  drawbridge target delete acme aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DeleteTarget(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[1]}, func() { t.say("Deleted target %s. What the application has stays there.", args[1]) })
		},
	}
}
