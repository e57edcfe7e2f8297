package directory

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// UniqueAttribute is an attribute of a tenant's own schema of which no two resources of its type have the same value
// (RFC 7643 §2.2: uniqueness "server" or "global"; both mean the tenant, because an answer must not reveal another tenant).
type UniqueAttribute struct {
	Kind      Kind      `json:"kind"`
	Path      Path      `json:"path"`
	Type      ValueType `json:"type,omitempty"`
	CaseExact bool      `json:"case_exact,omitempty"`
}

// UniqueKey is a value that no other resource of its kind in the tenant may have, as a record carries it and an index holds
// it: kind, blank, path, "=", and the value in a form that is the same for equal values.
type UniqueKey string

// Key is the key of a value of the attribute; "" for a value that cannot be compared.
func (a *UniqueAttribute) Key(value any) UniqueKey {
	text := a.spell(value)
	if text == "" {
		return ""
	}
	return UniqueKey(string(a.Kind) + " " + a.Path.String() + "=" + text)
}

// spell writes a value so that equal values are written alike.
func (a *UniqueAttribute) spell(value any) string {
	if object, ok := value.(Attributes); ok { // a complex value is compared by its "value"
		value, _ = object.Get("value")
	}
	switch v := value.(type) {
	case string:
		if a.Type == Instant {
			if t, ok := ParseInstant(v); ok {
				return t.UTC().Format(time.RFC3339Nano)
			}
		}
		if a.CaseExact || a.Type == Binary {
			return v
		}
		return Fold(v)
	case Number:
		return spellNumber(v)
	}
	return ""
}

// spellNumber writes 1, 1.0 and 1e0 alike.
func spellNumber(n Number) string {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return strconv.FormatInt(i, 10)
	}
	f, _ := strconv.ParseFloat(string(n), 64)
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// Split gives the path of the attribute and the value, as an error names them.
func (k UniqueKey) Split() (path, value string) {
	_, rest, _ := strings.Cut(string(k), " ")
	path, value, _ = strings.Cut(rest, "=")
	if strings.HasPrefix(path, sentSchema) { // see SentKey
		path = "userName"
	}
	return path, value
}

// UniqueAttributes lists the unique attributes of one kind of resource.
func UniqueAttributes(schemas []CustomSchema, kind Kind) []UniqueAttribute {
	var out []UniqueAttribute
	for i := range schemas {
		for _, a := range schemas[i].Unique {
			if a.Kind == kind {
				out = append(out, a)
			}
		}
	}
	return out
}

// UniqueKeys gives the keys of a resource, each once, in the order of the attributes; none if it has no value of any of them.
func UniqueKeys(attributes []UniqueAttribute, r Record) []UniqueKey {
	var out []UniqueKey
	add := func(a *UniqueAttribute, value any) {
		if key := a.Key(value); key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	for i := range attributes {
		a := &attributes[i]
		switch v := valueAt(r, a.Path).(type) {
		case nil:
		case []any:
			for _, element := range v {
				add(a, element)
			}
		default:
			add(a, v)
		}
	}
	return out
}
