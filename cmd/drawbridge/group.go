package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func groupCommand(t *terminal) *cobra.Command {
	return parent("group", "Groups in a tenant", "GROUP is everywhere the display name, the id, or the name of a built-in group: owners, administrators,\nteam_members, security, provision_managers.",
		groupList(t), groupShow(t), previewable(t, groupCreate(t)), previewable(t, groupUpdate(t)), previewable(t, groupAdd(t)), previewable(t, groupRemove(t)), previewable(t, groupReleaseManagement(t)), previewable(t, groupDelete(t)))
}

func groupList(t *terminal) *cobra.Command {
	var l client.List
	cmd := &cobra.Command{
		Use: "list TENANT", Short: "List groups, built-in ones included", Args: arguments("TENANT"),
		Example: "  drawbridge group list acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := listed(l, func(l client.List) ([]wire.Group, string, error) {
				p, err := t.client().Groups(cmd.Context(), args[0], l)
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for _, g := range all {
					rows = append(rows, []cell{
						{text: g.DisplayName},
						{text: strconv.Itoa(g.Members)},
						{text: builtInText(&g)},
						{text: orDash(g.Connection)},
						{text: moment(&g.Modified)},
						{g.ID, dim},
					})
				}
				t.list([]string{"GROUP", "MEMBERS", "BUILT IN", "MANAGED BY", "CHANGED", "ID"}, rows, "No groups of "+args[0]+" match.")
			})
		},
	}
	listFlags(cmd, &l)
	sortFlags(cmd, &l, "created", "created, display_name or built_in (built-in groups first)")
	return cmd
}

func groupShow(t *terminal) *cobra.Command {
	limit := 0
	cmd := &cobra.Command{
		Use: "show TENANT GROUP", Short: "Show a group with its members", Args: arguments("TENANT", "GROUP"),
		Example: "  drawbridge group show acme owners\n  drawbridge group show acme \"Sales EMEA\" -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			g, err := c.Group(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			members, err := pages(limit, func(cursor string, limit int) ([]wire.Member, string, error) {
				p, err := c.Members(cmd.Context(), args[0], g.ID, client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			whole := struct {
				wire.Group
				MemberList []wire.Member `json:"member_list"`
			}{g, members}
			return t.print(whole, func() {
				t.details([2]string{"Group", g.DisplayName}, [2]string{"Built in", builtInText(&g)}, [2]string{"External id", g.ExternalID},
					[2]string{"Managed by", orDash(g.Connection)}, [2]string{"Members", strconv.Itoa(g.Members)}, [2]string{"Id", g.ID})
				rows := [][]cell{}
				for _, m := range members {
					rows = append(rows, cells(m.ID, m.Type, orDash(cmp.Or(m.UserName, m.Display)), orDash(m.State), sourcesText(m.Sources)))
				}
				t.say("")
				t.list([]string{"MEMBER", "TYPE", "NAME", "STATE", "BY"}, rows, "The group has no members.")
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "how many members at most; 0: all")
	return cmd
}

// builtInText says which built-in group a group is, or that it only has the name of one.
func builtInText(g *wire.Group) string {
	if g.Namesake != "" {
		return "not " + g.Namesake
	}
	return orDash(g.BuiltIn)
}

// sourcesText says why a member is in a group.
func sourcesText(sources []wire.MemberSource) string {
	var texts []string
	for _, s := range sources {
		switch s.Kind {
		case "mapping":
			texts = append(texts, "the group "+s.DisplayName+" of "+s.Connection)
		case "attribute":
			texts = append(texts, "a role or an entitlement by "+s.Connection)
		default:
			texts = append(texts, s.Kind)
		}
	}
	return strings.Join(texts, ", ")
}

func groupCreate(t *terminal) *cobra.Command {
	var in wire.GroupCreate
	cmd := &cobra.Command{
		Use: "create TENANT NAME", Short: "Make a group that no connection manages", Args: arguments("TENANT", "NAME"),
		Long:    "Operators change its members. Needs a plan with custom groups.",
		Example: `  drawbridge group create acme "Night shift"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.DisplayName = args[1]
			g, err := t.client().CreateGroup(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(g, func() { t.say("Created the group %s.", printable(g.DisplayName)) })
		},
	}
	cmd.Flags().StringVar(&in.ExternalID, "external-id", "", "id in another system")
	return cmd
}

func groupUpdate(t *terminal) *cobra.Command {
	var name, external string
	cmd := &cobra.Command{
		Use: "update TENANT GROUP", Short: "Change the name of a group that no connection manages", Args: arguments("TENANT", "GROUP"),
		Example: `  drawbridge group update acme "Night shift" --name "Late shift"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var in wire.GroupUpdate
			given(cmd.Flags(), "name", &in.DisplayName, name)
			given(cmd.Flags(), "external-id", &in.ExternalID, external)
			g, err := t.client().UpdateGroup(cmd.Context(), args[0], args[1], "", in)
			if err != nil {
				return err
			}
			return t.print(g, func() { t.say("The group is %s now.", printable(g.DisplayName)) })
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name as people see it")
	cmd.Flags().StringVar(&external, "external-id", "", "id in another system")
	return cmd
}

func groupAdd(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "add TENANT GROUP USER", Short: "Put a user into a group", Args: arguments("TENANT", "GROUP", "USER"),
		Long:    "Into a built-in group, or a group that no connection manages. Groups of an identity provider change at the identity provider.",
		Example: "  drawbridge group add acme owners ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().AddMember(cmd.Context(), args[0], args[1], args[2]); err != nil {
				return err
			}
			return t.print(map[string]string{"group": args[1], "added": args[2]}, func() { t.say("%s is in %s.", args[2], args[1]) })
		},
	}
}

func groupRemove(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "remove TENANT GROUP USER", Short: "Take a user out of a group", Args: arguments("TENANT", "GROUP", "USER"),
		Long:    "Out of a built-in group, or a group that no connection manages. The last Owner of a tenant stays.",
		Example: "  drawbridge group remove acme administrators ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().RemoveMember(cmd.Context(), args[0], args[1], args[2]); err != nil {
				return err
			}
			return t.print(map[string]string{"group": args[1], "removed": args[2]}, func() { t.say("%s is not in %s any more.", args[2], args[1]) })
		},
	}
}

