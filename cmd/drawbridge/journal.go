package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/transcript"
	"drawbridge/console/wire"
)

func journalCommand(t *terminal) *cobra.Command {
	return parent("journal", "What an identity provider asked, and what it was answered", `Every request of a connection with its answer: what it changed, which leniencies were applied, which rule refused it, how long
it took. Passwords, tokens and attributes that are returned never are masked before anything is written; names and addresses of
people are in it. It is kept for journal_days and up to journal_mb of the tenant. Backups do not contain it.`,
		journalList(t), journalShow(t), journalExport(t))
}

// journalFlags are the filters of list and export.
type journalFlags struct {
	connection, tenant string // one of them
	since, until       string
	search             client.JournalSearch
	lines              int
}

func (f *journalFlags) register(cmd *cobra.Command, lines int) {
	flags := cmd.Flags()
	flags.StringVar(&f.connection, "connection", "", "slug of the connection")
	flags.StringVar(&f.search.User, "user", "", "only requests that name this user: id, userName or externalId")
	flags.StringVar(&f.search.Status, "status", "", "a status such as 409, or a class such as 4xx")
	flags.StringVar(&f.search.Effect, "effect", "", "changed, unchanged, read, refused or failed")
	flags.StringVar(&f.since, "since", "", "not before: 7d, 12h, or a date")
	flags.StringVar(&f.until, "until", "", "before: 7d, 12h, or a date")
	flags.IntVarP(&f.lines, "lines", "n", lines, "how many of the last lines; 0: all")
}

func (f *journalFlags) parse(cmd *cobra.Command) (err error) {
	switch {
	case f.tenant != "" && f.connection != "":
		return usage(cmd.CommandPath(), "give --connection or --tenant, not both")
	case f.tenant == "" && f.connection == "":
		return usage(cmd.CommandPath(), "name the connection with --connection")
	}
	if f.search.From, err = since(cmd.CommandPath(), "since", f.since); err != nil {
		return err
	}
	f.search.To, err = since(cmd.CommandPath(), "until", f.until)
	return err
}

// read gives what is wanted, the newest first.
func (f *journalFlags) read(ctx context.Context, c *client.Client) ([]wire.Exchange, error) {
	out := []wire.Exchange{}
	s := f.search
	for {
		if s.Limit = 500; f.lines > 0 {
			s.Limit = min(s.Limit, f.lines-len(out))
		}
		page, err := f.page(ctx, c, s)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if s.Before = page.Next; s.Before == 0 || f.lines > 0 && len(out) >= f.lines {
			return out, nil
		}
	}
}

// page reads the journal of the connection, or of all connections of the tenant.
func (f *journalFlags) page(ctx context.Context, c *client.Client, s client.JournalSearch) (wire.Journal, error) {
	if f.tenant != "" {
		return c.TenantJournal(ctx, f.tenant, s)
	}
	return c.Journal(ctx, f.connection, s)
}

// journalPause is how long follow waits between two requests.
const journalPause = time.Second

func journalList(t *terminal) *cobra.Command {
	var f journalFlags
	var follow bool
	cmd := &cobra.Command{
		Use: "list", Short: "Show the last requests of a connection", Args: arguments(),
		Long: "The oldest first; with --tenant those of all its connections. With -o json each request is one line with everything that the journal has of it.",
		Example: `  drawbridge journal list --connection acme-okta --user anna@acme.example
  drawbridge journal list --tenant acme --user anna@acme.example
  drawbridge journal list --connection acme-okta --status 4xx --since 1d
  drawbridge journal list --connection acme-okta -f`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.parse(cmd); err != nil {
				return err
			}
			if follow && f.until != "" {
				return usage(cmd.CommandPath(), "--follow waits for what comes: leave --until out")
			}
			if err := t.stream(); err != nil {
				return err
			}
			ctx, c := cmd.Context(), t.client()
			for {
				all, err := f.read(ctx, c)
				if err != nil {
					if follow && errors.Is(err, context.Canceled) {
						return nil // Ctrl-C is how one ends it
					}
					return err
				}
				for _, e := range slices.Backward(all) {
					f.search.After = max(f.search.After, e.Seq)
					if err := t.exchange(&e); err != nil {
						return err
					}
				}
				if !follow {
					t.noLines(len(all), "The journal of "+f.connection+f.tenant+" has no such request. It keeps those that showed a known credential, for journal_days of the tenant.")
					return nil
				}
				f.lines = 0
				select {
				case <-ctx.Done():
					return nil
				case <-time.After(journalPause):
				}
			}
		},
	}
	f.register(cmd, 20)
	cmd.Flags().StringVar(&f.tenant, "tenant", "", "all connections of this tenant, in place of --connection")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "wait for more, until Ctrl-C")
	return cmd
}

