package main

import (
	"errors"
	"time"

	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func accountCommand(t *terminal) *cobra.Command {
	return parent("account", "Your own password, second factor, sessions and API keys",
		`What belongs to you as an operator. Sign in first (drawbridge signin); the local Owner of a socket has no account.`,
		accountProve(t), accountPassword(t), accountFactor(t), accountSessions(t), accountKeys(t))
}

func accountProve(t *terminal) *cobra.Command {
	var in wire.ProveRequest
	var file string
	cmd := &cobra.Command{
		Use: "prove", Short: "Prove again that it is you", Args: arguments(),
		Long: `Dangerous commands (operators, deletions, keys) want a proof that is at most ten minutes old. This gives one, with your password
and a code of your second factor, if you have one.`,
		Example: "  drawbridge account prove",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if in.Password, err = t.secret(cmd.CommandPath(), "Password: ", file, "--password-file"); err != nil {
				return err
			}
			c := t.client()
			if err = c.Prove(cmd.Context(), in); wantsCode(err) && in.Code == "" {
				if in.Code, err = t.ask(cmd.CommandPath(), "Code of your second factor, or a recovery code: ", "", "--code"); err == nil {
					err = c.Prove(cmd.Context(), in)
				}
			}
			if err != nil {
				return err
			}
			return t.print(map[string]bool{"fresh": true}, func() { t.say("Thank you. Dangerous commands are open for ten minutes.") })
		},
	}
	cmd.Flags().StringVar(&file, "password-file", "", "file with your password; - is standard input")
	cmd.Flags().StringVar(&in.Code, "code", "", "code of your second factor, or a recovery code")
	return cmd
}

func accountPassword(t *terminal) *cobra.Command {
	var present, wanted string
	cmd := &cobra.Command{
		Use: "password", Short: "Set a new password", Args: arguments(),
		Long:    "At least 12 characters. Your other sessions end.",
		Example: "  drawbridge account password\n  drawbridge account password --password-file old.txt --new-password-file new.txt",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var in wire.PasswordChange
			var err error
			if in.Present, err = t.secret(cmd.CommandPath(), "Present password: ", present, "--password-file"); err != nil {
				return err
			}
			if in.Wanted, err = t.secret(cmd.CommandPath(), "New password: ", wanted, "--new-password-file"); err != nil {
				return err
			}
			if wanted == "" {
				again, err := t.secret(cmd.CommandPath(), "Repeat it: ", "", "--new-password-file")
				if err != nil {
					return err
				}
				if again != in.Wanted {
					return errors.New("the two are not the same; nothing was changed")
				}
			}
			if err := t.client().ChangePassword(cmd.Context(), in); err != nil {
				return err
			}
			return t.print(map[string]bool{"changed": true}, func() { t.say("The new password holds. You are signed out everywhere else.") })
		},
	}
	cmd.Flags().StringVar(&present, "password-file", "", "file with the present password")
	cmd.Flags().StringVar(&wanted, "new-password-file", "", "file with the new password")
	return cmd
}

func accountFactor(t *terminal) *cobra.Command {
	enrol := &cobra.Command{
		Use: "enrol", Short: "Begin to enrol a second factor", Args: arguments(),
		Long: `Shows a QR code for an authenticator app, and its secret to type. The factor is active after you confirmed a code: here on a terminal,
or with confirm.`,
		Example: "  drawbridge account mfa enrol",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := t.client()
			e, err := c.BeginFactor(cmd.Context())
			if err != nil {
				return err
			}
			if err := t.print(e, func() {
				t.say("%s\nSecret, to type in by hand: %s", e.Text, e.Secret)
			}); err != nil || t.json() {
				return err
			}
			if !isTerminal(t.in) {
				t.say("Then: drawbridge account mfa confirm CODE")
				return nil
			}
			code, err := t.ask(cmd.CommandPath(), "Code that the app shows: ", "", "CODE")
			if err != nil {
				return err
			}
			codes, err := c.ConfirmFactor(cmd.Context(), code)
			if err != nil {
				return err
			}
			return t.recoveryCodes(codes)
		},
	}
	// step is a command that shows a code.
	step := func(use, short, long string, do func(cmd *cobra.Command, code string) error) *cobra.Command {
		return &cobra.Command{
			Use: use + " CODE", Short: short, Long: long, Args: arguments("CODE"), Example: "  drawbridge account mfa " + use + " 123456",
			RunE: func(cmd *cobra.Command, args []string) error { return do(cmd, args[0]) },
		}
	}
	return parent("mfa", "Your second factor", "A second factor is a code of an authenticator app (TOTP), in addition to the password.",
		enrol,
		step("confirm", "End the enrolment with a code", "Prints the recovery codes. Each one replaces a code once. They are shown only now.", func(cmd *cobra.Command, code string) error {
			codes, err := t.client().ConfirmFactor(cmd.Context(), code)
			if err != nil {
				return err
			}
			return t.recoveryCodes(codes)
		}),
		step("recovery-codes", "Make new recovery codes", "The old codes end. CODE is a code of the app.", func(cmd *cobra.Command, code string) error {
			codes, err := t.client().NewRecoveryCodes(cmd.Context(), code)
			if err != nil {
				return err
			}
			return t.recoveryCodes(codes)
		}),
		step("remove", "Remove your second factor", "If a second factor is required of you, you can then only enrol a new one.", func(cmd *cobra.Command, code string) error {
			if err := t.client().RemoveFactor(cmd.Context(), code); err != nil {
				return err
			}
			return t.print(map[string]bool{"removed": true}, func() { t.say("Your second factor is gone.") })
		}))
}

