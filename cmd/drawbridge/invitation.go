package main

import (
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func personFlags(f *pflag.FlagSet, in *wire.UserCreate) {
	f.StringVar(&in.Email, "email", "", "e-mail address (default: the userName, if that is one)")
	f.StringVar(&in.GivenName, "given-name", "", "first name")
	f.StringVar(&in.FamilyName, "family-name", "", "last name")
	f.StringVar(&in.DisplayName, "display-name", "", "name as people read it")
	f.StringVar(&in.ExternalID, "external-id", "", "the name of the user in another system")
	f.StringVar(&in.Type, "type", "", "member or guest (default: member)")
}

// made prints a user who was made by hand.
func (t *terminal) made(tenant string, u wire.User) error {
	return t.print(u, func() {
		if u.State == "invited" {
			t.say("%s is invited. The mail with the link is on its way: drawbridge user invitations %s", printable(u.UserName), tenant)
			return
		}
		t.say("%s is %s.", printable(u.UserName), u.State)
	})
}

func userCreate(t *terminal) *cobra.Command {
	var in wire.UserCreate
	cmd := &cobra.Command{
		Use: "create TENANT USERNAME", Short: "Make a user by hand", Args: arguments("TENANT", "USERNAME"),
		Long: `Creates a user whom no connection manages, until one writes it. The setting onboarding of the tenant decides whether the user is
active at once, or invited by a mail with a link.`,
		Example: `  drawbridge user create acme ada@acme.example --given-name Ada --family-name Lovelace`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.UserName = args[1]
			u, err := t.client().CreateUser(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.made(args[0], u)
		},
	}
	personFlags(cmd.Flags(), &in)
	return cmd
}

func userInvite(t *terminal) *cobra.Command {
	in := wire.UserCreate{Invite: true}
	cmd := &cobra.Command{
		Use: "invite TENANT ADDRESS", Short: "Invite a person by mail", Args: arguments("TENANT", "ADDRESS"),
		Long: `Creates a user who gets a mail with a link, whatever the setting onboarding of the tenant. The seat is occupied at once, and
charged from the acceptance on. After the acceptance, an Owner, Administrator or Provision Manager of the tenant confirms the user with a
link from a mail, or an operator does with "drawbridge user confirm". Many at once: drawbridge user import --invite.`,
		Example: `  drawbridge user invite acme ada@acme.example --given-name Ada --family-name Lovelace`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.UserName = args[1]
			u, err := t.client().CreateUser(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.made(args[0], u)
		},
	}
	personFlags(cmd.Flags(), &in)
	return cmd
}

func userInvitations(t *terminal) *cobra.Command {
	var status string
	cmd := &cobra.Command{
		Use: "invitations TENANT", Short: "List who is invited or awaits confirmation", Args: arguments("TENANT"),
		Example: "  drawbridge user invitations acme --status expired",
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := pages(0, func(cursor string, limit int) ([]wire.Invitation, string, error) {
				p, err := t.client().Invitations(cmd.Context(), args[0], status, client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for _, i := range all {
					rows = append(rows, []cell{
						{text: i.User.UserName},
						{text: i.To},
						{i.User.State, stateColour(i.User.State)},
						{i.Status, stateColour(i.Status)},
						{text: orDash(i.Mail)},
						{text: moment(i.At)},
						{text: moment(i.Expires)},
						{text: strconv.Itoa(i.Asked)},
					})
				}
				t.list([]string{"USER", "ADDRESS", "STATE", "LINK", "MAIL", "INVITED", "EXPIRES", "ASKED"}, rows, noInvitations(args[0], status))
			})
		},
	}
	cmd.Flags().StringVar(&status, "status", "", "sent, expired, ended or accepted (default: all)")
	return cmd
}

func userResend(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "resend TENANT USER", Short: "Send an invitation again, with a new link", Args: arguments("TENANT", "USER"),
		Long: `The earlier link ends. For a user who has accepted already, the command mails again to the people who may confirm. A user gets at
most five such mails a day.`,
		Example: "  drawbridge user resend acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			i, err := t.client().ResendInvitation(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(i, func() {
				if i.Status == "accepted" {
					t.say("%s has accepted; %d people who may confirm are asked again.", printable(i.User.UserName), i.Asked)
					return
				}
				until := "it is used"
				if i.Expires != nil {
					until = moment(i.Expires)
				}
				t.say("Another link is on its way to %s; it works until %s.", printable(i.To), until)
			})
		},
	}
}

func userRevoke(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "revoke TENANT USER", Short: "End the link of an invitation", Args: arguments("TENANT", "USER"),
		Long:    "The user stays invited and keeps the seat. Suspend or delete the user to free it, or send another link with resend.",
		Example: "  drawbridge user revoke acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			i, err := t.client().RevokeInvitation(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(i, func() {
				t.say("The link of %s has ended. The user keeps the seat: suspend or delete the user, or send another link with resend.", printable(i.User.UserName))
			})
		},
	}
}

func userConfirm(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "confirm TENANT USER", Short: "Confirm a user who has accepted an invitation", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user confirm acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			u, err := t.client().ConfirmUser(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(u, func() { t.say("%s is %s.", printable(u.UserName), u.State) })
		},
	}
}
