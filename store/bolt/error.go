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
	return &directory.Error{Code: directory.Internal, Message: "the store was asked for something that it cannot do", Err: fmt.Errorf(format, args...)}
}

// gaveUp is the answer when ctx ended before anything was done.
func gaveUp(err error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the request ended before the store got to it; nothing was done", Err: err}
}

// cannotRead and cannotWrite are what a caller is told when the file is not usable. The cause has the path, so it is for the log
// and the operator only.
func cannotRead(cause error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the store cannot be read at the moment; `drawbridge status` and the log have the cause", Err: cause}
}

func cannotWrite(cause error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the store cannot be written at the moment; nothing was changed, try again later; `drawbridge status` and the log have the cause", Err: cause}
}

// unknownOutcome is the answer when a change may have been written all the same.
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
		Code: directory.Internal, Message: "something went wrong inside; the log has the details",
		Err: &panicValue{v, debug.Stack()},
	}
}

// panicValue is what a panic left: a bug, or a page that is damaged in its structure.
type panicValue struct {
	value any
	stack []byte
}

func (e *panicValue) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// damaged names the record that cannot be read. It is Internal and never NotFound: what is damaged was there.
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

func errNoRecord() error { return errors.New("an index names it, and it is not there") }
