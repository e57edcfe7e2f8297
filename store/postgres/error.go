package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"drawbridge/directory"
	"drawbridge/store"
)

// Codes of PostgreSQL (its manual, appendix A).
const (
	undefinedTable     = "42P01"
	uniqueViolation    = "23505"
	duplicateTable     = "42P07"
	duplicateObject    = "42710"
	notNullViolation   = "23502"
	readOnly           = "25006"
	lockNotAvailable   = "55P03"
	serialization      = "40001"
	deadlock           = "40P01"
	diskFull           = "53100"
	tooManyConnections = "53300"
	wrongPassword      = "28P01"
	wrongLogin         = "28000"
	noDatabase         = "3D000"
	noRight            = "42501"
)

func notFound(what string) error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no such " + what}
}

func internal(format string, args ...any) error {
	return &directory.Error{Code: directory.Internal, Message: "the store was asked for something that it cannot do", Err: fmt.Errorf(format, args...)}
}

// gaveUp is the error if ctx ended before anything was done.
func gaveUp(err error) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the request ended before the store got to it; nothing was done", Err: err}
}

func isClosed() error {
	return &directory.Error{Code: directory.Unavailable, Message: "the store is closed"}
}

func conflict(field, value string) error {
	if r := []rune(value); len(r) > 80 {
		value = string(r[:80]) + "…"
	}
	return &directory.Error{Code: directory.Conflict, Field: field, Message: fmt.Sprintf("the %s %q is taken", field, value)}
}

func damaged(what string, err error) error {
	return &directory.Error{
		Code:    directory.Internal,
		Message: fmt.Sprintf("the stored %s is damaged; restore the database from a backup", what),
		Err:     err,
	}
}

// shielded turns a panic of fn into Internal.
func shielded(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &directory.Error{
				Code: directory.Internal, Message: "something went wrong inside; the log has the details",
				Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack()),
			}
		}
	}()
	return fn()
}

// failed translates an error of the driver to the code of the contract, and says what to do if that is known.
func failed(message string, err error) error {
	var known *directory.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if text := advice(err); text != "" {
		message = text
	}
	return &directory.Error{Code: directory.Unavailable, Message: message, Err: err}
}

// advice explains an error of the server to its operator; "" if there is nothing to add.
func advice(err error) string {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return ""
	}
	switch server.Code {
	case wrongPassword, wrongLogin:
		return "the database refused the sign-in: the user or the password in store.url is wrong, or pg_hba.conf does not let it in"
	case noDatabase:
		return "the database in store.url does not exist: create it first"
	case noRight:
		return "the user in store.url may not do that (" + server.Message + "): let it own the database, or grant it all rights on the tables of the schema"
	case undefinedTable:
		return "a table is missing (" + server.Message + "): run drawbridge migrate status"
	case readOnly:
		return "the database takes no writes: it is a standby, or was one a moment ago; store.url must lead to the primary"
	case diskFull:
		return "the disk of the database is full; nothing was written"
	case tooManyConnections:
		return "the database has no connection left: raise max_connections, or lower store.connections"
	}
	return ""
}

func hasCode(err error, codes ...string) bool {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return false
	}
	for _, code := range codes {
		if strings.HasPrefix(server.Code, code) {
			return true
		}
	}
	return false
}

// passing reports whether a failed transaction may succeed when it is repeated, as after a failover. It is only for transactions that were
// not committed.
func passing(err error) bool {
	if errors.Is(err, errDemoted) || errors.Is(err, errLostCommit) {
		return true
	}
	if hasCode(err, serialization, deadlock, lockNotAvailable, readOnly, "57P01", "57P02", "57P03", "08") {
		return true
	}
	var server *pgconn.PgError
	return !errors.As(err, &server) && lost(err)
}

// lost reports whether the connection broke or could not be made.
func lost(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) || errors.As(err, &connect) || errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "conn closed") || pgconn.SafeToRetry(err)
}

// undecided reports whether it is unknown after err if a COMMIT was done. After an ordinary error of the server it was not; all other
// errors, including FATAL ones, do not tell.
func undecided(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Severity != "ERROR"
	}
	return true
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// taker says which unique value was taken, from the name of the constraint.
func taker(err error) error {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return err
	}
	field := server.TableName
	switch field {
	case "mail":
		return internal("two mails gather the same notices: %w", err)
	case "tenant", "connection", "token", "claim":
		return conflict(field, "that was asked for")
	}
	return internal("a change could not be written: %w", err)
}

func errNoRecord(id directory.ID) error {
	return errors.New("it names " + id.String() + ", which is not there")
}

// stopped is what a list returns after its yield returned err.
func stopped(err error) error {
	if errors.Is(err, store.ErrStop) {
		return nil
	}
	return err
}
