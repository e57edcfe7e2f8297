package output_test

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"drawbridge/cmd/drawbridge/output"
)

type thing struct {
	Slug  string   `json:"slug"`
	Name  string   `json:"name"`
	Seats int64    `json:"seats"`
	Note  string   `json:"note"`
	Tags  []string `json:"tags"`
	None  *int     `json:"none"`
}

func things() []thing {
	return []thing{
		{"acme", "Acme & Söhne", 9007199254740993, "true", []string{"a", "2026-01-01"}, nil},
		{"birch", "白樺 <b>", 0, "line\nbreak\x7f \u2028", nil, nil},
	}
}

// TestEachFormatPrintsTheValues compares the output of each format for the same values.
func TestEachFormatPrintsTheValues(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"name":                                "acme\nbirch\n",
		"jsonpath=$[*].name":                  "Acme & Söhne\n白樺 <b>\n",
		"jsonpath={.[0].seats}":               "9007199254740993\n",
		"jsonpath=[?@.slug=='birch'].name":    "白樺 <b>\n",
		"jsonpath=$[0].tags":                  "[\"a\",\"2026-01-01\"]\n",
		"jsonpath=$[*].nothing":               "",
		"jsonpath=$[?@.seats > 5]['slug']":    "acme\n",
		"jsonpath=$[?length(@.slug)==4].tags": "[\"a\",\"2026-01-01\"]\n",
	} {
		f, err := output.ParseFormat(format)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := f.Encode(&b, things()); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v; want %q", format, b.String(), err, want)
		}
	}
}

// The YAML output can be parsed, with the same values in the same order of fields.
func TestYAMLIsReadBack(t *testing.T) {
	t.Parallel()
	f, err := output.ParseFormat("yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := f.Encode(&b, things()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "- slug: acme\n  name: Acme & Söhne\n  seats: 9007199254740993\n  note: \"true\"\n") {
		t.Errorf("the order or the form is another:\n%s", b.String())
	}
	var back []struct {
		Slug, Name, Note string
		Seats            int64
		Tags             []string
		None             *int
	}
	if err := yaml.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	for i, want := range things() {
		got := back[i]
		if got.Slug != want.Slug || got.Name != want.Name || got.Note != want.Note || got.Seats != want.Seats || strings.Join(got.Tags, ",") != strings.Join(want.Tags, ",") || got.None != nil {
			t.Errorf("%+v came back as %+v", want, got)
		}
	}
}

// An answer with one named record has the name of that record. An answer with two has none.
func TestNameFormatPrintsOneName(t *testing.T) {
	t.Parallel()
	f, err := output.ParseFormat("name")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{map[string]any{"key": map[string]any{"id": "7"}, "secret": "x"}, "7\n"},
		{map[string]any{"a": map[string]any{"id": "1"}, "b": map[string]any{"id": "2"}}, ""},
		{map[string]any{"seats": 4}, ""},
		{[]any{}, ""},
		{[]any{map[string]any{"seats": 4}, map[string]any{"seq": 7}}, "-\n7\n"},
		{map[string]any{"items": []any{map[string]any{"email": "a@b.example"}}, "key": "k"}, "a@b.example\n"},
		{map[string]any{"revoked": "0195", "notice": ""}, "0195\n"},
		{"text", ""},
	} {
		var b strings.Builder
		if err := f.Encode(&b, c.v); err != nil || b.String() != c.want {
			t.Errorf("%v: %q, %v", c.v, b.String(), err)
		}
	}
}

func TestInvalidFormatsAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "xml", "json=a", "name=", "jsonpath", "jsonpath=", "jsonpath={", "jsonpath=$[", "jsonpath=$[?(", "jsonpath=" + strings.Repeat("[", 2000), "ta\x1bble"} {
		if _, err := output.ParseFormat(text); err == nil {
			t.Errorf("%q is a format", text)
		} else if strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("%q steers the terminal", err)
		}
	}
}

func table() output.Table {
	row := func(texts ...string) []output.Cell {
		out := make([]output.Cell, len(texts))
		for i, text := range texts {
			out[i].Text = text
		}
		return out
	}
	return output.Table{Head: []string{"USER", "DISPLAY NAME", "STATE", "ID"}, Rows: [][]output.Cell{
		row("ada@acme.example", "Ada King, Countess of Lovelace", "active", "0195a0b0-1111"),
		row("白樺@acme.example", "e\u0301 👩‍👩‍👧 of the very long family name", "-", "0195a0b0-2222"),
	}}
}

func TestTablesFitTheTerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		style output.Style
		want  string
		left  string
		cut   bool
	}{
		"whole": {output.Style{}, `
USER               DISPLAY NAME                       STATE   ID
ada@acme.example   Ada King, Countess of Lovelace     active  0195a0b0-1111
白樺@acme.example  é 👩‍👩‍👧 of the very long family name  -       0195a0b0-2222
`, "", false},
		"cut": {output.Style{Width: 70}, `
USER               DISPLAY NAME                  STATE   ID
ada@acme.example   Ada King, Countess of Lovel…  active  0195a0b0-1111
白樺@acme.example  é 👩‍👩‍👧 of the very long famil…  -       0195a0b0-2222
`, "", true},
		"left out": {output.Style{Width: 50}, `
USER               DISPLAY NAME             STATE
ada@acme.example   Ada King, Countess of …  active
白樺@acme.example  é 👩‍👩‍👧 of the very long …  -
`, "ID", true},
		"one column": {output.Style{Width: 10, NoHeaders: true}, `
ada@acme.…
白樺@acme…
`, "DISPLAY NAME,STATE,ID", true},
		"colours": {output.Style{Colours: true, Width: 12}, "\n\x1b[1mUSER\x1b[0m\nada@acme.ex…\n白樺@acme.e…\n", "DISPLAY NAME,STATE,ID", true},
	} {
		var b strings.Builder
		written, err := c.style.Write(&b, table())
		if err != nil {
			t.Fatal(err)
		}
		if got := "\n" + b.String(); got != c.want {
			t.Errorf("%s:%s", name, got)
		}
		if left := strings.Join(written.LeftOut, ","); left != c.left || written.Cut != c.cut {
			t.Errorf("%s: left out %q, cut %t", name, left, written.Cut)
		}
		for line := range strings.Lines(b.String()) {
			if c.style.Width > 0 && !c.style.Colours && output.Width(strings.TrimRight(line, "\n")) > c.style.Width {
				t.Errorf("%s: %q is wider than %d", name, line, c.style.Width)
			}
		}
	}
}

func TestColumnsAreChosen(t *testing.T) {
	t.Parallel()
	style := output.Style{Columns: []string{"id", "Display_Name", "shoe size"}}
	selected, missing := style.Select(table())
	if strings.Join(missing, ",") != "shoe size" || strings.Join(selected.Head, ",") != "ID,DISPLAY NAME" || selected.Rows[0][0].Text != "0195a0b0-1111" {
		t.Errorf("%v %v %v", selected.Head, selected.Rows[0], missing)
	}
}

func TestCSVIsQuoted(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	rows := table()
	rows.Rows = append(rows.Rows, []output.Cell{{Text: "=1+1"}, {Text: "-"}, {Text: "a\"b"}, {Text: "@x"}})
	if err := (output.Style{Width: 10, Colours: true}).WriteCSV(&b, rows); err != nil {
		t.Fatal(err)
	}
	want := "user,display-name,state,id\nada@acme.example,\"Ada King, Countess of Lovelace\",active,0195a0b0-1111\n白樺@acme.example,e\u0301 👩‍👩‍👧 of the very long family name,,0195a0b0-2222\n'=1+1,,\"a\"\"b\",'@x\n"
	if b.String() != want {
		t.Errorf("%q", b.String())
	}
}

// No expression panics or is accepted unparsed.
func FuzzParseFormat(f *testing.F) {
	for _, seed := range []string{"jsonpath=$..a[?@.b>1 && match(@.c,'x*')]", "jsonpath={.a", "jsonpath=$[1:2:-1]", "yaml"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		format, err := output.ParseFormat(text)
		if err != nil || format.ForPeople() {
			return
		}
		var b strings.Builder
		if err := format.Encode(&b, things()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// A shortened text fits, and a text that fits is not shortened.
func FuzzCut(f *testing.F) {
	f.Add("e\u0301👩‍👩‍👧白", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		got := output.Cut(text, width)
		if width >= 1 && output.Width(got) > width {
			t.Errorf("Cut(%q, %d) = %q", text, width, got)
		}
		if output.Width(text) <= width && got != text {
			t.Errorf("%q fits into %d", text, width)
		}
	})
}
