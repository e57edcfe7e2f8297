package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func tenantCommand(t *terminal) *cobra.Command {
	return parent("tenant", "Managed companies", "A tenant is a managed company, with its users, groups, seats and connections.",
		tenantCreate(t), tenantList(t), tenantShow(t), tenantOverview(t), previewable(t, tenantUpdate(t)),
		tenantEnter(t), tenantLeave(t), tenantInside(t), tenantSettings(t),
		tenantUnlink(t), tenantBundle(t), tenantHandover(t), tenantTakeBack(t), tenantLink(t), tenantDelete(t))
}

func tenantCreate(t *terminal) *cobra.Command {
	var in wire.TenantCreate
	var set []string
	cmd := &cobra.Command{
		Use:   "create SLUG",
		Short: "Create a tenant",
		Long: `Creates a managed company with its built-in groups. SLUG is its name in URLs and commands: a-z, 0-9 and hyphens,
never changed later. With --set the tenant gets settings of its own: see drawbridge tenant update.`,
		Example: `  drawbridge tenant create acme --name "Acme Ltd" --plan business --seats 50
  drawbridge tenant create acme --set on_delete=delete --set auto_delete_days=30`,
		Args: arguments("SLUG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Slug = args[0]
			if in.Name == "" {
				in.Name = in.Slug
			}
			if len(set) > 0 {
				var err error
				if in.Overrides, err = overrides(nil, set, nil); err != nil {
					return usage(cmd.CommandPath(), "%w", err)
				}
			}
			tenant, err := t.client().CreateTenant(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(tenant, func() {
				t.say("Created tenant %s (%s), plan %s, %s.", tenant.Slug, printable(tenant.Name), tenant.Plan, seatsText(tenant.Seats))
				t.say("Next: drawbridge connection create %s-okta --tenant %s --type okta", tenant.Slug, tenant.Slug)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Name, "name", "", "name as people know it (default: the slug)")
	f.StringVar(&in.Plan, "plan", "", "plan of the catalogue in the configuration (default: the first with SCIM)")
	f.IntVar(&in.Seats, "seats", 0, "purchased seats; 0: as many as the plan allows")
	f.StringVar(&in.Website, "website", "", "web site")
	f.StringVar(&in.Address.Country, "country", "", "country, two letters")
	f.StringVar(&in.DataRegion, "region", "", "region in which the data is kept")
	f.StringArrayVar(&set, "set", nil, "a setting of its own, as KEY=VALUE")
	f.StringSliceVar(&in.Tags, "tag", nil, "a tag, for lists; more than once for several")
	f.StringVar(&in.CustomerNumber, "customer-number", "", "number in the provider's own books")
	f.StringVar(&in.AccountManager, "account-manager", "", "who looks after the tenant")
	f.StringVar(&in.Note, "note", "", "a note for operators")
	f.StringSliceVar(&in.Operators, "operator", nil, "give this operator access, by e-mail address; more than once for several")
	return cmd
}

func tenantDelete(t *terminal) *cobra.Command {
	var in wire.TenantDeletionRequest
	var preview bool
	cmd := &cobra.Command{
		Use: "delete TENANT", Short: "Delete a tenant with everything in it", Args: arguments("TENANT"),
		Long: `Use it for a company that was a mistake or a trial. Hand over a company that leaves for another installation: drawbridge tenant unlink.
The command first shows what it will erase. --name must be the name of the company. It erases people, groups, connections, events, the audit
trail and the request journal; only a backup brings them back. The trail of the installation records who did it and why. No other company gets
the slug.`,
		Example: `  drawbridge tenant delete acme --preview
  drawbridge tenant delete acme --name "Acme Ltd" --reason "a trial"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			seen, err := c.PreviewTenantDeletion(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if preview {
				return t.print(seen, func() { t.tenantDeletion(seen) })
			}
			if in.Name == "" || in.Reason == "" {
				return usage(cmd.CommandPath(), "--name and --reason are required; --preview shows what is there")
			}
			if in.Expect == "" {
				in.Expect = seen.Digest
			}
			done, err := c.DeleteTenant(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(done, func() { t.say("Deleted %s: %s.", args[0], usersText(seen.Users)) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "only show what would be erased")
	f.StringVar(&in.Name, "name", "", "the name of the company")
	f.StringVar(&in.Reason, "reason", "", "why, for the audit trail")
	f.StringVar(&in.Expect, "expect", "", "the digest of a preview: delete exactly that (default: the present state)")
	return cmd
}

func (t *terminal) tenantDeletion(d wire.TenantDeletion) {
	t.details([2]string{"Tenant", d.Tenant}, [2]string{"Name", d.Name}, [2]string{"Users", usersText(d.Users)}, [2]string{"Groups", strconv.Itoa(d.Groups)},
		[2]string{"Connections", orDash(strings.Join(d.Connections, ", "))}, [2]string{"Live credentials", strconv.Itoa(d.Credentials)}, [2]string{"Application keys", strconv.Itoa(d.AppKeys)},
		[2]string{"Integrations that are detached", orDash(strings.Join(integrations(d.Integrations), ", "))},
		[2]string{"Operators with it in their scope", strconv.Itoa(d.Operators)}, [2]string{"Audit lines", strconv.FormatUint(d.AuditLines, 10)}, [2]string{"Digest", d.Digest})
	t.say("%s", d.Archive)
}

// integrations names integrations with their kinds.
func integrations(all []wire.AttachedIntegration) []string {
	var out []string
	for _, i := range all {
		kind := i.Kind
		if kind == "project" {
			kind = "Google project"
		}
		out = append(out, kind+" "+i.Name)
	}
	return out
}

func seatsText(s wire.Seats) string {
	if s.Limit == 0 {
		return fmt.Sprintf("%d seats in use, no limit", s.Occupied)
	}
	return fmt.Sprintf("%d of %d seats in use", s.Occupied, s.Limit)
}

func tenantList(t *terminal) *cobra.Command {
	var l client.List
	var alerting bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List tenants with seats, users, connections and last sync",
		Example: "  drawbridge tenant list --sort seats --desc\n  drawbridge tenant list -q acme -o json",
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if alerting {
				l.Filter["alerts"] = "open"
			}
			all, err := listed(l, func(l client.List) ([]wire.Tenant, string, error) {
				p, err := t.client().Tenants(cmd.Context(), l)
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for _, x := range all {
					limit := "-"
					if x.Seats.Limit > 0 {
						limit = strconv.Itoa(x.Seats.Limit)
					}
					rows = append(rows, []cell{
						{text: x.Slug},
						{text: x.Name},
						{x.Status, stateColour(x.Status)},
						planCell(x),
						{text: strconv.Itoa(x.Seats.Occupied) + "/" + limit},
						{text: strconv.Itoa(x.Users["active"])},
						{text: strconv.Itoa(x.Users["suspended"])},
						{text: strconv.Itoa(x.Groups)},
						{text: strconv.Itoa(len(x.Connections))},
						healthCell(x.Connections),
						{text: moment(x.LastSync)},
					})
				}
				t.list([]string{"TENANT", "NAME", "STATUS", "PLAN", "SEATS", "ACTIVE", "SUSPENDED", "GROUPS", "CONNECTIONS", "HEALTH", "LAST SYNC"}, rows, t.inScope(cmd.Context(), rows, unlessNarrowed(l, "There are no tenants yet: drawbridge tenant create acme --name \"Acme Ltd\"", "No tenants match."), "No tenants match."))
				t.planWarning(all...)
			})
		},
	}
	listFlags(cmd, &l)
	filterFlag(cmd, &l, "status", "only tenants with this status: active or unlinked")
	filterFlag(cmd, &l, "plan", "only tenants with this plan")
	filterFlag(cmd, &l, "health", "only tenants with a connection in this state: never_connected, healthy, quiet or failing")
	filterFlag(cmd, &l, "tag", "only tenants with this tag")
	cmd.Flags().BoolVar(&alerting, "alerts", false, "only tenants with open alerts")
	sortFlags(cmd, &l, "slug", "slug, name, status, seats, last_sync or alerts")
	return cmd
}

// planCell is the plan of a tenant, marked if the configuration no longer has it.
func planCell(x wire.Tenant) cell {
	if x.PlanMissing {
		return cell{x.Plan + " (missing)", red}
	}
	return cell{text: x.Plan}
}

// planWarning says what to do about tenants whose plan is not in the configuration.
func (t *terminal) planWarning(all ...wire.Tenant) {
	for i := range all {
		if x := &all[i]; x.PlanMissing {
			t.say("Mind: the plan %q of %s is not in the configuration: nothing can be written there and its identity providers get 503. Put it back, or: drawbridge tenant update %s --plan PLAN", x.Plan, x.Slug, x.Slug)
		}
	}
}

// healthCell is the worst health among connections.
func healthCell(all []wire.ConnectionSummary) cell {
	for _, state := range []string{"failing", "quiet", "never_connected", "healthy"} {
		for _, c := range all {
			if c.Health == state {
				return cell{strings.ReplaceAll(state, "_", " "), healthColour(state)}
			}
		}
	}
	return cell{text: "-"}
}

func tenantOverview(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "overview TENANT", Short: "Show everything about a tenant in one place", Args: arguments("TENANT"),
		Long: `Seats, connections with the health of their sync, who works inside, deletion requests and held removals that wait, operators
with access, and the last lines of the audit trail. It leaves out what your role may not see.`,
		Example: "  drawbridge tenant overview acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := t.client().Overview(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(o, func() { t.overview(o) })
		},
	}
}

func (t *terminal) overview(o wire.Overview) {
	t.tenant(o.Tenant)
	section := func(title string, head []string, rows [][]cell) {
		if len(rows) > 0 {
			t.say("\n%s", title)
			t.table(head, rows)
		}
	}
	rows := [][]cell{}
	for _, c := range o.Tenant.Connections {
		state := c.Health
		if c.Paused {
			state += ", paused"
		}
		rows = append(rows, []cell{{text: c.Slug}, {text: c.Type}, {strings.ReplaceAll(state, "_", " "), healthColour(c.Health)}, {text: moment(c.LastSuccess)}})
	}
	section("Connections", []string{"CONNECTION", "TYPE", "HEALTH", "LAST SYNC"}, rows)
	rows = nil
	for i := range o.Alerts {
		x := &o.Alerts[i]
		rows = append(rows, []cell{{x.Kind, red}, {text: x.Text}, {text: moment(&x.Last)}, {text: x.Key}})
	}
	section("Open alerts", []string{"KIND", "WHAT", "LAST", "KEY"}, rows)
	rows = nil
	for _, q := range o.Requests {
		rows = append(rows, []cell{{text: q.UserName}, {text: orDash(q.Reason)}, {text: moment(&q.Expires)}, {q.ID, dim}})
	}
	section("Deletion requests that wait", []string{"USER", "REASON", "EXPIRES", "ID"}, rows)
	rows = nil
	for _, h := range o.Held {
		rows = append(rows, []cell{{text: h.Name}, {text: strings.ReplaceAll(h.Action, "_", " ")}, {text: h.Connection}, {text: strconv.Itoa(h.Times)}, {text: moment(&h.First)}})
	}
	section("Held by the brake", []string{"WHO", "REMOVAL", "ASKED BY", "TIMES", "SINCE"}, rows)
	rows = nil
	for _, e := range o.Inside {
		name := e.Name
		if name == "" {
			name = e.Operator
		}
		rows = append(rows, []cell{{text: name}, {text: moment(&e.Until)}, {text: orDash(e.Reason)}})
	}
	section("Inside now", []string{"OPERATOR", "UNTIL", "REASON"}, rows)
	rows = nil
	for i := range o.Operators {
		p := &o.Operators[i]
		rows = append(rows, []cell{{text: p.FirstName + " " + p.LastName}, {text: p.Email}, {text: p.Role}, {p.Status, stateColour(p.Status)}, {text: moment(p.LastSignIn)}})
	}
	section("Operators with access", []string{"NAME", "E-MAIL", "ROLE", "STATUS", "LAST SIGN-IN"}, rows)
	rows = nil
	for i := range o.Audit {
		l := &o.Audit[i]
		rows = append(rows, []cell{{text: moment(&l.Time)}, {text: string(l.Action)}, {text: string(l.Outcome)}, {text: orDash(whoText(l.Actor.Kind, l.Actor.Name, l.Actor.ID))}, {text: orDash(cmp.Or(l.Subject.Name, l.Subject.ID))}})
	}
	section("Last lines of the audit trail", []string{"TIME", "ACTION", "OUTCOME", "BY", "ABOUT"}, rows)
}

func tenantShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show TENANT", Short: "Show a tenant", Args: arguments("TENANT"),
		Example: "  drawbridge tenant show acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := t.client().Tenant(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(x, func() { t.tenant(x) })
		},
	}
}

func (t *terminal) tenant(x wire.Tenant) {
	overrides := ""
	if x.Overrides != nil {
		if text, err := json.Marshal(x.Overrides); err == nil {
			overrides = string(text)
		}
	}
	var connections []string
	for _, c := range x.Connections {
		name := c.Slug + " (" + c.Type + ", " + strings.ReplaceAll(c.Health, "_", " ")
		if c.Paused {
			name += ", paused"
		}
		connections = append(connections, name+")")
	}
	t.details([2]string{"Tenant", x.Slug}, [2]string{"Name", x.Name}, [2]string{"Status", x.Status}, [2]string{"Plan", x.Plan},
		[2]string{"Seats", seatsText(x.Seats)}, [2]string{"Users", usersText(x.Users)}, [2]string{"Groups", strconv.Itoa(x.Groups)},
		[2]string{"Tags", strings.Join(x.Tags, ", ")}, [2]string{"Customer number", x.CustomerNumber},
		[2]string{"Account manager", x.AccountManager}, [2]string{"Note", x.Note}, [2]string{"Website", x.Website}, [2]string{"Country", x.Address.Country}, [2]string{"Data region", x.DataRegion},
		[2]string{"Own settings", overrides}, [2]string{"Connections", orDash(strings.Join(connections, ", "))},
		[2]string{"Last sync", moment(x.LastSync)}, [2]string{"Created", moment(&x.Created)})
	t.planWarning(x)
}

// usersText lists the states that have users.
func usersText(users map[string]int) string {
	var parts []string
	for _, state := range []string{"active", "invited", "awaiting_confirmation", "recovery", "suspended", "gone"} {
		if n := users[state]; n > 0 || state == "active" {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(state, "_", " ")))
		}
	}
	return strings.Join(parts, ", ")
}

func tenantUpdate(t *terminal) *cobra.Command {
	var name, plan, website, country, region, number, manager, note string
	var seats int
	var set, unset, tags []string
	cmd := &cobra.Command{
		Use:   "update TENANT",
		Short: "Change a tenant",
		Long: `Changes what flags name and leaves the rest. With --set a tenant gets a setting of its own: suspension_manual (yield,
hold), rehire (restore, conflict), replay (refuse, accept), on_delete (suspend, delete), tombstone_days, guest_max_groups,
guest_user_types and member_domains (separated by commas; a user without an address in such a domain is a guest), included_guests, included_seats, seats_on_limit (refuse, grow, overage), seats_max,
snapshot_zone, snapshot_time, billing_start, brake (off, alert, hold), auto_delete_days, idle_days, orphan_days, onboarding (direct, invite),
invite_ttl_days, confirm_domains (separated by commas), event_days (30 at least), audit_days (30 at least), journal_days, journal_mb. --unset goes back to what plan and configuration say.`,
		Example: `  drawbridge tenant update acme --seats 60
  drawbridge tenant update acme --set suspension_manual=hold --unset rehire`,
		Args: arguments("TENANT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			now, err := c.Tenant(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var in wire.TenantUpdate
			flags := cmd.Flags()
			given(flags, "name", &in.Name, name)
			given(flags, "plan", &in.Plan, plan)
			given(flags, "website", &in.Website, website)
			given(flags, "region", &in.DataRegion, region)
			given(flags, "seats", &in.Seats, seats)
			given(flags, "tag", &in.Tags, tags)
			given(flags, "customer-number", &in.CustomerNumber, number)
			given(flags, "account-manager", &in.AccountManager, manager)
			given(flags, "note", &in.Note, note)
			if flags.Changed("country") {
				in.Address = &wire.AddressUpdate{Country: &country}
			}
			if len(set)+len(unset) > 0 {
				if in.Overrides, err = overrides(now.Overrides, set, unset); err != nil {
					return usage(cmd.CommandPath(), "%w", err)
				}
			}
			after, err := c.UpdateTenant(cmd.Context(), args[0], wire.ETag(now.Version), in)
			if err != nil {
				return err
			}
			return t.print(after, func() { t.tenant(after) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "name as people know it")
	f.StringVar(&plan, "plan", "", "plan of the catalogue in the configuration")
	f.IntVar(&seats, "seats", 0, "purchased seats; refused below the number in use")
	f.StringVar(&website, "website", "", "web site")
	f.StringVar(&country, "country", "", "country, two letters")
	f.StringVar(&region, "region", "", "region in which the data is kept")
	f.StringSliceVar(&tags, "tag", nil, "the tags, for lists; they replace those of the tenant, and --tag= removes all")
	f.StringVar(&number, "customer-number", "", "number in the provider's own books")
	f.StringVar(&manager, "account-manager", "", "who looks after the tenant")
	f.StringVar(&note, "note", "", "a note for operators")
	f.StringArrayVar(&set, "set", nil, "a setting of its own, as KEY=VALUE")
	f.StringArrayVar(&unset, "unset", nil, "a setting that it no longer has of its own")
	return cmd
}

// given sets the field of a flag that was given.
func given[T any](flags *pflag.FlagSet, name string, field **T, value T) {
	if flags.Changed(name) {
		*field = &value
	}
}
