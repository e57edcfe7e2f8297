package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func userCommand(t *terminal) *cobra.Command {
	return parent("user", "People in a tenant", "USER is everywhere the userName or the id.",
		userList(t), userFind(t), userShow(t), previewable(t, userUpdate(t)), previewable(t, userSuspend(t)), previewable(t, userHold(t)), previewable(t, userYield(t)), previewable(t, userRelease(t)), previewable(t, userReleaseManagement(t)), previewable(t, userDelete(t)),
		userWhy(t), previewable(t, userRecover(t)), previewable(t, userConvert(t)),
		userCreate(t), userInvite(t), userInvitations(t), userResend(t), userRevoke(t), previewable(t, userConfirm(t)), userImport(t), userExport(t), userBulk(t))
}

func userList(t *terminal) *cobra.Command {
	var l client.List
	var active, suspended, gone bool
	cmd := &cobra.Command{
		Use: "list TENANT", Short: "List users", Args: arguments("TENANT"),
		Example: "  drawbridge user list acme\n  drawbridge user list acme -q ada --suspended",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case active && suspended:
				return usage(cmd.CommandPath(), "--active and --suspended exclude each other")
			case active:
				l.Filter["active"] = "true"
			case suspended:
				l.Filter["active"] = "false"
			}
			if gone {
				l.Filter["gone"] = "true"
			}
			all, err := listed(l, func(l client.List) ([]wire.User, string, error) {
				p, err := t.client().Users(cmd.Context(), args[0], l)
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for _, u := range all {
					rows = append(rows, []cell{
						{text: u.UserName},
						{text: orDash(u.DisplayName)},
						{u.State, stateColour(u.State)},
						{text: u.Type},
						{text: orDash(u.Connection)},
						{text: u.Statement},
						{text: moment(&u.Modified)},
						{u.ID, dim},
					})
				}
				t.list([]string{"USER", "NAME", "STATE", "TYPE", "MANAGED BY", "IDP SAYS", "CHANGED", "ID"}, rows, unlessNarrowed(l, noUsers(args[0]), "No users of "+args[0]+" match."))
			})
		},
	}
	listFlags(cmd, &l)
	f := cmd.Flags()
	f.BoolVar(&active, "active", false, "only users who are not suspended")
	f.BoolVar(&suspended, "suspended", false, "only suspended users")
	f.BoolVar(&gone, "gone", false, "also users whom the identity provider deleted and who are kept in grace")
	filterFlag(cmd, &l, "state", "only users in this state: invited, awaiting_confirmation, active, suspended or recovery")
	filterFlag(cmd, &l, "type", "only users of this type: member or guest")
	filterFlag(cmd, &l, "connection", "only users whom this connection manages")
	filterFlag(cmd, &l, "managed", "true: only users whom a connection manages; false: only those whom none does")
	filterFlag(cmd, &l, "group", "only users in this group: its display name or id")
	filterFlag(cmd, &l, "statement", "only users about whom the identity provider last said this: none, active, inactive or deleted")
	filterFlag(cmd, &l, "suspension", "only users whom an operator suspended so: yield or hold")
	sortFlags(cmd, &l, "created", "created, user_name, display_name or state")
	return cmd
}

