package main

import (
	"bufio"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// terminal is where a command reads and prints, and the flags that all commands have.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	env      []string

	data      string
	dataGiven bool // by --data
	server    string
	caFile    string
	repeat    string // the Idempotency-Key of creates
	dry       bool   // only say what would happen
	output    string
	running   bool // arguments were understood

	authorities *x509.CertPool // of --ca-file

	printer
}

// getenv gives a variable, or otherwise if it is not set or empty.
func (t *terminal) getenv(name, otherwise string) string {
	for _, line := range t.env {
		if value, ok := strings.CutPrefix(line, name+"="); ok && value != "" {
			return value
		}
	}
	return otherwise
}

// watched is a writer that knows whether everything was written, and says at once if it was not.
type watched struct {
	to     io.Writer
	failed func() // may be nil
	err    error
}

func (w *watched) Write(text []byte) (int, error) {
	n, err := w.to.Write(text)
	if err != nil {
		w.err = cmp.Or(w.err, err) // the first one tells why
		if w.failed != nil {
			w.failed()
		}
	}
	return n, err
}

// lost is the error of a command whose output was not written whole. What it did at the server is done: only its answer is missing.
func (w *watched) lost() error {
	cause := w.err
	var at *fs.PathError
	if errors.As(cause, &at) {
		cause = at.Err
	}
	return fmt.Errorf("the output could not be written: %w; what the command was asked to do may be done all the same", cause)
}

// fileOf is the file that a stream reads or writes.
func fileOf(end any) (*os.File, bool) {
	for {
		w, ok := end.(*watched)
		if !ok {
			break
		}
		end = w.to
	}
	f, ok := end.(*os.File)
	return f, ok
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(end any) bool {
	f, ok := fileOf(end)
	return ok && term.IsTerminal(int(f.Fd()))
}

// yes reports whether the flag --yes of a command was given.
func yes(cmd *cobra.Command) bool {
	given, err := cmd.Flags().GetBool("yes")
	return err == nil && given
}

// confirm asks a person whether to go on, unless --yes was given. Without a terminal it refuses and names the flag.
func (t *terminal) confirm(cmd *cobra.Command, question string) error {
	if yes(cmd) || t.dry {
		return nil
	}
	if !isTerminal(t.in) {
		return usage(cmd.CommandPath(), "%s There is no terminal to answer on; add --yes to go on", question)
	}
	fmt.Fprintf(t.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(t.in).ReadString('\n')
	if a := strings.ToLower(strings.TrimSpace(answer)); a == "y" || a == "yes" {
		return nil
	}
	if err != nil {
		fmt.Fprintln(t.err) // the question had no line of its own
	}
	return errors.New("the answer was not yes, so nothing was done")
}

// moment writes a time for people, "-" if there is none.
func moment(at *time.Time) string {
	if at == nil || at.IsZero() {
		return "-"
	}
	return at.Local().Format("2006-01-02 15:04:05")
}

// orDash is text, or "-" if it is empty.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// stateColour is how a state looks.
func stateColour(state string) string {
	switch state {
	case "active", "live":
		return green
	case "suspended", "revoked", "expired", "unlinked":
		return red
	case "invited", "awaiting_confirmation", "recovery", "paused":
		return yellow
	}
	return plain
}

// pages reads a list to its end, or up to limit entries.
func pages[T any](limit int, read func(cursor string, limit int) ([]T, string, error)) ([]T, error) {
	out := []T{}
	cursor := ""
	for {
		want := 500
		if limit > 0 {
			want = min(want, limit-len(out))
		}
		items, next, err := read(cursor, want)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
		if next == "" || limit > 0 && len(out) >= limit {
			return out, nil
		}
		cursor = next
	}
}
