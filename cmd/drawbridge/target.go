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
	return parent("target", "Applications that users and groups are sent to", `A target is an application that speaks SCIM. It is attached to tenants, whose users and groups are kept there as they are here: what changes is
sent within seconds, as little as possible. docs/outbound-scim.md says what is promised.`,
		targetCreate(t), targetList(t), targetShow(t), targetFailures(t), targetUpdate(t), targetShare(t), targetDetach(t), targetCheck(t), targetSync(t), targetPause(t), targetResume(t), targetDelete(t))
}

// secretFlag is where the credential of a target is read from.
const secretFlag = "file with the bearer token, or with --client-id the client secret; - is standard input"

func targetCreate(t *terminal) *cobra.Command {
	var in wire.TargetCreate
	var rules ruleFlags
	var file string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Add a target; its first run begins at once", Args: arguments("NAME"),
		Long: "With --paused nothing is sent yet: look at the plan with drawbridge target sync NAME --tenant TENANT --preview, then resume it.",
		Example: `  drawbridge target create aws --tenants acme --url https://scim.us-east-1.amazonaws.com/DIRECTORY/scim/v2 --profile aws-identity-center --secret-file token.txt
  drawbridge target create portal --tenants acme,birch --url https://portal.example.com/scim/v2 --groups Portal --on-leave delete --secret-file token.txt
  drawbridge target create crm --tenants acme --url https://crm.example.com/scim --client-id bridge --token-url https://crm.example.com/token --secret-file secret.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[0]
			if in.URL == "" {
				return usage(cmd.CommandPath(), "--url is missing: the base URL of the application's SCIM service")
			}
			var err error
			if in.Secret, err = t.secret(cmd.CommandPath(), "Token or client secret: ", file, "--secret-file"); err != nil {
				return err
			}
			if in.Mapping, err = rules.read(cmd); err != nil {
				return err
			}
			made, err := t.client().CreateTarget(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(made, func() {
				t.target(&made)
				t.say("")
				t.say("See how far it is: drawbridge target show %s", made.Name)
			})
		},
	}
	f := cmd.Flags()
	rules.add(cmd)
	f.StringVar(&in.URL, "url", "", "the base URL; /Users and /Groups are below it (required)")
	f.StringVar(&file, "secret-file", "", secretFlag)
	f.StringVar(&in.Profile, "profile", "", "generic, aws-identity-center, slack, github, gitlab, atlassian, or put for an application without PATCH (default: generic)")
	f.StringVar(&in.ClientID, "client-id", "", "for client credentials: the id of the client")
	f.StringVar(&in.TokenURL, "token-url", "", "for client credentials: the token endpoint")
	f.StringVar(&in.Scope, "scope", "", "for client credentials: the scope of the access token")
	f.StringVar(&in.People, "people", "", "all, members or guests (default: all)")
	f.StringSliceVar(&in.Tenants, "tenants", nil, "the tenants whose people and groups it gets")
	f.BoolVar(&in.All, "all-tenants", false, "it gets the people and groups of all tenants, future ones too")
	f.StringSliceVar(&in.Groups, "groups", nil, "only these groups of the tenants and their members, by id or name (default: everybody, and all groups)")
	f.BoolVar(&in.NoGroups, "no-groups", false, "people only")
	f.StringVar(&in.OnLeave, "on-leave", "", "deactivate or delete people who are deleted here or leave the scope (default: deactivate)")
	f.BoolVar(&in.Paused, "paused", false, "send nothing before the target is resumed")
	f.StringVar(&in.Existing, "existing", "", "adopt or refuse records with the same name that the application has already (default: adopt)")
	return cmd
}

func (t *terminal) target(v *wire.Target) {
	t.details([2]string{"Name", v.Name}, [2]string{"Tenants", targetTenants(v)}, [2]string{"Status", v.Status}, [2]string{"Reason", orDash(v.Reason)}, [2]string{"URL", v.URL},
		[2]string{"Profile", v.Profile}, [2]string{"Client id", orDash(v.ClientID)}, [2]string{"People", v.People}, [2]string{"Groups", targetGroups(v)}, [2]string{"Mapping", orDash(targetMapping(v.Mapping))}, [2]string{"On leave", v.OnLeave},
		[2]string{"Existing", v.Existing}, [2]string{"Has", fmt.Sprintf("%d people, %d groups", v.Users, v.GroupCount)}, [2]string{"Pending", strconv.Itoa(v.Pending)},
		[2]string{"Parked", strconv.Itoa(v.Parked)}, [2]string{"Held removals", strconv.Itoa(v.Held)}, [2]string{"In step", moment(v.Synced)},
		[2]string{"Last success", moment(v.Success)}, [2]string{"Credential given", moment(&v.SecretCreated)})
}

func targetTenants(v *wire.Target) string {
	if v.All {
		return "all"
	}
	return orDash(strings.Join(v.Tenants, ", "))
}

func targetGroups(v *wire.Target) string {
	if v.NoGroups {
		return "none"
	}
	return "sent"
}

// ruleFlags are the flags that say what is sent otherwise than it is here.
type ruleFlags struct{ from, constant, omit []string }

func (r *ruleFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&r.from, "map", nil, "ATTRIBUTE=SOURCE: send another attribute in its place; email is the primary address")
	f.StringArrayVar(&r.constant, "constant", nil, "ATTRIBUTE=VALUE: send this for everybody")
	f.StringSliceVar(&r.omit, "omit", nil, "attributes that are not sent")
}

// given reports whether the mapping is to be replaced.
func (r *ruleFlags) given(cmd *cobra.Command) bool {
	return cmd.Flags().Changed("map") || cmd.Flags().Changed("constant") || cmd.Flags().Changed("omit")
}

func (r *ruleFlags) read(cmd *cobra.Command) ([]wire.TargetRule, error) {
	out := []wire.TargetRule{}
	for _, flag := range []struct {
		name   string
		values []string
		rule   func(attribute, value string) wire.TargetRule
	}{
		{"map", r.from, func(attribute, value string) wire.TargetRule {
			return wire.TargetRule{Attribute: attribute, Source: value}
		}},
		{"constant", r.constant, func(attribute, value string) wire.TargetRule {
			return wire.TargetRule{Attribute: attribute, Constant: value}
		}},
	} {
		for _, text := range flag.values {
			attribute, value, ok := strings.Cut(text, "=")
			if !ok || attribute == "" || value == "" {
				return nil, usage(cmd.CommandPath(), "--%s is ATTRIBUTE=VALUE, such as userName=email; not %q", flag.name, text)
			}
			out = append(out, flag.rule(attribute, value))
		}
	}
	for _, attribute := range r.omit {
		if attribute != "" {
			out = append(out, wire.TargetRule{Attribute: attribute})
		}
	}
	return out, nil
}

func targetMapping(rules []wire.TargetRule) string {
	var out []string
	for _, r := range rules {
		switch {
		case r.Source != "":
			out = append(out, r.Attribute+" from "+r.Source)
		case r.Constant != "":
			out = append(out, r.Attribute+" is "+r.Constant)
		default:
			out = append(out, r.Attribute+" is not sent")
		}
	}
	return strings.Join(out, "; ")
}

func targetList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List targets", Args: arguments(),
		Example: "  drawbridge target list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.Target, string, error) {
				p, err := t.client().Targets(cmd.Context(), client.List{Cursor: cursor, Limit: limit})
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
						{text: targetTenants(v)},
						{text: strconv.Itoa(v.Users)},
						{text: strconv.Itoa(v.GroupCount)},
						{text: strconv.Itoa(v.Pending)},
						{text: strconv.Itoa(v.Held)},
						{text: moment(v.Synced)},
						{text: orDash(v.Reason)},
					})
				}
				t.list([]string{"NAME", "STATUS", "URL", "TENANTS", "PEOPLE", "GROUPS", "PENDING", "HELD", "IN STEP", "REASON"}, rows, t.inScope(cmd.Context(), rows,
					"There are no targets yet: drawbridge target create NAME --tenants TENANT --url URL --secret-file FILE",
					"No target gets people of your tenants yet: drawbridge target create NAME --tenants TENANT --url URL --secret-file FILE"))
			})
		},
	}
}

func targetShow(t *terminal) *cobra.Command {
	tenant := ""
	cmd := &cobra.Command{
		Use: "show TARGET", Short: "Show a target, and how far it is with each tenant", Args: arguments("TARGET"),
		Example: "  drawbridge target show aws\n  drawbridge target show aws --tenant acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := t.client().Target(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			progress, err := pages(0, func(cursor string, limit int) ([]wire.TargetProgress, string, error) {
				p, err := t.client().TargetProgress(cmd.Context(), args[0], tenant, client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(struct {
				wire.Target
				Progress []wire.TargetProgress `json:"progress"`
			}{v, progress}, func() {
				t.target(&v)
				t.say("")
				t.targetProgress(progress)
			})
		},
	}
	cmd.Flags().StringVar(&tenant, "tenant", "", "the progress with this tenant only")
	return cmd
}

func (t *terminal) targetProgress(all []wire.TargetProgress) {
	rows := [][]cell{}
	for i := range all {
		p := &all[i]
		rows = append(rows, []cell{
			{text: p.Tenant},
			{p.Status, stateColour(p.Status)},
			{text: strconv.Itoa(p.Users)},
			{text: strconv.Itoa(p.GroupCount)},
			{text: strconv.Itoa(p.Pending)},
			{text: strconv.Itoa(p.Parked)},
			{text: strconv.Itoa(p.Held)},
			{text: moment(p.Synced)},
			{text: moment(p.Compared)},
			{text: moment(p.FailingSince)},
			{text: moment(p.Next)},
			{text: orDash(strings.Join(p.Groups, ", "))},
			{text: orDash(p.Reason)},
		})
	}
	t.list([]string{"TENANT", "STATUS", "PEOPLE", "GROUPS", "PENDING", "PARKED", "HELD", "IN STEP", "COMPARED", "FAILING SINCE", "NEXT", "ONLY GROUPS", "REASON"}, rows,
		"It is attached to no tenant: drawbridge target share TARGET --tenant TENANT")
}

// tenantFlag adds --tenant to a command that works on one tenant of a target, and refuses a call without it.
func tenantFlag(cmd *cobra.Command, tenant *string) *cobra.Command {
	cmd.Flags().StringVar(tenant, "tenant", "", "the tenant (required)")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *tenant == "" {
			return usage(cmd.CommandPath(), "--tenant is missing: which of the tenants that the target is attached to?")
		}
		return run(cmd, args)
	}
	return cmd
}

func targetShare(t *terminal) *cobra.Command {
	var in wire.TargetShare
	tenant := ""
	cmd := &cobra.Command{
		Use: "share TARGET", Short: "Attach a target to a tenant, or change which of its groups are sent", Args: arguments("TARGET"),
		Long: `The people and groups of the tenant are kept in the application from now on. The credential stays with the installation: the tenant does not see it.
Without --groups everybody is sent, and all groups. People who are no longer in the groups leave the application.`,
		Example: "  drawbridge target share aws --tenant birch\n  drawbridge target share aws --tenant birch --groups Engineering,Sales",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := t.client().ShareTarget(cmd.Context(), args[0], tenant, in)
			if err != nil {
				return err
			}
			return t.print(p, func() { t.targetProgress([]wire.TargetProgress{p}) })
		},
	}
	cmd.Flags().StringSliceVar(&in.Groups, "groups", nil, "only these groups and their members, by id or name")
	return tenantFlag(cmd, &tenant)
}

func targetDetach(t *terminal) *cobra.Command {
	tenant := ""
	return tenantFlag(&cobra.Command{
		Use: "detach TARGET", Short: "Send nothing more of a tenant to a target", Args: arguments("TARGET"),
		Long:    "What was kept about the target for the tenant is removed. The people and groups that the application has stay there.",
		Example: "  drawbridge target detach aws --tenant birch",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DetachTarget(cmd.Context(), args[0], tenant); err != nil {
				return err
			}
			return t.print(map[string]string{"detached": tenant}, func() {
				t.say("Target %s is detached from %s. What the application has stays there.", args[0], tenant)
			})
		},
	}, &tenant)
}

func targetFailures(t *terminal) *cobra.Command {
	tenant := ""
	return tenantFlag(&cobra.Command{
		Use: "failures TARGET", Short: "List the people and groups of a tenant that a target did not take", Args: arguments("TARGET"),
		Long:    "What is parked is tried again when it changes here, or after drawbridge target resume.",
		Example: "  drawbridge target failures aws --tenant acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.TargetFailure, string, error) {
				p, err := t.client().TargetFailures(cmd.Context(), args[0], tenant, client.List{Cursor: cursor, Limit: limit})
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
				t.list([]string{"KIND", "NAME", "STATUS", "TRIES", "NEXT", "ERROR", "ID"}, rows, fmt.Sprintf("Target %s has refused no user and no group of %s.", args[0], tenant))
			})
		},
	}, &tenant)
}

func targetUpdate(t *terminal) *cobra.Command {
	var in wire.TargetCreate
	var rules ruleFlags
	var file string
	cmd := &cobra.Command{
		Use: "update TARGET", Short: "Change a target", Args: arguments("TARGET"),
		Long:    "A flag that is not given changes nothing. Another --url, --token-url or --client-id needs --secret-file, too. People who are no longer sent leave the application. --map, --constant and --omit together replace the mapping; --omit '' ends it.",
		Example: "  drawbridge target update aws --secret-file new-token.txt\n  drawbridge target update aws --on-leave delete",
		RunE: func(cmd *cobra.Command, args []string) error {
			var edit wire.TargetUpdate
			flags := cmd.Flags()
			given(flags, "url", &edit.URL, in.URL)
			given(flags, "profile", &edit.Profile, in.Profile)
			given(flags, "client-id", &edit.ClientID, in.ClientID)
			given(flags, "token-url", &edit.TokenURL, in.TokenURL)
			given(flags, "scope", &edit.Scope, in.Scope)
			given(flags, "people", &edit.People, in.People)
			given(flags, "no-groups", &edit.NoGroups, in.NoGroups)
			given(flags, "all-tenants", &edit.All, in.All)
			given(flags, "on-leave", &edit.OnLeave, in.OnLeave)
			given(flags, "existing", &edit.Existing, in.Existing)
			if flags.Changed("secret-file") {
				secret, err := t.secret(cmd.CommandPath(), "Token or client secret: ", file, "--secret-file")
				if err != nil {
					return err
				}
				edit.Secret = &secret
			}
			if rules.given(cmd) {
				mapping, err := rules.read(cmd)
				if err != nil {
					return err
				}
				edit.Mapping = &mapping
			}
			if edit == (wire.TargetUpdate{}) {
				return usage(cmd.CommandPath(), "nothing is to change: give a flag")
			}
			v, err := t.client().UpdateTarget(cmd.Context(), args[0], edit)
			if err != nil {
				return err
			}
			return t.print(v, func() { t.target(&v) })
		},
	}
	f := cmd.Flags()
	rules.add(cmd)
	f.StringVar(&in.URL, "url", "", "the base URL")
	f.StringVar(&file, "secret-file", "", secretFlag)
	f.StringVar(&in.Profile, "profile", "", "generic, aws-identity-center, slack, github, gitlab, atlassian or put")
	f.StringVar(&in.ClientID, "client-id", "", "for client credentials: the id of the client")
	f.StringVar(&in.TokenURL, "token-url", "", "for client credentials: the token endpoint")
	f.StringVar(&in.Scope, "scope", "", "for client credentials: the scope of the access token")
	f.StringVar(&in.People, "people", "", "all, members or guests")
	f.BoolVar(&in.NoGroups, "no-groups", false, "people only; groups that were sent are deleted there")
	f.BoolVar(&in.All, "all-tenants", false, "it gets the people and groups of all tenants, future ones too; false: only of those that it was shared with by name")
	f.StringVar(&in.OnLeave, "on-leave", "", "deactivate or delete")
	f.StringVar(&in.Existing, "existing", "", "adopt or refuse")
	return cmd
}

func targetCheck(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "check TARGET", Short: "Try the credential and read a page, and change nothing", Args: arguments("TARGET"),
		Example: "  drawbridge target check aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := t.client().CheckTarget(cmd.Context(), args[0])
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
	tenant := ""
	cmd := &cobra.Command{
		Use: "sync TARGET", Short: "Send now what differs for a tenant, or show what would be sent", Args: arguments("TARGET"),
		Long: `A run begins within seconds, and what failed before is tried again. The command does not wait for the end: drawbridge target show has the progress.

--preview reads both sides completely, prints the plan and writes nothing. --compare reads the application completely first and sets right
what others changed there. --release lets removals happen that the brake holds; give the number that target show has.`,
		Example: "  drawbridge target sync aws --tenant acme --preview\n  drawbridge target sync aws --tenant acme --compare\n  drawbridge target sync aws --tenant acme --release 18",
		RunE: func(cmd *cobra.Command, args []string) error {
			if preview {
				if in != (wire.TargetSync{}) {
					return usage(cmd.CommandPath(), "--preview goes with no other flag")
				}
				plan, err := t.client().PreviewTarget(cmd.Context(), args[0], tenant)
				if err != nil {
					return err
				}
				return t.print(plan, func() { t.targetPlan(&plan) })
			}
			v, err := t.client().SyncTarget(cmd.Context(), args[0], tenant, in)
			if err != nil {
				return err
			}
			return t.print(v, func() {
				t.say("A run of target %s for %s begins: drawbridge target show %s has the progress.", v.Target, v.Tenant, v.Target)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "print the plan and write nothing")
	f.BoolVar(&in.Compare, "compare", false, "read the application completely first")
	f.IntVar(&in.Release, "release", 0, "how many of the removals that the brake holds may happen")
	return tenantFlag(cmd, &tenant)
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
		Use: "pause TARGET", Short: "Send nothing until the target is resumed", Args: arguments("TARGET"),
		Example: "  drawbridge target pause aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			paused := true
			v, err := t.client().UpdateTarget(cmd.Context(), args[0], wire.TargetUpdate{Paused: &paused})
			if err != nil {
				return err
			}
			return t.print(v, func() { t.say("Target %s is paused.", v.Name) })
		},
	}
}

func targetResume(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "resume TARGET", Short: "Continue a target after a pause or a quarantine, and try again what was parked", Args: arguments("TARGET"),
		Example: "  drawbridge target resume aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := t.client().ResumeTarget(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(v, func() { t.say("Target %s goes on.", v.Name) })
		},
	}
}

func targetDelete(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "delete TARGET", Short: "Delete a target", Args: arguments("TARGET"),
		Long:    "Nothing more is sent. The people and groups that the application has stay there.",
		Example: "  drawbridge target delete aws",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DeleteTarget(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[0]}, func() { t.say("Deleted target %s. What the application has stays there.", args[0]) })
		},
	}
}
