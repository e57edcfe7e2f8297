package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func operatorCommand(t *terminal) *cobra.Command {
	return parent("operator", "People who administer, and their rights",
		`An operator is a person of the provider, with a role and a scope of tenants. OPERATOR is everywhere the e-mail address or
the id. "drawbridge operator roles" shows what each role may do.`,
		operatorList(t), operatorShow(t), operatorCreate(t), previewable(t, operatorUpdate(t)), previewable(t, operatorSuspend(t)), previewable(t, operatorRestore(t)), previewable(t, operatorDelete(t)),
		operatorLink(t), operatorFirstLink(t), operatorForgot(t), operatorAccept(t), operatorSessions(t), operatorSignOut(t), operatorKeys(t), operatorRevokeKey(t),
		operatorRoles(t))
}

func operatorList(t *terminal) *cobra.Command {
	var l client.List
	var csv bool
	cmd := &cobra.Command{
		Use: "list", Short: "List operators", Args: arguments(),
		Example: "  drawbridge operator list --sort role\n  drawbridge operator list --mfa missing --csv > operators.csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if csv {
				out, err := t.client().OperatorsCSV(cmd.Context(), l)
				if err == nil {
					_, err = t.out.Write(out)
				}
				return err
			}
			var warnings []string
			all, err := listed(l, func(l client.List) ([]wire.Operator, string, error) {
				p, err := t.client().Operators(cmd.Context(), l)
				warnings = p.Warnings
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for i := range all {
					o := &all[i]
					rows = append(rows, []cell{
						{text: o.FirstName + " " + o.LastName},
						{text: o.Email},
						{text: o.Role},
						{text: tenantsText(o)},
						{o.Status, stateColour(o.Status)},
						{text: accessText(o)},
						{text: factorText(o)},
						{text: moment(o.LastSignIn)},
					})
				}
				t.list([]string{"NAME", "E-MAIL", "ROLE", "TENANTS", "STATUS", "API", "MFA", "LAST SIGN-IN"}, rows, unlessNarrowed(l, "There are no operators yet: drawbridge operator create you@example.com --first-name You --last-name There --role owner --all-tenants", "No operators match."))
				for _, w := range warnings {
					t.say("Mind: %s.", w)
				}
			})
		},
	}
	listFlags(cmd, &l)
	filterFlag(cmd, &l, "role", "only operators with this role")
	filterFlag(cmd, &l, "status", "only operators with this status: pending, active or suspended")
	filterFlag(cmd, &l, "mfa", "only operators whose second factor is enrolled, not_enrolled, or missing although it is required")
	filterFlag(cmd, &l, "tenant", "only operators with access to this tenant")
	sortFlags(cmd, &l, "created", "created, name, email, role or status")
	cmd.Flags().BoolVar(&csv, "csv", false, "all that match as CSV, in the order of their addresses")
	return cmd
}

func tenantsText(o *wire.Operator) string {
	switch {
	case o.AllTenants:
		return "all"
	case len(o.Tenants) > 3:
		return strconv.Itoa(len(o.Tenants)) + " tenants" + othersText(o)
	}
	return orDash(strings.Join(o.Tenants, ", ") + othersText(o))
}

// othersText says that an operator has tenants that the list leaves out.
func othersText(o *wire.Operator) string {
	if o.Beyond {
		return " and others"
	}
	return ""
}

func accessText(o *wire.Operator) string {
	if !o.APIAccess {
		return "off"
	}
	return strconv.Itoa(o.APIKeys) + " keys"
}

func factorText(o *wire.Operator) string {
	switch {
	case o.MFAEnrolled:
		return "enrolled"
	case o.MFARequired:
		return "required, missing"
	}
	return "-"
}

func (t *terminal) operator(o *wire.Operator) {
	rows := [][2]string{{"Operator", o.Email}}
	if o.NewEmail != "" {
		rows = append(rows, [2]string{"New e-mail", o.NewEmail + " (not confirmed yet)"})
	}
	rows = append(rows, [2]string{"Name", o.FirstName + " " + o.LastName}, [2]string{"Role", o.Role},
		[2]string{"Tenants", tenantsText(o)}, [2]string{"Status", o.Status}, [2]string{"API", accessText(o)}, [2]string{"MFA", factorText(o)},
		[2]string{"Sessions", strconv.Itoa(o.Sessions)}, [2]string{"Last sign-in", moment(o.LastSignIn)},
		[2]string{"Created", moment(&o.Created)}, [2]string{"Id", o.ID})
	t.details(rows...)
}

