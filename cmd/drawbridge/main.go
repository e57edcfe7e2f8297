package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // tenants have time zones, and a container may have none

	"drawbridge/console/client"
)

// Set by the linker.
var (
	version = "dev"
	commit  = "" //nolint:gochecknoglobals // that it was built from; the linker knows only globals
	date    = "" //nolint:gochecknoglobals // of the commit; the linker knows only globals
)

func main() {
	// The first signal stops the program properly. After it the signals have their default effect again, so a second one ends
	// the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for signals and the end of the process.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := &terminal{in: stdin, out: stdout, err: stderr, env: env}
	root := rootCommand(t)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	var dry *client.Previewed
	if errors.As(err, &dry) {
		err = t.previewed(dry.Preview)
	}
	if err == nil {
		return 0
	}
	if !t.running {
		err = &usageError{command: command.CommandPath(), err: err}
	}
	return t.fail(args, err)
}
