package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func connectionCommand(t *terminal) *cobra.Command {
	return parent("connection", "Identity providers of a tenant", "A connection is one identity provider of a tenant: its type, its credentials, its base URL.",
		connectionCreate(t), connectionSync(t), connectionCheck(t), connectionList(t), connectionShow(t), connectionTimeline(t), connectionSetup(t), connectionTypes(t), previewable(t, connectionPause(t)), previewable(t, connectionResume(t)), previewable(t, connectionMap(t)), previewable(t, connectionAttributes(t)), previewable(t, connectionUpdate(t)), connectionDisconnect(t))
}

// types of connections, for help and completion.
func types() []string {
	return []string{"okta", "entra", "google", "google-directory", "onelogin", "jumpcloud", "rippling", "ping", "generic"}
}

// expiry reads --expires: a number of days, or a date.
func expiry(command, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no date, no expiry
	}
	if days, err := strconv.Atoi(strings.TrimSuffix(text, "d")); err == nil && days > 0 {
		at := time.Now().Add(time.Duration(days) * 24 * time.Hour).UTC()
		return &at, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return &at, nil
		}
	}
	return nil, usage(command, "--expires is a number of days, such as 90d, or a date, such as 2030-01-31; not %q", text)
}

func connectionCreate(t *terminal) *cobra.Command {
	var in wire.ConnectionCreate
	var expires string
	var google googleFlags
	cmd := &cobra.Command{
		Use:   "create SLUG",
		Short: "Create a connection and print its base URL and token, once",
		Long: `Creates the connection of an identity provider and its first credential. SLUG is part of the base URL: a-z, 0-9 and
hyphens. The credential is printed only once and stored nowhere; replace a lost one with: drawbridge token rotate SLUG

--auth says what the identity provider can do: bearer (a token; most of them), basic (user name and password), oauth
(client credentials, as Microsoft Entra ID's gallery asks for).`,
		Example: `  drawbridge connection create acme-okta --tenant acme --type okta
  drawbridge connection create acme-entra --tenant acme --type entra --auth oauth
  drawbridge connection create acme-okta --tenant acme --type okta -o json | jq -r .secret
  drawbridge connection create acme-google --tenant acme --type google-directory --google-credentials key.json --google-admin admin@acme.example`,
		Args: arguments("SLUG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Tenant == "" {
				return usage(cmd.CommandPath(), "--tenant is missing: which company does the connection belong to?")
			}
			if !slices.Contains(types(), in.Type) {
				return usage(cmd.CommandPath(), "--type is one of %s; not %q", strings.Join(types(), ", "), in.Type)
			}
			var err error
			if in.Expires, err = expiry(cmd.CommandPath(), expires); err != nil {
				return err
			}
			in.Slug = args[0]
			if in.Google, err = google.read(cmd.CommandPath(), in.Type); err != nil {
				return err
			}
			made, err := t.client().CreateConnection(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(made, func() {
				t.say("Created connection %s of tenant %s (%s).\n", made.Slug, made.Tenant, made.Type)
				if made.Auth == "none" {
					t.say("Nothing is sent to the server: it reads the directory every few minutes.")
					t.say("Next: drawbridge connection check %s, then drawbridge connection sync %s --preview", made.Slug, made.Slug)
					return
				}
				t.issued(made)
			})
		},
	}
	f := cmd.Flags()
	google.add(f)
	f.StringVar(&in.Tenant, "tenant", "", "slug of the tenant")
	f.StringVar(&in.Type, "type", "generic", strings.Join(types(), ", "))
	f.StringVar(&in.Auth, "auth", "bearer", "bearer, basic or oauth")
	f.StringVar(&expires, "expires", "", "when the credential ends: 90d or a date (default: never)")
	f.StringVar(&in.UnknownPaths, "unknown-paths", "", "refuse or ignore PATCH paths of unknown attributes (default: as the type says)")
	f.StringVar(&in.UserPatch, "user-patch", "", "answer to PATCH of a user: resource or no_content (default: resource)")
	f.StringVar(&in.GroupPatch, "group-patch", "", "answer to PATCH of a group: resource or no_content (default: no_content)")
	return cmd
}

// issued prints a new credential and what to do with it.
func (t *terminal) issued(i wire.Issued) {
	pairs := [][2]string{{"Base URL", i.BaseURL}}
	switch i.Auth {
	case "basic":
		pairs = append(pairs, [2]string{"User name", i.UserName}, [2]string{"Password", i.Token})
	case "oauth":
		pairs = append(pairs, [2]string{"Token URL", i.TokenURL}, [2]string{"Client ID", i.ClientID}, [2]string{"Client secret", i.Token})
	default:
		pairs = append(pairs, [2]string{"Token", i.Token})
	}
	if i.Expires != nil {
		pairs = append(pairs, [2]string{"Expires", moment(i.Expires)})
	}
	t.details(pairs...)
	t.say("\nThis is the only time that the secret is shown.")
	if i.Note != "" {
		t.say("%s", i.Note)
	}
	if strings.HasPrefix(i.BaseURL, "http://") {
		t.say("Identity providers want https: set base_url (DRAWBRIDGE_BASE_URL) to the address that they use.")
	}
	t.where(i.Auth, i.Setup)
}