// operatorAction makes a command that does one action to one operator and shows the result.
func operatorAction(t *terminal, use, short, example string, do func(cmd *cobra.Command, c *client.Client, id string) (wire.Operator, error)) *cobra.Command {
	return &cobra.Command{
		Use: use + " OPERATOR", Short: short, Args: arguments("OPERATOR"), Example: example,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := do(cmd, t.client(), args[0])
			if err != nil {
				return err
			}
			return t.print(o, func() { t.operator(&o) })
		},
	}
}

func operatorShow(t *terminal) *cobra.Command {
	return operatorAction(t, "show", "Show an operator", "  drawbridge operator show ada@msp.example", func(cmd *cobra.Command, c *client.Client, id string) (wire.Operator, error) {
		return c.Operator(cmd.Context(), id)
	})
}

func operatorSuspend(t *terminal) *cobra.Command {
	var reason string
	cmd := operatorAction(t, "suspend", "Suspend an operator; sessions, keys and links end at once", `  drawbridge operator suspend ada@msp.example --reason "left"`, func(cmd *cobra.Command, c *client.Client, id string) (wire.Operator, error) {
		return c.SuspendOperator(cmd.Context(), id, reason)
	})
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit trail")
	return cmd
}

func operatorRestore(t *terminal) *cobra.Command {
	return operatorAction(t, "restore", "End a suspension; API keys stay revoked", "  drawbridge operator restore ada@msp.example", func(cmd *cobra.Command, c *client.Client, id string) (wire.Operator, error) {
		return c.RestoreOperator(cmd.Context(), id)
	})
}

func operatorDelete(t *terminal) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "delete OPERATOR", Short: "End the account of an operator for good", Args: arguments("OPERATOR"),
		Long: `Sessions, keys, links, scope and mails end with it, and nothing restores it; "suspend" can be undone. The audit trail keeps
the name. An invitation of the same address afterwards makes a new account.`,
		Example: `  drawbridge operator delete ada@msp.example --reason "left" --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.confirm(cmd, fmt.Sprintf("End the account of %s for good?", args[0])); err != nil {
				return err
			}
			if err := t.client().DeleteOperator(cmd.Context(), args[0], reason); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[0]}, func() { t.say("The account of %s has ended.", args[0]) })
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit trail")
	cmd.Flags().BoolP("yes", "y", false, "do not ask")
	return cmd
}

// linked prints a one-time link.
func (t *terminal) linked(l wire.OperatorLink) error {
	return t.print(l, func() {
		if l.MailedTo != "" {
			t.say("A one-time link (%s), good until %s, goes to %s by mail.", strings.ReplaceAll(l.Kind, "_", " "), moment(&l.Expires), printable(l.MailedTo))
			t.say("If it does not arrive: drawbridge mail list")
			return
		}
		t.say("One-time link (%s) for %s, until %s, shown this once:", strings.ReplaceAll(l.Kind, "_", " "), printable(l.Operator.Email), moment(&l.Expires))
		link := l.Link
		if l.URL != "" {
			link = l.URL
		}
		t.say("\n  %s\n", link)
		t.say("Used with: drawbridge operator accept '%s'", link)
	})
}

func operatorCreate(t *terminal) *cobra.Command {
	var in wire.OperatorCreate
	cmd := &cobra.Command{
		Use: "create E-MAIL", Short: "Add an operator, who is pending until the link is used", Args: arguments("E-MAIL"),
		Example: "  drawbridge operator create ada@msp.example --first-name Ada --last-name Lovelace --role technician --tenants acme,birch",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Email = args[0]
			l, err := t.client().CreateOperator(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.linked(l)
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.FirstName, "first-name", "", "first name (required)")
	f.StringVar(&in.LastName, "last-name", "", "last name (required)")
	f.StringVar(&in.Role, "role", "", "owner, administrator_billing, administrator, technician, help_desk or read_only (required)")
	f.BoolVar(&in.AllTenants, "all-tenants", false, "all tenants, future ones too")
	f.StringSliceVar(&in.Tenants, "tenants", nil, "these tenants (default: none)")
	f.BoolVar(&in.MFARequired, "mfa", false, "require a second factor")
	f.BoolVar(&in.APIAccess, "api-access", false, "let the operator make API keys")
	f.BoolVar(&in.ShowLink, "show-link", false, "print the link instead of mailing it, as an Owner; without mail it is always printed")
	for _, name := range []string{"first-name", "last-name", "role"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined a few lines above
		}
	}
	return cmd
}

func operatorUpdate(t *terminal) *cobra.Command {
	var first, last, email, role string
	var all, mfa, api bool
	var tenants []string
	var in wire.OperatorUpdate
	cmd := operatorAction(t, "update", "Change an operator; only what flags name", `  drawbridge operator update ada@msp.example --role administrator --tenants acme,birch
  drawbridge operator update ada@msp.example --add-tenant cedar --remove-tenant birch`, nil)
	f := cmd.Flags()
	f.StringVar(&first, "first-name", "", "first name")
	f.StringVar(&last, "last-name", "", "last name")
	f.StringVar(&email, "email", "", "e-mail address; it takes effect once it is confirmed by the link that is mailed there")
	f.StringVar(&role, "role", "", "owner, administrator_billing, administrator, technician, help_desk or read_only")
	f.BoolVar(&all, "all-tenants", false, "all tenants, future ones too")
	f.StringSliceVar(&tenants, "tenants", nil, "these tenants, which replace the whole list")
	f.StringSliceVar(&in.AddTenants, "add-tenant", nil, "these tenants in addition to those in the scope")
	f.StringSliceVar(&in.RemoveTenants, "remove-tenant", nil, "not these tenants any more; the others stay in the scope")
	f.BoolVar(&mfa, "mfa", false, "require a second factor")
	f.BoolVar(&api, "api-access", false, "let the operator make API keys; --api-access=false revokes them")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c := t.client()
		now, err := c.Operator(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		given(f, "first-name", &in.FirstName, first)
		given(f, "last-name", &in.LastName, last)
		given(f, "email", &in.Email, email)
		given(f, "role", &in.Role, role)
		given(f, "all-tenants", &in.AllTenants, all)
		given(f, "tenants", &in.Tenants, append([]string{}, tenants...))
		given(f, "mfa", &in.MFARequired, mfa)
		given(f, "api-access", &in.APIAccess, api)
		o, err := c.UpdateOperator(cmd.Context(), now.ID, wire.ETag(now.Version), in)
		if err != nil {
			return err
		}
		return t.print(o, func() {
			t.operator(&o)
			if f.Changed("email") && o.NewEmail != "" {
				t.say("\n%s takes effect once it is confirmed by the link that is mailed there. Where no mail is sent, make the link: drawbridge operator link %s --kind email_change",
					printable(o.NewEmail), printable(o.Email))
			}
		})
	}
	return cmd
}

func operatorLink(t *terminal) *cobra.Command {
	var in wire.LinkRequest
	cmd := &cobra.Command{
		Use: "link OPERATOR", Short: "Make a new one-time link: invitation, password_reset, mfa_reset or email_change", Args: arguments("OPERATOR"),
		Long: `Earlier links of the operator end. The link is mailed to the operator; where no mail is sent it is printed, this once. An
