package directory

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxSortKey is how many bytes of a text count for the order, because marks are in URLs.
const maxSortKey = 256

// A sort key is text that compares byte by byte as the values do. It is valid UTF-8, because page marks leave the program. It
// begins with a digit, so that values sort before unassigned ones.
const (
	assigned   = "1"
	unassigned = "2"
)

// Key gives the sort key of a record.
func (s *Sort) Key(r Record) string {
	switch v := sortValue(r.Attribute(s.Path.Schema, s.Path.Name), s.Path.Sub).(type) {
	case string:
		return textKey(s, v)
	case bool:
		if v {
			return assigned + "1"
		}
		return assigned + "0"
	case Number:
		return assigned + numberKey(v)
	}
	return unassigned
}

// sortValue returns the value that counts: of several elements the primary one or else the first (RFC 7644 §3.4.2.3), of a
// complex value the sub-attribute or else "value".
func sortValue(v any, sub string) any {
	if elements, ok := v.([]any); ok {
		v = nil
		for i, element := range elements {
			a, _ := element.(Attributes)
			if primary, _ := a.Get("primary"); i == 0 || primary == true {
				v = element
			}
			if primary, _ := a.Get("primary"); primary == true {
				break
			}
		}
	}
	if a, ok := v.(Attributes); ok {
		if sub == "" {
			sub = "value"
		}
		v, _ = a.Get(sub)
	}
	return v
}

func textKey(s *Sort, text string) string {
	switch {
	case text == "":
		return unassigned
	case s.Type == Instant:
		at, ok := ParseInstant(text)
		if !ok {
			return unassigned
		}
		return assigned + instantKey(at)
	case !s.CaseExact && s.Type == Text:
		text = FoldAs(s.Path, text, Equal)
	}
	if len(text) > maxSortKey {
		end := maxSortKey
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return assigned + strings.Clone(text) // what was read belongs to the transaction
}

func instantKey(t time.Time) string {
	return sortableInt(t.Unix()) + sortableInt(int64(t.Nanosecond()))
}

// numberKey orders by the nearest float64, and whole numbers beyond its precision exactly.
func numberKey(n Number) string {
	f, _ := strconv.ParseFloat(string(n), 64)
	if f == 0 {
		f = 0 // -0 and 0 are one number
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	whole, _ := strconv.ParseInt(string(n), 10, 64)
	return hex64(bits) + sortableInt(whole)
}

func sortableInt(v int64) string { return hex64(uint64(v) ^ 1<<63) }

func hex64(v uint64) string {
	var b [8]byte
	for i := range b {
		b[i] = byte(v >> (56 - 8*i))
	}
	return hex.EncodeToString(b[:])
}

// Before reports whether m comes before other in a list of this order: by key, backwards if it is descending, and always by ID
// where keys are equal.
func (s *Sort) Before(m, other Mark) bool {
	if m.Key != other.Key {
		return (m.Key < other.Key) != s.Descending
	}
	return bytes.Compare(m.ID[:], other.ID[:]) < 0
}
