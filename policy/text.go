package policy

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"drawbridge/directory"
)

// CheckText refuses misleading names and addresses: control characters, characters that change the direction of writing, only white space,
// or a length outside least and most, in characters as in the documents of the APIs. The error is Invalid and names field.
func CheckText(field, text string, least, most int) error {
	wrong := func(message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: field + " " + message}
	}
	if utf8.RuneCountInString(text) > most {
		return wrong(fmt.Sprintf("is longer than %d characters", most))
	}
	if err := directory.CheckPlain(field, text); err != nil {
		return err
	}
	visible := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			visible++
		}
	}
	if least > 0 && visible < least {
		return wrong("must not be empty")
	}
	return nil
}

// CheckUserName refuses a userName with invisible or disallowed characters (RFC 7644 §5, RFC 8264), because it could look
// like another one.
func CheckUserName(userName string) error {
	if wrong := directory.CheckUserName(userName); wrong != "" {
		return &directory.Error{Code: directory.Invalid, Field: "userName", Message: "userName " + wrong}
	}
	return nil
}
