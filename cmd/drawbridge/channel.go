package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// signedEvents is the format of a webhook that is no channel.
const signedEvents = "events"

// auditLines is the format of a webhook that gets audit lines.
const auditLines = "audit"

func channelCommand(t *terminal) *cobra.Command {
	return parent("channel", "Slack, Teams and other places where people read notices", `A channel gets what mail.recipients would get: events that need action, or those that --kinds names. It is a webhook whose messages are
for people; its URL is sealed and never shown again. drawbridge docs mail says what is sent, and when.`,
		channelCreate(t), channelList(t), ofChannel(webhookShow(t)), previewable(t, channelUpdate(t)), previewable(t, ofChannel(webhookPause(t))), previewable(t, ofChannel(webhookResume(t))), ofChannel(webhookTest(t)),
		ofChannel(webhookDeliveries(t)), previewable(t, ofChannel(webhookDelete(t))))
}

// ofChannel is a command of webhooks in the words of channels.
func ofChannel(cmd *cobra.Command) *cobra.Command {
	words := strings.NewReplacer("WEBHOOK", "CHANNEL", "webhook", "channel", "secret", "URL", "portal", "ops")
	cmd.Use, cmd.Short, cmd.Long, cmd.Example = words.Replace(cmd.Use), words.Replace(cmd.Short), words.Replace(cmd.Long), words.Replace(cmd.Example)
	return cmd
}

// kindOf is what a command calls its webhook: channel, or webhook.
func kindOf(cmd *cobra.Command) string { return cmd.Parent().Name() }

// atBegin is a noun at the beginning of a sentence.
func atBegin(noun string) string { return strings.ToUpper(noun[:1]) + noun[1:] }

// urlFlags are the two ways to give the URL of a channel.
type urlFlags struct{ url, file string }

func (f *urlFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.url, "url", "", "where notices are sent")
	cmd.Flags().StringVar(&f.file, "url-file", "", "a file with the URL, which other users of this machine cannot see in the list of processes; - is standard input")
}

func (f *urlFlags) read(t *terminal, cmd *cobra.Command) (string, error) {
	if f.url != "" && f.file != "" {
		return "", usage(cmd.CommandPath(), "--url and --url-file are both given; only one of them can count")
	}
	if f.url != "" {
		return f.url, nil
	}
	return t.secret(cmd.CommandPath(), "URL: ", f.file, "--url-file")
}

func channelCreate(t *terminal) *cobra.Command {
	var in wire.WebhookCreate
	var url urlFlags
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make a channel", Args: arguments("NAME"),
		Long: "It tells what happens from now on. --kinds names kinds of event (docs/events.md): user.* means all that begin with this, alert all that raise an alert.",
		Example: `  drawbridge channel create ops --type slack --url-file slack.txt --tenants acme,birch
  drawbridge channel create security --type teams --url-file teams.txt --all-tenants --kinds alert,token.*`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[0]
			if in.Format == "" {
				return usage(cmd.CommandPath(), "--type is missing: slack, teams or json")
			}
			if in.All == (len(in.Tenants) > 0) {
				return usage(cmd.CommandPath(), "name tenants with --tenants, or give --all-tenants")
			}
			var err error
			if in.URL, err = url.read(t, cmd); err != nil {
				return err
			}
			made, err := t.client().CreateWebhook(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(made.Webhook, func() {
				t.say("Made channel %s. Try it: drawbridge channel test %s", made.Name, made.Name)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Format, "type", "", "slack (incoming webhook), teams (workflow) or json (required)")
	url.register(cmd)
	f.StringSliceVar(&in.Tenants, "tenants", nil, "the tenants that it is told about")
	f.BoolVar(&in.All, "all-tenants", false, "it is told about all tenants, future ones too")
	f.StringSliceVar(&in.Events, "kinds", nil, "kinds of event (default: those that need action)")
	return cmd
}

func channelList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List channels", Args: arguments(),
		Example: "  drawbridge channel list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := pages(0, func(cursor string, limit int) ([]wire.Webhook, string, error) {
				p, err := t.client().Webhooks(cmd.Context(), client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			items := []wire.Webhook{}
			for i := range all {
				if all[i].Format != signedEvents && all[i].Format != auditLines {
					items = append(items, all[i])
				}
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					w := &items[i]
					rows = append(rows, []cell{
						{text: w.Name},
						{text: w.Format},
						{w.Status, stateColour(w.Status)},
						{text: w.URL},
						{text: webhookTenants(w)},
						{text: orDash(strings.Join(w.Events, ", "))},
						{text: strconv.FormatUint(w.Backlog, 10)},
						{text: moment(w.Success)},
						{text: orDash(w.Reason)},
					})
				}
				t.list([]string{"NAME", "TYPE", "STATUS", "URL", "TENANTS", "KINDS", "BACKLOG", "LAST SUCCESS", "REASON"}, rows,
					fmt.Sprintf("There are no channels yet: drawbridge channel create %s", "NAME --type slack --url-file FILE --tenants TENANT"))
			})
		},
	}
}

func channelUpdate(t *terminal) *cobra.Command {
	var url urlFlags
	var kinds, tenants []string
	var all bool
	cmd := &cobra.Command{
		Use: "update CHANNEL", Short: "Change a channel", Args: arguments("CHANNEL"),
		Long:    "A flag that is not given changes nothing. --tenants and --kinds replace the lists; notices about a new tenant begin now.",
		Example: "  drawbridge channel update ops --tenants acme,birch,cedar\n  drawbridge channel update ops --kinds ''",
		RunE: func(cmd *cobra.Command, args []string) error {
			var in wire.WebhookUpdate
			flags := cmd.Flags()
			if flags.Changed("url") || flags.Changed("url-file") {
				to, err := url.read(t, cmd)
				if err != nil {
					return err
				}
				in.URL = &to
			}
			given(flags, "kinds", &in.Events, append([]string{}, kinds...))
			given(flags, "tenants", &in.Tenants, append([]string{}, tenants...))
			given(flags, "all-tenants", &in.All, all)
			if in == (wire.WebhookUpdate{}) {
				return usage(cmd.CommandPath(), "nothing is to change: give --url-file, --tenants, --all-tenants or --kinds")
			}
			w, err := t.client().UpdateWebhook(cmd.Context(), args[0], "", in)
			if err != nil {
				return err
			}
			return t.print(w, func() { t.webhook(&w) })
		},
	}
	f := cmd.Flags()
	url.register(cmd)
	f.StringSliceVar(&tenants, "tenants", nil, "the tenants that it is told about, and no others")
	f.BoolVar(&all, "all-tenants", false, "it is told about all tenants, future ones too")
	f.StringSliceVar(&kinds, "kinds", nil, "kinds of event; '' means those that need action")
	return cmd
}
