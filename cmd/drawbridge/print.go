package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"drawbridge/cmd/drawbridge/output"
)

// printer is how a command prints: the flags --output, --columns, --no-headers and --wide.
type printer struct {
	format    output.Format
	columns   []string
	noHeaders bool
	wide      bool

	tables  int      // the number of printed tables
	found   []string // columns of --columns that a table had
	offered []string // columns that tables had
}

// understand reads the flags.
func (p *printer) understand(format string) error {
	var err error
	if p.format, err = output.ParseFormat(format); err != nil {
		return err
	}
	if len(p.columns) > 0 && !p.format.ForPeople() {
		return fmt.Errorf("--columns chooses columns of tables; --output %s prints none", p.format.Kind)
	}
	return nil
}

// json reports whether programs read the output.
func (t *terminal) json() bool { return !t.format.ForPeople() }

// print writes v for programs, or as text says for people.
func (t *terminal) print(v any, text func()) error {
	if t.json() {
		return t.format.Encode(t.out, v)
	}
	t.tables, t.found, t.offered = 0, nil, nil
	text()
	return t.columnsFound()
}

// columnsFound refuses columns that no table had.
func (t *terminal) columnsFound() error {
	if t.tables == 0 {
		if len(t.columns) > 0 {
			fmt.Fprintln(t.err, "Mind: --columns has no effect here: this command printed no table.")
		}
		return nil
	}
	for _, want := range t.columns {
		if !slices.Contains(t.found, want) {
			return &wrongValue{fmt.Errorf("there is no column %q; --columns takes %s", printable(want), strings.Join(t.offered, ", "))}
		}
	}
	return nil
}

// stream refuses formats and flags that a stream of lines cannot have.
func (t *terminal) stream() error {
	if t.format.Kind == output.CSV {
		return &wrongValue{errors.New("--output csv is for tables; take json here, which prints one line for each")}
	}
	return t.columnsFound()
}

// line writes a value of a stream.
func (t *terminal) line(v any) error {
	return t.format.Line(t.out, v)
}

// lines reports whether the values of a stream are printed with line.
func (t *terminal) lines() bool { return t.format.Kind != output.Text }

// jsonLine writes v as one line of JSON, whatever --output says.
func (t *terminal) jsonLine(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// say writes a line for people. In CSV it goes to standard error, where it is not taken for a row.
func (t *terminal) say(format string, args ...any) {
	to := t.out
	if t.format.Kind == output.CSV {
		to = t.err
	}
	fmt.Fprintf(to, format+"\n", args...)
}

func (t *terminal) colours() bool {
	return isTerminal(t.out) && t.getenv("NO_COLOR", "") == "" && t.getenv("TERM", "") != "dumb"
}

// width is how wide tables may be; 0: as wide as they get.
func (t *terminal) width() int {
	if t.wide || !isTerminal(t.out) {
		return 0
	}
	if n, err := strconv.Atoi(t.getenv("COLUMNS", "")); err == nil && n > 0 {
		return n
	}
	if f, ok := fileOf(t.out); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
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

// table writes a table with a head.
func (t *terminal) table(head []string, rows [][]cell) {
	whole := output.Table{Head: head, Rows: make([][]output.Cell, len(rows))}
	for i, row := range rows {
		for _, c := range row {
			whole.Rows[i] = append(whole.Rows[i], output.Cell{Text: c.text, Colour: c.colour})
		}
	}
	t.offer(head)
	style := output.Style{Columns: t.columns, NoHeaders: t.noHeaders, Width: t.width(), Colours: t.colours()}
	shown, _ := style.Select(whole)
	if len(shown.Head) == 0 {
		return
	}
	if t.format.Kind == output.CSV {
		t.written(output.Written{}, style.WriteCSV(t.out, shown))
		return
	}
	t.written(style.Write(t.out, shown))
}

// offer notes the columns of a table.
func (t *terminal) offer(head []string) {
	table := output.Table{Head: head}
	_, missing := output.Style{Columns: t.columns}.Select(table)
	for _, name := range t.columns {
		if !slices.Contains(missing, name) {
			t.found = append(t.found, name)
		}
	}
	for _, name := range table.ColumnNames() {
		if name != "" && !slices.Contains(t.offered, name) {
			t.offered = append(t.offered, name)
		}
	}
	t.tables++
}

// written says which columns of a table are not shown.
func (t *terminal) written(w output.Written, err error) {
	switch {
	case err != nil: // the reader has exited, so every later line fails, too
	case len(w.LeftOut) > 0:
		t.say("%s", t.paint(dim, "Too narrow for "+strings.Join(w.LeftOut, ", ")+": --wide shows all columns."))
	case w.Cut:
		t.say("%s", t.paint(dim, "Some texts are cut (…): --wide shows them whole."))
	}
}

// details writes names and values, one a line. Pairs with an empty value are left out.
func (t *terminal) details(pairs ...[2]string) {
	if t.format.Kind == output.CSV {
		rows := [][]cell{}
		for _, p := range pairs {
			rows = append(rows, cells(p[0], p[1]))
		}
		t.table([]string{"FIELD", "VALUE"}, rows)
		return
	}
	width := 0
	for _, p := range pairs {
		if p[1] != "" {
			width = max(width, output.Width(p[0]))
		}
	}
	for _, p := range pairs {
		if p[1] != "" {
			t.say("%s  %s", output.Pad(p[0]+":", width+1), printable(p[1]))
		}
	}
}

// printable removes control characters, because texts of an identity provider must not control the terminal.
func printable(text string) string { return output.Printable(flagged(text)) }

// setting is how the server names what a connection reads; each has a flag of the same name.
var setting = regexp.MustCompile(`\bthe setting google\.([a-z]+)`)

// flagged names the flags of the settings that a text of the server names.
func flagged(text string) string { return setting.ReplaceAllString(text, "--google-$1") }
