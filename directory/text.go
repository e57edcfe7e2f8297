package directory

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckPlain refuses text that looks different from what it is: bytes that are not UTF-8, control characters, and characters
// that reverse the direction of writing or are invisible line breaks. The error is Invalid and names field.
func CheckPlain(field, text string) error { return checkPlain(field, text, "") }

// CheckPlainLines is CheckPlain for a text that may have line breaks and tabs.
func CheckPlainLines(field, text string) error { return checkPlain(field, text, "\n\r\t") }

func checkPlain(field, text, allowed string) error {
	wrong := func(message string) error {
		return &Error{Code: Invalid, Field: field, Message: field + " " + message}
	}
	if !utf8.ValidString(text) {
		return wrong("is not valid UTF-8")
	}
	for _, r := range text {
		switch {
		case strings.ContainsRune(allowed, r):
		case unicode.IsControl(r):
			return wrong(fmt.Sprintf("contains the control character U+%04X", r))
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return wrong(fmt.Sprintf("contains U+%04X, which changes the direction of writing", r))
		case r == 0x2028, r == 0x2029, r == 0xFEFF:
			return wrong(fmt.Sprintf("contains U+%04X, which is not seen", r))
		}
	}
	return nil
}

// Truncate shortens text to at most n bytes. It does not cut a character.
func Truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