operator who uses the link is signed out everywhere. The link email_change confirms the address that "operator update --email" asked for, goes to that
address, and ends no session.`,
		Example: "  drawbridge operator link ada@msp.example --kind password_reset",
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := t.client().LinkOperator(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.linked(l)
		},
	}
	cmd.Flags().StringVar(&in.Kind, "kind", "invitation", "invitation, password_reset, mfa_reset or email_change")
	cmd.Flags().BoolVar(&in.ShowLink, "show-link", false, "print the link instead of mailing it, as an Owner")
	return cmd
}

func operatorForgot(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "forgot E-MAIL", Short: "Ask for a mail with a link that sets a new password", Args: arguments("E-MAIL"),
		Long: `Needs no credential. The answer is the same whether or not the operator exists. An active operator with a password gets a mail
with a link that works once, within an hour; at most one every fifteen minutes. If no mail is sent, an Owner can help:
drawbridge operator link.`,
		Example: "  drawbridge operator forgot ada@msp.example --server https://drawbridge.example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			answer, err := t.client().ForgotPassword(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(answer, func() { t.say("%s", printable(answer.Detail)) })
		},
	}
}

func operatorAccept(t *terminal) *cobra.Command {
	var in wire.LinkUse
	var file string
	cmd := &cobra.Command{
		Use: "accept LINK", Short: "Use a one-time link", Args: arguments("LINK"),
		Long: `Does what the link is for: registers the first Owner or an invited operator, sets a new password, takes a second factor
