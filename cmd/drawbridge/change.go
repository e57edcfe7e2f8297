package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

// changeWatch is where eventsChanges is.
type changeWatch struct {
	cursor string
	follow bool
}

func eventsChanges(t *terminal) *cobra.Command {
	var w changeWatch
	cmd := &cobra.Command{
		Use: "changes", Short: "Show which tenants change", Args: arguments(),
		Long: `One line for each tenant of your scope that changed after --cursor: kinds of event and ids, without content. A change may be told twice.
Without --cursor it begins now. Without --follow it ends with the cursor for the next call. With -o json each answer is one line. For a
program that must not miss anything, "events tail" reads the feed.`,
		Example: "  drawbridge events changes -f\n  drawbridge events changes -o json | jq -r .cursor",
		RunE:    func(cmd *cobra.Command, _ []string) error { return w.run(cmd.Context(), t) },
	}
	cmd.Flags().StringVar(&w.cursor, "cursor", "", "the cursor of the last call")
	cmd.Flags().BoolVarP(&w.follow, "follow", "f", false, "wait for more, until Ctrl-C")
	return cmd
}

func (w *changeWatch) run(ctx context.Context, t *terminal) error {
	if err := t.stream(); err != nil {
		return err
	}
	c, wait := t.client(), time.Duration(0)
	for {
		page, err := c.Changes(ctx, w.cursor, wait)
		if err == nil {
			err = w.print(t, page)
		}
		switch {
		case w.follow && errors.Is(err, context.Canceled):
			return nil // Ctrl-C is how one ends it
		case err != nil || !w.follow:
			return err
		}
		w.cursor, wait = page.Cursor, 30*time.Second
	}
}

func (w *changeWatch) print(t *terminal, page wire.Changes) error {
	if t.lines() {
		if w.follow && len(page.Items) == 0 && !page.Reset {
			return nil
		}
		return t.line(page)
	}
	if page.Reset && w.cursor != "" {
		t.say("Anything may have changed: the cursor is too old, or too much changed since.")
	}
	for _, change := range page.Items {
		subjects := make([]string, len(change.Subjects))
		for i, s := range change.Subjects {
			subjects[i] = s.Kind + " " + s.ID
		}
		t.say("%-24s %s  %s", printable(change.Tenant), orDash(strings.Join(change.Kinds, " ")), printable(strings.Join(subjects, ", ")))
	}
	if !w.follow {
		t.say("Cursor: %s", page.Cursor)
	}
	return nil
}
