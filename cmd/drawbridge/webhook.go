package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func webhookCommand(t *terminal) *cobra.Command {
	return parent("webhook", "Endpoints that events are pushed to", `A webhook gets the events of tenants by HTTPS: signed (Standard Webhooks), in order, at least once. What is not taken is tried again for three
days; then the webhook is parked until an operator resumes it, at the same event. docs/webhooks.md shows how a receiver verifies.`,
		webhookCreate(t), webhookList(t), webhookShow(t), previewable(t, webhookUpdate(t)), previewable(t, webhookPause(t)), previewable(t, webhookResume(t)), webhookTest(t), webhookRotate(t),
		webhookDeliveries(t), webhookReplay(t), webhookSkip(t), previewable(t, webhookDelete(t)))
}

func webhookCreate(t *terminal) *cobra.Command {
	var in wire.WebhookCreate
	var audit bool
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make a webhook and print its secret, once", Args: arguments("NAME"),
		Long: `It gets what happens from now on. --events names kinds of event (docs/events.md): user.* means all that begin with this.
With --audit it gets the lines of audit trails instead of events.`,
		Example: `  drawbridge webhook create portal --url https://portal.example.com/hooks --tenants acme,birch
  drawbridge webhook create billing --url https://billing.example.com/in --all-tenants --events 'user.*,seats.*' -o json | jq -r .secret
  drawbridge webhook create siem --url https://siem.example.com/in --audit --all-tenants --installation`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Name = args[0]; in.URL == "" {
				return usage(cmd.CommandPath(), "--url is missing: where are the events sent?")
			}
			if audit {
				in.Format = auditLines
			}
			if in.All && len(in.Tenants) > 0 || !in.All && len(in.Tenants) == 0 && !in.Installation {
				return usage(cmd.CommandPath(), "name tenants with --tenants, or give --all-tenants")
			}
			made, err := t.client().CreateWebhook(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(made, func() { t.webhookSecret(&made) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.URL, "url", "", "where events are sent (required)")
	f.StringSliceVar(&in.Tenants, "tenants", nil, "the tenants whose events it gets")
	f.BoolVar(&in.All, "all-tenants", false, "it gets the events of all tenants, future ones too")
	f.StringSliceVar(&in.Events, "events", nil, "kinds of event (default: all)")
	f.BoolVar(&audit, "audit", false, "it gets audit lines instead of events")
	f.BoolVar(&in.Installation, "installation", false, "with --audit: the lines of the installation, too")
	return cmd
}

// webhookSecret shows a secret once.
func (t *terminal) webhookSecret(w *wire.IssuedWebhook) {
	t.say("The secret of webhook %s, shown this once:", w.Name)
	t.say("")
	details := [][2]string{{"Secret", w.Secret}, {"URL", w.URL}, {"Tenants", webhookTenants(&w.Webhook)}}
	if w.OldSecretUntil != nil {
		details = append(details, [2]string{"Old secret until", moment(w.OldSecretUntil)})
	}
	t.details(details...)
	t.say("")
	t.say("Try it: drawbridge webhook test %s", w.Name)
}

func webhookTenants(w *wire.Webhook) string {
	names := w.Tenants
	if w.All {
		names = []string{"all"}
	}
	if w.Installation {
		names = append(slices.Clone(names), "(installation)")
	}
	return orDash(strings.Join(names, ", "))
}

func webhookList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List webhooks", Args: arguments(),
		Example: "  drawbridge webhook list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.Webhook, string, error) {
				p, err := t.client().Webhooks(cmd.Context(), client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					w := &items[i]
					rows = append(rows, []cell{
						{text: w.Name},
						{w.Status, stateColour(w.Status)},
						{text: w.URL},
						{text: webhookTenants(w)},
						{text: orDash(strings.Join(w.Events, ", "))},
						{text: strconv.FormatUint(w.Backlog, 10)},
						{text: moment(w.Success)},
						{text: orDash(w.Reason)},
					})
				}
				t.list([]string{"NAME", "STATUS", "URL", "TENANTS", "EVENTS", "BACKLOG", "LAST SUCCESS", "REASON"}, rows, t.inScope(cmd.Context(), rows,
					"There are no webhooks yet: drawbridge webhook create NAME --url URL --tenants TENANT", "No webhook gets events of your tenants yet: drawbridge webhook create NAME --url URL --tenants TENANT"))
			})
		},
	}
}