func userUpdate(t *terminal) *cobra.Command {
	var userName, email, first, family, display, external string
	cmd := &cobra.Command{
		Use: "update TENANT USER", Short: "Change a user whom no connection manages", Args: arguments("TENANT", "USER"),
		Long:    "Changes what flags name and leaves the rest. A user whom a connection manages changes at the identity provider.",
		Example: `  drawbridge user update acme ada@acme.example --family-name Byron --email ada.byron@acme.example`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var in wire.UserUpdate
			flags := cmd.Flags()
			given(flags, "user-name", &in.UserName, userName)
			given(flags, "email", &in.Email, email)
			given(flags, "given-name", &in.GivenName, first)
			given(flags, "family-name", &in.FamilyName, family)
			given(flags, "display-name", &in.DisplayName, display)
			given(flags, "external-id", &in.ExternalID, external)
			u, err := t.client().UpdateUser(cmd.Context(), args[0], args[1], "", in)
			if err != nil {
				return err
			}
			return t.print(u, func() { t.user(u) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&userName, "user-name", "", "name that the user signs in with")
	f.StringVar(&email, "email", "", "e-mail address")
	f.StringVar(&first, "given-name", "", "given name")
	f.StringVar(&family, "family-name", "", "family name")
	f.StringVar(&display, "display-name", "", "name as people see it")
	f.StringVar(&external, "external-id", "", "id in another system")
	return cmd
}

func (t *terminal) user(u wire.User) {
	suspension := ""
	if s := u.Suspension; s != nil {
		by := s.By.Name
		if by == "" {
			by = s.By.ID
		}
		suspension = fmt.Sprintf("by %s %s, %s", s.By.Kind, by, moment(&s.At))
		if s.Mode != "" {
			suspension += ", " + string(s.Mode)
		}
		if s.Reason != "" {
			suspension += ": " + s.Reason
		}
	}
	var groups []string
	for _, g := range u.Groups {
		name := g.DisplayName
		if g.Namesake != "" {
			name += " (not the built-in group)"
		}
		groups = append(groups, name)
	}
	var roles []string
	for i := range u.Roles {
		roles = append(roles, roleText(&u.Roles[i]))
	}
	statement := u.Statement
	if u.StatedAt != nil {
		statement += ", " + moment(u.StatedAt)
	}
	t.details([2]string{"User", u.UserName}, [2]string{"Name", u.DisplayName}, [2]string{"State", u.State}, [2]string{"Suspended", suspension},
		[2]string{"Type", u.Type}, [2]string{"E-mail", strings.Join(u.Emails, ", ")}, [2]string{"External id", u.ExternalID},
		[2]string{"Managed by", orDash(u.Connection)}, [2]string{"IdP says", statement}, [2]string{"Roles", strings.Join(roles, "; ")}, [2]string{"Groups", strings.Join(groups, ", ")},
		[2]string{"Created", moment(&u.Created)}, [2]string{"Changed", moment(&u.Modified)}, [2]string{"Id", u.ID})
}

// roleText is a role with its sources.
func roleText(r *wire.Role) string {
	var sources []string
	for _, s := range r.Sources {
		if s.Kind == "direct" {
			sources = append(sources, "by hand")
			continue
		}
		sources = append(sources, "by the group "+printable(s.DisplayName)+" of "+s.Connection)
	}
	return strings.ReplaceAll(r.Name, "_", " ") + " (" + strings.Join(sources, ", ") + ")"
}

func userShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show TENANT USER", Short: "Show a user", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user show acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			u, err := t.client().User(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(u, func() { t.user(u) })
		},
	}
}

// suspended prints a user after a suspension, and what the next sync will do.
func (t *terminal) suspended(s wire.Suspended) error {
	return t.print(s, func() {
		t.say("%s is suspended.", printable(s.User.UserName))
		if s.Notice != "" {
			t.say("%s", s.Notice)
		}
	})
}

func userSuspend(t *terminal) *cobra.Command {
	var in wire.SuspendRequest
	var hold, yield bool
	cmd := &cobra.Command{
		Use: "suspend TENANT USER", Short: "Suspend a user at once", Args: arguments("TENANT", "USER"),
		Long: `Takes effect at once and frees the seat. The answer says what the next sync will do: with yield (the usual setting) the
identity provider's next active: true reactivates the user, with --hold the suspension stays until it is released.`,
		Example: `  drawbridge user suspend acme ada@acme.example --reason "lost laptop" --hold`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case hold && yield:
				return usage(cmd.CommandPath(), "--hold and --yield exclude each other")
			case hold:
				in.Mode = "hold"
			case yield:
				in.Mode = "yield"
			}
			s, err := t.client().SuspendUser(cmd.Context(), args[0], args[1], in)
			if err != nil {
				return err
			}
			return t.suspended(s)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&hold, "hold", false, "until an operator releases it, even if the identity provider says active")
	f.BoolVar(&yield, "yield", false, "until the identity provider says active: true (default: as the tenant says)")
	f.StringVar(&in.Reason, "reason", "", "why, for the audit trail")
	return cmd
}

