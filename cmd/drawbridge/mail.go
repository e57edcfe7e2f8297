package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func mailCommand(t *terminal) *cobra.Command {
	return parent("mail", "The outbox of mail", `Mail goes through one outbox. A mail that cannot be sent is retried at growing intervals for three days, and then parked. The
settings are under mail in the configuration.`,
		mailList(t), mailTest(t), mailRetry(t), mailDrop(t))
}

func mailList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the mails that wait", Args: arguments(),
		Example: "  drawbridge mail list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := t.client().Mails(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, m := range page.Items {
					rows = append(rows, []cell{
						{text: m.ID},
						{text: m.To},
						{text: m.Kind},
						{text: orDash(m.Tenant)},
						{m.Status, stateColour(map[string]string{"waiting": "live", "parked": "suspended"}[m.Status])},
						{text: moment(m.Due)},
						{text: fmt.Sprint(m.Attempts)},
						{text: orDash(m.Error)},
					})
				}
				t.list([]string{"ID", "TO", "KIND", "TENANT", "STATUS", "NEXT", "TRIED", "LAST ERROR"}, rows, "The outbox is empty.")
			})
		},
	}
}

func mailTest(t *terminal) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "test ADDRESS", Short: "Send a mail that says that mail works", Args: arguments("ADDRESS"),
		Long:    "Puts the mail into the outbox and waits until the mail server has taken it, or says why not.",
		Example: "  drawbridge mail test ops@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			m, err := c.TestMail(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			sent, err := t.awaitMail(cmd, c, &m, wait)
			if err != nil {
				return err
			}
			if !sent {
				return fmt.Errorf("the mail was not sent so far: %s; it stays in the outbox: drawbridge mail list", orDash(m.Error))
			}
			return t.print(map[string]string{"sent": m.ID, "to": m.To}, func() { t.say("The mail server has taken the mail to %s.", printable(m.To)) })
		},
	}
	wait = time.Minute
	cmd.Flags().Var((*span)(&wait), "wait", "how long to wait for the mail server")
	return cmd
}

// awaitMail waits until m has left the outbox, or an attempt has failed.
func (t *terminal) awaitMail(cmd *cobra.Command, c *client.Client, m *wire.Mail, wait time.Duration) (sent bool, err error) {
	for end := time.Now().Add(wait); time.Now().Before(end); {
		page, err := c.Mails(cmd.Context())
		if err != nil {
			return false, err
		}
		waiting := false
		for _, other := range page.Items {
			if other.ID == m.ID {
				waiting, *m = true, other
			}
		}
		if !waiting {
			return true, nil
		}
		if m.Attempts > 0 {
			return false, nil
		}
		select {
		case <-cmd.Context().Done():
			return false, cmd.Context().Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return false, nil
}

func mailRetry(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "retry MAIL", Short: "Try a mail again now, parked or not", Args: arguments("MAIL"),
		Long:    "MAIL is the id that drawbridge mail list shows.",
		Example: "  drawbridge mail retry 018f3c2a-…",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().RetryMail(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"retried": args[0]}, func() { t.say("%s is tried again now.", args[0]) })
		},
	}
}

func mailDrop(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "drop MAIL", Short: "Take a mail out of the outbox without sending it", Args: arguments("MAIL"),
		Long:    "MAIL is the id that drawbridge mail list shows.",
		Example: "  drawbridge mail drop 018f3c2a-…",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DropMail(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"dropped": args[0]}, func() { t.say("%s is out of the outbox.", args[0]) })
		},
	}
}
