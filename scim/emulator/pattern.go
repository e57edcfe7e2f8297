package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Vars are the values that were captured so far, by name: "${mira}" in a request or a pattern means Vars["mira"].
type Vars map[string]string

// Expand replaces every ${name} in text that has a value; the others stay.
func (v Vars) Expand(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	var b strings.Builder
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			break
		}
		name := text[start+2 : start+end]
		b.WriteString(text[:start])
		if value, ok := v[name]; ok {
			b.WriteString(value)
		} else {
			b.WriteString(text[start : start+end+1])
		}
		text = text[start+end+1:]
	}
	b.WriteString(text)
	return b.String()
}

// Match compares JSON text with a pattern and returns the differences in words; none if they agree. The values that ${name}
// captured in the pattern are then in v.
//
// A pattern is JSON. An object requires the members that it lists and allows others; null and "(absent)" require that a member
// is missing or null. An array requires exactly as many elements, in any order; "(in order)" as its first element requires the
// order, and "..." as its last allows more. In a string, * matches any text. "*" alone matches any value that is present,
// "(number)", "(string)", "(boolean)" and "(object)" any value of the type, "(digits)" the text of a whole number. "${name}" is the
// value captured under that name, or captures it. Everything else must be equal; numbers by value.
func (v Vars) Match(pattern string, got []byte) []string {
	want, err := decode([]byte(pattern))
	if err != nil {
		return []string{"the pattern is not JSON: " + err.Error()}
	}
	have, err := decode(got)
	if err != nil {
		return []string{"the answer is not JSON: " + err.Error()}
	}
	return v.match("", want, have)
}

func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	return value, nil
}

func (v Vars) match(at string, want, have any) []string {
	switch want := want.(type) {
	case nil:
		if have == nil {
			return nil
		}
		return differs(at, "nothing", have)
	case map[string]any:
		return v.matchObject(at, want, have)
	case []any:
		return v.matchArray(at, want, have)
	case string:
		return v.matchString(at, want, have)
	case json.Number:
		if n, ok := have.(json.Number); ok && sameNumber(want, n) {
			return nil
		}
	default:
		if want == have {
			return nil
		}
	}
	return differs(at, show(want), have)
}

func (v Vars) matchObject(at string, want map[string]any, have any) []string {
	object, ok := have.(map[string]any)
	if !ok {
		return differs(at, "an object", have)
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		// Attribute names have no case (RFC 7643 §2.1).
		value, found := object[name]
		for other, x := range object {
			if !found && strings.EqualFold(other, name) {
				value = x
			}
		}
		out = append(out, v.match(under(at, name), want[name], value)...)
	}
	return out
}

func (v Vars) matchArray(at string, want []any, have any) []string {
	array, ok := have.([]any)
	if !ok {
		if have == nil && len(want) == 0 {
			return nil // SCIM does not distinguish an empty list from a missing one (RFC 7643 §2.5)
		}
		return differs(at, fmt.Sprintf("a list of %d", len(want)), have)
	}
	ordered := len(want) > 0 && want[0] == "(in order)"
	if ordered {
		want = want[1:]
	}
	open := len(want) > 0 && want[len(want)-1] == "..."
	if open {
		want = want[:len(want)-1]
	}
	if len(array) < len(want) || !open && len(array) > len(want) {
		atLeast := ""
		if open {
			atLeast = "at least "
		}
		return []string{fmt.Sprintf("%s: expected %s%d elements, got %d: %s", place(at), atLeast, len(want), len(array), show(have))}
	}
	if ordered {
		var out []string
		for i := range want {
			out = append(out, v.match(fmt.Sprintf("%s[%d]", at, i), want[i], array[i])...)
		}
		return out
	}
	left := slices.Clone(array)
	for i, element := range want {
		at := fmt.Sprintf("%s[%d]", at, i)
		found := slices.IndexFunc(left, func(candidate any) bool {
			trial := maps.Clone(v)
			if len(trial.match(at, element, candidate)) > 0 {
				return false
			}
			maps.Copy(v, trial)
			return true
		})
		if found < 0 {
			return []string{fmt.Sprintf("%s: no element is %s; there are %s", place(at), v.Expand(show(element)), show(have))}
		}
		left = slices.Delete(left, found, found+1)
	}
	return nil
}

func (v Vars) matchString(at, want string, have any) []string {
	switch want {
	case "(absent)":
		if have == nil {
			return nil
		}
		return differs(at, "nothing", have)
	case "*":
		if have != nil {
			return nil
		}
		return differs(at, "any value", have)
	case "(number)":
		if _, ok := have.(json.Number); ok {
			return nil
		}
		return differs(at, "a number", have)
	case "(digits)":
		if text, ok := have.(string); ok && text != "" && strings.Trim(text, "0123456789") == "" {
			return nil
		}
		return differs(at, "a whole number", have)
	case "(string)":
		if _, ok := have.(string); ok {
			return nil
		}
		return differs(at, "a string", have)
	case "(boolean)":
		if _, ok := have.(bool); ok {
			return nil
		}
		return differs(at, "true or false", have)
	case "(object)":
		if _, ok := have.(map[string]any); ok {
			return nil
		}
		return differs(at, "an object", have)
	}
	text, ok := have.(string)
	if !ok {
		return differs(at, show(want), have)
	}
	if name, ok := variable(want); ok {
		if _, known := v[name]; !known {
			if text == "" {
				return differs(at, "a value", have)
			}
			v[name] = text
			return nil
		}
	}
	if want = v.Expand(want); want == text || strings.Contains(want, "*") && glob(want, text) {
		return nil
	}
	return differs(at, show(want), have)
}

// variable is the name in "${name}".
func variable(text string) (string, bool) {
	if strings.HasPrefix(text, "${") && strings.IndexByte(text, '}') == len(text)-1 {
		return text[2 : len(text)-1], true
	}
	return "", false
}

// glob reports whether text is pattern with any text for each *.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

func sameNumber(a, b json.Number) bool {
	x, err1 := strconv.ParseFloat(a.String(), 64)
	y, err2 := strconv.ParseFloat(b.String(), 64)
	return err1 == nil && err2 == nil && x == y
}

func differs(at, want string, have any) []string {
	return []string{fmt.Sprintf("%s: expected %s, got %s", place(at), want, show(have))}
}

func place(at string) string {
	if at == "" {
		return "the answer"
	}
	return at
}

func under(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// show writes a value for people: JSON, not too long.
func show(value any) string {
	if value == nil {
		return "nothing"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return shorten(strings.TrimSpace(b.String()), 300)
}

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