away, or confirms a new e-mail address. LINK is the whole link, or its last part. The password is the first line of --password-file, or of standard input.`,
		Example: `  drawbridge operator accept 'https://drawbridge.example.com/api/v1/links/dbl_…' --password-file secret.txt
  drawbridge operator accept dbl_… --email you@example.com --first-name You --last-name There`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, link := t.linkClient(args[0])
			info, err := c.Link(cmd.Context(), link)
			if err != nil {
				return err
			}
			if info.Kind != "mfa_reset" && info.Kind != "email_change" {
				if file == "" && isTerminal(t.in) {
					in.Password, err = t.secret(cmd.CommandPath(), "New password: ", "", "--password-file")
				} else {
					in.Password, err = t.password(cmd.CommandPath(), file)
				}
				if err != nil {
					return err
				}
			}
			o, err := c.UseLink(cmd.Context(), link, in)
			if err != nil {
				return err
			}
			return t.print(o, func() {
				t.say("Done: %s (%s) is %s.", printable(o.Email), o.Role, o.Status)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "password-file", "", "file with the new password; - or nothing: standard input")
	f.StringVar(&in.Email, "email", "", "e-mail address, for the first Owner alone")
	f.StringVar(&in.FirstName, "first-name", "", "first name, for the first Owner alone")
	f.StringVar(&in.LastName, "last-name", "", "last name, for the first Owner alone")
	return cmd
}

// linkClient is the client of the server that a link names, and the secret of the link.
func (t *terminal) linkClient(link string) (*client.Client, string) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return t.client(), link
	}
	if u.Fragment != "" { // a page of the console
		return t.at(u.Scheme + "://" + u.Host), u.Fragment
	}
	return t.at(u.Scheme + "://" + u.Host), path.Base(u.Path)
}

// password reads the first line of a file or of standard input.
func (t *terminal) password(command, file string) (string, error) {
	in := t.in
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	line, err := t.readLine(in)
	if err == nil && line == "" {
		err = usage(command, "the password is empty; give it with --password-file or on standard input")
	}
	return line, err
}

// readLine reads a line without its end.
func (t *terminal) readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func operatorSessions(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "sessions OPERATOR", Short: "List where an operator is signed in", Args: arguments("OPERATOR"),
		Example: "  drawbridge operator sessions ada@msp.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().OperatorSessions(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, s := range page.Items {
					rows = append(rows, []cell{{text: moment(&s.Created)}, {text: moment(s.LastUsed)}, {text: moment(&s.Expires)}, {text: orDash(s.Address)}, {text: orDash(s.UserAgent)}, {s.ID, dim}})
				}
				t.list([]string{"SINCE", "LAST USED", "UNTIL", "ADDRESS", "PROGRAM", "ID"}, rows, printable(args[0])+" is signed in nowhere.")
			})
		},
	}
}

func operatorSignOut(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "sign-out OPERATOR", Short: "Sign an operator out everywhere", Args: arguments("OPERATOR"),
		Example: "  drawbridge operator sign-out ada@msp.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().EndOperatorSessions(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"signed_out": args[0]}, func() { t.say("%s is signed out everywhere.", args[0]) })
		},
	}
}

func operatorKeys(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "keys OPERATOR", Short: "List the API keys of an operator", Args: arguments("OPERATOR"),
		Long:    "Operators with API access create their own keys: drawbridge account keys create.",
		Example: "  drawbridge operator keys ada@msp.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().OperatorKeys(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				t.apiKeys(page.Items, printable(args[0])+" has no API keys. Operators with API access create their own: drawbridge account keys create")
			})
		},
	}
}

func (t *terminal) apiKeys(keys []wire.APIKey, none string) {
	rows := [][]cell{}
	for _, k := range keys {
		rows = append(rows, []cell{{text: k.Prefix + "…"}, {text: orDash(k.Label)}, {k.Status, stateColour(k.Status)}, {text: moment(&k.Created)}, {text: moment(k.LastUsed)}, {text: moment(k.Expires)}, {k.ID, dim}})
	}
	t.list([]string{"KEY", "LABEL", "STATUS", "CREATED", "LAST USED", "EXPIRES", "ID"}, rows, none)
}

func operatorRevokeKey(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "revoke-key OPERATOR KEY", Short: "Revoke an API key at once", Args: arguments("OPERATOR", "KEY"),
		Example: "  drawbridge operator revoke-key ada@msp.example 0195…",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().RevokeOperatorKey(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			return t.print(map[string]string{"revoked": args[1]}, func() { t.say("The key opens nothing any more.") })
		},
	}
}

func operatorRoles(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "roles", Short: "Show what each role may do", Args: arguments(),
		Example: "  drawbridge operator roles",
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := t.client().Roles(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				for _, r := range page.Items {
					var rights []string
					for _, right := range r.Rights {
						rights = append(rights, string(right))
					}
					t.say("%s (%s)\n  %s\n", r.Title, r.Role, strings.Join(rights, "\n  "))
				}
			})
		},
	}
}
