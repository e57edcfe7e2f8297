package app

import (
	"errors"

	"drawbridge/directory"
)

// userError is a directory.Error that people read: its Message alone, without the code and the cause.
type userError struct{ error }

func (s userError) Unwrap() error { return s.error }

func (s userError) Error() string {
	var e *directory.Error
	if errors.As(s.error, &e) {
		return e.Message
	}
	return s.error.Error()
}