func userHold(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "hold TENANT USER", Short: "Make a suspension stay until it is released", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user hold acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().HoldUser(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.suspended(s)
		},
	}
}

func userYield(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "yield TENANT USER", Short: "Let the next sync end a suspension", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user yield acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().YieldUser(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.suspended(s)
		},
	}
}

func userRelease(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "release TENANT USER", Short: "End a suspension, if there is a seat", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user release acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			u, err := t.client().ReleaseUser(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(u, func() { t.say("%s is %s.", printable(u.UserName), u.State) })
		},
	}
}

func userReleaseManagement(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "release-management TENANT USER", Short: "Take a user away from the connection that manages it", Args: arguments("TENANT", "USER"),
		Long:    "No connection manages the user then; the next connection that writes it adopts it.",
		Example: "  drawbridge user release-management acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().ReleaseUserManagement(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			return t.print(map[string]string{"released": args[1]}, func() { t.say("No connection manages %s any more.", args[1]) })
		},
	}
}

func userDelete(t *terminal) *cobra.Command {
	var force bool
	var reason string
	cmd := &cobra.Command{
		Use: "delete TENANT USER", Short: "Delete a user for good", Args: arguments("TENANT", "USER"),
		Long: `The user must be suspended first, and deprovisioned by the identity provider that manages it. --force with a --reason
deletes although the identity provider still says active.`,
		Example: `  drawbridge user delete acme ada@acme.example --yes
  drawbridge user delete acme ada@acme.example --force --reason "request of the person, ticket 4711" --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if force && strings.TrimSpace(reason) == "" {
				return usage(cmd.CommandPath(), "--force needs a --reason; the audit trail records it")
			}
			if err := t.confirm(cmd, fmt.Sprintf("Delete %s of %s for good?", args[1], args[0])); err != nil {
				return err
			}
			if err := t.client().DeleteUser(cmd.Context(), args[0], args[1], client.Deletion{Force: force, Reason: reason}); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[1]}, func() { t.say("Deleted %s.", args[1]) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&force, "force", false, "although the identity provider still says active")
	f.StringVar(&reason, "reason", "", "why, for the audit trail")
	f.BoolP("yes", "y", false, "do not ask")
	return cmd
}

func userRecover(t *terminal) *cobra.Command {
	var done bool
	cmd := &cobra.Command{
		Use: "recover TENANT USER", Short: "Begin to recover a user's account, or end it with --done", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user recover acme ada@acme.example\n  drawbridge user recover acme ada@acme.example --done",
		RunE: func(cmd *cobra.Command, args []string) error {
			do := t.client().RecoverUser
			if done {
				do = t.client().RecoveredUser
			}
			u, err := do(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(u, func() { t.say("%s is in the state %s.", printable(u.UserName), u.State) })
		},
	}
	cmd.Flags().BoolVar(&done, "done", false, "the application has done it: active again")
	return cmd
}

func userConvert(t *terminal) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use: "convert TENANT USER", Short: "Make a guest a member (needs a seat), or a member a guest", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user convert acme ada@acme.example --to guest",
		RunE: func(cmd *cobra.Command, args []string) error {
			if to != "member" && to != "guest" {
				return usage(cmd.CommandPath(), "--to is member or guest, not %q", to)
			}
			v, err := t.client().ConvertUser(cmd.Context(), args[0], args[1], to)
			if err != nil {
				return err
			}
			return t.print(v, func() {
				t.say("%s is a %s.", printable(v.User.UserName), v.User.Type)
				t.say("%s", printable(v.Notice))
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "member or guest (required)")
	return cmd
}
