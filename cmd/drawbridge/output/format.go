package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/theory/jsonpath"
)

// Kind is a format of --output.
type Kind string

// The values of Kind.
const (
	Text     Kind = "table" // for people
	CSV      Kind = "csv"   // the tables for people, as comma-separated values
	JSON     Kind = "json"
	YAML     Kind = "yaml"
	Name     Kind = "name"     // the name that other commands take, one a line
	JSONPath Kind = "jsonpath" // what an expression of RFC 9535 selects, one a line
)

// Format is how values are printed.
type Format struct {
	Kind Kind
	path *jsonpath.Path
}

// maxPath is the maximum length of an expression, because its parser recurses.
const maxPath = 1000

// ParseFormat reads the value of --output.
func ParseFormat(text string) (Format, error) {
	kind, path, hasPath := strings.Cut(text, "=")
	switch k := Kind(kind); k {
	case Text, CSV, JSON, YAML, Name:
		if !hasPath {
			return Format{Kind: k}, nil
		}
	case JSONPath:
		p, err := parsePath(path)
		return Format{Kind: k, path: p}, err
	}
	return Format{}, fmt.Errorf("--output is table, json, yaml, csv, name or jsonpath=EXPRESSION, not %q", Printable(text))
}

// parsePath reads an expression. {.slug}, .slug and slug mean $.slug, as kubectl has it.
func parsePath(text string) (*jsonpath.Path, error) {
	path := strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(path, "{"); ok {
		path = strings.TrimSuffix(inner, "}")
	}
	switch {
	case path == "":
		return nil, errors.New("--output jsonpath=EXPRESSION wants an expression, such as jsonpath='$[*].slug'")
	case len(path) > maxPath:
		return nil, fmt.Errorf("the expression of --output jsonpath has more than %d characters", maxPath)
	case strings.HasPrefix(path, "$"):
	case strings.HasPrefix(path, ".["):
		path = "$" + path[1:]
	case strings.HasPrefix(path, "."), strings.HasPrefix(path, "["):
		path = "$" + path
	default:
		path = "$." + path
	}
	p, err := jsonpath.Parse(path)
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), jsonpath.ErrPathParse.Error()+": ")
		return nil, fmt.Errorf("--output jsonpath: %q is no expression: %s", Printable(text), reason)
	}
	return p, nil
}

// ForPeople reports whether people read the output: sentences and tables.
func (f Format) ForPeople() bool { return f.Kind == Text || f.Kind == CSV || f.Kind == "" }

// Encode writes a value. It must not be called for Text and CSV.
func (f Format) Encode(w io.Writer, v any) error { return f.encode(w, v, "  ") }

// Line writes a value of a stream: JSON in one line, a document of its own in YAML.
func (f Format) Line(w io.Writer, v any) error {
	if f.Kind == YAML {
		if _, err := io.WriteString(w, "---\n"); err != nil {
			return err
		}
	}
	return f.encode(w, v, "")
}

func (f Format) encode(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	switch f.Kind {
	case JSON:
		_, err := w.Write(b.Bytes())
		return err
	case YAML:
		return writeYAML(w, b.Bytes())
	case Name:
		return writeNames(w, b.Bytes())
	case JSONPath:
		return f.selected(w, b.Bytes())
	}
	return fmt.Errorf("values are not printed as %s", f.Kind)
}

// decode reads JSON with its numbers as they are written.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// selected writes what the expression selects: text as it is, anything else as JSON.
func (f Format) selected(w io.Writer, text []byte) error {
	v, err := decode(text)
	if err != nil {
		return err
	}
	for _, found := range f.path.Select(v) {
		if err := writeLine(w, found); err != nil {
			return err
		}
	}
	return nil
}

func writeLine(w io.Writer, v any) error {
	if text, ok := v.(string); ok {
		_, err := fmt.Fprintln(w, text)
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// naming lists the fields that name a thing in commands; the first one that exists counts. The later ones are for things that belong to
// something else: the snapshots of a tenant, the deliveries of an event.
func naming() []string {
	return []string{
		"slug", "email", "id", "token_id", "key", "name", "user_name", "username", "request", "rule", "urn", "role", "type", "seq", "file", "path", "line", "day", "user", "group",
		"connection", "tenant", "operator", "url", "version", "state",
	}
}

// writeNames writes the name of a value, or of each value of a list: one line for each, with a hyphen for a value without a name.
func writeNames(w io.Writer, text []byte) error {
	v, err := decode(text)
	if err != nil {
		return err
	}
	if fields, ok := v.(map[string]any); ok {
		if items, ok := fields["items"].([]any); ok { // a list with more about it
			v = items
		}
	}
	list, isList := v.([]any)
	if !isList {
		if name, ok := nameOf(v); ok {
			_, err = fmt.Fprintln(w, Printable(name))
		}
		return err
	}
	for _, item := range list {
		name, ok := nameOf(item)
		if !ok {
			name = "-"
		}
		if _, err := fmt.Fprintln(w, Printable(name)); err != nil {
			return err
		}
	}
	return nil
}

// nameOf is the name of a value. A value that holds a thing and something about it, such as a new key with its secret, has the name of the thing. A value
// with one text has that text for its name.
func nameOf(v any) (string, bool) {
	fields, ok := v.(map[string]any)
	if !ok {
		return "", false
	}
	for _, field := range naming() {
		switch name := fields[field].(type) {
		case string:
			if name != "" {
				return name, true
			}
		case json.Number:
			return name.String(), true
		case map[string]any:
			if inner, ok := nameOf(name); ok {
				return inner, true
			}
		}
	}
	var nested, texts []string
	for _, inner := range fields {
		if name, ok := nameOf(inner); ok {
			nested = append(nested, name)
		}
		if text, ok := inner.(string); ok && text != "" {
			texts = append(texts, text)
		}
	}
	switch {
	case len(nested) == 1:
		return nested[0], true
	case len(nested) == 0 && len(texts) == 1:
		return texts[0], true
	}
	return "", false
}
