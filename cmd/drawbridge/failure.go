package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"drawbridge/cmd/drawbridge/output"
	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// failure is an error as programs read it.
type failure struct {
	Error failureBody `json:"error"`
}

type failureBody struct {
	Code       string              `json:"code"`
	Exit       int                 `json:"exit"`
	Detail     string              `json:"detail"`
	Field      string              `json:"field,omitempty"`
	Rule       string              `json:"rule,omitempty"`
	Request    string              `json:"request,omitempty"`
	RetryAfter int                 `json:"retry_after,omitempty"`
	Errors     []wire.ProblemField `json:"errors,omitempty"`
	Command    string              `json:"command,omitempty"` // whose arguments are wrong
}

// fail prints an error and gives the exit code.
func (t *terminal) fail(args []string, err error) int {
	err = inWords(err)
	code := exitCode(err)
	format := t.format
	if format.Kind == "" { // the arguments were not understood
		format = askedFor(args)
	}
	if format.Kind == output.JSON || format.Kind == output.YAML {
		if encoded := format.Encode(t.err, failureOf(err, code)); encoded == nil {
			return code
		}
	}
	fmt.Fprintf(t.err, "drawbridge: %s\n", err)
	if wantsProof(err) {
		fmt.Fprintln(t.err, "Run 'drawbridge account prove', then this once more.")
	}
	return code
}

func failureOf(err error, exit int) failure {
	out := failureBody{Code: cmp.Or(client.CodeOf(err), "internal"), Exit: exit, Detail: err.Error()}
	if exit == exitUsage {
		out.Code = "invalid"
	}
	var wrong *usageError
	if errors.As(err, &wrong) {
		out.Detail, out.Command = wrong.err.Error(), wrong.command
	}
	var e *client.Error
	if errors.As(err, &e) {
		out.Field, out.Rule, out.Request, out.RetryAfter, out.Errors = e.Field, e.Rule, e.Request, e.RetryAfter, e.Errors
		if e.Err == nil {
			out.Detail = e.Detail
		}
	}
	return failure{out}
}

// askedFor finds --output in arguments that were not understood.
func askedFor(args []string) output.Format {
	for i, arg := range args {
		name, value, hasValue := strings.Cut(arg, "=")
		switch {
		case (name == "-o" || name == "--output") && hasValue:
		case (name == "-o" || name == "--output") && i+1 < len(args):
			value = args[i+1]
		case strings.HasPrefix(arg, "-o") && len(arg) > 2:
			value = arg[2:]
		default:
			continue
		}
		if f, err := output.ParseFormat(value); err == nil {
			return f
		}
	}
	return output.Format{Kind: output.Text}
}

// inWords writes what the operating system says of a file as a sentence. A file that is not there is a wrong argument.
func inWords(err error) error {
	var at *fs.PathError
	if !errors.As(err, &at) || client.CodeOf(err) != "" {
		return err
	}
	text := strings.Replace(err.Error(), at.Error(), fileError(at).Error(), 1)
	return &sentence{text, err}
}

// sentence is an error with another text.
type sentence struct {
	text string
	err  error
}

func (s *sentence) Error() string { return s.text }
func (s *sentence) Unwrap() error { return s.err }

// fileError says what is wrong with a file that somebody named.
func fileError(err error) error {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s", printable(at.Path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read or written by this user", printable(at.Path))
	}
	return fmt.Errorf("%s: %w", printable(at.Path), at.Err)
}
