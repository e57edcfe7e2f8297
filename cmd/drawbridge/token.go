package main

import (
	"errors"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func tokenCommand(t *terminal) *cobra.Command {
	return parent("token", "Credentials of a connection", "A connection may have two credentials at once, so that one can be replaced without an outage.",
		tokenMake(t, "rotate", "Make a new credential; the old one stays valid",
			`The old credential stays valid: enter the new one at the identity provider, test it there, then revoke the old one
with drawbridge token revoke, or let --overlap end it.`),
		tokenMake(t, "create", "Make a first or another credential", "The same as rotate, for a connection without a credential."),
		tokenList(t), previewable(t, tokenRevoke(t)))
}

func tokenMake(t *terminal, use, short, long string) *cobra.Command {
	var in wire.TokenCreate
	var expires string
	var overlap time.Duration
	cmd := &cobra.Command{
		Use: use + " CONNECTION", Short: short, Long: long, Args: arguments("CONNECTION"),
		Example: "  drawbridge token " + use + " acme-okta\n  drawbridge token " + use + " acme-okta --expires 180d --overlap 24h",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Expires, err = expiry(cmd.CommandPath(), expires); err != nil {
				return err
			}
			if overlap < 0 {
				return usage(cmd.CommandPath(), "--overlap is a time such as 24h, not %s", overlap)
			}
			in.Overlap = int(overlap / time.Second)
			made, err := t.client().CreateToken(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(made, func() { t.issued(made) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Auth, "auth", "", "bearer, basic or oauth (default: the kind of the newest credential)")
	f.StringVar(&expires, "expires", "", "when the new credential ends: 90d or a date (default: never)")
	f.StringVar(&in.Replace, "replace", "", "the id of the live credential that the new one replaces; needed where two are live")
	f.Var((*span)(&overlap), "overlap", "how long older credentials stay live, such as 24h (default: until they are revoked)")
	return cmd
}

func (t *terminal) tokens(tokens []wire.Token) {
	rows := [][]cell{}
	for _, k := range tokens {
		rows = append(rows, []cell{
			{text: k.ID},
			{text: k.Kind},
			{text: k.Prefix + "…"},
			{k.Status, stateColour(k.Status)},
			{text: moment(&k.Created)},
			{text: moment(k.Expires)},
			{text: moment(k.LastUsed)},
			{text: orDash(k.Address)},
		})
	}
	t.list([]string{"ID", "KIND", "BEGINS", "STATUS", "CREATED", "EXPIRES", "LAST USED", "FROM"}, rows, "There are no credentials: drawbridge token create CONNECTION")
}

func tokenList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list CONNECTION", Short: "List the credentials of a connection, without their secrets", Args: arguments("CONNECTION"),
		Example: "  drawbridge token list acme-okta",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().Tokens(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() { t.tokens(page.Items) })
		},
	}
}

func tokenRevoke(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke CONNECTION TOKEN", Short: "End a credential at once", Args: arguments("CONNECTION", "TOKEN"),
		Long:    "TOKEN is the id that drawbridge token list shows. The command asks before it ends the last live credential of a connection; --yes answers.",
		Example: "  drawbridge token revoke acme-okta 018f3c2a",
		RunE: func(cmd *cobra.Command, args []string) error {
			var preview *client.Previewed // says whether it is the last live credential (C2)
			if err := t.client().Dry().RevokeToken(cmd.Context(), args[0], args[1]); !errors.As(err, &preview) {
				return err
			}
			if preview.Notice != "" {
				if err := t.confirm(cmd, preview.Notice+" Revoke it?"); err != nil {
					return err
				}
			}
			if err := t.client().RevokeToken(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			return t.print(map[string]string{"revoked": args[1], "notice": preview.Notice}, func() {
				t.say("Revoked %s: it opens nothing any more.", args[1])
				if preview.Notice != "" {
					t.say("%s", preview.Notice)
				}
			})
		},
	}
	cmd.Flags().BoolP("yes", "y", false, "do not ask")
	return cmd
}
