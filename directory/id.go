package directory

import "encoding/hex"

// ID names one user, group or other resource. It is a UUID; new ones are time-ordered (version 7), so that the order of
// IDs is the order of creation and listing by ID is stable (RFC 7643 §3.1: assigned by us, never given to another resource).
// The zero ID means "none".
type ID [16]byte

const idText = 36

// ParseID reads the canonical text of an ID: 36 characters, lower case, as String writes it. An id is case-exact
// (RFC 7643 §3.1), so any other spelling is not an ID.
func ParseID(text string) (ID, bool) {
	var id ID
	if len(text) != idText || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return ID{}, false
	}
	n := 0
	for i := 0; i < idText; {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			i++
			continue
		}
		high, low := nibble(text[i]), nibble(text[i+1])
		if high > 15 || low > 15 {
			return ID{}, false
		}
		id[n] = high<<4 | low
		n++
		i += 2
	}
	return id, true
}

func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// IsZero reports whether id is none.
func (id ID) IsZero() bool { return id == ID{} }

// AppendTo appends the canonical text of id to b.
func (id ID) AppendTo(b []byte) []byte {
	var text [idText]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(b, text[:]...)
}

// String is the canonical text of id, 36 characters.
func (id ID) String() string {
	var text [idText]byte
	return string(id.AppendTo(text[:0]))
}

// MarshalText writes the canonical text, and nothing for the zero ID.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.AppendTo(nil), nil
}

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	parsed, ok := ParseID(string(text))
	if !ok {
		return &Error{Code: Invalid, Field: "id", Message: "not an id: 36 characters of a lower-case UUID are expected"}
	}
	*id = parsed
	return nil
}
