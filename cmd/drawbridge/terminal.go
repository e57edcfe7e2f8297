package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

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
	repeat    string // the Idempotency-Key of creates
	dry       bool   // only say what would happen
	output    string
	running   bool // arguments were understood
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

// json reports whether programs read the output.
func (t *terminal) json() bool { return t.output == "json" }

// print writes v for programs, or as text says for people.
func (t *terminal) print(v any, text func()) error {
	if !t.json() {
		text()
		return nil
	}
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// line writes v as one line of JSON.
func (t *terminal) line(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// say writes a line for people.
func (t *terminal) say(format string, args ...any) {
	fmt.Fprintf(t.out, format+"\n", args...)
}

// isTerminal reports whether a person sits at the other end.
func isTerminal(end any) bool {
	f, ok := end.(*os.File)
	if !ok {
		return false
	}
	return term.IsTerminal(int(f.Fd()))
}

func (t *terminal) colours() bool {
	return isTerminal(t.out) && t.getenv("NO_COLOR", "") == "" && t.getenv("TERM", "") != "dumb"
}

// The colours of cells.
const (
	plain  = ""
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	dim    = "\x1b[2m"
	bold   = "\x1b[1m"
)

// cell is one entry of a table.
type cell struct{ text, colour string }

// cells makes plain cells.
func cells(texts ...string) []cell {
	out := make([]cell, len(texts))
	for i, text := range texts {
		out[i] = cell{text: text}
	}
	return out
}

// table writes aligned columns with a head.
func (t *terminal) table(head []string, rows [][]cell) {
	all := append([][]cell{cells(head...)}, rows...)
	widths := make([]int, len(head))
	for _, row := range all {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(printable(c.text)))
		}
	}
	colours := t.colours()
	for i, row := range all {
		var b strings.Builder
		for j, c := range row {
			text := printable(c.text)
			pad := ""
			if j < len(row)-1 {
				pad = strings.Repeat(" ", widths[j]-utf8.RuneCountInString(text)+2)
			}
			if colour := c.colour; colours && (colour != plain || i == 0) {
				if i == 0 {
					colour = bold
				}
				text = colour + text + "\x1b[0m"
			}
			b.WriteString(text + pad)
		}
		t.say("%s", strings.TrimRight(b.String(), " "))
	}
}

// details writes names and values, one a line. Pairs with an empty value are left out.
func (t *terminal) details(pairs ...[2]string) {
	width := 0
	for _, p := range pairs {
		if p[1] != "" {
			width = max(width, utf8.RuneCountInString(p[0]))
		}
	}
	for _, p := range pairs {
		if p[1] != "" {
			t.say("%-*s  %s", width+1, p[0]+":", printable(p[1]))
		}
	}
}

// printable takes control characters out: what an identity provider sent must not steer the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || 0x80 <= r && r < 0xa0 || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, text)
}

// confirm asks a person whether to go on. Where nobody can answer it refuses and names the flag.
func (t *terminal) confirm(command, question string, yes bool) error {
	if yes || t.dry {
		return nil
	}
	if !isTerminal(t.in) {
		return usage(command, "%s Nobody can answer here; add --yes to go on", question)
	}
	fmt.Fprintf(t.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && answer == "" {
		return fmt.Errorf("no answer: %w", err)
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return fmt.Errorf("nothing was done")
	}
	return nil
}

// moment writes a time for people, "-" if there is none.
func moment(at *time.Time) string {
	if at == nil || at.IsZero() {
		return "-"
	}
	return at.Local().Format("2006-01-02 15:04:05")
}

// orDash is text, or "-" where a table would have a hole.
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