// exchange prints one request on a line.
func (t *terminal) exchange(e *wire.Exchange) error {
	if t.lines() {
		return t.line(e)
	}
	if e.Gap != "" {
		t.say("%s  %s", moment(&e.Time), t.paint(yellow, gapText(e)))
		return nil
	}
	colour := plain
	switch {
	case e.Status >= 500:
		colour = red
	case e.Status >= 400:
		colour = yellow
	}
	text := e.Effect
	if e.Observed {
		text += " in the copy"
	}
	if e.Rule != "" {
		text += " by " + e.Rule
	}
	if e.Why != "" {
		text += ": " + e.Why
	} else if len(e.Done) > 0 {
		text += ": " + strings.Join(e.Done, ", ")
	}
	if len(e.Quirks) > 0 {
		text += " [" + strings.Join(e.Quirks, ", ") + "]"
	}
	path := strings.TrimPrefix(e.Path, "/scim/v2/"+e.Connection)
	t.say("%s  %s  %s  %-6s %s  %.0f ms  %s", moment(&e.Time), e.Request, t.paint(colour, statusText(e.Status)), e.Method, printable(path), e.Millis, printable(text))
	return nil
}

// gapText says what is missing.
func gapText(e *wire.Exchange) string {
	switch e.Gap {
	case "busy":
		return fmt.Sprintf("-- %d requests are missing here: they came faster than the journal is written", e.Missed)
	case "disk":
		return fmt.Sprintf("-- %d requests are missing here: the journal could not be written", e.Missed)
	case "rejected":
		return fmt.Sprintf("-- %d requests showed a credential that is unknown, expired or revoked", e.Missed)
	case "throttled":
		return fmt.Sprintf("-- %d requests were answered 429: the connection sent more than it may", e.Missed)
	}
	return fmt.Sprintf("-- %d requests are missing here", e.Missed)
}

func journalShow(t *terminal) *cobra.Command {
	var connection string
	var curl, anonymise bool
	cmd := &cobra.Command{
		Use: "show REQUEST", Short: "Show one request and its answer", Args: arguments("REQUEST"),
		Long: `REQUEST is the id of a request. The health of a connection, the audit trail, the log, and the X-Request-Id of the answer show it.
Without --connection, the journals of all connections are searched.`,
		Example: `  drawbridge journal show 7f3a90c1d2e4-k2
  drawbridge journal show 7f3a90c1d2e4-k2 --curl
  drawbridge journal show 7f3a90c1d2e4-k2 --anonymise`,
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := t.findExchange(cmd.Context(), connection, args[0])
			if err != nil {
				return err
			}
			switch {
			case curl && anonymise:
				return usage(cmd.CommandPath(), "give --curl or --anonymise, not both")
			case curl:
				t.say("%s", e.Curl)
				return nil
			case anonymise:
				text, err := t.client().Transcript(cmd.Context(), e.Connection, e.Request)
				if err != nil {
					return err
				}
				return t.print(text, func() { t.say("%s", strings.TrimRight(text.Text, "\n")) })
			}
			return t.print(e, func() { t.wholeExchange(&e) })
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "slug of the connection (default: all)")
	cmd.Flags().BoolVar(&curl, "curl", false, "as a command, with $TOKEN in place of the credential")
	cmd.Flags().BoolVar(&anonymise, "anonymise", false, "as a transcript without names, addresses and ids, as journal export writes it")
	return cmd
}

// findExchange looks for a request in one connection, or in all.
func (t *terminal) findExchange(ctx context.Context, connection, request string) (wire.Exchange, error) {
	c := t.client()
	if connection != "" {
		return c.Exchange(ctx, connection, request)
	}
	all, err := pages(0, func(cursor string, limit int) ([]wire.Connection, string, error) {
		page, err := c.Connections(ctx, client.List{Cursor: cursor, Limit: limit})
		return page.Items, page.Next, err
	})
	if err != nil {
		return wire.Exchange{}, err
	}
	err = fmt.Errorf("there is no connection yet")
	for i := range all {
		var e wire.Exchange
		if e, err = c.Exchange(ctx, all[i].Slug, request); err == nil {
			return e, nil
		}
		var problem *client.Error
		if !errors.As(err, &problem) || problem.Status != 404 {
			return e, err
		}
	}
	return wire.Exchange{}, err
}

