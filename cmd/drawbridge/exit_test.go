package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func TestEveryCodeHasAnExitCode(t *testing.T) {
	t.Parallel()
	codes := exitCodes()
	for _, code := range directory.Codes() {
		got, ok := codes[string(code)]
		if !ok || got == 0 {
			t.Errorf("%s has no exit code", code)
		}
		err := fmt.Errorf("wrapped: %w", &client.Error{Problem: wire.Problem{Code: string(code)}})
		if exitCode(err) != got {
			t.Errorf("%s exits with %d, not %d", code, exitCode(err), got)
		}
	}
	if len(codes) != len(directory.Codes()) {
		t.Error("the table has codes that do not exist")
	}
	for want, err := range map[int]error{0: nil, 1: errors.New("x"), 2: &usageError{err: errors.New("x")}} {
		if got := exitCode(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
	if exitCode(fmt.Errorf("x: %w", app.Findings{"a"})) != exitUsage {
		t.Error("a wrong configuration is a wrong use")
	}
}

// TestEveryCommandHasHelpAndAnExample looks at every command as a newcomer does.
func TestEveryCommandHasHelpAndAnExample(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Name() == "completion" || c.Name() == "help" {
			return
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short text %q", c.CommandPath(), c.Short)
		}
		if !c.HasSubCommands() && c.Name() != "version" && !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example", c.CommandPath())
		}
		if c.Args == nil {
			t.Errorf("%s does not check its arguments", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(rootCommand(&terminal{}))
}

func TestControlCharactersAreNotPrinted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Ada": "Ada", "a\x1b[31mb": "a\uFFFD[31mb", "x\u202ey": "x\uFFFDy", "ä\n": "ä\uFFFD"} {
		if got := printable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTablesAreAligned(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	term := &terminal{out: &out}
	term.table([]string{"A", "LONG"}, [][]cell{{{text: "ünï"}, {"x", red}}, {{text: ""}, {text: "y"}}})
	want := "A    LONG\nünï  x\n     y\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
