package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store/bolt"
)

// A file with a damaged structure may end the process that reads it: no error, no recover, the process is gone. So
// code that reads an unverified file does so in a child process, a worker, which is this
// same program. The worker writes one JSON object per line; its last one has the report or the error. If the last one is missing,
// the file has ended the worker, and that is the finding.

// WorkerCommand is the sub-command of the program that calls Work.
const WorkerCommand = "worker"

// workerLine is one line from a worker.
type workerLine struct {
	Progress *wire.Progress    `json:"progress,omitempty"`
	Finding  string            `json:"finding,omitempty"`
	Report   *wire.CheckReport `json:"report,omitempty"`
	Error    *workerError      `json:"error,omitempty"`
}

type workerError struct {
	Code    directory.Code `json:"code"`
	Message string         `json:"message"`
	Cause   string         `json:"cause,omitempty"`
}

// program is how to start this program again.
type program struct {
	path string // of the binary
	name string // its first argument, its own name
}

// thisProgram is the one that runs.
func thisProgram() (program, error) {
	path, err := os.Executable()
	if err != nil {
		return program{}, fmt.Errorf("this program cannot find itself to start a worker: %w", err)
	}
	return program{path: path, name: os.Args[0]}, nil
}

// listener gets the progress of long work; nil: not wanted.
type listener func(wire.Progress)

func (l listener) hear(p wire.Progress) {
	if l != nil {
		l(p)
	}
}

// damagedFile is the error of a file that ended the worker that read it. Findings are what the worker reported before.
type damagedFile struct {
	file     string
	how      string
	findings []string
	trace    string
}

func (e *damagedFile) Error() string {
	return fmt.Sprintf("the file %s has a damaged structure: reading it ended the process that looked at it (%s); restore it from a backup", e.file, e.how)
}

// run lets a worker do one job on a file and waits for it. Findings are in the report. The error is a *directory.Error with
// a sentence, a *damagedFile, or the end of ctx.
func (p program) run(ctx context.Context, hear listener, job string, files ...string) (wire.CheckReport, error) {
	cmd := exec.CommandContext(ctx, p.path, append([]string{WorkerCommand, job}, files...)...) //nolint:gosec // it is this program, and the files are arguments
	cmd.Args[0] = p.name
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	cmd.WaitDelay = 5 * time.Second
	life, err := cmd.StdinPipe() // ends with this process, and the worker with it
	if err != nil {
		return wire.CheckReport{}, err
	}
	defer func() { _ = life.Close() }() // closed by Wait already
	out, err := cmd.StdoutPipe()
	if err != nil {
		return wire.CheckReport{}, err
	}
	trace := &tail{}
	cmd.Stderr = trace
	if err := cmd.Start(); err != nil {
		return wire.CheckReport{}, &directory.Error{Code: directory.Unavailable, Message: "no worker could be started to look at " + files[0], Err: err}
	}
	var last workerLine
	var findings []string
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line workerLine
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue // only the end counts
		}
		switch {
		case line.Progress != nil:
			hear.hear(*line.Progress)
		case line.Finding != "":
			findings = append(findings, line.Finding)
		default:
			last = line
		}
	}
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return wire.CheckReport{}, ctx.Err()
	case last.Report != nil:
		return *last.Report, nil
	case last.Error != nil:
		e := &directory.Error{Code: last.Error.Code, Message: last.Error.Message}
		if last.Error.Cause != "" {
			e.Err = errors.New(last.Error.Cause)
		}
		return wire.CheckReport{}, e
	case endedFromOutside(ended):
		select { // Ctrl-C reaches the worker and this process at the same time
		case <-ctx.Done():
			return wire.CheckReport{}, ctx.Err()
		case <-time.After(time.Second):
		}
		return wire.CheckReport{}, &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf(
			"the process that looked at %s was ended from outside (%s), so nothing is known about the file: run the command again", files[0], ended)}
	}
	how := "it ended without an answer"
	if ended != nil {
		how = ended.Error()
	}
	return wire.CheckReport{}, &damagedFile{file: files[0], how: how, findings: findings, trace: trace.String()}
}

// endedFromOutside reports whether a process was stopped, and did not fail by itself.
func endedFromOutside(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && stopped(status)
}