func (t *terminal) wholeExchange(e *wire.Exchange) {
	did := strings.Join(e.Done, ", ")
	if e.More > 0 {
		did += fmt.Sprintf(" and %d more", e.More)
	}
	effect := e.Effect
	if e.Observed {
		effect += " in the copy (the connection was in observe mode)"
	}
	t.details(
		[2]string{"Request", e.Request}, [2]string{"Connection", e.Connection}, [2]string{"Time", moment(&e.Time)},
		[2]string{"From", strings.TrimSpace(e.Address + " " + e.UserAgent)}, [2]string{"Operation", e.Operation}, [2]string{"Took", fmt.Sprintf("%.1f ms", e.Millis)},
		[2]string{"Effect", effect}, [2]string{"Rule", e.Rule}, [2]string{"Why", e.Why}, [2]string{"Did", did}, [2]string{"Quirks", strings.Join(e.Quirks, ", ")},
	)
	t.say("\n%s", t.paint(bold, printable(e.Method+" "+e.Path)))
	t.message(httpMessage{e.Headers, e.Body, e.BodyBytes, e.BodyCut, e.BodyNote})
	t.say("\n%s", t.paint(bold, statusText(e.Status)))
	t.message(httpMessage{e.AnswerHeaders, e.Answer, e.AnswerBytes, e.AnswerCut, ""})
}

// httpMessage is a request or an answer of the journal.
type httpMessage struct {
	headers []wire.Header
	body    string
	size    int
	cut     bool   // body is only the beginning
	note    string // why the body is not kept
}

// message prints the head and the body of a request or an answer.
func (t *terminal) message(m httpMessage) {
	for _, h := range m.headers {
		t.say("%s: %s", h.Name, printable(h.Value))
	}
	if m.body != "" {
		t.say("")
		for line := range strings.SplitSeq(transcript.Pretty(m.body), "\n") {
			t.say("%s", printable(line))
		}
	}
	if m.cut {
		t.say("(cut: it had %d bytes)", m.size)
	}
	if m.note != "" {
		t.say("\n(the body of %d bytes is not kept: %s)", m.size, m.note)
	}
}

// writeWhole puts a text into a file, which has its old content until the new one is on the disk. What is no regular file is written to as it is.
func writeWhole(name string, text []byte) (err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, text, 0o600)
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func journalExport(t *terminal) *cobra.Command {
	var f journalFlags
	var out string
	var anonymise bool
	cmd := &cobra.Command{
		Use: "export", Short: "Write requests as a transcript, for a bug report", Args: arguments(),
		Long: `Writes requests and answers in order, in the format of scim/testdata, so that they can be replayed against an empty company. Narrow
it with --since or --user: a transcript is most useful if it begins where the user was created.

With --anonymise, names, addresses, external ids, numbers and every other text that may name a person or a company are replaced,
each by the same substitute everywhere. Still, read the file before you give it away.`,
		Example: `  drawbridge journal export --connection acme-okta --since 1h --anonymise -f report.txtar`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.parse(cmd); err != nil {
				return err
			}
			ctx, c := cmd.Context(), t.client()
			connection, err := c.Connection(ctx, f.connection)
			if err != nil {
				return whenInterrupted(err, "nothing was exported")
			}
			all, err := f.read(ctx, c)
			if err != nil {
				return whenInterrupted(err, "nothing was exported")
			}
			if len(all) == 0 {
				return &client.Error{Problem: wire.Problem{Code: "not_found", Detail: fmt.Sprintf("the journal of %s has no such request", f.connection)}}
			}
			text := transcript.Write(transcript.Options{
				About: "What a connection of the type " + connection.Type + " asked, from the request journal.", ConnectionType: connection.Type, Anonymous: anonymise,
			}, all)
			if out == "" || out == "-" {
				_, err := fmt.Fprint(t.out, text)
				return err
			}
			return writeWhole(out, []byte(text))
		},
	}
	f.register(cmd, 0)
	cmd.Flags().StringVarP(&out, "file", "f", "", "where to write it (default: standard output)")
	cmd.Flags().BoolVar(&anonymise, "anonymise", false, "replace names, addresses and every other text that may name a person")
	return cmd
}