// where prints which value goes into which field of the identity provider's console.
func (t *terminal) where(auth string, s wire.Setup) {
	t.say("\nWhere to enter it (%s): %s", s.Title, s.Page)
	t.say("  - the base URL as: %s", s.URL)
	switch auth {
	case "basic":
		t.say("  - user name and password: choose basic authentication")
	case "oauth":
		t.say("  - token URL, client ID and client secret: choose OAuth 2.0 client credentials")
	default:
		t.say("  - the token as: %s", s.Token)
	}
	for _, step := range s.Steps {
		t.say("  - %s", step)
	}
	if s.Test != "" {
		t.say("  - the test: %s", s.Test)
	}
}

func connectionList(t *terminal) *cobra.Command {
	var l client.List
	cmd := &cobra.Command{
		Use: "list", Short: "List connections", Args: arguments(),
		Example: "  drawbridge connection list --tenant acme",
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := listed(l, func(l client.List) ([]wire.Connection, string, error) {
				p, err := t.client().Connections(cmd.Context(), l)
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for _, c := range all {
					state := cell{"on", green}
					if c.Paused {
						state = cell{"paused", yellow}
					}
					if c.Observing != nil {
						state = cell{"observed", yellow}
					}
					if c.Ending != nil {
						state = cell{"disconnecting", red}
					}
					rows = append(rows, []cell{
						{text: c.Slug},
						{text: c.Tenant},
						{text: c.Type},
						state,
						syncState(c.Health),
						{text: strconv.Itoa(live(c.Tokens))},
						{text: moment(c.LastRequest)},
						{text: moment(c.LastSuccess)},
					})
				}
				t.list([]string{"CONNECTION", "TENANT", "TYPE", "STATE", "SYNC", "TOKENS", "LAST REQUEST", "LAST SUCCESS"}, rows, t.noConnections(cmd.Context(), l, rows))
			})
		},
	}
	listFlags(cmd, &l)
	filterFlag(cmd, &l, "tenant", "only those of this tenant")
	filterFlag(cmd, &l, "type", "only those of this type: "+strings.Join(types(), ", "))
	filterFlag(cmd, &l, "health", "only those in this state: never_connected, healthy, quiet or failing")
	sortFlags(cmd, &l, "slug", "slug, tenant, type, health or last_success")
	return cmd
}

// requests says how many requests came in the last hours.
func requests(hourly []uint32) string {
	var all uint64
	for _, n := range hourly {
		all += uint64(n)
	}
	return fmt.Sprintf("%d requests", all)
}

func live(tokens []wire.Token) int {
	n := 0
	for _, t := range tokens {
		if t.Status == "live" {
			n++
		}
	}
	return n
}

// reads says what a connection of type google-directory reads.
func reads(g *wire.Google) string {
	if g == nil {
		return ""
	}
	out := "Google Workspace, in the name of " + g.Admin + ", as " + g.Account
	switch {
	case g.Detached:
		out = "nothing: the Google project " + g.Project + " was detached from the tenant"
	case g.Project != "":
		out = "Google Workspace, in the name of " + g.Admin + ", with the Google project " + g.Project
	}
	if g.Query != "" {
		out += "; users: " + g.Query
	}
	if len(g.Groups) > 0 {
		out += "; groups: " + strings.Join(g.Groups, ", ")
	}
	return out
}