func (t *terminal) webhook(w *wire.Webhook) {
	if w.Format != signedEvents {
		t.details([2]string{"Type", w.Format})
	}
	t.details([2]string{"Name", w.Name}, [2]string{"Status", w.Status}, [2]string{"Reason", orDash(w.Reason)}, [2]string{"URL", w.URL}, [2]string{"Tenants", webhookTenants(w)},
		[2]string{"Events", orDash(strings.Join(w.Events, ", "))}, [2]string{"Backlog", strconv.FormatUint(w.Backlog, 10)}, [2]string{"Last success", moment(w.Success)},
		[2]string{"Last 24 hours", fmt.Sprintf("%d of %d attempts succeeded", w.TakenDay, w.SentDay)},
		[2]string{"Failing since", moment(w.FailingSince)}, [2]string{"Secret made", moment(&w.SecretCreated)}, [2]string{"Old secret until", moment(w.OldSecretUntil)})
}

func webhookShow(t *terminal) *cobra.Command {
	var filter client.WebhookFilter
	cmd := &cobra.Command{
		Use: "show WEBHOOK", Short: "Show a webhook, and how far the events of each tenant were delivered", Args: arguments("WEBHOOK"),
		Example: "  drawbridge webhook show portal\n  drawbridge webhook show portal --status parked",
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := t.client().Webhook(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			progress, err := pages(0, func(cursor string, limit int) ([]wire.WebhookProgress, string, error) {
				p, err := t.client().WebhookProgress(cmd.Context(), args[0], filter, client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(struct {
				wire.Webhook
				Progress []wire.WebhookProgress `json:"progress"`
			}{w, progress}, func() {
				t.webhook(&w)
				t.say("")
				t.webhookProgress(progress)
			})
		},
	}
	cmd.Flags().StringVar(&filter.Tenant, "tenant", "", "the progress of this tenant only")
	cmd.Flags().StringVar(&filter.Status, "status", "", "the progress of tenants with this status only: active, failing, paused or parked")
	return cmd
}

func (t *terminal) webhookProgress(all []wire.WebhookProgress) {
	rows := [][]cell{}
	for i := range all {
		p := &all[i]
		rows = append(rows, []cell{
			{text: p.Tenant},
			{p.Status, stateColour(p.Status)},
			{text: strconv.FormatUint(p.Cursor, 10)},
			{text: strconv.FormatUint(p.Backlog, 10)},
			{text: moment(p.Success)},
			{text: failingEvent(p)},
			{text: strconv.Itoa(p.Attempts)},
			{text: moment(p.Next)},
			{text: orDash(p.Error)},
		})
	}
	t.list([]string{"TENANT", "STATUS", "DELIVERED TO", "BACKLOG", "LAST SUCCESS", "FAILING EVENT", "ATTEMPTS", "NEXT", "ERROR"}, rows, "It has delivered nothing yet.")
}

func failingEvent(p *wire.WebhookProgress) string {
	if p.FailingEvent == 0 {
		return "-"
	}
	return strconv.FormatUint(p.FailingEvent, 10)
}

func webhookUpdate(t *terminal) *cobra.Command {
	var url string
	var events, tenants []string
	var all, installation bool
	cmd := &cobra.Command{
		Use: "update WEBHOOK", Short: "Change a webhook", Args: arguments("WEBHOOK"),
		Long:    "A flag that is not given changes nothing. --tenants and --events replace the lists; a new tenant sends its events from now on.",
		Example: "  drawbridge webhook update portal --tenants acme,birch,cedar\n  drawbridge webhook update portal --events ''",
		RunE: func(cmd *cobra.Command, args []string) error {
			var in wire.WebhookUpdate
			flags := cmd.Flags()
			given(flags, "url", &in.URL, url)
			given(flags, "events", &in.Events, append([]string{}, events...))
			given(flags, "tenants", &in.Tenants, append([]string{}, tenants...))
			given(flags, "all-tenants", &in.All, all)
			given(flags, "installation", &in.Installation, installation)
			if in == (wire.WebhookUpdate{}) {
				return usage(cmd.CommandPath(), "nothing is to change: give --url, --tenants, --all-tenants or --events")
			}
			w, err := t.client().UpdateWebhook(cmd.Context(), args[0], "", in)
			if err != nil {
				return err
			}
			return t.print(w, func() { t.webhook(&w) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&url, "url", "", "where events are sent")
	f.StringSliceVar(&tenants, "tenants", nil, "the tenants whose events it gets, and no others")
	f.BoolVar(&all, "all-tenants", false, "it gets the events of all tenants, future ones too")
	f.StringSliceVar(&events, "events", nil, "kinds of event; '' means all")
	f.BoolVar(&installation, "installation", false, "of a webhook of audit lines: whether it gets those of the installation, too")
	return cmd
}

func webhookPause(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "pause WEBHOOK", Short: "Send nothing until the webhook is resumed", Args: arguments("WEBHOOK"),
		Long:    "The events wait in the feed, as long as it keeps them (event_days).",
		Example: "  drawbridge webhook pause portal",
		RunE: func(cmd *cobra.Command, args []string) error {
			paused := true
			w, err := t.client().UpdateWebhook(cmd.Context(), args[0], "", wire.WebhookUpdate{Paused: &paused})
			if err != nil {
				return err
			}
			return t.print(w, func() { t.say("%s %s is paused: its events wait.", atBegin(kindOf(cmd)), w.Name) })
		},
	}
}

func webhookResume(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "resume WEBHOOK", Short: "Continue a paused or parked webhook at the event where it stopped", Args: arguments("WEBHOOK"),
		Example: "  drawbridge webhook resume portal",
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := t.client().ResumeWebhook(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(w, func() { t.say("%s %s goes on: %d events wait.", atBegin(kindOf(cmd)), w.Name, w.Backlog) })
		},
	}
}

func webhookTest(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "test WEBHOOK", Short: "Send a test message at once, and show what the receiver answers", Args: arguments("WEBHOOK"),
		Example: "  drawbridge webhook test portal",
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := t.client().TestWebhook(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			err = t.print(a, func() {
				t.details([2]string{atBegin(kindOf(cmd)), args[0]}, [2]string{"Id", a.ID}, [2]string{"Status", httpStatus(a.Status)}, [2]string{"Took", fmt.Sprintf("%d ms", a.Millis)},
					[2]string{"Error", orDash(a.Error)}, [2]string{"Answer", orDash(a.Answer)})
			})
			if err == nil && !a.OK {
				err = errors.New("the receiver did not take the message: " + a.Error)
			}
			return err
		},
	}
}

func httpStatus(status int) string {
	if status == 0 {
		return "-"
	}
	return strconv.Itoa(status)
}

func webhookRotate(t *terminal) *cobra.Command {
	var overlap time.Duration
	cmd := &cobra.Command{
		Use: "rotate WEBHOOK", Short: "Give a webhook a new secret and print it, once", Args: arguments("WEBHOOK"),
		Long:    "Both secrets sign for a while, so that the receiver can be changed without an outage.",
		Example: "  drawbridge webhook rotate portal\n  drawbridge webhook rotate portal --overlap 0   # the old one was seen by others",
		RunE: func(cmd *cobra.Command, args []string) error {
			hours := int(math.Ceil(overlap.Hours()))
			made, err := t.client().RotateWebhook(cmd.Context(), args[0], wire.WebhookRotate{OverlapHours: &hours})
			if err != nil {
				return err
			}
			return t.print(made, func() { t.webhookSecret(&made) })
		},
	}
	overlap = 24 * time.Hour
	cmd.Flags().Var((*span)(&overlap), "overlap", "how long the old secret signs as well, at most 7d")
	return cmd
}

func webhookDeliveries(t *terminal) *cobra.Command {
	var filter client.WebhookFilter
	var most int
	var from, until string
	cmd := &cobra.Command{
		Use: "deliveries WEBHOOK", Short: "List the last attempts, the newest first", Args: arguments("WEBHOOK"),
		Long:    "The last 25 of each tenant are kept.",
		Example: "  drawbridge webhook deliveries portal --tenant acme\n  drawbridge webhook deliveries portal --failed --since 1h",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if filter.From, err = since(cmd.CommandPath(), "since", from); err != nil {
				return err
			}
			if filter.To, err = since(cmd.CommandPath(), "until", until); err != nil {
				return err
			}
			items, err := pages(most, func(cursor string, limit int) ([]wire.WebhookAttempt, string, error) {
				p, err := t.client().WebhookDeliveries(cmd.Context(), args[0], filter, client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					a := &items[i]
					rows = append(rows, cells(moment(&a.At), a.Tenant, strconv.FormatUint(a.Seq, 10), a.Kind, strconv.Itoa(a.Attempt), httpStatus(a.Status), fmt.Sprintf("%d ms", a.Millis), orDash(a.Error), orDash(a.Answer)))
				}
				t.list([]string{"AT", "TENANT", "EVENT", "KIND", "ATTEMPT", "STATUS", "TOOK", "ERROR", "ANSWER"}, rows, "It has delivered nothing yet.")
			})
		},
	}
	cmd.Flags().StringVar(&filter.Tenant, "tenant", "", "only this tenant")
	cmd.Flags().BoolVar(&filter.Failed, "failed", false, "only attempts that the receiver did not take")
	cmd.Flags().StringVar(&filter.Kind, "kind", "", "only events of this kind")
	cmd.Flags().StringVar(&from, "since", "", "not before: 7d, 12h, or a date")
	cmd.Flags().StringVar(&until, "until", "", "before: 7d, 12h, or a date")
	cmd.Flags().IntVar(&most, "limit", 0, "how many at most (default: all)")
	return cmd
}

func webhookReplay(t *terminal) *cobra.Command {
	var in wire.WebhookReplay
	var since string
	cmd := &cobra.Command{
		Use: "replay WEBHOOK", Short: "Deliver the events of a tenant again, from a number or a time on", Args: arguments("WEBHOOK"),
		Long:    "They come with the ids that they had, so that the receiver can tell.",
		Example: "  drawbridge webhook replay portal --tenant acme --from 1200\n  drawbridge webhook replay portal --tenant acme --since 2026-05-04T09:00:00Z",
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Tenant == "" || (in.From == 0) == (since == "") {
				return usage(cmd.CommandPath(), "give --tenant, and either --from or --since")
			}
			if since != "" {
				at, err := time.Parse(time.RFC3339, since)
				if err != nil {
					return usage(cmd.CommandPath(), "--since is a time such as 2026-05-04T09:00:00Z")
				}
				in.Since = &at
			}
			p, err := t.client().ReplayWebhook(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(p, func() { t.say("Events of %s after %d are delivered again: %d wait.", p.Tenant, p.Cursor, p.Backlog) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Tenant, "tenant", "", "whose events (required)")
	f.Uint64Var(&in.From, "from", 0, "the number of the first event")
	f.StringVar(&since, "since", "", "the time of the first event, such as 2026-05-04T09:00:00Z")
	return cmd
}

func webhookSkip(t *terminal) *cobra.Command {
	var in wire.WebhookSkip
	cmd := &cobra.Command{
		Use: "skip WEBHOOK", Short: "Skip one event that the receiver does not accept", Args: arguments("WEBHOOK"),
		Long:    "The audit trail names the event. drawbridge webhook deliveries shows which one fails.",
		Example: "  drawbridge webhook skip portal --tenant acme --event 1204",
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Tenant == "" || in.Seq == 0 {
				return usage(cmd.CommandPath(), "give --tenant and --event, the number of the event that fails")
			}
			p, err := t.client().SkipWebhookEvent(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(p, func() { t.say("Event %d of %s is passed over: %d wait.", in.Seq, p.Tenant, p.Backlog) })
		},
	}
	cmd.Flags().StringVar(&in.Tenant, "tenant", "", "whose event (required)")
	cmd.Flags().Uint64Var(&in.Seq, "event", 0, "the number of the event (required)")
	return cmd
}

func webhookDelete(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "delete WEBHOOK", Short: "Delete a webhook", Args: arguments("WEBHOOK"),
		Long:    "Nothing more is sent to it. Another webhook of the same name has another secret and begins again.",
		Example: "  drawbridge webhook delete portal",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DeleteWebhook(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[0]}, func() { t.say("Deleted %s %s.", kindOf(cmd), args[0]) })
		},
	}
}