func (t *terminal) recoveryCodes(codes wire.RecoveryCodes) error {
	return t.print(codes, func() {
		t.say("Your second factor holds. Recovery codes, each good for once; they are shown this once:")
		for _, code := range codes.Codes {
			t.say("  %s", code)
		}
	})
}

func accountSessions(t *terminal) *cobra.Command {
	list := &cobra.Command{
		Use: "list", Short: "List where you are signed in", Args: arguments(), Example: "  drawbridge account sessions list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := t.client().MySessions(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, s := range page.Items {
					here := ""
					if s.Current {
						here = "this one"
					}
					rows = append(rows, []cell{{text: moment(&s.Created)}, {text: moment(s.LastUsed)}, {text: moment(&s.Expires)}, {text: orDash(s.Address)}, {text: orDash(s.UserAgent)}, {text: orDash(here)}, {s.ID, dim}})
				}
				t.list([]string{"SINCE", "LAST USED", "UNTIL", "ADDRESS", "PROGRAM", "HERE", "ID"}, rows, "You are signed in nowhere.")
			})
		},
	}
	end := &cobra.Command{
		Use: "end SESSION", Short: "End one of your sessions", Args: arguments("SESSION"), Example: "  drawbridge account sessions end 0195…",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().EndMySession(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"ended": args[0]}, func() { t.say("That session has ended.") })
		},
	}
	return parent("sessions", "Where you are signed in", "", list, end)
}

func accountKeys(t *terminal) *cobra.Command {
	list := &cobra.Command{
		Use: "list", Short: "List your API keys, without their secrets", Args: arguments(), Example: "  drawbridge account keys list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := t.client().MyKeys(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(page.Items, func() { t.apiKeys(page.Items, "You have no API keys yet: drawbridge account keys create") })
		},
	}
	var in wire.APIKeyCreate
	var expires string
	create := &cobra.Command{
		Use: "create", Short: "Make an API key", Args: arguments(),
		Long: `A key lets programs act as you, with your role and your tenants. Access must have been granted to you (operator update --api-access).
The key is shown this once; give it to a program in DRAWBRIDGE_API_KEY.`,
		Example: "  drawbridge account keys create --label ci --expires 2027-01-01T00:00:00Z",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if expires != "" {
				at, err := time.Parse(time.RFC3339, expires)
				if err != nil {
					return usage(cmd.CommandPath(), "--expires is a time such as 2027-01-01T00:00:00Z, not %q", expires)
				}
				in.Expires = &at
			}
			k, err := t.client().CreateAPIKey(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(k, func() {
				t.say("API key, shown this once:\n\n  %s\n", k.Secret)
				t.say("Use it with: DRAWBRIDGE_API_KEY=… drawbridge whoami%s", map[bool]string{true: " --server " + t.serverName()}[t.serverName() != ""])
			})
		},
	}
	create.Flags().StringVar(&in.Label, "label", "", "what it is for")
	create.Flags().StringVar(&expires, "expires", "", "when it ends, RFC 3339 (default: never)")
	revoke := &cobra.Command{
		Use: "revoke KEY", Short: "End an API key at once", Args: arguments("KEY"), Example: "  drawbridge account keys revoke 0195…",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().RevokeMyKey(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"revoked": args[0]}, func() { t.say("The key opens nothing any more.") })
		},
	}
	return parent("keys", "Your API keys", "", list, create, revoke)
}

// serverName is the server over the network that commands go to.
func (t *terminal) serverName() string {
	server, _ := t.way()
	return server
}