func (t *terminal) connection(c wire.Connection) {
	state := "on"
	if c.Paused {
		state = "paused; answers 503 with Retry-After"
	}
	if o := c.Observing; o != nil {
		state = "in observe mode since " + moment(&o.Since) + " by " + o.By + "; its writes go to a copy"
		if o.Promoting {
			state = "its observation is being promoted; answers 503 with Retry-After"
		}
	}
	if c.Ending != nil {
		state = "disconnecting (" + c.Ending.Mode + ") since " + moment(&c.Ending.Since) + " by " + c.Ending.By
	}
	t.details([2]string{"Connection", c.Slug}, [2]string{"Tenant", c.Tenant}, [2]string{"Type", c.Type}, [2]string{"State", state},
		[2]string{"Base URL", c.BaseURL}, [2]string{"Reads", reads(c.Google)}, [2]string{"Unknown paths", c.UnknownPaths}, [2]string{"Unknown members", c.UnknownMembers},
		[2]string{"PATCH of a user", c.UserPatch}, [2]string{"PATCH of a group", c.GroupPatch},
		[2]string{"Last request", moment(c.LastRequest)}, [2]string{"Last 24 hours", requests(c.Requests)}, [2]string{"Last success", moment(c.LastSuccess)},
		[2]string{"Sync", syncDetail(c.Health)}, [2]string{"Last error", lastError(c.Health)})
	if c.Held > 0 {
		t.say("The brake holds %d removals: drawbridge brake list %s", c.Held, c.Tenant)
	}
	for _, m := range c.Mappings {
		grant := string(m.Grants)
		if m.Guest {
			grant = "guest"
		}
		group := m.DisplayName
		if group == "" {
			group = "external id " + m.ExternalID
		}
		if slices.Contains(c.Unmatched, m) {
			grant += " (matches no group of the connection now, so it gives nothing)"
		}
		t.details([2]string{"Mapping", group + " -> " + grant})
	}
	if c.Google == nil { // a directory that is read sends nothing, so it has no credentials here
		t.say("")
		t.tokens(c.Tokens)
	}
}

func connectionShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show CONNECTION", Short: "Show a connection with its mappings and tokens", Args: arguments("CONNECTION"),
		Example: "  drawbridge connection show acme-okta",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := t.client().Connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(c, func() { t.connection(c) })
		},
	}
}

func connectionSetup(t *terminal) *cobra.Command {
	var auth string
	cmd := &cobra.Command{
		Use: "setup CONNECTION", Short: "Show what to enter at the identity provider", Args: arguments("CONNECTION"),
		Long:    "Shows the base URL and the steps in the identity provider's own console, as connection create does. It never shows a secret again.",
		Example: "  drawbridge connection setup acme-entra --auth oauth",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().ConnectionSetup(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(s, func() {
				pairs := [][2]string{{"Base URL", s.BaseURL}}
				if auth == "oauth" {
					pairs = append(pairs, [2]string{"Token URL", s.TokenURL})
				}
				t.details(pairs...)
				t.where(auth, s.Setup)
			})
		},
	}
	cmd.Flags().StringVar(&auth, "auth", "bearer", "kind of credential: bearer, basic or oauth")
	return cmd
}

func connectionTypes(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "types", Short: "List the types of identity provider", Args: arguments(),
		Example: "  drawbridge connection types",
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := t.client().ConnectionTypes(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for i := range page.Items {
					c := &page.Items[i]
					rows = append(rows, cells(c.Type, c.Title, strings.Join(c.Auth, ", "), spanText(time.Duration(c.Cadence)*time.Second)))
				}
				t.table([]string{"TYPE", "PROVIDER", "CREDENTIALS", "EXPECTED EVERY"}, rows)
			})
		},
	}
}

// changeConnection sends a change of a connection and prints the connection; said has a verb for the name of the connection.
func (t *terminal) changeConnection(cmd *cobra.Command, slug string, in wire.ConnectionUpdate, said string) error {
	c, err := t.client().UpdateConnection(cmd.Context(), slug, "", in)
	if err != nil {
		return err
	}
	return t.print(c, func() { t.say(said, c.Slug) })
}

func connectionPause(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "pause CONNECTION", Short: "Answer 503 to the identity provider for a while", Args: arguments("CONNECTION"),
		Long:    "The connection answers 503 with Retry-After until you resume it. Nothing is lost, because identity providers repeat.",
		Example: "  drawbridge connection pause acme-okta",
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.changeConnection(cmd, args[0], wire.ConnectionUpdate{Paused: new(true)}, "Paused %s: it answers 503 with Retry-After until it is resumed.")
		},
	}
}

func connectionResume(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "resume CONNECTION", Short: "Serve the identity provider again", Args: arguments("CONNECTION"),
		Example: "  drawbridge connection resume acme-okta",
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.changeConnection(cmd, args[0], wire.ConnectionUpdate{Paused: new(false)}, "Resumed %s.")
		},
	}
}

