package output

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Cell is one entry of a table.
type Cell struct{ Text, Colour string }

// Table is a table with a head.
type Table struct {
	Head []string
	Rows [][]Cell
}

// Style is how tables are written.
type Style struct {
	Columns   []string // only these, in this order; none: all
	NoHeaders bool
	Width     int  // of the terminal; 0: as wide as it gets
	Colours   bool // of cells, and a bold head
}

const (
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
	gap   = 2  // spaces between columns
	least = 20 // what a column may be cut to
)

// Written is what became of a table.
type Written struct {
	LeftOut []string // columns for which there was no room
	Cut     bool     // some texts were shortened
}

// columnName is how --columns names a column: last-sync for LAST SYNC.
func columnName(head string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(head)), " ", "-")
}

// ColumnNames are the names by which --columns knows the columns.
func (t Table) ColumnNames() []string {
	names := make([]string, len(t.Head))
	for i, head := range t.Head {
		names[i] = columnName(head)
	}
	return names
}

// Select gives the table with the columns of s alone, and reports those that the table does not have.
func (s Style) Select(t Table) (selected Table, missing []string) {
	if len(s.Columns) == 0 {
		return t, nil
	}
	names := t.ColumnNames()
	var at []int
	for _, want := range s.Columns {
		i := slices.Index(names, columnName(strings.ReplaceAll(want, "_", "-")))
		if i < 0 {
			missing = append(missing, want)
			continue
		}
		at = append(at, i)
		selected.Head = append(selected.Head, t.Head[i])
	}
	for _, row := range t.Rows {
		cells := make([]Cell, len(at))
		for i, from := range at {
			cells[i] = row[from]
		}
		selected.Rows = append(selected.Rows, cells)
	}
	return selected, missing
}

// WriteCSV writes a table as comma-separated values, without colours, whole.
func (s Style) WriteCSV(w io.Writer, t Table) error {
	c := csv.NewWriter(w)
	if !s.NoHeaders {
		if err := c.Write(t.ColumnNames()); err != nil {
			return err
		}
	}
	for _, row := range t.Rows {
		record := make([]string, len(row))
		for i, cell := range row {
			record[i] = spreadsheet(Printable(cell.Text))
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// spreadsheet is a text as a cell that no spreadsheet reads as a formula: it puts an apostrophe before a formula. A dash, which marks
// missing values for people, becomes an empty cell.
func spreadsheet(text string) string {
	if text == "-" {
		return ""
	}
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Write writes a table in aligned columns.
func (s Style) Write(w io.Writer, t Table) (Written, error) {
	texts := make([][]string, 0, len(t.Rows)+1)
	if !s.NoHeaders {
		texts = append(texts, t.Head)
	}
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = Printable(cell.Text)
		}
		texts = append(texts, line)
	}
	natural := make([]int, len(t.Head))
	for _, line := range texts {
		for i, text := range line {
			natural[i] = max(natural[i], Width(text))
		}
	}
	widths := s.fit(t.Head, natural)
	out := Written{LeftOut: t.Head[len(widths):]}
	for i, line := range texts {
		var b strings.Builder
		for j, width := range widths {
			text := Cut(line[j], width)
			out.Cut = out.Cut || text != line[j]
			padded := Pad(text, width+gap)
			if colour := s.colour(t, i, j); colour != "" {
				padded = colour + text + reset + padded[len(text):]
			}
			b.WriteString(padded)
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return out, err
		}
	}
	return out, nil
}

// colour is that of column j in line i of what is written.
func (s Style) colour(t Table, i, j int) string {
	if !s.Colours {
		return ""
	}
	if !s.NoHeaders {
		if i == 0 {
			return bold
		}
		i--
	}
	return t.Rows[i][j].Colour
}

// fit gives the widths of the columns that there is room for. The first column and ids are not cut, so that they can be copied; other columns are cut to
// no less than twenty characters; then columns are left out, from the right.
func (s Style) fit(head []string, natural []int) []int {
	if s.Width <= 0 {
		return natural
	}
	for n := len(natural); n > 1; n-- {
		widths := slices.Clone(natural[:n])
		room := s.Width - gap*(n-1)
		for i := range widths {
			if i > 0 && head[i] != "ID" {
				widths[i] = min(widths[i], max(least, Width(head[i])))
			}
			room -= widths[i]
		}
		if room < 0 {
			continue
		}
		for i := range widths {
			more := min(room, natural[i]-widths[i])
			widths[i] += more
			room -= more
		}
		return widths
	}
	return []int{min(natural[0], s.Width)}
}
