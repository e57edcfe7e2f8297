package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says what is wrong with a flag, in the words of this program.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		text := fmt.Sprintf("%q has no flag %s", cmd.CommandPath(), printable(name))
		if near := nearestFlags(cmd, unknown.GetSpecifiedName()); len(near) > 0 {
			text += "; did you mean " + alternatives(near) + "?"
		}
		return errors.New(text)
	case errors.As(err, &missing):
		return fmt.Errorf("--%s wants a value: %s", missing.GetFlag().Name, missing.GetFlag().Usage)
	case errors.As(err, &invalid):
		return invalidValue(invalid)
	case errors.As(err, &syntax):
		return fmt.Errorf("%q is no flag", printable(syntax.GetSpecifiedFlag()))
	}
	return err
}

func invalidValue(e *pflag.InvalidValueError) error {
	f := e.GetFlag()
	want := ""
	switch f.Value.Type() {
	case "int", "int64", "uint", "uint64":
		want = "a whole number"
	case "bool":
		want = "true or false"
	case "duration":
		want = "a time such as 90s, 24h or 7d"
	default:
		return fmt.Errorf("--%s: %w", f.Name, e.Unwrap())
	}
	return fmt.Errorf("--%s is %s, not %q", f.Name, want, printable(e.GetValue()))
}

// nearestFlags are the flags of a command that the caller may have meant.
func nearestFlags(cmd *cobra.Command, name string) []string {
	var near []string
	look := func(f *pflag.Flag) {
		if !f.Hidden && (alike(f.Name, name) || len(name) > 2 && strings.HasPrefix(f.Name, name)) {
			near = append(near, "--"+f.Name)
		}
	}
	cmd.LocalFlags().VisitAll(look)
	cmd.InheritedFlags().VisitAll(look)
	slices.Sort(near)
	return slices.Compact(near)
}

// missingFlags names the required flags that are missing.
func missingFlags(cmd *cobra.Command) error {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, required := f.Annotations[cobra.BashCompOneRequiredFlag]; required && !f.Changed {
			names = append(names, "--"+f.Name)
		}
	})
	if len(names) == 0 {
		return nil
	}
	return missingNames(names)
}

// missingNames says which arguments or flags are missing.
func missingNames(names []string) error {
	last := len(names) - 1
	if last == 0 {
		return fmt.Errorf("%s is missing", names[0])
	}
	return fmt.Errorf("%s and %s are missing", strings.Join(names[:last], ", "), names[last])
}

// span is a flag with a time that may be given in days: 24h, 7d, 1d12h.
type span time.Duration

// String is "0" for no time, which help texts leave out.
func (s *span) String() string {
	if *s == 0 {
		return "0"
	}
	return spanText(time.Duration(*s))
}
func (*span) Type() string { return "duration" }

func (s *span) Set(text string) error {
	d, err := parseSpan(text)
	*s = span(d)
	return err
}

// spanText writes a time as parseSpan reads it: 7d, 1d12h, 40m.
func spanText(d time.Duration) string {
	days := ""
	if n := d / (24 * time.Hour); n > 0 {
		if days, d = strconv.Itoa(int(n))+"d", d%(24*time.Hour); d == 0 {
			return days
		}
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return days + text
}

// longest is how long a span may be: a hundred years.
const longest = 36500 * 24 * time.Hour

func parseSpan(text string) (time.Duration, error) {
	days, rest, hasDays := strings.Cut(text, "d")
	var total time.Duration
	if hasDays {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > int(longest/(24*time.Hour)) {
			return 0, errors.New("not a time")
		}
		total = time.Duration(n) * 24 * time.Hour
	} else {
		rest = text
	}
	if rest != "" || !hasDays {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 || d > longest {
			return 0, errors.New("not a time")
		}
		total += d
	}
	return total, nil
}

// alternatives writes a, b or c.
func alternatives(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
}

// distance is how many letters must be added, left out, replaced or swapped with their neighbour to turn a into b.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if len(x) > 64 || len(y) > 64 {
		return max(len(x), len(y))
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
