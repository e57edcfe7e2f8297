package siem

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	"drawbridge/directory"
)

// Writer is a Sink that writes one JSON object a line, as drawbridge audit export does.
type Writer struct {
	to io.Writer
}

// NewWriter makes a Writer. A write may block for as long as it wants to.
func NewWriter(to io.Writer) *Writer { return &Writer{to} }

// Send writes lines.
func (w *Writer) Send(_ context.Context, lines []directory.Audit) error {
	var b bytes.Buffer
	for i := range lines {
		text, err := json.Marshal(&lines[i])
		if err != nil {
			return err
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	_, err := w.to.Write(b.Bytes())
	return err
}

// Alive is always nil: a write tells.
func (w *Writer) Alive() error { return nil }

// Settle is 0: what was written is taken.
func (w *Writer) Settle() time.Duration { return 0 }

// Close does nothing.
func (w *Writer) Close(context.Context) error { return nil }