func groupReleaseManagement(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "release-management TENANT GROUP", Short: "Take a group away from the connection that manages it", Args: arguments("TENANT", "GROUP"),
		Long:    "No connection manages the group then; the next connection that writes it adopts it.",
		Example: "  drawbridge group release-management acme \"Sales EMEA\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().ReleaseGroupManagement(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			return t.print(map[string]string{"released": args[1]}, func() { t.say("No connection manages %s any more.", args[1]) })
		},
	}
}

func groupDelete(t *terminal) *cobra.Command {
	var force bool
	var reason string
	cmd := &cobra.Command{
		Use: "delete TENANT GROUP", Short: "Delete a group for good", Args: arguments("TENANT", "GROUP"),
		Long: `The members stay, and lose what the group granted them. Delete a group that a connection manages at the identity provider.
--force with a --reason deletes it here anyway, because some providers, such as OneLogin, never delete groups. If the
provider still has the group, its next push creates a new one. Built-in groups cannot be deleted.`,
		Example: `  drawbridge group delete acme "Old project" --yes
  drawbridge group delete acme "Sales EMEA" --force --reason "the role is gone in OneLogin" --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if force && strings.TrimSpace(reason) == "" {
				return usage(cmd.CommandPath(), "--force needs a --reason; the audit trail records it")
			}
			if err := t.confirm(cmd, fmt.Sprintf("Delete the group %s of %s for good?", args[1], args[0])); err != nil {
				return err
			}
			if err := t.client().DeleteGroup(cmd.Context(), args[0], args[1], client.Deletion{Force: force, Reason: reason}); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[1]}, func() { t.say("Deleted %s.", args[1]) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&force, "force", false, "although a connection manages the group")
	f.StringVar(&reason, "reason", "", "why, for the audit trail")
	f.BoolP("yes", "y", false, "do not ask")
	return cmd
}
