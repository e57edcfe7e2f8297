package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // tenants have time zones, and a container may have none

	"github.com/spf13/cobra"

	"drawbridge/console/client"
)

// Set by the linker.
var (
	version = "dev"
	commit  = "" //nolint:gochecknoglobals // the commit that it was built from; the linker sets only globals
	date    = "" //nolint:gochecknoglobals // the time of the commit; the linker sets only globals
)

func main() {
	runtime.LockOSThread() // app.SlowMonitor must run on the first thread, which gets a signal when the parent ends, if that asked for one
	// The first signal stops the program properly. A second later the signals have their default effect again, so another one
	// ends the process at once. Not earlier, because programs that forward signals often send each one twice.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) })
	code := run(ctx, os.Args[1:], os.Environ(), streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are where the program reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program, except for signals and the end of the process.
func run(ctx context.Context, args, env []string, std streams) int {
	out := &watched{to: std.out}
	t := &terminal{in: std.in, out: out, err: std.err, env: env}
	root := rootCommand(t)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		t.completeAll(root) // not for other commands: it takes as long as all the rest, and cobra keeps it for ever
	}
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetErr(std.err)
	command, err := root.ExecuteContextC(ctx)
	var dry *client.Previewed
	if errors.As(err, &dry) {
		err = t.previewed(dry.Preview)
	}
	var demo *stopped // says itself that its reader has gone
	switch {
	case out.err != nil && !errors.As(err, &demo) && (err == nil || errors.Is(err, out.err)):
		err = out.lost()
	case err == nil:
		return 0
	case !t.running:
		err = &usageError{command: command.CommandPath(), err: err}
	}
	return t.fail(args, err)
}
