package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func providerCommand(t *terminal) *cobra.Command {
	show := &cobra.Command{
		Use: "show", Short: "Show the settings of the installation", Args: arguments(), Example: "  drawbridge provider show",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := t.client().Provider(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(s, func() {
				t.details([2]string{"Name", orDash(s.Name)}, [2]string{"Support", orDash(s.Support)}, [2]string{"Logo", logoWord(s.Logo)}, [2]string{"Second factor required of all", strconv.FormatBool(s.RequireMFA)})
			})
		},
	}
	mfa := &cobra.Command{
		Use: "require-mfa on|off", Short: "Require a second factor of every operator", Args: arguments("on|off"),
		Long: `Requires it of all present and future operators. If you turn it off, each operator stays required, and you can change each one
separately again.`,
		Example: "  drawbridge provider require-mfa on",
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "on" && args[0] != "off" {
				return usage(cmd.CommandPath(), "on or off is expected, not %q", args[0])
			}
			on := args[0] == "on"
			c := t.client()
			now, err := c.Provider(cmd.Context())
			if err != nil {
				return err
			}
			if on {
				if err := t.lockedOut(cmd, c); err != nil {
					return err
				}
			}
			s, err := c.UpdateProvider(cmd.Context(), wire.ETag(now.Version), wire.ProviderUpdate{RequireMFA: &on})
			if err != nil {
				return err
			}
			return t.print(s, func() {
				t.say("%s", map[bool]string{true: "Every operator needs a second factor.", false: "An operator needs no second factor, unless it is required of that operator."}[s.RequireMFA])
			})
		},
	}
	mfa.Flags().BoolP("yes", "y", false, "do not ask")
	return parent("provider", "The installation itself", "Settings for all operators, and the name of the provider.", show, providerIntroduce(t), providerLogo(t), mfa)
}

func providerIntroduce(t *terminal) *cobra.Command {
	var name, support, logo string
	cmd := &cobra.Command{
		Use: "introduce", Short: "Change the name, support address and logo of the provider", Args: arguments(),
		Long: `The name, the e-mail address for help and the logo are shown in the console, also on its sign-in page, in mails, and on the page of an
invitation. A flag that is left out leaves its part as it was; an empty one removes it. The logo is a PNG or JPEG file of at most 256 KiB and
1024 pixels a side.`,
		Example: `  drawbridge provider introduce --name "Contoso Managed Services" --support help@contoso.example
  drawbridge provider introduce --logo contoso.png`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var in wire.ProviderUpdate
			if cmd.Flags().Changed("name") {
				in.Name = &name
			}
			if cmd.Flags().Changed("support") {
				in.Support = &support
			}
			if cmd.Flags().Changed("logo") {
				var err error
				if in.Logo, err = logoFile(logo); err != nil {
					return err
				}
			}
			if in.Name == nil && in.Support == nil && in.Logo == nil {
				return usage(cmd.CommandPath(), "--name, --support or --logo is expected")
			}
			c := t.client()
			now, err := c.Provider(cmd.Context())
			if err != nil {
				return err
			}
			s, err := c.UpdateProvider(cmd.Context(), wire.ETag(now.Version), in)
			if err != nil {
				return err
			}
			return t.print(s, func() {
				t.say("Name: %s\nSupport: %s\nLogo: %s", printable(orDash(s.Name)), orDash(s.Support), logoWord(s.Logo))
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the name of the provider, as people know it")
	cmd.Flags().StringVar(&support, "support", "", "the e-mail address at which the provider helps")
	cmd.Flags().StringVar(&logo, "logo", "", "a PNG or JPEG `file` with the logo of the provider")
	return cmd
}

// logoFile reads a logo as the API takes it; no name means no logo. A file that is too long is read only as far as the server needs to refuse it.
func logoFile(name string) (*string, error) {
	var text string
	if name == "" {
		return &text, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	const most = 256 << 10
	file, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if len(file) > most {
		return nil, fmt.Errorf("%s has more than %d KiB, which a logo may have", name, most>>10)
	}
	text = base64.StdEncoding.EncodeToString(file)
	return &text, nil
}

func providerLogo(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "logo FILE", Short: "Write the logo of the provider to a file", Args: arguments("FILE"),
		Long:    "Writes the PNG of at most 480 × 160 pixels that the console and mails show. A FILE that is there already is replaced. FILE - is standard output.",
		Example: "  drawbridge provider logo logo.png\n  drawbridge provider logo - > logo.png",
		RunE: func(cmd *cobra.Command, args []string) error {
			var picture bytes.Buffer
			if err := t.client().ProviderLogo(cmd.Context(), &picture); err != nil {
				return err
			}
			if args[0] == "-" {
				_, err := t.out.Write(picture.Bytes())
				return err
			}
			if err := writeWhole(args[0], picture.Bytes()); err != nil {
				return err
			}
			return t.print(map[string]any{"file": args[0], "bytes": picture.Len()}, func() { t.say("The logo is in %s.", printable(args[0])) })
		},
	}
}

func logoWord(mark string) string {
	if mark == "" {
		return "none"
	}
	return "set"
}

// lockedOut asks an operator without a second factor before a factor is required, because until they enrol one they can do nothing else.
func (t *terminal) lockedOut(cmd *cobra.Command, c *client.Client) error {
	me, err := c.Me(cmd.Context())
	if err != nil || me.Operator == nil || me.Operator.MFAEnrolled {
		return err
	}
	return t.confirm(cmd, "You have no second factor yourself: nothing but its enrolment (drawbridge account mfa enrol) will be open to you. Require it?")
}
