package bolt

import (
	"errors"
	"fmt"
	"runtime/debug"

	"drawbridge/directory"
	"drawbridge/store"
)

func notFound(what string) error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no such " + what}
}

func internal(format string, args ...any) error {
	return &directory.Error{Code: directory.Internal, Message: "internal error: the store refused an impossible request", Err: fmt.Errorf(format, args...)}
}

// gaveUp is the error when ctx ended before anything was done.
func gaveUp(err error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the request ended before the store got to it; nothing was done", Err: err}
}

// cannotRead and cannotWrite are the errors for a caller when the file cannot be used. The cause names the path, so it is only for
// the log and the operator.
func cannotRead(cause error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the store cannot be read at the moment; `drawbridge status` and the log have the cause", Err: cause}
}

func cannotWrite(cause error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the store cannot be written at the moment; nothing was changed, try again later; `drawbridge status` and the log have the cause", Err: cause}
}

// unknownOutcome is the error when a change may have been written.
func unknownOutcome(cause error) error {
	return &directory.Error{
		Code: directory.Unavailable, Unknown: true, Err: cause,
		Message: "the store cannot be written at the moment, and this change may or may not be stored: look before you repeat it; `drawbridge status` and the log have the cause",
	}
}

func errWedged() error {
	return errors.New("a transaction failed inside bbolt and holds its locks: restart the server")
}

func isClosed() error {
	return &directory.Error{Code: directory.Unavailable, Message: "the store is closed"}
}

func panicked(v any) error {
	return &directory.Error{
		Code: directory.Internal, Message: "internal error; the log has the details",
		Err: &panicValue{v, debug.Stack()},
	}
}

// panicValue is the value of a panic, with its stack: a bug, or a damaged page.
type panicValue struct {
	value any
	stack []byte
}

func (e *panicValue) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// damaged is the error for a record that cannot be read. It is Internal and never NotFound, because the record exists.
func damaged(tenant directory.TenantID, what, name string, err error) error {
	whose := "of tenant " + string(tenant)
	if tenant == directory.Provider {
		whose = "of the installation"
	}
	return &directory.Error{
		Code:    directory.Internal,
		Message: fmt.Sprintf("the stored %s %s %s is damaged; run a check and restore it from a backup", what, name, whose),
		Err:     err,
	}
}

// stopped is what a list returns after its yield returned err.
func stopped(err error) error {
	if errors.Is(err, store.ErrStop) {
		return nil
	}
	return err
}

func errNoRecord() error { return errors.New("an index names it, and it does not exist") }