func connectionMap(t *terminal) *cobra.Command {
	var flags mappingFlags
	cmd := &cobra.Command{
		Use:   "map CONNECTION GROUP [GRANT]",
		Short: "Let a group of the identity provider grant a built-in group or the guest type",
		Long: `The members of GROUP (its display name, or with --external-id the identity provider's own name for it) get GRANT:
owners, administrators, security, provision_managers, or guest. --remove takes the mapping away.`,
		Example: `  drawbridge connection map acme-okta "IT Admins" administrators
  drawbridge connection map acme-okta Contractors guest
  drawbridge connection map acme-okta "IT Admins" --remove`,
		Args: arguments("CONNECTION", "GROUP", "[GRANT]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			now, err := c.Connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			mapping, err := groupMapping(cmd.CommandPath(), args[1:], flags)
			if err != nil {
				return err
			}
			mappings := slices.DeleteFunc(slices.Clone(now.Mappings), func(m wire.GroupMapping) bool {
				return strings.EqualFold(m.DisplayName, mapping.DisplayName) && m.ExternalID == mapping.ExternalID &&
					(flags.drop && len(args) == 2 || m.Grants == mapping.Grants && m.Guest == mapping.Guest)
			})
			if !flags.drop {
				mappings = append(mappings, mapping)
			} else if len(mappings) == len(now.Mappings) {
				return fmt.Errorf("%s has no such mapping of %s", now.Slug, args[1])
			}
			after, err := c.UpdateConnection(cmd.Context(), args[0], wire.ETag(now.Version), wire.ConnectionUpdate{Mappings: &mappings})
			if err != nil {
				return err
			}
			return t.print(after, func() { t.connection(after) })
		},
	}
	cmd.Flags().BoolVar(&flags.external, "external-id", false, "GROUP is the externalId of the group")
	cmd.Flags().BoolVar(&flags.drop, "remove", false, "take the mapping away")
	return cmd
}

// mappingFlags are the flags of connection map.
type mappingFlags struct {
	external bool // GROUP is an externalId
	drop     bool
}

// groupMapping reads GROUP and GRANT.
func groupMapping(command string, args []string, flags mappingFlags) (wire.GroupMapping, error) {
	m := wire.GroupMapping{DisplayName: args[0]}
	if flags.external {
		m = wire.GroupMapping{ExternalID: args[0]}
	}
	if len(args) < 2 {
		if !flags.drop {
			return m, usage(command, "GRANT is missing: what do the members of %s get?", args[0])
		}
		return m, nil
	}
	grant := strings.ReplaceAll(args[1], "-", "_")
	switch {
	case grant == "guest":
		m.Guest = true
	case slices.Contains(wire.BuiltIns(), wire.BuiltIn(grant)) && grant != "team_members":
		m.Grants = wire.BuiltIn(grant)
	default:
		return m, usage(command, "GRANT is owners, administrators, security, provision_managers or guest; not %q", args[1])
	}
	return m, nil
}

func connectionUpdate(t *terminal) *cobra.Command {
	var paths, members, userPatch, groupPatch string
	var google googleFlags
	cmd := &cobra.Command{
		Use: "update CONNECTION", Short: "Change how a connection answers, or what it reads", Args: arguments("CONNECTION"),
		Long:    "Changes what flags name and leaves the rest. An empty value goes back to what the type says.",
		Example: "  drawbridge connection update acme-okta --unknown-paths refuse --group-patch resource\n  drawbridge connection update acme-google --google-credentials new-key.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			var in wire.ConnectionUpdate
			flags := cmd.Flags()
			given(flags, "unknown-paths", &in.UnknownPaths, paths)
			given(flags, "unknown-members", &in.UnknownMembers, members)
			given(flags, "user-patch", &in.UserPatch, userPatch)
			given(flags, "group-patch", &in.GroupPatch, groupPatch)
			var err error
			if in.Google, err = google.change(flags); err != nil {
				return err
			}
			c, err := t.client().UpdateConnection(cmd.Context(), args[0], "", in)
			if err != nil {
				return err
			}
			return t.print(c, func() { t.connection(c) })
		},
	}
	f := cmd.Flags()
	google.add(f)
	f.StringVar(&paths, "unknown-paths", "", "PATCH paths of unknown attributes: refuse or ignore")
	f.StringVar(&members, "unknown-members", "", "members that do not exist: refuse or ignore")
	f.StringVar(&userPatch, "user-patch", "", "answer to PATCH of a user: resource or no_content")
	f.StringVar(&groupPatch, "group-patch", "", "answer to PATCH of a group: resource or no_content")
	return cmd
}

// syncState is the state of a connection in a table; an old state is marked.
func syncState(h wire.Health) cell {
	if h.Stale != nil {
		return cell{"stale since " + moment(h.Stale), yellow}
	}
	return cell{h.State, healthColour(h.State)}
}

// syncDetail is the state of a connection with its reason.
func syncDetail(h wire.Health) string {
	if h.Stale != nil {
		return "stale since " + moment(h.Stale) + ": " + h.StaleWhy + "; it was " + h.State
	}
	return strings.TrimSuffix(h.State+": "+h.Why, ": ")
}

func healthColour(state string) string {
	switch state {
	case "healthy":
		return green
	case "failing":
		return red
	}
	return yellow
}

// lastError is the last refusal of a connection with the id of its request.
func lastError(h wire.Health) string {
	if h.Error == "" {
		return ""
	}
	return moment(h.Failed) + " " + h.Error + " (drawbridge journal show " + h.Request + ")"
}
