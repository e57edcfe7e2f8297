package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

func connectionTimeline(t *terminal) *cobra.Command {
	var from, to string
	var step time.Duration
	cmd := &cobra.Command{
		Use: "timeline CONNECTION", Short: "Show the requests and health of a connection over time", Args: arguments("CONNECTION"),
		Long:    "Shows requests and what they did, refusals, rejected credentials, how long answers took, and the health of the sync. Without a time: the last 24 steps.",
		Example: "  drawbridge connection timeline acme-okta\n  drawbridge connection timeline acme-okta --since 7d --step 24h",
		RunE: func(cmd *cobra.Command, args []string) error {
			begin, err := since(cmd.CommandPath(), "since", from)
			if err != nil {
				return err
			}
			end, err := since(cmd.CommandPath(), "until", to)
			if err != nil {
				return err
			}
			line, err := t.client().Timeline(cmd.Context(), args[0], begin, end, step)
			if err != nil {
				return err
			}
			return t.print(line, func() { t.timeline(line) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "since", "", "not before: 7d, 12h, or a date")
	f.StringVar(&to, "until", "", "before: 7d, 12h, or a date")
	step = time.Hour
	f.Var((*span)(&step), "step", "how long a step is, such as 15m, 1h or 1d")
	return cmd
}

func (t *terminal) timeline(line wire.Timeline) {
	rows := [][]cell{}
	for i := range line.Buckets {
		b := &line.Buckets[i]
		row := []cell{{text: moment(&b.From)}}
		for _, n := range []int{b.Requests, b.Changed, b.Unchanged, b.Read, b.Refused, b.Failed, b.Rejected, b.Throttled, b.Missed} {
			text := strconv.Itoa(n)
			if n == 0 {
				text = "-"
			}
			row = append(row, cell{text: text})
		}
		rows = append(rows, append(row, cell{text: fmt.Sprintf("%.0f ms", b.Millis)}))
	}
	t.list([]string{"FROM", "REQUESTS", "CHANGED", "UNCHANGED", "READ", "REFUSED", "FAILED", "REJECTED", "THROTTLED", "MISSED", "P95"}, rows, "The connection received no requests in that time.")
	for _, h := range line.Health {
		begin := "from the beginning"
		if h.From != nil {
			begin = "from " + moment(h.From)
		}
		t.say("Health: %s, %s. %s", strings.ReplaceAll(h.State, "_", " "), begin, printable(h.Reason))
	}
	if line.Since.After(line.From) {
		t.say("Counted from %s on: before that there is too much.", moment(&line.Since))
	}
}
