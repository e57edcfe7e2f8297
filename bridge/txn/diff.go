package txn

import (
	"bytes"
	"encoding/json"
	"strconv"

	"drawbridge/directory"
)

// Facts are the fields of v as in its JSON, except those in without, for audit lines.
func Facts(v any, without ...string) directory.Attributes {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	facts, err := directory.Document(text).Attributes()
	if err != nil {
		return nil
	}
	for _, name := range without {
		facts.Delete(name)
	}
	return facts
}

// Number is n as a value of a document.
func Number(n int) directory.Number { return directory.Number(strconv.Itoa(n)) }

// SameDocument reports whether two documents have equal attributes. It compares the bytes of the whole and then of each attribute first,
// because identity providers repeat themselves and a change affects few attributes.
func SameDocument(x, y directory.Document) bool {
	if bytes.Equal(x, y) {
		return true
	}
	a, b := Differing(x, y)
	if a == nil || b == nil {
		return false
	}
	_, _, names := Diff(a, b)
	return len(names) == 0
}

// Differing gives the attributes in which two stored documents may differ, decoded as Decoded does.
func Differing(x, y directory.Document) (a, b directory.Attributes) {
	if a, b, ok := x.Differing(y); ok {
		return a, b
	}
	return Decoded(x), Decoded(y)
}

// sameValue is directory.EqualValues for values that may not be decoded yet.
func sameValue(x, y any) bool {
	a, rawX := x.(directory.Document)
	b, rawY := y.(directory.Document)
	if rawX && rawY && bytes.Equal(a, b) {
		return true
	}
	return directory.EqualValues(decodeValue(x), decodeValue(y))
}

// decodeValue decodes a value of a document that was decoded at the top only. A damaged value counts as none, as in Decoded.
func decodeValue(value any) any {
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

// Diff gives the attributes in which two documents differ, as they were and as they are, and their names.
func Diff(before, after directory.Attributes) (was, is directory.Attributes, names []string) {
	for _, a := range before {
		now, _ := after.Get(a.Name)
		if sameValue(a.Value, now) {
			continue
		}
		names = append(names, a.Name)
		was = append(was, a)
		if !directory.Unassigned(decodeValue(now)) {
			is = append(is, directory.Attribute{Name: a.Name, Value: now})
		}
	}
	for _, a := range after {
		if _, known := before.Get(a.Name); !known && !directory.Unassigned(decodeValue(a.Value)) {
			names = append(names, a.Name)
			is = append(is, a)
		}
	}
	return was, is, names
}

// Decoded gives the attributes of a stored document, decoded at the top level only. A damaged document has none, so that a write can
// replace it.
func Decoded(d directory.Document) directory.Attributes {
	if a, ok := d.Shallow(); ok {
		return a
	}
	a, err := d.Attributes()
	if err != nil {
		return nil
	}
	return a
}

// Document is a as a Document; nil if a is empty.
func Document(a directory.Attributes) directory.Document {
	if len(a) == 0 {
		return nil
	}
	return a.Document()
}

// Texts is a list of texts as a value of a document.
func Texts(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// IDList is ids as a JSON array. A change of a thousand members writes it into the audit line and into the event.
func IDList(ids []directory.ID) directory.Document {
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