// stopped reports whether a signal that asks a process to stop ended it.
func stopped(status syscall.WaitStatus) bool {
	return status.Signaled() && slices.Contains([]syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, status.Signal())
}

// checkFile lets a worker check a file. A file that ends the worker gives a report, too.
func (p program) checkFile(ctx context.Context, hear listener, file string) (wire.CheckReport, error) {
	report, err := p.run(ctx, hear, "check", file)
	var damaged *damagedFile
	if errors.As(err, &damaged) {
		return wire.CheckReport{File: file, Findings: append(damaged.findings, damaged.Error())}, nil
	}
	return report, err
}

// commandError is a directory.Error as a command prints it: without its code, which becomes the exit code.
type commandError struct{ known *directory.Error }

func (e *commandError) Error() string { return e.known.Message }

// Unwrap gives the directory.Error.
func (e *commandError) Unwrap() error { return e.known }

// forCommand makes err readable on a terminal.
func forCommand(err error) error {
	var known *directory.Error
	if !errors.As(err, &known) {
		return err
	}
	return &commandError{known}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const maxTail = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if len(t.b) > maxTail {
		t.b = bytes.Clone(t.b[len(t.b)-maxTail:])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

// Work is what a worker does: the job on files, with lines to out. The error is one of the command line; faults of
// a file are in the lines.
func Work(ctx context.Context, out io.Writer, job string, files []string) error {
	debug.SetMaxStack(256 << 20) // pages that point in a circle end soon
	w := &worker{out: json.NewEncoder(out)}
	options := bolt.Options{Timeout: 2 * time.Second}
	notes := bolt.Notes{Progress: w.progress, Finding: w.finding}
	need := map[string]int{"check": 1, "compact": 2, "rebuild": 2, "compare": 2, "records": 2}[job]
	if need == 0 || len(files) != need {
		return fmt.Errorf("no worker does %q with %d files", job, len(files))
	}
	report := wire.CheckReport{File: files[0]}
	var err error
	switch job {
	case "check":
		var found bolt.Report
		found, err = bolt.CheckFile(ctx, files[0], options, notes)
		report = reportOf(files[0], found)
	case "compact":
		err = bolt.Compact(files[0], files[1], options)
	case "rebuild":
		err = bolt.Rebuild(ctx, files[0], files[1], options, notes)
	case "compare":
		report.Findings, err = bolt.Compare(ctx, files[0], files[1], options, notes)
	case "records":
		report.Findings, err = bolt.SameRecords(ctx, files[0], files[1], options, notes)
	}
	if err != nil {
		return w.fail(err)
	}
	if report.Findings == nil {
		report.Findings = []string{}
	}
	report.OK = len(report.Findings) == 0
	return w.say(workerLine{Report: &report})
}

func reportOf(file string, r bolt.Report) wire.CheckReport {
	return wire.CheckReport{
		File: file, Findings: r.Findings, Collisions: r.Collisions, Tenants: r.Tenants, Users: r.Users, Groups: r.Groups, Memberships: r.Memberships,
		Resources: r.Resources, Tombstones: r.Tombstones, Events: r.Events, AuditLines: r.AuditLines,
		Bytes: r.Size, Pages: r.Pages, FreePages: r.FreePages,
	}
}

// worker writes the lines.
type worker struct {
	mu   sync.Mutex
	out  *json.Encoder
	last time.Time
	what string
}

func (w *worker) say(line workerLine) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Encode(line)
}

// progress reports a few times a second, and whenever another step begins.
func (w *worker) progress(what string, done, total int64) {
	now := time.Now()
	if what == w.what && now.Sub(w.last) < 200*time.Millisecond {
		return
	}
	w.last, w.what = now, what
	_ = w.say(workerLine{Progress: &wire.Progress{What: what, Done: done, Total: total}}) // without a parent the work ends anyway
}

func (w *worker) finding(text string) { _ = w.say(workerLine{Finding: text}) }

func (w *worker) fail(err error) error {
	e := &workerError{Code: directory.CodeOf(err), Message: err.Error()}
	var known *directory.Error
	if errors.As(err, &known) {
		e.Message = known.Message
		if known.Err != nil {
			e.Cause = known.Err.Error()
		}
	}
	return w.say(workerLine{Error: e})
}
