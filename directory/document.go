package directory

import (
	"bytes"
	"strings"
)

// Document is a JSON object as bytes, as AppendJSON writes it: the form of attributes in the store and in answers, so that reading a record
// needs no tree. The zero value is an empty document.
type Document []byte

// Document encodes a.
func (a Attributes) Document() Document { return AppendJSON(make(Document, 0, sizeOf(a)), a) }

// MarshalJSON writes the object in its own order.
func (a Attributes) MarshalJSON() ([]byte, error) { return AppendJSON(nil, a), nil }

// MarshalJSON writes the document as it is.
func (d Document) MarshalJSON() ([]byte, error) { return AppendJSON(nil, d), nil }

// UnmarshalJSON takes the bytes as they are.
func (d *Document) UnmarshalJSON(data []byte) error {
	*d = append((*d)[:0], data...)
	return nil
}

// Attributes decodes the document. An error means that the stored bytes are damaged. A name that is twice at the top level, as version 0.1.0
// stored an externalId, has its last value.
func (d Document) Attributes() (Attributes, error) {
	if len(d) == 0 {
		return Attributes{}, nil
	}
	v, err := ParseJSON(d, Limits{})
	if once, repeats := d.withoutRepeats(err); repeats {
		v, err = ParseJSON(once, Limits{})
	}
	if err != nil {
		return nil, err
	}
	a, ok := v.(Attributes)
	if !ok {
		return nil, &SyntaxError{Message: "an object is expected"}
	}
	return a, nil
}

// withoutRepeats is a document that could not be decoded, with each name once. repeats is false if no name was twice.
func (d Document) withoutRepeats(err error) (once Document, repeats bool) {
	if err == nil {
		return nil, false
	}
	all, ok := d.Shallow()
	if !ok {
		return nil, false
	}
	var each Attributes
	for i := range all {
		each.Set(all[i].Name, all[i].Value)
	}
	return each.Document(), len(each) < len(all)
}

// With is the document with more attributes. It relies on the form that AppendJSON writes, and more must not repeat a name of the document.
func (d Document) With(more Attributes) Document {
	switch {
	case len(more) == 0:
		return d
	case len(d) <= len("{}") || !d.isObject():
		return more.Document()
	}
	b := append(make(Document, 0, len(d)+sizeOf(more)), d[:len(d)-1]...)
	join := len(b)
	b = AppendJSON(b, more)
	b[join] = ',' // the first attribute replaces the opening brace with a comma
	return b
}

// sizeOf estimates how many bytes a needs as JSON text, if its values are short.
func sizeOf(a Attributes) int { return 40 * len(a) }

// Shallow gives the attributes with their values as they are written. Each value is a Document that aliases d, which is enough to
// compare it or to pass it on. Like Raw it relies on the form that AppendJSON writes; ok is false for another form.
func (d Document) Shallow() (a Attributes, ok bool) {
	if !d.isObject() {
		return nil, false
	}
	return d.shallow(make(Attributes, 0, 16), 1)
}

// Differing is Shallow of two documents without the attributes that are byte for byte the same in both and in the same order. A change touches
// few attributes, and the others cost only a comparison. The attributes alias d and other.
func (d Document) Differing(other Document) (here, there Attributes, ok bool) {
	if !d.isObject() || !other.isObject() {
		return nil, nil, false
	}
	here, there = make(Attributes, 0, 8), make(Attributes, 0, 8)
	if bytes.Equal(d, other) {
		return here, there, true
	}
	i, j := 1, 1
	for i < len(d)-1 && j < len(other)-1 {
		colon, end, ok := d.attribute(i)
		if !ok {
			return nil, nil, false
		}
		if rest, same := bytes.CutPrefix(other[j:], d[i:end]); same && len(rest) > 0 && (rest[0] == ',' || rest[0] == '}') {
			i, j = end+1, j+end-i+1
			continue
		}
		colonThere, endThere, ok := other.attribute(j)
		if !ok {
			return nil, nil, false
		}
		if !bytes.Equal(d[i:colon], other[j:colonThere]) {
			break
		}
		name := string(d[i+1 : colon-1])
		here = append(here, Attribute{name, d[colon+1 : end]})
		there = append(there, Attribute{name, other[colonThere+1 : endThere]})
		i, j = end+1, endThere+1
	}
	if here, ok = d.shallow(here, i); ok {
		there, ok = other.shallow(there, j)
	}
	return here, there, ok
}

// isObject reports whether d may be what AppendJSON writes for Attributes.
func (d Document) isObject() bool {
	return len(d) == 0 || len(d) >= 2 && d[0] == '{' && d[len(d)-1] == '}'
}

// attribute finds the attribute whose name begins at i, including the quote. It gives the offset of its colon and the offset after its value.
func (d Document) attribute(i int) (colon, end int, ok bool) {
	colon = skipJSONValue(d, i)
	end = skipJSONValue(d, colon+1)
	ok = end < len(d) && d[i] == '"' && colon-i >= 2 && d[colon] == ':' && end > colon+1 && bytes.IndexByte(d[i:colon], '\\') < 0
	return colon, end, ok
}

// shallow appends the attributes from the one whose name begins at i.
func (d Document) shallow(a Attributes, i int) (Attributes, bool) {
	for i < len(d)-1 {
		colon, end, ok := d.attribute(i)
		if !ok {
			return nil, false
		}
		a = append(a, Attribute{string(d[i+1 : colon-1]), d[colon+1 : end]})
		i = end + 1
	}
	return a, true
}

// Raw gives the bytes of the value under the top-level name (without regard to case) and does not decode the rest. It gives nil if
// there is no such name. It relies on the form that AppendJSON writes.
func (d Document) Raw(name string) []byte {
	for i := 1; i < len(d)-1; {
		end := skipJSONValue(d, i)
		key := d[i:end]
		valueEnd := skipJSONValue(d, end+1)
		if valueEnd <= end+1 {
			return nil // nothing that AppendJSON has written
		}
		if len(key) >= 2 && strings.EqualFold(string(key[1:len(key)-1]), name) {
			return d[end+1 : valueEnd]
		}
		i = valueEnd + 1
	}
	return nil
}

// Value decodes only the value under the top-level name. It gives nil if there is no such name.
func (d Document) Value(name string) any {
	raw := d.Raw(name)
	if raw == nil {
		return nil
	}
	if len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 { // most values are plain text
		return string(raw[1 : len(raw)-1])
	}
	v, err := ParseJSON(raw, Limits{})
	if err != nil {
		return nil
	}
	return v
}

// skipJSONValue gives the offset after the value that starts at i, in text that AppendJSON wrote.
func skipJSONValue(d []byte, i int) int {
	depth := 0
	for ; i < len(d); i++ {
		switch d[i] {
		case '"':
			i = endOfString(d, i)
			if depth == 0 {
				return min(i+1, len(d))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			if depth == 0 {
				return i + 1
			}
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return len(d)
}

// endOfString gives the offset of the quote that ends the string which begins at i.
func endOfString(d []byte, i int) int {
	for from := i + 1; from < len(d); {
		n := bytes.IndexByte(d[from:], '"')
		if n < 0 {
			break
		}
		at, escapes := from+n, 0
		for at-1-escapes > i && d[at-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
		from = at + 1
	}
	return len(d)
}
