package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// breaking is a writer that does something when a write contains a text.
type breaking struct {
	bytes.Buffer
	at   string
	then func() error
}

func (b *breaking) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte(b.at)) {
		if err := b.then(); err != nil {
			return 0, err
		}
	}
	return b.Buffer.Write(text)
}

// Whenever a demo ends, it says what happened and leaves nothing. The test is not parallel, because it sets the folder for temporary files.
func TestInterruptedDemoCleansUp(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, c := range map[string]struct {
		at   string // the text with which it ends
		gone bool   // the reader closes the pipe, instead of a signal
		code int
		says string
	}{
		"at the first line":   {"", false, exitInterrupted, "interrupted before the last step; its server has ended and its folder is removed"},
		"in the middle":       {"Entra", false, exitInterrupted, "interrupted before the last step"},
		"after the last step": {"checks", false, 0, "Stopped. Nothing is left over."},
		"while one looks":     {"Ctrl-C", false, 0, "Stopped. Nothing is left over."},
		"into head -1":        {"", true, exitFailure, "the reader of the output has gone before the demo ended; its server has ended and its folder is removed"},
		"into head":           {"Entra", true, exitFailure, "the reader of the output has gone"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		out := &breaking{at: c.at, then: func() error {
			if c.gone {
				return errors.New("broken pipe")
			}
			cancel()
			return nil
		}}
		var said bytes.Buffer
		code := run(ctx, []string{"demo"}, []string{noLimit}, streams{strings.NewReader(""), out, &said})
		cancel()
		if text := out.String() + said.String(); code != c.code || !strings.Contains(text, c.says) || foreign().MatchString(text) {
			t.Errorf("%s: exit %d, %s %s", name, code, lastLine(out.String()), said.String())
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is left, %v", name, left, err)
		}
	}
}
