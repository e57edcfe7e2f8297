package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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
	Command    string              `json:"command,omitempty"` // the command whose arguments are wrong
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
	lines := strings.Split(shortened(err.Error()), "\n")
	for i, line := range lines { // a server repeats what it was asked for, whatever that does to a terminal
		lines[i] = printable(line)
	}
	fmt.Fprintf(t.err, "drawbridge: %s\n", strings.Join(lines, "\n"))
	if wantsProof(err) {
		fmt.Fprintln(t.err, "Run 'drawbridge account prove', then this command again.")
	}
	return code
}

func failureOf(err error, exit int) failure {
	out := failureBody{Code: cmp.Or(client.CodeOf(err), "internal"), Exit: exit, Detail: err.Error()}
	switch exit {
	case exitUsage:
		out.Code = "invalid"
	case exitInterrupted:
		out.Code = "interrupted"
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
	out.Detail = shortened(out.Detail)
	return failure{out}
}

// longWord is what an error may repeat of an argument that fills the terminal.
var longWord = regexp.MustCompile(`\S{400,}`)

// shortened is the text of an error in which no argument takes more than a few lines.
func shortened(text string) string {
	return longWord.ReplaceAllStringFunc(text, func(word string) string { return string([]rune(word)[:100]) + "…" })
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

// interrupted reports whether a command ended because of a signal.
func interrupted(err error) bool { return errors.Is(err, context.Canceled) }

// whenInterrupted makes err say what an interrupted command has done and what it has not. Another err stays as it is.
func whenInterrupted(err error, says string, args ...any) error {
	if !interrupted(err) {
		return err
	}
	return &userError{"interrupted: " + fmt.Sprintf(says, args...), err}
}

// inWords turns an error of Go or the operating system into a sentence. A missing file is a wrong argument.
func inWords(err error) error {
	if interrupted(err) {
		return &userError{strings.ReplaceAll(err.Error(), context.Canceled.Error(), "interrupted"), err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &userError{strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), "there was no answer in time"), err}
	}
	var at *fs.PathError
	if !errors.As(err, &at) || client.CodeOf(err) != "" {
		return err
	}
	text := strings.Replace(err.Error(), at.Error(), fileError(at).Error(), 1)
	return &userError{text, err}
}

// userError is an error with another text.
type userError struct {
	text string
	err  error
}

func (s *userError) Error() string { return s.text }
func (s *userError) Unwrap() error { return s.err }

// fileError says what is wrong with a file that the caller named.
func fileError(err error) error {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err
	case strings.ContainsRune(at.Path, 0):
		return fmt.Errorf("%s is no name of a file: it has a NUL in it", printable(at.Path))
	case errors.Is(err, fs.ErrNotExist) && !isFolder(filepath.Dir(at.Path)):
		return fmt.Errorf("there is no folder %s", printable(filepath.Dir(at.Path)))
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s", printable(at.Path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read or written by this user", printable(at.Path))
	}
	return fmt.Errorf("%s: %w", printable(at.Path), at.Err)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
