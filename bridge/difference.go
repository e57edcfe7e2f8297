package bridge

import (
	"bytes"
	"maps"
	"slices"
	"strconv"

	"drawbridge/directory"
)

func number(n int) directory.Number { return directory.Number(strconv.Itoa(n)) }

// sameDocument reports whether two documents say the same. Bytes are compared first, of the whole and then of each
// attribute: identity providers repeat themselves, and a change touches little.
func sameDocument(x, y directory.Document) bool {
	if bytes.Equal(x, y) {
		return true
	}
	a, b := apart(x, y)
	if a == nil || b == nil {
		return false
	}
	_, _, names := difference(a, b)
	return len(names) == 0
}

// apart gives the attributes in which two stored documents may differ, decoded as decoded does.
func apart(x, y directory.Document) (a, b directory.Attributes) {
	if a, b, ok := x.Apart(y); ok {
		return a, b
	}
	return decoded(x), decoded(y)
}

// sameValue is directory.EqualValues for values that may not be decoded yet.
func sameValue(x, y any) bool {
	a, rawX := x.(directory.Document)
	b, rawY := y.(directory.Document)
	if rawX && rawY && bytes.Equal(a, b) {
		return true
	}
	return directory.EqualValues(deep(x), deep(y))
}

// deep decodes a value of a document that was decoded at the top only. What is damaged counts as nothing, as in decoded.
func deep(value any) any {
	raw, ok := value.(directory.Document)
	if !ok {
		return value
	}
	v, err := directory.ParseJSON(raw, directory.Limits{})
	if err != nil {
		return nil
	}
	return v
}

// difference gives the attributes in which two documents differ, as they were and as they are, and their names.
func difference(before, after directory.Attributes) (was, is directory.Attributes, names []string) {
	for _, a := range before {
		now, _ := after.Get(a.Name)
		if sameValue(a.Value, now) {
			continue
		}
		names = append(names, a.Name)
		was = append(was, a)
		if !directory.Unassigned(deep(now)) {
			is = append(is, directory.Attribute{Name: a.Name, Value: now})
		}
	}
	for _, a := range after {
		if _, known := before.Get(a.Name); !known && !directory.Unassigned(deep(a.Value)) {
			names = append(names, a.Name)
			is = append(is, a)
		}
	}
	return was, is, names
}

// decoded gives the attributes of a stored document, decoded at the top only; damaged ones count as none, so that a write
// can mend them.
func decoded(d directory.Document) directory.Attributes {
	if a, ok := d.Shallow(); ok {
		return a
	}
	a, err := d.Attributes()
	if err != nil {
		return nil
	}
	return a
}

// document is a as a Document, nil if there is nothing in it.
func document(a directory.Attributes) directory.Document {
	if len(a) == 0 {
		return nil
	}
	return a.Document()
}

func texts(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// idList is ids as a JSON array. Of a thousand members it is written into the audit line and the event as it is.
func idList(ids []directory.ID) directory.Document {
	const each = 39 // 36 characters, two quotes, a comma
	list := append(make(directory.Document, 0, len("[]")+each*len(ids)), '[')
	for i, id := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(id.AppendTo(append(list, '"')), '"')
	}
	return append(list, ']')
}

func cloneUser(u directory.User) directory.User {
	u.Emails = slices.Clone(u.Emails)
	u.Document = slices.Clone(u.Document)
	u.Unique = slices.Clone(u.Unique)
	if u.Suspension != nil {
		s := *u.Suspension
		u.Suspension = &s
	}
	return u
}

func cloneGroup(g directory.Group) directory.Group {
	g.Document = slices.Clone(g.Document)
	g.Unique = slices.Clone(g.Unique)
	return g
}

func cloneResource(r directory.Resource) directory.Resource {
	r.Document = slices.Clone(r.Document)
	r.Unique = slices.Clone(r.Unique)
	return r
}

func cloneTenant(t directory.Tenant) directory.Tenant {
	t.Schemas = slices.Clone(t.Schemas)
	for i := range t.Schemas {
		t.Schemas[i].Definition = slices.Clone(t.Schemas[i].Definition)
		t.Schemas[i].Unique = slices.Clone(t.Schemas[i].Unique)
	}
	return t
}

func cloneUsage(u directory.Usage) directory.Usage {
	u.Resources = maps.Clone(u.Resources)
	return u
}

func cloneConnection(c directory.Connection) directory.Connection {
	c.Mappings = slices.Clone(c.Mappings)
	if c.Ending != nil {
		ending := *c.Ending
		c.Ending = &ending
	}
	return c
}
