package policy

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"drawbridge/directory"
)

// CheckText refuses names and addresses that are not what they look like: control characters, the characters that turn
// the direction of writing round, nothing but white space, or a length outside least and most (in bytes). The error is
// Invalid and names field.
func CheckText(field, text string, least, most int) error {
	wrong := func(message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: field + " " + message}
	}
	if len(text) > most {
		return wrong(fmt.Sprintf("is longer than %d bytes", most))
	}
	if !utf8.ValidString(text) {
		return wrong("is not valid UTF-8")
	}
	visible := 0
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			return wrong(fmt.Sprintf("contains the control character U+%04X", r))
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return wrong(fmt.Sprintf("contains U+%04X, which changes the direction of writing", r))
		case !unicode.IsSpace(r):
			visible++
		}
	}
	if least > 0 && visible < least {
		return wrong("must not be empty")
	}
	return nil
}
