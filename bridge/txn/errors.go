package txn

import (
	"fmt"

	"drawbridge/directory"
)

// NotFound is the error for a record that does not exist, or that the caller must not see.
func NotFound(what string, id directory.ID) error {
	return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("there is no %s with the id %s", what, id)}
}

// IsNotFound reports whether err says that a record does not exist.
func IsNotFound(err error) bool { return directory.CodeOf(err) == directory.NotFound }

// Optional turns the error "not found" of a read into ok = false.
func Optional[T any](v T, err error) (found T, ok bool, failure error) {
	if err == nil {
		return v, true, nil
	}
	if IsNotFound(err) {
		return found, false, nil
	}
	return found, false, err
}
