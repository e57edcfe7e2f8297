package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

func auditStream(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "stream", Short: "Show whether audit lines reach the SIEM", Args: arguments(),
		Long: "With audit.stdout and audit.syslog.address in the configuration, each audit line goes to a SIEM as it is written (drawbridge docs siem).\n" +
			"The exit code is 1 if lines cannot be sent. They are not lost: they stay in the trails, and are sent later.",
		Example: "  drawbridge audit stream",
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := pages(0, func(cursor string, _ int) ([]wire.AuditStream, string, error) {
				page, err := t.client().AuditStreams(cmd.Context(), cursor)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			if err := t.print(wire.AuditStreams{Items: all}, func() { t.streams(all) }); err != nil {
				return err
			}
			for _, s := range all {
				if s.Error != "" {
					return fmt.Errorf("%s: %s", s.Name, s.Error)
				}
			}
			return nil
		},
	}
}

func (t *terminal) streams(all []wire.AuditStream) {
	rows := make([][]cell, 0, len(all))
	for _, s := range all {
		rows = append(rows, cells(s.Name, s.To, fmt.Sprint(s.Backlog), moment(s.Success), moment(s.FailingSince), moment(s.Next)))
	}
	t.list([]string{"STREAM", "TO", "WAITING", "LAST TAKEN", "FAILING SINCE", "NEXT TRY"}, rows, "Audit lines go to no SIEM: set audit.stdout or audit.syslog.address.")
}
