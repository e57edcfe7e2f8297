package main

import (
	"errors"
	"fmt"
	"io/fs"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
)

// The exit codes. Scripts rely on them.
const (
	exitFailure = 1 // a failure without a code of its own
	exitUsage   = 2 // the command line, the configuration or a value is wrong

	exitInterrupted = 130 // as shells have it
)

// exitCodes is the exit code of each code of the operator API.
func exitCodes() map[string]int {
	return map[string]int{
		"internal":     exitFailure,
		"invalid":      exitUsage,
		"not_found":    3,
		"conflict":     4,
		"refused":      5,
		"stale":        6,
		"forbidden":    7,
		"unauthorized": 7,
		"unavailable":  8, // no server, or one that is stopping
		"throttled":    9,
		"too_large":    10,
		"unsupported":  11,
		"expired":      12, // no longer kept
	}
}

// exitCode is the exit code of an error.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if interrupted(err) {
		return exitInterrupted
	}
	var usage *usageError
	var value *wrongValue
	var findings app.Findings
	if errors.As(err, &usage) || errors.As(err, &value) || errors.As(err, &findings) {
		return exitUsage
	}
	if code, ok := exitCodes()[client.CodeOf(err)]; ok {
		return code
	}
	var file *fs.PathError
	if errors.As(err, &file) && errors.Is(err, fs.ErrNotExist) {
		return exitUsage
	}
	return exitFailure
}

// usageError is the error of a wrong command line.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%s\nRun '%s --help' for what it takes.", e.err, e.command)
}

func (e *usageError) Unwrap() error { return e.err }

// wrongValue is an error that says what would be right, so that its reader needs no help page.
type wrongValue struct{ err error }

func (e *wrongValue) Error() string { return e.err.Error() }
func (e *wrongValue) Unwrap() error { return e.err }

// usage is a usageError about an argument of command.
func usage(command, format string, args ...any) error {
	return &usageError{command: command, err: fmt.Errorf(format, args...)}
}
