package main

import (
	"context"
	"errors"
	"time"

	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

// tail is what events and audit have in common: the last few, then new ones.
type tail struct {
	lines  int
	after  uint64
	follow bool

	printed int
}

func (f *tail) register(cmd *cobra.Command) {
	cmd.Flags().IntVarP(&f.lines, "lines", "n", 20, "how many lines before the end to begin; 0: at the beginning")
	cmd.Flags().Uint64Var(&f.after, "after", 0, "begin after this number")
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, "wait for more, until Ctrl-C")
}

// run reads after a number, prints, and continues. read gives how many records it printed, the number of the last printed one,
// and the number of the last existing one.
func (f *tail) run(t *terminal, cmd *cobra.Command, read func(after uint64, limit int, wait time.Duration) (n int, at, last uint64, err error), ends func() (oldest, last uint64, err error)) error {
	ctx := cmd.Context()
	if err := t.stream(); err != nil {
		return err
	}
	after := f.after
	if !cmd.Flags().Changed("after") && f.lines > 0 {
		oldest, last, err := ends()
		if err != nil {
			return err
		}
		after = last - min(last, uint64(f.lines))
		if after+1 < oldest {
			after = 0 // the beginning of what is kept
		}
	}
	for {
		wait := time.Duration(0)
		if f.follow {
			wait = 30 * time.Second
		}
		n, at, end, err := read(after, 500, wait)
		if err != nil {
			if f.follow && errors.Is(err, context.Canceled) {
				return nil // Ctrl-C is how one ends it
			}
			return err
		}
		if n > 0 {
			after = at
		}
		f.printed += n
		if !f.follow && (n == 0 || after >= end) {
			return nil
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // Ctrl-C is how one ends it
		}
	}
}

func eventsCommand(t *terminal) *cobra.Command {
	var f tail
	cmd := &cobra.Command{
		Use: "tail [TENANT]", Short: "Show the last events of a tenant", Args: arguments("[TENANT]"),
		Long:    "Events are numbered without a gap, in the order in which they happened. Without TENANT: those of the installation itself.\nWith -o json each event is one line.",
		Example: "  drawbridge events tail acme -f\n  drawbridge events tail acme -n 0 -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, tenant := t.client(), optional(args)
			err := f.run(t, cmd, func(after uint64, limit int, wait time.Duration) (int, uint64, uint64, error) {
				page, err := c.Events(cmd.Context(), tenant, after, limit, wait)
				at := after
				for _, e := range page.Items {
					at = e.Seq
					if err := t.event(e); err != nil {
						return 0, 0, 0, err
					}
				}
				return len(page.Items), at, page.Last, err
			}, func() (uint64, uint64, error) {
				page, err := c.Events(cmd.Context(), tenant, 0, 1, 0)
				return page.Oldest, page.Last, err
			})
			return f.end(t, err, "There are no events after that number.")
		},
	}
	f.register(cmd)
	return parent("events", "The event feed of a tenant, and which tenants change", "", cmd, eventsChanges(t))
}

// end prints that nothing was found, unless an error ended it.
func (f *tail) end(t *terminal, err error, none string) error {
	if err == nil && !f.follow {
		t.noLines(f.printed, none)
	}
	return err
}

// noLines tells people that nothing was found. Programs see that there are no lines.
func (t *terminal) noLines(printed int, none string) {
	if printed == 0 && !t.lines() {
		t.say("%s", none)
	}
}

func optional(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// whoText names an actor: an operator by name, a connection or a rule by its id.
func whoText[K ~string](kind K, name, id string) string {
	if kind == "operator" && name != "" {
		return name
	}
	return id
}

func (t *terminal) event(e wire.Event) error {
	if t.lines() {
		return t.line(e)
	}
	name := e.Subject.Name
	if name == "" {
		name = e.Subject.ID
	}
	t.say("%6d  %s  %-24s %s %s  (by %s %s) %s", e.Seq, moment(&e.Time), e.Kind, e.Subject.Kind, printable(name), e.Actor.Kind, printable(whoText(e.Actor.Kind, e.Actor.Name, e.Actor.ID)), printable(string(e.Data)))
	return nil
}
